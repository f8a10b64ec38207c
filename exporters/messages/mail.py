"""E-mail by SMTP (RFC 5321), one connection for all messages of a run."""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Final

from exporters.messages import DeliveryError
from inventory.credentials import SecretMissingError, SmtpLogin
from inventory.notices import Mail

_PATIENCE: Final = 30.0
"""Seconds for each answer of the server."""

_DETAIL: Final = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?!\d)")


class Mailer:
    """A server that takes e-mail. It is connected to when the first message is sent, and again after it hung up."""

    def __init__(self, mail: Mail, login: SmtpLogin | None) -> None:
        self._mail = mail
        self._login = login
        self._open: smtplib.SMTP | None = None

    def send(self, to: str, content: bytes, claim: Callable[[], None]) -> None:
        """Send a message (RFC 5322, seven bits) to one address; `claim` is called when nothing but its content is left to be sent.

        Raises DeliveryError.
        """
        server = self._connected()
        try:
            with self._explained():
                self._accepted(server.mail(self._mail.sender), "the sender", everywhere=True)
                self._accepted(server.rcpt(to), "the recipient")
        except DeliveryError:
            self._reset()
            raise
        claim()
        try:
            code, said = server.data(content)
        except smtplib.SMTPDataError as error:  # it did not want any content
            self._reset()
            raise DeliveryError(
                f"{self._place} refused the message: {_codes(error.smtp_code, error.smtp_error)}",
                passing=error.smtp_code < 500,
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise DeliveryError(
                f"{self._place} hung up while a message was sent ({type(error).__name__})",
                arrived=None,
                everywhere=True,
            ) from None
        if code != 250:
            self._reset()
            raise DeliveryError(
                f"{self._place} refused the message: {_codes(code, said)}", passing=code < 500
            )

    def close(self) -> None:
        """Hang up."""
        server, self._open = self._open, None
        if server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    @property
    def _place(self) -> str:
        return ":".join(map(str, self._mail.where))

    def _connected(self) -> smtplib.SMTP:
        if self._open is None:
            with self._explained():
                self._open = self._connect()
        return self._open

    def _connect(self) -> smtplib.SMTP:
        """A connection, encrypted and logged in as the estate says; none is left open where that fails."""
        security, name = self._mail.security, socket.gethostname() or "localhost"
        host, port = self._mail.where
        if security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, name, timeout=_PATIENCE, context=self._trust()
            )
        else:
            server = smtplib.SMTP(host, port, name, timeout=_PATIENCE)
        try:
            if security == "starttls":
                server.starttls(context=self._trust())
            server.ehlo_or_helo_if_needed()
            if self._login is not None:
                self._log_in(server, self._login)
        except BaseException:
            server.close()
            raise
        return server

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._mail.ca)

    def _log_in(self, server: smtplib.SMTP, login: SmtpLogin) -> None:
        try:
            server.login(login.user, login.password.reveal())
        except smtplib.SMTPAuthenticationError as error:
            # Not what it said: it may say again what it was told.
            code = _codes(error.smtp_code, error.smtp_error)
            raise DeliveryError(
                f"{self._place} refused the login of {login.user}: {code}; see the credential of the mail server",
                everywhere=True,
            ) from None
        except UnicodeError:
            raise DeliveryError(
                "the account or the password of the mail server has characters beyond ASCII, which SMTP does not know",
                everywhere=True,
            ) from None
        except SecretMissingError as error:
            raise DeliveryError(str(error), everywhere=True) from None

    def _accepted(self, answer: tuple[int, bytes], what: str, *, everywhere: bool = False) -> None:
        code, said = answer
        if code not in (250, 251):
            raise DeliveryError(
                f"{self._place} refused {what}: {_codes(code, said)}",
                everywhere=everywhere,
                passing=code < 500,
            )

    def _reset(self) -> None:
        """Begin anew on the same connection; where that fails, on another one."""
        try:
            if self._open is not None:
                self._open.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """What goes wrong before any content is sent, in words: whole servers, not single messages."""
        try:
            yield
        except DeliveryError:
            raise
        except ssl.SSLCertVerificationError as error:
            why = f"its certificate is not trusted ({error.verify_message}): see ca"
        except ssl.SSLError as error:
            why = f"no encryption could be agreed on ({error.reason}): see security"
        except smtplib.SMTPNotSupportedError:
            why = "it does not offer what security and credential ask for"
        except smtplib.SMTPResponseException as error:
            why = f"it answered {_codes(error.smtp_code, error.smtp_error)}"
        except smtplib.SMTPException:
            why = "it hung up"
        except UnicodeError:
            why = "its name is none"
        except OSError as error:
            why = error.strerror or type(error).__name__
        else:
            return
        self.close()
        raise DeliveryError(f"{self._place} cannot be used: {why}", everywhere=True) from None


def _codes(code: int, said: bytes | str) -> str:
    """The codes of an answer (RFC 5321, RFC 3463) without its text."""
    found = _DETAIL.match(said if isinstance(said, bytes) else said.encode("ascii", "replace"))
    return f"{code} {found[0].decode()}" if found else str(code)
