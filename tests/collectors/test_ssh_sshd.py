"""OpenSSH's own server where things go wrong: keys that changed, banners, and a df that does not do its work."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import servers
from collecting import until
from logins import an_estate, of, poll, values

from collectors import ssh

CANARY = "canary-7d20"
STRICT = "PasswordAuthentication yes", "PermitRootLogin yes", "LogLevel VERBOSE"
"""An sshd that takes passwords, and says of each that was wrong."""


@pytest.fixture
def pool() -> Iterator[ssh.Connections]:
    with contextlib.closing(ssh.Connections()) as connections:
        yield connections


# --- before the login, and the login ------------------------------------------------------------------------


async def test_openssh_hears_of_no_login_where_its_key_changed_or_is_unknown(
    tmp_path: Path, pool: ssh.Connections
) -> None:
    other = servers.public(servers.key_pair(tmp_path / "other"))
    with servers.sshd(lines=STRICT) as server:
        name = f"[{servers.LOOPBACK}]:{server.port}"
        for text, reason in ((f"{name} {other}\n", "host_key_changed"), ("", "host_key_unknown")):
            server.known_hosts.write_text(text)
            for estate in (
                of(server),
                an_estate(server.port, server.known_hosts, None, "root", password=CANARY),
            ):
                tables, _ = await poll(estate, pool)
                assert {table.reason for table in tables.values()} == {reason}
        connected = "Connection from 127.0.0.1"
        until(lambda: server.log.count(connected) >= 4)
        assert [line for line in server.log.splitlines() if "Failed" in line or "Accepted" in line] == []


@pytest.mark.parametrize("size", [4_000, 250_000, 1_000_000])
async def test_a_banner_keeps_us_out_only_where_it_keeps_openssh_out(
    tmp_path: Path, pool: ssh.Connections, size: int
) -> None:
    """With a banner beyond 256 kB sshd hangs up by itself."""
    banner = tmp_path / "banner"
    banner.write_text("Authorised use only.\n" * (size // 21))
    with servers.sshd(lines=[f"Banner {banner}", "SetEnv HOME=/nonexistent"]) as server:
        let_in = logs_in(server)
        tables, _ = await poll(of(server, commands=("load",)), pool)
    assert tables["load"].reason == (None if let_in else "refused"), tables["load"].detail
    assert let_in == (size < 256_000)


def logs_in(server: servers.Sshd) -> bool:
    """Whether OpenSSH's own client gets in."""
    files = ["-F", "none", "-i", str(server.key), "-o", f"UserKnownHostsFile={server.known_hosts}"]
    argv = [
        *files,
        "-o",
        "BatchMode=yes",
        "-p",
        str(server.port),
        f"{server.user}@{servers.LOOPBACK}",
        "true",
    ]
    return subprocess.run(["ssh", *argv], check=False, capture_output=True, timeout=20).returncode == 0


# --- commands -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with servers.folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def french(place: Path) -> Iterator[servers.Sshd]:
    """A server whose df is what a test writes, and whose accounts are set to French."""
    # bash would read the profile of this account
    lines = [
        f"SetEnv HOME={place} PATH={place}:/usr/bin:/bin LANG=fr_FR.UTF-8 LC_ALL=fr_FR.UTF-8 LANGUAGE=fr"
    ]
    with servers.sshd(lines=lines) as server:
        yield server


