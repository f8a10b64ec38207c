"""Of a file that names people, words of a column are quoted, and nobody's name is."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.imports import reading
from inventory.state import State, open_state

TODAY = datetime.date(2026, 11, 26)
TITLES = ["Nom", "Numéro de série", "Modèle", "Utilisateur", "Statut", "Lieu", "Composants - Mémoire"]
STAFF = [
    f"{first} {last}" for first in ("Anaïs", "Bruno", "Chloé") for last in ("Lefèvre", "Durand", "N'Guyen")
]

Rows = list[list[str]]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    return open_state(tmp_path_factory.mktemp("veil") / "state.db")


def rows(count: int, status: str, user: str = "", first: int = 0) -> Rows:
    return [
        [
            f"PC-{first + i}",
            f"SN{first + i}",
            "OptiPlex",
            user or STAFF[i % len(STAFF)],
            status,
            "Nord",
            "8192",
        ]
        for i in range(count)
    ]


def said(state: State, folder: Path, *parts: Rows) -> str:
    """All that a program and a terminal are told of a file of these rows."""
    file = folder / "parc.csv"
    lines: Sequence[Sequence[str]] = [TITLES, *(row for part in parts for row in part)]
    file.write_text("".join(";".join(one) + "\n" for one in lines), "utf-8")
    with reading.read(state, file, TODAY, reading.Asked("glpi")) as found:
        return json.dumps(found.document(), ensure_ascii=False) + "\n".join(found.lines(1000))


def test_a_word_of_the_state_is_quoted_where_people_are_named_too(state: State, tmp_path: Path) -> None:
    told = said(state, tmp_path, rows(30, "En service"), rows(214, "en stock ancien", first=100))
    assert "214 rows, lines 32 to 245, Statut: 'en stock ancien' is no state that is known" in told
    assert "***" not in told


def test_a_word_of_machines_that_nobody_uses_is_quoted(state: State, tmp_path: Path) -> None:
    unused = [[*one[:3], "", *one[4:]] for one in rows(20, "pool de prêt", first=100)]
    assert "'pool de prêt' is no state" in said(state, tmp_path, rows(30, "En service"), unused)


@pytest.mark.parametrize(("count", "quoted"), [(4, False), (5, True)])
def test_a_text_that_is_met_in_few_rows_is_not_quoted(
    state: State, tmp_path: Path, count: int, quoted: bool
) -> None:
    told = said(state, tmp_path, rows(30, "En service"), rows(count, "spécial", first=100))
    assert ("spécial" in told) is quoted
    assert ("***" in told) is not quoted


def test_somebody_of_many_machines_whose_rows_lost_a_cell_is_not_quoted(state: State, tmp_path: Path) -> None:
    """The name stands in the column of the state; twenty times, and once where it belongs, in capitals and turned round."""
    lost = [[*one[:3], "En service", "Chloé Durand", *one[5:]] for one in rows(20, "", first=100)]
    told = said(state, tmp_path, rows(1, "En service", "DURAND Chloe"), lost)
    assert "Chloé" not in told
    assert "***" in told


def test_no_name_is_quoted_of_an_export_whose_columns_stand_in_another_order_further_down(
    state: State, tmp_path: Path
) -> None:
    """Users and states changed places: a pool account has many rows, and all others have one each."""
    people = [f"Agent {chr(65 + i)}{chr(97 + j)}" for i in range(10) for j in range(5)]
    turned = [
        [*one[:3], "En service", person, *one[5:]]
        for one, person in zip(rows(50, "", first=100), people, strict=True)
    ]
    pool = [[*one[:3], "En service", "Martin Pool", *one[5:]] for one in rows(6, "", first=300)]
    told = said(state, tmp_path, turned, pool)
    assert "Agent" not in told
    assert "Martin" not in told


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lost=st.lists(
        st.tuples(st.integers(0, len(STAFF) - 1), st.integers(0, 3), st.booleans()), min_size=1, max_size=20
    ),
    words=st.integers(0, 12),
)
def test_no_row_that_lost_a_cell_shows_a_name(
    state: State, tmp_path: Path, lost: list[tuple[int, int, bool]], words: int
) -> None:
    """Somebody of the staff, the place of the cell that is lost, and whether the row is made as long as the others again."""
    broken = []
    for number, (person, place, padded) in enumerate(lost):
        (one,) = rows(1, "en stock ancien", STAFF[person], first=500 + number)
        del one[place]
        broken.append([*one, ""] if padded else one)
    told = said(state, tmp_path, rows(27, "En service"), rows(words, "en stock ancien", first=900), broken)
    for name in STAFF:
        assert name not in told
