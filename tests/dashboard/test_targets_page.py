"""The list of targets, a page of rows at a time, and the page of one: how it was polled, without asking it."""

from __future__ import annotations

import dataclasses
import json
import re
import socket
import time
from pathlib import Path

import pytest
from asking import ask, words
from dash import Dash

from dashboard.app import create
from dashboard.data import Data
from exporters.status import Status, TableStatus, TargetStatus
from inventory.checking import load
from inventory.state import open_state

pytestmark = pytest.mark.xdist_group("page of targets")

MANY = 2000
HEAD = """timezone: Europe/Paris
language: en
sites: {north: , south: }
credentials:
  readers: {snmp: v2c, community: env:THE_COMMUNITY}
  shells: {ssh: {user: jauge, password: env:THE_PASSWORD, known_hosts: /etc/known}}
targets:
"""
HOSTILE = "<b>sysDescr</b>"


def estate() -> str:
    """Two thousand targets: every fourth in the north; of the first ten some are asked otherwise."""
    lines = [
        f"  - {{name: device-{number:04d}, address: 127.0.0.1, credential: readers, site: {'south' if number % 4 else 'north'}}}"
        for number in range(MANY)
    ]
    lines[1] = (
        "  - {name: device-0001, address: 10.0.0.1, ssh: {credential: shells, port: 2222, commands: [df, memory]}, "
        "dicom: {aet: MAIN, calling: WATCH}, interval: 5m}"
    )
    lines[2] = "  - {name: device-0002, address: 127.0.0.1, snmp: {credential: readers, family: netapp}}"
    return HEAD + "\n".join(lines) + "\n"


def table(name: str, now: float, reason: str | None = None, **more: object) -> TableStatus:
    return TableStatus(name, reason is None, now - 10, 0.02, 0 if reason else 6, reason=reason, **more)  # type: ignore[arg-type]  # fields of a table


def status(now: float) -> Status:
    """Every hundredth is down, and one after it partly failed; the last was never polled."""
    found = []
    for number in range(MANY - 1):
        down, partly = number % 100 == 0, number % 100 == 3
        tables = [table("system", now, "timeout" if down else None, values=0 if down else 1)]
        if partly:
            tables.append(
                table(
                    "stores",
                    now,
                    "unparsed",
                    detail=HOSTILE,
                    withheld=2,
                    retries=3,
                    notes=("two rows share a name",),
                )
            )
        found.append(
            TargetStatus(
                f"device-{number:04d}", not down, now - 10, 1.4, now - 86_400 if down else now - 10, family="netapp" if number % 2 else "linux",
                families="netapp, host-resources", identity="1.3.6.1.4.1.789.2.5", errors={"timeout": 7} if down else {}, tables=tuple(tables),
            )
        )  # fmt: skip
    return Status(now, tuple(found))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Dash:
    folder: Path = tmp_path_factory.mktemp("targets")
    (folder / "estate.yml").write_text(estate())
    now = time.time()
    (folder / "status.json").write_text(json.dumps(dataclasses.asdict(status(now))))
    data = Data(load(folder / "estate.yml"), folder)
    data.clock = lambda: now
    return create(data, open_state(folder / "state.db"), demo=True)


def page(app: Dash, search: str = "", language: str = "en") -> str:
    return re.sub(r"\s+", " ", words(ask(app, "/targets", search, language)))


def names(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"device-\d{4}", text)))


def test_no_more_rows_are_sent_than_are_shown_and_the_worst_are_first(app: Dash) -> None:
    answer = ask(app, "/targets")
    assert len(answer.data) < 120_000
    shown = page(app)
    worst = [f"device-{number:04d}" for number in (*range(0, MANY, 100), *range(3, MANY, 100), MANY - 1)]
    assert names(shown)[: len(worst)] == worst
    assert len(names(shown)) == 50
    assert "1 to 50 of 2,000" in shown
    assert "Targets that are well: 1,959 of 2,000." in shown
    last = page(app, "?page=40")
    assert len(names(last)) == 50
    assert not set(names(last)) & set(names(shown))


@pytest.mark.parametrize(
    ("search", "count"),
    [
        ("?state=failed", 40), ("?state=down", 20), ("?state=partly", 20), ("?state=never", 1), ("?state=well", 1959), ("?state=nonsense", 2000),
        ("?site=north", 500), ("?state=down&site=north", 20), ("?state=down&site=south", 0), ("?family=linux&state=down", 20),
        ("?name=DEVICE-19", 100), ("?name=1999", 1),
    ],
)  # fmt: skip
def test_an_address_names_the_targets_that_are_shown(app: Dash, search: str, count: int) -> None:
    shown = page(app, search)
    if count == 0:
        assert "No target is of this choice." in shown
    else:
        assert len(names(shown)) == min(count, 50)
        assert (f"1 to 50 of {count:,}" in shown) == (count > 50)


def test_filters_tell_how_many_there_are_of_each_state(app: Dash) -> None:
    shown = page(app)
    for offered in (
        "all (2,000)",
        "with a failure (40)",
        "down (20)",
        "partly failed (20)",
        "not polled yet (1)",
        "well (1,959)",
    ):
        assert offered in shown
    assert "late (" not in shown, "nobody is"


