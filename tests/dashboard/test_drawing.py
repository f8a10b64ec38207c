"""Pages that are drawn once for many, and answers that linger while they are made anew."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asking import ask, words

from dashboard.access import gate
from dashboard.app import BEHIND, PAGES, create
from dashboard.data import EVENTS, HISTORY, PLAN, STATE, STATUS, Data, files
from dashboard.data.memory import Memory, Unanswered
from dashboard.pages import runway
from inventory.checking import load
from inventory.state import open_state


def _slowly(answer: Callable[[], object]) -> object:
    """An answer that takes a fifth of a second of a thread."""
    began = time.thread_time()
    while time.thread_time() - began < 0.2:
        pass
    return answer()


def a_memory(most: int = 10) -> Memory:
    return Memory(most, 0.1, frozenset({HISTORY}), frozenset({HISTORY, PLAN}), 60.0)


def test_a_dear_answer_is_given_while_a_thread_makes_it_anew() -> None:
    memory, asked, may = a_memory(), list[str](), threading.Event()

    def answer() -> str:
        asked.append(threading.current_thread().name)
        if len(asked) > 1:
            assert may.wait(30)
        return f"answer {len(asked)}"

    def told(plan: float) -> object:
        return memory.answer("a", {PLAN: plan}, lambda: _slowly(answer), 5.0)

    assert told(1.0) == "answer 1"
    assert [told(2.0) for _ in range(3)] == ["answer 1"] * 3  # nobody waits, and it is made once
    may.set()
    end = time.monotonic() + 30
    while told(2.0) != "answer 2":
        assert time.monotonic() < end
        time.sleep(0.01)
    assert asked[1:] == ["renewer"]


def test_what_people_decided_is_told_at_once_however_dear_it_is() -> None:
    memory = a_memory()
    for state in (1.0, 2.0):
        told = memory.answer("a", {STATE: state, PLAN: 1.0}, lambda: _slowly(lambda: state), 5.0)  # noqa: B023
        assert told == state


def test_a_cheap_answer_is_asked_anew_for_each_change() -> None:
    memory = a_memory()
    for measured in (1.0, 2.0):
        assert memory.answer("a", {HISTORY: measured}, lambda: measured, 5.0) == measured  # noqa: B023


def test_what_has_no_answer_is_not_remembered_and_the_oldest_goes_first() -> None:
    memory = a_memory(most=2)

    def nothing() -> str:
        raise Unanswered

    for name in ("a", "b", "c"):
        assert memory.answer(name, {}, lambda: name, 60.0) == name  # noqa: B023
    with pytest.raises(Unanswered):
        memory.answer("a", {}, nothing, 60.0)
    assert memory.answer("c", {}, nothing, 60.0) == "c"


@pytest.mark.parametrize("page", [one for one in (*PAGES, *BEHIND) if getattr(one, "IS_SHARED", False)])
def test_a_page_that_is_drawn_for_many_does_not_know_who_asks(data: Data, page: object) -> None:
    """Drawn with nobody asking for names: `gate.current` and `gate.visitor` are not called by it."""
    app = create(data, open_state(data.folder / "state.db"), demo=True)
    seen = list[str]()
    real = gate.visitor
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "current", lambda: seen.append("current"))
        layout = page.layout  # type: ignore[attr-defined]

        def watched(*given: object) -> object:
            patch.setattr(gate, "visitor", lambda: seen.append("visitor") or real())
            found = layout(*given)
            patch.setattr(gate, "visitor", real)
            return found

        patch.setattr(page, "layout", watched)
        assert words(ask(app, page.PATH))  # type: ignore[attr-defined]
    assert not seen


@pytest.mark.parametrize("page", [one for one in (*PAGES, *BEHIND) if getattr(one, "IS_STILL", False)])
@pytest.mark.parametrize("search", ["", "?of=serial:s1"], ids=["of all", "of one"])
def test_a_page_that_stays_while_the_collector_writes_asks_for_nothing_that_it_writes(
    hospital: Path, page: Any, search: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Data(load(hospital / "estate.yml"), hospital)
    asked, remember = set[str](), data._remember

    def remembered(key: Any, of: tuple[str, ...], *given: Any) -> Any:
        asked.update(of)
        return remember(key, of, *given)

    monkeypatch.setattr(data, "_remember", remembered)
    layout = page.layout

    def watched(*given: Any) -> object:
        asked.clear()  # what is around a page is asked for each time
        try:
            return layout(*given)
        finally:
            monkeypatch.setattr(data, "_remember", remember)

    monkeypatch.setattr(page, "layout", watched)
    app = create(data, open_state(data.folder / "state.db"), demo=True)
    assert words(ask(app, page.PATH, search))
    assert asked
    assert not asked & {HISTORY, STATUS, EVENTS}


def test_a_page_that_is_drawn_behind_whoever_asks_says_of_what_moment_it_is_and_knows_what_a_role_may(
    data: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = data.clock()
    for name, value in {
        "_DEAR_PAGE": 0.0,
        "_BEHIND": 0.01,
        "_FRESH_PAGE": 0.01,
        "_LINGERS_PAGE": 60.0,
    }.items():
        monkeypatch.setattr(files, name, value)
    data = Data(data.estate, data.folder, clock=lambda: began)
    app, drawn_by = create(data, open_state(data.folder / "state.db"), demo=True), list[tuple[str, bool]]()
    layout = runway.layout

    def watched(*given: Any) -> object:
        drawn_by.append((threading.current_thread().name, gate.allows("viewer")))
        return layout(*given)

    monkeypatch.setattr(runway, "layout", watched)

    def moment() -> str:
        updated = ask(app, runway.PATH).json["response"]["updated"]["children"]
        return str(updated[0]["props"]["children"])

    first = moment()
    data.clock = lambda: began + 3600
    time.sleep(0.05)
    assert moment() == first  # given as it was, of the moment that it was drawn
    end = time.monotonic() + 30
    while (later := moment()) == first:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert later != first
    assert drawn_by[:2] == [("MainThread", True), ("renewer", True)]
