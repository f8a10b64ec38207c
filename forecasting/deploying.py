"""The roll-outs of an estate, followed: what its imports or its people counted, and what that makes of the plan."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from forecasting.rollouts import Progress, follow
from inventory.fleet.tallies import TallyError, Uncounted, tally
from inventory.renewal import Renewal
from inventory.rollouts import Rollout
from inventory.state import State


class Followed(NamedTuple):
    """A roll-out and how it stands. `progress` is None where nothing can be counted, for the reason in `problem`
    (in English), which is `why` where it is one of those that have a name. `unknown` are workstations that do not tell whether it
    runs on them, None where they are not asked."""

    name: str
    rollout: Rollout
    progress: Progress | None
    unknown: int | None
    problem: str
    why: Uncounted | None = None

    @property
    def title(self) -> str:
        """What people call it."""
        return self.rollout.title or self.name

    def planned(self, today: dt.date) -> float | None:
        """What is to be deployed by the end of the week of `today`; None where nothing is known of it."""
        if self.progress is None or self.progress.weeks.empty:
            return None
        weeks = self.progress.weeks
        begun = weeks[weeks["week"] <= str(today)]
        return float(begun["planned"].iloc[-1]) if len(begun) else 0.0


def followed(renewal: Renewal, state: State | None, today: dt.date, timezone: dt.tzinfo) -> list[Followed]:
    """Each roll-out of an estate as it stands today, in their order. One that cannot be followed does not stop the others."""
    return [_followed(name, one, renewal, state, today, timezone) for name, one in renewal.rollouts.items()]


def _followed(
    name: str, rollout: Rollout, renewal: Renewal, state: State | None, today: dt.date, timezone: dt.tzinfo
) -> Followed:
    try:
        found = tally(rollout, renewal, state, timezone)
        return Followed(name, rollout, follow(rollout, found.total, found.history, today), found.unknown, "")
    except TallyError as error:
        return Followed(name, rollout, None, None, str(error), error.why)
    except ValueError as error:
        return Followed(name, rollout, None, None, str(error))
