"""The references in `docs/`, written from the code that they describe.

`python -m jauge.reference` writes them, `--check` says which are stale. Metrics come from the vocabulary,
commands from the command line and from what is run over SSH, settings and their JSON Schema from the models that read an estate.
"""

from __future__ import annotations

import collections
import functools
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from inventory.estate import Estate
from inventory.imports.source import Source, shipped
from inventory.metrics import FLEET, LABELS, METRICS, REASONS, STORE_KINDS, Metric
from inventory.scenarios import Scenario
from inventory.scenarios.amounts import ESTIMATE
from inventory.scenarios.modalities import MODALITIES, Typical

if TYPE_CHECKING:
    from inventory.lifecycle import Cycle
    from jauge.families import Row

DOCS: Final = Path(__file__).parent.parent / "docs"

Schema = Mapping[str, Any]
"""A JSON Schema (draft 2020-12), or a part of one."""

_MADE: Final = "<!-- Written by `make docs`: change the code it describes, not this page. -->"

_WORDS: Final = {
    "date": "day",
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
}


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The lines of a Markdown table. A bar inside a cell is escaped."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join(' --- ' for _ in head)}|"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def metrics(rows: Iterable[Metric] = METRICS.values()) -> str:
    """The reference of metrics: name, labels, kind, meaning, and the object each is read from."""
    lines = [_MADE, "# Metrics", "", *_METRICS_INTRODUCTION, ""]
    head = ("metric", "kind", "labels", "what it says", "read from", "history")
    lines += table(head, (_metric(row) for row in rows))
    lines += ["## Workstations", "", *_FLEET_INTRODUCTION, ""]
    lines += table(head, (_metric(row) for row in FLEET))
    lines += ["## The collector itself", "", *_OWN_INTRODUCTION, ""]
    lines += table(("metric", "kind", "labels", "what it says"), _own())
    lines += ["## Labels", "", "A label means one thing, wherever it stands.", ""]
    lines += table(("label", "what it names"), ((f"`{name}`", f"{LABELS[name]}.") for name in sorted(LABELS)))
    lines += ["## Why a value is missing", "", "`jauge_target_errors_total` counts by `reason`, one of:", ""]
    lines += [f"- `{reason}`" for reason in REASONS]
    return "\n".join(lines) + "\n"


def _metric(row: Metric) -> tuple[str, ...]:
    labels = ", ".join(f"`{label}`" for label in row.labels)
    return f"`{row.name}`", row.kind, labels, row.help, row.source, "daily" if row.history else ""


_METRICS_INTRODUCTION: Final = (
    "One name for one thing, whatever the vendor. Base units, ratios between 0 and 1. What a device does not",
    "say is absent, never 0. *History* marks what is kept by the day for ten years, and can be forecast.",
    "",
    f"The label `kind` of a store is one of {', '.join(STORE_KINDS)}; `pool` names the pool it lives in.",
    "`/probe` leaves `target`, `site`, `role` and `service` to service discovery; `/metrics/estate`,",
    "`jauge poll` and the history say `target` themselves.",
)


_FLEET_INTRODUCTION: Final = (
    "The collector says these at its own `/metrics`, of the inventory that was imported last; before the first import",
    "they are absent. Of the sites, the twenty with the most workstations are named, the others are `(others)` together.",
)


_OWN_INTRODUCTION: Final = (
    "What the program says of itself at its own `/metrics`. Of its process it says what programs with a client library of Prometheus",
    "say: `process_resident_memory_bytes`, `process_open_fds`, `process_max_fds`, `process_start_time_seconds`,",
    "`process_cpu_seconds_total` among others. Prometheus itself adds `up` to each scrape. Those of the queue are there where the",
    "history is kept in VictoriaMetrics or Prometheus; those of forecasts once some have come due.",
)


