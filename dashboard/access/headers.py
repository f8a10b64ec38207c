"""What every response tells the browser to refuse. The policy has neither unsafe-inline nor unsafe-eval."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Final

from flask import Response, g

_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # same-origin, not no-referrer: with the latter browsers send "Origin: null" on our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def nonce() -> str:
    """The nonce of this request's styles, the same until its end, made anew for each."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def policy(nonce: str, script_hashes: Iterable[str] = ()) -> str:
    """The content security policy. Hashes come as CSP writes them (`'sha256-...'`), quotes or not."""
    hashes = " ".join(f"'{digest.strip(chr(39))}'" for digest in script_hashes)
    return "; ".join(
        (
            "default-src 'none'",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "connect-src 'self'",
            "font-src 'self'",
            "img-src 'self' data:",
            "manifest-src 'self'",
            f"script-src 'self' {hashes}".strip(),
            f"style-src-elem 'self' 'nonce-{nonce}'",
            "style-src-attr 'none'",
        )
    )


def headers(
    response: Response, nonce: str, script_hashes: Iterable[str] = (), secure: bool = False
) -> Response:
    """Put the headers on a page of the application. `secure` says that it is served over TLS."""
    response.headers["Content-Security-Policy"] = policy(nonce, script_hashes)
    return plain(response, secure)


def plain(response: Response, secure: bool = False) -> Response:
    """Put the headers on any response; a policy that is there already stays."""
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    for name, value in _ALWAYS.items():
        response.headers[name] = value
    if secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if response.mimetype in ("text/html", "application/json", "text/plain"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
