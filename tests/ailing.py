"""An estate in which every target has a trouble of its own, and collectors that have theirs: the causes of all alerts at once.

What devices say of themselves stands in tests/mixin/causes.yml. What no device says is made here: polls that fail, and what a collector
knows of itself, by the same calls by which it comes to know it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import mixing
import servers
from aiohttp import web
from prometheus_client import Gauge
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from collectors.board import Board
from collectors.poll import Poll, Series, Table
from exporters import digested
from exporters.digested import Digested
from exporters.health import Health
from exporters.history.prometheus import Standing as QueueStanding
from exporters.own import Own
from exporters.web.standing import Standing as WebStanding
from inventory.estate import Estate
from inventory.metrics import METRICS, Reason, Sample, labels
from inventory.state import notices, open_state
from inventory.state.notices import Sighting
from jauge.silences import Silences

DAY = 86400.0


class Cause(NamedTuple):
    """A row of causes.yml."""

    alert: str
    words: str
    says: str = ""

    @property
    def name(self) -> str:
        """What it happens to: `JaugeDiskFailed` is of `disk-failed`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", self.alert.removeprefix("Jauge")).lower()


CAUSES = [Cause(**row) for row in YAML(typ="safe").load(Path(__file__).parent / "mixin/causes.yml")]

FAILING: Mapping[str, Sequence[tuple[str, Reason | None]]] = {
    "target-down": [("all", "timeout")],
    "target-refuses-login": [("all", "auth_failed")],
    "host-key-changed": [("all", "host_key_changed")],
    "internal-errors": [("all", None), ("disks", "internal")],
    "part-failing": [("all", None), ("disks", "timeout")],
    "pacs-no-answer": [("all", None), ("echo", "timeout")],
    "target-long-silent": [("all", "timeout")],
    "target-silence-ends": [("all", "timeout")],
    "south-1": [("all", "timeout")],
    "south-2": [("all", "refused")],
    "south-3": [("all", "timeout")],
}
"""What polls of some targets come to, by the parts that are asked."""

ASKED = {"scrape-failing", "target-stale"}
"""Targets that answer, and whose trouble is elsewhere."""


def said(text: str, beat: int, now: float) -> dict[Series, float]:
    """The series of a text, with the times and counts of this moment."""
    text = re.sub(r"now([+-]\d+)d", lambda days: repr(now + float(days[1]) * DAY), text)
    return {
        (sample.name, labels(**sample.labels)): sample.value
        for family in text_string_to_metric_families(text.replace("beat", repr(beat)) + "\n")
        for sample in family.samples
    }


class Place:
    """An estate in which every target has a trouble of its own, and polls that the test makes."""

    ready = True

    def __init__(self) -> None:
        self._says = {cause.name: cause.says for cause in CAUSES}
        names = [cause.name for cause in CAUSES if cause.says or cause.name in FAILING or cause.name in ASKED]
        self.estate = Estate.model_validate({
            "sites": {"north": None, "south": None},
            "targets": [
                *({"name": name, "site": "north"} for name in names),
                *({"name": f"south-{number}", "site": "south"} for number in (1, 2, 3)),
            ],
        })  # fmt: skip
        # Prometheus is told of one that the collector does not know: it is read again later.
        self.board = Board([target for target in self.estate.targets if target.name != "scrape-failing"])
        self._start = time.time()
        self._beat = 0
        self._found: dict[str, dict[Series, float]] = {}
        self.board["target-long-silent"].record(Poll("target-long-silent", self._start - 8 * DAY, 0.1, (Table("all", self._start - 8 * DAY, 0.1),)))  # fmt: skip

    async def poll_now(self, name: str, deadline_seconds: float) -> Poll:
        raise NotImplementedError("every target has been polled")

    def extra(self, name: str) -> Sequence[Sample]:
        return [Sample(metric, value, pairs) for (metric, pairs), value in self._found[name].items() if _planned(metric)]  # fmt: skip

    def poll(self) -> None:
        """Poll all of them once more."""
        now = time.time()
        self._beat += 1
        for standing in self.board:
            name = standing.target.name
            at = self._start - 7300 if name == "target-stale" else now
            found = self._found[name] = said(self._says.get(name, ""), self._beat, self._start)
            asked = {series: value for series, value in found.items() if not _planned(series[0])}
            tables = [
                Table(part, at, 0.1, tuple(asked), tuple(asked.values()))
                if reason is None
                else Table(part, at, 0.1, reason=reason)
                for part, reason in FAILING.get(name, [("all", None)])
            ]
            standing.record(Poll(name, at, 0.1, tuple(tables)))


def _planned(metric: str) -> bool:
    return METRICS[metric].source == "jauge plan"


Beat = Callable[[], None]


def _dead(own: Own, _folder: Path) -> None:
    own.watch_health(Health({"writer": lambda: True}))


def _degraded(own: Own, _folder: Path) -> None:
    own.watch_health(Health({"rights": lambda: True}))


def _late(own: Own, _folder: Path) -> Beat:
    return lambda: own.polled(up=True, seconds=0.1, late=45)


def _skipping(own: Own, _folder: Path) -> Beat:
    return own.skip


def _failing(own: Own, _folder: Path) -> None:
    own.watch_history(lambda: 5, lambda: True, lambda: 0)


def _damaged(own: Own, _folder: Path) -> None:
    own.watch_history(lambda: 0, lambda: False, lambda: 3)


def _waiting(own: Own, _folder: Path) -> None:
    own.watch_queue(lambda: QueueStanding(5, 500, time.time() - 7300, 0, 0, {}, {}))


