"""Secrets: read when they are used, from where the estate says, and never shown."""

from __future__ import annotations

import copy
import pickle
import traceback
from pathlib import Path

import pytest
from pydantic import ValidationError

from inventory.checking import check
from inventory.credentials import Credential, Secret, SecretMissingError, SnmpV2c, SnmpV3, Ssh, secrets

CANARY = "Xk9canary7Qz"


def test_a_secret_comes_from_the_environment_at_each_use(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = Secret("env:JAUGE_TEST_SECRET")
    monkeypatch.setenv("JAUGE_TEST_SECRET", "first")
    assert secret.reveal() == "first"
    monkeypatch.setenv("JAUGE_TEST_SECRET", "second")
    assert secret.reveal() == "second"


def test_a_secret_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(f" {CANARY} \r\n".encode())
    assert Secret(f"file:{path}").reveal() == f" {CANARY} "


def test_a_secret_that_systemd_keeps_is_read_from_the_folder_of_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "snmp").write_text(f"{CANARY}\n")
    (tmp_path.parent / "elsewhere").write_text("not for this service")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(SecretMissingError, match="LoadCredential=snmp:PATH"):
        Secret("systemd:snmp").reveal()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert Secret("systemd:snmp").reveal() == CANARY
    assert Secret("systemd:snmp").path == tmp_path / "snmp"  # as a private key is opened
    (tmp_path / "snmp").write_text("rotated-since")
    assert Secret("systemd:snmp").reveal() == "rotated-since"
    for name in ("../elsewhere", "..", "/etc/hostname", "a/b", "a\0b"):
        with pytest.raises(SecretMissingError):
            Secret(f"systemd:{name}").reveal()


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_an_empty_or_binary_secret_file_is_said_without_its_content(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    with pytest.raises(SecretMissingError, match=str(path)):
        Secret(f"file:{path}").reveal()


@pytest.mark.parametrize("text", ["env:JAUGE_NOT_SET", "file:/no/such/file", "file:/", "file:a\0b"])
def test_a_secret_that_is_missing_says_where_it_should_be(text: str) -> None:
    with pytest.raises(SecretMissingError) as caught:
        Secret(text).reveal()
    assert text.partition(":")[2] in str(caught.value)


def test_an_environment_variable_that_is_empty_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAUGE_TEST_SECRET", "")
    with pytest.raises(SecretMissingError, match="not set, or empty"):
        Secret("env:JAUGE_TEST_SECRET").reveal()


def test_a_secret_is_masked_however_it_is_printed() -> None:
    secret = Secret(CANARY)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", "%s %r" % (secret, secret)]  # noqa: UP031 - the old way too
    shown += [
        repr([secret]),
        repr({"a": secret}),
        secret.where,
        repr(SnmpV2c(snmp="v2c", community=secret.reveal())),
    ]  # type: ignore[arg-type] # as read from a file
    assert CANARY not in " ".join(shown)
    assert not hasattr(secret, "__dict__")


def test_a_secret_is_not_in_the_traceback_of_what_went_wrong(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(CANARY.encode() + b"\xff")
    try:
        Secret(f"file:{path}").reveal()
    except SecretMissingError:
        assert CANARY not in traceback.format_exc()


def test_a_model_made_wrongly_does_not_repeat_what_it_was_given() -> None:
    with pytest.raises(ValidationError) as caught:
        SnmpV2c.model_validate({"snmp": "v2c", "community": [CANARY]})
    assert CANARY not in str(caught.value)


def test_secrets_are_equal_where_they_are_at_the_same_place() -> None:
    assert Secret("env:A") == Secret("env:A")
    assert len({Secret("env:A"), Secret("env:A"), Secret("A"), Secret("file:A")}) == 3
    assert copy.copy(Secret("env:A")) == Secret("env:A")
    assert pickle.loads(pickle.dumps(Secret("env:A"))) == Secret("env:A")


def test_every_secret_of_a_credential_is_listed_by_its_dotted_name() -> None:
    ssh = Ssh.model_validate(
        {"ssh": {"user": "u", "key": "file:/k", "passphrase": "env:P", "known_hosts": "/h"}}
    )
    assert set(secrets(ssh)) == {"ssh.key", "ssh.passphrase"}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"auth": "SHA"}, "go together"),
        ({"privacy": "AES", "privacy_password": "env:X"}, "privacy needs auth"),
        ({"auth": "SHA", "auth_password": "short"}, "at least 8"),
        ({"auth": "SHA-1", "auth_password": "env:X"}, "Input should be"),
    ],
)
def test_an_snmpv3_user_that_no_agent_would_take_is_refused(fields: dict[str, str], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        SnmpV3.model_validate({"snmp": "v3", "user": "u"} | fields)


def test_a_credential_is_a_file_where_the_service_manager_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = Secret("systemd:community")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(SecretMissingError, match=r"credential community.*LoadCredential="):
        secret.reveal()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(SecretMissingError, match="systemd:community: No such file"):
        secret.reveal()
    (tmp_path / "community").write_text(f"{CANARY}\n")
    assert secret.reveal() == CANARY
    assert secret.path == tmp_path / "community"
    assert (secret.where, CANARY in repr(secret)) == ("systemd:community", False)
    (tmp_path.parent / "beside").write_text("theirs")
    with pytest.raises(SecretMissingError):  # no name leads out of the folder
        Secret("systemd:../beside").reveal()


def test_a_key_may_be_a_credential_and_is_no_text_in_the_estate() -> None:
    login = {"user": "jauge", "known_hosts": "known"}
    ssh = Ssh.model_validate({"ssh": login | {"key": "systemd:ssh-key"}}).ssh
    assert ssh.key is not None
    assert ssh.key.where == "systemd:ssh-key"
    with pytest.raises(ValidationError, match="write file:PATH or systemd:NAME"):
        Ssh.model_validate({"ssh": login | {"key": CANARY}})


def test_a_whole_estate_shows_no_secret_however_it_is_printed(tmp_path: Path) -> None:
    """K4: every kind of credential, written in the file itself."""
    path = tmp_path / "estate.yml"
    path.write_text(f"""credentials:
  v2: {{snmp: v2c, community: {CANARY}-1}}
  v3: {{snmp: v3, user: u, auth: SHA-256, auth_password: {CANARY}-2, privacy: AES, privacy_password: {CANARY}-3}}
  ssh: {{ssh: {{user: u, password: {CANARY}-4, passphrase: {CANARY}-5, known_hosts: k}}}}
  basic: {{http: {{user: u, password: {CANARY}-6}}}}
  bearer: {{http: {{token: {CANARY}-7}}}}
  sso: {{oidc: {{client: c, secret: {CANARY}-8}}}}
  ldap: {{ldap: {{user: cn=u, password: {CANARY}-9}}}}
  mail: {{smtp: {{user: u, password: {CANARY}-10}}}}
  chat: {{apprise: 'json://x/{CANARY}-11'}}
workstations: {{people: {{names: pseudonyms, key: {CANARY}-12}}}}
targets: [{{name: here, host: true}}]
""")
    found = check(path)
    assert found.estate is not None, [str(problem) for problem in found.problems]
    estate = found.estate
    assert {type(one) for one in estate.credentials.values()} == set(Credential.__args__)
    shown = [repr(estate), str(estate), f"{estate!r}", estate.model_dump_json(), repr(estate.model_dump())]
    shown += [repr(one) + str(one) for one in estate.credentials.values()]
    shown += [str(problem) for problem in found.problems]
    assert not [text for text in shown if CANARY in text]
    try:
        raise RuntimeError(estate, estate.credentials)
    except RuntimeError:
        assert CANARY not in traceback.format_exc()
