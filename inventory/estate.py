"""The estate: sites, credentials by name, targets. `inventory.checking` reads it.

    credentials:
      array-read: {snmp: v2c, community: env:ARRAY_COMMUNITY}
    targets:
      - {name: nas-01, address: 10.0.0.5, port: 161, credential: array-read}

The short form of a target (`credential`, `port`, `family`) stands for the section of its credential's
protocol: once read, only the sections `snmp`, `ssh`, `dicom`, `mllp`, `http` and `host` are left to look at.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)

from inventory.access import Access
from inventory.contracts import Budget, Contract, Purchase, Year
from inventory.credentials import Apprise, Http, Ldap, Model, Oidc, Smtp, SnmpV2c, SnmpV3, Ssh
from inventory.criticality import Criticality
from inventory.metrics import STORE_KINDS
from inventory.notices import Notices
from inventory.people.register import PersonalData
from inventory.people.rules import People
from inventory.quantities import (
    DURATION_SCHEMA,
    Duration,
    FileName,
    LeadTime,
    Name,
    Port,
    Price,
    Ratio,
    Speed,
    Text,
    Turn,
    seconds,
)
from inventory.renewal import Renewal
from inventory.retention import Retention

DEFAULT_INTERVAL: Final = 60.0
DEFAULT_TIMEOUT: Final = 10.0


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{value!r} is no timezone: write one such as Europe/Paris") from None
    return value


def _host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:%-]+", value) or value.startswith("-"):
        said = "this" if "@" in value else repr(value)  # what stands before an @ may be a password
        raise ValueError(f"{said} is no address: write a name or an IP address, without port or scheme")
    return value


def _ip(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise ValueError(
            f"{value!r} is no IP address: write one of this machine, or 0.0.0.0 for all"
        ) from None


def _administrative(value: str) -> str:
    """A segment of chapter 14 of HL7 v2 (application management): no other is sent, as it may tell of a patient."""
    if not re.fullmatch(r"N(CK|SC|ST)\|[ -~]*", value):
        raise ValueError("a segment starts with NCK|, NSC| or NST| and is ASCII on one line")
    return value


Hl7Name = Annotated[str, Field(min_length=1, max_length=180, pattern=r"^[A-Za-z0-9._^ -]+$")]
"""An application or facility: components may stand in it, other separators not."""


_KINDS: Final = ("ssh", "http", "oidc", "ldap", "smtp", "apprise")


def _kind(value: Any) -> str | None:
    if isinstance(value, SnmpV2c | SnmpV3):
        return f"snmp {value.snmp}"
    if isinstance(value, Model):
        return next((kind for kind in _KINDS if hasattr(value, kind)), None)
    if not isinstance(value, dict):
        return None
    if value.get("snmp") in ("v2c", "v3"):
        return f"snmp {value['snmp']}"
    return next((kind for kind in _KINDS if kind in value), None)


AnyCredential = Annotated[
    Annotated[SnmpV2c, Tag("snmp v2c")]
    | Annotated[SnmpV3, Tag("snmp v3")]
    | Annotated[Ssh, Tag("ssh")]
    | Annotated[Http, Tag("http")]
    | Annotated[Oidc, Tag("oidc")]
    | Annotated[Ldap, Tag("ldap")]
    | Annotated[Smtp, Tag("smtp")]
    | Annotated[Apprise, Tag("apprise")],
    Discriminator(
        _kind,
        custom_error_type="credential",
        custom_error_message="a credential starts with snmp: v2c, snmp: v3, ssh:, http:, oidc:, ldap:, smtp: or apprise:",
    ),
]


class Site(Model):
    """A place with machines."""

    title: Text | None = Field(None, description="What people call the site.")


class Copy(Model):
    """A copy of a target's data beside the original."""

    job: Text | None = Field(None, description="Backup job that makes it; none where nothing measures it.")
    media: Literal["disk", "tape", "object", "optical"] | None = Field(
        None, description="What it is kept on."
    )
    offsite: bool | None = Field(None, description="Whether it is kept in another place than the original.")
    immutable: bool | None = Field(
        None, description="Whether nobody can change or delete it, an administrator included."
    )


