"""C-ECHO (DICOM PS3.7, 9.1.5): whether an application entity answers, and why it does not."""

from __future__ import annotations

import time
from typing import Final

from collectors import tls
from collectors.dicom.associations import Exchange, RefusalError, associated, broken
from collectors.documents import label
from collectors.poll import PollError, Reading, Step, Trace
from inventory.estate import Dicom
from inventory.metrics import Sample, labels

VERIFICATION: Final = "1.2.840.10008.1.1"
"""Verification SOP Class, DICOM PS3.6."""


def echo(address: str, where: str, access: Dicom, end: float, trace: Trace) -> Reading:
    """Ask for an echo. Raises PollError where nothing was said in DICOM."""
    start = time.monotonic()
    outcome = "no answer"
    cause = ""
    success = False
    exchange = Exchange(end)
    try:
        success = _asked(address, where, access, exchange)
        outcome = "success" if success else "answered without success"
    except RefusalError as refusal:
        cause = refusal.cause
        outcome = f"no success: {cause}"
    except PollError as error:
        outcome = str(error)
        raise
    finally:
        over = " over TLS" if access.tls else ""
        asked = f"C-ECHO {access.calling} -> {access.aet} at {where} port {access.port}{over}"
        trace(Step(asked, outcome, time.monotonic() - start))
    found = _samples(access, success, cause, time.monotonic() - start)
    if exchange.certificate is not None:
        found.append(Sample(tls.END, exchange.certificate, labels(kind="dicom")))
    return Reading.of(found)


def _samples(access: Dicom, success: bool, cause: str, seconds: float) -> list[Sample]:
    aet = labels(aet=label(access.aet))
    found = [Sample("jauge_dicom_echo_success", float(success), aet)]
    if success:
        found.append(Sample("jauge_dicom_echo_duration_seconds", seconds, aet))
    elif cause:
        pairs = labels(aet=label(access.aet), reason=cause)
        found.append(Sample("jauge_dicom_association_rejected", 1.0, pairs))
    return found


def _asked(address: str, where: str, access: Dicom, exchange: Exchange) -> bool:
    with associated(address, where, access, VERIFICATION, exchange) as association:
        status = association.send_c_echo()
    if "Status" in status:
        return bool(status.Status == 0x0000)
    if exchange.cause is not None:
        raise RefusalError(exchange.cause)
    raise broken(exchange, "the association stood, C-ECHO was not answered")
