"""The page of backups: what it says of jobs, machines and the rule, and the ledger of restore tests that it keeps."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from asking import ask, words
from browsing import CUT, VIEWS, View, chromium_running, looking, needs_chromium, serving, violations
from dash import Dash
from flask.testing import FlaskClient

from dashboard import restoring
from dashboard.access import users
from dashboard.app import create
from dashboard.data import Data
from exporters.history import Point
from exporters.history.sqlite import Writer
from exporters.jobs import Job
from exporters.status import Status, TableStatus, TargetStatus
from inventory.checking import load
from inventory.metrics import labels
from inventory.state import State, audit, open_state, restores
from inventory.state.restores import Instead, Restore

PASSWORD = "correct horse battery 1"
HEADERS = {"Host": "localhost", "Origin": "http://localhost"}
NOW, HOUR, DAY = 1_780_000_000.0, 3600.0, 86_400.0  # 28 May 2026, 22:26 in Paris
HOSTILE = '<script>alert(1)</script>"\x1b[31m\u202e' + "x" * 150
ESTATE = """timezone: Europe/Paris
credentials:
  c: {ssh: {user: jauge, password: env:P, known_hosts: /etc/hosts}}
  s: {snmp: v2c, community: env:C}
backups: {exclude: [{machine: backup-*, reason: made anew}]}
targets:
  - {name: backup-01, address: 127.0.0.1, ssh: {credential: c, restic: [{repository: /r, password_file: /p}]}}
  - {name: hv-01, address: 127.0.0.1, snmp: {credential: s}}
  - name: pacs-01
    host: true
    service: Imaging
    protect:
      {rpo: 24h, rto: 4h, media: disk, jobs: [pacs-01:nightly],
       held: [{job: pacs-01:nightly, media: disk, offsite: true}, {media: tape, immutable: true}]}
  - {name: db-01, host: true, protect: {rpo: 1h, jobs: [db-01:nightly]}}
  - {name: edc-01, host: true, protect: {rpo: 72h, jobs: [edc-01:nightly], test_every: 90d}}
  - {name: ris-01, host: true, protect: {rpo: 24h, jobs: [ris-01:nightly]}}