class Repository(Model):
    """A store that the backups of a target are kept in, and how they get there and back."""

    target: Name = Field(description="Target that has the store.")
    store: Text | None = Field(
        None, description="Name of the store; may be left out where the target has one only."
    )
    reduction: float | None = Field(
        None,
        gt=0,
        le=1000,
        description="Bytes protected for each byte that is kept, restore points and all; measured where left out, else assumed.",
    )
    change: Ratio | None = Field(
        None,
        description="Share of the data that changes in a day; where left out, measured by what the store takes between two "
        "cleanings, else assumed (2 to 5 %).",
    )
    link: Speed | None = Field(None, description="Speed of the way there: 10 Gbit/s, 500 MB/s.")
    restore: Speed | None = Field(
        None,
        description="Speed of a full restore; where left out, that of the restore tests whose bytes were counted, else at best "
        "that of the link.",
    )


class Protect(Model):
    """What is promised about the backups of a target."""

    rpo: Duration | None = Field(
        None, description="Data that may be lost: the greatest age of a good restore point."
    )
    rto: Duration | None = Field(None, description="Time within which it must run again.")
    copies: int | None = Field(
        None, ge=1, le=20, description="Copies that must exist, the original included."
    )
    jobs: tuple[Text, ...] = Field(
        (),
        description="Backup jobs that protect it; where none is named, all whose machine bears its name or address.",
    )
    media: Literal["disk", "tape", "object", "optical"] | None = Field(
        None, description="What the original is kept on."
    )
    held: tuple[Copy, ...] = Field((), description="Copies beside the original, for the 3-2-1-1-0 score.")
    repositories: tuple[Repository, ...] = Field(
        (), description="Where its backups are kept: what grows here grows there too."
    )
    test_every: Duration = Field(
        365 * 86_400.0, description="Time within which a restore has to be tested again."
    )


class Snmp(Model):
    """Poll over SNMP."""

    credential: Name = Field(description="Name of an SNMP credential.")
    port: Port = Field(161, description="UDP port.")
    family: Name | None = Field(None, description="Device family; found by itself when left out.")
    retries: int = Field(2, ge=0, le=10, description="How often a request is sent again.")
    packets: float = Field(
        200.0, ge=1, le=100_000, description="Packets a second that the agent may get, after a burst of 100."
    )


class Restic(Model):
    """A restic repository, read on the machine that is logged in to."""

    repository: Text = Field(description="The repository, as restic wants it there.")
    password_file: Text = Field(description="File on that machine which holds the repository's password.")
    check_log: Text | None = Field(
        None, description="File on that machine with what the last `restic check` printed."
    )
    sizes: bool = Field(
        False,
        description="Measure the 30 newest restore points at each poll (restic before 0.17 keeps no sizes).",
    )


class Borg(Model):
    """A borg repository, read on the machine that is logged in to."""

    repository: Text = Field(description="The repository, as borg wants it there.")
    password_file: Text | None = Field(
        None, description="File on that machine which holds the passphrase; none where it is not encrypted."
    )
    check_log: Text | None = Field(
        None, description="File on that machine with what the last `borg check -v` printed."
    )


class ProxmoxBackup(Model):
    """A datastore of a Proxmox Backup Server, read by its client on the machine that is logged in to."""

    repository: Text = Field(description="USER@REALM@HOST:DATASTORE, as the client wants it.")
    password_file: Text = Field(description="File on that machine which holds the password or token.")


class Rsnapshot(Model):
    """A root of rsnapshot, read on the machine that is logged in to."""

    config: Text = Field("/etc/rsnapshot.conf", description="Its configuration on that machine.")
    sizes: bool = Field(
        False, description="Add up the files of each snapshot at each poll, which takes time."
    )


class SshAccess(Model):
    """Poll over SSH."""

    credential: Name = Field(description="Name of an SSH credential.")
    port: Port = Field(22, description="TCP port.")
    commands: tuple[Name, ...] = Field(
        ("df", "memory", "cpu", "load", "os"), description="Commands to run, by the names in ssh.md."
    )
    powershell: Literal["powershell", "pwsh"] = Field(
        "powershell",
        description="What runs commands of PowerShell: that of Windows, or PowerShell 7, which Linux may have too.",
    )
    restic: tuple[Restic, ...] = Field((), description="restic repositories to read.")
    borg: tuple[Borg, ...] = Field((), description="borg repositories to read.")
    rsnapshot: tuple[Rsnapshot, ...] = Field((), description="Roots of rsnapshot to read.")
    proxmox_backup: tuple[ProxmoxBackup, ...] = Field(
        (), description="Datastores of Proxmox Backup Servers to read."
    )


