"""What Jauge takes of this machine: room on the disk, files of its own account, ports, optional parts, and how text is written."""

from __future__ import annotations

import contextlib
import importlib.util
import locale
import os
import pwd
import resource
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dashboard.words.catalogue import FOLDER, TRANSLATED
from exporters import pulse
from exporters.pulse import Pulse
from inventory.credentials import Secret, SecretMissingError, secrets
from inventory.estate import Estate
from inventory.guarding import exposed
from jauge.doctor import Finding, Severity
from jauge.files import Files
from jauge.guarding import kept

_LOW, _FULL = 0.10, 0.05
"""Shares of the disk that are free."""

_SOON: Final = 90.0
"""Days until the disk is full by what our own files take, from which it is said."""

_SPARE: Final = 64
"""Files that a process has open beside one for each connection."""


# --- disk ---------------------------------------------------------------------------------------------------


def disk(files: Files, told: Pulse) -> Iterator[Finding]:
    """Room on the disk of the data, and how our own files grow."""
    where = str(files.directory)
    place = next(path for path in (files.directory, *files.directory.absolute().parents) if path.exists())
    try:
        room = shutil.disk_usage(place)
    except OSError as error:
        yield Finding("disk", "error", where, f"cannot be looked at: {error.strerror}", "look at the mount")
        return
    share = room.free / room.total if room.total else 0.0
    grows = [rate for name in pulse.FILES if (rate := pulse.growth(told.sizes, name)) is not None]
    sizes = pulse.measure(files.directory)
    said = f"{_bytes(room.free)} of {_bytes(room.total)} free; our files take {_bytes(sum(sizes.values()))}"
    if grows:
        said += f" and grow by {_bytes(sum(grows))} a day"
    severity: Severity = "error" if share < _FULL else "warning" if share < _LOW else "fine"
    days = room.free / sum(grows) if grows and sum(grows) > 0 else None
    if days is not None and days < _SOON:
        said += f": full in {days:.0f} days by them alone"
        severity = "warning" if severity == "fine" else severity
    yield Finding("disk", severity, where, said, "free space, or enlarge it" if severity != "fine" else "")
    biggest = ", ".join(
        f"{name} {_bytes(size)}" for name, size in sorted(sizes.items(), key=lambda one: -one[1])
    )
    if biggest:
        yield Finding("disk", "fine", "our files", biggest)