"""


def job(machine: str, hours: float, **more: object) -> Job:
    """A believed job of that machine, whose last good point is so old."""
    known = {"points": 30.0, "protecting": True, "result": "ok", "run": NOW - hours * HOUR, **more}
    return Job("backup-01", f"{machine}:nightly", machine, NOW - hours * HOUR, **known)  # type: ignore[arg-type]  # each has its type


LIE = job("edc-01", 38, protecting=False, reasons=("shrunken",), size_drift=0.2, run=NOW - 14 * HOUR)
JOBS = (job("pacs-01", 17), job("db-01", 16), LIE, job("old-vm", 900))
TESTED = Restore(
    NOW - 40 * DAY, "pacs-01", "the database", "pacs-01:nightly", NOW - 41 * DAY, 3 * HOUR, "ok", "CHG-1", "anna", NOW - 39 * DAY,
)  # fmt: skip


def hospital(
    folder: Path, jobs: Sequence[Job] = JOBS, reason: str | None = None, estate: str = ESTATE
) -> Data:
    """The files of an estate whose backup server told these jobs a moment ago, or failed for a reason."""
    (folder / "estate.yml").write_text(estate)
    table = TableStatus("restic", reason is None, NOW - 5, 0.1, 3, reason=reason)  # type: ignore[arg-type]  # of the closed list
    up = {"at": NOW - 5, "seconds": 0.1, "last_success": NOW - 5}
    found = (
        TargetStatus("backup-01", True, **up, tables=(table,), jobs=tuple(jobs)),  # type: ignore[arg-type]  # as above
        TargetStatus("hv-01", True, **up, jobs=(), guests=("eai-02 (153)", "old-vm (7)")),  # type: ignore[arg-type]  # as above
    )
    (folder / "status.json").write_text(json.dumps(dataclasses.asdict(Status(NOW, found))))
    data = Data(load(folder / "estate.yml"), folder)
    data.clock = lambda: NOW
    return data


def shown(data: Data, search: str = "", language: str = "en", path: str = "/backups") -> str:
    app = create(data, open_state(data.folder / "state.db"), demo=True)
    return " ".join(words(ask(app, path, search, language)).split())


def part(text: str, start: str, end: str) -> str:
    """What stands between two titles."""
    return text[text.index(start) : text.index(end)]


def test_the_page_tells_what_is_late_what_lies_and_what_no_job_saves(tmp_path: Path) -> None:
    data = hospital(tmp_path)
    restores.record(open_state(tmp_path / "state.db"), TESTED, "anna")
    text = shown(data)
    assert "Backups older than promised, or never seen: 2 of 4 that are promised." in text
    assert "1 job keeps no promise" in text
    points = part(text, "Restore points against what was promised", "Lies found")
    order = [
        points.index(one)
        for one in ("ris-01:nightly", "db-01:nightly", "edc-01:nightly", "old-vm:nightly", "pacs-01:nightly")
    ]
    assert order == sorted(order), "never seen, too old, not believed, nothing promised, kept"
    assert "never seen 24 hours" in points
    assert "16 hours old 60 minutes" in points
    assert "Say under protect: of old-vm what may be lost." in points
    rest = text[text.index("Lies found") :]
    lies, rest = rest.split("Machines in no job", 1)
    assert (
        "edc-01:nightly edc-01 success it holds less than half of what it did, 20% of what it held before"
        in lies
    )
    assert "db-01:nightly" not in lies, "late, and no lie"
    alone = text[text.rindex("Machines in no backup job:") :]
    # pacs-01, db-01, edc-01 and old-vm have a job, backup-01 is excluded: ris-01 and eai-02 are left of six
    assert "Machines in no backup job: 2 of 6 (" in text
    assert "eai-02 (153)" in alone
    assert "ris-01" in alone
    assert "old-vm (7)" not in text


def test_the_rule_says_unknown_of_what_nobody_declared(tmp_path: Path) -> None:
    text = shown(hospital(tmp_path), "?show=rule")
    pacs = text[text.rindex("pacs-01") :]
    # the tape is declared and not measured: copies, media and immutability are unknown, not kept
    assert [word for word in pacs.replace("not kept", "broken").split() if word in ("kept", "broken", "unknown")][:5] == [
        "unknown", "unknown", "kept", "unknown", "unknown",
    ]  # fmt: skip
    one = shown(hospital(tmp_path), "?of=pacs-01&job=pacs-01:nightly&machine=pacs-01")
    assert "the original and 1 of 2 declared copies measured, 3 wanted" in one
    assert "no restore was ever tested" in one


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Nobody can tell: backup-01 did not answer in full"),
        ("fr", "Personne ne peut le dire : backup-01"),
    ],
)
def test_nobody_is_called_unprotected_while_a_backup_server_was_not_heard(
    tmp_path: Path, language: str, said: str
) -> None:
    text = shown(hospital(tmp_path, reason="timeout"), language=language)
    assert said in text
    assert "eai-02" not in text
    export = create(hospital(tmp_path, reason="timeout"), open_state(tmp_path / "state.db"), demo=True)
    answer = export.server.test_client().get("/backups/export?form=json", headers=HEADERS)
    assert answer.get_json()["in_no_job"] is None


def test_what_the_history_knows_is_told_of_a_server_that_is_not_heard_and_not_of_one_that_is(
    tmp_path: Path,
) -> None:
    data = hospital(tmp_path, jobs=[job("pacs-01", 17)], reason="timeout")
    writer = Writer(tmp_path / "history.db", "Europe/Paris", clock=lambda: NOW)
    for machine in ("db-01", "pacs-01"):
        pairs = labels(job=f"{machine}:nightly", machine=machine)
        writer.append(
            [Point("backup-01", "jauge_backup_last_timestamp_seconds", pairs, NOW - 60, NOW - 30 * HOUR)]
        )
    writer.close()
    known = {one.job: (one.age or 0) / HOUR for one in data.backups() if one.age is not None}
    assert known == {"pacs-01:nightly": 17.0, "db-01:nightly": 30.0}
    known = {
        one.job: (one.age or 0) / HOUR
        for one in hospital(tmp_path, jobs=[job("pacs-01", 17)]).backups()
        if one.age is not None
    }
    assert known == {"pacs-01:nightly": 17.0}, "it was heard in full, and lists no job for db-01 any more"


def test_of_runs_alone_nobody_can_tell_whether_the_promise_is_kept(tmp_path: Path) -> None:
    """Veeam's REST interface lists runs, and no restore points."""
    runs = Job("backup-01", "db-01:nightly", "", run=NOW - HOUR, result="ok")
    found = next(one for one in hospital(tmp_path, [runs]).backups() if one.job == "db-01:nightly")
    assert (found.state, found.overdue, found.lying) == ("unknown", False, False)
    text = shown(hospital(tmp_path, [runs]))
    assert "a job does not say which machines it saves" in text
    assert "Its maker lists runs and no restore points" in text


