"""One value on its whole way: a real agent, `jauge run`, a real Prometheus, the history, the plan, and back out."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import servers
import within
from prometheus_client.parser import text_string_to_metric_families

from exporters import http
from exporters.history import unique_id
from exporters.history.sqlite import Reader

pytestmark = pytest.mark.xdist_group("end to end")

JAUGE = (sys.executable, "-m", "jauge")
SECRET = {"AGENT_COMMUNITY": "public"}
ROOT = (("kind", "filesystem"), ("store", "/"))
USED = "jauge_storage_used_bytes"
SIZE = "jauge_storage_size_bytes"
FULL = "jauge_storage_full_timestamp_seconds"


@dataclasses.dataclass(frozen=True)
class Collector:
    """A running `jauge run`."""

    process: servers.Process
    port: int
    estate: Path
    data: Path

    def get(self, path: str, **query: str) -> str:
        answer = servers.get(f"http://{servers.LOOPBACK}:{self.port}{path}", params=query)
        return answer.raise_for_status().text

    def samples(self, target: str, metric: str) -> list[Any]:
        """What /probe serves of a metric, as Prometheus's own client reads it."""
        families = text_string_to_metric_families(self.get("/probe", target=target))
        return [sample for family in families for sample in family.samples if sample.name == metric]


def write_estate(folder: Path, port: int, name: str = "pacs-01", more: str = "") -> Path:
    path = folder / "estate.yml"
    path.write_text(
        "timezone: Europe/Paris\n"
        "credentials: {agent: {snmp: v2c, community: env:AGENT_COMMUNITY}}\n"
        "defaults: {interval: 1s}\n"
        "sites: {north: }\n"
        f"targets: [{{name: {name}, address: 127.0.0.1, port: {port}, credential: agent, site: north, role: pacs{more}}}]\n"
    )
    return path


@contextlib.contextmanager
def collecting(estate: Path) -> Iterator[Collector]:
    """`jauge run` on an estate, once it has polled everything."""
    port, data = servers.free_port(), estate.parent / "data"
    argv = [*JAUGE, "run", str(estate), "--data", str(data), "--web.listen-address", f"127.0.0.1:{port}"]

    def ready() -> bool:
        return servers.get(f"http://127.0.0.1:{port}/-/ready").status_code == 200

    log = estate.parent / "log"
    with servers.running(argv, ready, log, drop=False, env=os.environ | SECRET) as process:
        yield Collector(process, port, estate, data)


def command(*words: object) -> subprocess.CompletedProcess[str]:
    return within.jauge(*words, environment=SECRET)


