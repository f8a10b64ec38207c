"""What people of each role come for, in a real browser: in both languages, with the mouse, and with the keyboard alone."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from browsing import chromium_running, needs_chromium, serving
from playwright.sync_api import Browser, Page

from dashboard.access import users
from inventory.scenarios.reading import revive
from inventory.state import State, audit, open_state, restores, scenarios

PASSWORD = "correct horse battery 1"
NEW = "a quiet purple giraffe"
WAYS: Final = (("fr-FR", "mouse"), ("en-GB", "keyboard"), ("fr-FR", "keyboard"), ("en-GB", "mouse"))

pytestmark = [pytest.mark.xdist_group("browser by role"), needs_chromium, pytest.mark.timeout(600)]


class Place(NamedTuple):
    url: str
    state: State


@pytest.fixture(scope="module")
def place(hospital: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server of the hospital with a login for each role, and a scenario for each manager."""
    folder = tmp_path_factory.mktemp("roles") / "data"
    shutil.copytree(hospital, folder)
    state = open_state(folder / "state.db")
    for name, role in (("oper", "operator"), ("mana", "manager"), ("root", "admin")):
        users.add(state, name, role, PASSWORD)
    start = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=20)).isoformat()
    for way in WAYS:
        change = {"kind": "step", "amount": "15 TB", "target": "nas-01", "store": "/imaging", "start": start}
        text = json.dumps({"name": "-".join(way), "title": "A second scanner", "changes": [change]})
        scenarios.save(state, revive(text), text, "mana", time.time())
    with serving(folder, demo=False) as url:
        yield Place(url, state)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with chromium_running() as running:
        yield running


class Person:
    """Somebody at a browser, who uses the mouse, or the keyboard alone."""

    def __init__(self, chromium: Browser, url: str, locale: str, way: str) -> None:
        self.url, self.french, self.keys = url, locale == "fr-FR", way == "keyboard"
        self.page: Page = chromium.new_context(
            locale=locale, viewport={"width": 1280, "height": 800}
        ).new_page()
        self.page.set_default_timeout(60_000)
        self.said: list[str] = []
        self.page.on(
            "console", lambda m: self.said.append(m.text) if m.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda _: self.said.append("a dialog opened"))

    def log_in(self, name: str, password: str = PASSWORD) -> None:
        self.page.goto(f"{self.url}/login")
        self.fill("#name", name)
        self.fill("#password", password)
        self.follow("button[type=submit]")
        self.page.wait_for_selector("#title")

    def follow(self, selector: str) -> None:
        """Click, or go there with Tab and press Enter."""
        self.page.wait_for_selector(selector)
        if self.keys:
            self._reach(selector)
            self.page.keyboard.press("Enter")
        else:
            self.page.locator(selector).first.click()

    def fill(self, selector: str, text: str) -> None:
        if self.keys:
            self._reach(selector)
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(text)
        else:
            self.page.locator(selector).fill(text)

    def choose(self, selector: str, value: str) -> None:
        """An option of a choice."""
        chosen = self.page.locator(selector)
        if not self.keys:
            chosen.select_option(value)
            return
        self._reach(selector)
        for _ in range(chosen.locator("option").count()):
            if chosen.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        assert chosen.input_value() == value

    def menu(self, name: str) -> None:
        """Another page, by the menu."""
        self.follow(f'a.nav[id*="{name}"]')
        self.page.wait_for_selector(f'a.nav[aria-current=page][id*="{name}"]')
        self.page.wait_for_selector("#title")

    def sees(self, english: str, french: str) -> None:
        """That the page says it, in the language of the browser."""
        said = (french if self.french else english).replace("'", "\\'")
        self.page.wait_for_selector(f"main :text('{said}')")

    def _reach(self, selector: str) -> None:
        for _ in range(200):
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"the keyboard does not reach {selector} on {self.page.url}")


@pytest.mark.parametrize(("locale", "way"), WAYS[:2])
def test_an_operator_goes_from_the_worst_row_to_a_restore_that_was_tested(
    chromium: Browser, place: Place, locale: str, way: str
) -> None:
    one = Person(chromium, place.url, locale, way)
    page = one.page
    one.log_in("oper")

    # The worst row of the overview leads to the target, which says why it is down.
    first = page.locator("main .table tbody tr").first
    assert "pacs-01" in first.inner_text()
    one.follow('main a[href="/targets?target=pacs-01"]')
    page.wait_for_selector('#title:text-is("pacs-01")')
    one.sees("connection refused", "connexion refusée")

    # The store that is full already, with its curve.
    one.menu("capacity")
    page.wait_for_selector(".ag-row a")
    if one.keys:
        page.locator(".choice").last.focus()
        for key in ("Tab", "ArrowDown", "Enter"):
            page.keyboard.press(key)
    else:
        page.locator('.ag-row a:text-is("full")').click()
    page.wait_for_selector('#title:text-is("full")')
    page.wait_for_selector(".js-plotly-plot .scatterlayer .trace")
    one.sees("It has reached its limit already", "a déjà atteint sa limite")

    # The backup that is late; and a restore of it that was tried.
    one.menu("backups")
    one.follow('main a[href*="record=1"][href*="job=lims"]')
    page.wait_for_selector("#what")
    assert page.input_value("#point"), "the last restore point is filled in"
    one.fill("#what", f"the database, by {way}")
    one.fill("#minutes", "90")
    one.choose("#result", "partial")
    one.fill("#evidence", "CHG-7")
    one.follow("button[name=action][value=record]")
    page.wait_for_url("**done=recorded**")
    page.wait_for_selector("#content [role=status]")
    newest = max(restores.listed(place.state), key=lambda test: test.noted)
    assert (newest.what, newest.seconds, newest.result, newest.evidence, newest.who) == (
        f"the database, by {way}", 5_400, "partial", "CHG-7", "oper",
    )  # fmt: skip
    assert audit.entries(place.state, 1)[0].who == "oper"

    # What an operator does not decide is not offered.
    one.menu("scenarios")
    one.follow(f'main a[href*="name={locale}-{way}"]')
    page.wait_for_selector("h2")
    assert not page.locator("#why").count()
    assert one.said == []


