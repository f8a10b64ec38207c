"""The cast of the demo: the machines of an invented cancer centre, and how what they hold moves.

`Machine.measures` names every kept series of a machine by the metric and labels that a poll of its agent
yields: history and agents both live from it, so the past continues into the present without a jump.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from inventory.metrics import Labels, labels
from jauge.demo.curves import Activity, Curve, Due, Growth, Scaled, Steps, Whole

GB: Final = 10.0**9
TB: Final = 10.0**12
GIB: Final = 2.0**30

Speech = Literal[
    "linux", "windows", "nutanix", "netapp", "ups", "switch", "firewall", "shell", "web", "silent", "host"
]
"""How a machine answers: seven kinds of SNMP agent, a shell over SSH, HTTP alone, nothing at all, or this very machine."""


class Measure(NamedTuple):
    """A series whose history is kept, and how it moves."""

    metric: str
    labels: Labels
    curve: Curve


@dataclasses.dataclass(frozen=True)
class Store:
    """A thing that fills."""

    name: str
    kind: str
    used: Growth
    size: Steps
    device: str = ""

    @property
    def labels(self) -> Labels:
        return labels(store=self.name, kind=self.kind)


@dataclasses.dataclass(frozen=True)
class Archive:
    """What a PACS answers over DICOM and HTTP."""

    aet: str
    studies: Growth
    stored: Growth
    echo: Curve


class Saved(NamedTuple):
    """What a job saves every night of a machine. The newest run lacks the share `lost` of it, and says nothing of that."""

    machine: str
    holds: Growth
    lost: float = 0.0


@dataclasses.dataclass(frozen=True)
class Backup:
    """A restic repository on a machine: each job runs every night and keeps `points` restore points."""

    repository: str
    jobs: tuple[Saved, ...]
    stored: Growth
    points: int = 30


_NOTHING: Final = Steps(0.0)


@dataclasses.dataclass(frozen=True)
class Licence:
    """A licence of a device: when it ends, and how many units of it are taken and owned where they are counted."""

    name: str
    ends: Due
    used: Curve | None = None
    owned: Steps = _NOTHING


class Channel(NamedTuple):
    """A channel of a message engine."""

    name: str
    received: Curve
    queued: Curve = _NOTHING
    state: str = "STARTED"
    errors: int = 0


@dataclasses.dataclass(frozen=True)
class Engine:
    """A message engine (Mirth Connect)."""

    channels: tuple[Channel, ...]
    version: str = "4.5.2"


class Queue(NamedTuple):
    """A queue of a broker."""

    name: str
    waiting: Curve
    consumers: int = 1


@dataclasses.dataclass(frozen=True)
class Broker:
    """A broker of messages (RabbitMQ)."""

    queues: tuple[Queue, ...]
    version: str = "3.13.7"


class Pool(NamedTuple):
    """A pool of virtual desktops."""

    name: str
    machines: Steps
    used: Curve


@dataclasses.dataclass(frozen=True)
class Desktops:
    """Virtual desktops (VMware Horizon): `sessions` are of all pools, `named` the users who ever had one."""

    pools: tuple[Pool, ...]
    sessions: Curve
    named: Curve
    version: str = "8.12.0"


@dataclasses.dataclass(frozen=True)
class Vault:
    """An archive in tiers (dcm4chee-arc) over the stores of its machine; `queues` by queue and status. It knows no caller of ours."""

    aet: str
    tiers: Mapping[str, str]
    queues: Mapping[tuple[str, str], Curve]


@dataclasses.dataclass(frozen=True)
class Exchange:
    """A telephone exchange (Asterisk): calls at a time, and its telephones."""

    calls: Curve
    limit: Steps
    telephones: int
    lost: int = 0


@dataclasses.dataclass(frozen=True)
class Database:
    """A database server (PostgreSQL): `replicas` are seconds that each copy is behind."""

    connections: Curve
    limit: Steps
    databases: tuple[tuple[str, Growth], ...]
    replicas: tuple[tuple[str, float], ...]
    version: str = "15.8"


OVER_HTTP: Final = (Engine, Broker, Desktops, Vault)
"""Platforms that answer over HTTP; the others are asked by a command."""

Platform = Engine | Broker | Desktops | Vault | Exchange | Database


@dataclasses.dataclass(frozen=True)
class Machine:
    """One machine of the cast. `declared` is what the estate says of it beside how to reach it.

    `ended` is how many days before birth its history stops (a machine that no longer answers).
    """

    name: str
    speech: Speech
    declared: dict[str, Any]
    stores: tuple[Store, ...] = ()
    memory: float = 0.0
    memory_yearly: float = 0.05
    processors: int = 0
    work: Activity | None = None
    archive: Archive | None = None
    backup: Backup | None = None
    service: Platform | None = None
    nodes: tuple[str, ...] = ()
    licences: tuple[Licence, ...] = ()
    sessions: Curve | None = None
    sessions_limit: Steps = _NOTHING
    ended: int = 0

    @property
    def filling(self) -> Growth:
        """Memory in use, bytes."""
        return Growth(f"{self.name} memory", 0.62 * self.memory, self.memory_yearly, noise=0.005)


def grow(name: str, used: float, yearly: float, **more: Any) -> Growth:
    """A Growth of `used` bytes whose seed is the store's own name."""
    return Growth(name, used, yearly, **more)


