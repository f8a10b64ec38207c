"""Message engines, telephony, virtual desktops and databases, as the history last saw them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from dashboard.data.files import HISTORY, PLAN
from dashboard.data.parts import Parts, Told
from dashboard.data.stores import Stores
from dashboard.platforms import Channel, Copy, Dump, Kind, Listener, Phones, Platforms, Use, rank
from exporters.history import unique_id
from exporters.plan.outlooks import Outlook
from inventory.metrics import labels as pairs_of


class _Row(NamedTuple):
    """What there is a limited number of: the metric of what is used, those of how many there are (the first that is told), its labels."""

    kind: Kind
    used: str
    sizes: tuple[str, ...]
    labels: tuple[str, ...] = ()
    free: str = ""


_TELEPHONY: Final = (
    _Row("calls", "jauge_calls_active", ("jauge_calls_limit",)),
    _Row("trunk", "jauge_trunk_channels_used", ("jauge_trunk_channels",), ("trunk", "access")),
    _Row("media", "jauge_media_resources_used", ("jauge_media_resources",), ("kind", "domain")),
)
_DESKTOPS: Final = (
    _Row(
        "desktops", "jauge_desktop_machines_used", ("jauge_desktop_machines",), ("pool",), "jauge_desktop_machines_available",
    ),
)  # fmt: skip
_DATABASES: Final = (
    _Row("connections", "jauge_database_connections", ("jauge_database_connections_limit",)),
    _Row(
        "tablespace", "jauge_tablespace_used_bytes", ("jauge_tablespace_limit_bytes", "jauge_tablespace_size_bytes"),
        ("tablespace", "database"),
    ),
)  # fmt: skip


class Services(Parts, Stores):
    """Platforms that people work with."""

    def platforms(self) -> Platforms:
        """Every one that the history knows, worst first."""
        return self._remember("platforms", (HISTORY, PLAN), Platforms(), self._platforms)

    def _platforms(self) -> Platforms:
        outlooks = {one.unique_id: one for one in self.outlooks()}
        return Platforms(
            tuple(sorted(self._listeners(), key=lambda one: (rank(one.state), one.target))),
            tuple(
                sorted(
                    self._channels(),
                    key=lambda one: (rank(one.state), -(one.oldest or 0.0), one.target, one.name),
                )
            ),
            tuple(sorted(self._phones(), key=lambda one: (-(one.unregistered or 0.0), one.target, one.kind))),
            self._uses(_TELEPHONY, outlooks),
            self._uses(_DESKTOPS, outlooks),
            self._uses(_DATABASES, outlooks),
            tuple(sorted(self._copies(), key=lambda one: (-one.lag, one.target, one.name))),
            tuple(
                sorted(self._dumps(), key=lambda one: (max(at for _, at in one.at), one.target, one.database))
            ),
        )

    def _listeners(self) -> Iterator[Listener]:
        told = self._parts({"jauge_hl7_listener_up": "up", "jauge_hl7_ack_seconds": "seconds"})
        codes = self._parts({"jauge_hl7_ack": "is"}, "code")
        for target, parts in told.items():
            one = parts[()]
            code = next((name for (name,), is_it in codes.get(target, {}).items() if is_it.get("is")), "")
            yield Listener(target, _yes(one, "up"), code, one.get("seconds"))

    def _channels(self) -> Iterator[Channel]:
        channels = self._parts(
            {
                "jauge_hl7_channel_up": "up",
                "jauge_hl7_queue_depth": "waiting",
                "jauge_hl7_oldest_message_age_seconds": "oldest",
            },
            "channel",
        )
        queues = self._parts({"jauge_queue_messages": "waiting"}, "queue")
        for found in (channels, queues):
            for target, (name,), told in _each(found):
                yield Channel(target, name, _yes(told, "up"), told.get("waiting"), told.get("oldest"))

    def _phones(self) -> Iterator[Phones]:
        metrics = {f"jauge_telephony_devices_{field}": field for field in ("registered", "unregistered")}
        for target, (kind,), told in _each(self._parts(metrics, "kind")):
            yield Phones(target, kind, told.get("registered"), told.get("unregistered"))

    def _copies(self) -> Iterator[Copy]:
        found = self._parts({"jauge_database_replication_lag_seconds": "lag"}, "replica")
        for target, (name,), told in _each(found):
            yield Copy(target, name, told["lag"])

    def _dumps(self) -> Iterator[Dump]:
        found = self._parts({"jauge_database_backup_timestamp_seconds": "at"}, "database", "kind")
        for target, parts in found.items():
            for database in dict.fromkeys(database for database, _ in parts):
                at = [(kind, told["at"]) for (name, kind), told in parts.items() if name == database and told]
                if at:
                    yield Dump(target, database, tuple(sorted(at)))

    def _uses(self, rows: tuple[_Row, ...], outlooks: Mapping[str, Outlook]) -> tuple[Use, ...]:
        found = [use for row in rows for use in self._used(row, outlooks)]
        return tuple(
            sorted(found, key=lambda one: (rank(one.state), -(one.ratio or 0.0), one.target, one.name))
        )

    def _used(self, row: _Row, outlooks: Mapping[str, Outlook]) -> Iterator[Use]:
        metrics = {row.used: "used", **{size: size for size in row.sizes}}
        if row.free:
            metrics[row.free] = "free"
        for target, name, told in _each(self._parts(metrics, *row.labels)):
            size = next((told[size] for size in row.sizes if size in told), None)
            pairs = pairs_of(**dict(zip(row.labels, name, strict=True)))
            outlook = outlooks.get(unique_id(target, row.used, pairs))
            said = " · ".join(part for part in name if part)
            yield Use(row.kind, target, said, told.get("used"), size, outlook, told.get("free"))


def _each(found: Mapping[str, Mapping[tuple[str, ...], Told]]) -> Iterator[tuple[str, tuple[str, ...], Told]]:
    """Target, part, and what it told, of all parts that told something lately."""
    return ((target, name, told) for target, parts in found.items() for name, told in parts.items() if told)


def _yes(told: Told, field: str) -> bool | None:
    return told[field] > 0 if field in told else None
