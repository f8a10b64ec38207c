"""Names that are commands, options or two lines: refused where people write them, mere text where hosts say them."""

from __future__ import annotations

import ast
import contextlib
import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import servers
from collecting import until
from logins import an_estate, of, poll, values
from within import jauge

from collectors import ssh
from inventory.checking import EstateError, load

ROOT: Final = Path(__file__).parent.parent
HOSTILE: Final = (
    "; reboot", "$(id)", "`id`", "-oProxyCommand=id", "--proxy", "srv-01\n", "\nsrv-01", "srv\n01", "srv-01; id", "a b",
    "a|b", "a&b", "../../etc", "a/b", "~root", "a>b", "a'b", 'a"b', "a\\b", "a\0b", "", "é", "a@b",
)  # fmt: skip
PLACES: Final = ("name", "address", "credential", "family", "command", "url")


def an_estate_with(place: str, word: str) -> dict[str, Any]:
    """An estate where one name is that word, and everything else is in order."""
    target: dict[str, Any] = {"name": "srv-01", "address": "127.0.0.1", "snmp": {"credential": "c"}}
    credentials: dict[str, Any] = {"c": {"snmp": "v2c", "community": "file:community"}}
    match place:
        case "name" | "address":
            target[place] = word
        case "credential":
            credentials = {word: credentials["c"]}
            target["snmp"] = {"credential": word}
        case "family":
            target["snmp"]["family"] = word
        case "command":
            credentials["s"] = {"ssh": {"user": "jauge", "key": "file:key", "known_hosts": "known"}}
            target["ssh"] = {"credential": "s", "commands": [word]}
        case "url":
            target["http"] = {"family": "orthanc", "url": f"http://{word}"}
    return {"credentials": credentials, "targets": [target]}


@pytest.mark.parametrize("place", PLACES)
def test_no_name_that_a_shell_or_a_program_would_take_otherwise_stands_in_an_estate(
    tmp_path: Path, place: str
) -> None:
    path = tmp_path / "estate.yml"
    plain = {"url": "srv-01", "command": "df", "family": "nutanix"}.get(place, "srv-01")
    path.write_text(json.dumps(an_estate_with(place, plain)))  # JSON is YAML
    load(path)
    # an address on the web has a path, and quotes in it do no harm there
    words = HOSTILE if place != "url" else [w for w in HOSTILE if set(w) & set(" \n@")] + ["srv-01\n"]
    for word in words:
        path.write_text(json.dumps(an_estate_with(place, word)))
        with pytest.raises(EstateError):
            load(path)


@pytest.mark.parametrize("verb", ["poll --target", "explain", "trust"])
def test_a_word_of_the_command_line_is_a_name_and_nothing_else(tmp_path: Path, verb: str) -> None:
    (tmp_path / "estate.yml").write_text("targets:\n  - {name: here, host: true}\n")
    owned = tmp_path / "owned"
    for word in (
        f"; touch {owned}",
        f"$(touch {owned})",
        f"`touch {owned}`",
        f"-oProxyCommand=touch {owned}",
        "a\nb",
    ):
        name, *option = verb.split()
        said = jauge(name, tmp_path / "estate.yml", *option, word, cwd=tmp_path)
        assert said.returncode in (1, 2), said.stdout
        assert "Traceback" not in said.stderr
    assert {one.name for one in tmp_path.iterdir()} == {"estate.yml"}


async def test_the_name_of_a_user_reaches_the_host_as_it_is_written() -> None:
    users = ("-oProxyCommand=id", "; reboot", "$(id)", "a b")
    with servers.sshd() as server:
        for user in users:
            with contextlib.closing(ssh.Connections()) as pool:
                estate = an_estate(server.port, server.known_hosts, server.key, user, commands=("load",))
                tables, _ = await poll(estate, pool)
                assert tables["load"].reason == "auth_failed", tables["load"].detail
        until(lambda: server.log.count("Invalid user ") == len(users))
        assert [user for user in users if f"Invalid user {user} from 127.0.0.1" not in server.log] == []


async def test_what_hosts_call_their_jobs_and_stores_is_text_and_goes_into_no_command(tmp_path: Path) -> None:
    """A host that names things so is asked a second time: the same words go over as before."""
    names = ["; reboot", "$(id)", "-oProxyCommand=id", "a\nb", "x' '; exit 9"]
    rows = [{"time": "2026-01-05T02:00:00Z", "hostname": "h", "tags": [name]} for name in names]
    (tmp_path / "rows").write_text(json.dumps(rows))
    fakes = {
        "restic": f'for word; do printf "<%s>" "$word"; done >>{tmp_path}/words\ncat {tmp_path}/rows\n',
        "df": "printf 'Filesystem Type 1-blocks Used Available Capacity Mounted on\\n"
        "/dev/sda1 ext4 200 100 100 50%% /; reboot\\n/dev/sdb1 ext4 200 100 100 50%% /$(id)\\n'\n",
    }
    for name, text in fakes.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}")
        (tmp_path / name).chmod(0o755)
    words = []
    with (
        servers.sshd(lines=[f"SetEnv PATH={tmp_path}:/usr/bin:/bin"]) as server,
        contextlib.closing(ssh.Connections()) as pool,
    ):
        place = {"repository": "/srv/backup", "password_file": "/etc/pass"}
        for _ in range(2):
            tables, _ = await poll(of(server, commands=("df",), restic=[place], timeout=20), pool)
            words.append((tmp_path / "words").read_text())
            (tmp_path / "words").unlink()
    assert words[0] == words[1]
    jobs = {name for metric, name in values(tables["restic-snapshots"]) if metric.endswith("_restore_points")}
    assert jobs == {"h:; reboot", "h:$(id)", "h:-oProxyCommand=id", "h:a\\nb", "h:x' '; exit 9"}
    assert {store for _, store in values(tables["df"])} == {"/; reboot", "/$(id)"}


# --- the tree -----------------------------------------------------------------------------------------------

PACKAGES: Final = ("inventory", "collectors", "exporters", "forecasting", "dashboard", "jauge")


@functools.cache
def sources() -> dict[Path, ast.Module]:
    """What each file of the program says."""
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    assert len(files) > 100
    return {file: ast.parse(file.read_text()) for file in files}


def loose(tree: ast.AST) -> Iterator[int]:
    """Lines where a pattern of `re` ends at `$`: that is also before a newline at the end."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            pattern = node.args[0].value
            text = pattern.decode("latin-1") if isinstance(pattern, bytes) else str(pattern)
            if "$" in re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "", text):
                yield node.lineno


def test_no_pattern_lets_a_newline_follow_what_it_checks() -> None:
    assert [f"{file}:{line}" for file, tree in sources().items() for line in loose(tree)] == []
    seen = "re.compile('^a$')\nre.match(rb'(a|$)', x)\nre.fullmatch('a[$]', x)\nre.search(r'\\$', x)\n"
    assert list(loose(ast.parse(seen))) == [1, 2]


def test_other_programs_are_started_by_this_one_interpreter_alone() -> None:
    """No name of the estate or of a host is a word of a command of this machine."""
    starts = [
        (file.relative_to(ROOT), ast.unparse(node))
        for file, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and re.search(r"\b(Popen|subprocess\.\w+|os\.(exec|spawn|posix_spawn)\w*)\Z", ast.unparse(node.func))
    ]  # fmt: skip
    assert sorted(str(file) for file, _ in starts) == ["collectors/workers.py", "jauge/supervisor.py"]