def _count(name: str, now: float) -> Curve:
    """Messages that a channel has counted."""
    return Whole(grow(f"{name} messages", now, 0.3, noise=0.0))


def _office(name: str, night: float, peak: float, **more: Any) -> Activity:
    return Activity(f"{name} processor", night, peak, **more)


def _system(name: str, used: float = 21 * GB, size: float = 64 * GIB) -> Store:
    return Store(
        "/", "filesystem", grow(f"{name}:/", used, 0.05, noise=0.01), Steps(size), device="/dev/sda2"
    )


_IMAGING: Final = {"service": "imagerie", "directorate": "Plateaux médico-techniques"}
_DIGITAL: Final = {"service": "infrastructure", "directorate": "Direction du numérique"}
_CARE: Final = {"service": "dossier patient", "directorate": "Direction des soins"}
_VAULT: Final = {"target": "backup-01", "store": "/srv/backup", "link": "10 Gbit/s", "restore": "600 MB/s"}
_RESEARCH: Final = {"service": "recherche", "directorate": "Direction de la recherche"}


def _hyperconverged() -> Machine:
    return Machine(
        "hci-01",
        "nutanix",
        {
            **_DIGITAL, "site": "principal", "role": "hyperconverged", "criticality": "critical",
            "ceiling": 0.75, "lead_time": "20w", "contract": "ugap-serveurs", "price": 900,
            "depends": ["switch-01", "ups-01"],
        },
        stores=(
            Store(
                "sp-production", "pool",
                grow("hci-01:sp-production", 148 * TB, 0.19, steps=((520, 0.14),), noise=0.004),
                Steps(230 * TB, ((430, 57.5 * TB),)),
            ),
            Store(
                "ctr-serveurs", "volume", grow("hci-01:ctr-serveurs", 101 * TB, 0.17, steps=((520, 0.2),)),
                Steps(150 * TB, ((430, 30 * TB),)),
            ),
            Store("ctr-bureaux", "volume", grow("hci-01:ctr-bureaux", 43 * TB, 0.22, noise=0.006), Steps(80 * TB)),
        ),
        nodes=("hci-01-a", "hci-01-b", "hci-01-c", "hci-01-d"),
        memory=1024 * GIB,
        memory_yearly=0.13,
        processors=64,
        work=_office("hci-01", 0.24, 0.58, yearly=0.3, rests=False),
    )  # fmt: skip


