"""What a family says that it was held against: each proof is found, and what nothing proves says what would."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import outputs
import pytest
import recorded
import truth

from collectors.command import systems
from collectors.commands import COMMANDS, GROUPS
from collectors.device import families
from collectors.poll import Poll
from collectors.proof import Proof
from inventory.metrics import METRICS
from jauge.families import Row, listed, parsers, thing

pytestmark = [pytest.mark.xdist_group("snmpsim"), pytest.mark.timeout(600)]  # all recorded devices are polled

ROWS = listed()
IDLE = {"jauge_uptime_seconds", "jauge_clock_skew_seconds"}
"""What any agent tells, whatever family it is of."""

Claim = tuple[str, str, str]
"""Transport, name of the family, and the server or recording that proves it."""


def marks() -> Iterator[Claim]:
    """What the tests here say that they prove: `@pytest.mark.proves(transport, family, by)`."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.proves":
                transport, family, by = (ast.literal_eval(argument) for argument in node.args)
                yield transport, family, by


def claims(field: str) -> set[Claim]:
    """What the families say of themselves: `servers`, or `recordings`."""
    proofs = [(row, row.proven) for row in ROWS if row.proven is not None]
    return {(row.transport, row.name, by) for row, proof in proofs for by in getattr(proof, field)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.transport}-{row.name}")
def test_a_family_says_what_proves_it_or_what_would(row: Row) -> None:
    assert row.system
    assert row.read
    assert row.proven or row.unproven, "give proven, or unproven: what would prove it"
    assert row.unproven is None or len(row.unproven) > 20


def test_a_proof_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="give recordings or servers"):
        Proof()


def test_a_real_server_is_claimed_where_a_test_starts_it_and_nowhere_else() -> None:
    told = {claim for claim in marks() if not claim[2].endswith(".json")}
    assert claims("servers") == told


@pytest.fixture(scope="module")
def shown(snmpsim: int, agents: Any, corpus: Path) -> dict[str, set[str]]:
    """The recorded devices of which each family reads something, polled with no family given."""
    assert (corpus / "recordings").is_dir()
    owner = {table.name: name for name, family in families().items() for table in family.named}
    found: dict[str, set[str]] = {}
    for device, poll in recorded_polls(snmpsim, agents).items():
        telling = {table.name for table in poll.tables if any(s.metric not in IDLE for s in table)}
        for name in {owner[table] for table in telling if table in owner} | (
            {poll.family} if telling else set()
        ):
            found.setdefault(name, set()).add(device)
    return found


def recorded_polls(port: int, agents: Any) -> dict[str, Poll]:
    return recorded.all_polls(port, truth.devices(), agents)


def test_a_recording_proves_a_family_where_it_is_read_by_it(shown: dict[str, set[str]]) -> None:
    """Each that is named shows the family; a family that any recording shows names one, another names none."""
    named = {
        row.name: set(row.proven.recordings) if row.proven else set()
        for row in ROWS
        if row.transport == "SNMP"
    }
    assert {
        name: devices - shown.get(name, set())
        for name, devices in named.items()
        if devices - shown.get(name, set())
    } == {}
    assert [name for name, devices in named.items() if not devices and name in shown] == []


def test_an_output_proves_what_reads_it(corpus: Path) -> None:
    """Each output that is read is named by what reads it, and no other."""
    assert (corpus / "recordings").is_dir()
    read: dict[str, set[str]] = {}
    for file, judge in outputs.READ.items():
        read.setdefault(_reader(judge.command), set()).add(file)
    read.setdefault("proxmox", set()).update(outputs.NAMED)
    named: dict[str, set[str]] = {}
    for transport, name, file in claims("recordings"):
        if transport == "SSH":
            named.setdefault(name, set()).add(file)
    assert named == read


def _reader(command: str) -> str:
    """The file or module of a command."""
    for name, module in parsers().items():
        if inspect.getmodule(COMMANDS[command].parse) is module:
            return name
    return next(name for name in systems() if command in GROUPS[name])


def test_an_answer_over_http_proves_the_family_of_the_test_that_reads_it() -> None:
    told = {claim for claim in marks() if claim[2].endswith(".json")}
    assert {claim for claim in claims("recordings") if claim[0] == "HTTP"} == told


def test_every_metric_of_a_family_has_a_word_for_what_it_is_about() -> None:
    ours = ("jauge_target_", "jauge_table_", "jauge_forecast_", "jauge_planned_")
    for name in METRICS:
        assert name.startswith(ours) or thing(name)
