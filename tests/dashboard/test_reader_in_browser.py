"""What a reader does on any page, in a real browser: search, come back to saved views, print, and read on while figures are renewed."""

from __future__ import annotations

import itertools
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import chromium_running, needs_chromium, serving, violations
from playwright.sync_api import Browser, Page

from exporters.history import Point
from exporters.history.sqlite import Writer
from inventory.metrics import labels

pytestmark = [pytest.mark.xdist_group("reader in browser"), needs_chromium, pytest.mark.timeout(600)]


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
    page.wait_for_function("() => document.activeElement.id === 'search'")
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


BEAT = "number => dash_clientside.set_props('pulse', {n_intervals: number})"
"""The page looks at the data, as it does every half a minute."""


def polled(folder: Path, at: float) -> None:
    """The collector writes again: every target answered at that time (UTC epoch seconds)."""
    told = json.loads((folder / "status.json").read_text())
    told["at"] = at
    for one in told["targets"]:
        one["at"] = one["last_success"] = at
        one["up"] = True
    (folder / "status.json").write_text(json.dumps(told))


@pytest.fixture
def live(hospital: Path, tmp_path: Path) -> Path:
    """A hospital of one's own, whose collector may write."""
    folder = tmp_path / "live"
    shutil.copytree(hospital, folder)
    return folder


def test_new_figures_come_to_who_is_idle_and_wait_for_who_is_in_the_middle(
    browser: Browser, live: Path
) -> None:
    count = itertools.count(1_000)
    with serving(live, demo=True) as url:
        page, said = opened(browser, f"{url}/targets")

        def beat() -> None:
            with page.expect_response(lambda one: "..content.children." in (one.request.post_data or "")):
                page.evaluate(BEAT, next(count))

        def renewed(minutes: int) -> str:
            """What the row of a target will tell, once the collector has written."""
            at = time.time() - 60 * minutes
            polled(live, at)
            time.sleep(5.5)  # what is read of the files is remembered for five seconds
            return time.strftime("%H:%M", time.localtime(at))

        row = page.locator("tr:has(a:text-is('nas-01'))")
        # Nobody is in the middle of anything: the figures are renewed.
        page.evaluate("document.querySelector('.table').dataset.mine = 'old'")
        said_before = row.inner_text()
        renewed(200)  # a minute in which nothing else was written
        beat()
        page.wait_for_function("() => !document.querySelector('.table').dataset.mine")
        assert row.inner_text() != said_before
        # A selection is kept, and new figures are offered.
        page.evaluate(
            "getSelection().selectAllChildren(document.querySelector('.table tbody tr td:nth-child(2)'))"
        )
        chosen = page.evaluate("getSelection().toString()")
        assert chosen
        before = row.inner_text()
        renewed(4)  # two minutes from what is shown: another minute, whatever the second
        beat()
        page.wait_for_selector("#renew:visible")
        assert page.evaluate("getSelection().toString()") == chosen
        assert row.inner_text() == before
        assert violations(page) == []
        # They come when they are asked for.
        page.click("#renew")
        page.wait_for_selector("#renew", state="hidden")
        page.wait_for_function(
            "before => document.querySelector('.table')?.innerText.length && "
            "![...document.querySelectorAll('tr')].some((one) => one.innerText === before)",
            arg=before,
        )
        assert said == []


def test_what_somebody_writes_is_never_lost_to_new_figures(browser: Browser, live: Path) -> None:
    with serving(live, demo=True) as url:
        page, said = opened(browser, f"{url}/workstations/deadlines?what=targets&state=unknown")
        # What is written, and then left for another part of the page.
        page.fill("#on", "2027-0")
        page.evaluate("document.activeElement.blur()")
        page.evaluate("document.querySelector('.table').dataset.mine = 'old'")
        told = json.loads((live / "status.json").read_text())
        told["targets"][0]["product"] = "Windows Server 2016"
        (live / "status.json").write_text(json.dumps(told))
        offered, end, beats = page.locator("#renew:visible"), time.monotonic() + 90, itertools.count(2_000)
        while not offered.count():  # what takes long to read is read again at one beat, and told at the next
            assert time.monotonic() < end
            time.sleep(5.5)
            with page.expect_response(lambda one: "..content.children." in (one.request.post_data or "")):
                page.evaluate(BEAT, next(beats))
        assert page.input_value("#on") == "2027-0"
        assert page.evaluate("document.querySelector('.table').dataset.mine") == "old"
        # Even who asks for them goes on writing where they were.
        page.click("#renew")
        page.wait_for_function("() => !document.querySelector('.table').dataset.mine")
        page.wait_for_function("() => document.querySelector('#on').value === '2027-0'")
        # Once it is taken back the page is nobody's any more.
        page.fill("#on", "")
        page.evaluate("document.activeElement.blur()")
        assert not page.locator("#renew").is_visible()
        assert said == []


