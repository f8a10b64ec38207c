"""What Jauge reads, by what it is read over: one row for each family, in the words of the people who ask for it.

The rows come from the files and modules that do the reading, so that no list has to be kept beside them.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from collectors import commands
from collectors.command import systems
from collectors.commands import COMMANDS
from collectors.device import families
from collectors.http import INTERFACES
from collectors.proof import Proof
from inventory.metrics import METRICS


class Row(NamedTuple):
    """A family: what it is of, what is read, the least that must be allowed, and what shows that it reads right."""

    transport: str
    name: str
    system: str
    read: str
    rights: str
    proven: Proof | None
    unproven: str | None


THINGS: Final = {
    "storage": "stores",
    "memory": "memory", "swap": "memory", "virtual_memory": "memory", "real_memory": "memory",
    "cpu": "processors", "cpus": "processors", "processor": "processors", "load1": "processors",
    "uptime": "uptime", "clock": "clock",
    "node": "nodes", "nodes": "nodes",
    "vm": "virtual machines", "vms": "virtual machines", "container": "containers",
    "desktop": "virtual desktops", "gpu": "graphics processors",
    "database": "databases", "tablespace": "databases", "smb": "clients of shares",
    "disk": "disks", "disks": "disks", "raid": "arrays of disks", "controller": "controllers of disks",
    "cluster": "clusters", "placement": "clusters",
    "interface": "interfaces",
    "ups": "UPS", "pdu": "power distribution", "power": "power", "transfer": "transfer switches",
    "temperature": "temperatures", "humidity": "humidity", "fan": "fans", "sensor": "sensors",
    "sessions": "sessions", "licenses": "licences", "license": "licences", "redundancy": "redundancy",
    "calls": "calls", "channels": "calls", "trunk": "trunks", "telephony": "telephones", "media": "media resources",
    "service": "services", "alarm": "health", "device": "health", "component": "health",
    "tape": "tape libraries",
    "dicom": "DICOM", "pacs": "PACS", "certificate": "certificates",
    "hl7": "HL7", "queue": "queues",
    "backup": "backup jobs", "restore": "restore tests",
}  # fmt: skip
"""What a metric is about, by the words that its name begins with behind `jauge_`."""


def thing(metric: str) -> str:
    """What a metric is about. Raises KeyError where no word is known for it.

    >>> thing("jauge_power_supply_healthy"), thing("jauge_disks_failed")
    ('power supplies', 'disks')
    """
    words = metric.removeprefix("jauge_").split("_")
    if words[:2] == ["power", "supply"]:
        return "power supplies"
    return THINGS.get("_".join(words[:2])) or THINGS[words[0]]


def things(metrics: Iterable[str]) -> str:
    """What metrics are about, each word once, in the order of the table above."""
    found = {thing(metric) for metric in metrics}
    return ", ".join(word for word in dict.fromkeys([*THINGS.values(), "power supplies"]) if word in found)


def listed() -> list[Row]:
    """Every family, by transport."""
    return [*snmp(), *ssh(), *http(), *others()]


def snmp() -> Iterator[Row]:
    """Device families, makers and standards. What a family reads beside is named."""
    for name, family in sorted(families().items()):
        own = things(metric for table in family.named for metric in table.metrics)
        beside = ", ".join(f"`{other}`" for other in family.also)
        read = "; ".join(filter(None, (own, f"with {beside}" if beside else "")))
        yield Row(
            "SNMP",
            name,
            family.title,
            read or "what it is, and what the standards tell",
            "",
            family.proven,
            family.unproven,
        )


_ROOT: Final = "root, by `sudo -n` for any other login"


def ssh() -> Iterator[Row]:
    """Systems of one file, and parsers of text: a module each."""
    for name, system in sorted(systems().items()):
        metrics = (
            m for command in system.commands.values() for table in command.tables for m in table.metrics
        )
        root = any(command.root for command in system.commands.values())
        rights = getattr(system, "account", None) or (_ROOT if root else "")
        yield Row("SSH", name, system.title, things(metrics), rights, system.proven, system.unproven)
    for name, module in sorted(parsers().items()):
        mine = {
            key: command for key, command in COMMANDS.items() if inspect.getmodule(command.parse) is module
        }
        said = (inspect.getdoc(module) or "").split("\n", 1)[0]
        listed = ", ".join(f"`{key}`" for key in sorted(mine)) or f"the section `{name}`"
        root = any("sudo -n" in command.text for command in mine.values())
        proven, unproven = getattr(module, "PROVEN", None), getattr(module, "UNPROVEN", None)
        yield Row("SSH", name, said, listed, _ROOT if root else "", proven, unproven)


def parsers() -> dict[str, object]:
    """The modules that read the text of commands, by name."""
    names = (info.name for info in pkgutil.iter_modules(commands.__path__))
    modules = {name: importlib.import_module(f"{commands.__name__}.{name}") for name in names}
    return {
        name: module
        for name, module in modules.items()
        if hasattr(module, "PROVEN")
        or hasattr(module, "UNPROVEN")
        or any(inspect.getmodule(command.parse) is module for command in COMMANDS.values())
    }


def http() -> Iterator[Row]:
    """Interfaces over HTTP: JSON, and the text of exporters."""
    yield Row(
        "HTTP",
        "orthanc",
        "Orthanc (REST)",
        things(["jauge_pacs_studies"]),
        "a user, where it asks for one",
        Proof(servers=("orthanc",)),
        None,
    )
    for name, family in sorted(INTERFACES.items()):
        read = things(metric for table in family.tables for metric in table.metrics)
        transport = "Prometheus text" if family.transport.startswith("Prometheus") else "HTTP"
        yield Row(transport, name, family.title, read, family.account, family.proven, family.unproven)


def others() -> Iterator[Row]:
    """What is no file: protocols of hospitals."""
    echo = "whether an application entity answers, studies of today and yesterday by modality"
    called = "to associate, with C-ECHO and C-FIND; nothing is ever stored, moved or fetched"
    yield Row(
        "DICOM", "dicom", "PACS and modalities", echo, called, Proof(servers=("dcmtk", "orthanc")), None
    )
    ack = "whether a listener takes connections, how it acknowledges a message of the estate, and how fast"
    yield Row(
        "MLLP", "mllp", "HL7 v2 listeners", ack, "to connect", None,
        "the acknowledgements of an integration engine in use; those of a public HL7 library were read",
    )  # fmt: skip


def metrics(row: Row) -> tuple[str, ...]:
    """The metrics that a family may give, those of families beside it left out.

    A parser of text lists them nowhere: they are the names of the vocabulary that stand in its module.
    """
    if row.transport == "SNMP":
        tables = [table.metrics for table in families()[row.name].named]
    elif row.transport == "SSH" and row.system == getattr(systems().get(row.name), "title", None):
        tables = [one.metrics for command in systems()[row.name].commands.values() for one in command.tables]
    elif row.name in INTERFACES:
        tables = [table.metrics for table in INTERFACES[row.name].tables]
    else:
        modules = {"dicom": "collectors.dicom", "mllp": "collectors.mllp", "orthanc": "collectors.orthanc"}
        return _written(modules.get(row.name, f"{commands.__name__}.{row.name}"))
    return tuple(dict.fromkeys(metric for table in tables for metric in table))


def _written(module: str) -> tuple[str, ...]:
    """The names of the vocabulary in the source of a module, or of a package and its modules."""
    found = importlib.import_module(module)
    inside = [info.name for info in pkgutil.iter_modules(getattr(found, "__path__", ()))]
    sources = [found, *(importlib.import_module(f"{module}.{name}") for name in inside)]
    names = re.findall(r"\bjauge_\w+", "\n".join(inspect.getsource(source) for source in sources))
    return tuple(name for name in dict.fromkeys(names) if name in METRICS)
