"""Whether a backup protects: one judgement for every maker of backups.

A reader turns what its maker lists into runs; here they are judged, oldest first, each by what it says of itself and by
the believed runs before it. "OK" is a word that a program prints about itself: a run without files, with errors, from
half of its source, from the future, upon a full one that is gone, or into a repository that does not verify, ended OK as
well. Such a run is told with its flaws and is no restore point; the last one stays the one before.

Pure: what time it is comes from the caller.
"""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, get_args

from collectors import documents
from inventory.metrics import Labels, Sample, labels

State = Literal["ok", "warning", "failed", "cancelled", "running", "unknown"]
"""What a maker says that became of a run; `unknown` is a word that we do not know, and is not believed."""

Level = Literal["full", "differential", "incremental"]
"""What a run holds: all, what changed since the last full one, or since the last run. A snapshot is full."""

Flaw = Literal[
    "failed",
    "cancelled",
    "unfinished",
    "unknown_state",
    "errors",
    "empty",
    "shrunken",
    "source_missing",
    "in_future",
    "end_before_start",
    "no_time",
    "no_full",
    "not_verified",
    "repository_broken",
]
"""Why a run is no restore point: a closed list, so that rules and pages can name each one."""

FLAWS: Final[tuple[Flaw, ...]] = get_args(Flaw)

BEFORE: Final = 10
"""Believed runs before a run that it is held against."""

SHRUNKEN: Final = 0.5
"""A run below this share of the median of those before has lost a part of its source."""

SKEW: Final = 600.0
"""Seconds by which clocks may differ: what is later than that has not been."""

STEADY: Final = 3
"""Runs that all held something before one that holds nothing is doubted, where nothing need have changed."""