@pytest.mark.parametrize(("locale", "way"), WAYS[:2])
def test_a_manager_goes_from_a_forecast_to_a_scenario_that_is_committed_and_withdrawn(
    chromium: Browser, place: Place, locale: str, way: str
) -> None:
    one = Person(chromium, place.url, locale, way)
    page = one.page
    one.log_in("mana")
    one.menu("capacity")
    page.wait_for_selector(".ag-row a")
    if one.keys:
        page.locator(".choice").last.focus()
        for key in ("Tab", "ArrowDown", "ArrowDown", "Enter"):
            page.keyboard.press(key)
    else:
        page.locator('.ag-row a:text-is("/imaging")').click()
    page.wait_for_selector('#title:text-is("/imaging")')
    one.sees("should be full about", "devrait être plein vers le")

    # What a project would change, without it and with it.
    one.menu("scenarios")
    one.follow(f'main a[href*="name={locale}-{way}"]')
    page.wait_for_selector("#why")
    page.wait_for_selector("section table td")
    cases = ("sans", "avec") if one.french else ("without", "with")
    told = [row.locator("td").all_inner_texts() for row in page.locator("section table tbody tr").all()]
    without, moved = (
        next(row for row in told if len(row) > 2 and row[1].split()[:1] == [case]) for case in cases
    )
    assert without[2] != moved[2], "fifteen of sixty terabytes more are full on another day"

    # Committed with a reason, which everybody can read; then taken back.
    one.fill("#why", "The second scanner is bought")
    one.follow("button[value=commit]")
    page.wait_for_selector("button[value=withdraw]")
    assert [saved.name for saved in scenarios.committed(place.state)] == [f"{locale}-{way}"]
    one.sees("The second scanner is bought", "The second scanner is bought")
    one.fill("#why", "The money is gone")
    one.follow("button[value=withdraw]")
    page.wait_for_selector("button[value=commit]")
    assert scenarios.committed(place.state) == []
    done = [(entry.who, entry.action) for entry in audit.entries(place.state, 2)]
    assert done == [("mana", "scenario withdrawn"), ("mana", "scenario committed")]
    assert one.said == []


@pytest.mark.parametrize(("locale", "way"), WAYS[2:])
def test_an_administrator_adds_a_user_who_may_what_the_role_may_until_removed(
    chromium: Browser, place: Place, locale: str, way: str
) -> None:
    root, new = Person(chromium, place.url, locale, way), Person(chromium, place.url, locale, way)
    name = f"ines-{way}"
    root.log_in("root")
    root.menu("administration")
    root.fill("#name", name)
    root.choose("#role", "operator")
    root.fill("#add-password", NEW)
    root.fill("#add-again", NEW)
    root.follow("button[value=add]")
    root.page.wait_for_selector("#content [role=status]")
    assert users.User(name, "operator") in users.listed(place.state)

    # The new user may record restore tests, neither import nor administer, and finds no way there.
    new.log_in(name, NEW)
    assert not new.page.locator('a.nav[id*="administration"]').count()
    new.page.goto(f"{place.url}/administration")
    new.sees("Administrators see this page", "Les administrateurs voient cette page")
    new.page.goto(f"{place.url}/workstations/import")
    new.page.wait_for_selector("#title")
    assert not new.page.locator("#import-choose").count()
    new.menu("backups")
    new.page.wait_for_selector('main a[href*="record=1"]')
    origin = {"Origin": place.url}
    assert (
        new.page.request.post(
            f"{place.url}/administration/act", headers=origin, form={"action": "add"}
        ).status
        == 403
    )
    assert audit.entries(place.state, 1)[0].action == "refused"

    # Removed: out at once.
    root.menu("administration")
    root.follow(f'main a[href*="change={name}"]')
    root.follow("button[value=remove]")
    root.page.wait_for_url("**done=removed**")
    root.page.wait_for_selector("#content [role=status]")
    assert new.said == []
    new.page.goto(f"{place.url}/capacity")
    new.page.wait_for_selector("input[name=password]")
    assert name not in {user.name for user in users.listed(place.state)}
    assert root.said == []
