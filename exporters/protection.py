"""What is protected: what is promised in the estate, held against what the makers of backups list and what was restored.

Pure. The jobs of all targets are looked through together, as a backup server speaks of other machines than itself. What nobody
measured or declared is unknown, and unknown is no pass.
"""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, Literal, NamedTuple, get_args

from exporters.jobs import Job, Jobs, alike
from inventory.estate import Copy, Estate, Protect, Target
from inventory.metrics import Sample, labels
from inventory.state.restores import Restore

MAKERS: Final = ("restic", "borg", "rsnapshot", "bacula", "bareos", "netbackup", "proxmox_backup", "veeam")
"""What lists backup jobs: names of sections and commands under `ssh`."""

HTTP_MAKERS: Final = ("proxmox-backup", "veeam-backup")
"""What lists backup jobs over HTTP: families. An archive or a box that stores what others send lists none."""


Rule = Literal["3 copies", "2 media", "1 off-site", "1 immutable", "0 errors"]
RULES: Final[tuple[Rule, ...]] = get_args(Rule)

Why = Literal[
    "copies.undeclared", "copies.declared", "copies.unmeasured",
    "media", "media.unsure",
    "offsite", "offsite.none", "offsite.unsure",
    "immutable", "immutable.declared", "immutable.ended", "immutable.none",
    "errors.doubted", "errors.untold", "errors.untested", "errors.failed", "errors.old", "errors.none",
    "targets",
]  # fmt: skip
"""Why a part of the rule is met or not: a closed list, which pages and commands put into words."""

WHYS: Final[tuple[Why, ...]] = get_args(Why)


