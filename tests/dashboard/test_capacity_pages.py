"""Runway, purchases and retention over HTTP, on real files: what the pages say, in both languages."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from asking import ask, words
from dash import Dash
from outlining import outlook, path_of

from dashboard.app import create
from dashboard.data import Data
from dashboard.sentences import walls as sentences
from dashboard.texts import Texts
from exporters.history import Point
from exporters.history.sqlite import Writer
from exporters.plan.outlooks import Outlooks
from forecasting import kept_purchase
from forecasting.purchase import plan
from forecasting.retention import BY_YEAR
from forecasting.runway import EXPIRY
from inventory.checking import load
from inventory.estate import Estate
from inventory.metrics import labels
from inventory.state import open_state

TB = 1e12
TODAY = dt.datetime.now(ZoneInfo("Europe/Paris")).date()
ESTATE = """title: Test hospital
credentials: {c: {snmp: v2c, community: file:/etc/hostname}}
defaults: {credential: c}
contracts:
  stock: {title: Stock market, lead_time: 4w, items: {tray: {title: "Tray <b>20</b>", gives: {storage: 20 TB}, price: 13000}}}
budgets: {%d: {amount: 500000}}
retention: {years: 20, returned: 50 %%}
targets:
  - {name: nas-01, contract: stock}
  - {name: pacs-01}
  - {name: fw-01}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("capacity")
    (made / "estate.yml").write_text(ESTATE % TODAY.year)
    now = time.time()
    writer = Writer(made / "history.db", "Europe/Paris")
    writer.append([
        Point("fw-01", EXPIRY, labels(license="<i>antivirus</i>"), now - 60, now + 86_400 * 20),
        Point("pacs-01", BY_YEAR, labels(year="1999"), now - 60, 8 * TB),
        Point("pacs-01", BY_YEAR, labels(year="unknown"), now - 60, 1e9),
    ])  # fmt: skip
    writer.close()
    Outlooks(made / "plan.db").issue(
        [
            outlook("nas-01", "p0", TODAY, 90 * TB, 100 * TB, 0.1 * TB, band=0.02 * TB, lead=112),
            outlook("pacs-01", "/srv/pacs", TODAY, 9 * TB, 10 * TB, 0.01 * TB, kind="filesystem"),
        ],
        now,
    )
    assert kept_purchase.issue(load(made / "estate.yml"), made / "plan.db", made, now)
    return made


@pytest.fixture
def app(folder: Path) -> Dash:
    return create(Data(load(folder / "estate.yml"), folder), open_state(folder / "state.db"), demo=True)


def said(app: Dash, path: str, language: str = "en") -> str:
    return words(ask(app, path, language=language)).replace("\u00a0", " ").replace("\u202f", " ")


def test_the_runway_names_the_first_wall_with_its_cause(app: Dash) -> None:
    page = said(app, "/runway")
    assert "First wall to come: <i>antivirus</i> of fw-01" in page
    assert "The licence or contract ends." in page
    assert "It holds 90.0 TB of the 100 TB that may be filled, and grows by about 100 GB a day." in page
    assert page.index("antivirus") < page.index("p0")
    assert "Première butée à venir" in said(app, "/runway", "fr")


def test_what_comes_slowly_is_not_told_as_nothing() -> None:
    t = Texts("en", ZoneInfo("Europe/Paris"))
    assert sentences.amount("licences", 0.207, t) == "0.207 licences"
    assert sentences.amount("sessions", 354_713.2, t) == "354,713 sessions"
    assert sentences.amount("memory", 2e9, t) == "2.00\u00a0GB"


def test_no_text_of_a_device_enters_the_chart_of_the_runway(app: Dash) -> None:
    answer = ask(app, "/runway").json["response"]["content"]["children"]
    figures: list[str] = []

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if node.get("type") == "Graph":
                figures.append(str(node["props"]["figure"]))
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(answer)
    assert len(figures) == 1
    assert "fw-01" in figures[0]
    assert "<i>" not in figures[0]


