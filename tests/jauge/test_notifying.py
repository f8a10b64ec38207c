"""What the processes of Jauge tell the service manager, as systemd hears it: `Type=notify`, with a watchdog."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import servers
from collecting import collecting, until
from notified import Ear, listening

from collectors.board import Board
from collectors.schedule import Scheduler
from exporters.health import Health
from exporters.history.sqlite import Writer
from exporters.history.writing import Queue
from exporters.manager import Manager
from inventory.estate import Estate
from jauge.watchdog import Watchdog

HERE = "targets: [{name: here, host: true}, {name: gone, address: 127.0.0.1, snmp: {credential: agent, port: 9}}]\n"
ESTATE = f"credentials: {{agent: {{snmp: v2c, community: public}}}}\ndefaults: {{interval: 2s, timeout: 1s}}\n{HERE}"


def ready(word: dict[str, str]) -> bool:
    return word.get("READY") == "1"


def test_the_collector_says_that_it_answers_how_it_stands_that_it_reads_the_estate_again_and_that_it_ends(
    tmp_path: Path,
) -> None:
    estate = tmp_path / "estate.yml"
    estate.write_text(ESTATE)
    with listening(tmp_path) as ear, collecting(estate, ear.environment(3.0)) as collector:
        assert ear.until(ready)["WATCHDOG"] == "1"
        assert collector.ask("/-/healthy").status_code == 200
        assert ear.until(lambda word: word.get("STATUS") == "1 of 2 targets answer")["WATCHDOG"] == "1"
        estate.write_text(ESTATE.replace(", {name: gone", ", {name: here-too, host: true}, {name: gone"))
        os.kill(collector.process.pid, signal.SIGHUP)
        assert "MONOTONIC_USEC" in ear.until(lambda word: word.get("RELOADING") == "1")
        assert ear.until(ready)["STATUS"].startswith(
            "1 of 3 targets answer"
        )  # at once: a reload ends with it
        ear.until(lambda word: word.get("STATUS") == "2 of 3 targets answer")
        collector.process.send_signal(signal.SIGTERM)
        ear.until(lambda word: word.get("STOPPING") == "1")
        assert collector.process.wait(20) == 0
        assert not any("WATCHDOG" in word for word in ear.listen(0.1))


@pytest.mark.parametrize("workers", [[], ["--workers", "2"]], ids=["alone", "with workers"])
def test_a_collector_that_hangs_says_nothing_more(tmp_path: Path, workers: list[str]) -> None:
    estate = tmp_path / "estate.yml"
    estate.write_text(HERE.split(", {name: gone", maxsplit=1)[0] + "]\n")
    with listening(tmp_path) as ear, collecting(estate, ear.environment(1.5), more=workers) as collector:
        ear.until(ready)
        process = psutil.Process(collector.process.pid)
        for child in process.children(recursive=True):
            assert "NOTIFY_SOCKET" not in child.environ()
        process.suspend()
        ear.listen(0.0)
        assert ear.listen(2.0) == []
        process.resume()
        ear.until(ready)


async def test_a_part_of_the_collector_that_has_ended_keeps_the_word_back(tmp_path: Path) -> None:
    """The event loop goes on, and would say so for ever."""
    estate = Estate.model_validate({"targets": [{"name": "here", "host": True}]})
    board, queue = Board(estate.targets), Queue(Writer(tmp_path / "history.db", "Europe/Paris"))

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    scheduler = Scheduler(board, never)  # type: ignore[arg-type] # nothing is ever found
    scheduler.start()
    beside = [asyncio.create_task(never(), name="the status")]
    with listening(tmp_path) as ear:
        health = Health({"polling": lambda: bool(scheduler.stuck()), "writer": lambda: not queue.is_alive})
        watchdog = Watchdog(Manager(ear.environment(30.0)), board, queue, health)
        watchdog.tell(beside)
        beside[0].cancel()
        await asyncio.wait(beside)
        watchdog.tell(beside)
        watchdog.tell([])
        queue.close()
        watchdog.tell([])
        await scheduler.stop()
        watchdog.tell([])
        well, status, again, history, polls = ear.listen(0.2)
    assert (
        well == again == {"READY": "1", "STATUS": "0 of 1 targets answer, 1 not asked yet", "WATCHDOG": "1"}
    )
    assert status == {"STATUS": "ended by a fault: the status"}
    assert history["STATUS"].startswith("the thread that writes the history has ended")
    assert polls["STATUS"].startswith("no target is polled any more")
    assert not {"READY", "WATCHDOG"} & (history.keys() | polls.keys())


@contextlib.contextmanager
def pages(folder: Path, ear: Ear, watchdog: float) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`jauge dashboard`, as a service; its process and port."""
    estate, port = folder / "estate.yml", servers.free_port()
    estate.write_text("targets: [{name: here, host: true}]\n")
    command = [sys.executable, "-m", "jauge", "dashboard", str(estate), "--data", str(folder / "data")]
    command += ["--web.listen-address", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, env=os.environ | ear.environment(watchdog), stdout=subprocess.DEVNULL)
    try:
        yield process, port
    finally:
        process.terminate()
        process.wait(30)


def test_the_pages_live_while_they_are_answered(tmp_path: Path) -> None:
    with listening(tmp_path) as ear, pages(tmp_path, ear, 3.0) as (process, port):
        first = ear.until(ready, 90)
        assert first["STATUS"] == "pages are answered by 2 processes"
        assert servers.get(f"http://127.0.0.1:{port}/login", timeout=10).status_code == 200
        workers = psutil.Process(process.pid).children()
        assert len(workers) == 2
        ear.until(lambda word: word.get("WATCHDOG") == "1")
        for worker in workers:  # alive, and nobody is answered
            worker.suspend()
        assert "WATCHDOG" not in ear.until(lambda word: word.get("STATUS") == "no page is answered")
        ear.listen(0.0)
        assert not any("WATCHDOG" in word for word in ear.listen(3.0))
        for worker in workers:
            worker.resume()
        ear.until(lambda word: word.get("WATCHDOG") == "1")
        process.terminate()
        ear.until(lambda word: word.get("STOPPING") == "1")
        until(lambda: process.poll() is not None, 30)
