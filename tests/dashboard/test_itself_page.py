"""The page about Jauge itself, and what the pages say to who looks after their process."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
import time
from pathlib import Path

import pytest
from asking import ask, words
from dash import Dash
from entering import HEADERS, PASSWORD

from dashboard.access import users
from dashboard.app import create
from dashboard.data import Data
from dashboard.declared import Declared
from exporters import digested, pulse, supervision
from exporters.digested import Digested
from exporters.health import PARTS
from exporters.pulse import Pulse, Sizes
from exporters.supervision import Restart, Supervision
from inventory.checking import load
from inventory.people.erasing import COPIED
from inventory.state import State, audit, open_state

DAY = dt.date(2026, 3, 1)


def beating(now: float) -> Pulse:
    """A collector that is late and whose history cannot be written, and whose file grew by 6 GB in three days."""
    sizes = tuple(
        Sizes(DAY + dt.timedelta(days=number), {"history.db": number * 2_000_000_000}) for number in (1, 4)
    )
    return Pulse(
        at=now, started=now - 3 * 3600, pid=4711, version="9.8.7", targets=5, polls=1234, skipped=17, late=42.0, waiting=5678,
        events=3, parts=("history", "lateness"), sizes=sizes,
    )  # fmt: skip


@pytest.fixture
def place(hospital: Path, tmp_path: Path) -> Path:
    shutil.copytree(hospital, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def app(place: Path) -> Dash:
    """The pages, for whoever asks from this machine."""
    path = place / "estate.yml"
    return create(Data(Declared(load(path), path), place), open_state(place / "state.db"), demo=True)


def test_the_page_says_what_is_amiss_how_old_all_is_what_grows_and_why_reads_failed(
    place: Path, app: Dash
) -> None:
    now = time.time()
    pulse.write(place / pulse.FILE, beating(now))
    audit.note(State(place / "state.db"), "alice", COPIED, "/backup/one", "command line")
    said = words(ask(app, "/jauge"))
    for text in (
        "The collector works, but 2 parts of it need attention.",
        "It cannot be written, and values wait in memory",
        "Polls begin late: fewer targets, longer intervals, or more workers.",
        "(3 hours)", "9.8.7", "1,234", "17", "42 seconds", "5,678",
        "history.db", "2.00\u00a0GB", "forecasts of", "made", "ago)", "connection refused", "Is the service started",
    ):  # fmt: skip
        assert text in said, (text, said)
    french = words(ask(app, "/jauge", language="fr"))
    assert "2 parties" in french
    assert "history.db" in french


def test_restarts_and_the_last_digest_are_told_where_there_is_something_to_tell(place: Path) -> None:
    now, path = time.time(), place / "estate.yml"
    path.write_text(path.read_text() + "notices: {mail: {server: mail.h.example, from: jauge@h.example}}\n")

    def said(language: str = "en") -> str:
        app = create(Data(Declared(load(path), path), place), open_state(place / "state.db"), demo=True)
        return words(ask(app, "/jauge", language=language))

    alone = said()
    assert "Processes started again" not in alone
    assert "none yet" in alone
    none = Supervision(now, now - 7200, 1, {"collector": 0, "dashboard": 0})
    supervision.write(place / supervision.FILE, none)
    digested.write(place / digested.FILE, Digested(now - 3600, 4, 0))
    assert "none had to be started again" in said()
    assert "all sent" in said()
    ended = (("collector", -9), ("dashboard", 1), ("collector", -9), ("collector", -35))
    told = none
    for number, (process, status) in enumerate(ended):
        told = supervision.noted(told, Restart(process, now - 60 + number, status))
    supervision.write(place / supervision.FILE, told)
    digested.write(place / digested.FILE, Digested(now - 3 * 3600, 0, 2))
    for text in (
        "Collector 3, Pages 1", "it was killed (SIGKILL)", "it ended with status 1", "it was ended by the signal 35",
        "2 problems, tried again", "(3 hours ago)",
    ):  # fmt: skip
        assert text in said(), text
    assert "Collecteur 3, Pages 1" in said("fr")
    supervision.write(place / supervision.FILE, dataclasses.replace(told, at=now - 3600))
    assert "Processes started again" not in said(), "who supervised was killed an hour ago"
    (place / supervision.FILE).write_text("{")
    assert "supervisor.json is not as this program writes it" in said()


@pytest.mark.parametrize("part", PARTS)
def test_every_part_that_may_be_amiss_has_words_in_both_languages(place: Path, app: Dash, part: str) -> None:
    pulse.write(place / pulse.FILE, dataclasses.replace(beating(time.time()), parts=(part,)))
    for language in ("en", "fr"):
        said = words(ask(app, "/jauge", language=language))
        assert f"part.{part}" not in said
        assert len(said) > 200


def test_a_collector_that_stopped_or_never_ran_is_told_and_nothing_is_said_to_be_well(
    place: Path, app: Dash
) -> None:
    never = words(ask(app, "/jauge"))
    assert "No collector has written here yet." in never
    assert "well" not in never.split("Processes")[0]
    pulse.write(place / pulse.FILE, beating(time.time() - 7200))
    stopped = words(ask(app, "/jauge"))
    assert "it last wrote 2 hours ago" in stopped
    assert "need attention" not in stopped
    (place / pulse.FILE).write_text("{")
    time.sleep(0.01)
    assert "`collector.json`".strip("`") in words(ask(app, "/jauge"))


def test_the_pages_tell_their_health_to_anybody_degraded_with_200_and_dead_with_503(place: Path) -> None:
    path = place / "estate.yml"
    state = open_state(place / "state.db")
    users.add(state, "alice", "admin", PASSWORD)
    server = create(Data(Declared(load(path), path), place), state).server
    stranger = server.test_client()

    def asked(address: str) -> tuple[int, str]:
        found = stranger.get(address, headers=HEADERS)
        return found.status_code, found.text

    assert asked("/-/healthy") == (200, "healthy\n")
    assert asked("/-/ready") == (200, "ready\n")
    pulse.write(place / pulse.FILE, beating(time.time() - 7200))
    code, said = asked("/-/healthy")
    assert (code, said.splitlines()[0]) == (200, "degraded")
    assert "collector: " in said
    assert asked("/-/ready")[0] == 200
    pulse.write(place / pulse.FILE, dataclasses.replace(beating(time.time()), parts=(), gone=("history.db",)))
    for harm in (lambda: None, lambda: (place / "history.db").symlink_to(place / "history.db")):
        (place / "history.db").unlink(missing_ok=True)
        harm()
        code, said = asked("/-/healthy")
        assert (code, said.splitlines()[0]) == (200, "degraded")
        assert "files: " in said
    for name in ("state.db", "state.db-wal", "state.db-shm"):
        (place / name).unlink(missing_ok=True)
    (place / "state.db").write_bytes(b"no database" * 1000)
    for address in ("/-/healthy", "/-/ready"):
        code, said = asked(address)
        assert code == 503
        assert "dead\nstate: " in said
        assert str(place) not in said
    assert stranger.post("/-/healthy", headers=HEADERS).status_code in (401, 405)
