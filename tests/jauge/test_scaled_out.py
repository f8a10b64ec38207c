"""One line of the estate: the collector, the planner, the import and the pages with a real engine instead of a file."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import timeseries
from collecting import collecting, until
from within import jauge

from dashboard.data import Data
from exporters.history import Point, sqlite
from exporters.history.prometheus.encoding import Encoder, Series, encode
from inventory.checking import load
from inventory.metrics import labels

pytestmark = [pytest.mark.xdist_group("scaled out"), pytest.mark.timeout(600)]

USED, SIZE = "jauge_storage_used_bytes", "jauge_storage_size_bytes"
DAY = 86_400


@pytest.fixture(scope="module", params=["victoria", "prometheus"])
def server(request) -> Iterator[timeseries.Server]:
    with timeseries.victoria() if request.param == "victoria" else timeseries.prometheus() as running:
        yield running


def _estate(place: Path, server: timeseries.Server, name: str) -> Path:
    path = place / "estate.yml"
    path.write_text(
        f"history: {{url: '{server.url}', name: {name}}}\n"
        "targets:\n  - {name: here, host: true, interval: 1s}\n  - {name: nas-01, host: true, formerly: [nas-old]}\n"
    )
    return path


def test_the_collector_hands_over_what_it_polls_and_tells_how_its_queue_stands(server, tmp_path):
    estate = _estate(tmp_path, server, "collector")
    with collecting(estate) as running:
        until(lambda: (running.value("jauge_history_sent_values_total") or 0) > 30, 60)
        assert running.value("jauge_history_queue_values") is not None
        assert running.value("jauge_history_queue_bytes") > 0
        assert running.value("jauge_history_queue_age_seconds") < 60
        assert set(running.samples("/metrics", "jauge_history_dropped_values_total").values()) == {0}
        assert not (running.data / "history.db").exists()
        data = Data(load(estate), running.data)
        until(lambda: data.stores() or data._memory.clear(), 60)
        shown = {store.target for store in data.stores()}
        assert shown <= {"here", "nas-01"}
        assert shown
        assert data.faults() == []
        server.stop()
        try:
            failures = "jauge_history_send_failures_total"
            until(lambda: running.samples("/metrics", failures).get(("unreachable",), 0) > 0, 60)
            until(lambda: running.value("jauge_history_queue_values") > 10, 60)
            assert running.ask("/probe", target="here").status_code == 200
            data._memory.clear()
            assert data.stores() == []
            (fault,) = data.faults()
            assert fault.file == server.url
            assert "cannot be reached" in fault.why
        finally:
            server.start()
        until(lambda: running.value("jauge_history_queue_values") == 0, 90)
        assert set(running.samples("/metrics", "jauge_history_dropped_values_total").values()) == {0}


def test_what_an_engine_holds_is_planned_and_shown(server, tmp_path):
    """A store that grows by 1 GB a day under its former and its present name, and is full in 100 days."""
    estate = _estate(tmp_path, server, "planned")
    now = time.time()
    noon = dt.datetime.now(dt.UTC).replace(hour=11, minute=0, second=0).timestamp()
    points = []
    for ago in range(400, -1, -1):
        target = "nas-old" if ago > 200 else "nas-01"
        pairs = labels(store="imaging", kind="volume")
        wobble = np.random.default_rng(ago).normal(0, 1e8)
        at = noon - ago * DAY if ago else now - 60  # noon is of its day in summer and in winter
        points += [
            Point(target, USED, pairs, at, round(1e12 - ago * 1e9 + wobble)),
            Point(target, SIZE, pairs, at, 1.1e12),
        ]
    client = server.client(name="planned")
    for request in Encoder("planned").requests(points):
        client.write(request.body)
    server.flush()
    done = jauge("plan", estate)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 stores, 1 with a date")
    data = Data(load(estate), tmp_path / "data")
    (store,) = data.stores()
    assert (store.target, store.size) == ("nas-01", 1.1e12)
    assert store.used == pytest.approx(1e12, rel=0.01)
    assert abs(store.measured - now) < 2 * DAY
    full = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=100)
    assert abs((store.outlook.date - full).days) <= 15
    outlined = data.store(store.unique_id)
    assert len(outlined.history) == 401
    assert outlined.history["y"].iloc[0] == pytest.approx(1e12 - 400e9, rel=0.01)
    assert len(outlined.path) > 300


def test_a_csv_of_past_days_is_imported_by_the_command(server, tmp_path):
    estate = _estate(tmp_path, server, "command")
    file = tmp_path / "days.csv"
    first = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=30)
    rows = [f"nas-01,{USED},{first + dt.timedelta(days=n)},{n},a" for n in range(20)]
    file.write_text("\n".join(["target,metric,ds,value,store", *rows]))
    for changed in (20, 0):
        done = jauge("history", "import", file, "--estate", estate)
        assert done.returncode == 0, done.stderr
        assert f"{changed} daily values changed" in done.stdout


def test_days_of_an_engine_are_imported_into_a_file_by_the_command(server, tmp_path):
    noon = dt.datetime.now(dt.UTC).replace(hour=11, minute=0, second=0, microsecond=0).timestamp()
    pairs = {"__name__": "node_filesystem_size_bytes", "instance": "nas-02:9100", "mountpoint": "/srv"}
    for ago in range(1, 6):
        at = round((noon - ago * DAY) * 1000)
        server.client().write(encode([Series(tuple(sorted(pairs.items())), ((at, 10.0 + ago),))]))
    server.flush()
    (tmp_path / "estate.yml").write_text("targets: [{name: nas-02, host: true}]\n")
    (tmp_path / "map.yml").write_text(
        f"- {{query: node_filesystem_size_bytes, metric: {SIZE}, target: $instance, labels: {{store: $mountpoint}}}}\n"
    )
    words = ("history", "import", server.url, "--estate", tmp_path / "estate.yml", "--days", 30)
    for changed in (5, 0):
        done = jauge(*words, "--map", tmp_path / "map.yml")
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"5 days, 1 series: {changed} daily values changed\n"
    (known,) = sqlite.Reader(tmp_path / "data" / "history.db").series()
    assert (known.target, known.metric, known.labels) == ("nas-02", SIZE, labels(store="/srv"))
    done = jauge("history", "import", "http://mon:hunter22@engine", "--estate", tmp_path / "estate.yml")
    assert done.returncode == 2
    assert "hunter22" not in done.stderr


def test_an_engine_that_is_away_stops_the_planner_with_its_address(tmp_path):
    (tmp_path / "estate.yml").write_text("history: http://127.0.0.1:9\ntargets: [{name: here, host: true}]\n")
    done = jauge("plan", tmp_path / "estate.yml")
    assert done.returncode == 1
    assert "http://127.0.0.1:9 cannot be reached: " in done.stderr
    assert "Traceback" not in done.stderr


def test_archives_and_walls_are_looked_for_in_the_engine_and_not_in_a_file_of_former_times(server, tmp_path):
    """The engine holds 8 TB of 1999; the file of an earlier time 3 TB of 1998, which are not true any more."""
    estate = _estate(tmp_path, server, "archive")
    with estate.open("a") as file:
        file.write("retention: {years: 20, returned: 0 %, minors: 0 %, deaths: 0 %}\n")
    now = time.time()
    client = server.client(name="archive")
    ends = Point(
        "nas-01", "jauge_license_expiry_timestamp_seconds", labels(license="pacs"), now - 60, now + 90 * DAY
    )
    held = Point("nas-01", "jauge_pacs_year_stored_bytes", labels(year="1999"), now - 60, 8e12)
    for request in Encoder("archive").requests([held, ends]):
        client.write(request.body)
    server.flush()
    (tmp_path / "data").mkdir(mode=0o700)
    writer = sqlite.Writer(tmp_path / "data" / "history.db", "Europe/Paris")
    writer.append([held._replace(labels=labels(year="1998"), value=3e12)])
    writer.close()
    done = jauge("retention", estate, "--json")
    assert done.returncode == 0, done.stderr
    (archive,) = json.loads(done.stdout)["archives"]
    assert sum(row["likely"] for row in archive["years"]) == 8e12
    walls = json.loads(jauge("runway", estate, "--json").stdout)["walls"]
    assert [wall["what"] for wall in walls] == ["pacs"]
