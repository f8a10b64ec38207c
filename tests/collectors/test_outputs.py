"""Every recorded output of a command: read as others read it, or listed with the reason why we do not run it."""

from __future__ import annotations

from pathlib import Path

import pytest
from outputs import INDEX, NAMED, NOT_OURS, PLACE, READ, SSH, ceph, load, stores, values

from collectors.commands import COMMANDS, proxmox


def test_every_recorded_output_is_read_or_is_listed_with_its_reason(corpus: Path) -> None:
    assert corpus == Path(PLACE or "")
    known = [*READ, *NAMED, *NOT_OURS]
    assert sorted(known) == sorted(INDEX)
    assert all(NOT_OURS.values())


@pytest.mark.parametrize("name", [name for name in INDEX if name not in NOT_OURS])
def test_a_recorded_output_is_read_as_others_read_it(name: str, corpus: Path) -> None:
    if name in NAMED:
        assert proxmox.facts((SSH / name).read_text()) == NAMED[name]
        return
    judge, told = READ[name], load(name)
    wanted = judge.wanted(told)
    found = values(COMMANDS[judge.command].parse(judge.given(told.text)))
    assert wanted
    assert {key: found.get(key) for key in wanted} == pytest.approx(wanted)
    assert not judge.whole or found.keys() == wanted.keys()


def test_what_others_made_of_an_output_is_used(corpus: Path) -> None:
    """Rows and facts of the corpus are never left aside for an expectation of our own."""
    told = {name for name, row in INDEX.items() if "expected" in row or "expected_facts" in row}
    judged = {name for name, judge in READ.items() if judge.wanted in (stores, ceph)}
    assert told - judged == {"http/nutanix-prism-storage-pool.json"}
