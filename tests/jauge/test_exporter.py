"""The exporter as it runs (`jauge run`), where a scrape is in a hurry, and where a caller would choose whom it speaks to."""

from __future__ import annotations

import contextlib
import socket
import time
from pathlib import Path

import servers
from collecting import collecting, until
from prometheus_client.openmetrics.parser import text_string_to_metric_families

HEADER = "X-Prometheus-Scrape-Timeout-Seconds"
CHOSEN = (
    "127.0.0.1", "0x7f000001", "[::ffff:127.0.0.1]", "x@silent", "silent:22", "silent\n", "silent.", "SILENT", "", "127.0.0.1:{port}", "a" * 3000,
)  # fmt: skip
"""What is no name of the estate."""


def drained(ear: socket.socket) -> int:
    """How many datagrams came since the last look."""
    count = 0
    with contextlib.suppress(BlockingIOError):
        while ear.recvfrom(65_535):
            count += 1
    return count


def test_a_scrape_of_a_silent_device_is_answered_in_its_time_and_names_alone_are_polled(
    tmp_path: Path,
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind((servers.LOOPBACK, 0))
        ear.setblocking(False)
        port = ear.getsockname()[1]
        (tmp_path / "estate.yml").write_text(
            "credentials: {c: {snmp: v2c, community: public}}\n"
            "defaults: {interval: 1h, timeout: 8s, credential: c}\n"
            "targets:\n"
            "  - {name: here, host: true}\n"
            f"  - {{name: silent, address: 127.0.0.1, port: {port}}}\n"
        )
        with collecting(tmp_path / "estate.yml", ready="/-/healthy") as collector:
            base = f"http://{servers.LOOPBACK}:{collector.port}/probe"
            until(lambda: drained(ear))  # the first round asks it, and waits
            took = []
            for _ in range(3):  # a busy machine may delay one answer, not all of them
                start = time.monotonic()
                found = servers.get(base, params={"target": "silent"}, headers={HEADER: "0.9"}, timeout=20)
                took.append(time.monotonic() - start)
                assert found.status_code == 200
                assert "jauge_target_up 0" in found.text or 'reason="deadline"' in found.text
            assert min(took) <= 0.85
            until(lambda: collector.value("jauge_targets", "/metrics") is not None)
            until(
                lambda: collector.ask("/-/ready").status_code == 200, 60
            )  # the patience of the first round is over
            drained(ear)
            for chosen in CHOSEN:
                name = chosen.format(port=port)
                answer = servers.get(base, params={"target": name, "fresh": "1"}, timeout=20)
                assert answer.status_code == 400, name[:40]
                assert drained(ear) == 0, name[:40]
            fresh = servers.get(
                base, params={"target": "silent", "fresh": "1"}, headers={HEADER: "0.5"}, timeout=20
            )
            assert fresh.status_code == 200
            assert drained(ear) > 0  # and the ear is not deaf
            accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
            for path in ("/metrics", "/metrics/estate", "/probe?target=silent"):
                body = servers.get(
                    f"http://{servers.LOOPBACK}:{collector.port}{path}", headers=accept, timeout=20
                )
                families = list(text_string_to_metric_families(body.text))  # the strict parser
                series = [
                    (s.name, tuple(sorted(s.labels.items()))) for family in families for s in family.samples
                ]
                assert len(series) == len(set(series)) > 0