class Tls(Model):
    """TLS over a connection of another protocol: DICOM, MLLP."""

    ca: FileName | None = Field(
        None, description="Certificate authority of the server; those of this machine when left out."
    )
    certificate: FileName | None = Field(
        None, description="Our own certificate (PEM), where the server asks for one."
    )
    key: FileName | None = Field(
        None, description="Private key of our certificate, without a passphrase, where it is a file apart."
    )
    name: Annotated[str, AfterValidator(_host), Field(max_length=255)] | None = Field(
        None, description="Name in the server's certificate, where it is not the address."
    )
    verify: bool = Field(
        True, description="Whether the server's certificate is checked; false is shown as a warning."
    )

    @model_validator(mode="after")
    def _complete(self) -> Tls:
        if self.key and not self.certificate:
            raise ValueError("key goes with certificate")
        if not self.verify and self.ca:
            raise ValueError("give ca, or verify: false: not both")
        return self


AeTitle = Annotated[str, Field(min_length=1, max_length=16, pattern=r"^ *[!-\[\]-~][ -\[\]-~]*$")]
"""An application entity title: ASCII without a backslash, not only spaces (DICOM PS3.5, 6.2)."""


class StudyCounts(Model):
    """Count the studies of today and yesterday by C-FIND: dates and modalities are asked for, nobody's name."""

    every: Turn = Field(900.0, description="Time between two counts (15m).")
    limit: int = Field(
        5000, ge=1, le=50_000, description="Studies of two days; where there are more, none are counted."
    )


class Dicom(Model):
    """Ask a PACS whether it answers (C-ECHO)."""

    aet: AeTitle = Field(description="Application entity title of the PACS.")
    port: Port = Field(104, description="TCP port.")
    calling: AeTitle = Field("JAUGE", description="Our own application entity title.")
    tls: Tls | None = Field(None, description="Speak DICOM over TLS.")
    counts: StudyCounts | None = Field(
        None, description="Count the studies of today and yesterday; not done when left out."
    )


class Hl7Message(Model):
    """A message for an HL7 listener that speaks of no patient: its head (MSH), and administrative segments."""

    type: Annotated[str, Field(pattern=r"^[A-Z0-9]{3}(\^[A-Z0-9]{3}(\^[A-Z0-9_]{3,7})?)?$")] = Field(
        description="Type of the message (MSH-9), for instance NMD^N02 or one that the engine keeps for tests."
    )
    version: Annotated[str, Field(pattern=r"^2\.[1-9](\.[1-9])?$")] = Field(
        "2.5", description="Version of HL7 (MSH-12)."
    )
    processing: Literal["T", "D", "P"] = Field(
        "T", description="Processing (MSH-11): T for training, D for debugging, P for production."
    )
    sending: Hl7Name = Field("JAUGE", description="Sending application (MSH-3).")
    sending_facility: Hl7Name | None = Field(None, description="Sending facility (MSH-4).")
    receiving: Hl7Name | None = Field(None, description="Receiving application (MSH-5).")
    receiving_facility: Hl7Name | None = Field(None, description="Receiving facility (MSH-6).")
    enhanced: bool = Field(
        False,
        description="Ask for a commit acknowledgement only (MSH-15 AL, MSH-16 NE): codes CA, CE and CR.",
    )
    segments: tuple[Annotated[str, Field(max_length=200), AfterValidator(_administrative)], ...] = Field(
        (), max_length=5, description="Segments after the head: NCK, NSC or NST only, as they are sent."
    )


class Mllp(Model):
    """Ask the HL7 listener of a message engine whether it takes a connection, and what it says to a message."""

    port: Port = Field(2575, description="TCP port.")
    tls: Tls | None = Field(None, description="Speak MLLP over TLS.")
    message: Hl7Message | None = Field(
        None,
        description="Message that is sent at each poll; without one nothing is sent. Only what the engine throws away.",
    )


class OrthancRules(Model):
    """What is asked of an Orthanc beside its statistics."""

    follow: bool = Field(
        True,
        description="Count studies and bytes by modality and year: each series is looked at once, some at each poll.",
    )
    echo: tuple[Text, ...] = Field(
        (),
        description="Modalities, by their names in Orthanc, that it is told to send an echo to at each poll.",
    )


