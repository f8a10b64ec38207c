"""`jauge demo` as a visitor starts it: the first page soon, every page in two languages, and nothing left at the end."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import mixing
import psutil
import pytest
import servers
from playwright.sync_api import Browser, Page, sync_playwright

pytestmark = [pytest.mark.xdist_group("demo run"), pytest.mark.timeout(180)]

CHROMIUM = os.environ.get("JAUGE_CHROMIUM", "/usr/bin/chromium")
URL = re.compile(r"http://127\.0\.0\.1:\d+")
PAGES = {
    "en-GB": ["Overview", "Runway", "Capacity", "Scenarios", "Purchase plan", "Retention", "Accuracy of the forecasts", "PACS", "Backups", "Platforms", "Workstations", "Targets", "Your own estate"],
    "fr-FR": ["Vue d'ensemble", "Horizon", "Capacité", "Scénarios", "Plan d'achat", "Conservation", "Justesse des prévisions", "PACS", "Sauvegardes", "Plateformes", "Postes de travail", "Cibles", "Votre propre parc"],
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Demo:
    """A running demo. `seconds` is what it took until its first page answered, `collector` where it is scraped."""

    process: subprocess.Popen[str]
    first: str
    seconds: float
    said: Path
    collector: str = ""

    @property
    def url(self) -> str:
        return URL.findall(self.first)[0]


@contextlib.contextmanager
def showing(place: Path) -> Iterator[Demo]:
    """`jauge demo` in an empty home, from start to its first line; ended by its own PID."""
    (place / "home").mkdir(parents=True)
    kept = {name: os.environ[name] for name in ("PATH", "JAUGE_CHROMIUM") if name in os.environ}
    environment = kept | {"HOME": str(place / "home"), "JAUGE_DEMO": str(place / "demo")}
    start = time.monotonic()
    with (place / "stderr").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "jauge", "demo"], stdout=subprocess.PIPE, stderr=errors, text=True,
            cwd=place, env=environment,
        )  # fmt: skip
    watchdog = threading.Timer(90, process.kill)  # a demo that never speaks must not hold the test
    watchdog.start()
    try:
        assert process.stdout
        first = process.stdout.readline()
        watchdog.cancel()
        assert first, (place / "stderr").read_text()
        yield Demo(process, first, time.monotonic() - start, place / "stderr")
    finally:
        watchdog.cancel()
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with showing(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        servers.missing(f"no Chromium at {CHROMIUM}: apt-get install chromium, or set JAUGE_CHROMIUM")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def filled(demo: Demo) -> Demo:
    """The demo once every machine was polled and the planner has spoken."""
    collector = re.findall(URL, demo.process.stdout.readline() if demo.process.stdout else "")[0]
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(httpx.HTTPError):
            ready = servers.get(f"{collector}/-/ready").status_code == 200
            if ready and "jauge_storage_full_timestamp_seconds{" in servers.get(
                f"{collector}/metrics/estate"
            ).text:  # fmt: skip
                time.sleep(2.5)  # the collector tells the pages how targets stand every two seconds
                _stop_planning(demo)
                return dataclasses.replace(demo, collector=collector)
        time.sleep(0.3)
    raise TimeoutError(demo.said.read_text()[-3000:])


def _stop_planning(demo: Demo) -> None:
    """End the planner, which has spoken: the renewal of 3,000 workstations, which no page here shows, takes it minutes."""
    for child in psutil.Process(demo.process.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.cmdline()[1:4] == ["-m", "jauge", "plan"]:
                child.terminate()


def test_the_first_url_is_that_of_the_pages_and_it_answers(demo: Demo) -> None:
    print(f"first page after {demo.seconds:.1f} s")  # ten on an idle machine; others may be testing beside us
    assert len(URL.findall(demo.first)) == 1
    page = servers.get(demo.url, follow_redirects=True)
    assert page.status_code == 200
    assert "Jauge" in page.text


def _open(browser: Browser, url: str, language: str) -> tuple[Page, list[str]]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale=language)
    page, said = context.new_page(), []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("response", lambda r: said.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    page.goto(url)
    page.wait_for_selector("#title")
    return page, said


def _await(page: Page, text: str, seconds: float = 60) -> None:
    """Look at a page again until it holds a text: a busy machine tells it how targets stand some seconds later."""
    end = time.monotonic() + seconds
    while text not in page.locator("main").inner_text() and time.monotonic() < end:
        page.wait_for_timeout(1000)
        page.reload()
        page.wait_for_selector("#title")


@pytest.mark.parametrize("language", PAGES)
def test_every_page_shows_the_hospital_in_both_languages(
    browser: Browser, filled: Demo, language: str
) -> None:
    page, said = _open(browser, filled.url, language)
    _await(page, "archive-01")
    text = {}
    for title in PAGES[language]:
        page.click(f'a.nav:text-is("{title}")')
        page.wait_for_selector(f'#title:text-is("{title}")')
        assert page.locator(".demo").is_visible()
        if title in ("Capacity", "Capacité"):
            page.wait_for_selector(
                '.ag-row a:text-is("/srv/pacs")'
            )  # the grid fills itself in a moment later
        if title == "PACS":  # what it refuses is known once it was asked
            _await(page, "nous refuse" if language == "fr-FR" else "refuses us")
        if title in ("Platforms", "Plateformes"):
            for told in ("ORU laboratoire vers dossier", "pg-03"):  # by a poll alone: no history holds them
                _await(page, told)
        text[title] = page.locator("main").inner_text()
    french = language == "fr-FR"
    overview, runway, capacity, scenarios, purchase, retention, accuracy, *rest = text.values()
    pacs, backups, platforms, workstations, targets, own = rest
    assert "archive-01" in overview
    assert "archive-01" in runway  # over its ceiling already: the first of the walls that stand
    assert "A third CT" in scenarios
    assert "€" in purchase
    assert "pacs-01" in retention
    assert ("jour" if french else "day") in accuracy
    assert "/srv/pacs" in capacity
    assert re.search(
        r"(nous refuse|refuses us)\s+([\d,.]+\s\w+\s+)?vna-01", pacs
    )  # perhaps with the time that it took
    assert "pacs-01" in pacs
    # Of each kind something is in trouble: a channel, an exchange, a pool of desktops, a copy of databases.
    for trouble in ("ORU laboratoire vers dossier", "tel-02", "imagerie", "pg-03"):
        assert trouble in platforms
    # A restic job of last night: its age stands in hours.
    assert re.search(r"\d+ heures?" if french else r"\d+ hours?", backups)
    assert re.search(r"3\W?000", workstations)
    assert page.locator(".demo").inner_text().count("Démonstration" if french else "Demonstration") == 1
    for reason in (
        ("pas de réponse à temps", "identification refusée", "clé d'hôte inconnue")
        if french
        else ("no answer in time", "login refused", "host key unknown")
    ):
        assert reason in targets
    assert "jauge check" in own
    # A job of last night that lost most of its source, and a machine that none saves.
    page.goto(f"{filled.url}/backups")
    page.wait_for_selector("#title")
    _await(page, "moins de la moitié" if french else "less than half")
    told = page.locator("main").inner_text()
    assert re.search(r"edc-01:nightly.*(moins de la moitié|less than half)", told, re.DOTALL)
    assert re.search(r"(dans aucune tâche|in no job)\s+jauge-01", told)
    assert said == []


def test_the_pyramid_and_a_store_are_drawn(browser: Browser, filled: Demo) -> None:
    page, said = _open(browser, f"{filled.url}/workstations", "en-GB")
    page.wait_for_selector(".js-plotly-plot .barlayer .point")
    assert page.locator(".js-plotly-plot .barlayer .point").count() >= 5
    page.click('a.nav:text-is("Capacity")')
    page.click('.ag-row a:text-is("/srv/pacs")')
    page.wait_for_selector(".js-plotly-plot .scatterlayer .trace")
    assert "should be full about" in page.locator(".lead").first.inner_text()
    assert said == []


def test_every_panel_of_the_dashboards_shows_data_of_the_demo(filled: Demo) -> None:
    """By a Prometheus that scrapes it with the shipped rules; what the demo cannot show is named with its reason."""
    with mixing.prometheus(filled.collector.removeprefix("http://")) as api:
        assert mixing.empty(api, within=60) == mixing.NOT_OF_THE_DEMO.keys()


def test_two_demos_run_beside_each_other_and_end_without_a_child(demo: Demo, tmp_path: Path) -> None:
    """The demo of the other tests runs, and whatever else is tested beside us may hold the usual ports."""
    taken = [_listen(port) for port in (8050, 9640)]
    try:
        with showing(tmp_path) as second:
            assert second.url != demo.url
            assert second.url != "http://127.0.0.1:8050"
            assert servers.get(f"{second.url}/login").status_code < 500
            children = psutil.Process(second.process.pid).children(recursive=True)
            assert len(children) >= 3
            start = time.monotonic()
            second.process.send_signal(signal.SIGTERM)
            assert second.process.wait(15) == 0
            assert time.monotonic() - start < 10
            assert [child for child in children if _lives(child)] == []
            assert "Traceback" not in second.said.read_text()
            assert "level=error" not in second.said.read_text()
    finally:
        for each in taken:
            if each:
                each.close()
    assert servers.get(f"{demo.url}/login").status_code < 500


def _listen(port: int) -> socket.socket | None:
    """Hold a port, where nobody holds it already."""
    each = socket.socket()
    try:
        each.bind(("127.0.0.1", port))
        each.listen()
    except OSError:
        each.close()
        return None
    return each


def _lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
