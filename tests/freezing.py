"""What was collected stays until the end: nobody looks for garbage in it.

Half a million objects of tests and libraries are made before the first test runs. To look through them took a sixth of
the time that collecting takes, and as long again whenever tests had made a quarter as many.
"""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
