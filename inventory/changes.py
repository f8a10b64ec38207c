"""What differs between two readings of an estate, as far as polling goes."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from inventory.estate import Estate, Target

DECLARED: Final = frozenset(
    {"site", "role", "service", "directorate", "criticality", "protect", "depends", "contract", "lead_time", "price", "ceiling", "capacity", "retention", "formerly"}
)  # fmt: skip
"""What people declare of a target: none of it changes how the target is polled."""


class Changes(NamedTuple):
    """Names of targets: those that are new, those that are gone, and those that are polled otherwise than before."""

    added: frozenset[str]
    removed: frozenset[str]
    changed: frozenset[str]


def compare(before: Estate, after: Estate) -> Changes:
    """The changes from one estate to another. A target is changed where its address, its protocols, its times or
    one of its credentials is another one; the text behind `env:` or `file:` is read at each use and not looked at.
    """
    former, latter = ({target.name: target for target in estate.targets} for estate in (before, after))
    both = former.keys() & latter.keys()
    return Changes(
        added=frozenset(latter.keys() - both),
        removed=frozenset(former.keys() - both),
        changed=frozenset(
            name for name in both if polled(former[name], before) != polled(latter[name], after)
        ),
    )


def polled(target: Target, estate: Estate) -> tuple[Any, ...]:
    """All that decides how a target is polled."""
    fields = [getattr(target, name) for name in Target.model_fields if name not in DECLARED]
    accesses = [access for access in (target.snmp, target.ssh, target.http) if access is not None]
    return (*fields, *(estate.credentials.get(access.credential or "") for access in accesses))
