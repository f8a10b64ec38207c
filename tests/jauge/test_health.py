"""Degraded is not dead: a collector that lacks a part answers and says so, one that is of no use any more asks to be restarted."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from collecting import Collector, collecting, until
from within import jauge

from collectors import schedule
from collectors.board import Board
from collectors.poll import Poll
from collectors.schedule import Scheduler
from exporters.health import DEAD, PARTS, SAID, Health, Lateness
from exporters.pulse import Sizes, growth, measure, read
from inventory.estate import Target
from inventory.state import open_state

AS_ANYBODY = (
    'set -- setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-all -- "$@"'
    if os.geteuid() == 0
    else ":"
)
"""Before a command: modes of files hold for root, too."""

HERE = "defaults: {interval: 1s, timeout: 1s}\ntargets: [{name: here, host: true}]\n"


def answer(collector: Collector, path: str = "/-/healthy") -> tuple[int, str]:
    found: httpx.Response = collector.ask(path)
    return found.status_code, found.text


def test_a_part_that_fails_is_told_with_200_and_a_collector_of_no_use_with_503(tmp_path: Path) -> None:
    estate = tmp_path / "estate.yml"
    estate.write_text(HERE)
    with collecting(estate) as collector:
        assert answer(collector) == (200, "healthy\n")
        assert answer(collector, "/-/ready") == (200, "ready\n")
        assert not any(collector.samples("/metrics", "jauge_degraded").values())
        estate.write_text(HERE + "tagrets: []\n")
        collector.process.send_signal(signal.SIGHUP)
        until(lambda: answer(collector)[1].startswith("degraded\nestate: "))
        assert answer(collector)[0] == 200
        assert answer(collector, "/-/ready")[0] == 200
        assert collector.samples("/metrics", "jauge_degraded")[("estate",)] == 1
        assert collector.value("jauge_dead") == 0

        (collector.data / "history.db").rename(tmp_path / "taken-away.db")
        until(lambda: answer(collector)[0] == 503)
        for path in ("/-/healthy", "/-/ready"):
            code, said = answer(collector, path)
            assert code == 503
            assert "dead\nfile: " in said
            assert str(tmp_path) not in said  # anybody may ask
        assert collector.value("jauge_dead") == 1
        assert collector.value("jauge_target_up", "/metrics/estate") == 1  # it goes on as well as it can


def test_the_pages_are_told_how_the_collector_stands_and_what_its_files_take(tmp_path: Path) -> None:
    estate = tmp_path / "estate.yml"
    estate.write_text(HERE)
    with collecting(estate) as collector:
        file = collector.data / "collector.json"
        until(file.exists)
        first = read(file)
        assert first.pid == collector.process.pid
        assert first.targets == 1
        assert first.parts == ()
        until(lambda: read(file).at != first.at, 30)
        again = read(file)
        assert again.started == first.started
        assert again.polls > first.polls
        assert file.stat().st_mode & 0o777 == 0o600
        said = collector.samples("/metrics", "jauge_data_file_bytes")
        assert said[("history.db",)] >= (collector.data / "history.db").stat().st_size
        assert set(again.sizes[-1].of) == {name for (name,) in said}
        (collector.data / "history.db").chmod(0o644)
        until(lambda: "rights" in read(file).parts, 30)
        assert "history.db" in collector.said()
        assert answer(collector)[0] == 200


def test_a_file_that_is_gone_emptied_or_no_file_any_more_is_told_until_it_is_back(tmp_path: Path) -> None:
    estate, away = tmp_path / "estate.yml", tmp_path / "state.db"
    estate.write_text(HERE)
    (tmp_path / "data").mkdir(mode=0o700)
    open_state(kept := tmp_path / "data/state.db")
    harms: tuple[Callable[[], object], ...] = (
        lambda: None,
        lambda: kept.touch(mode=0o600),
        kept.mkdir,
        lambda: kept.symlink_to(tmp_path / "nowhere"),
        lambda: kept.symlink_to(kept),
    )
    with collecting(estate) as collector:
        file = collector.data / "collector.json"
        until(lambda: file.exists() and "state.db" in read(file).sizes[-1].of)
        for harm in harms:
            kept.rename(away)
            harm()
            until(lambda: read(file).gone == ("state.db",), 30)
            code, said = answer(collector)
            assert (code, said.splitlines()[0]) == (200, "degraded")
            assert "gone: " in said
            assert str(tmp_path) not in said
            if kept.is_dir():
                kept.rmdir()
            away.replace(kept)
            until(lambda: read(file).gone == (), 30)
        kept.rename(away)
        until(lambda: read(file).gone != (), 30)
        assert f'file gone: put it back, or restore a backup" file={kept}' in collector.said()
    with collecting(estate) as collector:
        until(lambda: "gone: " in answer(collector)[1], 30)
        found = json.loads(jauge("doctor", estate, "--no-targets", "--format", "json").stdout)["findings"]
        (told,) = [one for one in found if one["where"] == str(kept)]
        assert (told["severity"], told["what"]) == ("error", "was there, and is gone or empty")


def test_a_folder_that_nobody_is_let_into_is_told_in_words_and_all_goes_on_once_it_is_open(
    tmp_path: Path,
) -> None:
    estate = tmp_path / "estate.yml"
    estate.write_text(HERE)
    with collecting(estate, limit=AS_ANYBODY) as collector:
        file = collector.data / "collector.json"
        until(file.exists)
        mode = collector.data.stat().st_mode
        collector.data.chmod(0)
        try:
            until(lambda: answer(collector)[0] == 503)
            until(lambda: "pulse not written" in collector.said(), 30)
            assert collector.ask("/metrics").status_code == 200
            assert collector.value("jauge_target_up", "/metrics/estate") == 1
        finally:
            collector.data.chmod(mode)
        before = read(file).at
        until(lambda: read(file).at != before, 30)
        until(lambda: answer(collector) == (200, "healthy\n"), 30)
        assert "exception=" not in collector.said()
        assert "ended by a fault" not in collector.said()


async def test_turns_that_ended_by_a_fault_and_polls_that_never_end_are_stuck(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(schedule, "STUCK_SECONDS", 0.0)
    targets = [Target(name=name, host=True, interval=0.2, timeout=0.2) for name in ("hangs", "well")]

    async def ask(target: Target, _patience: float) -> Poll:
        if target.name == "hangs":
            await asyncio.Event().wait()
        return Poll(target.name, 0.0, 0.0, ())

    scheduler = Scheduler(Board(targets), ask)
    assert scheduler.stuck() == []
    scheduler.start()
    try:
        async with asyncio.timeout(20):
            while scheduler.stuck() != ["hangs"]:
                await asyncio.sleep(0.05)
    finally:
        await scheduler.stop()


def test_each_part_that_may_be_amiss_has_words_and_the_dead_ones_are_among_them() -> None:
    assert set(SAID) == set(PARTS)
    assert set(PARTS) > DEAD


def test_a_part_that_cannot_be_told_is_not_well_and_hides_no_other() -> None:
    def broken() -> bool:
        raise OSError("no such disk")

    found = Health({"disk": broken, "plan": lambda: True, "web": lambda: False}).condition()
    assert (found.state, found.parts) == ("degraded", ("disk", "plan"))
    assert Health({"writer": lambda: True, "plan": lambda: True}).condition().state == "dead"


def test_lateness_is_the_worst_of_a_quarter_of_an_hour() -> None:
    now = [0.0]
    lateness = Lateness(lambda: now[0])
    assert lateness.worst == 0.0
    for at, late in ((0.0, 40.0), (100.0, 5.0), (200.0, 12.0)):
        now[0] = at
        lateness.note(late)
    assert lateness.worst == 40.0
    now[0] = 901.0
    assert lateness.worst == 12.0
    now[0] = 2000.0
    assert lateness.worst == 0.0


def test_growth_is_told_from_the_second_day_on(tmp_path: Path) -> None:
    import datetime as dt

    day = dt.date(2026, 3, 1)
    sizes = tuple(
        Sizes(day + dt.timedelta(days=number), {"history.db": 1000 + 50 * number}) for number in (0, 3, 10)
    )
    assert growth(sizes[:1], "history.db") is None
    assert growth(sizes, "history.db") == 50.0
    assert growth(sizes, "plan.db") is None
    (tmp_path / "plan.db").write_bytes(b"x" * 100)
    (tmp_path / "plan.db-wal").write_bytes(b"x" * 11)
    (tmp_path / "queue").mkdir()
    (tmp_path / "queue" / "1").write_bytes(b"x" * 7)
    assert measure(tmp_path) == {"plan.db": 111, "queue": 7}


def test_a_pulse_that_nobody_can_read_is_said_and_written_again(tmp_path: Path) -> None:
    estate = tmp_path / "estate.yml"
    estate.write_text(HERE)
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "collector.json").write_text('{"at": "soon"')
    (data / "collector.json").chmod(0o600)
    with collecting(estate) as collector:
        until(lambda: json.loads((data / "collector.json").read_text())["pid"] == collector.process.pid)
        assert "pulse not read" in collector.said()
