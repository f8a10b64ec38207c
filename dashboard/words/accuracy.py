"""Texts on how the forecasts turned out."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text

ACCURACY: Final[dict[str, Text]] = {
    "accuracy.title": "Accuracy of the forecasts",
    "accuracy.none": "No forecast was made yet. `jauge plan` makes them every night; the first can be judged a week later.",
    "accuracy.waiting": "The first forecasts were made on {first}. They come due on {due} and are judged on {scored}.",
    "accuracy.lead": (
        "{scored} forecasts made since {first} have come due: {held80} of them lay inside the band that should hold 80%, "
        "{held95} inside the one that should hold 95%."
    ),
    "accuracy.damaged": (
        "{n} night is damaged in the file and was not judged.",
        "{n} nights are damaged in the file and were not judged.",
    ),
    "accuracy.kindless": "no store (processors, memory, sessions …)",
    "accuracy.by": "Told apart by",
    "accuracy.table": "What held",
    "accuracy.part": "{part} of {whole}",
    "accuracy.chart": "Held inside the 80% band, by month due",
    "accuracy.chart.label": "Chart of the share of forecasts inside their 80% band, by month; the table below holds the same figures.",
    "accuracy.chart.text": (
        "A line above 80% means bands that are too wide, below it bands that are too narrow. Nights that follow each other "
        "share most of what happens: a month of forecasts a year ahead is little more than one observation a store."
    ),
    "accuracy.should": "should be 80%",
    "accuracy.worst": "The worst misses of the last year",
    "accuracy.worst.text": "The worst forecast of each, by its share of what was held on the day it was made.",
    "accuracy.worst.none": "Every forecast stayed inside its 80% band.",
    "accuracy.method": "How this is counted",
    "accuracy.method.1": (
        "Every night the forecast of every store is frozen at 7, 30, 90, 180 and 365 days ahead: the central value, both "
        "bands, the size that may be planned with and the dates. Nobody can change it afterwards, and a checksum tells "
        "whether the disk did."
    ),
    "accuracy.method.2": (
        "It is judged once, five days after its day, against the value of that day. A glitch that came back by then is left "
        "out, as forecasts are of the level without glitches. Up to four days without a value are bridged; a longer gap, or "
        "a store that is gone, is counted as not judged."
    ),
    "accuracy.method.3": (
        "The mean miss is that of the central value, as a share of the level on the day of the forecast; one forecast counts "
        "for 100% at most. A missed date is a limit that was reached within the horizon although no date had said so; a "
        "false one is a date that was said and was not reached. Both are held against the size of the day of the forecast."
    ),
    "accuracy.method.4": (
        "Nothing is left out because something happened in between: a jump, a purge, an extension, a committed scenario, a "
        "glitch on the night itself. It is told apart instead (see the choice above the table)."
    ),
    "accuracy.method.5": (
        "The bands learn from this: each side, for each kind of store and horizon, is multiplied by what it would have "
        "needed. Few stores, and nights that overlap, say less than their number: below some tens of stores a share may be "
        "off by ten points by chance alone."
    ),
    "axis.held": "held, %",
    "horizon": "{days} days",
    "column.horizon": "Ahead",
    "column.scored": "Judged",
    "column.in80": "Inside 80%",
    "column.in95": "Inside 95%",
    "column.off": "Mean miss",
    "column.missed": "Missed dates",
    "column.false": "False dates",
    "column.due": "Came due",
    "column.said": "Said",
    "column.came": "Came",
    "column.by": "Off by",
    "column.role": "Role of the target",
    "column.month": "Month",
    "column.ahead.7": "7 days ahead",
    "column.ahead.30": "30 days ahead",
    "column.ahead.90": "90 days ahead",
    "column.ahead.180": "180 days ahead",
    "column.ahead.365": "365 days ahead",
    "age.young": "under 90 days of history",
    "age.months": "90 to 365 days",
    "age.years": "over a year",
    "event.some": "something happened in between",
    "event.none": "nothing happened in between",
    "record.held.one": "One forecast of {horizon} days came due; held: {held}{ratio}.",
    "record.held": "Of {scored} forecasts of {horizon} days that came due, {held} held{ratio}.",
    "record.unscored": (
        "{n} more could not be judged: there was no value.",
        "{n} more could not be judged: there was no value.",
    ),
    "record.wrong": "It was wrong on {day} by {share}: {why}.",
    "record.rise": "{size} came at once on {day}",
    "record.fall": "{size} went at once on {day}",
    "record.extended": "the size was extended in between",
    "record.reduced": "the size was reduced in between",
    "record.committed": "a committed scenario began in between",
    "record.misread": "it set out from a glitch",
    "record.nothing": "nothing known came in between",
    "record.and": "; ",
}
