"""Restores that the invented hospital tested: one lately, one too long ago, one that was told wrongly and corrected."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

_DAY: Final = 86_400.0


def declared(french: bool) -> dict[str, Any]:
    """What is known of backups: the server that keeps them is in no job on purpose; this machine is in none by neglect."""
    reason = (
        "installé à nouveau depuis son dépôt de configuration"
        if french
        else "made anew from its configuration"
    )
    return {"exclude": [{"machine": "backup-*", "reason": reason}]}


def save(folder: Path, birth: float, french: bool) -> None:
    """Record the tests as a person would, once: what is tested later is the visitor's. Raises StateError."""
    from inventory.state import open_state, restores  # noqa: PLC0415 - only the first run needs them
    from inventory.state.restores import Instead, Restore  # noqa: PLC0415

    state = open_state(folder / "state.db")
    if restores.ledger(state):
        return

    def tested(
        target: str, days: float, hours: float, what: tuple[str, str], ticket: str, remark: str = ""
    ) -> Restore:
        at = birth - days * _DAY + 9.4 * 3600
        return Restore(
            at, target, what[french], f"{target}:nightly", at - _DAY, hours * 3600, "ok", ticket, "demo", at + 3600, None, remark,
        )  # fmt: skip

    archive = ("a study of each modality, and the database", "un examen par modalité, et la base")
    database = ("the database of the laboratory", "la base du laboratoire")
    restores.record(state, tested("db-01", 430, 2.6, database, "CHG-1187"), "demo", "demo")
    wrong = tested("pacs-01", 47, 0.3, archive, "CHG-2031")
    right = wrong._replace(seconds=3.2 * 3600, noted=wrong.noted + 1800, point=wrong.at - 1.2 * _DAY)
    number = restores.record(state, wrong, "demo", "demo")
    why = (
        "les minutes étaient celles de la copie seule"
        if french
        else "the minutes were those of the copy alone"
    )
    restores.record(state, right, "demo", "demo", Instead(number, why))
