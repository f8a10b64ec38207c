"""Reading an estate: `load` gives it, `check` says all that is wrong with it, each with its place."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from inventory.access import Access, Directory, Provider, Roles
from inventory.contracts import Budget, Contract, Item, Purchase
from inventory.credentials import (
    Apprise,
    Http,
    Ldap,
    LdapLogin,
    Model,
    Oidc,
    OidcClient,
    Smtp,
    SmtpLogin,
    SnmpV2c,
    SnmpV3,
    Ssh,
    secrets,
)
from inventory.estate import (
    Acceptance,
    Backups,
    Borg,
    Copy,
    Defaults,
    Dicom,
    Engine,
    Estate,
    Exclusion,
    Hl7Message,
    HttpAccess,
    Mllp,
    OrthancRules,
    Protect,
    ProxmoxBackup,
    Repository,
    Restic,
    Rsnapshot,
    Site,
    Snmp,
    SshAccess,
    StudyCounts,
    Target,
    Tls,
    Traps,
)
from inventory.notices import Committee, Hears, Mail, Notices, Quiet, Recipient
from inventory.places import Document, Key, Place, Problem, read
from inventory.retention import Retention, Share


class EstateError(Exception):
    """The estate cannot be used: every problem, with its place."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Check:
    """What reading an estate gave: the estate, where it is sound, and all that is to be said about it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.estate: Estate | None = None
        self.problems: list[Problem] = []
        self._values: dict[Key, Place] = {}
        self._keys: dict[Key, Place] = {}

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if not problem.warning]

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.warning]

    def place(self, *path: str | int, key: bool = False) -> Place:
        """Where a value (or its key) stands, or the nearest thing around it."""
        for end in range(len(path), -1, -1):
            places = self._keys if key and end == len(path) else self._values
            if path[:end] in places:
                return places[path[:end]]
        return Place(str(self.path), 1, 1)

    def holds(self, *path: str | int) -> bool:
        """Whether something is written at that very place."""
        return path in self._values

    def error(self, message: str, *path: str | int, key: bool = False) -> None:
        """Add an error about a place of the estate."""
        self.problems.append(Problem(self.place(*path, key=key), message))

    def warn(self, message: str, *path: str | int) -> None:
        """Add a warning about a place of the estate."""
        self.problems.append(Problem(self.place(*path), message, warning=True))

    def adopt(self, document: Document, source: Key, target: Key) -> None:
        """Take over the places of a document's subtree under another path."""
        for mine, theirs in ((self._values, document.values), (self._keys, document.keys)):
            size = len(source)
            mine.update(
                {(*target, *path[size:]): place for path, place in theirs.items() if path[:size] == source}
            )


def load(path: Path) -> Estate:
    """Read an estate: `estate.yml`, or a folder of `*.yml`. Raises EstateError with every problem."""
    result = check(path)
    if result.estate is None or result.errors:
        raise EstateError(result.errors)
    return result.estate


def check(path: Path, drafts: Mapping[Path, str] | None = None) -> Check:
    """Read an estate and say all that is wrong with it, each with file, line and column.

    `drafts` are texts of files that are not written yet, in place of what stands in them.
    """
    result = Check(path)
    drafts = drafts or {}
    files = sorted({*path.glob("*.yml"), *drafts}) if path.is_dir() else [path]
    if not files:
        result.problems.append(Problem(Place(str(path), 1, 1), "this folder holds no *.yml"))
        return result
    raw = _merge(result, [read(file, drafts.get(file)) for file in files])
    base = path if path.is_dir() else path.parent
    _names(result, raw)
    _references(result, raw)
    try:
        estate = TypeAdapter(Estate).validate_python(raw, context={"base": base.resolve()})
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=True):
            report(result, detail)
    else:
        _fitness(result, estate)
        result.estate = _resolve(result, estate)
    result.problems.sort(key=lambda problem: (problem.place, problem.warning))
    if result.errors:
        result.estate = None
    return result


def _merge(result: Check, documents: list[Document]) -> dict[str, Any]:
    """One mapping of all files: lists follow each other, named things are put together."""
    raw: dict[str, Any] = {}
    for document in documents:
        result.problems += document.problems
        result.adopt(document, ("?",), ())
        if document.data is None:
            continue
        if not isinstance(document.data, dict):
            result.problems.append(
                Problem(Place(document.file, 1, 1), "an estate is a mapping: start with targets:")
            )
            continue
        for key, value in document.data.items():
            _merge_key(result, raw, document, key, value)
    return raw


