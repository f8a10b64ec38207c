"""The web configuration file: what it may say, and what is wrong with one.

Everything that `promtool check web-config` refuses is refused. Of what it accepts, that is refused which cannot be kept
(several curves), and what would leave a door open that looks shut (settings of TLS without a certificate, client
certificates that nobody verifies, cheap hashes); the message says what to write instead.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StrictBool,
    StrictInt,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from inventory.harmless import line
from inventory.places import Document, Key, Place, Problem, read

CHEAPEST: Final = 10
"""Cost of a bcrypt hash at the least."""

DEAREST: Final = 16
"""At the most: a check takes seconds there, and a scrape seldom waits longer."""

Version = Literal["TLS12", "TLS13"]
ClientAuth = Literal[
    "NoClientCert", "RequestClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"
]

CIPHERS: Final = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": "ECDHE-ECDSA-AES128-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": "ECDHE-ECDSA-AES256-SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": "ECDHE-RSA-AES128-SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": "ECDHE-RSA-AES256-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
}
"""Go's names of the suites of TLS 1.2 that have forward secrecy (https://pkg.go.dev/crypto/tls#CipherSuites), and OpenSSL's."""

CIPHERS_13: Final = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
"""The suites of TLS 1.3: they may be named, and are there in any case, as in Go."""

CURVES: Final = {
    "CurveP256": "prime256v1",
    "CurveP384": "secp384r1",
    "CurveP521": "secp521r1",
    "X25519": "X25519",
}

HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "Content-Security-Policy": (),
    "Strict-Transport-Security": (),
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("deny", "sameorigin"),
    "X-XSS-Protection": (),
}
"""What may be sent along, and with which values (any, where none is named)."""

_HASH: Final = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}", re.ASCII)
_DURATION: Final = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h)", re.ASCII)
_SECONDS: Final = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
}
_FIELD: Final = re.compile(r"[\x20-\x7e]*")
_NAME: Final = re.compile(r"[A-Za-z0-9_.@-]{1,60}", re.ASCII)
_OLD: Final = ("TLS10", "TLS11")
_SOURCES: Final = ("cert", "key", "client_ca")


class WebConfigError(Exception):
    """A web configuration that cannot be used: every problem, with its place, and never a secret."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def duration(text: object) -> float:
    """Seconds of a duration as Go writes it. Raises ValueError for any other text.

    >>> duration("1m30s"), duration("0"), duration(0), duration("1.5ms")
    (90.0, 0.0, 0.0, 0.0015)
    """
    said = str(text).removeprefix("+")
    if text is None or said in ("0", "-0"):
        return 0.0
    parts = _DURATION.findall(said)
    if isinstance(text, int | float) or not parts or "".join(parts) != said:
        raise ValueError("is no duration of 0 or more: write a number and its unit, such as 1s or 500ms")
    found = (re.fullmatch(r"([0-9.]+)(\D+)", part) for part in parts)
    return sum(float(each[1]) * _SECONDS[each[2]] for each in found if each is not None)


def _version(text: object) -> object:
    if text in _OLD:
        raise ValueError("is broken (RFC 8996) and not spoken here: write TLS12 or TLS13")
    return text


def _client_auth(text: object) -> object:
    if text in ("RequireAnyClientCert", "RequireClientCert"):
        raise ValueError(
            "lets in whoever made a certificate for himself: write RequireAndVerifyClientCert, with client_ca_file"
        )
    return text or "NoClientCert"


def _cipher(name: str) -> str:
    if name in CIPHERS or name in CIPHERS_13:
        return name
    if name.startswith("TLS_RSA_WITH_"):
        raise ValueError(f"has {line(name, 60)}, which has no forward secrecy: name those of ECDHE")
    raise ValueError(f"has {line(name, 60)}, which is no cipher suite that Go calls secure")


