"""The whole of a night: what has come due is scored, then everything is forecast, issued and frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from exporters.history import Reader
from exporters.history.days import Calendar
from exporters.plan.ledger import Ledger
from exporters.plan.outlooks import Outlooks
from forecasting import correction, scoring
from forecasting.capacity import Rules
from forecasting.freezing import Freezer
from forecasting.plan.batch import Committed, Context
from forecasting.plan.job import Progress, Summary, alone, issue


class Night(NamedTuple):
    """What a night did: the issue, how many of its forecasts the ledger keeps, and what was scored before.

    `frozen` is None where nothing was to be kept, or the ledger holds a later day already: the clock was ahead then, or
    is behind now.
    """

    issue: Summary
    frozen: int | None
    due: scoring.Summary


NOTHING: Final = scoring.Summary(0, 0, 0, 0)


def night(
    reader: Reader,
    outlooks: Outlooks,
    now: float,
    rules: Rules,
    *,
    roles: Mapping[str, str] | None = None,
    committed: Committed | None = None,
    begun: Mapping[str, Sequence[int]] | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    keep: bool = True,
) -> Night:
    """Score what has come due, then forecast everything as of `now` (UTC epoch seconds), issue and freeze it.

    `roles` maps targets to what they are for, `begun` series to the days (numbers) on which something that was
    decided begins. Bands are corrected by what the ledger has seen of them. Without `keep`, which is for a `now` of the
    past, nothing is scored or frozen: a forecast of yesterday is not made today. See `job.plan` for the rest. Raises
    HistoryError and PlanError; nothing is issued then, and nothing scored where another planner is at work.
    """
    with alone(outlooks):
        ledger = Ledger(outlooks.file)
        due = scoring.score(reader, ledger, now, roles, begun) if keep else NOTHING
        day = Calendar(reader.timezone).day(now)
        factors = correction.corrections(ledger, day)
        freezer = Freezer(day, now, factors.rows())
        correct = None if factors.neutral else factors
        context = Context(reader, now, reader.timezone, rules, committed or Committed(), correct=correct)
        made = issue(context, outlooks, workers, progress, freezer if keep else None)
    return Night(made, freezer.kept, due)
