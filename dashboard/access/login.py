"""The login page: plain HTML of its own, without scripts, in French and English."""

from __future__ import annotations

import dataclasses
from html import escape
from typing import Final, Literal
from urllib.parse import quote

from dashboard.access.outsiders import Refusal
from dashboard.texts import LANGUAGES, words

Message = Literal["wrong", "delayed", "empty", "left"] | Refusal

BEGIN, LEAVE = "/login/oidc", "/logout/oidc"
"""Where a login with the provider begins, and where people log out of it."""

_STYLE: Final = """
:root{color-scheme:light dark;background:Canvas;color:CanvasText;font-family:system-ui,sans-serif}
body{margin:0;min-height:100vh;display:grid;place-items:center}
main{width:min(22rem,calc(100vw - 3rem))}
h1{font-size:1.5rem;margin:0 0 1.5rem}
label{display:block;margin:1rem 0 .25rem;font-weight:600}
input,button,textarea{box-sizing:border-box;width:100%;font:inherit;padding:.6rem;border:1px solid #767676;border-radius:.4rem}
button{margin-top:1.5rem;background:#1864ab;color:#fff;border-color:#1864ab;font-weight:600;cursor:pointer}
.provider{display:block;text-align:center;padding:.6rem;border:1px solid #1864ab;border-radius:.4rem;background:#1864ab;color:#fff;font-weight:600;text-decoration:none}
a:not(.provider){color:light-dark(#1864ab,#74c0fc)}
.or{text-align:center;margin:1.25rem 0 0}
.hint{margin:1rem 0 0}
textarea{font-family:monospace;resize:none;word-break:break-all}
input:focus-visible,textarea:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid #4dabf7;outline-offset:2px}
[role=alert],[role=status]{border-left:.3rem solid #c92a2a;padding:.5rem .75rem;margin:0 0 1rem}
[role=status]{border-color:#1864ab}
"""

_TOP: Final = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Jauge</title>
<style nonce="{nonce}">{style}</style>
</head>
<body>
<main>
"""

_BOTTOM: Final = """</main>
</body>
</html>
"""

_PAGE: Final = (
    _TOP
    + """<h1>Jauge</h1>
{alert}{provider}<form method="post" action="/login">
<input type="hidden" name="next" value="{goal}">
{hint}<label for="name">{name}</label>
<input id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required{focus}>
<label for="password">{password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required>
<button type="submit">{enter}</button>
</form>
"""
    + _BOTTOM
)


_SHOWN: Final = (
    _TOP
    + """<h1>{title}</h1>
<p role="status">{said}</p>
<label for="token">{label}</label>
<textarea id="token" rows="3" readonly autofocus spellcheck="false" autocomplete="off">{token}</textarea>
<p><a href="{back}">{way}</a></p>
"""
    + _BOTTOM
)


@dataclasses.dataclass(frozen=True, slots=True)
class Ways:
    """How people may log in beside the users of Jauge itself: the name of an OpenID Connect provider, and a directory."""

    provider: str = ""
    directory: bool = False


ALONE: Final = Ways()
"""Nobody but the users of Jauge itself."""


def page(
    language: str,
    nonce: str,
    goal: str,
    message: Message | None = None,
    wait: float = 0.0,
    ways: Ways = ALONE,
    system: Literal["provider", "directory"] = "provider",
) -> str:
    """The page in "fr" or "en" (the default).

    `goal` is where to go afterwards, `wait` is in seconds, `system` is what a message is about.
    """
    language = language if language in LANGUAGES else "en"
    called = ways.provider if system == "provider" else words("login.directory", language)
    return _PAGE.format(
        language=language,
        nonce=escape(nonce),
        style=_STYLE,
        goal=escape(goal),
        alert=_alert(language, message, called, wait),
        provider=_provider(language, ways.provider, goal) if ways.provider else "",
        focus="" if ways.provider else " autofocus",
        hint=f'<p class="hint">{_say(language, "hint")}</p>\n' if ways.directory else "",
        **{key: _say(language, key) for key in ("title", "name", "password", "enter")},
    )


def shown(language: str, nonce: str, token: str, back: str) -> str:
    """The page that shows a token this once, and leads `back`: without scripts, as this is no place for what others wrote."""
    said = {key: escape(words(f"account.shown.{key}", language)) for key in ("title", "said", "label", "way")}
    return _SHOWN.format(
        language=language, nonce=escape(nonce), style=_STYLE, token=escape(token), back=escape(back), **said
    )


def _say(language: str, key: str, **values: str) -> str:
    """The words of a key of this page, for HTML."""
    return escape(words(f"login.{key}", language).format(**values))


def _alert(language: str, message: Message | None, system: str, wait: float) -> str:
    if message is None:
        return ""
    said = _say(language, message, system=system, wait=f"{wait + 0.5:.0f}")
    if message == "left":
        return f'<p role="status">{said} <a href="{LEAVE}">{_say(language, "leave")}</a></p>\n'
    return f'<p role="alert">{said}</p>\n'


def _provider(language: str, provider: str, goal: str) -> str:
    """The link to a provider. A link, as browsers hold back forms that lead to another server (form-action)."""
    address = f"{BEGIN}?next={quote(goal, safe='/')}"
    return (
        f'<a class="provider" href="{escape(address)}" autofocus>{_say(language, "provider", system=provider)}</a>\n'
        f'<p class="or">{_say(language, "or")}</p>\n'
    )


def policy(nonce: str) -> str:
    """The content security policy of this page: its own style, its own form, and nothing else."""
    return (
        f"default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
