"""What the program says of itself at `/metrics`: its process, its polls and how late they are.

These names are not those of the vocabulary: they describe one collector, not a target.
"""

from __future__ import annotations

import collections
import contextlib
import importlib.metadata
import platform
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.openmetrics import exposition as openmetrics_text
from prometheus_client.registry import Collector

from collectors.board import Board
from collectors.traps.receiver import OUTCOMES, Outcome
from exporters import digested, pulse, supervision
from exporters.digested import DigestError
from exporters.events import KINDS, Kind
from exporters.health import Health
from exporters.history.prometheus import Standing
from exporters.supervision import SupervisionError
from exporters.web.standing import FAILURES
from exporters.web.standing import Standing as WebStanding

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)


class Own:
    """The counts of one collector, in a registry of their own.

    The scheduler calls `polled` and `skip`, the exporter `answered`; anybody may register more in `registry`.
    """

    def __init__(self, board: Board | None = None) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        prometheus_client.ProcessCollector(registry=self.registry)
        prometheus_client.GCCollector(registry=self.registry)
        _Build(self.registry)
        if board is not None:
            self.registry.register(_Targets(board))
        self._polls = self._counter("jauge_polls", "Polls by outcome.", "outcome")
        self._seconds = self._histogram("jauge_poll_seconds", "Time that polls took.")
        self._lateness = self._histogram(
            "jauge_poll_lateness_seconds", "Time between the moment when a poll was due and its start."
        )
        self._skipped = self._counter(
            "jauge_polls_skipped", "Polls left out because the one before was still running."
        )
        self._reload_successful = self._gauge(
            "jauge_estate_reload_successful",
            "Whether the estate could be used when it was last read: 0 while a broken file is not in force.",
        )
        self._reload_timestamp = self._gauge(
            "jauge_estate_reload_timestamp_seconds", "When the estate that is in force was read."
        )
        self.reloaded(successful=True)
        self._events = self._counter("jauge_events", "Events by kind.", "kind", of=KINDS)
        self._events_waiting = self._gauge(
            "jauge_events_waiting", "Events that are not in the file yet: they grow while the disk is full."
        )
        self._history_waiting = self._gauge(
            "jauge_history_waiting",
            "Values that are not in the history yet: they grow while it cannot be written.",
        )
        self._history_failing = self._gauge(
            "jauge_history_failing",
            "Whether the history cannot be written: 1 while that is so; the log says why.",
        )
        self._history_damaged = self._gauge(
            "jauge_history_damaged_blocks",
            "Pieces of the history that were found not to be as they were written, and are left out of every answer.",
        )
        self._traps = self._counter(
            "jauge_traps", "Datagrams at the port for traps, by outcome.", "outcome", of=OUTCOMES
        )
        self._traps_listening = self._gauge(
            "jauge_traps_listening", "Whether traps are listened for: 1 while that is so."
        )
        self._answers = self._counter("jauge_http_answers", "Answers of the exporter.", "path", "status")
        self._answer_seconds = self._histogram(
            "jauge_http_answer_seconds", "Time that answers of the exporter took.", "path"
        )

    def _counter(self, name: str, said: str, *labels: str, of: Iterable[str] = ()) -> Counter:
        """A counter. `of` are values of its one label that start at 0: a rate needs the 0 before the first."""
        made = Counter(name, said, labels, registry=self.registry)
        for value in of:
            made.labels(value)
        return made

    def _gauge(self, name: str, said: str) -> Gauge:
        return Gauge(name, said, registry=self.registry)

    def _histogram(self, name: str, said: str, *labels: str) -> Histogram:
        return Histogram(name, said, labels, buckets=_SECONDS, registry=self.registry)

    def watch_health(self, health: Health) -> None:
        """Ask with each scrape which parts are amiss."""
        self.registry.register(health)

    def watch_files(self, folder: Path) -> None:
        """Ask with each scrape what each of our files takes."""
        self.registry.register(_Sizes(folder))

    def polled(self, up: bool, seconds: float, late: float = 0.0) -> None:
        """Count a poll that took `seconds` and began `late` seconds after it was due."""
        self._polls.labels("up" if up else "down").inc()
        self._seconds.observe(seconds)
        self._lateness.observe(max(0.0, late))

    def skip(self) -> None:
        """Count a poll that was left out because the one before was still running."""
        self._skipped.inc()

    def reloaded(self, successful: bool) -> None:
        """Note that the estate was read, and whether it could be used."""
        self._reload_successful.set(successful)
        if successful:
            self._reload_timestamp.set_to_current_time()

    def happened(self, kind: Kind) -> None:
        """Count an event."""
        self._events.labels(kind).inc()

    def watch_events(self, waiting: Callable[[], float]) -> None:
        """Ask `waiting` with each scrape how many events are not in the file yet."""
        self._events_waiting.set_function(waiting)

    def watch_history(
        self, waiting: Callable[[], float], failing: Callable[[], bool], damaged: Callable[[], float]
    ) -> None:
        """Ask with each scrape how many values wait, whether the history fails, and what is damaged in it."""
        self._history_waiting.set_function(waiting)
        self._history_failing.set_function(failing)
        self._history_damaged.set_function(damaged)

    def trapped(self, outcome: Outcome) -> None:
        """Count a datagram that came where traps are listened for."""
        self._traps.labels(outcome).inc()

    def watch_traps(self, received: Callable[[], bool]) -> None:
        """Ask `received` with each scrape whether traps are listened for."""
        self._traps_listening.set_function(received)

    def watch_queue(self, standing: Callable[[], Standing]) -> None:
        """Ask `standing` with each scrape how the queue of the history's engine stands."""
        self.registry.register(_Queue(standing))

    def watch_beside(self, folder: Path) -> None:
        """Ask with each scrape what the supervisor and the digests left beside our files."""
        self.registry.register(Beside(folder))

    def watch_disk(self, folder: Path) -> None:
        """Ask with each scrape how much room is left where the files of this collector are."""
        _Disk(self.registry, folder)

    def watch_door(self, standing: Callable[[], WebStanding]) -> None:
        """Ask with each scrape how the web configuration stands."""
        self.registry.register(_Web(standing))

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Count an answer of the exporter. `path` is a route, never what somebody asked for."""
        self._answers.labels(path, str(status)).inc()
        self._answer_seconds.labels(path).observe(seconds)

    def text(self, openmetrics: bool) -> bytes:
        """The whole of `/metrics`."""
        make = openmetrics_text.generate_latest if openmetrics else prometheus_client.generate_latest
        text: bytes = make(self.registry)
        return text


class _Build(Collector):
    """`jauge_build_info`: a gauge that is always 1, as programs of the Prometheus family have it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._version = importlib.metadata.version("jauge")
        registry.register(self)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "jauge_build_info", "Version of Jauge and of its Python: always 1.", labels=("version", "python")
        )
        family.add_metric((self._version, platform.python_version()), 1)
        yield family


