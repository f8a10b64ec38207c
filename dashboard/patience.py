"""How long the pages wait for a request to come whole: a client that takes its time holds no thread that answers others."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
import time
from typing import Any, Final

from gunicorn.http.body import LengthReader
from gunicorn.workers.gthread import TConn, ThreadWorker

TURNS: Final = 4
"""Answers that a process makes at once."""

READERS: Final = 64
"""Requests that may come at once: threads that wait for bytes cost next to nothing."""

COMING_SECONDS: Final = 10.0
"""That a request may take to come, once it began: its head, and the body of a form."""

HURRIED_SECONDS: Final = 1.0
"""The same, while as many come as there are readers."""

FORM_BYTES: Final = 64 * 1024
"""Bodies up to this are waited for before a turn is taken. Longer ones are files: their senders have logged in."""


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's worker with threads, where a request takes a turn only when it has come. Without this, as many halves of requests
    as there are threads, kept open by anybody who reaches the port, and nobody else is answered."""

    def init_process(self) -> None:
        self._coming: dict[TConn, float] = {}
        self._turns = threading.BoundedSemaphore(TURNS)
        super().init_process()

    def handle(self, conn: TConn) -> Any:
        """Called in a thread, for each request that begins."""
        self._coming[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            self._coming.pop(conn, None)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Called once the head is there."""
        _take_form(req)
        self._coming.pop(conn, None)
        with self._turns:
            return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """Called each second, where gunicorn looks after connections; so it is called there."""
        super().murder_pending()
        coming = list(self._coming.items())
        patience = HURRIED_SECONDS if len(coming) >= READERS else COMING_SECONDS
        for conn, began in coming:
            if time.monotonic() - began > patience:
                with contextlib.suppress(OSError):  # it ended just now
                    conn.sock.shutdown(socket.SHUT_RDWR)  # whoever reads sees the end of it, and lets go


def _take_form(req: Any) -> None:
    """Read a short body now. One whose sender waits to be told to send it is left."""
    reader = getattr(req.body, "reader", None)
    asks = any(name.upper() == "EXPECT" for name, _ in req.headers)
    if isinstance(reader, LengthReader) and reader.length <= FORM_BYTES and not asks:
        req.body = io.BytesIO(req.body.read())
