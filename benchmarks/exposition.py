"""What a scrape costs, beside prometheus_client's `generate_latest` for the same series and values.

    python -m benchmarks.exposition [--sizes 100000,1000000] [--rounds 5] [--json]

Figures are medians of interleaved rounds, in CPU time of the process or thread that does the work. A target has 2,180
series: 400 interfaces, 100 stores, 60 nodes, all with names of their own.

`render`  the lines of a target after a poll, with series as before, and at first
`scrape`  /probe over loopback: the handler alone, and the thread of the server for the whole request
`estate`  the body of all targets: unchanged, and after a poll of each in which every value is another.
          prometheus_client renders metric objects that were made beforehand, and compresses as its servers do. At the
          smallest size both bodies are parsed and compared with the polls, and ours is read by strict parsers, and by
          promtool where that is installed
`memory`  resident bytes a series, of what the collector keeps anyway and of what is kept to be served
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import gzip
import http.client
import json
import multiprocessing
import shutil
import statistics
import subprocess
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any, Final

import pandas as pd
import psutil
from aiohttp import web
from prometheus_client import Metric as Family
from prometheus_client import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from collectors.board import Board
from collectors.poll import Poll, Series, Table
from exporters import serving
from exporters.bodies import Bodies
from exporters.exposition import Chunks, render
from exporters.http import create
from inventory.estate import Estate
from inventory.metrics import METRICS, Sample, labels

TABLES: Final = {
    "interfaces": (400, "interface", ("receive_bytes_total", "transmit_bytes_total", "speed_bytes", "up")),
    "storage": (100, "store", ("size_bytes", "used_bytes", "available_bytes", "raw_bytes")),
    "node": (60, "node", ("memory_size_bytes", "memory_used_bytes", "cpu_used_ratio")),
}  # fmt: skip
SERIES: Final = 2_180
NAME: Final = "switch-{:04}.north.hospital.test"
POLLS: Final = 10
"""In each round."""

REQUESTS: Final = 300

OWN: Final = ("jauge_target_", "jauge_table_")
"""Names of what Jauge says of a target itself: it comes on top, and prometheus_client is not asked for it."""

HANDLER_BAR, RENDER_BAR, ESTATE_BAR = 0.2, 0.3, 10.0
"""Milliseconds a scrape, microseconds a series, and times less CPU than prometheus_client."""

Key = tuple[str, tuple[tuple[str, str], ...]]
Values = dict[Key, float]


# --- what is exposed ----------------------------------------------------------------------------------------


class Hospital:
    """Targets of 2,180 series each. `poll` gives the polls of all of them with other values each time."""

    def __init__(self, targets: int) -> None:
        names = [NAME.format(number) for number in range(targets)]
        self.estate = Estate.model_validate({"targets": [{"name": name, "host": True} for name in names]})
        self.board = Board(self.estate.targets)
        self.bodies = Bodies(self.board, self.extra)
        self.ready = True
        self._series = {name: {table: tuple(_series(name, table)) for table in TABLES} for name in names}
        self._turn = 0

    def extra(self, _name: str) -> Sequence[Sample]:
        return ()

    async def poll_now(self, name: str, deadline_seconds: float) -> Poll:
        raise RuntimeError(f"nothing is polled here: {name}, {deadline_seconds}")

    def polls(self) -> Iterator[Poll]:
        """A poll of each target, recorded. No value is that of the poll before."""
        self._turn += 1
        at = time.time()
        for name, tables in self._series.items():
            found = tuple(
                Table(
                    table, at, 0.1, series, tuple(map(self._value, range(len(series)), series)), len(series)
                )
                for table, series in tables.items()
            )
            poll = Poll(name, at, 0.25, found, "generic", "a switch", "1.0")
            self.board[name].record(poll)
            yield poll

    def _value(self, place: int, series: Series) -> float:
        if series[0].endswith("_ratio"):
            return (place * 7919 + self._turn * 104_729) % 99_991 / 99_991
        if series[0].endswith("_up"):
            return (place + self._turn) % 2
        return place * 123_457_891 + self._turn * 86_413

    def told(self) -> Values:
        """What the polls say, by name and labels."""
        return {
            (name, tuple(sorted((*pairs, ("target", standing.target.name))))): value
            for standing in self.board
            for table in (standing.poll.tables if standing.poll is not None else ())
            for (name, pairs), value in zip(table.series, table.values, strict=True)
        }


def _series(target: str, table: str) -> Iterator[Series]:
    rows, label, metrics = TABLES[table]
    thing = table.removesuffix("s")
    for row in range(rows):
        place = f"{target.partition('.')[0]} slot {row // 48} port {row % 48}"
        for metric in metrics:
            yield f"jauge_{thing}_{metric}", labels(**{label: place})


class Peer:
    """The same values in prometheus_client's own objects, made beforehand: it only has to render them."""

    def __init__(self, values: Values) -> None:
        families: dict[str, Family] = {}
        for (name, pairs), value in values.items():
            if name not in families:
                metric = METRICS[name]
                families[name] = Family(name.removesuffix("_total"), metric.help, metric.kind)
            families[name].add_sample(name, dict(pairs), value)
        self._families = list(families.values())

    def collect(self) -> Iterable[Family]:
        return self._families

    def text(self) -> bytes:
        return bytes(generate_latest(self))  # all that it asks of a registry is `collect`


