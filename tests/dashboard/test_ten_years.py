"""Ten years of days behind every store, and fifty people who look at them at once: nothing fails, grows or takes long."""

from __future__ import annotations

import dataclasses
import random
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx
import psutil
import pytest
from asking import BROKEN
from browsing import serving
from mutants import seed

from benchmarks import planning
from benchmarks.dashboard import block, visit
from dashboard.access import sessions, users
from dashboard.data import Data
from exporters.history.sqlite import Reader
from exporters.plan.outlooks import Outlooks
from forecasting.capacity import Rules
from forecasting.plan import plan
from inventory.checking import load
from inventory.state import open_state

pytestmark = pytest.mark.xdist_group("served")

DAYS: Final = 3_652
PEOPLE: Final = 50

LARGEST: Final = 1_000_000
"""Bytes of an answer before it is packed: a chart of ten years of days is a quarter of it."""

MEMORY: Final = 1_000.0
"""MiB of the server with its workers, what they share counted once: between two and three times what it was measured to take."""

PAGES: Final = (
    "/", "/runway", "/capacity", "/targets", "/accuracy", "/purchase", "/retention", "/scenarios", "/backups", "/hyperconverged",
)  # fmt: skip


@dataclasses.dataclass
class Seen:
    """What people waited for (seconds), the largest answer (bytes), what failed, the memory of the server after each round (MiB), and
    the seconds of a processor that it worked."""

    waited: list[float] = dataclasses.field(default_factory=list)
    largest: int = 0
    failed: list[str] = dataclasses.field(default_factory=list)
    memory: list[float] = dataclasses.field(default_factory=list)
    worked: float = 0.0

    def hold(self, deeds: int) -> None:
        """Everything was answered, and neither answers nor memory are without bound."""
        assert self.failed == []
        assert len(self.waited) == deeds
        assert 100_000 < self.largest < LARGEST, "charts of ten years were among them"
        assert max(self.memory) < MEMORY


def made(folder: Path, stores: int) -> list[str]:
    """An estate with ten years of days, planned; the sessions of its people."""
    planning.fill(folder, stores, int(time.time() // 86_400), DAYS)
    rules = Rules.of(load(folder / "estate.yml"))
    plan(Reader(folder / "history.db"), Outlooks(folder / "plan.db"), time.time(), rules=rules)
    state = open_state(folder / "state.db")
    people = [
        users.add(state, f"user-{number}", "viewer", "a long enough sentence") for number in range(PEOPLE)
    ]
    return [sessions.start(state, one) for one in people]


def deeds(stores: list[str], draw: random.Random, count: int) -> list[dict[str, Any]]:
    """What somebody does: half the time all days of a store, else any page, or rows of the list of all."""

    def one() -> dict[str, Any]:
        kind = draw.random()
        if kind < 0.5:
            return visit(f"/capacity?store={quote(draw.choice(stores))}&span=all")
        if kind < 0.9:
            return visit(draw.choice(PAGES))
        return block(draw.randrange(len(stores)), draw.choice(("used", "ratio", "full", "store")))

    return [one() for _ in range(count)]


def act(url: str, session: str, todo: list[dict[str, Any]], pause: float, seen: Seen) -> None:
    """One person, who waits a while before each deed."""
    headers = {
        "Origin": url,
        "Accept-Encoding": "gzip",
        "Accept-Language": "en",
        "Cookie": f"jauge={session}",
    }
    with httpx.Client(base_url=url, headers=headers, timeout=110) as client:
        for deed in todo:
            time.sleep(pause)
            begun = time.monotonic()
            try:
                answer = client.post("/_dash-update-component", json=deed)
            except httpx.HTTPError as error:
                seen.failed.append(repr(error))
                continue
            seen.waited.append(time.monotonic() - begun)
            seen.largest = max(seen.largest, len(answer.content))
            if answer.status_code not in (200, 204) or BROKEN[0] in answer.text:
                seen.failed.append(f"{answer.status_code} {deed['inputs']}")


def crowd(folder: Path, stores: int, rounds: int, turns: int, pause: float, chance: int) -> Seen:
    """All people at once, so many rounds of so many deeds each."""
    sessions_, seen, draw = made(folder, stores), Seen(), random.Random(chance)
    names = [one.unique_id for one in Data(load(folder / "estate.yml"), folder).stores()]
    assert len(names) == stores
    with serving(folder, demo=False) as url:
        found = servers(url)
        begun = processor(found)
        for _ in range(rounds):
            people = [
                threading.Thread(
                    target=act,
                    args=(url, one, deeds(names, draw, turns), draw.uniform(0.5, 1.5) * pause, seen),
                )
                for one in sessions_
            ]
            for person in people:
                person.start()
            for person in people:
                person.join()
            seen.memory.append(memory(found))
        seen.worked = processor(found) - begun
    return seen


def servers(url: str) -> list[psutil.Process]:
    """The server at an address and its workers, which listen at one socket, and what it was forked from, whose memory they share."""
    port = urlsplit(url).port
    found = [
        one
        for one in psutil.Process().children(recursive=True)
        if any(each.laddr and each.laddr.port == port for each in one.net_connections("tcp"))
    ]
    assert len(found) > 1, "the server, and those that it forked"
    return [*found, *{parent for one in found if (parent := one.parent()) is not None} - {*found}]


def memory(found: list[psutil.Process]) -> float:
    """MiB, what they share counted once."""
    return float(sum(one.memory_full_info().pss for one in found)) / 2**20


def processor(found: list[psutil.Process]) -> float:
    """Seconds of a processor that they took until now."""
    return float(sum(one.cpu_times().user + one.cpu_times().system for one in found))


@pytest.mark.timeout(300)
def test_fifty_people_look_at_ten_years_of_days_at_once_and_each_is_answered(tmp_path: Path) -> None:
    crowd(tmp_path, stores=6, rounds=1, turns=1, pause=0.2, chance=seed(short=True)).hold(PEOPLE)


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_fifty_people_who_go_on_looking_at_ten_years_of_days_of_300_stores_are_answered_in_three_seconds(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    chance = seed(short=False)
    tell(f"seed {chance}")
    seen = crowd(tmp_path, stores=300, rounds=2, turns=12, pause=5.0, chance=chance)
    p95, median = statistics.quantiles(seen.waited, n=20)[-1], statistics.median(seen.waited)
    worked = seen.worked / len(seen.waited)
    tell(
        f"{PEOPLE} people, 300 stores, {len(seen.waited)} answers: median {median:.2f} s, 95th percentile "
        f"{p95:.2f} s, longest {max(seen.waited):.2f} s, largest {seen.largest / 1000:.0f} kB, "
        f"{seen.memory[0]:.0f} MiB after half, {seen.memory[1]:.0f} MiB after all, "
        f"{worked * 1000:.0f} ms of a processor for each"
    )
    seen.hold(PEOPLE * 24)
    # A machine that tests other things as well lets everybody wait; what the server itself works for an answer it does not change.
    assert median < 3.0
    assert worked < 0.2, "two processors keep pace with ten deeds a second"
    assert seen.memory[1] < seen.memory[0] + 150, (
        "what is kept of ten years does not grow with those who look"
    )
