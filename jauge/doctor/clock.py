"""The clock of this machine: whether something sets it, where its days begin, and what devices and files say of it."""

from __future__ import annotations

import ctypes
import datetime as dt
import statistics
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from collectors.poll import Poll
from inventory.estate import Estate
from jauge.doctor import Finding
from jauge.files import Files

_UNSYNC: Final = 0x0040
"""STA_UNSYNC of adjtimex(2): nothing has set this clock for so long that the kernel does not vouch for it."""

_FAR: Final = 0.5
"""Seconds that the kernel may think the clock to be off: what no server of time is behind."""

SKEW: Final = "jauge_clock_skew_seconds"
OFF: Final = 5.0
"""Seconds from which devices that agree say that it is our clock."""

_FEW: Final = 3
"""Devices that have to agree."""

_AHEAD: Final = 60.0


class _Timex(ctypes.Structure):
    """`struct timex` of Linux, as far as it is read; the rest is room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("room", ctypes.c_byte * 256),
    )


class Kernel(NamedTuple):
    """What the kernel says of the clock: whether it is kept in time, and within how many seconds."""

    kept: bool
    within: float


def kernel() -> Kernel | None:
    """The same for chrony, ntpd, systemd-timesyncd and what a hypervisor does: they all tell the kernel. None where it cannot be asked."""
    told = _Timex()
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(told))
    except (OSError, AttributeError):
        return None
    return Kernel(not told.status & _UNSYNC, told.maxerror / 1e6) if state >= 0 else None


def examine(estate: Estate, files: Files, polls: Iterable[Poll], now: float) -> Iterator[Finding]:
    """All that is to be said of the clock."""
    yield _kept(kernel())
    yield _zone(estate, now)
    yield from _devices(polls)
    yield from _future(files, now)


def _kept(told: Kernel | None) -> Finding:
    what, do = (
        "nothing keeps this clock in time",
        "start chrony or systemd-timesyncd, and let it reach a server of time",
    )
    if told is None:
        return Finding("clock", "advice", "this machine", "whether the clock is kept in time is unknown", do)
    if not told.kept:
        return Finding("clock", "warning", "this machine", what, do)
    if told.within > _FAR:
        said = f"the clock may be off by {told.within:.1f} s: its server of time was not heard for long"
        return Finding("clock", "advice", "this machine", said, do)
    return Finding(
        "clock", "fine", "this machine", f"kept in time, within {told.within * 1000:.0f} ms at most"
    )


def _zone(estate: Estate, now: float) -> Finding:
    ours = dt.datetime.fromtimestamp(now, ZoneInfo(estate.timezone)).utcoffset()
    machine = dt.datetime.fromtimestamp(now).astimezone()
    if ours == machine.utcoffset():
        return Finding("clock", "fine", "time zone", f"{estate.timezone}, as this machine")
    said = f"the estate's days begin by {estate.timezone}, this machine's clock shows {machine.tzname()}"
    return Finding(
        "clock",
        "advice",
        "time zone",
        said,
        f"timedatectl set-timezone {estate.timezone}: the log, and the hour of the nightly plan, go by the machine's",
    )


def _devices(polls: Iterable[Poll]) -> Iterator[Finding]:
    """Devices that agree on another time than ours: then it is ours that is off. One alone is a matter of its own alert."""
    told = [sample.value for poll in polls for sample in poll if sample.metric == SKEW]
    if len(told) < _FEW:
        return
    middle = statistics.median(told)
    agree = sum(abs(skew - middle) <= OFF for skew in told)
    if abs(middle) > OFF and 2 * agree > len(told):
        said = f"{agree} of {len(told)} devices that tell their time are {abs(middle):.0f} s {'ahead of' if middle > 0 else 'behind'} this machine"
        yield Finding(
            "clock", "warning", "devices", said, "it is probably this clock: compare it with a server of time"
        )
    else:
        yield Finding(
            "clock", "fine", "devices", f"{len(told)} devices tell their time, half of them within {max(abs(middle), 1):.0f} s"
        )  # fmt: skip


def _future(files: Files, now: float) -> Iterator[Finding]:
    for path in (*files.databases, files.status):
        ahead = _written(path) - now
        if ahead > _AHEAD:
            yield Finding(
                "clock",
                "warning",
                str(path),
                f"written {ahead:.0f} s from now: a clock was ahead, or is behind now",
                "set the clock right; values that bear the wrong time are kept in the days that it named",
            )


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def stamped(last: float | None, now: float | None = None) -> Finding | None:
    """What is to be said of the newest value of a history, `last` (UTC epoch seconds)."""
    ahead = (last or 0.0) - (time.time() if now is None else now)
    if ahead <= _AHEAD:
        return None
    return Finding(
        "clock",
        "warning",
        "history.db",
        f"its newest value is of {ahead:.0f} s from now: a clock was ahead, or is behind now",
        "set the clock right; until then the newest values of the history are not those of now",
    )
