"""PowerShell over SSH: what is sent, what comes back, and what happens where it is not there."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paramiko
import powershells
import pytest
import servers
from hypothesis import given
from hypothesis import strategies as st
from logins import of, poll
from pydantic import ValidationError

from collectors import ssh
from collectors.command import CommandFile
from collectors.commands import COMMANDS, GROUPS
from collectors.ssh import powershell
from inventory.estate import Estate

MARK = "0123456789abcdef0123456789abcdef"
WINDOWS = {"product": "Microsoft Windows Server 2022 Datacenter", "build": "20348"}
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def printed(name: str, document: Any, **more: Any) -> dict[str, Any]:
    """What PowerShell 5.1 prints for a command of ours: a mark of the encoding first, and line ends of Windows."""
    return {COMMANDS[name].text: {"output": f"\ufeff{json.dumps(document)}\r\n"} | more}


@pytest.fixture
def pool() -> Iterator[ssh.Connections]:
    connections = ssh.Connections()
    yield connections
    connections.close()


@contextlib.contextmanager
def a_host(
    answers: Mapping[str, Any], name: str = "powershell.exe", *, cmd: bool = False
) -> Iterator[tuple[servers.Sshd, Path]]:
    """A real OpenSSH server with a PowerShell on its path; with `cmd`, one that has no POSIX shell."""
    with servers.folder() as place:
        powershells.install(place, answers, name)
        (place / "cmd").write_text(powershells.CMD)
        (place / "cmd").chmod(0o755)
        lines = [f"SetEnv HOME=/nonexistent PATH={place}:/usr/bin:/bin"]
        with servers.sshd(lines=[*lines, *([f"ForceCommand {place}/cmd"] if cmd else [])]) as server:
            yield server, place


ANSWERS = {
    **printed("windows-os", WINDOWS),
    **printed("windows-cpu", {"used": 12}, errors='#< CLIXML\r\n<Objs><Obj S="progress"></Obj></Objs>'),
    **printed("windows-volumes", {"volumes": {"name": "C:\\", "size": 128e9, "free": 28e9}}),
}


async def test_a_windows_host_is_read_by_one_powershell_and_asked_nothing_of_a_posix_shell(
    pool: ssh.Connections,
) -> None:
    with a_host(ANSWERS, cmd=True) as (server, place):
        estate = of(server, commands=("windows-cpu", "windows-volumes"), timeout=30)
        for _ in range(2):
            tables, facts = await poll(estate, pool)
            assert {name: table.detail for name, table in tables.items() if not table.up} == {}
        assert facts == {"product": "Windows Server 2022", "version": "20348"}
        assert [sample.value for sample in tables["windows-cpu"]] == [0.12]
        used = {s.metric: s.value for s in tables["windows-volumes"]}["jauge_storage_used_bytes"]
        assert used == 100e9
        assert len(powershells.started(place)) == 2
        assert server.log.count("Accepted publickey") == 1


async def test_a_workstation_tells_its_edition_on_which_the_end_of_its_support_depends(
    pool: ssh.Connections,
) -> None:
    for caption, product in (
        ("Microsoft Windows 10 Entreprise LTSC", "Windows 10 Entreprise LTSC"),
        ("Microsoft Windows 10 Enterprise 2016 LTSB", "Windows 10 Enterprise 2016 LTSB"),
        ("Microsoft Windows 11 ducation", "Windows 11 ducation"),  # its accent is dropped on the way
    ):
        answers = {**ANSWERS, **printed("windows-os", {"product": caption, "build": "26100"})}
        with a_host(answers, cmd=True) as (server, _):
            _tables, facts = await poll(of(server, commands=("windows-cpu",), timeout=30), pool)
        assert facts == {"product": product, "version": "26100"}


async def test_a_target_with_commands_of_both_kinds_gets_both(pool: ssh.Connections) -> None:
    with a_host(ANSWERS) as (server, _):
        tables, facts = await poll(of(server, commands=("windows-cpu", "load"), timeout=30), pool)
    assert {name: table.detail for name, table in tables.items() if not table.up} == {}
    assert facts["product"]


async def test_where_there_is_no_posix_shell_the_commands_of_powershell_are_read(
    pool: ssh.Connections,
) -> None:
    with a_host(ANSWERS, cmd=True) as (server, _):
        tables, facts = await poll(of(server, commands=("load", "windows-cpu"), timeout=30), pool)
    assert tables["windows-cpu"].up, tables["windows-cpu"].detail
    assert tables["load"].reason == "unparsed"
    assert "no POSIX shell" in tables["load"].detail
    assert facts["product"] == "Windows Server 2022"


async def test_where_there_is_no_powershell_it_is_said(pool: ssh.Connections) -> None:
    with servers.sshd(lines=["SetEnv HOME=/nonexistent PATH=/usr/bin:/bin"]) as server:
        tables, _ = await poll(of(server, commands=("windows-cpu", "windows-disks"), timeout=30), pool)
    assert {table.reason for table in tables.values()} == {"unparsed"}, [
        table.detail for table in tables.values()
    ]
    assert "no PowerShell runs our commands there" in tables["windows-cpu"].detail
    assert "powershell.exe" in tables["windows-cpu"].detail


async def test_a_shell_that_ends_before_it_is_sent_anything_is_heard(
    pool: ssh.Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = paramiko.Channel.sendall

    def late(channel: paramiko.Channel, text: bytes) -> None:
        time.sleep(1)
        send(channel, text)

    monkeypatch.setattr(paramiko.Channel, "sendall", late)
    with servers.sshd(lines=["SetEnv HOME=/nonexistent PATH=/usr/bin:/bin"]) as server:
        tables, _ = await poll(of(server, commands=("windows-cpu",), timeout=30), pool)
    assert "no PowerShell runs our commands there" in tables["windows-cpu"].detail


async def test_the_powershell_of_a_linux_host_is_named_in_the_estate(pool: ssh.Connections) -> None:
    with a_host(printed("windows-cpu", {"used": 7}), "pwsh") as (server, place):
        tables, facts = await poll(of(server, commands=("windows-cpu",), powershell="pwsh", timeout=30), pool)
        assert powershells.started(place)[0].split()[0].endswith("/pwsh")
    assert tables["windows-cpu"].up, tables["windows-cpu"].detail
    assert facts["product"] in Path("/etc/os-release").read_text()


async def test_a_command_that_hangs_or_is_not_there_leaves_the_others(pool: ssh.Connections) -> None:
    answers = ANSWERS | printed("windows-disks", {}, seconds=60)
    answers |= {COMMANDS["windows-machine"].text: {"errors": "Access denied \r\n", "status": 1}}
    with a_host(answers, cmd=True) as (server, _):
        names = ("windows-disks", "windows-cpu", "windows-services", "windows-machine")
        start = time.monotonic()
        tables, facts = await poll(of(server, commands=names, timeout=16), pool)
        assert time.monotonic() - start < 18
    assert {name: table.reason for name, table in tables.items()} == {
        "windows-disks": "deadline",
        "windows-cpu": None,
        "windows-services": "empty_answer",
        "windows-machine": "empty_answer",
    }
    assert "command not found" in tables["windows-services"].detail
    assert "exit status 1: Access denied" in tables["windows-machine"].detail
    assert facts["version"] == "20348"


async def test_sessions_of_veeam_are_judged_by_what_people_accepted(pool: ssh.Connections) -> None:
    """The last full session holds a hundredth of those before: an error, unless somebody said that it should."""
    day, now = 86400, int(time.time())
    rows = [
        {"job": "Nightly", "machine": "pacs-01", "status": "Success", "level": "Full", "size": size,
         "start": now - days * day, "end": now - days * day + 540}
        for days, size in ((9, 10**12), (8, 10**12), (1, 10**10))
    ]  # fmt: skip
    answers = printed("veeam-sessions", rows) | printed("windows-os", WINDOWS)
    answers |= printed("veeam-server", {"version": "12.1.2.172"}) | printed(
        "veeam-repositories", {"repositories": []}
    )
    with a_host(answers, cmd=True) as (server, _):
        estate = of(server, commands=("veeam",), timeout=30)
        plain, facts = await poll(estate, pool)
        since = datetime.fromtimestamp(now - 4 * day, UTC).date().isoformat()
        accepted = estate.model_dump() | {
            "backups": {"accept": [{"job": "Nightly", "since": since, "reason": "moved"}]}
        }
        judged, _ = await poll(Estate.model_validate(accepted), pool)
    assert facts == {"product": "Veeam Backup & Replication", "version": "12.1.2.172"}
    protecting = [
        sample.value
        for tables in (plain, judged)
        for sample in tables["veeam-sessions"]
        if sample.metric == "jauge_backup_protecting"
    ]
    assert protecting == [0, 1]
    assert {dict(s.labels).get("machine") for s in plain["veeam-sessions"]} == {"pacs-01"}


# --- what is sent ---------------------------------------------------------------------------------------


def test_the_line_is_one_that_every_shell_takes_whole_however_many_commands_there_are() -> None:
    few, many = (
        powershell.batch("powershell", [c.text for c in commands], MARK, 30)
        for commands in ([COMMANDS["os"]], [*COMMANDS.values()] * 10)
    )
    assert few.line == many.line
    assert len(many.line) <= powershell.LINE_LIMIT / 4
    assert set(many.line) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/= .-")
    assert many.sent.count(b"\n") == 1
    powershells.loaded(many.line.split()[1:])


@given(st.lists(WORDS.filter(bool), max_size=4))
def test_any_text_is_one_word_of_the_script(texts: list[str]) -> None:
    texts = [*texts, "it\u2019s \u2018x\u201a \u201b'';r 1 'x'\nm 0 0", "`$(exit)"]
    assert powershells.jobs(powershell.script(texts, MARK, 1)) == (MARK, texts)


def test_nothing_outlives_its_poll_by_more_than_seconds() -> None:
    assert powershells.sleeps(powershell.script(["x"], MARK, 30.0)) == 35.0
    assert powershells.sleeps(powershell.script(["x"], MARK, -1.0)) == 5.0


def test_only_a_posix_shell_has_sudo() -> None:
    with pytest.raises(ValidationError, match="POSIX shell"):
        CommandFile(run="Get-VM", root=True, shell="powershell")


def test_commands_of_powershell_change_nothing() -> None:
    """Every cmdlet that they call gets or shapes something, loads what does, or opens and ends a session."""
    harmless = {"Get", "Where", "ForEach", "ConvertTo", "Select", "Group", "Measure", "Test", "Join"}
    known = {
        "Add-PSSnapin",
        "New-Object",
        "Import-Module",
        "Write-Error",
        "Connect-VIServer",
        "Disconnect-VIServer",
    }
    texts = [command.text for command in COMMANDS.values() if command.shell == "powershell"]
    found = {word for text in texts for word in powershells.cmdlets(text)}
    assert len(found) > 30
    assert {word for word in found - known if word.split("-")[0] not in harmless} == set()


def test_the_group_of_windows_tells_what_it_runs_first() -> None:
    assert GROUPS["windows"][0] == "windows-os"
    assert {COMMANDS[name].shell for name in GROUPS["windows"]} == {"powershell"}


# --- what comes back ------------------------------------------------------------------------------------


@given(st.text(max_size=300))
def test_complaints_of_any_kind_are_text(text: str) -> None:
    assert powershell.complaints(f"#< CLIXML\r\n<Objs V>{text}</Objs>tail").endswith("tail")
    assert isinstance(powershell.complaints(text), str)
    assert isinstance(powershell.complaints(f"<Objs {text}"), str)


def test_an_error_in_xml_is_read_and_progress_is_not() -> None:
    said = (
        '#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
        '<Obj S="progress" RefId="0"><S>Preparing modules for first use.</S></Obj>'
        '<S S="Error">Zugriff verweigert &lt;C:\\&gt;_x000D__x000A_</S></Objs>'
    )
    assert powershell.complaints(said).strip() == "Zugriff verweigert <C:\\>"


def test_a_flood_of_xml_without_an_end_costs_no_time() -> None:
    start = time.process_time()
    powershell.complaints("<Objs " * 12_000 + '<S S="Error">' * 2_000)
    assert time.process_time() - start < 2
