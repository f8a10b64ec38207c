"""A renewal plan on a terminal: lists and sentences of its document, which is that of `--json`, of workbooks and of pages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from dashboard.sentences import renewal as sentences
from dashboard.texts import Texts
from forecasting.renewal.kept import LUMP, by_line

Document = Mapping[str, Any]
"""See `forecasting.renewal.document.of`, its days as texts: as JSON has it."""

Outline = Mapping[str, Any]
"""See `forecasting.renewal.document.outline`."""


class Listing(NamedTuple):
    """Rows under titles."""

    titles: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


_WHY: Final = {
    "deadline": "the deadline",
    "updates": "paid updates end",
    "age": "the age limit",
    "risk": "the allowed risk",
    "cost": "waiting is dearer",
    "warranty": "its warranty ends",
    "project": "a project needs it",
    "spare": "a spare",
    "kept": "nothing asks for it",
}
_PUSHED: Final = {
    "": "",
    "cap": ", later for want of money",
    "hands": ", later for want of hands",
    "evenness": ", moved to even out years",
}
_DAY_OF: Final = {"support": "support", "console": "dates of its own"}
_BEYOND: Final = "beyond the plan"
_LATE: Final = {
    "order": "nothing that is ordered today comes sooner",
    "offer": "nothing is sold that replaces it",
    "cap": "no money left in the years before",
    "hands": "no hands left in the quarters before",
    "weight": "what is left is worth more elsewhere",
}


def years(found: Document) -> Listing:
    """Machines, orders and failures by year; under each year the money of directorates and sites that a cap bounds."""
    counts = Counter[tuple[int, bool]]()
    for row in found["waves"]:
        counts[row["year"], bool(row["again"])] += row["machines"]
    fails = {row["year"]: row for row in found["failures"]}
    rows: list[tuple[str, ...]] = []
    for one in found["money"]:
        year, paid = one["year"], (_money(one["spent"]), _money(one["budget"]))
        if not one["purse"]:
            rows.append((
                str(year), _count(counts[year, False]), _count(counts[year, True]), *paid,
                _band(fails.get(year)),
                _count(found["past_age"].get(str(year), 0)), _months(found["lateness"].get(str(year), 0.0)),
            ))  # fmt: skip
        elif one["budget"] is not None:
            rows.append((f"  {one['purse']}", "", "", *paid, "", "", ""))
    titles = (
        "year", "machines", "again", "money", "budget", "failures (80 %)", "past age", "late (machine-months)",
    )  # fmt: skip
    return Listing(titles, rows)


def costs(found: Document, t: Texts) -> Listing:
    """The money of each year by line: what is ordered, and what machines cost while they serve."""
    rows = [
        (t(f"cost.{name}"), *(_money(one) for one in (*values, sum(values))))
        for name, values in by_line(found["costs"])
    ]
    return Listing(("cost", *(str(one["year"]) for one in found["costs"]), "in all"), rows)


def purchases(found: Document) -> Listing:
    """What is ordered for the first time, those together that read the same."""
    sums: dict[tuple[Any, ...], list[float]] = defaultdict(lambda: [0, 0.0])
    for row in found["waves"]:
        if not row["again"]:
            because = f"{_why(row, found['age_limits'])}{_PUSHED[row['pushed']]}"
            total = sums[row["year"], row["quarter"], row["site"], row["use"], row["offer"], because]
            total[0] += row["machines"]
            total[1] += row["money"]
    rows = [
        (str(year), _quarter(quarter), site, use, _count(machines), offer, _money(money), because)
        for (year, quarter, site, use, offer, because), (machines, money) in sorted(sums.items())
    ]
    titles = ("ordered in", "for", "site", "class", "machines", "by", "money", "because of")
    return Listing(titles, rows)


def late(found: Document) -> Listing:
    """Machines that stay past a deadline, and those that come after the day of the project that needs them; until when at most, and
    for how many machine-months within the plan."""
    sums: dict[tuple[str, ...], list[float]] = defaultdict(lambda: [0, 0.0])
    for row in found["overdue"]:
        key = (
            row["deadline"],
            _day_of(row),
            row["site"],
            row["use"],
            _model(row),
            row["until"] or _BEYOND,
            row["why"],
        )
        sums[key][0] += 1
        sums[key][1] += row["months"]
    rows = [
        (day, of, site, use, model, _count(machines), until, _months(months), _LATE[why])
        for (day, of, site, use, model, until, why), (machines, months) in sorted(sums.items())
    ]
    titles = ("past", "day of", "site", "class", "model", "machines", "until", "machine-months", "because")
    return Listing(titles, rows)


def curve(found: Document) -> Listing:
    """What more and less money would buy; no rows where that was not computed."""
    rows = [
        (
            f"{one['share']:+.0%}", _money(one["budget"]), _money(one["spent"]), _count(one["late"]), _months(one["lateness"]),
            f"{one['failures']:.0f}", _money(one["worth"]), f"{one['gap']:.2%}", _money(one["lump"]),
        )
        for one in found["curve"]
    ]  # fmt: skip
    worth = f"worth of {_money(LUMP)} {found['currency']}"
    titles = (
        "money",
        "in all",
        "spent",
        "past a deadline",
        "machine-months",
        "failures",
        "weighed",
        "proven to",
        worth,
    )
    return Listing(titles, rows)


def beside(plans: Sequence[tuple[str, Outline]]) -> Listing:
    """Plan against plan, each with its name: orders by year, all that they cost with machines in service, what stays past a deadline,
    failures to expect."""
    every = [one["year"] for one in plans[0][1]["years"]]
    rows = []
    for name, one in plans:
        spent = {year["year"]: year["spent"] for year in one["years"]}
        rows.append((
            name, *(_money(spent.get(year, 0.0)) for year in every), _money(one["spent"]), _money(one["total"]),
            _count(one["overdue"]), _months(one["lateness"]),
            f"{one['failures']:.0f}", f"{one['gap']:.3%}",
        ))  # fmt: skip
    return Listing(
        (
            "plan",
            *map(str, every),
            "in all",
            "with service",
            "past a deadline",
            "machine-months",
            "failures",
            "gap",
        ),
        rows,
    )


def told(found: Document, t: Texts) -> Iterator[str]:
    """What the plan is, how good it is, and what it takes for granted."""
    yield from sentences.plan(found, t)
    yield f"{found['cohorts']} cohorts, searched for {found['seconds']:.1f} s."
    yield sentences.overdue(found, t)
    yield sentences.ended(found, t)
    for one in found["out_of_support"]:
        yield f"- {one['machines']:,}: {t('renewal.needs.' + one['needs'])} The plan replaces {one['replaced']:,}."
    yield from sentences.rises(found["curve"], found["currency"], t)
    yield from sentences.assumed(found, t)


def _why(row: Mapping[str, Any], limits: Mapping[str, float]) -> str:
    limit = limits.get(row["use"])
    return f"the age limit, {limit:g} years" if row["why"] == "age" and limit else _WHY[row["why"]]


def _day_of(row: Mapping[str, Any]) -> str:
    """Whose day it is: a machine of a project is called by that project, and is none of any model yet."""
    return f"project {row['model']}" if row["reason"] == "project" else _DAY_OF[row["reason"]]


def _model(row: Mapping[str, Any]) -> str:
    return "" if row["reason"] == "project" else str(row["model"] or "")


def _band(row: Mapping[str, Any] | None) -> str:
    return "" if row is None else f"{row['expected']:.0f} ({row['low']:.0f} to {row['high']:.0f})"


def _quarter(day: str | None) -> str:
    found = sentences.day(day)
    return f"{found.year} Q{(found.month + 2) // 3}" if found else "never"


def _money(amount: float | None) -> str:
    return "" if amount is None else f"{amount:,.0f}"


def _months(number: float) -> str:
    return f"{number:,.1f}" if number else ""


def _count(number: float) -> str:
    return f"{int(number):,}" if number else ""