def _own() -> Iterator[tuple[str, ...]]:
    """A row for each family of a collector to which everything has happened once, so that it shows its labels."""
    from collectors.board import Board  # noqa: PLC0415 - what collects and exports costs half a second to load
    from exporters.accuracy import Accuracy  # noqa: PLC0415
    from exporters.health import Health  # noqa: PLC0415
    from exporters.history.prometheus import Standing  # noqa: PLC0415
    from exporters.own import Own  # noqa: PLC0415
    from exporters.web.standing import Standing as WebStanding  # noqa: PLC0415
    from jauge.silences import Silences  # noqa: PLC0415
    from jauge.walls import Walls  # noqa: PLC0415

    own = Own(Board(()))
    own.polled(up=True, seconds=0)
    own.answered("/metrics", 200, 0)
    own.watch_disk(DOCS)
    own.watch_files(DOCS)
    own.watch_beside(DOCS)
    own.watch_health(Health({"disk": lambda: False}))
    own.watch_door(lambda: WebStanding(True, 0, 0, 0, collections.Counter()))
    own.watch_queue(lambda: Standing(0, 0, None, 0, 0, {"full": 0}, {"refused": 0}))
    walls = Walls(own.registry, Estate, DOCS, Board(()))
    own.registry.unregister(walls)  # it is asked what it would say, not to look at a plan
    Silences(own.registry, DOCS / "none")
    families = [*own.registry.collect(), *Accuracy(DOCS).describe(), *walls.describe()]
    for family in families:
        if family.name.startswith("jauge_"):
            name = family.name + ("_total" if family.type == "counter" else "")
            labels = dict.fromkeys(label for one in family.samples for label in one.labels if label != "le")
            named = labels or dict.fromkeys(getattr(family, "_labelnames", ()))
            yield f"`{name}`", family.type, ", ".join(f"`{label}`" for label in named), family.documentation


def commands(app: typer.Typer) -> str:
    """The reference of commands: each verb with its arguments and options."""
    group = typer.main.get_command(app)
    lines = [_MADE, "# Commands", "", (group.help or "").strip(), ""]
    for name, command in walk(group):
        lines += _command(name, command)
    return "\n".join(lines).rstrip() + "\n"


def walk(command: Any, name: str = "jauge") -> Iterator[tuple[str, TyperCommand]]:
    """Every command that can be called, with its whole name: `jauge history import`."""
    if not isinstance(command, TyperGroup):
        yield name, command
        return
    for verb, inner in command.commands.items():
        if not inner.hidden:
            yield from walk(inner, f"{name} {verb}")


def _command(name: str, command: TyperCommand) -> Iterator[str]:
    context = typer.Context(command, info_name=name)
    shown = [param for param in command.params if not getattr(param, "hidden", False)]
    arguments = [param for param in shown if param.param_type_name == "argument"]
    names = [(param.metavar or f"{param.name}".upper(), param.required) for param in arguments]
    words = [word if required else f"[{word}]" for word, required in names]
    yield from (f"## {name}", "", f"`{' '.join([name, *words, '[OPTIONS]'])}`", "")
    yield from ((command.help or "").strip(), "")
    records = [record for param in shown if (record := param.get_help_record(context))]
    if records:
        yield from table(
            ("argument or option", "what it does"), ((f"`{what}`", help_) for what, help_ in records)
        )


def schema() -> str:
    """The JSON Schema of an estate file, for editors."""
    shape = Estate.model_json_schema()
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Estate of Jauge"}
    return json.dumps({**shape, **head}, indent=2, ensure_ascii=False) + "\n"


def settings(shape: Schema | None = None) -> str:
    """The reference of an estate's settings: one table for each section."""
    shape = shape or Estate.model_json_schema()
    lines = [_MADE, "# The estate file", "", *_ESTATE_INTRODUCTION, ""]
    for title, part in sections(shape):
        lines += [f"## {title}", "", part.get("description", ""), ""]
        lines += table(("setting", "value", "default", "what it says"), _settings(part))
    lines += ["## HTTP families", "", *_FAMILIES_INTRODUCTION, ""]
    lines += table(("family", "what it reads", "`url`", "`credential`", "proven"), _interfaces())
    return "\n".join(lines).rstrip() + "\n"


