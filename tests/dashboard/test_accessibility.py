"""Pages as axe-core judges them, in a real browser: nothing serious or critical, light and dark; those of workstations wide and narrow.

The rules are those of axe-core (WCAG 2.2 A and AA, and best practices), which comes with axe-playwright-python.
"""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import (
    COLOURS,
    CUT,
    VIEWS,
    View,
    chromium_running,
    looking,
    needs_chromium,
    serving,
    turn,
    violations,
)
from exported import HEAD, SECTION, TARGETS, row, text
from playwright.sync_api import Browser, Page

from dashboard.access import tokens, users
from dashboard.app import BEHIND, PAGES
from dashboard.pages import machine, model
from forecasting.renewal import issuing
from inventory.checking import load
from inventory.imports import reading, snapshots
from inventory.state import open_state
from inventory.state import views as saved_views

PASSWORD = "correct horse battery 1"
ROLLOUTS = """  rollouts:
    windows-11: {title: Windows 11, counted: {kind: os, os: Windows 11}, start: 2025-06-01, end: 2027-06-30}
"""
SEEN = ("French, light, wide", "English, dark, narrow")
PATHS = (
    "/workstations", "/workstations/deadlines", "/workstations/fitness", "/workstations/care", "/workstations/rollouts",
    "/workstations/import", "/renewal", "/scenarios",
)  # fmt: skip
DRAWN = "() => !document.querySelector('[data-dash-is-loading=true], .dash-graph--pending')"
"""Nothing of a page is waited for: neither what a callback answers, nor the script that draws its charts."""
ALSO = ("/renewal?by=model", "/renewal?late=1")
"""Other tables of a page, which hold more columns."""

