"""`jauge inventory survival`: what is told of each model of a small inventory, and what is not."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import within

from inventory.imports import reading, snapshots
from inventory.state import open_state

DAYS_A_YEAR = 365.2425
Z95 = 1.959963984540054

IMPORTS = (dt.date(2018, 1, 1), dt.date(2020, 1, 1), dt.date(2022, 1, 1), dt.date(2024, 1, 1))
"""The last three are 730, 1461 and 2191 days after the first."""

TITLES = "Nom;Numéro de série;Fabricant;Modèle;Statut;Date d'achat\n"
"""Of GLPI."""

BROKEN = "Hors service"

Machine = tuple[str, str, str, str, Mapping[int, str]]
"""Name, maker, model, day of purchase, and its state from the number of an import on; what has none there is not in it."""

USED = {0: "En service"}

FLEET: tuple[Machine, ...] = (
    ("A-1", "Acme", "Alpha", "2017-12-01", {**USED, 1: BROKEN}),
    ("A-2", "Acme", "Alpha", "2017-12-01", {**USED, 2: BROKEN}),
    ("A-3", "Acme", "Alpha", "2017-12-01", USED),
    ("A-4", "ACME", "Alpha", "2017-12-01", USED),
    ("A-5", "Acme", "Alpha", "2014-12-01", USED),
    ("A-6", "Acme", "Alpha", "", USED),
    ("B-1", "Acme", "Beta", "2019-12-01", {1: "En service"}),
    ("B-2", "Acme", "Beta", "2019-12-01", {1: "En service"}),
    ("C-1", "Orion", "Gamma", "2010-12-01", {**USED, 1: BROKEN}),
    ("C-2", "Orion", "Gamma", "2010-12-01", USED),
    ("D-1", "Orion", "Delta", "", USED),
    ("E-1", "Orion", "Epsilon", "2023-12-01", {3: "En service"}),
)  # fmt: skip


def taken(folder: Path, fleet: Sequence[Machine], days: Sequence[dt.date] = IMPORTS) -> Path:
    """An estate whose inventory was imported on each of the days."""
    (folder / "estate.yml").write_text("timezone: UTC\n", "utf-8")
    (folder / "data").mkdir()
    state, file = open_state(folder / "data" / "state.db"), folder / "glpi.csv"
    for number, day in enumerate(days):
        rows = [
            f"{name};S-{name};{maker};{model};{said[max(at for at in said if at <= number)]};{bought}\n"
            for name, maker, model, bought, said in fleet
            if min(said) <= number
        ]
        file.write_text(TITLES + "".join(rows), "utf-8")
        moment = dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC).timestamp()
        with reading.read(state, file, day, reading.Asked("glpi")) as preview:
            assert not len(preview.refused)
            snapshots.commit(state, preview, "anne", "test", at=moment)
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return taken(tmp_path_factory.mktemp("survival"), FLEET)


@pytest.fixture(scope="module")
def found(place: Path) -> dict[str, Any]:
    return told(place)


def told(place: Path, *words: str) -> dict[str, Any]:
    ended = within.jauge("inventory", "survival", *words, "--json", cwd=place)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def of(found: Mapping[str, Any], model: str) -> dict[str, Any]:
    (one,) = [row for row in found["models"] if row["model"] == model]
    return dict(one)


def log_log(share: float, summed: float) -> tuple[float, float]:
    """Kalbfleisch's and Prentice's interval of 95 %, from a share and Greenwood's sum of d / (n (n - d))."""
    spread = Z95 * np.sqrt(summed) / np.log(share)
    return share ** np.exp(-spread), share ** np.exp(spread)


