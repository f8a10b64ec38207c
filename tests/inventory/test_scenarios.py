"""Files of scenarios: every kind is read, every mistake has its line and column."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.estate import Estate, Target
from inventory.quantities import AmbiguousError, amount, decimal, ratio, seconds, size, speed
from inventory.renewal import Renewal, UseClass
from inventory.scenarios import Scenario
from inventory.scenarios.changes import KINDS
from inventory.scenarios.reading import ScenarioError, Written, open_scenario, revive, schema

ESTATE = Estate(
    targets=(Target(name="pacs-01", host=True), Target(name="nas-01", host=True)),
    workstations=Renewal(classes=(UseClass(name="office"),)),
)

WHOLE = """\
name: all-kinds
title: Tout à la fois
why: pour voir
changes:
  - {kind: modality, modality: CT, studies: {low: 30, likely: 35, high: 45}, target: pacs-01, store: /srv/pacs,
     start: 2027-03-01, ramp: 8w, copies: 2, compression: 1.5, calendar: {holidays: alsace-moselle, weekdays: 6},
     replaces: {studies: 30, size: 200 MB}}
  - {kind: pathology, slides: 400, digital: 50 %, target: pacs-01, start: 2027-03-01}
  - kind: building
    places: 140
    start: 2027-09-01
    studies: [{modality: CT, studies: 0.05, target: pacs-01}]
    desktops: [{each: 0.5, target: nas-01, disk: 40 Go, vcpu: 2, processors: 64, memory: 8 GiB}]
    files: [{target: nas-01, each: 1 GB, yearly: 2 GB}]
  - {kind: desktops, count: 200, target: nas-01, disk: 40 GB, licence: {target: nas-01, store: vda}, start: 2027-01-04}
  - {kind: migration, from: {target: nas-01, store: a}, to: {target: pacs-01}, months: 6, start: 2027-01-04, over: 4w}
  - {kind: purge, share: {low: 2 %, likely: 5 %, high: 8 %}, every: yearly, target: nas-01, start: 2027-01-04}
  - {kind: retention, keep: 20, target: pacs-01, years: {2004: 1.5 TB}, start: 2027-01-04}
  - {kind: reduction, after: 1.8, data: all, target: nas-01, start: 2027-01-04}
  - {kind: bought, quantity: licences, amount: 50, cost: 12000, target: nas-01, start: 2027-01-04}
  - {kind: growth, rate: "-3 %", target: nas-01, start: 2027-01-04}
  - {kind: step, amount: -2 TB, target: nas-01, start: 2027-01-04, end: 2027-12-31}
  - {kind: rate, quantity: memory, amount: {low: 1 GiB, likely: 2 GiB, high: 3 GiB}, per: month, target: nas-01, start: 2027-01-04}
  - {kind: age-limit, years: 1, classes: [office], start: 2027-01-04}
  - {kind: updates, product: Windows 10, prices: [55, 110], start: 2027-01-04}
  - {kind: edition, fits: {services: [Pharmacy]}, until: 2032-01-13, price: 190, start: 2027-01-04}
  - {kind: instead, name: thin, offer: {price: 320, running: 85, fits: {classes: [office]}}, start: 2027-01-04}
  - {kind: fleet-money, rate: -20 %, start: 2027-01-04, end: 2028-12-31}