def test_a_collector_that_tells_of_no_jobs_yet_has_not_said_that_there_are_none(tmp_path: Path) -> None:
    data = hospital(tmp_path)
    written = json.loads((tmp_path / "status.json").read_text())
    for one in written["targets"]:
        del one["jobs"], one["guests"]
    (tmp_path / "status.json").write_text(json.dumps(written))
    assert data.protection().unheard == ("backup-01",)
    assert not data.protection().sure


def test_without_any_backup_the_page_says_what_to_add(tmp_path: Path) -> None:
    data = hospital(tmp_path, [], estate="targets: [{name: hv-01, host: true}]\n")
    assert "No backup is known" in shown(data)
    assert "jauge backup" not in shown(data)


def test_a_job_names_itself_harmlessly_and_is_found_again_by_its_address(tmp_path: Path) -> None:
    data = hospital(
        tmp_path,
        [
            Job(
                "backup-01",
                HOSTILE,
                HOSTILE,
                NOW - HOUR,
                protecting=False,
                reasons=(HOSTILE,),
                result=HOSTILE[:20],
            )
        ],
    )
    text = shown(data)
    assert not set(text) & set("\u202e\x1b")
    assert "x" * 100 not in text
    app = create(data, open_state(tmp_path / "state.db"), demo=True)
    answer = ask(app, "/backups").json
    assert answer is not None
    way = next(one for one in _links(answer) if "of=backup-01" in one)
    page, _, search = way.partition("?")
    assert "No such backup" not in words(ask(app, page, f"?{search}"))


def _links(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["href"]] if isinstance(node.get("href"), str) else []
        return own + [one for inner in node.values() for one in _links(inner)]
    return [one for inner in node for one in _links(inner)] if isinstance(node, list) else []


def test_of_two_thousand_jobs_a_page_shows_a_part_and_the_way_to_the_rest(tmp_path: Path) -> None:
    many = [
        job(
            f"vm-{number:04d}",
            1 + number / 100,
            protecting=number % 7 > 0,
            reasons=() if number % 7 else ("empty",),
        )
        for number in range(2000)
    ]
    data = hospital(tmp_path, many)
    app = create(data, open_state(tmp_path / "state.db"), demo=True)
    answer = ask(app, "/backups")
    assert len(answer.data) < 600_000
    text = words(answer)
    assert text.count("vm-0") < 2 * 3 * 50 + 50
    assert "1–50 of 2,004" in text or "2,004" in text
    assert "vm-1999" in words(ask(app, "/backups", "?show=unpromised&page=40"))


def test_the_overview_leads_to_the_backup_that_is_too_old(tmp_path: Path) -> None:
    data = hospital(tmp_path)
    app = create(data, open_state(tmp_path / "state.db"), demo=True)
    links = _links(ask(app, "/").json)
    assert "/backups" in links
    tiles = [one for one in _links(ask(app, "/backups").json) if "show=" in one]
    assert "/backups?show=lies" in tiles
    assert "edc-01:nightly" in shown(data, "?show=lies")
    assert "db-01:nightly" not in shown(data, "?show=lies")
    assert "/backups?of=db-01&job=db-01%3Anightly&machine=db-01" in links
    assert not any(one.startswith("/pacs") for one in links)


