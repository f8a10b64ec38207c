"""`jauge inventory users`, `person`, `register` and `tidy`: what is held of people, who may see it, and how it is let go."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from inventory.credentials import SecretMissingError
from inventory.harmless import line
from inventory.people import PeopleError
from inventory.people.rules import People
from inventory.state import audit
from inventory.state.schema import StateError
from jauge.files import MANIFEST, beside
from jauge.verbs.access import state_of
from jauge.verbs.common import (
    PROBLEM,
    DataPath,
    console,
    estate_of,
    fail,
    finite,
    plainly,
    told,
    user,
    verbatim,
    warn,
)

if TYPE_CHECKING:  # pandas costs half a second
    from inventory.estate import Estate
    from inventory.people.erasing import Done
    from inventory.people.finding import Found, Use
    from inventory.people.keeping import Tidied
    from inventory.people.pseudonyms import Key
    from inventory.people.register import Asset, UseClass
    from inventory.state import State

EstateOption = Annotated[
    Path, typer.Option("--estate", help="The estate: its rules, and the place of its data and of the key.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Names = Annotated[
    list[str],
    typer.Argument(
        metavar="NAME...",
        help="The name as the inventory writes it; several for several ways of writing it; - to read them, a line each.",
        show_default=False,
    ),
]

_SOURCE: Final = "command line"

person = typer.Typer(help="What is held of one person: shown, or erased.", no_args_is_help=True)


def users(
    site: Annotated[str | None, typer.Option(help="Machines of this site only.", show_default=False)] = None,
    service: Annotated[
        str | None, typer.Option(help="Machines of this service only.", show_default=False)
    ] = None,
    as_json: AsJson = False,
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Show who uses which workstation, where the estate keeps it. That it was shown, and to whom, stands in the audit log."""
    from inventory.people import finding  # noqa: PLC0415 - as above

    state = _state_of(estate, data)
    with told(StateError):
        found = [use for use in finding.users(state) if _fits(site, use.site) and _fits(service, use.service)]
        asked = "".join(
            f", {what} {value}" for what, value in (("site", site), ("service", service)) if value
        )
        # First told, then shown: where the log cannot be written, nobody is shown.
        audit.note(state, user(), "user names shown", f"{len(found)} of workstations{asked}", _SOURCE)
    if as_json:
        _json([_used(use) for use in found])
        return
    for use in found:
        plainly(f"{_row(use.name, use.serial, use.user, use.site, use.service)}\n")
    plainly(f"{len(found)} workstations whose user is kept\n")


