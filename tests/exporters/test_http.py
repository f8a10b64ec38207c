"""The exporter over real HTTP, with a board filled by polls made by hand."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import subprocess
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
import pytest
import servers
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text
from yarl import URL

from collectors.board import Board
from collectors.poll import Poll, Table
from exporters import http, serving
from exporters.exposition import OPENMETRICS, TEXT
from inventory.estate import Estate
from inventory.metrics import Sample

ESTATE = Estate.model_validate(
    {
        "sites": {"north": None},
        "targets": [
            {"name": "nas-01", "site": "north", "role": "storage", "service": "imaging", "interval": 60},
            {"name": "pacs-01", "interval": 60},
        ],
    }
)
PROMETHEUS_3 = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,"
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
PROMETHEUS_2_42 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)


def a_poll(name: str, value: float, at: float | None = None) -> Poll:
    at = time.time() if at is None else at
    series = (("jauge_storage_used_bytes", (("kind", "volume"), ("store", "/"))),)
    return Poll(name, at, 0.1, (Table("storage", at, 0.1, series, (value,), rows=1),), family="netapp")


class Hand:
    """What the exporter needs, with polls that take so many seconds and count up."""

    def __init__(self, takes: float = 0.0) -> None:
        self.estate = ESTATE
        self.board = Board(ESTATE.targets)
        self.ready = True
        self.takes = takes
        self.polls: list[tuple[str, float]] = []
        self.outlooks: dict[str, list[Sample]] = {}

    async def poll_now(self, name: str, deadline_seconds: float) -> Poll:
        self.polls.append((name, deadline_seconds))
        await asyncio.sleep(self.takes)
        poll = a_poll(name, float(len(self.polls)))
        self.board[name].record(poll)
        return poll

    def extra(self, name: str) -> Sequence[Sample]:
        return self.outlooks.get(name, [])


class Broken(Hand):
    """Polls and outlooks that fail for a reason of ours."""

    async def poll_now(self, name: str, deadline_seconds: float) -> Poll:
        raise RuntimeError("secret detail")

    def extra(self, name: str) -> Sequence[Sample]:
        raise RuntimeError("secret detail")


class Client:
    """A session with one running exporter."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self.session = session
        self.base = base

    async def get(self, path: str, **headers: str) -> tuple[int, str, Any]:
        url = URL(self.base + path, encoded=True)
        async with self.session.get(
            url, headers={k.replace("_", "-"): v for k, v in headers.items()}
        ) as answer:
            return answer.status, await answer.text(), answer.headers

    async def values(self, path: str, **headers: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        status, text, _ = await self.get(path, **headers)
        assert status == 200, text
        return {
            (s.name, tuple(sorted(s.labels.items()))): s.value
            for family in read_text(text)
            for s in family.samples
        }


@contextlib.asynccontextmanager
async def serve(service: http.Service, **more: Any) -> AsyncIterator[Client]:
    runner = serving.runner(http.create(service, **more))
    await runner.setup()
    await serving.Site(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Client(session, f"http://127.0.0.1:{runner.addresses[0][1]}")
    finally:
        await runner.cleanup()


USED = ("jauge_storage_used_bytes", (("kind", "volume"), ("store", "/")))


async def test_a_scrape_serves_the_last_poll_with_its_age() -> None:
    service = Hand()
    service.board["nas-01"].record(a_poll("nas-01", 42.0, time.time() - 10))
    async with serve(service) as client:
        found = await client.values("/probe?target=nas-01")
    assert found[USED] == 42.0
    assert found["jauge_target_age_seconds", ()] == pytest.approx(10, abs=1)
    assert found["jauge_target_up", ()] == 1.0
    assert not any("target" in dict(pairs) for _, pairs in found)
    assert service.polls == []


async def test_the_first_scrape_polls_where_there_is_no_poll_yet() -> None:
    service = Hand()
    async with serve(service) as client:
        first = await client.values("/probe?target=nas-01")
        second = await client.values("/probe?target=nas-01")
    assert (first[USED], second[USED]) == (1.0, 1.0)
    assert [name for name, _ in service.polls] == ["nas-01"]


async def test_fresh_polls_each_time() -> None:
    service = Hand()
    async with serve(service) as client:
        values = [(await client.values("/probe?target=nas-01&fresh=1"))[USED] for _ in range(3)]
        await client.values("/probe?target=nas-01&fresh=0")
    assert values == [1.0, 2.0, 3.0]
    assert len(service.polls) == 3


async def test_fifty_who_ask_at_once_share_one_poll() -> None:
    service = Hand(takes=0.2)
    async with serve(service) as client:
        found = await asyncio.gather(*(client.values("/probe?target=nas-01&fresh=1") for _ in range(50)))
    assert [each[USED] for each in found] == [1.0] * 50
    assert len(service.polls) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0.9", 0.81), ("10", 9.5), ("5", 4.5), ("-1", 0.45), ("0", 0.45), ("-inf", 0.45), ("1e9", 119.5),
     ("inf", 119.5), ("nan", 119.5), ("abc", 119.5), ("", 119.5), (None, 119.5)],
)  # fmt: skip
async def test_a_poll_gets_the_time_that_prometheus_leaves(header: str | None, seconds: float) -> None:
    service = Hand()
    async with serve(service) as client:
        await client.get("/probe?target=nas-01", **({} if header is None else {http.TIMEOUT_HEADER: header}))
    assert [name for name, _ in service.polls] == ["nas-01"]
    assert service.polls[0][1] == pytest.approx(seconds - 0.05)


