"""Recorded devices: one poll of each, and what others read of it, by the object that they read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from collectors.poll import Poll
from collectors.polling import Poller


class Same(NamedTuple):
    """A value of ours, and the object whose value others tell; `factor` is from their unit to ours."""

    device: str
    metric: str
    labels: dict[str, str]
    oid: str
    factor: float = 1.0


_POLLED: Final[dict[tuple[int, str], Poll]] = {}
"""Polls by port and device: a recording never changes, so that one poll serves all tests of a worker."""


async def poll(port: int, device: str, make: Any) -> Poll:
    """One poll of a recorded device, with no family named."""
    if (port, device) not in _POLLED:
        poller = Poller(make.estate(port, make.community(device), timeout=60))
        try:
            _POLLED[port, device] = await poller.poll(poller.estate.targets[0])
        finally:
            poller.close()
    return _POLLED[port, device]


async def polls(port: int, devices: Iterable[str], make: Any) -> dict[str, Poll]:
    """One poll of each device, a few at a time: one agent answers for all of them."""
    few = asyncio.Semaphore(4)

    async def one(device: str) -> Poll:
        async with few:
            return await poll(port, device, make)

    names = tuple(devices)
    return dict(zip(names, await asyncio.gather(*map(one, names)), strict=True))


def expected(corpus: Path, device: str) -> dict[str, Any]:
    """What the corpus expects of a device."""
    found: dict[str, Any] = json.loads((corpus / "recordings" / "expected" / f"{device}.json").read_text())
    return found


def others(corpus: Path, device: str) -> dict[str, float]:
    """What others read, by object (below the enterprises, or whole)."""
    samples = expected(corpus, device)["sensors"]["samples"]
    told = {sample["oid"].lstrip("."): sample["value"] for sample in samples}
    return told | {oid.removeprefix("1.3.6.1.4.1."): value for oid, value in told.items()}


async def both(port: int, same: Same, corpus: Path, make: Any) -> tuple[float | None, float]:
    """A value of ours, None where there is none, and what others read of its object, in our unit."""
    found = await poll(port, same.device, make)
    told = others(corpus, same.device)[same.oid] * same.factor
    return value(found, same.metric, **same.labels), told


def values(found: Poll) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """The values of a poll by metric and labels."""
    return {(sample.metric, sample.labels): sample.value for sample in found}


def value(found: Poll, metric: str, **labels: str) -> float | None:
    """One value of a poll, None where there is none."""
    return values(found).get((metric, tuple(sorted(labels.items()))))


def all_polls(port: int, devices: Iterable[str], make: Any) -> dict[str, Poll]:
    """The same, for a fixture that serves many tests."""
    return asyncio.run(polls(port, devices, make))
