"""LemonLDAP::NG, an OpenID Connect provider that hospitals run, with its three demonstration users, over TLS."""

from __future__ import annotations

import contextlib
import dataclasses
import html
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest
import servers
from certificates import Authority
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SECRET: Final = "the secret: of jauge/100%+1"
"""With characters that RFC 6749 has encoded before they become Basic."""

_PORTAL: Final = "/usr/share/lemonldap-ng/portal"
_MODULE: Final = Path("/usr/share/perl5/Lemonldap/NG/Portal/Issuer/OpenIDConnect.pm")
_APPLICATION: Final = f"""
use Plack::Builder;
use Lemonldap::NG::Portal::Main;
builder {{
  enable 'Static', path => sub {{ s!^/static/!! }}, root => '{_PORTAL}/htdocs/static';
  Lemonldap::NG::Portal::Main->run({{}});
}};
"""


@dataclasses.dataclass(frozen=True)
class LemonLdap:
    """A provider: what it calls itself, its authority, and a port to which it sends people back as well.

    dwho is in jauge-operators, rtyler in jauge-viewers and jauge-admins, msmith in no group; each one's password is the name. The client
    `jauge` is told names and groups in the ID token, `jauge-thin` by userinfo alone.
    """

    issuer: str
    authority: Path
    pages: int

    def log_in(self, address: str, name: str) -> str:
        """Where a browser is sent back to that came with an address and logs in by that name."""
        with httpx.Client(verify=_trust(self.authority), timeout=30) as browser:
            page = browser.get(address)
            fields = re.findall(r'type="hidden"[^>]*name="([^"]*)"[^>]*value="([^"]*)"', page.text)
            form = {field: html.unescape(value) for field, value in fields}
            answer = browser.post(page.url, data={**form, "user": name, "password": name})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]


def _trust(authority: Path) -> Any:
    import ssl

    return ssl.create_default_context(cafile=str(authority))


@contextlib.contextmanager
def lemonldap() -> Iterator[LemonLdap]:
    """A provider."""
    starman = servers.program("starman", "starman")
    if not _MODULE.exists():
        servers.missing("LemonLDAP::NG is not installed: apt-get install liblemonldap-ng-portal-perl")
    with servers.folder() as place:
        authority = Authority(place)
        mine = authority.sign()
        port, pages = servers.free_port(), servers.free_port()
        issuer = f"https://{servers.LOOPBACK}:{port}/"
        for name in ("conf", "sessions/lock", "psessions/lock", "cache"):
            (place / name).mkdir(parents=True)
        for path in place.rglob("*"):
            if path.is_dir():
                path.chmod(0o777)
        (place / "conf" / "lmConf-1.json").write_text(json.dumps(_configuration(place, issuer, pages)))
        (place / "app.psgi").write_text(_APPLICATION)
        (place / "lemonldap-ng.ini").write_text(
            f"[all]\nlogLevel = warn\n[configuration]\ntype = File\ndirName = {place}/conf\n"
            f"[portal]\ntemplateDir = {_PORTAL}/templates\nstaticPrefix = /static\nlanguages = en, fr\n"
        )
        log = place / "starman.log"
        command = [
            starman, "--preload-app", "--workers", "3", "--enable-ssl", "--ssl-cert", str(mine.certificate),
            "--ssl-key", str(mine.key), "--listen", f"{servers.LOOPBACK}:{port}:ssl", str(place / "app.psgi"),
        ]  # fmt: skip
        environment = os.environ | {"LLNG_DEFAULTCONFFILE": str(place / "lemonldap-ng.ini")}
        process = servers.start(command, log, cwd=place, env=environment)
        try:
            servers.wait(lambda: servers.answers(port), process, log, timeout=60)
            yield LemonLdap(issuer, authority.file, pages)
        finally:
            servers.stop(process)


def _configuration(place: Path, issuer: str, pages: int) -> dict[str, Any]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    def client(name: str, forced: int) -> dict[str, Any]:
        options = {
            "ClientID": name,
            "ClientSecret": SECRET,
            "RedirectUris": " ".join(f"{base}/login/oidc/callback" for base in bases),
            "PostLogoutRedirectUris": " ".join(f"{base}/login" for base in bases),
            "IDTokenSignAlg": "RS256",
            "IDTokenForceClaims": forced,
            "BypassConsent": 1,
            "RequirePKCE": 1,
            "UserIDAttr": "uid",
        }
        return {f"oidcRPMetaDataOptions{option}": value for option, value in options.items()}

    bases = ["http://localhost", f"http://{servers.LOOPBACK}:{pages}"]
    clients = {"jauge": client("jauge", 1), "jauge-thin": client("jauge-thin", 0)}
    host = urlsplit(issuer).hostname
    return {
        "cfgNum": 1,
        "cfgAuthor": "tests",
        "cfgDate": "1",
        "cfgVersion": "2.16.1",
        "domain": host,
        "portal": issuer,
        "cookieName": "lemonldap",
        "securedCookie": 0,
        "requireToken": 0,
        "captcha": "::Main::Plugin",  # the usual one is loaded without being used, and wants ImageMagick
        "authentication": "Demo",
        "userDB": "Same",
        "passwordDB": "Null",
        "registerDB": "Null",
        "demoExportedVars": {"uid": "uid", "cn": "cn"},
        "groups": {
            "jauge-operators": "$uid eq 'dwho'",
            "jauge-viewers": "$uid eq 'rtyler'",
            "jauge-admins": "$uid eq 'rtyler'",
        },
        "macros": {"_whatToTrace": "lc($_user)"},
        "whatToTrace": "_whatToTrace",
        "locationRules": {host: {"default": "accept"}},
        "exportedHeaders": {host: {}},
        "applicationList": {},
        **{
            f"{kind}Storage{end}": value
            for kind, folder in (("global", "sessions"), ("persistent", "psessions"))
            for end, value in (
                ("", "Apache::Session::File"),
                ("Options", {"Directory": f"{place}/{folder}", "LockDirectory": f"{place}/{folder}/lock"}),
            )
        },
        "localSessionStorage": "Cache::FileCache",
        "localSessionStorageOptions": {
            "cache_root": f"{place}/cache", "cache_depth": 3, "default_expires_in": 600, "namespace": "sessions",
        },
        "issuerDBOpenIDConnectActivation": 1,
        "issuerDBOpenIDConnectPath": "^/oauth2/",
        "issuerDBOpenIDConnectRule": 1,
        "oidcServiceMetaDataIssuer": issuer,
        "oidcServiceAllowAuthorizationCodeFlow": 1,
        "oidcServiceIgnoreScopeForClaims": 1,
        "oidcServiceKeyIdSig": "first",
        "oidcServicePrivateKeySig": private.decode(),
        "oidcServicePublicKeySig": public.decode(),
        "oidcRPMetaDataOptions": clients,
        "oidcRPMetaDataExportedVars": {
            name: {"preferred_username": "uid", "groups": "groups;string;always"} for name in clients
        },
        "oidcRPMetaDataOptionsExtraClaims": {name: {"profile": "preferred_username groups"} for name in clients},
    }  # fmt: skip


@pytest.fixture(scope="module")
def provider() -> Iterator[LemonLdap]:
    """The provider, for the tests of a module."""
    with lemonldap() as running:
        yield running