def _merge_key(result: Check, raw: dict[str, Any], document: Document, key: str, value: Any) -> None:
    if key not in raw:
        raw[key] = (
            list(value) if isinstance(value, list) else dict(value) if isinstance(value, dict) else value
        )
        if value is None:
            del raw[key]  # an empty section is as good as none
        result.adopt(document, (key,), (key,))
    elif isinstance(value, list) and isinstance(raw[key], list):
        offset = len(raw[key])
        raw[key] += value
        for index in range(len(value)):
            result.adopt(document, (key, index), (key, offset + index))
    elif isinstance(value, dict) and isinstance(raw[key], dict) and key != "defaults":
        for name, inner in value.items():
            if name in raw[key]:
                place = document.keys[key, name]
                result.problems.append(
                    Problem(place, f"{name} is given twice (first at {result.place(key, name, key=True)})")
                )
            else:
                raw[key][name] = inner
                result.adopt(document, (key, name), (key, name))
    elif value is not None:
        place = document.keys[key,]
        result.problems.append(
            Problem(place, f"{key} is given in two files (first at {result.place(key, key=True)})")
        )


_MESSAGES: Final = {
    "missing": "is missing",
    "string_type": "must be text (quote it)",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "dict_type": "must be a mapping (name: value)",
    "tuple_type": "must be a list",
    "model_type": "must be a mapping (name: value)",
    "model_attributes_type": "must be a mapping (name: value)",
}


def report(
    result: Check, detail: ErrorDetails, siblings: Callable[[tuple[str | int, ...]], list[str]] | None = None
) -> None:
    """One of pydantic's errors, in words and with its place. `siblings` says which keys could have stood there."""
    path = tuple(_known(result, detail["loc"]))
    named = [part for part in detail["loc"] if part != "[key]"]  # pydantic's mark for the key of a mapping
    kind, leaf = detail["type"], str(named[-1]) if named else "estate"
    if kind == "extra_forbidden":
        result.error(_unknown(detail["loc"], siblings or _siblings), *path, key=True)
    elif kind in _MESSAGES:
        result.error(f"{leaf} {_MESSAGES[kind]}", *path)
    elif kind == "value_error":
        result.error(str(detail["ctx"]["error"]), *path)
    elif kind == "string_pattern_mismatch":
        result.error(f"{leaf} is not of the form it needs (for names: letters, digits and . _ -)", *path)
    else:
        wrong_key = "[key]" in detail["loc"]
        result.error(f"{leaf}: {detail['msg'][:1].lower()}{detail['msg'][1:]}", *path, key=wrong_key)


def _unknown(location: tuple[str | int, ...], siblings: Callable[[tuple[str | int, ...]], list[str]]) -> str:
    """What to say of an unknown key. Among credentials it is not repeated: it may be a secret out of place."""
    leaf = str(location[-1])
    if ":" in leaf:
        return "unknown key: is a space missing after its colon?"
    known = [name for name in siblings(location) if name != leaf]  # a key of elsewhere is no answer
    hint = difflib.get_close_matches(leaf, known, 1)
    what = "unknown key" if location[0] == "credentials" else f"unknown key {leaf}"
    return f"{what}: did you mean {hint[0]}?" if hint else what


def _known(result: Check, location: tuple[str | int, ...]) -> Iterator[str | int]:
    """The parts of a pydantic location that the files know (it puts names of union members between)."""
    path: Key = ()
    for part in location:
        inner = (*path, part)
        if inner in result._values or inner in result._keys:
            path = inner
            yield part


def _siblings(location: tuple[str | int, ...]) -> list[str]:
    """Keys that could have stood there."""
    models: list[type[Model]] = [
        Estate,
        Target,
        Defaults,
        Site,
        Protect,
        Repository,
        Snmp,
        SshAccess,
        Dicom,
        StudyCounts,
        Mllp,
        Hl7Message,
        Tls,
        HttpAccess,
        OrthancRules,
        Restic,
        Borg,
        Rsnapshot,
        ProxmoxBackup,
        Copy,
        Backups,
        Exclusion,
        Acceptance,
        SnmpV2c,
        SnmpV3,
        Traps,
        Engine,
        Access,
        Provider,
        Directory,
        Roles,
        OidcClient,
        LdapLogin,
        SmtpLogin,
        Notices,
        Mail,
        Quiet,
        Hears,
        Recipient,
        Committee,
        Contract,
        Item,
        Budget,
        Purchase,
        Retention,
        Share,
    ]
    top = (
        Estate if len(location) == 1 else Target if location[0] == "targets" and len(location) == 3 else None
    )
    chosen = [top] if top else models
    return [field.alias or name for model in chosen for name, field in model.model_fields.items()]


