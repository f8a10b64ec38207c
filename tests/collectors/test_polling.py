"""What a poller keeps from poll to poll, and what that costs."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import servers

from collectors.polling import Poller
from inventory.estate import Estate, Target


def here(*names: str) -> Estate:
    """An estate of this machine, under several names."""
    return Estate(targets=tuple(Target(name=name, host=True) for name in names))


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


async def test_the_garbage_collector_leaves_alone_what_is_known_once_all_targets_were_polled() -> None:
    estate, larger = here("a", "b"), here("a", "b", "c")
    poller = Poller(estate)
    await poller.poll(estate.targets[0])
    assert gc.get_freeze_count() == 0
    await poller.poll(estate.targets[1])
    assert gc.get_freeze_count() > 10_000
    poller.reload(larger)
    assert gc.get_freeze_count() == 0
    await poller.poll(larger.targets[2])
    assert gc.get_freeze_count() > 10_000
    poller.reload(estate)  # one target less: nothing is still to come
    assert gc.get_freeze_count() > 10_000
    poller.close()


async def test_targets_that_leave_before_they_were_polled_are_not_waited_for() -> None:
    estate = here("a", "b")
    poller = Poller(estate)
    await poller.poll(estate.targets[0])
    poller.reload(here("a"))
    assert gc.get_freeze_count() > 10_000
    poller.close()


LOADED = """
import asyncio, json, sys
from collectors.polling import Poller
from inventory.estate import Estate

target = {"name": "a", "address": "127.0.0.1", "timeout": 5} | json.loads(sys.argv[1])
login = {"ssh": {"user": "u", "password": "p", "known_hosts": "/dev/null"}}
estate = Estate.model_validate({"credentials": {"login": login}, "targets": [target]})
poller = Poller(estate)
print(*(name for name in ("paramiko", "httpx", "pynetdicom", "numpy") if name in sys.modules))
print(*{table.reason for table in asyncio.run(poller.poll(estate.targets[0])).tables})
import numpy
"""
"""A process that polls one target, and says what it loaded for that and what came of it."""


@pytest.mark.parametrize(
    ("access", "loaded", "reason"),
    [
        ({"host": True}, "", None),
        ({"ssh": {"credential": "login"}}, "paramiko", "refused"),
        ({"http": {"family": "orthanc"}}, "httpx", "refused"),
        ({"dicom": {"aet": "PACS"}}, "pynetdicom", "refused"),
        ({"mllp": {}}, "", "refused"),
    ],
    ids=["host", "ssh", "http", "dicom", "mllp"],
)
def test_what_no_target_is_polled_over_is_not_loaded(
    access: dict[str, Any], loaded: str, reason: str | None
) -> None:
    """Each takes memory, and DICOM's takes numpy, which it has no use for here, where it finds it."""
    port = servers.free_port()
    way = next(iter(access))
    if way != "host":
        access = {
            way: access[way] | ({"url": f"http://127.0.0.1:{port}"} if way == "http" else {"port": port})
        }
    argv = [sys.executable, "-c", LOADED, json.dumps(access)]
    said = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True).stdout
    assert said.splitlines() == [loaded, str(reason)]
