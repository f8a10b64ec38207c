"""Pages in a real browser: a server of a folder in a process of its own, and Chromium."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM: Final = os.environ.get("JAUGE_CHROMIUM", "/usr/bin/chromium")
SERVE: Final = (
    "import sys; from pathlib import Path; from dashboard.serving import serve; "
    "serve(Path(sys.argv[1]), Path(sys.argv[1]) / 'estate.yml', '127.0.0.1', int(sys.argv[2]), demo=sys.argv[3] == 'demo')"
)
PATIENCE: Final = 90.0
"""Seconds until a server answers, and until it has ended, on a machine that may be busy."""

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
    words = [str(folder), str(port), "demo" if demo else "login"]
    process = subprocess.Popen([sys.executable, "-c", SERVE, *words])
    try:
        _wait(f"http://127.0.0.1:{port}/login", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)  # it ends what it answers first


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
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


COLOURS: Final = ("color-contrast", "link-in-text-block")
"""The rules of axe-core that a colour decides; another scheme changes nothing for the others."""


def violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core calls serious or critical: which rule, and of what. By all of its rules, where none are named."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['impact']} {one['id']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
