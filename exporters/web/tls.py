"""What TLS is spoken with: a context of Python's ssl, made of a web configuration and of the files that it names."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from cryptography import x509

from exporters.web.config import CIPHERS, CURVES, TlsServer
from inventory.harmless import line

MODERN: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Suites of TLS 1.2 where none are named: with forward secrecy, and authenticated."""

LARGEST: Final = 1 << 20
"""Bytes of a file with certificates or a key."""

_VERSIONS: Final = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}
_WORDS: Final = {
    "KEY_VALUES_MISMATCH": "the key is not that of the certificate",
    "EE_KEY_TOO_SMALL": "the key is too short: RSA needs 2048 bits",
    "CA_MD_TOO_WEAK": "the certificate is signed with a digest that is broken",
    "BAD_DECRYPT": "the key is locked by a passphrase: it has to be without one",
    "BAD_PASSWORD_READ": "the key is locked by a passphrase: it has to be without one",
    "NO_START_LINE": "the certificate or the key is not in PEM",
}


class TlsError(Exception):
    """Certificates or a key that cannot be used: the message says which, and why."""


class Material(NamedTuple):
    """The texts (PEM) that a context is made of, read at one moment."""

    certificate: bytes
    key: bytes
    authorities: bytes


def files(tls: TlsServer, folder: Path) -> tuple[Path, ...]:
    """The files that a configuration in `folder` names."""
    named = (tls.cert_file, tls.key_file, tls.client_ca_file)
    return tuple(folder / name for name in named if name is not None)


def gather(tls: TlsServer, folder: Path) -> Material:
    """Read what a configuration names. Raises TlsError."""

    def text(inline: str | None, name: str | None, what: str) -> bytes:
        if name is None:
            return (inline or "").encode()
        try:
            with (folder / name).open("rb") as file:
                return file.read(LARGEST)
        except OSError as error:
            raise TlsError(f"{what} {line(name)} cannot be read: {error.strerror}") from None

    key = tls.key.get_secret_value() if tls.key is not None else None
    return Material(
        text(tls.cert, tls.cert_file, "cert_file"),
        text(key, tls.key_file, "key_file"),
        text(tls.client_ca, tls.client_ca_file, "client_ca_file"),
    )


def context(tls: TlsServer, material: Material) -> ssl.SSLContext:
    """The context of a server. Raises TlsError."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        _speak(made, tls)
        _prove(made, material)
        if tls.verifies:
            _verify(made, tls, material.authorities)
    except ssl.SSLError as error:
        reason = error.reason or "NO_START_LINE"
        raise TlsError(
            _WORDS.get(reason, f"OpenSSL refuses it: {reason.lower().replace('_', ' ')}")
        ) from None
    return made


def _speak(made: ssl.SSLContext, tls: TlsServer) -> None:
    """Versions, suites and curves."""
    suites = [CIPHERS[name] for name in tls.cipher_suites or () if name in CIPHERS]
    least = tls.min_version if suites or not tls.cipher_suites else "TLS13"
    made.minimum_version, made.maximum_version = _VERSIONS[least], _VERSIONS[tls.max_version]
    made.set_ciphers(":".join(suites) or MODERN)
    made.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    if tls.prefer_server_cipher_suites:
        made.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    else:
        made.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    for curve in tls.curve_preferences or ():
        made.set_ecdh_curve(CURVES[curve])
    made.set_alpn_protocols(["http/1.1"])


def _prove(made: ssl.SSLContext, material: Material) -> None:
    """Load certificate and key. OpenSSL takes names of files, and what was read is what counts: files that are in memory alone."""
    with _in_memory(material.certificate) as certificate, _in_memory(material.key) as key:
        made.load_cert_chain(certificate, key, password=lambda: "")  # or it would ask on the terminal


def _verify(made: ssl.SSLContext, tls: TlsServer, authorities: bytes) -> None:
    try:
        made.load_verify_locations(cadata=authorities.decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise TlsError("client_ca holds no certificate in PEM") from None
    # As Go does: whoever is named is trusted, also where another authority signed it.
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    required = tls.client_auth_type == "RequireAndVerifyClientCert"
    made.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL


def ends(material: Material) -> float:
    """When the certificate ends, UTC epoch seconds. Raises TlsError."""
    try:
        return x509.load_pem_x509_certificate(material.certificate).not_valid_after_utc.timestamp()
    except ValueError:
        raise TlsError(_WORDS["NO_START_LINE"]) from None


def names(peer: dict[str, Any] | None) -> frozenset[str]:
    """The alternative names (DNS, e-mail, IP, URI) of a client's certificate, as `SSLSocket.getpeercert` gives it."""
    found = set()
    for kind, value in (peer or {}).get("subjectAltName", ()):
        if kind in ("DNS", "email", "URI"):
            found.add(value)
        elif kind == "IP Address":
            with contextlib.suppress(ValueError):  # "<invalid>"
                found.add(str(ipaddress.ip_address(value.strip())))
    return frozenset(found)


@contextlib.contextmanager
def _in_memory(content: bytes) -> Iterator[str]:
    descriptor = os.memfd_create("jauge-tls", os.MFD_CLOEXEC)
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(content)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
