"""All processes of an estate are killed, again and again: nothing that was acknowledged is lost, and nothing counts twice.

The targets are real: this machine, a real snmpd, and an agent that tells another number each time it is asked, so that a value
that is lost, told twice or out of order shows. A value is *acknowledged* where the history gave it to a reader, or where a scrape
showed it and the collector said afterwards that none waits for the disk; a login where the page answered it; a message
where the mail server has it.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pandas as pd
import psutil
import pytest
import servers
from collecting import until
from digesting import mail
from mailing import Mailbox, mailbox
from prometheus_client.parser import text_string_to_metric_families
from responder import Agent, Responder, server
from within import jauge

from dashboard.access import users
from exporters.history import unique_id
from exporters.history.checking import check
from exporters.history.days import number
from exporters.history.sqlite import Day, Reader, Writer
from exporters.plan.outlooks import Outlooks
from inventory.metrics import labels
from inventory.state import audit, contacts, open_state

SEED = int(os.environ.get("JAUGE_SEED", "20261127"))
USED, SIZE, UP = "jauge_storage_used_bytes", "jauge_storage_size_bytes", "jauge_target_up"
STORE = labels(store="/srv", kind="filesystem")
RISING = unique_id("rising", USED, STORE)
TARGETS = {"here": 1, "snmpd": 1, "rising": 1, "gone": 0}
"""Those of the estate, and whether they are up."""

PASSWORD = "a long password 1"

PATIENCE = 90.0
"""Seconds until all answers again: the pages load for half a minute where the machine is busy."""

START = """
import runpy, jauge.supervisor
plain = jauge.supervisor.jauge
jauge.supervisor.jauge = lambda verb: [*plain(verb), *(["--workers", "2"] if verb == "run" else [])]
runpy.run_module("jauge", run_name="__main__")
"""
"""`jauge`, whose supervisor gives the collector two workers."""

VICTIMS = ("collector", "worker", "dashboard", "pages", "planner", "digest", "supervisor")
"""What is killed; `pages` is the process of the dashboard that answers, whose parent is `dashboard`."""

LASTING = re.compile(
    r"(history|plan|state|events)\.db(-wal|-shm|-journal)?|(history|supervisor|digest|plan|purchase|renewal)\.lock"
    r"|(status|collector|supervisor|digest|engine|purchase|renewal)\.json|\.(status|collector|supervisor|digest)\.json\.new|(purchase|renewal)\.new"
)
"""Files that belong into the folder of data: of drafts one each, whose place the next one takes."""


class Rising(Agent):
    """A server whose disk holds more each time that it is asked."""

    def __init__(self) -> None:
        super().__init__(server())
        self.asked = 0

    def answer(self, request: bytes) -> bytes | None:
        self.asked += 1
        return Agent(server(1000 + self.asked)).answer(request)


class Whole:
    """`jauge start` on an estate, and what of it was acknowledged so far."""

    def __init__(self, folder: Path, estate: Path) -> None:
        self.estate, self.data, self.log = estate, folder / "data", folder / "log"
        self.process: subprocess.Popen[bytes] | None = None
        self.kept = pd.DataFrame(columns=["unique_id", "ds", "y"])
        self.logins, self.tried = 0, 0

    def start(self) -> None:
        """As a service manager would."""
        argv = [sys.executable, "-c", START, "start", str(self.estate), "--data", str(self.data)]
        self.log.touch()
        self._said = self.log.stat().st_size
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(argv, stdout=output, stderr=output, start_new_session=True)

    @property
    def said(self) -> str:
        """What the log says since the last start."""
        with self.log.open("rb") as file:
            file.seek(self._said)
            return file.read().decode(errors="replace")

    def url(self, what: str) -> str:
        """Where the pages (`Jauge`) or the metrics are; raises TypeError while that was not said."""
        return re.search(rf"{what}: (http://127.0.0.1:\d+)", self.said)[1]  # type: ignore[index]

    def found(self, victim: str) -> list[psutil.Process]:
        """The processes that run as that."""
        assert self.process is not None
        if victim == "supervisor":
            return [psutil.Process(self.process.pid)]
        words = {"worker": "collectors.worker", "collector": "run", "planner": "plan", "pages": "dashboard"}
        found = []
        for one in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):  # it ended just now
                is_pages = "dashboard" in one.cmdline() and "dashboard" in one.parent().cmdline()  # type: ignore[union-attr]
                if words.get(victim, victim) in one.cmdline() and is_pages == (victim == "pages"):
                    found.append(one)
        return found

    # --- what answers ---------------------------------------------------------------------------------

    def scraped(self, path: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        """A page of metrics; no series stands there twice. Raises httpx.HTTPError where nobody answers."""
        text = servers.get(f"{self.url('Metrics')}{path}", timeout=10).raise_for_status().text
        found = [
            ((sample.name, tuple(sorted(sample.labels.items()))), sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        ]
        assert [name for name, count in Counter(name for name, _ in found).items() if count > 1] == []
        types = [line for line in text.splitlines() if line.startswith("# TYPE")]
        assert len(types) == len(set(types))
        return dict(found)

    def answers(self) -> bool:
        """Whether all targets that can be are polled by the collector that runs now, and the pages answer."""
        try:
            up = {
                dict(name[1])["target"]: value
                for name, value in self.scraped("/metrics/estate").items()
                if name[0] == UP
            }
            pages = servers.get(f"{self.url('Jauge')}/login", timeout=10).status_code
        except (httpx.HTTPError, TypeError, IndexError):
            return False
        return up == TARGETS and pages == 200

    def polls(self) -> int:
        return round(
            sum(v for (name, _), v in self.scraped("/metrics").items() if name == "jauge_polls_total")
        )

    def settle(self) -> None:
        """Wait until no value waits for the disk."""

        def settled() -> bool:
            return self.scraped("/metrics")[("jauge_history_waiting", ())] == 0

        until(settled, PATIENCE)

    def log_in(self) -> None:
        """Log in by the page, and count it where it answers."""
        self.tried += 1
        try:
            url = self.url("Jauge")
            form = {"name": "ada", "password": PASSWORD}
            answer = httpx.post(
                f"{url}/login", data=form, headers={"Origin": url}, timeout=30, trust_env=False
            )
        except (httpx.HTTPError, TypeError):
            return
        self.logins += answer.status_code == 303

    # --- what is kept ---------------------------------------------------------------------------------

    def history(self) -> pd.DataFrame:
        reader = Reader(self.data / "history.db")
        return reader.read([one.unique_id for one in reader.series()], resolution="raw")

    def expect_nothing_lost_or_doubled(self, since: float) -> None:
        """Hold the history against what was acknowledged, against a scrape, and against what this collector, which began at
        `since`, says that it polled. All that it holds is acknowledged from here on."""
        seen, polls = self.scraped("/metrics/estate"), self.polls()
        self.settle()
        now = self.history()
        assert not now.duplicated(["unique_id", "ds"]).any()
        assert len(self.kept.merge(now, on=["unique_id", "ds", "y"])) == len(self.kept)
        rising = now[now["unique_id"] == RISING]["y"]
        assert rising.is_monotonic_increasing
        assert rising.is_unique
        used = {v for name, v in seen.items() if name[0] == USED and ("target", "rising") in name[1]}
        assert used
        assert used <= set(rising), "a scrape showed it, and it is not in the history"
        is_up = now["unique_id"].isin([unique_id(each, UP, ()) for each in TARGETS])
        count = int((is_up & (now["ds"] > pd.Timestamp(since, unit="s", tz="UTC"))).sum())
        assert polls <= count <= self.polls()
        self.kept = now

    def expect_sound_files(self) -> None:
        for name in ("history.db", "plan.db", "state.db", "events.db"):
            with contextlib.closing(sqlite3.connect(f"file:{self.data / name}?mode=ro", uri=True)) as file:
                assert file.execute("PRAGMA quick_check").fetchall() == [("ok",)], name
        assert [path.name for path in self.data.iterdir() if not LASTING.fullmatch(path.name)] == []
        state = open_state(self.data / "state.db")
        assert audit.verify(state) is None
        told = [one for one in audit.entries(state, 10_000) if (one.who, one.action) == ("ada", "login")]
        assert self.logins <= len(told) <= self.tried
        outlooks = Outlooks(self.data / "plan.db").latest()
        assert len({one.unique_id for one in outlooks}) == len(outlooks)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


@pytest.fixture
def whole(tmp_path: Path, snmpd: servers.Snmpd, box: Mailbox) -> Iterator[Whole]:
    with Responder([Rising()], silent=1) as responder:
        rising, gone = responder.ports
        estate = tmp_path / "estate.yml"
        estate.write_text(
            f"credentials: {{all: {{snmp: v2c, community: public}}}}\nnotices:\n{mail(box.port)}  every: 1d\n"
            "defaults: {interval: 1s, timeout: 0.8s, credential: all}\ntargets:\n  - {name: here, host: true}\n"
            f"  - {{name: snmpd, address: 127.0.0.1, port: {snmpd.port}}}\n"
            f"  - {{name: rising, address: 127.0.0.1, port: {rising}}}\n"
            f"  - {{name: gone, address: 127.0.0.1, port: {gone}}}\n"
        )
        made = Whole(tmp_path, estate)
        past(made.data)
        users.add(open_state(made.data / "state.db"), "ada", "admin", PASSWORD)
        made.start()
        try:
            yield made
        finally:
            end(made)


def past(data: Path) -> None:
    """A year in which a disk filled, so that the planner has something to forecast."""
    data.mkdir()
    writer = Writer(data / "history.db", "Europe/Paris")
    today = number(pd.Timestamp.now().date())
    writer.keep_days(
        Day("rising", metric, STORE, today - back, value)
        for back in range(1, 366)
        for metric, value in ((USED, (400.0 - back) * 4096), (SIZE, 50_000_000.0 * 4096))
    )
    writer.close()


def children(of: psutil.Process | subprocess.Popen[bytes]) -> list[psutil.Process]:
    """What a process started, and what that did; nothing where it has ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(of.pid).children(recursive=True)
    return []


