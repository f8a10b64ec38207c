"""Whether the pages are well, for who looks after the process: healthy, degraded, or dead.

Degraded pages answer, and say on themselves what they do not know; dead ones let nobody in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from flask import Flask, Response

from dashboard.access.doors import HEALTHY, READY
from dashboard.data import Data
from exporters.health import PLANNED_SECONDS, Condition
from inventory.state import State, StateError, audit

Part = Literal["state", "collector", "plan", "files", "estate"]

SAID: Final[dict[Part, str]] = {
    "state": "the state cannot be read, so nobody can log in: the log says why; look at the disk, or restore a backup",
    "collector": "the collector does not run: pages show what it last measured",
    "plan": "the forecasts are older than a day and a half: look at the nightly `jauge plan`",
    "files": "a file cannot be read: the pages say which",
    "estate": "the estate's file has a mistake: the pages show the one before",
}
"""What is amiss, and what to do. It names no file and no target: anybody may ask."""

DEAD: Final[frozenset[Part]] = frozenset({"state"})
"""The part without which nobody is let in."""


def condition(data: Data, state: State) -> Condition[Part]:
    """How the pages stand now."""
    parts: tuple[Part, ...] = tuple(_amiss(data)) if _is_readable(state) else ("state",)
    return Condition(parts, SAID, DEAD)


def _is_readable(state: State) -> bool:
    try:
        audit.newest_change(state)
    except StateError:
        return False
    return True


def _amiss(data: Data) -> Iterator[Part]:
    if data.beats() is False:
        yield "collector"
    issued = data.planned()
    if issued is not None and data.clock() - issued > PLANNED_SECONDS:
        yield "plan"
    if data.faults():
        yield "files"
    if data.mistake:
        yield "estate"


def connect(server: Flask, data: Data, state: State) -> None:
    """Answer whoever looks after the process; nobody has to log in for that."""

    def healthy() -> Response:
        found = condition(data, state)
        return Response(found.text, 503 if found.state == "dead" else 200, mimetype="text/plain")

    def ready() -> Response:
        found = condition(data, state)
        if found.state == "dead":
            return Response(f"not ready: {found.text}", 503, mimetype="text/plain")
        return Response("ready\n", mimetype="text/plain")

    server.add_url_rule(HEALTHY, "healthy", healthy)
    server.add_url_rule(READY, "ready", ready)
