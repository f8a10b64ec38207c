"""What is said of backups: why one is not believed, why a part of the 3-2-1-1-0 rule is met or not, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from dashboard.standing import Backup
from dashboard.texts import Texts, plain
from dashboard.words import WORDS
from exporters.jobs import Job
from exporters.protection import Part

_NAMES: Final = 5
"""Names that a sentence says; the rest is counted."""


def why(backup: Backup, t: Texts) -> str:
    """Why its last run is no restore point; empty where it is one, or nobody can tell."""
    return flaws(backup.told, t) if backup.told is not None and backup.doubted else ""


def flaws(job: Job, t: Texts) -> str:
    """The flaws of the last run of a job, in words."""
    said = [flaw(one, t) for one in job.reasons] or [t("flaw.")]
    drifts = [one for one in (job.size_drift, job.files_drift) if one is not None]
    if "shrunken" in job.reasons and drifts:
        said.append(t("backups.drift", ratio=t.ratio(min(drifts))))
    return ", ".join(said)


def flaw(reason: str, t: Texts) -> str:
    """One flaw in words; a word that is none of ours as it stands."""
    return t(f"flaw.{reason}") if f"flaw.{reason}" in WORDS else plain(reason)


def says(result: str, t: Texts) -> str:
    """What its maker says of a run; a word that is none of ours as it stands."""
    return t(f"says.{result}") if f"says.{result}" in WORDS else plain(result)


def todo(backup: Backup, t: Texts) -> str:
    """The next action; empty where there is none."""
    if backup.doubted and backup.told is not None:
        reason = next((one for one in backup.told.reasons if f"flaw.do.{one}" in WORDS), "")
        return t(f"flaw.do.{reason}")
    if backup.overdue:
        return t("backups.do.overdue" if backup.job else "backups.do.jobless")
    if backup.last is None:
        return t("backups.do.untold")
    if backup.rpo is None:
        return t("backups.do.unpromised", name=plain(backup.subject))
    return t("backups.do.untested") if backup.untested else ""


def part(found: Part, t: Texts, name: Callable[[Job], str] | None = None) -> str:
    """Why a part of the rule is met, not met, or unknown. `name` says how a job that is not believed is called."""
    if found.why == "targets" and not found.names:
        return t("rule.targets.every")
    if found.doubted:
        named = _some([(name or (lambda job: doubt(job, t)))(job) for job in found.doubted], t("semicolon"))
    elif found.why == "errors.failed":
        named = ", ".join(t(f"result.{one}") for one in found.names)
    elif found.why.startswith("media"):
        named = ", ".join(t(f"rule.medium.{one}") for one in found.names) or t("rule.medium.none")
    else:
        named = _some([plain(one) for one in found.names], ", ")
    return t(
        f"rule.{found.why}", names=named, number=t.number(found.number), span=t.span(found.seconds),
        wanted=t.number(found.wanted), all=t.number(found.all),
    )  # fmt: skip


def doubt(job: Job, t: Texts) -> str:
    """A job, and why its last run is not believed."""
    return f"{plain(job.job)} ({flaws(job, t)})"


def _some(names: Sequence[str], between: str) -> str:
    more = [f"+ {len(names) - _NAMES}"] if len(names) > _NAMES else []
    return between.join([*names[:_NAMES], *more])


def mend(parts: Sequence[Part], t: Texts) -> str:
    """What to do about the rule: of the first part that is not met, else of the first that is unknown."""
    first = next((each for met in (False, None) for each in parts if each.met is met), None)
    return t(f"rule.do.{first.rule}") if first is not None else ""


def took(seconds: float, rto: float | None, t: Texts) -> str:
    """How long a restore took, and whether that is within what was promised."""
    said = t.count(
        "span.minutes", max(round(seconds / 60), 1)
    )  # in hours, 2 h 20 min would be as long as 2 hours
    if rto is None:
        return said
    return f"{said}, {t('backups.slow' if seconds > rto else 'backups.kept', rto=t.span(rto))}"
