"""Texts of the committee's file: what the pages do not say already."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text

REPORT: Final[dict[str, Text]] = {
    "report.title": "Steering committee file",
    "report.subtitle": "{hospital}, {day}. Last meeting: {since}.",
    "report.made": "Figures of {at}",
    "report.contents": "Contents",
    "report.today": "today",
    "report.limit": "may be filled",
    "report.more": (
        "And {n} more row, in the workbook.",
        "And {n} more rows, in the workbook.",
    ),
    "report.fault": "{file} cannot be read: what rests on it is missing from this file, and nothing here says that all is well.",
    "report.silent": "The collector has not written for {span}: what is said here of the present is that old.",
    "report.demo": "Demonstration: an invented hospital. Nothing here is a real patient, a real device or a real price.",
    "report.nothing": (
        "Nothing was measured, forecast or imported yet. This file will say more once the collector has polled the estate and a "
        "night has been planned."
    ),
    # --- summary
    "report.summary": "Summary",
    "report.summary.walls": (
        "{n} limit is reached already; the first one to come is {what}, about {day}.",
        "{n} limits are reached already; the first one to come is {what}, about {day}.",
    ),
    "report.summary.walls.none": "No limit is reached; the first one to come is {what}, about {day}.",
    "report.summary.walls.quiet": (
        "{n} limit is reached already; no other one is more likely than not within three years.",
        "{n} limits are reached already; no other one is more likely than not within three years.",
    ),
    "report.summary.walls.clear": "No limit is reached, and none is more likely than not within three years.",
    "report.summary.walls.unknown": "Nothing is known of what will be full or end when: no night was planned yet.",
    # --- runway
    "report.runway": "Runway and first wall",
    "report.runway.dateless": (
        "{n} thing has no date; the workbook says why.",
        "{n} things have no date; the workbook says why of each.",
    ),
    "report.runway.dateless.table": "Without a date",
    "report.runway.chart": "Walls to come, from the early date to the late one",
    "report.runway.chart.said": "Line of time of {n} walls; the table below has the same dates.",
    "report.early": "Early",
    "report.late": "Late",
    # --- capacity
    "report.capacity": "Capacity by system",
    "report.capacity.lead": (
        "{n} store is watched: {used} are used of {size} whose size is known.",
        "{n} stores are watched: {used} are used of {size} whose size is known.",
    ),
    "report.capacity.unsized": (
        "The size of {n} of them is not known.",
        "The size of {n} of them is not known.",
    ),
    "report.capacity.unknown": "No store was measured yet.",
    "report.capacity.table": "Storage by system",
    "report.system": "System",
    "report.stores": "Stores",
    "report.first": "First to be full",
    "report.system.other": "no role declared",
    "report.capacity.worst": "Stores that are full first",
    "report.growth": "{thing}: used, and forecast",
    "report.growth.said": (
        "Curve of what was used, and of the forecast with its band, in {unit}. It held {used} on {last}. Measured from {first} to "
        "{last}; {gaps}."
    ),
    "report.growth.window": "Measured from {first} to {last}; {gaps}. The band holds 8 chances in 10.",
    "report.growth.gaps": (
        "{n} day without a measurement is left blank",
        "{n} days without a measurement are left blank",
    ),
    "report.growth.whole": "no day is missing",
}
