"""Orthanc over its REST interface: what it is, how much it keeps, of what. Counts and sizes only, never an identity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from collectors.orthanc.client import Reader
from collectors.orthanc.following import follow
from collectors.orthanc.tables import jobs, metrics, peers, statistics, system
from inventory.estate import HttpAccess, OrthancRules

__all__ = ["TABLES", "wanted"]

TABLES: Final[Mapping[str, Reader]] = {
    "system": system,
    "statistics": statistics,
    "jobs": jobs,
    "metrics": metrics,
    "peers": peers,
    "series": follow,
}
"""What is read, in this order: the archive is followed in the time that is left."""


def wanted(access: HttpAccess) -> Mapping[str, Reader]:
    """The tables that a target's estate wants."""
    rules = access.orthanc or OrthancRules()
    left = {name for name, used in (("peers", rules.echo), ("series", rules.follow)) if not used}
    return {name: read for name, read in TABLES.items() if name not in left}