class HttpAccess(Model):
    """Poll an HTTP interface."""

    family: Name = Field(description="What answers there: a name of the table of HTTP families below.")
    url: Annotated[str, Field(pattern=r"^https?://[^/?#@\s]+(/[^?#\s]*)?$")] = Field(
        description="Base address, such as the table of HTTP families gives it for each."
    )
    credential: Name | None = Field(None, description="Name of an HTTP credential.")
    ca: FileName | None = Field(None, description="Certificate authority of the server.")
    verify: bool = Field(
        True, description="Whether the server's certificate is checked; false is shown as a warning."
    )
    orthanc: OrthancRules | None = Field(None, description="What is asked of an Orthanc.")

    @model_validator(mode="after")
    def _fitting(self) -> HttpAccess:
        if self.orthanc is not None and self.family != "orthanc":
            raise ValueError("orthanc goes with family: orthanc")
        return self


class SizeRules(Model):
    """How much of a store's size may be planned with: what a failed node, copies and a reserve leave, up to a ceiling."""

    node_loss: bool | None = Field(
        None,
        description="Plan with what is left when the largest node has failed; where that size is told, done unless false.",
    )
    nodes: int | None = Field(
        None, ge=2, le=1000, description="Nodes of one size, where nobody tells their sizes."
    )
    copies: float | None = Field(
        None,
        ge=1,
        le=10,
        description="Copies kept of each block, where the size that is told counts them and what is used does not.",
    )
    reserve: Ratio | None = Field(
        None, description="Share of the size that stays free, for snapshots or repairs."
    )
    ceiling: Ratio | None = Field(None, description="Share of what is left that may be filled.")


class TargetCapacity(SizeRules):
    """The same for all stores of a target, and for those that differ."""

    stores: dict[Text, SizeRules] = Field(
        default_factory=dict,
        description="Stores that differ, by name; * stands for any letters, and the first that fits is the one.",
    )


PLANNED_KINDS: Final = (*STORE_KINDS, "memory", "processors", "licences", "sessions", "databases", "metadata")
"""What a ceiling can be given for: kinds of stores, and quantities that are no store."""


def _planned_kind(value: str) -> str:
    if value not in PLANNED_KINDS:
        raise ValueError(
            f"{value!r} is no kind of store or quantity: write one of {', '.join(PLANNED_KINDS)}"
        )
    return value


class EstateCapacity(Model):
    """What may be planned with, where a target does not say otherwise."""

    ceilings: dict[Annotated[str, AfterValidator(_planned_kind)], Ratio] = Field(
        default_factory=dict,
        description="Share that may be filled, by kind of store (pool, volume, filesystem ...) or quantity (memory, processors ...).",
    )


class Target(Model):
    """A thing that is polled."""

    name: Name = Field(description="Unique name: letters, digits and . _ -")
    address: Annotated[str, AfterValidator(_host), Field(max_length=255)] | None = Field(
        None, description="Name or IP address; the target's own name when left out."
    )
    credential: Name | None = Field(None, description="Short form: the credential to poll with.")
    port: Port | None = Field(None, description="Short form: the port of that credential's protocol.")
    family: Name | None = Field(None, description="Short form: the device family over SNMP or HTTP.")
    snmp: Snmp | None = Field(None, description="Poll over SNMP.")
    ssh: SshAccess | None = Field(None, description="Poll over SSH.")
    dicom: Dicom | None = Field(None, description="Ask a PACS whether it answers.")
    mllp: Mllp | None = Field(None, description="Ask an HL7 listener whether it answers.")
    http: HttpAccess | None = Field(None, description="Poll an HTTP interface.")
    host: bool = Field(False, description="This machine itself, without a network.")
    interval: Turn | None = Field(None, description="Time between two polls (60s).")
    timeout: Turn | None = Field(None, description="Longest time of one poll (10s).")
    site: Name | None = Field(None, description="Name of a site.")
    role: Text | None = Field(None, description="What it is for: pacs, storage, backup ...")
    service: Text | None = Field(None, description="The service that it belongs to: imaging, laboratory ...")
    directorate: Text | None = Field(None, description="Who pays for it.")
    criticality: Criticality | None = Field(None, description="How much care depends on it.")
    personal_data: PersonalData | None = Field(
        None, description="What personal data it works with; unknown when left out."
    )
    protect: Protect | None = Field(None, description="What is promised about its backups.")
    depends: tuple[Name, ...] = Field((), description="Targets that it needs to work.")
    contract: Text | None = Field(
        None,
        description="Framework contract that extensions are ordered under: a name of `contracts`, or any text.",
    )
    lead_time: LeadTime | None = Field(
        None, description="Time from order to use; that of the contract when left out."
    )
    price: Price | None = Field(
        None,
        description="Price of one usable TB (10^12 bytes), in the estate's currency, where no contract sells by the lot.",
    )
    ceiling: Ratio | None = Field(None, description="Share of the usable size that may be filled.")
    capacity: TargetCapacity | None = Field(
        None, description="Which part of their size its stores are planned with."
    )
    retention: Retention | None = Field(
        None, description="How long its archive keeps a study; the estate's rule when left out."
    )
    formerly: tuple[Name, ...] = Field((), description="Earlier names; their history is kept.")

    @model_validator(mode="after")
    def _reachable(self) -> Target:
        if not (self.credential or self.sections or self.host):
            return self  # a default credential may still come: see `_resolve`
        if self.port is not None and self.credential is None and self.sections:
            raise ValueError("port belongs inside the section that it is for")
        return self

    @property
    def sections(self) -> tuple[Model, ...]:
        """The protocols over which it is polled."""
        found = (self.snmp, self.ssh, self.dicom, self.mllp, self.http)
        return tuple(section for section in found if section is not None)

    @property
    def where(self) -> str:
        """The address to send to."""
        return self.address or self.name

    @property
    def every(self) -> float:
        """Seconds between two polls."""
        return self.interval or DEFAULT_INTERVAL

    @property
    def patience(self) -> float:
        """The longest that one poll may take, in seconds."""
        return self.timeout or DEFAULT_TIMEOUT


