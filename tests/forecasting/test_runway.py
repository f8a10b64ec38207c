"""One dated list of walls, worst first: by dates that were worked out by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from outlining import outlook

from exporters.history import Point
from exporters.history.sqlite import Reader, Writer
from exporters.status import Status, TargetStatus
from forecasting import runway
from forecasting.runway import Dateless, Expiry, Known, System, Wall, look
from inventory.estate import Estate
from inventory.metrics import labels

TODAY = dt.date(2027, 1, 15)
TB = 1e12


def known(**more: object) -> Known:
    estate = Estate.model_validate({
        "targets": [{"name": "nas-01", "lead_time": "16w"}, {"name": "fw-01", "lead_time": "30d"}, {"name": "srv"}]
    })  # fmt: skip
    return Known(estate, TODAY, **more)  # type: ignore[arg-type]


def test_a_store_is_ordered_by_its_early_date_less_the_lead_time() -> None:
    """10 TB are left, at 0.1 TB a day: 100 days, 2027-04-25; at 0.125 in the early case 80 days, 2027-04-05, which less
    sixteen weeks is 2026-12-14; at 0.075 in the late one 134 days, 2027-05-29."""
    one = outlook("nas-01", "p0", TODAY, 90 * TB, 100 * TB, 0.1 * TB, band=0.025 * TB, lead=112)
    (wall,) = look(known(outlooks=[one])).walls
    assert (wall.early, wall.central, wall.late) == (
        dt.date(2027, 4, 5),
        dt.date(2027, 4, 25),
        dt.date(2027, 5, 29),
    )
    assert wall.order_by == dt.date(2026, 12, 14)
    assert (wall.severity, wall.cause, wall.what, wall.quantity) == ("late", "full", "p0", "storage")


def test_the_ceiling_is_the_wall_and_a_store_beyond_it_has_reached_it() -> None:
    one = outlook("nas-01", "p0", TODAY, 85 * TB, 100 * TB, 0.1 * TB, ceiling=0.8)
    found = look(known(outlooks=[one]))
    assert [wall.severity for wall in found.reached] == ["over"]
    assert found.reached[0].facts["limit"] == 80 * TB
    assert found.reached[0].since is None, "it was full when it was looked at: since when, nobody measured"
    assert found.first is None


def test_walls_of_every_source_stand_in_one_list_and_the_first_to_come_is_named() -> None:
    zone = dt.timezone(dt.timedelta(hours=1))
    found = look(
        known(
            outlooks=[
                outlook("nas-01", "far", TODAY, 10 * TB, 100 * TB, 0.1 * TB),  # 900 days
                outlook("nas-01", "full", TODAY, 100 * TB, 100 * TB, 0.1 * TB),
            ],
            expiries=[
                Expiry("fw-01", "antivirus", dt.datetime(2027, 3, 1, 12, tzinfo=zone).timestamp()),
                Expiry("fw-01", "old", dt.datetime(2026, 3, 1, 12, tzinfo=zone).timestamp()),
            ],
            systems=[System("srv", "Windows Server 2016", "14393"), System("nas-01", "Dream OS", "1")],
        )
    )
    # Windows Server 2016 ended on 2027-01-12, three days before.
    assert [(wall.what, wall.severity) for wall in found.walls] == [
        ("old", "over"),
        ("Windows Server 2016", "over"),
        ("full", "over"),
        ("antivirus", "soon"),
        ("far", "later"),
    ]
    assert found.first is not None
    assert (found.first.what, found.first.cause) == ("antivirus", "licence")
    assert found.first.order_by == dt.date(2027, 1, 30)  # 30 days before March 1
    assert found.dateless == (Dateless("Dream OS 1", "nas-01", "support", "not in the catalogue"),)


def test_a_volume_is_moved_inside_its_pool_which_is_named() -> None:
    volume = outlook("nas-01", "v0", TODAY, 9 * TB, 10 * TB, 0.01 * TB, kind="volume")
    pool = outlook("nas-01", "aggr1", TODAY, 10 * TB, 1000 * TB, 0.01 * TB)
    walls = {wall.what: wall for wall in look(known(outlooks=[volume, pool])).walls}
    assert walls["v0"].facts["pool"] == "aggr1"
    assert "aggr1" not in walls  # no crossing within its horizon


def test_for_a_volume_nothing_is_ordered_and_none_is_called_late() -> None:
    """Both have 100 days left, of which an order takes 112: the pool is late, the volume is enlarged inside it."""
    volume = outlook("nas-01", "v0", TODAY, 90 * TB, 100 * TB, 0.1 * TB, kind="volume", lead=112)
    pool = outlook("nas-01", "aggr1", TODAY, 900 * TB, 1000 * TB, 1 * TB, lead=112)
    walls = {wall.what: wall for wall in look(known(outlooks=[volume, pool])).walls}
    assert (walls["v0"].severity, walls["v0"].order_by) == ("soon", None)
    assert (walls["aggr1"].severity, walls["aggr1"].order_by) == ("late", dt.date(2027, 1, 3))
    assert "decided" not in walls["v0"].facts
    thin = dataclasses.replace(volume, cause=pool.unique_id)
    walls = {wall.what: wall for wall in look(known(outlooks=[thin, pool])).walls}
    assert walls["v0"].facts["decided"]


def test_what_has_no_date_stands_apart_with_its_reason() -> None:
    noisy = outlook("nas-01", "n", TODAY, 1 * TB, 10 * TB, 0, reason="no trend: noise")
    found = look(known(outlooks=[noisy]))
    assert found.walls == ()
    assert found.dateless == (Dateless("n", "nas-01", "storage", "no trend: noise"),)


def test_what_has_ended_on_a_day_that_nobody_tells_stands_apart_as_such() -> None:
    found = look(known(systems=[System("fw-01", "pfSense", "2.3.2-RELEASE")]))
    assert found.dateless == (Dateless("pfSense 2.3", "fw-01", "support", "ended on a day not known"),)


def test_a_windows_whose_edition_is_not_told_has_no_date_unless_all_editions_have_ended() -> None:
    """On 2027-01-15 Windows 11 24H2 Pro has ended, and Enterprise has not; 22H2 ended last on 2025-10-14 (Enterprise)."""
    found = look(
        known(
            systems=[
                System("srv", "Windows 11", "26100", "windows-workstation"),
                System("srv", "Windows 11", "22621", "windows-workstation"),
                System("srv", "Windows 11 Enterprise", "26100"),
            ]
        )
    )
    assert found.dateless == (Dateless("Windows 11 26100", "srv", "support", "edition not known"),)
    assert found.walls[0].since == dt.date(2025, 10, 14)
    assert [(wall.what, wall.central, wall.severity) for wall in found.walls] == [
        ("Windows 11 22621", dt.date(2025, 10, 14), "over"),
        ("Windows 11 24H2 (Enterprise, Education, IoT Enterprise)", dt.date(2027, 10, 12), "later"),
    ]


def test_extended_updates_that_are_paid_for_move_the_wall() -> None:
    server = System("srv", "Windows Server 2016", "14393")
    (wall,) = look(known(systems=[server])).walls
    assert (wall.central, wall.facts["extended"]) == (dt.date(2027, 1, 12), dt.date(2030, 1, 12))
    (wall,) = look(known(systems=[server], esu=frozenset({"srv"}))).walls
    assert (wall.central, wall.severity) == (dt.date(2030, 1, 12), "later")


def test_the_version_of_a_kernel_is_no_version_of_a_distribution() -> None:
    found = look(known(systems=[System("srv", "Debian", "4.9.0-8-amd64", "linux")]))
    assert [wall.central for wall in found.walls] == [dt.date(2020, 7, 18)]  # Debian 9, not Debian 4 of 2010


def test_what_is_only_possible_comes_after_all_that_is_probable_and_is_never_the_first_wall() -> None:
    one = outlook("nas-01", "p", TODAY, 9 * TB, 10 * TB, 0.01 * TB, band=0.005 * TB)
    possible = dataclasses.replace(one, dates={**one.dates, (1.0, 0.5): None, (1.0, 0.9): None})
    far = outlook("nas-01", "far", TODAY, 1 * TB, 10 * TB, 0.01 * TB)
    found = look(known(outlooks=[possible, far]))
    assert [(wall.what, wall.severity) for wall in found.walls] == [("far", "later"), ("p", "possible")]
    assert found.first is not None
    assert found.first.what == "far"


def test_the_list_of_sources_is_open() -> None:
    def workstations(_known: Known) -> Iterator[Wall]:
        day = dt.date(2027, 2, 1)
        yield Wall("400 machines", "fleet", "workstations", "support", "soon", day, day, day)

    found = look(known(), [*runway.SOURCES, workstations])
    assert found.first is not None
    assert found.first.what == "400 machines"


def test_expiries_and_systems_are_read_from_the_history_and_the_status(tmp_path: Path) -> None:
    now = time.time()  # the history refuses what lies ahead of the clock
    ends = now + 86_400 * 45
    writer = Writer(tmp_path / "history.db", "Europe/Paris")
    writer.append([
        Point("fw-01", runway.EXPIRY, labels(license="antivirus"), now - 60, ends),
        Point("fw-01", runway.EXPIRY, labels(license="perpetual"), now - 60, 0.0),
        Point("fw-02", runway.EXPIRY, labels(license="gone"), now - 86_400 * 40, ends),
    ])  # fmt: skip
    writer.close()
    status = Status(
        now, (TargetStatus("srv", True, product="Debian GNU/Linux", version="12"), TargetStatus("x", True))
    )
    found = runway.know(known().estate, [], Reader(tmp_path / "history.db"), status, now)
    assert found.expiries == [Expiry("fw-01", "antivirus", pytest.approx(ends))]
    assert found.systems == [System("srv", "Debian GNU/Linux", "12")]
    assert [wall.cause for wall in look(found).walls] == [
        "support",
        "licence",
    ]  # Debian 12 ended on 2026-07-11
