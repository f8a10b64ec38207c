"""Passwords that are hashed in a moment, except where a test is about how they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import argon2
import pytest

from dashboard.access import users

_HASHER: Final = users._hasher
_NOBODY: Final = users._NOBODY


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """In this process; a hash takes a fifth of a second and 64 MiB for people, and hundreds of tests log in."""
    with pytest.MonkeyPatch.context() as patch:
        hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(users, "_hasher", hasher)
        patch.setattr(users, "_NOBODY", hasher.hash("nobody's"))
        yield


@pytest.fixture
def slow_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """As they are hashed for people."""
    monkeypatch.setattr(users, "_hasher", _HASHER)
    monkeypatch.setattr(users, "_NOBODY", _NOBODY)
