"""Making targets of a list's entries: which would be added to an estate, and why each other one is not."""

from __future__ import annotations

import dataclasses
import fnmatch
import ipaddress
import re
import unicodedata
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from inventory.estate import Estate, Target
from inventory.harmless import line
from inventory.imports import ImportFailedError
from inventory.imports.sheets import plain
from inventory.roster.entries import Entry, Field, Remark, Roster, Spot
from inventory.roster.rules import Mapping, Rule

CREDENTIAL: Final = "imported-snmp"
"""Credential of targets for which neither the list, nor a rule, nor the estate's defaults name one."""

LIMIT: Final = 50_000
"""Devices of one list."""

LONGEST: Final = 200
"""Characters of a text that a target keeps."""

ALIKE: Final = 100
"""Sites whose names differ in nothing but what no name may hold."""

_FORMULA: Final = ("=", "+", "@")
_GAPS: Final = re.compile(r"[^A-Za-z0-9._-]+")
_ADDRESSES: Final = re.compile(r"[\s,;]+|\$#\$|\$\$##\$\$")
"""What stands between several addresses, that of GLPI's own separators too."""
_PROTOCOLS: Final = ("credential", "snmp", "ssh", "dicom", "mllp", "http", "host")
_KEPT: Final[tuple[Field, ...]] = ("role", "service", "directorate")


@dataclasses.dataclass
class Enrolment:
    """What a list brings. `targets` are settings as the estate's file writes them; a site's value is its title, where it has one."""

    targets: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    sites: dict[str, str | None] = dataclasses.field(default_factory=dict)
    credentials: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    refused: list[Remark] = dataclasses.field(default_factory=list)
    left: list[Remark] = dataclasses.field(default_factory=list)
    differs: list[Remark] = dataclasses.field(default_factory=list)
    renamed: list[Remark] = dataclasses.field(default_factory=list)
    known: int = 0


class _Refused(Exception):  # noqa: N818 - no error of the program
    """Why an entry is not taken."""

    def __init__(self, spot: Spot, text: str) -> None:
        super().__init__(text)
        self.remark = Remark(spot, text)


def enrol(roster: Roster, estate: Estate, mapping: Mapping, credential: str | None = None) -> Enrolment:
    """What a list adds to an estate. What the estate says of a target is never changed.

    Raises ImportFailedError where the list ends being readable, or is too long.
    """
    enroller = _Enroller(roster, estate, mapping, credential)
    for count, entry in enumerate(roster.entries, 1):
        if count > LIMIT:
            raise ImportFailedError(f"more than {LIMIT} devices: bring them in by parts", str(entry.spot))
        if isinstance(entry, Remark):
            enroller.found.refused.append(entry)
        else:
            enroller.take(entry)
    return enroller.found


