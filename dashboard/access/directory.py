"""Logins by a directory (LDAP, RFC 4511 to 4519): the entry is looked for by an account of ours, then its password is tried.

python-ldap is asked for where a directory is declared, and nowhere else: it is an extra of the program (`make ldap`). Who is
unknown costs the directory as much as who is known: a password is tried either way.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

import structlog

from collectors.poll import PollError
from dashboard.access import relay
from dashboard.access.outsiders import Outsider, RefusedError
from inventory.access import Directory
from inventory.credentials import LdapLogin, SecretMissingError
from inventory.harmless import line

log = structlog.get_logger(__name__)

ANSWER: Final = 3.0
"""Seconds within which a server has to connect, and to answer each request."""

PATIENCE: Final = 10.0
"""Seconds after which no further server is asked."""

_IN_CHAIN: Final = "1.2.840.113556.1.4.1941"
"""LDAP_MATCHING_RULE_IN_CHAIN of Active Directory ([MS-ADTS] 3.1.1.3.4.4.3): members of groups in groups."""

_NOTHING: Final = "1.1"
"""No attribute at all (RFC 4511, 4.5.1.8)."""

_REST: Final = 300.0
"""Seconds that our own account is left alone after it was refused, or it would be locked."""

_at_once: Final = threading.BoundedSemaphore(3)
"""Threads that wait for a directory: strangers must not decide how many, and one is left for who is logged in."""

_refused: dict[bytes, float] = {}
"""When our own account was refused, by a digest of what it logged in with."""


def person(directory: Directory, login: LdapLogin, name: str, password: str) -> Outsider | None:
    """Who has that name and password in the directory, None where either is wrong. Raises RefusedError.

    The first server that answers is believed. `password` is never empty: servers take that for somebody who does not log in at
    all, and say yes (RFC 4513, 5.1.2).
    """
    if not password:
        return None
    if not _at_once.acquire(blocking=False):
        raise RefusedError("down", "too many logins wait for the directory already")
    try:
        return _first(directory, login, name, password)
    finally:
        _at_once.release()


def _first(directory: Directory, login: LdapLogin, name: str, password: str) -> Outsider | None:
    ldap, end, why = _library(), time.monotonic() + PATIENCE, ""
    for server in directory.servers:
        if time.monotonic() >= end:
            break
        try:
            return _asked(ldap, directory, login, server, name, password)
        except (ldap.LDAPError, PollError) as error:
            why = f"{server}: {_said(error)}"
            log.warning("directory not asked", why=why)
    raise RefusedError("down", f"no server of the directory answers, the last one tried: {why}")


def _asked(
    ldap: Any, directory: Directory, login: LdapLogin, server: str, name: str, password: str
) -> Outsider | None:
    """What one server says. Raises LDAPError or PollError where it cannot be asked."""
    with _connected(ldap, directory, server) as ours:
        _log_in(ldap, ours, login, server)
        found = _entry(ldap, ours, directory, name)
        # Nobody's entry, where there is none: the server is asked as often, and says no.
        entry = found[0] if found else f"{directory.name}=nobody-{secrets.token_hex(8)},{directory.base}"
        with _connected(ldap, directory, server) as theirs:
            try:
                theirs.simple_bind_s(entry, password)
            except _wrong(ldap):
                return None
        if found is None:
            return None
        role = directory.roles.best(lambda group: _is_member(ldap, ours, directory, group, *found))
        return Outsider(found[1], role, "ldap", entry)


@contextlib.contextmanager
def _connected(ldap: Any, directory: Directory, server: str) -> Iterator[Any]:
    """A connection over TLS, whose certificate was checked. Raises PollError."""
    wire = relay.connect(server, directory.ca, ANSWER)
    with relay.relayed(wire, PATIENCE) as descriptor:
        connection = ldap.initialize("ldap://", fileno=descriptor)
        connection.set_option(ldap.OPT_PROTOCOL_VERSION, ldap.VERSION3)
        connection.set_option(
            ldap.OPT_REFERRALS, 0
        )  # what a referral leads to is no server that the estate names
        connection.set_option(ldap.OPT_TIMEOUT, ANSWER)
        try:
            yield connection
        finally:
            with contextlib.suppress(ldap.LDAPError):
                connection.unbind_s()


def _log_in(ldap: Any, connection: Any, login: LdapLogin, server: str) -> None:
    """Log in as our own account. Raises RefusedError where that is refused: then no other server is tried."""
    try:
        password = login.password.reveal()
    except SecretMissingError as error:
        raise RefusedError("down", str(error)) from None
    key = hashlib.sha256(f"{server}\0{login.user}\0{password}".encode()).digest()
    if time.monotonic() - _refused.get(key, -_REST) < _REST:
        raise RefusedError(
            "down", f"{server} refused {login.user} a moment ago: it is left alone for a while"
        )
    try:
        connection.simple_bind_s(login.user, password)
    except ldap.INVALID_CREDENTIALS:
        _refused.clear()
        _refused[key] = time.monotonic()
        raise RefusedError("down", f"{server} refuses {login.user}: look at its password") from None


def _entry(ldap: Any, connection: Any, directory: Directory, name: str) -> tuple[str, str] | None:
    """The entry that bears a name, and the name as the directory spells it; None where there is none, or several."""
    wanted = f"(&{directory.filter}({directory.name}={ldap.filter.escape_filter_chars(name)}))"
    try:
        rows = connection.search_ext_s(
            directory.base, ldap.SCOPE_SUBTREE, wanted, [directory.name], timeout=ANSWER, sizelimit=2
        )
    except ldap.SIZELIMIT_EXCEEDED:
        rows = []
    entries = [(entry, attributes) for entry, attributes in rows if entry]  # the others are referrals
    if len(entries) != 1:
        return None
    entry, attributes = entries[0]
    spelled = [value.decode("utf-8", "replace") for values in attributes.values() for value in values]
    own = next((value for value in spelled if value.casefold() == name.casefold()), None)
    return (entry, own) if own is not None else None


def _is_member(ldap: Any, connection: Any, directory: Directory, group: str, entry: str, name: str) -> bool:
    """Whether a group has somebody as its member: the group is asked, as not every directory keeps groups with people."""
    escape = ldap.filter.escape_filter_chars
    if directory.nested:
        wanted = f"(member:{_IN_CHAIN}:={escape(entry)})"
    else:
        wanted = f"(|(member={escape(entry)})(uniqueMember={escape(entry)})(memberUid={escape(name)}))"
    try:
        rows = connection.search_ext_s(group, ldap.SCOPE_BASE, wanted, [_NOTHING], timeout=ANSWER)
    except ldap.NO_SUCH_OBJECT:
        log.warning("group not in the directory", group=line(group, 200))
        return False
    return any(found for found, _ in rows)


def _wrong(ldap: Any) -> tuple[type[Exception], ...]:
    """How servers refuse a password, an account that is locked, or one that has no password."""
    return (
        ldap.INVALID_CREDENTIALS,
        ldap.INAPPROPRIATE_AUTH,
        ldap.UNWILLING_TO_PERFORM,
        ldap.CONSTRAINT_VIOLATION,
        ldap.NO_SUCH_OBJECT,
        ldap.INVALID_DN_SYNTAX,
    )


def _library() -> Any:
    """python-ldap. Raises RefusedError where it is not installed."""
    try:
        import ldap  # noqa: PLC0415 - an extra: not where no directory is declared
        import ldap.filter  # noqa: PLC0415 - likewise
    except ImportError:
        raise RefusedError("down", "logins by LDAP need python-ldap: run `make ldap`") from None
    return ldap


def _said(error: Exception) -> str:
    """What an error says, without what was sent."""
    if isinstance(error, PollError):
        return str(error)
    told = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    parts = (told.get("desc"), told.get("info"))
    return line("; ".join(str(part) for part in parts if part) or type(error).__name__, 200)