_ESTATE_INTRODUCTION: Final = (
    "One file `estate.yml`, or a folder of `*.yml` that are read as one. `jauge check estate.yml` names every",
    "mistake with its file, line and column. A secret is `env:NAME`, `file:PATH` or `systemd:NAME` (LoadCredential= of its service); written in the file itself",
    "it works, with a warning. Editors complete and check it with [estate.schema.json](estate.schema.json):",
    "",
    "```yaml",
    "# yaml-language-server: $schema=docs/estate.schema.json",
    "credentials:",
    "  array-read: {snmp: v2c, community: env:ARRAY_COMMUNITY}",
    "  servers:    {ssh: {user: jauge, key: file:/etc/jauge/id_ed25519, known_hosts: /etc/jauge/known_hosts}}",
    "targets:",
    "  - {name: nas-01, address: 10.0.0.5, credential: array-read}     # the family is found by itself",
    "```",
)


_FAMILIES_INTRODUCTION: Final = (
    "What `family` of a target's `http` may be. A credential with `token` holds a token, any other a user and a",
    "password. *Not yet* says what would prove a family whose answers were never read from a real system.",
)


def _interfaces() -> Iterator[tuple[str, ...]]:
    from collectors.http import INTERFACES  # noqa: PLC0415 - httpx and the families: only this page needs them

    yield "`orthanc`", "Orthanc, over JSON", "`http://HOST:8042`", "a user", "yes"
    for name, family in INTERFACES.items():
        proven = f"not yet: {family.unproven}" if family.unproven else "yes"
        read = f"{family.title}, over {family.transport}"
        yield f"`{name}`", read, f"`{family.address}`", family.account, proven


def sections(shape: Schema) -> Iterator[tuple[str, Schema]]:
    """The sections of an estate, outermost first: title and schema of each."""
    yield "Estate", shape
    for name in dict.fromkeys(_names(shape, shape["$defs"])):
        yield name, shape["$defs"][name]


def _names(part: Any, parts: Schema) -> Iterator[str]:
    """The sections that a part refers to, each before what it refers to in turn."""
    inside = part.get("properties", part) if isinstance(part, dict) else part
    if isinstance(inside, dict) and "$ref" in inside:
        name = inside["$ref"].rpartition("/")[2]
        yield name
        yield from _names(parts[name], parts)
    elif isinstance(inside, dict | list):
        for value in inside.values() if isinstance(inside, dict) else inside:
            yield from _names(value, parts)


def _settings(part: Schema) -> Iterator[tuple[str, ...]]:
    required = part.get("required", ())
    for name, setting in part.get("properties", {}).items():
        yield f"`{name}`", form(setting), _default(setting, name in required), setting.get("description", "")


def _default(setting: Schema, required: bool) -> str:
    if required:
        return "required"
    value = setting.get("default")
    return "" if value in (None, "", []) else f"`{json.dumps(value, ensure_ascii=False)}`"


