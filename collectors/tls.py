"""TLS under protocols that are no HTTP: what is trusted, and failures in words."""

from __future__ import annotations

import re
import ssl
from typing import Final

from collectors import documents
from collectors.poll import PollError, exhausted
from inventory.estate import Tls

END: Final = "jauge_certificate_end_timestamp_seconds"

_NO_TLS: Final = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")
_ALERT: Final = re.compile(r"(?:TLSV\w+|SSLV3)_ALERT_(\w+)")


def context(tls: Tls) -> ssl.SSLContext:
    """What a connection is made with: TLS 1.2 at least. Raises PollError where a file cannot be used."""
    try:
        made = ssl.create_default_context(cafile=tls.ca)
    except (OSError, ssl.SSLError) as error:
        raise exhausted(error) or PollError(
            "tls", f"the authority cannot be used: {_file(error)}: {tls.ca}"
        ) from None
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if not tls.verify:
        made.check_hostname = False  # rule: unverified - the estate says so, and is warned of it
        made.verify_mode = ssl.CERT_NONE  # rule: unverified - as above
    if tls.certificate is not None:
        try:
            made.load_cert_chain(tls.certificate, tls.key, password=_no_passphrase)
        except (OSError, ssl.SSLError, ValueError) as error:
            where = " with ".join(filter(None, (tls.certificate, tls.key)))
            raise exhausted(error) or PollError(
                "tls", f"our certificate cannot be used: {_file(error)}: {where}"
            ) from None
    return made


def end(shown: ssl.SSLObject | ssl.SSLSocket | None) -> float | None:
    """When the certificate ends that a server showed (UTC epoch seconds); None where it showed none that can be read."""
    if shown is None:
        return None
    try:
        if told := shown.getpeercert():
            return float(ssl.cert_time_to_seconds(str(told["notAfter"])))
        # nothing is told of one that was not checked, but its bytes
        content = shown.getpeercert(binary_form=True)
        if content is None:
            return None
        from cryptography import x509  # noqa: PLC0415 - megabytes, for those that are not checked alone

        return x509.load_der_x509_certificate(content).not_valid_after_utc.timestamp()
    except (ValueError, KeyError):
        return None


def _no_passphrase() -> str:
    # Without this OpenSSL would ask at the terminal, and wait.
    raise ValueError("the key has a passphrase: keep one without, that only its user may read")


def _file(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return "certificate and key do not fit" if "MISMATCH" in str(error.reason) else "no certificate in it"
    return getattr(error, "strerror", None) or str(error)


def failure(error: ssl.SSLError) -> PollError:
    """What a handshake failed of, as the end that refused it says."""
    if isinstance(error, ssl.SSLCertVerificationError):
        said = documents.legible(error.verify_message or "", 160)
        return PollError("tls", f"the server's certificate is not accepted: {said}")
    reason = error.reason or ""
    if alert := _ALERT.fullmatch(reason):
        words = alert[1].lower().replace("_", " ")
        return PollError("tls", f"the server refused us: {words}{_hint(alert[1])}")
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError) or "EOF" in reason:
        return PollError("tls", "the server hung up instead of speaking TLS")
    if any(word in reason for word in _NO_TLS):
        return PollError("tls", "the server does not speak TLS on this port")
    return PollError("tls", documents.legible(reason.lower().replace("_", " ") or str(error), 160))


def _hint(alert: str) -> str:
    if alert in ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "BAD_CERTIFICATE", "UNKNOWN_CA"):
        return " (it may want a certificate of ours that it knows)"
    return ""
