"""The guide by system, in French and English: pages written from `docs/guide/systems/*.yml` and from the families themselves.

A file says what a reader has to do on a device, in both languages. What is read, the least rights, a target of an estate
and the commands that test it come from the code, so that a new family has its place as soon as a file names it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, model_validator

from collectors.commands import GROUPS
from collectors.files import load_file
from collectors.http import INTERFACES
from inventory.credentials import Model
from jauge.families import THINGS, Row, listed, metrics, thing

FOLDER: Final = Path(__file__).parent.parent / "docs/guide/systems"
TITLES: Final = FOLDER.parent / "titles.yml"

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")


class Words(Model):
    """A text in both languages."""

    en: str = Field(min_length=1)
    fr: str = Field(min_length=1)


def _both(text: Words | str, language: Language) -> str:
    """A text in a language; what is a name is one in both."""
    return text if isinstance(text, str) else getattr(text, language)


class System(Model):
    """A kind of system, read one way: what is to be done on it, and the families that read it."""

    title: Words | str
    families: tuple[str, ...] = Field(
        min_length=1, description="TRANSPORT/NAME of each, as docs/families.md has them."
    )
    enable: Words = Field(description="What is to be enabled, and for whom.")
    rights: Words | None = Field(
        None, description="The least rights, where the family names them in English alone."
    )
    device: str = Field("", description="What is typed on the device, or stands in its configuration.")
    syntax: str = Field("text", description="What `device` is written in.")
    sources: tuple[str, ...] = Field((), description="Public pages that say more of it.")
    tried: Words | None = Field(
        None, description="What it was tried on; without it, the page says that it was not."
    )
    target: str = Field(min_length=1, description="Name of the target in the example.")
    commands: tuple[str, ...] = Field((), description="What is run over SSH, by the names in docs/ssh.md.")
    estate: str = Field("", description="The example, where it is not the usual one of its transport.")

    @property
    def transport(self) -> str:
        """What it is read over."""
        return self.families[0].partition("/")[0]

    @property
    def rows(self) -> tuple[Row, ...]:
        """What reads it."""
        return tuple(row for family in self.families for row in rows()[family])

    @model_validator(mode="after")
    def _one_way(self) -> System:
        if {name.partition("/")[0] for name in self.families} != {self.transport}:
            raise ValueError("families: one transport for each system")
        if unknown := [name for name in self.families if name not in rows()]:
            raise ValueError(f"families: there is no {', '.join(unknown)}")
        if self.transport == "SSH" and not (self.commands or self.estate):
            raise ValueError("commands: say what is run over SSH")
        if unknown := [name for name in self.commands if name not in GROUPS]:
            raise ValueError(f"commands: there is no {', '.join(unknown)}")
        return self


class Page(Model):
    """A page of the guide: systems that one looks for in one place."""

    title: Words
    intro: Words
    systems: tuple[System, ...] = Field(min_length=1)


@functools.cache
def rows() -> dict[str, tuple[Row, ...]]:
    """Every family, by TRANSPORT/NAME. A name over SSH may be that of a file and that of a parser: both rows then."""
    found: dict[str, tuple[Row, ...]] = {}
    for row in listed():
        key = f"{row.transport}/{row.name}"
        found[key] = (*found.get(key, ()), row)
    return found


class Titles(Model):
    """What families are called in French, by what they are called in English; `same` are called alike."""

    same: tuple[str, ...]
    french: dict[str, str]


@functools.cache
def titles() -> Titles:
    """The titles of all families that pages of the guide list."""
    return load_file(TITLES, Titles)


def names() -> list[str]:
    """The pages of the guide by system, by the names of their files."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


@functools.cache
def pages() -> dict[str, Page]:
    """Every page of the guide by system, by the name of its file."""
    return {name: load_file(FOLDER / f"{name}.yml", Page) for name in names()}


_MADE: Final = "<!-- Written by `make docs` from docs/guide/systems/{name}.yml and from the families: change these, not this page. -->"

_SAID: Final[dict[str, dict[Language, str]]] = {
    "rights": {"en": "**Least rights**: {rights}.", "fr": "**Droits nécessaires** : {rights}."},
    "device": {"en": "On the device:", "fr": "Sur l'équipement :"},
    "sources": {"en": "More of it: {sources}.", "fr": "Pour en savoir plus : {sources}."},
    "untried": {
        "en": "*Written from public documentation, and not tried on a real device: check it against your version.*",
        "fr": "*Écrit d'après la documentation publique, sans essai sur un équipement réel : vérifiez-le pour votre version.*",
    },
    "tried": {"en": "*Tried*: {tried}.", "fr": "*Essayé* : {tried}."},
    "estate": {"en": "In the estate:", "fr": "Dans le parc (`estate.yml`) :"},
    "test": {"en": "Test it:", "fr": "Pour tester :"},
    "read": {"en": "What is read:", "fr": "Ce qui est relevé :"},
    "what": {"en": "what it is, and what the standards tell", "fr": "son identité, et ce que disent les standards"},
    "with": {"en": "with {beside}", "fr": "avec {beside}"},
    "names": {"en": "Metrics: {names}.", "fr": "Métriques : {names}."},
    "root": {"en": "root, by `sudo -n` for any other login", "fr": "root, ou `sudo -n` pour tout autre compte"},
    "reader": {"en": "a user that may only read", "fr": "un compte en lecture seule"},
}  # fmt: skip

