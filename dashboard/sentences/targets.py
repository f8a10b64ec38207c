"""How a target was polled, in true sentences: what `jauge explain` shows, from what the collector wrote of its last poll."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dashboard.sentences import stores
from dashboard.standing import Watched
from dashboard.texts import Texts, plain
from inventory.estate import Target


class Way(NamedTuple):
    """A protocol over which a target is asked: where, with which credential (its name, never what it holds), and for what."""

    protocol: str
    where: str
    credential: str
    asked: str


def last(one: Watched, t: Texts) -> str:
    """When it answered last."""
    at = one.status.last_success if one.status else None
    return t("never") if at is None else t.instant(at)


def why(one: Watched, t: Texts) -> str:
    """Why it is late; else what failed at its last poll, and why: the first tables of each of the first reasons."""
    if one.delay is not None:
        return late(one, t)
    failed: dict[str, list[str]] = {}
    for table in one.failures:
        failed.setdefault(stores.reason(table.reason, t), []).append(plain(table.name, 40))
    return _first([f"{_first(names)}{t('colon')}{why}" for why, names in failed.items()], "; ")


def _first(texts: Sequence[str], between: str = ", ") -> str:
    return between.join(texts[:3]) + ("…" if len(texts) > 3 else "")


def late(one: Watched, t: Texts) -> str:
    """Why a late target is late, as far as is known; "" for any other."""
    status = one.status
    if one.delay is None or status is None:
        return ""
    return t(
        f"targets.late.{one.delay}", wrote=t.instant(one.wrote), took=_took(status.seconds or 0.0, t), every=t.span(one.target.every),
        begun=t.instant(status.begun), polled=t.instant(status.at),
    )  # fmt: skip


def _took(seconds: float, t: Texts) -> str:
    return t.span(seconds) if seconds >= 2 * 60 else t.brief(seconds)


def todo(one: Watched, t: Texts) -> str:
    """What to do about a target that is late, or of which something failed; "" for any other."""
    if one.delay is not None:
        return t(f"targets.late.{one.delay}.do")
    return stores.advice(one.reason, t) if one.reason else ""


def ways(target: Target, t: Texts) -> Iterator[Way]:
    """Every protocol over which a target is asked."""
    if target.snmp:
        family = target.snmp.family
        asked = t("targets.way.family", family=family) if family else t("targets.way.found")
        yield Way("SNMP", f"UDP {target.snmp.port}", target.snmp.credential, asked)
    if target.ssh:
        more = ("restic", "borg", "rsnapshot", "proxmox_backup")
        asked = ", ".join((*target.ssh.commands, *(name for name in more if getattr(target.ssh, name))))
        yield Way("SSH", f"TCP {target.ssh.port}", target.ssh.credential, asked)
    if target.dicom:
        asked = t("targets.way.dicom", calling=target.dicom.calling, aet=target.dicom.aet)
        yield Way(_over("DICOM", target.dicom.tls), f"TCP {target.dicom.port}", "", asked)
    if target.mllp:
        asked = t("targets.way.hl7" if target.mllp.message else "targets.way.hl7.silent")
        yield Way(_over("MLLP", target.mllp.tls), f"TCP {target.mllp.port}", "", asked)
    if target.http:
        asked = t("targets.way.family", family=target.http.family)
        yield Way("HTTP", plain(target.http.url), target.http.credential or "", asked)
    if target.host:
        yield Way(t("targets.way.host"), "", "", "")


def _over(protocol: str, tls: object) -> str:
    return f"{protocol} (TLS)" if tls else protocol


def chosen(one: Watched, t: Texts) -> str:
    """As what it is read, and how that was found out; "" where nothing is known of it."""
    status = one.status
    if status is None or not status.family:
        return t("targets.chosen.unknown") if one.target.snmp else ""
    declared = one.target.snmp.family if one.target.snmp else None
    if one.target.snmp is None:
        return t("targets.chosen.declared", family=plain(status.family))
    also = plain(status.families, 200)
    beside = t("targets.chosen.also", families=also) if also and also != plain(status.family) else ""
    if declared:
        return " ".join(
            part for part in (t("targets.chosen.declared", family=plain(declared)), beside) if part
        )
    sign = plain(status.identity)
    found = t("targets.chosen.sign", sign=sign) if sign else t("targets.chosen.objects")
    return " ".join(
        part for part in (t("targets.chosen.found", family=plain(status.family)), found, beside) if part
    )


def polled(one: Watched, now: float, t: Texts) -> list[str]:
    """How the last poll went, when the next is due, and what of it was withheld."""
    status = one.status
    if status is None or status.at is None:
        return [t("targets.tables.none", every=t.span(one.target.every))]
    good = sum(table.up for table in status.tables)
    values = sum(table.values for table in status.tables)
    said = [
        t(
            "targets.polled", at=t.instant(status.at), took=t.brief(status.seconds), good=t.number(good),
            all=t.number(len(status.tables)), values=t.number(values),
        )
    ]  # fmt: skip
    withheld = sum(table.withheld for table in status.tables)
    said += [t.count("targets.withheld.all", withheld)] if withheld else []
    due = status.at + one.target.every
    said.append(t("targets.due", at=t.time(due)) if due > now else t("targets.due.now"))
    if not status.up and status.last_success is not None:
        said.append(
            t("targets.good", at=t.instant(status.last_success), span=t.span(now - status.last_success))
        )
    elif not status.up:
        said.append(t("targets.good.never"))
    return said
