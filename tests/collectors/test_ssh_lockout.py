"""Hosts that do not let us in, turn after turn: no account is locked, and the login is back as soon as it can be."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import psutil
import pytest
import servers
from collecting import until
from logins import LOAD, Recorder, a_server, an_estate, of, poll, printed, values

from collectors import ssh
from collectors.board import Board
from collectors.poll import Poll
from collectors.polling import Poller
from collectors.schedule import Scheduler
from inventory.estate import Estate

STRICT: Final = ("PasswordAuthentication yes", "PermitRootLogin yes", "LogLevel VERBOSE")
"""An sshd that takes passwords, and says of each proof that was wrong."""
HASTY: Final = (*STRICT, "MaxAuthTries 1")
"""It hangs up where others refuse."""
QUARTER: Final = 15


def failures(server: servers.Sshd) -> int:
    """Wrong passwords and keys that sshd has counted against an account."""
    return server.log.count("Failed password for") + server.log.count("Failed publickey for")


def wrong(server: servers.Sshd, place: Path, kind: str) -> Estate:
    """An estate whose proof is not the one of that server's account."""
    key = servers.key_pair(place / "proof") if kind == "key" else None
    return an_estate(server.port, server.known_hosts, key, server.user, 10, "not-the-one", commands=("load",))


class Turns:
    """The real scheduler over the real poller, and each poll that came of it."""

    def __init__(self, estate: Estate, interval: float) -> None:
        targets = [target.model_copy(update={"interval": interval}) for target in estate.targets]
        self.polls: list[Poll] = []
        self._poller = Poller(estate)
        self._scheduler = Scheduler(
            Board(targets),
            lambda target, patience: self._poller.poll(target, patience=patience),
            (lambda poll, _late: self.polls.append(poll),),
        )

    async def __aenter__(self) -> Turns:
        self._scheduler.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._scheduler.stop()
        self._poller.close()

    @property
    def reasons(self) -> list[str | None]:
        return [poll.tables[0].reason for poll in self.polls]

    async def come(self, true: Callable[[], object], seconds: float = 40) -> None:
        """Let turns pass until something is so."""
        async with asyncio.timeout(seconds):
            while not true():
                await asyncio.sleep(0.02)


class Clock:
    """A monotonic clock that a test moves on; it runs meanwhile as it does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.passed = 0.0
        steady = time.monotonic
        monkeypatch.setattr(time, "monotonic", lambda: steady() + self.passed)


@pytest.fixture
def pool() -> Iterator[ssh.Connections]:
    with contextlib.closing(ssh.Connections()) as connections:
        yield connections


# --- an account is not locked -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["password", "key"])
@pytest.mark.parametrize(("lines", "most"), [(STRICT, 1), (HASTY, 2)], ids=["refuses", "hangs up"])
async def test_openssh_counts_next_to_no_wrong_login_in_many_turns(
    tmp_path: Path, kind: str, lines: tuple[str, ...], most: int
) -> None:
    with servers.sshd(lines=lines) as server:
        async with Turns(wrong(server, tmp_path, kind), interval=0.3) as turns:
            await turns.come(lambda: len(turns.polls) >= 10)
        assert set(turns.reasons[most:]) == {"auth_failed"}
        detail = turns.polls[-1].tables[0].detail
        assert "not tried again for" in detail
        assert "not-the-one" not in detail
        assert failures(server) == most


@pytest.mark.parametrize("kind", ["password", "key"])
@pytest.mark.parametrize("lines", [STRICT, HASTY], ids=["refuses", "hangs up"])
async def test_openssh_counts_two_wrong_logins_at_most_in_any_quarter_of_some_hours(
    tmp_path: Path,
    pool: ssh.Connections,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    lines: tuple[str, ...],
) -> None:
    clock, minutes = Clock(monkeypatch), list[int]()
    with servers.sshd(lines=lines) as server:
        estate = wrong(server, tmp_path, kind)
        for minute in range(150):
            before = failures(server)
            tables, _ = await poll(estate, pool)
            if "not tried again for" not in tables["load"].detail:
                until(lambda before=before: failures(server) > before)  # sshd answers before it writes
            minutes += [minute] * (failures(server) - before)
            clock.passed += 60
        assert failures(server) == len(minutes)
    assert most_in_a_quarter(minutes) <= 2
    assert max(minutes) >= 120  # whoever waits for ever would not come back either


def most_in_a_quarter(minutes: list[int]) -> int:
    return max(sum(first <= minute < first + QUARTER for minute in minutes) for first in minutes)


async def test_a_host_that_keeps_a_wrong_password_waiting_is_told_it_twice_at_most(
    tmp_path: Path, pool: ssh.Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As PAM does: whoever does not wait for the answer would try, and be counted, in each turn."""
    clock, minutes, over = Clock(monkeypatch), list[int](), threading.Event()

    def slow() -> bool:
        over.wait(5)
        return False

    recorder = Recorder(allowed=slow)
    with a_server(tmp_path, recorder) as host:
        estate = an_estate(host.port, host.known_hosts, None, timeout=1, password="wrong", commands=("load",))
        for minute in range(40):
            before = len(recorder.attempts)
            tables, _ = await poll(estate, pool)
            assert tables["load"].reason in ("timeout", "auth_failed")
            minutes += [minute] * (len(recorder.attempts) - before)
            clock.passed += 60
        over.set()
    assert recorder.attempts == ["jauge:wrong"] * len(minutes)
    assert most_in_a_quarter(minutes) == 2
    assert max(minutes) >= 30