def _curves(names: list[str] | None) -> list[str]:
    for name in names or ():
        if name not in CURVES:
            raise ValueError(f"has {line(name, 60)}, which is none of {', '.join(CURVES)}")
    if len(names or ()) > 1:
        raise ValueError("can name one curve here: leave it out for X25519, P-256, P-384 and P-521 together")
    return names or []


def _header(name: str, value: str | None) -> None:
    """Raise ValueError where a header may not be sent, or not with this value."""
    if name not in HEADERS:
        raise ValueError(f"cannot have {line(name, 60)}: they are {', '.join(HEADERS)}")
    if HEADERS[name] and value not in HEADERS[name]:
        raise ValueError(f"{name} is one of {', '.join(HEADERS[name])}")
    if not _FIELD.fullmatch(value or ""):
        raise ValueError(f"{name} holds what no header may: printable ASCII on one line is sent")


def _hashed(users: dict[str, SecretStr]) -> dict[str, SecretStr]:
    for name, hashed in users.items():
        who = (
            name if _NAME.fullmatch(name) else "a user"
        )  # the name may be a hash that stands in the wrong place
        if ":" in name:
            raise ValueError("has a name with a colon, which no client can send")
        if not (found := _HASH.fullmatch(hashed.get_secret_value())):
            raise ValueError(f"{who} has no bcrypt hash: make one with htpasswd -nBC 10 NAME")
        if not CHEAPEST <= int(found[1]) <= DEAREST:
            raise ValueError(
                f"{who} has a hash of cost {found[1]}: between {CHEAPEST} and {DEAREST} is right"
            )
    return users


def _empty(value: Any) -> Any:
    """Nothing after a colon is an empty mapping."""
    return {} if value is None else value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


Text = Annotated[str | None, AfterValidator(lambda text: text or None)]


class TlsServer(_Part):
    """`tls_server_config`."""

    cert: Text = None
    key: Annotated[SecretStr | None, AfterValidator(lambda text: text or None)] = None
    client_ca: Text = None
    cert_file: Text = None
    key_file: Text = None
    client_ca_file: Text = None
    client_auth_type: Annotated[ClientAuth, BeforeValidator(_client_auth)] = "NoClientCert"
    client_allowed_sans: list[str] | None = None
    min_version: Annotated[Version, BeforeValidator(_version)] = "TLS12"
    max_version: Annotated[Version, BeforeValidator(_version)] = "TLS13"
    cipher_suites: list[Annotated[str, AfterValidator(_cipher)]] | None = None
    prefer_server_cipher_suites: StrictBool = True
    curve_preferences: Annotated[list[str] | None, AfterValidator(_curves)] = None

    @property
    def enabled(self) -> bool:
        """Whether TLS is spoken."""
        return self.cert is not None or self.cert_file is not None

    @property
    def verifies(self) -> bool:
        """Whether certificates of clients are looked at."""
        return self.client_auth_type in ("VerifyClientCertIfGiven", "RequireAndVerifyClientCert")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for problem in (*self._of_files(), *self._of_clients(), *self._of_versions()):
            raise ValueError(problem)
        return self

    def _of_files(self) -> Iterator[str]:
        if not self.enabled and self.model_fields_set:
            yield "names no certificate: give cert_file and key_file, or leave tls_server_config out"
        if self.enabled and self.key is None and self.key_file is None:
            yield "names no key: give key_file"
        for name in _SOURCES:
            if getattr(self, name) is not None and getattr(self, f"{name}_file") is not None:
                yield f"gives both {name} and {name}_file: leave one out"

    def _of_clients(self) -> Iterator[str]:
        named = self.client_ca is not None or self.client_ca_file is not None
        if named and self.client_auth_type == "NoClientCert":
            yield "has a client_ca, and no client_auth_type that asks for it: write RequireAndVerifyClientCert"
        if self.verifies and not named:
            yield "verifies clients by no authority: give client_ca_file"
        if self.client_allowed_sans is not None and self.client_auth_type != "RequireAndVerifyClientCert":
            yield "has client_allowed_sans: that needs client_auth_type RequireAndVerifyClientCert"
        if self.client_allowed_sans == []:
            yield "has client_allowed_sans that lets nobody in: name somebody, or leave it out"

    def _of_versions(self) -> Iterator[str]:
        if self.min_version > self.max_version:
            yield "has a min_version above its max_version"
        old = [name for name in self.cipher_suites or () if name in CIPHERS]
        if self.cipher_suites and not old and self.max_version == "TLS12":
            yield "names suites of TLS 1.3 alone, and speaks TLS 1.2 alone"


