"""Reading YAML with the place of everything in it: file, line and column.

A plain loader forgets where a value stood and stops at the first duplicate key. This one composes the node
tree, makes plain data of it, and keeps for each path (`("targets", 0, "address")`) where its value and its
key stand, so that a message can send the reader there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.composer import ComposerError
from ruamel.yaml.constructor import ConstructorError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.resolver import VersionedResolver

Key = tuple[str | int, ...]
"""A path inside the data: names of keys and positions in lists."""

SIZE_LIMIT = 4 * 1024 * 1024
DEPTH_LIMIT = 40
ALIAS_LIMIT = 20_000
"""Values that aliases may stand for in one file: a few aliases of aliases stand for billions."""


_COLLECTIONS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


class _TooManyAliasesError(Exception):
    """What aliases stand for would not fit in memory."""


class Place(NamedTuple):
    """Where something stands: 1-based line and column, as editors count."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


def _place(file: str, mark: Any) -> Place:
    """What ruamel calls a mark, as a place of a file."""
    return Place(file, mark.line + 1, mark.column + 1)


class Places(Mapping[Key, Place]):
    """Where each thing of a file stands. Most files are right, and then nobody asks: a place is made when one does."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.marks: dict[Key, Any] = {}

    def __getitem__(self, key: Key) -> Place:
        return _place(self.file, self.marks[key])

    def __iter__(self) -> Iterator[Key]:
        return iter(self.marks)

    def __len__(self) -> int:
        return len(self.marks)


class Problem(NamedTuple):
    """One thing that is wrong, or (a warning) unwise, at a place."""

    place: Place
    message: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {'warning: ' if self.warning else ''}{self.message}"


class _Resolver(VersionedResolver):
    """Takes all for YAML 1.2, which ruamel's own looks up for every value, in half of the time that reading takes."""

    @property
    def processing_version(self) -> tuple[int, int]:
        return (1, 2)


class Document:
    """The data of one file, with the place of each value and key, and what was wrong with its form."""

    def __init__(self, file: Path, *, pure: bool = True) -> None:
        self.file = str(file)
        self.data: Any = None
        self.values = Places(self.file)
        self.keys = Places(self.file)
        self.problems: list[Problem] = []
        self.yaml = YAML(typ="safe", pure=pure)
        if not pure:  # by libyaml, which reads what the program ships
            self.yaml.Resolver = _Resolver
        self._seen: set[int] = set()
        self._repeated = 0

    def place(self, node: Node) -> Place:
        return _place(self.file, node.start_mark)

    def build(self, node: Node, path: Key) -> Any:
        """Plain data of a node, its places noted on the way."""
        self.values.marks[path] = node.start_mark
        if id(node) in self._seen:
            self._repeated += 1
            if self._repeated > ALIAS_LIMIT:
                raise _TooManyAliasesError
        self._seen.add(id(node))
        if len(path) > DEPTH_LIMIT:
            self.problems.append(Problem(self.place(node), f"nested deeper than {DEPTH_LIMIT} levels"))
            return None
        if not isinstance(node, ScalarNode) and str(node.tag) not in _COLLECTIONS:
            self.problems.append(Problem(self.place(node), "a tag (!) is not read: leave it out"))
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        if node.ctag is VersionedResolver.DEFAULT_SCALAR_TAG:  # text, and most is: it needs no constructor
            return node.value
        try:
            return self.yaml.constructor.construct_object(node)
        except (ConstructorError, ValueError, OverflowError):
            # Never the value, nor the tag: a secret may begin with an exclamation mark.
            message = "cannot read this value: put it in quotes if it is text"
            self.problems.append(Problem(self.place(node), message))
            return None

    def _mapping(self, node: MappingNode, path: Key) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.problems.append(Problem(self.place(key), "a key is a word, not a list or a mapping"))
                continue
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
                self.keys.marks[inner] = key.start_mark
                found[name] = self.build(value, inner)
        return found


def read_shipped(file: Path) -> Document:
    """Read a file that the program ships: by libyaml, four times as fast, and as any other where something is wrong.

    What people write is read in pure Python: it says better what is wrong, and follows YAML 1.2 to the letter.
    """
    document = _read(Document(file, pure=False))
    return read(file) if document.problems else document


def read(file: Path, text: str | None = None) -> Document:
    """Read one YAML file, or a `text` that is to become it. Never raises for what is in it: see `problems`."""
    return _read(Document(file), text)


def _read(document: Document, text: str | None = None) -> Document:
    file = Path(document.file)
    start = Place(document.file, 1, 1)
    try:
        if (file.stat().st_size if text is None else len(text.encode())) > SIZE_LIMIT:
            document.problems.append(Problem(start, f"larger than {SIZE_LIMIT // 1024**2} MiB"))
            return document
        node = document.yaml.compose(file.read_text("utf-8-sig") if text is None else text)
        if node is not None:
            document.data = document.build(node, ())
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(document.file, mark.line + 1, mark.column + 1) if mark else start
        document.problems.append(Problem(place, f"not YAML: {_said(error)}"))
    except UnicodeDecodeError as error:
        document.problems.append(Problem(start, f"not UTF-8 text (byte {error.start})"))
    except _TooManyAliasesError:
        message = (
            f"its aliases (*name) stand for more than {ALIAS_LIMIT} values: write them out, or use defaults"
        )
        document.problems.append(Problem(start, message))
    except RecursionError:
        document.problems.append(Problem(start, "nested too deeply, or an alias that holds itself"))
    except ReaderError as error:
        message = f"character {error.position + 1} of the file (U+{_code(error):04X}) is not allowed in YAML"
        document.problems.append(Problem(start, message))
    except (YAMLError, ValueError):
        document.problems.append(Problem(start, "cannot read this file: it is not YAML"))
    except OSError as error:
        document.problems.append(Problem(start, f"cannot read this file: {error.strerror}"))
    return document


def _said(error: MarkedYAMLError) -> str:
    """What the parser says, without words of the file: an alias or a tag may be a secret without quotes."""
    if isinstance(error, ComposerError):
        if "single document" in str(error.context):
            return "a second document (---) begins here: one file holds one"
        return "an alias (*) or anchor (&) that is not right: put text that begins with * or & in quotes"
    said = str(error.problem or error.context)
    return "a tag (!) that is not known: put text that begins with ! in quotes" if "tag" in said else said


def _code(error: ReaderError) -> int:
    return error.character if isinstance(error.character, int) else ord(str(error.character)[:1] or "\0")
