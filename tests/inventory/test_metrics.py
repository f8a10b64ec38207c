"""One word for one thing: what keeps the vocabulary from saying it twice."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Final

import pytest

from inventory.metrics import FLEET, LABELS, METRICS

WORDS: Final = {
    "host": "node", "hosts": "nodes", "hypervisor": "node", "sp": "controller", "port": "interface", "nic": "interface",
    "psu": "power_supply", "lun": "store", "datastore": "store", "aggregate": "pool", "temp": "celsius",
    "temperature_c": "celsius", "voltage": "volts", "current": "amperes", "watt": "watts", "licence": "license",
    "licences": "licenses", "battery_percent": "charge_ratio", "percent": "ratio", "life": "wear", "endurance": "wear",
    "remaining": "used, or available", "free": "available", "total_bytes": "size_bytes", "capacity": "size",
    "usage": "used", "utilization": "used", "utilisation": "used", "health": "healthy", "status_ok": "healthy",
    "ok": "healthy", "bad": "healthy", "failed_sectors": "reallocated_sectors", "raidset": "raid", "guest": "vm",
    "domain_name": "vm", "mail": "queue", "latency": "seconds", "ms": "seconds", "minutes": "seconds", "kb": "bytes",
    "mb": "bytes", "gb": "bytes",
}  # fmt: skip
"""Words that a name must not hold, and the one that we have for it."""

IDLE: Final = frozenset(
    ["a", "an", "and", "are", "as", "at", "be", "by", "do", "does", "for", "from", "has", "have", "in", "is", "it", "its",
     "not", "of", "on", "or", "that", "the", "to", "was", "were", "what", "where", "which", "with", "0", "1"]
)  # fmt: skip
"""Words that carry no meaning of their own."""


def spoken(text: str) -> frozenset[str]:
    """The words of a text that carry its meaning."""
    return frozenset(word.removesuffix("s") for word in re.findall(r"[a-z0-9]+", text.lower())) - IDLE


def test_no_two_metrics_say_the_same_in_other_words() -> None:
    twins = [
        (one.name, other.name)
        for one, other in combinations(METRICS.values(), 2)
        if spoken(one.help) == spoken(other.help)
    ]
    assert twins == []


def test_a_label_is_one_of_a_closed_list_and_each_of_the_list_is_used() -> None:
    used = {label for metric in (*METRICS.values(), *FLEET) for label in metric.labels}
    assert used == set(LABELS)


def test_a_meaning_has_one_label() -> None:
    twins = [pair for pair in combinations(LABELS, 2) if spoken(LABELS[pair[0]]) == spoken(LABELS[pair[1]])]
    assert twins == []


@pytest.mark.parametrize("name", [*METRICS, *(metric.name for metric in FLEET), *LABELS])
def test_a_name_has_our_word_for_a_thing_and_no_other(name: str) -> None:
    wrong = {word: ours for word, ours in WORDS.items() if re.search(rf"(^|_){word}($|_)", name)}
    assert wrong == {}


@pytest.mark.parametrize(
    ("thing", "label"),
    [
        ("disk", "disk"), ("node", "node"), ("interface", "interface"), ("gpu", "gpu"), ("fan", "fan"), ("vm", "vm"),
        ("power_supply", "supply"), ("raid", "array"), ("controller", "controller"), ("tape_drive", "drive"),
        ("container", "container"), ("storage", "store"), ("queue", "queue"), ("cluster", "cluster"),
        ("processor", "processor"), ("tablespace", "tablespace"), ("table", "table"), ("trunk", "trunk"),
        ("license", "license"), ("licenses", "license"), ("component", "component"), ("pdu", "pdu"),
        ("tape_library", "library"),
    ],
)  # fmt: skip
def test_what_is_told_of_a_thing_names_it_by_its_label(thing: str, label: str) -> None:
    """`jauge_disk_healthy` has the label `disk`, and so have all that are told of a disk."""
    told = [metric for metric in METRICS.values() if metric.name.startswith(f"jauge_{thing}_")]
    assert told
    assert [metric.name for metric in told if label not in metric.labels] == []


def test_a_ratio_has_its_unit_and_what_only_counts_up_is_a_counter() -> None:
    for metric in METRICS.values():
        assert metric.name.endswith("_ratio") == (metric.unit == "ratio"), metric.name
        assert metric.name.endswith("_total") == (metric.kind == "counter"), metric.name
        assert metric.name.endswith("_info") == (metric.kind == "info"), metric.name
