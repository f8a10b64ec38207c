"""The server as gunicorn is given it."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from dashboard.serving import build


@pytest.mark.parametrize("demo", [True, False])
def test_the_server_is_ready_before_the_first_request(
    demo: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Dash finishes its set-up in the first request: one that fails would leave scripts unregistered."""
    estate = tmp_path / "estate.yml"
    estate.write_text("targets:\n  - {name: here, host: true}\n")
    with caplog.at_level(logging.WARNING):
        server = build(tmp_path, estate, demo=demo)
    assert [record.getMessage() for record in caplog.records] == []
    answer = server.test_client().get("/login")
    assert answer.status_code == (303 if demo else 200)
