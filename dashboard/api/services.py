"""Clusters, archives of images, and the platforms that people work with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal, get_args

from pydantic import Field

from dashboard import archives, platforms
from dashboard.api.parameters import choice, text
from dashboard.api.records import Day, Id, Moment, Number, Record, Text, Whole, id_of
from dashboard.api.resources import Asked, Document, Listing
from dashboard.archives import Pacs
from dashboard.clusters import Cluster as Known
from dashboard.data import HISTORY, PLAN, STATUS
from exporters.plan.outlooks import Outlook
from forecasting import planned
from forecasting.headroom import Room

PLACE: Final = "Place in the order of the page: 1 is the worst."

# --- clusters -----------------------------------------------------------------------------------------

ClusterState = Literal["short", "full", "unknown", "well"]
HostState = Literal["silent", "down", "partly", "well", "unknown"]
DiskState = Literal["failed", "worn", "well", "unknown"]


class Headroom(Record):
    """A quantity of a cluster, and what the other nodes carry of it when the largest one fails. Amounts are in `unit`."""

    what: Text
    quantity: Text
    unit: Text = Field(description="bytes, ratio (of 1), or empty for plain numbers.")
    used: Number
    size: Number | None
    without_largest_node: Number | None = Field(description="What the other nodes hold.")
    left: Number | None = Field(description="Of that, what stays free; below 0 they cannot carry it.")
    load_ratio: Number | None = Field(description="Of that, what is in use; above 1 they cannot carry it.")
    limit_on: Day | None = Field(description="The day with even chances of reaching what may be filled.")
    reason: Text | None = Field(description="Why there is no such day, in the planner's words.")
    order_by: Day | None


class Host(Record):
    """A node as it was last seen."""

    name: Text
    state: HostState
    processors: Number | None
    processor_used_ratio: Number | None
    memory_used_bytes: Whole | None
    memory_size_bytes: Whole | None
    machines: Number | None = Field(description="Virtual machines on it.")


class Disk(Record):
    """A disk as it was last seen."""

    name: Text
    state: DiskState
    used_ratio: Number | None
    worn_ratio: Number | None = Field(description="Of the writes that it is made for.")


class Cluster(Record):
    """A cluster, its head-room, hosts and disks."""

    place: int = Field(description=PLACE, ge=1)
    id: Id
    name: Text = Field(description="The target of the estate.")
    state: ClusterState = Field(
        description="short: a node cannot fail today; full: what may be filled has a date."
    )
    headroom: list[Headroom] = Field(description="The tightest first.")
    hosts: list[Host]
    disks: list[Disk]


def _cluster(place: int, one: Known, _: Asked) -> Cluster:
    hosts = [
        Host(
            name=each.name,
            state=each.state,
            processors=each.cpus,
            processor_used_ratio=each.cpu,
            memory_used_bytes=each.memory,
            memory_size_bytes=each.memory_size,
            machines=each.vms,
        )
        for each in one.hosts
    ]
    disks = [
        Disk(name=each.name, state=each.state, used_ratio=each.used, worn_ratio=each.wear)
        for each in one.disks
    ]
    rooms = [_room(each) for each in one.rooms]
    return Cluster(
        place=place,
        id=id_of(one.name),
        name=one.name,
        state=one.state,
        headroom=rooms,
        hosts=hosts,
        disks=disks,
    )


def _room(room: Room) -> Headroom:
    one = room.outlook
    limit_on, reason = _limit(one)
    return Headroom(
        what=planned.name(one),
        quantity=one.quantity,
        unit=one.unit,
        used=one.used,
        size=one.capacity,
        without_largest_node=room.without,
        left=room.left,
        load_ratio=room.load,
        limit_on=limit_on,
        reason=reason,
        order_by=one.order_by,
    )


def _limit(one: Outlook) -> tuple[Day | None, str | None]:
    """When a limit is reached; else why there is no day."""
    if one.date is not None and not one.is_over:
        return one.date, None
    return None, one.reason or None


# --- archives -----------------------------------------------------------------------------------------


class Modality(Record):
    """What an archive holds of a modality."""

    code: Text = Field(description="As DICOM has it: CT, MR.")
    stored_bytes: Whole | None
    studies: Number | None
    added_bytes: Whole | None = Field(description="Since `over_days` ago; below 0 where more was deleted.")
    over_days: int
    yearly_growth_ratio: Number | None = Field(description="Of what was held at the start of a year.")
    study_mean_bytes: Whole | None


class Area(Record):
    """Where an archive keeps what it holds."""

    store: Id
    name: Text
    tier: Text | None = Field(description="How soon it gives that out, where the archive tells.")
    used_ratio: Number | None
    full_on: Day | None


class Queue(Record):
    """Jobs of a queue of an archive, or its transfers to a peer."""

    name: Text
    state: archives.State
    jobs: dict[str, float] = Field(description="How many are in each state.")
    waiting: Number | None
    refused: Number | None = Field(description="Instances that a peer did not take.")


class Peer(Record):
    """A modality or an archive that this one knows."""

    name: Text
    answers: bool | None = Field(description="Whether it answered its echo.")


class Archive(Record):
    """An archive of images (PACS), as it told last."""

    place: int = Field(description=PLACE, ge=1)
    id: Id
    name: Text = Field(description="The target of the estate.")
    state: archives.State = Field(description="By its last C-ECHO; unknown where nobody asks it over DICOM.")
    echo_seconds: Number | None = Field(description="What the last C-ECHO took that succeeded.")
    causes: list[Text] = Field(description="Why it would not talk to us.")
    patients: Number | None
    studies: Number | None
    series: Number | None
    instances: Number | None
    stored_bytes: Whole | None
    uncompressed_bytes: Whole | None
    counted: Moment | None = Field(description="The day that `modalities` are of.")
    modalities: list[Modality] = Field(description="The largest first.")
    areas: list[Area] = Field(description="What is full first comes first.")
    queues: list[Queue]
    transfers: list[Queue]
    peers: list[Peer]


def _archive(place: int, one: Pacs, _: Asked) -> Archive:
    told = one.values
    return Archive(
        place=place,
        id=id_of(one.name),
        name=one.name,
        state=one.state,
        echo_seconds=one.seconds,
        causes=list(one.causes),
        patients=told.get("jauge_pacs_patients"),
        studies=told.get("jauge_pacs_studies"),
        series=told.get("jauge_pacs_series"),
        instances=told.get("jauge_pacs_instances"),
        stored_bytes=told.get("jauge_pacs_stored_bytes"),
        uncompressed_bytes=told.get("jauge_pacs_uncompressed_bytes"),
        counted=one.counted,
        modalities=[_modality(each) for each in one.modalities],
        areas=[_area(each) for each in one.areas],
        queues=_queues(one.queues),
        transfers=_queues(one.transfers),
        peers=[Peer(name=each.name, answers=each.answers) for each in one.peers],
    )


def _modality(one: archives.Modality) -> Modality:
    return Modality(
        code=one.code,
        stored_bytes=one.stored,
        studies=one.studies,
        added_bytes=one.added,
        over_days=one.days,
        yearly_growth_ratio=one.yearly,
        study_mean_bytes=one.weight,
    )


def _area(one: archives.Area) -> Area:
    store = one.store
    return Area(
        store=id_of(store.unique_id),
        name=store.name,
        tier=one.tier or None,
        used_ratio=store.ratio,
        full_on=store.full,
    )


def _queues(found: Iterable[archives.Queue]) -> list[Queue]:
    return [
        Queue(name=one.name, state=one.state, jobs=dict(one.jobs), waiting=one.waiting, refused=one.refused)
        for one in found
    ]


# --- platforms ----------------------------------------------------------------------------------------


class Listener(Record):
    """What an HL7 listener last did."""

    target: Text
    state: platforms.State
    acknowledged: Text | None = Field(description="The code of its acknowledgement (HL7 table 0008).")
    took_seconds: Number | None


class Channel(Record):
    """A channel of a message engine, or a queue of a broker."""

    target: Text
    name: Text
    state: platforms.State
    waiting: Number | None = Field(description="Messages.")
    oldest_seconds: Number | None = Field(description="For how long the oldest of them has waited.")


class Phones(Record):
    """Telephones and other devices of one kind."""

    target: Text
    kind: Text
    registered: Number | None
    unregistered: Number | None


class Use(Record):
    """What a platform has a limited number of: bytes of tablespaces, plain numbers of all else."""

    target: Text
    kind: platforms.Kind
    name: Text | None
    state: platforms.State
    used: Number | None
    size: Number | None
    used_ratio: Number | None
    limit_on: Day | None = Field(description="The day with even chances of reaching what may be used.")
    reason: Text | None = Field(
        description="Why there is no such day, in the planner's words; null where it is not forecast."
    )
    order_by: Day | None


class Copy(Record):
    """A copy of databases."""

    target: Text
    name: Text | None = Field(description="null where the target is itself the copy.")
    state: platforms.State
    behind_seconds: Number


class Dump(Record):
    """The last backups that a database server tells of a database."""

    target: Text
    database: Text
    ended: dict[str, Moment] = Field(description="When, by what it holds.")


class Platforms(Record):
    """All of them, the worst first."""

    listeners: list[Listener]
    channels: list[Channel]
    phones: list[Phones]
    telephony: list[Use]
    desktops: list[Use]
    databases: list[Use]
    copies: list[Copy]
    dumps: list[Dump]


def _platforms(asked: Asked) -> Platforms:
    found = asked.data.platforms()
    return Platforms(
        listeners=[
            Listener(
                target=one.target, state=one.state, acknowledged=one.code or None, took_seconds=one.seconds
            )
            for one in found.listeners
        ],
        channels=[
            Channel(
                target=one.target,
                name=one.name,
                state=one.state,
                waiting=one.waiting,
                oldest_seconds=one.oldest,
            )
            for one in found.channels
        ],
        phones=[Phones(**one._asdict()) for one in found.phones],
        telephony=_uses(found.telephony),
        desktops=_uses(found.desktops),
        databases=_uses(found.databases),
        copies=[
            Copy(target=one.target, name=one.name or None, state=one.state, behind_seconds=one.lag)
            for one in found.copies
        ],
        dumps=[Dump(target=one.target, database=one.database, ended=dict(one.at)) for one in found.dumps],
    )


def _uses(found: Sequence[platforms.Use]) -> list[Use]:
    return [_use(one) for one in found]


def _use(one: platforms.Use) -> Use:
    outlook = one.outlook
    limit_on, reason = _limit(outlook) if outlook else (None, None)
    return Use(
        target=one.target,
        kind=one.kind,
        name=one.name or None,
        state=one.state,
        used=one.used,
        size=one.size,
        used_ratio=one.ratio,
        limit_on=limit_on,
        reason=reason,
        order_by=outlook.order_by if outlook else None,
    )


RESOURCES: Final = (
    Listing(
        path="/clusters",
        title="Clusters",
        about="What the other nodes of each cluster carry when the largest one fails, its hosts and disks.",
        page="/hyperconverged",
        model=Cluster,
        rests_on=(HISTORY, PLAN),
        parameters=(choice("state", "Only clusters in this state.", get_args(ClusterState)),),
        ask=lambda asked: asked.left(asked.data.clusters(), state=lambda one: one.state),
        make=_cluster,
        key=lambda one: id_of(one.name),
    ),
    Listing(
        path="/archives",
        title="Archives",
        about="Archives of images (PACS): whether they answer, what they hold by modality, what waits.",
        page="/pacs",
        model=Archive,
        rests_on=(HISTORY, PLAN, STATUS),
        parameters=(text("target", "Only the archive that is this target of the estate."),),
        ask=lambda asked: asked.left(asked.data.pacs(), target=lambda one: one.name),
        make=_archive,
        key=lambda one: id_of(one.name),
    ),
    Document(
        path="/platforms",
        title="Platforms",
        about="Message engines, telephony, virtual desktops and databases.",
        page="/platforms",
        model=Platforms,
        rests_on=(HISTORY, PLAN),
        ask=_platforms,
    ),
)
