"""What the page of platforms shows, as plain values: message engines, telephony, virtual desktops, databases."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from exporters.plan.outlooks import Outlook

WAITS: Final = 600.0
"""Seconds that a message may have waited: an order or a result that is later is missed in care."""

LAGS: Final = 300.0
"""Seconds that a copy of a database may be behind: what is lost when it takes over."""

TIGHT: Final = 0.9
"""Share in use from which something is called tight: half a busy hour more, and somebody finds none free."""

ACCEPTED: Final = ("AA", "CA")
"""Codes of an acknowledgement that took the message (HL7 table 0008)."""

State = Literal["down", "failed", "late", "over", "tight", "well", "unknown"]
_ORDER: Final = ("down", "failed", "over", "late", "tight", "unknown", "well")

Kind = Literal["calls", "trunk", "media", "desktops", "connections", "tablespace"]


class Listener(NamedTuple):
    """What an HL7 listener last did: `code` acknowledged our message, after `seconds`."""

    target: str
    up: bool | None = None
    code: str = ""
    seconds: float | None = None

    @property
    def state(self) -> State:
        if self.up is False:
            return "down"
        if self.code and self.code not in ACCEPTED:
            return "failed"
        return "well" if self.up or self.code else "unknown"


class Channel(NamedTuple):
    """A channel of a message engine, or a queue of a broker: messages that wait, and for how long the oldest has."""

    target: str
    name: str
    up: bool | None = None
    waiting: float | None = None
    oldest: float | None = None

    @property
    def state(self) -> State:
        if self.up is False:
            return "down"
        if self.oldest is not None and self.oldest > WAITS:
            return "late"
        return "unknown" if self.up is None and self.is_untimed else "well"

    @property
    def is_untimed(self) -> bool:
        """Messages may wait, and nobody tells for how long: nothing is known of whether they are late."""
        return self.oldest is None and self.waiting != 0


class Phones(NamedTuple):
    """Telephones and other devices of one kind: how many are registered, and how many are known and are not."""

    target: str
    kind: str
    registered: float | None = None
    unregistered: float | None = None


class Use(NamedTuple):
    """What a platform has a limited number of: `used` of `size`, in bytes or plain numbers. None where nobody tells it.

    `free` is what waits for somebody, where that is told apart: a desktop that is neither used nor ready is not.
    """

    kind: Kind
    target: str
    name: str
    used: float | None
    size: float | None
    outlook: Outlook | None = None
    free: float | None = None

    @property
    def unit(self) -> Literal["bytes", ""]:
        return "bytes" if self.kind == "tablespace" else ""

    @property
    def ratio(self) -> float | None:
        """The share in use."""
        return self.used / self.size if self.used is not None and self.size else None

    @property
    def state(self) -> State:
        if self.ratio is None:
            return "unknown"
        if self.ratio >= 1 or self.free == 0:
            return "over"
        return "tight" if self.ratio >= TIGHT else "well"


class Copy(NamedTuple):
    """A copy of databases, and how many seconds it is behind. Without a name the server is itself the copy."""

    target: str
    name: str
    lag: float

    @property
    def state(self) -> State:
        return "late" if self.lag > LAGS else "well"


class Dump(NamedTuple):
    """The last backup that a database server tells of one of its databases: UTC epoch seconds by what it holds."""

    target: str
    database: str
    at: tuple[tuple[str, float], ...]


class Platforms(NamedTuple):
    """All of them, worst first."""

    listeners: tuple[Listener, ...] = ()
    channels: tuple[Channel, ...] = ()
    phones: tuple[Phones, ...] = ()
    telephony: tuple[Use, ...] = ()
    desktops: tuple[Use, ...] = ()
    databases: tuple[Use, ...] = ()
    copies: tuple[Copy, ...] = ()
    dumps: tuple[Dump, ...] = ()


def rank(state: State) -> int:
    """The place of a state: the worst first."""
    return _ORDER.index(state)
