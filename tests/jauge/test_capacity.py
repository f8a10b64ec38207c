"""`jauge runway`, `jauge purchase` and `jauge retention`: what is printed, and how they end."""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import Result
from outlining import outlook
from typer.testing import CliRunner

from exporters.history import Point
from exporters.history.sqlite import Writer
from exporters.plan.outlooks import Outlooks
from forecasting.retention import BY_YEAR
from inventory.metrics import labels
from jauge.cli import app

TB = 1e12
TODAY = dt.datetime.now(ZoneInfo("Europe/Paris")).date()
ESTATE = """\
contracts: {stock: {lead_time: 4w, items: {tray: {gives: {storage: 20 TB}, price: 13000}}}}
retention: {years: 20, returned: 50 %}
credentials: {c: {snmp: v2c, community: env:COMMUNITY}}
defaults: {credential: c}
targets:
  - {name: nas-01, contract: stock}
  - {name: pacs-01}
"""


def jauge(*words: object, cwd: Path) -> Result:
    """The end of a command, in this process: a program would take seconds to start each time."""
    argv = [str(cwd / word) if word == "estate.yml" else str(word) for word in words]
    return CliRunner(env={"JAUGE_DATA": ""}).invoke(app, argv)


def answered(*words: object, cwd: Path, status: int = 0) -> Any:
    said = jauge(*words, "--json", cwd=cwd)
    assert said.exit_code == status, said.stderr
    return json.loads(said.stdout)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An estate with a plan: nas-01 is full in 100 days; its archive holds 8 TB of 1999."""
    made = tmp_path_factory.mktemp("capacity")
    (made / "estate.yml").write_text(ESTATE)
    (made / "data").mkdir(mode=0o700)
    now = time.time()
    writer = Writer(made / "data" / "history.db", "Europe/Paris")
    writer.append([Point("pacs-01", BY_YEAR, labels(year="1999"), now - 60, 8 * TB)])
    writer.close()
    Outlooks(made / "data" / "plan.db").issue(
        [outlook("nas-01", "p0", TODAY, 90 * TB, 100 * TB, 0.1 * TB, lead=28)], now
    )
    return made


def test_the_runway_lists_walls_and_ends_with_three_where_one_is_near(place: Path) -> None:
    found = answered("runway", "estate.yml", cwd=place)
    assert found["first"]["what"] == "p0"
    assert found["first"]["central"] == (TODAY + dt.timedelta(days=100)).isoformat()
    assert found["first"]["order_by"] == (TODAY + dt.timedelta(days=100 - 28)).isoformat()
    assert jauge("runway", "estate.yml", "--within", 101, cwd=place).exit_code == 3
    calm = jauge("runway", "estate.yml", "--within", 99, cwd=place)
    assert calm.exit_code == 0
    assert "first to come: p0 of nas-01" in calm.stdout


def test_a_purchase_plan_is_made_of_the_newest_outlooks(place: Path) -> None:
    found = answered("purchase", "estate.yml", "--years", 1, "--risk", "central", cwd=place)
    lots = sum(line["lots"] for line in found["lines"])
    assert found["cost"] == 13_000 * lots > 0
    assert (found["gap"], found["unmet"]) == (0, [])


def test_without_the_money_it_ends_with_three_and_says_what_more_money_buys(place: Path) -> None:
    budgets = [word for year in range(4) for word in ("--budget", f"{TODAY.year + year}=0")]
    found = answered("purchase", "estate.yml", *budgets, "--more", 400_000, cwd=place, status=3)
    assert {one["why"] for one in found["unmet"]} == {"budget"}
    assert [point["more"] for point in found["curve"]] == [100_000, 200_000, 300_000, 400_000]
    lacking = [point["months"] for point in found["curve"]]
    assert lacking == sorted(lacking, reverse=True)
    assert lacking[-1] == 0
    shown = jauge("purchase", "estate.yml", *budgets, cwd=place)
    assert shown.exit_code == 3
    assert "lacks: p0 of nas-01" in shown.stdout
    # From the day on which it is full to the end of the twelve months are 335 to 366 days of 0.1 TB: two trays of 20.
    assert "a year more: p0 of nas-01: 26,000 EUR (2 x tray)" in shown.stdout
    assert [(one["what"], one["price"]) for one in found["postponed"]] == [("p0", 26_000)]


def test_a_budget_that_is_none_is_a_mistake_of_usage(place: Path) -> None:
    for text in ("2027", "2027=much", "2027=nan", "2027=-1"):
        said = jauge("purchase", "estate.yml", "--budget", text, cwd=place)
        assert said.exit_code == 2, text
        assert "--budget" in said.stderr


def test_retention_tells_the_bytes_that_may_go(place: Path) -> None:
    (archive,) = answered("retention", "estate.yml", "--years", 2, cwd=place)["archives"]
    assert [row["likely"] for row in archive["years"]] == [4 * TB, 0]
    assert archive["undeclared"] == ["minors", "deaths"]
    assert "4.0 TB" in jauge("retention", "estate.yml", cwd=place).stdout


def test_without_a_plan_or_an_archive_each_verb_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "estate.yml").write_text(ESTATE)
    said = jauge("purchase", "estate.yml", cwd=tmp_path)
    assert (said.exit_code, "run jauge plan first" in said.stderr) == (1, True)
    said = jauge("retention", "estate.yml", cwd=tmp_path)
    assert (said.exit_code, "no archive tells its bytes by year" in said.stderr) == (1, True)
    assert answered("runway", "estate.yml", cwd=tmp_path)["walls"] == []
