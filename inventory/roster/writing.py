"""Adding to an estate's file: every byte that stood there stands there still, comments and all.

A file that is read and written anew by a YAML library keeps its comments, but moves those that stand at the end of a list, and
lays out anew what people had aligned. So the places are asked of the parser, and lines are put in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from inventory.imports import ImportFailedError
from inventory.roster.enrolling import Enrolment

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*|[0-9]{1,3}(\.[0-9]{1,3}){3}")
_WORDS: Final = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"))
"""What readers of YAML 1.1 take for something else than text."""


class _Edit(NamedTuple):
    """Text that stands in the place of what is between two positions, often nothing."""

    start: int
    end: int
    text: str
    is_new: bool = False
    """Whether it is a section of its own, which stands behind what is added to the last one."""


def add(before: str, found: Enrolment, file: str) -> str:
    """The text of an estate's file with what a list adds. Raises ImportFailedError where lines cannot be put into it."""
    newline = "\r\n" if "\r\n" in before else "\n"
    text = before if before.endswith("\n") or not before else before + newline
    root = YAML(typ="safe", pure=True).compose(text)
    if root is not None and (not isinstance(root, MappingNode) or root.flow_style):
        raise ImportFailedError(
            "nothing can be added to this: write `targets:` and what follows as lines", file
        )
    sites = {name: {"title": title} if title else None for name, title in found.sites.items()}
    edits = [
        _edit(text, root, key, lines, newline)
        for key, lines in (
            ("targets", [f"- {_flow(target)}" for target in found.targets]),
            ("sites", [f"{name}: {_flow(value)}" for name, value in sites.items()]),
            ("credentials", [f"{name}: {_flow(value)}" for name, value in found.credentials.items()]),
        )
        if lines
    ]
    after = text
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.is_new), reverse=True):
        after = after[: edit.start] + edit.text + after[edit.end :]
    _whole(_data(root), after, found, sites, file)
    return after


def _flow(value: Any) -> str:
    """A value on one line. Text is quoted wherever a reader of any YAML could take it for something else."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def _edit(text: str, root: MappingNode | None, key: str, lines: list[str], newline: str) -> _Edit:
    """Where lines of a section go."""
    named = next(((name, value) for name, value in root.value if name.value == key), None) if root else None
    if named is None:
        return _Edit(len(text), len(text), f"{key}:{newline}" + _block(lines, "  ", newline), is_new=True)
    name, section = named
    if (
        isinstance(section, ScalarNode) or not section.value
    ):  # `targets:` with nothing behind it, or `targets: []`
        start = text.index(":", name.end_mark.index) + 1
        end = start if isinstance(section, ScalarNode) else section.end_mark.index
        rest = _line_end(text, end)
        return _Edit(start, rest, text[end:rest] + _block(lines, "  ", newline))
    if section.flow_style:
        end = section.end_mark.index - 1
        head = len(text[:end].rstrip())
        head = end if text[head - 1] == ":" else head  # `{a: }`: the space ends the key
        inner = ", ".join(line.removeprefix("- ") for line in lines)
        return _Edit(head, head, (" " if text[head - 1] == "," else ", ") + inner)
    at = _line_end(text, max(_ends(section, text), default=section.start_mark.index))
    return _Edit(at, at, _block(lines, " " * section.start_mark.column, newline))


def _block(lines: Iterable[str], indent: str, newline: str) -> str:
    return "".join(f"{indent}{line}{newline}" for line in lines)


def _line_end(text: str, at: int) -> int:
    """The beginning of the line after that of a position."""
    return text.index("\n", at) + 1


def _ends(node: Node, text: str) -> Iterator[int]:
    """Where what a node holds ends: a block itself is said to end only where the next thing begins, behind all comments."""
    if isinstance(node, ScalarNode):
        if (
            node.start_mark.index == node.end_mark.index
        ):  # nothing: its mark stands where the next thing begins
            return
        yield len(text[: node.end_mark.index].rstrip()) if node.style in ("|", ">") else node.end_mark.index
    elif not isinstance(node, SequenceNode | MappingNode) or node.flow_style or not node.value:
        yield node.end_mark.index
    elif isinstance(node, SequenceNode):
        yield from _ends(node.value[-1], text)
    else:
        key, value = node.value[-1]
        yield key.end_mark.index
        yield from _ends(value, text)


def _data(node: Node | None) -> Any:
    """What a node says, numbers and the like as they are spelled: only to be compared."""
    if isinstance(node, MappingNode):
        return {key.value: _data(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [_data(value) for value in node.value]
    return node.value if node is not None else None


def _spelled(value: Any) -> Any:
    """The same of what is to be written."""
    if isinstance(value, dict):
        return {str(key): _spelled(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled(inner) for inner in value]
    return value if isinstance(value, str) else json.dumps(value)


def _whole(was: Any, after: str, found: Enrolment, sites: dict[str, Any], file: str) -> None:
    """Look whether the file says what it said, and what was added. Raises ImportFailedError."""
    try:
        says = _data(YAML(typ="safe", pure=True).compose(after))
    except YAMLError:
        says = None
    wanted = dict(was or {})
    for key, more in (("credentials", found.credentials), ("sites", sites)):
        if more:
            wanted[key] = {**(wanted.get(key) or {}), **_spelled(more)}
    if found.targets:
        wanted["targets"] = [*(wanted.get("targets") or []), *_spelled(found.targets)]
    if says != (wanted or None):
        raise ImportFailedError(
            "its layout leaves no place for lines to be added: keep the new targets in a file of their own (a folder as estate)",
            file,
        )
