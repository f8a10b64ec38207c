"""Settings that people change while the program runs, by name."""

from __future__ import annotations

from inventory.state import State


def get(state: State, name: str) -> str | None:
    """The value of a setting, or None where nobody gave it."""
    with state.read() as connection:
        row = connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else None


def put(state: State, name: str, value: str | None) -> None:
    """Give a setting; None takes it back."""
    with state.write() as connection:
        if value is None:
            connection.execute("DELETE FROM setting WHERE name = ?", (name,))
        else:
            connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))
