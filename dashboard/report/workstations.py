"""Workstations: how old they are, what nobody mends any more, what the renewal plan does about it, and how roll-outs go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.data import Data
from dashboard.fleet import Fleet
from dashboard.report.document import Bars, Block, Points, Prose, Section, Table, columns
from dashboard.sentences import deadlines as said
from dashboard.sentences import renewal as sentences
from dashboard.texts import Texts, plain, purpose
from exporters.workbooks import Column

Document = Mapping[str, Any]


def section(data: Data, t: Texts) -> Section:
    """The deadlines of the day, classes, ages, the plan, roll-outs."""
    return Section("workstations", t("report.workstations"), tuple(_blocks(data, t)))


def planned(data: Data) -> Document | None:
    """The renewal plan that was made; None where there is none."""
    issued = data.renewal()
    return issued.content if issued is not None else None


def deadlines(data: Data, t: Texts) -> str:
    """What is out of support today, as the page of deadlines says it."""
    seen = data.standings(data.today)
    states = Counter(
        [*(one.support.state for one in seen.machines), *(one.support.state for one in seen.targets)]
    )
    machines = [one for one in seen.machines if one.support.state == "ended"]
    is_declared = said.is_care_declared(data.rules.classes)
    found = said.Ended(
        all=len(seen.machines) + len(seen.targets),
        workstations=len(machines),
        targets=states["ended"] - len(machines),
        care=sum(one.use.care and one.in_use for one in machines) if is_declared else None,
        unknown=states["unknown"],
        extended=states["extended"],
    )
    return said.lead(found, seen.day, t)


def _blocks(data: Data, t: Texts) -> Iterator[Block]:
    fleet = data.fleet()
    if fleet is None and not data.supported(data.today):
        yield Prose(t("report.workstations.none"))
        return
    yield Prose(deadlines(data, t))
    if fleet is None:
        yield Prose(t("report.workstations.none"))
        return
    yield from _stands(fleet, data, t)
    yield from _plan(data, t)
    rollouts = [
        f"{plain(one.title)}{t('colon')}{' '.join(told)}"
        for one in fleet.rollouts
        if (told := sentences.rollout(one, data.today, t))
    ]
    if rollouts:
        yield Points(tuple(rollouts))


def _stands(fleet: Fleet, data: Data, t: Texts) -> Iterator[Block]:
    counts = fleet.counts
    median = (
        t.unknown if counts.median is None else t("report.workstations.years", n=t.number(counts.median, 1))
    )
    undated = counts.ages.get("unknown", 0)
    key = "report.workstations.ages" if undated else "report.workstations.ages.all"
    yield Prose(t(key, machines=t.number(counts.machines), median=median, undated=t.number(undated)))
    labels = tuple(_aged(name, t) for name in counts.ages)
    title = t("report.workstations.chart")
    said = ", ".join(
        f"{label}{t('colon')}{t.number(count)}"
        for label, count in zip(labels, counts.ages.values(), strict=True)
    )
    values = tuple(float(count) for count in counts.ages.values())
    yield Bars(title, said, Column(t("column.count"), "number"), labels, ((t("column.count"), values),))
    heads = columns(
        t, data.estate.currency, ("column.use", "text"), ("column.count", "number"), ("column.ended", "number"),
        ("column.unsure", "number"), ("column.later", "number"),
    )  # fmt: skip
    rows = [
        (
            plain(purpose(one.use.title, one.use.name, t), 60),
            one.machines,
            one.now["ended"],
            one.now["unknown"],
            one.later["ended"],
        )
        for one in counts.classes
    ]
    whole = (
        t("column.sum"),
        counts.machines,
        counts.now["ended"],
        counts.now["unknown"],
        counts.later["ended"],
    )
    yield Table(t("fleet.stands"), heads, (*rows, whole))


def _aged(band: str, t: Texts) -> str:
    """What a band of ages is called: `0-1`, `8+`, or unknown."""
    if band == "unknown":
        return t.unknown
    if band.endswith("+"):
        return t("report.workstations.aged.more", n=band[:-1])
    return t.count("report.workstations.aged", int(band.rpartition("-")[2]), span=band)


def _plan(data: Data, t: Texts) -> Iterator[Block]:
    found = planned(data)
    if found is None:
        issued = data.renewal()
        why = sentences.problem(issued.problem, t) if issued and issued.problem else ""
        yield Prose(" ".join(part for part in (t("report.workstations.unplanned"), why) if part))
        return
    told = (
        *sentences.plan(found, t),
        *_again(found, t),
        sentences.overdue(found, t),
        sentences.ended(found, t),
    )
    yield Prose(" ".join(told))
    yield _years(found, t)


def _again(found: Document, t: Texts) -> Iterator[str]:
    """Why more machines are ordered than there are: years are many, and what is bought wears out within them."""
    again = sum(row["machines"] for row in found["waves"] if row["again"])
    if again:
        every = sum(row["machines"] for row in found["waves"])
        yield t("report.workstations.again", n=t.number(every), again=t.number(again))


def _years(found: Document, t: Texts) -> Table:
    """As on the page of the plan: machines, money and what stays, year by year."""
    counts: Counter[int] = Counter()
    for row in found["waves"]:
        counts[row["year"]] += row["machines"]
    failing = {row["year"]: row["expected"] for row in found["failures"]}
    heads = columns(
        t, found["currency"], ("column.year", "year"), ("report.workstations.ordered", "number"), ("column.spent", "money"), ("column.budget", "money"),
        ("column.failures", "number"), ("column.past_age", "number"), ("column.lateness", "decimal"),
    )  # fmt: skip
    rows = tuple(
        (
            one["year"], counts[one["year"]], one["spent"], t("purchase.unbounded") if one["budget"] is None else one["budget"],
            failing.get(one["year"]), found["past_age"].get(str(one["year"]), 0), found["lateness"].get(str(one["year"])),
        )
        for one in found["money"] if not one["purse"]
    )  # fmt: skip
    return Table(t("renewal.money"), heads, rows)