def _pacs() -> Machine:
    return Machine(
        "pacs-01",
        "linux",
        {
            **_IMAGING, "site": "principal", "role": "pacs", "criticality": "critical",
            "protect": {"rpo": "24h", "rto": "4h", "copies": 3, "jobs": ["pacs-01:nightly"], "media": "disk",
                        "held": [{"job": "pacs-01:nightly", "media": "disk", "offsite": True, "immutable": False},
                                 {"media": "tape", "offsite": True, "immutable": True}],
                        "repositories": [{**_VAULT, "change": 0.002}]},
            "depends": ["nas-01", "switch-01"], "lead_time": "12w", "contract": "ugap-stockage", "price": 650,
        },
        stores=(
            _system("pacs-01"),
            # The store that will be full in about two months.
            Store(
                "/srv/pacs", "filesystem", grow("pacs-01:/srv/pacs", 58.2 * TB, 0.33, steps=((760, -0.08),)),
                Steps(61 * TB, ((905, 13 * TB),)), device="/dev/mapper/vg0-pacs",
            ),
            Store(
                "/var/lib/postgresql", "filesystem", grow("pacs-01:/var/lib/postgresql", 410 * GB, 0.16),
                Steps(0.8 * TB), device="/dev/mapper/vg0-pg",
            ),
        ),
        memory=128 * GIB,
        processors=8,
        work=_office("pacs-01", 0.06, 0.47, yearly=0.25),
        archive=Archive(
            "PACS01", grow("pacs-01 studies", 1_240_000, 0.065, noise=0.0), grow("pacs-01 stored", 57.8 * TB, 0.33, steps=((760, -0.08),)),
            echo=_office("pacs-01 echo", 0.081, 0.124, noise=0.08),
        ),
    )  # fmt: skip


def _volume(name: str, used: Growth, size: Steps) -> Store:
    return Store(f"/vol/{name}/", "volume", used, size)


def _arrays() -> tuple[Machine, Machine]:
    first = Machine(
        "nas-01",
        "netapp",
        {
            **_IMAGING, "site": "principal", "role": "storage", "criticality": "critical", "ceiling": 0.85,
            "lead_time": "16w", "contract": "ugap-stockage", "price": 480, "depends": ["switch-01", "ups-01"],
        },
        work=_office("nas-01", 0.12, 0.41),
        stores=(
            Store(
                "aggr1", "pool",
                grow("nas-01:aggr1", 171 * TB, 0.24, steps=((610, 0.11), (240, -0.07))), Steps(240 * TB, ((365, 80 * TB),)),
            ),
            # A migration brought data in, a purge took some away, and the array was extended a year ago.
            _volume("imagerie", grow("nas-01:imagerie", 118 * TB, 0.28, steps=((610, 0.16),)), Steps(150 * TB, ((365, 50 * TB),))),
            _volume("bureautique", grow("nas-01:bureautique", 31 * TB, 0.11, steps=((240, -0.33),)), Steps(45 * TB)),
            _volume("anapath", grow("nas-01:anapath", 22 * TB, 0.62, noise=0.004), Steps(40 * TB, ((365, 20 * TB),))),
        ),
    )  # fmt: skip
    second = Machine(
        "nas-02",
        "netapp",
        {
            **_RESEARCH, "site": "recherche", "role": "storage", "criticality": "high", "ceiling": 0.8,
            "lead_time": "16w", "contract": "ugap-stockage", "price": 420, "depends": ["ups-01"],
        },
        work=_office("nas-02", 0.1, 0.3),
        stores=(
            Store("aggr1", "pool", grow("nas-02:aggr1", 96 * TB, 0.07), Steps(140 * TB)),
            # Beyond its ceiling already.
            _volume("omique", grow("nas-02:omique", 54.5 * TB, 0.09), Steps(60 * TB)),
            # Flat: closed studies, nobody writes there any more.
            _volume("essais_clos", grow("nas-02:essais_clos", 28.4 * TB, 0.0, noise=0.0001), Steps(40 * TB)),
            # Noisy: scratch space of sequencers, where no date can be honest.
            _volume("scratch", grow("nas-02:scratch", 11 * TB, 0.02, noise=0.16), Steps(25 * TB)),
        ),
    )  # fmt: skip
    return first, second