def values_of(text: str, read: Callable[[str], Iterable[Family]] = read_text) -> Values:
    """The values of a body, by name and labels. Raises ValueError where a series comes twice."""
    samples = [sample for family in read(text) for sample in family.samples]
    found = {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in samples}
    if len(found) < len(samples):
        raise ValueError("a series comes twice")
    return found


# --- render ---------------------------------------------------------------------------------------------------


def rendering(rounds: int) -> dict[str, float]:
    """Microseconds a series."""
    hospital = Hospital(1)
    (standing,) = hospital.board
    took: dict[str, list[float]] = defaultdict(list)
    kept: Chunks | None = None
    for what in ["at first", "every value changed", "no value changed"] * rounds * POLLS:
        if what == "every value changed":
            next(hospital.polls())
        start = time.process_time()
        kept = render(standing, (), time.time(), None if what == "at first" else kept)
        took[what].append(time.process_time() - start)
    return {what: 1e6 * statistics.median(each) / SERIES for what, each in took.items()}


# --- scrape ---------------------------------------------------------------------------------------------------

ASKED: Final = {
    "text": {"Accept": "text/plain"},
    "text, gzip": {"Accept": "text/plain", "Accept-Encoding": "gzip"},
    "OpenMetrics": {"Accept": "application/openmetrics-text"},
    "OpenMetrics, gzip": {"Accept": "application/openmetrics-text", "Accept-Encoding": "gzip"},
}


