"""The processes of an estate beside each other: one that dies is started again, and all end together."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
import servers
import tampering
from certificates import Authority
from collecting import until
from digesting import mail, text
from mailing import Mailbox, mailbox
from within import jauge

from exporters.history.lock import Lock
from inventory.state import audit, open_state
from jauge.supervisor import PAUSE, Child, Timed, free_port, start


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


def test_a_child_that_dies_is_started_again_after_a_pause() -> None:
    child = Child("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"])
    child.keep()
    assert child.process is not None
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    child.process.wait(5)
    start = time.monotonic()
    child.keep()
    assert child.process is None  # not at once: what dies at its start must not eat a processor
    while child.process is None and time.monotonic() - start < 10:
        child.keep()
        time.sleep(0.02)
    assert child.process is not None
    assert time.monotonic() - start == pytest.approx(PAUSE, abs=0.5)
    assert child.process.pid != first
    assert child.process.poll() is None
    child.process.terminate()
    child.stop(time.monotonic() + 5)
    assert child.process.poll() == -signal.SIGTERM


def test_a_program_that_cannot_be_started_now_is_tried_again_and_ends_no_other(tmp_path: Path) -> None:
    program = tmp_path / "program"  # an interpreter that an update takes away for a while
    child, timed = Child("sleeper", [str(program)]), Timed([str(program)], 0.1, 0.0)
    child.keep()
    timed.keep()
    assert (child.process, timed.process) == (None, None)
    program.write_text("#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o755)
    child.keep()
    assert child.process is None  # not at once: each try is a line of the log

    def runs() -> bool:
        child.keep()
        timed.keep()
        return child.process is not None and timed.process is not None

    until(runs)
    for process in (child.process, timed.process):
        assert process is not None
        process.kill()
        process.wait(5)


def test_a_timed_command_is_given_again_and_again_and_never_twice_at_once(tmp_path: Path) -> None:
    slow = "import os, sys, time; f = open(sys.argv[1], 'a'); f.write('+'); f.flush(); time.sleep(0.5); f.write('-')"
    seen = tmp_path / "seen"
    timed = Timed([sys.executable, "-c", slow, str(seen)], 0.05, time.monotonic())
    until(lambda: timed.keep() or (seen.exists() and seen.read_text().count("-") >= 3), 60)
    assert timed.process is not None
    timed.process.wait(30)
    assert seen.read_text().replace("+-", "") == ""


def test_a_second_start_on_the_same_files_is_refused_at_once_with_the_pid_of_the_first(
    tmp_path: Path,
) -> None:
    estate = tmp_path / "estate.yml"
    estate.write_text("targets: [{name: here, host: true}]\n")
    (tmp_path / "data").mkdir(mode=0o700)
    with Lock(tmp_path / "data/supervisor.lock"):
        ended = jauge("start", estate)
    assert ended.returncode != 0
    assert f"is being written by process {os.getpid()}" in ended.stderr
    assert "give another --data directory" in ended.stderr
    assert not (tmp_path / "data/supervisor.json").exists()


def test_a_child_that_does_not_end_is_killed() -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"
    child = Child("stubborn", [])
    child.process = start([sys.executable, "-c", stubborn], stdout=subprocess.PIPE)
    assert child.process.stdout is not None
    child.process.stdout.readline()
    child.process.terminate()
    child.stop(time.monotonic() + 0.3)
    assert child.process.poll() == -signal.SIGKILL
    child.process.stdout.close()


def test_what_a_child_started_and_left_behind_ends_with_it() -> None:
    leaving = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True)"
    child = Child("leaving", [])
    child.process = start([sys.executable, "-c", leaving], stdout=subprocess.PIPE)
    assert child.process.stdout is not None
    left = psutil.Process(int(child.process.stdout.readline()))
    child.stop(time.monotonic() + 10)
    assert child.process.poll() == 0
    until(lambda: not left.is_running() or left.status() == psutil.STATUS_ZOMBIE)
    child.process.stdout.close()


def test_what_a_supervisor_that_is_killed_had_started_ends_with_it() -> None:
    code = "import sys, time; from jauge.supervisor import start; print(start([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        left = psutil.Process(int(supervisor.stdout.readline()))
        assert left.is_running()
        supervisor.kill()
    until(lambda: not left.is_running() or left.status() == psutil.STATUS_ZOMBIE)


def test_two_supervisors_that_start_together_choose_other_ports() -> None:
    """Neither listens yet when the other looks."""
    code = "import sys; from jauge.supervisor import free_port; print(free_port(int(sys.argv[1])), flush=True); sys.stdin.read()"
    port = servers.free_port()
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    try:
        chosen = [int(process.stdout.readline()) for process in starting if process.stdout]
    finally:
        for process in starting:
            process.communicate(timeout=20)
    assert chosen.count(port) == 1
    assert free_port(port) == port  # and it is free again when they have ended


SOON = "import runpy, jauge.supervisor; jauge.supervisor.SETTLING = 1.0; runpy.run_module('jauge', run_name='__main__')"
"""`jauge`, whose first digest does not wait until an estate has settled."""


@pytest.mark.parametrize(("sign", "scheme"), [(signal.SIGTERM, "http"), (signal.SIGHUP, "https")])
def test_a_collector_that_is_killed_comes_back_a_digest_is_sent_and_all_end_together(
    tmp_path: Path, sign: signal.Signals, scheme: str, box: Mailbox
) -> None:
    estate, log = tmp_path / "estate.yml", tmp_path / "log"
    signed = Authority(tmp_path).sign()
    web = tmp_path / "web.yml"
    web.write_text(f"tls_server_config: {{cert_file: {signed.certificate}, key_file: {signed.key}}}")
    more = ["--web.config.file", str(web), "--log.format", "json"] if scheme == "https" else []
    estate.write_text(
        f"notices:\n{mail(box.port)}  recipients: [{{name: team, role: admin, email: team@h.example}}]\n"
        "targets: [{name: here, host: true, interval: 1s}]\n"
    )
    (tmp_path / "data").mkdir()
    audit.note(open_state(tmp_path / "data" / "state.db"), "ada", "test", "something to tell")
    tampering.tamper(tmp_path / "data" / "state.db", "UPDATE audit SET who = 'eve'")
    with log.open("wb") as output:
        argv = [sys.executable, "-c", SOON, "start", str(estate), "--data", str(tmp_path / "data")]
        argv += more
        whole = subprocess.Popen(argv, stdout=output, stderr=output, start_new_session=True)
    try:

        def collectors() -> list[psutil.Process]:
            found = []
            for each in psutil.Process(whole.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):  # it ended just now
                    if "run" in each.cmdline():
                        found.append(each)
            return found

        until(
            lambda: re.search(r"Metrics: (http\S+)", log.read_text()), 80
        )  # the pages load for half a minute where the machine is busy
        found = re.search(r"Metrics: (http\S+)", log.read_text())
        assert found
        assert found[1].startswith(f"{scheme}://127.0.0.1:")
        (first,) = collectors()
        first.kill()
        until(lambda: any(each.pid != first.pid for each in collectors()), 15)

        def serves() -> bool:
            try:
                return 'jauge_target_up{target="here"} 1' in servers.get(found[1]).text
            except httpx.TransportError:
                return False

        until(serves, 20)
        metrics = found[1].replace("/metrics/estate", "/metrics")
        until(
            lambda: 'jauge_supervisor_restarts_total{process="collector"} 1.0' in servers.get(metrics).text,
            20,
        )
        assert 'jauge_supervisor_restarts_total{process="dashboard"} 0.0' in servers.get(metrics).text
        ended = '"event": "process ended"' if more else 'event="process ended"'
        until(lambda: box.letters("team@h.example"), 60)
        assert "audit log" in text(box.letters("team@h.example")[0])
        assert ended in log.read_text()
        until(lambda: "jauge_digest_timestamp_seconds" in servers.get(metrics).text, 20)
        said = json.loads((tmp_path / "data" / "supervisor.json").read_text())
        assert (said["pid"], said["counts"]) == (whole.pid, {"collector": 1, "dashboard": 0})
        assert [(one["process"], one["status"]) for one in said["last"]] == [("collector", -signal.SIGKILL)]
        family = psutil.Process(whole.pid).children(recursive=True)
        whole.send_signal(sign)
        assert whole.wait(10) == 0
        assert not (tmp_path / "data" / "supervisor.json").exists()
        psutil.wait_procs(family, timeout=3)
        assert [each for each in family if each.is_running()] == []
    finally:
        if whole.poll() is None:  # a failure above: what it started must not outlive it
            started = psutil.Process(whole.pid).children(recursive=True)
            for each in (whole, *started):
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
            whole.wait(10)
