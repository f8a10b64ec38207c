"""Asterisk is read as its console prints: forms of its documentation and of its source, exchanges of nobody."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.commands import COMMANDS, GROUPS, asterisk
from collectors.poll import PollError
from inventory.metrics import describe

BOTH = """\
Asterisk 20.5.0 built by mockbuild @ builder on a x86_64 running Linux on 2023-10-18 15:20:05 UTC
7 active channels
3 of 50 max active calls ( 6.00% of capacity)
1204 calls processed
 Endpoint:  <Endpoint/CID.....................................>  <State.....>  <Channels.>
 Endpoint:  4000                                                 Not in use    0 of inf
 Endpoint:  4001/Accueil Unavailable                             In use        1 of 2
 Endpoint:  4002/4002                                            Unavailable   0 of inf
 Endpoint:  trunk-operator                                       On Hold       2 of inf
4 sip peers [Monitored: 1 online, 2 offline Unmonitored: 1 online, 0 offline]
"""

OLD = """\
Asterisk 13.38.3 built by root @ pbx on a i686 running Linux on 2022-01-01 00:00:00 UTC
1 active channel
1 active call
1 call processed
"""


def told(output: str) -> dict[tuple[str, str], float]:
    """Values by metric and kind."""
    return {(s.metric, dict(s.labels).get("kind", "")): s.value for s in asterisk.parse(output)}


def test_calls_and_what_is_registered_are_counted() -> None:
    assert told(BOTH) == {
        ("jauge_calls_active", ""): 3,
        ("jauge_calls_limit", ""): 50,
        ("jauge_channels_active", ""): 7,
        ("jauge_telephony_devices_registered", "pjsip"): 3,
        ("jauge_telephony_devices_unregistered", "pjsip"): 1,
        ("jauge_telephony_devices_registered", "sip"): 2,
        ("jauge_telephony_devices_unregistered", "sip"): 2,
    }
    assert asterisk.facts(BOTH) == {"product": "Asterisk", "version": "20.5.0"}


def test_an_exchange_without_a_limit_has_none_and_one_call_is_a_call() -> None:
    assert told(OLD) == {("jauge_calls_active", ""): 1, ("jauge_channels_active", ""): 1}


def test_nobody_is_named() -> None:
    assert not [
        text for s in asterisk.parse(BOTH) for _, text in s.labels if "400" in text or "Accueil" in text
    ]


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("", "empty_answer"),
        ("Unable to connect to remote asterisk (does /var/run/asterisk/asterisk.ctl exist?)\n", "unparsed"),
        (OLD + " Endpoint:  4000      asleep    0 of inf\n", "unparsed"),
        (OLD + "4 sip peers [4 online]\n", "unparsed"),
    ],
)
def test_what_no_exchange_prints_is_named_by_its_reason(output: str, reason: str) -> None:
    with pytest.raises(PollError) as raised:
        list(asterisk.parse(output))
    assert raised.value.reason == reason


LINES = st.lists(st.one_of(st.sampled_from(BOTH.splitlines()), st.text(max_size=60)), max_size=8)


@given(LINES.map("\n".join))
def test_any_output_is_samples_or_an_error(output: str) -> None:
    samples, reason = [], None
    try:
        samples = list(asterisk.parse(output))
    except PollError as error:
        reason = error.reason
    assert reason in (None, "unparsed", "empty_answer")
    assert [describe(sample) for sample in samples if describe(sample)] == []
    assert all(sample.value >= 0 for sample in samples)
    assert set(asterisk.facts(output)) <= {"product", "version"}


def test_its_line_runs_in_a_shell_and_fails_where_there_is_no_exchange() -> None:
    assert GROUPS["asterisk"] == ("asterisk",)
    ran = subprocess.run(
        ["/bin/sh", "-c", f"PATH=/nowhere; id() {{ echo 0; }}; grep() {{ :; }}; ( {COMMANDS['asterisk'].text} )"],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (127, ""), ran.stderr
