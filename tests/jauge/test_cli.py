"""The command line as a person and a script meet it: what is printed where, how it ends, and what never shows."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bcrypt
import everything
import httpx
import pytest
import servers
import within
from prometheus_client.parser import text_string_to_metric_families

from jauge.verbs.estates import inspect

JAUGE = [sys.executable, "-m", "jauge"]
CANARIES = ("cNry-community", "cNry-auth-pass", "cNry-priv-pass", "cNry-ssh-pass", "cNry-http-pass")
HERE = "targets: [{name: here, host: true}]\n"


SCRAPER, WRONG = "cNry-scraper-pass", "cNry-wrong-pass"
SECRETS = {f"CANARY_{number}": text for number, text in enumerate(CANARIES)}


def jauge(*words: object, cwd: Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return within.jauge(*words, cwd=cwd, stdin=stdin, environment=SECRETS)


def started(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own, to have several beside each other."""
    return subprocess.run(
        [*JAUGE, *map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=60, env=os.environ | SECRETS,
        check=False,
    )  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "estate.yml").write_text(HERE)
    return tmp_path


@pytest.fixture
def silence() -> Iterator[int]:
    """The UDP port of a device that never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind((servers.LOOPBACK, 0))
        yield mute.getsockname()[1]


def test_a_sound_estate_is_said_to_be_sound(place: Path) -> None:
    said = jauge("check", "estate.yml", cwd=place)
    assert (said.returncode, said.stdout) == (0, "estate.yml: 1 target, no errors, 0 warnings\n")


def test_every_mistake_of_an_estate_is_told_at_once_with_its_place(place: Path) -> None:
    (place / "estate.yml").write_text(
        "credentials:\n"
        "  c: {snmp: v2c, community: env:CANARY_0}\n"
        "targets:\n"
        "  - {name: a, credential: nobody}\n"
        "  - {name: b, credential: c, intervall: 60s}\n"
        "  - {name: c, credential: c, family: no-such-family}\n"
        "  - {name: a, host: true}\n"
    )
    said = jauge("check", "estate.yml", cwd=place)
    assert said.returncode == 1
    for line, column in ((4, 27), (5, 30), (7, 12)):
        assert f"estate.yml:{line}:{column}: " in said.stderr, said.stderr
    assert said.stdout == ""
    for verb in ("run", "plan", "poll"):
        refused = jauge(verb, "estate.yml", cwd=place)
        assert refused.returncode == 1
        assert "estate.yml:5:30: " in refused.stderr


def test_a_name_that_leads_nowhere_is_told_with_the_ones_that_are_meant(place: Path) -> None:
    (place / "estate.yml").write_text(
        "credentials:\n"
        "  c: {snmp: v2c, community: env:CANARY_0}\n"
        "  s: {ssh: {user: u, key: file:k, known_hosts: k}}\n"
        "targets:\n"
        "  - {name: a, credential: c, family: netap}\n"
        "  - {name: b, snmp: {credential: c, family: proxmox-ve}}\n"
        "  - {name: c, ssh: {credential: s, commands: [df, memroy, restic]}}\n"
        "  - {name: d, http: {family: dell, url: 'https://d'}}\n"
        "  - {name: e, http: {family: zfs, url: 'https://e'}}\n"
        "  - {name: f, credential: c, family: '0000'}\n"
    )
    said = jauge("check", "estate.yml", cwd=place).stderr
    for line in (
        "estate.yml:5:38: there is no family netap: did you mean netapp",
        "estate.yml:6:45: there is no family proxmox-ve: proxmox-ve is `family` under `http:`",
        "estate.yml:7:51: there is no command memroy: did you mean memory",
        "estate.yml:7:59: there is no command restic: restic is a section under `ssh:`\n",
        "estate.yml:8:30: nothing is known of dell over HTTP: did you mean dell-datadomain or dell-me or dell-powerstore?",
        "estate.yml:9:30: nothing is known of zfs over HTTP: zfs is one of `commands` under `ssh:`\n",
        "estate.yml:10:38: there is no family 0000: docs/families.md lists them all\n",
    ):
        assert line in said, said


def test_a_wrong_use_ends_with_two_and_a_wrong_name_with_one(place: Path) -> None:
    assert jauge("no-such-verb", cwd=place).returncode == 2
    assert jauge("poll", cwd=place).returncode == 2
    assert jauge("run", "estate.yml", "--web.listen-address", "nowhere", cwd=place).returncode == 2
    said = jauge("poll", "estate.yml", "--target", "nobody", cwd=place)
    assert said.returncode == 1
    assert said.stderr == "jauge: the estate has no target nobody\n"
    missing = jauge("poll", "no.yml", cwd=place)
    assert missing.returncode == 1
    assert "no.yml" in missing.stderr
    assert "Traceback" not in missing.stderr


def test_a_poll_prints_a_table_a_scrape_or_json(place: Path) -> None:
    table = jauge("poll", "estate.yml", cwd=place)
    assert table.returncode == 0
    assert "jauge_memory_size_bytes" in table.stdout
    scrape = jauge("poll", "estate.yml", "--format", "prometheus", cwd=place)
    samples = [each for family in text_string_to_metric_families(scrape.stdout) for each in family.samples]
    assert {sample.labels["target"] for sample in samples} == {"here"}
    (answer,) = json.loads(jauge("poll", "estate.yml", "--format", "json", cwd=place).stdout)["targets"]
    assert answer["target"] == "here"
    assert answer["up"] is True
    assert {sample["metric"] for sample in answer["samples"]} >= {"jauge_memory_size_bytes"}


def test_no_secret_ever_shows(place: Path, silence: int) -> None:
    (place / "known_hosts").write_text("")
    (place / "estate.yml").write_text(
        "credentials:\n"
        "  v2: {snmp: v2c, community: env:CANARY_0}\n"
        "  v3: {snmp: v3, user: u, auth: SHA-256, auth_password: env:CANARY_1, privacy: AES, privacy_password: env:CANARY_2}\n"
        "  shell: {ssh: {user: u, password: env:CANARY_3, known_hosts: known_hosts}}\n"
        "  web: {http: {user: u, password: env:CANARY_4}}\n"
        "defaults: {timeout: 3s, interval: 3s}\n"
        "targets:\n"
        f"  - {{name: t2, address: 127.0.0.1, port: {silence}, credential: v2}}\n"
        f"  - {{name: t3, address: 127.0.0.1, port: {silence}, credential: v3}}\n"
        f"  - {{name: ts, address: 127.0.0.1, port: {servers.free_port()}, credential: shell}}\n"
        f"  - {{name: tw, http: {{family: orthanc, url: 'http://127.0.0.1:{servers.free_port()}', credential: web}}}}\n"
    )
    assert jauge("check", "estate.yml", cwd=place).returncode == 0
    hashed = bcrypt.hashpw(SCRAPER.encode(), bcrypt.gensalt(10)).decode()
    (place / "web.yml").write_text(f"basic_auth_users: {{scraper: {hashed}}}")
    told = ""
    reasons = {"t2": "timeout", "t3": "timeout", "ts": "refused", "tw": "refused"}
    with ThreadPoolExecutor(3) as beside:  # each of them mostly waits
        logs = [beside.submit(_log_of_a_run, place, *each) for each in LOGS]
        explained = beside.map(lambda name: started("explain", "estate.yml", name, cwd=place), reasons)
        polled = beside.map(
            lambda form: started("poll", "estate.yml", "--format", form, cwd=place),
            ("table", "json", "prometheus"),
        )
        for reason, said in zip(reasons.values(), explained, strict=True):
            assert said.returncode == 1
            assert reason in said.stdout
            told += said.stdout + said.stderr
        for said in polled:
            assert "t3" in said.stdout + said.stderr
            told += said.stdout + said.stderr
        for log in logs:
            told += log.result()
    assert "t3" in told
    for canary in (*CANARIES, SCRAPER, WRONG, hashed, hashed[7:]):
        assert canary not in told


LOGS = [("debug", "json"), ("debug", "logfmt"), ("info", "json"), ("warn", "logfmt"), ("error", "json")]  # fmt: skip
"""Levels and formats of the logs that are looked through for secrets."""


def _log_of_a_run(place: Path, level: str, style: str) -> str:
    """All that a collector logs in a few polls and scrapes, and what its scrapers and its neighbours see of it."""
    port, data = servers.free_port(), place / f"data-{level}-{style}"
    argv = [*JAUGE, "run", "estate.yml", "--data", str(data), "--log.level", level, "--log.format", style]
    argv += ["--web.listen-address", f"127.0.0.1:{port}", "--web.config.file", "web.yml"]
    log = place / f"log-{level}-{style}"
    process = servers.start(argv, log, drop=False, cwd=place, env=os.environ | SECRETS)

    def ask(password: str) -> httpx.Response:
        return servers.get(f"http://127.0.0.1:{port}/metrics", auth=("scraper", password), timeout=10)

    def polled() -> bool:
        found = re.search(r'^jauge_polls_total{outcome="down"} (\S+)$', ask(SCRAPER).text, re.MULTILINE)
        return found is not None and float(found[1]) >= 4

    try:
        servers.wait(polled, process, log, timeout=60)
        told = ask(SCRAPER).text + ask(WRONG).text + Path(f"/proc/{process.pid}/cmdline").read_text()
    finally:
        servers.stop(process)
    lines = log.read_text().splitlines()
    assert bool(lines) == (level in ("debug", "info"))
    if style == "json":
        said = [json.loads(line) for line in lines]
        assert all({"ts", "level", "event"} <= each.keys() for each in said)
        assert (level == "debug") == any(each["level"] == "debug" for each in said)
    else:
        assert all(re.match(r"ts=\S+ level=(debug|info|warning|error) event=", line) for line in lines)
    return told + log.read_text()


def test_a_forecast_has_exactly_its_columns_and_a_row_a_day(place: Path) -> None:
    start = dt.date(2026, 1, 1)
    with (place / "h.csv").open("w") as file:
        file.write("unique_id,ds,y\n")
        for name, slope, days in (("a/x", 2.0, 100), ("b/y", 5.0, 80)):
            for day in range(days):
                file.write(f"{name},{start + dt.timedelta(days=day)},{1000 + slope * day}\n")
    said = jauge("forecast", "--history", "h.csv", "--horizon", "30", "--output", "f.csv", cwd=place)
    assert said.returncode == 0, said.stderr
    with (place / "f.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["unique_id", "ds", "mean", "lo80", "hi80", "lo95", "hi95"]
    for name, days in (("a/x", 100), ("b/y", 80)):
        found = [dt.date.fromisoformat(row["ds"]) for row in rows if row["unique_id"] == name]
        assert found == [start + dt.timedelta(days=days + ahead) for ahead in range(30)]
    bad = jauge("forecast", "--history", "estate.yml", cwd=place)
    assert bad.returncode == 1
    assert "estate.yml" in bad.stderr
    assert "Traceback" not in bad.stderr


def test_the_schema_names_what_an_estate_may_hold(place: Path) -> None:
    schema = json.loads(jauge("schema", cwd=place).stdout)
    assert {"credentials", "targets", "sites", "defaults", "timezone"} <= set(schema["properties"])
    target = schema["$defs"]["Target"]
    assert {"name", "address", "port", "credential", "formerly", "protect"} <= set(target["properties"])
    assert target["required"] == ["name"]
    assert target["additionalProperties"] is False


def test_users_come_and_go_and_the_audit_says_so(place: Path) -> None:
    password = "a long pass phrase 42"
    added = jauge(
        "user", "add", "alice", "--role", "admin", "--password-file", "-", cwd=place, stdin=password
    )
    assert (added.returncode, added.stdout) == (0, "user alice added, admin\n"), added.stderr
    assert jauge("user", "list", cwd=place).stdout == "alice\tadmin\n"
    again = jauge("user", "add", "alice", "--password-file", "-", cwd=place, stdin=password)
    assert (again.returncode, again.stderr) == (1, "jauge: there is a user alice already\n")
    weak = jauge("user", "add", "bob", "--password-file", "-", cwd=place, stdin="short")
    assert weak.returncode == 1
    last = jauge("user", "remove", "alice", cwd=place)
    assert (last.returncode, last.stderr) == (
        1,
        "jauge: alice is the last administrator: make somebody else one first\n",
    )
    other = ("user", "add", "carol", "--role", "admin", "--password-file", "-")
    assert jauge(*other, cwd=place, stdin=password).returncode == 0
    assert jauge("user", "remove", "alice", cwd=place).returncode == 0
    assert jauge("user", "remove", "alice", cwd=place).returncode == 1
    rows = [line.split("\t") for line in jauge("audit", cwd=place).stdout.splitlines()]
    assert [row[2] for row in rows] == ["user removed", "user added", "user added"]
    assert password.encode() not in (place / "data" / "state.db").read_bytes()
    assert (place / "data" / "state.db").stat().st_mode & 0o077 == 0


def test_a_token_is_shown_once_and_listed_without_it_until_it_is_ended(place: Path) -> None:
    password = "a long pass phrase 42"
    assert jauge("user", "add", "alice", "--password-file", "-", cwd=place, stdin=password).returncode == 0
    last = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)).isoformat()
    made = jauge("token", "create", "alice", "--until", last, "--name", "grafana", cwd=place)
    assert made.returncode == 0, made.stderr
    mark = made.stdout.split("_")[1]
    listed = jauge("token", "list", cwd=place).stdout
    assert listed == f"{mark}\talice\tviewer\t{last}\tnever\tgrafana\n"
    assert made.stdout.strip() not in listed
    more = jauge("token", "create", "alice", "--role", "admin", "--until", last, cwd=place)
    assert (more.returncode, more.stderr) == (1, "jauge: alice is viewer: a token cannot be admin\n")
    assert jauge("token", "create", "alice", "--until", "someday", cwd=place).returncode == 2
    assert jauge("token", "create", "alice", "--until", "2020-01-01", cwd=place).returncode == 1
    assert jauge("token", "end", mark, cwd=place).stdout == f"token {mark} of alice ended\n"
    assert jauge("token", "end", mark, cwd=place).returncode == 1
    assert jauge("token", "list", cwd=place).stdout == ""


def test_workstations_are_shown_before_they_are_imported(place: Path) -> None:
    (place / "glpi.csv").write_text(
        '"Nom";"Numéro de série";"Modèle";"Date d\'achat"\n"PC-1";"S1";"OptiPlex";"2020-03-01"\n'
    )
    shown = jauge("inventory", "import", "glpi.csv", cwd=place)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert shown.stdout.endswith("Nothing was changed: add --yes to import.\n")
    assert jauge("inventory", "import", "glpi.csv", "--yes", cwd=place).stdout.endswith("Imported.\n")
    again = jauge("inventory", "import", "glpi.csv", "--yes", cwd=place)
    assert again.stdout.endswith("Nothing to change, but that all are still there.\n")


def test_a_reader_that_leaves_early_sees_no_trace(place: Path) -> None:
    command = f"{sys.executable} -m jauge poll estate.yml --format prometheus | true; exit ${{PIPESTATUS[0]}}"
    said = subprocess.run(
        ["bash", "-c", command], cwd=place, capture_output=True, text=True, timeout=30, check=False
    )
    assert said.returncode == 1  # not all of it was read
    assert said.stderr == ""


def test_an_interrupted_poll_leaves_no_trace(place: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind((servers.LOOPBACK, 0))
        mute.settimeout(60)
        (place / "estate.yml").write_text(
            "credentials: {c: {snmp: v2c, community: env:CANARY_0}}\n"
            f"targets: [{{name: t, address: 127.0.0.1, port: {mute.getsockname()[1]}, credential: c, timeout: 30s}}]\n"
        )
        process = subprocess.Popen(  # what a shell runs in the background ignores the signal, and so do its children
            ["env", "--default-signal=INT", *JAUGE, "poll", "estate.yml"], cwd=place, stderr=subprocess.PIPE, text=True,
            env=os.environ | {"CANARY_0": CANARIES[0]},
        )  # fmt: skip
        mute.recv(65_535)  # it has asked, and waits for an answer
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in said


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_screen_that_cannot_write_a_name_ends_no_command(place: Path, encoding: str) -> None:
    (place / "estate.yml").write_text('title: "→ é"\ntargets: [{name: here, host: true}]\n')
    (place / "s.yml").write_text(
        'name: s\ntitle: "→ écran"\nchanges: [{kind: step, amount: 1 TB, target: here, start: 2027-01-04}]\n'
    )
    assert jauge("scenario", "save", "s.yml", cwd=place).returncode == 0
    said = subprocess.run(
        [*JAUGE, "scenario", "list"],
        cwd=place,
        capture_output=True,
        timeout=60,
        env=os.environ | {"PYTHONIOENCODING": encoding},
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert b"\\u2192 " in said.stdout


def test_a_report_that_finds_no_room_is_said_in_one_line(place: Path) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        said = subprocess.run(
            [*JAUGE, "runway", "estate.yml", "--json"],
            cwd=place,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert said.returncode == 1
    assert said.stderr == (
        b"jauge: what was to be printed cannot be written: free space on the disk that it goes to\n"
    )


def test_what_logins_need_and_lack_is_a_warning_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)  # as where it is not installed
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "estate.yml").write_text("""access:
  oidc: {issuer: "https://sso.example", credential: sso, url: "http://jauge.example", ca: none.pem, roles: {viewer: [it]}}
  ldap: {servers: ["ldaps://dc1.example"], credential: ad, base: dc=example, roles: {viewer: [cn=it]}}