def _losing(own: Own, _folder: Path) -> Beat:
    lost = Counter(full=0)
    own.watch_queue(lambda: QueueStanding(0, 0, None, 0, 0, lost, {}))
    return lambda: lost.update(full=50)


def _events(own: Own, _folder: Path) -> None:
    own.watch_events(lambda: 200)


def _full(own: Own, folder: Path) -> None:
    own.watch_disk(folder)


def _estate(own: Own, _folder: Path) -> None:
    own.reloaded(successful=False)


def _unsound(own: Own, _folder: Path) -> None:
    own.watch_door(lambda: WebStanding(False, time.time(), 1, None, Counter()))


def _ending(own: Own, _folder: Path) -> None:
    own.watch_door(lambda: WebStanding(True, time.time(), 0, time.time() + 9.5 * DAY, Counter()))


def _digests(own: Own, folder: Path) -> None:
    digested.write(folder / digested.FILE, Digested(time.time(), 3, 2))
    own.watch_beside(folder)


def _unsupported(own: Own, _folder: Path) -> None:
    name = "jauge_workstations_unsupported_in_care"
    Gauge(name, "Of care.", ("class", "state"), registry=own.registry).labels("emergency", "open").set(3)


def _imported(own: Own, _folder: Path) -> None:
    name = "jauge_workstations_imported_timestamp_seconds"
    Gauge(name, "When.", registry=own.registry).set(time.time() - 46.5 * DAY)


def _supported(own: Own, target: str, product: str, days: float) -> None:
    name = "jauge_support_end_timestamp_seconds"
    Gauge(name, "When.", ("target", "product"), registry=own.registry).labels(target, product).set(
        time.time() + days * DAY
    )


def _leaving(own: Own, _folder: Path) -> None:
    _supported(own, "support-ending", "Windows Server 2016", 100)


def _left(own: Own, _folder: Path) -> None:
    _supported(own, "support-ended", "Windows Server 2012", -100)


def _silenced(own: Own, folder: Path) -> None:
    """Somebody has said that a target may be silent until nearly a day from now."""
    state, now = open_state(folder / "state.db"), time.time()
    with state.write() as connection:
        notices.observe(
            connection, [Sighting("silent", json.dumps(["target-silence-ends"]))], {"silent"}, now
        )
    number = notices.listed(state, now)[0].id
    notices.answer(state, [number], "silenced", "alice", "moved", now, now + 0.95 * DAY)
    Silences(own.registry, folder / "state.db")


def _as_it_is(_own: Own, _folder: Path) -> None:
    """What it says of its process is changed on the way: this process cannot be what it should be."""


OWN: Mapping[str, Callable[[Own, Path], Beat | None]] = {
    "JaugeCollectorDead": _dead,
    "JaugeCollectorDegraded": _degraded,
    "JaugeCollectorRestarts": _as_it_is,
    "JaugePollsLate": _late,
    "JaugePollsSkipped": _skipping,
    "JaugeFilesNearLimit": _as_it_is,
    "JaugeHistoryFailing": _failing,
    "JaugeHistoryDamaged": _damaged,
    "JaugeHistoryQueueOld": _waiting,
    "JaugeHistoryValuesLost": _losing,
    "JaugeEventsWaiting": _events,
    "JaugeDataDiskFull": _full,
    "JaugeEstateNotReloaded": _estate,
    "JaugeWebConfigNotReloaded": _unsound,
    "JaugeWebCertificateEnds": _ending,
    "JaugeDigestFailing": _digests,
    "JaugeWorkstationsUnsupportedInCare": _unsupported,
    "JaugeInventoryOld": _imported,
    "JaugeTargetSilenceEnds": _silenced,
    "JaugeSupportEnding": _leaving,
    "JaugeSupportEnded": _left,
}
"""What a collector says of itself, by the alert. What is given back happens again with each beat."""


class Collectors:
    """Collectors at one address, each with a path and a trouble of its own."""

    def __init__(self, folder: Path) -> None:
        self._scrapes: Counter[str] = Counter()
        self._own: dict[str, Own] = {}
        self._beats: list[Beat] = []
        for cause in CAUSES:
            if cause.alert in OWN:
                own = self._own[cause.name] = Own()
                beat = OWN[cause.alert](own, folder)
                self._beats += [beat] if beat else []

    def scraped(self, address: str) -> list[mixing.Scraped]:
        """All of them, and one that is dead."""
        dead = mixing.Scraped("collector-down", f"127.0.0.1:{servers.free_port()}", "/metrics")
        return [*(mixing.Scraped(name, address, f"/of/{name}") for name in self._own), dead]

    def beat(self) -> None:
        for each in self._beats:
            each()

    async def answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        text = self._own[name].text(openmetrics=False).decode()
        self._scrapes[name] += 1
        if name == "collector-restarts":
            starts = min(self._scrapes[name], 4)
            text = _changed(text, "process_start_time_seconds", 1.8e9 + starts)
        if name == "files-near-limit":
            text = _changed(text, "process_open_fds", 950)
            text = _changed(text, "process_max_fds", 1000)
        return web.Response(text=text)


def _changed(text: str, name: str, value: float) -> str:
    changed, many = re.subn(rf"^{name} .*$", f"{name} {value!r}", text, flags=re.MULTILINE)
    assert many == 1, name
    return changed


@contextlib.asynccontextmanager
async def beating(*each: Beat) -> AsyncIterator[None]:
    """Do each once a second."""

    async def go_on() -> None:
        while True:
            for one in each:
                one()
            await asyncio.sleep(1)

    for one in each:
        one()
    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
