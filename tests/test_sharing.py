"""How tests are spread over workers: a module that shares servers stays on one, the others are dealt out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from sharing import group_of, pytest_collection_modifyitems

TESTS = Path(__file__).parent
MODULE = """
import os, pathlib, time
import pytest

{mark}

@pytest.mark.parametrize("number", range(8))
def test_where_it_runs(number):
    with pathlib.Path("{name}.said").open("a") as said:
        said.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
    time.sleep({pause})
"""


def test_a_module_that_names_a_group_stays_on_one_worker_and_others_are_spread(tmp_path: Path) -> None:
    group = 'pytestmark = pytest.mark.xdist_group("servers")'
    # The worker that has the group is done with it long before the other one is done with the rest.
    for name, mark, pause in (("shared", group, 0.05), ("free", "", 0.4)):
        (tmp_path / f"test_{name}.py").write_text(MODULE.format(name=name, mark=mark, pause=pause))
    (tmp_path / "conftest.py").write_text("from sharing import pytest_xdist_make_scheduler\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    argv = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "xdist",
        "-n",
        "2",
        "--dist",
        "loadgroup",
        "-p",
        "no:cacheprovider",
    ]
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    environment.pop("PYTEST_XDIST_WORKER", None)
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # to load those of this suite takes seconds
    done = subprocess.run(
        argv, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert "16 passed" in done.stdout, done.stdout + done.stderr
    assert len(set((tmp_path / "shared.said").read_text().splitlines())) == 1
    assert len(set((tmp_path / "free.said").read_text().splitlines())) == 2


def test_groups_come_first_and_what_is_dealt_out_fills_the_end(tmp_path: Path) -> None:
    for name, mark in (("a", ""), ("b", 'pytestmark = pytest.mark.xdist_group("b")'), ("c", "")):
        (tmp_path / name).write_text(mark)
    items = [SimpleNamespace(path=tmp_path / name, number=number) for name in "abc" for number in range(2)]
    pytest_collection_modifyitems(items)  # type: ignore[arg-type]  # of an item its path is looked at
    assert [f"{item.path.name}{item.number}" for item in items] == ["b0", "b1", "a0", "a1", "c0", "c1"]


def test_whoever_asks_the_agent_of_all_recordings_shares_it() -> None:
    """It takes seven seconds of a processor to start, and each recording is polled once for all."""
    asking = [path for path in TESTS.rglob("test_*.py") if "snmpsim: int" in path.read_text("utf-8")]
    groups = {path.name: group_of(path) for path in asking if path != Path(__file__)}
    assert len(groups) > 5
    assert {name for name, group in groups.items() if group != "snmpsim"} == set()
