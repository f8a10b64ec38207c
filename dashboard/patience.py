"""How long the pages wait for a request to come whole: a client that takes its time holds no thread that answers others."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
import time
from typing import Any, Final

from gunicorn.http.body import ChunkedReader, LengthReader
from gunicorn.http.errors import UnsupportedTransferCoding
from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker

TURNS: Final = 4
"""Answers that a process makes at once."""

READERS: Final = 64
"""Requests that may come, and answers that may be read, at once: threads that wait for bytes cost next to nothing."""

COMING_SECONDS: Final = 10.0
"""That a request may take to come, once it began: its head, and the body of a form."""

HURRIED_SECONDS: Final = 1.0
"""The same, while as many come as there are readers."""

READING_SECONDS: Final = 60.0
"""That a client may take to read its answer, while there are as many such as may come at once."""

FORM_BYTES: Final = 64 * 1024
"""Bodies up to this are waited for before a turn is taken. Longer ones are files: their senders have logged in."""


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's worker with threads, where a request takes a turn only when it has come, and until its answer is made. Without this, as many
    halves of requests as there are threads, kept open by anybody who reaches the port, or answers that are not read, and nobody else is
    answered."""

    wsgi: Any

    def init_process(self) -> None:
        self._coming: dict[TConn, float] = {}
        self._read: dict[TConn, float] = {}
        self._turns = threading.BoundedSemaphore(TURNS)
        super().init_process()

    def load_wsgi(self) -> None:
        """Load the application, which makes each answer in a turn."""
        super().load_wsgi()
        make = self.wsgi

        def in_turn(environ: Any, start_response: Any) -> Any:
            with self._turns:
                return make(environ, start_response)

        self.wsgi = in_turn

    def handle(self, conn: TConn) -> Any:
        """Called in a thread, for each request that begins, and for each new connection."""
        if not (conn.initialized or conn.data_ready or conn.wait_for_data(0)):
            return _DEFER  # gunicorn would wait five seconds, and has sixty-four such threads
        self._coming[conn] = time.monotonic()
        try:
            is_kept = super().handle(conn)
        finally:
            self._coming.pop(conn, None)
        if not is_kept:
            _part(conn.sock)
        return is_kept

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Called once the head is there."""
        _take_form(req, conn.sock)
        self._coming.pop(conn, None)
        self._read[conn] = time.monotonic()
        try:
            return super().handle_request(req, conn)
        finally:
            self._read.pop(conn, None)

    def murder_pending(self) -> None:
        """Called each second, where gunicorn looks after connections; so it is called there."""
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        super().murder_pending()
        coming, read = list(self._coming.items()), list(self._read.items())
        is_full = len(coming) + len(read) >= READERS
        _let_go(coming, HURRIED_SECONDS if is_full else COMING_SECONDS)
        if is_full:
            _let_go(read, READING_SECONDS)

    def _make_room(self) -> None:
        """Let go of who has asked for nothing in the last second: no other connection is taken, so that nobody else is answered."""
        since = time.monotonic() - HURRIED_SECONDS
        for conn in (*self.pending_conns, *self.keepalived_conns):
            if conn.timeout - self.cfg.keepalive < since:  # when it came, or was last answered
                conn.timeout = 0.0


def _let_go(held: list[tuple[TConn, float]], patience: float) -> None:
    """End connections that began longer ago than that, in seconds."""
    for conn, began in held:
        if time.monotonic() - began > patience:
            with contextlib.suppress(OSError):  # it ended just now
                conn.sock.shutdown(
                    socket.SHUT_RDWR
                )  # whoever reads or writes sees the end of it, and lets go


def _take_form(req: Any, sock: socket.socket) -> None:
    """Read a short body now; one whose sender waits to be told to send it is asked for. Raises where nobody says how long it is:
    no browser and no proxy sends such a form, and it might never end."""
    reader = getattr(req.body, "reader", None)
    if isinstance(reader, ChunkedReader):
        raise UnsupportedTransferCoding("chunked")
    if isinstance(reader, LengthReader) and reader.length <= FORM_BYTES:
        if req._expected_100_continue:
            sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            req._expected_100_continue = False
        req.body = io.BytesIO(req.body.read())


def _part(sock: socket.socket) -> None:
    """Give the last answer time to arrive, as what was not read of a request would have it thrown away. gunicorn does so as well,
    but in the one thread that takes connections, where a hundred senders that go on stop everything for minutes."""
    end = time.monotonic() + HURRIED_SECONDS
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
        while (left := end - time.monotonic()) > 0:
            sock.settimeout(left)
            if not sock.recv(4096):
                break
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)  # for gunicorn there is nothing left to wait for
