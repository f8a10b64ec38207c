"""snmp_exporter in a process of its own, for `benchmarks.polling`: started, scraped, its CPU read from /proc."""

from __future__ import annotations

import contextlib
import http.client
import os
import queue
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks._devices import written

PROGRAM: Final = "prometheus-snmp-exporter"
HOST: Final = "127.0.0.1"
AT_ONCE: Final = 16
"""Scrapes under way at once: enough to keep both cores busy, few enough that no agent is asked twice."""

PATIENCE: Final = 120.0
_TICK: Final = os.sysconf("SC_CLK_TCK")


class Scrapes(NamedTuple):
    """A round of scrapes: seconds of CPU and by the clock, and the text of each target, None where it failed."""

    cpu: float
    wall: float
    texts: list[str | None]


class Exporter:
    """A running snmp_exporter."""

    def __init__(self, port: int, pid: int) -> None:
        self._port = port
        self._pid = pid

    def scrape(self, module: str, targets: Sequence[str], at_once: int = AT_ONCE) -> Scrapes:
        """Scrape `targets` (address:port) over kept connections."""
        texts: list[str | None] = [None] * len(targets)
        waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in range(len(targets)):
            waiting.put(number)

        def work() -> None:
            connection = http.client.HTTPConnection(HOST, self._port, timeout=PATIENCE)
            with contextlib.closing(connection), contextlib.suppress(queue.Empty):
                while True:
                    number = waiting.get_nowait()
                    query = urllib.parse.urlencode({"target": targets[number], "module": module})
                    connection.request("GET", f"/snmp?{query}")
                    response = connection.getresponse()
                    body = response.read()
                    texts[number] = body.decode() if response.status == http.HTTPStatus.OK else None

        threads = [threading.Thread(target=work) for _ in range(min(at_once, len(targets)))]
        cpu, start = self._cpu(), time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return Scrapes(self._cpu() - cpu, time.monotonic() - start, texts)

    def _cpu(self) -> float:
        """User and system seconds so far (proc_pid_stat(5), fields 14 and 15)."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK


def installed() -> bool:
    """Whether this machine has snmp_exporter."""
    return shutil.which(PROGRAM) is not None


@contextlib.contextmanager
def exporter(modules: dict[str, dict[str, Any]]) -> Iterator[Exporter]:
    """snmp_exporter with these modules for the time of a `with`. Raises RuntimeError where it does not start."""
    with socket.socket() as probe, tempfile.TemporaryDirectory(prefix="jauge-bench-") as folder:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
        probe.close()
        config = Path(folder) / "snmp.yml"
        config.write_text(written(modules))
        argv = [
            PROGRAM,
            f"--config.file={config}",
            f"--web.listen-address={HOST}:{port}",
            "--log.level=error",
        ]
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(argv, stdout=log, stderr=log)
        try:
            _wait(port, process, Path(folder) / "log")
            yield Exporter(port, process.pid)
        finally:
            process.terminate()
            process.wait(10)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=0.5):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{PROGRAM} does not start: {log.read_text(errors='replace')[-1000:]}")
