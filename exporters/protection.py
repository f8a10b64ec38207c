"""What is protected: what is promised in the estate, held against what the makers of backups list and what was restored.

Pure. The jobs of all targets are put together, as a backup server speaks of other machines than itself. What nobody
measured or declared is unknown, and unknown is no pass.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from inventory.estate import Copy, Estate, Target
from inventory.metrics import Sample, labels
from inventory.state.restores import Restore

MAKERS: Final = ("restic", "borg", "rsnapshot", "bacula", "bareos", "netbackup", "proxmox_backup", "veeam")
"""What lists backup jobs: names of sections and commands under `ssh`."""

HTTP_MAKERS: Final = ("proxmox-backup", "veeam-backup")
"""What lists backup jobs over HTTP: families. An archive or a box that stores what others send lists none."""

_NUMBERED: Final = re.compile(r"(.*?) ?\(([0-9]{1,9})\)")
_TYPED: Final = re.compile(r"(?:vm|ct|host):(.+)")


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    """A job for one machine as the target `by` tells it. `last` is its last good restore point (UTC epoch seconds)."""

    by: str
    job: str
    machine: str
    last: float | None = None
    points: float | None = None
    protecting: bool | None = None
    reasons: tuple[str, ...] = ()
    errors: float | None = None
    immutable: float | None = None

    @property
    def pointed(self) -> bool:
        """Whether its maker tells anything of restore points, and not of its runs alone."""
        return self.last is not None or self.points is not None or self.protecting is not None


class Part(NamedTuple):
    """One part of the 3-2-1-1-0 score: met, not met, or unknown (None), and why in words."""

    rule: Literal["3 copies", "2 media", "1 off-site", "1 immutable", "0 errors"]
    met: bool | None
    why: str


@dataclasses.dataclass(frozen=True, slots=True)
class Protection:
    """How one target of the estate is protected, at `now`. `jobs` are those that protect it.

    `absent` are promised jobs that nobody lists, `sure` whether everybody that lists jobs was heard. `test` is the
    newest restore test, `restored` the newest that brought everything back.
    """

    target: Target
    now: float
    jobs: tuple[Job, ...]
    absent: tuple[str, ...]
    sure: bool
    test: Restore | None
    restored: Restore | None

    @property
    def rpo(self) -> float | None:
        return self.target.protect.rpo if self.target.protect else None

    @property
    def rto(self) -> float | None:
        return self.target.protect.rto if self.target.protect else None

    @property
    def last(self) -> float | None:
        """The newest good restore point of any of its jobs."""
        return max((job.last for job in self.jobs if job.last is not None), default=None)

    def exceeded(self, last: float | None) -> bool | None:
        """Whether a last good restore point is older than what may be lost; None where nothing is promised."""
        return None if self.rpo is None else last is None or self.now - last > self.rpo

    @property
    def slow(self) -> bool | None:
        """Whether the last whole restore took longer than was promised; None where one of the two is not known."""
        return None if self.rto is None or self.restored is None else self.restored.seconds > self.rto

    @property
    def known(self) -> bool:
        """Whether there is a job for it, or it is certain that there is none."""
        return bool(self.jobs) or self.sure

    @property
    def problem(self) -> bool:
        """Whether somebody has to look: it is not protected as promised, or nobody can tell."""
        if self.target.protect is None and not self.jobs:
            return False
        doubted = any(job.protecting is not True for job in self.jobs)
        return (
            doubted
            or not self.jobs
            or bool(self.absent)
            or self.exceeded(self.last) is True
            or self.slow is True
        )

    def score(self) -> tuple[Part, ...]:
        """The 3-2-1-1-0 rule, part by part."""
        protect = self.target.protect
        copies = protect.held if protect else ()
        standing = [(copy, self._stands(copy)) for copy in copies]
        return (
            _copies(self, standing, (protect.copies if protect else None) or 3),
            _media(protect.media if protect else None, standing),
            _place(standing),
            _immutable(self, standing),
            self._errors(protect.test_every if protect else None),
        )

    def _stands(self, copy: Copy) -> bool | None:
        """Whether a declared copy is there: measured by its job, unknown where nothing measures it."""
        if copy.job is None:
            return None
        found = [job for job in self.jobs if job.job == copy.job]
        if not found:
            return False if self.sure else None
        return any(job.last is not None and self.exceeded(job.last) is not True for job in found)

    def _errors(self, every: float | None) -> Part:
        wrong = [job for job in self.jobs if job.protecting is False]
        if wrong:
            said = "; ".join(f"{job.job}: {', '.join(job.reasons) or 'not believed'}" for job in wrong)
            return Part("0 errors", False, f"the last run is not believed: {said}")
        if not self.jobs or any(job.protecting is None for job in self.jobs):
            return Part("0 errors", None, "nobody tells how its backups ended")
        if self.test is None:
            return Part("0 errors", None, "no restore was ever tested")
        if self.test.result != "ok":
            return Part("0 errors", False, f"the last restore test ended {self.test.result}")
        days = (self.now - self.test.at) / 86_400
        if every is not None and self.now - self.test.at > every:
            return Part("0 errors", False, f"the last restore test is {days:.0f} days old")
        return Part("0 errors", True, f"no errors, and a restore was tested {days:.0f} days ago")


Standing = Sequence[tuple[Copy, bool | None]]


def services(shown: Iterable[Protection]) -> dict[str, tuple[Part, ...]]:
    """The rule for each service of the hospital: a part is met where it is for every target of it that is named here.

    `why` names the targets that lack it, or of which it is not known.
    """
    targets: dict[str, list[Protection]] = {}
    for one in shown:
        if one.target.service:
            targets.setdefault(one.target.service, []).append(one)
    return {service: tuple(_together(of)) for service, of in sorted(targets.items())}


def _together(targets: Sequence[Protection]) -> Iterator[Part]:
    for parts in zip(*(one.score() for one in targets), strict=True):
        lacking = [one.target.name for one, part in zip(targets, parts, strict=True) if part.met is False]
        unsure = [one.target.name for one, part in zip(targets, parts, strict=True) if part.met is None]
        met = False if lacking else None if unsure else True
        yield Part(parts[0].rule, met, ", ".join(lacking or unsure or ["every target"]))


def _copies(one: Protection, standing: Standing, wanted: int) -> Part:
    if not standing:
        # each job that has a good point is one copy, whether or not somebody declared it
        made = sum(job.last is not None and one.exceeded(job.last) is not True for job in one.jobs)
        met = True if 1 + made >= wanted else (None if not one.sure or one.target.protect is None else False)
        return Part("3 copies", met, f"the original and {made} measured; none is declared under held")
    certain = 1 + sum(there is True for _, there in standing)
    possible = certain + sum(there is None for _, there in standing)
    met = True if certain >= wanted else None if possible >= wanted else False
    told = f"the original and {certain - 1} of {len(standing)} declared copies measured, {wanted} wanted"
    return Part(
        "3 copies", met, told if met is not None else f"{told}; the others are declared, and not measured"
    )


def _media(original: str | None, standing: Standing) -> Part:
    certain = {copy.media for copy, there in standing if there and copy.media} | (
        {original} if original else set()
    )
    possible = certain | {copy.media for copy, there in standing if there is None and copy.media}
    blank = original is None or any(copy.media is None and there is not False for copy, there in standing)
    met = True if len(certain) >= 2 else None if blank or len(possible) >= 2 or not standing else False
    kinds = ", ".join(sorted(filter(None, certain))) or "none"
    return Part("2 media", met, f"measured on {kinds}" + ("; some media are not declared" if blank else ""))


def _place(standing: Standing) -> Part:
    there = [copy for copy, stands in standing if stands and copy.offsite]
    if there:
        return Part("1 off-site", True, f"{there[0].job} is kept in another place")
    unsure = not standing or any(
        (stands is not False and copy.offsite is None) or (stands is None and copy.offsite)
        for copy, stands in standing
    )
    said = "no copy in another place is measured" + (
        "; where copies are kept is not all known" if unsure else ""
    )
    return Part("1 off-site", None if unsure else False, said)


def _immutable(one: Protection, standing: Standing) -> Part:
    until = max((job.immutable for job in one.jobs if job.immutable is not None), default=None)
    if until is not None and until > one.now:
        return Part(
            "1 immutable",
            True,
            f"immutable for {(until - one.now) / 86_400:.0f} more days, as the maker tells",
        )
    if any(stands and copy.immutable for copy, stands in standing):
        return Part("1 immutable", True, "declared, not measured")
    if until is not None:
        return Part("1 immutable", False, "the immutability that the maker tells has run out")
    unsure = not standing or any(
        (stands is not False and copy.immutable is None) or (stands is None and copy.immutable)
        for copy, stands in standing
    )
    return Part("1 immutable", None if unsure else False, "no copy is known to be immutable")


# --- putting together -----------------------------------------------------------------------------------


def gather(found: Iterable[tuple[str, Iterable[Sample]]]) -> list[Job]:
    """The jobs that targets list, each with what is told of it."""
    told: dict[tuple[str, str, str], dict[str, float]] = {}
    reasons: dict[tuple[str, str, str], list[str]] = {}
    for target, samples in found:
        for sample in samples:
            if not sample.metric.startswith("jauge_backup_"):
                continue
            pairs = dict(sample.labels)
            key = target, pairs.get("job", ""), pairs.get("machine", "")
            if sample.metric == "jauge_backup_not_protecting":
                reasons.setdefault(key, []).append(pairs.get("reason", ""))
            elif key[1] and not pairs.keys() - {"job", "machine"}:
                told.setdefault(key, {})[sample.metric] = sample.value
    return [_job(key, values, reasons.get(key, [])) for key, values in told.items()]


def _job(key: tuple[str, str, str], told: Mapping[str, float], reasons: Iterable[str]) -> Job:
    protecting = told.get("jauge_backup_protecting")
    return Job(
        *key,
        last=told.get("jauge_backup_last_timestamp_seconds"),
        points=told.get("jauge_backup_restore_points"),
        protecting=None if protecting is None else protecting == 1,
        reasons=tuple(sorted(reasons)),
        errors=told.get("jauge_backup_last_errors"),
        immutable=told.get("jauge_backup_immutable_until_timestamp_seconds"),
    )


def makers(estate: Estate) -> frozenset[str]:
    """The targets that list backup jobs."""
    return frozenset(target.name for target in estate.targets if _lists(target))


def _lists(target: Target) -> bool:
    ssh, http = target.ssh, target.http
    if http is not None and http.family in HTTP_MAKERS:
        return True
    if ssh is None:
        return False
    return any(getattr(ssh, name, ()) for name in MAKERS) or any(name in MAKERS for name in ssh.commands)


def judge(
    target: Target, jobs: Sequence[Job], sure: bool, tests: Sequence[Restore], now: float
) -> Protection:
    """How a target is protected. `sure` says that everybody who lists jobs was heard; `tests` are the newest first."""
    wanted = target.protect.jobs if target.protect else ()
    mine = [job for name in wanted for job in _of(name, target, jobs)] if wanted else _naming(target, jobs)
    absent = tuple(name for name in wanted if not any(job.job == name for job in mine)) if sure else ()
    ours = [test for test in tests if test.target == target.name]
    restored = next((test for test in ours if test.result == "ok"), None)
    return Protection(target, now, tuple(mine), absent, sure, ours[0] if ours else None, restored)


def _of(name: str, target: Target, jobs: Sequence[Job]) -> list[Job]:
    """The jobs of that name for a target: where one protects several machines, that of the target alone."""
    named = [job for job in jobs if job.job == name]
    if len({alike(job.machine) for job in named}) <= 1:
        return named
    return _naming(target, named)


def _naming(target: Target, jobs: Sequence[Job]) -> list[Job]:
    names = {alike(name) for name in (target.name, target.address or "", *target.formerly) if name}
    return [job for job in jobs if job.machine and called(job.machine) & names]


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


def excluded(machine: str, estate: Estate) -> str | None:
    """Why a machine needs no backup, where the estate says so."""
    return next(
        (
            one.reason
            for one in estate.backups.exclude
            if fnmatch.fnmatchcase(machine.casefold(), one.machine.casefold())
        ),
        None,
    )


def machines(target: Target, samples: Iterable[Sample]) -> list[str]:
    """The machines that a target stands for: itself where it is a server, and the virtual machines that it lists."""
    listed = {
        dict(sample.labels).get("vm", "")
        for sample in samples
        if sample.metric == "jauge_vm_info" and sample.value == 1
    }
    server = target.ssh is not None or target.host or target.protect is not None
    return sorted({*listed, *([target.name] if server else [])} - {""})


def samples(one: Protection, jobs: Sequence[Job], own: Iterable[Sample], estate: Estate) -> Iterator[Sample]:
    """What is exported of a target: promises, how they are kept, restore tests, and its machines in no job."""
    told = {
        "jauge_backup_rpo_seconds": one.rpo,
        "jauge_backup_rto_seconds": one.rto,
        "jauge_restore_tested_timestamp_seconds": one.restored.at if one.restored else None,
        "jauge_restore_tested_duration_seconds": one.restored.seconds if one.restored else None,
        "jauge_restore_rto_exceeded": one.slow,
    }
    yield from (Sample(name, float(value)) for name, value in told.items() if value is not None)
    if one.test is not None:
        yield Sample("jauge_restore_result", 1.0, labels(state=one.test.result))
    if one.rpo is not None and one.target.protect is not None:
        yield from _promises(one, one.target.protect.jobs)
    known = {name for job in jobs if job.machine for name in called(job.machine)}
    sure = one.sure and all(job.machine for job in jobs)  # a job that names no machine may be of any
    for machine in machines(one.target, own):
        named = bool(called(machine) & known) or (machine == one.target.name and bool(one.jobs))
        if (named or sure) and excluded(machine, estate) is None:
            yield Sample("jauge_backup_machine_in_no_job", float(not named), labels(machine=machine))
    for part in one.score() if one.target.protect is not None else ():
        if part.met is not None:
            yield Sample("jauge_backup_rule_met", float(part.met), labels(rule=part.rule))


def _promises(one: Protection, wanted: Sequence[str]) -> Iterator[Sample]:
    if not wanted:
        # no job is named: the newest restore point of any keeps the promise, whichever job made it
        for name in dict.fromkeys(job.job for job in one.jobs if job.pointed):
            yield Sample("jauge_backup_rpo_exceeded", float(one.exceeded(one.last) is True), labels(job=name))
        return
    for name in dict.fromkeys(wanted):
        found = [job for job in one.jobs if job.job == name]
        if any(job.pointed for job in found) or name in one.absent:
            last = max((job.last for job in found if job.last is not None), default=None)
            yield Sample("jauge_backup_rpo_exceeded", float(one.exceeded(last) is True), labels(job=name))