"""


def opened(tmp_path: Path, text: str, estate: Estate | None = None) -> Written:
    file = tmp_path / "scenario.yml"
    file.write_text(text, "utf-8")
    return open_scenario(file, estate)


def change(text: str) -> str:
    return f"name: s\nchanges:\n  - {text}\n"


STEP = "kind: step, target: nas-01, start: 2027-01-04"


def test_every_kind_is_read_and_kept_as_it_was_written(tmp_path: Path) -> None:
    found = opened(tmp_path, WHOLE, ESTATE)
    assert found.problems == []
    assert found.scenario is not None
    assert {one.kind for one in found.scenario.changes} == set(KINDS)
    assert revive(found.text) == found.scenario
    assert found.scenario.changes[2].desktops[0].disk.three == (40e9, 40e9, 40e9)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("[]", 1, 1, "a scenario is a mapping"),
        ("", 1, 1, "a scenario is a mapping"),
        ("name: s\nchanges: []\n", 2, 10, "at least 1"),
        ("name: s\n", 1, 1, "changes is missing"),
        ("name: a b\nchanges: []\n", 1, 7, "not of the form"),
        ("name: s\nnmae: s\nchanges: []\n", 2, 1, "unknown key nmae: did you mean name?"),
        (change("{kind: stepp, target: x}"), 3, 12, "no kind stepp: did you mean step?"),
        (change("{target: x}"), 3, 5, "needs its kind: one of modality"),
        (change(f"{{{STEP}, amount: 2}}"), 3, 5, "a size with its unit"),
        (change(f"{{{STEP}, quantity: licences, amount: 2 TB}}"), 3, 5, "a plain number"),
        (change(f"{{{STEP}, amount: 2 Terabyte}}"), 3, 61, "'2 Terabyte' is no size"),
        (change(f"{{{STEP}, amount: {{low: 3 TB, likely: 2 TB, high: 4 TB}}}}"), 3, 61, "must not fall"),
        (change(f"{{{STEP}, amount: {{low: 3 TB, likely: 4, high: 4 TB}}}}"), 3, 61, "of one unit"),
        (change(f"{{{STEP}, amount: {{low: 3 TB, likely: 4 TB}}}}"), 3, 61, "high is missing"),
        (change(f"{{{STEP}, amount: 999999 EB}}"), 3, 61, "more than there is of anything"),
        (change(f"{{{STEP}, quantity: licences, amount: -1e300}}"), 3, 81, "more than there is of anything"),
        (change("{kind: desktops, count: 1e300, target: x, start: 2027-01-04}"), 3, 29, "less than or equal to"),
        (
            change("{kind: desktops, count: 1, disk: 1000000 EB, target: x, start: 2027-01-04}"),
            3,
            38,
            "less than or equal to",
        ),
        (change(f"{{{STEP}, amount: 2 TB, amout: 2}}"), 3, 67, "unknown key amout: did you mean amount?"),
        (change("{kind: step, target: nas-01, amount: 2 TB, start: soon}"), 3, 55, "start is no day"),
        (change("{kind: step, target: nas-01, amount: 2 TB, start: 1027-01-01}"), 3, 55, "2000-01-01"),
        (change("{kind: step, target: nas-01, amount: 2 TB, start: 2027-02-30}"), 3, 55, "cannot read this value"),
        (change(f"{{{STEP}, end: 2026-01-01, amount: 2 TB}}"), 3, 5, "lies before the start"),
        (change(f"{{{STEP}, amount: 2 TB, store: ''}}"), 3, 74, "at least 1 character"),
        (change("{kind: step, target: nas-1, start: 2027-01-04, amount: 2 TB}"), 3, 26, "no target nas-1: did you mean nas-01?"),
        (change("{kind: modality, modality: XY, studies: 3, target: pacs-01, start: 2027-01-04}"), 3, 5, "give size"),
        (change("{kind: modality, modality: CT, studies: -3, target: pacs-01, start: 2027-01-04}"), 3, 45, "greater than"),
        (change("{kind: modality, modality: CT, studies: many, target: pacs-01, start: 2027-01-04}"), 3, 45, "studies must be a number"),
        (change("{kind: modality, modality: CT, studies: 3, ramp: 3 months, target: pacs-01, start: 2027-01-04}"), 3, 54, "no duration"),
        (change("{kind: modality, modality: CT, studies: 3, calendar: {weekdays: 8}, target: pacs-01, start: 2027-01-04}"), 3, 69, "less than or equal to 7"),
        (change("{kind: purge, target: nas-01, start: 2027-01-04}"), 3, 5, "either size or share"),
        (change("{kind: purge, share: 120 %, target: nas-01, start: 2027-01-04}"), 3, 26, "less than or equal to 1"),
        (change("{kind: building, places: 140, start: 2027-01-04}"), 3, 5, "a building brings something"),
        (change("{kind: building, places: 140, start: 2027-01-04, files: [{target: nas-9, each: 1 GB}]}"), 3, 71, "no target nas-9"),
        (change("{kind: migration, from: nas-01, to: {target: nas-01}, months: 3, start: 2027-01-04}"), 3, 29, "must be a mapping"),
        (change("{kind: bought, amount: -2 TB, target: nas-01, start: 2027-01-04}"), 3, 5, "more than 0"),
        (change("{kind: retention, keep: 20, target: pacs-01, years: {last: 2 TB}, start: 2027-01-04}"), 3, 58, "last is no year"),
        (change("{kind: growth, rate: -120 %, target: nas-01, start: 2027-01-04}"), 3, 26, "greater than -1"),
        ("name: s\nchanges: [\n", 3, 1, "not YAML"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_column(
    tmp_path: Path, text: str, line: int, column: int, said: str
) -> None:
    found = opened(tmp_path, text, ESTATE)
    assert found.scenario is None
    assert [(p.place.line, p.place.column) for p in found.problems if said in p.message] == [
        (line, column)
    ], [str(p) for p in found.problems]


def test_all_mistakes_are_told_at_once_and_one_number_gives_one_mistake(tmp_path: Path) -> None:
    text = "name: s\nchanges:\n  - {kind: step, target: x, amount: wrong, start: wrong}\n  - {kind: none}\n"
    found = opened(tmp_path, text)
    assert [(p.place.line, p.place.column) for p in found.problems] == [(3, 37), (3, 51), (4, 12)]


def test_the_schema_says_what_the_reader_says() -> None:
    shape = schema()
    assert shape["additionalProperties"] is False
    assert all(part.get("additionalProperties") is False for part in shape["$defs"].values())
    assert json.dumps(shape)


def test_what_was_saved_by_another_program_is_refused_with_words() -> None:
    for text in ("{}", "nonsense", '{"name": "s", "changes": [{"kind": "teleport"}]}'):
        with pytest.raises(ScenarioError, match="cannot be read by this program"):
            revive(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [("300 MB", 3e8), ("1.5 TB", 1.5e12), ("1.5 To", 1.5e12), ("20 GiB", 20 * 2**30), ("20\u202fGio", 20 * 2**30),
     ("-2 TB", -2e12), ("7 B", 7), ("1 KiB", 1024), ("1 kB", 1000), ("1,5 To", 1.5e12), ("1,5\u00a0Go", 1.5e9), ("512 o", 512),
     ("3 Ko", 3000), ("3 ko", 3000), ("2,25 Mo", 2.25e6), ("1 Po", 1e15), ("12\u202f500 Go", 1.25e13), ("1 234,5 Go", 1.2345e12),
     ("0,125 To", 1.25e11), ("1500,125 Go", 1.500125e12), ("1,5 Gio", 1.5 * 2**30)],
)  # fmt: skip
def test_a_gb_is_10_9_bytes_and_a_gib_2_30(text: str, count: float) -> None:
    assert size(text) == count


@pytest.mark.parametrize(("text", "rate"), [("10 Gbit/s", 1.25e9), ("500 MB/s", 5e8), ("1 Gib/s", 2**30 / 8)])
def test_bits_and_bytes_of_a_speed_are_told_apart(text: str, rate: float) -> None:
    assert speed(text) == rate


@pytest.mark.parametrize(
    "text",
    [
        "3",
        3,
        "1,5,5 GB",
        "1.500,5 GB",
        "1,500,000 GB",
        "12 50 GB",
        "4 tb",
        "",
        None,
        True,
        "nan GB",
        "1e3 GB",
        "3 GB/s",
        "٣ GB",
    ],
)
def test_what_is_no_size_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="such as 300 MB"):
        size(text)


@pytest.mark.parametrize(
    ("read", "text"), [(size, "1,500 GB"), (size, "-12,345\u00a0Go"), (speed, "1,500 MB/s"), (amount, "1,500"), (ratio, "1,500 %"), (seconds, "1,500s")]
)  # fmt: skip
def test_what_may_be_thousands_or_decimals_is_refused_with_both(
    read: Callable[[str], float], text: str
) -> None:
    with pytest.raises(AmbiguousError, match=r"may be (1500 or 1\.5|-12345 or -12\.345)"):
        read(text)


@given(st.decimals(0, 10**9, allow_nan=False, places=2), st.sampled_from(["", " ", "\u00a0", "\u202f"]))
def test_a_number_is_the_same_in_both_languages(value: Decimal, space: str) -> None:
    english = f"{value:f}"
    french = f"{value:,.2f}".replace(",", space).replace(".", ",")
    assert decimal(english) == decimal(french) == float(value)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=12) | st.integers(), lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from(["kind", "target", "start", "amount", "low", "changes", "name"]), inner, max_size=4)))  # fmt: skip
def test_no_data_makes_the_reader_fall_over(data: object) -> None:
    try:
        found = revive(json.dumps({"name": "s", "changes": [data, data]}))
    except ScenarioError:
        return
    assert isinstance(found, Scenario)
