"""Texts of what belongs to whoever looks: the tokens of their programs."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text

ACCOUNT: Final[dict[str, Text]] = {
    "account.title": "Your account",
    "account.lead": "You are logged in as {name}, {role}.",
    "account.demo": "Nobody logs in to the demonstration, and nobody has tokens there: programs read it without one.",
    "account.elsewhere": (
        "A token belongs to a user of Jauge itself, and you are known elsewhere. Ask an administrator for one: "
        "`jauge token create`."
    ),
    "account.tokens": "Your tokens",
    "account.tokens.note": "A program reads with a token what the pages show you: `/api/v1`. Whoever holds it may read what its role may.",
    "account.make": "Make a token",
    "account.name": "What it is for",
    "account.role": "What it may read as",
    "account.until": "Its last day, as year-month-day, {last} at the latest",
    "account.end.of": "End: token {mark}",
    "account.done.ended": "The token was ended: it opens nothing any more.",
    "account.refused.user": "No token was made: you are no user of Jauge itself.",
    "account.refused.role": "No token was made: it may not do more than you.",
    "account.refused.until": "No token was made: its last day is today or one of the {days} days after it, written as year-month-day.",
    "account.refused.name": "No token was made: say what it is for, in one line of at most {longest} characters.",
    "account.refused.many": "No token was made: you have {most} already. End one first.",
    "account.refused.again": "No second token was made: this form made one already. It was shown then; if you did not keep it, end it.",
    "account.refused.gone": "Nothing was changed: you have no such token.",
    "account.shown.title": "Your token",
    "account.shown.said": "Copy it now, to where secrets are kept: it is shown this once.",
    "account.shown.label": "Token",
    "account.shown.way": "Back to your account",
    "column.made on": "Made on",
}
