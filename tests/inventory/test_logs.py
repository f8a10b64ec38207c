"""Loggers that load structlog with their first line."""

import subprocess
import sys

from structlog.testing import capture_logs

from inventory.logs import Logger


def test_a_line_is_said_as_structlog_says_it():
    with capture_logs() as said:
        Logger("somewhere").error("not scored", day=7, why="damaged")
    assert said == [{"event": "not scored", "log_level": "error", "day": 7, "why": "damaged"}]


def test_the_planner_starts_without_what_only_logs_and_terminals_need():
    code = (
        "import sys, forecasting.plan, exporters.history.sqlite, exporters.plan.outlooks; print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "pandas" in loaded
    assert not {"structlog", "rich", "pygments", "asyncio", "ruamel", "pydantic"} & set(loaded)
