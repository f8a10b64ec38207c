"""Estates with users, made once for a module as passwords are slow to make, and how users log in."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from dash import Dash
from flask.testing import FlaskClient

from dashboard.access import users
from dashboard.access.users import Role
from dashboard.app import create
from dashboard.data import Data
from dashboard.declared import Declared
from inventory.checking import load
from inventory.state import State, open_state

PASSWORD: Final = "correct horse battery 1"
HEADERS: Final = {"Host": "localhost", "Origin": "http://localhost"}
"""What a browser says that stands on a page of ours."""


def inhabited(folder: Path, **roles: Role) -> State:
    """The state of a folder, with a user for each name and its role."""
    state = open_state(folder / "state.db")
    for name, role in roles.items():
        users.add(state, name, role, PASSWORD)
    return state


def served(made: Path, folder: Path) -> tuple[Dash, State]:
    """A server of a copy of what was `made`, for one test, and its state."""
    shutil.copytree(made, folder)
    state, path = open_state(folder / "state.db"), folder / "estate.yml"
    return create(Data(Declared(load(path), path), folder), state), state


def login(app: Dash, name: str, password: str = PASSWORD) -> FlaskClient:
    """A browser of somebody who has given a password."""
    client = app.server.test_client()
    client.post("/login", data={"name": name, "password": password}, headers=HEADERS)
    return client
