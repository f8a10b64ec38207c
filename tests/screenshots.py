"""Pictures of every page of the demo for docs/images: `make screenshots`, or with the folder of a demo that runs, DEMO=FOLDER.

The same window, language and scheme each time, so that pictures differ where pages do. The demo has no administrator: its pages are
served a second time, behind a login, for one whose password nobody knows.
"""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from browsing import chromium_running, serving
from playwright.sync_api import Browser, Page

from dashboard.access import users
from dashboard.app import BEHIND, PAGES
from dashboard.data import STATE
from inventory.state import State, open_state

IMAGES: Final = Path(__file__).parent.parent / "docs" / "images"
WIDTH, HEIGHT = 1280, 800
NAME: Final = "anna"
READY: Final = 600.0
"""Seconds within which a fresh demo has its history, its forecasts and its plan of renewal."""

STATUS: Final = "status.json"
"""What the collector writes once everything else is there."""

VIEWS: Final = {
    "capacity-of-one-store": ("/capacity", ".ag-row a"),
    "scenarios-of-one": ("/scenarios", "td a[href*='name=']"),
    "targets-of-one": ("/targets", "td a[href*='target=']"),
    "machine": ("/workstations", "td a[href*='/workstations/machine']"),
    "model": ("/workstations", "td a[href*='/workstations/model']"),
}
"""What a page leads to, and worth a picture: the page, and what to click there."""

ASKED: Final = {"search": "?q=pacs"}
"""What is asked of a page that shows nothing of itself."""

EMPTY: Final = ("views",)
"""Pages that have nothing to show in a demo."""

FRENCH: Final = ("overview",)
"""Pages that the French guide shows, in French: `overview-fr.png`."""

COLOURS: Final = """async (png) => {
  const blob = await (await fetch(`data:image/png;base64,${png}`)).blob(), image = await createImageBitmap(blob)
  const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext('2d')
  context.drawImage(image, 0, 0)
  const data = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer)
  const counts = new Map()
  for (const one of data) counts.set(one, (counts.get(one) || 0) + 1)
  const parts = (one) => [one & 255, (one >> 8) & 255, (one >> 16) & 255]
  const palette = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || a - b).slice(0, 256)
  const known = palette.map(parts), nearest = new Map()
  for (const one of counts.keys()) {
    const [r, g, b] = parts(one)
    let best = 0, least = Infinity
    known.forEach(([x, y, z], at) => { const far = (r - x) ** 2 + (g - y) ** 2 + (b - z) ** 2; if (far < least) { least = far; best = at } })
    nearest.set(one, best)
  }
  return [image.width, image.height, known.flat(), Array.from(data, (one) => String.fromCharCode(nearest.get(one))).join('')]
}"""
"""The 256 commonest colours of a picture, and which of them each of its points is nearest to: of fewer, a rare mark would miss its own."""


def main(folder: Path | None) -> None:
    """Write the pictures, of the demo that keeps its files in `folder`, or of one that is made for it."""
    with contextlib.ExitStack() as left:
        folder = folder or left.enter_context(_demo())
        password = _administrator(open_state(folder / STATE))
        url = left.enter_context(serving(folder, demo=False))
        browser = left.enter_context(chromium_running())
        page, blank = _window(browser, "en-GB"), browser.new_page()
        _log_in(page, url, password)
        _wait(page, url)
        IMAGES.mkdir(exist_ok=True)
        for each in (*PAGES, *BEHIND):
            if each.NAME in EMPTY or hasattr(each, "OF_ONE"):
                continue
            page.goto(url + each.PATH + ASKED.get(each.NAME, ""))
            _keep(page, blank, each.NAME)
        for name, (path, inside) in VIEWS.items():
            page.goto(url + path)
            page.locator(inside).first.click()
            page.wait_for_url("**?**")
            _keep(page, blank, name)
        page = _window(browser, "fr-FR")
        _log_in(page, url, password)
        for each in PAGES:
            if each.NAME in FRENCH:
                page.goto(url + each.PATH)
                _keep(page, blank, f"{each.NAME}-fr")


def _window(browser: Browser, locale: str) -> Page:
    """A page of a window that is alike each time, but for its language."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, locale=locale, timezone_id="Europe/Paris", color_scheme="light", reduced_motion="reduce",
    )  # fmt: skip
    return context.new_page()


@contextlib.contextmanager
def _demo() -> Iterator[Path]:
    """A demo of its own, while pictures are made."""
    with tempfile.TemporaryDirectory() as place:
        demo = subprocess.Popen([sys.executable, "-m", "jauge", "demo", "--directory", place])
        try:
            end = time.monotonic() + READY
            while not (Path(place) / STATUS).exists() and time.monotonic() < end and demo.poll() is None:
                time.sleep(1)
            yield Path(place)
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait(60)


def _administrator(state: State) -> str:
    """A new password of the administrator of the demo, who is made where there is none yet."""
    password = secrets.token_urlsafe(16)
    if NAME in {one.name for one in users.listed(state)}:
        users.change(state, NAME, role="admin", password=password)
    else:
        users.add(state, NAME, "admin", password)
    return password


def _log_in(page: Page, url: str, password: str) -> None:
    page.goto(f"{url}/login")
    page.fill("#name", NAME)
    page.fill("#password", password)
    page.click("button[type=submit]")
    page.wait_for_selector("#title")


def _wait(page: Page, url: str) -> None:
    """Wait until everything that is computed beside the pages is there."""
    end = time.monotonic() + READY
    for path, shown in (("/capacity", ".ag-row a"), ("/renewal", "section .js-plotly-plot")):
        page.goto(url + path)
        while not page.locator(shown).count():
            if time.monotonic() > end:
                raise SystemExit(f"{path} is not ready: {page.inner_text('main')[:300]}")
            time.sleep(5)
            page.reload()
            page.wait_for_selector("#title")


def _keep(page: Page, blank: Page, name: str) -> None:
    page.wait_for_selector("#title")
    page.wait_for_load_state("networkidle")
    page.wait_for_function(
        "Array.from(document.querySelectorAll('.graph')).every((one) => one.querySelector('.main-svg'))"
    )
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.wait_for_timeout(300)
    shot = base64.b64encode(page.screenshot(animations="disabled")).decode()
    (IMAGES / f"{name}.png").write_bytes(_png(*blank.evaluate(COLOURS, shot)))


def _png(width: int, height: int, palette: list[int], points: str) -> bytes:
    """A picture of at most 256 colours (PNG, colour type 3: one byte a point)."""
    rows = points.encode("latin-1")
    lines = b"".join(b"\0" + rows[at * width : (at + 1) * width] for at in range(height))
    parts = (
        (b"IHDR", struct.pack(">2I5B", width, height, 8, 3, 0, 0, 0)), (b"PLTE", bytes(palette)),
        (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""),
    )  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )


if __name__ == "__main__":
    main(Path(os.environ["DEMO"]) if os.environ.get("DEMO") else None)