def _names(result: Check, raw: dict[str, Any]) -> None:
    """Names that are given twice, earlier names included."""
    targets = _listing(raw.get("targets"))
    named = [
        (index, t["name"])
        for index, t in enumerate(targets)
        if isinstance(t, dict) and isinstance(t.get("name"), str)
    ]
    first: dict[str, int] = {}
    for index, name in named:
        if name in first:
            result.error(
                f"target {name} is given twice (first at {result.place('targets', first[name], 'name')})",
                "targets",
                index,
                "name",
            )
        first.setdefault(name, index)
    earlier: Counter[str] = Counter()
    for index, target in enumerate(targets):
        for position, name in enumerate(_listing(_mapping(target).get("formerly"))):
            if not isinstance(name, str):
                continue  # an error of form, said elsewhere
            earlier[name] += 1
            if name in first or earlier[name] > 1:
                result.error(
                    f"formerly: {name} is, or was, the name of a target already",
                    "targets",
                    index,
                    "formerly",
                    position,
                )


def _references(result: Check, raw: dict[str, Any]) -> None:
    """Names that lead nowhere: looked for in the raw data, so that they show beside errors of form."""
    sites, credentials = _mapping(raw.get("sites")), _mapping(raw.get("credentials"))
    targets = [(index, _mapping(target)) for index, target in enumerate(_listing(raw.get("targets")))]
    names = {target["name"] for _, target in targets if isinstance(target.get("name"), str)}
    sections: list[tuple[Key, dict[str, Any]]] = [(("defaults",), _mapping(raw.get("defaults")))]
    for index, target in targets:
        sections.append((("targets", index), target))
        sections += [
            (("targets", index, name), _mapping(target.get(name))) for name in ("snmp", "ssh", "http")
        ]
        for position, other in enumerate(_listing(target.get("depends"))):
            at = ("targets", index, "depends", position)
            _refer(result, names, "target", other, at)
            if other == target.get("name"):
                result.error(f"{other} cannot depend on itself", *at)
        for position, one in enumerate(_listing(_mapping(target.get("protect")).get("repositories"))):
            where = ("targets", index, "protect", "repositories", position, "target")
            _refer(result, names, "target", _mapping(one).get("target"), where)
    for way in _WAYS:
        named = _mapping(_mapping(raw.get("access")).get(way)).get("credential")
        _refer(result, credentials, "credential", named, ("access", way, "credential"))
    _refer_notices(result, credentials, _mapping(raw.get("notices")))
    engine = _mapping(raw.get("history"))
    _refer(result, credentials, "credential", engine.get("credential"), ("history", "credential"))
    for position, name in enumerate(_listing(_mapping(raw.get("traps")).get("credentials"))):
        _refer(result, credentials, "credential", name, ("traps", "credentials", position))
    _refer_items(result, names, _mapping(raw.get("contracts")))
    for path, section in sections:
        _refer(result, sites, "site", section.get("site"), (*path, "site"))
        _refer(result, credentials, "credential", section.get("credential"), (*path, "credential"))


_WAYS: Final[dict[str, type[Model]]] = {"oidc": Oidc, "ldap": Ldap}
"""Ways to log in, and what each logs in to the provider or directory with."""


def _refer_notices(result: Check, credentials: dict[str, Any], notices: dict[str, Any]) -> None:
    named = _mapping(notices.get("mail")).get("credential")
    _refer(result, credentials, "credential", named, ("notices", "mail", "credential"))
    for position, one in enumerate(_listing(notices.get("recipients"))):
        at = ("notices", "recipients", position, "credential")
        _refer(result, credentials, "credential", _mapping(one).get("credential"), at)


