"""What happened: kept by one process, read by others, never without bound; and what of two polls is an event."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.poll import Poll, Table
from exporters import events as module
from exporters.changes import Changes, Uptime, restarted, versions
from exporters.events import ALL, EACH, KINDS, TEXT_BYTES, WAITING, Event, EventError, Events, Journal
from exporters.status import Status, TargetStatus
from inventory.harmless import line
from inventory.metrics import Reason

NOW = 1_780_000_000.0
UPTIME = (("jauge_uptime_seconds", ()),)
HOSTILE = "<script>alert(1)</script>\x00\n\x1b[31m\u202e=cmd|' /C calc'!A0\ud800" + "x" * 1_000_000


def trap(target: str = "nas-01", at: float = NOW, text: str = "coldStart") -> Event:
    return Event(at, target, "trap", text)


# --- the file ---------------------------------------------------------------------------------------------


def test_events_come_back_newest_first(tmp_path: Path) -> None:
    events = Events(tmp_path / "events.db")
    events.append([trap(at=NOW), Event(NOW + 1, "", "estate_reloaded", "5 targets")])
    events.append([Event(NOW + 2, "nas-02", "target_down", "timeout")])

    assert events.latest() == [
        Event(NOW + 2, "nas-02", "target_down", "timeout"),
        Event(NOW + 1, "", "estate_reloaded", "5 targets"),
        Event(NOW, "nas-01", "trap", "coldStart"),
    ]
    assert events.latest(target="nas-01") == [trap()]
    assert [event.kind for event in events.latest(kinds=("trap", "target_down"))] == ["target_down", "trap"]
    assert len(events.latest(limit=1)) == 1


def test_where_nothing_happened_nothing_is_said_and_nothing_is_made(tmp_path: Path) -> None:
    events = Events(tmp_path / "events.db")
    assert events.latest() == []
    assert events.down() == frozenset()
    assert list(tmp_path.iterdir()) == []


def test_what_a_device_says_is_kept_harmless_and_short(tmp_path: Path) -> None:
    events = Events(tmp_path / "events.db")
    events.append([trap(text=HOSTILE)])
    (kept,) = events.latest()
    assert len(kept.text.encode()) <= TEXT_BYTES
    assert kept.text.startswith("<script>alert(1)</script>␀␊␛[31m\ufffd=cmd|")
    assert not any(mark in kept.text for mark in "\x00\n\x1b\u202e\ud800")


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_kept_on_one_line(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        events = Events(Path(folder) / "events.db")
        events.append([trap(text=text)])
        (kept,) = events.latest()
    assert len(kept.text.encode()) <= TEXT_BYTES
    assert not any(unicodedata.category(mark) in ("Cc", "Cs", "Zl", "Zp") for mark in kept.text)


def test_a_target_that_babbles_pushes_out_nobody_else(tmp_path: Path) -> None:
    events = Events(tmp_path / "events.db")
    events.append([Event(NOW, "pacs-01", "host_key_changed", "another key"), trap("pacs-01")])
    for start in range(0, 3 * EACH, 50):
        events.append(trap("nas-01", NOW + start + i, f"trap {start + i}") for i in range(50))

    babble = events.latest(limit=10 * EACH, target="nas-01")
    assert [event.text for event in babble] == [f"trap {i}" for i in reversed(range(2 * EACH, 3 * EACH))]
    assert len(events.latest(target="pacs-01")) == 2


def test_the_file_does_not_grow_without_bound(tmp_path: Path) -> None:
    events = Events(tmp_path / "events.db")
    targets = ALL // EACH + 20
    for target in range(targets):
        events.append(trap(f"t{target}", NOW, "y" * TEXT_BYTES) for _ in range(EACH))
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert len(events.latest(limit=10 * ALL)) == ALL
    for target in range(40):
        events.append(trap(f"u{target}", NOW, "z" * TEXT_BYTES) for _ in range(EACH))
    assert len(events.latest(limit=10 * ALL)) == ALL
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 1.1 * size < 16e6


def test_an_event_cannot_be_changed(tmp_path: Path) -> None:
    Events(tmp_path / "events.db").append([trap()])
    with (
        sqlite3.connect(tmp_path / "events.db") as db,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        db.execute("UPDATE event SET text = 'nothing happened'")


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    Events(tmp_path / "events.db").append([trap()])
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("content", [b"no database at all, but long enough to look at", b"\0" * 4096])
def test_a_file_that_is_something_else_is_an_error_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "events.db"
    path.write_bytes(content)
    with pytest.raises(EventError, match=r"events\.db: .*is it an events\.db"):
        Events(path).latest()


def test_a_file_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    events = Events(tmp_path / "events.db")
    events.append([trap()])
    with sqlite3.connect(tmp_path / "events.db") as db:
        db.execute("PRAGMA user_version = 9")
    with pytest.raises(EventError, match="version 9, this program knows 1"):
        events.append([trap()])


def test_a_folder_that_is_not_there_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(EventError, match=r"cannot be written .*--data"):
        Events(tmp_path / "nowhere" / "events.db").append([trap()])


CRASHING = """
import sys
from pathlib import Path
from exporters.events import Event, Events
events = Events(Path(sys.argv[1]))
for number in range(100_000):
    events.append([Event(float(number), "nas-01", "trap", str(number)), Event(float(number), "", "estate_reloaded")])
    print(number, flush=True)
