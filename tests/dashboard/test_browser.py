"""Every page in a real browser, through the real server: no error, nothing blocked, both languages."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from browsing import chromium_running, needs_chromium, serving, turn
from playwright.sync_api import Browser, BrowserContext, Page

from dashboard.data import Data

Reader = Callable[[str], tuple[Page, list[str]]]

pytestmark = [pytest.mark.xdist_group("browser"), needs_chromium, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def url(hospital: Path) -> Iterator[str]:
    with serving(hospital, demo=True) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_running() as running:
        yield running


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Reader:
    """A page of who reads a language, and what it said: one, as to load the scripts anew costs thrice what a page does."""
    return functools.cache(lambda language: _listening(browser.new_context(locale=language)))


def _listening(context: BrowserContext) -> tuple[Page, list[str]]:
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("response", lambda r: said.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    return page, said


def _open(listening: tuple[Page, list[str]], url: str, width: int = 1280) -> tuple[Page, list[str]]:
    page, said = listening
    said.clear()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(url)
    page.wait_for_selector("#title")
    return page, said


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        ("en-GB", ["Overview", "Runway", "Capacity", "Scenarios", "Purchase plan", "Renewal plan", "Retention", "Accuracy of the forecasts", "Hyperconverged", "PACS", "Backups", "Platforms", "Workstations", "Targets", "Your own estate"]),
        ("fr-FR", ["Vue d'ensemble", "Horizon", "Capacité", "Scénarios", "Plan d'achat", "Plan de renouvellement", "Conservation", "Justesse des prévisions", "Hyperconvergence", "PACS", "Sauvegardes", "Plateformes", "Postes de travail", "Cibles", "Votre propre parc"]),
    ],
)  # fmt: skip
def test_every_page_opens_by_a_click_without_an_error(
    reader: Reader, url: str, language: str, titles: list[str]
) -> None:
    page, said = _open(reader(language), url)
    assert page.get_attribute("html", "lang") == language[:2]
    for title in titles:
        page.click(f'a.nav:text-is("{title}")')
        page.wait_for_selector(f'#title:text-is("{title}")')
        page.wait_for_function("title => document.title.startsWith(title)", arg=title)
        assert page.locator("a.nav[aria-current=page]").inner_text() == title
        assert page.locator(".demo").is_visible()
    assert said == []


def test_a_store_shows_its_curve_its_sentence_and_its_table(reader: Reader, url: str, data: Data) -> None:
    page, said = _open(reader("en-GB"), f"{url}/capacity")
    page.click('.ag-row a:text-is("/imaging")')
    page.wait_for_selector(".js-plotly-plot .scatterlayer .trace")
    # Days of an axis are written as those of texts are, the day first.
    near = "() => Plotly.relayout(document.querySelector('.js-plotly-plot'), {'xaxis.range': ['2026-03-02', '2026-03-20']})"
    page.evaluate(near)
    page.wait_for_selector('.xtick:has-text("Mar")')
    texts = page.locator(".xtick text").all_text_contents()
    assert texts
    assert not [text for text in texts if not re.match(r"\d+ Mar", text)]
    assert "should be full about" in page.locator(".lead").first.inner_text()
    assert page.locator(".table tbody tr").count() >= 4
    page.click('a.choice:text-is("1 year")')
    page.wait_for_url("**span=1y")
    page.wait_for_selector('a.choice.chosen:text-is("1 year")')
    page.wait_for_function("() => document.activeElement.textContent === '1 year'")
    assert said == []


def test_hostile_text_stands_as_text(reader: Reader, url: str, data: Data) -> None:
    store = next(one for one in data.stores() if one.name.startswith("<script>"))
    page, said = _open(reader("en-GB"), f"{url}/capacity?store={quote(store.unique_id)}")
    page.on("dialog", lambda _: said.append("a dialog opened"))
    assert page.locator("#title").inner_text().startswith("<script>alert(1)</script>")
    page.goto(f"{url}/targets?target=nas-01")
    page.wait_for_selector("text=<script>alert(1)</script>")
    assert said == []


def test_the_switches_keep_language_and_scheme(browser: Browser, url: str) -> None:
    page, said = _open(_listening(browser.new_context(locale="en-GB", color_scheme="light")), url)
    page.click("#theme")
    page.wait_for_selector("html[data-mantine-color-scheme=dark]")
    page.click("#language")
    page.wait_for_selector('#title:text-is("Vue d\'ensemble")')
    page.reload()
    page.wait_for_selector('#title:text-is("Vue d\'ensemble")')
    assert page.get_attribute("html", "data-mantine-color-scheme") == "dark"
    assert said == []


ON_A_TELEPHONE = (
    "/",
    "/renewal",
    "/pacs",
    "/workstations",
    "/workstations/deadlines",
    "/workstations/fitness",
    "/workstations/care",
    "/workstations/rollouts",
    "/workstations/import",
    "/targets",
    "/jauge",
    "/own-estate",
)
"""Pages that the test of columns does not open."""


def test_a_telephone_shows_every_page_without_scrolling_sideways(reader: Reader, url: str) -> None:
    page, said = _open(reader("en-GB"), url + "/capacity", width=390)
    for path in ON_A_TELEPHONE:
        turn(page, path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert said == [], path


BROKEN = """() => {
  const found = [], texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    if (text.parentElement.closest(".hidden, script, style, svg")) continue;
    for (const word of text.data.matchAll(/[\\p{L}\\d]{3,40}/gu)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const lines = new Set(Array.from(range.getClientRects(), (one) => Math.round(one.top)));
      if (lines.size > 1 && !/x{9}/.test(text.data)) found.push(word[0]);
    }
  }
  return found;
}"""
"""Words of which one line holds a part and the next one the rest; without the endless name of the hostile store."""


@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
def test_no_column_is_too_narrow_for_its_words_and_no_page_scrolls_sideways(
    reader: Reader, url: str, language: str
) -> None:
    page, said = _open(reader(language), url + "/capacity", width=1440)
    page.wait_for_selector("td:has-text('process')")
    found = {}
    for path in ("/capacity", "/runway", "/scenarios", "/purchase", "/retention", "/accuracy"):
        turn(page, path)
        for width in (1440, 1024, 390):
            page.set_viewport_size({"width": width, "height": 800})
            page.wait_for_function(f"() => innerWidth === {width}")
            page.wait_for_timeout(300)  # the page is laid out anew
            found[path, width] = page.evaluate(BROKEN)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (path, width)
    assert [where for where, words in found.items() if words] == [], found
    assert said == []


@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
def test_the_grid_of_stores_shows_all_its_columns_at_1024_points(
    reader: Reader, url: str, language: str
) -> None:
    page, said = _open(reader(language), f"{url}/capacity", width=1024)
    page.wait_for_selector(".ag-row a")
    held = page.locator("#stores .ag-center-cols-viewport")
    for width in (1024, 1280):  # with the menu, a screen of 1280 has hardly more room
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(f"() => innerWidth === {width}")
        page.wait_for_timeout(300)
        assert held.evaluate("one => one.scrollWidth - one.clientWidth") <= 1, width
    cut = """cells => cells.filter(one => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)
        .map(one => one.textContent)"""
    assert (
        page.locator(
            ".ag-row .ag-cell:is([col-id=between], [col-id=kind], [col-id=full], [col-id=order])"
        ).evaluate_all(cut)
        == []
    )
    assert said == []


def test_the_keyboard_leaves_the_grid_and_opens_a_store_from_it(reader: Reader, url: str) -> None:
    page, said = _open(reader("en-GB"), f"{url}/capacity")
    page.wait_for_selector(".ag-row a")
    page.locator(".choice").last.focus()
    inside = []
    for _ in range(4):
        page.keyboard.press("Tab")
        inside.append(page.evaluate("document.activeElement.closest('#stores') !== null"))
    assert inside[0]
    assert not all(inside)
    page.locator(".choice").last.focus()
    for key in ("Tab", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/capacity?store=*")
    # Whoever does not see is told where they are: neither a cell of the grid nor the way back has a name to return to.
    at_title = "() => document.activeElement.id === 'title' && document.activeElement.textContent"
    opened = page.wait_for_function(at_title).json_value()
    page.go_back()
    page.wait_for_selector('#title:text-is("Capacity")')
    page.wait_for_function("() => document.activeElement.textContent === 'Capacity'")
    assert opened != "Capacity"
    page.go_forward()
    page.wait_for_function("name => document.activeElement.textContent === name", arg=opened)
    assert said == []