pytestmark = [pytest.mark.xdist_group("accessibility"), needs_chromium, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with machines, of which six failed within a year, a plan, its curve and a roll-out."""
    folder, today = tmp_path_factory.mktemp("seen"), dt.datetime.now(dt.UTC).date()
    (folder / "estate.yml").write_text(HEAD + TARGETS + SECTION % (today.year, 6_000) + ROLLOUTS)
    state, declared = open_state(folder / "state.db"), load(folder / "estate.yml")
    for days, ended in ((400, "En service"), (0, "Hors service")):
        rows = [[*row(number, today)[:-1], ended if number >= 60 else "En service"] for number in range(66)]
        (folder / "glpi.csv").write_text(text(rows))
        with reading.read(state, folder / "glpi.csv", today, reading.Asked("glpi")) as found:
            snapshots.commit(state, found, "tests", at=time.time() - days * 86_400)
    issuing.night(state, declared, folder, time.time())
    with serving(folder, demo=True) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_running() as running:
        yield running


@pytest.mark.timeout(900)
@pytest.mark.parametrize("view", VIEWS, ids=SEEN)
def test_no_page_of_workstations_has_a_serious_fault_and_no_table_is_cut_off(
    browser: Browser, url: str, view: View
) -> None:
    page = looking(browser, view)
    page.goto(f"{url}/targets")
    page.wait_for_selector("#title")
    found = {}
    for path in (*PATHS, *ALSO):
        page.set_viewport_size({"width": view[2], "height": 900})
        turn(page, path)
        page.wait_for_function("() => document.title.endsWith('Jauge') && document.title.length > 6")
        if path == "/workstations/import":
            page.wait_for_selector("input[type=file]", state="attached")
        if path in ("/renewal", "/workstations/rollouts", "/workstations"):
            page.wait_for_selector(".js-plotly-plot")
        if path == "/workstations":
            page.wait_for_selector(".js-plotly-plot >> nth=1")  # how long models last
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        found[path] = violations(page) if path in PATHS else []
        for width in (1440, 1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_function(f"() => innerWidth === {width}")
            page.wait_for_timeout(300)  # the page is laid out anew
            found[path] += [f"{width}: {cut}" for cut in page.evaluate(CUT)]
    assert found == {path: [] for path in (*PATHS, *ALSO)}


@pytest.mark.timeout(900)
def test_no_page_has_a_serious_fault_in_either_scheme_nor_is_wider_than_a_phone(
    browser: Browser, hospital: Path
) -> None:
    """Those that the test above leaves out. The scheme and the width change as they do for a reader."""
    known = [one.PATH for one in (*PAGES, *BEHIND) if one not in (machine, model) and one.PATH not in PATHS]
    paths = [*known, f"{machine.PATH}?of=serial:s1", "/targets?target=nas-01", "/search?q=nas", "/nowhere"]
    found = {}
    with serving(hospital, demo=True) as address:
        page = looking(browser, ("fr-FR", "light", 1024))
        page.goto(address)
        page.wait_for_selector("#title")
        for path in paths:
            turn(page, path)
            page.wait_for_function(DRAWN)
            faults = violations(page)
            page.emulate_media(color_scheme="dark")
            page.wait_for_selector("html[data-mantine-color-scheme=dark]", state="attached")
            faults += violations(page, COLOURS)
            page.set_viewport_size({"width": 390, "height": 844})
            page.wait_for_function("innerWidth === 390")
            page.wait_for_timeout(300)  # the page is laid out anew
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                faults.append("wider than a phone")
            page.set_viewport_size({"width": 1024, "height": 844})
            page.emulate_media(color_scheme="light")
            found[path] = faults
    assert found == {path: [] for path in paths}


@pytest.fixture(scope="module")
def administered(hospital: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server behind a login, of an estate with a mistake, with users, tokens and a view."""
    folder = tmp_path_factory.mktemp("administered") / "data"
    shutil.copytree(hospital, folder)
    declared = (folder / "estate.yml").read_text()
    state, today = open_state(folder / "state.db"), dt.datetime.now(dt.UTC).date()
    for name, role in (("root", "admin"), ("anna.von-der-langen-strasse@hospital.example", "viewer")):
        users.add(state, name, role, PASSWORD)
        tokens.create(state, name, "viewer", today, today, "a program that reads everything every hour")
    saved_views.save(state, "root", "Full stores of the north", "/capacity", "site=north")
    with serving(folder, demo=False) as address:
        (folder / "estate.yml").write_text(declared + "  - {name: nas-01, address: 127.0.0.1}\n")
        yield address


ADMINISTERED = (
    "/administration", "/administration?change=root", "/administration?change=anna.von-der-langen-strasse%40hospital.example",
    "/administration?refused=password&name=x&role=viewer", "/administration?done=added&name=x", "/administration?part=estate",
    "/administration?part=log", "/administration?part=log&verify=yes", "/account", "/account?refused=until&name=x&until=tomorrow",
    "/views", "/views?refused=name", "/jauge", "/own-estate", "/workstations/import", "/search", "/search?q=nas", "/search?q=nothing-is-called-so",
)  # fmt: skip


@pytest.mark.timeout(900)
def test_what_an_administrator_sees_and_the_ways_in_have_no_serious_fault_light_dark_wide_and_narrow(
    browser: Browser, administered: str
) -> None:
    page = looking(browser, ("fr-FR", "light", 1440))  # French words are the longer ones
    found: dict[str, list[str]] = {}
    page.goto(f"{administered}/login")
    found["login"] = _judged(page)
    page.fill("#name", "root")
    page.fill("#password", "not the password")
    page.press("#password", "Enter")
    page.wait_for_selector("[role=alert]")
    found["login refused"] = _judged(page)
    page.fill("#name", "root")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    for path in ADMINISTERED:
        page.wait_for_selector("#title")
        turn(page, path)
        found[path] = _judged(page)
    turn(page, "/account")
    page.fill("form.decide #name", "a test")
    page.press("form.decide #until", "Enter")
    page.wait_for_selector("#token")
    assert page.evaluate("document.activeElement.id") == "token"
    found["a token"] = _judged(page)
    page.press("#token", "Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#title")
    assert found == {path: [] for path in found}
    page.context.close()


def _judged(page: Page) -> list[str]:
    """What is wrong with a page, light and dark, wide and narrow; as it was afterwards."""
    faults: list[str] = []
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_function(f"() => innerWidth === {width}")
        page.wait_for_timeout(300)  # the page is laid out anew
        faults += [f"{width}: {title} is cut" for title in page.evaluate(CUT)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append(f"wider than {width}")
        for scheme, rules in (("light", ()), ("dark", COLOURS)) if width == 1440 else (("dark", ()),):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(100)
            faults += [f"{width} {scheme}: {one}" for one in violations(page, rules)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 844})
    return faults


@pytest.mark.timeout(900)
@pytest.mark.parametrize("view", VIEWS, ids=SEEN)
def test_the_form_of_a_measure_can_be_filled_in_by_keyboard_and_has_no_serious_fault(
    browser: Browser, url: str, view: View
) -> None:
    page = looking(browser, view)
    page.goto(f"{url}/workstations/care")
    page.wait_for_selector("td a[href*='for=']")
    page.locator("td a[href*='for=']").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#who")
    for field in ("#scope", "#text", "#who", "#until"):
        box = page.locator(field).bounding_box()
        assert box is not None, field
        assert box["width"] > 90
        assert (
            page.evaluate("f => getComputedStyle(document.querySelector(f)).borderTopWidth", field) != "0px"
        ), field
    assert violations(page) == []
    page.locator("#text").focus()
    page.keyboard.type("Isolated network")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".good-news")
    said = "La mesure est consignée pour 1 poste" if view[0] == "fr-FR" else "recorded for 1 workstation"
    assert said in page.inner_text(".good-news").replace("\u00a0", " ").replace("\u202f", " ")
    assert violations(page) == []


def test_a_folded_menu_is_not_on_the_way_of_the_keyboard_and_escape_folds_it(
    browser: Browser, url: str
) -> None:
    page = looking(browser, ("en-GB", "dark", 390))
    page.goto(f"{url}/search")
    page.wait_for_selector("#title")
    burger, link = page.locator("#burger"), page.locator("nav a").first
    page.wait_for_selector("#burger[aria-expanded=false]")
    assert link.is_hidden()
    page.locator("#theme").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('nav') === null")
    burger.press("Enter")
    page.wait_for_selector("#burger[aria-expanded=true]")
    assert link.is_visible()
    page.keyboard.press("Escape")
    page.wait_for_selector("#burger[aria-expanded=false]")
    assert page.evaluate("document.activeElement.id") == "burger"
    page.locator("main input[name=q]").focus()
    edge = page.evaluate("getComputedStyle(document.activeElement.closest('.dash-input')).outlineWidth")
    assert edge == "3px"


def test_axe_finds_what_is_wrong(browser: Browser) -> None:
    """A page with a grey text on grey and an input without a name: the test above can fail."""
    page = browser.new_page()
    page.set_content(
        "<html lang=en><title>x</title><p style='color:#999;background:#aaa'>faint</p><input></html>"
    )
    found = " ".join(violations(page))
    assert "color-contrast" in found
    assert "label" in found
