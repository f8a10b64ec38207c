"""One poll of one HL7 listener: a connection, and where the estate gives a message, its acknowledgement."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import secrets
import socket
import ssl
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final, NamedTuple

from collectors import tls
from collectors.mllp import frames, messages
from collectors.poll import PollError, Reading, Step, Table, Trace, attempt, exhausted
from inventory.estate import Hl7Message, Mllp, Target
from inventory.metrics import Sample, labels

CHUNK: Final = 4096

GRACE: Final = 0.25
"""Seconds in which a listener that takes connections for show, as a proxy without its engine does, hangs up."""

FAREWELL: Final = 0.5
"""Seconds that the other end has to say that it hangs up too."""


class Wires(NamedTuple):
    """Both directions of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


async def poll(target: Target, trace: Trace) -> tuple[list[Table], dict[str, str]]:
    """Ask the listener of a target: one table. Never raises."""
    if target.mllp is None:
        return [], {}
    return [
        await attempt("mllp", functools.partial(_ask, target.where, target.mllp, target.patience, trace))
    ], {}


async def _ask(where: str, access: Mllp, patience: float, trace: Trace) -> Reading:
    """Whether the listener is up, and what it acknowledged. A failure is told beside what was found before it."""
    start = time.monotonic()
    security = tls.context(access.tls) if access.tls else None
    samples = [Sample("jauge_hl7_listener_up", 0.0)]
    broken: PollError | None = None
    said = "takes connections"
    try:
        async with _connected(where, access, security, start + patience) as wires:
            if access.message is None or security is not None:  # TLS 1.3 tells after it that it refuses us
                await _linger(wires, start + patience)
            samples[0] = Sample("jauge_hl7_listener_up", 1.0)
            if (ends := tls.end(wires.writer.get_extra_info("ssl_object"))) is not None:
                samples.append(Sample(tls.END, ends, labels(kind="mllp")))
            if access.message is not None:
                code, seconds = await _send(wires, access.message, start + patience)
                samples += _acknowledged(code, seconds)
                said = f"acknowledged {code}"
    except PollError as error:
        broken = error
        if error.reason == "internal":
            samples = []  # a trouble of ours says nothing of the listener
    sent = f"message {access.message.type}" if access.message else "connection"
    over = " over TLS" if access.tls else ""
    asked = f"MLLP {sent} to {where} port {access.port}{over}"
    trace(Step(asked, str(broken or said), time.monotonic() - start))
    return _told(samples, broken)


def _told(samples: list[Sample], broken: PollError | None) -> Reading:
    if broken is not None and not samples:
        raise broken
    reading = Reading.of(samples)
    return Reading(reading.series, reading.values, reading.rows, partial=broken)


def _acknowledged(said: str, seconds: float) -> list[Sample]:
    codes = [Sample("jauge_hl7_ack", float(code == said), labels(code=code)) for code in messages.CODES]
    return [Sample("jauge_hl7_ack_seconds", seconds), *codes]


@contextlib.asynccontextmanager
async def _connected(
    where: str, access: Mllp, security: ssl.SSLContext | None, end: float
) -> AsyncIterator[Wires]:
    """A connection for the time of a `with`. Raises PollError that names the phase which failed."""
    wires = await _reach(where, access.port, end)
    try:
        if security is not None and access.tls is not None:
            await _secure(wires, security, access.tls.name or where, end)
        yield wires
    finally:
        wires.writer.close()
        with contextlib.suppress(OSError, TimeoutError):  # what is said after the end is nobody's trouble
            async with asyncio.timeout(FAREWELL):
                await wires.writer.wait_closed()
        wires.writer.transport.abort()


async def _reach(where: str, port: int, end: float) -> Wires:
    try:
        async with asyncio.timeout(end - time.monotonic()):
            return Wires(*await asyncio.open_connection(where, port, limit=frames.LIMIT))
    except TimeoutError:
        raise PollError("timeout", f"{where} port {port} does not take the connection in time") from None
    except socket.gaierror as error:
        raise PollError("refused", f"cannot find the address of {where}: {error.strerror}") from None
    except OSError as error:
        raise exhausted(error) or PollError("refused", f"{where} port {port}: {error.strerror}") from None


async def _secure(wires: Wires, security: ssl.SSLContext, name: str, end: float) -> None:
    left = max(0.05, end - time.monotonic())
    try:
        async with asyncio.timeout(left):
            await wires.writer.start_tls(security, server_hostname=name, ssl_handshake_timeout=left + 1)
    except TimeoutError:
        raise PollError("timeout", "connected, the TLS handshake was not answered") from None
    except ssl.SSLError as error:
        raise tls.failure(error) from None
    except OSError:
        raise PollError("tls", "the server hung up instead of speaking TLS") from None


async def _linger(wires: Wires, end: float) -> None:
    """See whether the listener hangs up at once: nothing is sent, and nothing that it says is looked at."""
    try:
        async with asyncio.timeout(min(GRACE, max(0.05, end - time.monotonic()))):
            if not await wires.reader.read(1):
                raise PollError("refused", "takes the connection and hangs up at once")
    except TimeoutError:
        return
    except ssl.SSLError as error:
        raise tls.failure(error) from None
    except OSError:
        raise PollError("refused", "takes the connection and breaks it at once") from None


async def _send(wires: Wires, rules: Hl7Message, end: float) -> tuple[str, float]:
    """The code by which a message of ours is acknowledged, and after how many seconds. Raises PollError."""
    control = f"JAUGE{secrets.token_hex(7).upper()}"  # 19 characters: MSH-10 has 20 at most until HL7 2.6
    start = time.monotonic()
    try:
        async with asyncio.timeout(max(0.05, end - start)):
            wires.writer.write(frames.wrap(messages.build(rules, control, datetime.now().astimezone())))
            await wires.writer.drain()
            block = await _answer(wires.reader)
    except TimeoutError:
        raise PollError("timeout", "took the message, did not acknowledge it in time") from None
    except ssl.SSLError as error:
        raise tls.failure(error) from None
    except OSError:
        raise PollError("truncated", "the connection broke before the acknowledgement") from None
    return messages.code(block, control), time.monotonic() - start


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """The first block that is a message."""
    blocks = frames.Blocks()
    while chunk := await reader.read(CHUNK):
        for block in blocks.feed(chunk):
            if block == frames.REFUSED:
                raise PollError("unparsed", "the listener did not take the message (NAK of MLLP release 2)")
            if block != frames.COMMITTED:
                return block
    if blocks.pending:
        raise PollError("truncated", "the acknowledgement has no end (0x1C 0x0D)")
    raise PollError("empty_answer", "hung up without an acknowledgement")
