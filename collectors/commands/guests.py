"""Guests of a hypervisor: each one and how many there are by state, in the same words whatever the hypervisor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from collectors import documents
from inventory.metrics import Sample, labels

_STATES: Final = {
    # virDomainState (libvirt), vm_power_state (XenAPI), status of pvesh /cluster/resources
    "running": ("running", "idle", "in shutdown", "dying"),
    "stopped": ("stopped", "shut off", "halted", "crashed"),
    "suspended": ("suspended", "paused", "pmsuspended"),
}
_MEANT: Final = {word: state for state, words in _STATES.items() for word in words}


class Guest(NamedTuple):
    """A virtual machine or container: its name, its state in the hypervisor's word, and the node that it is on."""

    name: str
    state: str
    node: str = ""


def tell(guests: Iterable[Guest]) -> Iterator[Sample]:
    """All guests, and how many are running, stopped, suspended or unknown."""
    counts: Counter[str] = Counter()
    for guest in guests:
        state = _MEANT.get(guest.state.lower(), "unknown")
        counts[state] += 1
        pairs = labels(vm=documents.label(guest.name), node=documents.label(guest.node), state=state)
        yield Sample("jauge_vm_info", 1.0, pairs)
    for state, count in counts.items():
        yield Sample("jauge_vms", float(count), labels(state=state))
