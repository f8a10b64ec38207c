"""The message that a listener gets, and what its acknowledgement says (HL7 v2.5, chapter 2). Pure.

Of an acknowledgement the code is read, and that it answers our message; nothing else is kept or shown.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from collectors.poll import PollError
from inventory.estate import Hl7Message

CODES: Final = ("AA", "AE", "AR", "CA", "CE", "CR")
"""Acknowledgment codes (MSA-1, HL7 table 0008): accepted, error, rejected; by the application, or on commit."""

_SEPARATORS: Final = "|^~\\&"
_LINE: Final = re.compile(r"[\r\n]+")


def build(rules: Hl7Message, control: str, now: datetime) -> bytes:
    """A message of its head and administrative segments. `control` is its control ID (MSH-10)."""
    fields = (
        f"MSH{_SEPARATORS}",
        rules.sending,
        rules.sending_facility or "",
        rules.receiving or "",
        rules.receiving_facility or "",
        now.strftime("%Y%m%d%H%M%S"),
        "",
        rules.type,
        control,
        rules.processing,
        rules.version,
        *(("", "", "AL", "NE") if rules.enhanced else ()),
    )
    return "".join(f"{segment}\r" for segment in ("|".join(fields), *rules.segments)).encode("ascii")


def code(block: bytes, control: str) -> str:
    """The code of an acknowledgement (MSA-1). Raises PollError where it is none, or answers another message."""
    segments = [line for line in _LINE.split(block.decode("latin-1")) if line]
    head = segments[0] if segments else ""
    if not head.startswith("MSH") or len(head) < 8 or head[3].isalnum():
        raise PollError("unparsed", "the answer is no HL7 message: it does not start with MSH")
    separator = head[3]
    found = [line.split(separator) for line in segments if line.startswith(f"MSA{separator}")]
    if len(found) != 1:
        raise PollError("unparsed", f"the answer acknowledges nothing: it has {len(found)} segments MSA")
    fields: list[str] = [*found[0], "", ""]
    if fields[1] not in CODES:
        raise PollError("unparsed", "the acknowledgement (MSA-1) has no code of HL7 table 0008")
    if fields[2] != control:
        raise PollError("unparsed", "the acknowledgement is not for our message: MSA-2 is another control ID")
    return fields[1]
