"""`jauge scenario` from the command line, on a history of known truth."""

from __future__ import annotations

import json
import time
import warnings
from pathlib import Path

import pytest
from foreseeing import write
from typer.testing import CliRunner, Result

from jauge.cli import app

HEAD = "name: more\ntitle: Davantage d'examens\nwhy: délais\nchanges:\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("estate")
    write(folder, time.time())
    return folder


def run(place: Path, *words: str) -> Result:
    return CliRunner().invoke(
        app,
        ["scenario", *words, "--estate", str(place / "estate.yml"), "--data", str(place)],
        env={"COLUMNS": "300"},
    )


def file(place: Path, change: str, name: str = "more.yml") -> str:
    (place / name).write_text(HEAD + f"  - {change}\n", "utf-8")
    return str(place / name)


def started(days: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * 86_400))


def rate(amount: str) -> str:
    return f"{{kind: rate, amount: {amount}, target: pacs-01, store: /srv/pacs, start: {started(5)}}}"


def test_a_mistake_ends_with_1_and_names_its_place(place: Path) -> None:
    path = file(place, "{kind: rate, amount: 2, target: pacs-09, start: 2027-01-01}")
    checked = CliRunner().invoke(app, ["scenario", "check", path, "--estate", str(place / "estate.yml")])
    assert checked.exit_code == 1
    assert f"{path}:5:5" in checked.output.replace("\n", "")
    assert run(place, "try", path).exit_code == 1


def test_a_wall_within_the_lead_time_ends_with_3_and_a_far_one_with_0(place: Path) -> None:
    near = run(place, "try", file(place, rate("400 GB")))
    assert near.exit_code == 3
    assert "as it is" in near.output
    assert "more" in near.output
    far = run(place, "try", file(place, rate("1 GB")))
    assert far.exit_code == 0, far.output


def test_json_holds_base_and_scenario_with_dates_chances_and_what_follows(place: Path) -> None:
    answer = run(place, "try", file(place, rate("100 GB")), "--json")
    told = json.loads(answer.stdout)
    (one,) = told["scenarios"]
    (name,) = [name for name in told["base"] if "/srv/pacs" in name]
    assert one["prospects"][name]["full"]["central"] < told["base"][name]["full"]["central"]
    assert one["added_in_a_year"][name]["likely"] == pytest.approx(360 * 100e9, rel=0.02)
    assert set(one["prospects"][name]["chances"]) == {"30", "90", "180", "365", "1096"}
    assert one["reach"]["recoveries"][0]["target"] == "pacs-01"
    assert name in one["moved"]


def test_a_scenario_is_saved_shown_committed_measured_and_withdrawn(place: Path) -> None:
    path = file(place, rate("1 GB"), "kept.yml")
    assert run(place, "save", path).exit_code == 0
    assert "more\tsaved" in run(place, "list").output
    assert run(place, "withdraw", "more", "--why", "no").exit_code == 1
    done = run(place, "commit", "more", "--why", "voted")
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "more committed: it moves 2 things")
    again = run(place, "commit", "more", "--why", "voted")
    assert again.exit_code == 1
    assert "committed already" in again.output
    assert run(place, "save", file(place, rate("2 GB"), "kept.yml")).exit_code == 1
    shown = run(place, "show", "more")
    assert "committed by" in shown.output
    assert "voted" in shown.output
    assert {one["answer"] for one in json.loads(run(place, "measure", "more", "--json").stdout)} == {
        "not begun"
    }
    assert run(place, "compare", "more", path).exit_code == 0
    assert run(place, "withdraw", "more", "--why", "no budget").exit_code == 0
    assert json.loads(run(place, "list", "--json").stdout)[0]["standing"] == "withdrawn"


def test_what_is_not_there_is_said(place: Path) -> None:
    assert "there is no scenario nothing" in run(place, "show", "nothing").output
    assert run(place, "commit", "more").exit_code == 2  # no reason
    assert run(place, "try", str(place / "missing.yml")).exit_code == 1


def test_what_grows_beyond_all_numbers_is_refused_and_what_grows_fast_is_told(place: Path) -> None:
    """Eleven times as much each year since 2000 is 10^28 times what there was, which no store holds; since last year it is 11^4 times
    at most. Neither leaves the numbers that are reckoned with: a warning of one would fail this test."""
    change = "{kind: growth, rate: 10, target: pacs-01, store: /srv/pacs, start: %s}"
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        refused = run(place, "try", file(place, change % "2000-01-01"), "--json")
        fast = run(place, "try", file(place, change % started(-365)), "--json")
    assert refused.exit_code == 1
    assert "growth of 1000% a year since 2000-01-01 comes to more than" in refused.output
    assert fast.exit_code == 3, fast.stderr

    def strange(text: str) -> None:
        raise AssertionError(f"{text} is no JSON")

    assert json.loads(fast.stdout, parse_constant=strange)["scenarios"]


def test_who_has_no_name_decides_under_a_number(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container that runs as a number which no file of users knows."""

    def nobody(number: int) -> str:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr("pwd.getpwuid", nobody)
    monkeypatch.setattr("os.getuid", lambda: 4242)
    assert run(place, "save", file(place, rate("2 GB"), "nameless.yml")).exit_code == 0
    assert "\tuid 4242\t" in run(place, "list").output


def test_what_changes_stores_and_workstations_shows_both(tmp_path: Path) -> None:
    """Before an import, what there is of it: that the plan is missing is said."""
    write(tmp_path, time.time())
    estate = tmp_path / "estate.yml"
    section = "contracts: {frame: {lead_time: 4w}}\nworkstations: {years: 2, offers: {pc: {contract: frame, price: 600}}}\n"
    estate.write_text(estate.read_text("utf-8") + section, "utf-8")
    path = tmp_path / "both.yml"
    money = "{kind: fleet-money, rate: -50 %, start: 2020-01-01}"
    path.write_text(f"{HEAD}  - {rate('1 GB')}\n  - {money}\n", "utf-8")
    before = run(tmp_path, "try", str(path))
    assert (before.exit_code, "pacs-01" in before.stdout) == (0, True)
    assert "left out: no workstations were imported yet" in before.stderr
    row = "pc1;S1;HP;ProDesk;2017-03-01;Microsoft Windows 10;Professionnel"
    titles = "Nom;Numéro de série;Fabricant;Modèle;Date d'achat;Système d'exploitation;Édition"
    (tmp_path / "glpi.csv").write_text(f"{titles}\n{row}\n", "utf-8")
    words = ["inventory", "import", str(tmp_path / "glpi.csv"), "--yes", "--estate", str(estate)]
    assert CliRunner().invoke(app, [*words, "--data", str(tmp_path)]).exit_code == 0
    after = run(tmp_path, "try", str(path))
    assert after.exit_code == 3, "a machine whose system is not mended any more stays past its deadline"
    assert "pacs-01" in after.stdout
    assert "past a deadline" in after.stdout
    told = json.loads(run(tmp_path, "try", str(path), "--json").stdout)
    assert {"base", "scenarios", "workstations"} == set(told)
