"""Rates of counters: what was counted, or nothing.

The truth is a count without bounds, kept beside the counter that an agent shows of it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from collectors.counters import Bits, Counters, Mark, Moment, rate

DAY = 24 * 3600.0
GIGABIT = 1e9 / 8
FAST_ETHERNET = 1e8 / 8
UPTIME_WRAP = 2**32 / 100
"""Seconds after which sysUpTime is 0 again: 497 days."""


# --- whatever happens -----------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class History:
    """What happened to a counter between two answers. Seconds, and counts without bounds."""

    bits: Bits
    limit: float
    seconds: float
    uptime: float  # of the agent, at the first answer
    total: int  # counted since the agent started, at the first answer
    counted: int  # between the answers, or since the restart
    restart: float | None  # so long after the first answer
    late: float  # how much longer the second answer was under way than the first
    drift: float  # how much faster the agent's clock runs
    silent: bool  # the agent does not tell sysUpTime

    @property
    def answers(self) -> tuple[Mark, Mark]:
        """What we see of it."""
        passed = self.seconds * (1 + self.drift)
        uptime, total = self.uptime + passed, self.total + self.counted
        if self.restart is not None:
            uptime, total = passed - self.restart * (1 + self.drift), self.counted
        first = Mark(self.total % 2**self.bits, 1000.0, self._ticks(self.uptime))
        second = Mark(total % 2**self.bits, 1000.0 + self.seconds + self.late, self._ticks(uptime))
        return first, second

    def _ticks(self, uptime: float) -> int | None:
        return None if self.silent else round(uptime * 100) % 2**32

    def told(self) -> float | None:
        return rate(*self.answers, self.bits, self.limit)

    @property
    def truth(self) -> float:
        first, second = self.answers
        return self.counted / (second.at - first.at)


@st.composite
def histories(draw: st.DrawFn, *, restarts: bool, silent: bool | None = None) -> History:
    """A counter that never counts faster than its limit, of an agent whose clock is 1 % out at most."""
    bits: Bits = draw(st.sampled_from([32, 64]))
    limit = 10 ** draw(st.floats(0, 11))
    seconds = draw(st.floats(3, 7200))
    restart = draw(st.floats(0, seconds)) if restarts else None
    time = seconds - (restart or 0.0)
    uptime = draw(st.one_of(st.floats(0, 600), st.floats(0, 3 * UPTIME_WRAP)))
    near = draw(st.one_of(st.just(0), st.integers(0, 2**bits), st.integers(2**bits - 10**6, 2**bits)))
    return History(
        bits=bits,
        limit=limit,
        seconds=seconds,
        uptime=uptime,
        total=near,
        counted=int(draw(st.floats(0, 0.99)) * limit * time),
        restart=restart,
        late=draw(st.floats(0, 0.01 * seconds)),
        drift=draw(st.floats(-0.01, 0.01)),
        silent=draw(st.booleans()) if silent is None else silent,
    )


@given(histories(restarts=False))
def test_a_rate_is_what_was_counted_or_absent(history: History) -> None:
    assert history.told() in (None, pytest.approx(history.truth, rel=1e-9))


@given(histories(restarts=True))
def test_an_interval_with_a_restart_has_no_rate(history: History) -> None:
    moved = history.uptime + (history.restart or 0.0)
    assume(min(moved % UPTIME_WRAP, -moved % UPTIME_WRAP) > 0.1 * history.seconds + 10 or moved < DAY)
    assert history.told() is None


@given(histories(restarts=False, silent=False))
def test_a_counter_that_cannot_wrap_twice_has_a_rate(history: History) -> None:
    assume(history.limit * history.seconds * 1.02 < 2 ** (history.bits - 1))
    ticks = history.answers[0].ticks  # as it is told: rounded, 497 days may be 0 already
    assume(ticks is not None and ticks / 100 > 0.1 * history.seconds + 10)
    assert history.told() == pytest.approx(history.truth, rel=1e-9)


ANY_MARK = st.builds(
    Mark,
    st.integers(-(2**70), 2**70),
    st.floats(0, 1e7),
    st.one_of(st.none(), st.integers(0, 2**32 - 1)),
)


@given(
    ANY_MARK,
    ANY_MARK,
    st.sampled_from([32, 64]),
    st.one_of(st.none(), st.floats(0, 1e15), st.just(float("nan"))),
)
def test_whatever_an_agent_sends_no_rate_is_negative_or_above_its_limit(
    before: Mark, now: Mark, bits: Bits, limit: float | None
) -> None:
    found = rate(before, now, bits, limit)
    assert found is None or 0 <= found <= (limit or 1e12)


# --- one rule after the other ---------------------------------------------------------------------------


def after(
    seconds: float,
    before: int,
    now: int,
    *,
    bits: Bits = 64,
    limit: float | None = GIGABIT,
    uptime: float = DAY,
    ran: float | None = None,
) -> float | None:
    """The rate of a counter of an agent that has been up for a day, and counts time as we do."""
    ticks = round(uptime * 100) % 2**32, round((uptime + (seconds if ran is None else ran)) * 100) % 2**32
    return rate(Mark(before, 50.0, ticks[0]), Mark(now, 50.0 + seconds, ticks[1]), bits, limit)


def test_a_rate_is_the_difference_over_the_seconds_of_our_clock() -> None:
    assert after(60, 1_000_000, 7_000_000) == 100_000
    assert after(60, 5, 5) == 0


def test_a_counter_that_wrapped_once_is_read_across_the_wrap() -> None:
    assert after(60, 2**32 - 400, 200, bits=32, limit=FAST_ETHERNET) == 10
    assert after(60, 2**64 - 400, 200) == 10


@pytest.mark.parametrize(("megabits", "seconds"), [(10, 57 * 60), (100, 5.7 * 60), (1000, 34)], ids=str)
def test_a_counter32_has_a_rate_only_where_rfc_2863_lets_it_wrap_no_more_than_once(
    megabits: float, seconds: float
) -> None:
    """Section 3.1.6 says after how long ifInOctets wraps: just over 57 minutes, 5.7 minutes, 34 seconds."""
    limit = megabits * 1e6 / 8
    assert after(seconds, 1_000, 3_000, bits=32, limit=limit) == pytest.approx(2_000 / seconds)
    assert after(seconds * 1.02, 1_000, 3_000, bits=32, limit=limit) is None
    assert after(seconds * 1.02, 2**32 - 1_000, 1_000, bits=32, limit=limit) is None
    assert after(seconds * 1.02, 1_000, 3_000, bits=64, limit=limit) is not None


def test_two_wraps_in_one_interval_leave_no_trace_and_so_no_rate() -> None:
    counted = 2 * 2**32 + 6_000  # in 60 s, on ten gigabits
    assert after(60, 1_000, (1_000 + counted) % 2**32, bits=32, limit=10 * GIGABIT) is None


def test_a_counter32_of_unknown_speed_has_no_rate_and_a_counter64_has_one() -> None:
    for unknown in (None, 0.0):
        assert after(60, 1_000, 7_000, bits=32, limit=unknown) is None
        assert after(60, 1_000, 7_000, bits=64, limit=unknown) == 100


def test_a_counter64_that_fell_was_reset_and_did_not_wrap() -> None:
    assert after(60, 10**15, 0) is None
    assert after(60, 10**15, 10**15 - 1) is None
    assert after(60, 2**63, 5, limit=None) is None


def test_a_counter32_that_went_back_a_little_is_no_wrap_even_of_a_busy_line() -> None:
    """100 Mbit/s for 300 s is 87 % of 2^32: a step back would look like a line at its limit."""
    assert after(300, 3_000_000_000, 2_000_000_000, bits=32, limit=FAST_ETHERNET) is None
    assert after(300, 2_000_000_000, 5, bits=32, limit=FAST_ETHERNET) is None
    assert after(300, 4_000_000_000, 705_032_704, bits=32, limit=FAST_ETHERNET) == pytest.approx(1e9 / 300)


@pytest.mark.parametrize("limit", [GIGABIT, None], ids=["gigabit", "unknown"])
def test_a_counter_that_jumps_beyond_its_limit_has_no_rate(limit: float | None) -> None:
    assert after(60, 1_000, 1_000 + 10**15, limit=limit) is None
    assert after(60, 1_000, 2**64 - 1, limit=limit) is None


def test_a_restart_has_no_rate_even_where_the_counter_is_above_what_it_was() -> None:
    assert after(60, 1_000, 90_000, ran=-DAY + 30) is None


def test_the_wrap_of_sys_up_time_after_497_days_is_no_restart() -> None:
    assert after(60, 1_000, 7_000, uptime=UPTIME_WRAP - 20) == 100
    assert after(60, 1_000, 7_000, uptime=UPTIME_WRAP - 20, ran=600) is None


@pytest.mark.parametrize("ran", [0, 30, 90, 3600], ids=lambda ran: f"{ran}s")
def test_an_agent_whose_minute_is_no_minute_has_no_rate(ran: float) -> None:
    """It was paused, restored from a snapshot, or our own machine slept."""
    assert after(60, 1_000, 7_000, ran=ran) is None


@pytest.mark.parametrize("ran", [57, 59, 61, 63], ids=lambda ran: f"{ran}s")
def test_an_answer_that_took_its_time_and_a_clock_that_is_out_do_no_harm(ran: float) -> None:
    assert after(60, 1_000, 7_000, ran=ran) == 100


def test_an_answer_may_be_seconds_late_however_short_the_interval() -> None:
    assert after(5, 1_000, 1_500, ran=1) == after(5, 1_000, 1_500, ran=9) == 100


def test_without_sys_up_time_a_counter_has_a_rate_where_it_counted_more_than_it_can_since_a_restart() -> None:
    """A gigabit for 60 s is 7.5 GB: a counter above that has been counting for longer."""
    assert rate(Mark(10**12, 0.0), Mark(10**12 + 6_000, 60.0), 64, GIGABIT) == 100
    assert rate(Mark(1_000, 0.0), Mark(7_000, 60.0), 64, GIGABIT) is None
    assert rate(Mark(1_000, 0.0, 500_000), Mark(7_000, 60.0), 64, GIGABIT) is None
    assert rate(Mark(2**32 - 400, 0.0), Mark(200, 60.0), 32, FAST_ETHERNET) is None


def test_two_answers_too_close_or_too_far_apart_have_no_rate() -> None:
    assert after(0, 1_000, 1_000) is None
    assert after(0.9, 1_000, 1_100) is None
    assert after(-60, 1_000, 1_100) is None
    before, now = Mark(0, 0.0, 100_000), Mark(600, 200.0, 120_000)
    assert rate(before, now, 64, GIGABIT, longest=180) is None
    assert rate(before, now, 64, GIGABIT, longest=200) == 3


def test_a_number_that_the_counter_cannot_hold_has_no_rate() -> None:
    assert after(60, -100, 500) is None
    assert after(60, 100, 2**32 + 100, bits=32, limit=10_000) is None
    assert after(60, 2**64, 2**64 + 60) is None


# --- from poll to poll ----------------------------------------------------------------------------------


def minutes(number: int) -> Moment:
    ticks = 8_640_000 + 6_000 * number
    return Moment(60.0 * number, ticks, ticks)


def test_the_first_poll_and_a_new_row_have_no_rate() -> None:
    counters = Counters(64, longest=180)
    assert counters.rates(minutes(0), ("1", "2"), [0, 0], [GIGABIT, GIGABIT]) == [None, None]
    assert counters.rates(minutes(1), ("1", "3"), [60, 60], [GIGABIT, GIGABIT]) == [1, None]
    assert counters.rates(minutes(2), ("3", "1"), [180, 300], [GIGABIT, GIGABIT]) == [2, 4]


def test_after_a_reset_the_next_interval_starts_from_the_new_value() -> None:
    counters = Counters(64, longest=180)
    shown = [60_000, 66_000, 120, 720, 10**18, 1_320, 1_920]
    found = [counters.rates(minutes(n), ("1",), [value], [GIGABIT])[0] for n, value in enumerate(shown)]
    assert found == [None, 100, None, 10, None, None, 10]


def test_a_discontinuity_in_the_key_ends_the_interval() -> None:
    counters = Counters(64, longest=180)
    shown = [((7, 0), 1_000), ((7, 0), 1_600), ((7, 8_650_000), 90_000), ((7, 8_650_000), 90_600)]
    found = [counters.rates(minutes(n), (key,), [value], [None])[0] for n, (key, value) in enumerate(shown)]
    assert found == [None, 10, None, 10]


def test_an_unknown_value_is_no_zero_and_no_base() -> None:
    counters = Counters(64, longest=180)
    shown = [600, None, 1_800, 2_400, -5, 3_600]
    found = [counters.rates(minutes(n), ("1",), [value], [None])[0] for n, value in enumerate(shown)]
    assert found == [None, None, None, 10, None, None]


def test_a_poll_that_was_missed_makes_a_longer_interval_and_too_many_make_none() -> None:
    counters = Counters(64, longest=180)
    polls = [(0, 0), (1, 600), (3, 1_800), (6, 3_600), (10, 6_000), (11, 6_600)]
    found = [counters.rates(minutes(n), ("1",), [value], [None])[0] for n, value in polls]
    assert found == [None, 10, 10, 10, None, 10]


def test_a_row_that_vanished_is_forgotten_and_starts_anew() -> None:
    counters = Counters(64, longest=1e6)
    for minute, keys in enumerate([("1", "2"), ("2",), ("1", "2")]):
        found = counters.rates(minutes(minute), keys, [600 * minute] * len(keys), [None] * len(keys))
    assert found == [None, 10]


class Poll(NamedTuple):
    """One poll of an agent: the values of its rows by key, and how long after the one before."""

    values: dict[int, int | None]
    seconds: float


POLLS = st.lists(
    st.builds(
        Poll,
        st.dictionaries(st.integers(0, 5), st.one_of(st.none(), st.integers(0, 2**33)), max_size=6),
        st.floats(0, 400),
    ),
    min_size=2,
    max_size=5,
)


@given(POLLS, st.sampled_from([32, 64]), st.one_of(st.none(), st.floats(1, 1e9)), st.booleans())
def test_many_counters_are_told_as_each_one_alone(
    polls: list[Poll], bits: Bits, limit: float | None, silent: bool
) -> None:
    counters = Counters(bits, longest=300)
    last: dict[int, Mark] = {}
    at = DAY
    for poll in polls:
        at += poll.seconds
        ticks = None if silent else round(at * 100)
        keys = tuple(poll.values)
        found = counters.rates(
            Moment(at, ticks, ticks), keys, list(poll.values.values()), [limit] * len(keys)
        )
        marks = {key: Mark(value, at, ticks) for key, value in poll.values.items() if value is not None}
        alone = [
            rate(last[key], marks[key], bits, limit, 300) if key in last and key in marks else None
            for key in keys
        ]
        assert found == alone
        last = marks


# --- the magnitudes of real devices ---------------------------------------------------------------------

NAMED = re.compile(r"1\.3\.6\.1\.2\.1\.(?:(31)\.1\.1|2\.2)\.1\.(\d+)\.(\d+)")
"""A column of ifXTable (1.3.6.1.2.1.31.1.1) or ifTable (1.3.6.1.2.1.2.2), and the interface."""


class Link(NamedTuple):
    """A recorded counter of an interface: what it shows, and how fast the interface says that it is."""

    device: str
    bits: Bits
    value: int
    limit: float
    uptime: float

    @property
    def mean(self) -> float:
        """Bytes a second since the agent started: the least that it can have been."""
        return self.value / self.uptime


def links(corpus: Path) -> Iterator[Link]:
    """The octets of every recorded interface of a device that tells its uptime."""
    for path in sorted((corpus / "recordings").glob("*.snmprec")):
        cells: dict[tuple[bool, int, int], str] = {}
        ticks = 0
        for name, _, value in (
            line.split("|", 2) for line in path.read_text(errors="replace").splitlines() if "|" in line
        ):
            if name == "1.3.6.1.2.1.1.3.0":
                ticks = int(value)
            elif found := NAMED.fullmatch(name):
                cells[found[1] is not None, int(found[2]), int(found[3])] = value
        for (extended, column, index), value in cells.items():
            if ticks and extended and column in (6, 10):  # ifHCInOctets, ifHCOutOctets; ifHighSpeed in Mbit/s
                speed = int(cells.get((True, 15, index), 0)) * 1e6
                yield Link(path.stem, 64, int(value), speed / 8, ticks / 100)
            elif ticks and not extended and column in (10, 16):  # ifInOctets, ifOutOctets; ifSpeed in bit/s
                yield Link(path.stem, 32, int(value), int(cells.get((False, 5, index), 0)) / 8, ticks / 100)


def continued(link: Link, seconds: float, limit: float | None) -> float | None:
    """The rate of a recorded counter that goes on as it did on average since its agent started."""
    value = (link.value + round(link.mean * seconds)) % 2**link.bits
    return after(seconds, link.value, value, bits=link.bits, limit=limit, uptime=link.uptime)


def test_recorded_counters_of_64_bits_have_their_mean_whatever_the_interval(corpus: Path) -> None:
    found = [link for link in links(corpus) if link.bits == 64]
    assert len(found) > 600
    for link in found:
        for seconds in (10, 60, 3600):
            told = continued(link, seconds, None)
            assert told == pytest.approx(link.mean, abs=0.5 / seconds), link


def test_a_recorded_link_is_faster_than_the_ten_megabits_that_it_names(corpus: Path) -> None:
    """net-snmp names 10 Mbit/s where it does not know: such a speed as a limit would silence a busy line."""
    beyond = [link for link in links(corpus) if link.bits == 64 and link.mean > link.limit > 0]
    assert {(link.device, link.limit) for link in beyond} == {("dell-compellent", 1.25e6)}
    assert [continued(link, 60, link.limit) for link in beyond] == [None] * len(beyond)


def test_recorded_counters_of_32_bits_have_a_rate_where_their_link_cannot_fill_them(corpus: Path) -> None:
    """At 60 s that is below 573 Mbit/s; a speed of 0 or of 4,294,967,295 (RFC 2863: see ifHighSpeed) is none."""
    found = [link for link in links(corpus) if link.bits == 32]
    slow = [link for link in found if 0 < link.limit * 8 < 573e6]
    assert len(found) > 400
    assert len(slow) > 80
    for link in found:
        told = continued(link, 60, link.limit)
        assert told == (pytest.approx(link.mean, abs=0.01) if link in slow else None), link
