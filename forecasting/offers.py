"""What may be bought for what an estate lacks: from contracts, and prices of targets, to offers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from forecasting import planned
from forecasting.needs import Lack, after
from forecasting.purchasing.problem import Offer, Problem
from inventory.contracts import Contract, Item
from inventory.estate import Estate, Target

TB: Final = 1e12

Why = Literal["no item", "too late", "contract ended", "limit", "budget"]
"""Why a need stays unmet: nothing that is sold fits; nothing ordered today is there in time; no contract can be ordered
under; more lots may not be bought; there is no money left."""


class Sold(NamedTuple):
    """What an offer of the problem stands for."""

    contract: str
    item: str
    title: str
    target: str
    what: str
    gives: Mapping[str, float]
    lead: float
    until: dt.date | None


def problem_of(
    estate: Estate,
    lacks: Sequence[Lack],
    today: dt.date,
    months: tuple[dt.date, ...],
    money: Mapping[tuple[int, str], float],
) -> tuple[Problem, list[Sold]]:
    sold, offers = [], []
    for found, offer in _offers(estate, lacks, today, months, {purse for _, purse in money}):
        sold.append(found)
        offers.append(offer)
    limits = {
        f"{name}/{key}": item.limit
        for name, contract in estate.contracts.items()
        for key, item in contract.items.items()
        if item.limit is not None
    }
    needs = tuple(lack.need for lack in lacks)
    return Problem(tuple(month.year for month in months), needs, tuple(offers), money, limits), sold


def _offers(
    estate: Estate,
    lacks: Sequence[Lack],
    today: dt.date,
    months: tuple[dt.date, ...],
    purses: set[str],
) -> Iterator[tuple[Sold, Offer]]:
    by_target: dict[str, list[Lack]] = {}
    for lack in lacks:
        by_target.setdefault(lack.target.name, []).append(lack)
    for mine in by_target.values():
        target = mine[0].target
        purse = target.directorate if target.directorate in purses else ""
        served: set[str] = set()
        for name, contract, key, item in _fitting(estate, target):
            lead = _lead(target, name, contract)
            ready = _ready(today, months, max(lead, 0.0), contract)
            for what, gives in _uses(item, mine):
                served |= set(gives)
                until = contract.until
                found = Sold(name, key, item.title or key, target.name, what, _amounts(item), lead, until)
                yield (
                    found,
                    Offer(f"{name}/{key}", gives, item.price, ready, purse or "", item.least, item.most),
                )
        for lack in mine:
            if target.price is not None and lack.quantity == "storage" and lack.need.name not in served:
                yield _by_the_terabyte(estate, lack, target.price, today, months, purse or "")


def _fitting(estate: Estate, target: Target) -> Iterator[tuple[str, Contract, str, Item]]:
    """What the contracts sell that fits a target: by its name, else where it names the contract."""
    for name, contract in estate.contracts.items():
        for key, item in contract.items.items():
            if target.name in item.targets or (not item.targets and target.contract == name):
                yield name, contract, key, item


def _amounts(item: Item) -> dict[str, float]:
    """What one lot adds, by the name of the quantity."""
    return {str(quantity): amount for quantity, amount in item.gives.items()}


def _uses(item: Item, lacks: Sequence[Lack]) -> Iterator[tuple[str, dict[str, float]]]:
    """Where a lot may go, and what it adds there: its bytes go to one store, all else to the whole target."""
    amounts = _amounts(item)
    rest = {
        lack.need.name: amounts[lack.quantity] * lack.share
        for lack in lacks
        if lack.quantity in amounts and lack.quantity != "storage"
    }
    stores = [
        lack
        for lack in lacks
        if lack.quantity == "storage"
        and "storage" in item.gives
        and (not item.kinds or lack.kind in item.kinds)
    ]
    for lack in stores:
        added = amounts["storage"] * lack.share
        yield planned.name(lack.outlook), {lack.need.name: added, **rest}
    if rest and not stores:
        yield "", rest


def _by_the_terabyte(
    estate: Estate, lack: Lack, price: float, today: dt.date, months: tuple[dt.date, ...], purse: str
) -> tuple[Sold, Offer]:
    """The target's own price of one usable TB, as a contract with lots of 1 TB."""
    target = lack.target
    contract = estate.contracts.get(target.contract or "", Contract())
    lead = -1.0 if target.lead_time is None else target.lead_time
    what = planned.name(lack.outlook)
    ready = _ready(today, months, max(lead, 0.0), contract)
    found = Sold(
        target.contract or "", "1 TB", "1 TB", target.name, what, {"storage": TB}, lead, contract.until
    )
    return found, Offer(f"{target.name}/1 TB", {lack.need.name: TB * lack.share}, price, ready, purse)


def _lead(target: Target, name: str, contract: Contract) -> float:
    """Seconds from order to use: what the target says of its own contract, else the contract; -1 where nobody does."""
    own = target.lead_time if target.contract == name or contract.lead_time is None else contract.lead_time
    return -1.0 if own is None else own


def _ready(
    today: dt.date, months: tuple[dt.date, ...], lead: float, contract: Contract
) -> tuple[int | None, ...]:
    """For each month of order the first month that begins with what was ordered on its first possible day."""
    found: list[int | None] = []
    for place, month in enumerate(months):
        day = max(today, month, contract.since or today)
        if day >= after(month) or not contract.is_open(day):
            found.append(None)
            continue
        arrival = day + dt.timedelta(seconds=lead)
        arrived = (m for m in range(place, len(months)) if months[m] >= arrival)
        found.append(place if arrival <= today else next(arrived, len(months)))
    return tuple(found)


def why(problem: Problem, name: str, month: int, *, unaffordable: bool) -> Why:
    """Why a need is not met in a month; `unaffordable` where it would be if money had no bound."""
    offers = [one for one in problem.offers if name in one.gives]
    arrivals = [ready for offer in offers for ready in offer.ready if ready is not None]
    if not offers:
        return "no item"
    if not arrivals:
        return "contract ended"
    if min(arrivals) > month:
        return "too late"
    return "budget" if unaffordable else "limit"
