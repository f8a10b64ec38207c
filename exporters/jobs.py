"""The backup jobs that targets list, put together from what their polls tell, and found by what a machine may be called."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from collectors.poll import Poll
from inventory.metrics import Sample

_WELL: Final = ("ok", "warning")
"""What a maker says of a run that it takes for a restore point."""

_BACKUP: Final = "jauge_backup_"
_VM: Final = "jauge_vm_info"
_NUMBERED: Final = re.compile(r"(.*?) ?\(([0-9]{1,9})\)")
_TYPED: Final = re.compile(r"(?:vm|ct|host):(.+)")


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    """A job for one machine as the target `by` tells it. `last` is its last good restore point, `run` when its last run
    began (both UTC epoch seconds). `result` is what its maker says of that run, `protecting` whether that is believed.

    `size` is the bytes of the last good point; the drifts hold the last run against the good ones before it.
    """

    by: str
    job: str
    machine: str
    last: float | None = None
    points: float | None = None
    protecting: bool | None = None
    reasons: tuple[str, ...] = ()
    errors: float | None = None
    immutable: float | None = None
    result: str = ""
    run: float | None = None
    size: float | None = None
    size_drift: float | None = None
    files_drift: float | None = None

    @property
    def lying(self) -> bool:
        """Whether its maker says that the last run went well, and it is no restore point."""
        return self.protecting is False and self.result in _WELL

    @property
    def pointed(self) -> bool:
        """Whether its maker tells anything of restore points, and not of its runs alone."""
        return self.last is not None or self.points is not None or self.protecting is not None


class Jobs:
    """The jobs that targets list, found by their name, and by what the machine that they save may be called."""

    def __init__(self, jobs: Iterable[Job] = ()) -> None:
        self.all: tuple[Job, ...] = tuple(jobs)
        self.nameless = any(not job.machine for job in self.all)
        """Whether a job names no machine: it may be of any."""

        self._named: dict[str, list[Job]] = {}
        self._calling: dict[str, list[Job]] = {}
        for job in self.all:
            self._named.setdefault(job.job, []).append(job)
            for name in called(job.machine) if job.machine else ():
                self._calling.setdefault(name, []).append(job)

    def named(self, name: str) -> list[Job]:
        """The jobs of that name."""
        return self._named.get(name, [])

    def calling(self, names: Iterable[str]) -> list[Job]:
        """The jobs whose machine may be called one of these names, each once, in the order in which they are listed."""
        found = [job for name in dict.fromkeys(names) for job in self._calling.get(name, ())]
        return list(dict.fromkeys(found))

    def knows(self, machine: str) -> bool:
        """Whether a job saves that machine."""
        return any(name in self._calling for name in called(machine))


def heard(poll: Poll) -> Iterator[Sample]:
    """What a poll tells of backups and of virtual machines; the rest of it is not looked at."""
    for table in poll.tables:
        for (metric, pairs), value in zip(table.series, table.values, strict=True):
            if metric == _VM or metric.startswith(_BACKUP):
                yield Sample(metric, value, pairs)


def gather(found: Iterable[tuple[str, Iterable[Sample]]]) -> list[Job]:
    """The jobs that targets list, each with what is told of it."""
    values: dict[tuple[str, str, str], dict[str, float]] = {}
    reasons: dict[tuple[str, str, str], list[str]] = {}
    results: dict[tuple[str, str, str], str] = {}
    for target, samples in found:
        for sample in samples:
            if not sample.metric.startswith(_BACKUP):
                continue
            pairs = dict(sample.labels)
            key = target, pairs.get("job", ""), pairs.get("machine", "")
            if sample.metric == "jauge_backup_not_protecting":
                reasons.setdefault(key, []).append(pairs.get("reason", ""))
            elif sample.metric == "jauge_backup_result":
                results.setdefault(key, pairs.get("state", ""))
            elif key[1] and not pairs.keys() - {"job", "machine"}:
                values.setdefault(key, {}).setdefault(sample.metric, sample.value)
    return [_job(key, of, reasons.get(key, []), results.get(key, "")) for key, of in values.items()]


def _job(key: tuple[str, str, str], told: Mapping[str, float], reasons: Iterable[str], result: str) -> Job:
    protecting = told.get("jauge_backup_protecting")
    return Job(
        *key,
        last=told.get("jauge_backup_last_timestamp_seconds"),
        points=told.get("jauge_backup_restore_points"),
        protecting=None if protecting is None else protecting == 1,
        reasons=tuple(sorted(set(reasons))),
        errors=told.get("jauge_backup_last_errors"),
        immutable=told.get("jauge_backup_immutable_until_timestamp_seconds"),
        result=result,
        run=told.get("jauge_backup_last_run_timestamp_seconds"),
        size=told.get("jauge_backup_last_size_bytes"),
        size_drift=told.get("jauge_backup_size_drift_ratio"),
        files_drift=told.get("jauge_backup_files_drift_ratio"),
    )


def guests(samples: Iterable[Sample]) -> list[str]:
    """The virtual machines that a target lists."""
    listed = {
        dict(sample.labels).get("vm", "") for sample in samples if sample.metric == _VM and sample.value == 1
    }
    return sorted(listed - {""})


def alike(name: str) -> str:
    """A machine's name without its domain and case; an address stays whole.

    >>> alike("PACS-01.hospital.fr"), alike("10.0.0.5")
    ('pacs-01', '10.0.0.5')
    """
    first, _, rest = name.casefold().partition(".")
    return first if not first.isdecimal() else f"{first}.{rest}" if rest else first


def called(machine: str) -> frozenset[str]:
    """What a machine may be called elsewhere: hypervisors write its number behind its name, and makers that alone.

    >>> sorted(called("PACS-01 (152)")), sorted(called("vm:152")), sorted(called("host:pacs-01.hospital.fr"))
    (['152', 'pacs-01'], ['152'], ['pacs-01'])
    """
    typed = _TYPED.fullmatch(machine)
    name = typed[1] if typed else machine
    numbered = _NUMBERED.fullmatch(name)
    return frozenset(filter(None, (alike(numbered[1]), numbered[2]) if numbered else (alike(name),)))
