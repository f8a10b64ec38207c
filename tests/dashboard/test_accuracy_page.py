"""What the page of the accuracy says, from a ledger whose counts are known; and each store's record in words."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from asking import ask, words
from typer.testing import CliRunner

from dashboard.app import create
from dashboard.data import Data
from dashboard.sentences import accuracy as records
from dashboard.texts import Texts
from exporters.accuracy import Accuracy
from exporters.plan.frozen import COMMITTED, EXTENDED, FALL, HORIZONS, MEASURED, MISREAD, RISE, Night, Outcome
from exporters.plan.ledger import Count, Key, Ledger, Miss, Scored, Standing, number_of, put
from exporters.plan.schema import create as make
from exporters.plan.schema import open_plan
from inventory.state import open_state
from jauge.cli import app as program

TB = 1e12
NAME = 'jauge_storage_used_bytes{target="nas-01",kind="pool",store="p0"}'
FIRST = (dt.date(2026, 1, 5) - dt.date(1970, 1, 1)).days
EN, FR = Texts("en", ZoneInfo("Europe/Paris")), Texts("fr", ZoneInfo("Europe/Paris"))


def plainly(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _frozen(path: Path, day: int) -> None:
    make(path)
    none = np.zeros(1, np.uint16)
    night = Night(
        series=np.ones(1, np.uint32),
        ago=none.astype(np.uint8),
        age=none,
        level=np.full(1, 10 * TB),
        size=np.full(1, np.nan),
        limit=np.full(1, np.nan),
        move=np.ones(1, np.float32),
        early=none,
        central=none,
        late=none,
        moves=np.zeros((1, len(HORIZONS), 5), np.float32),
    )
    with open_plan(path) as db:
        db.execute("BEGIN IMMEDIATE")
        number_of(db, (NAME, "nas-01", "jauge_storage_used_bytes", (("kind", "pool"), ("store", "p0"))))
        put(db, day, float(day), night, ())
        db.execute("COMMIT")


def _count(**given: float) -> Count:
    return Count(*(given.get(name, 0) for name in Count._fields))


def _outcome() -> Outcome:
    none = np.zeros(1, np.uint16)
    return Outcome(none, none.astype(np.float32), none.astype(np.float32), none, none)


@pytest.fixture
def scored(bare: Data) -> Data:
    """41 forecasts of 90 days of which 33 held, 3 more without a value; the last miss by a migration."""
    path = bare.folder / "plan.db"
    _frozen(path, FIRST)
    calm, eventful = (
        Key("storage", "pool", "pacs", "years", False),
        Key("storage", "pool", "pacs", "years", True),
    )
    counts = {
        calm: _count(due=34, scored=31, in80=28, in95=31, share=0.31, shares=31),
        eventful: _count(due=10, scored=10, in80=5, in95=8, share=0.51, shares=10, judged=8, crossed=4, missed=1, alarms=5, false=2),
    }  # fmt: skip
    state = MEASURED | RISE
    miss = (
        FIRST,
        FIRST + 90,
        10 * TB,
        10.5 * TB,
        10.0 * TB,
        11 * TB,
        12.3 * TB,
        0.0,
        state,
        3.1 * TB,
        FIRST + 40,
    )
    whole = Scored(FIRST, 90, _outcome(), None, counts, [(1, 44, 41, 33, 39)], [(1, miss)])
    Ledger(path).keep([whole, Scored(FIRST, 7, None, "damaged")], 1.0)
    return bare


def _page(data: Data, search: str = "", language: str = "en") -> str:
    app = create(data, open_state(data.folder / "state.db"), demo=True)
    return plainly(words(ask(app, "/accuracy", search, language=language)))


def test_the_page_says_how_many_held_and_how_much_they_missed(scored: Data) -> None:
    said = _page(scored)
    assert "41 forecasts made since 5 Jan 2026 have come due: 80% of them lay inside" in said
    assert "95% inside the one that should hold 95%" in said
    assert "3 more could not be judged" in said
    assert "1 night is damaged" in said
    assert "pool 90 days 41 80% 95% 2.0% 1 of 4 2 of 5" in said
    assert "3.10 TB came at once on 14 Feb 2026" in said
    assert "April 2026 80%" in said
    assert "+18%" in said


def test_the_page_speaks_french(scored: Data) -> None:
    said = _page(scored, "?by=event", "fr")
    assert "41 prévisions faites depuis le 5 janv. 2026 sont arrivées à échéance : 80 % sont restées" in said
    assert "il ne s'est rien passé entre-temps 90 jours 31 90 % 100 % 1,0 %" in said
    assert "il s'est passé quelque chose entre-temps 90 jours 10 50 % 80 % 5,1 % 1 sur 4 2 sur 5" in said
    assert "3,10 To sont arrivés d'un coup le 14 févr. 2026" in said


@pytest.mark.parametrize(
    ("by", "expected"), [("role", "pacs 90 days"), ("age", "over a year 90 days"), ("x", "pool")]
)
def test_the_address_chooses_what_is_told_apart(scored: Data, by: str, expected: str) -> None:
    assert expected in _page(scored, f"?by={by}")


def test_an_empty_ledger_says_when_the_first_forecasts_come_due(bare: Data) -> None:
    assert "No forecast was made yet" in _page(bare)
    assert "Aucune prévision n'a encore été faite" in _page(bare, language="fr")
    _frozen(bare.folder / "plan.db", FIRST)
    said = "made on 5 Jan 2026. They come due on 12 Jan 2026 and are judged on 18 Jan 2026"
    assert said in _page(bare)


def test_a_ledger_that_cannot_be_read_is_said(bare: Data) -> None:
    (bare.folder / "plan.db").write_bytes(b"garbage" * 1000)
    said = _page(bare)
    assert "plan.db" in said
    assert "cannot be read" in said
    assert "No forecast was made yet" not in said


def test_each_store_has_its_record_beside_its_next_date(scored: Data) -> None:
    standings = scored.track(NAME)
    assert [plainly(one) for one in records.describe(standings, EN)] == [
        "Of 41 forecasts of 90 days that came due, 33 held (80%). 3 more could not be judged: there was no value.",
        "It was wrong on 5 Apr 2026 by +18%: 3.10 TB came at once on 14 Feb 2026.",
    ]
    assert [plainly(one) for one in records.describe(standings, FR)] == [
        "Sur 41 prévisions à 90 jours arrivées à échéance, 33 ont tenu (80 %). "
        "3 de plus n'ont pas pu être jugées : il n'y avait pas de valeur.",
        "Elle s'est trompée le 5 avr. 2026 de +18 % : 3,10 To sont arrivés d'un coup le 14 févr. 2026.",
    ]
    assert records.describe(scored.track("nobody"), EN) == []


def test_few_forecasts_give_no_share(bare: Data) -> None:
    assert records.record(Standing(30, 1, 1, 1, 1, None), EN) == "One forecast of 30 days came due; held: 1."
    assert "%" not in records.record(Standing(30, 4, 4, 2, 4, None), EN)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (MEASURED, "nothing known came in between"),
        (MEASURED | FALL | EXTENDED, "3.10 TB went at once on 14 Feb 2026; the size was extended in between"),
        (MEASURED | COMMITTED, "a committed scenario began in between"),
        (MEASURED | MISREAD, "it set out from a glitch"),
    ],
)
def test_the_cause_of_a_miss_is_what_is_known(state: int, expected: str) -> None:
    miss = Miss(NAME, 90, FIRST, FIRST + 90, TB, TB, TB, TB, 2 * TB, 0.0, state, -3.1 * TB, FIRST + 40)
    assert plainly(records.cause(miss, EN)) == expected


@pytest.mark.parametrize(
    ("name", "level", "en", "fr"),
    [
        ('jauge_cpu_used_ratio{target="pacs-01"}', 0.25, ("pacs-01", "processors", "25%"), ("pacs-01", "processeurs", "25 %")),
        ('jauge_desktop_machines_used{target="vdi-01",pool="care"}', 95, ("vdi-01", "care (sessions)", "95"), ("vdi-01", "care (sessions)", "95")),
        ('jauge_node_memory_used_bytes{target="hci-01",node="a"}', 2e12, ("hci-01", "a (memory)", "2.00 TB"), ("hci-01", "a (mémoire)", "2,00 To")),
    ],
)  # fmt: skip
def test_what_is_no_store_is_told_in_its_own_unit(
    name: str, level: float, en: tuple[str, ...], fr: tuple[str, ...]
) -> None:
    miss = Miss(name, 30, FIRST, FIRST + 30, level, level, level, level, 2 * level, 0.0, MEASURED, 0.0, 0)
    for t, expected in ((EN, en), (FR, fr)):
        assert (*records.thing(miss, t), plainly(records.value(miss, miss.mean, t))) == expected


def test_the_exporter_tells_the_counts_and_reads_them_again_when_they_change(scored: Data) -> None:
    path = scored.folder / "plan.db"
    told = Accuracy(path)
    labels = {"quantity": "storage", "kind": "pool", "horizon": "90"}

    def values() -> dict[tuple[str, str], float]:
        return {
            (sample.name, sample.labels.get("band", "")): sample.value
            for family in told.collect()
            for sample in family.samples
            if {name: sample.labels[name] for name in labels} == labels
        }

    found = values()
    assert found["jauge_forecasts_scored_total", ""] == 41
    assert found["jauge_forecasts_unscored_total", ""] == 3
    assert found["jauge_forecasts_inside_total", "0.8"] == 33
    assert found["jauge_forecast_coverage_ratio", "0.8"] == pytest.approx(33 / 41)
    assert found["jauge_forecast_coverage_ratio", "0.95"] == pytest.approx(39 / 41)
    assert found["jauge_forecast_error_ratio", ""] == pytest.approx(0.82 / 41)
    assert (
        found["jauge_forecast_crossings_total", ""],
        found["jauge_forecast_crossings_missed_total", ""],
    ) == (4, 1)
    assert (found["jauge_forecast_alarms_total", ""], found["jauge_forecast_alarms_false_total", ""]) == (
        5,
        2,
    )
    _frozen(path, FIRST + 1)
    key = Key("storage", "pool", "", "years", False)
    Ledger(path).keep([Scored(FIRST + 1, 90, _outcome(), None, {key: _count(due=1, scored=1)})], 2.0)
    assert values()["jauge_forecasts_scored_total", ""] == 42


def test_the_exporter_says_nothing_without_a_plan(tmp_path: Path) -> None:
    assert all(not family.samples for family in Accuracy(tmp_path / "plan.db").collect())
    assert list(tmp_path.iterdir()) == []


def run(data: Data, *given: str) -> str:
    result = CliRunner().invoke(
        program, ["accuracy", str(data.folder / "estate.yml"), "--data", str(data.folder), *given]
    )
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_prints_what_the_page_shows(scored: Data) -> None:
    row = next(line for line in run(scored).splitlines() if line.strip().startswith("pool"))
    assert row.split("  ")[0].strip() == "pool"
    assert [part.strip() for part in row.split("  ") if part.strip()] == [
        "pool", "90", "41", "80.5 %", "95.1 %", "2.0 %", "1 of 4", "2 of 5",
    ]  # fmt: skip
    found = json.loads(run(scored, "--json"))
    assert (found["first"], found["nights"], found["damaged"]) == ("2026-01-05", 1, 1)
    assert found["kinds"][0]["coverage80"] == pytest.approx(33 / 41)
    (worst,) = found["worst"]
    assert (worst["store"], worst["due"], worst["events"]) == (NAME, "2026-04-05", ["rise"])
    assert (worst["jump"], worst["jumped"]) == (3.1 * TB, "2026-02-14")


def test_the_command_tells_the_record_of_one_store(scored: Data) -> None:
    found = json.loads(run(scored, "--store", NAME, "--json"))
    assert found["horizons"][0]["scored"] == 41
    assert found["horizons"][0]["last_miss"]["made"] == "2026-01-05"
    assert "44" in run(scored, "--store", NAME)
    result = CliRunner().invoke(
        program, ["accuracy", str(scored.folder / "estate.yml"), "--data", str(scored.folder), "--store", "x"]
    )
    assert result.exit_code == 1


def test_the_command_says_what_is_missing_from_an_empty_ledger(bare: Data) -> None:
    assert "run jauge plan" in run(bare)
    assert json.loads(run(bare, "--json"))["groups"] == []
    _frozen(bare.folder / "plan.db", FIRST)
    assert "none of their forecasts has come due" in run(bare)
