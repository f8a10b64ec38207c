"""Reading an estate: what is accepted, and that every error says its file, line and column, all at once."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
import traceback
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.checking import Check, EstateError, check, load
from inventory.credentials import SnmpV2c, Ssh
from inventory.estate import Estate, Snmp
from inventory.quantities import ratio, seconds

MINIMAL = """\
credentials:
  array-read: {snmp: v2c, community: env:ARRAY_COMMUNITY}
  servers:    {ssh: {user: jauge, key: file:/etc/jauge/id_ed25519, known_hosts: /etc/jauge/known_hosts}}
targets:
  - {name: nas-01, address: 10.0.0.5, port: 161, credential: array-read}     # family found by itself
"""
CREDENTIALS = """\
credentials:
  a: {snmp: v2c, community: env:COMMUNITY}
  s: {ssh: {user: jauge, key: file:/k, known_hosts: /h}}
  h: {http: {user: u, password: env:P}}
"""


LOGINS = """credentials:
  sso: {oidc: {client: jauge, secret: env:S}}
  ad: {ldap: {user: jauge, password: env:P}}
"""
SSO = f"""access:
  oidc:
    issuer: https://sso.example/realms/staff
    credential: sso
    url: https://jauge.example
    roles: {{viewer: [it]}}
{LOGINS}"""
AD = f"""access:
  ldap:
    servers: [ldaps://dc1.example, ldap://dc2.example]
    credential: ad
    base: ou=staff,dc=example
    roles: {{admin: ["cn=it,ou=groups,dc=example"]}}
{LOGINS}"""


def reading(tmp_path: Path, text: str | bytes, name: str = "estate.yml") -> Check:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return check(path)


def errors(tmp_path: Path, text: str) -> list[tuple[int, int, str]]:
    found = reading(tmp_path, text)
    assert all(problem.place.file == str(tmp_path / "estate.yml") for problem in found.problems)
    return [(problem.place.line, problem.place.column, problem.message) for problem in found.errors]


def sound(tmp_path: Path, text: str | bytes) -> Estate:
    found = reading(tmp_path, text)
    assert found.errors == []
    assert found.estate is not None
    return found.estate


# --- what is accepted


def test_the_least_estate_is_accepted(tmp_path: Path) -> None:
    found = reading(tmp_path, MINIMAL)
    assert found.problems == []
    assert found.estate is not None
    target = found.estate.target("nas-01")
    assert target is not None
    assert target.snmp == Snmp(credential="array-read", port=161)
    assert (target.where, target.every, target.patience) == ("10.0.0.5", 60, 10)
    assert isinstance(found.estate.credentials["array-read"], SnmpV2c)
    servers = found.estate.credentials["servers"]
    assert isinstance(servers, Ssh)
    assert servers.ssh.known_hosts == "/etc/jauge/known_hosts"


def test_everything_that_people_may_declare_is_accepted(tmp_path: Path) -> None:
    estate = sound(
        tmp_path,
        CREDENTIALS
        + """\
title: Centre
timezone: Europe/Paris
language: fr
sites: {main: {title: Main building}, annex: }
defaults: {site: main, interval: 5m, ceiling: 85 %, credential: a}
targets:
  - name: pacs-01
    address: 10.0.0.7
    credential: a
    family: host-resources
    directorate: imaging
    service: radiology
    role: pacs
    criticality: critical
    protect: {rpo: 24h, rto: 4h, copies: 3, jobs: [nightly]}
    depends: [nas-01]
    lead_time: 12w
    contract: UGAP
    price: 120.5
    ceiling: 0.9
    formerly: [old-pacs]
    site: annex
  - {name: nas-01}
""",
    )
    pacs, nas = estate.targets
    assert pacs.protect is not None
    assert (pacs.protect.rpo, pacs.protect.rto, pacs.lead_time) == (86_400, 14_400, 7_257_600)
    assert (pacs.ceiling, nas.ceiling, pacs.site, nas.site, nas.every) == (0.9, 0.85, "annex", "main", 300)
    assert nas.snmp is not None
    assert (nas.where, nas.snmp.credential) == ("nas-01", "a")


def test_a_folder_is_one_estate(tmp_path: Path) -> None:
    (tmp_path / "10-credentials.yml").write_text(CREDENTIALS)
    (tmp_path / "20-imaging.yml").write_text("targets:\n  - {name: x, credential: a}\nsites: {one: }\n")
    (tmp_path / "30-storage.yml").write_text(
        "targets:\n  - {name: y, credential: s, site: two}\nsites: {two: }\n"
    )
    (tmp_path / "40-empty.yml").write_text("# nothing yet\n")
    (tmp_path / "notes.txt").write_text("not: read\n")
    estate = load(tmp_path)
    assert [target.name for target in estate.targets] == ["x", "y"]
    assert set(estate.sites) == {"one", "two"}


def test_errors_of_a_folder_name_the_right_file(tmp_path: Path) -> None:
    (tmp_path / "1.yml").write_text(CREDENTIALS + "targets:\n  - {name: x, credential: a}\nlanguage: fr\n")
    (tmp_path / "2.yml").write_text(
        "targets:\n  - {name: y, credential: nope}\n  - {name: x, credential: a}\n"
        "credentials:\n  a: {snmp: v2c, community: env:X}\nlanguage: en\n"
    )
    found = [str(problem).removeprefix(f"{tmp_path}/") for problem in check(tmp_path).errors]
    assert [text.split(": ")[0] for text in found] == ["2.yml:2:27", "2.yml:3:12", "2.yml:5:3", "2.yml:6:1"]
    assert "there is no credential nope" in found[0]
    assert f"first at {tmp_path}/1.yml:6:12" in found[1]
    assert "a is given twice" in found[2]
    assert "language is given in two files" in found[3]


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.replace(b"\n", b"\r\n"),
        lambda raw: b"---\n" + raw + b"...\n",
        lambda raw: raw.rstrip(b"\n"),
        lambda raw: b"%YAML 1.2\n---\n" + raw,
    ],
)
def test_marks_line_ends_and_document_signs_change_nothing(tmp_path: Path, change: object) -> None:
    assert callable(change)
    assert sound(tmp_path, change(MINIMAL.encode())).targets[0].name == "nas-01"


def test_places_are_right_after_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    raw = ("\ufeff" + MINIMAL.replace("port: 161", "port: lots")).replace("\n", "\r\n").encode()
    (problem,) = reading(tmp_path, raw).errors
    assert (problem.place.line, problem.place.column) == (5, 45)


# --- what is refused, each with its place

WITH = CREDENTIALS + "targets:\n"  # its first target stands on line 6


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        (
            "targets: []\nnotices: {mail: {host: mail.h.example, from: a@h.example, server: m}}\n",
            2,
            18,
            "unknown key host",
        ),
        ("targest: []\n", 1, 1, "unknown key targest: did you mean targets?"),
        (
            WITH + "  - {name: x, credential: a, adress: y}\n",
            6,
            30,
            "unknown key adress: did you mean address?",
        ),
        (
            WITH + "  - {name: x, snmp: {credential: a, prot: 1}}\n",
            6,
            37,
            "unknown key prot: did you mean port?",
        ),
        (WITH + "  - {name: x, credential: a, port: many}\n", 6, 36, "port must be a whole number"),
        (WITH + "  - {name: x, credential: a, port: 70000}\n", 6, 36, "port"),
        (WITH + "  - {name: 12, credential: a}\n", 6, 12, "name must be text"),
        (WITH + "  - {name: a b, credential: a}\n", 6, 12, "letters, digits"),
        (WITH + "  - {name: é, credential: a}\n", 6, 12, "letters, digits"),
        (WITH + "  - {credential: a}\n", 6, 5, "name is missing"),
        (WITH + "  - just-a-name\n", 6, 5, "must be a mapping"),
        (CREDENTIALS + "targets: {name: x}\n", 5, 10, "must be a list"),
        (WITH + "  - {name: x, credential: b}\n", 6, 27, "there is no credential b"),
        (WITH + "  - {name: x, credential: a, site: y}\n", 6, 36, "there is no site y"),
        (WITH + "  - {name: x, credential: a, depends: [y]}\n", 6, 40, "there is no target y"),
        (WITH + "  - {name: x, credential: a, depends: [x]}\n", 6, 40, "cannot depend on itself"),
        (WITH + "  - {name: x, credential: a}\n  - {name: x, credential: a}\n", 7, 12, "x is given twice"),
        (WITH + "  - {name: x, credential: a, name: y}\n", 6, 30, "name is given twice (first at line 6)"),
        ("credentials: {a: 1}\ncredentials: {}\n", 2, 1, "credentials is given twice"),
        (WITH + "  - {name: x, credential: a, interval: 5 minutes}\n", 6, 40, "is no duration"),
        (WITH + "  - {name: x, credential: a, interval: 0}\n", 6, 40, "greater than or equal to 0.1"),
        (WITH + "  - {name: x, credential: a, ceiling: 120 %}\n", 6, 39, "less than or equal to 1"),
        (WITH + "  - {name: x, credential: a, protect: {copies: 0}}\n", 6, 48, "copies"),
        (WITH + "  - {name: x, credential: a, address: 'http://y'}\n", 6, 39, "is no address"),
        (WITH + "  - {name: x}\n", 6, 5, "has no credential"),
        (WITH + "  - {name: x, credential: h}\n", 6, 27, "write an http section"),
        (WITH + "  - {name: x, snmp: {credential: s}}\n", 6, 34, "is not for snmp"),
        (
            WITH + "  - {name: x, credential: a, snmp: {credential: a}}\n",
            6,
            27,
            "either credential or the snmp",
        ),
        (
            WITH + "  - {name: x, credential: a, formerly: [y]}\n  - {name: y, credential: a}\n",
            6,
            41,
            "formerly: y",
        ),
        (
            WITH
            + "  - {name: x, credential: a, formerly: [z]}\n  - {name: y, credential: a, formerly: [z]}\n",
            7,
            41,
            "formerly: z",
        ),
        (WITH + "  - {name: x, credential: a, formerly: [x]}\n", 6, 41, "formerly: x"),
        (WITH + "  - {name: x, credential: a, formerly: [{y: 1}]}\n", 6, 41, "must be text"),
        ("timezone: Mars/Olympus\n", 1, 11, "is no timezone"),
        ("timezone: ../../etc/passwd\n", 1, 11, "is no timezone"),
        ("language: de\n", 1, 11, "language"),
        ("credentials:\n  a: {snmp: v1, community: env:X}\n", 2, 6, "a credential starts with"),
        ("credentials:\n  a: {snmp: v2c}\n", 2, 6, "community is missing"),
        (
            "credentials:\n  a: {snmp: v3, user: u, privacy: AES, privacy_password: env:X}\n",
            2,
            6,
            "privacy needs auth",
        ),
        ("credentials:\n  a: {ssh: {user: u, key: env:K, known_hosts: /h}}\n", 2, 12, "key is a file"),
        (SSO.replace("issuer: https", "issuer: http"), 3, 13, "starts with https://"),
        (SSO.replace("example\n    roles", "example/jauge\n    roles"), 5, 10, "without a path"),
        (SSO.replace("credential: sso", "credential: soo"), 4, 17, "no credential soo: did you mean sso?"),
        (SSO.replace("credential: sso", "credential: ad"), 4, 17, "credential ad is not for oidc"),
        (SSO.replace("{viewer: [it]}", "{}"), 6, 12, "name at least one group"),
        (SSO.replace("{viewer: [it]}", "{viewers: [it]}"), 6, 13, "did you mean viewer?"),
        (SSO.replace("    roles", "    scopes: [profile]\n    roles"), 3, 5, "scopes need openid"),
        (SSO.replace("secret: env:S", "secrets: hunter22"), 8, 31, "unknown key: did you mean secret?"),
        (AD.replace("ldaps://dc1", "http://dc1"), 3, 15, "is no server"),
        (AD.replace("base: ou=staff", "base: staff"), 5, 11, "is no name of an entry"),
        (AD.replace("cn=it,", "it "), 3, 5, "is no name of an entry"),
        (AD.replace("    roles", "    filter: (a=b\n    roles"), 6, 13, "is no filter"),
        (AD.replace("    roles", "    filter: (a=b)(c=d)\n    roles"), 6, 13, "is no filter"),
        ("targets:\n\t- {name: x}\n", 2, 1, "not YAML"),
        ("targets: [\n", 2, 1, "not YAML"),
        ("a: b\n---\nc: d\n", 2, 1, "one file holds one"),
        ("just text\n", 1, 1, "an estate is a mapping"),
        ("- a\n", 1, 1, "an estate is a mapping"),
        ("? [a, b]\n: c\n", 1, 3, "a key is a word"),
        (
            "defaults: &d {site: x}\nsites: {x: }\ntargets:\n  - {<<: *d, name: x, host: true}\n",
            4,
            6,
            "merge keys",
        ),
        ("title: \x07\n", 1, 1, "U+0007"),
    ],
)
def test_an_error_says_its_line_and_column(
    tmp_path: Path, text: str, line: int, column: int, says: str
) -> None:
    found = errors(tmp_path, text)
    assert any((at, col) == (line, column) and says in message for at, col, message in found), found


def test_all_errors_are_shown_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    found = errors(
        tmp_path,
        """\
titel: x
timezone: Nowhere
credentials:
  a: {snmp: v2c}
targets:
  - {name: x, credential: b, port: z}
  - {name: x, site: y, ceiling: 2}
""",
    )
    lines = [line for line, _, _ in found]
    assert lines == sorted(lines)
    assert set(lines) == {1, 2, 4, 6, 7}
    assert len(found) >= 7


def test_load_raises_all_of_them(tmp_path: Path) -> None:
    path = tmp_path / "estate.yml"
    path.write_text("titel: x\nlanguage: de\n")
    with pytest.raises(EstateError) as caught:
        load(path)
    assert len(caught.value.problems) == 2
    assert f"{path}:1:1: unknown key titel" in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"# nothing\n", b"\xef\xbb\xbf", b"targets:\n", b"---\n...\n"]
)
def test_an_empty_file_is_an_estate_without_targets(tmp_path: Path, content: bytes) -> None:
    assert sound(tmp_path, content).targets == ()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"title: caf\xe9\n", "not UTF-8 text (byte 10)"),
        ("title: x\n".encode("utf-16"), "not UTF-8 text"),
        (b"title: \x00\n", "U+0000"),
    ],
)
def test_a_file_that_is_no_utf8_text_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (problem,) = reading(tmp_path, content).errors
    assert says in problem.message


def test_a_file_that_is_missing_or_an_empty_folder_is_said_in_words(tmp_path: Path) -> None:
    (missing,) = check(tmp_path / "missing.yml").errors
    assert "cannot read this file: No such file" in missing.message
    (empty,) = check(tmp_path).errors
    assert "holds no *.yml" in empty.message


# --- files that mean harm

LAUGHS = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)


def test_a_billion_laughs_are_contained_in_time_and_memory(tmp_path: Path) -> None:
    (tmp_path / "estate.yml").write_text(LAUGHS)
    program = "import sys, pathlib; from inventory.checking import check; print(*check(pathlib.Path(sys.argv[1])).errors)"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (2 * 1024**3, 2 * 1024**3))

    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "estate.yml")],
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=limit,
        check=True,
    )
    assert "aliases (*name) stand for more than" in done.stdout
    assert time.monotonic() - start < 20


@pytest.mark.parametrize("text", ["a: &a [*a]\n", "a: &a {b: *a}\n", "&a [*a]\n"])
def test_an_alias_that_holds_itself_is_refused(tmp_path: Path, text: str) -> None:
    assert errors(tmp_path, text)


@pytest.mark.parametrize(
    "text", ["[" * 5000, "{a: " * 5000, "a: " + "[" * 100 + "]" * 100 + "\n", "- " * 3000]
)
def test_a_file_that_is_nested_too_deeply_is_refused(tmp_path: Path, text: str) -> None:
    assert errors(tmp_path, text)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    (problem,) = reading(tmp_path, b"#" * (5 * 1024 * 1024)).errors
    assert "larger than 4 MiB" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "title: !!python/object/apply:os.system ['true']\n",
        "title: !!python/name:os.system\n",
        "!!python/object:x {}\n",
    ],
)
def test_a_tag_makes_no_object(tmp_path: Path, text: str) -> None:
    assert errors(tmp_path, text)


def test_a_number_of_any_length_is_no_crash(tmp_path: Path) -> None:
    assert errors(tmp_path, f"title: {'9' * 10_000}\n")
    assert errors(tmp_path, WITH + "  - {name: x, credential: a, price: .nan}\n")
    assert errors(tmp_path, WITH + "  - {name: x, credential: a, interval: .inf}\n")
    assert errors(tmp_path, WITH + f"  - {{name: x, credential: a, interval: {'9' * 400}d}}\n")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(alphabet="targets:{}[]-&*!?|>'\"%@ \n#,namex1.", max_size=120).map(str.encode),
        st.text(alphabet="{}[]:,-&*! ax1\n", max_size=60).map(lambda text: b"targets:\n  - " + text.encode()),
    )
)
def test_no_file_whatever_makes_reading_fail_without_words(tmp_path: Path, content: bytes) -> None:
    found = reading(tmp_path, content)
    assert found.errors or found.estate is not None
    for problem in found.problems:
        assert problem.place.line >= 1
        assert problem.place.column >= 1
        assert problem.message


# --- secrets

CANARY = "Xk9canary7Qz"


@pytest.mark.parametrize(
    "line",
    [
        f"{{snmp: v2c, community: {CANARY}}}",
        f"{{snmp: v2c, community: [{CANARY}]}}",
        f"{{snmp: v2c, community:{CANARY}}}",
        f"{{snmp: v2c, {CANARY}}}",
        f"{{snmp: v2c, {CANARY}: community}}",
        f"{{snmp: v2c, comunity: {CANARY}}}",
        f"{{snmp: {CANARY}, community: x}}",
        f"{CANARY}",
        f"[{CANARY}]",
        f"{{snmp: v2c, community: !{CANARY}}}",
        f"{{snmp: v2c, community: !{CANARY}!x y}}",
        f"{{snmp: v2c, community: *{CANARY}}}",
        f"{{snmp: v2c, community: &{CANARY}}}",
        f"{{snmp: v2c, community: '{CANARY}}}",
        f"{{snmp: v2c, community: @{CANARY}}}",
        f"{{snmp: v2c, community: %{CANARY}}}",
        f'{{snmp: v2c, community: "\\q{CANARY}"}}',
        f"{{snmp: v2c, community: !!int {CANARY}}}",
        f"{{snmp: v2c, community: !!timestamp {CANARY}}}",
        f"{{snmp: v2c, ? [{CANARY}] : x}}",
        f"{{snmp: v3, user: u, auth: SHA, auth_password: {CANARY[:7]}}}",
        f"{{snmp: v3, user: u, auth: {CANARY}, auth_password: x}}",
        f"{{ssh: {{user: u, password: {CANARY}}}}}",
        f"{{ssh: {{user: u, key: {CANARY}, known_hosts: /h}}}}",
        f"{{http: {{user: u, password: {CANARY}, token: {CANARY}}}}}",
        f"{{http: {CANARY}}}",
    ],
)
def test_a_secret_is_in_no_message_whatever_is_wrong_around_it(tmp_path: Path, line: str) -> None:
    path = tmp_path / "estate.yml"
    path.write_text(f"credentials:\n  a: {line}\ntargets: [{{name: x, credential: a, port: bad}}]\n")
    found = check(path)
    assert found.errors
    said = "\n".join(map(str, found.problems)) + repr(found.problems)
    try:
        load(path)
    except EstateError:
        said += traceback.format_exc()
    assert CANARY[:7] not in said


def test_a_password_inside_an_address_is_not_repeated(tmp_path: Path) -> None:
    text = (
        f"targets:\n  - {{name: x, host: true, address: 'https://u:{CANARY}@h'}}\n"
        f"  - {{name: y, http: {{family: orthanc, url: 'https://u:{CANARY}@h/'}}}}\n"
    )
    found = errors(tmp_path, text)
    assert len(found) == 2
    assert CANARY not in str(found)


def test_a_secret_of_a_sound_estate_is_in_no_repr_dump_or_warning(tmp_path: Path) -> None:
    found = reading(
        tmp_path,
        f"credentials:\n  a: {{snmp: v2c, community: {CANARY}}}\n"
        f"  b: {{ssh: {{user: u, password: {CANARY}, known_hosts: /h}}}}\n",
    )
    estate = found.estate
    assert estate is not None
    said = f"{estate!r} {estate} {estate.model_dump()} {estate.model_dump_json()} {found.problems}"
    assert CANARY not in said
    assert [(problem.place.line, problem.place.column) for problem in found.warnings] == [(2, 29), (3, 32)]
    assert all("env:NAME, file:PATH or systemd:NAME" in problem.message for problem in found.warnings)


def test_a_secret_file_is_beside_the_estate(tmp_path: Path) -> None:
    (tmp_path / "community").write_text("public\n")
    estate = sound(tmp_path, "credentials:\n  a: {snmp: v2c, community: file:community}\n")
    credential = estate.credentials["a"]
    assert isinstance(credential, SnmpV2c)
    assert credential.community.reveal() == "public"


# --- quantities


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30s", 30),
        ("5m", 300),
        ("1.5h", 5400),
        ("30d", 2_592_000),
        ("12 w", 7_257_600),
        (90, 90),
        (" 1m ", 60),
    ],
)
def test_a_duration_is_read(text: object, expected: float) -> None:
    assert seconds(text) == expected


@given(
    st.integers(0, 10**6), st.sampled_from([("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800)])
)
def test_every_whole_duration_is_exact(count: int, unit: tuple[str, int]) -> None:
    assert seconds(f"{count}{unit[0]}") == count * unit[1]


@given(st.integers(0, 100))
def test_every_whole_percentage_is_a_share(percent: int) -> None:
    assert ratio(f"{percent} %") == pytest.approx(percent / 100)
    assert ratio(f"{percent}%") == ratio(f"{percent} %")


@pytest.mark.parametrize(
    "value", ["5 minutes", "m", "-5m", "1h30m", "5M", "", "٥m", True, None, [], {}, "1e3s", "5\nm"]
)
def test_what_is_no_duration_is_refused_with_an_example(value: object) -> None:
    with pytest.raises(ValueError, match="30s, 5m"):
        seconds(value)


@pytest.mark.parametrize("value", ["0.85", "85", "-5 %", "%", "", True, None, [], "٨٥ %"])
def test_what_is_no_share_is_refused_with_an_example(value: object) -> None:
    with pytest.raises(ValueError, match="85 %"):
        ratio(value)


@given(st.text())
def test_any_text_is_a_quantity_or_a_value_error(text: str) -> None:
    for read in (seconds, ratio):
        try:
            assert read(text) >= 0
        except ValueError:
            continue


def test_where_traps_are_heard_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "estate.yml"
    path.write_text(
        "credentials:\n"
        "  login: {ssh: {user: root, key: 'file:key', known_hosts: known}}\n"
        "  array: {snmp: v2c, community: 'env:ARRAY'}\n"
        "traps:\n"
        "  listen: 10.0.0.300\n"
        "  credentials: [arrays, login]\n"
        "targets: [{name: a, credential: array}]\n"
    )
    said = "\n".join(map(str, check(path).errors))
    assert f"{path}:5:11: '10.0.0.300' is no IP address: write one of this machine" in said
    assert f"{path}:6:17: there is no credential arrays: did you mean array?" in said
    path.write_text(path.read_text().replace("10.0.0.300", "'::'").replace("[arrays, login]", "[login]"))
    said = "\n".join(map(str, check(path).errors))
    assert said == f"{path}:6:17: credential login is not for snmp"
    path.write_text(path.read_text().replace("[login]", "[array]"))
    found = load(path).traps
    assert found is not None
    assert (found.listen, found.port, found.credentials) == ("::", 162, ("array",))


def test_a_history_is_an_address_or_a_section(tmp_path: Path) -> None:
    short = sound(tmp_path, "history: http://127.0.0.1:8428\ntargets: []\n")
    assert short.history is not None
    assert (short.history.url, short.history.write_path) == ("http://127.0.0.1:8428", "/api/v1/write")
    long = sound(
        tmp_path,
        "history: {url: 'https://mimir:443/x', write_path: /api/v1/push, read_path: /prometheus, name: north, "
        "headers: {X-Scope-OrgID: chu}, credential: e, resend: 2m}\n"
        "credentials: {e: {http: {token: 'env:TOKEN'}}}\ntargets: []\n",
    )
    assert long.history is not None
    assert (long.history.read_path, long.history.name, long.history.resend) == ("/prometheus", "north", 120)
    assert long.history.headers == {"X-Scope-OrgID": "chu"}
    assert sound(tmp_path, "targets: []\n").history is None


def test_mistakes_of_a_history_are_said_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "estate.yml").write_text(
        "history:\n  url: http://mon:hunter22@engine:8428\n  credential: e\n  headers: {Authorization: Bearer hunter22}\n"
        "  ca: ca.pem\n  verify: false\n  retention: 10y\ncredentials: {e: {snmp: v2c, community: 'env:X'}}\ntargets: []\n"
    )
    said = "\n".join(str(problem) for problem in check(tmp_path / "estate.yml").errors)
    assert "estate.yml:2:8: url is not of the form it needs" in said
    assert "estate.yml:4:28: Authorization holds a secret: name a credential instead" in said
    assert "estate.yml:7:3: unknown key retention" in said
    assert "hunter22" not in said
    (tmp_path / "estate.yml").write_text(
        "history:\n  url: https://engine\n  credential: e\n  ca: ca.pem\n  verify: false\n"
        "credentials: {e: {snmp: v2c, community: 'env:X'}}\ntargets: []\n"
    )
    found = [
        str(problem).removeprefix(f"{tmp_path}/estate.yml:")
        for problem in check(tmp_path / "estate.yml").problems
    ]
    assert "3:15: credential e is not for http" in found
    assert "4:7: give ca, or verify: false: not both" in found
    assert "5:11: warning: the certificate of the history's engine is not checked" in found
    (tmp_path / "estate.yml").write_text(
        "history: {url: 'http://e', credential: mimr}\ncredentials: {mimir: {http: {token: 'env:T'}}}\n"
    )
    found = [str(problem) for problem in check(tmp_path / "estate.yml").errors]
    assert any("1:40: there is no credential mimr: did you mean mimir?" in problem for problem in found)
