"""The renewal plan and roll-outs in true sentences: each figure is one of those that the plan holds."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, get_args

from dashboard.sentences import lives
from dashboard.texts import Texts, plain
from dashboard.words import WORDS
from forecasting.deploying import Followed
from forecasting.renewal.hindrances import Hindrance
from forecasting.renewal.kept import LUMP, Unsure

_EXACT: Final = 1e-6

_MONTHS: Final = 0.05
"""Machine-months that read as none."""

_UPGRADED: Final = ("upgrade", "update", "edition")
"""Needs of machines that stay, and get other software."""

_UNTOLD: Final[Mapping[str, float]] = MappingProxyType({})


def day(text: Any) -> dt.date | None:
    """A day of a document."""
    return dt.date.fromisoformat(str(text)[:10]) if text else None


def quarter(text: Any, t: Texts) -> str:
    """The quarter that begins on a day of a document."""
    found = day(text)
    return t("purchase.quarter", n=(found.month + 2) // 3, year=found.year) if found else t("renewal.never")


def problem(found: Hindrance, t: Texts) -> str:
    """Why no plan can be made."""
    return t(
        f"renewal.problem.{found.code}", **{name: plain(value, 400) for name, value in found.values.items()}
    )


def plan(found: Mapping[str, Any], t: Texts) -> Iterator[str]:
    """What the plan is, what it costs, and how good it is."""
    money = [one for one in found["money"] if not one["purse"]]
    yield t(
        "renewal.lead", machines=t.number(found["machines"]), spent=t.money(sum(one["spent"] for one in money), found["currency"]),
        total=t.money(sum(one["total"] for one in found["costs"]), found["currency"]),
        first=str(money[0]["year"]) if money else "", last=str(money[-1]["year"]) if money else "",
    )  # fmt: skip
    yield t("renewal.exact") if found["gap"] < _EXACT else t("renewal.gap", gap=_share(found["gap"], t))
    yield t("renewal.greedy", gap=_share(found["greedy_gap"], t))


def overdue(found: Mapping[str, Any], t: Texts) -> str:
    """How many machines stay past a deadline, and for how long."""
    count, months = len(found["overdue"]), sum(found["lateness"].values())
    return (
        t.count("renewal.overdue", count, months=t.number(months, 1)) if count else t("renewal.overdue.none")
    )


def late_until(row: Mapping[str, Any], t: Texts) -> str:
    """The last day on which a machine is past its deadline."""
    last = day(row["until"])
    return t.day(last) if last else t("renewal.late.beyond")


def ended(found: Mapping[str, Any], t: Texts) -> str:
    """How many machines are out of support today, and how many of these need no other machine."""
    counts = {one["needs"]: one["machines"] for one in found["out_of_support"]}
    if not counts:
        return t("renewal.ended.none")
    every, replaced = sum(counts.values()), counts.get("replacement", 0)
    upgraded = sum(counts.get(need, 0) for need in _UPGRADED)
    return t.count(
        "renewal.ended.lead", every, replacement=t.number(replaced), upgrade=t.number(upgraded),
        neither=t.number(every - replaced - upgraded),
    )  # fmt: skip


def why(row: Mapping[str, Any], currency: str, t: Texts, limits: Mapping[str, float] = _UNTOLD) -> str:
    """Why the machines of a wave go when they go: what decides it, and what moved it. `limits` are age limits in years by class."""
    return " ".join(part for part in (_decides(row, currency, t, limits), _moved(row, t)) if part)


def _decides(row: Mapping[str, Any], currency: str, t: Texts, limits: Mapping[str, float]) -> str:
    if row["again"]:
        return t("renewal.why.again")
    if row["why"] == "age" and row.get("use") in limits:
        return t("renewal.why.age.limit", limit=years(limits[row["use"]], t))
    key, last = f"renewal.why.{row['why']}", day(row["deadline"])
    if row["why"] == "deadline" and last is not None and late(row):
        key = "renewal.why.late"
    return t(
        key, deadline=t.day(last), fails=_share(row["fails"], t), waiting=t.money(row["waiting"], currency),
        saved=t.money(row["saved"], currency),
    )  # fmt: skip


def years(number: float, t: Texts) -> str:
    """A number of years that may be a half one."""
    return t.count("years", number)


def due(row: Mapping[str, Any], t: Texts) -> str:
    """The day that a machine is late for: its deadline, or the day of the project that needs it, which is said."""
    told = t.day(day(row["deadline"]))
    return t("renewal.due.project", day=told) if row["reason"] == "project" else told


def stays(row: Mapping[str, Any], t: Texts) -> str:
    """Why a machine stays past its deadline."""
    return t(f"renewal.late.{row['why']}")


def kept(row: Mapping[str, Any], t: Texts, limits: Mapping[str, float] = _UNTOLD) -> str:
    """Why machines stay to the end of the plan: what would ask for them, and what there is too little of."""
    key = f"renewal.kept.{row['why']}"
    if row["why"] == "age" and row.get("use") in limits:
        said = t("renewal.why.age.limit", limit=years(limits[row["use"]], t))
    else:
        said = t(key if key in WORDS else "renewal.why.kept")
    return " ".join(
        part for part in (said, t(f"renewal.stay.{row['pushed']}") if row["pushed"] else "") if part
    )


def late(row: Mapping[str, Any]) -> bool:
    """Whether machines of a wave may still be there after their deadline: its quarter is not over by then."""
    first, last = day(row["quarter"]), day(row["deadline"])
    if first is None or last is None:
        return False
    month = first.month + 3
    ends = dt.date(first.year + (month > 12), (month - 1) % 12 + 1, 1) - dt.timedelta(days=1)
    return ends > last


def _moved(row: Mapping[str, Any], t: Texts) -> str:
    if not row["pushed"]:
        return ""
    if row["wanted"] is None:
        return t("renewal.pushed.never")
    return t(f"renewal.pushed.{row['pushed']}", wanted=quarter(row["wanted"], t))


def _share(value: float | None, t: Texts) -> str:
    return t.unknown if value is None else t.share(value)


def lump(points: list[Mapping[str, Any]], currency: str, t: Texts) -> str:
    """What 50,000 more would buy: between the plan's money and the next step."""
    after = next((one for one in points if one["share"] > _EXACT), None)
    now = next((one for one in points if abs(one["share"]) < _EXACT), None)
    if now is None or after is None or after["lump"] is None or after["budget"] <= now["budget"]:
        return t("renewal.curve.none")
    parts = (after["budget"] - now["budget"]) / LUMP
    less = {name: (now[name] - after[name]) / parts for name in ("late", "lateness", "failures")}
    said = {name: t.number(abs(value), 1) for name, value in less.items()}
    spares = all(signed(value, said[name])[0] != "−" for name, value in less.items())
    if not spares:
        said = {name: signed(-value, said[name]) for name, value in less.items()}
    return t(
        "renewal.curve.lead" if spares else "renewal.curve.lead.other", lump=t.money(LUMP, currency),
        worth=t.money(after["lump"], currency), more=t.ratio(after["share"]), **said,
    )  # fmt: skip


