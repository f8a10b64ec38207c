"""How long people wait for the dashboard of a large estate: pages in a browser, and callbacks with many users at once.

    python -m benchmarks.dashboard [--stores 10000] [--machines 3000] [--rounds 20] [--users 20] [--seconds 30] [--pages NAME ...] [--folder DIR] [--json]

An estate with so many stores (three years of days each) and workstations, planned as the night does, is served by
`jauge dashboard`, and a user logs in by the form. Chromium visits every page with an empty cache (`first`), loads it
again (`second`; `later`, as from then on, it has compiled scripts on disk), and goes there from another page (`inside`): seconds until
its title stands there and all its charts and grids are drawn, medians of --rounds. `KiB` came over the wire, `rows` were sent beside those that are shown. `callbacks` are
what --users logged-in HTTP clients wait for, each asking once a second for a page or a block of the grid as a browser does; the
same again while every store is polled once a minute, as a collector writes it (benchmarks/_collector.py).
`plain` is a Dash application of the same libraries that sends all rows to the browser, with a chart (benchmarks/_plain.py),
measured in the same run. `start` is the very first visit after the server has begun. What was written stays in --folder for the
next run.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks import inventory, planning
from benchmarks._browser import CHART, GRID, Look, Seen, chromium, see
from dashboard.access import users
from dashboard.data import Data
from dashboard.declared import Declared
from exporters.status import Status, TableStatus, TargetStatus
from forecasting.renewal import issuing
from inventory.checking import load
from inventory.imports import reading, snapshots
from inventory.state import open_state

GOALS: Final = {"first": 2.0, "later": 1.0, "inside": 1.0, "callbacks": 0.150}
"""Seconds: medians of every page, and the 95th percentile of callbacks."""

PASSWORD: Final = "a long enough sentence for a benchmark"

SECTION: Final = """
contracts: {pc: {title: PC, lead_time: 8w}}
workstations:
  years: 5
  age_limit: 7
  offers:
    portable: {title: Laptop, contract: pc, price: 900, fits: {kinds: [Portable]}}
    fixe: {title: Desktop, contract: pc, price: 600, fits: {kinds: [Fixe]}}
  rollouts:
    windows-11: {title: Windows 11, counted: {kind: os, os: Windows 11}, start: 2025-06-01, end: 2027-06-30}