_HEADS: Final[dict[Language, tuple[str, ...]]] = {
    "en": ("family", "system", "what is read", "held against"),
    "fr": ("famille", "système", "ce qui est relevé", "confronté à"),
}

_PROOFS: Final[dict[str, dict[Language, str]]] = {
    "recorded": {"en": "a recorded device", "fr": "un équipement enregistré"},
    "output": {"en": "a recorded output", "fr": "une sortie enregistrée"},
    "server": {"en": "a real server", "fr": "un vrai serveur"},
    "part": {"en": "the rest *not yet*", "fr": "le reste *pas encore*"},
    "none": {"en": "*not yet*", "fr": "*pas encore*"},
}

THINGS_FR: Final = {
    "stores": "stockages", "memory": "mémoire", "processors": "processeurs", "uptime": "temps depuis le démarrage",
    "clock": "horloge", "nodes": "nœuds", "virtual machines": "machines virtuelles", "containers": "conteneurs",
    "virtual desktops": "bureaux virtuels", "graphics processors": "processeurs graphiques", "databases": "bases de données",
    "clients of shares": "clients des partages", "disks": "disques", "arrays of disks": "grappes de disques",
    "controllers of disks": "contrôleurs de disques", "clusters": "clusters", "interfaces": "interfaces réseau",
    "UPS": "onduleur", "power distribution": "distribution électrique", "power": "puissance électrique",
    "transfer switches": "commutateurs de source", "temperatures": "températures", "humidity": "humidité",
    "fans": "ventilateurs", "sensors": "capteurs", "sessions": "sessions", "licences": "licences",
    "redundancy": "redondance", "calls": "appels", "trunks": "faisceaux", "telephones": "téléphones",
    "media resources": "ressources média", "services": "services", "health": "état de santé",
    "tape libraries": "bandothèques", "DICOM": "DICOM", "PACS": "PACS", "certificates": "certificats", "HL7": "HL7", "queues": "files d'attente",
    "backup jobs": "tâches de sauvegarde", "restore tests": "tests de restauration",
    "power supplies": "alimentations",
}  # fmt: skip


def page(name: str, language: Language) -> str:
    """A page of the guide, as Markdown."""
    it = pages()[name]
    lines = [
        _MADE.format(name=name),
        f"# {_both(it.title, language)}",
        "",
        _both(it.intro, language).strip(),
        "",
    ]
    for system in it.systems:
        lines += [f"## {_both(system.title, language)}", "", *_section(system, language)]
    return "\n".join(lines).rstrip() + "\n"


def _section(system: System, language: Language) -> Iterator[str]:
    def said(key: str, **values: str) -> str:
        return _SAID[key][language].format(**values)

    yield from (_both(system.enable, language).strip(), "")
    yield from (said("rights", rights=_rights(system, language)), "")
    if system.device:
        yield from (said("device"), "", f"```{system.syntax}", system.device.rstrip(), "```", "")
    if system.sources:
        yield from (said("sources", sources=", ".join(f"<{source}>" for source in system.sources)), "")
    tried = _both(system.tried, language) if system.tried else ""
    yield from (said("tried", tried=tried) if tried else said("untried"), "")
    yield from (said("estate"), "", "```yaml", example(system), "```", "")
    yield from (said("test"), "", "```sh", *_tests(system), "```", "")
    yield from (said("read"), "", *_table(system, language), "")
    names = dict.fromkeys(name for row in system.rows for name in metrics(row))
    if names:
        yield from (said("names", names=", ".join(f"`{name}`" for name in names)), "")


def _rights(system: System, language: Language) -> str:
    if system.rights:
        return _both(system.rights, language).rstrip(".")
    rights = dict.fromkeys(row.rights for row in system.rows)
    if any("sudo -n" in one for one in rights):
        return _SAID["root"][language]
    if language == "en" and any(rights):
        return "; ".join(one for one in rights if one)
    return _SAID["reader"][language]


def _table(system: System, language: Language) -> Iterator[str]:
    head = _HEADS[language]
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join(' --- ' for _ in head)}|"
    for row in system.rows:
        title = row.system if language == "en" else titles().french.get(row.system, row.system)
        yield f"| `{row.name}` | {title} | {_read(row, language)} | {_proof(row, language)} |".replace(
            "||", "| |"
        )


