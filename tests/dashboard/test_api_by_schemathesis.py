"""The interface held against its own OpenAPI document by another program, over a real server: what it answers is what it describes."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import everything
import pytest
import servers
from browsing import serving

from dashboard.access import tokens, users
from dashboard.api.table import RESOURCES
from inventory.state import open_state

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
EXAMPLES = 100
CONFIGURED = """\
headers = { Authorization = "Bearer ${JAUGE_TOKEN}" }

[checks.negative_data_rejection]
# What is too long is refused before it is read: see RFC 9110, 15.5.15, and RFC 6585, 5.
expected-statuses = [400, 401, 403, 404, 406, 414, 431]
"""


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


@pytest.mark.parametrize(("address", "headers", "status"), [
    ("?site=" + 9_000 * "x", {}, 414), ("", {f"X-{number}": "x" for number in range(200)}, 431),
])  # fmt: skip
def test_what_is_too_long_to_be_read_is_refused_as_the_document_says(
    served: tuple[str, str], address: str, headers: dict[str, str], status: int
) -> None:
    found = servers.get(f"{served[0]}/api/v1/stores{address}", headers=headers)
    assert found.status_code == status
    described = servers.get(
        f"{served[0]}/api/v1/openapi.json", headers={"Authorization": f"Bearer {served[1]}"}
    ).json()
    assert (
        described["paths"]["/stores"]["get"]["responses"][f"{status}"]["$ref"]
        == f"#/components/responses/{status}"
    )
    assert list(described["components"]["responses"][f"{status}"]["content"]) == [
        found.headers["content-type"].partition(";")[0]
    ]


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
@pytest.mark.timeout(1800)
def test_no_request_that_anybody_invents_is_answered_otherwise_than_the_document_says(
    served: tuple[str, str], tmp_path: Path, tell: Callable[[str], None]
) -> None:
    """By a number of requests for each resource, not by the clock: the same seed asks for the same ones on any machine."""
    seed = int(os.environ.get("JAUGE_SEED", "0")) or secrets.randbits(32)
    tell(f"seed {seed}")
    said = run(served, tmp_path, "--seed", str(seed), "--max-examples", str(EXAMPLES), "--workers", "2")
    tell(f"{EXAMPLES} requests at most for each of {len(RESOURCES)} resources")
    assert "No issues found" in said
    assert f"Tested: {len(RESOURCES)}" in said