def test_a_model_is_told_as_by_hand(found: dict[str, Any]) -> None:
    """Four were bought a month before the first import, one three years before that.

    At 2.1 years one of the four fails, as the older one came at 3.1; at 4.1 years one of the three that are left and the older one.
    """
    alpha = of(found, "Alpha")
    assert (alpha["maker"], alpha["machines"], alpha["watched"], alpha["failures"]) == ("Acme", 6, 5, 2)
    assert alpha["machine_years"] == pytest.approx((730 + 1461 + 3 * 2191) / DAYS_A_YEAR)
    assert alpha["watched_from_age"] == pytest.approx(31 / DAYS_A_YEAR)
    assert alpha["watched_until_age"] == pytest.approx((1127 + 2191) / DAYS_A_YEAR)
    shares, sums = (3 / 4, 9 / 16, 9 / 16), (1 / 12, 1 / 12 + 1 / 12, 1 / 12 + 1 / 12)
    for row, age, share, summed in zip(alpha["alive"], (3, 5, 7), shares, sums, strict=True):
        low, high = log_log(share, summed)
        assert row == pytest.approx({"age": age, "share": share, "low": low, "high": high})
    assert alpha["left_out"] == {"untold": 0, "undated": 1, "later": 0, "brief": 0, "impossible": 0}


def test_a_curve_is_the_product_of_what_lived_at_each_age(place: Path) -> None:
    """Kaplan's and Meier's relation: S is the product of 1 - d / n."""
    (alpha,) = told(place, "--model", " alpha ", "--maker", "acme")["models"]
    curve = alpha["curve"]
    assert [(row["at_risk"], row["failed"]) for row in curve] == [(4, 1), (4, 1)]
    assert [row["age"] for row in curve] == pytest.approx(
        [(31 + 730) / DAYS_A_YEAR, (31 + 1461) / DAYS_A_YEAR]
    )
    assert [row["share"] for row in curve] == pytest.approx(
        np.cumprod([1 - row["failed"] / row["at_risk"] for row in curve])
    )
    assert all(row["low"] < row["share"] < row["high"] for row in curve)


def test_a_model_without_failure_has_no_curve_of_nothing_and_is_not_told_beyond_what_was_watched(
    place: Path,
) -> None:
    beta = of(told(place, "--model", "Beta"), "Beta")
    assert (beta["failures"], beta["curve"]) == (0, [])
    assert beta["alive"] == [
        {"age": 3, "share": 1.0, "low": None, "high": None},
        {"age": 5, "share": None, "low": None, "high": None},
        {"age": 7, "share": None, "low": None, "high": None},
    ]
    assert (beta["own"], beta["leans_on"], beta["failures_of_maker"]) == (0, "maker", 2)
    assert all(0 < row["chance"] < 1 for row in beta["fails_within_a_year"]), "it leans on its maker"
    ended = within.jauge("inventory", "survival", "--model", "Beta", cwd=place)
    assert (
        "Acme Beta: no failure was seen at the ages from 0.08 to 4.08 years, so there is no curve"
        in ended.stdout
    )


def test_what_was_first_watched_when_old_tells_no_share_of_those_bought(place: Path) -> None:
    """Of two machines first seen at seven, one fails at nine: those that failed before seven nobody saw."""
    gamma = of(told(place, "--model", "Gamma"), "Gamma")
    assert [row["share"] for row in gamma["alive"]] == [None, None, None]
    (step,) = gamma["curve"]
    assert (step["at_risk"], step["failed"], step["share"]) == (2, 1, 0.5)
    ended = within.jauge("inventory", "survival", "--model", "Gamma", cwd=place)
    assert "Orion Gamma: of those that lived at 7.09 years, watched without a gap until 13.08" in ended.stdout


def test_a_model_that_nobody_could_watch_is_told_with_its_reason_and_no_number(found: dict[str, Any]) -> None:
    delta, epsilon = of(found, "Delta"), of(found, "Epsilon")
    for one in (delta, epsilon):
        assert (one["machines"], one["watched"], one["failures"], one["machine_years"]) == (1, 0, None, None)
        assert [row["share"] for row in one["alive"]] == [None, None, None]
        assert (one["own"], one["leans_on"]) == (0, "maker")
    assert (delta["left_out"]["undated"], epsilon["left_out"]["brief"]) == (1, 1)
    assert found["left_out"] == {"untold": 0, "undated": 2, "later": 0, "brief": 1, "impossible": 0}
    assert (found["machines"], found["failures"]) == (12, 3)


def test_the_weight_of_its_own_failures_grows_with_them(found: dict[str, Any]) -> None:
    """d / (d + trust), with one trust for all models: 2 / (2 + t) and 1 / (1 + t)."""
    trust = 2 / of(found, "Alpha")["own"] - 2
    assert trust > 0
    assert of(found, "Gamma")["own"] == pytest.approx(1 / (1 + trust))


