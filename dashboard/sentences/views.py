"""What is chosen in a view, in the words of the page that offers the choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dashboard.fleet import asked
from dashboard.sentences.walls import STATES
from dashboard.texts import Texts, kind_word, plain
from dashboard.words import WORDS

_TITLES: Final[Mapping[str, str]] = {
    "as": "capacity.as", "by": "deadlines.by", "case": "scenarios.chart.filter", "cluster": "column.cluster",
    "family": "column.family", "host": "column.host", "job": "column.job", "kind": "column.kind", "machine": "column.machine",
    "maker": "column.maker", "measures": "column.measures", "mode": "import.mode", "model": "column.model", "name": "column.what",
    "of": "column.what", "on": "deadlines.day", "page": "column.page", "part": "administration.parts", "q": "search.label",
    "reason": "fitness.reason", "show": "backups.show", "site": "column.site", "span": "capacity.filter.span",
    "state": "column.state", "store": "column.store", "target": "column.target", "what": "deadlines.what", "year": "column.year",
}  # fmt: skip
"""What a field of an address is called."""

_NAMED: Final[Mapping[tuple[str, str], str]] = {
    ("/targets", "name"): "targets.named", ("/scenarios", "name"): "column.scenario",
    ("/accuracy", "by"): "accuracy.by",
}  # fmt: skip
"""The same, where it is called otherwise on one page."""

_VALUES: Final[Mapping[tuple[str, str], str]] = {
    ("/accuracy", "by"): "column", ("/administration", "part"): "administration", ("/backups", "show"): "backups.show",
    ("/capacity", "as"): "capacity.as", ("/capacity", "span"): "capacity.span", ("/platforms", "kind"): "platforms",
    ("/renewal", "by"): "renewal.by", ("/runway", "state"): "state", ("/scenarios", "case"): "scenarios",
    ("/targets", "state"): "targets.state", ("/workstations/care", "measures"): "care.measures",
    ("/workstations/deadlines", "by"): "deadlines.by", ("/workstations/deadlines", "state"): "deadlines.state",
    ("/workstations/deadlines", "what"): "deadlines.what", ("/workstations/fitness", "by"): "fitness.by",
    ("/workstations/fitness", "reason"): "criterion", ("/workstations/fitness", "state"): "cell",
    ("/workstations/import", "mode"): "import",
}  # fmt: skip
"""How the keys of the words begin for what may be chosen of a closed list; all else is a name."""


def chosen(path: str, query: Mapping[str, str], t: Texts) -> str:
    """All that is chosen on the page at `path`, in the order of the address."""
    return " · ".join(
        f"{_title(path, field, t)}{t('colon')}{_value(path, field, value, t)}"
        for field, value in query.items()
    )


def _title(path: str, field: str, t: Texts) -> str:
    key = _NAMED.get((path, field)) or _TITLES.get(field)
    return t(key) if key else plain(field, 30)


def _value(path: str, field: str, value: str, t: Texts) -> str:
    if (path, field) == ("/capacity", "kind"):
        return kind_word(value, t)
    if field == "on" and (day := asked(value)) is not None:
        return t.day(day)
    word = STATES.get(value, value) if (path, field) == ("/runway", "state") else value
    key = f"{_VALUES.get((path, field), '')}.{word}"
    return t(key) if key in WORDS else plain(value, 60)
