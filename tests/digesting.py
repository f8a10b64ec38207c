"""An estate with people and a clock, whose digests are sent: what tests of digests share."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from dashboard.access import users
from dashboard.notices import Found, Looked
from dashboard.report.making import Asked
from dashboard.standing import Alone
from inventory.checking import load
from inventory.notices import KINDS, Kind
from inventory.state import State, contacts, open_state
from jauge.digests import Done, Run

NOW = dt.datetime(2026, 11, 25, 10, 0, tzinfo=dt.UTC).timestamp()


class Bench:
    """An estate with its state, a clock, and what is found."""

    def __init__(self, folder: Path, section: str, credentials: str = "") -> None:
        self.path = folder / "estate.yml"
        self.path.write_text(
            f"title: CHU <b>\ntimezone: Europe/Paris\ncredentials: {{{credentials}}}\nnotices:\n{section}\ntargets: []\n"
        )
        self.folder, self.now = folder, NOW
        self.state = open_state(folder / "state.db")
        self.found: list[Found] = []
        self.known: frozenset[Kind] = frozenset(KINDS)

    def person(self, name: str, role: str, **wanted: Any) -> None:
        users.add(self.state, name, role, "a long password 1")
        contacts.put(self.state, name, f"{name}@h.example", **wanted)

    def run(self) -> Run:
        estate = load(self.path)
        assert estate.notices is not None
        data = Asked(estate, self.folder, lambda: self.now)
        return Run(data, estate.notices, State(self.folder / "state.db"), "https://jauge.h.example")

    def send(self) -> Done:
        run, done = self.run(), Done()
        run.prepare(Looked(tuple(self.found), self.known))
        run.send(done)
        return done


def alone(name: str, kind: Kind = "unprotected", due: dt.date | None = None, *, opens: bool = True) -> Found:
    return Found(kind, name, Alone(name, "hci-01"), due, opens)


def mail(port: int, more: str = "") -> str:
    return f"  mail: {{server: 127.0.0.1, port: {port}, security: none, from: jauge@h.example{more}}}\n"


def text(letter: Any) -> str:
    body = letter.get_body(("plain",))
    return str(body.get_content())
