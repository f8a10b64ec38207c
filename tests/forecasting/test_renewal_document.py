"""The document of a renewal plan: what sentences say of it is what holds for the machines that they speak of."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest

from forecasting.renewal import document
from forecasting.renewal import plan as planning
from forecasting.renewal.plan import Asked
from forecasting.renewal.scenarios import applied
from inventory.contracts import Contract
from inventory.renewal import Renewal
from inventory.scenarios.reading import revive
from inventory.workstations import Workstation

TODAY = dt.date(2027, 1, 1)
BOUGHT = dt.date(2023, 6, 15)
LONGEST_QUARTERS = dt.timedelta(days=185)


def _asked() -> Asked:
    rules = {
        "years": 5, "age_limit": 5, "offers": {"pc": {"contract": "frame", "price": 600}},
        "costs": {"failure": 0, "support": [0], "largest": 0},
    }  # fmt: skip
    return Asked(
        renewal=Renewal.model_validate(rules),
        contracts={"frame": Contract.model_validate({"lead_time": "4w"})},
        today=TODAY,
        currency="EUR",
        support=lambda _: "untold",
        fitness=lambda _: "fit",
        ended=lambda _: False,
        fails=lambda _maker, _model, start, _end: np.zeros(np.shape(start)),
    )


@pytest.mark.parametrize("start", [None, "2027-01-01", "2028-01-01", "2030-01-01"])
@pytest.mark.parametrize("years", [1, -1])
def test_the_age_limit_that_is_told_is_the_one_that_the_machines_reach_in_their_quarter(
    start: str | None, years: int
) -> None:
    """Whatever scenario moves the limit, and from when: none is told rather than another one."""
    change = {"kind": "age-limit", "years": years, "start": start}
    chosen = [revive(json.dumps({"name": "x", "changes": [change]}))] if start else []
    machines = [
        Workstation(f"pc{k}", serial=f"s{k}", purchased=BOUGHT, site="Main", model="M") for k in range(4)
    ]
    found = document.of(planning.plan(machines, applied(_asked(), chosen)))
    waves = [one for one in found["waves"] if not one["again"]]
    assert [(one["why"], one["pushed"]) for one in waves] == [("age", "")]
    told = found["age_limits"].get(waves[0]["use"])
    if told is None:
        return
    quarter, first = waves[0]["quarter"], BOUGHT.replace(year=BOUGHT.year + int(told))
    reached = max(first, TODAY)
    assert quarter <= reached < quarter + LONGEST_QUARTERS or first < TODAY
    if start is None:
        assert told == 5
