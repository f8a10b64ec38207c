"""PACS archives and backups, as they were last seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dashboard.data.files import DAY, GONE, HISTORY
from dashboard.data.targets import Targets
from dashboard.standing import Backup, Pacs
from exporters import protection
from exporters.protection import Job

_BACKUP: Final = "jauge_backup_last_timestamp_seconds"


class Archives(Targets):
    """Archives, promises and restore points."""

    def pacs(self) -> list[Pacs]:
        """Every archive: targets asked over DICOM, or whose archive statistics the history knows."""
        none: dict[tuple[str, str], float] = {}
        last = self._remember("pacs", (HISTORY,), none, self._pacs)
        names = {name for name, _ in last} | {one.name for one in self.estate.targets if one.dicom}
        watched = {one.name: one for one in self.targets()}
        found = [
            Pacs(
                name, watched.get(name), {metric: v for (target, metric), v in last.items() if target == name}
            )
            for name in names
        ]
        return sorted(found, key=lambda one: (one.severity, one.name))

    def _pacs(self) -> dict[tuple[str, str], float]:
        now = self.clock()
        wanted = (
            "jauge_dicom_echo_success",
            "jauge_pacs_studies",
            "jauge_pacs_stored_bytes",
            "jauge_pacs_instances",
        )
        known = [one for metric in wanted for one in self._series(metric) if now - one.last <= GONE * DAY]
        last = self._last([one.unique_id for one in known], GONE + 1)
        return {(one.target, one.metric): last[one.unique_id] for one in known if one.unique_id in last}

    def backups(self) -> list[Backup]:
        """Every promise of the estate and every backup job that was seen, the most overdue first.

        Whose a job is, `jauge backup status` and these pages say alike. What was promised without naming a job is kept by
        the newest restore point of any job for that machine.
        """
        none: list[Job] = []
        seen = self._remember("backups", (HISTORY,), none, self._restore_points)
        now = self.clock()
        promised: list[Backup] = []
        claimed: set[Job] = set()
        for target in self.estate.targets:
            if target.protect is None:
                continue
            one = protection.judge(target, seen, False, (), now)
            names = target.protect.jobs or [_newest(one.jobs)]
            promised += [
                Backup(target.name, job, one.rpo, _last(one.jobs, job), now)
                for job in names
                if job or one.rpo
            ]
            claimed |= {job for job in one.jobs if job.job in names}
        waiting: dict[tuple[str, str], float] = {}
        for job in seen:
            if job not in claimed and job.last is not None:
                # a job is as old as the machine of it that waits the longest
                waiting[job.by, job.job] = min(job.last, waiting.get((job.by, job.job), job.last))
        others = [Backup(by, job, None, last, now) for (by, job), last in waiting.items()]
        return sorted(
            [*promised, *others], key=lambda one: (one.severity, -(one.excess or 0), one.target, one.job)
        )

    def _restore_points(self) -> list[Job]:
        known = self._series(_BACKUP)
        last = self._last([one.unique_id for one in known], 3660)
        told = [(one.target, dict(one.labels), last[one.unique_id]) for one in known if one.unique_id in last]
        return [Job(by, pairs.get("job", ""), pairs.get("machine", ""), at) for by, pairs, at in told]


def _newest(jobs: Sequence[Job]) -> str:
    """The job with the newest restore point; empty where there is none."""
    return max(jobs, key=lambda job: job.last or 0.0).job if jobs else ""


def _last(jobs: Sequence[Job], name: str) -> float | None:
    return max((job.last for job in jobs if job.job == name and job.last is not None), default=None)
