"""A state, and a key of pseudonyms."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory.people.pseudonyms import Key
from inventory.state import State, open_state


@pytest.fixture
def key() -> Key:
    return Key("a secret of thirty-two characters")


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(tmp_path / "state.db")
