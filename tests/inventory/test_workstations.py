"""Ages of workstations: exact years, unknown apart, oldest first."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

from inventory.workstations import Workstation, ages, oldest, undated

TODAY = datetime.date(2026, 11, 23)


def machine(name: str, day: str | None, site: str | None = "A", model: str | None = "M") -> Workstation:
    return Workstation(
        name,
        purchased=datetime.date.fromisoformat(day) if day else None,
        site=site,
        maker="Dell",
        model=model,
    )


PARK = [
    machine("new", "2026-11-23"),
    machine("eve", "2021-11-24"),
    machine("day", "2021-11-23"),
    machine("twin", "2021-01-01"),
    machine("old", "2012-02-29", site="B"),
    machine("lost", None),
    machine("nowhere", None, site=None),
]


def test_the_pyramid_counts_completed_years_and_keeps_the_unknown_apart() -> None:
    frame = ages(PARK, TODAY)
    assert list(frame.columns) == ["age", "site", "maker", "model", "count"]
    rows = [tuple(None if pd.isna(v) else v for v in row) for row in frame.itertuples(index=False)]
    assert rows == [
        (0, "A", "Dell", "M", 1),
        (4, "A", "Dell", "M", 1),
        (5, "A", "Dell", "M", 2),
        (14, "B", "Dell", "M", 1),
        (None, "A", "Dell", "M", 1),
        (None, None, "Dell", "M", 1),
    ]
    assert frame["count"].sum() == len(PARK)


def test_the_oldest_come_first_and_the_unknown_are_not_among_them() -> None:
    frame = oldest(PARK, TODAY, limit=3)
    assert list(frame["name"]) == ["old", "twin", "day"]
    assert frame["age"].iloc[2] == pytest.approx(5, abs=0.01)
    assert frame["purchased"].iloc[0] == pd.Timestamp("2012-02-29")
    assert len(oldest(PARK, TODAY)) == 5
    assert [found.name for found in undated(PARK)] == ["lost", "nowhere"]


def test_an_empty_park_gives_empty_frames_of_the_same_shape() -> None:
    assert list(ages([], TODAY).columns) == list(ages(PARK, TODAY).columns)
    assert list(oldest([], TODAY).dtypes) == list(oldest(PARK, TODAY).dtypes)
    assert ages([], TODAY).empty


def test_a_machine_of_unknown_age_has_none_rather_than_zero() -> None:
    assert machine("lost", None).age(TODAY) is None
    assert machine("new", "2026-11-23").age(TODAY) == 0


def test_a_machine_is_told_apart_by_its_serial_or_else_by_its_name() -> None:
    assert Workstation("PC-1", serial="AbC").key == "serial:abc"
    assert Workstation("PC-1").key == "name:pc-1"
