"""Logins by an OpenID Connect provider: the authorization code flow with PKCE (OpenID Connect Core 1.0, 3.1; RFC 7636).

Nothing of a login that was begun is kept here: state, nonce and verifier are derived from a random text that the browser alone
holds, in a cookie. What the provider says is bounded in time and size, and its keys are asked for at each login, so that it may
change them at any time.
"""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Coroutine, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote_plus, urlsplit

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from collectors import documents
from collectors.http.client import Client
from collectors.poll import PollError, StatusError, forget
from dashboard.access.outsiders import Outsider, RefusedError
from inventory.access import Provider
from inventory.credentials import OidcClient, SecretMissingError
from inventory.estate import HttpAccess

CALLBACK: Final = "/login/oidc/callback"
PATIENCE: Final = 10.0
"""Seconds within which all that is asked of a provider for one login has to be answered."""

LEEWAY: Final = 60
"""Seconds that the provider's clock may be ahead of ours, or behind."""

ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA",
)  # fmt: skip
"""What an ID token may be signed with: a key that the provider alone has. Neither `none` nor a shared secret is one."""

_LONGEST: Final = 4_000
"""Characters of a code, a state, or an issuer that come back with a browser."""
_LONGEST_SUBJECT: Final = 255
"""Characters (Core, 2)."""
_GROUPS: Final = 10_000

_at_once: Final = threading.BoundedSemaphore(3)
"""Threads that wait for a provider: strangers must not decide how many, and one is left for who is logged in."""

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Attempt:
    """A login that was begun, by the random text that the browser keeps."""

    token: str = dataclasses.field(repr=False)

    @classmethod
    def begin(cls) -> Attempt:
        """A new one."""
        return cls(secrets.token_urlsafe(32))

    @property
    def state(self) -> str:
        """What comes back with the browser: it shows that the login was begun there."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """What the ID token has to bear: it shows that the token was made for this login."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """What the code is handed in with (RFC 7636): a code that was stolen on the way is of no use without it."""
        return self._derived("verifier")

    def _derived(self, purpose: str) -> str:
        digest = hashlib.sha256(f"{purpose} {self.token}".encode("utf-8", "replace")).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def login_address(provider: Provider, client: OidcClient, attempt: Attempt) -> str:
    """The address of the provider that a browser is sent to. Raises RefusedError where it does not answer."""
    metadata = _run(_discover(provider))
    address: str = prepare_grant_uri(
        _endpoint(metadata, "authorization_endpoint"),
        client_id=client.client,
        response_type="code",
        redirect_uri=provider.url + CALLBACK,
        scope=" ".join(provider.scopes),
        state=attempt.state,
        nonce=attempt.nonce,
        code_challenge=create_s256_code_challenge(attempt.verifier),
        code_challenge_method="S256",
    )
    return address


def logout_address(provider: Provider, client: OidcClient) -> str | None:
    """Where the provider lets people log out of itself (RP-Initiated Logout 1.0), or None. Raises RefusedError."""
    metadata = _run(_discover(provider))
    if "end_session_endpoint" not in metadata:
        return None
    back = quote_plus(f"{provider.url}/login")
    address = _endpoint(metadata, "end_session_endpoint")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}client_id={quote_plus(client.client)}&post_logout_redirect_uri={back}"


def person(
    provider: Provider, client: OidcClient, attempt: Attempt | None, query: Mapping[str, str]
) -> Outsider:
    """Who came back from the provider with that query. Raises RefusedError."""
    returned = {name: value for name, value in query.items() if len(value) <= _LONGEST}
    state = returned.get("state", "").encode("utf-8", "replace")
    if attempt is None or not hmac.compare_digest(state, attempt.state.encode()):
        raise RefusedError("stale", "the state is not that of a login which this browser began")
    if "error" in returned:
        raise RefusedError("refused", f"the provider says {documents.legible(returned['error'], 80)}")
    if not returned.get("code"):
        raise RefusedError("refused", "the provider gave no code")
    claims = _run(_claims(provider, client, attempt, returned))
    name = _claim(claims, provider.name)
    if not isinstance(name, str):
        raise RefusedError("refused", f"the provider does not tell the claim {provider.name}")
    groups = _texts(_claim(claims, provider.groups))
    return Outsider(
        name, provider.roles.best(groups.__contains__), "oidc", f"{claims['sub']} of {provider.issuer}"
    )


async def _claims(
    provider: Provider, client: OidcClient, attempt: Attempt, returned: Mapping[str, str]
) -> Mapping[str, Any]:
    """What the provider says of who came back: the ID token, and userinfo where that says too little."""
    metadata = await _discover(provider)
    # RFC 9207: who is sent to one provider, and comes back from another, was mixed up by that one.
    named = metadata.get("authorization_response_iss_parameter_supported") is True
    if returned.get("iss", "" if named else provider.issuer) != provider.issuer:
        raise RefusedError("refused", "the answer comes from another issuer")
    answer = await _redeem(provider, client, attempt, metadata, returned["code"])
    access = answer.get("access_token")
    keys = await _ask(provider, "GET", _endpoint(metadata, "jwks_uri"))
    claims = _verified(answer.get("id_token"), keys, provider, client, attempt, access)
    told = None not in (_claim(claims, provider.name), _claim(claims, provider.groups))
    if told or "userinfo_endpoint" not in metadata or not isinstance(access, str):
        return claims
    headers = {"Authorization": f"Bearer {access}"}
    more = await _ask(provider, "GET", _endpoint(metadata, "userinfo_endpoint"), headers=headers)
    if more.get("sub") != claims["sub"]:  # Core, 5.3.2
        raise RefusedError("refused", "userinfo is about somebody else")
    return {**more, **claims}


async def _discover(provider: Provider) -> dict[str, Any]:
    """What the provider says of itself (Discovery 1.0, 4)."""
    metadata = await _ask(provider, "GET", f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if metadata.get("issuer") != provider.issuer:
        said = documents.legible(str(metadata.get("issuer")), 200)
        raise RefusedError("down", f"the provider calls itself {said}: write that as issuer")
    return metadata


async def _redeem(
    provider: Provider, client: OidcClient, attempt: Attempt, metadata: Mapping[str, Any], code: str
) -> dict[str, Any]:
    """The tokens for a code (RFC 6749, 4.1.3)."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.url + CALLBACK,
        "code_verifier": attempt.verifier,
    }
    headers: dict[str, str] = {}
    try:
        secret = client.secret.reveal()
    except SecretMissingError as error:
        raise RefusedError("down", str(error)) from None
    methods = metadata.get("token_endpoint_auth_methods_supported")
    if isinstance(methods, list) and "client_secret_post" in methods:
        form |= {"client_id": client.client, "client_secret": secret}
    else:
        # RFC 6749, 2.3.1: both are encoded before they become Basic. Not every provider decodes them: what stands in a form is
        # the same to all.
        pair = f"{quote_plus(client.client)}:{quote_plus(secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    try:
        return await _ask(provider, "POST", _endpoint(metadata, "token_endpoint"), headers=headers, data=form)
    except StatusError as error:
        if error.status == 400:
            raise RefusedError("refused", "the provider does not take the code") from None
        raise