class _Enroller:
    """Goes through entries, and knows what was taken before."""

    def __init__(self, roster: Roster, estate: Estate, mapping: Mapping, credential: str | None) -> None:
        self.found = Enrolment()
        self._estate, self._mapping, self._credential = estate, mapping, credential
        self._in_service = (
            frozenset(map(plain, mapping.in_service)) if mapping.in_service is not None else roster.in_service
        )
        self._targets = {target.name: target for target in estate.targets}
        self._names: dict[str, str] = {
            former: f"it was the name of {target.name} (formerly)"
            for target in estate.targets
            for former in target.formerly
        }
        self._addresses = {target.where: f"the estate polls it as {target.name}" for target in estate.targets}
        self._sites: dict[str, str] = {plain(name): name for name in estate.sites}
        self._taken = set(estate.sites)
        self._sites |= {plain(site.title): name for name, site in estate.sites.items() if site and site.title}

    def take(self, entry: Entry) -> None:
        """Add an entry's target, or say why not."""
        try:
            reason = self._left_out(entry)
            if reason:
                self.found.left.append(Remark(entry.at("name"), f"{_shown(entry)}: {reason}"))
                return
            self._add(entry)
        except _Refused as refused:
            self.found.refused.append(refused.remark)

    def _left_out(self, entry: Entry) -> str:
        status = entry.said.get("status")
        if self._in_service and status and plain(status) not in self._in_service:
            return f"its state is {line(status, LONGEST)}"
        rule = self._rule(entry)
        return rule.leave or "" if rule else ""

    def _rule(self, entry: Entry) -> Rule | None:
        return next((rule for rule in self._mapping.rules if rule.fits(entry)), None)

    def _add(self, entry: Entry) -> None:
        name, address = self._name(entry), self._address(entry)
        site, title = self._site(entry)
        settings = self._settings(entry, name, address, site)
        known = self._targets.get(name)
        if known is not None:
            self._compare(entry, known, settings)
            return
        self._free(entry, name, address)
        self._sound(entry, settings)
        if name != entry.said.get("name", name):
            self.found.renamed.append(Remark(entry.at("name"), f"{_shown(entry)} becomes {name}"))
        self._names[name] = self._addresses[address] = f"first at {entry.spot}"
        self.found.targets.append(settings)
        if site is not None and site not in self._estate.sites:
            self._sites.setdefault(plain(title), site)
            self._taken.add(site)
            self.found.sites.setdefault(site, title if title != site else None)
        self._fill(settings)

    def _free(self, entry: Entry, name: str, address: str) -> None:
        if name in self._names:
            raise _Refused(entry.at("name"), f"the name {name} is given already: {self._names[name]}")
        if address in self._addresses:
            raise _Refused(
                entry.at("address"),
                f"{name} has an address that is given already: {self._addresses[address]}",
            )

    def _compare(self, entry: Entry, known: Target, settings: dict[str, Any]) -> None:
        """Say where the list and the estate do not agree on a target of both."""
        before = {"address": known.where, **{field: getattr(known, field) for field in ("site", *_KEPT)}}
        after = {"address": settings.get("address", known.name), **settings}
        differs = [
            f"{field} is {before[field]}, the list says {after[field]}"
            for field in before
            if field in after and before[field] is not None and after[field] != before[field]
        ]
        if differs:
            self.found.differs.append(Remark(entry.at("name"), f"{known.name}: {'; '.join(differs)}"))
        else:
            self.found.known += 1

    def _name(self, entry: Entry) -> str:
        said = entry.said.get("name") or entry.said.get("address")
        if not said:
            raise _Refused(entry.at("name"), "it has no name")
        _harmless(entry, "name", said)
        if said.startswith(_FORMULA):
            raise _Refused(entry.at("name"), f"{said[:LONGEST]!r} begins as a formula does, and is no name")
        bare = unicodedata.normalize("NFKD", said)
        name = _GAPS.sub("-", "".join(char for char in bare if not unicodedata.combining(char))).strip(".-")
        if not name or len(name) > 128:
            raise _Refused(
                entry.at("name"),
                f"{line(said, LONGEST)!r} is no name: use letters, digits and . _ - (up to 128)",
            )
        return name

    def _address(self, entry: Entry) -> str:
        said = entry.said.get("address", "")
        found = list(dict.fromkeys(_bare(one) for one in _ADDRESSES.split(said) if one))
        if len(found) > 1:  # a loopback or link-local address is nobody else's way to it
            found = [one for one in found if not _local(one)] or found
        if not found and self._mapping.without_address:
            return self._name(entry)
        if not found:
            raise _Refused(entry.at("address"), f"{_shown(entry)} has no address")
        if len(found) > 1 and not self._mapping.first_address:
            shown = line(", ".join(found), LONGEST)
            raise _Refused(
                entry.at("address"),
                f"{_shown(entry)} has several addresses ({shown}): keep one (first_address)",
            )
        if not re.fullmatch(r"[A-Za-z0-9._:%-]{1,255}", found[0]) or found[0].startswith("-"):
            raise _Refused(entry.at("address"), f"{_shown(entry)}: what is said of its address is none")
        return found[0]

    def _site(self, entry: Entry) -> tuple[str | None, str]:
        """The site's name in the estate, and its title; none where the list says none."""
        said = entry.said.get("site", "")
        if not said:
            return None, ""
        _harmless(entry, "site", said)
        for pattern, name in self._mapping.sites.items():
            if fnmatch.fnmatchcase(plain(said), plain(pattern)):
                return name, name
        if plain(said) in self._sites:
            return self._sites[plain(said)], said
        bare = _GAPS.sub("-", plain(said)).strip(".-")[:100]
        names = (f"{bare}-{number}" if number else bare for number in range(ALIKE))
        free = next((name for name in names if bare and name not in self._taken), None)
        if free is None:
            raise _Refused(
                entry.at("site"), f"{line(said, LONGEST)!r} is no site: name it in a mapping (sites)"
            )
        return free, said

    def _settings(self, entry: Entry, name: str, address: str, site: str | None) -> dict[str, Any]:
        """A target as the estate's file writes it."""
        rule = self._rule(entry)
        if not re.fullmatch("[0-9]{1,5}|", entry.said.get("port", "")):
            raise _Refused(entry.at("port"), f"{name}: what is said of its port is no number")
        given = _filled(rule.set, name, address, entry.said.get("port", "")) if rule and rule.set else {}
        settings: dict[str, Any] = {"name": name}
        if address != name:
            settings["address"] = address
        if "family" in entry.said and not any(section in given for section in _PROTOCOLS[1:]):
            settings["family"] = entry.said["family"]
        if site is not None:
            settings["site"] = site
        texts = {**entry.said, "role": entry.said.get("role") or entry.said.get("kind", "")}
        for field in _KEPT:
            if texts.get(field):
                _harmless(entry, field, texts[field])
                settings[field] = texts[field]
        settings |= given
        if not any(section in given for section in _PROTOCOLS):
            self._login(entry, settings)
        return settings

    def _login(self, entry: Entry, settings: dict[str, Any]) -> None:
        if entry.said.get("port"):
            raise _Refused(
                entry.at("port"),
                f"{settings['name']}: nothing says what answers at port {entry.said['port']}: give a rule "
                "(when: {port: ...}, set: {http: {family: ..., url: ...}})",
            )
        credential = entry.said.get("credential") or self._credential
        if credential is None and self._estate.defaults.credential is None:
            credential = CREDENTIAL
        if credential is not None:
            settings["credential"] = credential

    def _sound(self, entry: Entry, settings: dict[str, Any]) -> None:
        """Refuse what no estate would take."""
        try:
            TypeAdapter(Target).validate_python(settings)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise _Refused(entry.spot, f"{settings['name']}: {where}: {first['msg']}") from None

    def _fill(self, settings: dict[str, Any]) -> None:
        """Credentials that the estate does not have: a reference to a secret, for somebody to fill in."""
        sections = [settings, *(value for value in settings.values() if isinstance(value, dict))]
        for section in sections:
            name = section.get("credential")
            if (
                not isinstance(name, str)
                or name in self._estate.credentials
                or name in self.found.credentials
            ):
                continue
            variable = re.sub(r"[^A-Z0-9]", "_", name.upper())
            made: dict[str, Any]
            if section is settings.get("ssh"):
                made = {"ssh": {"user": "jauge", "key": f"file:{name}.key", "known_hosts": "known_hosts"}}
            elif section is settings.get("http"):
                made = {"http": {"user": "jauge", "password": f"env:{variable}_PASSWORD"}}
            else:
                made = {
                    "snmp": "v3", "user": "jauge", "auth": "SHA-256", "auth_password": f"env:{variable}_AUTH",
                    "privacy": "AES", "privacy_password": f"env:{variable}_PRIVACY",
                }  # fmt: skip
            self.found.credentials[name] = made


def _filled(value: Any, name: str, address: str, port: str) -> Any:
    """A rule's settings with what they say of the device; an IPv6 address stands in brackets in a URL."""
    if isinstance(value, dict):
        return {key: _filled(inner, name, address, port) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, name, address, port) for inner in value]
    if not isinstance(value, str):
        return value
    host = f"[{address}]" if ":" in address and "://" in value else address
    return value.replace("{name}", name).replace("{address}", host).replace("{port}", port)


def _bare(address: str) -> str:
    """An address without its prefix length, which address plans write."""
    head, slash, length = address.partition("/")
    return head if slash and re.fullmatch("[0-9]{1,3}", length) else address


def _local(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return found.is_loopback or found.is_link_local or found.is_unspecified


def _harmless(entry: Entry, field: Field, text: str) -> None:
    """Refuse what would steer a screen, or is longer than any name."""
    if line(text, 100_000) != text:
        raise _Refused(entry.at(field), f"its {field} holds characters that steer a screen, or several lines")
    if len(text) > LONGEST:
        raise _Refused(entry.at(field), f"its {field} is longer than {LONGEST} characters")


def _shown(entry: Entry) -> str:
    return line(entry.said.get("name") or entry.said.get("address") or "a device without a name", LONGEST)