def _servers() -> tuple[Machine, ...]:
    hypervisor = Machine(
        "hyperv-01",
        "windows",
        {**_DIGITAL, "site": "principal", "role": "virtual desktops", "criticality": "high", "depends": ["switch-01"],
         "lead_time": "10w", "contract": "ugap-serveurs"},
        stores=(
            Store("C:\\ Label:Systeme  Serial Number 5e1f02c7", "filesystem", grow("hyperv-01:C", 96 * GB, 0.08, noise=0.01), Steps(256 * GIB)),
            Store("D:\\ Label:Bureaux  Serial Number 9a40c1b2", "filesystem", grow("hyperv-01:D", 11.2 * TB, 0.14, noise=0.006), Steps(18 * TB)),
            Store("E:\\ Label:Profils  Serial Number 0c77d3e8", "filesystem", grow("hyperv-01:E", 5.1 * TB, 0.31), Steps(8 * TB, ((150, 3 * TB),))),
        ),
        memory=768 * GIB,
        processors=64,
        work=_office("hyperv-01", 0.12, 0.66, yearly=0.22),
    )  # fmt: skip
    databases = Machine(
        "db-01",
        "linux",
        {**_CARE, "site": "principal", "role": "database", "criticality": "critical", "lead_time": "10w",
         "protect": {"rpo": "1h", "rto": "2h", "copies": 3, "jobs": ["db-01:nightly"], "repositories": [_VAULT]}, "depends": ["hci-01"]},
        stores=(
            _system("db-01", 34 * GB, 96 * GIB),
            # One night the sensor answered nonsense: the forecast must not believe it.
            Store("/u01/oradata", "filesystem", grow("db-01:/u01/oradata", 3.9 * TB, 0.12, glitches=((97, 0.18),)),
                  Steps(6 * TB), device="/dev/mapper/vg1-data"),
            Store("/u02/arch", "filesystem", grow("db-01:/u02/arch", 640 * GB, 0.1, saw=0.35, noise=0.02),
                  Steps(1.2 * TB), device="/dev/mapper/vg1-arch"),
        ),
        memory=256 * GIB,
        processors=16,
        work=_office("db-01", 0.1, 0.52, yearly=0.2),
    )  # fmt: skip
    laboratory = Machine(
        "lims-01",
        "linux",
        {
            **_RESEARCH,
            "site": "recherche",
            "role": "laboratory",
            "criticality": "high",
            "depends": ["nas-02"],
        },
    )
    former = Machine(
        "archive-01",
        "silent",
        {**_IMAGING, "site": "recherche", "role": "archive", "criticality": "normal"},
        stores=(
            Store(
                "/srv/archive", "filesystem", grow("archive-01:/srv/archive", 8.2 * TB, 0.03), Steps(12 * TB)
            ),
        ),
        ended=9,
    )
    return hypervisor, databases, laboratory, former


def _shells() -> tuple[Machine, ...]:
    return _message_engine(), _backups(), _trials()


def _message_engine() -> Machine:
    return Machine(
        "eai-01",
        "shell",
        {**_CARE, "site": "principal", "role": "message engine", "criticality": "critical", "depends": ["hci-01"],
         "protect": {"rpo": "24h", "rto": "1h", "copies": 3, "jobs": ["eai-01:nightly"], "repositories": [_VAULT]}},
        stores=(
            _system("eai-01", 18 * GB, 48 * GIB),
            Store("/var/lib/mirth", "filesystem", grow("eai-01:/var/lib/mirth", 410 * GB, 0.21, saw=0.18, noise=0.01),
                  Steps(700 * GB), device="/dev/mapper/vg0-mirth"),
        ),
        memory=32 * GIB,
        processors=4,
        work=_office("eai-01", 0.08, 0.5, yearly=0.2),
        # The laboratory's results have not gone to the care record since the channel was stopped for an update.
        service=Engine((
            Channel("ADT admissions", _count("adt", 9_800_000)),
            Channel("ORM imagerie vers PACS", _count("orm", 3_100_000), Whole(_office("orm queued", 0.0, 6.0))),
            Channel("ORU laboratoire vers dossier", _count("oru", 6_400_000), Steps(318.0), "STOPPED", 12),
            Channel("MDM comptes rendus", _count("mdm", 1_250_000), Whole(_office("mdm queued", 0.0, 3.0))),
            Channel("SIU rendez-vous", _count("siu", 2_700_000)),
        )),
    )  # fmt: skip


