"""The committee's file by e-mail: on its days, once to each address, by the same outbox as digests."""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from dashboard.digest import Digest, File, letter
from dashboard.report.issuing import TYPES
from dashboard.texts import Texts, plain
from inventory.notices import Committee, Mail
from inventory.state import contacts, outbox
from inventory.state.outbox import Draft
from jauge.digests import Run
from jauge.supervisor import finish, jauge, start

LATE: Final = 7
"""Days after which a file that was not sent is not sent any more: the machine was off, or the setting is new."""

_PATIENCE: Final = 1800.0
_PREFIX: Final = "report-to-send-"


class ReportError(Exception):
    """The file could not be made: the message says why."""


def prepare(run: Run, estate: Path, directory: Path) -> None:
    """Make the file where its day has come, and write it down for each address that was not sent it. Raises ReportError, StateError."""
    rules, mail = run.rules.report, run.rules.mail
    if rules is None or mail is None:
        return
    now = dt.datetime.fromtimestamp(run.data.clock(), run.data.zone)
    day, before = rules.days(now.date())
    is_early = day == now.date() and now.strftime("%H:%M") < rules.at
    if is_early or (now.date() - day).days > LATE:
        return
    about = f"report {day.isoformat()}"
    with run.state.write() as connection:
        known = {to: contacts.declared(connection, f"report:{to}", to) for to in dict.fromkeys(rules.to)}
        missing = {to: one for to, one in known.items() if not outbox.has(connection, one, about)}
    if not missing:
        return
    said, found = _said(run, rules, day, before), _made(run, rules, before, estate, directory)
    with run.state.write() as connection:
        for to, contact in missing.items():
            connection.execute("UPDATE contact SET address = ? WHERE id = ?", (to, contact))
            draft = _draft(mail, to, now, said, _language(run, rules), found)
            outbox.add(connection, contact, about, draft, (), run.data.clock())


def _language(run: Run, rules: Committee) -> str:
    return rules.language or run.estate.language


def _said(run: Run, rules: Committee, day: dt.date, before: dt.date) -> Digest:
    t = Texts("fr" if _language(run, rules) == "fr" else "en", run.data.zone)
    hospital = plain(run.estate.title) or "Jauge"
    title = t("notices.report.subject", hospital=hospital, day=t.day(day))
    return Digest(title, t("notices.report.text", day=t.day(day), since=t.day(before)) + "\n", "")


def _draft(mail: Mail, to: str, at: dt.datetime, said: Digest, language: str, found: list[File]) -> Draft:
    mark = f"jauge.{secrets.token_hex(16)}"
    return Draft(mark, letter(mark, mail.sender, to, at.replace(microsecond=0), said, language, found))


def _made(run: Run, rules: Committee, before: dt.date, estate: Path, directory: Path) -> list[File]:
    """The files, by `jauge report`: in a process of its own, which gives back the memory that they took."""
    for left in directory.glob(f"{_PREFIX}*"):  # of a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=directory) as folder:
        command = [*jauge("report"), str(estate), "--data", str(directory), "--output", folder]
        command += ["--lang", _language(run, rules), "--since", before.isoformat()]
        command += [word for form in rules.formats for word in ("--format", form)]
        process = start(command, stdout=subprocess.DEVNULL)
        finish(process, time.monotonic() + _PATIENCE)  # why it fails, it says itself
        if process.returncode != 0:
            raise ReportError("the committee's file was not made: see what jauge report says")
        return [
            File(path.name, TYPES[form], path.read_bytes())
            for form in rules.formats
            for path in sorted(Path(folder).glob(f"*.{form}"))
        ]
