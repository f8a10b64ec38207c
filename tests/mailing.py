"""A mail server and a webhook for the tests: real ones on loopback, which keep what they are sent."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from certificates import Certificate
from servers import free_port

Step = Callable[[str], None]
"""Told how far a message has come: `mail`, `rcpt`, `data` (all of it is here, and nothing was answered)."""


class Mailbox:
    """A mail server. `refused` are addresses that it knows not, `step` is called on the way of each message.

    `answers` are what it says instead, at `mail`, `rcpt` or `data`: a line, "drop" where it hangs up, or "hang" where it says nothing.
    """

    def __init__(self) -> None:
        self.kept: list[tuple[str, bytes]] = []
        self.refused: set[str] = set()
        self.step: Step = lambda _: None
        self.answers: dict[str, str] = {}
        self.logins: list[bytes] = []
        self.port = 0

    def letters(self, to: str = "") -> list[EmailMessage]:
        """What came, to one address where it is named, each message once: as mailboxes do, by its Message-ID."""
        found: dict[str, EmailMessage] = {}
        for each, content in self.kept:
            if to in ("", each):
                made = email.message_from_bytes(content, policy=email.policy.default)
                assert isinstance(made, EmailMessage)
                found.setdefault(str(made["Message-ID"]), made)
        return list(found.values())

    async def handle_MAIL(
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        self.step("mail")
        envelope.mail_from = address
        return await self._answer("mail", _server) or "250 2.1.0 ok"

    async def handle_RCPT(
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        self.step("rcpt")
        if said := await self._answer("rcpt", _server):
            return said
        if address in self.refused:
            return "550 5.1.1 no such mailbox <b>here</b>"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:
        if (self.answers.get("data") or "drop") == "drop":  # it may have been kept by who hangs up
            self.kept += [(to, envelope.content) for to in envelope.rcpt_tos]
        self.step("data")
        return await self._answer("data", _server) or "250 2.0.0 kept"

    async def _answer(self, stage: str, server: SMTP) -> str:
        said = self.answers.get(stage, "")
        if said == "drop" and server.transport is not None:
            server.transport.abort()
        if said == "hang":
            await asyncio.sleep(600)
        return said

    def authenticate(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.password)
        return AuthResult(success=data == LoginPassword(b"jauge", b"right-secret"), handled=False)


def _context(certificate: Certificate | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context


@contextlib.contextmanager
def mailbox(certificate: Certificate | None = None, *, tls: bool = False, port: int = 0) -> Iterator[Mailbox]:
    """A mail server on loopback: with a certificate STARTTLS and a login are needed, or TLS from the start."""
    made, trust = Mailbox(), _context(certificate)
    made.port = port or free_port()
    controller = _Controller(made, trust, tls)
    controller.start()
    try:
        yield made
    finally:
        controller.stop()


class _Controller(Controller):
    def __init__(self, made: Mailbox, trust: ssl.SSLContext | None, tls: bool) -> None:
        self._trust, self._tls = trust, tls
        super().__init__(made, "127.0.0.1", made.port, ssl_context=trust if tls else None)

    def factory(self) -> SMTP:
        if self._trust is None:
            return SMTP(self.handler)
        starts = not self._tls
        return SMTP(
            self.handler, tls_context=self._trust if starts else None, require_starttls=starts, auth_required=True,
            authenticator=self.handler.authenticate, auth_require_tls=starts,
        )  # fmt: skip


class Hook:
    """A webhook: what it was sent, each with its headers, and the status that it answers with."""

    def __init__(self) -> None:
        self.kept: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.paths: list[str] = []
        self.status = 200
        self.port = 0
        self.step: Step = lambda _: None

    @property
    def messages(self) -> dict[str, dict[str, Any]]:
        """What came, each once: by its key."""
        return {headers["idempotency-key"]: said for headers, said in self.kept}


@contextlib.contextmanager
def webhook() -> Iterator[Hook]:
    """A webhook on loopback."""
    made = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            made.paths.append(self.path)
            if made.status < 300:
                made.kept.append(
                    ({name.lower(): text for name, text in self.headers.items()}, json.loads(content))
                )
            made.step("data")
            with contextlib.suppress(OSError):
                self.send_response(made.status)
                if 300 <= made.status < 400:
                    self.send_header("Location", f"http://127.0.0.1:{made.port}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

        do_GET = do_POST  # noqa: N815 - as the library names it

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
