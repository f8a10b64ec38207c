"""What a reader does on any page, in a real browser: search, come back to saved views, print, and read on while figures are renewed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import chromium_running, needs_chromium, serving, violations
from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.xdist_group("browser"), needs_chromium]


@pytest.fixture(scope="module")
def url(hospital: Path) -> Iterator[str]:
    with serving(hospital, demo=True) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_running() as running:
        yield running


def opened(browser: Browser, url: str, width: int = 1280, **settings: object) -> tuple[Page, list[str]]:
    """A page, and what the browser says that should not be said."""
    page = browser.new_context(
        viewport={"width": width, "height": 800}, locale="en-GB", **settings
    ).new_page()
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(url)
    page.wait_for_selector("#title")
    return page, said


def test_a_name_is_searched_by_keyboard_from_any_page_and_on_a_telephone(browser: Browser, url: str) -> None:
    page, said = opened(browser, f"{url}/targets")
    page.keyboard.press("/")
    page.wait_for_function("document.activeElement.id === 'search'")
    page.keyboard.type("/imag")  # a slash within the field is a slash
    assert page.input_value("#search") == "/imag"
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=%2Fimag")
    page.wait_for_selector(".found a:text-is('/imaging')")
    assert page.input_value("#search-here") == "/imag"
    assert violations(page) == []
    page.click(".found a:text-is('/imaging')")
    page.wait_for_selector("#title:text-is('/imaging')")
    assert said == []
    page, said = opened(browser, url, width=390)
    page.click(".to-search")
    page.wait_for_selector("#search-here")
    page.fill("#search-here", "pc 003")
    page.keyboard.press("Enter")
    page.wait_for_selector(".found a")
    assert page.locator(".found a").first.inner_text() == "PC-003"
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert said == []
