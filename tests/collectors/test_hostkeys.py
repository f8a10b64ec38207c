"""known_hosts as sshd(8) describes it, against ssh-keygen, which finds hosts in it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import paramiko
import pytest
import servers
from hypothesis import given
from hypothesis import strategies as st

from collectors import hostkeys
from collectors.poll import PollError


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The public halves of two keys, as known_hosts wants them."""
    place = tmp_path_factory.mktemp("keys")
    return [servers.public(servers.key_pair(place / str(number))) for number in range(2)]


def read_key(text: str) -> paramiko.PKey:
    (line,) = hostkeys.parse(f"any {text}")
    assert line.key is not None
    return line.key


def finds(file: Path, host: str) -> bool:
    """Whether OpenSSH finds a host in a file."""
    argv = [servers.program("ssh-keygen", "openssh-client"), "-F", host, "-f", str(file)]
    return subprocess.run(argv, check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize(
    ("names", "host", "port"),
    [
        ("srv-01", "srv-01", 22),
        ("srv-01", "srv-01", 2222),
        ("[srv-01]:2222", "srv-01", 2222),
        ("[srv-01]:2222", "srv-01", 22),
        ("SRV-01,10.0.0.5", "srv-01", 22),
        ("srv-??", "srv-01", 22),
        ("srv-*,!srv-01", "srv-01", 22),
        ("!srv-01,srv-*", "srv-02", 22),
        ("!srv-01", "srv-02", 22),
        ("*", "fe80::1", 22),
        ("srv-[01]", "srv-0", 22),
        ("[10.0.0.*]:2222", "10.0.0.7", 2222),
    ],
)
def test_a_host_is_found_where_openssh_finds_it(
    tmp_path: Path, keys: list[str], names: str, host: str, port: int
) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"{names} {keys[0]}\n")
    found = bool(hostkeys.read(str(file)).of(host, port).keys)
    assert found == finds(file, hostkeys.name(host, port))


def test_a_key_that_is_added_is_found_by_openssh_and_the_rest_stays(tmp_path: Path, keys: list[str]) -> None:
    file = tmp_path / "known_hosts"
    rest = f"# by hand\r\n  \nsrv-0? {keys[0]}\n@revoked old-* {keys[0]}\nnonsense\n\udcff".encode(
        "utf-8", "surrogateescape"
    )
    file.write_bytes(rest)
    for host in ("nas-01", "10.0.0.5"):
        known = hostkeys.held(str(file)).of(host, 2222)
        hostkeys.add(known, read_key(keys[1]))
        assert finds(file, f"[{host}]:2222")
    assert file.read_bytes().startswith(rest + b"\n[nas-01]:2222 ")
    assert not finds(file, "10.0.0.5")
    assert [one.name for one in tmp_path.iterdir()] == ["known_hosts"]


def test_a_wildcard_that_stays_no_longer_names_the_host(tmp_path: Path, keys: list[str]) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"srv-* {keys[0]}\n")
    hostkeys.add(hostkeys.held(str(file)).of("srv-01", 22), read_key(keys[1]))
    after = hostkeys.read(str(file))
    assert after.of("srv-01", 22).keys == (read_key(keys[1]),)
    assert after.of("srv-02", 22).keys == (read_key(keys[0]),)
    assert finds(file, "srv-02")


def test_what_another_wrote_meanwhile_is_not_replaced(tmp_path: Path, keys: list[str]) -> None:
    file = tmp_path / "known_hosts"
    seen = hostkeys.held(str(file)).of("srv-01", 22)
    text = f"srv-01 {keys[0]}\n"
    file.write_text(text)
    with pytest.raises(PollError, match="changed meanwhile"):
        hostkeys.add(seen, read_key(keys[1]))
    assert file.read_text() == text


def test_a_link_to_the_file_stays_a_link(tmp_path: Path, keys: list[str]) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "known_hosts").symlink_to("kept/known_hosts")
    hostkeys.add(hostkeys.held(str(tmp_path / "known_hosts")).of("srv-01", 22), read_key(keys[1]))
    assert (tmp_path / "known_hosts").is_symlink()
    assert finds(tmp_path / "kept" / "known_hosts", "srv-01")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_breaks_the_file_and_every_line_is_kept(text: str) -> None:
    lines = hostkeys.parse(text)
    assert "\n".join(line.text for line in lines) == text.removesuffix("\n")
    known = hostkeys.KnownHosts("known_hosts", lines).of("srv-01", 22)
    assert known.keys == ()
