"""A run of digests: look, write down what is new for each person, and send what waits.

A run may be killed anywhere: the next one goes on where it was (`inventory.state.outbox`). One runs at a time.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from dashboard.data import Data
from dashboard.digest import Digest, digest, letter, trial
from dashboard.notices import Found, Looked, look
from dashboard.texts import LANGUAGES, Language, Texts
from exporters.messages import DeliveryError, hooks
from exporters.messages.mail import Mailer
from inventory.access import Role
from inventory.credentials import Apprise, Smtp
from inventory.estate import Estate
from inventory.notices import Kind, Mail, Notices
from inventory.state import State, contacts, notices, outbox
from inventory.state.notices import Notice
from inventory.state.outbox import DIGEST, URGENT, Draft, Message

ESTATE: Final = "estate:"
"""What the owner of a recipient of the estate begins with."""


@dataclasses.dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is told: `address` is an e-mail address, or "" where `hook` says where a chat takes messages."""

    id: int
    name: str
    role: Role
    kinds: tuple[Kind, ...]
    address: str
    language: Language
    hook: Apprise | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """A message of a run: to whom, and what it says."""

    person: Person
    digest: Digest


@dataclasses.dataclass(slots=True)
class Done:
    """What a run did: how many messages were sent, and why others were not."""

    sent: int = 0
    problems: list[str] = dataclasses.field(default_factory=list)


class Run:
    """One run for an estate. `url` is the address of the pages, where it is known, `problems` is why a message was not written."""

    def __init__(self, data: Data, rules: Notices, state: State, url: str | None) -> None:
        self.data = data
        self.rules = rules
        self.state = state
        self.url = url
        self.estate: Estate = data.estate
        self.problems: list[str] = []

    @property
    def is_quiet(self) -> bool:
        """Whether nothing but what is urgent is sent now."""
        now = dt.datetime.fromtimestamp(self.data.clock(), self.data.zone)
        return self.rules.quiet is not None and self.rules.quiet.at(now)

    def prepare(self, seen: Looked | None = None) -> list[Told]:
        """Bring the notices up to now, and write down what is new for each person, all of it or nothing.

        Raises StateError.
        """
        looked = seen if seen is not None else self.look()
        with self.state.write() as connection:
            return self._compose(connection, looked)

    def preview(self) -> list[Told]:
        """What would be sent now. The state stays as it is. Raises StateError."""
        looked = self.look()
        with contextlib.suppress(_Undone), self.state.write() as connection:
            told = self._compose(connection, looked)
            raise _Undone  # the transaction goes with it
        return told

    def look(self) -> Looked:
        """What needs somebody now."""
        with self.state.read() as connection:
            now = self.data.clock()
            refused = tuple(one.name for one in contacts.listed(connection, now) if one.error)
            refused += tuple(
                name for (name,) in connection.execute(
                    "SELECT name FROM contact WHERE error IS NOT NULL AND owner LIKE 'estate:%'"
                )
            )  # fmt: skip
        return look(self.data, self.rules, refused)

    def observe(self) -> list[tuple[Notice, Found]]:
        """Bring the notices up to now, and give those that are open with what was found of them, in its order. Raises StateError."""
        looked, now = self.look(), self.data.clock()
        with self.state.write() as connection:
            notices.observe(connection, (one.sighting for one in looked.found), looked.known, now)
            known = {(one.kind, one.subject): one for one in notices.opened(connection, now)}
        return [(known[key], one) for one in looked.found if (key := (one.kind, one.subject)) in known]

    def _compose(self, connection: sqlite3.Connection, looked: Looked) -> list[Told]:
        now, quiet = self.data.clock(), self.is_quiet
        notices.observe(connection, (one.sighting for one in looked.found), looked.known, now)
        outbox.clear(connection)
        outbox.forget(connection, now)
        found: dict[tuple[str, str], Found] = {(one.kind, one.subject): one for one in looked.found}
        every = [one for one in notices.opened(connection, now) if (one.kind, one.subject) in found]
        free = [one for one in every if one.is_told(now) and (not quiet or one.kind in self.rules.urgent)]
        told = []
        for person in self.people(connection):
            mine = [one for one in free if one.kind in person.kinds]
            new = outbox.untold(connection, person.id, mine)
            if not new:
                continue
            all_mine = [one for one in every if one.kind in person.kinds]
            again = len(all_mine) - len(outbox.untold(connection, person.id, all_mine))
            made = self._written(person, [found[one.kind, one.subject] for one in new], again)
            if made is not None:
                said, draft = made
                outbox.add(connection, person.id, URGENT if quiet else DIGEST, draft, new, now)
                told.append(Told(person, said))
        return told

    def people(self, connection: sqlite3.Connection) -> list[Person]:
        """Everybody who may be told anything: users who gave an address, then the recipients of the estate."""
        default, rules = self.estate.language, self.rules
        found = [
            Person(
                one.id, one.name, one.role, one.kinds or rules.hears.of(one.role), one.address,
                "fr" if (one.language or default) == "fr" else "en",
            )
            for one in contacts.listed(connection, self.data.clock())
            if one.role is not None and rules.mail is not None
        ]  # fmt: skip
        for each in rules.recipients:
            number = contacts.declared(connection, ESTATE + each.name, each.name)
            kinds = each.kinds or rules.hears.of(each.role)
            found.append(
                Person(
                    number,
                    each.name,
                    each.role,
                    kinds,
                    each.email or "",
                    each.language or default,
                    self._hook(each.credential),
                )
            )
        return found

    def _hook(self, name: str | None) -> Apprise | None:
        found = self.estate.credentials.get(name or "")
        return found if isinstance(found, Apprise) else None

    def _written(self, person: Person, found: Sequence[Found], again: int) -> tuple[Digest, Draft] | None:
        """The message to a person in their language; in another one where it cannot be written in that; None where in none.

        That is a fault of ours, which must keep nobody else waiting: who is not told now is told by a later run.
        """
        for language in dict.fromkeys((person.language, *LANGUAGES)):
            reader = dataclasses.replace(person, language=language)
            try:
                said = self._said(reader, found, again)
                return said, self._draft(reader, said)
            except Exception as error:  # noqa: BLE001 - as above; its text may be a device's
                self.problems.append(
                    f"the message to {person.name} cannot be written in {language} ({type(error).__name__}): please report this"
                )
        return None

    def _said(self, person: Person, found: Sequence[Found], again: int) -> Digest:
        t = Texts(person.language, self.data.zone)
        return digest(found, again, self.estate.title or "Jauge", person.role, self.url, t)

    def _draft(self, person: Person, said: Digest) -> Draft:
        mark = f"jauge.{secrets.token_hex(16)}"
        if person.hook is not None:
            return Draft(mark, json.dumps({"title": said.title, "text": said.text}).encode())
        if self.rules.mail is None:
            raise ValueError("an address without a server")
        at = dt.datetime.fromtimestamp(self.data.clock(), self.data.zone).replace(microsecond=0)
        return Draft(mark, letter(mark, self.rules.mail.sender, person.address, at, said, person.language))

    # --- sending --------------------------------------------------------------------------------------

    def send(self, done: Done) -> None:
        """Send what waits, but for what quiet hours hold back. Raises StateError."""
        with self.state.write() as connection:
            people = {one.id: one for one in self.people(connection)}
            addressed = dict(connection.execute("SELECT id, address FROM contact").fetchall())
        done.problems += self.problems
        quiet, is_down = self.is_quiet, False
        with self._mailer() as mailer:
            for message in outbox.waiting(self.state):
                person = people.get(message.contact)
                to = person.address if person is not None else addressed.get(message.contact, "")
                hook = person.hook if person is not None else None
                if (quiet and message.about != URGENT) or (
                    hook is None and (mailer is None or not to or is_down)
                ):
                    continue
                name = person.name if person is not None else to
                try:
                    outbox.deliver(
                        self.state, message, _post(message, name, to, hook, mailer), self.data.clock()
                    )
                except DeliveryError as error:
                    is_down = is_down or (error.everywhere and hook is None)
                    self._failed(message, name, error, done)
                else:
                    done.sent += 1
                    outbox.refuse(self.state, message.contact, None)

    def _failed(self, message: Message, name: str, error: DeliveryError, done: Done) -> None:
        done.problems.append(str(error) if error.everywhere else f"{name}: {error}")
        if not error.everywhere and not error.passing:
            outbox.refuse(self.state, message.contact, str(error))

    def _mailer(self) -> contextlib.AbstractContextManager[Mailer | None]:
        mail = self.rules.mail
        return contextlib.nullcontext() if mail is None else _opened(self.estate, mail)


