"""A connection to a directory over TLS that libldap speaks through, and which ends in time.

libldap waits for a server that takes a connection and is silent for as long as it pleases (2.5 with GnuTLS; its network timeout
does not hold for the handshake). So TLS is ours, as everywhere else, and libldap gets one end of a pair of sockets.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from collectors import tls
from collectors.poll import PollError
from inventory.estate import Tls

_PORTS: Final = {"ldaps": 636, "ldap": 389}
_OID: Final = b"1.3.6.1.4.1.1466.20037"
_START_TLS: Final = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x16" + _OID
"""An ExtendedRequest (RFC 4511, 4.12 and 4.14.1), message 1."""
_AGREED: Final = b"\x02\x01\x01\x78", b"\x0a\x01\x00"
"""How the answer to it begins (message 1, ExtendedResponse), and the result that it needs: success."""
_LARGEST: Final = 4096
_CHUNK: Final = 16 * 1024


def connect(server: str, ca: str | None, patience: float) -> ssl.SSLSocket:
    """A connection to a server over TLS, whose certificate was checked; each step has so many seconds. Raises PollError."""
    address = urlsplit(server)
    host, context = address.hostname or "", tls.context(Tls(ca=ca))
    try:
        raw = socket.create_connection((host, address.port or _PORTS[address.scheme]), patience)
        try:
            if address.scheme == "ldap":
                _start_tls(raw)
            return context.wrap_socket(raw, server_hostname=host)
        except BaseException:
            raw.close()
            raise
    except ssl.SSLError as error:
        raise tls.failure(error) from None
    except TimeoutError:
        raise PollError("timeout", "no answer in time") from None
    except OSError as error:
        raise PollError("refused", error.strerror or str(error)) from None


@contextlib.contextmanager
def relayed(wire: ssl.SSLSocket, idle: float) -> Iterator[int]:
    """The file descriptor of a socket whose other end is a connection, which ends after so many seconds without a word.

    Whoever asks closes it; the connection ends with the context.
    """
    near, far = socket.socketpair()
    pump = threading.Thread(target=_pump, args=(wire, far, idle), daemon=True)
    pump.start()
    try:
        yield near.detach()
    finally:
        with contextlib.suppress(OSError):
            far.shutdown(socket.SHUT_RDWR)  # the pump wakes up, and ends
        pump.join()
        wire.close()
        far.close()


def _pump(wire: ssl.SSLSocket, far: socket.socket, idle: float) -> None:
    """Carry bytes both ways until either end is done, or nothing comes."""
    with contextlib.suppress(OSError):
        while True:
            ready = [wire] if wire.pending() else select.select([wire, far], [], [], idle)[0]
            for source in ready:
                if not (chunk := source.recv(_CHUNK)):
                    ready = []
                    break
                (far if source is wire else wire).sendall(chunk)
            if not ready:
                break
    with contextlib.suppress(OSError):
        far.shutdown(socket.SHUT_RDWR)  # libldap sees the end


def _start_tls(raw: socket.socket) -> None:
    """Agree on TLS, and take nothing of what was said before it for an answer to what is asked after it."""
    raw.sendall(_START_TLS)
    head = _exactly(raw, 2)
    size = head[1]
    if size & 0x80:
        size = int.from_bytes(_exactly(raw, size & 0x7F) if 0 < size & 0x7F <= 2 else b"\xff\xff\xff")
    if head[0] != 0x30 or size > _LARGEST:
        raise PollError("unparsed", "the answer to StartTLS is not LDAP")
    body = _exactly(raw, size)
    message, result = _AGREED
    if not body.startswith(message) or result not in body[len(message) : len(message) + 8]:
        raise PollError("tls", "the server does not agree to StartTLS")


def _exactly(raw: socket.socket, size: int) -> bytes:
    """The next bytes, not one more: what follows them is TLS."""
    found = b""
    while len(found) < size:
        if not (chunk := raw.recv(size - len(found))):
            raise PollError("truncated", "the server hung up before TLS")
        found += chunk
    return found