HEAD = r"printf 'Filesystem Type 1-blocks Used Available Capacity Mounted on\n'"
ROW = r"printf '/dev/sda1 ext4 21003583488 5203902464 14711734272 27%% /\n'"
# of a flood nothing is kept, whichever stream it comes on
CASES: dict[str, tuple[str, str | None, set[str]]] = {
    "output without end": (f"{HEAD}; {ROW}; exec yes", "truncated", set()),
    "complaints without end": (f"{HEAD}; {ROW}; exec yes >&2", "truncated", set()),
    "a byte a second": (f"{HEAD}; {ROW}; while :; do printf x; sleep 1; done", "deadline", {"/"}),
    "a child that keeps the output": (f"{HEAD}; {ROW}; sleep 60 & echo $! >PLACE/child", None, {"/"}),
    "an error that ends well": ("echo 'df: cannot read table of mounted file systems'", "unparsed", set()),
    "an end in the middle of a row": (
        f"{HEAD}; {ROW}; printf '/dev/sdb1 ext4 310035'; kill -9 0",
        "truncated",
        {"/"},
    ),
    "a terminal that is paged": (f"{HEAD}; if [ -t 1 ]; then echo --More--; else {ROW}; fi", None, {"/"}),
    "lines that end as on Windows": (f"({HEAD}; {ROW}) | sed 's/$/\\r/'", None, {"/"}),
    "a translation that heeds no locale": (
        "echo 'Sys. de fichiers Type 1-blocs Utilisé Disponible Capacité Monté sur'; " + ROW,
        "unparsed",
        set(),
    ),
    "decimal commas": (
        f"{HEAD}; {ROW}; printf '/dev/sdb1 ext4 310035834,88 52039024,64 147117342,72 27%% /srv\\n'",
        "unparsed",
        set(),
    ),
    "sizes for people": (
        f"{HEAD}; {ROW}; printf '/dev/sdb1 ext4 20G 4.9G 14G 27%% /srv\\n'",
        "unparsed",
        set(),
    ),
    "columns of another kind": (
        r"printf 'Filesystem Type Inodes IUsed IFree IUse%% Mounted on\n/dev/sda1 ext4 131072 4000 127072 4%% /\n'",
        "unparsed",
        set(),
    ),
    "a translation": (
        f"if [ $LC_ALL = C ]; then {HEAD}; {ROW}; else echo 'Sys. de fichiers'; fi",
        None,
        {"/"},
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_df_that_misbehaves_is_named_and_gives_whole_rows_only(
    french: servers.Sshd, place: Path, pool: ssh.Connections, name: str
) -> None:
    script, reason, stores = CASES[name]
    (place / "df").write_text(f"#!/bin/sh\n{script.replace('PLACE', str(place))}\n")
    (place / "df").chmod(0o755)
    patience = 2.0 if reason == "deadline" else 10.0
    start = time.monotonic()
    tables, _ = await poll(of(french, commands=("load", "df"), timeout=patience), pool)
    assert time.monotonic() - start < patience + 3  # of the minute that some would take
    if (child := place / "child").exists():
        os.kill(int(child.read_text()), signal.SIGKILL)
        child.unlink()
    assert tables["load"].up, tables["load"].detail
    assert tables["df"].reason == reason, tables["df"].detail
    sizes = {
        store: value
        for (metric, store), value in values(tables["df"]).items()
        if metric == "jauge_storage_size_bytes"
    }
    assert sizes == dict.fromkeys(stores, 21003583488.0)


# --- a login that leads to no shell -------------------------------------------------------------------------

LIKELY = r"printf '0.50 0.01 0.03 2/111 2039\n1.0 1.0\n2\n'"
"""What load would print."""
NO_SHELLS: dict[str, tuple[str, str, str]] = {
    "a switch": ("echo '% Invalid input detected at marker.'", "unparsed", "% Invalid input"),
    "a switch with other line ends": (r"printf '%% Bad command\r\n'", "unparsed", "Bad command"),
    "an account without a shell": ("/usr/sbin/nologin", "unparsed", "not available"),
    "something that looks like an answer": (LIKELY, "unparsed", "0.50 0.01"),
    "a pager that waits for a key": (f"{LIKELY}; printf -- --More--; sleep 60", "deadline", "--More--"),
    "nothing": ("true", "truncated", "ends before its end"),
}


@pytest.mark.parametrize("name", NO_SHELLS)
async def test_what_is_no_shell_is_named_by_what_it_says_and_nothing_is_taken_for_an_answer(
    pool: ssh.Connections, name: str
) -> None:
    command, reason, said = NO_SHELLS[name]
    patience = 3.0 if reason == "deadline" else 20.0
    with servers.sshd(lines=[f"ForceCommand {command}", "SetEnv HOME=/nonexistent"]) as server:
        tables, facts = await poll(of(server, commands=("load", "df"), timeout=patience), pool)
    assert [(table.reason, table.series) for table in tables.values()] == [(reason, ())] * 2
    assert said in tables["load"].detail
    assert facts == {}
