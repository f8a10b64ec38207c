"""Texts of the page of what is unsupported but in care, and of its compensating measures."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text

CARE: Final[dict[str, Text]] = {
    "care.title": "Unsupported but in care",
    "care.undeclared": "The estate says of no class of use that it is in care: `workstations:` `classes:` with `care: true` (docs/renewal.md).",
    "care.lead": (
        "On {day}, {exposed} of {machines} workstations in care are without support, or nobody can tell; {uncovered} of them have no "
        "compensating measure."
    ),
    "care.list": "Those without a measure first",
    "care.measures.none": "none",
    "care.none": "None: every workstation in care has a system that is mended, or (where only those without are shown) a measure.",
    "care.criticality": "criticality: {how}",
    "care.record": "Record a measure",
    "care.end": "End it",
    "care.recorded": "Measures that were recorded",
    "care.recorded.none": "No recorded measure holds today. Those that the estate declares stand in the list above.",
    "care.readers": "An operator or a manager records measures here.",
    "care.measure": "Record a measure for {name}",
    "care.scope": "For which workstations",
    "care.scope.machine": "{name} alone",
    "care.scope.service": "{n} workstations without a measure of {name}",
    "care.scope.class": "{n} workstations without a measure of the class {name}",
    "care.text": "What was done: a network of its own, no mail ... No patient, and no user of a workstation.",
    "care.who": "Who answers for it: a function, or a login",
    "care.until": "Last day on which it holds (2027-01-31); empty: no end",
    "care.save": "Record it",
    "care.ending": "End the measure for {name}",
    "care.ending.why": "Why it ends",
    "care.done": (
        "The measure was recorded for {n} workstation.",
        "The measure was recorded for {n} workstations.",
    ),
    "care.done.ended": "The measure has ended: it stays in the list of all (jauge inventory measure list --all).",
    "care.refused.text": "Nothing was recorded: say what, in words.",
    "care.refused.who": "Nothing was recorded: say who answers for it.",
    "care.refused.until": "Nothing was recorded: the last day is a day from today to in ten years, such as 2027-01-31.",
    "care.refused.machine": "Nothing was recorded: that workstation is not in the list any more.",
    "care.refused.changed": "Nothing was recorded: the list has changed since it was shown. Look at how many it is now.",
    "care.refused.ended": "Nothing has changed: there is no such measure, or it has ended before.",
    "column.measure": "Measure",
    "column.holds": "Until",
    "column.act": "Change",
}
