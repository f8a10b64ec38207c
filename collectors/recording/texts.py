"""Documents, texts of Prometheus and outputs of commands, scrubbed so that their readers read the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final

from collectors.recording import meaning
from collectors.recording.meaning import Test
from collectors.recording.scrubbing import SECRET, Level, Scrubber

_SECRET: Final = re.compile(
    r"passw|secret|token|credential|api_?key|private_?key|community|cookie|session_?id", re.IGNORECASE
)
_SERIAL: Final = re.compile(
    r"serial|(?:\A|_)sn\Z|SN\Z|uuid|guid|wwn|wwid|wwpn|asset|license_?key|service_?tag|imei|iqn",
    re.IGNORECASE,
)
_PERSON: Final = re.compile(
    r"user|owner|login|account|mail|phone|contact|author|host|fqdn|domain|dns|realm|tenant|customer|company|site\Z|location|"
    r"address|city|street|\Avm\Z|vm_?name|machine|client|alias|description|comment|note",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(r'(?<!\w)([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"')

Tested = Mapping[str, Sequence[Test]]
"""What is read in texts, by the key under which they stand."""


def learn(scrubber: Scrubber, value: Any, key: str = "") -> None:
    """Learn the names that a document tells."""
    if isinstance(value, dict):
        for name, member in value.items():
            learn(scrubber, member, str(name))
    elif isinstance(value, list):
        for member in value:
            learn(scrubber, member, key)
    elif isinstance(value, str):
        scrubber.look(value)
        if _SECRET.search(key):
            scrubber.learn(SECRET, value)
        elif _SERIAL.search(key):
            scrubber.learn("serial number", value)
        elif _PERSON.search(key):
            scrubber.learn_words("name", value)


def learn_text(scrubber: Scrubber, text: str) -> None:
    """Learn the names that a text tells by their form."""
    for line in text.splitlines():
        scrubber.look(line)
        for key, value in _LABEL.findall(line):
            learn(scrubber, value, key)


def document(scrubber: Scrubber, value: Any, tested: Tested, key: str = "") -> Any:
    """A document without what tells whose it is: keys stay, but those that are names of things; so do numbers."""
    if isinstance(value, dict):
        listed = _listed(value)
        return {
            _key(scrubber, str(name), listed=listed): document(
                scrubber, member, tested, key if listed else str(name)
            )
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [document(scrubber, member, tested, key) for member in value]
    if isinstance(value, str):
        return _text(scrubber, value, tested.get(key, ()), key)
    named = _SERIAL.search(key) or _SECRET.search(key)
    if named and type(value) is int and key not in tested and value > 9999:
        return int(scrubber.text(str(value), Level.ALL))
    return value


def _text(scrubber: Scrubber, said: str, tests: Sequence[Test], key: str) -> str:
    named = _SECRET.search(key) or _SERIAL.search(key) or _PERSON.search(key)
    level = Level.ALL if named else Level.FULL
    if said.startswith("/") and not tests:
        return path(scrubber, said)
    return meaning.scrub(scrubber, said, tests, level)[0] if tests else scrubber.text(said, level)


def path(scrubber: Scrubber, said: str, known: frozenset[str] = frozenset()) -> str:
    """A path, part by part: those of a declared path stay."""
    return "".join(
        part if part in known or not part.strip("/?&=") else scrubber.text(part)
        for part in re.split(r"([/?&=])", said)
    )


def _key(scrubber: Scrubber, name: str, *, listed: bool) -> str:
    return scrubber.text(name, Level.FULL if listed else Level.LIGHT)


def _listed(value: dict[Any, Any]) -> bool:
    """Whether the members of an object are rows, so that their keys are names of things and not of properties."""
    members = list(value.values())
    if len(members) < 2 or not all(isinstance(member, dict) and member for member in members):
        return False
    first = set(members[0])
    return all(len(first & set(member)) * 2 > len(first | set(member)) for member in members)


def exposition(scrubber: Scrubber, text: str, tested: Tested) -> str:
    """A text of Prometheus: labels are scrubbed, names of series and values stay, and comments are left out."""
    lines = []
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            lines.append(line)
        elif not line.startswith("#"):
            head, brace, rest = line.partition("{")
            labels, end, value = rest.rpartition("}")
            lines.append(
                head + brace + _LABEL.sub(lambda found: _label(scrubber, found, tested), labels) + end + value
            )
    return "\n".join([*lines, ""])


def _label(scrubber: Scrubber, found: re.Match[str], tested: Tested) -> str:
    made = _text(scrubber, found[2], tested.get(found[1], ()), found[1])
    return f'{found[1]}="{made}"'


def output(scrubber: Scrubber, text: str, read: Callable[[str], Hashable]) -> tuple[str, bool]:
    """What a command printed, as scrubbed as it can be and still be read alike; and whether it is read alike."""
    before = read(text)
    for level in (Level.FULL, Level.LIGHT):
        made = scrubber.quietly(text, level, figures=True)
        if read(made) == before:
            return scrubber.text(text, level, figures=True), True
    return scrubber.text(text, Level.FULL, figures=True), False
