"""Real engines that a scaled-out history is written to: VictoriaMetrics, and Prometheus as a remote write receiver.

Each may be killed and started again on its own port and data.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import servers

from exporters.history.prometheus.asking import Client
from inventory.estate import Engine


class Server:
    """An engine with its own folder."""

    def __init__(self, place: Path, argv: Sequence[str], ready: str, port: int) -> None:
        self.url = f"http{'s' if '-tls' in argv else ''}://{servers.LOOPBACK}:{port}"
        self._place, self._argv, self._ready = place, argv, ready
        self._process: servers.Process | None = None

    def start(self) -> None:
        log = self._place / "log"
        self._process = servers.start(self._argv, log, cwd=self._place)
        servers.wait(lambda: self.get(self._ready).status_code == 200, self._process, log, timeout=60)

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            servers.stop(self._process, sign, timeout=30)
            self._process = None

    def kill(self) -> None:
        """End it with SIGKILL: what it had in memory is gone."""
        self.stop(signal.SIGKILL)

    @property
    def pid(self) -> int:
        """Of the engine that runs."""
        assert self._process is not None
        return self._process.pid

    def get(self, path: str, **asked: str) -> httpx.Response:
        """An answer of the engine itself, past everything of ours."""
        return servers.get(self.url + path, params=asked, timeout=30)

    def flush(self) -> None:
        """Make what was written visible to queries, where that takes the engine a moment."""
        self.get("/internal/force_flush")

    def count(self, selector: str, at: float) -> int:
        """Samples of the last ten years, counted by the engine."""
        self.flush()
        answer = self.get(
            "/api/v1/query", query=f"sum(count_over_time({selector}[10y]))", time=f"{at:.0f}", nocache="1"
        )
        result = answer.raise_for_status().json()["data"]["result"]
        return int(result[0]["value"][1]) if result else 0

    def engine(self, **settings: object) -> Engine:
        return Engine.model_validate({"url": self.url, **settings})

    def client(self, **settings: object) -> Client:
        return Client(self.engine(**settings))


@contextlib.contextmanager
def _running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def victoria(*flags: str) -> Iterator[Server]:
    """A VictoriaMetrics that keeps a hundred years."""
    path = servers.program("victoria-metrics", "victoria-metrics")
    with servers.folder() as place:
        port = servers.free_port()
        argv = [
            path,
            f"-httpListenAddr={servers.LOOPBACK}:{port}",
            f"-storageDataPath={place / 'data'}",
            "-retentionPeriod=100y",
            "-memory.allowedBytes=256MB",
            "-search.latencyOffset=0s",
            "-loggerLevel=WARN",
            *flags,
        ]
        with _running(Server(place, argv, "/health", port)) as server:
            yield server


@contextlib.contextmanager
def prometheus(window: str = "50y", *flags: str) -> Iterator[Server]:
    """A Prometheus that takes remote write, also of samples that are `window` late."""
    path = servers.program("prometheus", "prometheus")
    with servers.folder() as place:
        port = servers.free_port()
        config = place / "prometheus.yml"
        config.write_text(f"storage: {{tsdb: {{out_of_order_time_window: {window}}}}}\n" if window else "")
        argv = [
            path,
            f"--config.file={config}",
            f"--storage.tsdb.path={place / 'data'}",
            "--storage.tsdb.retention.time=100y",
            f"--web.listen-address={servers.LOOPBACK}:{port}",
            "--web.enable-remote-write-receiver",
            "--log.level=warn",
            *flags,
        ]
        with _running(Server(place, argv, "/-/ready", port)) as server:
            yield server
