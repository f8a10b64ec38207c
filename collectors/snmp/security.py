"""What stands between a PDU and the datagram that carries it, whatever the version of SNMP."""

from __future__ import annotations

from typing import Protocol

from collectors.poll import PollError
from inventory.metrics import Reason


class Again(Exception):  # noqa: N818 - no error: one more step of the same exchange
    """Something was learned of the agent: seal the PDU again, and send it.

    At most once for each reason and exchange; an agent that gives the same reason twice has failed with it.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Security(Protocol):
    """How messages to one agent are secured. One for each target, kept between its polls."""

    def seal(self, pdu: bytes, number: int, /) -> bytes:
        """The datagram that carries this PDU, a complete element. Raises PollError where no key can be made.

        `number`, 1 to 2**31 - 1, is the request-id of the PDU, and the msgID of SNMPv3.
        """

    def open(self, datagram: bytes, number: int, /) -> tuple[bytes, int, int]:
        """A buffer, and where in it the PDU of an answer begins and ends.

        Raises `ber.MalformedError` for what is to be dropped and counted, `Again`, and PollError where the
        exchange has failed.
        """

    def silence(self) -> PollError | None:
        """What it means that an exchange ran out of time, where that is known; else it is a timeout."""
