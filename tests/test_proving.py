"""The table that the long suites keep says the newest of each, and loses no other."""

from __future__ import annotations

import proving

DOCUMENT = """# Measured

## Long suites: `make proof`

| suite | last run | took | said |
| --- | --- | --- | --- |
| a killed writer loses nothing | 2026-01-02 | 3 s | seed 1 |
| power cuts | 2026-01-02 | 3 s | seed 2 |

A word after it.

## Another

| suite | figure |
"""


def test_a_row_is_replaced_a_new_one_is_added_and_all_else_stays() -> None:
    said = proving.merged(DOCUMENT, {"power cuts": " b ", "flipped bytes": " c "})
    old = "| power cuts | 2026-01-02 | 3 s | seed 2 |"
    assert said == DOCUMENT.replace(old, "| flipped bytes | c |\n| power cuts | b |")


def test_a_suite_is_a_sentence_with_its_variant() -> None:
    name = "tests/exporters/history/test_crash.py::test_a_killed_writer_loses_nothing[1000-full disk]"
    assert proving.sentence(name) == "a killed writer loses nothing (1000-full disk)"


def test_a_suite_that_failed_says_so_and_what_it_says_makes_no_column() -> None:
    assert "| FAILED. seed 3 / 4" in proving.row(False, 200, "seed 3 |\n4")
    assert "| 3 min | seed 3" in proving.row(True, 200, "seed 3")
