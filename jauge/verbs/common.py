"""What the verbs share: arguments, output, and how a failure is told."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import os
import pwd
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from inventory.harmless import clean
from jauge.files import Files, beside

if TYPE_CHECKING:
    from inventory.estate import Estate

PROBLEM = 1
"""Exit status of something that went wrong; 2 is a wrong use of the command, 0 all well."""

_NOBODY: Final = 2**32 - 1

REACHED = 3
"""Exit status of a threshold that was asked about, and is reached."""

EstatePath = Annotated[
    Path,
    typer.Argument(metavar="ESTATE", help="The estate: a file, or a folder of *.yml.", show_default=False),
]
DataPath = Annotated[
    Path | None,
    typer.Option(
        "--data",
        envvar="JAUGE_DATA",
        help="Directory of history, plan and state (data, beside the estate).",
        show_default=False,
    ),
]

_LONGEST: Final = 256 * 1024
"""Bytes of one message."""

console = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(message: str, status: int = PROBLEM) -> NoReturn:
    """Say what went wrong, and end."""
    console.print("[bold red]jauge:[/]", verbatim(message))
    raise typer.Exit(status)


def warn(message: str) -> None:
    """Say what somebody should look at, and go on."""
    console.print("[bold yellow]jauge:[/]", verbatim(message))


def verbatim(text: str) -> Text:
    """Text that rich prints as it stands: no markup is read in it, no `:name:` becomes a picture, and nothing in it
    steers the reader's screen, wherever it came from."""
    return Text(clean(text, _LONGEST))


def sound(path: Path) -> Estate:
    """The estate, its packages looked at too. Raises EstateError with all that is wrong with it."""
    from inventory.checking import load  # noqa: PLC0415 - what an estate may say costs a quarter of a second

    found = load(path)
    if found.packages:
        from collectors import packages  # noqa: PLC0415 - what a family may hold costs half a second

        packages.load(found.packages)
    return found


def estate_of(path: Path, *, polled: bool = False) -> Estate:
    """The estate, or the end of the command with all that is wrong with it, and where it is polled with its packages."""
    from inventory.checking import EstateError, load  # noqa: PLC0415 - as above

    try:
        return sound(path) if polled else load(path)
    except EstateError as error:
        for problem in error.problems:
            console.print(verbatim(str(problem)))
        fail(f"{path} cannot be used: {len(error.problems)} error{'s' if len(error.problems) > 1 else ''}")


def any_estate(path: Path) -> Estate | None:
    """The estate; None where there is no such file, which verbs of the inventory can do without."""
    return estate_of(path) if path.exists() else None


def user() -> str:
    """Who gives this command, for the log of decisions: who logged in, as the kernel knows it also behind sudo, else the account
    of the process; in a container often a number without a name. No variable of the environment is believed."""
    for number in (_logged_in(), os.getuid()):
        with contextlib.suppress(KeyError, OverflowError):
            return pwd.getpwuid(number).pw_name
    return f"uid {os.getuid()}"


def _logged_in() -> int:
    """The account that logged in to the session of this process (Linux: /proc/self/loginuid); its own where nobody did."""
    try:
        found = int(Path("/proc/self/loginuid").read_text("ascii"))
    except (OSError, ValueError):
        return os.getuid()
    return os.getuid() if found == _NOBODY else found


def files_of(path: Path, data: Path | None) -> Files:
    """The files of an estate, their directory made."""
    try:
        return beside(path, data).make()
    except OSError as error:
        fail(f"cannot make the data directory: {error.strerror}: {error.filename}")


@contextlib.contextmanager
def told(*kinds: type[Exception]) -> Iterator[None]:
    """End the command with the message of an expected failure, without a trace."""
    try:
        yield
    except kinds as error:
        fail(str(error))


def finite(content: Any) -> Any:
    """What JSON knows, of anything that a verb found: days as texts, and null for what is not a number."""
    if isinstance(content, Mapping):
        return {str(key): finite(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [finite(value) for value in content]
    if isinstance(content, dt.date):
        return content.isoformat()
    return None if isinstance(content, float) and not math.isfinite(content) else content


@contextlib.contextmanager
def working(what: str) -> Iterator[None]:
    """Say that something is being done, on a terminal."""
    if not console.is_terminal:
        yield
        return
    with console.status(what):
        yield


def plainly(text: str) -> None:
    """Print to standard output, byte for byte."""
    sys.stdout.write(text)
    sys.stdout.flush()