async def scraping(rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds a scrape of each kind, and bytes of its body."""
    hospital = _polled(1)
    spent: list[float] = []

    @web.middleware
    async def timed(
        request: web.Request, handler: Callable[..., Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        start = time.thread_time()
        response = await handler(request)
        spent.append(time.thread_time() - start)
        return response

    application = create(hospital, bodies=hospital.bodies)
    application.middlewares.append(timed)  # the innermost: the handler, and nothing that aiohttp does
    runner = serving.runner(application)
    await runner.setup()
    await serving.Site(runner, "127.0.0.1", 0).start()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    client = context.Process(target=_ask, args=(theirs, runner.addresses[0][1]), daemon=True)
    client.start()
    found: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    try:
        for _ in range(rounds):
            for kind, headers in ASKED.items():
                await _asked(ours, headers, 2)  # somebody has asked for it before
                poll = next(hospital.polls())
                hospital.bodies.renew(poll)
                spent.clear()
                start = time.thread_time()
                size = await _asked(ours, headers, REQUESTS)
                whole = (time.thread_time() - start) / REQUESTS
                found[kind].append((statistics.fmean(spent), whole, size))
    finally:
        ours.close()
        client.join(10)
        await runner.cleanup()
    medians = {
        kind: [statistics.median(each) for each in zip(*rows, strict=True)] for kind, rows in found.items()
    }
    return {
        kind: {"handler_ms": 1e3 * handler, "request_ms": 1e3 * request, "bytes": size}
        for kind, (handler, request, size) in medians.items()
    }


async def _asked(pipe: Connection, headers: dict[str, str], times: int) -> int:
    ready = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(pipe.fileno(), ready.set)
    pipe.send((headers, times))
    await ready.wait()
    loop.remove_reader(pipe.fileno())
    return int(pipe.recv())


def _ask(pipe: Connection, port: int) -> None:
    """The client, in a process of its own: one connection, kept."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    while True:
        try:
            headers, times = pipe.recv()
        except EOFError:
            return
        size = 0
        for _ in range(times):
            connection.putrequest("GET", f"/probe?target={NAME.format(0)}", skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            size = len(connection.getresponse().read())
        pipe.send(size)


# --- estate ---------------------------------------------------------------------------------------------------


async def estate(size: int, rounds: int, check: bool) -> dict[str, float]:
    """CPU seconds for one body of that many series, theirs and ours; both are checked where `check` says so."""
    hospital = _polled(round(size / SERIES))
    took: dict[str, list[float]] = defaultdict(list)
    await _timed(took["ours, first"], hospital, openmetrics=False, zipped=False)
    for _ in range(rounds):
        polls = list(hospital.polls())
        start = time.process_time()
        for poll in polls:
            hospital.bodies.renew(poll)
        took["ours, made at the polls"].append(time.process_time() - start)
        for zipped, gzipped in ((False, ""), (True, ", gzip")):
            for kind in ("changed", "unchanged"):
                await _timed(took[f"ours, {kind}{gzipped}"], hospital, openmetrics=False, zipped=zipped)
        told = hospital.told()
        theirs = Peer(told)
        start = time.process_time()
        text = theirs.text()
        took["prometheus_client"].append(time.process_time() - start)
        gzip.compress(text)  # as its own servers do
        took["prometheus_client, gzip"].append(time.process_time() - start)
        if check:
            await compare(hospital, told, text.decode())
        del told, theirs, text
        gc.collect()
    return {"series": len(hospital.board) * SERIES} | {
        what: statistics.median(each) for what, each in took.items()
    }


async def _timed(took: list[float], hospital: Hospital, openmetrics: bool, zipped: bool) -> None:
    make = hospital.bodies.zipped if zipped else hospital.bodies.text
    start = time.process_time()
    async for _ in make(time.time(), openmetrics):
        pass
    took.append(time.process_time() - start)


async def compare(hospital: Hospital, told: Values, theirs: str) -> None:
    """Compare what both bodies say with what was polled; ours is read strictly. Raises ValueError where they differ."""
    now = time.time()
    for openmetrics, read in ((False, read_text), (True, read_openmetrics)):
        text = (await _whole(hospital.bodies.text(now, openmetrics))).decode()
        zipped = await _whole(hospital.bodies.zipped(now, openmetrics))
        if gzip.decompress(zipped).decode() != text:
            raise ValueError("the compressed body is another")
        ours = values_of(text, read)
        if sorted(key for key in ours if not key[0].startswith(OWN)) != sorted(told):
            raise ValueError("the series differ from those polled")
        if any(ours[key] != value for key, value in told.items()):
            raise ValueError("the values differ from those polled")
        if not openmetrics and shutil.which("promtool"):
            done = subprocess.run(
                ["promtool", "check", "metrics"],
                input=text,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            if done.returncode or done.stdout or done.stderr:
                raise ValueError(f"promtool: {done.stdout[:500]}{done.stderr[:500]}")
    if sorted(values_of(theirs).items()) != sorted(told.items()):
        raise ValueError("prometheus_client says something else")


async def _whole(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


# --- memory ---------------------------------------------------------------------------------------------------


def memory(targets: int) -> dict[str, float]:
    """Resident bytes a series, measured in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_measure, args=(theirs, targets), daemon=True)
    process.start()
    found: dict[str, float] = ours.recv()
    process.join(10)
    return found


def _measure(pipe: Connection, targets: int) -> None:
    series = targets * SERIES

    def grown(do: Callable[[], Any]) -> float:
        gc.collect()
        before = psutil.Process().memory_info().rss
        do()
        gc.collect()
        return (psutil.Process().memory_info().rss - before) / series

    found: dict[str, float] = {}
    hospitals: list[Hospital] = []
    found["series and values of the polls"] = grown(lambda: hospitals.append(_polled(targets)))
    (hospital,) = hospitals
    names = [standing.target.name for standing in hospital.board]
    found["templates and lines"] = grown(lambda: [hospital.bodies.fresh(name, time.time()) for name in names])
    found["gzip of one format"] = grown(
        lambda: [hospital.bodies.fresh(name, time.time()).pack(openmetrics=True) for name in names]
    )
    pipe.send(found)


def _polled(targets: int) -> Hospital:
    hospital = Hospital(targets)
    for _ in hospital.polls():
        pass
    return hospital


# --- what is printed --------------------------------------------------------------------------------------------


def goals(found: dict[str, Any]) -> dict[str, bool]:
    """What is asked of the figures, and whether it holds."""
    asked = {
        f"every handler <= {HANDLER_BAR} ms": max(row["handler_ms"] for row in found["scrape"].values())
        <= HANDLER_BAR,
        f"a poll's lines <= {RENDER_BAR} us a series": found["render"]["every value changed"] <= RENDER_BAR,
    }
    for size, row in found["estate"].items():
        made = row["ours, made at the polls"]
        ours = {
            "changed": made + row["ours, changed"],
            "changed, gzip": made + row["ours, changed, gzip"],
            "unchanged": row["ours, unchanged"],
            "unchanged, gzip": row["ours, unchanged, gzip"],
        }
        for what, seconds in ours.items():
            peer = "prometheus_client, gzip" if "gzip" in what else "prometheus_client"
            times = row[peer] / seconds
            asked[f"{size} series, {what}: {times:.1f} times less CPU (bar: {ESTATE_BAR:g})"] = (
                times >= ESTATE_BAR
            )
    return asked


def main() -> None:
    """Print the tables, or one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sizes", default="100000,1000000", help="series of the estates, with commas between them"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sizes = sorted(map(int, options.sizes.split(",")))
    found: dict[str, Any] = {
        "render": rendering(options.rounds),
        "scrape": asyncio.run(scraping(options.rounds)),
        "memory": memory(max(round(sizes[0] / SERIES), 1)),
        "estate": {
            f"{size:,}": asyncio.run(estate(size, options.rounds, check=size == sizes[0])) for size in sizes
        },
    }
    found["goals"] = goals(found)
    if options.json:
        print(json.dumps(found))
        return
    for title, table in (
        ("render, us a series", pd.Series(found["render"]).round(3)),
        ("scrape of 2,180 series", pd.DataFrame(found["scrape"]).T.round(3)),
        ("estate, CPU seconds", pd.DataFrame(found["estate"]).round(4)),
        ("memory, bytes a series", pd.Series(found["memory"]).round(0)),
        ("goals", pd.Series(found["goals"])),
    ):
        print(f"{title}\n{table.to_string()}\n")


if __name__ == "__main__":
    main()