class _Targets(Collector):
    """`jauge_targets`: how many targets stand how, counted when asked."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "jauge_targets", "Targets of the estate, by how they stand.", labels=("state",)
        )
        found = collections.Counter(
            "waiting" if standing.poll is None else "up" if standing.poll.up else "down"
            for standing in self._board
        )
        for state in ("up", "down", "waiting"):
            family.add_metric((state,), found[state])
        yield family


class _Disk(Collector):
    """Room on the file system of the collector's own files; absent where it cannot be asked."""

    def __init__(self, registry: CollectorRegistry, folder: Path) -> None:
        self._folder = folder
        registry.register(self)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        size = GaugeMetricFamily(
            "jauge_data_size_bytes", "Size of the file system that the collector keeps its files on."
        )
        free = GaugeMetricFamily(
            "jauge_data_available_bytes", "Bytes that the collector can still write to that file system."
        )
        with contextlib.suppress(OSError):
            room = shutil.disk_usage(self._folder)
            size.add_metric((), room.total)
            free.add_metric((), room.free)
        yield size
        yield free


class _Sizes(Collector):
    """What each of our files takes; one that is not there is absent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "jauge_data_file_bytes",
            "What a file of Jauge takes on disk, with what SQLite keeps beside it.",
            labels=("file",),
        )
        for name, size in pulse.measure(self._folder).items():
            family.add_metric((name,), size)
        yield family


class Beside(Collector):
    """What other processes of Jauge tell: restarts, where `jauge start` supervises, and the last digest, where there was one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        restarts = CounterMetricFamily(
            "jauge_supervisor_restarts",
            "Times that `jauge start` had to start a process again, since it started; absent where it does not supervise.",
            labels=("process",),
        )
        with contextlib.suppress(SupervisionError):  # the page and the doctor tell of it
            told = supervision.read(self._folder / supervision.FILE, time.time())
            for process, count in told.counts.items() if told else ():
                restarts.add_metric((process,), float(count))
        yield restarts
        run = GaugeMetricFamily(
            "jauge_digest_timestamp_seconds",
            "When `jauge digest` last ran to its end; absent before the first time.",
        )
        problems = GaugeMetricFamily(
            "jauge_digest_problems", "Reasons for which something could not be sent then: it is tried again."
        )
        with contextlib.suppress(DigestError):
            last = digested.read(self._folder / digested.FILE)
            if last is not None:
                run.add_metric((), last.at)
                problems.add_metric((), float(last.problems))
        yield run
        yield problems


