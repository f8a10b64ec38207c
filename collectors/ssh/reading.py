"""What is made of the answer of one command: samples, and why any are missing."""

from __future__ import annotations

from typing import Final

from collectors import documents
from collectors.commands import Parse
from collectors.poll import PollError, Reading
from collectors.ssh.batch import Answer

LINES_LIMIT: Final = 20_000
"""No command that is read here has more to say; so many short lines would cost far more memory than bytes."""

_KEPT: Final = ("series", "values", "rows", "withheld", "notes")


def interpret(answer: Answer, parse: Parse) -> Reading:
    """The reading of one answer. What stands before a break is kept, whole lines only, and the break told."""
    failure = answer.broken or _failure(answer)
    output = answer.output
    if output.count("\n") > LINES_LIMIT:
        raise failure or PollError("truncated", f"more than {LINES_LIMIT} lines of output")
    if answer.broken:
        output = output[: output.rfind("\n") + 1]
    try:
        found = parse(output)
        reading = found if isinstance(found, Reading) else Reading.of(found)
    except PollError as error:
        raise failure or error from None
    if failure is not None and not reading.series:
        raise failure
    return Reading(**{name: getattr(reading, name) for name in _KEPT}, partial=failure)


def _failure(answer: Answer) -> PollError | None:
    if answer.status == 0:
        return None
    said = next((line for line in answer.errors.splitlines() if line.strip()), "")
    detail = f"exit status {answer.status}" + (f": {documents.legible(said, 200)}" if said else "")
    if answer.status == 127:
        detail = f"command not found ({detail})"
    return PollError("unparsed" if answer.output.strip() else "empty_answer", detail)
