"""Reading YAML with the place of everything in it: file, line and column.

A plain loader forgets where a value stood and stops at the first duplicate key. This one composes the node
tree, makes plain data of it, and keeps for each path (`("targets", 0, "address")`) where its value and its
key stand, so that a message can send the reader there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

Key = tuple[str | int, ...]
"""A path inside the data: names of keys and positions in lists."""

SIZE_LIMIT = 16 * 1024 * 1024
DEPTH_LIMIT = 40


class Place(NamedTuple):
    """Where something stands: 1-based line and column, as editors count."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Problem(NamedTuple):
    """One thing that is wrong, or (a warning) unwise, at a place."""

    place: Place
    message: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {'warning: ' if self.warning else ''}{self.message}"


class Document:
    """The data of one file, with the place of each value and key, and what was wrong with its form."""

    def __init__(self, file: Path) -> None:
        self.file = str(file)
        self.data: Any = None
        self.values: dict[Key, Place] = {}
        self.keys: dict[Key, Place] = {}
        self.problems: list[Problem] = []
        self.yaml = YAML(typ="safe", pure=True)

    def place(self, node: Node) -> Place:
        mark = node.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def build(self, node: Node, path: Key) -> Any:
        """Plain data of a node, its places noted on the way."""
        self.values[path] = self.place(node)
        if len(path) > DEPTH_LIMIT:
            self.problems.append(Problem(self.place(node), f"nested deeper than {DEPTH_LIMIT} levels"))
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        try:
            return self.yaml.constructor.construct_object(node)
        except (ConstructorError, ValueError) as error:
            message = error.problem if isinstance(error, ConstructorError) else str(error)
            self.problems.append(Problem(self.place(node), f"cannot read this value: {message}"))
            return None

    def _mapping(self, node: MappingNode, path: Key) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            inner = (*path, name)
            if name == "<<":
                self.problems.append(Problem(self.place(key), "merge keys (<<) are not read: use defaults"))
            elif name in found:
                first = self.keys[inner]
                self.problems.append(
                    Problem(self.place(key), f"{name} is given twice (first at line {first.line})")
                )
            else:
                self.keys[inner] = self.place(key)
                found[name] = self.build(value, inner)
        return found


def read(file: Path) -> Document:
    """Read one YAML file. Never raises for what is in it: see `problems`."""
    document = Document(file)
    start = Place(str(file), 1, 1)
    try:
        if file.stat().st_size > SIZE_LIMIT:
            document.problems.append(Problem(start, f"larger than {SIZE_LIMIT // 1024**2} MiB"))
            return document
        node = document.yaml.compose(file.read_text("utf-8-sig"))
        if node is not None:
            document.data = document.build(node, ())
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(str(file), mark.line + 1, mark.column + 1) if mark else start
        document.problems.append(Problem(place, f"not YAML: {error.problem or error.context}"))
    except UnicodeDecodeError as error:
        document.problems.append(Problem(start, f"not UTF-8 text (byte {error.start})"))
    except RecursionError:
        document.problems.append(Problem(start, "nested too deeply, or an alias that holds itself"))
    except (YAMLError, ValueError) as error:
        document.problems.append(Problem(start, f"cannot read this file: {error}"))
    except OSError as error:
        document.problems.append(Problem(start, f"cannot read this file: {error.strerror}"))
    return document
