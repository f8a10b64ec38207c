"""Associations with a peer that may answer anything, or nothing: bounded in time and bytes, failures by their phase."""

from __future__ import annotations

import contextlib
import logging
import ssl
import time
from collections.abc import Iterator
from typing import Any, Final

from pynetdicom import AE, evt

from collectors import tls
from collectors.poll import PollError
from inventory.estate import Dicom

REJECTIONS: Final = {
    (1, 1): "no_reason_given",
    (1, 2): "application_context_not_supported",
    (1, 3): "calling_aet_not_recognized",
    (1, 7): "called_aet_not_recognized",
    (2, 1): "no_reason_given_by_acse",
    (2, 2): "protocol_version_not_supported",
    (3, 1): "temporary_congestion",
    (3, 2): "local_limit_exceeded",
}
"""Source and reason of an A-ASSOCIATE-RJ in words (DICOM PS3.8, table 9-21)."""

ABORTS: Final = {
    0: "aborted_by_peer_no_reason",
    1: "aborted_unrecognized_pdu",
    2: "aborted_unexpected_pdu",
    4: "aborted_unrecognized_parameter",
    5: "aborted_unexpected_parameter",
    6: "aborted_invalid_parameter",
}
"""Reasons of an A-ABORT by the service provider (DICOM PS3.8, table 9-26). One by the service user has none."""

ABORTED: Final = "aborted"
OTHER: Final = "other"

CONTEXTS: Final = {
    1: "context_refused",
    2: "context_refused",
    3: "sop_class_not_supported",
    4: "transfer_syntaxes_not_supported",
}
"""Results of a presentation context that is not accepted (DICOM PS3.8, table 9-18)."""

PDU_LIMIT: Final = 256 * 1024
"""Bytes of one PDU. We announce 16 KiB; the rest is for peers that do not heed it."""

BYTES_LIMIT: Final = 512 * 1024
"""Bytes of one association, beside the answers that are waited for."""

logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)


class RefusalError(Exception):
    """The peer spoke DICOM, and said no. `cause` is of the lists above."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class Exchange:
    """What was seen of one association, as its events tell. `end` is on the monotonic clock, `most` in bytes; `certificate` is
    when that of the peer ends (UTC epoch seconds)."""

    def __init__(self, end: float, most: int = BYTES_LIMIT) -> None:
        self.end = end
        self._most = most
        self.reached = self.secured = self.accepted = self.flooded = False
        self.trouble: OSError | None = None
        self.cause: str | None = None
        self.certificate: float | None = None
        self.contexts: list[int] = []
        self._received = 0

    def left(self) -> float:
        """Seconds that are left, never none: what gets none waits for ever."""
        return max(0.05, self.end - time.monotonic())

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.end - 0.1

    def connect(self, event: Any) -> None:
        """Bound what is read from now on."""
        self.reached = self.secured = True
        event.assoc.acse_timeout = event.assoc.network_timeout = self.left()
        transport = event.assoc.dul.socket
        transport.recv = lambda size: self._read(transport, size)

    def receive(self, event: Any) -> None:
        """Keep what the peer says of the association."""
        pdu = event.pdu
        if pdu.pdu_type == 0x02:
            self.accepted = True
            self.contexts = [item.result for item in pdu.presentation_context]
        elif pdu.pdu_type == 0x03:
            # Kept here: a peer that hangs up at once makes pynetdicom forget now and then that it rejected.
            self.cause = REJECTIONS.get((pdu.source, pdu.reason_diagnostic), OTHER)
        elif pdu.pdu_type == 0x07:
            self.cause = ABORTS.get(pdu.reason_diagnostic, OTHER) if pdu.source == 2 else ABORTED

    def _read(self, transport: Any, size: int) -> bytearray:
        """As many bytes, in the time that is left: pynetdicom would wait for ever, for four gigabytes."""
        self._received += size
        if size > PDU_LIMIT or self._received > self._most:
            self.flooded = True
            raise OSError("more than we take")
        data = bytearray()
        while len(data) < size:
            if time.monotonic() >= self.end:
                raise TimeoutError
            transport.socket.settimeout(self.left())
            try:
                chunk = transport.socket.recv(min(4096, size - len(data)))
            except ssl.SSLError as error:
                self.trouble = error
                raise
            if not chunk:
                break
            data += chunk
        return data


@contextlib.contextmanager
def associated(address: str, where: str, access: Dicom, syntax: str, exchange: Exchange) -> Iterator[Any]:
    """An association for one abstract syntax, for the time of a `with`. `address` is numeric, `where` for people.

    Raises RefusalError where the peer said no, PollError where it said nothing that is DICOM.
    """
    security = None
    if access.tls is not None:
        context = tls.context(access.tls)
        context.sslsocket_class = _watched(exchange)
        security = (context, access.tls.name or where)
    entity = AE(ae_title=access.calling)
    entity.add_requested_context(syntax)
    entity.connection_timeout = entity.acse_timeout = exchange.left()
    entity.dimse_timeout = entity.network_timeout = exchange.left()
    handlers: list[Any] = [(evt.EVT_CONN_OPEN, exchange.connect), (evt.EVT_PDU_RECV, exchange.receive)]
    association = entity.associate(
        address, access.port, ae_title=access.aet, evt_handlers=handlers, tls_args=security
    )
    if exchange.cause is not None:
        raise RefusalError(exchange.cause)
    if not association.is_established:
        raise _unestablished(exchange, where, access)
    try:
        association.dimse_timeout = exchange.left()
        yield association
    finally:
        if association.is_established:
            association.acse_timeout = exchange.left()
            association.release()


def _watched(exchange: Exchange) -> type[ssl.SSLSocket]:
    """A socket that keeps what its handshake failed of, as pynetdicom only logs it."""

    class Watched(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            exchange.reached = True
            self.settimeout(exchange.left())
            try:
                super().do_handshake(block)
            except OSError as error:
                exchange.trouble = error
                raise
            exchange.certificate = tls.end(self)

    return Watched


def _unestablished(exchange: Exchange, where: str, access: Dicom) -> PollError | RefusalError:
    place = f"{where} port {access.port}"
    if exchange.accepted:
        return RefusalError(CONTEXTS.get(next(iter(exchange.contexts), 0), OTHER))
    if not exchange.reached:
        if exchange.late:
            return PollError("timeout", f"{place} does not take the connection in time")
        return PollError("refused", f"{place} does not take the connection")
    if access.tls is not None and not exchange.secured and isinstance(exchange.trouble, TimeoutError):
        return PollError("timeout", f"{place}: connected, the TLS handshake was not answered")
    return broken(exchange, f"{place}: connected, the association was not answered")


def broken(exchange: Exchange, detail: str) -> PollError:
    """Why an answer did not come. `detail` says which."""
    if isinstance(exchange.trouble, ssl.SSLError):
        return tls.failure(exchange.trouble)
    if exchange.trouble is not None and not exchange.secured:
        return PollError("tls", "the server hung up instead of speaking TLS")
    if exchange.flooded:
        return PollError("truncated", f"{detail}: more bytes than we take")
    return (
        PollError("timeout", detail) if exchange.late else PollError("empty_answer", f"{detail}; it hung up")
    )