class _Web(Collector):
    """The web configuration: whether the file that lies there is in force, until when the certificate holds, who got no TLS."""

    def __init__(self, standing: Callable[[], WebStanding]) -> None:
        self._standing = standing

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        door = self._standing()
        for name, said, value in (
            (
                "jauge_web_config_reload_successful",
                "Whether the web configuration could be used when it was last read: 0 while a broken file is not in force.",
                float(door.sound),
            ),
            (
                "jauge_web_config_reload_timestamp_seconds",
                "When the web configuration that is in force was read.",
                door.read_at,
            ),
        ):
            yield GaugeMetricFamily(name, said, value=value)
        yield CounterMetricFamily(
            "jauge_web_config_reload_failures",
            "Web configurations that were not taken over, as they could not be used.",
            value=float(door.failures),
        )
        if door.ends is not None:
            yield GaugeMetricFamily(
                "jauge_web_certificate_end_timestamp_seconds",
                "When the certificate of the exporter ends.",
                value=door.ends,
            )
        failed = CounterMetricFamily(
            "jauge_web_handshakes_failed",
            "Connections that did not agree on TLS, by reason.",
            labels=("reason",),
        )
        for reason in FAILURES:
            failed.add_metric((reason,), door.handshakes[reason])
        yield failed


class _Queue(Collector):
    """The queue of values on their way to the engine that keeps the history."""

    def __init__(self, standing: Callable[[], Standing]) -> None:
        self._standing = standing

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        now = self._standing()
        age = max(0.0, time.time() - now.oldest) if now.oldest is not None else 0.0
        for name, said, value in (
            ("jauge_history_queue_values", "Values in the queue that were not sent yet.", now.pending),
            ("jauge_history_queue_bytes", "What the queue of the history takes on disk.", now.size),
            ("jauge_history_queue_age_seconds", "Age of the oldest value that was not sent yet.", age),
        ):
            yield GaugeMetricFamily(name, said, value=float(value))
        for name, said, value in (
            ("jauge_history_sent_values", "Values that the engine of the history took.", now.sent),
            (
                "jauge_history_resent_values",
                "Values sent again as the engine had perhaps restarted.",
                now.again,
            ),
        ):
            yield CounterMetricFamily(name, said, value=float(value))
        for name, said, counts in (
            ("jauge_history_dropped_values", "Values that the history lost, by reason.", now.dropped),
            ("jauge_history_send_failures", "Tries to send that failed, by reason.", now.failures),
        ):
            family = CounterMetricFamily(name, said, labels=("reason",))
            for reason, count in counts.items():
                family.add_metric((reason,), count)
            yield family
