"""Where alerts go in the tests: an Alertmanager as in the example, and a webhook that hears what it sends."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import mixing
import servers
from aiohttp import web


@contextlib.asynccontextmanager
async def webhook() -> AsyncIterator[tuple[str, dict[str, list[Any]]]]:
    """A webhook, and the alerts that it was sent by the name of the receiver."""
    heard: dict[str, list[Any]] = {"on-call": [], "operations": []}

    async def hear(request: web.Request) -> web.Response:
        heard[request.match_info["receiver"]] += (await request.json())["alerts"]
        return web.Response()

    application = web.Application()
    application.router.add_post("/{receiver}", hear)
    async with servers.listening(application) as address:
        yield address, heard


@contextlib.contextmanager
def alertmanager(hook: str) -> Iterator[str]:
    """An Alertmanager with the shipped example, whose messages go to `hook` and do not wait; gives its address."""
    program = servers.program("prometheus-alertmanager", "prometheus-alertmanager")
    with servers.folder() as folder:
        text = (mixing.MIXIN / "alertmanager.yml").read_text("utf-8").replace("127.0.0.1:9099", hook)
        for waiting in ("group_wait: 30s", "group_wait: 10s", "group_interval: 5m"):
            text = text.replace(waiting, f"{waiting.partition(':')[0]}: 1s")
        (folder / "alertmanager.yml").write_text(text)
        address = f"127.0.0.1:{servers.free_port()}"
        words = [program, f"--config.file={folder / 'alertmanager.yml'}", f"--storage.path={folder / 'data'}",
                 f"--web.listen-address={address}", "--cluster.listen-address="]  # fmt: skip
        ready = f"http://{address}/-/ready"
        with servers.running(
            words, lambda: servers.get(ready).status_code == 200, folder / "log", cwd=folder
        ):
            yield address


def alerts(address: str) -> list[dict[str, Any]]:
    """What an Alertmanager holds, with whom it concerns."""
    found: list[dict[str, Any]] = servers.get(f"http://{address}/api/v2/alerts").json()
    return found


def held_back(address: str) -> set[str]:
    """The alerts that an Alertmanager tells nobody, as another one explains them."""
    return {one["labels"]["alertname"] for one in alerts(address) if one["status"]["inhibitedBy"]}


async def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, what
        await asyncio.sleep(0.2)