@person.command("export")
def export_person(
    names: Names,
    as_json: AsJson = False,
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Show all that is held of a person: machines now and before, what they did with Jauge, their saved views, and where the name stands."""
    asked, state, _, key = _asked(names, estate, data)
    found = _found(state, asked, key, "person exported")
    if as_json:
        _json(_document(found))
    else:
        plainly("".join(f"{text}\n" for text in _lines(found)))


@person.command("erase")
def erase_person(
    names: Names,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, show what would be erased.")] = False,
    as_json: AsJson = False,
    estate: EstateOption = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Erase a person from the inventory, from all imports ever kept, and from the copies of the state beside it.

    Where they answer for a compensating measure, their name is struck out, and the measure stays; their saved views and their address for messages go. Without --yes, show what is held, other ways to write the name too: those are erased where they are given as well.
    Ends with status 1 where something could not be erased.
    """
    from inventory.people import erasing, finding  # noqa: PLC0415 - as above

    asked, state, rules, key = _asked(names, estate, data)
    found = _found(state, asked, key, "person looked up")
    if not yes:
        shown = _document(found) if as_json else None
        _json({**shown, "erased": False}) if shown else plainly(
            "".join(f"{text}\n" for text in _lines(found))
        )
        if not as_json:
            plainly("Nothing was changed: add --yes to erase what is written the same.\n")
        return
    with told(PeopleError, StateError):
        key = key or erasing.usable(state, rules, home_of(estate))
        done = erasing.erase(state, key, asked, user(), _SOURCE)
        folders = erasing.backups(state)
        found = finding.find(state, asked, key)  # what is left of them
    if as_json:
        _json({**_outcome(done, folders), "alike": found.of("alike"), "erased": True})
    else:
        plainly("".join(f"{text}\n" for text in _said(done, folders, found)))
    if done.problems:
        _end(done.problems)


@person.command("allow")
def allow_person(names: Names, estate: EstateOption = Path("estate.yml"), data: DataPath = None) -> None:
    """Let imports keep a name again that was erased."""
    from inventory.people import erasing  # noqa: PLC0415 - as above

    asked, state, _, key = _asked(names, estate, data)
    if key is None:
        fail("there is no key of the pseudonyms, so nobody was erased")
    with told(PeopleError, StateError):
        count = erasing.allow(state, key, asked, user(), _SOURCE)
    plainly(f"{count} names may be kept again\n")


@person.command("erased")
def list_erased(
    as_json: AsJson = False, estate: EstateOption = Path("estate.yml"), data: DataPath = None
) -> None:
    """Show who was erased, as pseudonyms, and when."""
    from inventory.people import erasing  # noqa: PLC0415 - as above

    with told(PeopleError, StateError):
        state = _state_of(estate, data)
        known = sorted(erasing.erased(state).items(), key=lambda one: (one[1], one[0]))
        audit.note(state, user(), "erased people listed", f"{len(known)} pseudonyms", _SOURCE)
    if as_json:
        _json([{"pseudonym": one, "at": _moment(at)} for one, at in known])
        return
    for one, at in known:
        plainly(f"{_moment(at)}\t{one}\n")


def tidy(estate: EstateOption = Path("estate.yml"), data: DataPath = None) -> None:
    """Let go what is older than the estate lets it be kept: user names, details of machines, rows of the audit log.

    `jauge plan` and each import do it too. Ends with status 1 where something could not be let go.
    """
    rules = estate_of(estate).people
    done = tidied(state_of(estate, data), rules, home_of(estate))
    plainly(
        f"let go: {done.users} entries with a user, {done.details} with details of machines, "
        f"{done.rows} rows of the audit log, {len(done.copies)} old copies of the state\n"
    )
    if done.problems:
        _end(done.problems)


def rekey(estate: EstateOption = Path("estate.yml"), data: DataPath = None) -> None:
    """Change the key of the pseudonyms: a new one comes after the old one in its file, and what is kept goes over to it.

    For a key that somebody may have read, or each few years. Where the key is a variable, add a line to it yourself, and give
    this command: it adds none then.
    """
    from inventory.people import erasing, pseudonyms  # noqa: PLC0415 - as above

    rules, home, state = estate_of(estate).people, home_of(estate), _state_of(estate, data)
    with told(PeopleError, StateError, SecretMissingError, OSError):
        key = pseudonyms.find(rules, home)
        if key is None:
            fail("there is no key of the pseudonyms to change: it is made when it is first needed")
        erasing.accept(state, key)
        place = pseudonyms.place(rules, home)
        if place is not None:
            key = pseudonyms.add(place)
            erasing.accept(state, key)
        audit.note(state, user(), "key of the pseudonyms changed", "", _SOURCE)
    done = tidied(state, rules, home)
    plainly(
        f"what is kept is under the newest key{f' of {place}' if place else ''}: save it with the other secrets\n"
    )
    if done.problems:
        _end(done.problems)


def register_of_processing(
    as_json: AsJson = False, estate: EstateOption = Path("estate.yml"), data: DataPath = None
) -> None:
    """List what works with personal data: class of data, order of recovery, entry of the register; and what nobody declared."""
    from inventory.people import register  # noqa: PLC0415 - as above

    known = estate_of(estate)
    state = state_of(estate, data)
    with told(StateError):
        assets = register.assets(known.targets, *_classes(known, state))
    if as_json:
        _json([one._asdict() for one in assets])
        return
    for one in assets:
        plainly(f"{_entry(one)}\n")
    plainly(
        f"{len(assets)} assets, {len(register.unknown(assets))} of unknown class, "
        f"{len(register.unregistered(assets))} with personal data and no entry in the register\n"
    )


def register(group: typer.Typer) -> None:
    """Add these verbs to those of the inventory."""
    group.command("users")(users)
    group.add_typer(person, name="person")
    group.command("register")(register_of_processing)
    group.command("tidy")(tidy)
    group.command("rekey")(rekey)


def tidied(state: State, rules: People, home: Path) -> Tidied:
    """Let go what may not be kept any longer, or end the command with why not."""
    from inventory.people import keeping  # noqa: PLC0415 - as above

    with told(PeopleError, StateError):
        return keeping.let_go(state, rules, home)


# --- what is asked ------------------------------------------------------------------------------------------


def _asked(
    names: Sequence[str], estate: Path, data: Path | None
) -> tuple[list[str], State, People, Key | None]:
    """The names, the state, its rules, and the key where there is one."""
    from inventory.people.pseudonyms import find, fold  # noqa: PLC0415 - as above

    if list(names) == ["-"]:
        names = sys.stdin.read().splitlines()
    asked = [name for name in names if fold(name)]
    if not asked:
        raise typer.BadParameter("give a name", param_hint="NAME")
    rules = rules_of(estate)
    with told(PeopleError):
        key = find(rules, home_of(estate))
    return asked, _state_of(estate, data), rules, key


def _state_of(estate: Path, data: Path | None) -> State:
    """The state whose audit log tells who asked: not that of a backup, where nobody looks, and which has to stay as it is."""
    folder = beside(estate, data).directory
    if (folder / MANIFEST).exists():
        fail(
            f"{folder} is a backup: people are shown and erased where Jauge keeps them, after `jauge files restore`"
        )
    return state_of(estate, data)


def _found(state: State, names: Sequence[str], key: Key | None, action: str) -> Found:
    from inventory.people import finding  # noqa: PLC0415 - as above

    with told(StateError):
        found = finding.find(state, names, key)
        # Not whom: the log outlives the erasure.
        audit.note(state, user(), action, f"{len(found.uses)} entries of the inventory", _SOURCE)
    return found


def rules_of(estate: Path) -> People:
    """What the estate says of people; the defaults where there is none."""
    return estate_of(estate).people if estate.exists() else People()


def home_of(estate: Path) -> Path:
    """The folder of the estate."""
    return estate if estate.is_dir() else estate.parent


def _fits(asked: str | None, value: str | None) -> bool:
    return asked is None or (value or "").casefold() == asked.casefold()


def _classes(known: Estate, state: State) -> tuple[Sequence[UseClass], dict[str, int]]:
    """Classes of use that the estate declares, and how many workstations are of each: in use, or kept to be."""
    from collections import Counter  # noqa: PLC0415 - for this verb alone

    from inventory.fleet.judging import texts_of  # noqa: PLC0415 - as above
    from inventory.imports import snapshots  # noqa: PLC0415
    from inventory.renewal import Renewal  # noqa: PLC0415
    from inventory.workstations import OUT  # noqa: PLC0415

    found, renewal = snapshots.latest(state), known.workstations or Renewal()
    machines = [one for one in (found.workstations if found else ()) if one.state not in OUT]
    return renewal.classes, Counter(str(texts_of(one, renewal)["class"]) for one in machines)


# --- what is shown ------------------------------------------------------------------------------------------


def _json(content: Any) -> None:
    plainly(json.dumps(finite(content), indent=2, ensure_ascii=False) + "\n")


def _row(*cells: object) -> str:
    return "\t".join(line("" if cell is None else str(cell)) for cell in cells)


def _entry(one: Asset) -> str:
    cells = (one.kind or "unknown", one.criticality or "unknown", one.entry or "unknown")
    return _row(one.name, one.what, one.machines, *cells, one.site, one.service)


def _moment(at: float | None) -> str | None:
    return None if at is None else dt.datetime.fromtimestamp(at, dt.UTC).isoformat(timespec="seconds")


def _used(use: Use) -> dict[str, Any]:
    return {**use._asdict(), "since": _moment(use.since), "until": _moment(use.until)}


def _document(found: Found) -> dict[str, Any]:
    return {
        "written": found.writings,
        "uses": [_used(use) for use in found.uses],
        "acts": list(found.acts),
        "mentions": [mention._asdict() for mention in found.mentions],
    }


def _lines(found: Found) -> list[str]:
    """All that is held of a person, in words."""
    told_ = [f"{_row(text)}: {found.machines(text)} workstations" for text in found.of("same")]
    told_ += [
        f"{_row(text)}: {found.machines(text)} workstations, written otherwise: give it as well where it is the same person"
        for text in found.of("alike")
    ]
    for use in found.uses:
        until = f"until {_moment(use.until)}" if use.until is not None else "still"
        told_.append(
            f"  {_row(use.user, use.name, use.serial, use.site, use.service)}\tsince {_moment(use.since)}\t{until}"
        )
    told_ += [f"  {_row(*(f'{name} {value}' for name, value in act.items()))}" for act in found.acts]
    told_ += [
        f"  mentioned: {one.table}.{one.column}, {one.times} times, not erased: {_row(*one.examples)}"
        for one in found.mentions
    ]
    return told_ or ["nothing is held of that name"]


def _outcome(done: Done, folders: list[str]) -> dict[str, Any]:
    backups = [{"folder": folder, "there": Path(folder).exists()} for folder in folders]
    return {
        "entries": done.entries,
        "struck": done.struck,
        "views": done.views,
        "copies": done.copies,
        "problems": list(done.problems),
        "backups": backups,
    }


def _said(done: Done, folders: list[str], found: Found) -> list[str]:
    """What an erasure did, in words."""
    told_ = [f"erased: {done.entries} entries of the inventory"]
    told_ += [f"struck out: {done.struck} of ledgers"] if done.struck else []
    told_ += [f"erased: {done.views} saved views and addresses"] if done.views else []
    told_ += [f"erased: {count} entries of the copy {name}" for name, count in done.copies.items()]
    told_ += [
        f"a backup is there, and holds the name until it is removed; restoring it erases again: {line(folder)}"
        for folder in folders
        if Path(folder).exists()
    ]
    told_ += [f"not erased, written otherwise: {_row(text)}" for text in found.of("alike")]
    told_ += [
        f"not erased, mentioned in {one.table}.{one.column}: {_row(*one.examples)}" for one in found.mentions
    ]
    return told_


def _end(problems: Sequence[str]) -> None:
    for problem in problems:
        console.print(verbatim(problem))
    warn("what could not be done now is done at the next import or night, once its cause is gone")
    raise typer.Exit(PROBLEM)