# --- the login comes back -----------------------------------------------------------------------------------


async def test_a_key_that_is_mended_is_used_at_the_next_turn(tmp_path: Path) -> None:
    with servers.sshd(lines=STRICT) as server:
        async with Turns(wrong(server, tmp_path, "key"), interval=0.3) as turns:
            await turns.come(lambda: len(turns.polls) >= 4)
            assert set(turns.reasons) == {"auth_failed"}
            shutil.copy(server.key, tmp_path / "new")
            (tmp_path / "new").replace(tmp_path / "proof")
            mended = len(turns.polls)
            await turns.come(lambda: turns.polls[-1].up)
        # a poll that was under way may still have seen the former key
        assert len(turns.polls) <= mended + 2
        assert server.log.count("Accepted publickey") == 1
        assert failures(server) == 1


async def test_a_host_that_fell_silent_is_back_within_a_turn_of_its_answering() -> None:
    with servers.sshd(lines=STRICT) as server:
        async with Turns(of(server, commands=("load",), timeout=2), interval=1) as turns:
            await turns.come(lambda: turns.polls and turns.polls[-1].up)
            with halted(server):
                await turns.come(lambda: turns.reasons[-3:] == ["timeout"] * 3)
            awake = len(turns.polls)
            await turns.come(lambda: turns.polls[-1].up)
        assert turns.reasons[awake + 1 :] in ([None], [])  # the poll that was under way may have been lost
        assert failures(server) == 0


@contextlib.contextmanager
def halted(server: servers.Sshd) -> Iterator[None]:
    """A server that takes connections, as its kernel does that, but says nothing any more."""
    listener = psutil.Process(int((server.folder / "pid").read_text()))
    processes = [listener, *listener.children(recursive=True)]
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)


async def test_a_server_that_is_started_again_is_logged_in_to_at_the_next_turn() -> None:
    with servers.sshd(lines=STRICT) as server:
        async with Turns(of(server, commands=("load",), timeout=5), interval=0.3) as turns:
            await turns.come(lambda: turns.polls and turns.polls[-1].up)
            listener = psutil.Process(int((server.folder / "pid").read_text()))
            for process in [*listener.children(recursive=True), listener]:
                process.kill()
            await turns.come(lambda: turns.reasons[-3:] == ["refused"] * 3)
            argv = [servers.program("sshd", "openssh-server"), "-D", "-e", "-f"]
            argv.append(str(server.folder / "sshd_config"))
            ready = lambda: servers.answers(server.port)  # noqa: E731 - one condition
            with servers.running(argv, ready, server.folder / "log2", drop=False):
                again = len(turns.polls)
                await turns.come(lambda: turns.polls[-1].up)
                assert len(turns.polls) <= again + 2


async def test_a_host_that_hangs_over_our_key_is_logged_in_to_as_soon_as_it_goes_on(
    tmp_path: Path, pool: ssh.Connections
) -> None:
    """As where the folder of the account is on a server that is gone: a key locks nobody out."""
    free = threading.Event()

    def wait() -> bool:
        free.wait(5)
        return free.is_set()

    recorder = Recorder(lambda c, line: c.sendall(printed(line, LOAD, "ID=x\n")), wait)
    with a_server(tmp_path, recorder) as host:
        for _ in range(3):
            tables, _ = await poll(host.estate(timeout=1, commands=("load",)), pool)
            assert tables["load"].reason == "timeout"
        free.set()
        tables, _ = await poll(host.estate(timeout=10, commands=("load",)), pool)
    assert values(tables["load"])["jauge_load1", ""] == 0.5
    assert len(recorder.attempts) == 4