"""

_BEGINNING: Final = 10.0
"""Seconds of a collector before it counts: it has begun, and what it writes has been read."""

AWAY: Final = Look("own estate", "/own-estate")
PAGES: Final = (
    Look("overview", "/"), Look("runway", "/runway", (CHART,)), Look("capacity", "/capacity", (".ag-row a",)),
    Look("one store", "/capacity?store=", (CHART,)), Look("scenarios", "/scenarios"), Look("purchase", "/purchase"),
    Look("renewal", "/renewal", (CHART,)), Look("retention", "/retention"), Look("accuracy", "/accuracy"),
    Look("hyperconverged", "/hyperconverged"), Look("pacs", "/pacs"), Look("backups", "/backups"), Look("platforms", "/platforms"),
    Look("workstations", "/workstations", (CHART,)), Look("deadlines", "/workstations/deadlines"),
    Look("fitness", "/workstations/fitness"), Look("care", "/workstations/care"), Look("roll-outs", "/workstations/rollouts"),
    Look("import", "/workstations/import"), Look("targets", "/targets"), Look("one target", "/targets?target="),
    Look("administration", "/administration"),
)  # fmt: skip
PLAIN: Final = Look("plain Dash", "/stores", (CHART, GRID))
PLAIN_AWAY: Final = Look("about", "/")


# --- the estate ---------------------------------------------------------------------------------------


def made(folder: Path, stores: int, machines: int, names: Sequence[str]) -> Path:
    """A data folder with its estate, planned, once for each day; the path of the estate."""
    today, estate = int(time.time() // 86400), folder / "hospital.yml"
    told = f"{stores} {machines} {len(names)} {today}"
    done = folder / "made"
    if not done.exists() or done.read_text("utf-8") != told:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        planning.fill(folder, stores, today)
        estate.write_text((folder / "estate.yml").read_text("utf-8") + SECTION, "utf-8")
        subprocess.run(
            [sys.executable, "-m", "jauge", "plan", str(estate), "--data", str(folder)],
            check=True,
            stdout=sys.stderr,
        )
        _people(folder, names)
        _workstations(folder, estate, machines)
        done.write_text(told, "utf-8")
    _answered(folder, estate)
    return estate


def _people(folder: Path, names: Sequence[str]) -> None:
    state = open_state(folder / "state.db")
    for name in names:
        users.add(state, name, "admin", PASSWORD)


def _workstations(folder: Path, estate: Path, machines: int) -> None:
    """Two imports a month apart, and what the night makes of them."""
    state, draw = open_state(folder / "state.db"), random.Random(1)
    rows = [inventory.machine(number, draw) for number in range(machines)]
    for days, export in ((30, rows), (0, inventory.month(rows, draw))):
        inventory.write(folder / "glpi.csv", export)
        with reading.read(state, folder / "glpi.csv", inventory.TODAY) as found:
            snapshots.commit(state, found, "benchmark", at=time.time() - days * 86_400)
    issuing.night(state, load(estate), folder, time.time())


def _answered(folder: Path, estate: Path) -> None:
    """A collector has just polled everything."""
    now, table = time.time(), TableStatus("hrStorage", True, time.time(), 0.02, 40)
    targets = tuple(
        TargetStatus(one.name, True, now, 0.1, now, tables=(table,)) for one in load(estate).targets
    )
    (folder / "status.json").write_text(json.dumps(dataclasses.asdict(Status(now, targets))), "utf-8")


def plain_rows(folder: Path, estate: Path) -> Path:
    """What the plain application shows: the same stores, written down for it."""
    data = Data(Declared(load(estate), estate), folder)
    stores = data.stores()
    rows = [
        {"store": one.name, "target": one.target, "kind": one.kind, "used": one.used, "size": one.size, "ratio": one.ratio,
         "full": str(one.full or ""), "order": str(one.order_by or "")}
        for one in stores
    ]  # fmt: skip
    course, _ = data.course(stores[0].unique_id)
    days = [{"ds": str(row["ds"].date()), "y": row["y"]} for row in course.to_dict("records")]
    path = folder / "plain.json"
    path.write_text(json.dumps({"rows": rows, "course": days}), "utf-8")
    return path


# --- servers and users --------------------------------------------------------------------------------


@contextlib.contextmanager
def collecting(estate: Path, folder: Path) -> Iterator[None]:
    """A collector writes history and status until the end of the block."""
    command = [sys.executable, "-m", "benchmarks._collector", str(estate), str(folder)]
    with subprocess.Popen(command, stdout=sys.stderr) as process:
        try:
            yield
            if process.poll() is not None:
                raise SystemExit("the collector ended by itself")
        finally:
            process.terminate()


@contextlib.contextmanager
def serving(*command: str) -> Iterator[str]:
    """The address of a server whose command ends with its port or address, `{port}` standing for it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [word.replace("{port}", str(port)) for word in command]
    with subprocess.Popen([sys.executable, "-m", *words], stdout=sys.stderr) as process:
        try:
            _wait(f"http://127.0.0.1:{port}/", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)


def pages_of(estate: Path, folder: Path) -> tuple[str, ...]:
    """The command that serves the pages of an estate, for `serving`."""
    return (
        "jauge",
        "dashboard",
        str(estate),
        "--data",
        str(folder),
        "--web.listen-address",
        "127.0.0.1:{port}",
    )


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).read()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{address} does not answer")


def log_in(url: str, name: str) -> httpx.Client:
    """A client with the session of a user, as the form gives it."""
    client = httpx.Client(
        base_url=url, headers={"Origin": url, "Accept-Encoding": "gzip", "Accept-Language": "en"}, timeout=60
    )
    answer = client.post("/login", data={"name": name, "password": PASSWORD})
    if answer.status_code != 303 or not client.cookies:
        raise SystemExit(f"{name} cannot log in: {answer.status_code}")
    return client


def cookies(client: httpx.Client) -> list[dict[str, str]]:
    """The session, as a browser takes it."""
    return [
        {"name": one.name, "value": one.value or "", "url": str(client.base_url)}
        for one in client.cookies.jar
    ]


