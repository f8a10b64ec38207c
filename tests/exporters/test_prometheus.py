"""A real Prometheus scrapes the exporter as its documentation says, and its own query answers the values."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import textwrap
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
import servers

from collectors.board import Board
from collectors.poll import Poll, Table
from exporters import http
from inventory.estate import Estate
from inventory.metrics import Sample

HOSTILE = 'C:\\ Label:"} 1\nfake 1'


class Hand:
    """An estate of two machines: one that answered, one that never did."""

    ready = True

    def __init__(self) -> None:
        self.estate = Estate.model_validate(
            {
                "sites": {"north": None},
                "targets": [
                    {"name": "nas-01", "site": "north", "role": "storage", "service": "imaging"},
                    {"name": "pacs-01"},
                ],
            }
        )
        self.board = Board(self.estate.targets)
        self.polls: list[str] = []

    async def poll_now(self, name: str, deadline_seconds: float) -> Poll:
        self.polls.append(name)
        at = time.time()
        poll = Poll(name, at, 0.5, (Table("system", at, 0.5, reason="timeout"),))
        if name == "nas-01":
            series = (
                ("jauge_storage_used_bytes", (("kind", "volume"), ("store", HOSTILE))),
                ("jauge_interface_receive_bytes_total", (("interface", "eth0"),)),
                ("jauge_backup_restore_points", (("job", "nightly"),)),
            )
            poll = Poll(name, at, 0.5, (Table("system", at, 0.5, series, (1234567890123.0, 17.0, 3.0)),))
        self.board[name].record(poll)
        return poll

    def extra(self, name: str) -> Sequence[Sample]:
        return ()


def documented(exporter: str) -> str:
    """The scrape configuration of the module's documentation, with the address of this exporter."""
    example = (http.__doc__ or "").partition("scrape_configs:")
    config = textwrap.dedent("    scrape_configs:" + example[2])
    return "global: {scrape_interval: 1s, scrape_timeout: 900ms}\n" + config.replace(
        "127.0.0.1:9640", exporter
    )


@contextlib.asynccontextmanager
async def prometheus(exporter: str) -> AsyncIterator[str]:
    """A running Prometheus that scrapes `exporter`; gives the address of its API."""
    prometheus, promtool = (servers.program(name, "prometheus") for name in ("prometheus", "promtool"))
    with servers.folder() as folder:
        config = folder / "prometheus.yml"
        config.write_text(documented(exporter))
        subprocess.run(
            [promtool, "check", "config", str(config)], check=True, capture_output=True, timeout=30
        )
        address = f"127.0.0.1:{servers.free_port()}"
        server = servers.start(
            [prometheus, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
             f"--web.listen-address={address}", "--log.level=warn"],
            folder / "log",
            cwd=folder,
        )  # fmt: skip
        try:
            yield f"http://{address}"
        finally:
            await asyncio.to_thread(servers.stop, server)


async def ask(
    session: aiohttp.ClientSession, api: str, query: str, timeout: float = 30
) -> list[dict[str, Any]]:
    """The answer to an instant query, once there is one."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        with contextlib.suppress(aiohttp.ClientError):  # while it starts it says 503, without JSON
            async with session.get(f"{api}/api/v1/query", params={"query": query}) as answer:
                found: list[dict[str, Any]] = (await answer.json()).get("data", {}).get("result", [])
                if found:
                    return found
        await asyncio.sleep(0.1)
    raise TimeoutError(f"no answer to {query}")


async def test_prometheus_finds_the_targets_and_answers_their_values() -> None:
    service = Hand()
    async with (
        servers.listening(http.create(service)) as exporter,
        prometheus(exporter) as api,
        aiohttp.ClientSession() as session,
    ):
        (used,) = await ask(session, api, "jauge_storage_used_bytes")
        (restore,) = await ask(session, api, "jauge_backup_restore_points")
        (received,) = await ask(session, api, "jauge_interface_receive_bytes_total")
        ups = await ask(session, api, "count by (target, instance) (jauge_target_up == 0)")
        (info,) = await ask(session, api, 'jauge_target_info{target="nas-01"}')
        scraped = await ask(session, api, 'up{job="jauge"}')
        own = await ask(session, api, 'jauge_build_info{job="jauge-itself"}')
        async with session.get(f"{api}/api/v1/targets") as answer:
            targets = (await answer.json())["data"]["activeTargets"]
    assert float(used["value"][1]) == 1234567890123.0
    assert used["metric"] == {
        "__name__": "jauge_storage_used_bytes", "job": "jauge", "instance": "nas-01", "target": "nas-01",
        "site": "north", "role": "storage", "service": "imaging", "kind": "volume", "store": HOSTILE,
    }  # fmt: skip
    assert restore["metric"]["job"] == "nightly"
    assert float(received["value"][1]) == 17.0
    assert [each["metric"] for each in ups] == [{"target": "pacs-01", "instance": "pacs-01"}]
    assert not [name for name in info["metric"] if name.startswith("exported_")]
    assert {(each["metric"]["target"], each["value"][1]) for each in scraped} == {
        ("nas-01", "1"),
        ("pacs-01", "1"),
    }
    assert [each["lastError"] for each in targets] == ["", "", ""]
    assert len(own) == 1
    assert sorted(service.polls) == ["nas-01", "pacs-01"]
