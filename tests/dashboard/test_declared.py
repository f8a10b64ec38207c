"""Pages over an estate whose file changes while they are served."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import ask, words

from dashboard.app import create
from dashboard.data import Data
from dashboard.declared import LOOK_SECONDS, Declared
from inventory.checking import load
from inventory.state import open_state


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self) -> None:
        self.now += LOOK_SECONDS


def names(declared: Declared) -> list[str]:
    return [target.name for target in declared.estate.targets]


def write(path: Path, *names: str) -> None:
    path.write_text("targets:\n" + "".join(f"  - {{name: {name}, host: true}}\n" for name in names))


def test_a_changed_file_is_the_estate_that_is_shown(tmp_path: Path) -> None:
    path, clock = tmp_path / "estate.yml", Clock()
    write(path, "first")
    declared = Declared(load(path), path, clock)
    write(path, "first", "second")
    assert names(declared) == ["first"]  # not looked at with every question
    clock.wait()
    assert names(declared) == ["first", "second"]
    assert set(declared.targets) == {"first", "second"}


def test_a_file_with_a_mistake_leaves_the_estate_before_it_and_is_named(tmp_path: Path) -> None:
    path, clock = tmp_path / "estate.yml", Clock()
    write(path, "first")
    declared = Declared(load(path), path, clock)
    path.write_text("targets:\n  - {name: [}\n")
    clock.wait()
    assert names(declared) == ["first"]
    assert declared.mistake.startswith(f"{path}:2:")
    path.unlink()
    clock.wait()
    assert names(declared) == ["first"]
    assert str(path) in declared.mistake
    write(path, "third")
    clock.wait()
    assert (names(declared), declared.mistake) == (["third"], "")


def test_a_file_that_comes_into_a_folder_is_seen(tmp_path: Path) -> None:
    clock = Clock()
    write(tmp_path / "a.yml", "first")
    declared = Declared(load(tmp_path), tmp_path, clock)
    write(tmp_path / "b.yml", "second")
    clock.wait()
    assert names(declared) == ["first", "second"]


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "these pages show the estate before it"), ("fr", "montrent le parc d'avant")],
)
def test_every_page_says_that_the_file_has_a_mistake(tmp_path: Path, language: str, said: str) -> None:
    path, clock = tmp_path / "estate.yml", Clock()
    write(path, "first")
    app = create(
        Data(Declared(load(path), path, clock), tmp_path), open_state(tmp_path / "state.db"), demo=True
    )
    assert said not in words(ask(app, "/targets", language=language))
    path.write_text("colour: red\n")
    clock.wait()
    for page in ("/", "/targets", "/capacity"):
        shown = words(ask(app, page, language=language))
        assert said in shown
        assert f"{path}:1:1" in shown
    assert "first" in words(ask(app, "/targets"))
    write(path, "first", "later")
    clock.wait()
    shown = words(ask(app, "/targets", language=language))
    assert "later" in shown
    assert said not in shown