def visit(path: str) -> dict[str, Any]:
    """What a browser posts when somebody follows a link."""
    address, _, query = path.partition("?")
    search = f"?{query}" if query else ""
    outputs = [
        {"id": "content", "property": "children"},
        {"id": "stamp", "property": "data"},
        {"id": "updated", "property": "children"},
    ]
    inputs = [("url", "pathname", address), ("url", "search", search), ("beat", "data", 0)]
    return {
        "output": "..content.children...stamp.data...updated.children..", "outputs": outputs,
        "inputs": [{"id": one, "property": name, "value": value} for one, name, value in inputs],
        "state": [{"id": "stamp", "property": "data", "value": "before"}],
        "changedPropIds": ["url.pathname", "url.search"],
    }  # fmt: skip


def block(first: int, column: str) -> dict[str, Any]:
    """What a browser posts when somebody scrolls through a sorted grid."""
    request = {"startRow": first, "endRow": first + 100, "sortModel": [{"colId": column, "sort": "desc"}]}
    return {
        "output": "stores-many.getRowsResponse", "outputs": {"id": "stores-many", "property": "getRowsResponse"},
        "inputs": [{"id": "stores-many", "property": "getRowsRequest", "value": request}],
        "state": [{"id": "url", "property": "search", "value": ""}],
        "changedPropIds": ["stores-many.getRowsRequest"],
    }  # fmt: skip


def plain_visit() -> dict[str, Any]:
    """The same for the plain application."""
    return {
        "output": "page.children", "outputs": {"id": "page", "property": "children"},
        "inputs": [{"id": "url", "property": "pathname", "value": "/stores"}], "changedPropIds": ["url.pathname"],
    }  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Waited:
    """What users waited for callbacks, in seconds."""

    asked: int
    failed: int
    median: float
    p95: float


