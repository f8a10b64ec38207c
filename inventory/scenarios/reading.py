"""Reading scenarios: files with every mistake at its place, and what `state.db` keeps of them."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from inventory.checking import Check, report
from inventory.credentials import Model
from inventory.estate import Estate
from inventory.places import Problem, read
from inventory.renewal import OTHER
from inventory.scenarios import Scenario
from inventory.scenarios.changes import KINDS, AgeLimit, Change

_ADAPTER: Final[TypeAdapter[Scenario]] = TypeAdapter(Scenario)
_MODELS: Final[dict[str, type[Model]]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(get_args(Change)[0])
}


_PARTS: Final = ("low", "likely", "high")


class ScenarioError(Exception):
    """A scenario cannot be used: the message says why."""


class Written:
    """A scenario's file as it was read: `scenario` is None where there are errors."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.check = Check(path)
        self.scenario: Scenario | None = None
        self.text = ""

    @property
    def problems(self) -> list[Problem]:
        return self.check.problems


def open_scenario(path: Path, estate: Estate | None = None) -> Written:
    """Read a scenario's file and say all that is wrong with it, each with file, line and column.

    With an estate, targets that it does not know are errors too. `text` is what `state.db` keeps.
    """
    written = Written(path)
    check, document = written.check, read(path)
    check.problems += document.problems
    check.adopt(document, (), ())
    raw = document.data
    if not isinstance(raw, dict):
        if not check.errors:
            check.error("a scenario is a mapping: start with name: and changes:")
        return written
    try:
        scenario = _ADAPTER.validate_python(raw)
    except ValidationError as error:
        for detail in _told(error):
            _report(check, detail)
    else:
        if estate is not None:
            _targets(check, raw, estate)
            _classes(check, scenario, estate)
        written.scenario = scenario
        written.text = json.dumps(raw, ensure_ascii=False, default=str)
    check.problems = sorted(set(check.problems), key=lambda problem: (problem.place, problem.warning))
    if check.errors:
        written.scenario = None
    return written


def revive(text: str) -> Scenario:
    """The scenario that `state.db` kept as text. Raises ScenarioError where this program cannot read it any more."""
    try:
        return _ADAPTER.validate_python(json.loads(text))
    except (ValidationError, ValueError) as error:
        what = error.errors(include_url=False)[0]["msg"] if isinstance(error, ValidationError) else error
        raise ScenarioError(f"a saved scenario cannot be read by this program: {what}") from error


def schema() -> dict[str, Any]:
    """The JSON Schema of a scenario's file."""
    return Scenario.model_json_schema()


def _told(error: ValidationError) -> Iterator[ErrorDetails]:
    """The errors but for one that others make: of changes that are all wrong none is left."""
    found = error.errors(include_url=False, include_context=True)
    inside = any(detail["loc"][:1] == ("changes",) and len(detail["loc"]) > 1 for detail in found)
    for detail in found:
        if not (inside and detail["type"] == "too_short"):
            yield detail


def _report(check: Check, detail: ErrorDetails) -> None:
    """One of pydantic's errors; where it puts the kind among the parts of a place, it is taken out."""
    location = detail["loc"]
    if detail["type"] in ("union_tag_invalid", "union_tag_not_found"):
        _kind(check, detail)
        return
    kind = str(location[2]) if location[:1] == ("changes",) and len(location) > 2 else ""
    if kind in _MODELS:
        location = (*location[:2], *location[3:])
    if location[-1:] == ("[key]",):
        check.error(f"{location[-2]} is no year: write one such as 2004", *location[:-1], key=True)
        return
    if location and location[-1] in _PARTS and not any(check.holds(*location[:-1], one) for one in _PARTS):
        location = location[:-1]  # one number was written for all three
    if any(problem.place == check.place(*location) for problem in check.errors) and check.holds(*location):
        return  # said already, for instance that it cannot be read
    if detail["type"].startswith("date"):
        check.error(f"{location[-1]} is no day: write one such as 2027-03-01", *location)
        return
    siblings = list(_fields(_MODELS[kind])) if kind in _MODELS else list(Scenario.model_fields)
    report(check, {**detail, "loc": location}, lambda _: siblings)


def _kind(check: Check, detail: ErrorDetails) -> None:
    tag = str(detail.get("ctx", {}).get("tag", ""))
    known = f"one of {', '.join(KINDS)}"
    if not tag:
        check.error(f"a change needs its kind: {known}", *detail["loc"])
        return
    near = difflib.get_close_matches(tag, KINDS, 1)
    check.error(
        f"there is no kind {tag}: " + (f"did you mean {near[0]}?" if near else known), *detail["loc"], "kind"
    )


def _fields(model: type[Model]) -> Iterator[str]:
    """Names that may stand in a change, in its sections too."""
    shape = model.model_json_schema()
    for part in (shape, *shape.get("$defs", {}).values()):
        yield from part.get("properties", {})


def _targets(check: Check, raw: dict[str, Any], estate: Estate) -> None:
    """Targets that the estate does not have."""
    names = [target.name for target in estate.targets]
    for path, name in _named(raw.get("changes"), ("changes",)):
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            check.error(
                f"the estate has no target {name}" + (f": did you mean {near[0]}?" if near else ""), *path
            )


def _classes(check: Check, scenario: Scenario, estate: Estate) -> None:
    """Classes of workstations that the estate does not have."""
    names = [OTHER, *(one.name for one in estate.workstations.classes)] if estate.workstations else [OTHER]
    for number, change in enumerate(scenario.changes):
        for place, name in enumerate(change.classes if isinstance(change, AgeLimit) else ()):
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                said = f": did you mean {near[0]}?" if near else f": it has {', '.join(sorted(names))}"
                check.error(f"the estate has no class {name}{said}", "changes", number, "classes", place)


def _named(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every target or archive that a change names, with its place."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("target", "archive") and isinstance(inner, str):
                yield (*path, key), inner
            else:
                yield from _named(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _named(inner, (*path, index))
