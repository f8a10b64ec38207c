"""A manager in a real browser, through the real server: from a file to a decision, in both languages, and by keyboard alone."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import chromium_running, needs_chromium, serving
from exported import USER, estate, fleet, text
from playwright.sync_api import Browser, Page

from dashboard.access import users
from inventory.imports import snapshots
from inventory.state import audit, open_state, scenarios

PASSWORD = "correct horse battery 1"
PATIENCE = 240.0
"""Seconds: plans are computed beside the pages, on a machine that may be busy."""

pytestmark = [pytest.mark.xdist_group("browser of a manager"), needs_chromium]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server with a login, one manager and a budget; nothing was imported."""
    users.add(open_state(tmp_path / "state.db"), "mana", "manager", PASSWORD)
    estate(tmp_path, dt.datetime.now(dt.UTC).year, 12_000)
    with serving(tmp_path, demo=False) as address:
        yield address, tmp_path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with chromium_running() as running:
        yield running


def _enter(chromium: Browser, url: str, locale: str) -> tuple[Page, list[str]]:
    """A page of somebody who logged in by keyboard, and what the browser complains of."""
    page = chromium.new_context(
        locale=locale, viewport={"width": 1280, "height": 800}, accept_downloads=True
    ).new_page()
    page.set_default_timeout(60_000)
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("response", lambda r: said.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    page.on("dialog", lambda _: said.append("a dialog opened"))
    page.goto(f"{url}/login")
    page.locator("input[name=name]").focus()
    page.keyboard.type("mana")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#title")
    return page, said


def _await(page: Page, address: str, selector: str) -> None:
    """Look at a page until it shows something: plans are computed meanwhile."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        page.goto(address)
        page.wait_for_selector("#title")
        if page.locator(selector).count():
            return
        time.sleep(3)  # to look costs as much as to compute
    pytest.fail(f"{address} never shows {selector}: {page.inner_text('main')[:2000]}")


def _press(page: Page, selector: str) -> None:
    """Go to a control as the keyboard does, and press Enter."""
    for _ in range(150):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {selector}")


def _drop(page: Page, *paths: Path) -> None:
    """Drag files or a folder from this machine to the place where an inventory is chosen."""
    box = page.locator("#import-choose").bounding_box()
    assert box is not None
    held = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    hand = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        move = {"type": kind, "x": box["x"] + 5, "y": box["y"] + 5, "data": held}
        hand.send("Input.dispatchDragEvent", move)


def _unsupported(rows: list[list[str]], day: dt.date) -> int:
    """What is out of support by the maker's dates of the systems of these rows."""
    ends = {
        ("Microsoft Windows 10", "22H2"): dt.date(2025, 10, 14),
        ("Microsoft Windows 11", "25H2"): dt.date(2027, 10, 12),
    }
    return sum(ends[one[8], one[9]] < day for one in rows)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
def test_a_manager_goes_from_a_file_to_a_decision(
    chromium: Browser, served: tuple[str, Path], locale: str
) -> None:
    url, folder = served
    french = locale == "fr-FR"
    rows = fleet(60, dt.datetime.now(dt.UTC).date())
    file = folder.parent / f"parc-{locale}.csv"
    file.write_text(text(rows))
    page, said = _enter(chromium, url, locale)

    # Imports the fleet by the page, with the keyboard alone.
    page.goto(f"{url}/workstations/import")
    page.wait_for_selector("#import-choose")
    with page.expect_file_chooser() as chooser:
        _press(page, "#import-choose")
    large = folder.parent / f"large-{locale}.csv"
    with large.open("wb") as sparse:
        sparse.truncate(200 * 1024 * 1024)
    chooser.value.set_files(large)
    page.wait_for_selector("#import-large")
    assert "16,8" in page.inner_text("#import-large").replace("16.8", "16,8"), (
        "too large a file is told, and not sent"
    )
    (folder.parent / f"exports-{locale}").mkdir()
    _drop(page, folder.parent / f"exports-{locale}")
    page.wait_for_selector("#import-one")
    assert ("pas de dossier" if french else "no folder") in page.inner_text("#import-one")
    assert not page.is_visible("#import-large")
    _drop(page, file)
    page.wait_for_selector("#import-confirm")
    assert not page.is_visible("#import-one")
    _drop(page, file, large)
    page.wait_for_selector("#import-one")
    with page.expect_file_chooser() as chooser:
        _press(page, "#import-choose")
    chooser.value.set_files(file)
    page.wait_for_selector("#import-confirm")
    assert not page.is_visible("#import-large")
    assert not page.is_visible("#import-one")

    # Of a file that no source fits the page asks what it is; a session that is over is said, and nothing is lost.
    own = folder.parent / f"own-{locale}.csv"
    own.write_text("Poste;SN\nPC-1;S1\n")
    with page.expect_file_chooser() as chooser:
        _press(page, "#import-choose")
    chooser.value.set_files(own)
    page.select_option("#import-shown select[name='title.0']", "name")
    page.select_option("#import-shown select[name='title.1']", "serial")
    assert (
        page.locator("#import-shown select[name='title.1'] option:checked").get_attribute("value") == "serial"
    )
    _press(page, "#import-shown button.strong")
    page.wait_for_selector("#import-confirm")
    assert ("Nouveaux (1)" if french else "New (1)") in page.inner_text("#import-shown")
    token = page.context.cookies()
    page.context.clear_cookies()
    _press(page, "#import-confirm")
    page.wait_for_selector("#lost-session:not([hidden])")
    assert snapshots.latest(open_state(folder / "state.db")) is None
    page.context.add_cookies(token)
    assert len(said) > 0
    said.clear()
    with page.expect_file_chooser() as chooser:
        _press(page, "#import-choose")
    chooser.value.set_files(file)
    page.wait_for_selector("#import-shown summary:has-text('(60)')")
    assert not page.is_visible("#lost")
    assert "<img src=x" not in page.inner_html("#import-shown"), "the cells of a file are text"
    _press(page, "#import-confirm")
    page.wait_for_selector("#import-done p")
    assert "60" in page.inner_text("#import-done")

    # Sees who is out of support in January 2027: one click, or a day that is typed.
    page.goto(f"{url}/workstations/deadlines")
    page.wait_for_selector("input[name=on]")
    page.locator("input[name=on]").focus()
    page.keyboard.type("2027-01-31")
    page.keyboard.press("Enter")
    page.wait_for_url("**on=2027-01-31*")
    page.wait_for_selector(".lead")
    expected = _unsupported(rows, dt.date(2027, 1, 31))
    assert expected == 20
    shown = page.inner_text(".lead")
    assert (f"{expected} sur 60" if french else f"{expected} of 60") in shown
    assert page.locator("section:last-of-type tbody tr").count() == expected
    page.goto(f"{url}/workstations/deadlines?state=supported")
    page.wait_for_selector("text=<img src=x onerror=alert(1)>")

    # The plan, then a fifth less money.
    _await(page, f"{url}/renewal", "section .js-plotly-plot")
    page.goto(f"{url}/scenarios")
    page.wait_for_selector("#prepared-budget")
    page.locator("#prepared-budget").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("-20")
    page.keyboard.press("Enter")
    page.wait_for_url("**/scenarios?name=*")
    name = page.url.partition("name=")[2]
    title = "Ce qu'il change au plan de renouvellement" if french else "What it changes in the renewal plan"
    table = f'section[aria-label="{title}"] tbody tr'
    _await(page, f"{url}/scenarios?name={name}", table)
    kept = next(folder.glob(f"renewal/case-{name}*.json"))
    content = json.loads(kept.read_text())["content"]
    for before, after in zip(content["without"]["years"], content["with"]["years"], strict=True):
        assert (before["budget"], after["budget"]) == (12_000, pytest.approx(9_600))
        assert after["spent"] <= 9_600.005
    cells = page.locator(table).first.inner_text()
    assert "9" in cells
    assert "600" in cells

    # Commits it with a reason, and takes the plan away.
    page.locator("#why").focus()
    page.keyboard.type("The money is cut")
    _press(page, "button[value=commit]")
    page.wait_for_selector("button[value=withdraw]")
    state = open_state(folder / "state.db")
    assert [one.name for one in scenarios.committed(state)] == [name]
    frozen = scenarios.expected(state, name)
    assert frozen is not None
    assert len(frozen.text) == len(content["with"]["years"])
    _await(page, f"{url}/renewal", "a[download][href*='form=csv']")
    with page.expect_download() as download:
        page.click("a[download][href*='form=csv']")
    taken = Path(download.value.path()).read_text()
    assert taken.startswith("year,quarter,")
    assert USER not in taken
    told = [(one.who, one.action) for one in audit.entries(state)]
    assert ("mana", "workstations imported") in told
    assert ("mana", "scenario saved") in told
    assert ("mana", "scenario committed") in told
    assert said == []
