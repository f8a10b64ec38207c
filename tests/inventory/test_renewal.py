"""The section `workstations` of an estate: classes of use, offers, money, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from inventory import checking
from inventory.renewal import OTHER, Fits, Renewal

_SECTION = """
contracts:
  ugap-pc: {lead_time: 8w, until: 2028-06-30}
workstations:
  age_limit: 6
  classes:
    - {name: theatre, criticality: critical, care: true, age_limit: 5, fits: {services: [chirurgie*]}}
    - {name: desk, fits: {kinds: [fixe]}}
  directorates: {Research: {sites: [Institut*]}}
  offers:
    laptop: {contract: %s, price: 980, fits: {kinds: [Portable]}}
  budgets: {2027: {amount: 420000, directorates: {%s: 30000}}, 2029: {amount: 300000}}
"""


def _checked(folder: Path, contract: str = "ugap-pc", directorate: str = "Research") -> checking.Check:
    file = folder / "estate.yml"
    file.write_text(_SECTION % (contract, directorate))
    return checking.check(file)


def _renewal(folder: Path) -> Renewal:
    estate = _checked(folder).estate
    assert estate is not None
    assert estate.workstations is not None
    return estate.workstations


def test_a_machine_is_of_the_first_class_that_it_fits_whatever_the_case(tmp_path: Path) -> None:
    renewal = _renewal(tmp_path)
    assert renewal.classify({"service": "Chirurgie thoracique", "kind": "Fixe"}) == "theatre"
    assert renewal.classify({"service": "Pharmacie", "kind": "FIXE"}) == "desk"


def test_what_is_unknown_fits_no_pattern(tmp_path: Path) -> None:
    assert _renewal(tmp_path).classify({"service": None, "kind": None}) == OTHER


def test_only_a_star_is_special_in_a_pattern() -> None:
    assert Fits(models=("OptiPlex [7*",)).match({"model": "optiplex [7090]"})
    assert not Fits(models=("OptiPlex ?090",)).match({"model": "OptiPlex 7090"})


def test_a_year_without_money_of_its_own_has_that_of_the_last_one_named(tmp_path: Path) -> None:
    renewal = _renewal(tmp_path)
    amounts = {year: found.amount for year in (2027, 2028, 2029, 2034) if (found := renewal.money(year))}
    assert amounts == {2027: 420_000, 2028: 420_000, 2029: 300_000, 2034: 300_000}
    assert renewal.money(2026) is None


def test_an_age_limit_is_that_of_the_class_or_of_all(tmp_path: Path) -> None:
    renewal = _renewal(tmp_path)
    assert (renewal.limit_of("theatre"), renewal.limit_of("desk"), renewal.limit_of(OTHER)) == (5, 6, 6)


def test_an_offer_under_a_contract_that_nobody_declares_is_an_error_at_its_place(tmp_path: Path) -> None:
    (problem,) = _checked(tmp_path, contract="ugap-cp").errors
    assert (problem.place.line, problem.message) == (
        11,
        "contract ugap-cp is not in contracts: did you mean ugap-pc?",
    )


def test_money_of_a_directorate_that_pays_for_no_machine_is_an_error(tmp_path: Path) -> None:
    (problem,) = _checked(tmp_path, directorate="Recherche").errors
    assert "does not say which machines Recherche pays for" in problem.message


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"classes": [{"name": "a"}, {"name": "a"}]}, "a twice"),
        ({"projects": [{"name": "p", "machines": 3, "by": "2027-01-01", "use": "x"}]}, "there is no class x"),
        ({"consoles": [{"fits": {}, "why": "its maker"}]}, "every workstation would be a console"),
        ({"classes": [{"name": "a", "spares": {"number": 3, "failures": True}}]}, "give one of"),
    ],
)
def test_what_contradicts_itself_is_refused_with_the_reason(section: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Renewal.model_validate(section)
