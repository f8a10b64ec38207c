"""`jauge doctor`: whether everything is as Jauge needs it, and what to do where it is not."""

from __future__ import annotations

import enum
import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from inventory.harmless import line
from jauge.files import Files, beside
from jauge.verbs.common import PROBLEM, DataPath, EstatePath, estate_of, finite, plainly, verbatim, working
from jauge.verbs.running import address

if TYPE_CHECKING:
    from inventory.estate import Estate
    from jauge.doctor import Finding, Severity

_SHOWN: Final = {"fine": ("green", "✓"), "advice": ("cyan", "i"), "warning": ("yellow", "!"), "error": ("red", "✗")}  # fmt: skip


class Format(enum.StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"


def doctor(
    estate: EstatePath,
    data: DataPath = None,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TEXT,
    ask: Annotated[
        bool, typer.Option("--targets/--no-targets", help="Whether each target is asked once.")
    ] = True,
    exporter: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where `jauge run` listens.")
    ] = "127.0.0.1:9640",
    pages: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where `jauge dashboard` listens.")
    ] = "127.0.0.1:8050",
) -> None:
    """Look whether this machine, the files, and the ways to all targets are as Jauge needs them; nothing is changed.

    Each target is asked once, at most sixteen beside each other: a wrong password is shown once. Run it by the account of the service.
    Ends with status 0 where all is well or there is advice only, with 1 where there is a warning or an error.
    """
    places = address(exporter), address(pages)
    found = estate_of(estate, polled=True)
    findings = examine(found, beside(estate, data), places, ask=ask)
    if form is Format.JSON:
        plainly(json.dumps(described(findings), indent=2, ensure_ascii=False) + "\n")
    else:
        _print(findings)
    if any(finding.is_trouble for finding in findings):
        raise typer.Exit(PROBLEM)


def examine(
    estate: Estate,
    files: Files,
    places: tuple[tuple[str | None, int], tuple[str | None, int]],
    *,
    ask: bool = True,
) -> list[Finding]:
    """All that was found, in the order of the areas."""
    from jauge.doctor import AREAS, clock, machine, network, ports  # noqa: PLC0415 - the protocols and pandas cost seconds
    from jauge.doctor import files as of_files  # noqa: PLC0415 - as above

    now = time.time()
    told, why = of_files.pulse_of(files)
    with working("asking targets ..."):
        polls = network.ask(estate, estate.targets) if ask else []
    found = [
        *clock.examine(estate, files, polls, now),
        *machine.disk(files, told),
        *machine.rights(files),
        *machine.hidden(estate),
        *network.names(estate),
        *network.targets(polls),
        *of_files.examine(estate, files, now),
        *of_files.collector(told, why, now),
        *of_files.plan(files, now),
        *ports.examine(ports.places(estate, *places)),
        *machine.parts(estate),
        *machine.texts(),
    ]
    return sorted(found, key=lambda one: AREAS.index(one.area))


def described(findings: list[Finding]) -> object:
    """What was found, as JSON: how many there are of each severity, and each of them."""
    from jauge.doctor import SEVERITIES  # noqa: PLC0415 - as above

    counts = Counter(one.severity for one in findings)
    return finite(
        {
            "counts": {severity: counts[severity] for severity in SEVERITIES},
            "findings": [
                {name: line(value, 1000) for name, value in one._asdict().items()} for one in findings
            ],
        }
    )


def _print(findings: list[Finding]) -> None:
    out = Console(highlight=False, soft_wrap=True)
    area = ""
    for one in findings:
        if one.area != area:
            out.print(f"[bold]{one.area}[/]")
            area = one.area
        colour, shape = _SHOWN[one.severity]
        word = "" if one.severity == "fine" else f"{one.severity}: "
        out.print(f"  [{colour}]{shape}[/]", verbatim(line(f"{word}{one.where}: {one.what}", 1000)))
        if one.do:
            out.print("     ", verbatim(line(f"-> {one.do}", 600)))
    counts = Counter(one.severity for one in findings)
    out.print(
        "\n" + ", ".join(_counted(counts[name], *words) for name, words in _WORDS.items() if counts[name])
    )


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


_WORDS: Final[dict[Severity, tuple[str, str]]] = {
    "fine": ("well", "well"),
    "advice": ("with advice", "with advice"),
    "warning": ("warning", "warnings"),
    "error": ("error", "errors"),
}
