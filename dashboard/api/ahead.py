"""What comes: walls, what to order against them, and how forecasts turned out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from pydantic import Field

from dashboard.api.parameters import choice, text
from dashboard.api.records import Day, Id, Moment, Number, Record, Text, id_of
from dashboard.api.resources import Asked, Document, Left, Listing
from dashboard.data import HISTORY, PLAN, STATUS
from dashboard.sentences import accuracy as records
from dashboard.sentences import walls as sentences
from exporters.plan.ledger import Miss
from forecasting.accuracy import Accuracy
from forecasting.needs import Missing
from forecasting.offers import Why
from forecasting.postponing import Postponed
from forecasting.purchase import Line, Plan, Unmet, quarters
from forecasting.runway import Cause, Dateless, Severity
from forecasting.runway import Wall as Known

PLACE: Final = "Place in the order of the page."
QUANTITY: Final = "storage, memory, processors, licences, and others of docs/metrics.md."

# --- the runway ---------------------------------------------------------------------------------------


class Wall(Record):
    """A day on which something stops. A date that is written down is `early`, `central` and `late` alike.

    All three are null of a store that is full already: since when is not known.
    """

    place: int = Field(description="1 is the worst.", ge=1)
    what: Text
    target: Text
    quantity: Text = Field(description=QUANTITY)
    cause: Cause
    severity: Severity = Field(
        description="over: reached; late: to be ordered before today; soon: within 180 days; possible: in one case of ten only."
    )
    early: Day | None = Field(description="The day before which it comes in one case of ten.")
    central: Day | None = Field(description="The day with even chances before and after it.")
    late: Day | None = Field(description="The day before which it comes in nine cases of ten.")
    order_by: Day | None = Field(
        description="null as well of what is enlarged inside a pool, which `why` names."
    )
    store: Id | None = Field(description="The `id` of the store that is full then.")
    why: Text = Field(description="A sentence.")


class Unbounded(Record):
    """Something that fills and has no date."""

    place: int = Field(description=PLACE, ge=1)
    what: Text
    target: Text
    quantity: Text = Field(description=QUANTITY)
    reason: Text = Field(description="Why, in the planner's words.")
    why: Text = Field(description="The same as a sentence.")
    full_within_3_years_ratio: Number | None = Field(description="The chance of being full all the same.")


def _wall(place: int, one: Known, asked: Asked) -> Wall:
    is_undated = one.severity == "over" and one.since is None
    return Wall(
        place=place,
        what=one.what,
        target=one.target,
        quantity=one.quantity,
        cause=one.cause,
        severity=one.severity,
        early=None if is_undated else one.early,
        central=None if is_undated else one.central,
        late=None if is_undated else one.late,
        order_by=one.order_by,
        store=id_of(one.unique_id) if one.unique_id and one.quantity == "storage" else None,
        why=sentences.cause(one, asked.texts),
    )


def _dateless(place: int, one: Dateless, asked: Asked) -> Unbounded:
    return Unbounded(
        place=place,
        what=one.what,
        target=one.target,
        quantity=one.quantity,
        reason=one.reason,
        why=sentences.dateless(one.reason, asked.texts),
        full_within_3_years_ratio=one.chance,
    )


# --- the purchase plan --------------------------------------------------------------------------------


class Purse(Record):
    """The money of a year."""

    year: int
    purse: Text | None = Field(description="A site, or a part of the estate; null is all of it.")
    spent: Number
    budget: Number | None = Field(description="null where no bound is declared.")


class Purchase(Record):
    """The purchase plan as a whole. Money is in `currency`."""

    computed: Moment | None
    is_being_made_anew: bool = Field(
        description="Whether something has changed since, and it is computed again."
    )
    as_of: Day
    currency: Text
    risk: Text = Field(description="early: ordered for the case of one in ten; central: for even chances.")
    first_month: Day
    last_month: Day
    cost: Number = Field(description="Of all orders.")
    proven_gap_ratio: Number = Field(description="No plan is cheaper by more than that share.")
    is_cut_short: bool = Field(description="Whether the search was ended before it was done.")
    cost_without_plan: Number = Field(description="Of buying the cheapest order as each wall comes.")
    unmet_without_plan: int = Field(description="Needs that this leaves unmet.")
    months_lacking_without_plan: int = Field(description="The same of this as `months_lacking`.")
    unmet: int = Field(description="Needs that the plan leaves unmet in some month.")
    months_lacking: int = Field(description="Months in which something lacks, added up over the needs.")
    is_carried_on: bool = Field(
        description="Whether the forecast ends before the plan, and goes on as in its last year."
    )
    targets_without_lead_time: list[Text]
    stores_inside_pools: list[Text] = Field(description="For which a pool is bought.")
    money: list[Purse]


class Order(Record):
    """What to order in a quarter."""

    place: int = Field(description=PLACE, ge=1)
    contract: Text
    item: Text
    title: Text
    target: Text
    what: Text
    lots: int
    gives: dict[str, float] = Field(description="What the lots add, by quantity: bytes, or a number.")
    price: Number = Field(description="Of all lots.")
    order_by: Day = Field(description="The last day to order the first of them.")
    ready: Day = Field(description="The first day of the month from which it counts.")


class Lack(Record):
    """What will lack although the plan is kept."""

    place: int = Field(description=PLACE, ge=1)
    target: Text
    what: Text
    quantity: Text = Field(description=QUANTITY)
    first_month: Day
    last_month: Day
    amount: Number = Field(description="At the worst: bytes, or a number, by the quantity.")
    reason: Why
    months: int


class Lot(Record):
    """How many of what to order."""

    title: Text
    lots: int


class Delay(Record):
    """What one more year of a store costs, by itself."""

    place: int = Field(description=PLACE, ge=1)
    target: Text
    what: Text
    quantity: Text = Field(description=QUANTITY)
    full_month: Day = Field(description="The month in which it first lacks something without an order.")
    until_month: Day = Field(description="The first month that need not be covered.")
    lots: list[Lot]
    price: Number | None = Field(description="null where no order covers it: `reason` says why.")
    reason: Why | None
    late_months: int = Field(description="Months in which it lacks something all the same.")


class Unplanned(Record):
    """What cannot be planned for."""

    place: int = Field(description=PLACE, ge=1)
    target: Text
    what: Text
    quantity: Text = Field(description=QUANTITY)
    reason: Text = Field(description="In the planner's words.")


def _made(asked: Asked) -> Plan | None:
    """The plan; None where there is none yet."""
    issued = asked.data.purchase()
    made: Plan | None = issued.content if issued else None
    return made


def _purchase(asked: Asked) -> Purchase | None:
    issued, made = asked.data.purchase(), _made(asked)
    if issued is None or made is None:
        return None
    return Purchase(
        computed=issued.at,
        is_being_made_anew=issued.stale,
        as_of=made.today,
        currency=made.currency,
        risk=made.risk,
        first_month=made.months[0],
        last_month=made.months[-1],
        cost=made.cost,
        proven_gap_ratio=made.gap,
        is_cut_short=made.late,
        cost_without_plan=made.greedy_cost,
        unmet=made.needs_unmet,
        unmet_without_plan=made.greedy_unmet,
        months_lacking_without_plan=made.greedy_months,
        months_lacking=made.months_lacking,
        is_carried_on=made.carried,
        targets_without_lead_time=list(made.undelivered),
        stores_inside_pools=list(made.inside),
        money=[Purse(**{**one._asdict(), "purse": one.purse or None}) for one in made.money],
    )


def _of(part: Callable[[Plan], Sequence[Any]]) -> Callable[[Asked], Left | None]:
    """What asks for a part of the plan."""

    def ask(asked: Asked) -> Left | None:
        made = _made(asked)
        return None if made is None else asked.left(part(made), target=lambda one: one.target)

    return ask


def _order(place: int, one: Line, _: Asked) -> Order:
    return Order(place=place, **one._asdict())


def _unmet(place: int, one: Unmet, _: Asked) -> Lack:
    return Lack(
        place=place,
        target=one.target,
        what=one.what,
        quantity=one.quantity,
        first_month=one.first,
        last_month=one.last,
        amount=one.amount,
        reason=one.why,
        months=one.months,
    )


def _delay(place: int, one: Postponed, _: Asked) -> Delay:
    return Delay(
        place=place,
        target=one.target,
        what=one.what,
        quantity=one.quantity,
        full_month=one.full,
        until_month=one.until,
        lots=[Lot(title=title, lots=count) for title, count in one.lots],
        price=one.price,
        reason=one.why,
        late_months=one.late,
    )


def _missing(place: int, one: Missing, _: Asked) -> Unplanned:
    return Unplanned(place=place, **one._asdict())


# --- how forecasts turned out -------------------------------------------------------------------------

BY: Final = ("kind", "role", "age", "event")


class Turnout(Record):
    """Forecasts of one group at one horizon."""

    group: Text = Field(
        description="Of what `by` tells apart; of events: true, where something came in between."
    )
    horizon_days: int
    due: int = Field(description="Forecasts that came due.")
    scored: int = Field(description="Of those, with a value to hold them against.")
    held_80_ratio: Number | None
    held_95_ratio: Number | None
    mean_miss_ratio: Number | None = Field(description="Mean absolute miss over the level.")
    reached: int = Field(description="Limits that were reached.")
    missed: int = Field(description="Of those, which were not said.")
    alarms: int = Field(description="Limits that were said to be reached.")
    false_alarms: int = Field(description="Of those, which were not.")


class Month(Record):
    """Forecasts of one horizon that came due in a month."""

    month: Day = Field(description="Its first day.")
    horizon_days: int
    scored: int
    held_80_ratio: Number | None


class Missed(Record):
    """A forecast that did not hold."""

    store: Id
    series: Text = Field(description="The name of its series in the history.")
    due: Day
    horizon_days: int
    expected_bytes: Number
    came_bytes: Number
    why: Text = Field(description="What came in between: a sentence.")


class Forecasts(Record):
    """How the forecasts turned out that came due."""

    first: Day | None = Field(description="The first night whose forecasts were kept; null where none were.")
    nights: int
    scored: int
    held_80_ratio: Number | None = Field(description="Share that came within the band of 80 %.")
    held_95_ratio: Number | None = Field(description="Share that came within the band of 95 %.")
    nights_not_scored: int = Field(description="Nights that cannot be read.")
    groups: list[Turnout]
    months: list[Month]
    worst: list[Missed] = Field(
        description="The greatest misses of the last year, at most 100, the worst first."
    )


def _accuracy(asked: Asked) -> Forecasts:
    found = asked.data.accuracy()
    scored = found.scored
    held = [float(found.counts[name].sum()) / scored if scored else None for name in ("in80", "in95")]
    return Forecasts(
        first=None if found.first is None else records.date(found.first),
        nights=found.nights,
        scored=scored,
        held_80_ratio=held[0],
        held_95_ratio=held[1],
        nights_not_scored=found.damaged,
        groups=_groups(found, asked.given.get("by", BY[0])) if scored else [],
        months=_months(found) if scored else [],
        worst=[_miss(one, asked) for one in found.worst],
    )


def _groups(found: Accuracy, by: str) -> list[Turnout]:
    rows = found.by(by).sort_values([by, "horizon"]).to_dict("records")
    return [
        Turnout(
            group=str(row[by]).lower() if by == "event" else str(row[by]),
            horizon_days=int(row["horizon"]),
            due=int(row["due"]),
            scored=int(row["scored"]),
            held_80_ratio=row["coverage80"],
            held_95_ratio=row["coverage95"],
            mean_miss_ratio=row["mean_share"],
            reached=int(row["crossed"]),
            missed=int(row["missed"]),
            alarms=int(row["alarms"]),
            false_alarms=int(row["false"]),
        )
        for row in rows
    ]


def _months(found: Accuracy) -> list[Month]:
    return [
        Month(
            month=row["month"].date(),
            horizon_days=int(row["horizon"]),
            scored=int(row["scored"]),
            held_80_ratio=row["coverage80"],
        )
        for row in found.months.sort_values(["month", "horizon"]).to_dict("records")
        if row["scored"] > 0
    ]


def _miss(one: Miss, asked: Asked) -> Missed:
    return Missed(
        store=id_of(one.unique_id),
        series=one.unique_id,
        due=records.date(one.due),
        horizon_days=one.horizon,
        expected_bytes=one.mean,
        came_bytes=one.came,
        why=records.cause(one, asked.texts),
    )


_TARGET: Final = (text("target", "Only what is about this target of the estate."),)
_RUNWAY: Final = (HISTORY, PLAN, STATUS)

RESOURCES: Final = (
    Listing(
        path="/runway",
        title="Runway",
        about="Every wall of the estate: what stops, when, why, and by when to order.",
        page="/runway",
        model=Wall,
        rests_on=_RUNWAY,
        is_worded=True,
        parameters=_TARGET,
        ask=lambda asked: asked.left(asked.data.runway().walls, target=lambda one: one.target),
        make=_wall,
    ),
    Listing(
        path="/runway/dateless",
        title="Without a date",
        about="What fills and has no date, and why.",
        page="/runway",
        model=Unbounded,
        rests_on=_RUNWAY,
        is_worded=True,
        parameters=_TARGET,
        ask=lambda asked: asked.left(asked.data.runway().dateless, target=lambda one: one.target),
        make=_dateless,
    ),
    Document(
        path="/purchase",
        title="Purchase plan",
        about="What all orders cost, how good the plan is, and each year's money.",
        page="/purchase",
        model=Purchase,
        rests_on=(PLAN,),
        ask=_purchase,
    ),
    Listing(
        path="/purchase/orders",
        title="Orders",
        about="What to order, by quarter and contract.",
        page="/purchase",
        model=Order,
        rests_on=(PLAN,),
        parameters=_TARGET,
        ask=_of(lambda made: quarters(made.lines)),
        make=_order,
    ),
    Listing(
        path="/purchase/unmet",
        title="Unmet needs",
        about="What will lack although the plan is kept.",
        page="/purchase",
        model=Lack,
        rests_on=(PLAN,),
        parameters=_TARGET,
        ask=_of(lambda made: made.unmet),
        make=_unmet,
    ),
    Listing(
        path="/purchase/delays",
        title="A year more",
        about="What one more year of each store costs by itself.",
        page="/purchase",
        model=Delay,
        rests_on=(PLAN,),
        parameters=_TARGET,
        ask=_of(lambda made: made.postponed),
        make=_delay,
    ),
    Listing(
        path="/purchase/unplanned",
        title="Not planned",
        about="What cannot be planned for, and why.",
        page="/purchase",
        model=Unplanned,
        rests_on=(PLAN,),
        parameters=_TARGET,
        ask=_of(lambda made: made.missing),
        make=_missing,
    ),
    Document(
        path="/accuracy",
        title="Accuracy",
        about="How the forecasts turned out that came due.",
        page="/accuracy",
        model=Forecasts,
        rests_on=(PLAN,),
        is_worded=True,
        parameters=(
            choice("by", "By what `groups` tells forecasts apart: kind, where nothing is said.", BY),
        ),
        ask=_accuracy,
    ),
)
