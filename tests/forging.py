"""An OpenID Connect provider that says whatever a test wants, signed by hand: no library of ours has a part in it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.server
import json
import ssl
import threading
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from certificates import LOOPBACK, Authority
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from providers import SECRET


def _coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int) -> str:
    return _coded(value.to_bytes((value.bit_length() + 7) // 8))


class Forger:
    """A provider of the client `jauge`, whose only user is dwho. A context: it ends with it."""

    code = "the-code-of-this-login"

    def __init__(self, folder: Path) -> None:
        authority = Authority(folder)
        mine = authority.sign()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(mine.certificate, mine.key)
        self._key, self._other = (
            rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)
        )
        self._server = http.server.ThreadingHTTPServer((LOOPBACK, 0), self._handler())
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.authority = authority.file
        self.issuer = f"https://{LOOPBACK}:{self._server.server_port}"
        self._nonce = self._challenge = ""
        self.behave()

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def behave(
        self,
        claims: dict[str, Any] | None = None,
        algorithm: str = "RS256",
        token: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        userinfo: dict[str, Any] | None = None,
        raw: bytes | None = None,
        silent: bool = False,
    ) -> None:
        """How it answers from now on: honestly, but for what is given. `None` leaves a claim out, times are from now on."""
        self._claims, self._algorithm, self._token = claims or {}, algorithm, token
        self._metadata, self._userinfo, self._raw, self._silent = metadata or {}, userinfo or {}, raw, silent

    def back(self, address: str) -> str:
        """The path that a browser comes back to which came with that address, and logged in."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256"
        self._nonce, self._challenge = asked["nonce"], asked["code_challenge"]
        back = urlsplit(asked["redirect_uri"])
        return f"{back.path}?{urlencode({'code': self.code, 'state': asked['state']})}"

    def _answer(self, path: str, form: dict[str, list[str]], headers: Any) -> Any:
        if path.endswith("/.well-known/openid-configuration"):
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                **self._metadata,
            }
        if path == "/keys":
            numbers = self._key.public_key().public_numbers()
            key = {
                "kty": "RSA",
                "kid": "first",
                "use": "sig",
                "n": _number(numbers.n),
                "e": _number(numbers.e),
            }
            return {"keys": [{"kty": "new"}, key | {"use": "enc", "kid": "second"}, key]}
        if path == "/userinfo":
            return self._userinfo
        assert path == "/token"
        digest = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        assert _coded(digest) == self._challenge
        pair = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
        assert [unquote_plus(part) for part in pair.split(":")] == ["jauge", SECRET]
        return self._token or {"access_token": "x", "token_type": "Bearer", "id_token": self._made()}

    def _made(self) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer, "sub": "42", "aud": "jauge", "nonce": self._nonce, "iat": 0, "exp": 300,
            "preferred_username": "dwho", "groups": ["jauge-operators"],
        } | self._claims  # fmt: skip
        claims |= {name: now + claims[name] for name in ("iat", "exp", "nbf") if name in claims}
        header = {"alg": self._algorithm.split()[0], "kid": "first", "typ": "JWT"}
        head = _coded(json.dumps(header).encode())
        body = _coded(
            json.dumps({name: value for name, value in claims.items() if value is not None}).encode()
        )
        signature = self._signed(f"{head}.{body}".encode())
        if self._algorithm == "RS256 of something else":
            claims["groups"] = ["jauge-admins"]
            body = _coded(json.dumps(claims).encode())
        return f"{head}.{body}.{_coded(signature)}"

    def _signed(self, data: bytes) -> bytes:
        if self._algorithm == "none":
            return b""
        if self._algorithm == "HS256":
            return hmac.digest(SECRET.encode(), data, "sha256")
        if self._algorithm == "HS256 of the key":
            public = self._key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            return hmac.digest(public, data, "sha256")
        key = self._other if self._algorithm == "RS256 of another" else self._key
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        forger = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
                if forger._silent:
                    time.sleep(2)
                    return
                body = forger._raw or json.dumps(forger._answer(self.path, form, self.headers)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 - http.server names them

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
