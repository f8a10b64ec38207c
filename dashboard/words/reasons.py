"""Why something failed, and what to do."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text

REASONS: Final[dict[str, Text]] = {
    "why.timeout": "no answer in time",
    "do.timeout": "Is it on, and does the firewall let us through?",
    "why.refused": "connection refused",
    "do.refused": "Is the service started, and is the port right?",
    "why.auth_failed": "login refused",
    "do.auth_failed": "Check the credential of the estate.",
    "why.wrong_privacy": "wrong privacy key",
    "do.wrong_privacy": "Check the privacy protocol and key of the credential.",
    "why.not_in_time_window": "clocks too far apart (SNMPv3)",
    "do.not_in_time_window": "Look for two devices with one engine ID, or a device that restarts.",
    "why.unknown_engine": "unknown engine ID (SNMPv3)",
    "do.unknown_engine": "Was the device replaced? Poll it again.",
    "why.host_key_unknown": "host key unknown",
    "do.host_key_unknown": "Compare its key on the host, then accept it with `jauge trust`.",
    "why.host_key_changed": "host key changed",
    "do.host_key_changed": "Stop: find out why before you accept the new key.",
    "why.too_big": "answer too big",
    "do.too_big": "The agent cannot send that much at once; see `jauge explain`.",
    "why.not_increasing": "the agent goes in circles",
    "do.not_increasing": "A fault of the agent: update its firmware.",
    "why.gen_err": "general error of the agent",
    "do.gen_err": "Restart the agent, or ask its maker.",
    "why.empty_answer": "answered, with nothing in it",
    "do.empty_answer": "May this user see that table (SNMP view, rights)?",
    "why.truncated": "answer cut off",
    "do.truncated": "What came before is shown; see `jauge explain`.",
    "why.unparsed": "answer not understood",
    "do.unparsed": "Send the recording of `jauge explain` to those who maintain Jauge.",
    "why.capped": "more rows than allowed",
    "do.capped": "What fits is shown; see `jauge explain`.",
    "why.deadline": "not done in time",
    "do.deadline": "Raise the target's timeout, or ask it for less.",
    "why.tls": "TLS certificate refused",
    "do.tls": "Give its certificate authority under `ca:`.",
    "why.internal": "a fault of Jauge",
    "do.internal": "See the collector's log, and report it.",
    "do.": "Run `jauge explain` on it.",
}