@contextlib.contextmanager
def _opened(estate: Estate, mail: Mail) -> Iterator[Mailer]:
    """The server of an estate that takes e-mail, until the end of the block."""
    login = estate.credentials.get(mail.credential or "")
    mailer = Mailer(mail, login.smtp if isinstance(login, Smtp) else None)
    try:
        yield mailer
    finally:
        mailer.close()


class TrialError(Exception):
    """No message can be sent to try an address: the message says why."""


def try_out(estate: Estate, state: State, user: str, now: float) -> str:
    """Send a user one message that tells nothing but that it arrived, quiet hours or not; the address it went to.

    Raises TrialError, DeliveryError.
    """
    mail = estate.notices.mail if estate.notices else None
    if mail is None:
        raise TrialError(
            "the estate names no server for e-mail: write mail in its section notices (docs/digests.md)"
        )
    known = contacts.one(state, user)
    if known is None:
        raise TrialError(f"no address of {user[:64]} is known: give one")
    if known.role is None:
        raise TrialError(f"{user[:64]} is told nothing any more: they have not logged in for a long time")
    language: Language = "fr" if (known.language or estate.language) == "fr" else "en"
    zone = ZoneInfo(estate.timezone)
    at = dt.datetime.fromtimestamp(now, zone).replace(microsecond=0)
    said = trial(estate.title or "Jauge", Texts(language, zone))
    content = letter(f"jauge.{secrets.token_hex(16)}", mail.sender, known.address, at, said, language)
    with _opened(estate, mail) as mailer:
        mailer.send(known.address, content, lambda: None)
    return known.address


class _Undone(Exception):  # noqa: N818 - nothing is wrong
    pass


def _post(
    message: Message, name: str, to: str, hook: Apprise | None, mailer: Mailer | None
) -> Callable[[Callable[[], None]], None]:
    """What sends a message, given what is called just before its last part leaves."""
    if hook is not None:
        said = json.loads(message.content)
        return lambda claim: hooks.post(name, hook, said["title"], said["text"], message.mark, claim)
    if mailer is None:
        raise ValueError("an address without a server")
    return lambda claim: mailer.send(to, message.content, claim)
