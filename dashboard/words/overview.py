"""Texts of the overview."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text

OVERVIEW: Final[dict[str, Text]] = {
    "overview.title": "Overview",
    "state.lying": "untrue",
    "state.ended": "out of support",
    "overview.down": "Down",
    "overview.late": "Late",
    "overview.unprotected": "Backups late or untrue",
    "overview.full": "Full within {days} days",
    "overview.short": "Cannot lose a node",
    "overview.ended": "Out of support",
    "overview.of": "of {n}",
    "overview.list": "What needs attention, worst first",
    "overview.more": "and {n} more",
    "overview.notices": "Who was told, and who has it",
    "overview.runway": "The whole runway",
    "overview.well": "Nothing is down, late, unprotected, out of support or full within {days} days, and every cluster can lose a node.",
    "overview.short.why": "without its largest node the other ones would have to carry {ratio} of what they hold ({what})",
    "overview.ended.why": "{system}: its maker's support ended on {day}",
    "overview.ended.undated": "{system}: its maker's support has ended",
    "overview.ended.machines": (
        "{n} workstation of {all} is out of support",
        "{n} workstations of {all} are out of support",
    ),
    "overview.untargeted": "The estate names no target yet. Add one under `targets:`, run `jauge check`, then start `jauge run`.",
    "overview.empty": (
        "The collector has not polled anything yet. Start `jauge run` with your estate file; "
        "the first answers arrive within a minute."
    ),
    "overview.down.why": "nothing read for {span}",
    "overview.down.never": "has never answered",
    "overview.late.why": "last answer {span} ago, expected every {every}",
    "overview.late.because": "last answer {span} ago, expected every {every}. {why}",
    "overview.partly.why": "{tables} failed",
    "overview.unprotected.why": "last restore point {age} old, promised {rpo}",
    "overview.unprotected.never": "no restore point was ever seen, promised every {rpo}",
    "overview.full.why": "full about {day}, in {span}",
    "overview.over.why": "holds {used} of the {limit} that it may",
    "overview.do.order": "Order the extension by {day}.",
    "overview.do.order.now": "Should have been ordered by {day}: order the extension now.",
    "overview.do.enlarge": "Enlarge it inside {pool} by {day}.",
    "overview.do.pool": "Its pool {pool} is full first: make room in it, or order for it.",
    "overview.do.full": "Plan an extension or a purge; give its lead_time to see by when.",
    "overview.do.short": "Move machines off it, or add a node: until then the loss of one stops others.",
    "overview.do.ended": "Upgrade or replace it; buy extended support where its maker sells it.",
    "overview.do.ended.machines": "Look at those in care first, then at the renewal plan.",
    "overview.do.over": "Free space now, or extend it.",
}
