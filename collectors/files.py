"""Declarative files: read whole, and refused with the place of everything that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from collectors.tables import FORMS
from inventory.places import read_shipped

_TAGS: Final = (*FORMS, "one", "several")
"""Names of forms, which are no part of a place in a file."""

M = TypeVar("M", bound=BaseModel)


class DeclaredError(Exception):
    """A declarative file cannot be used: the message says which, where and why."""


def load_file(path: Path, model: type[M]) -> M:
    """Read one file. Raises DeclaredError with file, line and column of all that is wrong."""
    document = read_shipped(path)
    problems = [str(problem) for problem in document.problems]
    if not problems:
        try:
            return model.model_validate(document.data)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                where = tuple(part for part in detail["loc"] if part not in _TAGS)
                place = next(
                    (document.values[key] for end in range(len(where), -1, -1)
                     if (key := where[:end]) in document.values),
                    document.file,
                )  # fmt: skip
                problems.append(f"{place}: {'.'.join(map(str, where))}: {detail['msg']}")
    raise DeclaredError("\n".join(problems))
