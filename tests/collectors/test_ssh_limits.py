"""SSH in a process that may open no more files: a reason that is true, and a way back."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import servers
from collecting import Collector, collecting, until
from logins import of

from inventory.estate import Estate

STARVED: Final = """
import asyncio, contextlib, json, os, pathlib, resource, sys, time
sys.path.insert(0, sys.argv[1])
from logins import Recorder, a_server, an_estate, of, poll, printed
from collectors import ssh
from inventory.estate import Estate

@contextlib.contextmanager
def starved(free):
    '''So many files may be opened meanwhile, and no more.'''
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = [os.open(os.devnull, os.O_RDONLY)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (held[0] + 32, hard))
    with contextlib.suppress(OSError):
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    for _ in range(free):
        os.close(held.pop())
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for file in held:
            os.close(file)

async def said(estate, pool):
    tables, _ = await poll(estate, pool)
    return [tables["load"].reason, tables["load"].detail]

def files():
    return len(os.listdir("/proc/self/fd"))

"""

AT_EACH_STEP: Final = """
async def main(estate):
    kept, rows = ssh.Connections(), []
    assert (await said(estate, kept))[0] is None
    before = files()
    for free in range(5):
        pool = ssh.Connections()
        with starved(free):
            rows.append([await said(estate, pool), await said(estate, kept)])
        rows[-1].append(await said(estate, pool))
        pool.close()
    end = time.monotonic() + 10
    while files() > before and time.monotonic() < end:
        await asyncio.sleep(0.05)
    print(json.dumps({"rows": rows, "left": files() - before}))
    kept.close()

asyncio.run(main(Estate.model_validate_json(sys.stdin.read())))
"""

AT_THE_PROOF: Final = """
async def main(place, kind):
    with contextlib.ExitStack() as stack:
        def change(transport):  # known_hosts has been read when the client greets
            check = transport._check_banner
            def starve():
                check()
                stack.enter_context(starved(0))
            transport._check_banner = starve
        recorder = Recorder()
        host = stack.enter_context(a_server(place, recorder, change))
        (place / "password").write_text("the-one")
        key = host.key if kind == "key" else None
        estate = an_estate(host.port, host.known_hosts, key, password=f"file:{place}/password", commands=("load",))
        pool = ssh.Connections()
        print(json.dumps([*await said(estate, pool), recorder.attempts]))
        pool.close()

asyncio.run(main(pathlib.Path(sys.argv[2]), sys.argv[3]))
"""
TOO_MANY: Final = "too many open files: raise this process's limit"


def child(script: str, *words: object, estate: Estate | None = None) -> Any:
    """What a process of its own found, whose limits hurt nobody else."""
    tests = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", STARVED + script, str(tests), *map(str, words)],
        input=json.dumps(estate.model_dump(mode="json", exclude_none=True)) if estate else "",
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        cwd=tests.parent,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_whichever_file_is_one_too_many_that_is_the_reason_and_other_hosts_go_on() -> None:
    with servers.sshd() as server:
        found = child(AT_EACH_STEP, estate=of(server, commands=("load",), timeout=20))
    reasons = [reason for (reason, _), _, _ in found["rows"]]
    assert reasons[:2] == ["internal", "internal"]
    assert reasons[-1] is None  # it is the files indeed
    assert {detail.split(" (")[0] for (reason, detail), _, _ in found["rows"] if reason} == {TOO_MANY}
    assert [reason for _, (reason, _), _ in found["rows"]] == [None] * 5
    assert [reason for _, _, (reason, _) in found["rows"]] == [None] * 5
    assert found["left"] == 0


@pytest.mark.parametrize("kind", ["key", "password"])
def test_a_proof_that_cannot_be_read_for_want_of_files_is_not_called_wrong(tmp_path: Path, kind: str) -> None:
    reason, detail, attempts = child(AT_THE_PROOF, tmp_path, kind)
    assert (reason, detail.split(" (")[0], attempts) == ("internal", TOO_MANY, [])


# --- a collector of many hosts ------------------------------------------------------------------------------

UP: Final = "jauge_target_up"


def write(place: Path, server: servers.Sshd, count: int) -> Path:
    login = f"user: {server.user}, key: 'file:{server.key}', known_hosts: '{server.known_hosts}'"
    access = f"address: 127.0.0.1, ssh: {{credential: s, port: {server.port}, commands: [load]}}"
    path = place / "estate.yml"
    path.write_text(
        f"credentials: {{s: {{ssh: {{{login}}}}}}}\ndefaults: {{interval: 6s, timeout: 5s}}\ntargets:\n"
        "  - {name: here, host: true}\n"
        + "".join(f"  - {{name: srv-{number}, {access}}}\n" for number in range(count))
    )
    return path


def up(collector: Collector) -> set[str]:
    """The targets that answer; asking takes two files by itself."""
    return {name for (name,), value in collector.samples("/metrics/estate", UP).items() if value == 1}


@pytest.mark.timeout(300)
def test_sixty_hosts_with_sixty_four_files_are_all_read_and_the_collector_still_answers(
    tmp_path: Path,
) -> None:
    seen: set[str] = set()
    # a profile of the account would cost more than all the rest
    with servers.sshd(lines=["SetEnv HOME=/nonexistent"]) as server:
        estate = write(tmp_path, server, 60)
        with collecting(estate, limit="ulimit -n 64", ready="/-/healthy") as collector:

            def all_were_up() -> bool:
                seen.update(up(collector))
                return len(seen) == 61

            until(all_were_up, 60)
            reasons = {
                (table["reason"], table["detail"].split(" (")[0])
                for one in collector.status().values()
                for table in one["tables"]
                if table["reason"] not in (None, "deadline", "timeout")  # the machine is busy
            }
            assert reasons <= {("internal", TOO_MANY)}
            write(tmp_path, server, 10)
            collector.process.send_signal(signal.SIGHUP)
            until(lambda: len(collector.status()) == 11 and len(up(collector)) == 11, 40)
            until(
                lambda: not any(t["reason"] for one in collector.status().values() for t in one["tables"]), 40
            )
        assert "Traceback" not in collector.said()
        assert "estate not reloaded" not in collector.said()
