"""Packages: folders of a site with families and commands of its own, in the form of those that Jauge ships.

    acme/
      devices/acme-array.yml      as in collectors/devices
      commands/acme-cli.yml       as in collectors/commands
      apis/acme-rest.yml          as in collectors/apis

Only YAML is read. What a site could write in Python would run with every credential of the estate.

`Packages` is a value: the collector reads the files once and hands what they hold to its workers, so that a file that
is being edited reaches nobody before the estate is read again, as a whole.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from collectors.api import ApiFile
from collectors.command import SystemFile
from collectors.device import Family
from inventory.checking import EstateError
from inventory.places import Document, Key, Place, Problem, read

Kind = Literal["devices", "commands", "apis"]
"""A folder of a package: what its files declare."""

KINDS: Final[dict[str, type[BaseModel]]] = {"devices": Family, "commands": SystemFile, "apis": ApiFile}

FILES: Final = 500
"""Files that a package may hold."""

SIZE: Final = 256 * 1024
"""Bytes of one file: reading takes a second for each 30,000."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")


@dataclasses.dataclass(frozen=True)
class Packages:
    """What the packages of a site declare, by name, and the file of each."""

    families: Mapping[str, Family] = dataclasses.field(default_factory=dict)
    systems: Mapping[str, SystemFile] = dataclasses.field(default_factory=dict)
    interfaces: Mapping[str, ApiFile] = dataclasses.field(default_factory=dict)
    files: Mapping[tuple[Kind, str], str] = dataclasses.field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.files)

    def file(self, kind: Kind, name: str) -> str:
        """The file that declares a name, empty where no package does."""
        return self.files.get((kind, name), "")


NONE: Final = Packages()


def load(folders: Sequence[str]) -> Packages:
    """What these folders declare. Raises EstateError with file, line and column of all that is wrong."""
    found, problems = inspect(folders)
    if problems:
        raise EstateError(problems)
    return found


def inspect(folders: Sequence[str]) -> tuple[Packages, list[Problem]]:
    """What these folders declare, as far as it is sound, and all that is wrong with them."""
    if not folders:
        return NONE, []
    problems: list[Problem] = []
    declared: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    files: dict[tuple[Kind, str], str] = {}
    for kind, path in _listed(folders, problems):
        place = Place(str(path), 1, 1)
        if (kind, path.stem) in files:
            message = f"{path.stem} is given twice (first in {files[kind, path.stem]})"
            problems.append(Problem(place, message))
            continue
        files[kind, path.stem] = str(path)
        model, wrong = _read(path, KINDS[kind])
        problems += wrong
        if model is not None:
            declared[kind][path.stem] = model
    found = Packages(declared["devices"], declared["commands"], declared["apis"], files)
    if not problems:
        from collectors.catalogue import clashes  # noqa: PLC0415 - it is made of packages, and of all that Jauge ships

        problems += clashes(found)
    return found, problems


def _listed(folders: Sequence[str], problems: list[Problem]) -> Iterator[tuple[Kind, Path]]:
    """The files of packages, with their kinds; what is in the way of reading them is said."""
    for folder in map(Path, folders):
        if not folder.is_dir():
            problems.append(Problem(Place(str(folder), 1, 1), "there is no such folder"))
            continue
        inside = [kind for kind in get_args(Kind) if (folder / kind).is_dir()]
        if not inside:
            message = f"this package holds none of the folders {', '.join(KINDS)}"
            problems.append(Problem(Place(str(folder), 1, 1), message))
        for kind in inside:
            paths = sorted(path for path in (folder / kind).iterdir() if not path.name.startswith("."))
            for path in paths[:FILES]:
                message = _misplaced(path, folder)
                if message:
                    problems.append(Problem(Place(str(path), 1, 1), message))
                else:
                    yield kind, path


def _misplaced(path: Path, folder: Path) -> str:
    """Why a file of a package cannot be one, empty where it can."""
    if path.suffix != ".yml" or not path.is_file():
        return "only *.yml is read here: a package holds no program, and nothing of it is run"
    if not path.resolve().is_relative_to(folder.resolve()):
        return "this is a link to a file outside of the package"
    if path.stat().st_size > SIZE:
        return f"larger than {SIZE // 1024} KiB"
    if not _NAME.fullmatch(path.stem):
        return "the name of a file is that of what it declares: small letters, digits, points and hyphens"
    return ""


def _read(path: Path, model: type[BaseModel]) -> tuple[BaseModel | None, list[Problem]]:
    """What a file declares, or all that is wrong with it."""
    document = read(path)
    if document.problems:
        return None, document.problems
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        return None, list(_problems(document, error.errors(include_url=False), model))


def _problems(
    document: Document, details: Sequence[ErrorDetails], model: type[BaseModel]
) -> Iterator[Problem]:
    """What is wrong in words. Of a value that may be one of several things, what its own form says of it is enough."""
    explained = {_written(document, detail["loc"]) for detail in details if detail["type"] == "value_error"}
    inside = {detail["loc"][: len(detail["loc"]) - 1] for detail in details if len(detail["loc"]) > 1}
    for detail in details:
        path, kind = _written(document, detail["loc"]), detail["type"]
        leaf = str(detail["loc"][-1]) if detail["loc"] else ""
        if kind == "value_error":
            said = str(detail["ctx"]["error"])
        elif path in explained or (kind == "too_short" and any(one[: len(path)] == path for one in inside)):
            continue  # what is in a list is left out of it where it is wrong
        elif kind == "extra_forbidden":
            said = _unknown(leaf, _keys(model))
        elif kind == "missing":
            said = f"{leaf} is missing"
        else:
            said = str(detail["msg"])
        where = ".".join(map(str, path[:-1] if kind == "extra_forbidden" else path))
        places = document.keys if kind == "extra_forbidden" and path in document.keys else document.values
        place = places.get(path, Place(document.file, 1, 1))
        yield Problem(place, f"{where}: {said}" if where else said)


def _unknown(leaf: str, keys: Sequence[str]) -> str:
    """What to say of a key that has no place where it stands, or nowhere at all."""
    if leaf in keys:
        return f"{leaf} has no place here"
    near = difflib.get_close_matches(leaf, keys, 1)
    return f"unknown key {leaf}: did you mean {near[0]}?" if near else f"unknown key {leaf}"


def _written(document: Document, location: tuple[int | str, ...]) -> Key:
    """The parts of a place that are written there: pydantic puts names of forms between them."""
    path: Key = ()
    for part in location:
        if (*path, part) in document.values or (*path, part) in document.keys:
            path = (*path, part)
    return path


def _keys(model: type[BaseModel]) -> list[str]:
    """Every key that a file of this kind may hold somewhere."""
    schema = model.model_json_schema()
    return sorted(
        {key for one in (schema, *schema.get("$defs", {}).values()) for key in one.get("properties", ())}
    )