"""


def test_what_was_kept_survives_a_writer_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    writer = subprocess.Popen(
        [sys.executable, "-c", CRASHING, str(path)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": "."},
    )
    assert writer.stdout is not None
    said = [int(writer.stdout.readline()) for _ in range(60)]
    writer.send_signal(signal.SIGKILL)
    rest = [int(one) for one in writer.stdout.read().split()]
    writer.wait()

    kept = Events(path).latest(limit=10 * EACH)
    traps = [int(event.text) for event in kept if event.kind == "trap"]
    assert traps[0] >= (said + rest)[-1]
    assert traps == list(range(traps[0], max(traps[0] - EACH, -1), -1))
    assert len([event for event in kept if event.kind == "estate_reloaded"]) == len(traps)  # all or none
    Events(path).append([trap(text="after")])
    assert Events(path).latest(limit=1)[0].text == "after"


# --- the journal ------------------------------------------------------------------------------------------


async def test_what_is_told_is_soon_in_the_file_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.02)
    counted: list[str] = []
    events = Events(tmp_path / "events.db")
    journal = Journal(events, counted.append)
    writing = asyncio.create_task(journal.run())
    journal.tell(trap())
    end = time.monotonic() + 10
    while not events.latest() and time.monotonic() < end:
        await asyncio.sleep(0.02)
    writing.cancel()
    assert events.latest() == [trap()]
    assert counted == ["trap"]


def test_while_the_disk_refuses_events_wait_in_their_order_and_within_bounds(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    journal = Journal(Events(folder / "events.db"))
    for number in range(WAITING + 10):
        journal.tell(trap(f"t{number % 100}", text=str(number)))
    journal.flush()
    journal.tell(trap("t0", text="later"))
    folder.mkdir()
    journal.flush()

    kept = Events(folder / "events.db").latest(limit=2 * WAITING)
    assert len(kept) == WAITING
    assert kept[0].text == "later"
    assert [int(event.text) for event in kept[1:]] == list(range(WAITING + 9, 10, -1))


# --- what is an event -------------------------------------------------------------------------------------


def a_poll(
    reason: Reason | None = None, detail: str = "", *, uptime: float | None = None, target: str = "nas-01"
) -> Poll:
    """A poll of one command; with `uptime`, of a second table that says it."""
    asked = Table("df", NOW, 0.1, reason=reason, detail=detail)
    system = () if uptime is None else (Table("system", NOW, 0.1, UPTIME, (uptime,)),)
    return Poll(target, NOW, 0.1, (asked, *system))


def kinds(changes: Changes, *polls: Poll) -> list[list[str]]:
    return [[event.kind for event in changes.of(poll)] for poll in polls]


def test_down_and_up_are_told_when_they_change_and_only_then() -> None:
    up, down = a_poll(), a_poll("timeout")
    assert kinds(Changes(), up, up, down, down, up, up) == [[], [], ["target_down"], [], ["target_up"], []]


def test_a_target_is_down_with_its_reasons() -> None:
    (event,) = Changes().of(a_poll("refused", "nobody listens"))
    assert event == Event(NOW, "nas-01", "target_down", "refused: nobody listens")


def test_a_restart_of_the_collector_tells_nothing_twice(tmp_path: Path) -> None:
    events = Events(tmp_path / "events.db")
    first = Changes()
    for one in (a_poll("timeout"), a_poll("timeout", target="nas-02"), a_poll(target="nas-02")):
        events.append(first.of(one))
    assert events.down() == {"nas-01"}

    again = Changes(events.down())
    assert kinds(again, a_poll("timeout"), a_poll()) == [[], ["target_up"]]
    assert kinds(again, a_poll(target="nas-02")) == [[]]


def test_a_host_key_that_changed_is_told_once_not_once_a_poll() -> None:
    changed = a_poll("host_key_changed", "shows A")
    changes = Changes({"nas-01"})
    assert kinds(changes, *[changed] * 5) == [["host_key_changed"], [], [], [], []]
    assert kinds(changes, a_poll("timeout"), changed) == [[], []]  # an outage between is no new key
    assert kinds(changes, a_poll("host_key_changed", "shows B")) == [["host_key_changed"]]


def test_a_host_key_that_changes_again_after_a_login_is_told_again() -> None:
    changes = Changes({"nas-01"})
    changed = a_poll("host_key_changed", "shows A")
    told = kinds(changes, changed, a_poll(), dataclasses.replace(changed, target="nas-01"))
    assert told == [["host_key_changed"], ["target_up"], ["target_down", "host_key_changed"]]


def clock(*moments: float) -> Callable[[], float]:
    times = iter(moments)
    return lambda: next(times)


def test_a_device_that_restarted_is_told_once() -> None:
    changes = Changes(clock=clock(0, 60, 120, 180))
    polls = [a_poll(uptime=seconds) for seconds in (1000, 1060, 20, 80)]
    assert kinds(changes, *polls) == [[], [], ["device_restarted"], []]


@pytest.mark.parametrize(
    ("before", "after", "waited", "expected"),
    [
        (1000, 1060, 60, False),
        (1000, 20, 60, True),
        (1000, 500, 60, False),  # a clock that was set back: nothing that young has run for so long
        (42_949_670, 57, 60, False),  # TimeTicks came to their end
        (42_949_670, 57, 3600, False),
        (42_000_000, 57, 60, True),
        (50_000_000, 30, 60, True),  # no TimeTicks: a system that says its uptime in seconds
        (300, 290, 600, True),  # restarted while nobody could ask
        (1000, 999.5, 60, False),
    ],
)
def test_a_fall_of_the_uptime_is_a_restart_where_nothing_else_explains_it(
    before: float, after: float, waited: float, expected: bool
) -> None:
    assert restarted(Uptime("system", before, 0), Uptime("system", after, waited)) is expected


def test_the_uptime_of_an_agent_is_not_held_against_that_of_its_host() -> None:
    changes = Changes(clock=clock(0, 60, 120))
    host = Poll("nas-01", NOW, 0.1, (Table("hrSystem", NOW, 0.1, UPTIME, (9000.0,)),))
    agent = Poll("nas-01", NOW, 0.1, (Table("system", NOW, 0.1, UPTIME, (30.0,)),))
    assert kinds(changes, host, agent, host) == [[], [], []]


def says(product: str, version: str = "", *failing: str, identity: str = "1.3.6.1.4.1.8072") -> Poll:
    """A poll that says what the target is, in which some tables fail."""
    tables = [Table("system", NOW, 0.1), *(Table(name, NOW, 0.1, reason="timeout") for name in failing)]
    return Poll("nas-01", NOW, 0.1, tuple(tables), "net-snmp", product, version, "net-snmp", identity)


def moves(changes: Changes, *polls: Poll) -> list[str]:
    return [event.text for poll in polls for event in changes.of(poll) if event.kind == "version_changed"]


def test_another_version_is_told_once_when_two_polls_in_a_row_say_so_and_not_at_first_sight() -> None:
    old, new = says("ONTAP", "9.9"), says("ONTAP", "9.12")
    changes = Changes()
    assert moves(changes, old, old, new) == []
    (event,) = changes.of(dataclasses.replace(new, at=NOW + 60))
    assert event == Event(NOW, "nas-01", "version_changed", "ONTAP 9.9 → 9.12")
    assert moves(changes, new, new, new) == []
    assert moves(changes, old, new, old, new) == []  # one poll that reads it otherwise
    assert moves(changes, old, old) == ["ONTAP 9.12 → 9.9"]


def test_another_product_is_told_with_both_versions() -> None:
    told = moves(Changes(), says("Debian", "11"), *[says("Windows Server 2022", "10.0.20348")] * 2)
    assert told == ["Debian 11 → Windows Server 2022 10.0.20348"]


def test_what_is_not_said_is_no_other_version() -> None:
    changes = Changes()
    assert moves(changes, says(""), says("ONTAP"), says("ONTAP", "9.9"), says("ONTAP", "9.9")) == []
    silent = a_poll("timeout")
    assert moves(changes, silent, silent, says("", "9.9"), says("ONTAP"), says("ONTAP")) == []
    assert moves(changes, *[says("", "9.12")] * 2) == ["ONTAP 9.9 → 9.12"]


def test_what_another_protocol_says_while_one_is_silent_is_no_other_version() -> None:
    by_snmp, by_ssh = says("Linux", "6.1"), says("Debian", "12", "system", identity="")
    changes = Changes()
    assert moves(changes, by_snmp, by_ssh, by_ssh, by_ssh, by_snmp, by_snmp) == []
    replaced = says("Catalyst", "17.3", identity="1.3.6.1.4.1.9.1.1")
    assert moves(changes, replaced, replaced) == ["Linux 6.1 → Catalyst 17.3"]
    assert moves(changes, *[says("Catalyst", "17.6", "cpu", identity="1.3.6.1.4.1.9.1.1")] * 2) == [
        "Catalyst 17.3 → 17.6"
    ]


def test_a_version_that_changed_while_the_collector_was_stopped_is_told_by_what_its_status_says() -> None:
    long = "\x1b]0;" + "9.9 " * 500
    kept = TargetStatus(
        "nas-01", True, NOW, family="net-snmp", product="ONTAP", version=line(long, 400), families="net-snmp",
        identity="1.3.6.1.4.1.8072",
    )  # fmt: skip
    known = versions(Status(NOW, (kept, TargetStatus("nas-02", False))))
    assert known.keys() == {"nas-01"}
    assert moves(Changes(known=known), *[says("ONTAP", long)] * 3) == []
    (text,) = moves(Changes(known=known), *[says("ONTAP", f"{long}1")] * 2)
    assert len(text.encode()) <= TEXT_BYTES
    old, new = text.split(" → ")
    assert old.startswith("ONTAP ␛]0;9.9 9.9")
    assert old.removeprefix("ONTAP ") != new
    assert "\x1b" not in text


def test_a_target_that_left_the_estate_is_forgotten() -> None:
    changes = Changes(clock=clock(0, 60))
    list(changes.of(a_poll("timeout", uptime=1000)))
    changes.keep([])
    assert kinds(changes, a_poll(uptime=1)) == [[]]


def test_the_kinds_of_events_are_a_closed_list() -> None:
    assert len(set(KINDS)) == len(KINDS)
    assert "trap" in KINDS


def test_readers_of_a_file_that_is_being_made_see_nothing_and_make_nothing(tmp_path: Path) -> None:
    (tmp_path / "events.db").touch()
    events = Events(tmp_path / "events.db")
    assert events.latest() == []
    assert events.down() == frozenset()
    assert (tmp_path / "events.db").stat().st_size == 0
    events.append([trap()])
    assert events.latest() == [trap()]