def _refer_items(result: Check, names: set[str], contracts: dict[str, Any]) -> None:
    for name, contract in contracts.items():
        for sold, item in _mapping(_mapping(contract).get("items")).items():
            for position, target in enumerate(_listing(_mapping(item).get("targets"))):
                at = ("contracts", name, "items", sold, "targets", position)
                _refer(result, names, "target", target, at)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _listing(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _refer(result: Check, known: Iterable[str], what: str, name: Any, path: Key) -> None:
    if isinstance(name, str) and name not in known:
        near = difflib.get_close_matches(name, list(known), 1)
        result.error(f"there is no {what} {name}" + (f": did you mean {near[0]}?" if near else ""), *path)


_PROTOCOLS: Final[dict[str, tuple[type[Model], ...]]] = {
    "snmp": (SnmpV2c, SnmpV3),
    "ssh": (Ssh,),
    "http": (Http,),
}


def _fitness(result: Check, estate: Estate) -> None:
    """Credentials of the wrong protocol, and what is allowed but unwise."""
    for index, target in enumerate(estate.targets):
        for section, kinds in _PROTOCOLS.items():
            access = getattr(target, section)
            found = estate.credentials.get(access.credential) if access and access.credential else None
            if found is not None and not isinstance(found, kinds):
                message = f"credential {access.credential} is not for {section}"
                result.error(message, "targets", index, section, "credential")
        if target.http is not None and not target.http.verify:
            result.warn(
                f"the certificate of {target.name} is not checked", "targets", index, "http", "verify"
            )
        for section in ("dicom", "mllp"):
            _fit_tls(result, target, index, section)
    _fit_traps(result, estate)
    _fit_history(result, estate)
    _fit_access(result, estate)
    _fit_notices(result, estate)
    _fit_contracts(result, estate)
    _fit_renewal(result, estate)
    for name, credential in estate.credentials.items():
        for dotted, secret in secrets(credential).items():
            if secret.origin == "inline":
                message = "a secret stands in the file: use env:NAME, file:PATH or systemd:NAME"
                result.warn(message, "credentials", name, *dotted.split("."))
        if isinstance(credential, SnmpV3) and credential.privacy == "DES":
            result.warn(
                "DES is broken: keep it for devices that know nothing else", "credentials", name, "privacy"
            )


def _fit_tls(result: Check, target: Target, index: int, section: str) -> None:
    access = getattr(target, section)
    if access is not None and access.tls is not None and not access.tls.verify:
        message = f"the certificate of {target.name} is not checked"
        result.warn(message, "targets", index, section, "tls", "verify")


def _fit_traps(result: Check, estate: Estate) -> None:
    for position, name in enumerate(estate.traps.credentials if estate.traps else ()):
        if not isinstance(estate.credentials.get(name), SnmpV2c | SnmpV3 | None):
            result.error(f"credential {name} is not for snmp", "traps", "credentials", position)


def _fit_history(result: Check, estate: Estate) -> None:
    engine = estate.history
    if engine is None:
        return
    if not isinstance(estate.credentials.get(engine.credential or ""), Http | None):
        result.error(f"credential {engine.credential} is not for http", "history", "credential")
    if not engine.verify:
        result.warn("the certificate of the history's engine is not checked", "history", "verify")
    if engine.ca and not engine.verify:
        result.error("give ca, or verify: false: not both", "history", "ca")


def _fit_access(result: Check, estate: Estate) -> None:
    for way, kind in _WAYS.items():
        section: Provider | Directory | None = getattr(estate.access, way)
        if section is None:
            continue
        if not isinstance(estate.credentials.get(section.credential), kind | None):
            message = f"credential {section.credential} is not for {way}"
            result.error(message, "access", way, "credential")
    oidc = estate.access.oidc
    if oidc is not None and oidc.url.startswith("http:"):
        result.warn(
            "over http anybody on the way can take over a login: write https", "access", "oidc", "url"
        )


def _fit_notices(result: Check, estate: Estate) -> None:
    notices = estate.notices
    if notices is None:
        return
    mail = notices.mail
    if mail is not None:
        _fit_mail(result, estate, mail)
    elif notices.report is not None:
        result.error("the report is sent by e-mail: name its server (mail)", "notices", "report")
    names: set[str] = set()
    for position, one in enumerate(notices.recipients):
        at = ("notices", "recipients", position)
        if one.name in names:
            result.error(f"recipient {one.name} is given twice", *at, "name")
        names.add(one.name)
        if one.email is not None and mail is None:
            result.error(f"{one.name} is told by e-mail: name its server (mail)", *at, "email")
        if not isinstance(estate.credentials.get(one.credential or ""), Apprise | None):
            result.error(f"credential {one.credential} is not for apprise", *at, "credential")


def _fit_mail(result: Check, estate: Estate, mail: Mail) -> None:
    if not isinstance(estate.credentials.get(mail.credential or ""), Smtp | None):
        result.error(f"credential {mail.credential} is not for smtp", "notices", "mail", "credential")
    if mail.security != "none":
        return
    if mail.credential is not None:
        message = "a password is never sent without encryption: security: starttls or tls"
        result.error(message, "notices", "mail", "security")
    if mail.ca is not None:
        result.error("ca goes with security: starttls or tls", "notices", "mail", "ca")
    result.warn("e-mail leaves without encryption", "notices", "mail", "security")


def _fit_contracts(result: Check, estate: Estate) -> None:
    """A contract's name that is nearly one of the table is text, and hardly meant so; so is a directorate's."""
    for index, target in enumerate(estate.targets):
        near = difflib.get_close_matches(target.contract or "", list(estate.contracts), 1, 0.8)
        if near and target.contract not in estate.contracts:
            message = f"{target.contract} is no name of contracts: did you mean {near[0]}?"
            result.warn(message, "targets", index, "contract")
    known = {target.directorate for target in estate.targets} | {estate.defaults.directorate}
    for year, budget in estate.budgets.items():
        for name in budget.directorates:
            if name not in known:
                result.warn(f"no target is of {name}", "budgets", str(year), "directorates", name)


def _fit_renewal(result: Check, estate: Estate) -> None:
    """Offers under a contract that nobody declares, and money of a directorate that has no machines."""
    renewal = estate.workstations
    for name, offer in renewal.offers.items() if renewal else ():
        if offer.contract is not None and offer.contract not in estate.contracts:
            near = difflib.get_close_matches(offer.contract, list(estate.contracts), 1)
            message = f"contract {offer.contract} is not in contracts" + (
                f": did you mean {near[0]}?" if near else ""
            )
            result.error(message, "workstations", "offers", name, "contract")
    for year, budget in renewal.budgets.items() if renewal else ():
        for name in budget.directorates:
            if renewal and name not in renewal.directorates:
                message = f"workstations.directorates does not say which machines {name} pays for"
                result.error(message, "workstations", "budgets", str(year), "directorates", name)


_INHERITED: Final = tuple(name for name in Defaults.model_fields if name != "credential")


def _resolve(result: Check, estate: Estate) -> Estate:
    """The estate with defaults applied and short forms written out as sections."""
    targets = tuple(
        _resolve_target(result, estate, index, target) for index, target in enumerate(estate.targets)
    )
    return estate.model_copy(update={"targets": targets})


def _resolve_target(result: Check, estate: Estate, index: int, target: Target) -> Target:
    update: dict[str, Any] = {
        name: getattr(estate.defaults, name) for name in _INHERITED if getattr(target, name) is None
    }
    contract = estate.contracts.get(target.contract or estate.defaults.contract or "")
    if contract is not None and contract.lead_time is not None and "lead_time" in update:
        update["lead_time"] = contract.lead_time  # what a contract says is nearer than a default
    sections = target.sections or target.host
    credential = target.credential or (None if sections else estate.defaults.credential)
    if credential is None:
        if not sections:
            result.error(
                f"{target.name} has no credential: name one, or a section (snmp, ssh, dicom, mllp, http, host)",
                "targets",
                index,
            )
        return target.model_copy(update=update)
    found = estate.credentials.get(credential)
    where = "credential" if target.credential else "name"
    made: Snmp | SshAccess
    if isinstance(found, SnmpV2c | SnmpV3):
        section, made = "snmp", Snmp(credential=credential, port=target.port or 161, family=target.family)
    elif isinstance(found, Ssh):
        section, made = "ssh", SshAccess(credential=credential, port=target.port or 22)
        if target.family is not None:
            message = "family is for SNMP and HTTP: over SSH, name commands in an ssh section"
            result.error(message, "targets", index, "family")
    else:
        if isinstance(found, Http):
            message = f"write an http section (family, url) to use credential {credential}"
            result.error(message, "targets", index, where)
        return target
    if getattr(target, section) is not None:
        result.error(f"give either credential or the {section} section", "targets", index, where)
    short = {"credential": None, "port": None, "family": None}
    return target.model_copy(update=update | short | {section: made})
