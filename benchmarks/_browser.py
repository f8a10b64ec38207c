"""What a browser waits for, in Chromium: first visits with an empty cache, later loads, ways inside the application."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from playwright.sync_api import BrowserContext, BrowserType, Page, Response, sync_playwright

CHROMIUM: Final = os.environ.get("JAUGE_CHROMIUM", "/usr/bin/chromium")

CHART: Final = ".js-plotly-plot .main-svg"
GRID: Final = ".ag-row .ag-cell-value"

_PATIENCE: Final = 120_000

# Content is there when the title is another than before, and everything that the page is known by is drawn.
_SHOWN: Final = """([wanted, before]) => new Promise(done => {
  const look = () => {
    const title = document.querySelector('#title')
    if (title && title.textContent !== before && wanted.every(one => document.querySelector(one))) done(performance.now())
    else requestAnimationFrame(look)
  }
  look()
})"""

# What a link inside does: the address changes, and Dash is told.
_GO: Final = """path => {
  history.pushState({}, '', path)
  dispatchEvent(new CustomEvent('_dashprivate_pushstate'))
  scrollTo(0, 0)
  return performance.now()
}"""

_SENT: Final = """() => performance.getEntries().filter(one => 'transferSize' in one)
  .reduce((sum, one) => sum + one.transferSize, 0) / 1024"""


class Look(NamedTuple):
    """A page that is looked at: what it is called, its address, and what must be drawn beside its title."""

    name: str
    path: str
    wanted: tuple[str, ...] = ()


class Seen(NamedTuple):
    """Seconds to content, medians; KiB that came over the wire at first and later; rows that were sent, and that are shown.

    `second` is the first time that the cache has everything but compiled scripts: Chromium keeps those of a script that it
    reads for the second time.
    """

    name: str
    first: float
    second: float
    later: float
    inside: float
    first_kib: float
    later_kib: float
    rows_sent: int
    rows_shown: int


@contextmanager
def chromium() -> Iterator[BrowserType]:
    """What browsers are started from, until the end of the block."""
    with sync_playwright() as play:
        yield play.chromium


def see(
    browsers: BrowserType, url: str, cookies: Sequence[Any], looks: Sequence[Look], away: Look, rounds: int
) -> list[Seen]:
    """All pages of one server, in turn, so many rounds; `away` is the page that ways inside begin at."""
    found: dict[str, list[Seen]] = {one.name: [] for one in looks}
    for _ in range(rounds):
        for one in looks:
            with visiting(browsers, cookies) as context:
                found[one.name].append(_four_times(context, url, one, away))
    return [_median(rows) for rows in found.values()]


@contextmanager
def visiting(browsers: BrowserType, cookies: Sequence[Any]) -> Iterator[BrowserContext]:
    """A browser that was never here. It has a profile on disk as that of a person has: a private window keeps no compiled scripts."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        context = browsers.launch_persistent_context(
            profile,
            executable_path=CHROMIUM,
            args=["--no-sandbox"],
            viewport={"width": 1440, "height": 900},
            locale="en-GB",
        )
        try:
            context.set_default_timeout(_PATIENCE)
            context.add_cookies(cookies)
            yield context
        finally:
            context.close()


def _four_times(context: BrowserContext, url: str, look: Look, away: Look) -> Seen:
    """Three loads, with another place in between, then the way from another page."""
    page = context.new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer) if "_dash-update" in answer.url else None)
    first, kib = _load(page, url, look)
    sent, shown = (
        sum(rows(one.text()) for one in answers if one.status == 200),
        page.locator(".ag-row").count(),
    )
    second, _ = _again(page, url, look)
    later, again = _again(page, url, look)
    _load(page, url, away)
    before = page.locator("#title").text_content()
    begun = page.evaluate(_GO, look.path)
    inside = (page.evaluate(_SHOWN, [look.wanted, before]) - begun) / 1000
    return Seen(look.name, first, second, later, inside, kib, again, sent, shown)


def _again(page: Page, url: str, look: Look) -> tuple[float, float]:
    """The same as `_load`, of somebody who was elsewhere meanwhile: nothing is left of the page in memory."""
    page.goto("about:blank")
    return _load(page, url, look)


def _load(page: Page, url: str, look: Look) -> tuple[float, float]:
    """Seconds from the address to content, and KiB over the wire until then."""
    page.goto(url + look.path, wait_until="commit")
    seconds = page.evaluate(_SHOWN, [look.wanted, None]) / 1000
    return seconds, float(page.evaluate(_SENT))


def rows(answer: str) -> int:
    """Rows of a grid in what a callback answered."""

    def count(piece: Any) -> int:
        if isinstance(piece, dict):
            return sum(len(one) if name == "rowData" and one else count(one) for name, one in piece.items())
        return sum(map(count, piece)) if isinstance(piece, list) else 0

    return count(json.loads(answer))


def _median(rows: Sequence[Seen]) -> Seen:
    name, *columns = zip(*rows, strict=True)
    return Seen(str(name[0]), *(statistics.median(column) for column in columns))
