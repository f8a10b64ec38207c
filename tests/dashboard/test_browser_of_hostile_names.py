"""Every page and every view that it leads to, in a real browser, of a hospital in which all texts mean harm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import harming
import pytest
from browsing import chromium_running, needs_chromium, serving, turn
from exported import fleet, text
from playwright.sync_api import Browser, Page

from dashboard.access import users
from dashboard.app import BEHIND, PAGES
from dashboard.texts import LANGUAGES, words

PASSWORD = "correct horse battery 1"
MOST = 120
"""Views that are looked at: more than there are, unless pages lead to views without end."""

CHOICES = ("show", "part", "by", "what", "state", "case")
"""Fields of an address whose values are few, and each a view of its own."""

pytestmark = [pytest.mark.xdist_group("browser of hostile names"), needs_chromium, pytest.mark.timeout(900)]

WATCH = """
window.harm = [];
for (const name of ['alert', 'confirm', 'prompt']) { window[name] = () => window.harm.push(name) }
document.addEventListener('securitypolicyviolation', (e) => window.harm.push(`${e.violatedDirective} ${e.blockedURI}`));
"""

FOUND = """() => {
  const all = Array.from(document.querySelectorAll('#content *')), main = document.querySelector('main');
  return {
    harm: window.harm,
    made: all.filter((e) => ['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'BASE', 'META', 'LINK'].includes(e.tagName)
      || (e.tagName === 'IMG' && e.getAttribute('src') === 'x')).map((e) => e.outerHTML.slice(0, 200)),
    handlers: all.flatMap((e) => Array.from(e.attributes)).filter((a) => a.name.startsWith('on')).map((a) => a.name),
    leads: all.filter((e) => /^\\s*(javascript|data|vbscript):/i.test(e.getAttribute('href') || '')).map((e) => e.outerHTML.slice(0, 200)),
    hidden: /[\\0\\x1b\\u202a-\\u202e\\u2066-\\u2069\\ufeff]/.test(document.title + main.textContent),
    wide: document.documentElement.scrollWidth - innerWidth,
    words: main.innerText,
    links: Array.from(document.querySelectorAll('a[href^="/"]:not([download])'), (e) => e.getAttribute('href')),
  }
}"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server of that hospital, and its folder."""
    folder = tmp_path_factory.mktemp("harming")
    state = harming.make(folder)
    users.add(state, "root", "admin", PASSWORD)
    with serving(folder, demo=False) as address:
        yield address, folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with chromium_running() as running:
        yield running


def _enter(chromium: Browser, url: str, locale: str) -> tuple[Page, list[str]]:
    """A page of an administrator, and all that the browser complains of."""
    page = chromium.new_context(locale=locale, viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(60_000)
    said: list[str] = []
    page.add_init_script(WATCH)
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda _: said.append("a dialog opened"))
    page.on("response", lambda r: said.append(f"{r.status} {r.url[:200]}") if r.status >= 400 else None)
    page.goto(f"{url}/login")
    page.fill("#name", "root")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#title")
    return page, said


def _parts(address: str) -> set[tuple[str, str, str]]:
    """What a view consists of: its page, and each choice of its address; of a thing that it is about, that it is about one."""
    parts = urlsplit(address)
    chosen = {(parts.path, name, value if name in CHOICES else "") for name, value in parse_qsl(parts.query)}
    return {(parts.path, "", ""), *chosen}


def _looked_at(page: Page, said: list[str], where: str) -> dict[str, Any]:
    """What stands on a page, in which nothing that was only a text may have become more."""
    found: dict[str, Any] = page.evaluate(FOUND)
    for what in ("harm", "made", "handlers", "leads"):
        assert found[what] == [], (where, what)
    assert not found["hidden"], f"{where} shows characters that steer a screen"
    assert found["wide"] <= 0, f"{where} scrolls sideways"
    assert said == [], where
    assert not [one for one in LANGUAGES if words("broken.title", one) in found["words"]], where
    assert ">49<" not in found["words"], f"{where} computed a template"
    return found


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_no_text_of_a_device_a_file_or_a_person_is_more_than_text_on_any_page(
    chromium: Browser, place: tuple[str, Path], locale: str
) -> None:
    url, _ = place
    page, said = _enter(chromium, url, locale)
    left = [one.PATH for one in (*PAGES, *BEHIND)]
    seen: set[tuple[str, str, str]] = set()
    visits = 0
    shown = ""
    while left:
        address = left.pop(0)
        if _parts(address) <= seen or address.startswith("/login"):
            continue
        seen |= _parts(address)
        visits += 1
        assert visits <= MOST, "pages lead to views without end"
        if locale == "en-GB":
            turn(page, address)
        else:
            page.goto(url + address)
            page.wait_for_selector("#title")
        found = _looked_at(page, said, address)
        shown += found["words"]
        # The English view leads everywhere, as links do; the French one loads each page once.
        left.extend(found["links"] if locale == "en-GB" else [])
    for place_of in (40, 45, 51, 61, 62):
        assert f"<script>alert({place_of})" in shown, "as text, on some page"

    # What a file says that is only shown yet, and how it is called.
    page.goto(f"{url}/workstations/import")
    rows = [
        [harming.written(500 + n) if n not in (8, 9) else cell for n, cell in enumerate(row)]
        for row in fleet(4, dt.date(2026, 1, 1))
    ]
    for into, body, wait in (
        ("#import-file", text(rows), "#import-shown summary"),
        ("#import-file", f"{harming.written(520)};{harming.written(521)}\nPC-1;S1\n", "#import-shown select"),
        ("#list-file", f"Intel;Core;i5-8500\n{harming.written(522)}\n", "#list-confirm"),
    ):
        named = {
            "name": f"{harming.written(530)[:180].replace('/', '_')}.csv",
            "mimeType": "text/csv",
            "buffer": body.encode(),
        }
        page.locator(f"{into} input").set_input_files(named)  # type: ignore[arg-type]  # a file without a path
        page.wait_for_selector(wait)
        _looked_at(page, said, body[:40])
