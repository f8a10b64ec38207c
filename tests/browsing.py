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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM: Final = os.environ.get("JAUGE_CHROMIUM", "/usr/bin/chromium")
SERVE: Final = (
    "import sys; from pathlib import Path; from dashboard.serving import serve; "
    "serve(Path(sys.argv[1]), Path(sys.argv[1]) / 'estate.yml', '127.0.0.1', int(sys.argv[2]), demo=sys.argv[3] == 'demo')"
)
PATIENCE: Final = 90.0
"""Seconds until a server answers, on a machine that may be busy."""

needs_chromium = pytest.mark.skipif(
    not Path(CHROMIUM).exists() and os.environ.get("CI") != "true",
    reason=f"no Chromium at {CHROMIUM}: set JAUGE_CHROMIUM",
)


@contextmanager
def serving(folder: Path, *, demo: bool) -> Iterator[str]:
    """The address of the pages of `folder`; a demo lets everybody in."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [str(folder), str(port), "demo" if demo else "login"]
    process = subprocess.Popen([sys.executable, "-c", SERVE, *words])
    try:
        _wait(f"http://127.0.0.1:{port}/login", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


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
