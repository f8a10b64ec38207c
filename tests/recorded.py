"""Recorded devices: one poll of each, and what others read of it, by the object that they read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from collectors.poll import Poll
from collectors.polling import Poller


class Same(NamedTuple):
    """A value of ours, and the object whose value others tell; `factor` is from their unit to ours."""

    device: str
    metric: str
    labels: dict[str, str]
    oid: str
    factor: float = 1.0


async def poll(port: int, device: str, make: Any) -> Poll:
    """One poll of a recorded device, with no family named."""
    estate = make.estate(port, make.community(device))
    poller = Poller(estate)
    try:
        return await poller.poll(estate.targets[0])
    finally:
        poller.close()


def expected(corpus: Path, device: str) -> dict[str, Any]:
    """What the corpus expects of a device."""
    found: dict[str, Any] = json.loads((corpus / "recordings" / "expected" / f"{device}.json").read_text())
    return found


def others(corpus: Path, device: str) -> dict[str, float]:
    """What others read, by object (below the enterprises, or whole)."""
    samples = expected(corpus, device)["sensors"]["samples"]
    told = {sample["oid"].lstrip("."): sample["value"] for sample in samples}
    return told | {oid.removeprefix("1.3.6.1.4.1."): value for oid, value in told.items()}


def values(found: Poll) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """The values of a poll by metric and labels."""
    return {(sample.metric, sample.labels): sample.value for sample in found}


def value(found: Poll, metric: str, **labels: str) -> float | None:
    """One value of a poll, None where there is none."""
    return values(found).get((metric, tuple(sorted(labels.items()))))