def end(whole: Whole) -> None:
    """End what was started, be it that a test failed."""
    assert whole.process is not None
    left = [whole.process, *children(whole.process)]
    for each in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()
    whole.process.wait(10)


class Killer:
    """Kills processes of an estate, as chance will have it."""

    def __init__(self, whole: Whole, chance: random.Random, box: Mailbox) -> None:
        self.whole, self.chance, self.box = whole, chance, box
        self.kills: Counter[str] = Counter()
        self.slowest = 0.0
        self._people = 0
        self._since = 0.0

    def round(self, victims: list[str]) -> None:
        """Kill these at one moment, wait until all answers again, and look at what is there."""
        whole = self.whole
        whole.kept = whole.history()
        passing = {each: self._passing(each) for each in victims if each in ("planner", "digest")}
        visit = threading.Thread(target=whole.log_in)
        visit.start()
        self._wait(bool(passing))
        collectors = whole.found("collector")
        doomed = {one: self._doomed(one, passing) for one in victims}
        killed = [each for found in doomed.values() for each in found]
        bereft = [child for each in killed for child in children(each)]
        for each in killed:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        visit.join()
        start = time.monotonic()
        for process in passing.values():
            process.wait(30)
        if "supervisor" in victims:
            assert whole.process is not None
            whole.process.wait(30)
            whole.start()
        if {"supervisor", "collector"} & set(victims):
            psutil.wait_procs(collectors, timeout=30)
            self._since = time.time()  # the next one cannot have polled before: this one held the history
        _, alive = psutil.wait_procs([*killed, *bereft], timeout=30)
        assert alive == [], "they outlive who started them, and hold ports and the history"
        until(whole.answers, PATIENCE)
        self.slowest = max(self.slowest, time.monotonic() - start)
        self._look(passing)
        self.kills.update(one for one, found in doomed.items() if found)

    def begin(self) -> None:
        """Wait until all answers for the first time."""
        self._since = time.time()
        until(self.whole.answers, PATIENCE)
        self._run("plan")
        self.whole.kept = self.whole.history()
        self.whole.expect_nothing_lost_or_doubled(self._since)

    def _look(self, passing: dict[str, subprocess.Popen[bytes]]) -> None:
        whole = self.whole
        before = whole.logins
        whole.log_in()
        assert whole.logins == before + 1
        if "planner" in passing:
            self._run("plan")
        if "digest" in passing:
            self._run("digest")
            self.expect_each_told_once()
        whole.expect_nothing_lost_or_doubled(self._since)
        whole.expect_sound_files()

    def expect_each_told_once(self) -> None:
        """Each person has one message that tells of the target that never answered, whatever was killed meanwhile."""
        for who in range(self._people):
            letters = self.box.letters(f"person-{who}@h.example")
            assert len([one for one in letters if "gone" in str(one.get_body(("plain",)))]) == 1, who

    def _run(self, verb: str) -> None:
        """Give a command until it is done: that of the supervisor may be under way, and one runs at a time."""
        until(lambda: jauge(verb, self.whole.estate).returncode == 0, PATIENCE)

    def _passing(self, what: str) -> subprocess.Popen[bytes]:
        """A command of a timer; before a digest there is somebody new, who is to be told everything."""
        if what == "digest":
            state, name = open_state(self.whole.data / "state.db"), f"person-{self._people}"
            users.add(state, name, "viewer", PASSWORD)
            contacts.put(state, name, f"{name}@h.example", ("silent",))
            self._people += 1
        verb = {"planner": "plan"}.get(what, what)
        return subprocess.Popen(
            [sys.executable, "-m", "jauge", verb, str(self.whole.estate), "--data", str(self.whole.data)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def _wait(self, passing: bool) -> None:
        """Until some moment, or until one in which the history is written, or a message is handed over."""
        if passing:
            time.sleep(self.chance.uniform(0.3, 5.0))
        elif self.chance.random() < 0.5:
            time.sleep(self.chance.uniform(0.0, 1.5))
        else:
            log = self.whole.data / "history.db-wal"
            before = log.stat().st_mtime_ns
            end = time.monotonic() + 6
            while log.stat().st_mtime_ns == before and time.monotonic() < end:
                time.sleep(0.0002)  # a moment later it would be over

    def _doomed(self, victim: str, passing: dict[str, subprocess.Popen[bytes]]) -> list[psutil.Process]:
        """A process that runs as that; none where a command of a timer is over already."""
        if victim in passing:
            is_over = passing[victim].poll() is not None
            return [] if is_over else [psutil.Process(passing[victim].pid)]
        until(lambda: self.whole.found(victim), PATIENCE)
        return [self.chance.choice(self.whole.found(victim))]


def orders(chance: random.Random, rounds: int) -> Iterator[list[str]]:
    """Who is killed in each round: everybody in turn, in an order of chance; in each third round two at once."""
    waiting: list[str] = []
    for turn in range(rounds):
        many = 2 if turn % 3 == 2 else 1
        while len(waiting) < many:
            waiting += chance.sample(VICTIMS, len(VICTIMS))
        yield list(dict.fromkeys(waiting.pop(0) for _ in range(many)))


@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("rounds", [2, pytest.param(100, marks=pytest.mark.proof)])
def test_whatever_is_killed_nothing_is_lost_or_counted_twice(
    whole: Whole, box: Mailbox, tell: Callable[[str], None], rounds: int
) -> None:
    rounds = int(os.environ.get("JAUGE_ROUNDS", rounds))
    tell(f"seed {SEED}")
    chance = random.Random(SEED)
    killer = Killer(whole, chance, box)
    killer.begin()
    for turn, victims in enumerate(orders(chance, rounds), 1):
        print(f"round {turn}: {', '.join(victims)}", flush=True)
        killer.round(victims)
    told = ", ".join(f"{name} {count}" for name, count in sorted(killer.kills.items()))
    tell(
        f"{rounds} rounds, killed: {told}; {len(whole.kept)} values held; at most {killer.slowest:.0f} s until all answered"
    )
    assert whole.process is not None
    whole.process.send_signal(signal.SIGTERM)
    assert whole.process.wait(20) == 0
    assert "Traceback" not in whole.log.read_text()
    assert check(whole.data / "history.db").whole
    whole.expect_sound_files()