def form(setting: Schema) -> str:
    """What a value looks like, in words: `whole number`, `` `fr` or `en` ``, `list of text`."""
    for several in ("anyOf", "oneOf"):
        if several in setting:
            three = setting.get("title") == ESTIMATE
            shapes = setting[several][:1] if three else setting[several]
            forms = (form(one) for one in shapes if one.get("type") != "null")
            return " or ".join(dict.fromkeys(forms)) + (", or `low`, `likely` and `high`" if three else "")
    if "$ref" in setting:
        name = setting["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in setting or "const" in setting:
        return " or ".join(f"`{value}`" for value in setting.get("enum", (setting.get("const"),)))
    if setting.get("type") == "array":
        return f"list of {form(setting['items'])}"
    if setting.get("type") == "object":
        inner = next(iter(setting.get("patternProperties", {}).values()), setting.get("additionalProperties"))
        return f"name: {form(inner)}" if isinstance(inner, dict) else "section"
    return _WORDS.get(str(setting.get("format", setting.get("type"))), "text")


def _commands() -> str:
    from jauge.cli import app  # noqa: PLC0415 - the command line brings the whole program: only this page needs it

    return commands(app)


_SSH_INTRODUCTION: Final = (
    "What `ssh.commands` of a target may name. A name may stand for several commands; each is a table of its own, and",
    "fails alone. All of them only read. What needs root is run with `sudo -n` by any other login: allow it there in",
    "sudoers, without a password, for the program that is named. `sh` runs the lines of Unix, with `LC_ALL=C`;",
    "where a machine has a shell of its own instead, the lines below stand without a language, and are sent as they are.",
    "",
    "Lines of PowerShell are run by `powershell.exe`, or by `pwsh` where the target says `powershell: pwsh`, all of a poll",
    "in one process without profiles, which ends itself soon after the poll's time. What a cluster has in common",
    "(`windows-cluster`, `s2d`) is asked of one of its nodes only. On Windows:",
    "",
    "- Enable OpenSSH: `Add-WindowsCapability -Online -Name OpenSSH.Server~~~~0.0.1.0`, then `Set-Service sshd -StartupType",
    "  Automatic` and `Start-Service sshd`; open TCP port 22 to Jauge's address only. The login's shell may be cmd.exe or",
    "  PowerShell. Nothing is installed, and no policy for scripts is changed: none is run from a file.",
    "- Log in by key. Of administrators the file is `C:\\ProgramData\\ssh\\administrators_authorized_keys`, of anybody else",
    "  `.ssh\\authorized_keys` in the profile.",
    "- Its start takes a second or two, and modules such as Veeam's ten: give such a target `timeout: 60s`.",
    "- Constrained language (AppLocker, App Control) forbids what these lines are made of: allow the login the full language.",
)

_FENCES: Final = {"sh": "sh", "powershell": "powershell"}


def ssh() -> str:
    """The reference of what is run over SSH: names, what each stands for, and every line that is run."""
    from collectors.command import systems  # noqa: PLC0415 - every family and parser: only this page needs them
    from collectors.commands import COMMANDS, GROUPS  # noqa: PLC0415 - as above

    together = sorted((name, parts) for name, parts in GROUPS.items() if parts != (name,))
    lines = [_MADE, "# Commands over SSH", "", *_SSH_INTRODUCTION, "", "## Several by one name", ""]
    lines += table(
        ("name", "commands"),
        ((f"`{name}`", ", ".join(f"`{part}`" for part in parts)) for name, parts in together),
    )
    lines += ["## Systems of one file", ""]
    lines += table(
        ("name", "what", "least rights", "would be proven by"),
        (
            (f"`{name}`", system.title, system.account or "", system.unproven or "")
            for name, system in sorted(systems().items())
        ),
    )
    lines += ["## Each command", ""]
    for name, command in sorted(COMMANDS.items()):
        lines += [
            f"### {name}",
            "",
            f"```{_FENCES.get(command.shell, '')}",
            command.text,
            "```",
            "",
        ]
    return "\n".join(lines)


_RANGE_INTRODUCTION: Final = (
    "Every family, by what it is read over, and what shows that it reads right: a recording of a real device, the output of",
    "a real machine, or a real server that the tests start. The tests hold each of these proofs against what was read.",
    "*Not yet* says what would prove a family, or the rest of it.",
)

_ENABLE: Final = {
    "SNMP": "An agent that Jauge's address may ask, and a user that may read: v3 with authPriv, or a community of v2c. The "
    "family is found by itself.",
    "SSH": "A login by key, or by password. [ssh.md](ssh.md) shows every line that is run, and what Windows needs.",
    "HTTP": "The interface, and the least account that is named: [estate.md](estate.md) shows where it is written.",
    "Prometheus text": "The exporter, on an address that Jauge may reach.",
    "DICOM": "Jauge's AE title in the archive's list. There is no probe by C-STORE: it would write into the archive. What an "
    "archive says of its own reception is read over HTTP (`orthanc`, `dcm4chee-arc`): what it holds, whose growth is what it "
    "received, how long storing takes, and what of its own transfers failed. That it refused an instance neither of them tells.",
    "MLLP": "The port of the listener. A message is sent only where the estate gives one, and never a patient's.",
}


def families() -> str:
    """The table of families: system, what is read, the least rights, and what proves it."""
    from jauge.families import listed  # noqa: PLC0415 - every family and parser: only this page needs them

    lines = [_MADE, "# What is read", "", *_RANGE_INTRODUCTION, ""]
    rows = listed()
    for transport, what in _ENABLE.items():
        mine = [row for row in rows if row.transport == transport]
        lines += [f"## {transport}", "", what, ""]
        head = ("name", "system", "what is read", "least rights", "proven by")
        lines += table(
            head, ((f"`{row.name}`", row.system, row.read, row.rights, _proof(row)) for row in mine)
        )
    return "\n".join(lines).rstrip() + "\n"


def _proof(row: Row) -> str:
    """What proves a family, and what would prove the rest of it."""
    proof = row.proven
    said = []
    if proof and proof.recordings:
        said.append(f"recorded: {', '.join(f'`{name}`' for name in proof.recordings)}")
    if proof and proof.servers:
        said.append(f"a real {', '.join(f'`{name}`' for name in proof.servers)}")
    return "; ".join([*said, *([f"*not yet*: {row.unproven}"] if row.unproven else [])])


_SCENARIO_INTRODUCTION: Final = (
    "A scenario says what may come, or is decided, that no history holds yet. One file holds one:",
    "",
    "```yaml",
    "# yaml-language-server: $schema=docs/scenario.schema.json",
    "name: scanner-3",
    "title: A third CT",
    "why: Waiting time beyond six weeks",
    "changes:",
    "  - {kind: modality, modality: CT, studies: {low: 28, likely: 35, high: 42}, copies: 3,",
    "     target: pacs-01, store: /srv/pacs, start: 2027-03-01, ramp: 8w, calendar: {days: 250}}",
    "```",
    "",
    "`jauge scenario check FILE.yml` names every mistake with its file, line and column; `jauge scenario try FILE.yml` holds it",
    "against what is to be expected without it: what changes of stores against their forecast, what changes of workstations against",
    "the [renewal plan](renewal.md). It ends with status 3 where something would have to be ordered today or earlier, or where a",
    "workstation stays past a deadline in any of the plans. `jauge scenario save FILE.yml` keeps it, `jauge scenario show NAME` shows",
    "it; `jauge scenario compare` sets several beside each other;",
    "`jauge scenario commit NAME --why REASON` decides it, `jauge scenario withdraw` takes that back, and `jauge scenario measure`",
    "holds what was expected against what came. Managers decide on the page *Scenarios* too. All of it is kept for good, with who",
    "and why.",
    "",
    "## Amounts",
    "",
    "Wherever a number is not known, write three: `{low: 28, likely: 35, high: 42}`. Low and high are what one would be surprised",
    "to be outside of; they widen the band of the forecast on their side. A GB (Go) is 10^9 bytes, a GiB (Gio) 2^30. Days are civil",
    "days of the estate's timezone; times are written `30s`, `5m` (minutes), `24h`, `10d`, `8w`.",
    "",
    "## Worked examples",
    "",
    "- One CT, 35 studies x 250 days x 0.3 GB = 2.6 TB a year, in three copies 7.9 TB: the file above, with `likely` alone.",
    "- 400 slides a day x 250 days x 2 GB = 200 TB a year for each copy: `{kind: pathology, slides: 400, size: 2 GB,",
    "  calendar: {days: 250}, target: ..., start: ...}`.",
    "- Without `days`, working days are counted: Monday to Friday without the public holidays of France, 254 in 2027.",
    "- `jauge demo` brings two files of its own, in `scenarios` under its data: a third CT, and a building of 140 places.",
    "",
    "## What is counted, and what is not",
    "",
    "- *Nothing twice.* What happens once counts where it lies after the last day of the history. What keeps coming is in the",
    "  forecast's own trend after a while: by how much the history as it is makes the store grow faster than the history without",
    "  what was to have come. The scenario adds the rest, which is nothing in the end.",
    "- *Sizes of studies* are those given, else learnt from the archive of `target` (of the studies of the last year where there",
    "  are 50 or more, else of all), else those of the table below. What was taken is said.",
    "- *A pool* is moved with the store that takes its space from it. Of a cluster, each node gets its share.",
    "- *Backups follow*: `protect: repositories` of a target ([estate.md](estate.md)) says where its backups are kept. What is added",
    "  there is divided by the reduction: the declared one, else the bytes protected for each byte kept over the last 90 days,",
    "  else 1 to 3, likely 2, an assumption of sizing guides. A night carries what changed (declared, else 2 to 5 %, assumed),",
    "  or what is new where that is more. A restore takes what is held over its speed, after the restores of all that the",
    "  target `depends` on; names that depend on each other are each counted once, and said.",
    "- *Committed* scenarios are part of every base but their own. What arrives late is not counted: say its new day.",
    "- *Measured* is how much more a store moved since the scenario began than was forecast on the day of commitment, with the",
    "  80 % band of that forecast; nothing is said in the first 30 days, nor of what is smaller than the band.",
)


def scenarios() -> str:
    """The reference of a scenario's file: each kind of change, and the sizes of studies to begin with."""
    shape = Scenario.model_json_schema()
    lines = [_MADE, "# Scenarios", "", *_SCENARIO_INTRODUCTION, ""]
    for title, part in (("Scenario", shape), *sorted(shape["$defs"].items(), key=_kinds_first)):
        lines += [f"## {title}", "", part.get("description", ""), ""]
        lines += table(("setting", "value", "default", "what it says"), _settings(part))
    lines += ["## Sizes of studies", "", "Bytes of a study, of a slide for SM: decimal units.", ""]
    head = ("modality", "low", "likely", "high", "from")
    lines += table(head, ((f"`{name}`", *_megabytes(one), one.source) for name, one in MODALITIES.items()))
    return "\n".join(lines).rstrip() + "\n"


def _kinds_first(part: tuple[str, Schema]) -> tuple[bool, str]:
    return "kind" not in part[1].get("properties", {}), part[0]


def _megabytes(one: Typical) -> Iterator[str]:
    for size in one[:3]:
        yield f"{size / 1e9:g} GB" if size >= 1e9 else f"{size / 1e6:g} MB"


def scenario_schema() -> str:
    """The JSON Schema of a scenario's file, for editors."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Scenario of Jauge"}
    return json.dumps({**Scenario.model_json_schema(), **head}, indent=2, ensure_ascii=False) + "\n"


_LIFECYCLE_INTRODUCTION: Final = (
    "Until when makers mend what they sold, by product, version and edition. `jauge inventory eol --on 2027-01-31` holds",
    "workstations and targets against it for any day, and `jauge runway` makes walls of it.",
    "",
    "- *Supported* is what its maker mends for everybody on that day; *extended* what is mended by a programme only that is free",
    "  (Debian's LTS), or was bought (ESU, ESM, ELTS: say so with `--esu`); *ended* what nobody mends; *unknown* the rest, with its",
    "  reason. Unknown is never supported: a version that is not listed here, one that is not released on that day, one whose end",
    "  was not announced or not known as of the day in the table, an edition or a version that nobody tells.",
    "- *Where an edition is not told*, a system is judged on the days on which all of its editions agree: Windows 11 24H2 is",
    "  supported until 2026-10-13, when Pro ends, and unknown from then on. The same holds for a Linux whose kernel tells `el8` and",
    "  no more, and for a version that is told in part.",
    "- *Names* are read as inventories, Active Directory, the registry and devices write them, in French and English: `Microsoft",
    "  Windows 10 Entreprise LTSC` and `1809`, `Windows 10 Pro` and `10.0.19045.4291`, `EnterpriseS`. A build decides where a name",
    "  says less: the registry of Windows 11 goes on saying Windows 10. LTSC must be said: Enterprise 1809 is no LTSC.",
    "  Where name, version and edition say two things, it is unknown.",
    "- *A kernel* tells the release of a Debian, and of no other distribution.",
    "",
    "`jauge inventory fitness` holds workstations against what Windows 11 asks for: a processor of Microsoft's lists, 64 bits, 4 GiB of",
    "memory, 64 GB of disk, UEFI, TPM 2.0. Each is fit, unfit or unknown, with its reason; a machine is unfit where one is, and fit",
    "where all are. Microsoft's lists are imported (`jauge inventory processors FILE --yes`): the tables of its pages as CSV, text or",
    "Markdown, one maker after the other. A processor that no list names is unknown: a list marks what is unsupported in a column",
    "`supported`. Starting by BIOS is unfit as it stands; some machines can be set to UEFI.",
    "",
    "*What Microsoft sells after the end* (ESU), as it announced it; prices are lists', and yours are asked of you in a scenario.",
    "Windows 10 22H2: three years, to 2026-10-13, 2027-10-12 and 2028-10-10, for Pro, Enterprise and Education; 61 USD for a machine",
    "in the first year, twice as much in each further one, and whoever joins later pays the years before as well. That for Home is for",
    "persons: no machine of a domain or a management (MDM) is taken; IoT Enterprise 22H2 has none. Windows 10 LTSB 2016: three years on",
    "the same terms, that of IoT through the maker of the device; Microsoft names no last day, and the last Tuesday of updates within",
    "them is listed. Windows Server 2016 and SQL Server 2016: three years, of SQL Server for Enterprise and Standard alone. Of SQL",
    "Server 2014, for these two as well, Microsoft's pages name three different last days in July 2027; no Web, Developer or Express can",
    "be bought any, and where an edition is not told, none are promised. All of this mends critical flaws, of Windows important ones",
    "too, and nothing else.",
    "",
    "The rows stand in `inventory/lifecycle/products`, each with its maker's page. Few of these pages were opened for it: the column",
    "*read through* names the table in which a row was read instead, and says *the page itself* where Microsoft's own copy of its page was",
    "read. *As of* is the day on which that page or table said so; through endoflife.date, every day but 2026-08-22 is a lower bound: that",
    "of the newest thing which the table tells. What ends *before* a day had ended by then, and neither tells since when. Whoever needs a date",
    "for a contract opens the page.",
    "[CONTRIBUTING.md](../CONTRIBUTING.md) says how to add a product.",
)


def lifecycle() -> str:
    """The reference of the catalogue of ends of support: each cycle with its dates and its source."""
    from inventory.lifecycle.catalogue import products  # noqa: PLC0415 - only this page needs it

    groups: dict[str, list[tuple[Cycle, ...]]] = {}
    for rows in products().values():
        groups.setdefault(rows[0].group, []).append(rows)
    lines = [_MADE, "# Ends of support", "", *_LIFECYCLE_INTRODUCTION, ""]
    head = (
        "version",
        "editions",
        "released",
        "ends",
        "extended",
        "the maker's page",
        "read through",
        "as of",
    )
    for group, found in groups.items():
        lines += [f"## {group.replace('-', ' ').capitalize()}", ""]
        for rows in found:
            lines += [f"### {rows[0].product}", ""]
            lines += [f"The maker's page of all ends: <{rows[0].policy}>", ""] if rows[0].policy else []
            lines += table(head, (_cycle(one) for one in rows))
    return "\n".join(lines).rstrip() + "\n"


def _cycle(one: Cycle) -> tuple[str, ...]:
    """A row: what is free after the end, and what is paid for."""
    later = [(one.extension, one.extended, one.free), (one.further_extension, one.further, False)]
    extended = "; ".join(f"{day} {name}{' (free)' if free else ''}" for name, day, free in later if day)
    ends = f"before {one.checked}" if one.over else str(one.ends or "not known")
    days = (f"{one.released or ''}", ends)
    read = (f"<{one.source}>", one.through or "the page itself", str(one.checked))
    return one.version, ", ".join(one.editions), *days, extended, *read


_MAPPING_INTRODUCTION: Final = (
    "A mapping says which title of a file means what. Those of the products below are shipped (`inventory/imports/sources`); for",
    "any other CSV or XLSX write one of your own, and name it with `jauge inventory import FILE --mapping OURS.yml`",
    "([inventory.md](inventory.md)). Every mistake is named with its file, line and column.",
    "",
    "```yaml",
    "# yaml-language-server: $schema=docs/mapping.schema.json",
    "title: The list that purchasing keeps",
    "titles:",
    "  serial: [N° de série, SN]",
    "  name: [Poste]",
    "  purchased: [Acheté le]",
    "  site: [Campus]",
    "dates: [french]",
    "states: {used: [en service], stock: [magasin], failed: [HS], retired: [réformé]}",
    "leave_out: {Catégorie: [Imprimante, Écran]}",
    "```",
)


def mapping() -> str:
    """The reference of a mapping, and what the shipped ones know."""
    lines = [_MADE, "# Mappings of inventories", "", *_MAPPING_INTRODUCTION, "", "## Mapping", ""]
    lines += table(("setting", "value", "default", "what it says"), _settings(Source.model_json_schema()))
    lines += ["## What is shipped", ""]
    head = ("`--source`", "what it reads", "proven", "titles looked up in")
    rows = shipped().items()
    lines += table(
        head, ((f"`{name}`", one.title, one.unproven or "", "; ".join(one.documented)) for name, one in rows)
    )
    lines += ["*Proven* names what would prove a source whose titles come from documentation alone.", ""]
    for name, one in rows:
        lines += [f"### {name}", ""]
        lines += table(
            ("field", "titles"), ((f"`{field}`", ", ".join(titles)) for field, titles in one.titles.items())
        )
    return "\n".join(lines).rstrip() + "\n"


def mapping_schema() -> str:
    """The JSON Schema of a mapping, for editors."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Mapping of an inventory for Jauge",
    }
    return json.dumps({**Source.model_json_schema(), **head}, indent=2, ensure_ascii=False) + "\n"