def _verified(
    token: Any, keys: Mapping[str, Any], provider: Provider, client: OidcClient, attempt: Attempt, access: Any
) -> dict[str, Any]:
    """The claims of an ID token that is signed by the provider, for us, for this login, and still holds (Core, 3.1.3.7)."""
    if not isinstance(token, str):
        raise RefusedError("refused", "the provider gave no ID token")
    # Keys to encrypt with, and kinds that nobody here knows, are left out: one of them must not spoil the others.
    usable = [
        key
        for key in documents.each(keys, "keys")
        if key.get("kty") in ("RSA", "EC", "OKP") and key.get("use", "sig") == "sig"
    ]
    options = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": client.client},
        "nonce": {"essential": True, "value": attempt.nonce},
    }
    params = {"nonce": attempt.nonce, "client_id": client.client, "access_token": access}
    try:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        decoded = jwt.decode(token, KeySet.import_key_set({"keys": usable}), registry=registry)
        claims = CodeIDToken(decoded.claims, decoded.header, options, params)
        claims.validate(now=int(time.time()), leeway=LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        why = documents.legible(f"{type(error).__name__}: {error}", 200)
        raise RefusedError("refused", f"the ID token does not hold: {why}") from None
    if not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= _LONGEST_SUBJECT:
        raise RefusedError("refused", "the ID token does not say who it is about")
    return dict(claims)


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name, or by the path that its dots lead along: names of claims may hold dots themselves."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _texts(value: Any) -> frozenset[str]:
    """Groups, of which some providers write a single one without its list."""
    listed = value if isinstance(value, list) else [value]
    return frozenset(one for one in listed[:_GROUPS] if isinstance(one, str))


def _endpoint(metadata: Mapping[str, Any], name: str) -> str:
    """An address that the provider tells. Raises RefusedError where that is none, or is not safe."""
    address = metadata.get(name)
    if not isinstance(address, str) or not address.startswith("https://") or "#" in address:
        raise RefusedError("down", f"the provider tells no {name} that starts with https://")
    return address


async def _ask(provider: Provider, method: str, address: str, **parts: Any) -> dict[str, Any]:
    """The JSON object that an address of the provider answers with. Raises PollError, RefusedError."""
    try:
        where = urlsplit(address)
        access = HttpAccess(family="oidc", url=f"{where.scheme}://{where.netloc}", ca=provider.ca)
    except ValueError:
        raise RefusedError("down", "the provider tells an address that is none") from None
    path = f"{where.path or '/'}{f'?{where.query}' if where.query else ''}"
    async with Client(access, time.monotonic() + PATIENCE, forget) as client:
        answer = await client.ask(method, path, quiet=True, **parts)
    found = documents.load(answer.body)
    if not isinstance(found, dict):
        raise PollError("unparsed", "no JSON object")
    return found


def _run(asking: Coroutine[Any, Any, T]) -> T:
    """What a provider answers, within the time that all of it may take. Raises RefusedError."""
    if not _at_once.acquire(blocking=False):
        asking.close()
        raise RefusedError("down", "too many logins wait for the provider already")
    try:
        return asyncio.run(asyncio.wait_for(asking, PATIENCE))
    except PollError as error:
        raise RefusedError("down", str(error)) from None
    except TimeoutError:
        raise RefusedError("down", "the provider does not answer in time") from None
    finally:
        _at_once.release()