def test_a_chance_is_that_which_a_plan_counts_with(place: Path, found: dict[str, Any]) -> None:
    from forecasting.renewal import knowledge

    state = open_state(place / "data" / "state.db")
    learnt = knowledge.learn(state, dt.datetime.now(dt.UTC).date(), dt.UTC).known
    for row in of(found, "Alpha")["fails_within_a_year"]:
        asked = learnt.probability("acme", "alpha", [row["age"]], [row["age"] + 1])
        assert row["chance"] == pytest.approx(float(asked[0]))


def test_the_table_is_one_line_for_each_model_and_says_what_was_left_out(place: Path) -> None:
    ended = within.jauge("inventory", "survival", cwd=place)
    assert ended.returncode == 0
    for text in (
        "12 workstations seen from 2018-01-01 to 2024-01-01",
        "Left out: 2 without a date of purchase; 1 seen on one day only",
        "learnt from the imports of 1 Jan 2018 to 1 Jan 2024: 3 failures of 9 machines (40.0 machine-years watched).",
        "For 2 models the curve is mostly that of their maker.",
        "For 1 model the curve is mostly that of all makers.",
        "75.0 %",
        "1 undated",
        "its maker",
    ):
        assert text in ended.stdout
    (beta,) = [line for line in ended.stdout.splitlines() if "Beta" in line]
    assert " 0.0 %" not in beta


def test_makers_and_models_that_nobody_has_are_refused_with_those_there_are(place: Path) -> None:
    for words, there_are in (
        (("--maker", "None"), "Acme, Orion"),
        (("--maker", "Orion", "--model", "Beta"), "Gamma"),
    ):
        ended = within.jauge("inventory", "survival", *words, cwd=place)
        assert (ended.returncode, there_are in ended.stderr) == (2, True)
    assert {row["maker"] for row in told(place, "--maker", "orion")["models"]} == {"Orion"}


def test_before_an_import_it_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "estate.yml").write_text("timezone: UTC\n", "utf-8")
    ended = within.jauge("inventory", "survival", cwd=tmp_path)
    assert (ended.returncode, "jauge inventory import" in ended.stderr) == (1, True)


def test_one_import_tells_nothing_of_how_long_machines_last(tmp_path: Path) -> None:
    place = taken(tmp_path, FLEET, IMPORTS[:1])
    found = told(place)
    assert (found["machine_years"], found["failures"]) == (None, None)
    for one in found["models"]:
        assert [row["chance"] for row in one["fails_within_a_year"]] == [None, None, None]
        assert (one["own"], one["leans_on"]) == (None, None)
    ended = within.jauge("inventory", "survival", cwd=place)
    assert "Import another day" in ended.stdout


def test_a_fleet_of_which_none_failed_says_so(tmp_path: Path) -> None:
    place = taken(tmp_path, [(*one[:4], {min(one[4]): "En service"}) for one in FLEET])
    found = told(place)
    assert found["failures"] == 0
    assert all(row["share"] in (None, 1) for one in found["models"] for row in one["alive"])
    assert "No failure was told" in within.jauge("inventory", "survival", cwd=place).stdout


def test_failures_are_unknown_where_the_inventory_tells_no_state(tmp_path: Path) -> None:
    place = taken(tmp_path, [(*one[:4], {min(one[4]): ""}) for one in FLEET])
    found = told(place, "--model", "Alpha")
    alpha = of(found, "Alpha")
    assert (found["failures"], alpha["failures"], alpha["own"], alpha["curve"]) == (None, None, None, None)
    assert all(row["share"] is None for row in alpha["alive"])
    assert all(row["chance"] is None for row in alpha["fails_within_a_year"])
    assert (alpha["machine_years"], alpha["left_out"]["untold"], found["survival"]["known"]) == (
        None,
        6,
        "assumed",
    )
    ended = within.jauge("inventory", "survival", cwd=place)
    assert "No import can say that a machine failed" in ended.stdout
    assert "is assumed, and not learnt" in ended.stdout
