"""`jauge run` as a process of its own, and what it says over HTTP and in its files."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import servers
from prometheus_client.parser import text_string_to_metric_families

CLOCK = """
import pathlib, runpy, sys, time
real, place = time.time, pathlib.Path({place!r})
time.time = lambda: real() + float(place.read_text() or 0)
sys.argv[0] = "jauge"
runpy.run_module("jauge", run_name="__main__")
"""
"""Runs Jauge with a wall clock that is off by the seconds in a file; the monotonic clock goes on."""


@dataclasses.dataclass(frozen=True)
class Collector:
    """A running `jauge run`, its estate, its folder of data and its log."""

    process: servers.Process
    port: int
    estate: Path
    data: Path
    log: Path

    def ask(self, path: str, **query: str) -> httpx.Response:
        return servers.get(f"http://{servers.LOOPBACK}:{self.port}{path}", params=query, timeout=10)

    def samples(self, path: str, metric: str, **query: str) -> dict[tuple[str, ...], float]:
        """The values of a metric by its label values (in the order of label names)."""
        families = text_string_to_metric_families(self.ask(path, **query).raise_for_status().text)
        return {
            tuple(value for _, value in sorted(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
            if sample.name == metric
        }

    def value(self, metric: str, path: str = "/metrics", **query: str) -> float | None:
        """The one value of a metric; None where there is none."""
        found = list(self.samples(path, metric, **query).values())
        return found[0] if found else None

    def status(self) -> dict[str, Any]:
        """status.json by target, once there is one."""
        file = self.data / "status.json"
        until(file.exists)
        return {target["name"]: target for target in json.loads(file.read_text())["targets"]}

    def said(self) -> str:
        return self.log.read_text(errors="replace")


def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"not so after {seconds} s")
        time.sleep(0.05)


@contextlib.contextmanager
def collecting(
    estate: Path,
    environment: Mapping[str, str] | None = None,
    limit: str = ":",
    clock: Path | None = None,
    ready: str = "/-/ready",
    more: Sequence[str] = (),
) -> Iterator[Collector]:
    """`jauge run` on an estate, once `ready` answers 200. `limit` is a shell command before it, as `ulimit -n 64`.

    `more` are options of the command.
    """
    port, data, log = servers.free_port(), estate.parent / "data", estate.parent / "log"
    start = ["-c", CLOCK.format(place=str(clock))] if clock else ["-m", "jauge"]
    argv = [sys.executable, *start, "run", str(estate), "--data", str(data)]
    argv += ["--web.listen-address", f"{servers.LOOPBACK}:{port}", *more]
    shell = ["bash", "-c", f'{limit}; exec "$@"', "bash", *argv]

    def answers() -> bool:
        return servers.get(f"http://127.0.0.1:{port}{ready}", timeout=5).status_code == 200

    with servers.running(shell, answers, log, drop=False, env=os.environ | (environment or {})) as process:
        yield Collector(process, port, estate, data, log)
