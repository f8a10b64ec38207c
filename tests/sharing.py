"""How tests are spread over the workers of pytest-xdist: four by four, but a module that says so stays together.

`pytestmark = pytest.mark.xdist_group("demo run")` keeps the tests of a module, and of every other that names the same
group, on one worker, so that the servers they share are started once. pytest-xdist 3.8 writes the group into the id of
a test, which pytest 9.2 does not let it do: with these two, `--dist loadgroup` spreads all tests. So the group is read
from the module.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from xdist.scheduler.protocol import Scheduling

GROUP: Final = re.compile(r'\bpytest\.mark\.xdist_group\("([^"]+)"\)')

TOGETHER: Final = 4
"""Neighbours in a module that go to one worker: for each hand-over the scheduler counts all that a worker was ever given."""


@functools.cache
def group_of(module: Path) -> str | None:
    """The group that a module names."""
    found = GROUP.search(module.read_text("utf-8"))
    return found[1] if found else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups come first, each of which takes a minute and keeps one worker busy; what is dealt out fills the end."""
    items.sort(key=lambda item: group_of(item.path) is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    config.option.loadscopereorder = False  # by number of tests: a group of two long ones would be the end

    class Grouped(LoadScopeScheduling):
        scopes: Final = dict[str, str]()
        met: Final = Counter[str]()

        def _split_scope(self, nodeid: str) -> str:
            if nodeid not in self.scopes:
                module = nodeid.partition("::")[0]
                place = self.met[module] // TOGETHER
                self.met[module] += 1
                self.scopes[nodeid] = group_of(config.rootpath / module) or f"{module} {place}"
            return self.scopes[nodeid]

    return Grouped(config, log)
