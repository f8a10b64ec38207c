"""Texts of workstations, targets, and of one's own estate."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text

PAGES: Final[dict[str, Text]] = {
    "workstations.title": "Workstations",
    "workstations.empty": (
        "No inventory was imported yet. Export the computers of GLPI as CSV, then import the file on the page Import, or run "
        "`jauge inventory import FILE.csv`."
    ),
    "workstations.lead": (
        "{all} workstations, imported on {at}: {old} are {years} years old or older ({ratio}), "
        "and the age of {unknown} is unknown."
    ),
    "workstations.chart": "Age pyramid",
    "workstations.chart.label": "Bar chart of machines by age in completed years; the table beside it holds the same figures.",
    "workstations.undated.none": "The date of purchase of no machine is known: there is no pyramid to draw.",
    "workstations.oldest": "Oldest first",
    "workstations.unknown": "Of unknown age",
    "workstations.more": "The first {n} of {all}.",
    "axis.age": "age, completed years",
    "axis.machines": "machines",
    "targets.title": "Targets",
    "targets.lead": "Targets that are well: {well} of {all}.",
    "targets.none": "The estate names no target yet. Add one under `targets:` and run `jauge check`.",
    "targets.back": "All targets",
    "targets.lost": "The estate names no such target.",
    "targets.tables": "What was asked",
    "targets.tables.none": "It has not been polled yet: the first answer arrives within its interval ({every}).",
    "targets.detail": "Said by the device",
    "targets.stores": "Its stores",
    "targets.explain": "`jauge explain ESTATE {name}` polls it once more, and shows each request and each value.",
    "targets.filtered": "No target is of this choice. Choose another state, or all.",
    "targets.counted": "{what} ({n})",
    "targets.state.failed": "with a failure",
    "targets.state.down": "down",
    "targets.state.late": "late",
    "targets.state.partly": "partly failed",
    "targets.state.never": "not polled yet",
    "targets.state.well": "well",
    "targets.late.silent": "The collector wrote for the last time on {wrote}.",
    "targets.late.silent.do": "Look at the process `jauge run`.",
    "targets.late.running": "The poll that began on {begun} had not ended on {wrote}, when the collector last wrote.",
    "targets.late.running.do": "Where the device answers slowly, give the target a longer `interval` or a shorter `timeout`.",
    "targets.late.long": "Its last poll took {took}, and one is due every {every}.",
    "targets.late.long.do": "Give the target a longer `interval` or a shorter `timeout`.",
    "targets.late.unknown": "Why is not known: its last poll, of {polled}, took {took}.",
    "targets.late.unknown.do": "Look at the collector's load and log, then run `jauge explain`.",
    "targets.named": "Name holds",
    "targets.find": "Find",
    "targets.polled": "The last poll ended on {at} after {took}: {good} of {all} tables answered, and {values} values were made of them.",
    "targets.withheld.all": (
        "{n} row was withheld, as it cannot be true or shares its labels with another.",
        "{n} rows were withheld, as they cannot be true or share their labels with others.",
    ),
    "targets.due": "The next one is due at about {at}.",
    "targets.due.now": "The next one is due.",
    "targets.good": "It answered for the last time on {at}, {span} ago.",
    "targets.good.never": "It has not answered since the collector started.",
    "targets.ways": "How it is asked",
    "targets.way.family": "family {family}, as the estate says",
    "targets.way.found": "what it is, and all that its families know",
    "targets.way.dicom": "C-ECHO from {calling} to {aet}",
    "targets.way.hl7": "a message, and its acknowledgement",
    "targets.way.hl7.silent": "whether it takes a connection",
    "targets.way.host": "this machine itself, without a network",
    "targets.chosen.unknown": "As what it is read is unknown: it has not said what it is.",
    "targets.chosen.declared": "It is read as {family}, as the estate says.",
    "targets.chosen.found": "It is read as {family}.",
    "targets.chosen.sign": "That was found by what it says of itself: its sysObjectID is {sign}.",
    "targets.chosen.objects": "That was found by the objects that it has.",
    "targets.chosen.also": "All families that know some of its objects: {families}.",
    "targets.errors": "Failures since the collector started",
    "targets.retries": (
        "{n} request sent again",
        "{n} requests sent again",
    ),
    "targets.seldom": "asked every {every}",
    "column.protocol": "Protocol",
    "column.port": "Port or address",
    "column.credential": "Credential, by name",
    "column.asked": "Asked for",
    "column.values": "Values",
    "column.reason": "Reason",
    "column.times": "Times",
    "targets.every": "Polled every",
    "targets.address": "Address",
    "targets.product": "Product",
    "targets.version": "Version",
    "targets.withheld": (
        "{n} row withheld",
        "{n} rows withheld",
    ),
    "own.title": "Your own estate",
    "own.lead.demo": "What you see is a demonstration. Four steps replace it by your own machines.",
    "own.lead.real": "These pages show the estate that was given to Jauge. This is how it grows.",
    "own.step1": "Write what exists",
    "own.step1.text": (
        "A file estate.yml names sites, credentials and targets. Secrets stay outside: they come from the "
        "environment or from a file."
    ),
    "own.step2": "Check it",
    "own.step2.text": "Every mistake is shown at once, with its line and column.",
    "own.step3": "Look at one target",
    "own.step3.text": "It polls once and prints; explain says what was asked, what came back, and why anything is missing.",
    "own.step4": "Start it",
    "own.step4.text": (
        "Make the first user, then start the collector, the nightly plan and these pages. Past days come in by "
        "an import, so that forecasts work on the first day."
    ),
}