def filled(folder: Path, used: float) -> None:
    """The collector measures a store again."""
    writer = Writer(folder / "history.db", "Europe/Paris")
    pairs = labels(store="/young", kind="filesystem")
    writer.append([Point("new-01", "jauge_storage_used_bytes", pairs, time.time(), used)])
    writer.close()


def test_a_page_that_is_drawn_anew_stays_sorted_scrolled_and_where_it_was(
    browser: Browser, live: Path
) -> None:
    with serving(live, demo=True) as url:
        page, said = opened(browser, f"{url}/capacity")
        page.set_viewport_size({"width": 1280, "height": 420})
        page.wait_for_selector(".ag-row a")
        first = "document.querySelector(\".ag-row[row-index='0'] [col-id=store]\")?.innerText"
        page.click(".ag-header-cell[col-id=used]")
        page.wait_for_function(f"() => {first} === '/young'")  # the least used one
        page.evaluate("document.activeElement.blur()")
        page.evaluate("document.querySelector('.ag-root').dataset.mine = 'old'")
        page.evaluate("scrollTo(0, 120)")
        top = page.evaluate("scrollY")
        assert top > 0
        filled(live, 7e9)
        time.sleep(5.5)
        page.evaluate(BEAT, 3_000)
        page.wait_for_function(
            "() => document.querySelector('.ag-root') && !document.querySelector('.ag-root').dataset.mine"
        )
        page.wait_for_function(f"() => {first} === '/young'")
        page.wait_for_selector(".ag-header-cell[col-id=used][aria-sort=ascending]")
        assert "7.00" in page.locator(".ag-row[row-index='0'] [col-id=used]").inner_text()
        assert page.evaluate("scrollY") == top
        assert said == []


def test_a_page_on_paper_is_whole_and_dark_on_white_and_says_from_when_it_is(
    browser: Browser, url: str
) -> None:
    page, said = opened(browser, f"{url}/targets?target=nas-01", color_scheme="dark")
    assert page.locator(".on-paper").first.is_visible() is False
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 703, "height": 1000})  # A4 between its margins
    for hidden in ("nav", "#language", "#theme", "#search", ".demo", ".back", ".skip"):
        assert not page.locator(hidden).first.is_visible(), hidden
    for shown in (".estate", "h1", ".table thead"):
        assert page.locator(shown).first.is_visible(), shown
    assert time.strftime("%Y") in page.locator(".updated").inner_text()
    style = (
        "one => { const all = getComputedStyle(one); return [all.color, all.backgroundColor, all.display] }"
    )
    assert page.locator("body").evaluate(style)[:2] == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert page.locator(".table thead").first.evaluate(style)[2] == "table-header-group"
    beyond = "[...document.querySelectorAll('.table, h1, .lead')].filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.innerText.slice(0, 60))"
    assert page.evaluate(beyond) == []
    # A chart that was drawn for the screen is a picture as wide as the sheet.
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{url}/capacity")
    page.click(".ag-row a:text-is('/imaging')")
    page.wait_for_selector(".js-plotly-plot .scatterlayer .trace")
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1000})
    assert 400 < page.locator(".main-svg").first.bounding_box()["width"] <= 703
    # The list that scrolls is a table on paper.
    page.emulate_media(media="screen")
    page.goto(f"{url}/capacity")
    page.wait_for_selector(".ag-row a")
    page.emulate_media(media="print")
    assert not page.locator(".ag-row").first.is_visible()
    assert page.locator(".whole tbody tr").count() == 4
    assert page.locator(".whole a:text-is('/imaging')").is_visible()
    assert said == []