def _backups() -> Machine:
    return Machine(
        "backup-01",
        "shell",
        {**_DIGITAL, "site": "recherche", "role": "backup", "criticality": "critical", "lead_time": "14w",
         "depends": ["ups-01"], "price": 210},
        stores=(
            _system("backup-01"),
            Store("/srv/backup", "filesystem", grow("backup-01:/srv/backup", 88 * TB, 0.22, saw=0.03),
                  Steps(130 * TB, ((300, 40 * TB),)), device="/dev/mapper/vg0-backup"),
        ),
        memory=64 * GIB,
        processors=8,
        work=_office("backup-01", 0.35, 0.12),
        backup=Backup(
            "/srv/backup/restic",
            (
                Saved("pacs-01", grow("restic pacs-01", 57.8 * TB, 0.33)),
                Saved("db-01", grow("restic db-01", 3.9 * TB, 0.12)),
                Saved("eai-01", grow("restic eai-01", 410 * GB, 0.21)),
                # Of this one most is missing since last night, and it says that all went well.
                Saved("edc-01", grow("restic edc-01", 260 * GB, 0.15), lost=0.8),
            ),
            stored=grow("restic repository", 71 * TB, 0.24),
        ),
    )  # fmt: skip


def _trials() -> Machine:
    return Machine(
        "edc-01",
        "shell",
        {
            **_RESEARCH,
            "site": "recherche",
            "role": "clinical trials",
            "criticality": "high",
            "depends": ["hci-01"],
            "protect": {"rpo": "72h", "rto": "8h", "jobs": ["edc-01:nightly"]},
        },
        memory=16 * GIB,
        processors=4,
    )


def _rooms() -> tuple[Machine, ...]:
    power = Machine(
        "ups-01", "ups", {**_DIGITAL, "site": "principal", "role": "power", "criticality": "critical"},
        work=_office("ups-01", 0.46, 0.58, yearly=0.06, noise=0.01),
    )  # fmt: skip
    network = Machine(
        "switch-01", "switch", {**_DIGITAL, "site": "principal", "role": "network", "criticality": "critical",
                                "depends": ["ups-01"]},
        work=_office("switch-01", 0.04, 0.35),
    )  # fmt: skip
    firewall = Machine(
        "fw-01", "firewall", {**_DIGITAL, "site": "principal", "role": "security", "criticality": "critical",
                              "lead_time": "6w", "depends": ["ups-01"]},
        memory=32 * GIB,
        processors=8,
        work=_office("fw-01", 0.11, 0.44, yearly=0.25),
        sessions=Whole(Scaled(_office("fw-01 sessions", 0.16, 0.71, yearly=0.3, rests=False), 150_000)),
        sessions_limit=Steps(150_000.0),
        # The first is renewed each year, with an order of six weeks; of the second all are taken within a year.
        licences=(
            Licence("Threat Prevention", Due(130)),
            Licence("Mobile Access", Due(860), Whole(grow("fw-01 vpn", 412.0, 0.2, noise=0.0)), Steps(500.0, ((420, 100.0),))),
        ),
    )  # fmt: skip
    here = Machine("jauge-01", "host", {**_DIGITAL, "site": "principal", "role": "monitoring"})
    return power, network, firewall, here


def _vault() -> Machine:
    return Machine(
        "vna-01",
        "web",
        {
            **_IMAGING, "site": "recherche", "role": "archive", "criticality": "high", "lead_time": "16w",
            "contract": "ugap-stockage", "price": 260, "interval": "60s",
        },
        stores=(
            Store("fs-rapide", "tier", grow("vna-01:fs-rapide", 33 * TB, 0.21, saw=0.01), Steps(48 * TB)),
            Store("objet-froid", "tier", grow("vna-01:objet-froid", 142 * TB, 0.34), Steps(240 * TB, ((500, 80 * TB),))),
        ),
        service=Vault(
            "VNA01",
            {"fs-rapide": "ONLINE", "objet-froid": "NEARLINE"},
            {
                ("export", "SCHEDULED"): Whole(_office("vna-01 export", 2.0, 46.0)), ("export", "IN PROCESS"): Steps(4.0),
                ("export", "FAILED"): Steps(7.0), ("retrieve", "SCHEDULED"): Whole(_office("vna-01 retrieve", 0.0, 5.0)),
                ("retrieve", "IN PROCESS"): Steps(1.0), ("stgver", "SCHEDULED"): Steps(1_260.0),
                ("HL7Send", "IN PROCESS"): Steps(1.0),
            },
        ),
    )  # fmt: skip