def test_a_target_is_explained_table_by_table_and_nothing_of_it_is_asked(
    app: Dash, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the dashboard asks no device")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "sendto", refuse)
    shown = page(app, "?target=device-0003")
    assert (
        "after 1.4 s: 1 of 2 tables answered, and 1 values were made of them. 2 rows were withheld" in shown
    )
    assert "The next one is due at about" in shown
    assert f"{HOSTILE} · 2 rows withheld · 3 requests sent again · two rows share a name" in shown
    assert shown.index("stores") < shown.index("system"), "what failed comes first"
    assert (
        "It is read as netapp. That was found by what it says of itself: its sysObjectID is 1.3.6.1.4.1.789.2.5."
        in shown
    )
    assert "All families that know some of its objects: netapp, host-resources." in shown
    assert "SNMP UDP 161 readers what it is, and all that its families know" in shown


def test_credentials_are_named_and_what_they_hold_is_not(app: Dash) -> None:
    shown = page(app, "?target=device-0001")
    assert "SSH TCP 2222 shells df, memory" in shown
    assert "DICOM TCP 104 none C-ECHO from WATCH to MAIN" in shown
    assert "THE_PASSWORD" not in shown
    assert "Polled every 5 minutes" in shown


def test_why_it_is_read_as_what_it_is_and_when_it_was_last_good_are_told(app: Dash) -> None:
    assert "Elle est lue comme netapp, comme le parc le dit." in page(app, "?target=device-0002", "fr")
    down = page(app, "?target=device-0100")
    assert "It answered for the last time on" in down
    assert "24 hours ago" in down
    assert "no answer in time 7 Is it on" in down
    never = page(app, "?target=device-1999")
    assert "It has not been polled yet" in never
    assert "As what it is read is unknown" in never


LATE = """timezone: UTC
language: en
credentials: {c: {snmp: v2c, community: env:THE_COMMUNITY}}
defaults: {credential: c, interval: 60s}
targets:
  - {name: hangs, address: 10.0.0.1}
  - {name: slow, address: 10.0.0.2}
  - {name: strange, address: 10.0.0.3}
  - {name: well, address: 10.0.0.4}
"""
NOON = 1_900_000_000.0  # 2030-03-17 17:46:40 UTC


def test_tables_that_failed_for_one_reason_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "estate.yml").write_text(LATE)
    failed = {"one": "timeout", "two": "timeout", "three": "unparsed", "four": "timeout", "five": "timeout"}
    tables = tuple(table(name, NOON, why) for name, why in failed.items())
    told = TargetStatus("well", False, NOON - 10, 0.1, NOON - 7200, tables=tables)
    (tmp_path / "status.json").write_text(json.dumps(dataclasses.asdict(Status(NOON, (told,)))))
    data = Data(load(tmp_path / "estate.yml"), tmp_path)
    data.clock = lambda: NOON
    shown = page(create(data, open_state(tmp_path / "state.db"), demo=True))
    assert "one, two, four…: no answer in time; three: answer not understood" in shown


def late_app(folder: Path, wrote: float) -> Dash:
    """Three targets whose last poll was good, ten minutes ago; the collector last wrote `wrote` seconds ago."""
    (folder / "estate.yml").write_text(LATE)
    ago = NOON - 600

    def polled(name: str, at: float = ago, seconds: float = 0.4, begun: float | None = None) -> TargetStatus:
        tables = (table("system", at),)
        return TargetStatus(name, True, at, seconds, at, "linux", tables=tables, begun=begun)

    found = (
        polled("hangs", begun=NOON - 540),
        polled("slow", seconds=95.0),
        polled("strange"),
        polled("well", NOON),
    )
    (folder / "status.json").write_text(json.dumps(dataclasses.asdict(Status(NOON - wrote, found))))
    data = Data(load(folder / "estate.yml"), folder)
    data.clock = lambda: NOON
    return create(data, open_state(folder / "state.db"), demo=True)


def test_a_late_target_says_why_as_far_as_is_known_in_the_list_and_on_its_own_page(tmp_path: Path) -> None:
    app = late_app(tmp_path, wrote=5.0)
    said = {
        "hangs": "The poll that began on 17 Mar 2030, 17:37 had not ended on 17 Mar 2030, 17:46, when the collector last wrote.",
        "slow": "Its last poll took 95.0 s, and one is due every 60 seconds.",
        "strange": "Why is not known: its last poll, of 17 Mar 2030, 17:36, took 400 ms.",
    }
    shown = page(app, "?state=late")
    assert names_of(shown) == ["hangs", "slow", "strange"]
    for name, why in said.items():
        assert why in shown, name
        assert why in page(app, f"?target={name}"), name
    assert "Look at the collector's load and log, then run jauge explain" in shown
    assert "had not ended" not in page(app, "?target=well")


def test_where_the_collector_does_not_write_nothing_else_is_said_of_late_targets(tmp_path: Path) -> None:
    shown = page(late_app(tmp_path, wrote=590.0), "?state=late")
    assert shown.count("The collector wrote for the last time on 17 Mar 2030, 17:36.") == 3
    assert "had not ended" not in shown
    assert "due every" not in shown


def names_of(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"\b(?:hangs|slow|strange)\b(?= linux)", text)))
