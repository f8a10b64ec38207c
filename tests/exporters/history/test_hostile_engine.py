"""What answers in place of an engine, or a broken engine: a reason, little memory, and never another number."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import json
import socket
import threading
import time
import tracemalloc
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exporters.history import HistoryError
from exporters.history.days import Calendar
from exporters.history.prometheus import asking
from exporters.history.prometheus.asking import Client, EngineError
from exporters.history.prometheus.gathering import gather, ours
from exporters.history.prometheus.reading import Reader
from inventory.estate import Engine
from inventory.harmless import line

USED = "jauge_storage_used_bytes"
NAME = USED + '{target="nas-01",kind="volume",store="a"}'
OURS = {"__name__": USED, "target": "nas-01", "kind": "volume", "store": "a"}
DAY = 86_400

Said = Callable[[dict[str, str]], tuple[bytes, str]]


class _Liar(http.server.BaseHTTPRequestHandler):
    """Answers as a test says: no engine that runs here lies."""

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = dict(urllib.parse.parse_qsl(text))
        if "count_over_time(vector" in asked.get(
            "query", ""
        ):  # how ranges are counted: no lie, to come further
            body, encoding = _matrix([{"metric": {}, "values": [[1_200_000_000, "3"]]}]), "identity"
        else:
            body, encoding = self.server.said(asked)  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Encoding", encoding)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def liar() -> Iterator[Callable[[Said], Client]]:
    """Makes a client of an engine that says what it is told."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Liar) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def of(said: Said) -> Client:
            server.said = said  # type: ignore[attr-defined]
            return Client(Engine(url=f"http://127.0.0.1:{server.server_port}"))

        yield of
        server.shutdown()


def _answer(data: Any) -> bytes:
    return json.dumps({"status": "success", "data": data}).encode()


def _matrix(result: Any) -> bytes:
    return _answer({"resultType": "matrix", "result": result})


def _ways(client: Client) -> Iterator[Callable[[], object]]:
    """All ways in which answers are read."""
    now = time.time()
    yield lambda: gather(
        client,
        Calendar("Europe/Paris"),
        [one for one in ours() if one.metric == USED],
        now - 30 * DAY,
        now,
    )
    reader = Reader(client, "Europe/Paris")
    yield lambda: reader.series(USED)
    yield lambda: reader.daily([NAME], now - 30 * DAY)
    yield lambda: reader.read([NAME], now - 3 * DAY, resolution="raw")
    yield lambda: reader.last([NAME], now - 3 * DAY)


@pytest.mark.parametrize(
    "data",
    [
        [1, 2],
        "x",
        None,
        {"result": "abc"},
        {"result": [5]},
        {"result": [{"metric": ["a"], "values": [[1, "1"]]}]},
        {"result": [{"metric": {**OURS, "store": 5}, "values": [[1, "1"]]}]},
        {"result": [{"metric": OURS, "values": [[1, "abc"]]}]},
        {"result": [{"metric": OURS, "values": [[1, None]]}]},
        {"result": [{"metric": OURS, "values": [[1]]}]},
        {"result": [{"metric": OURS, "values": [["NaN", "1"]]}]},
        {"result": [{"metric": OURS, "values": [["Inf", "1"]]}]},
        {"result": [{"metric": OURS, "values": 7}]},
    ],
    ids=repr,
)
def test_what_no_engine_would_answer_is_refused_with_words(liar, data: Any) -> None:
    for ask in _ways(liar(lambda _: (_answer(data), "identity"))):
        with pytest.raises(HistoryError, match=r"is no engine, or a broken one|does not answer as"):
            ask()


@pytest.mark.parametrize("days", [-2000, -3, 3, 2000])
def test_a_value_of_a_day_that_was_not_asked_for_is_given_to_no_other_day(liar, days: int) -> None:
    def said(asked: dict[str, str]) -> tuple[bytes, str]:
        if "start" not in asked:  # how it counts, and what is rolled up: nothing
            counted = [{"metric": {}, "value": [0, "2"]}] if "count_over_time" in asked["query"] else []
            return _matrix(counted), "identity"
        at = float(asked["start"] if days < 0 else asked["end"]) + days * DAY
        return _matrix([{"metric": OURS, "values": [[at, "7777"]]}]), "identity"

    gathered, _, daily, *_ = _ways(liar(said))
    for ask in (gathered, daily):
        with pytest.raises(EngineError, match="other days than those"):
            ask()


def test_a_packed_answer_is_unpacked_and_a_bomb_takes_little_memory(liar) -> None:
    found = _matrix([{"metric": OURS, "value": [time.time(), "5"]}])
    reader = Reader(liar(lambda _: (gzip.compress(found), "gzip")), "Europe/Paris")
    assert reader.last([NAME], time.time() - DAY) == {NAME: 5}

    twice = gzip.compress(gzip.compress(b"0" * 300_000_000, 9), 9)
    assert len(twice) < 10_000
    client = liar(lambda _: (twice, "gzip, gzip"))
    tracemalloc.start()
    try:
        with pytest.raises(EngineError, match="encoded as gzip, gzip"):
            client.ask("query", query="up")
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_an_answer_that_is_not_packed_as_it_says_is_refused(liar, encoding: str) -> None:
    with pytest.raises(EngineError, match=f"no valid {encoding}"):
        liar(lambda _: (b"{}", encoding)).ask("query", query="up")


def test_text_of_an_engine_is_imported_without_what_steers_a_screen(liar) -> None:
    evil = "a\n\x1b[31m\u202e\ud800" + "b" * 100_000

    def said(asked: dict[str, str]) -> tuple[bytes, str]:
        return _matrix(
            [{"metric": {**OURS, "store": evil}, "values": [[float(asked["end"]), "1"]]}]
        ), "identity"

    first, *_ = _ways(liar(said))
    (day,) = first()  # type: ignore[misc]
    store = dict(day.labels)["store"]
    assert store == line(evil)
    assert store.startswith("a␊␛[31m\ufffd\ufffdbbb")
    assert len(store.encode()) <= 1024


def test_an_answer_whose_head_comes_byte_by_byte_is_left_in_time(monkeypatch) -> None:
    """No single wait is long; all of them together are without end."""
    monkeypatch.setattr(asking, "ASK_SECONDS", 1.0)
    over = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not over.wait(0.1):
                connection.sendall(b"a")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,), daemon=True)
        thread.start()
        client = Client(Engine(url=f"http://127.0.0.1:{server.getsockname()[1]}"))
        try:
            with pytest.raises(EngineError, match="did not answer in 1 s") as caught:
                client.ask("query", query="up")
            assert caught.value.kind == "timeout"
            thread.join(60)  # the connection was ended, not left to itself
            assert not thread.is_alive()
        finally:
            over.set()


def test_answers_without_end_take_the_memory_of_one_however_often_less_is_asked_for(
    liar, monkeypatch
) -> None:
    monkeypatch.setattr(asking, "ANSWER_LIMIT", 8_000_000)
    reader = Reader(liar(lambda _: (b" " * 9_000_000, "identity")), "Europe/Paris")
    tracemalloc.start()
    try:
        with pytest.raises(EngineError, match="in one answer"):
            reader.daily([NAME], time.time() - 300 * DAY)
        # The liar holds what it sends, too.
        assert tracemalloc.get_traced_memory()[1] < 45_000_000
    finally:
        tracemalloc.stop()