@pytest.mark.parametrize(("header", "latest"), [("0.9", 0.85), ("-1", 0.5), ("0.01", 0.5)])
async def test_a_target_that_hangs_is_down_within_the_deadline(header: str, latest: float) -> None:
    took = []
    for _ in range(3):  # a busy machine may delay one answer, not all of them
        async with serve(Hand(takes=30)) as client:
            await client.get("/-/healthy")
            start = time.monotonic()
            found = await client.values("/probe?target=nas-01", **{http.TIMEOUT_HEADER: header})
            took.append(time.monotonic() - start)
    assert min(took) <= latest
    assert found["jauge_target_up", ()] == 0.0
    assert found["jauge_target_errors_total", (("reason", "deadline"),)] == 1.0
    assert USED not in found


@pytest.mark.parametrize("header", [None, "abc", "1e9", "nan", "inf", ""])
async def test_no_header_makes_an_answer_wait_longer_than_what_is_configured(header: str | None) -> None:
    took = []
    for _ in range(3):  # a busy machine may delay one answer, not all of them
        async with serve(Hand(takes=30), longest=1.0) as client:
            await client.get("/-/healthy")
            start = time.monotonic()
            headers = {} if header is None else {http.TIMEOUT_HEADER: header}
            found = await client.values("/probe?target=nas-01", **headers)
            took.append(time.monotonic() - start)
    assert 0.8 < min(took) <= 1.0
    assert found["jauge_target_up", ()] == 0.0
    assert found["jauge_target_errors_total", (("reason", "deadline"),)] == 1.0


async def test_a_target_that_hangs_keeps_its_earlier_values() -> None:
    service = Hand(takes=30)
    service.board["nas-01"].record(a_poll("nas-01", 42.0))
    async with serve(service) as client:
        found = await client.values("/probe?target=nas-01&fresh=1", **{http.TIMEOUT_HEADER: "0.5"})
    assert (found[USED], found["jauge_target_up", ()]) == (42.0, 1.0)
    assert found["jauge_target_errors_total", (("reason", "deadline"),)] == 1.0


async def test_a_poll_that_came_too_late_for_one_scrape_serves_the_next() -> None:
    async with serve(Hand(takes=0.6)) as client:
        late = await client.values("/probe?target=nas-01", **{http.TIMEOUT_HEADER: "0.5"})
        await asyncio.sleep(0.3)
        found = await client.values("/probe?target=nas-01")
    assert USED not in late
    assert (found[USED], found["jauge_target_up", ()]) == (1.0, 1.0)


async def test_values_of_two_intervals_ago_leave() -> None:
    service = Hand()
    service.board["nas-01"].record(a_poll("nas-01", 42.0, 1_000.0))
    async with serve(service, clock=iter([1_000.0, 1_119.0, 1_121.0]).__next__) as client:
        seen = []
        for _ in range(3):
            found = await client.values("/probe?target=nas-01")
            seen.append(
                (found.get(USED), found["jauge_target_up", ()], found["jauge_target_age_seconds", ()])
            )
    assert seen == [(42.0, 1.0, 0.0), (42.0, 1.0, 119.0), (None, 0.0, 121.0)]
    assert service.polls == []


