"""A list of more stores than a browser should get: it asks for the rows in sight, and the server sorts them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import chromium_running, needs_chromium, serving
from dash import Dash
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Response

from dashboard.app import create
from dashboard.data import Data
from exporters.history import Point
from exporters.history.sqlite import Writer
from inventory.checking import load
from inventory.metrics import labels
from inventory.state import open_state

pytestmark = [pytest.mark.xdist_group("many stores"), pytest.mark.timeout(600)]

STORES = 450
TB = 1e12
ESTATE = """timezone: Europe/Paris
language: en
sites: {north: , south: }
credentials: {c: {snmp: v2c, community: file:/etc/hostname}}
defaults: {credential: c}
targets:
  - {name: array-0, address: 127.0.0.1, site: north}
  - {name: array-1, address: 127.0.0.1, site: south}
"""


def used(number: int) -> float:
    """Every store holds something else, in no order of their names."""
    return TB * (1 + (number * 7 % STORES) / STORES)


def write(folder: Path, more: float = 0.0) -> None:
    """All stores, each of 2 TB; one in ten tells no size."""
    writer = Writer(folder / "history.db", "Europe/Paris")
    now = time.time()
    for number in range(STORES):
        target, pairs = f"array-{number % 2}", labels(store=f"vol{number:03d}", kind="volume")
        points = [Point(target, "jauge_storage_used_bytes", pairs, now, used(number) + more)]
        if number % 10:
            points.append(Point(target, "jauge_storage_size_bytes", pairs, now, 2 * TB))
        writer.append(points)
    writer.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("many")
    (made / "estate.yml").write_text(ESTATE)
    write(made)
    return made


@pytest.fixture(scope="module")
def app(folder: Path) -> Dash:
    return create(Data(load(folder / "estate.yml"), folder), open_state(folder / "state.db"), demo=True)


def rows(app: Dash, request: Any, search: str = "") -> Any:
    """What the server answers to a browser that asks for rows."""
    answer = app.server.test_client().post(
        "/_dash-update-component",
        json={
            "output": "stores-many.getRowsResponse",
            "outputs": {"id": "stores-many", "property": "getRowsResponse"},
            "inputs": [{"id": "stores-many", "property": "getRowsRequest", "value": request}],
            "state": [{"id": "url", "property": "search", "value": search}],
            "changedPropIds": ["stores-many.getRowsRequest"],
        },
        headers={"Accept-Language": "en", "Host": "localhost", "Origin": "http://localhost"},
    )
    # What no grid asks for is refused before anything reads it.
    asked = request is None or isinstance(request, dict)
    assert answer.status_code in ((200, 204) if asked else (400,))
    told = answer.json["response"] if answer.status_code == 200 else {}
    return told["stores-many"]["getRowsResponse"] if told else None


def stamp(app: Dash) -> str:
    """What the server answers to a browser that looks whether there is something new."""
    answer = app.server.test_client().post(
        "/_dash-update-component",
        json={
            "output": "stores-as-of.data",
            "outputs": {"id": "stores-as-of", "property": "data"},
            "inputs": [{"id": "beat", "property": "data", "value": {"busy": False}}],
            "state": [{"id": "url", "property": "search", "value": ""}],
            "changedPropIds": ["beat.data"],
        },
        headers={"Accept-Language": "en", "Host": "localhost", "Origin": "http://localhost"},
    )
    return str(answer.json["response"]["stores-as-of"]["data"])


def by(column: str, way: str) -> dict[str, Any]:
    return {"startRow": 0, "endRow": 100, "sortModel": [{"colId": column, "sort": way}]}


def test_rows_are_sorted_over_all_stores_and_not_over_those_in_sight(app: Dash) -> None:
    expected = sorted(range(STORES), key=used)
    for way, order in (("asc", expected), ("desc", expected[::-1])):
        told = rows(app, by("used", way))
        assert [row["store"] for row in told["rowData"]] == [f"vol{number:03d}" for number in order[:100]]
        assert told["rowCount"] == STORES


def test_what_is_unknown_comes_last_whichever_way_it_is_sorted(app: Dash) -> None:
    for way in ("asc", "desc"):
        request = {**by("ratio", way), "startRow": STORES - 50, "endRow": STORES}
        told = rows(app, request)["rowData"]
        assert [row["by"]["ratio"] is None for row in told] == [False] * 5 + [True] * 45


def test_only_stores_of_the_site_that_is_shown_are_sent(app: Dash) -> None:
    told = rows(app, by("store", "asc"), "?site=south")
    assert told["rowCount"] == STORES // 2
    assert {row["target"] for row in told["rowData"]} == {"array-1"}


@given(
    st.one_of(
        st.none(),
        st.text(max_size=5),
        st.lists(st.integers(), max_size=2),
        st.fixed_dictionaries(
            {},
            optional={
                "startRow": st.one_of(st.integers(), st.text(max_size=3), st.none(), st.floats(allow_nan=False)),
                "endRow": st.one_of(st.integers(), st.text(max_size=3), st.none()),
                "sortModel": st.one_of(
                    st.none(),
                    st.integers(),
                    st.lists(st.one_of(st.none(), st.dictionaries(st.sampled_from(["colId", "sort"]), st.sampled_from(["used", "x", "desc"]))), max_size=20),
                ),
            },
        ),
    )
)  # fmt: skip
def test_whatever_is_asked_for_no_more_than_a_block_is_sent(app: Dash, request: Any) -> None:
    told = rows(app, request)
    assert told is None or len(told["rowData"]) <= 100


@pytest.mark.parametrize("sort", [[], by("used", "asc")["sortModel"]], ids=["as they come", "sorted"])
def test_rows_are_of_the_moment_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sort: list[Any]
) -> None:
    # Every answer is dear, as with ten thousand stores: what is drawn lingers after its files have changed.
    monkeypatch.setattr("dashboard.data.files._DEAR_PAGE", 0.0)
    monkeypatch.setattr("dashboard.data.memory._SPARED", 1e6)
    (tmp_path / "estate.yml").write_text(ESTATE)
    write(tmp_path)
    app = create(Data(load(tmp_path / "estate.yml"), tmp_path), open_state(tmp_path / "state.db"), demo=True)
    ask = {"startRow": 0, "endRow": 100, "sortModel": sort}
    first, told = rows(app, ask), stamp(app)
    assert {row["as_of"] for row in first["rowData"]} == {told}
    write(tmp_path, more=0.1 * TB)
    end = time.monotonic() + 60
    while (now := stamp(app)) == told and time.monotonic() < end:
        time.sleep(0.5)
    assert now != told
    second = rows(app, ask)
    assert {row["as_of"] for row in second["rowData"]} == {now}
    old, new = ({row["store"]: row["by"]["used"] for row in of["rowData"]} for of in (first, second))
    assert old
    assert all(new[name] == pytest.approx(used + 0.1 * TB) for name, used in old.items() if name in new)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_running() as running:
        yield running


@needs_chromium
def test_a_browser_scrolls_and_sorts_through_rows_that_it_never_had_all_of(
    browser: Browser, folder: Path
) -> None:
    sent: list[Response] = []
    with serving(folder, demo=True) as url:
        page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB").new_page()
        page.on("response", lambda r: sent.append(r) if "_dash-update" in r.url else None)
        page.goto(f"{url}/capacity")
        page.wait_for_selector(".ag-row a")
        assert page.locator(".ag-row").count() < 60
        page.locator(".ag-body-viewport").evaluate(
            "one => one.scrollTop = 300 * one.querySelector('.ag-row').offsetHeight"
        )
        page.wait_for_selector(".ag-row[row-index='305'] a")
        page.click(".ag-header-cell[col-id=used]")
        page.locator(".ag-body-viewport").evaluate("one => one.scrollTop = 0")
        page.wait_for_selector(".ag-row[row-index='0'] a:text-is('vol000')")
        before = page.locator(".ag-row[row-index='0'] [col-id=used]").inner_text()
        write(folder, more=0.5 * TB)
        # Nobody reads any more, and the page looks at the data again, until what it had is not given any more.
        page.evaluate("document.activeElement.blur()")
        page.wait_for_function(
            """before => {
              dash_clientside.set_props('pulse', {n_intervals: Date.now()})
              return document.querySelector(".ag-row[row-index='0'] [col-id=used]")?.innerText.trim().replace(before, '')
            }""",
            arg=before,
            polling=1000,
        )
        assert (
            page.locator(".ag-row[row-index='0'] [col-id=used]").inner_text().replace("\xa0", " ")
            == "1.50 TB"
        )
        assert max(len(response.body()) for response in sent) < 120_000