class Part(NamedTuple):
    """One part of the 3-2-1-1-0 score: met, not met, or unknown (None), and why, with the figures and names of it.

    `targets` is why of a service: `names` are those of it that lack the part, or of which it is not known.
    """

    rule: Rule
    met: bool | None
    why: Why
    number: int = 0
    seconds: float = 0.0
    wanted: int = 0
    all: int = 0
    names: tuple[str, ...] = ()
    doubted: tuple[Job, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Protection:
    """How one target of the estate is protected, at `now`. `jobs` are those that protect it.

    `absent` are promised jobs that nobody lists, `sure` whether everybody that lists jobs was heard. `test` is the
    newest restore test, `restored` the newest that brought everything back, `tests` how many count; None where the ledger cannot be read.
    """

    target: Target
    now: float
    jobs: tuple[Job, ...]
    absent: tuple[str, ...]
    sure: bool
    test: Restore | None
    restored: Restore | None
    tests: int | None

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

    def promises(self) -> dict[str, bool]:
        """Whether the RPO is exceeded, by job that keeps the promise; without those of which nobody can tell."""
        if self.rpo is None or self.target.protect is None:
            return {}
        wanted = self.target.protect.jobs
        if not wanted:
            # no job is named: the newest restore point of any keeps the promise, whichever job made it
            return {job.job: self.exceeded(self.last) is True for job in self.jobs if job.pointed}
        found: dict[str, bool] = {}
        for name in dict.fromkeys(wanted):
            mine = [job for job in self.jobs if job.job == name]
            if any(job.pointed for job in mine) or name in self.absent:
                last = max((job.last for job in mine if job.last is not None), default=None)
                found[name] = self.exceeded(last) is True
        return found

    @property
    def missed(self) -> bool:
        """Whether an RPO is exceeded for certain: of a job, or as there is certainly none."""
        return any(self.promises().values()) or (self.rpo is not None and self.sure and not self.jobs)

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
        rule: Final = "0 errors"
        if wrong := tuple(job for job in self.jobs if job.protecting is False):
            return Part(rule, False, "errors.doubted", doubted=wrong)
        if not self.jobs or any(job.protecting is None for job in self.jobs):
            return Part(rule, None, "errors.untold")
        if self.test is None:
            return Part(rule, None, "errors.untested")
        if self.test.result != "ok":
            return Part(rule, False, "errors.failed", names=(self.test.result,))
        since = self.now - self.test.at
        if every is not None and since > every:
            return Part(rule, False, "errors.old", seconds=since)
        return Part(rule, True, "errors.none", seconds=since)


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
        yield Part(parts[0].rule, met, "targets", names=tuple(lacking or unsure))


def _copies(one: Protection, standing: Standing, wanted: int) -> Part:
    if not standing:
        # each job that has a good point is one copy, whether or not somebody declared it
        made = sum(job.last is not None and one.exceeded(job.last) is not True for job in one.jobs)
        met = True if 1 + made >= wanted else (None if not one.sure or one.target.protect is None else False)
        return Part("3 copies", met, "copies.undeclared", made, wanted=wanted)
    certain = 1 + sum(there is True for _, there in standing)
    possible = certain + sum(there is None for _, there in standing)
    met = True if certain >= wanted else None if possible >= wanted else False
    why: Why = "copies.unmeasured" if met is None else "copies.declared"
    return Part("3 copies", met, why, certain - 1, wanted=wanted, all=len(standing))


def _media(original: str | None, standing: Standing) -> Part:
    certain = {copy.media for copy, there in standing if there and copy.media} | (
        {original} if original else set()
    )
    possible = certain | {copy.media for copy, there in standing if there is None and copy.media}
    blank = original is None or any(copy.media is None and there is not False for copy, there in standing)
    met = True if len(certain) >= 2 else None if blank or len(possible) >= 2 or not standing else False
    kinds = tuple(sorted(filter(None, certain)))
    return Part("2 media", met, "media.unsure" if blank else "media", names=kinds)


def _place(standing: Standing) -> Part:
    there = [copy for copy, stands in standing if stands and copy.offsite]
    if there:
        return Part("1 off-site", True, "offsite", names=(there[0].job or "",))
    unsure = not standing or any(
        (stands is not False and copy.offsite is None) or (stands is None and copy.offsite)
        for copy, stands in standing
    )
    return Part("1 off-site", None if unsure else False, "offsite.unsure" if unsure else "offsite.none")


def _immutable(one: Protection, standing: Standing) -> Part:
    rule: Final = "1 immutable"
    until = max((job.immutable for job in one.jobs if job.immutable is not None), default=None)
    if until is not None and until > one.now:
        return Part(rule, True, "immutable", seconds=until - one.now)
    if any(stands and copy.immutable for copy, stands in standing):
        return Part(rule, True, "immutable.declared")
    if until is not None:
        return Part(rule, False, "immutable.ended")
    unsure = not standing or any(
        (stands is not False and copy.immutable is None) or (stands is None and copy.immutable)
        for copy, stands in standing
    )
    return Part(rule, None if unsure else False, "immutable.none")


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


def judge(target: Target, jobs: Jobs, sure: bool, tests: Sequence[Restore] | None, now: float) -> Protection:
    """How a target is protected. `sure` says that everybody who lists jobs was heard; `tests` are the newest first, None where unknown."""
    wanted = target.protect.jobs if target.protect else ()
    mine = [job for name in wanted for job in _of(name, target, jobs)] if wanted else _naming(target, jobs)
    absent = tuple(name for name in wanted if not any(job.job == name for job in mine)) if sure else ()
    ours = [test for test in tests or () if test.target == target.name]
    restored = next((test for test in ours if test.result == "ok"), None)
    known = None if tests is None else len(ours)
    return Protection(target, now, tuple(mine), absent, sure, ours[0] if ours else None, restored, known)


def _of(name: str, target: Target, jobs: Jobs) -> list[Job]:
    """The jobs of that name for a target: where one protects several machines, that of the target alone."""
    named = jobs.named(name)
    if len({alike(job.machine) for job in named}) <= 1:
        return named
    mine = set(_naming(target, jobs))
    return [job for job in named if job in mine]


def _naming(target: Target, jobs: Jobs) -> list[Job]:
    return jobs.calling(names(target))


def names(target: Target) -> frozenset[str]:
    """What a target may be called by those who list jobs."""
    return frozenset(alike(name) for name in (target.name, target.address or "", *target.formerly) if name)


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


def machines(target: Target, listed: Iterable[str]) -> list[str]:
    """The machines that a target stands for: itself where it is a server, and the virtual machines that it lists."""
    server = target.ssh is not None or target.host or target.protect is not None
    return sorted({*listed, *([target.name] if server else [])})


def alone(one: Protection, jobs: Jobs, listed: Collection[str], estate: Estate) -> dict[str, bool]:
    """Whether no job knows each machine of a target; those that the estate excludes, or of which nobody can tell, are left out."""
    sure = one.sure and not jobs.nameless
    found: dict[str, bool] = {}
    for machine in machines(one.target, listed):
        known = jobs.knows(machine) or (machine == one.target.name and bool(one.jobs))
        if (known or sure) and excluded(machine, estate) is None:
            found[machine] = not known
    return found


def test_every(target: Target | None) -> float:
    """Seconds within which a restore of a target is to be tested again, where the estate says nothing a year."""
    return (target.protect if target is not None and target.protect is not None else Protect()).test_every


def samples(one: Protection, jobs: Jobs, listed: Collection[str], estate: Estate) -> Iterator[Sample]:
    """What is exported of a target: promises, how they are kept, restore tests, and its machines in no job."""
    told = {
        "jauge_restore_test_every_seconds": test_every(one.target)
        if one.target.protect or one.restored
        else None,
        "jauge_restore_tests": one.tests if one.target.protect or one.tests else None,
        "jauge_backup_rpo_seconds": one.rpo,
        "jauge_backup_rto_seconds": one.rto,
        "jauge_restore_tested_timestamp_seconds": one.restored.at if one.restored else None,
        "jauge_restore_tested_duration_seconds": one.restored.seconds if one.restored else None,
        "jauge_restore_rto_exceeded": one.slow,
    }
    yield from (Sample(name, float(value)) for name, value in told.items() if value is not None)
    if one.test is not None:
        yield Sample("jauge_restore_result", 1.0, labels(state=one.test.result))
    for job, exceeded in one.promises().items():
        yield Sample("jauge_backup_rpo_exceeded", float(exceeded), labels(job=job))
    for machine, without in alone(one, jobs, listed, estate).items():
        yield Sample("jauge_backup_machine_in_no_job", float(without), labels(machine=machine))
    for part in one.score() if one.target.protect is not None else ():
        if part.met is not None:
            yield Sample("jauge_backup_rule_met", float(part.met), labels(rule=part.rule))