@pytest.mark.parametrize(
    "query",
    ["", "?target=", "?target=127.0.0.1", "?target=0x7f000001", "?target=[::ffff:169.254.169.254]", "?target=x@y",
     "?target=a:22", "?target=%0a", "?target=nas-01%0a", "?target=NAS-01", "?target=nas-01&target=pacs-01",
     "?target=%1b[2J%e2%80%ae", "?target=%ff", "?target=" + "a" * 3_000, "?target=../nas-01", "?target[]=nas-01"],
)  # fmt: skip
async def test_only_names_of_the_estate_are_polled(query: str) -> None:
    service = Hand()
    async with serve(service) as client:
        status, text, headers = await client.get(f"/probe{query}&fresh=1" if query else "/probe")
    assert status == 400
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "estate" in text
    assert len(text) < 400
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert service.polls == []


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (PROMETHEUS_2_42, OPENMETRICS),
        (PROMETHEUS_3, OPENMETRICS),
        ("application/openmetrics-text;q=0.5, */*;q=0.9", TEXT),
        ("application/openmetrics-text;q=0.5, text/*;q=0.9", TEXT),
        ("*/*;q=0.9, text/plain;q=0.1, application/openmetrics-text;q=0.5", OPENMETRICS),
        ("application/*", TEXT),
        ("", TEXT),
        ("*/*", TEXT),
        ("text/html", TEXT),
        ("text/plain", TEXT),
        ("application/openmetrics-text", OPENMETRICS),
        ("application/openmetrics-text; version=0.0.1", TEXT),
        ("application/openmetrics-text;version=1.0.0;q=0.3, text/plain;q=0.9", TEXT),
        ("application/openmetrics-text;q=0", TEXT),
        ("application/openmetrics-text;q=abc", TEXT),
        (
            'Application/OpenMetrics-Text; Version="1.0.0"; q=0.5, text/plain; version=0.0.4; q=0.5',
            OPENMETRICS,
        ),
        (",;;q=,=", TEXT),
    ],
)
@pytest.mark.parametrize("path", ["/probe?target=nas-01", "/metrics", "/metrics/estate"])
async def test_the_format_is_the_one_that_is_preferred(path: str, accept: str, expected: str) -> None:
    async with serve(Hand()) as client:
        status, text, headers = await client.get(path, Accept=accept)
    assert (status, headers["Content-Type"]) == (200, expected)
    assert headers["Vary"] == "Accept, Accept-Encoding"
    families = list((read_openmetrics if expected == OPENMETRICS else read_text)(text))
    assert families


@pytest.mark.parametrize("path", ["/probe?target=nas-01", "/metrics", "/metrics/estate"])
async def test_a_body_is_compressed_for_those_who_take_it(path: str) -> None:
    service = Hand()
    service.board["nas-01"].record(a_poll("nas-01", 42.0))
    async with serve(service) as client:
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            for encoding, packed in (
                ("gzip", True),
                ("gzip;q=0", False),
                ("identity", False),
                ("br, gzip;q=0.5", True),
            ):
                async with session.get(client.base + path, headers={"Accept-Encoding": encoding}) as answer:
                    content = await answer.read()
                    assert answer.headers.get("Content-Encoding") == ("gzip" if packed else None)
                text = (gzip.decompress(content) if packed else content).decode()
                assert list(read_text(text))
        assert await client.values(path, Accept_Encoding="gzip")


async def test_a_compressed_body_follows_the_polls() -> None:
    service = Hand()
    async with serve(service) as client:
        for value in (1.0, 2.0):
            service.board["nas-01"].record(a_poll("nas-01", value))
            assert (await client.values("/probe?target=nas-01", Accept_Encoding="gzip"))[USED] == value
            assert (await client.values("/probe?target=nas-01", Accept_Encoding="gzip"))[USED] == value


async def test_the_estate_bears_the_target_on_every_line() -> None:
    service = Hand()
    service.board["nas-01"].record(a_poll("nas-01", 42.0))
    async with serve(service) as client:
        found = await client.values("/metrics/estate")
    assert found[USED[0], (*USED[1], ("target", "nas-01"))] == 42.0
    assert found["jauge_target_up", (("target", "pacs-01"),)] == 0.0
    assert all("target" in dict(pairs) for _, pairs in found)
    assert service.polls == []