class Defaults(Model):
    """Settings of every target that does not say otherwise."""

    credential: Name | None = Field(None, description="Credential of targets that name none.")
    site: Name | None = Field(None, description="Site of targets that name none.")
    interval: Turn | None = Field(None, description="Time between two polls.")
    timeout: Turn | None = Field(None, description="Longest time of one poll.")
    directorate: Text | None = Field(None, description="Who pays.")
    criticality: Criticality | None = Field(None, description="How much care depends on it.")
    personal_data: PersonalData | None = Field(
        None,
        description="What personal data is worked with, where that can be said of all targets that do not say otherwise.",
    )
    contract: Text | None = Field(None, description="Framework contract.")
    lead_time: LeadTime | None = Field(None, description="Time from order to use.")
    price: Price | None = Field(None, description="Price of one usable TB.")
    ceiling: Ratio | None = Field(None, description="Share of the usable size that may be filled.")
    protect: Protect | None = Field(None, description="What is promised about the backups.")


class Traps(Model):
    """Receive traps and informs: each makes an event, and polls its target at once."""

    listen: Annotated[str, AfterValidator(_ip)] = Field(
        "0.0.0.0",
        description="IP address to listen on; :: is every address of both families.",
    )
    port: Port = Field(162, description="UDP port. Ports below 1024 need CAP_NET_BIND_SERVICE.")
    credentials: tuple[Name, ...] = Field(
        (), description="SNMP credentials that traps may bear, beside that which a target is polled with."
    )


def _header(value: str) -> str:
    if value.lower() in ("authorization", "cookie", "proxy-authorization"):
        raise ValueError(f"{value} holds a secret: name a credential instead")
    if not re.fullmatch(r"[A-Za-z0-9-]+", value):
        raise ValueError(f"{value!r} is no name of a header: letters, digits and -")
    return value


Header = Annotated[str, Field(max_length=100), AfterValidator(_header)]


class Engine(Model):
    """Keep the history in a Prometheus-compatible engine, in place of `history.db` (scaling.md)."""

    url: Annotated[str, Field(pattern=r"^https?://[^/?#@\s]+(/[^?#\s]*)?$")] = Field(
        description="Base address of the engine, for instance http://127.0.0.1:8428."
    )
    credential: Name | None = Field(None, description="Name of an HTTP credential.")
    ca: FileName | None = Field(None, description="Certificate authority of the engine.")
    verify: bool = Field(
        True, description="Whether the engine's certificate is checked; false is shown as a warning."
    )
    headers: dict[Header, Annotated[str, Field(pattern=r"^[ -~]{1,200}$")]] = Field(
        default_factory=dict,
        description="Headers of every request, such as X-Scope-OrgID for a tenant; never a secret.",
    )
    write_path: Annotated[str, Field(pattern=r"^/[^?#\s]*$")] = Field(
        "/api/v1/write", description="Where it takes remote write, below its address; Mimir: /api/v1/push."
    )
    read_path: Annotated[str, Field(pattern=r"^(/[^?#\s]*[^/?#\s])?$")] = Field(
        "", description="What its query API (/api/v1/query) is below; Mimir: /prometheus."
    )
    name: Name = Field(
        "jauge", description="Value of the label `history` that marks these series: one for each estate."
    )
    queue_megabytes: int = Field(
        1024,
        ge=8,
        le=1_000_000,
        description="Disk (10^6 bytes) for values that wait while the engine is away; then the oldest are dropped.",
    )
    resend: Annotated[
        float, BeforeValidator(seconds), Field(ge=0, le=3600), WithJsonSchema(DURATION_SCHEMA)
    ] = Field(
        60.0,
        description="What was sent in that time before the engine ended is sent again: VictoriaMetrics loses seconds.",
    )