def rises(points: list[Mapping[str, Any]], currency: str, t: Texts) -> Iterator[str]:
    """Each step of more money after which more machines are past a deadline, or for longer: why that is no worse."""
    for before, after in itertools.pairwise(points):
        late, months = (after[name] - before[name] for name in ("late", "lateness"))
        if late > 0 or months > _MONTHS:
            yield t(
                "renewal.curve.rise", more=step(after, t), less=step(before, t), late=signed(late, t.number(abs(late))),
                lateness=signed(months, t.number(abs(months), 1)), worth=t.money(before["worth"] - after["worth"], currency),
            )  # fmt: skip


def step(point: Mapping[str, Any], t: Texts) -> str:
    """By how much the money of a point differs from that of the plan."""
    return signed(point["share"], t.ratio(abs(point["share"])))


def beside(found: Mapping[str, Any], t: Texts) -> str:
    """What a scenario changes, in one sentence."""
    before, after = found["without"], found["with"]
    money, total = (
        signed(more, t.money(abs(more), before["currency"]))
        for more in (after[name] - before[name] for name in ("spent", "total"))
    )
    return t(
        "renewal.beside", money=money, total=total,
        late=signed(after["overdue"] - before["overdue"], t.number(abs(after["overdue"] - before["overdue"]))),
        lateness=signed(after["lateness"] - before["lateness"], t.number(abs(after["lateness"] - before["lateness"]), 1)),
        failures=signed(after["failures"] - before["failures"], t.number(abs(after["failures"] - before["failures"]))),
        now=t.number(before["overdue"]), then=t.number(after["overdue"]),
    )  # fmt: skip


def signed(value: float, text: str) -> str:
    """An amount (its text without a sign) that something changes by; what reads as 0 has no direction."""
    nothing = not any(digit in text for digit in "123456789")
    return f"{'±' if nothing or value == 0 else '+' if value > 0 else '−'}{text}"


def rollout(one: Followed, today: dt.date, t: Texts) -> list[str]:
    """How a roll-out stands: deployed, planned, and when all will be."""
    found = one.progress
    if found is None:
        return []
    said = [_deployed(one, today, t)]
    if found.central is not None:
        between = [t.day(each) if each else "…" for each in (found.early, found.late)]
        said.append(t("rollouts.date", central=t.day(found.central), early=between[0], late=between[1]))
    elif found.reason is not None:
        said.append(t(f"rollouts.no.{found.reason}"))
    if found.weekly is not None:
        said.append(t("rollouts.pace", pace=t.number(found.weekly, 1)))
    if one.unknown:
        said.append(t.count("rollouts.unknown", one.unknown))
    return said


def _deployed(one: Followed, today: dt.date, t: Texts) -> str:
    found = one.progress
    assert found is not None  # noqa: S101 - the caller looked
    if found.deployed is None:
        return t("rollouts.unseen", total=t.number(found.total))
    planned = one.planned(today)
    key = "rollouts.deployed" if planned is None else "rollouts.deployed.planned"
    return t(key, deployed=t.number(found.deployed), total=t.number(found.total), planned=t.number(planned))


def assumed(found: Mapping[str, Any], t: Texts, use: Callable[[str], str] = plain) -> list[str]:
    """What the plan takes for granted; `use` calls a class."""
    said = [" ".join(lives.learnt(found["survival"], t))]
    if found["late_search"]:
        said.append(t("renewal.late.search"))
    said += [
        t("renewal.going.on", offer=plain(one["offer"]), until=t.day(day(one["until"])))
        for one in found["going_on"]
    ]
    if found["ages_assumed"]:
        said.append(t.count("renewal.ages", found["ages_assumed"]))
    unsure, left = (Counter(one["why"] for one in found[name]) for name in ("support_unknown", "left_alone"))
    said += [t.count(f"renewal.{why}", unsure[why]) for why in get_args(Unsure) if unsure[why]]
    said += [
        t.count(f"renewal.left.{why}", left[why]) for why in ("console", "stock", "retired") if left[why]
    ]
    short = [one for one in found["spares"] if one["wanted"] > one["stock"]]
    said += [
        t(
            "renewal.spares",
            use=use(one["use"]),
            wanted=t.number(one["wanted"]),
            stock=t.number(one["stock"]),
        )
        for one in short
    ]
    return said
