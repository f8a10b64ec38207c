"""Tables of shipped families, read from a few objects that a test writes itself, as a MIB or a manual shows them."""

from __future__ import annotations

from collections.abc import Mapping

from collectors.device import TableFile, families
from collectors.plan import read
from collectors.snmp.oid import encode
from collectors.snmp.polling import detected
from collectors.snmp.values import Value
from collectors.tables import wanted

Told = dict[tuple[str, tuple[tuple[str, str], ...]], float]
"""Values by metric and labels."""


def table(family: str, name: str) -> TableFile:
    """One table of a shipped family."""
    (found,) = [one for one in families()[family].tables if one.name == name]
    return found


def told(family: str, name: str, objects: Mapping[str, Value]) -> Told:
    """What a table makes of objects, by their names with dots."""
    rules = table(family, name)
    needs = wanted(rules)
    given = {encode(oid): value for oid, value in objects.items()}
    rows = {
        root: {
            oid[len(root) :]: value for oid, value in given.items() if oid.startswith(root) and oid != root
        }
        for root in needs.columns
    }
    found = read(rules, rows, {oid: value for oid, value in given.items() if oid in needs.scalars})
    return dict(zip(found.series, found.values, strict=True))


def column(oid: str, *values: Value) -> dict[str, Value]:
    """The rows 1, 2, 3 ... of a column."""
    return {f"{oid}.{place}": value for place, value in enumerate(values, 1)}


def recognised(description: str, identity: str, present: frozenset[str] = frozenset()) -> set[str]:
    """The makers' families that a device is taken for by what it says of itself."""
    return {
        name
        for name, family in families().items()
        if not family.standard and detected(family, description, identity, present)
    }