class HttpServer(_Part):
    """`http_server_config`. HTTP/2 is never spoken: with `http2: true`, too, clients agree on HTTP/1.1."""

    http2: StrictBool = True
    headers: Annotated[dict[str, str | None], BeforeValidator(_empty)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _allowed(self) -> Self:
        for name, value in self.headers.items():
            _header(name, value)
        return self


class RateLimit(_Part):
    """`rate_limit`: a token comes back each `interval` seconds (0: no bound), and `burst` of them are there at most."""

    interval: Annotated[float, BeforeValidator(duration)] = 0.0
    burst: StrictInt = 0

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.interval and self.burst < 1:
            raise ValueError("would answer nobody: give a burst of 1 or more")
        return self


class WebConfig(_Part):
    """The whole file, its paths those that were written."""

    tls_server_config: Annotated[TlsServer, BeforeValidator(_empty)] = Field(default_factory=TlsServer)
    http_server_config: Annotated[HttpServer, BeforeValidator(_empty)] = Field(default_factory=HttpServer)
    basic_auth_users: Annotated[dict[str, SecretStr], BeforeValidator(_empty), AfterValidator(_hashed)] = (
        Field(default_factory=dict)
    )
    rate_limit: Annotated[RateLimit, BeforeValidator(_empty)] = Field(default_factory=RateLimit)


def load(file: Path) -> WebConfig:
    """Read a web configuration. Raises WebConfigError with every problem."""
    document = read(file)
    if document.problems:
        raise WebConfigError(document.problems)
    try:
        return WebConfig.model_validate(_empty(document.data))
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise WebConfigError([_problem(document, detail) for detail in details]) from None


def _problem(document: Document, detail: ErrorDetails) -> Problem:
    path: Key = tuple(detail["loc"])
    while path and path not in document.values:
        path = path[:-1]
    unknown = detail["type"] == "extra_forbidden"
    place = document.keys[path] if unknown else document.values.get(path, Place(document.file, 1, 1))
    if unknown:
        return Problem(place, _unknown(path))
    said = str(detail["ctx"]["error"]) if detail["type"] == "value_error" else _plain(detail["msg"])
    return Problem(place, f"{_leaf(path)} {said}")


def _leaf(path: Key) -> str:
    """What is spoken of: the nearest key around it that is no user's name."""
    named = [part for part in path if isinstance(part, str)]
    if named[:1] == ["basic_auth_users"]:
        return "basic_auth_users" if len(named) == 1 else "the hash of a user"
    return line(named[-1], 60) if named else "the file"


def _unknown(path: Key) -> str:
    """What to say of a key that means nothing. It is shown only where it is near one that does: it may be a secret out of place."""
    sections: dict[Key, type[_Part]] = {
        (): WebConfig,
        ("tls_server_config",): TlsServer,
        ("http_server_config",): HttpServer,
        ("rate_limit",): RateLimit,
    }
    known = sections[path[:-1]]
    near = difflib.get_close_matches(str(path[-1]), known.model_fields, 1)
    return f"unknown key: did you mean {near[0]}?" if near else "unknown key: leave it out"


def _plain(message: str) -> str:
    """Pydantic's words as the end of a sentence."""
    return f"is not right: {message[:1].lower()}{message[1:]}"
