"""`jauge estate`: targets from a list of devices that is kept elsewhere."""

from __future__ import annotations

import codecs
import contextlib
import json
import os
from collections.abc import Iterable, Iterator, Sized
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from inventory.harmless import line
from inventory.imports import ImportFailedError
from jauge.verbs.common import PROBLEM, console, fail, plainly, told, verbatim

if TYPE_CHECKING:
    from inventory.checking import Check
    from inventory.estate import Estate
    from inventory.roster.enrolling import Enrolment
    from inventory.roster.entries import Remark, Roster

SHOWN: Final = 20
"""Lines of each list that people are shown; --json has them all."""

SOURCES: Final = ("csv", "glpi", "netbox", "prometheus")

estate = typer.Typer(help="The estate file: bring in targets from elsewhere.", no_args_is_help=True)


@estate.callback()
def _group() -> None:
    """The estate file: bring in targets from elsewhere."""


@estate.command("import")
def bring_in(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A list of devices: CSV or XLSX, a CSV or JSON of GLPI or NetBox, a file_sd of Prometheus (JSON, YAML).",
            show_default=False,
        ),
    ],
    to: Annotated[
        Path,
        typer.Option(
            "--estate", help="The estate that it is added to: a file, made where there is none, or a folder."
        ),
    ] = Path("estate.yml"),
    into: Annotated[
        str, typer.Option(metavar="NAME", help="File of the folder that new targets are written to.")
    ] = "imported.yml",
    source: Annotated[
        str | None,
        typer.Option(
            help=f"What wrote the table: {', '.join(SOURCES)}; else its titles tell.", show_default=False
        ),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            help="A file that says what columns mean, and which devices are polled how (docs/bringing-in.md).",
            show_default=False,
        ),
    ] = None,
    credential: Annotated[
        str | None,
        typer.Option(
            help="Credential of targets for which nothing else names one; made, to be filled in, where there is none.",
            show_default=False,
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Write it; without it, show what would be added.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Write it without the devices that are refused.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
) -> None:
    """Show which targets a list of devices adds, and with --yes write them: all of them, or none.

    No address is tried. What the estate says stays as it is; devices that cannot be taken are listed with their reason, and
    the status is 1.
    """
    from inventory.checking import EstateError  # noqa: PLC0415 - what an estate may say costs a quarter of a second
    from inventory.roster import enrolling, reading, rules, writing  # noqa: PLC0415 - as above

    if source is not None and source not in SOURCES:
        raise typer.BadParameter(
            f"there is no {source!r}: one of {', '.join(SOURCES)}", param_hint="--source"
        )
    target = _file(to, into)
    with told(ImportFailedError, EstateError):
        said = rules.load(mapping) if mapping else rules.Mapping()
        roster = reading.read(file, said, source)  # type: ignore[arg-type]  # one of SOURCES
        before = _bytes(target)
        found = enrolling.enrol(roster, _estate(to), said, credential)
        draft = writing.add(before.decode("utf-8-sig"), found, str(target))
    _check(to, target, draft)
    wanted = bool(found.targets) and yes and (partial or not found.refused)
    if wanted:
        _write(target, before, draft)
    if as_json:
        plainly(
            json.dumps(_document(roster, found, target, written=wanted), indent=2, ensure_ascii=False) + "\n"
        )
    else:
        _show(roster, found)
        console.print(verbatim(_end(found, target, yes=yes, partial=partial)))
    if found.refused:
        raise typer.Exit(PROBLEM)


def _file(to: Path, into: str) -> Path:
    """The file that is written: the estate, or one of its folder. A link leads to what it stands for."""
    if not to.is_dir():
        return to.resolve() if to.is_symlink() else to
    if Path(into).name != into or not into.endswith(".yml") or into.startswith("."):
        raise typer.BadParameter("give the name of a *.yml within the folder", param_hint="--into")
    return to / into


def _estate(to: Path) -> Estate:
    """What the estate says already. Ends the command where it cannot be used."""
    from inventory.estate import Estate  # noqa: PLC0415 - as above
    from jauge.verbs.estates import inspect  # noqa: PLC0415 - as above

    if not to.exists() or (to.is_dir() and not any(to.glob("*.yml"))):
        return Estate()
    found = inspect(to)
    if found.estate is None:
        _problems(found)
        fail(f"{to} cannot be used, so nothing is added to it: mend it first")
    return found.estate


def _bytes(target: Path) -> bytes:
    """What stands in the file that is written; nothing where there is none. Raises ImportFailedError."""
    try:
        return target.read_bytes() if target.exists() else b""
    except OSError as error:
        raise ImportFailedError(f"cannot read {target}: {error.strerror}") from None


def _check(to: Path, target: Path, draft: str) -> None:
    """End the command where the estate would not pass `jauge check`: a family that a list or a rule names may not exist."""
    from inventory import places  # noqa: PLC0415 - as above
    from jauge.verbs.estates import inspect  # noqa: PLC0415 - as above

    if not draft:
        return
    if len(draft.encode()) > places.SIZE_LIMIT:
        fail(
            f"{target} would be larger than {places.SIZE_LIMIT // 1024**2} MiB: bring the list in by parts, into files of a folder "
            "(--estate FOLDER --into NAME.yml)"
        )
    found = inspect(to if to.is_dir() else target, {target: draft})
    if found.errors:
        _problems(found)
        fail(
            "the estate would not pass jauge check, so nothing was written; the lines are those that it would have"
        )


def _problems(found: Check) -> None:
    for problem in found.errors:
        console.print(verbatim(str(problem)))


def _write(target: Path, before: bytes, draft: str) -> None:
    """Put the new text in the place of the file, with the rights and the owner of what stood there."""
    from inventory.files import replace  # noqa: PLC0415 - as above

    try:
        stood = target.stat() if target.exists() else None
        if _bytes(target) != before:
            fail(f"{target} was changed meanwhile, so nothing was written: try again")
        mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
        mode = stood.st_mode & 0o777 if stood else 0o640
        replace(target, target.with_name(f".{target.name}.draft"), mark + draft.encode(), mode)
        if stood is not None and (stood.st_uid, stood.st_gid) != (os.geteuid(), os.getegid()):
            with contextlib.suppress(PermissionError):  # the service has to be able to read it still
                os.chown(target, stood.st_uid, stood.st_gid)
    except OSError as error:
        fail(f"cannot write {target}: {error.strerror}: nothing was changed")


def _show(roster: Roster, found: Enrolment) -> None:
    plainly(f"{roster.title}: {_counts(found)}\n")
    new = [
        " ".join(
            str(settings[key]) for key in ("name", "address", "family", "site", "role") if key in settings
        )
        for settings in found.targets
    ]
    for title, lines in (
        ("new", new),
        ("refused", found.refused),
        ("left out", found.left),
        ("differs, left as it is", found.differs),
        ("renamed", found.renamed),
    ):
        plainly("".join(f"{title}: {one}\n" for one in _bounded(lines)))
    for title in roster.ignored[:SHOWN]:
        plainly(f"ignored: {line(title, 200)}\n")
    for name in found.credentials:
        plainly(f"to fill in: credential {name}\n")


def _bounded(lines: Iterable[Remark | str]) -> Iterator[str]:
    """The first lines of a list, and how many more there are."""
    every = list(lines)
    yield from (line(str(one), 2_000) for one in every[:SHOWN])
    if len(every) > SHOWN:
        yield f"and {len(every) - SHOWN} more (--json lists all)"


def _counts(found: Enrolment) -> str:
    counts: dict[str, Sized] = {
        "new": found.targets, "refused": found.refused, "left out": found.left, "that differ": found.differs,
        "renamed": found.renamed,
    }  # fmt: skip
    return ", ".join(
        [f"{len(things)} {what}" for what, things in counts.items()] + [f"{found.known} known already"]
    )


def _end(found: Enrolment, target: Path, *, yes: bool, partial: bool) -> str:
    if not found.targets:
        return "Nothing to add."
    if not yes:
        return f"Nothing was written: add --yes to write {target}."
    if found.refused and not partial:
        return "Nothing was written: correct what is refused, or add --partial to write the rest."
    return f"Written to {target}. Fill in its credentials, then: jauge check {target}"


def _document(roster: Roster, found: Enrolment, target: Path, *, written: bool) -> dict[str, Any]:
    def remarks(several: list[Remark]) -> list[dict[str, Any]]:
        return [{**remark.spot._asdict(), "text": remark.text} for remark in several]

    return {
        "source": roster.title,
        "estate": str(target),
        "written": written,
        "new": found.targets,
        "known": found.known,
        "sites": found.sites,
        "credentials": found.credentials,
        "refused": remarks(found.refused),
        "left_out": remarks(found.left),
        "differs": remarks(found.differs),
        "renamed": remarks(found.renamed),
        "ignored": roster.ignored,
    }
