"""Studies of today and yesterday, counted by C-FIND at study level (DICOM PS3.4, C.4.1).

The query has a range of dates and asks for date and modalities: no key of a patient is ever in it, nor one that
names a study. Answers are counted as they come and kept no longer.
"""

from __future__ import annotations

import dataclasses
import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydicom.dataset import Dataset

from collectors.dicom.associations import ABORTED, BYTES_LIMIT, Exchange, RefusalError, associated, broken
from collectors.documents import label
from collectors.modalities import MOST, OTHER, code
from collectors.poll import PollError, Reading, Step, Trace
from inventory.estate import Dicom
from inventory.metrics import Reason, Sample, labels

STUDY_ROOT_FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"
"""Study Root Query/Retrieve Information Model - FIND, DICOM PS3.6."""

FAREWELL: Final = 2.0
"""Seconds in which an archive has to heed a C-CANCEL."""

UNANSWERED: Final = (ABORTED, "aborted_by_peer_no_reason")
"""How an association ends of which an archive does not like the request."""

_DAY: Final = re.compile(r"[0-9]{8}")
_PENDING: Final = (0xFF00, 0xFF01)
_MESSAGE: Final = 1


@dataclasses.dataclass
class Tally:
    """What answers add up to: studies by day, and by day and modality."""

    studies: Counter[str] = dataclasses.field(default_factory=Counter)
    modalities: Counter[tuple[str, str]] = dataclasses.field(default_factory=Counter)
    nameless: int = 0
    answers: int = 0

    def add(self, answer: Any, days: dict[str, str]) -> None:
        """Count one answer. Raises PollError where it is of another day than was asked for."""
        self.answers += 1
        told = str(answer.get("StudyDate") or "").strip()
        day = days.get(told)
        if day is None:
            words = "of another day" if _DAY.fullmatch(told) else "without a date"
            raise PollError("unparsed", f"the archive does not match by StudyDate: it sent a study {words}")
        self.studies[day] += 1
        held = _modalities(answer.get("ModalitiesInStudy"))
        self.nameless += not held
        for modality in held:
            known = len(self.modalities) < 2 * MOST or (day, modality) in self.modalities
            self.modalities[day, modality if known else OTHER] += 1


def _modalities(value: Any) -> set[str]:
    """The modalities of a study."""
    listed = [value] if isinstance(value, str) else list(value or ())
    return {code(word) for word in map(str, listed[:MOST]) if word.strip()}


def query(today: date) -> Dataset:
    """What is asked: date and modalities of the studies of a day and the one before it."""
    wanted = Dataset()
    wanted.QueryRetrieveLevel = "STUDY"
    wanted.StudyDate = f"{today - timedelta(days=1):%Y%m%d}-{today:%Y%m%d}"
    wanted.ModalitiesInStudy = ""
    return wanted


def count(address: str, where: str, access: Dicom, zone: str, end: float, trace: Trace) -> Reading:
    """Count the studies of today and yesterday, by the calendar of the estate. Raises PollError."""
    start = time.monotonic()
    today = datetime.now(ZoneInfo(zone)).date()
    outcome = "no answer"
    try:
        tally = _asked(address, where, access, today, Exchange(end, _bytes(access)))
        outcome = f"{tally.answers} studies"
    except PollError as error:
        outcome = str(error)
        raise
    finally:
        asked = f"C-FIND {access.calling} -> {access.aet} at {where} port {access.port}: dates and modalities"
        trace(Step(asked, outcome, time.monotonic() - start))
    return _reading(access, tally)


def _reading(access: Dicom, tally: Tally) -> Reading:
    aet = label(access.aet)
    samples = [
        Sample("jauge_pacs_recent_studies", float(tally.studies[day]), labels(aet=aet, day=day))
        for day in ("today", "yesterday")
    ]
    notes: tuple[str, ...] = ()
    if tally.nameless:
        # A part would look like the whole.
        notes = (f"{tally.nameless} studies came without ModalitiesInStudy: none is counted by modality",)
    else:
        samples += [
            Sample(
                "jauge_pacs_recent_modality_studies",
                float(number),
                labels(aet=aet, day=day, modality=modality),
            )
            for (day, modality), number in sorted(tally.modalities.items())
        ]
    reading = Reading.of(samples, rows=tally.answers)
    return dataclasses.replace(reading, notes=notes)


def _asked(address: str, where: str, access: Dicom, today: date, exchange: Exchange) -> Tally:
    """The tally of all answers. Raises PollError where they are not all that there is."""
    days = {f"{today:%Y%m%d}": "today", f"{today - timedelta(days=1):%Y%m%d}": "yesterday"}
    limit = access.counts.limit if access.counts else 0
    tally = Tally()
    try:
        with associated(address, where, access, STUDY_ROOT_FIND, exchange) as association:
            answers = association.send_c_find(query(today), STUDY_ROOT_FIND, msg_id=_MESSAGE)
            for status, answer in answers:
                association.dimse_timeout = exchange.left()
                if "Status" not in status:
                    break
                if status.Status not in _PENDING:
                    return _ended(tally, status.Status)
                if answer is None:
                    raise PollError("unparsed", "an answer to C-FIND cannot be read")
                if tally.answers >= limit or exchange.late:
                    raise _stopped(association, answers, exchange, limit)
                tally.add(answer, days)
    except RefusalError as refusal:
        raise PollError("refused", f"no association for C-FIND: {refusal.cause}") from None
    if exchange.cause is not None:
        if tally.answers == 0 and exchange.cause in UNANSWERED:
            # Orthanc does so with whoever it does not know, though it answers their echo.
            said = f"the archive ended C-FIND before any answer ({exchange.cause})"
            hint = f"may {access.calling} query it? Orthanc: DicomModalities, or DicomAlwaysAllowFind"
            raise PollError("auth_failed", f"{said}: {hint}")
        raise PollError("truncated", f"the archive ended C-FIND: {exchange.cause}")
    raise broken(exchange, f"C-FIND was not answered to its end, after {tally.answers} studies")


def _bytes(access: Dicom) -> int:
    """What an answer of date and modalities takes, for as many as are counted, twice over."""
    return BYTES_LIMIT + 1024 * (access.counts.limit if access.counts else 0)


def _ended(tally: Tally, status: int) -> Tally:
    if status == 0x0000:
        return tally
    words = {
        0xA700: "out of resources",
        0xA900: "it does not take these keys",
        0x0122: "it has no such service",
        0x0124: "not authorized",
        0xB001: "it has a limit of answers, and more studies",
        0xFE00: "it stopped by itself",
    }.get(status, "unable to process" if 0xC000 <= status <= 0xCFFF else "an error")
    reason: Reason = (
        "capped" if status in (0xB001, 0xFE00) else "auth_failed" if status == 0x0124 else "unparsed"
    )
    raise PollError(reason, f"C-FIND ended with status {status:04X}H after {tally.answers} studies: {words}")


def _stopped(association: Any, answers: Iterator[Any], exchange: Exchange, limit: int) -> PollError:
    """Tell the archive to stop (C-CANCEL), and hear what is under way: an archive that goes on is left."""
    late = exchange.late
    association.send_c_cancel(_MESSAGE, query_model=STUDY_ROOT_FIND)
    patience = min(exchange.end, time.monotonic() + FAREWELL)
    for status, _ in answers:
        if "Status" not in status or status.Status not in _PENDING:
            break
        if time.monotonic() > patience:
            association.abort()
            break
    if late:
        return PollError("deadline", "C-FIND was not answered to its end in time")
    return PollError("capped", f"more than {limit} studies in two days: raise dicom.counts.limit")