def crowd(clients: Sequence[httpx.Client], deeds: Sequence[dict[str, Any]], seconds: float) -> Waited:
    """Users who do one thing a second each, not all at the same moment; each deed in turn, each user beginning elsewhere."""
    waited: list[float] = []
    failed: list[int] = []

    def act(number: int, client: httpx.Client) -> None:
        start = time.monotonic() + number / len(clients)
        for turn in range(max(int(seconds), 1)):
            time.sleep(max(start + turn - time.monotonic(), 0))
            begun = time.monotonic()
            answer = client.post("/_dash-update-component", json=deeds[(number * 7 + turn) % len(deeds)])
            waited.append(time.monotonic() - begun)
            if answer.status_code not in (200, 204):
                failed.append(answer.status_code)

    threads = [threading.Thread(target=act, args=one) for one in enumerate(clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    p95 = statistics.quantiles(waited, n=20)[-1] if len(waited) > 1 else waited[0]
    return Waited(len(waited), len(failed), statistics.median(waited), p95)


# --- one run ------------------------------------------------------------------------------------------


def run(
    folder: Path, stores: int, machines: int, rounds: int, people: int, seconds: float, only: Sequence[str]
) -> dict[str, Any]:
    """Everything that is measured."""
    names = [f"user-{number:02d}" for number in range(people)]
    estate = made(folder, stores, machines, names)
    rows = plain_rows(folder, estate)
    with chromium() as browser:
        with serving(*pages_of(estate, folder)) as url:
            clients = [log_in(url, name) for name in names]
            looks = [one for one in pages(folder, estate) if one.name in only]
            start = see(browser, url, cookies(clients[0]), looks[:1], AWAY, 1)[0].first
            seen = see(browser, url, cookies(clients[0]), looks, AWAY, rounds)
            deeds = [*(visit(one.path) for one in looks), *blocks(stores)]
            waited = crowd(clients, deeds, seconds)
            with collecting(estate, folder):
                crowd(clients, deeds, _BEGINNING)
                collected = crowd(clients, deeds, seconds)
        with serving("benchmarks._plain", str(rows), "{port}") as url:
            (plain,) = see(browser, url, [], [PLAIN], PLAIN_AWAY, rounds)
            visitors = [
                httpx.Client(base_url=url, headers={"Accept-Encoding": "gzip"}, timeout=60) for _ in names
            ]
            plain_waited = crowd(visitors, [plain_visit()], seconds)
    return {
        "stores": stores, "machines": machines, "rounds": rounds, "users": people, "start": start,
        "pages": [one._asdict() for one in seen], "plain": plain._asdict(),
        "callbacks": dataclasses.asdict(waited), "collected_callbacks": dataclasses.asdict(collected), "plain_callbacks": dataclasses.asdict(plain_waited),
        "goals": goals(seen, {"callbacks": waited, "callbacks while a collector writes": collected}),
    }  # fmt: skip


def pages(folder: Path, estate: Path) -> list[Look]:
    """All pages, with a store and a target that there are."""
    store = Data(Declared(load(estate), estate), folder).stores()[0]
    named = {
        "one store": httpx.QueryParams({"store": store.unique_id}),
        "one target": httpx.QueryParams({"target": store.target}),
    }
    return [
        one._replace(path=f"{one.path.partition('?')[0]}?{named[one.name]}") if one.name in named else one
        for one in PAGES
    ]


def blocks(stores: int) -> list[dict[str, Any]]:
    """Blocks of the grid, sorted by several columns."""
    return [
        block(first % max(stores, 1), column)
        for first, column in ((0, "used"), (300, "ratio"), (4_000, "full"), (9_000, "store"))
    ]


def goals(seen: Sequence[Seen], crowds: Mapping[str, Waited]) -> dict[str, bool]:
    """What was aimed at, and whether it holds."""
    worst = {name: max(seen, key=lambda one: getattr(one, name)) for name in ("first", "later", "inside")}
    found = {
        f"{name}: at most {GOALS[name]:.0f} s on every page (worst: {one.name}, {getattr(one, name):.2f} s)": getattr(
            one, name
        )
        <= GOALS[name]
        for name, one in worst.items()
    }
    for name, waited in crowds.items():
        found[
            f"{name}: p95 at most {GOALS['callbacks'] * 1000:.0f} ms ({waited.p95 * 1000:.0f} ms), none failed"
        ] = waited.p95 <= GOALS["callbacks"] and not waited.failed
    return found


def table(found: dict[str, Any]) -> Iterator[str]:
    """The run in words."""
    yield f"{'page':16}{'first s':>9}{'second s':>10}{'later s':>9}{'inside s':>10}{'KiB first':>11}{'KiB later':>11}{'rows sent':>11}{'shown':>7}"
    for one in (*found["pages"], found["plain"]):
        yield (f"{one['name']:16}{one['first']:9.2f}{one['second']:10.2f}{one['later']:9.2f}{one['inside']:10.2f}{one['first_kib']:11.0f}{one['later_kib']:11.0f}"
               f"{one['rows_sent']:11.0f}{one['rows_shown']:7.0f}")  # fmt: skip
    plain = found["plain"]
    for ours in (one for one in found["pages"] if one["name"] == "capacity"):
        ratios = [
            f"{name} {plain[name] / ours[name]:.1f}"
            for name in ("first", "second", "later", "inside", "first_kib")
        ]
        yield f"plain Dash over our list of all stores: {', '.join(ratios)} times"
    yield f"the very first visit after the server began: {found['start']:.2f} s"
    for name, key in (
        ("Jauge", "callbacks"),
        ("Jauge while a collector writes", "collected_callbacks"),
        ("plain Dash", "plain_callbacks"),
    ):
        one = found[key]
        yield (f"callbacks, {found['users']} users: {name} median {one['median'] * 1000:.0f} ms, p95 {one['p95'] * 1000:.0f} ms,"
               f" {one['failed']} of {one['asked']} failed")  # fmt: skip
    for said, holds in found["goals"].items():
        yield f"{'holds ' if holds else 'MISSED'} {said}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [one.name for one in PAGES]
    parser.add_argument("--stores", type=int, default=10_000)
    parser.add_argument("--machines", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--pages", nargs="+", choices=names, default=names)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "jauge-dashboard")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = run(
        given.folder, given.stores, given.machines, given.rounds, given.users, given.seconds, given.pages
    )
    print(json.dumps(found, indent=2) if given.json else "\n".join(table(found)))


if __name__ == "__main__":
    main()
