"""`jauge user`, `jauge token` and `jauge audit`: who may see the pages, which programs may read them, and who did what."""

from __future__ import annotations

import datetime as dt
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from dashboard.access import tokens, users
from inventory.state import State, contacts, open_state
from inventory.state import audit as ledger
from inventory.state.schema import StateError
from jauge.verbs.common import DataPath, any_estate, estate_of, fail, files_of, plainly, told
from jauge.verbs.common import user as by
from jauge.verbs.listing import asked_day, today_of

user = typer.Typer(help="Users of the pages.", no_args_is_help=True)
token = typer.Typer(help="Tokens of programs that read as a user.", no_args_is_help=True)

Estate = Annotated[Path, typer.Option(help="The estate, for the place of its data.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the user.", show_default=False)]
Role = Annotated[str, typer.Option(help=f"One of {', '.join(users.ROLES)}.")]
PasswordFile = Annotated[
    Path | None, typer.Option(help="Read the password from a file, - for standard input.", show_default=False)
]


@user.command("add")
def add_user(
    name: Name,
    role: Role = "viewer",
    password_file: PasswordFile = None,
    estate: Estate = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Add a user. The password is asked for, or read from a file: never given on the command line."""
    state = state_of(estate, data)
    with told(users.UserError, StateError):
        added = users.add(state, name, role, _password(password_file))
    plainly(f"user {added.name} added, {added.role}\n")


@user.command("change")
def change_user(
    name: Name,
    role: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(users.ROLES)}.", show_default=False)
    ] = None,
    password: Annotated[bool, typer.Option("--password", help="Give a new password.")] = False,
    password_file: PasswordFile = None,
    estate: Estate = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Give a user another role or password. They are logged out everywhere."""
    state = state_of(estate, data)
    if role is None and not password and password_file is None:
        fail("nothing to change: give --role or --password", status=2)
    with told(users.UserError, StateError):
        new = _password(password_file) if password or password_file else None
        changed = users.change(state, name, role, new)
    plainly(f"user {changed.name} changed, {changed.role}\n")


@user.command("remove")
def remove_user(name: Name, estate: Estate = Path("estate.yml"), data: DataPath = None) -> None:
    """Remove a user. They are logged out everywhere."""
    with told(users.UserError, StateError):
        users.remove(state_of(estate, data), name)
    plainly(f"user {name} removed\n")


@user.command("notify")
def notify_user(
    name: Name,
    address: Annotated[
        str | None, typer.Argument(metavar="ADDRESS", help="E-mail address.", show_default=False)
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help="Tell this kind instead of those of the role; may be given several times.",
            show_default=False,
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(help="Language of messages: en or fr; the estate's when left out.", show_default=False),
    ] = None,
    test: Annotated[
        bool,
        typer.Option(
            "--test",
            help="Send one message now, to see that it arrives; to the address that is kept where none is given.",
        ),
    ] = False,
    estate: Estate = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Send a user what is new to them (see `jauge digest`) at an address; without an address and --test, nothing any more.

    With --test it ends with status 1 where the message was not taken; an address that was given is kept all the same.
    """
    state = state_of(estate, data)
    with told(contacts.ContactError, StateError):
        if address is None and not test:
            known = contacts.remove(state, name)
            plainly(f"user {name} is told nothing any more\n" if known else f"user {name} was told nothing\n")
            return
        if address is not None:
            contacts.put(state, name, address, tuple(kind) if kind else None, language)
            plainly(f"user {name} is told by e-mail\n")
    if test:
        _try_out(estate, state, name)


def _try_out(estate: Path, state: State, name: str) -> None:
    from exporters.messages import DeliveryError  # noqa: PLC0415 - pandas costs half a second
    from jauge.digests import TrialError, try_out  # noqa: PLC0415

    with told(TrialError, DeliveryError, StateError):
        to = try_out(estate_of(estate), state, name, time.time())
        ledger.note(state, by(), "message sent to try an address", name, "command line")
    plainly(f"the server took a message for {to}: ask {name} whether it arrived\n")


@user.command("list")
def list_users(estate: Estate = Path("estate.yml"), data: DataPath = None) -> None:
    """List the users and their roles; of who is known elsewhere, those who are logged in, and where they are known."""
    with told(StateError):
        for one in users.listed(state_of(estate, data)):
            fields = (one.name, one.role) if one.origin == "local" else (one.name, one.role, one.origin)
            plainly("\t".join(fields) + "\n")


@token.command("create")
def create_token(
    name: Name,
    until: Annotated[
        str,
        typer.Option(
            metavar="YYYY-MM-DD",
            help=f"Its last day, {tokens.LONGEST} days ahead at most.",
            show_default=False,
        ),
    ],
    role: Role = "viewer",
    title: Annotated[
        str, typer.Option("--name", help="What it is for, for who looks at the list.", show_default=False)
    ] = "",
    estate: Estate = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Make a token of a user. It is printed once, and may do what its role may, but never more than the user."""
    state, today = state_of(estate, data), today_of(any_estate(estate))
    last = asked_day(until, "--until") or today
    with told(users.UserError, tokens.TokenError, StateError):
        made = tokens.create(state, name, role, last, today, title)
    plainly(made + "\n")


@token.command("list")
def list_tokens(estate: Estate = Path("estate.yml"), data: DataPath = None) -> None:
    """List the tokens: mark, user, role, last day, last use, and what each is for."""
    today = today_of(any_estate(estate))
    with told(StateError):
        for one in tokens.listed(state_of(estate, data)):
            last = f"{one.until} (over)" if one.is_over(today) else str(one.until)
            used = "never" if one.seen is None else _moment(one.seen)
            plainly("\t".join((one.mark, one.user.name, one.role, last, used, one.name)) + "\n")


@token.command("end")
def end_token(
    mark: Annotated[str, typer.Argument(metavar="MARK", help="Its mark, as listed.", show_default=False)],
    estate: Estate = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """End a token, by its mark: it counts no more from now on."""
    with told(tokens.TokenError, StateError):
        user = tokens.end(state_of(estate, data), mark)
    plainly(f"token {mark} of {user} ended\n")


def audit(
    limit: Annotated[int, typer.Option(min=1, help="Newest rows to show.")] = 50,
    estate: Estate = Path("estate.yml"),
    data: DataPath = None,
) -> None:
    """Show who did what, newest first, and check that no row was changed or removed."""
    state = state_of(estate, data)
    with told(StateError):
        for entry in ledger.entries(state, limit):
            plainly(f"{_moment(entry.at)}\t{entry.who}\t{entry.action}\t{entry.detail}\t{entry.source}\n")
        broken = ledger.verify(state)
    if broken is not None:
        fail(f"the audit log was tampered with at row {broken.id}: {broken.reason}")


def _moment(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).isoformat(timespec="seconds")


def state_of(estate: Path, data: Path | None) -> State:
    """The state of an estate, or the end of the command."""
    if data is None and not estate.exists():
        fail(f"there is no {estate}: name the estate (--estate) or its data directory (--data)", status=2)
    with told(StateError):
        return open_state(files_of(estate, data).state)


def _password(file: Path | None) -> str:
    if file is None:
        answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return answer
    try:
        return (sys.stdin.readline() if str(file) == "-" else file.read_text("utf-8")).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"cannot read the password file {file}: {getattr(error, 'strerror', 'it is not text')}")
