"""Reading YAML: two readers for what is shipped, and the careful one for whatever is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

import collectors
from inventory.lifecycle import catalogue
from inventory.places import read, read_shipped

SHIPPED = sorted((*Path(collectors.__file__).parent.glob("*/*.yml"), *catalogue.FOLDER.glob("*.yml")))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_file_says_the_same_at_the_same_places_to_both_readers(path: Path) -> None:
    quick, careful = read_shipped(path), read(path)
    assert quick.data == careful.data
    assert (quick.values, quick.keys, quick.problems) == (careful.values, careful.keys, [])
    assert not quick.yaml.pure, (
        "the quick one refused it: between { and } it takes an address in quotes alone"
    )


@pytest.mark.parametrize(
    "text", ["a: 1\na: 2\n", "a: [1\n", "a: !thing 1\n", "a: *b\n", "\x00", "a: 1\n---\nb: 2\n"]
)
def test_what_is_wrong_is_said_in_the_words_of_the_careful_reader(text: str, tmp_path: Path) -> None:
    path = tmp_path / "family.yml"
    path.write_text(text)
    assert read(path).problems
    assert read_shipped(path).problems == read(path).problems
