"""The interface held against its own OpenAPI document by another program, over a real server: what it answers is what it describes."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import everything
import pytest
from browsing import serving

from dashboard.access import tokens, users
from dashboard.api.table import RESOURCES
from inventory.state import open_state

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CONFIGURED = 'headers = { Authorization = "Bearer ${JAUGE_TOKEN}" }\n'


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a hospital's server, and a token of a viewer."""
    folder = tmp_path_factory.mktemp("served")
    everything.write(folder)
    state = open_state(folder / "state.db")
    users.add(state, "ada", "viewer", "correct horse battery")
    today = dt.datetime.now(everything.PARIS).date()
    token = tokens.create(state, "ada", "viewer", today + dt.timedelta(days=9), today)
    with serving(folder, demo=False) as address:
        yield address, token


def run(served: tuple[str, str], folder: Path, *more: str) -> str:
    address, token = served
    (folder / "schemathesis.toml").write_text(CONFIGURED)
    words = [
        str(SCHEMATHESIS),
        "run",
        f"{address}/api/v1/openapi.json",
        "--no-color",
        "--checks",
        "all",
        *more,
    ]
    environment = os.environ | {"JAUGE_TOKEN": token}
    said = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout[-6000:] + said.stderr[-2000:]
    return said.stdout


@pytest.mark.timeout(600)
def test_what_a_list_and_one_of_it_answer_or_refuse_is_as_the_document_says(
    served: tuple[str, str], tmp_path: Path
) -> None:
    said = run(
        served,
        tmp_path,
        "--phases",
        "coverage",
        "--workers",
        "2",
        "--include-path-regex",
        "^/(stores|deadlines)",
    )
    assert "No issues found" in said
    assert "Tested: 3" in said


@pytest.mark.proof
@pytest.mark.timeout(600)
def test_no_request_that_anybody_invents_is_answered_otherwise_than_the_document_says(
    served: tuple[str, str], tmp_path: Path
) -> None:
    said = run(served, tmp_path, "--max-examples", "200")
    assert "No issues found" in said
    assert f"Tested: {len(RESOURCES)}" in said