def _exchange(name: str, site: str, exchange: Exchange) -> Machine:
    return Machine(
        name,
        "shell",
        {**_DIGITAL, "site": site, "role": "telephony", "criticality": "high", "depends": ["switch-01"]},
        stores=(_system(name, 12 * GB, 48 * GIB),),
        memory=8 * GIB,
        processors=4,
        work=_office(name, 0.03, 0.22),
        service=exchange,
    )


def _platforms() -> tuple[Machine, ...]:
    broker = Machine(
        "mq-01", "web", {**_CARE, "site": "principal", "role": "message broker", "criticality": "high", "depends": ["hci-01"]},
        service=Broker((
            Queue("prescriptions", Whole(_office("mq-01 prescriptions", 0.0, 14.0)), 4),
            Queue("resultats", Whole(_office("mq-01 resultats", 1.0, 22.0)), 4),
            Queue("facturation", Whole(_office("mq-01 facturation", 40.0, 160.0)), 2),
        )),
    )  # fmt: skip
    desktops = Machine(
        "vdi-01", "web",
        {**_DIGITAL, "site": "principal", "role": "virtual desktops", "criticality": "high", "depends": ["hci-01"],
         "lead_time": "10w", "contract": "ugap-serveurs"},
        service=Desktops(
            (
                Pool("soins", Steps(420.0, ((380, 60.0),)), Whole(_office("vdi-01 soins", 64.0, 268.0, yearly=0.18, rests=False))),
                Pool("administration", Steps(160.0), Whole(_office("vdi-01 administration", 6.0, 97.0, yearly=0.05))),
                # Every desktop of it is held, day and night: sessions that nobody closes.
                Pool("imagerie", Steps(24.0), Steps(24.0)),
            ),
            sessions=Whole(_office("vdi-01 sessions", 94.0, 389.0, yearly=0.15, rests=False)),
            named=Whole(grow("vdi-01 named", 1_310.0, 0.08, noise=0.0)),
        ),
    )  # fmt: skip
    database = Machine(
        "pg-01", "shell",
        {**_RESEARCH, "site": "principal", "role": "database", "criticality": "high", "lead_time": "10w", "depends": ["hci-01"]},
        stores=(
            _system("pg-01", 22 * GB, 64 * GIB),
            Store("/var/lib/postgresql", "filesystem", grow("pg-01:/var/lib/postgresql", 1.3 * TB, 0.27), Steps(2.4 * TB),
                  device="/dev/mapper/vg0-pg"),
        ),
        memory=128 * GIB,
        processors=16,
        work=_office("pg-01", 0.08, 0.44, yearly=0.2),
        # The copy of the research institute cannot follow over its link.
        service=Database(
            Whole(_office("pg-01 connections", 38.0, 131.0, yearly=0.12)), Steps(200.0),
            (("lims", grow("pg-01 lims", 610 * GB, 0.22)), ("entrepot", grow("pg-01 entrepot", 540 * GB, 0.34))),
            (("pg-02", 0.4), ("pg-03", 2_460.0)),
        ),
    )  # fmt: skip
    return (
        broker,
        desktops,
        database,
        _exchange(
            "tel-01",
            "principal",
            Exchange(Whole(_office("tel-01 calls", 3.0, 61.0)), Steps(120.0), 640, 9),
        ),
        # Calls that never end: somebody forwards to somebody who forwards back.
        _exchange("tel-02", "recherche", Exchange(Steps(28.0), Steps(30.0), 85, 2)),
    )


CAST: Final[tuple[Machine, ...]] = (
    _hyperconverged(), _pacs(), *_arrays(), *_servers(), *_shells(), *_rooms(), _vault(), *_platforms(),
)  # fmt: skip
"""Everything that the demo shows."""

SITES: Final = {"principal": "Site principal", "recherche": "Institut de recherche"}


def machine(name: str) -> Machine:
    """The machine of that name. Raises KeyError."""
    return next(found for found in CAST if found.name == name)