async def test_outlooks_leave_with_the_values() -> None:
    service = Hand()
    pairs = (("kind", "volume"), ("probability", "0.5"), ("store", "/"), ("threshold", "0.8"))
    service.outlooks["nas-01"] = [Sample("jauge_storage_full_timestamp_seconds", 1.9e9, pairs)]
    async with serve(service) as client:
        found = await client.values("/probe?target=nas-01")
    assert found["jauge_storage_full_timestamp_seconds", pairs] == 1.9e9


async def test_a_fault_of_ours_takes_neither_the_answer_nor_the_values_with_it() -> None:
    service = Broken()
    service.board["pacs-01"].record(a_poll("pacs-01", 42.0))
    async with serve(service) as client:
        found = await client.values("/probe?target=nas-01")
        other = await client.values("/probe?target=pacs-01&fresh=1")
    assert found["jauge_target_up", ()] == 0.0
    assert found["jauge_target_errors_total", (("reason", "internal"),)] == 1.0
    assert other[USED] == 42.0


async def test_the_programs_own_metrics() -> None:
    service = Hand()
    service.board["nas-01"].record(a_poll("nas-01", 42.0))
    async with serve(service) as client:
        await client.get("/probe?target=nas-01")
        await client.get("/no/such/page")
        found = await client.values("/metrics")
    names = {name for name, _ in found}
    assert {"process_resident_memory_bytes", "jauge_build_info", "jauge_poll_lateness_seconds_count"} <= names
    assert found["jauge_targets", (("state", "up"),)] == 1.0
    assert found["jauge_targets", (("state", "waiting"),)] == 1.0
    assert found["jauge_http_answers_total", (("path", "/probe"), ("status", "200"))] == 1.0
    assert found["jauge_http_answers_total", (("path", "other"), ("status", "404"))] == 1.0


async def test_promtool_accepts_the_programs_own_metrics() -> None:
    async with serve(Hand()) as client:
        text = (await client.get("/metrics"))[1]
    command = [servers.program("promtool", "prometheus"), "check", "metrics"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


async def test_discovery_gives_names_with_the_labels_that_exist() -> None:
    async with serve(Hand()) as client, client.session.get(f"{client.base}/sd") as answer:
        assert answer.status == 200
        assert answer.content_type == "application/json"
        assert await answer.json() == [
            {
                "targets": ["nas-01"],
                "labels": {"target": "nas-01", "site": "north", "role": "storage", "service": "imaging"},
            },
            {"targets": ["pacs-01"], "labels": {"target": "pacs-01"}},
        ]


async def test_discovery_of_an_empty_estate_is_an_empty_list() -> None:
    service = Hand()
    service.estate, service.board = Estate.model_validate({}), Board(())
    async with serve(service) as client:
        assert (await client.get("/sd"))[1] == "[]"
        assert (await client.get("/metrics/estate"))[:2] == (200, "")


async def test_ready_after_the_first_round_healthy_before() -> None:
    service = Hand()
    service.ready = False
    async with serve(service) as client:
        assert (await client.get("/-/healthy"))[0] == 200
        assert (await client.get("/-/ready"))[0] == 503
        service.ready = True
        assert (await client.get("/-/ready"))[0] == 200


async def test_the_first_page_links_to_the_others() -> None:
    async with serve(Hand()) as client:
        status, text, headers = await client.get("/")
        assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        for path in ("/metrics", "/metrics/estate", "/sd", "/-/healthy", "/-/ready"):
            assert f'href="{path}"' in text
            assert (await client.get(path))[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/probe?target=nas-01", "/metrics", "/sd", "/-/ready", "/"])
async def test_other_methods_are_refused(method: str, path: str) -> None:
    service = Hand()
    async with serve(service) as client, client.session.request(method, client.base + path) as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET,HEAD"
        assert await answer.text() == "405 Method Not Allowed\n"
    assert service.polls == []


async def test_every_answer_is_hardened() -> None:
    async with serve(Hand()) as client:
        for path in ("/", "/probe", "/probe?target=nas-01", "/metrics", "/sd", "/nothing", "/-/ready"):
            _, text, headers = await client.get(path)
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Server"] == "jauge"
            assert "Traceback" not in text


async def test_an_error_of_ours_shows_no_trace() -> None:
    service = Hand()
    del service.estate
    async with serve(service) as client:
        status, text, headers = await client.get("/sd")
    assert (status, text) == (500, "internal error: the log of the collector says more\n")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
