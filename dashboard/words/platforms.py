"""Texts of platforms: message engines, telephony, virtual desktops, databases."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text

PLATFORMS: Final[dict[str, Text]] = {
    "platforms.title": "Platforms",
    "platforms.empty": (
        "No platform is known: no message engine, exchange, virtual desktop or database was read in the last 30 days. "
        "`jauge check` says what each target is asked, and the page Targets what answered."
    ),
    "platforms.messages": "Message engines",
    "platforms.messages.well": "Every channel runs, and no message waits for longer than {span}.",
    "platforms.messages.known": "No channel is known to be down, and no message to wait for longer than {span}.",
    "platforms.messages.mute": "Whether it runs is not told of {n} of {all}.",
    "platforms.messages.untimed": "For how long messages wait is not told of {n} of {all}.",
    "platforms.messages.bad": "Channels that are down: {down}; with a message that waits for longer than {span}: {late}. Of {all} in all.",
    "platforms.listeners": "HL7 listeners",
    "platforms.telephony": "Telephony",
    "platforms.phones": "Telephones and gateways",
    "platforms.desktops": "Virtual desktops",
    "platforms.databases": "Databases",
    "platforms.copies": "Copies of databases",
    "platforms.dumps": "Backups that databases tell",
    "platforms.used.well": "Nothing here is used to {share} or more.",
    "platforms.used.bad": "Used up: {over}; used to {share} or more: {tight}; of {all} in all.",
    "platforms.used.untold": "Of {n} nobody tells how many there are, so nothing is said of them.",
    "platforms.phones.lead": "Devices that are known and not registered: {n}.",
    "platforms.copies.lead": "The copy that is furthest behind: {span}.",
    "platforms.dumps.lead": "The oldest last backup: {span} ago. The page of backups judges them by what was promised.",
    "platforms.every": "Show all",
    "platforms.all": "All platforms",
    "platforms.more": "The first {n} of {all}, worst first.",
    "use.calls": "calls",
    "use.trunk": "trunk channels",
    "use.media": "media resources",
    "use.desktops": "desktops",
    "use.connections": "connections",
    "use.tablespace": "tablespace",
    "column.channel": "Channel or queue",
    "column.waiting": "Waiting",
    "column.oldest": "Oldest waits",
    "column.acknowledged": "Acknowledged by",
    "column.of": "What",
    "column.now": "In use now",
    "column.there": "There are",
    "column.registered": "Registered",
    "column.unregistered": "Not registered",
    "column.copy": "Copy",
    "column.lag": "Behind by",
    "column.database": "Database",
    "column.backups": "Last backups",
    "copy.itself": "the server itself",
    "dump.full": "full",
    "dump.differential": "differential",
    "dump.log": "log",
    "state.tight": "nearly used up",
}
