"""The shell line of a batch in the shells that hosts have, and its output cut apart again."""

from __future__ import annotations

import ast
import contextlib
import shlex
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest
import servers
from hypothesis import given
from hypothesis import strategies as st
from logins import of, poll, values

from collectors import ssh
from collectors.commands import COMMANDS, restic
from collectors.ssh.batch import Transcript, play, script

MARK: Final = "0123456789abcdef0123456789abcdef"
SHELLS: Final = {"dash": "dash", "bash": "bash", "busybox sh": "busybox", "mksh": "mksh"}
HOSTILE: Final = (
    "; reboot", "$(id)", "`id`", "-oProxyCommand=id", "a\nreboot\n", "it's", '"$HOME"', "a  b", "*", "~root", "\\n", "#",
    "( x ); m 1 $?", "é→", "--repo=x", "'; exit 9; '",
)  # fmt: skip


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """A shell, started under the name `sh` where one program is many."""
    return [servers.program(SHELLS[request.param], SHELLS[request.param]), *request.param.split()[1:]]


@contextlib.contextmanager
def running(shell: list[str], commands: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A batch as a server runs it: in a session of its own, its input open."""
    words = shlex.split(script(commands, MARK))
    assert words[:3] == ["exec", "/bin/sh", "-c"]
    process = subprocess.Popen(
        [*shell, *words[2:]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        yield process


def transcript(output: bytes) -> Transcript:
    read = Transcript(MARK, 1 << 20)
    read.feed(output)
    return read


def left(group: int) -> list[int]:
    """The processes of a group that still run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, number = entry.read_text().rpartition(")")[2].split()[:3]
            if int(number) == group and state != "Z":
                found.append(int(entry.parent.name))
    return found


def test_each_command_is_answered_apart_in_every_shell(shell: list[str]) -> None:
    commands = [
        "echo one",
        "echo two >&2; exit 3",
        "false || echo $LC_ALL",
        "cat",
        "no-such-command",
        "printf x",
    ]
    with running(shell, commands) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        output, errors = process.stdout.read(), process.stderr.read()  # its input stays open meanwhile
    assert transcript(output).parts == [(b"one\n", 0), (b"", 3), (b"C\n", 0), (b"", 0), (b"", 127), (b"x", 0)]
    complaints = transcript(errors).parts
    assert [text for text, _ in complaints[:4]] == [b"", b"two\n", b"", b""]
    assert b"no-such-command" in complaints[4][0]


def test_all_that_a_batch_started_ends_with_its_input_in_every_shell(shell: list[str]) -> None:
    with running(shell, ["echo one", "sleep 300 || sleep 301", "echo three"]) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        time.sleep(0.3)
        assert len(left(process.pid)) >= 2
        process.stdin.close()
        output = process.stdout.read()
        process.wait(5)
    assert transcript(output).parts == [(b"one\n", 0)]
    end = time.monotonic() + 5
    while left(process.pid) and time.monotonic() < end:
        time.sleep(0.02)
    assert left(process.pid) == []


def test_a_batch_that_ends_leaves_nothing_in_any_shell(shell: list[str]) -> None:
    with running(shell, ["echo one"]) as process:
        assert process.stdout is not None
        assert process.stdout.read().count(MARK.encode()) == 2
        process.wait(5)
        end = time.monotonic() + 5
        while left(process.pid) and time.monotonic() < end:
            time.sleep(0.02)
        assert left(process.pid) == []


def test_no_file_is_written_and_no_other_process_group_is_hit() -> None:
    line = script([command.text for command in COMMANDS.values() if command.shell == "sh"], MARK)
    assert not any(word in line for word in ("mktemp", "/tmp", "mkfifo", "kill 0", "kill -9 0"))
    redirections = [word for word in line.split() if ">" in word]
    assert set(redirections) <= {">/dev/null", "2>&1", ">&2;"}


async def test_a_command_that_hangs_is_ended_and_the_others_have_their_time(tmp_path: Path) -> None:
    """A df that hangs as on a dead mount: what stands before and after it is read, and it does not pile up."""
    pool = ssh.Connections()
    with servers.sshd(lines=[f"SetEnv PATH={tmp_path}:/usr/bin:/bin"]) as server:
        fake = tmp_path / "df"
        fake.write_text(f"#!/bin/sh\necho $$ >>{tmp_path}/pids\nexec sleep 1000\n")
        fake.chmod(0o755)
        estate = of(server, commands=("memory", "df", "load", "cpu"), timeout=10)
        for _ in range(2):
            start = time.monotonic()
            tables, facts = await poll(estate, pool)
            assert time.monotonic() - start < 10.5
            assert {name: table.reason for name, table in tables.items()} == {
                "memory": None,
                "df": "deadline",
                "load": None,
                "cpu": None,
            }
            assert "for the others' sake" in tables["df"].detail
            assert facts["product"]
        pids = [int(word) for word in (tmp_path / "pids").read_text().split()]
        end = time.monotonic() + 3
        while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < end:
            time.sleep(0.05)
        assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []
        assert len(pids) == 2
        assert server.log.count("Accepted publickey") == 1
    pool.close()


async def test_hostile_names_of_a_repository_stay_words_of_one_command(tmp_path: Path) -> None:
    pool = ssh.Connections()
    with servers.sshd(lines=[f"SetEnv PATH={tmp_path}:/usr/bin:/bin"]) as server:
        fake = tmp_path / "restic"
        fake.write_text(
            f'#!/bin/sh\nprintf "%s\\0" "$@" >>{tmp_path}/words\nprintf "\\0" >>{tmp_path}/words\necho null\n'
        )
        fake.chmod(0o755)
        places = [{"repository": word, "password_file": word} for word in HOSTILE]
        tables, _ = await poll(of(server, commands=("load",), restic=places, timeout=20), pool)
    pool.close()
    assert tables["load"].up
    calls = [call.split("\0") for call in (tmp_path / "words").read_text().split("\0\0") if call]
    assert len(calls) == 2 * len(HOSTILE)
    for number, word in enumerate(HOSTILE):
        assert calls[2 * number][:3] == [f"--repo={word}", f"--password-file={word}", "snapshots"]
    assert values(tables["load"])


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_any_name_is_one_word_of_the_shell(name: str) -> None:
    inner = shlex.split(script([restic.stats(name, name)], MARK))[3]
    command = inner.split("m 0 0; ( ", 1)[1].rsplit(" ); m 1 $?", 1)[0]
    assert shlex.split(command)[1:3] == [f"--repo={name}", f"--password-file={name}"]


def test_nothing_in_the_tree_hands_words_to_a_shell_of_this_machine() -> None:
    places = (
        "inventory",
        "collectors",
        "exporters",
        "forecasting",
        "dashboard",
        "jauge",
        "benchmarks",
        "scripts",
    )
    files = [file for place in places for file in (Path(__file__).parents[2] / place).rglob("*.py")]
    assert len(files) > 50
    wrong = [f"{file}:{line}" for file in files for line in shells(ast.parse(file.read_text()))]
    assert wrong == []
    seen = "import os\nos.system(x)\nos.popen(x)\nrun(x, shell=True)\nrun(x, shell=y)\nsubprocess.getoutput(x)\nrun(x, shell=False)\n"
    assert list(shells(ast.parse(seen))) == [2, 3, 4, 5, 6]
    renamed = "from os import system as s\nfrom subprocess import getoutput\n"
    assert list(shells(ast.parse(renamed))) == [1, 2]


SHELL_CALLS: Final = {
    ("os", "system"),
    ("os", "popen"),
    ("subprocess", "getoutput"),
    ("subprocess", "getstatusoutput"),
    ("asyncio", "create_subprocess_shell"),
}


def shells(tree: ast.AST) -> Iterator[int]:
    """Lines that call a shell."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (node.value.id, node.attr) in SHELL_CALLS:
                yield node.lineno
        elif isinstance(node, ast.ImportFrom):
            if any((node.module, alias.name) in SHELL_CALLS for alias in node.names):
                yield node.lineno
        elif isinstance(node, ast.keyword) and node.arg == "shell" and not denied(node.value):
            yield node.value.lineno


def denied(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


# --- cutting apart --------------------------------------------------------------------------------------


def test_a_batch_played_prints_what_a_shell_prints() -> None:
    commands = [command.text for command in COMMANDS.values() if command.shell == "sh"] + [
        restic.stats("a b; ( c ); m 1 $?", "it's\nhere")
    ]
    played = play(script(commands, MARK), lambda command: (f"of {command}\n", "oh\n", 3))
    assert played is not None
    assert transcript(played[0].encode()).parts[:5] == [(f"of {text}\n".encode(), 3) for text in commands[:5]]
    assert transcript(played[1].encode()).parts[0] == (b"oh\n", 3)
    assert play("uname -a", lambda _command: ("", "", 0)) is None
    assert play("exec /bin/sh -c id", lambda _command: ("", "", 0)) is None


TEXTS = st.lists(
    st.tuples(st.binary(max_size=40).filter(lambda text: b"\r" not in text), st.integers(0, 255)), max_size=6
)


@given(TEXTS, st.binary(max_size=30), st.lists(st.integers(1, 40), max_size=200), st.booleans())
def test_a_stream_is_cut_at_its_marks_however_it_comes_in(
    texts: list[tuple[bytes, int]], rest: bytes, sizes: list[int], crlf: bool
) -> None:
    stream = b"welcome" + f"\n{MARK} 0 0\n".encode()
    for number, (text, status) in enumerate(texts, 1):
        stream += text + f"\n{MARK} {number} {status}\n".encode()
    stream += rest
    if crlf:
        stream = stream.replace(b"\n", b"\r\n")
        texts = [(text.replace(b"\n", b"\r\n"), status) for text, status in texts]
        rest = rest.replace(b"\n", b"\r\n")
    read = Transcript(MARK, 1 << 20)
    at = 0
    for size in [*sizes, len(stream)]:
        read.feed(stream[at : at + size])
        at += size
    assert read.parts == texts
    assert bytes(read.rest) == rest
    assert read.begun
    assert read.size == len(stream)


@given(st.lists(st.binary(max_size=300), max_size=20), st.integers(0, 100))
def test_no_stream_is_kept_beyond_its_limit(chunks: list[bytes], limit: int) -> None:
    read = Transcript(MARK, limit)
    for chunk in chunks:
        read.feed(chunk)
        assert len(read.rest) <= limit + 128
    assert read.size == sum(len(chunk) for chunk in chunks)


def test_what_stands_beyond_the_limit_is_dropped_and_the_mark_still_found() -> None:
    read = Transcript(MARK, 10)
    for _ in range(100):
        read.feed(b"complaint ")
    read.feed(f"\n{MARK} 1 0\n".encode())
    assert read.parts == [(b"complaint ", 0)]
