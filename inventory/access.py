"""Who of the hospital may log in, and as what: its OpenID Connect provider, its directory, and which groups give which role.

access:
  oidc:
    issuer: https://sso.hospital.example/realms/staff
    credential: sso
    url: https://jauge.hospital.example
    roles: {viewer: [it], admin: [jauge-admins]}
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Final, Literal, get_args

from pydantic import AfterValidator, Field, model_validator

from inventory.credentials import Model
from inventory.quantities import FileName, Name, Text

Role = Literal["viewer", "operator", "manager", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""From the least to the most; each may do all that the ones before it may."""

_MANY: Final = 50

Group = Annotated[str, Field(min_length=1, max_length=500)]
Claim = Annotated[str, Field(min_length=1, max_length=200)]
Scope = Annotated[str, Field(max_length=100, pattern=r"^[!#-\[\]-~]+$")]
"""A scope-token of RFC 6749, 3.3."""


def _https(value: str) -> str:
    if not re.fullmatch(r"https://[A-Za-z0-9.:\[\]_-]+(/[!$&-;=@A-Z_a-z~%]*)?", value):
        raise ValueError("write an address that starts with https://, without user, ? and #")
    return value


def _pages(value: str) -> str:
    if not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]_-]+/?", value):
        raise ValueError(
            "write the address of the pages without a path, such as https://jauge.hospital.example"
        )
    return value.rstrip("/")


def _server(value: str) -> str:
    if not re.fullmatch(r"ldaps?://[A-Za-z0-9.:\[\]_-]+/?", value):
        raise ValueError(f"{value[:80]!r} is no server: write ldaps://NAME, or ldap://NAME for StartTLS")
    return value


def _entry(value: str) -> str:
    if not re.match(r"\s*[A-Za-z][A-Za-z0-9.-]*\s*=\s*\S", value):
        raise ValueError(
            f"{value[:80]!r} is no name of an entry: write one such as ou=staff,dc=hospital,dc=example"
        )
    return value


def _filter(value: str) -> str:
    plain = re.sub(r"\\[0-9A-Fa-f]{2}", "", value)
    depth = 0
    for place, char in enumerate(plain):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth < (1 if place < len(plain) - 1 else 0):
            break
    else:
        if plain and depth == 0:
            return value
    raise ValueError(f"{value[:80]!r} is no filter: write one such as (objectClass=person)")


class Roles(Model):
    """Groups whose members may log in, by role. Who is in none of them may not; who is in several has the greatest role."""

    viewer: tuple[Group, ...] = Field((), max_length=_MANY, description="Groups that may look.")
    operator: tuple[Group, ...] = Field(
        (), max_length=_MANY, description="Groups that may also record compensating measures."
    )
    manager: tuple[Group, ...] = Field(
        (),
        max_length=_MANY,
        description="Groups that may also import inventories, prepare scenarios and decide on them.",
    )
    admin: tuple[Group, ...] = Field((), max_length=_MANY, description="Groups that may do everything.")

    @model_validator(mode="after")
    def _some(self) -> Roles:
        if not any(self.groups(role) for role in ROLES):
            raise ValueError("name at least one group: without any, nobody may log in")
        return self

    def groups(self, role: Role) -> tuple[str, ...]:
        """The groups that give that role."""
        groups: tuple[str, ...] = getattr(self, role)
        return groups

    def best(self, member: Callable[[str], bool]) -> Role | None:
        """The greatest role that a group gives of which somebody is a `member`, or None: they may not log in."""
        return next((role for role in reversed(ROLES) if any(map(member, self.groups(role)))), None)


class Provider(Model):
    """Let people log in by an OpenID Connect provider: Keycloak, AD FS, Entra ID, LemonLDAP::NG."""

    issuer: Annotated[str, Field(max_length=500), AfterValidator(_https)] = Field(
        description="The provider, exactly as it calls itself (`issuer` of its /.well-known/openid-configuration)."
    )
    credential: Name = Field(description="Name of an OpenID Connect credential.")
    url: Annotated[str, Field(max_length=300), AfterValidator(_pages)] = Field(
        description="Address of these pages as browsers know it; with /login/oidc/callback behind it, it is what the provider sends "
        "people back to."
    )
    title: Text = Field("OpenID Connect", description="What the login page calls it, after `Log in with`.")
    ca: FileName | None = Field(
        None, description="Certificate authority of the provider; those of this machine when left out."
    )
    scopes: tuple[Scope, ...] = Field(
        ("openid", "profile"), max_length=20, description="Scopes that are asked for; openid is one of them."
    )
    name: Claim = Field(
        "preferred_username",
        description="Claim with the name of the user, which they cannot change themselves; a dot leads into a claim.",
    )
    groups: Claim = Field(
        "groups",
        description="Claim with the groups or roles of the user; a dot leads into a claim (realm_access.roles).",
    )
    roles: Roles = Field(description="Groups that may log in, by role, as the claim spells them.")

    @model_validator(mode="after")
    def _complete(self) -> Provider:
        if "openid" not in self.scopes:
            raise ValueError("scopes need openid: without it the provider does not say who it is")
        return self


class Directory(Model):
    """Let people log in with their password of the directory: Active Directory, OpenLDAP. Always over TLS."""

    servers: tuple[Annotated[str, Field(max_length=300), AfterValidator(_server)], ...] = Field(
        min_length=1,
        max_length=10,
        description="Servers, tried in this order: ldaps://NAME, or ldap://NAME, where TLS begins with StartTLS.",
    )
    credential: Name = Field(description="Name of an LDAP credential: the account that searches.")
    ca: FileName | None = Field(
        None, description="Certificate authority of the servers; those of this machine when left out."
    )
    base: Annotated[str, Field(max_length=500), AfterValidator(_entry)] = Field(
        description="Entry below which people are looked for, at any depth."
    )
    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")] = Field(
        "uid",
        description="Attribute with the name that people log in with; Active Directory: sAMAccountName.",
    )
    filter: Annotated[str, Field(max_length=500), AfterValidator(_filter)] = Field(
        "(objectClass=person)", description="What else an entry must be, to be somebody who may log in."
    )
    nested: bool = Field(
        False,
        description="Whether members of groups in groups count, which Active Directory alone can tell (LDAP_MATCHING_RULE_IN_CHAIN).",
    )
    roles: Roles = Field(
        description="Groups that may log in, by role: names of entries (cn=jauge,ou=groups,...)."
    )

    @model_validator(mode="after")
    def _entries(self) -> Directory:
        for role in ROLES:
            for group in self.roles.groups(role):
                _entry(group)
        return self


class Access(Model):
    """Who may log in beside the users that `jauge user add` made (access.md)."""

    oidc: Provider | None = Field(None, description="An OpenID Connect provider.")
    ldap: Directory | None = Field(None, description="A directory.")
