"""How much of what others read of the recorded devices Jauge reads too: a table of every miss.

    JAUGE_CORPUS=... python -m tests.truth [DEVICE ...]

Each device is polled over real SNMP with no family named. The expectations are those of the corpus. A size may
differ by one per cent, a processor load by two points, a charge or load of a battery by one. What cannot be true (more
used than there is, a negative number, one store counted twice) is absurd whatever was expected.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))

import servers

from collectors.poll import Poll
from collectors.polling import Poller
from inventory.credentials import SnmpV2c
from inventory.estate import Estate, Snmp, Target
from inventory.metrics import Labels

SIZE: Final = 0.01
CPU_POINTS: Final = 2.0
UPS_POINTS: Final = 1.0

MEMORY: Final = {
    "ram": ("memory", "memory_pool", "real_memory"), "system": ("memory", "memory_pool", "swap", "real_memory"),
    "swap": ("swap",), "virtual": ("virtual_memory",), "virtual-memory": ("virtual_memory", "swap"),
    "buffers": ("buffers", "memory_pool"), "cached": ("cached",), "shared": ("shared",),
}  # fmt: skip
"""Which of our metrics may speak of a class of memory: others call pools and paging files memory too."""

SENTINELS: Final = (-1, 4294967295)
"""Numbers by which a UPS says that it does not know."""


class Row(NamedTuple):
    """One figure that others read of a device, and what we read of it."""

    device: str
    kind: str
    name: str
    expected: str
    right: bool


def rows(device: str, expected: dict[str, Any], found: Poll) -> Iterator[Row]:
    """Every expectation of a device beside what was found."""
    values = _Values(found)
    yield from _stores(device, expected, values)
    yield from _memory(device, expected, values)
    mean = expected["cpu"]["mean_percent"]
    if mean is not None:
        ratios = values.of("jauge_cpu_used_ratio")
        yield Row(device, "cpu", "mean", f"{mean} %", any(abs(100 * r - mean) <= CPU_POINTS for r in ratios))
    yield from _batteries(device, expected["raw"], values)


def absurd(found: Poll, expected: dict[str, Any]) -> Iterator[str]:
    """What cannot be true of any device, or would be counted twice in a sum over its stores."""
    yield from _impossible(found)
    yield from _repeated(found, expected)


def _repeated(found: Poll, expected: dict[str, Any]) -> Iterator[str]:
    """Stores of one kind with the same size and use, where others list fewer of them."""
    values = _Values(found)
    pairs: dict[tuple[str, float, float], list[str]] = {}
    for sample in found:
        used = values.beside(sample.labels, "jauge_storage_used_bytes")
        if sample.metric == "jauge_storage_size_bytes" and used:
            labels = dict(sample.labels)
            pairs.setdefault((labels["kind"], sample.value, used), []).append(labels["store"])
    listed = [(row["total_bytes"], row["used_bytes"]) for row in expected["storage"]]
    for (kind, size, used), names in pairs.items():
        others = sum(_near(size, a, a) and _near(used, b, a) for a, b in listed)
        if len(names) > max(1, others):
            yield f"{kind} of {size} bytes is counted {len(names)} times: {names}"


def _impossible(found: Poll) -> Iterator[str]:
    stores: dict[tuple[tuple[str, str], ...], dict[str, float]] = {}
    for sample in found:
        if sample.metric.startswith("jauge_storage_"):
            stores.setdefault(sample.labels, {})[sample.metric] = sample.value
        if sample.value < 0 and not sample.metric.endswith(("_celsius", "_skew_seconds", "_dbm")):
            yield f"{sample.metric}{dict(sample.labels)} is {sample.value}"
        if (
            sample.metric.endswith("_ratio")
            and sample.value > 1
            and "load" not in sample.metric
            and "provisioned" not in sample.metric
        ):
            yield f"{sample.metric}{dict(sample.labels)} is {sample.value}"
    for labels, values in stores.items():
        size, used = values.get("jauge_storage_size_bytes"), values.get("jauge_storage_used_bytes")
        if size is not None and used is not None and used > size:
            yield f"{dict(labels)} holds {used} of {size}"


class _Values:
    """The values of a poll by metric."""

    def __init__(self, found: Poll) -> None:
        self._found = list(found)

    def of(self, metric: str) -> list[float]:
        return [sample.value for sample in self._found if sample.metric == metric]

    def beside(self, labels: Labels, metric: str) -> float | None:
        """The value of a metric with these labels."""
        return next((s.value for s in self._found if s.metric == metric and s.labels == labels), None)

    def pairs(self, first: str, second: str) -> list[tuple[float, float | None]]:
        """Values of two metrics with the same labels."""
        seconds = {s.labels: s.value for s in self._found if s.metric == second}
        return [(s.value, seconds.get(s.labels)) for s in self._found if s.metric == first]


def _near(found: float | None, expected: float | None, whole: float) -> bool:
    return expected is None or (found is not None and abs(found - expected) <= SIZE * whole)


def _stores(device: str, expected: dict[str, Any], values: _Values) -> Iterator[Row]:
    pairs = values.pairs("jauge_storage_size_bytes", "jauge_storage_used_bytes")
    for row in expected["storage"]:
        size, used = row["total_bytes"], row["used_bytes"]
        if not row["significant"] or not size:
            continue
        right = any(_near(a, size, size) and _near(b, used, size) for a, b in pairs)
        yield Row(device, "storage", f"{row['table']} {row['name']}", f"{size} / {used}", right)


def _memory(device: str, expected: dict[str, Any], values: _Values) -> Iterator[Row]:
    for row in expected["memory"]:
        size, used = row["total_bytes"], row["used_bytes"]
        if size:
            right = any(_remembers(thing, size, used, values) for thing in MEMORY[row["class"]])
            yield Row(device, "memory", f"{row['class']} {row['name']}", f"{size} / {used}", right)


def _remembers(thing: str, size: float, used: float, values: _Values) -> bool:
    """Whether a metric tells that size; of what has none, whether it tells what it takes."""
    if size == 100:  # others write 100 for the size of what is told in per cent alone
        return any(abs(100 * ratio - used) <= 1 for ratio in values.of("jauge_memory_used_ratio"))
    if thing in ("buffers", "cached", "shared"):  # the size that others give them is that of the memory
        return any(_near(value, used, size) for value in values.of(f"jauge_memory_{thing}_bytes"))
    return any(_near(value, size, size) for value in values.of(f"jauge_{thing}_size_bytes"))


def _batteries(device: str, raw: dict[str, Any], values: _Values) -> Iterator[Row]:
    for mib in ("ups_mib", "powernet_ups", "xups", "mge_ups"):
        facts = raw.get(mib) or {}
        for name, wanted in _charges(facts):
            found = [100 * value for value in values.of("jauge_ups_charge_ratio")]
            yield Row(
                device,
                "ups",
                f"{mib} {name}",
                f"{wanted} %",
                any(abs(f - wanted) <= UPS_POINTS for f in found),
            )
        for name, wanted in _runtimes(facts):
            found = values.of("jauge_ups_runtime_seconds")
            yield Row(
                device, "ups", f"{mib} {name}", f"{wanted} s", any(abs(f - wanted) <= 60 for f in found)
            )
        for name, wanted in _loads(facts):
            found = [100 * value for value in values.of("jauge_ups_load_ratio")]
            yield Row(
                device,
                "ups",
                f"{mib} {name}",
                f"{wanted} %",
                any(abs(f - wanted) <= UPS_POINTS for f in found),
            )


def _charges(facts: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for name in ("charge_percent", "capacity_percent", "capacity_percent_hp", "level_percent"):
        if name in facts:
            yield name, facts[name]


def _runtimes(facts: dict[str, Any]) -> Iterator[tuple[str, float]]:
    if facts.get("minutes_remaining", -1) not in SENTINELS:
        yield "minutes_remaining", 60 * facts["minutes_remaining"]
    for name in ("runtime_s", "time_remaining_s"):
        if name in facts:
            yield name, facts[name]


def _loads(facts: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for name in ("output_load_percent", "load_percent", "load_percent_hp", "load_percent_per_phase"):
        told = facts.get(name, [])
        for number in told if isinstance(told, list) else [told]:
            yield name, number


# --- the program --------------------------------------------------------------------------------------------


async def poll(port: int, device: str) -> Poll:
    """One poll of a recorded device, with no family named."""
    access = Snmp(credential="login", port=port)
    target = Target(name="device", address=servers.LOOPBACK, snmp=access, timeout=60)
    login = SnmpV2c.model_validate({"snmp": "v2c", "community": device})
    estate = Estate(credentials={"login": login}, targets=(target,))
    poller = Poller(estate)
    try:
        return await poller.poll(estate.targets[0])
    finally:
        poller.close()


def expectation(device: str) -> dict[str, Any]:
    """What the corpus expects of a device."""
    found: dict[str, Any] = json.loads(
        (servers.corpus() / "recordings" / "expected" / f"{device}.json").read_text()
    )
    return found


def devices() -> list[str]:
    """Names of the recorded devices."""
    return sorted(path.stem for path in (servers.corpus() / "recordings").glob("*.snmprec"))


def summary(listed: Sequence[Row]) -> str:
    """How many rows of each kind are right."""
    kinds = sorted({row.kind for row in listed})
    lines = []
    for kind in (*kinds, ""):
        chosen = [row for row in listed if row.kind == kind or not kind]
        right = sum(row.right for row in chosen)
        lines.append(f"{kind or 'all':8} {right:4} of {len(chosen):4}  {right / max(len(chosen), 1):6.1%}")
    return "\n".join(lines)


async def _all(port: int, names: Iterable[str]) -> None:
    listed: list[Row] = []
    for name in names:
        found = await poll(port, name)
        mine = list(rows(name, expectation(name), found))
        listed += mine
        told = f"family={found.family} product={found.product[:40]!r} version={found.version!r}"
        series = sum(len(table.series) for table in found.tables)
        print(f"{name:32} {sum(r.right for r in mine):3}/{len(mine):<3} {series:5} series  {told}")
        for row in mine:
            if not row.right:
                print(f"    MISS {row.kind} {row.name}: {row.expected}")
        for said in absurd(found, expectation(name)):
            print(f"    ABSURD {said}")
        for table in found.tables:
            if not table.up:
                print(f"    DOWN {table.name}: {table.reason} {table.detail}")
    print(summary(listed))


if __name__ == "__main__":
    with servers.snmpsim() as agent:
        asyncio.run(_all(agent, sys.argv[1:] or devices()))
