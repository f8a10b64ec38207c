"""What is said of a day's deadlines: no number stands for what nobody declared, and none of what there is none of."""

from __future__ import annotations

import datetime as dt

import pytest

from dashboard.sentences.deadlines import Ended, lead
from dashboard.texts import Texts

DAY = dt.date(2026, 11, 27)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Ended(3021, 1529, 2, 1020, 12, 5), "1,531 of 3,021 are out of support: 1,529 workstations, 2 servers and platforms. "
         "1,020 of these workstations are in care. Of 12 more nobody can tell. 5 are mended by a programme of extended updates alone."),
        (Ended(3000, 1529, 0, None, 0, 0), "1,529 of 3,000 are out of support: 1,529 workstations, 0 servers and platforms. "
         "Nobody declared which workstations are in care."),
        (Ended(20, 3, 0, 0, 0, 1), "3 of 20 are out of support: 3 workstations, 0 servers and platforms. "
         "None of these workstations is in care. 1 is mended by a programme of extended updates alone."),
        (Ended(20, 0, 1, None, 0, 0), "1 of 20 are out of support: 0 workstations, 1 servers and platforms."),
    ],
)  # fmt: skip
def test_each_figure_is_told_where_there_is_one(found: Ended, said: str) -> None:
    assert lead(found, DAY, Texts("en", dt.UTC)).partition(", ")[2].replace("\u00a0", " ") == said


def test_in_french_one_and_several_are_told_apart() -> None:
    several, one = (
        lead(Ended(40, 3, 0, care, care, care), DAY, Texts("fr", dt.UTC)).replace("\u00a0", " ")
        for care in (2, 1)
    )
    assert several.endswith(
        "2 de ces postes servent aux soins. Pour 2 autres, personne ne peut le dire. "
        "2 ne sont corrigés que par un programme de correctifs prolongés."
    )
    assert one.endswith(
        "1 de ces postes sert aux soins. Pour 1 autre, personne ne peut le dire. "
        "1 n'est corrigé que par un programme de correctifs prolongés."
    )