_OF_STATE: Final[Mapping[State, Flaw]] = {
    "failed": "failed",
    "cancelled": "cancelled",
    "unknown": "unknown_state",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """One run of a job for one machine, or the restore point that it left. What is not known is None.

    `at` is when the data is of, which is the start of the run; `ended` when it ended (both UTC epoch seconds). `size` and
    `files` are what a restore would give; of an incremental run, what changed. `sources` are the places that it read.
    `whole` is false where the maker says that it is a part only, `sound` where a verification says that it is not.
    """

    job: str
    machine: str = ""
    at: float | None = None
    ended: float | None = None
    seconds: float | None = None
    state: State = "ok"
    level: Level = "full"
    size: float | None = None
    files: float | None = None
    errors: float | None = None
    sources: frozenset[str] = frozenset()
    whole: bool = True
    sound: bool = True
    immutable: float | None = None

    @property
    def duration(self) -> float | None:
        """Seconds that it took, where the maker says so, or both ends are known and in order."""
        if self.seconds is not None:
            return self.seconds
        if self.at is None or self.ended is None or self.ended < self.at:
            return None
        return self.ended - self.at

    @property
    def key(self) -> tuple[str, str]:
        return self.job, self.machine

    @property
    def order(self) -> float:
        """Where it stands among the runs of its job: one without a time is the newest, so that it is looked at."""
        return next((moment for moment in (self.at, self.ended) if moment is not None), float("inf"))


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """What is made of the runs of one job for one machine. `last` is the newest that ended, None where none did.

    `good` are the believed ones, oldest first. The drifts are the last run over the median of the believed ones
    before it.
    """

    job: str
    machine: str
    last: Run | None
    flaws: tuple[Flaw, ...]
    good: tuple[Run, ...]
    size_drift: float | None = None
    files_drift: float | None = None

    @property
    def protecting(self) -> bool:
        """Whether the newest run is a restore point."""
        return bool(self.good) and not self.flaws


@dataclasses.dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known beside the runs. `now` is UTC epoch seconds.

    `broken` says that the repository does not verify. `complete` is false where the listing was cut, so that what it
    does not hold may exist. `accepted` maps a job to the moment since which its size is as it should be: earlier runs
    are no measure any more.
    """

    now: float
    broken: bool = False
    complete: bool = True
    accepted: Mapping[str, float] = dataclasses.field(default_factory=dict)


def judge(runs: Iterable[Run], about: Circumstances) -> list[Verdict]:
    """A verdict for each job and machine, in the order in which they are first listed."""
    jobs: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        jobs.setdefault(run.key, []).append(run)
    return [_verdict(key, sorted(group, key=lambda run: run.order), about) for key, group in jobs.items()]


def samples(verdicts: Iterable[Verdict]) -> Iterator[Sample]:
    """The metrics of the verdicts."""
    for verdict in verdicts:
        pairs = labels(job=documents.label(verdict.job), machine=documents.label(verdict.machine))
        yield Sample("jauge_backup_restore_points", float(len(verdict.good)), pairs)
        if verdict.last is not None:
            yield from _of_last(verdict, verdict.last, pairs)
        if verdict.good:
            yield from _of_good(verdict.good, pairs)


def read(runs: Iterable[Run], about: Circumstances) -> Iterator[Sample]:
    """The metrics of the runs that a maker lists."""
    return samples(judge(runs, about))


def _of_last(verdict: Verdict, last: Run, pairs: Labels) -> Iterator[Sample]:
    yield Sample("jauge_backup_protecting", float(verdict.protecting), pairs)
    for flaw in verdict.flaws:
        yield Sample("jauge_backup_not_protecting", 1.0, _and(pairs, "reason", flaw))
    yield Sample("jauge_backup_result", 1.0, _and(pairs, "state", last.state))
    told = {
        "jauge_backup_last_run_timestamp_seconds": last.at,
        "jauge_backup_last_errors": last.errors,
        "jauge_backup_size_drift_ratio": verdict.size_drift,
        "jauge_backup_files_drift_ratio": verdict.files_drift,
    }
    yield from _known(told, pairs)


def _of_good(good: Sequence[Run], pairs: Labels) -> Iterator[Sample]:
    best = good[-1]
    told = {
        "jauge_backup_last_timestamp_seconds": best.at,
        "jauge_backup_last_size_bytes": best.size,
        "jauge_backup_last_files": best.files,
        "jauge_backup_last_duration_seconds": best.duration,
        "jauge_backup_immutable_until_timestamp_seconds": max(
            (run.immutable for run in good if run.immutable is not None), default=None
        ),
    }
    yield from _known(told, pairs)


def _known(told: Mapping[str, float | None], pairs: Labels) -> Iterator[Sample]:
    return (Sample(name, value, pairs) for name, value in told.items() if value is not None)


def _and(pairs: Labels, name: str, value: str) -> Labels:
    return tuple(sorted((*pairs, (name, value))))


def _verdict(key: tuple[str, str], runs: Sequence[Run], about: Circumstances) -> Verdict:
    good: list[Run] = []
    seen: list[Run] = []
    last: Run | None = None
    flaws: tuple[Flaw, ...] = ()
    before: list[Run] = []
    since = about.accepted.get(key[0], float("-inf"))
    for run in runs:
        if run.state == "running":
            continue  # nobody can tell yet
        before = _measure(run, good, since)
        flaws = tuple(dict.fromkeys(_flaws(run, before, good, seen, about)))
        last = run
        seen.append(run)
        if not flaws:
            good.append(run)
    size, files = (None, None) if last is None else (_drift(last, before, name) for name in ("size", "files"))
    return Verdict(*key, last, flaws, tuple(good), size, files)


def _measure(run: Run, good: Sequence[Run], since: float) -> list[Run]:
    """The believed runs that a run is held against: the last ones of its level, not older than what is accepted."""
    alike = [one for one in good if one.level == run.level and one.at is not None]
    return [one for one in alike if run.order < since or (one.at or 0.0) >= since][-BEFORE:]


def _flaws(
    run: Run, before: Sequence[Run], good: Sequence[Run], seen: Sequence[Run], about: Circumstances
) -> Iterator[Flaw]:
    if run.state in _OF_STATE:
        yield _OF_STATE[run.state]
    if not run.whole:
        yield "unfinished"
    if run.errors:
        yield "errors"
    yield from _flaws_of_time(run, about.now)
    if run.level == "full":
        yield from _flaws_of_content(run, before)
    else:
        yield from _flaws_of_chain(run, good, seen, about.complete)
    if not run.sound:
        yield "not_verified"
    if about.broken:
        yield "repository_broken"


def _flaws_of_time(run: Run, now: float) -> Iterator[Flaw]:
    if run.at is None:
        yield "no_time"
    if any(moment is not None and moment > now + SKEW for moment in (run.at, run.ended)):
        yield "in_future"
    if run.at is not None and run.ended is not None and run.ended < run.at:
        yield "end_before_start"


def _flaws_of_content(run: Run, before: Sequence[Run]) -> Iterator[Flaw]:
    """What is wrong with what a full run holds."""
    nothing = run.files == 0 and (not run.size or any(one.files for one in before))
    if run.size == 0 or nothing:
        yield "empty"
    elif any(
        drift is not None and drift < SHRUNKEN
        for drift in (_drift(run, before, "size"), _drift(run, before, "files"))
    ):
        yield "shrunken"
    if run.sources and before and before[-1].sources - run.sources:
        yield "source_missing"


def _flaws_of_chain(run: Run, good: Sequence[Run], seen: Sequence[Run], complete: bool) -> Iterator[Flaw]:
    """What is wrong with a run that holds changes only: nothing may have changed, but what it rests on must be there."""
    fulls = [one for one in seen if one.level == "full"]
    if (complete or fulls) and not any(one.level == "full" for one in good):
        yield "no_full"
    alike = [one for one in seen if one.level == run.level and one.state in ("ok", "warning")][-BEFORE:]
    holds = [bool(one.size or one.files) for one in alike]
    empty = run.size == 0 or (run.files == 0 and not run.size)
    if empty and len(holds) >= STEADY and all(holds):
        yield "empty"


def _drift(run: Run, before: Collection[Run], name: Literal["size", "files"]) -> float | None:
    """A figure of a full run over the median of the runs before it; None where one is not known, or there was nothing."""
    figures = [figure for one in before if (figure := getattr(one, name)) is not None]
    mine = getattr(run, name)
    middle = statistics.median(figures) if figures else 0.0
    return mine / middle if run.level == "full" and mine is not None and middle > 0 else None