def _bytes(size: float) -> str:
    """Bytes for people: 1.5 GB (10^9 bytes)."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(size) < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


# --- rights -------------------------------------------------------------------------------------------------


def rights(files: Files) -> Iterator[Finding]:
    """Owner and mode of the folder of the data and of what is in it, and whether they are ours at all."""
    owner = _owner(files.directory)
    if owner is not None and owner != os.geteuid():
        yield Finding(
            "rights",
            "advice",
            str(files.directory),
            f"belongs to {_name(owner)}; this command is run by {_name(os.geteuid())}",
            f"run it as the service is run, as another account sees other files: sudo -u {_name(owner)} jauge doctor ESTATE",
        )
    wrong = [said for path in kept(files) if (said := exposed(path)) and _owner(path) == (owner or 0)]
    for said in wrong:
        what, _, do = said.rpartition(": ")
        yield Finding("rights", "warning", str(files.directory), what, do)
    strangers = [path for path in kept(files) if _owner(path) not in (owner, None)]
    for path in strangers:
        yield Finding(
            "rights",
            "error",
            str(path),
            f"belongs to {_name(_owner(path) or 0)}, the folder to {_name(owner or 0)}: the service cannot write it",
            f"chown {_name(owner or 0)} {path}",
        )
    if owner is not None and not wrong and not strangers:
        yield Finding("rights", "fine", str(files.directory), "for its owner alone")


def hidden(estate: Estate) -> Iterator[Finding]:
    """Secrets that cannot be read, that others may read or change, or that stand in the estate itself."""
    every = {
        f"{name}.{dotted}": secret
        for name, credential in estate.credentials.items()
        for dotted, secret in secrets(credential).items()
    }
    found = [finding for name, secret in every.items() for finding in _hidden(name, secret)]
    yield from found
    if every and not found:
        yield Finding("secrets", "fine", "the estate", f"{len(every)} secrets can be read, by nobody else")


def _hidden(name: str, secret: Secret) -> Iterator[Finding]:
    if secret.origin == "inline":
        do = "write file:PATH, systemd:NAME or env:NAME in its place, and change the secret"
        yield Finding("secrets", "advice", name, "stands in the estate's file", do)
    if secret.path is not None and (said := exposed(secret.path, group=True)):
        what, _, do = said.rpartition(": ")
        yield Finding("secrets", "warning", name, what, f"{do}, and change the secret if it was read")
    try:
        secret.reveal()
    except SecretMissingError as error:
        yield Finding("secrets", "error", name, str(error), "put it there, readable for this account")


def _owner(path: Path) -> int | None:
    with contextlib.suppress(OSError):
        return path.stat().st_uid
    return None


def _name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except (KeyError, OverflowError):
        return f"account {number}"


# --- optional parts, limits, text ---------------------------------------------------------------------------


def parts(estate: Estate) -> Iterator[Finding]:
    """What is asked for and not installed, and limits of this process."""
    wanted = [
        ("typst", "typst", "the committee's file as PDF", True, "pip install typst"),
        ("python-ldap", "ldap", "logins by LDAP", estate.access.ldap is not None, "make ldap"),
        (
            "apprise",
            "apprise",
            "messages to chats and webhooks",
            estate.notices is not None,
            "pip install apprise",
        ),
    ]
    for name, module, what, asked, do in wanted:
        there = importlib.util.find_spec(module) is not None
        if not there and asked:
            severity: Severity = "advice" if module == "typst" else "error"
            yield Finding("parts", severity, name, f"is not installed: {what} needs it", do)
        elif there:
            yield Finding("parts", "fine", name, f"is there, for {what}")
    yield _fonts()
    yield _open_files(len(estate.targets))


def _fonts() -> Finding:
    """Whether a page can be set: typst brings its own fonts along."""
    if importlib.util.find_spec("typst") is None:
        return Finding("parts", "fine", "fonts", "none is needed without typst")
    import typst  # noqa: PLC0415 - 80 MB that only this needs

    try:
        text = "#set page(width: 200pt, height: 40pt)\nœuvre, prévu, ≤ 80 %"
        typst.Compiler(text.encode(), ignore_system_fonts=True).compile(format="pdf")
    except (RuntimeError, ValueError, OSError) as error:
        said = str(error).splitlines()[0][:200]
        return Finding(
            "parts",
            "warning",
            "fonts",
            f"no page of the committee's file can be set: {said}",
            "install typst anew",
        )
    return Finding("parts", "fine", "fonts", "a page of the committee's file can be set")


def _open_files(targets: int) -> Finding:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    said = f"{most} files may be open, for {targets} targets"
    if most != resource.RLIM_INFINITY and most < targets + _SPARE:
        return Finding("parts", "advice", "open files", said, "raise LimitNOFILE= of the service (ulimit -n)")
    return Finding("parts", "fine", "open files", said)


def texts() -> Iterator[Finding]:
    """Whether names with accents can be written here, and the pages are translated."""
    encoding = locale.getencoding()
    if encoding.lower().replace("-", "") == "utf8":
        yield Finding("locale", "fine", "this machine", "text is UTF-8")
    else:
        said = f"text is {encoding}: names with accents show as codes in what commands print"
        yield Finding("locale", "advice", "this machine", said, "export LANG=C.UTF-8")
    if sys.flags.utf8_mode == 0 and sys.getfilesystemencoding().lower() != "utf-8":
        yield Finding(
            "locale",
            "warning",
            "file names",
            f"are {sys.getfilesystemencoding()}",
            "export LANG=C.UTF-8 for the service",
        )
    for language in TRANSLATED:
        file = FOLDER / language / "LC_MESSAGES" / "jauge.po"
        if file.exists():
            yield Finding("locale", "fine", language, "its texts are there")
        else:
            yield Finding("locale", "error", language, f"its texts are missing: {file}", "install Jauge anew")