# --- the ledger -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a login for each role: passwords are slow to make."""
    folder = tmp_path_factory.mktemp("made")
    state = open_state(folder / "state.db")
    for name, role in (("view", "viewer"), ("oper", "operator")):
        users.add(state, name, role, PASSWORD)
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> tuple[Dash, State, Data]:
    (tmp_path / "state.db").write_bytes((made / "state.db").read_bytes())
    data, state = hospital(tmp_path), open_state(tmp_path / "state.db")
    return create(data, state), state, data


def login(app: Dash, name: str) -> FlaskClient:
    client = app.server.test_client()
    client.post("/login", data={"name": name, "password": PASSWORD}, headers=HEADERS)
    return client


def send(client: FlaskClient, **form: str) -> tuple[int, dict[str, list[str]]]:
    answer = client.post(restoring.PATH, data=form, headers=HEADERS)
    return answer.status_code, parse_qs(urlsplit(answer.headers.get("Location", "")).query)


FORM = {
    "action": "record", "of": "pacs-01", "job": "pacs-01:nightly", "what": "the database", "point": "2026-05-27 02:00",
    "ended": "2026-05-28 11:30", "minutes": "90,5", "result": "ok", "size": "1.2 TB", "evidence": "CHG-7", "remark": "", "who": "anna",
}  # fmt: skip


def test_an_operator_records_a_test_which_is_shown_and_audited(place: tuple[Dash, State, Data]) -> None:
    app, state, data = place
    client = login(app, "oper")
    assert send(client, **FORM) == (303, {"show": ["tests"], "done": ["recorded"]})
    (kept,) = restores.listed(state)
    paris = lambda *at: dt.datetime(*at, tzinfo=data.zone).timestamp()  # noqa: E731 - of this test alone
    assert kept == Restore(
        paris(2026, 5, 28, 11, 30), "pacs-01", "the database", "pacs-01:nightly", paris(2026, 5, 27, 2, 0), 5430.0, "ok",
        "CHG-7", "anna", NOW, 1.2e12,
    )  # fmt: skip
    (entry,) = [one for one in audit.entries(state) if one.action == "restore tested"]
    assert (entry.who, "anna" in entry.detail) == ("oper", False)
    text = words(ask(app, "/backups", client=client))
    assert "The newest first" in text
    assert "CHG-7" in text
    pacs = part(text, "pacs-01:nightly", "Lies found")
    assert "never tested" not in pacs[pacs.rindex("pacs-01:nightly") :]


def test_a_form_in_french_takes_back_what_it_shows(place: tuple[Dash, State, Data]) -> None:
    app, state, _ = place
    client = login(app, "oper")
    assert send(client, **{**FORM, "size": "1,234\u202fTo"})[1]["refused"] == ["unclear"]
    assert send(client, **{**FORM, "minutes": "1\u202f230,25", "size": "1,2345 To"})[1]["done"] == [
        "recorded"
    ]
    (first,) = restores.listed(state)
    assert (first.seconds, first.size) == (1230.25 * 60, 1.2345e12)
    shown = ask(app, "/backups", f"?correct={restores.ledger(state)[0].id}", "fr", client).text
    assert '"1230,25"' in shown
    assert '"1,2345 To"' in shown.encode().decode("unicode_escape")


def test_a_wrong_entry_is_corrected_or_withdrawn_and_stays(place: tuple[Dash, State, Data]) -> None:
    app, state, _ = place
    client = login(app, "oper")
    send(client, **FORM)
    (first,) = restores.ledger(state)
    wrong = {**FORM, "action": "replace", "entry": str(first.id), "result": "partial", "why": "a part alone"}
    assert send(client, **wrong)[1]["done"] == ["corrected"]
    (second,) = restores.listed(state)
    assert second.result == "partial"
    text = words(ask(app, "/backups", "?show=tests", client=client))
    assert f"corrected by {first.id + 1}: a part alone (oper" in text
    assert send(client, action="withdraw", entry=str(first.id + 1), why="never was")[1]["done"] == [
        "withdrawn"
    ]
    assert restores.listed(state) == []
    assert "withdrawn: never was (oper" in words(ask(app, "/backups", "?show=tests", client=client))
    assert send(client, action="withdraw", entry=str(first.id), why="again")[1]["refused"] == ["entry"]
    assert "corrected already" in words(ask(app, "/backups", f"?correct={first.id}", client=client))