def _interface() -> str:
    from dashboard.api.reference import reference  # noqa: PLC0415 - pandas costs half a second

    return reference()


def _guides() -> dict[str, Callable[[], str]]:
    """The guide by system, which lists families: a page for each file and language."""
    from jauge import guide  # noqa: PLC0415 - every family and parser: only these pages need them

    found: dict[str, Callable[[], str]] = {}
    for language in guide.LANGUAGES:
        folder = f"guide/{language}/systems"
        found[f"{folder}/index.md"] = functools.partial(guide.index, language)
        for name in guide.names():
            found[f"{folder}/{name}.md"] = functools.partial(guide.page, name, language)
    return found


PAGES: Final[dict[str, Callable[[], str]]] = {
    "api.md": _interface,
    "metrics.md": metrics,
    "commands.md": _commands,
    "ssh.md": ssh,
    "families.md": families,
    "estate.md": settings,
    "estate.schema.json": schema,
    "lifecycle.md": lifecycle,
    "scenarios.md": scenarios,
    "scenario.schema.json": scenario_schema,
    "mapping.md": mapping,
    "mapping.schema.json": mapping_schema,
}


def stale(folder: Path = DOCS) -> list[str]:
    """The names of the pages in `folder` that are not what the code says, and of pages by system that nobody writes any more."""
    made = _texts()
    left = {path.relative_to(DOCS).as_posix() for path in DOCS.glob("guide/*/systems/*.md")} - set(made)
    return [name for name, text in made.items() if _text(folder / name) != text] + sorted(left)


@functools.cache
def _texts() -> Mapping[str, str]:
    """What each page says. It takes seconds, and comes of code alone."""
    return {name: make() for name, make in (PAGES | _guides()).items()}


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


def write(folder: Path = DOCS) -> None:
    """Write every page into `folder`."""
    for name, text in _texts().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def main(words: list[str]) -> int:
    """Write the pages, or with `--check` exit 1 where one is stale."""
    if words == ["--check"]:
        old = stale()
        if old:
            print(f"docs/ is behind the code: {', '.join(old)}. Run: make docs", file=sys.stderr)
        return int(bool(old))
    write()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
