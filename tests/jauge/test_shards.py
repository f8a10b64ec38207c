"""One estate on several machines: every target is polled by exactly one of them, and each shows only its own."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import servers
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from responder import Agent, Counting, Responder
from within import jauge

from inventory.estate import Estate, Target
from inventory.sharding import Shard, place

NAMES = st.lists(
    st.from_regex(r"[a-z0-9][a-z0-9._-]{0,30}", fullmatch=True), min_size=1, max_size=30, unique=True
)
COUNTS = st.integers(1, 12)


def estate(names: list[str]) -> Estate:
    return Estate(targets=tuple(Target(name=name, host=True) for name in names))


def shards(names: list[str], count: int) -> list[list[str]]:
    """The names of the targets in each shard."""
    whole = estate(names)
    parts = [Shard.parse(f"{number}/{count}").of(whole) for number in range(1, count + 1)]
    return [[target.name for target in part.targets] for part in parts]


@given(names=NAMES, count=COUNTS)
def test_every_target_is_in_exactly_one_shard(names: list[str], count: int) -> None:
    assert sorted(name for part in shards(names, count) for name in part) == sorted(names)


@given(names=NAMES, more=NAMES, count=COUNTS)
def test_no_target_moves_because_another_is_added(names: list[str], more: list[str], count: int) -> None:
    larger = shards(list(dict.fromkeys([*names, *more])), count)
    for before, after in zip(shards(names, count), larger, strict=True):
        assert set(before) <= set(after)


@given(names=NAMES, count=COUNTS)
def test_another_shard_only_takes_targets_and_moves_none_between_the_others(
    names: list[str], count: int
) -> None:
    for before, after in zip(shards(names, count), shards(names, count + 1), strict=False):
        assert set(after) <= set(before)


@given(names=NAMES, count=COUNTS)
def test_a_shard_keeps_the_order_and_the_rest_of_the_estate(names: list[str], count: int) -> None:
    whole = estate(names).model_copy(update={"title": "CHU", "language": "fr"})
    part = Shard(1, count).of(whole)
    assert [target for target in whole.targets if target in part.targets] == list(part.targets)
    assert (part.title, part.language, part.timezone) == ("CHU", "fr", whole.timezone)


def test_shards_are_of_like_size_and_so_are_the_workers_of_one_shard() -> None:
    names = [f"server-{number:04d}" for number in range(4000)]
    parts = shards(names, 4)
    assert all(900 < len(part) < 1100 for part in parts)
    workers = [place(name, 2, "worker") for name in parts[0]]
    assert 0.45 < sum(workers) / len(workers) < 0.55


def test_the_place_of_a_name_is_what_sha256_says_on_every_machine() -> None:
    digests = [hashlib.sha256(b"shard %d nas-01" % number).hexdigest() for number in range(3)]
    assert place("nas-01", 3, "shard") == digests.index(max(digests))


@pytest.mark.parametrize(
    "text", ["", "1", "0/2", "3/2", "1/0", "-1/2", "1/65", "a/b", "1/2/3", "1 / 2", "1.5/2"]
)
def test_what_is_no_shard_is_said_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="is no shard: "):
        Shard.parse(text)


@pytest.mark.parametrize(("option", "said"), [("2/1", "shards are counted from 1/1 to 1/1"), ("half", "1/2")])
def test_a_wrong_shard_ends_the_command_with_one_line(tmp_path: Path, option: str, said: str) -> None:
    path = tmp_path / "estate.yml"
    path.write_text("targets: [{name: here, host: true}]\n")
    ended = jauge("run", path, "--shard", option)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "data").exists()


# --- two collectors of one estate ----------------------------------------------------------------------------

SYSTEM = (1, 3, 6, 1, 2, 1, 1)
SYSTEM_ROWS = {(*SYSTEM, 1, 0): "Linux canned 6.1.0", (*SYSTEM, 2, 0): (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)}
STORAGE = (1, 3, 6, 1, 2, 1, 25, 2, 3, 1)
AGENTS = 8


def disk(number: int) -> Agent:
    """An agent with one disk, number + 1 units of 4 KiB full."""
    rows = {1: 1, 2: (1, 3, 6, 1, 2, 1, 25, 2, 1, 4), 3: "/srv", 4: 4096, 5: 1_000_000, 6: number + 1}
    return Agent(SYSTEM_ROWS | {(*STORAGE, column, 1): value for column, value in rows.items()})


@contextlib.contextmanager
def collecting(path: Path, shard: str, *more: str) -> Iterator[str]:
    """`jauge run` of one shard with `more` options, once everything was polled: its address."""
    port, data = servers.free_port(), path.parent / shard.replace("/", "-of-")
    argv = [sys.executable, "-m", "jauge", "run", str(path), "--shard", shard, "--data", str(data)]
    argv += ["--web.listen-address", f"127.0.0.1:{port}", *more]
    base = f"http://127.0.0.1:{port}"
    ready = lambda: servers.get(f"{base}/-/ready").status_code == 200  # noqa: E731
    environment = os.environ | {"AGENT_COMMUNITY": "public"}
    with servers.running(argv, ready, path.parent / f"{data.name}.log", drop=False, env=environment):
        yield base


def test_two_collectors_share_an_estate_and_each_shows_only_its_own(tmp_path: Path) -> None:
    with Responder([disk(number) for number in range(AGENTS)]) as responder:
        names = [f"nas-{number:02d}" for number in range(AGENTS)]
        path = tmp_path / "estate.yml"
        lines = [
            f"  - {{name: {name}, address: 127.0.0.1, port: {port}, credential: all}}\n"
            for name, port in zip(names, responder.ports, strict=True)
        ]
        path.write_text(
            "credentials: {all: {snmp: v2c, community: env:AGENT_COMMUNITY}}\n"
            "defaults: {interval: 1s}\ntargets:\n" + "".join(lines)
        )
        found: dict[str, list[str]] = {}
        for shard in ("1/2", "2/2"):
            with collecting(path, shard) as base:
                found[shard] = check(base, tmp_path / shard.replace("/", "-of-"), set(names))
    assert all(found.values())
    assert sorted([*found["1/2"], *found["2/2"]]) == names


@pytest.mark.parametrize("workers", ["1", "2"])
def test_no_packet_leaves_for_a_target_of_another_shard(tmp_path: Path, workers: str) -> None:
    agents = {f"nas-{number:02d}": Counting(SYSTEM_ROWS) for number in range(AGENTS)}
    with Responder(list(agents.values())) as responder:
        path = tmp_path / "estate.yml"
        lines = [
            f"  - {{name: {name}, address: 127.0.0.1, port: {port}, credential: all}}\n"
            for name, port in zip(agents, responder.ports, strict=True)
        ]
        path.write_text(
            "credentials: {all: {snmp: v2c, community: env:AGENT_COMMUNITY}}\n"
            "defaults: {interval: 1s}\ntargets:\n" + "".join(lines)
        )
        asked: list[set[str]] = []
        for shard in ("1/2", "2/2"):
            for agent in agents.values():
                agent.asked = 0
            with collecting(path, shard, "--workers", workers) as base:
                listed = {name for group in servers.get(f"{base}/sd").json() for name in group["targets"]}
                for name in agents:  # what anybody asks for changes nothing
                    asks = {"target": name, "fresh": "1"}
                    status = servers.get(f"{base}/probe", params=asks, timeout=20).status_code
                    assert status == (200 if name in listed else 400)
                time.sleep(1.5)  # another turn of all
            asked.append({name for name, agent in agents.items() if agent.asked})
            assert asked[-1] == listed
    assert (asked[0] | asked[1], asked[0] & asked[1]) == (set(agents), set())


def check(base: str, data: Path, names: set[str]) -> list[str]:
    """The targets of a collector: the same in all places, and no other one is known there."""
    listed = [name for group in servers.get(f"{base}/sd").json() for name in group["targets"]]
    text = servers.get(f"{base}/metrics/estate").text
    assert [name for name in sorted(names) if f'target="{name}"' in text] == sorted(listed)
    used = {
        sample.labels["target"]: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "jauge_storage_used_bytes"
    }
    assert used == {name: 4096.0 * (int(name[-2:]) + 1) for name in listed}
    for name in names - set(listed):
        assert servers.get(f"{base}/probe", params={"target": name}).status_code == 400
    end = time.monotonic() + 10
    while not (data / "status.json").exists() and time.monotonic() < end:
        time.sleep(0.1)
    status = json.loads((data / "status.json").read_text())
    assert [target["name"] for target in status["targets"]] == listed
    return listed
