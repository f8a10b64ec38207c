"""`jauge trust` against OpenSSH's own server: what is shown, what is asked, and what known_hosts holds afterwards."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import servers
import within
from logins import Recorder, a_server

CANARY = "cNry-ssh-pass"
OTHERS = "# kept by hand\n\n@cert-authority *.hospital ssh-ed25519 AAAA\n"


def jauge(*words: object, place: Path) -> subprocess.CompletedProcess[str]:
    return within.jauge(*words, environment={"CANARY": CANARY})


def trust(place: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return jauge("trust", place / "estate.yml", "srv-01", *words, place=place)


def answering(place: Path, answer: bytes) -> subprocess.CompletedProcess[str]:
    """`jauge trust` at a terminal, where somebody types."""
    keyboard, terminal = pty.openpty()
    try:
        os.write(keyboard, answer)
        return subprocess.run(
            [sys.executable, "-m", "jauge", "trust", str(place / "estate.yml"), "srv-01"], stdin=terminal,
            capture_output=True, text=True, timeout=60, check=False, env=os.environ | {"CANARY": CANARY},
        )  # fmt: skip
    finally:
        os.close(keyboard)
        os.close(terminal)


def estate(place: Path, port: int, proof: str, user: str = "jauge") -> Path:
    """An estate of one host whose known_hosts stands beside it, and is not there yet."""
    (place / "estate.yml").write_text(
        f"credentials:\n  s: {{ssh: {{user: {user}, {proof}, known_hosts: known_hosts}}}}\n"
        "targets:\n"
        f"  - {{name: srv-01, address: 127.0.0.1, ssh: {{credential: s, port: {port}, commands: [load]}}}}\n"
        "  - {name: here, host: true}\n"
    )
    return place / "known_hosts"


def fingerprint(key: Path) -> str:
    """What ssh-keygen says of a key."""
    argv = [servers.program("ssh-keygen", "openssh-client"), "-l", "-f", str(key)]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split()[1]


def ssh_trusts(server: servers.Sshd, known: Path) -> bool:
    """Whether OpenSSH's own client logs in with that file, and asks nobody."""
    options = [
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        f"UserKnownHostsFile={known}",
        "GlobalKnownHostsFile=none",
    ]
    argv = [
        servers.program("ssh", "openssh-client"),
        "-F",
        "none",
        "-i",
        str(server.key),
        "-p",
        str(server.port),
    ]
    for option in options:
        argv += ["-o", option]
    argv += [f"{server.user}@127.0.0.1", "true"]
    return subprocess.run(argv, check=False, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0


def test_a_host_is_polled_once_its_key_is_trusted(sshd: servers.Sshd, tmp_path: Path) -> None:
    known = estate(tmp_path, sshd.port, f"key: 'file:{sshd.key}'", sshd.user)
    known.write_text("")
    before = jauge("poll", tmp_path / "estate.yml", "--target", "srv-01", place=tmp_path)
    assert before.returncode == 1
    assert "host_key_unknown" in before.stderr
    assert "jauge trust" in before.stderr
    known.unlink()

    said = trust(tmp_path, "--yes")
    assert said.returncode == 0, said.stderr
    assert (
        f"[127.0.0.1]:{sshd.port} shows ssh-ed25519 {fingerprint(sshd.folder / 'host_ed25519')}\n"
        in said.stdout
    )
    assert known.read_text() == f"[127.0.0.1]:{sshd.port} {servers.public(sshd.folder / 'host_ed25519')}\n"
    assert known.stat().st_mode & 0o777 == 0o600
    after = jauge("poll", tmp_path / "estate.yml", "--target", "srv-01", place=tmp_path)
    assert after.returncode == 0, after.stderr
    assert ssh_trusts(sshd, known)

    again = trust(tmp_path)
    assert (again.returncode, "holds it already" in again.stdout) == (0, True)
    assert len(known.read_text().splitlines()) == 1


def test_nothing_is_written_where_nobody_can_be_asked(sshd: servers.Sshd, tmp_path: Path) -> None:
    known = estate(tmp_path, sshd.port, f"key: 'file:{sshd.key}'")
    said = trust(tmp_path)
    assert said.returncode == 1
    assert "SHA256:" in said.stdout
    assert "--yes" in said.stderr
    assert not known.exists()


@pytest.mark.parametrize(
    ("answer", "written"), [(b"y\n", True), (b"n\n", False), (b"\n", False), (b"\x04", False)]
)
def test_a_person_at_a_terminal_is_asked(
    sshd: servers.Sshd, tmp_path: Path, answer: bytes, written: bool
) -> None:
    known = estate(tmp_path, sshd.port, f"key: 'file:{sshd.key}'")
    said = answering(tmp_path, answer)
    assert "on the host?" in said.stdout + said.stderr
    assert (said.returncode == 0, known.exists()) == (written, written)


def test_only_the_key_with_the_fingerprint_that_was_given_is_accepted(
    sshd: servers.Sshd, tmp_path: Path
) -> None:
    known = estate(tmp_path, sshd.port, f"key: 'file:{sshd.key}'")
    assert trust(tmp_path, "--fingerprint", "MD5:00:11").returncode == 2
    other = fingerprint(servers.key_pair(tmp_path / "other"))
    assert trust(tmp_path, "--fingerprint", other, "--yes").returncode == 1
    assert not known.exists()
    assert trust(tmp_path, "--fingerprint", fingerprint(sshd.folder / "host_ed25519")).returncode == 0
    assert ssh_trusts(sshd, known)


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_key_that_changed_is_shown_beside_the_old_one_and_replaced_only_on_demand(
    sshd: servers.Sshd, tmp_path: Path, kind: str
) -> None:
    known = estate(tmp_path, sshd.port, f"key: 'file:{sshd.key}'", sshd.user)
    old = servers.key_pair(tmp_path / "old", kind)
    text = f"{OTHERS}[127.0.0.1]:{sshd.port},nas-01 {servers.public(old)} bought 2024\n"
    known.write_text(text)
    known.chmod(0o644)
    said = trust(tmp_path, "--yes")
    assert said.returncode == 1
    assert fingerprint(old) in said.stdout
    assert fingerprint(sshd.folder / "host_ed25519") in said.stdout
    assert "--replace" in said.stderr
    assert trust(tmp_path, "--replace").returncode == 1  # nobody agreed
    assert known.read_text() == text

    assert trust(tmp_path, "--replace", "--yes").returncode == 0
    line = f"[127.0.0.1]:{sshd.port} {servers.public(sshd.folder / 'host_ed25519')}\n"
    assert known.read_text() == f"{OTHERS}nas-01 {servers.public(old)} bought 2024\n{line}"
    assert known.stat().st_mode & 0o777 == 0o644
    assert ssh_trusts(sshd, known)


def test_a_revoked_key_is_refused_whatever_is_asked(sshd: servers.Sshd, tmp_path: Path) -> None:
    known = estate(tmp_path, sshd.port, f"key: 'file:{sshd.key}'")
    text = f"@revoked * {servers.public(sshd.folder / 'host_ed25519')}\n"
    known.write_text(text)
    said = trust(tmp_path, "--replace", "--yes")
    assert said.returncode == 1
    assert "revoked" in said.stderr
    assert known.read_text() == text


def test_a_name_is_hashed_where_the_file_hashes_names(sshd: servers.Sshd, tmp_path: Path) -> None:
    known = estate(tmp_path, sshd.port, f"key: 'file:{sshd.key}'", sshd.user)
    known.write_text(f"nas-01 {servers.public(servers.key_pair(tmp_path / 'other'))}\r\n")
    keygen = servers.program("ssh-keygen", "openssh-client")
    subprocess.run([keygen, "-q", "-H", "-f", str(known)], check=True, capture_output=True)
    before = known.read_bytes()
    assert trust(tmp_path, "--yes").returncode == 0
    after = known.read_bytes()
    assert after.startswith(before)
    assert b"127.0.0.1" not in after
    assert ssh_trusts(sshd, known)


def test_no_secret_is_sent_to_look_at_a_key(tmp_path: Path) -> None:
    recorder = Recorder()
    with a_server(tmp_path, recorder) as host:
        known = estate(tmp_path, host.port, "password: env:CANARY")
        known.unlink(missing_ok=True)
        said = trust(tmp_path, "--yes")
    assert said.returncode == 0, said.stderr
    assert recorder.attempts == []
    assert CANARY not in said.stdout + said.stderr


def test_what_cannot_be_trusted_is_told_without_a_trace(tmp_path: Path) -> None:
    estate(tmp_path, servers.free_port(), "password: env:CANARY")
    for words, reason in (
        (("srv-01",), "refused"),
        (("here",), "not polled over SSH"),
        (("nobody",), "no target"),
    ):
        said = jauge("trust", tmp_path / "estate.yml", *words, "--yes", place=tmp_path)
        assert said.returncode == 1
        assert reason in said.stderr.lower() or reason in said.stderr
        assert "Traceback" not in said.stderr


def test_a_folder_that_is_not_there_is_named(sshd: servers.Sshd, tmp_path: Path) -> None:
    estate(tmp_path, sshd.port, f"key: 'file:{sshd.key}'")
    text = (
        (tmp_path / "estate.yml")
        .read_text()
        .replace("known_hosts: known_hosts", "known_hosts: absent/known_hosts")
    )
    (tmp_path / "estate.yml").write_text(text)
    said = trust(tmp_path, "--yes")
    assert said.returncode == 1
    assert f"{tmp_path}/absent" in said.stderr
    assert "Traceback" not in said.stderr
