"""Credentials by name. The secret itself comes from the environment, from a file, or from systemd.

A secret is read when it is used, so that a rotation needs no restart, and never shown: its `repr` and its
`str` are masked.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationInfo,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from inventory.masking import remember
from inventory.quantities import FileName

Origin = Literal["env", "file", "systemd", "inline"]

DIRECTORY: Final = "CREDENTIALS_DIRECTORY"
"""Where systemd puts what LoadCredential= and LoadCredentialEncrypted= of a unit name: a folder that only that service can read."""

_CREDENTIAL: Final = re.compile(r"[A-Za-z0-9_.@-]{1,255}")


class SecretMissingError(Exception):
    """A secret that the estate names cannot be read: the message says which and why, never what."""


class Secret:
    """A reference to a secret: `env:NAME`, `file:PATH`, `systemd:NAME`, or (with a warning) the text itself."""

    __slots__ = ("_text", "origin")

    def __init__(self, text: str) -> None:
        head, _, tail = text.partition(":")
        self.origin: Origin = head if head in ("env", "file", "systemd") and tail else "inline"  # type: ignore[assignment]
        self._text = text if self.origin == "inline" else tail

    @property
    def where(self) -> str:
        """Where the secret is, without the secret."""
        return "inline" if self.origin == "inline" else f"{self.origin}:{self._text}"

    @property
    def path(self) -> Path | None:
        """The file that holds the secret, where it is a file (a private key is opened by its user)."""
        if self.origin == "systemd" and (folder := os.environ.get(DIRECTORY)) and self._is_name:
            return Path(folder, self._text)
        return Path(self._text) if self.origin == "file" else None

    @property
    def _is_name(self) -> bool:
        """Whether it names a credential of systemd, and no path that leads elsewhere."""
        return _CREDENTIAL.fullmatch(self._text) is not None and self._text not in (".", "..")

    def reveal(self) -> str:
        """The secret. Raises SecretMissingError with where it should have been. From then on no log shows it."""
        found = self._read()
        remember(found)
        return found

    def _read(self) -> str:
        if self.origin == "inline":
            return self._text
        if self.origin == "env":
            if not (text := os.environ.get(self._text, "")):
                raise SecretMissingError(f"environment variable {self._text} is not set, or empty")
            return text
        if (path := self.path) is None:
            raise SecretMissingError(
                f"this service has no credential {self._text}: write LoadCredential={self._text}:PATH in its unit"
            )
        try:
            text = path.read_text("utf-8").rstrip("\r\n")
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is not text"
            raise SecretMissingError(f"cannot read the secret {self.where}: {why}") from None
        if not text:
            raise SecretMissingError(f"cannot read the secret {self.where}: it is empty")
        return text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and (self.origin, self._text) == (other.origin, other._text)

    def __hash__(self) -> int:
        return hash((self.origin, self._text))

    @classmethod
    def _beside(cls, text: str, info: ValidationInfo) -> Secret:
        """A secret of an estate: a relative `file:` is beside the estate file, as all its paths are."""
        secret, base = cls(text), (info.context or {}).get("base")
        return cls(f"file:{base / secret._text}") if base and secret.origin == "file" else secret

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(min_length=1)
        return core_schema.with_info_after_validator_function(
            cls._beside,
            text,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda s: s.where),
        )


def _at_least_eight(secret: Secret) -> Secret:
    # RFC 3414, 11.2: a password shorter than eight characters is refused by agents. Only what is written
    # inline can be measured without reading secrets at load.
    if secret.origin == "inline" and len(secret.reveal()) < 8:
        raise ValueError("an SNMPv3 password has at least 8 characters (RFC 3414)")
    return secret


UsmPassword = Annotated[Secret, AfterValidator(_at_least_eight)]


class Model(BaseModel):
    """Base of everything that is read from a file: an unknown key is an error."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        arbitrary_types_allowed=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,  # what was put in a wrong place may be a secret
    )


class SnmpV2c(Model):
    """A community of SNMPv2c."""

    snmp: Literal["v2c"] = Field(description="The version of SNMP.")
    community: Secret = Field(description="The community: env:NAME or file:PATH.")


