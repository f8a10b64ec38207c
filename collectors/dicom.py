"""Whether a PACS answers: one association and one C-ECHO (pynetdicom). No patient key is ever asked for."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from pynetdicom import AE, evt

from collectors.documents import label
from collectors.poll import PollError, Reading, Step, Table, Trace, attempt
from inventory.estate import Dicom, Estate, Target
from inventory.metrics import Sample, labels

VERIFICATION: Final = "1.2.840.10008.1.1"
"""Verification SOP Class, DICOM PS3.6."""

REJECTIONS: Final = {
    (1, 1): "no_reason_given",
    (1, 2): "application_context_not_supported",
    (1, 3): "calling_aet_not_recognized",
    (1, 7): "called_aet_not_recognized",
    (2, 1): "no_reason_given",
    (2, 2): "protocol_version_not_supported",
    (3, 1): "temporary_congestion",
    (3, 2): "local_limit_exceeded",
}
"""Source and reason of an A-ASSOCIATE-RJ in words (DICOM PS3.8, table 9-21)."""

ABORTED: Final = "aborted"
NO_CONTEXT: Final = "verification_not_supported"
OTHER: Final = "other"

_executor = ThreadPoolExecutor(32, thread_name_prefix="dicom")
logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)


async def poll(target: Target, _estate: Estate, trace: Trace) -> tuple[list[Table], dict[str, str]]:
    """Ask the application entity of a target for an echo: one table. Never raises."""
    access = target.dicom
    if access is None:
        return [], {}
    loop = asyncio.get_running_loop()
    ask = functools.partial(_ask, target.where, access, target.patience, trace)

    async def read() -> Reading:
        return await loop.run_in_executor(_executor, ask)

    return [await attempt("echo", read)], {}


class _Exchange:
    """What was seen of one association, as its events tell."""

    def __init__(self, end: float) -> None:
        self.end = end
        self.connected = self.accepted = self.aborted = False
        self.rejected: str | None = None

    def left(self) -> float:
        return max(0.05, self.end - time.monotonic())

    def connect(self, event: Any) -> None:
        self.connected = True
        event.assoc.acse_timeout = event.assoc.network_timeout = self.left()

    def receive(self, event: Any) -> None:
        self.accepted |= event.pdu.pdu_type == 0x02
        self.aborted |= event.pdu.pdu_type == 0x07
        if event.pdu.pdu_type == 0x03:
            # Kept here: a peer that hangs up at once makes pynetdicom forget now and then that it rejected.
            self.rejected = REJECTIONS.get((event.pdu.source, event.pdu.reason_diagnostic), OTHER)


def _ask(where: str, access: Dicom, patience: float, trace: Trace) -> Reading:
    start = time.monotonic()
    exchange = _Exchange(start + patience)
    outcome = "no answer"
    try:
        success, cause = _echo(where, access, exchange)
        outcome = "success" if success else f"no success: {cause}"
    except PollError as error:
        outcome = str(error)
        raise
    finally:
        asked = f"C-ECHO {access.calling} -> {access.aet} at {where} port {access.port}"
        trace(Step(asked, outcome, time.monotonic() - start))
    aet = labels(aet=label(access.aet))
    samples = [Sample("jauge_dicom_echo_success", float(success), aet)]
    if success:
        samples.append(Sample("jauge_dicom_echo_duration_seconds", time.monotonic() - start, aet))
    elif cause:
        pairs = labels(aet=label(access.aet), cause=cause)
        samples.append(Sample("jauge_dicom_associations_rejected", 1.0, pairs))
    return Reading.of(samples)


def _echo(where: str, access: Dicom, exchange: _Exchange) -> tuple[bool, str]:
    """Success, or the cause that the peer gave. Raises PollError where it gave none."""
    entity = AE(ae_title=access.calling)
    entity.add_requested_context(VERIFICATION)
    entity.connection_timeout = entity.acse_timeout = exchange.left()
    entity.dimse_timeout = entity.network_timeout = exchange.left()
    handlers: list[Any] = [(evt.EVT_CONN_OPEN, exchange.connect), (evt.EVT_PDU_RECV, exchange.receive)]
    association = entity.associate(where, access.port, ae_title=access.aet, evt_handlers=handlers)
    if exchange.rejected is not None:
        return False, exchange.rejected
    if not association.is_established:
        return False, _unestablished(exchange, where, access.port)
    try:
        association.dimse_timeout = exchange.left()
        status = association.send_c_echo()
    finally:
        if association.is_established:
            association.release()
    if "Status" in status:
        return status.Status == 0x0000, ""
    if exchange.aborted:
        return False, ABORTED
    raise _silent(exchange, "the association stood, C-ECHO was not answered")


def _unestablished(exchange: _Exchange, where: str, port: int) -> str:
    if exchange.aborted:
        return ABORTED
    if exchange.accepted:
        return NO_CONTEXT
    if not exchange.connected and time.monotonic() < exchange.end - 0.1:
        raise PollError("refused", f"{where} port {port} does not take the connection")
    raise _silent(exchange, f"{where} port {port} did not answer the association")


def _silent(exchange: _Exchange, detail: str) -> PollError:
    late = time.monotonic() >= exchange.end - 0.1
    return PollError("timeout", detail) if late else PollError("empty_answer", f"{detail} and hung up")
