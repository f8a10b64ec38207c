"""Pages over HTTP, with the real data on real files."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import gzip
import json
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from asking import BROKEN, ask, words
from dash import Dash
from plotly.offline import get_plotlyjs_version

from dashboard.app import PAGES, create
from dashboard.data import Data
from dashboard.sentences.stores import describe
from dashboard.texts import Texts
from exporters.events import Event, Events
from exporters.history.sqlite import Day, Reader, Writer
from exporters.plan.outlooks import Outlooks
from forecasting.plan import plan
from forecasting.runway import Runway, Wall
from inventory.metrics import labels
from inventory.state import open_state

TITLES = {
    "en": [
        "Overview",
        "Runway",
        "Capacity",
        "Scenarios",
        "Committee",
        "Purchase plan",
        "Renewal plan",
        "Retention",
        "Accuracy of the forecasts",
        "Hyperconverged",
        "PACS",
        "Backups",
        "Platforms",
        "Workstations",
        "Targets",
        "Jauge itself",
        "Your own estate",
    ],
    "fr": [
        "Vue d'ensemble",
        "Horizon",
        "Capacité",
        "Scénarios",
        "Comité",
        "Plan d'achat",
        "Plan de renouvellement",
        "Conservation",
        "Justesse des prévisions",
        "Hyperconvergence",
        "PACS",
        "Sauvegardes",
        "Plateformes",
        "Postes de travail",
        "Cibles",
        "État de Jauge",
        "Votre propre parc",
    ],
}


@pytest.fixture(scope="module")
def app(hospital: Path) -> Dash:
    return _app(hospital)


@pytest.fixture
def blank(hospital: Path) -> Dash:
    """Pages of which none was drawn yet: what was is held for some seconds, whatever a test puts in its place."""
    return _app(hospital)


def _app(hospital: Path) -> Dash:
    from inventory.checking import load

    return create(Data(load(hospital / "estate.yml"), hospital), open_state(hospital / "state.db"), demo=True)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_answers_in_the_language_of_the_browser(app: Dash, language: str) -> None:
    shown = [page for page in PAGES if not hasattr(page, "SEEN_BY")]  # the demonstration administers nothing
    for page, title in zip(shown, TITLES[language], strict=True):
        assert title in words(ask(app, page.PATH, language=language))


def test_the_overview_names_what_is_down_with_its_reason_and_what_to_do(app: Dash) -> None:
    shown = words(ask(app, "/"))
    assert shown.index("pacs-01") < shown.index("slow-01")
    assert "connection refused" in shown
    assert "Is the service started, and is the port right?" in shown


def test_the_overview_of_an_empty_estate_leads_to_the_page_that_says_how_to_begin(bare: Data) -> None:
    empty = create(bare, open_state(bare.folder / "state.db"), demo=True)
    (way,) = re.findall(r'"children":"Your own estate","href":"\\u002f([^"]*)"', ask(empty, "/").text)
    assert "Write what exists" in words(ask(empty, f"/{way}"))


def test_the_overview_tells_what_happened_newest_first(app: Dash) -> None:
    shown = words(ask(app, "/"))
    told = shown[shown.index("What happened lately") :]
    assert told.index("trap") < told.index("stopped answering") < told.index("estate read again")
    assert "<script>alert(1)</script>" in told
    assert "the collector" in told
    assert "ne répond plus" in words(ask(app, "/", language="fr"))


def test_the_page_of_a_target_tells_what_happened_to_it_alone(app: Dash) -> None:
    shown = words(ask(app, "/targets", "?target=pacs-01"))
    told = shown[shown.index("What happened lately") :]
    assert "stopped answering" in told
    assert "trap" not in told
    assert "What happened lately" not in words(ask(app, "/targets", "?target=new-01"))


def traces(node: Any) -> Iterator[dict[str, Any]]:
    """The traces of all charts of an answer."""
    if isinstance(node, list):
        for one in node:
            yield from traces(one)
    elif isinstance(node, dict):
        yield from node["figure"]["data"] if "figure" in node else traces(list(node.values()))


def test_a_change_of_version_stands_on_the_page_of_the_target_and_numbered_on_those_of_its_stores(
    app: Dash, data: Data
) -> None:
    told = words(ask(app, "/targets", "?target=nas-01"))
    told = told[told.index("What happened lately") :]
    assert told.index("trap") < told.index("another version") < told.index("ONTAP 9.9 → 9.12")
    store = next(one for one in data.stores() if one.name == "/imaging")
    answer = ask(app, "/capacity", f"?store={quote(store.unique_id)}", language="fr")
    shown = words(answer)
    listed = shown[shown.index("Versions de la cible") :]
    assert re.search(r"ONTAP 9\.12 → <script>.*ONTAP 9\.9 → 9\.12, le ", listed)
    (mark,) = (trace for trace in traces(answer.json) if trace["name"] == "autre version")
    days = [data.today - dt.timedelta(days=ago) for ago in (10, 30)]
    assert abs(dt.date.fromisoformat(mark["x"][0]) - days[0]) <= dt.timedelta(days=1)
    assert (mark["text"], mark["marker"]["symbol"]) == (["1", "2"], ["diamond", "diamond"])
    other = next(one for one in data.stores() if one.target == "backup-01")
    assert "Versions of the target" not in words(ask(app, "/capacity", f"?store={quote(other.unique_id)}"))


def test_traps_push_no_change_of_version_off_the_page_of_their_target(hospital: Path, tmp_path: Path) -> None:
    from inventory.checking import load

    shutil.copy(hospital / "estate.yml", tmp_path)
    now = time.time()
    told = [Event(now - 9e6, "nas-01", "version_changed", "ONTAP 9.9 → 9.12")]
    told += [Event(now - 100 + number, "nas-01", "trap", f"storm {number}") for number in range(60)]
    Events(tmp_path / "events.db").append(told)
    app = create(Data(load(tmp_path / "estate.yml"), tmp_path), open_state(tmp_path / "state.db"), demo=True)
    shown = words(ask(app, "/targets", "?target=nas-01"))
    assert shown.index("storm 59") < shown.index("storm 40") < shown.index("ONTAP 9.9 → 9.12")
    assert "storm 39" not in shown


def test_the_page_of_a_store_says_in_words_what_the_chart_shows(app: Dash, data: Data) -> None:
    store = next(one for one in data.stores() if one.name == "/imaging")
    shown = words(ask(app, "/capacity", f"?store={quote(store.unique_id)}"))
    assert "/imaging on nas-01 holds 52" in shown.replace("\u00a0", " ")
    assert "under the ceiling of 90%" in shown
    assert "should be full about" in shown
    assert "order by" in shown


@pytest.mark.parametrize("path", ["/", "/capacity", "/targets", "/targets?target=nas-01"])
def test_hostile_text_of_a_device_is_bounded_and_visible(app: Dash, path: str) -> None:
    page, _, query = path.partition("?")
    shown = words(ask(app, page, f"?{query}"))
    assert not set(shown) & set("\u202e\x1b")
    assert "x" * 300 not in shown


def test_the_page_of_a_store_with_a_hostile_name_answers(app: Dash, data: Data, hostile: str) -> None:
    store = next(one for one in data.stores() if one.name == hostile)
    assert "<script>alert(1)</script>" in words(ask(app, "/capacity", f"?store={quote(store.unique_id)}"))


@pytest.mark.parametrize(
    ("path", "search"),
    [("/nothing", ""), ("/capacity", "?store=nobody"), ("/targets", "?target=%00"), ("/capacity", "?kind=x&site=y"),
     ("/capacity", "?" + "a=1&" * 15)],
)  # fmt: skip
def test_an_address_that_leads_nowhere_is_answered_with_words(app: Dash, path: str, search: str) -> None:
    assert len(words(ask(app, path, search))) > 10


def test_every_page_of_an_empty_estate_says_what_to_do(bare: Data) -> None:
    app = create(bare, open_state(bare.folder / "state.db"), demo=True)
    advice = {
        "/": "jauge run",
        "/capacity": "jauge history import",
        "/workstations": "GLPI",
        "/pacs": "unknown",
        "/targets": "not polled yet",
    }
    for path, expected in advice.items():
        shown = words(ask(app, path))
        assert expected in shown, path


def test_a_long_list_of_walls_is_sent_a_page_at_a_time(blank: Dash, monkeypatch: pytest.MonkeyPatch) -> None:
    day = dt.date(2027, 1, 1)
    walls = tuple(Wall(str(n), f"nas-{n:03d}", "storage", "full", "late", day, day, day) for n in range(60))
    monkeypatch.setattr(Data, "runway", lambda _: Runway(day, walls, ()))
    pages = [
        set(re.findall(r"nas-\d{3}", words(ask(blank, "/runway", one)))) for one in ("", "?page=2", "?page=3")
    ]
    first, second, third = pages
    assert (len(second), len(third)) == (25 + 1, 10 + 1)  # the sentence names the first one on each
    assert first | second | third == {f"nas-{n:03d}" for n in range(60)}


def test_the_choice_of_walls_agrees_with_them_in_french(blank: Dash, monkeypatch: pytest.MonkeyPatch) -> None:
    day = dt.date(2027, 1, 1)
    walls = [Wall("a", "nas-01", "storage", "full", one, day, day, day) for one in ("late", "later")]
    monkeypatch.setattr(Data, "runway", lambda _: Runway(day, tuple(walls), ()))
    assert "toutes (2)" in words(ask(blank, "/runway", language="fr"))
    assert "Aucune butée" in words(ask(blank, "/runway", "?state=over", language="fr"))


def test_an_unknown_value_is_said_and_never_zero(app: Dash, data: Data) -> None:
    store = next(one for one in data.stores() if one.name == "/young")
    assert "its size is unknown" in words(ask(app, "/capacity", f"?store={quote(store.unique_id)}"))


def test_the_demonstration_says_so(app: Dash) -> None:
    client = app.server.test_client()
    assert "Demonstration" in client.get("/_dash-layout", headers={"Host": "localhost"}).text


OPEN = ("/login", "/logout", "/-/healthy", "/-/ready")
"""What strangers may ask for: the way in and out, and a word on how the process stands (test_itself_page.py)."""


def test_no_route_answers_without_a_login(bare: Data) -> None:
    app = create(bare, open_state(bare.folder / "state.db"))
    app.server.test_client().get("/login")
    client = app.server.test_client()
    routes = [rule for rule in app.server.url_map.iter_rules() if rule.rule not in OPEN]
    assert len(routes) >= 8
    for rule in routes:
        path = rule.rule.replace("<path:path>", "x").replace("<string:package_name>", "dash_html_components")
        path = path.replace("<path:fingerprinted_path>", "a.js").replace("<path:filename>", "jauge.css")
        for method in rule.methods & {"GET", "POST"}:
            assert client.open(path, method=method).status_code in (302, 401, 403), (method, path)


def test_the_policy_allows_neither_inline_nor_eval(app: Dash) -> None:
    answer = app.server.test_client().get("/", headers={"Host": "localhost"})
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert f'content="{nonce}"' in answer.text
    again = app.server.test_client().get("/", headers={"Host": "localhost"})
    assert nonce not in again.headers["Content-Security-Policy"]


def test_answers_are_small_where_the_browser_takes_gzip(app: Dash) -> None:
    headers = {"Host": "localhost", "Accept-Encoding": "gzip"}
    answer = app.server.test_client().get("/assets/jauge.css", headers=headers)
    assert answer.headers["Content-Encoding"] == "gzip"
    bare = app.server.test_client().get("/assets/jauge.css", headers={"Host": "localhost"})
    assert "Content-Encoding" not in bare.headers
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_charts_are_drawn_by_the_small_plotly_of_the_version_that_the_package_brings(app: Dash) -> None:
    client, headers = app.server.test_client(), {"Host": "localhost"}
    (told,) = re.findall(
        r'<script id="_dash-config" type="application/json">(.*?)</script>',
        client.get("/", headers=headers).text,
    )
    answer = client.get(json.loads(told)["plotlyjs_url"], headers={**headers, "Accept-Encoding": "gzip"})
    assert len(answer.data) < 420_000
    assert gzip.decompress(answer.data).decode().splitlines()[1] == (
        f"* plotly.js (basic - minified) v{get_plotlyjs_version()}"
    )
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "MIT License" in (Path(str(app.config.assets_folder)) / "plotly" / "LICENSE").read_text()


def test_a_document_loads_the_grid_for_the_page_that_has_it_and_no_script_that_none_has(app: Dash) -> None:
    client = app.server.test_client()
    texts = {path: client.get(path, headers={"Host": "localhost"}).text for path in ("/", "/capacity")}
    loaded = {path: re.findall(r'<script src="([^"]+)"', text) for path, text in texts.items()}
    (grid,) = re.findall(r'<meta name="grid" content="([^"]+)"', texts["/"])
    assert [one for one in loaded["/capacity"] if one not in loaded["/"]] == [grid]
    asked = re.findall(r'(?:src|href)="([^"]*)"', texts["/capacity"])
    assert len(asked) > 5
    assert [one for one in asked if not one.startswith("/") or one.startswith("//")] == [], (
        "all of it is served from here"
    )
    assert client.get(grid, headers={"Host": "localhost"}).status_code == 200
    assert not any("polyfill" in one or "dash_table" in one for one in loaded["/capacity"])
    assert [one for one in loaded["/"] if "regenerator" in one]
    assert "MIT license" in (Path(str(app.config.assets_folder)) / "regenerator" / "runtime.js").read_text()


def test_browsers_keep_for_good_what_has_its_version_in_its_address_and_the_rest_for_an_hour(
    app: Dash,
) -> None:
    client, headers = app.server.test_client(), {"Host": "localhost"}
    addresses = re.findall('(?:src|href)="([^"]+)"', client.get("/", headers=headers).text)
    assert len(addresses) > 8
    kept = {one: client.get(one, headers=headers).headers["Cache-Control"] for one in addresses}
    for address, said in kept.items():
        assert ("max-age=31536000" in said) == (address != "/assets/logo.svg"), address
    for lazy in ("dash_ag_grid/async-community.js", "dash/dcc/async-graph.js"):
        answer = client.get(f"/_dash-component-suites/{lazy}", headers={**headers, "Accept-Encoding": "gzip"})
        assert answer.headers["Cache-Control"] == "private, max-age=3600"
        assert answer.headers["Content-Encoding"] == "gzip"


def test_a_page_that_fails_says_so_in_words(blank: Dash, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_data: Data, _view: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("dashboard.pages.pacs.layout", fail)
    said = words(ask(blank, "/pacs"))
    assert BROKEN[0] in said
    assert "secret detail" not in said


@pytest.mark.parametrize(
    ("language", "late", "early"),
    [
        (
            "en",
            "should have been ordered by 3 Nov 2026: it is late by {} day",
            "order by 3 Nov 2026 at the latest.",
        ),
        (
            "fr",
            "aurait dû être commandée le 3 nov. 2026 au plus tard : {} jour",
            "commandez le 3 nov. 2026 au plus tard.",
        ),
    ],
)
def test_a_store_that_should_have_been_ordered_says_so(
    data: Data, language: str, late: str, early: str
) -> None:
    """To be ordered by 3 November 2026 at the latest."""
    t = Texts("fr" if language == "fr" else "en", data.zone)
    known = next(one for one in data.stores() if one.name == "/imaging")
    assert known.outlook is not None
    dates = {(1.0, 0.5): dt.date(2027, 1, 26)}
    outlook = dataclasses.replace(known.outlook, dates=dates, order_by=dt.date(2026, 11, 3))
    store = dataclasses.replace(known, outlook=outlook)
    for day, expected, other in ((3, early, late), (4, late, early), (23, late, early)):
        said = describe(dataclasses.replace(store, today=dt.date(2026, 11, day)), t)
        said = said.replace("\u00a0", " ").replace("\u202f", " ")
        assert expected.format(day - 3) in said
        assert other.format(day - 3) not in said


@pytest.mark.parametrize("file", ["history.db", "plan.db", "state.db", "status.json"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_says_which_file_cannot_be_read(bare: Data, file: str, language: str) -> None:
    app = create(bare, open_state(bare.folder / "users.db"), demo=True)
    (bare.folder / file).write_bytes(b"garbage" * 1000)
    said = {page.PATH: words(ask(app, page.PATH, language=language)) for page in PAGES}
    asking = {
        "history.db": "/capacity",
        "plan.db": "/capacity",
        "state.db": "/workstations",
        "status.json": "/",
    }
    assert file in said[asking[file]]
    assert ("cannot be read" if language == "en" else "est illisible") in said[asking[file]]
    assert not any("cannot be drawn" in text or "ne peut pas s'afficher" in text for text in said.values())


def test_a_plan_of_another_schema_is_said_and_not_misread(bare: Data) -> None:
    with contextlib.closing(sqlite3.connect(bare.folder / "plan.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.execute("CREATE TABLE issue (id INTEGER)")
        connection.commit()
    app = create(bare, open_state(bare.folder / "state.db"), demo=True)
    bare.outlooks()
    assert "plan.db" in words(ask(app, "/capacity"))


def test_what_fills_and_is_no_store_stands_below_the_stores_with_its_sentence(bare: Data) -> None:
    """A licence of 100 units, of which 59.8 are taken after 500 days at 0.1 a day."""
    writer = Writer(bare.folder / "history.db", "Europe/Paris")
    today, licence = writer.calendar.day(bare.clock()), labels(license="<b>lines</b>")
    store = labels(store="p0", kind="pool")
    for metric, pairs, values in (
        ("jauge_licenses_used", licence, [10 + 0.1 * day for day in range(500)]),
        ("jauge_licenses_owned", licence, [100.0] * 500),
        ("jauge_storage_used_bytes", store, [1e12] * 500),
    ):
        writer.keep_days(
            Day("nas-01", metric, pairs, today - 500 + day, value) for day, value in enumerate(values)
        )
    writer.close()
    plan(Reader(bare.folder / "history.db"), Outlooks(bare.folder / "plan.db"), bare.clock())
    app = create(bare, open_state(bare.folder / "state.db"), demo=True)
    shown = words(ask(app, "/capacity"))
    assert "Everything else that fills" in shown
    assert "<b>lines</b> on nas-01 (licences) takes 59.9 of 100 (59.9%)" in shown
    growth = re.search(r"It grows by about (0\.\d+) a day", shown)
    assert growth is not None
    assert float(growth[1]) == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.NAME)
def test_an_address_with_more_than_any_page_reads_is_answered_all_the_same(bare: Data, page) -> None:
    app = create(bare, open_state(bare.folder / "state.db"), demo=True)
    search = "?" + "&".join(f"a{number}=1" for number in range(2000))
    assert words(ask(app, page.PATH, search)) == words(ask(app, page.PATH))
