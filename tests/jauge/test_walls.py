"""The runway in the program's own metrics."""

from __future__ import annotations

import datetime as dt
import resource
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from outlining import outlook
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from collectors.board import Board
from collectors.poll import Poll
from exporters.own import Own
from exporters.plan.outlooks import Outlooks
from inventory.estate import Estate
from inventory.lifecycle import catalogue
from jauge.walls import Walls

PARIS = ZoneInfo("Europe/Paris")
TODAY = dt.datetime.now(PARIS).date()
TB = 1e12
ESTATE = Estate.model_validate({"targets": [{"name": "nas-01", "host": True}]})


def served(plan: Path) -> dict[tuple[str, str], float]:
    own = Own()
    Walls(own.registry, lambda: ESTATE, plan, Board(ESTATE.targets))
    found = {}
    for family in text_string_to_metric_families(own.text(openmetrics=False).decode()):
        for sample in family.samples:
            if sample.name.startswith("jauge_runway"):
                found[sample.name, next(iter(sample.labels.values()))] = sample.value
    return found


def test_the_first_wall_is_served_with_its_three_dates_and_all_are_counted(tmp_path: Path) -> None:
    Outlooks(tmp_path / "plan.db").issue([
        outlook("nas-01", "p0", TODAY, 90 * TB, 100 * TB, 0.1 * TB, band=0.025 * TB),
        outlook("nas-01", "full", TODAY, 100 * TB, 100 * TB, 0.1 * TB),
        outlook("other-shard", "p1", TODAY, 99 * TB, 100 * TB, 0.1 * TB),
    ], time.time())  # fmt: skip
    found = served(tmp_path / "plan.db")
    for probability, days in (("0.1", 80), ("0.5", 100), ("0.9", 134)):
        day = TODAY + dt.timedelta(days=days)
        moment = dt.datetime(day.year, day.month, day.day, tzinfo=PARIS).timestamp()
        assert found["jauge_runway_first_wall_timestamp_seconds", probability] == moment
    counts = {severity: value for (name, severity), value in found.items() if name == "jauge_runway_walls"}
    assert counts == {"over": 1, "late": 0, "soon": 1, "later": 0, "possible": 0}


@pytest.mark.parametrize(
    ("product", "version", "called", "day"),
    [
        # https://learn.microsoft.com/lifecycle/products/windows-server-2019: extended end date
        ("Windows Server 2019", "17763", "Windows Server 2019", dt.datetime(2029, 1, 9, tzinfo=PARIS)),
        # https://wiki.debian.org/LTS: Debian 12 is mended by volunteers until then, which costs nothing
        ("Debian GNU/Linux", "12", "Debian 12", dt.datetime(2028, 6, 30, tzinfo=PARIS)),
    ],
)
def test_the_last_day_of_support_of_what_a_target_runs_is_served(
    tmp_path: Path, product: str, version: str, called: str, day: dt.datetime
) -> None:
    board = Board(ESTATE.targets)
    board["nas-01"].record(Poll("nas-01", time.time(), 0.1, (), product=product, version=version))
    own = Own()
    Outlooks(tmp_path / "plan.db").issue([], time.time())
    Walls(own.registry, lambda: ESTATE, tmp_path / "plan.db", board)
    (end,) = [
        sample
        for family in text_string_to_metric_families(own.text(openmetrics=False).decode())
        for sample in family.samples
        if sample.name == "jauge_support_end_timestamp_seconds"
    ]
    assert end.labels["target"] == "nas-01"
    assert end.labels["product"].startswith(called)
    assert end.value == day.timestamp()


def test_without_a_plan_nothing_is_said_of_a_first_wall(tmp_path: Path) -> None:
    found = served(tmp_path / "plan.db")
    assert not [key for key in found if "first_wall" in key[0]]


def test_a_plan_that_cannot_be_read_leaves_both_absent_and_the_rest_is_served(tmp_path: Path) -> None:
    (tmp_path / "plan.db").write_bytes(b"no database" * 1000)
    assert served(tmp_path / "plan.db") == {}


def test_a_scrape_at_a_moment_without_a_file_to_open_leaves_both_absent_and_the_rest_is_served(
    tmp_path: Path,
) -> None:
    poll = Poll("nas-01", time.time(), 0.1, (), product="Debian GNU/Linux", version="12")
    board = Board(ESTATE.targets)
    board["nas-01"].record(poll)
    own = Own()
    Walls(own.registry, lambda: ESTATE, tmp_path / "plan.db", board)
    for known in (catalogue.cycles, catalogue.products):  # as a collector that was never scraped before
        known.cache_clear()
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, most))
    try:
        text = own.text(openmetrics=False).decode()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))
    lines = text.splitlines()
    assert not [line for line in lines if line.startswith("jauge_runway")]
    assert [line for line in lines if line.startswith("jauge_build_info")]


def test_a_registry_takes_the_names_without_looking_at_the_plan(tmp_path: Path) -> None:
    registry = CollectorRegistry(auto_describe=True)
    Walls(registry, lambda: pytest.fail("looked at the estate"), tmp_path / "plan.db", Board(()))
