"""Targets whose silence somebody has silenced for a while (`jauge notice silence`): maintenance, as metrics of the program."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from inventory.files import is_absent
from inventory.state import State, StateError, notices

log = structlog.get_logger(__name__)

KEPT_SECONDS: Final = 30.0
"""For which what was found is served before it is looked at again."""


class Silences(Collector):
    """`jauge_target_silenced_until_timestamp_seconds`, from the notices of the state; absent where that cannot be read."""

    def __init__(self, registry: CollectorRegistry, state: Path) -> None:
        self._path = state
        self._found: dict[str, float] = {}
        self._looked = -KEPT_SECONDS
        registry.register(self)

    def describe(self) -> list[GaugeMetricFamily]:
        """The name, without looking at anything."""
        return [_family()]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = _family()
        for target, until in sorted(self._silenced().items()):
            family.add_metric((target,), until)
        yield family

    def _silenced(self) -> dict[str, float]:
        if time.monotonic() - self._looked >= KEPT_SECONDS:
            self._looked = time.monotonic()
            try:
                self._found = silenced(self._path, time.time())
            except StateError as error:
                log.error("silences not read", why=str(error))
                self._found = {}
        return self._found


def silenced(path: Path, now: float) -> dict[str, float]:
    """Until when each target may be silent that does not answer (UTC epoch seconds), as somebody said. Raises StateError."""
    if is_absent(path):
        return {}
    found = {}
    for one in notices.listed(State(path), now):
        answer = one.answer
        if one.kind != "silent" or answer is None or answer.action != "silenced" or answer.until is None:
            continue
        if answer.until > now:
            found[str(json.loads(one.subject)[0])] = answer.until
    return found


def _family() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "jauge_target_silenced_until_timestamp_seconds",
        "Until when a target that does not answer may be silent, as somebody said (`jauge notice silence`): maintenance.",
        labels=("target",),
    )
