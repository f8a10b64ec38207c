"""Texts of how long machines last: what that is learnt from, and the curves."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text

LIVES: Final[dict[str, Text]] = {
    "lives.title": "How long models last",
    "lives.learnt": "How long machines last is learnt from the imports of {since} to {until}: {failures} of {machines} ({years} machine-years watched).",
    "lives.failures": (
        "{n} failure",
        "{n} failures",
    ),
    "lives.machines": (
        "{n} machine",
        "{n} machines",
    ),
    "lives.few": "So few failures tell little: see how wide the bands are.",
    "lives.none": (
        "No failure was told: what is counted with is half a failure in as many years again. Where the inventory calls what failed by "
        "another name, nobody knows."
    ),
    "lives.own": (
        "For {n} model the curve is mostly its own.",
        "For {n} models the curve is mostly their own.",
    ),
    "lives.maker": (
        "For {n} model the curve is mostly that of its maker.",
        "For {n} models the curve is mostly that of their maker.",
    ),
    "lives.all": (
        "For {n} model the curve is mostly that of all makers.",
        "For {n} models the curve is mostly that of all makers.",
    ),
    "lives.assumed": (
        "How long machines last is assumed, and not learnt: 3 in 100 fail in their second year, and 8 in 100 in their sixth. No imports of "
        "two days could say that a machine failed whose date of purchase is known."
    ),
    "lives.and": "; ",
    "lives.left": "Left out: {what}.",
    "lives.left.untold": "{n} of which no import could say that they failed",
    "lives.left.undated": "{n} without a date of purchase",
    "lives.left.later": "{n} first seen after that day",
    "lives.left.impossible": "{n} gone before they were bought, or older than 30 years",
    "lives.left.brief": "{n} seen on one day only",
    "lives.computing": "How long models last is being computed: this page shows it then by itself.",
    "lives.stale": "Something has changed since: this is being computed anew.",
    "lives.more": "The {n} models of which most machines were watched; there are {more} more.",
    "lives.model": "{failures} of {machines} that were watched ({years} machine-years).",
    "lives.unwatched": "No machine of this model was watched.",
    "lives.begun": "Shares are of the machines that were {age} years old: nobody saw younger ones.",
    "lives.beyond": (
        "None was watched that was older than {age} years: from there on the curve goes by its shape, and its band knows of no wear that begins later."
    ),
    "lives.ahead": (
        "Imports tell of {span} so far: years further ahead than that go by the shape of the curves, and their bands may be too narrow."
    ),
    "lives.rests.own": "The curve is mostly its own: these failures weigh {own}.",
    "lives.rests.maker": "The curve is mostly that of its maker: these failures weigh {own}.",
    "lives.rests.all": "The curve is mostly that of all makers: these failures weigh {own}.",
    "lives.chart.label": (
        "Share of the machines of {model} alive by age: steps as seen, and the curve that plans count with, with its band; the "
        "table holds the same figures."
    ),
    "lives.ages": "Alive by age",
    "lives.whose.own": "mostly its own",
    "lives.whose.maker": "mostly its maker's",
    "lives.whose.all": "mostly that of all makers",
    "lives.between": "{low} to {high}",
    "lives.few.short": "few",
    "column.watched": "Watched",
    "column.machine_years": "Machine-years",
    "column.curve": "Curve",
    "column.ages": "At ages (years)",
    "column.fails": "Fails at 3 to 4 years",
    "column.seen_alive": "Seen (95 %)",
    "column.counted_alive": "Counted with (80 %)",
    "trace.seen": "seen (Kaplan-Meier)",
    "trace.curve.own": "counted with: mostly its own",
    "trace.curve.maker": "counted with: mostly its maker's",
    "trace.curve.all": "counted with: mostly that of all makers",
    "trace.watched": "watched until here",
    "axis.years": "age, years",
    "axis.alive": "alive, %",
}
