"""Backups: what is promised and what there is, which machines are in no job, and which restores were tested."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from dashboard.data.files import HISTORY, STATE, STATUS
from dashboard.data.targets import Targets
from dashboard.standing import Alone, Backup, Backups
from exporters import protection
from exporters.jobs import Job, Jobs, called
from exporters.protection import Protection, test_every
from exporters.status import TargetStatus
from inventory.state import State, restores
from inventory.state.restores import Entry, Restore

_POINT: Final = "jauge_backup_last_timestamp_seconds"
_PAST: Final = 3660.0
"""Days for which a restore point is remembered."""

Key = tuple[str, str, str]


class Protecting(Targets):
    """The questions about backups."""

    def backups(self) -> list[Backup]:
        """Every promise of the estate and every job for each machine, the most overdue first."""
        return list(self.protection().found)

    def protection(self) -> Backups:
        """What is known of backups now: what the collector heard last, and of those who were not heard the past."""
        key = ("protection", id(self.estate))
        return self._remember(key, (HISTORY, STATUS, STATE), Backups(), self._protection)

    def _protection(self) -> Backups:
        watched = {one.name: one for one in self.targets()}
        makers = sorted(protection.makers(self.estate))
        status = {name: one.status for name, one in watched.items() if one.status is not None}
        heard = {
            name for name, one in status.items() if one.jobs is not None and watched[name].state == "well"
        }
        unheard = tuple(name for name in makers if name not in heard)
        jobs = Jobs(self._listed(status.values(), heard))
        sure, now, ledger = bool(makers) and not unheard, self.clock(), self._ledger()
        of = _by_target(entry.test for entry in ledger if entry.correction is None)
        judged = [protection.judge(one, jobs, sure, of.get(one.name, ()), now) for one in self.estate.targets]
        guests = {name: one.guests or () for name, one in status.items()}
        machines = self._machines_of(judged, jobs, guests)
        found = (*_promised(judged, of, now), *self._others(judged, jobs, of, now))
        return Backups(
            tuple(sorted(found, key=lambda one: (one.severity, -(one.excess or 0), one.target, one.job, one.machine))),
            tuple(one for one in judged if one.jobs or one.target.protect is not None),
            tuple(one for one, without in sorted(machines.items()) if without),
            len(machines), tuple(makers), unheard, jobs.nameless, tuple(ledger),
        )  # fmt: skip

    def _machines_of(
        self, judged: Sequence[Protection], jobs: Jobs, guests: Mapping[str, Sequence[str]]
    ) -> dict[Alone, bool]:
        """The machines that targets are or list, and whether each stands in no job; without those of which nobody can tell."""
        return {
            Alone(machine, one.target.name): without
            for one in judged
            for machine, without in protection.alone(
                one, jobs, guests.get(one.target.name, ()), self.estate
            ).items()
        }

    def _listed(self, status: Iterable[TargetStatus], heard: set[str]) -> Iterator[Job]:
        """What targets list, as the collector heard it last; of those that were not heard in full also what the history knows."""
        told: dict[Key, Job] = {}
        for one in status:
            told |= {_key(job): job for job in one.jobs or ()}
        yield from told.values()
        # One that was heard, and names a job no more, has none of that name.
        none: list[Job] = []
        for job in self._remember("points", (HISTORY,), none, self._points):
            if job.by not in heard and _key(job) not in told and self.estate.target(job.by) is not None:
                yield job

    def _points(self) -> list[Job]:
        known = self._series(_POINT)
        last = self._last([one.unique_id for one in known], _PAST)
        told = [(one.target, dict(one.labels), last[one.unique_id]) for one in known if one.unique_id in last]
        return [Job(by, pairs.get("job", ""), pairs.get("machine", ""), at) for by, pairs, at in told]

    def _ledger(self) -> list[Entry]:
        path, none = self.folder / STATE, list[Entry]()
        if not path.is_file():
            return none
        return self._remember("restore tests", (STATE,), none, lambda: restores.ledger(State(path)))

    def _others(
        self, judged: Sequence[Protection], jobs: Jobs, tests: Mapping[str, Sequence[Restore]], now: float
    ) -> Iterator[Backup]:
        """The jobs that keep no promise, each with the machine that it saves."""
        claimed = {_key(job) for one in judged for job in _keeping(one)}
        known = {name: one.name for one in self.estate.targets for name in protection.names(one)}
        for job in jobs.all:
            if _key(job) in claimed:
                continue
            named = sorted(called(job.machine)) if job.machine else []
            subject = next((known[name] for name in named if name in known), job.machine or job.job)
            declared = self.estate.target(subject)
            yield Backup(
                job.by, job.job, None, job.last, now, job.machine, subject, job,
                _tested(tests.get(subject, ()), job.job), test_every(declared),
            )  # fmt: skip


def _key(job: Job) -> Key:
    return job.by, job.job, job.machine


def _by_target(tests: Iterable[Restore]) -> dict[str, list[Restore]]:
    found: dict[str, list[Restore]] = {}
    for test in tests:
        found.setdefault(test.target, []).append(test)
    return found


def _promised(
    judged: Sequence[Protection], tests: Mapping[str, Sequence[Restore]], now: float
) -> Iterator[Backup]:
    """Every promise. What was promised without naming a job is kept by the newest restore point of any job for that machine."""
    for one in judged:
        target = one.target
        if target.protect is None:
            continue
        for name in target.protect.jobs or [_newest(one.jobs)]:
            if not name and one.rpo is None:
                continue
            job = max((job for job in one.jobs if job.job == name), key=_last, default=None)
            yield Backup(
                target.name, name, one.rpo, job.last if job else None, now, job.machine if job else "", target.name, job,
                _tested(tests.get(target.name, ()), name), test_every(target),
            )  # fmt: skip


def _keeping(one: Protection) -> list[Job]:
    """The jobs of a target that keep its promise."""
    if one.target.protect is None:
        return []
    names = one.target.protect.jobs or [_newest(one.jobs)]
    return [job for job in one.jobs if job.job in names]


def _newest(jobs: Sequence[Job]) -> str:
    """The job with the newest restore point; empty where there is none."""
    return max(jobs, key=_last).job if jobs else ""


def _last(job: Job) -> float:
    return job.last or 0.0


def _tested(tests: Sequence[Restore], job: str) -> Restore | None:
    """The newest test that brought everything back from a point of that job, or of which nobody said which job made it."""
    return next((test for test in tests if test.result == "ok" and (not job or test.job in ("", job))), None)
