"""The rules, tests and dashboards of `mixin/` as data, and what docs/metrics.md knows of their metrics."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
MIXIN = ROOT / "mixin"
RUNBOOKS = ROOT / "docs/runbooks"

FROM_DISCOVERY = frozenset({"target", "site", "role", "service", "instance", "job"})
"""Labels that a scrape adds to every series."""

Rule = dict[str, Any]


@functools.cache
def rules(folder: str) -> list[Rule]:
    """All rules of `alerts` or `rules`."""
    return [
        rule
        for path in sorted((MIXIN / folder).glob("*.yml"))
        for group in YAML(typ="safe").load(path)["groups"]
        for rule in group["rules"]
    ]


def cases() -> list[dict[str, Any]]:
    """All groups of tests for promtool."""
    return [
        case
        for path in sorted((MIXIN / "tests").glob("*.yml"))
        for case in YAML(typ="safe").load(path)["tests"]
    ]


def selectors(query: str) -> list[Any]:
    """The selectors of series in a query, as the parser of PromQL sees them."""
    found: list[Any] = []

    def visit(one: Any) -> None:
        if isinstance(one, promql_parser.VectorSelector):
            found.append(one)

    promql_parser.walk(promql_parser.parse(query), visit)
    return found


def functions(query: str) -> set[str]:
    """The functions that a query calls."""
    found: set[str] = set()

    def visit(one: Any) -> None:
        if isinstance(one, promql_parser.Call):
            found.add(one.func.name)

    promql_parser.walk(promql_parser.parse(query), visit)
    return found


def names(query: str) -> set[str]:
    """The metrics that a query reads."""
    return {one.name for one in selectors(query)}


@functools.cache
def documented() -> dict[str, frozenset[str]]:
    """The labels of each metric that docs/metrics.md lists, those of a scrape included."""
    page = (ROOT / "docs/metrics.md").read_text("utf-8")
    known: dict[str, frozenset[str]] = {"up": FROM_DISCOVERY}
    for name, kind, labels in re.findall(r"^\| `(jauge_\w+)` \| (\w+) \| ([^|]*) \|", page, re.MULTILINE):
        has = frozenset(re.findall(r"`(\w+)`", labels)) | FROM_DISCOVERY
        known[name] = has
        if kind == "histogram":
            known |= {f"{name}_bucket": has | {"le"}, f"{name}_sum": has, f"{name}_count": has}
    return known | dict.fromkeys(re.findall(r"`(process_\w+)`", page), FROM_DISCOVERY)


def labels(query: str) -> frozenset[str]:
    """All labels that series of a query may bear."""
    recorded = {rule["record"]: rule["expr"] for rule in rules("rules")}
    return frozenset().union(
        *(labels(recorded[name]) if name in recorded else documented()[name] for name in names(query))
    )


def unknown(query: str) -> Iterator[str]:
    """What a query names that nobody serves: metrics, and labels that a metric never has."""
    recorded = {rule["record"]: rule["expr"] for rule in rules("rules")}
    for one in selectors(query):
        if one.name not in recorded and one.name not in documented():
            yield one.name
            continue
        has = labels(recorded[one.name]) if one.name in recorded else documented()[one.name]
        yield from (f"{one.name}{{{m.name}}}" for m in one.matchers.matchers if m.name not in has)


def load(name: str) -> Any:
    """A YAML file of the folder."""
    return YAML(typ="safe").load(MIXIN / name)
