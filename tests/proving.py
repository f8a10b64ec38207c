"""What the long suites said: a table of docs/measurements.md, which `make proof` keeps up to date.

A suite says its seed and its figures with the fixture `tell`; what a sample says is shown where it fails.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

TABLE: Final = Path(__file__).parent.parent / "docs" / "measurements.md"
HEADING: Final = "## Long suites: `make proof`"

_HEAD: Final = "| suite | last run | took | said |\n| --- | --- | --- | --- |\n"
_ROW: Final = re.compile(r"^\| (?!suite \||--- )(.*?) \|(.*)\|$", re.MULTILINE)


class Proofs:
    """A plugin that keeps what each long suite said, and writes it at the end of the session."""

    def __init__(self, table: Path) -> None:
        self._table = table
        self._rows: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if "proof" in report.keywords and (report.when == "call" or report.failed):
            said = "; ".join(str(value) for name, value in report.user_properties if name == "said")
            self._rows[sentence(report.nodeid)] = row(report.passed, report.duration, said)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for name, said in self._rows.items():
            terminalreporter.write_line(f"{name}: {said}")

    def pytest_sessionfinish(self) -> None:
        if self._rows:
            text = self._table.read_text(encoding="utf-8")
            self._table.write_text(merged(text, self._rows), encoding="utf-8")


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say a seed or a figure of a suite."""

    def say(text: str) -> None:
        print(text)
        record_property("said", text)

    return say


def pytest_configure(config: pytest.Config) -> None:
    """The suites are proofs where `make proof` runs them, and not in one of several workers."""
    if os.environ.get("JAUGE_PROOF") and not os.environ.get("PYTEST_XDIST_WORKER"):
        config.pluginmanager.register(Proofs(TABLE))


def sentence(name: str) -> str:
    """The name of a test as a sentence, with its variant in brackets."""
    test, _, variant = name.rpartition("::")[2].partition("[")
    said = test.removeprefix("test_").replace("_", " ")
    return f"{said} ({variant.removesuffix(']')})" if variant else said


def row(passed: bool, seconds: float, said: str) -> str:
    """The cells that follow the name of a suite."""
    day = dt.datetime.now(dt.UTC).date().isoformat()
    took = f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
    words = " ".join(said.replace("|", "/").split())
    return f" {day} | {took} | {words if passed else f'FAILED. {words}'.strip()} "


def merged(text: str, rows: Mapping[str, str]) -> str:
    """A document whose table of long suites says the newest of each suite."""
    before, heading, after = text.partition(HEADING)
    if not heading:
        raise ValueError(f"no section {HEADING!r}")
    section, following, rest = after.partition("\n## ")
    told = {match[1]: match[2] for match in _ROW.finditer(section)} | dict(rows)
    lines = section.splitlines(keepends=True)
    bare = "".join(line for line in lines if not line.startswith("|")).strip("\n")
    table = "".join(_lines(told))
    return f"{before}{heading}\n\n{_HEAD}{table}\n{bare}\n{following}{rest}"


def _lines(told: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(told):
        yield f"| {name} |{told[name]}|\n"