credentials:
  sso: {oidc: {client: jauge, secret: "file:secret"}}
  ad: {ldap: {user: jauge, password: "file:secret"}}
targets: [{name: here, host: true}]
""")
    found = inspect(tmp_path / "estate.yml")
    assert found.errors == []
    said = [(problem.place.line, problem.place.column, problem.message) for problem in found.warnings]
    assert [(line, column) for line, column, _ in said] == [(2, 63), (2, 91), (3, 9)]
    assert [
        word in text for word, (_, _, text) in zip(("https", "none.pem", "make ldap"), said, strict=True)
    ] == [True] * 3


@pytest.mark.parametrize(
    "words",
    [
        "restore",
        "restore /backup/jauge",
        "backup /backup/jauge",
        "backup restore /backup/jauge",
        "backup create",
    ],
)
def test_who_looks_for_a_backup_of_jauge_itself_is_told_its_name(words: str, place: Path) -> None:
    ended = jauge(*words.split(), cwd=place)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "jauge files restore DIR" in ended.stderr
    assert "Did you mean" not in ended.stderr, "report and record are no restore"
    assert jauge("files", "restore", "--help", cwd=place).returncode == 0


def test_help_of_backups_says_where_that_of_jauge_itself_is(place: Path) -> None:
    assert "`jauge files backup`" in jauge("backup", "--help", cwd=place).stdout
    assert "Did you mean 'tests', 'tested'?" in jauge("backup", "testes", cwd=place).stderr


def test_the_log_of_a_command_stands_beside_what_it_prints(tmp_path: Path) -> None:
    """What is printed is read by programs: a warning between the rows would be a row."""
    with pytest.MonkeyPatch.context() as context:
        context.setenv("P", "x")
        everything.write(tmp_path)
        argv = [sys.executable, "-m", "jauge", "notice", "list", tmp_path / "estate.yml", "--data", tmp_path]
        whole = subprocess.run(argv, capture_output=True, text=True, check=True)
        (tmp_path / "collector.json").write_text("{")
        broken = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert whole.stderr == ""
    assert "collector.json is not as this program writes it" in broken.stderr
    assert broken.stdout == whole.stdout