@pytest.mark.parametrize(
    ("field", "value", "refused"),
    [
        ("of", "nobody", "subject"), ("job", "db-01:nightly", "subject"), ("point", "2026-05-28 11:00", "point"),
        ("point", "yesterday", "time"), ("ended", "2026-13-01 00:00", "time"), ("ended", "2026-05-29 11:30", "future"),
        ("minutes", "0", "seconds"), ("minutes", "-5", "seconds"), ("minutes", "1e9", "seconds"), ("size", "much", "size"),
        ("minutes", "1,500", "unclear"), ("size", "1,500 GB", "unclear"),
        ("evidence", " ", "evidence"), ("what", "", "said"), ("who", "", "said"), ("result", "splendid", "said"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_filled_in_again(
    place: tuple[Dash, State, Data], field: str, value: str, refused: str
) -> None:
    app, state, _ = place
    client = login(app, "oper")
    status, told = send(client, **{**FORM, field: value})
    assert (status, told["refused"], told["evidence" if field != "evidence" else "who"]) == (
        303,
        [refused],
        ["CHG-7" if field != "evidence" else "anna"],
    )
    assert restores.ledger(state) == []
    said = words(
        ask(
            app, "/backups", f"?{'&'.join(f'{name}={text[0]}' for name, text in told.items())}", client=client
        )
    )
    assert "Nothing was recorded" in said or field == "of"


def test_a_viewer_reads_the_ledger_and_writes_nothing(place: tuple[Dash, State, Data]) -> None:
    app, state, _ = place
    number = restores.record(state, TESTED, "oper")
    client = login(app, "view")
    for form in (FORM, {"action": "withdraw", "entry": str(number), "why": "x"}):
        assert send(client, **form)[0] == 403
    assert len(restores.listed(state)) == 1
    text = words(ask(app, "/backups", client=client))
    assert "An operator or a manager records" in text
    assert "Record a restore test" not in text
    assert "Record it" not in words(ask(app, "/backups", "?record=1&of=pacs-01", client=client))


def test_a_test_of_a_machine_that_is_no_target_counts_for_its_job(place: tuple[Dash, State, Data]) -> None:
    app, _, data = place
    assert send(login(app, "oper"), **{**FORM, "of": "old-vm", "job": "old-vm:nightly"})[1]["done"] == [
        "recorded"
    ]
    tested = {one.job: one.tested is not None for one in data.backups()}
    assert tested == {
        "pacs-01:nightly": False, "db-01:nightly": False, "edc-01:nightly": False, "ris-01:nightly": False, "old-vm:nightly": True,
    }  # fmt: skip


def test_a_test_is_too_old_after_what_the_estate_says_and_a_corrected_one_proves_nothing(
    tmp_path: Path,
) -> None:
    data, state = hospital(tmp_path), open_state(tmp_path / "state.db")
    at = NOW - 89.9 * DAY
    test = TESTED._replace(target="edc-01", job="", at=at, point=at - DAY, noted=at)
    number = restores.record(state, test, "oper")

    def untested() -> bool:
        data._memory.clear()
        return next(one for one in data.backups() if one.target == "edc-01").untested

    assert not untested()
    data.clock = lambda: NOW + DAY
    assert untested(), "its estate wants one every 90 days"
    data.clock = lambda: NOW
    restores.record(state, test._replace(result="failed"), "oper", "", Instead(number, "it failed"))
    assert untested()


def test_backups_are_taken_away_as_csv_json_and_a_workbook(tmp_path: Path) -> None:
    data, state = hospital(tmp_path), open_state(tmp_path / "state.db")
    number = restores.record(state, TESTED._replace(evidence="=1+1"), "oper")
    client = create(data, state, demo=True).server.test_client()
    lines = client.get("/backups/export?form=csv", headers=HEADERS).text.splitlines()
    assert len(lines) == 6
    assert (
        "doubted,edc-01,edc-01:nightly,edc-01,backup-01,2026-05-27 08:26+02:00,38.0,72.0,ok,shrunken,,90.0"
        in lines
    )
    told = client.get("/backups/export?form=json", headers=HEADERS).get_json()
    assert told["in_no_job"] == [
        {"machine": "eai-02 (153)", "target": "hv-01"},
        {"machine": "ris-01", "target": "ris-01"},
    ]
    assert [(one["number"], one["minutes"], one["corrected"]) for one in told["restore_tests"]] == [
        (number, 180, None)
    ]
    book = client.get("/backups/export?form=xlsx", headers=HEADERS).data
    sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/workbook.xml").decode()
    assert all(name in sheet for name in ("Restore points", "3-2-1-1-0", "In no job", "Restore tests"))
    french = client.get("/backups/export?form=xlsx", headers={**HEADERS, "Accept-Language": "fr"}).data
    points = openpyxl.load_workbook(io.BytesIO(french))["Points de restauration"]
    row = next(row for row in points.iter_rows(min_row=2) if row[1].value == "edc-01")
    (last,) = [cell for cell in row if cell.is_date]
    assert last.value == dt.datetime(2026, 5, 27, 8, 26)  # noqa: DTZ001 - a spreadsheet has no zones
    assert last.number_format == "[$-40C]d mmm yyyy hh:mm"
    assert not any("`" in str(cell.value) for row in points.iter_rows() for cell in row)


# --- in a browser ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the hospital, whose collector wrote a moment ago, with a test that was corrected."""
    folder = tmp_path_factory.mktemp("seen")
    hospital(
        folder,
        [*JOBS, Job("backup-01", HOSTILE, HOSTILE, NOW, protecting=False, reasons=("empty",), result="ok")],
    )
    state = open_state(folder / "state.db")
    restores.record(state, TESTED, "oper", "", Instead(restores.record(state, TESTED, "oper"), "a typo"))
    with serving(folder, demo=True) as address:
        yield address


@pytest.mark.xdist_group("backups page")
@needs_chromium
@pytest.mark.timeout(600)
@pytest.mark.parametrize("view", VIEWS, ids=["French, light, wide", "English, dark, narrow"])
def test_a_test_is_recorded_by_keyboard_on_a_page_that_has_no_serious_fault(seen: str, view: View) -> None:
    with chromium_running() as browser:
        page = looking(browser, view)
        errors: list[str] = []
        page.on(
            "console", lambda said: errors.append(said.text) if said.type in ("error", "warning") else None
        )
        for path in (
            "/backups",
            "/backups?of=pacs-01&job=pacs-01:nightly&machine=pacs-01",
            "/backups?correct=2",
        ):
            page.goto(seen + path)
            page.wait_for_selector("#title")
            page.wait_for_function("() => document.title.endsWith('Jauge') && document.title.length > 6")
            for width in (1440, 1024, 390):
                page.set_viewport_size({"width": width, "height": 844})
                page.wait_for_function(f"() => innerWidth === {width}")
                page.wait_for_timeout(300)  # the page is laid out anew
                assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (path, width)
                assert page.evaluate(CUT) == [], (path, width)
            page.set_viewport_size({"width": view[2], "height": 844})
            assert violations(page) == [], path
        page.goto(f"{seen}/backups?record=1&of=db-01&job=db-01:nightly")
        page.wait_for_selector("#what")
        assert violations(page) == []
        assert page.input_value("#job") == "db-01:nightly"
        page.locator("#what").focus()
        for text in ("the database", None, None, "90", None, None, f"CHG {view[0]}"):
            page.keyboard.type(text or "")
            page.keyboard.press("Tab")
        page.locator("button[value=record]").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(".good-news")
        assert f"CHG {view[0]}" in page.inner_text("main")
        assert errors == []
