"""Every page in a real browser, through the real server: no error, nothing blocked, both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from browsing import chromium_running, needs_chromium, serving
from playwright.sync_api import Browser, Page

from dashboard.data import Data

pytestmark = [pytest.mark.xdist_group("browser"), needs_chromium]


@pytest.fixture(scope="module")
def url(hospital: Path) -> Iterator[str]:
    with serving(hospital, demo=True) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_running() as running:
        yield running


def _open(browser: Browser, url: str, width: int = 1280, **settings: object) -> tuple[Page, list[str]]:
    page = browser.new_context(viewport={"width": width, "height": 800}, **settings).new_page()
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("response", lambda r: said.append(f"{r.status} {r.url}") if r.status >= 400 else None)
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
    browser: Browser, url: str, language: str, titles: list[str]
) -> None:
    page, said = _open(browser, url, locale=language)
    assert page.get_attribute("html", "lang") == language[:2]
    for title in titles:
        page.click(f'a.nav:text-is("{title}")')
        page.wait_for_selector(f'#title:text-is("{title}")')
        page.wait_for_function("title => document.title.startsWith(title)", arg=title)
        assert page.locator("a.nav[aria-current=page]").inner_text() == title
        assert page.locator(".demo").is_visible()
    assert said == []


def test_a_store_shows_its_curve_its_sentence_and_its_table(browser: Browser, url: str, data: Data) -> None:
    page, said = _open(browser, f"{url}/capacity", locale="en-GB")
    page.click('.ag-row a:text-is("/imaging")')
    page.wait_for_selector(".js-plotly-plot .scatterlayer .trace")
    assert "should be full about" in page.locator(".lead").first.inner_text()
    assert page.locator(".table tbody tr").count() >= 4
    page.click('a.choice:text-is("1 year")')
    page.wait_for_url("**span=1y")
    page.wait_for_selector('a.choice.chosen:text-is("1 year")')
    page.wait_for_function("() => document.activeElement.textContent === '1 year'")
    assert said == []


def test_hostile_text_stands_as_text(browser: Browser, url: str, data: Data) -> None:
    store = next(one for one in data.stores() if one.name.startswith("<script>"))
    page, said = _open(browser, f"{url}/capacity?store={quote(store.unique_id)}")
    page.on("dialog", lambda _: said.append("a dialog opened"))
    assert page.locator("#title").inner_text().startswith("<script>alert(1)</script>")
    page.goto(f"{url}/targets?target=nas-01")
    page.wait_for_selector("text=<script>alert(1)</script>")
    assert said == []


def test_the_switches_keep_language_and_scheme(browser: Browser, url: str) -> None:
    page, said = _open(browser, url, locale="en-GB", color_scheme="light")
    page.click("#theme")
    page.wait_for_selector("html[data-mantine-color-scheme=dark]")
    page.click("#language")
    page.wait_for_selector('#title:text-is("Vue d\'ensemble")')
    page.reload()
    page.wait_for_selector('#title:text-is("Vue d\'ensemble")')
    assert page.get_attribute("html", "data-mantine-color-scheme") == "dark"
    assert said == []


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/runway",
        "/capacity",
        "/scenarios",
        "/purchase",
        "/renewal",
        "/retention",
        "/accuracy",
        "/pacs",
        "/workstations",
        "/workstations/deadlines",
        "/workstations/fitness",
        "/workstations/care",
        "/workstations/rollouts",
        "/workstations/import",
        "/targets",
        "/own-estate",
    ],
)
def test_a_telephone_shows_every_page_without_scrolling_sideways(
    browser: Browser, url: str, path: str
) -> None:
    page, said = _open(browser, url + path, width=390)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert said == []


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
@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_no_column_is_too_narrow_for_its_words_and_no_page_scrolls_sideways(
    browser: Browser, url: str, width: int, language: str
) -> None:
    page, said = _open(browser, url + "/capacity", width=width, locale=language)
    page.wait_for_selector("td:has-text('process')")
    for path in ("/capacity", "/runway", "/scenarios", "/purchase", "/retention", "/accuracy"):
        page.goto(url + path)
        page.wait_for_selector("#title")
        assert page.evaluate(BROKEN) == [], path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    assert said == []


def test_the_keyboard_leaves_the_grid_and_opens_a_store_from_it(browser: Browser, url: str) -> None:
    page, said = _open(browser, f"{url}/capacity", locale="en-GB")
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
    assert said == []