def test_the_purchase_plan_says_what_to_order_and_what_will_lack(app: Dash) -> None:
    page = said(app, "/purchase")
    assert "Tray <b>20</b>" in page
    assert "Stock market · + 20.0 TB" in page
    assert "Proven: no plan is better." in page
    assert "nothing that is sold fits" in page  # the PACS has no contract
    assert "€500,000" in page
    assert "What one more year costs" in page
    assert "13 000 €" in said(app, "/purchase", "fr")
    assert "Ce que coûte une année de plus" in said(app, "/purchase", "fr")


def test_a_purchase_plan_is_made_by_a_process_and_the_former_one_is_shown_until_then(
    folder: Path, tmp_path: Path
) -> None:
    for name in ("estate.yml", "plan.db"):
        shutil.copy(folder / name, tmp_path / name)
    data = Data(load(tmp_path / "estate.yml"), tmp_path)
    app = create(data, open_state(tmp_path / "state.db"), demo=True)
    assert "is being computed" in said(app, "/purchase")
    _await(lambda: "Proven: no plan is better." in said(app, "/purchase"))
    text = (tmp_path / "estate.yml").read_text()
    (tmp_path / "estate.yml").write_text(text.replace("price: 13000", "price: 12000"))
    changed = create(
        Data(load(tmp_path / "estate.yml"), tmp_path), open_state(tmp_path / "state.db"), demo=True
    )
    shown = said(changed, "/purchase")
    assert "€13,000" in shown
    assert "Something has changed since" in shown
    _await(lambda: "€12,000" in said(changed, "/purchase"))
    assert "Something has changed since" not in said(changed, "/purchase")


def test_a_purchase_plan_is_read_back_as_it_was_made_and_one_that_is_cut_off_is_made_anew(
    folder: Path, tmp_path: Path
) -> None:
    estate, kept = load(folder / "estate.yml"), kept_purchase.read(folder)
    outlooks = Outlooks(folder / "plan.db")
    assert kept is not None
    made = plan(estate, outlooks.latest(), outlooks.paths(), kept.plan.today)
    assert dataclasses.replace(made, seconds=kept.plan.seconds) == kept.plan
    whole = (folder / kept_purchase.FILE).read_bytes()
    (tmp_path / kept_purchase.FILE).write_bytes(whole[: len(whole) // 2])
    assert kept_purchase.read(tmp_path) is None
    assert kept_purchase.issue(estate, folder / "plan.db", tmp_path, time.time())
    assert not kept_purchase.issue(estate, folder / "plan.db", tmp_path, time.time())


def _await(holds: Callable[[], bool]) -> None:
    """Until something holds; a process takes seconds to begin."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (0.0, "Proven: no plan is better."),
        (0.00016, "Proven: no plan is better by more than 0.1%."),
        (0.0121, "Proven: no plan is better by more than 1.3%."),
    ],
)
def test_a_gap_is_never_told_smaller_than_it_is(gap: float, said: str) -> None:
    one = outlook("nas-01", "p0", TODAY, 90 * TB, 100 * TB, 0.1 * TB)
    priced = Estate.model_validate({"targets": [{"name": "nas-01", "price": 500, "lead_time": "2w"}]})
    made = plan(priced, [one], path_of(one), TODAY, years=1)
    assert said in sentences.purchase(
        dataclasses.replace(made, gap=gap), Texts("en", ZoneInfo("Europe/Paris"))
    )


def test_retention_tells_bytes_by_year_and_what_its_owner_did_not_declare(app: Dash) -> None:
    """8 TB of 1999, half of whose patients came again: 4 TB may go, and the store's 9 TB become 5 of 10."""
    page = said(app, "/retention")
    assert "4.00 TB may be deleted today" in page
    assert "1.00 GB are of studies without a date" in page
    assert "Not declared: the share of young children, the share of the dead." in page
    assert "No patient is looked at" in page
    assert "with what may go deleted each 1 January, about" in page


def test_without_files_every_page_says_what_to_do(bare: Data) -> None:
    app = create(bare, open_state(bare.folder / "state.db"), demo=True)
    assert "jauge plan" in said(app, "/runway")
    assert "jauge plan" in said(app, "/purchase")
    assert "follow: true" in said(app, "/retention")


def test_an_archive_without_a_rule_asks_for_one(folder: Path) -> None:
    estate = load(folder / "estate.yml").model_copy(update={"retention": None})
    app = create(Data(estate, folder), open_state(folder / "state.db"), demo=True)
    assert "No rule is declared" in said(app, "/retention")
