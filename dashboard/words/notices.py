"""Texts of notices: messages that tell them, the page that lists them, and whom they go to."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text

NOTICES: Final[dict[str, Text]] = {
    "notices.kind.order": "To be ordered",
    "notices.kind.deadline": "Ends of support, licences and contracts",
    "notices.kind.full": "Full",
    "notices.kind.backup": "Backups late or untrue",
    "notices.kind.unprotected": "In no backup job",
    "notices.kind.silent": "Without an answer",
    "notices.kind.own": "Jauge itself",
    "notices.wall.why": "about {day}. {cause}",
    "notices.full.why": "has reached its limit. {cause}",
    "notices.over.why": "since {day}. {cause}",
    "notices.do.order": "Order by {day}.",
    "notices.do.decide": "Decide what takes its place.",
    "notices.alone.why": "stands in no backup job; {target} is it, or lists it",
    "notices.alone.do": "Add it to a job, or say in the estate why it needs none.",
    "notices.own.thing": "Jauge",
    "notices.own.collector": "the collector has not written for {span}: nothing new is known of the targets",
    "notices.own.planner": "the planner has not run for {span}: the dates are old",
    "notices.own.file": "{name} cannot be read: what rests on it is missing from the pages",
    "notices.own.log": "the audit log was tampered with",
    "notices.own.delivery": "messages to {name} are refused",
    "notices.own.do.collector": "Look at the process jauge run.",
    "notices.own.do.planner": "Run jauge plan, and look at what it says.",
    "notices.own.do.file": "Look at the log of the dashboard, and put back a copy of the file.",
    "notices.own.do.log": "Run jauge audit: it says at which row.",
    "notices.own.do.delivery": "Correct the address, or the credential.",
    "notices.mail.subject": ("{hospital}: {n} thing needs somebody", "{hospital}: {n} things need somebody"),
    "notices.mail.lead": (
        "{n} thing needs somebody, and was not told you before.",
        "{n} things need somebody, and were not told you before.",
    ),
    "notices.mail.next": "Next: {todo}",
    "notices.mail.more": ("and {n} more", "and {n} more"),
    "notices.mail.open": (
        "{n} that you were told of before is still open.",
        "{n} that you were told of before are still open.",
    ),
    "notices.mail.all": "All notices",
    "notices.mail.why": "Jauge sends you this because you are known to it as {role}. Each thing is told once, until it is over and comes again.",
    "notices.report.subject": "{hospital}: the committee's file of {day}",
    "notices.report.text": "The committee's file of {day} is attached. It tells what changed since {since}.",
}
