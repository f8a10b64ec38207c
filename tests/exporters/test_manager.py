"""What a service manager is told, on a datagram socket as sd_notify(3) has it."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

from notified import Ear, listening

from exporters.manager import UNASKED_SECONDS, Manager


def test_each_word_arrives_as_the_protocol_has_it(tmp_path: Path) -> None:
    with listening(tmp_path) as ear:
        manager = Manager(ear.environment(30.0))
        before = time.clock_gettime(time.CLOCK_MONOTONIC)
        manager.lives("2 of 3 targets answer\nERRNO=5")
        manager.ails("nobody answers")
        manager.reloads()
        manager.stops()
        lives, ails, reloads, stops = ear.listen(0.2)
    assert lives == {"READY": "1", "STATUS": "2 of 3 targets answer ERRNO=5", "WATCHDOG": "1"}
    assert ails == {"STATUS": "nobody answers"}
    assert reloads["RELOADING"] == "1"
    assert (
        before
        <= int(reloads["MONOTONIC_USEC"]) / 1e6 + 1e-3
        <= time.clock_gettime(time.CLOCK_MONOTONIC) + 1e-3
    )
    assert stops["STOPPING"] == "1"


def test_an_abstract_name_is_a_name_as_well() -> None:
    ear = Ear(f"@jauge-test-{secrets.token_hex(8)}")
    Manager(ear.environment()).lives("well")
    assert [word["STATUS"] for word in ear.listen(0.2)] == ["well"]
    ear.close()


def test_the_manager_hears_three_words_in_its_patience_and_children_know_nothing_of_it() -> None:
    given = {
        "NOTIFY_SOCKET": "/nowhere",
        "WATCHDOG_USEC": "60000000",
        "WATCHDOG_PID": str(os.getpid()),
        "LANG": "C",
    }
    manager = Manager(given)
    assert (manager.every, manager.watches) == (20.0, True)
    assert given == {"LANG": "C"}


def test_a_watch_on_another_process_is_not_ours() -> None:
    manager = Manager({"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"})
    assert (manager.every, manager.watches) == (UNASKED_SECONDS, False)


def test_where_nobody_listens_nothing_is_said_and_nothing_fails(tmp_path: Path) -> None:
    for address in ("", "relative", "vsock:2:1234", str(tmp_path / "gone")):
        manager = Manager({"NOTIFY_SOCKET": address})
        manager.lives("well")
        manager.stops()
    assert not Manager({}).listens
    assert not Manager({}).due


def test_a_manager_that_does_not_read_holds_nobody_up(tmp_path: Path) -> None:
    with listening(tmp_path) as ear:
        manager = Manager(ear.environment())
        for _ in range(
            5_000
        ):  # a queue of the kernel holds some hundreds: a word that waited would wait for ever
            manager.lives("well")
        assert ear.listen(0.0) != []
        manager.lives("again")
        assert [word["STATUS"] for word in ear.listen(0.5)][-1] == "again"


def test_a_word_is_due_again_once_its_time_is_over(tmp_path: Path) -> None:
    with listening(tmp_path) as ear:
        manager = Manager(ear.environment(3.0))
        assert manager.due
        manager.lives("well")
        time.sleep(1.1)
        assert manager.due