class SnmpV3(Model):
    """A user of the User-based Security Model (RFC 3414, RFC 7860)."""

    snmp: Literal["v3"] = Field(description="The version of SNMP.")
    user: str = Field(min_length=1, max_length=32, description="Name of the user.")
    auth: Literal["MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"] | None = Field(
        None, description="How messages are signed; without it they are neither signed nor encrypted."
    )
    auth_password: UsmPassword | None = Field(
        None, description="Password of the signature, at least 8 characters: env:NAME or file:PATH."
    )
    privacy: Literal["DES", "AES", "AES-192", "AES-256", "AES-192-C", "AES-256-C"] | None = Field(
        None,
        description="How messages are encrypted; it needs auth. -C extends keys as Cisco does, and not as net-snmp.",
    )
    privacy_password: UsmPassword | None = Field(
        None, description="Password of the encryption, at least 8 characters: env:NAME or file:PATH."
    )
    context: str = Field("", description="Context name, where an agent has several.")

    @model_validator(mode="after")
    def _complete(self) -> SnmpV3:
        if (self.auth is None) != (self.auth_password is None):
            raise ValueError("auth and auth_password go together")
        if (self.privacy is None) != (self.privacy_password is None):
            raise ValueError("privacy and privacy_password go together")
        if self.privacy and not self.auth:
            raise ValueError("privacy needs auth (RFC 3414 has no level with privacy alone)")
        return self


class SshLogin(Model):
    """How to log in over SSH. `known_hosts` is enforced: an unknown key is refused."""

    user: str = Field(min_length=1, description="Account to log in to.")
    key: Secret | None = Field(None, description="Private key: file:PATH.")
    password: Secret | None = Field(
        None, description="Password, where there is no key: env:NAME or file:PATH."
    )
    passphrase: Secret | None = Field(None, description="Passphrase of the key: env:NAME or file:PATH.")
    known_hosts: FileName = Field(description="File of the host keys that are trusted, as OpenSSH writes it.")

    @model_validator(mode="after")
    def _complete(self) -> SshLogin:
        if self.key is None and self.password is None:
            raise ValueError("give key or password")
        if self.key is not None and self.key.origin not in ("file", "systemd"):
            raise ValueError("key is a file: write file:PATH or systemd:NAME")
        return self


class Ssh(Model):
    """A login over SSH."""

    ssh: SshLogin = Field(description="The login.")


class HttpLogin(Model):
    """A user of an HTTP interface, or a token: how it is sent, in a session or otherwise, the family knows."""

    user: str | None = Field(None, description="Name of the user.")
    password: Secret | None = Field(None, description="Password of the user: env:NAME or file:PATH.")
    token: Secret | None = Field(None, description="Token, instead of a user: env:NAME or file:PATH.")

    @model_validator(mode="after")
    def _complete(self) -> HttpLogin:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password go together")
        if (self.user is None) == (self.token is None):
            raise ValueError("give user and password, or token")
        return self


class Http(Model):
    """A login over HTTP."""

    http: HttpLogin = Field(description="The login.")


class OidcClient(Model):
    """What an OpenID Connect provider knows Jauge by."""

    client: str = Field(min_length=1, max_length=200, description="Identifier of the client (client_id).")
    secret: Secret = Field(description="Secret of the client: env:NAME or file:PATH.")


class Oidc(Model):
    """A client of an OpenID Connect provider."""

    oidc: OidcClient = Field(description="The client.")


class LdapLogin(Model):
    """An account that may search the directory, and nothing else."""

    user: str = Field(
        min_length=1,
        max_length=500,
        description="Name of its entry; Active Directory takes user@domain as well.",
    )
    password: Secret = Field(description="Password of the account: env:NAME or file:PATH.")


class Ldap(Model):
    """A login to a directory."""

    ldap: LdapLogin = Field(description="The login.")


class SmtpLogin(Model):
    """An account of a mail server."""

    user: str = Field(min_length=1, max_length=300, description="Name of the account.")
    password: Secret = Field(description="Password of the account: env:NAME or file:PATH.")


class Smtp(Model):
    """A login to a mail server."""

    smtp: SmtpLogin = Field(description="The login.")


class Apprise(Model):
    """Where a chat or a webhook takes messages. Such an address is a secret: whoever has it may write there."""

    apprise: Secret = Field(
        description="Address as apprise writes it (json://, jsons://, mmosts://, slack:// ...): env:NAME or file:PATH."
    )


Credential = SnmpV2c | SnmpV3 | Ssh | Http | Oidc | Ldap | Smtp | Apprise


def secrets(credential: Model) -> dict[str, Secret]:
    """Every secret of a credential, by its dotted name."""
    found: dict[str, Secret] = {}
    for name in type(credential).model_fields:
        value = getattr(credential, name)
        if isinstance(value, Secret):
            found[name] = value
        elif isinstance(value, Model):
            found |= {f"{name}.{inner}": secret for inner, secret in secrets(value).items()}
    return found