def _read(row: Row, language: Language) -> str:
    found = dict.fromkeys(thing(metric) for metric in metrics(row))
    order = dict.fromkeys([*THINGS.values(), "power supplies"])
    words = [one if language == "en" else THINGS_FR[one] for one in order if one in found]
    _, _, beside = row.read.rpartition("with ")
    told = [", ".join(words)] if words else []
    if row.transport == "SNMP" and "with `" in row.read:
        told.append(_SAID["with"][language].format(beside=beside))
    return "; ".join(told) or _SAID["what"][language]


def _proof(row: Row, language: Language) -> str:
    kinds = []
    if row.proven and row.proven.recordings:
        kinds.append("recorded" if row.transport == "SNMP" else "output")
    if row.proven and row.proven.servers:
        kinds.append("server")
    if row.unproven:
        kinds.append("part" if kinds else "none")
    return ", ".join(_PROOFS[kind][language] for kind in kinds)


def _tests(system: System) -> Iterator[str]:
    yield "jauge check estate.yml"
    if system.transport == "SSH":
        yield f"jauge trust estate.yml {system.target}"
    yield f"jauge explain estate.yml {system.target}"
    yield f"jauge poll estate.yml --target {system.target}"


_SNMP: Final = """\
credentials:
  snmp-read:
    snmp: v3
    user: jauge
    auth: SHA-256
    auth_password: file:/etc/jauge/snmp-auth
    privacy: AES
    privacy_password: file:/etc/jauge/snmp-privacy
targets:
  - {{name: {target}, address: {target}.hospital.example, credential: snmp-read}}"""

_SSH: Final = """\
credentials:
  servers: {{ssh: {{user: jauge, key: file:/etc/jauge/id_ed25519, known_hosts: /etc/jauge/known_hosts}}}}
targets:
  - name: {target}
    address: {target}.hospital.example
    ssh: {{credential: servers, commands: [{commands}]}}"""

_HTTP: Final = """\
credentials:
  {name}: {{http: {{{login}}}}}
targets:
  - name: {target}
    address: {target}.hospital.example
    http:
      family: {name}
      url: {url}
      credential: {name}"""

_OPEN: Final = """\
targets:
  - name: {target}
    address: {target}.hospital.example
    http:
      family: {name}
      url: {url}"""


def example(system: System) -> str:
    """An estate with the system as a target: its own, or the usual one of its transport."""
    if system.estate:
        return system.estate.rstrip()
    target = system.target
    if system.transport == "SNMP":
        return _SNMP.format(target=target)
    if system.transport == "SSH":
        return _SSH.format(target=target, commands=", ".join(system.commands))
    name = system.families[0].partition("/")[2]
    family = INTERFACES[name]
    url = family.address.replace("HOST", f"{target}.hospital.example")
    if family.account.startswith("none"):
        return _OPEN.format(target=target, name=name, url=url)
    token = "token" in family.account or "API key" in family.account
    login = f"token: file:/etc/jauge/{name}" if token else f"user: jauge, password: file:/etc/jauge/{name}"
    return _HTTP.format(target=target, name=name, url=url, login=login)


_INDEX: Final[dict[Language, tuple[str, ...]]] = {
    "en": (
        "# How to read each system",
        "",
        "What is to be enabled on each system, the least rights, the target to write, and the command that tests it. Where",
        "something was not tried on a real device, its page says so; what would prove a family stands in",
        "[What is read](../../../families.md).",
        "",
        "A system that is not there: [a family of one's own](../../../packages.md) needs no change to the program.",
        "",
        "| page | families |",
        "| --- | --- |",
    ),
    "fr": (
        "# Relever chaque système",
        "",
        "Ce qu'il faut activer sur chaque système, les droits strictement nécessaires, la cible à écrire et la commande qui la",
        "teste. Quand une manipulation n'a pas été essayée sur un équipement réel, la page le dit ; ce qui permettrait de prouver",
        "une famille est dans [Ce qui est relevé](../../../families.md) (en anglais).",
        "",
        "Votre système n'y est pas ? [Une famille à soi](../../../packages.md) s'ajoute sans toucher au programme.",
        "",
        "| page | familles |",
        "| --- | --- |",
    ),
}


def index(language: Language) -> str:
    """The first page of the guide by system."""
    lines = [
        "<!-- Written by `make docs`: change the code it describes, not this page. -->",
        *_INDEX[language],
    ]
    for name, it in pages().items():
        names = dict.fromkeys(family.partition("/")[2] for one in it.systems for family in one.families)
        lines.append(
            f"| [{_both(it.title, language)}]({name}.md) | {', '.join(f'`{one}`' for one in names)} |"
        )
    return "\n".join(lines) + "\n"


def missing(found: Iterable[Page] | None = None) -> list[str]:
    """Families that no page tells how to read."""
    told = {
        family
        for it in (pages().values() if found is None else found)
        for one in it.systems
        for family in one.families
    }
    return sorted(set(rows()) - told)
