"""Pages in a real browser: a server of a folder in a process of its own, and Chromium."""

from __future__ import annotations

import multiprocessing
import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urljoin

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, sync_playwright

from dashboard.serving import serve

CHROMIUM: Final = os.environ.get("JAUGE_CHROMIUM", "/usr/bin/chromium")
PATIENCE: Final = 90.0
"""Seconds until a server answers, and until it has ended, on a machine that may be busy."""

_SERVERS: Final = multiprocessing.get_context("forkserver")
_SERVERS.set_forkserver_preload(["dashboard.serving"])
"""Makes processes that have loaded the pages already, which takes longer than most tests of them: one loads them for all."""

View = tuple[str, Literal["light", "dark"], int]
"""A reader: language, scheme, and how wide the screen is."""

VIEWS: Final[tuple[View, ...]] = (("fr-FR", "light", 1440), ("en-GB", "dark", 390))

CUT: Final = """() => Array.from(document.querySelectorAll('.table'))
    .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.querySelector('caption').textContent)"""
"""Tables that show less than all of their columns."""

needs_chromium = pytest.mark.skipif(
    not Path(CHROMIUM).exists() and os.environ.get("CI") != "true",
    reason=f"no Chromium at {CHROMIUM}: set JAUGE_CHROMIUM",
)


@contextmanager
def serving(folder: Path, *, demo: bool, port: int = 0) -> Iterator[str]:
    """The address of the pages of `folder`; a demo lets everybody in. Any free port will do, where none is given."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", port))
        port = free.getsockname()[1]
    process = _SERVERS.Process(
        target=serve, args=(folder, folder / "estate.yml", "127.0.0.1", port), kwargs={"demo": demo}
    )
    process.start()
    try:
        _wait(f"http://127.0.0.1:{port}/login", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.join(PATIENCE)  # it ends what it answers first
        assert not process.is_alive(), "the server does not end"


def _wait(address: str, process: ForkServerProcess) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.is_alive():
        try:
            urllib.request.urlopen(address, timeout=5).read()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"{address} does not answer")


@contextmanager
def chromium_running() -> Iterator[Browser]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def looking(browser: Browser, view: View) -> Page:
    """A page that such a reader looks at."""
    language, scheme, width = view
    context = browser.new_context(
        locale=language,
        color_scheme=scheme,
        viewport={"width": width, "height": 844},
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(120_000)
    return page


def turn(page: Page, address: str) -> None:
    """Another page in place of the one that is shown, as a link leads to it: no script is loaded and compiled anew.

    What stands there is taken away first, so that nobody looks at it instead.
    """
    if urljoin(page.url, address) == page.url:
        page.reload()
    else:
        page.evaluate(TURN, address)
    page.wait_for_selector("#title")


TURN: Final = """async address => {
    dash_clientside.set_props('content', {children: ''})
    while (document.querySelector('#title')) await new Promise(drawn => setTimeout(drawn, 10))
    history.pushState({}, '', address)
    dispatchEvent(new CustomEvent('_dashprivate_pushstate'))
}"""

COLOURS: Final = ("color-contrast", "link-in-text-block")
"""The rules of axe-core that a colour decides; another scheme changes nothing for the others."""


def violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core calls serious or critical: which rule, and of what. By all of its rules, where none are named."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    if not page.evaluate("'axe' in window"):  # half a megabyte to compile
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(
        "options => axe.run(options).then(found => found.violations)", options
    )
    return [
        f"{one['impact']} {one['id']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