def started(*words: object) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own, as a collector is."""
    argv = [*JAUGE, *map(str, words)]
    return subprocess.run(
        argv, capture_output=True, text=True, timeout=30, env=os.environ | SECRET, check=False
    )


@pytest.fixture(scope="module")
def collector(snmpd: servers.Snmpd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    with collecting(write_estate(tmp_path_factory.mktemp("estate"), snmpd.port)) as running:
        yield running


@pytest.fixture(scope="module")
def prometheus(collector: Collector) -> Iterator[str]:
    """The address of a real Prometheus that scrapes as the exporter's documentation says."""
    server = servers.program("prometheus", "prometheus")
    documented = (http.__doc__ or "").partition("scrape_configs:")[2]
    jobs = textwrap.dedent("    scrape_configs:" + documented)
    with servers.folder() as folder:
        config = folder / "prometheus.yml"
        config.write_text(
            "global: {scrape_interval: 1s, scrape_timeout: 900ms}\n"
            + jobs.replace("127.0.0.1:9640", f"127.0.0.1:{collector.port}")
        )
        address = f"127.0.0.1:{servers.free_port()}"
        argv = [server, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"]
        argv += [f"--web.listen-address={address}", "--log.level=warn"]
        ready = lambda: servers.get(f"http://{address}/-/ready").status_code == 200  # noqa: E731
        with servers.running(argv, ready, folder / "log", cwd=folder):
            yield f"http://{address}"


def ask(api: str, query: str) -> list[dict[str, Any]]:
    """The answer to an instant query, once there is one."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        answer = servers.get(f"{api}/api/v1/query", params={"query": query}).json()
        if found := answer["data"]["result"]:
            return list(found)
        time.sleep(0.2)
    raise TimeoutError(f"no answer to {query}")


def hr_storage(port: int, store: str) -> tuple[int, int]:
    """Size and used bytes of a store, by net-snmp's own client (RFC 2790: hrStorageSize x hrStorageAllocationUnits)."""
    entry = "1.3.6.1.2.1.25.2.3.1"
    argv = [servers.program("snmpwalk", "snmp"), "-v2c", "-c", "public", "-On", "-Oq", f"127.0.0.1:{port}"]
    said = subprocess.run(
        [*argv, f"{entry}.3"], env=os.environ | {"MIBS": ""}, capture_output=True, text=True, check=True
    ).stdout
    (index,) = re.findall(rf'^\S+\.(\d+) "?{re.escape(store)}"?$', said, re.MULTILINE)
    unit, size, used = (
        int(servers.snmpget(port, "public", f"{entry}.{column}.{index}").split()[0]) for column in (4, 5, 6)
    )
    return size * unit, used * unit


def test_prometheus_answers_the_very_value_of_the_device(
    collector: Collector, prometheus: str, snmpd: servers.Snmpd
) -> None:
    size, used = hr_storage(snmpd.port, "/")
    (found,) = ask(prometheus, f'{SIZE}{{store="/"}}')
    assert float(found["value"][1]) == size
    assert float(found["value"][1]) == pytest.approx(psutil.disk_usage("/").total, rel=0.01)
    assert found["metric"] == {
        "__name__": SIZE, "job": "jauge", "instance": "pacs-01", "target": "pacs-01", "site": "north",
        "role": "pacs", "store": "/", "kind": "filesystem",
    }  # fmt: skip
    (filled,) = ask(prometheus, f'{USED}{{store="/"}}')
    assert float(filled["value"][1]) == pytest.approx(used, rel=0.02)  # others write on this disk meanwhile
    assert float(filled["value"][1]) == pytest.approx(psutil.disk_usage("/").used, rel=0.05)
    (up,) = ask(prometheus, 'jauge_target_up{target="pacs-01"}')
    assert up["value"][1] == "1"


def test_the_value_stands_in_the_history_while_the_collector_writes(
    collector: Collector, snmpd: servers.Snmpd
) -> None:
    size, _ = hr_storage(snmpd.port, "/")
    name, end = unique_id("pacs-01", SIZE, ROOT), time.monotonic() + 10  # commits at least every ten seconds
    while time.monotonic() < end:
        kept = Reader(collector.data / "history.db").read([name], resolution="raw")
        if len(kept):
            break
        time.sleep(0.2)
    assert kept["y"].iloc[-1] == size
    assert abs((kept["ds"].iloc[-1] - dt.datetime.now(dt.UTC)).total_seconds()) < 15


def test_a_second_collector_is_refused_at_once_and_told_by_whom(collector: Collector) -> None:
    start = time.monotonic()
    assert started("check", collector.estate).returncode == 0
    loaded = time.monotonic() - start  # by a command that waits for nothing, as busy as the machine is
    start = time.monotonic()
    port = servers.free_port()
    second = started(
        "run", collector.estate, "--data", collector.data, "--web.listen-address", f"127.0.0.1:{port}"
    )
    assert time.monotonic() - start < loaded + 5
    assert second.returncode == 1
    assert str(collector.process.pid) in second.stderr
    assert "Traceback" not in second.stderr


def test_a_taken_port_is_said_in_one_line(collector: Collector, tmp_path: Path) -> None:
    busy = f"127.0.0.1:{collector.port}"
    said = started("run", collector.estate, "--data", tmp_path / "other", "--web.listen-address", busy)
    assert said.returncode == 1
    assert f"cannot listen on {busy}: " in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_what_was_served_survives_the_end(snmpd: servers.Snmpd, tmp_path: Path, sign: signal.Signals) -> None:
    with collecting(write_estate(tmp_path, snmpd.port)) as running:
        (served,) = [sample for sample in running.samples("pacs-01", SIZE) if sample.labels["store"] == "/"]
        start = time.monotonic()
        running.process.send_signal(sign)
        assert running.process.wait(10) == 0
        assert time.monotonic() - start < 5
    kept = Reader(running.data / "history.db").read([unique_id("pacs-01", SIZE, ROOT)], resolution="raw")
    assert kept["y"].iloc[-1] == served.value
    assert "Traceback" not in (tmp_path / "log").read_text()
    for file in running.data.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


def two_years(path: Path, target: str, size: int) -> None:
    """A CSV of two years in which `/` grew from 20 % to 80 % of its size, up to yesterday."""
    today = dt.datetime.now().astimezone().date()
    with path.open("w") as file:
        file.write("target,metric,ds,value,store,kind\n")
        for back in range(730, 0, -1):
            day, used = today - dt.timedelta(days=back), size * (0.8 - 0.6 * back / 730)
            file.write(f"{target},{USED},{day},{used:.0f},/,filesystem\n")
            file.write(f"{target},{SIZE},{day},{size},/,filesystem\n")


def test_an_imported_past_survives_a_rename_and_leaves_as_dates(snmpd: servers.Snmpd, tmp_path: Path) -> None:
    estate, file = write_estate(tmp_path, snmpd.port, "old-pacs"), tmp_path / "past.csv"
    two_years(file, "old-pacs", hr_storage(snmpd.port, "/")[0])
    imported = command("history", "import", file, "--estate", estate)
    assert imported.returncode == 0, imported.stderr
    assert imported.stdout.startswith("1460 rows, 2 series")
    assert "0 daily values changed" in command("history", "import", file, "--estate", estate).stdout
    # Unplug the agent of the new name: what it measures today must not bend the invented past.
    silent = write_estate(tmp_path, servers.free_port(), "pacs-01", ", formerly: [old-pacs], timeout: 1s")
    with collecting(silent) as running:
        reader = Reader(running.data / "history.db")
        assert reader.series(target="old-pacs") == []
        assert len(reader.read([unique_id("pacs-01", USED, ROOT)])) == 730
        assert running.samples("pacs-01", FULL) == []
        planned = command("plan", silent)  # beside the running collector, as every night
        assert planned.returncode == 0, planned.stderr
        assert planned.stdout.startswith("1 stores, 1 with a date")
        dates = {
            (sample.labels["threshold"], sample.labels["probability"]): sample.value
            for sample in running.samples("pacs-01", FULL)
            if sample.labels["store"] == "/"
        }
        whole = running.get("/metrics/estate")
    # 20 % were free and 0.6 of the size takes 730 days: full in about 243 days.
    assert (dates["1", "0.5"] - time.time()) / 86_400 == pytest.approx(243, rel=0.1)
    assert {threshold for threshold, _ in dates} >= {"0.9", "1"}
    assert dates["0.9", "0.5"] < dates["1", "0.5"]
    assert f'{FULL}{{target="pacs-01"' in whole