def _engine(value: Any) -> Any:
    """The short form: the address alone."""
    return {"url": value} if isinstance(value, str) else value


class Exclusion(Model):
    """Machines that no backup job has to know."""

    machine: Text = Field(description="Name of the machine; * stands for any letters.")
    reason: Text = Field(description="Why it needs no backup.")


class Acceptance(Model):
    """A job that holds less than before, and should."""

    job: Text = Field(description="Name of the job.")
    since: datetime.date = Field(description="First day on which it is as it should be.")
    reason: Text = Field(description="Why it holds less.")


class Backups(Model):
    """What people know of backups that the makers do not tell."""

    exclude: tuple[Exclusion, ...] = Field((), description="Machines that no backup job has to know.")
    accept: tuple[Acceptance, ...] = Field((), description="Jobs that hold less than before, and should.")


class Estate(Model):
    """The whole of `estate.yml`."""

    title: Text | None = Field(None, description="Name of the hospital, as pages show it.")
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "Europe/Paris", description="Where its days begin, for instance Europe/Paris."
    )
    language: Literal["fr", "en"] = Field(
        "en", description="Language of pages and reports where the reader does not choose."
    )
    demo: bool = Field(False, description="Say everywhere that this is a demonstration.")
    sites: dict[Name, Site | None] = Field(default_factory=dict, description="Places with machines, by name.")
    credentials: dict[Name, AnyCredential] = Field(
        default_factory=dict, description="How to log in, by name."
    )
    defaults: Defaults = Field(
        default_factory=Defaults, description="Settings of targets that do not say otherwise."
    )
    traps: Traps | None = Field(None, description="Receive SNMP traps; not done when left out.")
    access: Access = Field(
        default_factory=Access,
        description="Who may log in to the pages beside the users that `jauge user add` made.",
    )
    backups: Backups = Field(default_factory=Backups, description="What the makers of backups do not tell.")
    history: Annotated[
        Engine | None, BeforeValidator(_engine, json_schema_input_type=Engine | str | None)
    ] = Field(
        None,
        description="Engine that keeps the history: its address alone, or a section; history.db when left out.",
    )
    capacity: EstateCapacity = Field(
        default_factory=EstateCapacity, description="Which part of a size may be planned with."
    )
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = Field(
        "EUR", description="Currency of every price and budget (ISO 4217)."
    )
    contracts: dict[Name, Contract] = Field(
        default_factory=dict, description="Framework contracts, and what they sell, by name."
    )
    budgets: dict[Year, Budget] = Field(
        default_factory=dict, description="Money by civil year; a year that is not named has no bound."
    )
    purchase: Purchase = Field(default_factory=Purchase, description="How the purchase plan is made.")
    retention: Retention | None = Field(
        None, description="How long archives keep a study, where their target says nothing."
    )
    workstations: Renewal | None = Field(
        None, description="What workstations are for, and how they are renewed."
    )
    notices: Notices | None = Field(
        None, description="Who is told what, by e-mail or in a chat; nobody when left out."
    )
    packages: tuple[FileName, ...] = Field(
        (),
        description="Folders with families and commands of your own (packages.md); a relative one is beside this file.",
    )
    targets: tuple[Target, ...] = Field((), description="What is polled.")

    @property
    def people(self) -> People:
        """What is kept of people."""
        return self.workstations.people if self.workstations else People()

    def accepted(self) -> dict[str, float]:
        """Since when the size of a job is as it should be, where somebody said so: UTC epoch seconds by job."""
        zone = ZoneInfo(self.timezone)
        return {
            one.job: datetime.datetime.combine(one.since, datetime.time(), zone).timestamp()
            for one in self.backups.accept
        }

    def target(self, name: str) -> Target | None:
        """The target of that name, or None."""
        return next((target for target in self.targets if target.name == name), None)
