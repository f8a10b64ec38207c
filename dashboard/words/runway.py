"""The texts of runway, purchases and retention."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text

RUNWAY: Final[dict[str, Text]] = {
    # --- walls
    "runway.title": "Runway",
    "runway.empty": (
        "No wall is known. The planner says when stores are full (`jauge plan`, every night); licences and ends of "
        "support come with the polls (`jauge run`)."
    ),
    "runway.first": "First wall to come: {what}, on {day}. {cause}",
    "runway.reached": (
        "{n} wall is reached already.",
        "{n} walls are reached already.",
    ),
    "runway.overdue": (
        "{n} should have been ordered for already.",
        "{n} should have been ordered for already.",
    ),
    "runway.none.chosen": "No wall is in that state.",
    "runway.none": "No wall is more likely than not within three years.",
    "runway.chart": "From early to late",
    "runway.chart.label": "Chart of the walls by date: the table below says the same, by the same numbers.",
    "runway.drawn": "{n} of {all} are drawn, those to come before those that are reached.",
    "runway.table": "Walls, worst first",
    "runway.dateless": "Without a date",
    "cause.full": "It holds {used} of the {limit} that may be filled, and grows by about {rate} a day.",
    "cause.full.slow": "It holds {used} of the {limit} that may be filled, and grows by about {rate} a year.",
    "cause.full.still": "It holds {used} of the {limit} that may be filled.",
    "cause.pool": "It is enlarged inside {pool}, without an order.",
    "cause.pool.decided": "Its pool {pool} is full first: what there is to order is for the pool.",
    "cause.licence": "The licence or contract ends.",
    "cause.renewal": "The renewal plan of workstations cannot meet this deadline with the money and hands there are.",
    "cause.support": "No more security updates from its maker.",
    "cause.extended": "Updates that are paid for last until {day}.",
    "cause.extended.free": "Volunteers mend a part of it until {day}.",
    "reason.no forecast": "No date: nothing is forecast.",
    "reason.told as a share": "Told as a share of what there is: lots cannot be added to it.",
    "reason.not in the catalogue": "No date: this product is not in the catalogue of ends of support.",
    "reason.version not in the catalogue": "No date: this version is not in the catalogue of ends of support.",
    "reason.version not known": "No date: its version is not told, and dates differ by version.",
    "reason.edition not known": "No date: its edition is not told, and dates differ by edition.",
    "reason.edition not in the catalogue": "No date: this edition is not in the catalogue of ends of support.",
    "reason.several products": "No date: it may be one of several distributions, whose dates differ.",
    "reason.contradiction": "No date: its name, its version and its edition contradict each other.",
    "reason.no end announced": "No date: no end of support is announced, or known.",
    "reason.ended on a day not known": "No date: it has ended, since when is not known.",
    "reason.not released yet": "No date: it is not released yet.",
    "reason.nothing told": "No date: it does not tell what it runs.",
    "state.reached": "reached",
    "state.overdue": "order overdue",
    "state.soon": "within 6 months",
    "state.later": "later",
    "state.possible": "possible",
    "column.row": "No.",
    "column.wall": "Wall",
    "column.cause": "Cause",
    "column.central": "Central",
    "column.quantity": "Quantity",
    "trace.span": "8 chances in 10",
    "quantity.storage": "storage",
    "quantity.raw_storage": "raw storage",
    "quantity.metadata": "metadata",
    "quantity.memory": "memory",
    "quantity.processors": "processors",
    "quantity.licences": "licences",
    "quantity.sessions": "sessions",
    "quantity.databases": "databases",
    "quantity.licence": "licence",
    "quantity.support": "support",
    "quantity.money": "money",
    "runway.renewal": "renewal of workstations ({name})",
    "quantity.": "other",
    # --- purchases
    "purchase.title": "Purchase plan",
    "purchase.empty": "Nothing is planned yet: run `jauge plan` (it is meant to run every night).",
    "purchase.lead": "{orders} for {cost}, so that no wall is hit until {until} in {risk}.",
    "purchase.risk.early": "nine cases of ten",
    "purchase.risk.central": "the central case",
    "purchase.orders": (
        "{n} order",
        "{n} orders",
    ),
    "purchase.nothing": "Nothing has to be bought until {until}.",
    "purchase.unsold": (
        "No order can be planned until {until}, and {n} need stays uncovered: the table of what will lack says why.",
        "No order can be planned until {until}, and {n} needs stay uncovered: the table of what will lack says why of each.",
    ),
    "purchase.gap": "Proven: no plan is better by more than {gap}.",
    "purchase.exact": "Proven: no plan is better.",
    "purchase.late": "The time of the search ran out.",
    "purchase.greedy": (
        "Buying the cheapest order as each wall comes would cost {cost}, and leave {unmet}: {months} months of lacking in all, where "
        "the plan leaves {own}."
    ),
    "purchase.needs": (
        "{n} need unmet",
        "{n} needs unmet",
    ),
    "purchase.table": "What to order, by quarter",
    "purchase.money": "Money by year",
    "purchase.estate": "whole estate",
    "purchase.unbounded": "no bound declared",
    "purchase.unmet": "What will lack all the same",
    "purchase.met": "Nothing: every need is met in time.",
    "purchase.walls": "What one more year costs",
    "purchase.walls.lead": (
        "For each store alone, at list prices and whatever the budget: the cheapest lots that leave nothing lacking in the "
        "twelve months from the one in which it is full without any order."
    ),
    "purchase.walls.late": (
        "lacking in {n} month all the same: nothing comes sooner",
        "lacking in {n} months all the same: nothing comes sooner",
    ),
    "purchase.missing": "What could not be planned for",
    "purchase.assumed": "Assumed",
    "purchase.carried": "The forecast ends before the plan, and goes on as in its last year.",
    "purchase.undelivered": "No lead time is declared of {targets}: as if there were none.",
    "purchase.inside": "Nothing is bought for what is cut out of a pool, which is bought for itself: {stores}.",
    "purchase.span": "{first} to {last}",
    "purchase.quarter": "Q{n} {year}",
    "purchase.perTB": "1\u00a0TB",
    "unmet.no item": "nothing that is sold fits",
    "unmet.too late": "what is ordered now comes too late",
    "unmet.contract ended": "the contract has ended",
    "unmet.limit": "no more lots may be bought",
    "unmet.budget": "no money left",
    "column.quarter": "Quarter",
    "column.item": "What to order",
    "column.for": "For",
    "column.price": "Price",
    "column.ready": "There from",
    "column.year": "Year",
    "column.purse": "Directorate",
    "column.spent": "Planned",
    "column.budget": "Budget",
    "column.left": "Left",
    "column.lacks": "Lacks at the worst",
    "column.unordered": "Full without orders",
    "column.lots": "A year more takes",
    "column.year_more": "Price of a year",
    "column.period": "When",
    # --- retention
    "retention.title": "Retention",
    "retention.empty": "No archive tells its bytes by year of study: have it followed (`orthanc: {{follow: true}}`); that takes days.",
    "retention.unruled": "No rule is declared: write `retention:` into the estate file.",
    "retention.lead": (
        "{target} holds {bytes} of dated studies. By the declared rule (kept {years} years after the last stay), {now} "
        "may be deleted today, and {then} by {until}."
    ),
    "retention.most": (
        "{target} holds {bytes} of dated studies. By their dates alone at most {now} may be deleted today: how much of "
        "it is of patients who came again, its owner has not declared."
    ),
    "retention.undated": "{bytes} are of studies without a date, and not counted.",
    "retention.effect": (
        "{store} should be full about {without}; with what may go deleted each 1 January, about {likely} (between "
        "{low} and {high})."
    ),
    "retention.effect.beyond": "{store} should be full about {without}; with what may go deleted each 1 January, not within the forecast.",
    "retention.effect.after": "{store} should be full about {without}; with what may go deleted each 1 January, about {likely} (after {low}).",
    "retention.patientless": "No patient is looked at: the shares are those that the archive's owner declares.",
    "retention.undeclared": "Not declared: {shares}.",
    "retention.share.returned": "the share of those who came again",
    "retention.share.minors": "the share of young children",
    "retention.share.deaths": "the share of the dead",
    "retention.crossed": "Assumed: every year holds the same mix of modalities, as the archive does not tell them by year.",
    "column.low": "At least",
    "column.likely": "Likely",
    "column.high": "At most",
    "column.total": "Likely, all until then",
}
