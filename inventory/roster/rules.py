"""What a mapping says: which columns mean what, and which devices are polled how. Nothing of it is guessed.

columns: {name: Hostname, address: Adresse IP}
sites: {"Hôpital Nord > *": nord}
rules:                                     # the first that fits
  - {when: {maker: Fortinet}, set: {family: fortigate, credential: firewalls, role: firewall}}
  - {when: {kind: [Imprimante*, Printer*]}, leave: printers are not polled}
"""

from __future__ import annotations

import fnmatch
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, TypeAdapter, ValidationError, model_validator
from pydantic import Field as Setting

from inventory.checking import Check, EstateError, report
from inventory.credentials import Model
from inventory.estate import Target
from inventory.imports.sheets import plain
from inventory.places import Place, Problem
from inventory.places import read as read_yaml
from inventory.quantities import Name, Text
from inventory.roster.entries import Entry, Field


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str | int) and not isinstance(value, bool) else value


Patterns = Annotated[
    tuple[Annotated[str, BeforeValidator(str)], ...], BeforeValidator(_several), Setting(min_length=1)
]
"""One text or several; * stands for any letters, and case and accents do not matter."""

_SET: Final = frozenset(Target.model_fields) - {"name", "address", "formerly", "depends"}


def _settable(value: dict[str, Any]) -> dict[str, Any]:
    strange = sorted(set(value) - _SET)
    if strange:
        raise ValueError(f"{strange[0]} cannot be set by a rule: write settings of a target (docs/estate.md)")
    return value


class Rule(Model):
    """How some devices are polled, or why they are not."""

    when: dict[Field, Patterns] = Setting(
        default_factory=dict, description="What the list says of them; all must fit."
    )
    set: Annotated[dict[str, Any], AfterValidator(_settable)] | None = Setting(
        None,
        description="Settings of their targets; {name}, {address} and {port} stand for those of the device.",
    )
    leave: Text | None = Setting(None, description="Why they are left out.")

    @model_validator(mode="after")
    def _one(self) -> Rule:
        if (self.set is None) == (self.leave is None):
            raise ValueError("a rule has either set or leave")
        return self

    def fits(self, entry: Entry) -> bool:
        """Whether an entry is meant; what its list does not say fits no pattern."""
        return all(
            any(fnmatch.fnmatchcase(plain(entry.said.get(field, "")), plain(one)) for one in patterns)
            and field in entry.said
            for field, patterns in self.when.items()
        )


class Mapping(Model):
    """How a list is read."""

    columns: dict[Field, Patterns] = Setting(
        default_factory=dict, description="Titles of columns of a table, by what they say."
    )
    sites: dict[Text, Name] = Setting(
        default_factory=dict,
        description="Names of sites, by what the list calls them; * stands for any letters.",
    )
    in_service: tuple[Text, ...] | None = Setting(
        None, description="States of devices that are taken; others are left out."
    )
    without_address: bool = Setting(
        False, description="Take devices without an address, which are then asked by their name."
    )
    first_address: bool = Setting(
        False, description="Of several addresses take the first; else such devices are refused."
    )
    rules: tuple[Rule, ...] = Setting(
        (), description="How devices are polled; the first that fits is the one."
    )


def load(path: Path) -> Mapping:
    """A mapping from its file. Raises EstateError with every problem and its place."""
    document = read_yaml(path)
    problems = list(document.problems)
    if not problems:
        check = Check(path)
        check.adopt(document, (), ())
        try:
            return TypeAdapter(Mapping).validate_python(document.data or {})
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_context=True):
                report(check, detail, lambda _: [*Mapping.model_fields, *Rule.model_fields])
        problems = check.problems
    raise EstateError(problems or [Problem(Place(str(path), 1, 1), "this is no mapping")])
