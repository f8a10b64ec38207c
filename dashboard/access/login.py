"""The login page: plain HTML of its own, without scripts, in French and English."""

from __future__ import annotations

from html import escape
from typing import Final, Literal

Message = Literal["wrong", "delayed", "empty"]

_WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "title": "Log in",
        "name": "Name",
        "password": "Password",
        "enter": "Log in",
        "wrong": "Name or password is wrong.",
        "delayed": "Too many failures with this name. Try again in {wait} s.",
        "empty": "There is no user yet. On the server, run: jauge user add NAME --role admin",
    },
    "fr": {
        "title": "Connexion",
        "name": "Nom",
        "password": "Mot de passe",
        "enter": "Se connecter",
        "wrong": "Nom ou mot de passe incorrect.",
        "delayed": "Trop d’échecs avec ce nom. Réessayez dans {wait} s.",
        "empty": "Il n’y a pas encore d’utilisateur. Sur le serveur\u00a0: jauge user add NOM --role admin",
    },
}

_STYLE: Final = """
:root{color-scheme:light dark;font-family:system-ui,sans-serif}
body{margin:0;min-height:100vh;display:grid;place-items:center}
main{width:min(22rem,calc(100vw - 3rem))}
h1{font-size:1.5rem;margin:0 0 1.5rem}
label{display:block;margin:1rem 0 .25rem;font-weight:600}
input,button{box-sizing:border-box;width:100%;font:inherit;padding:.6rem;border:1px solid #767676;border-radius:.4rem}
button{margin-top:1.5rem;background:#1864ab;color:#fff;border-color:#1864ab;font-weight:600;cursor:pointer}
input:focus-visible,button:focus-visible{outline:3px solid #4dabf7;outline-offset:2px}
[role=alert]{border-left:.3rem solid #c92a2a;padding:.5rem .75rem;margin:0}
"""

_PAGE: Final = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Jauge</title>
<style nonce="{nonce}">{style}</style>
</head>
<body>
<main>
<h1>Jauge</h1>
{alert}<form method="post" action="/login">
<input type="hidden" name="next" value="{goal}">
<label for="name">{name}</label>
<input id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required autofocus>
<label for="password">{password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required>
<button type="submit">{enter}</button>
</form>
</main>
</body>
</html>
"""


def page(language: str, nonce: str, goal: str, message: Message | None = None, wait: float = 0.0) -> str:
    """The page in "fr" or "en" (the default). `goal` is where to go afterwards, `wait` is in seconds."""
    known = language if language in _WORDS else "en"
    words = _WORDS[known]
    said = words[message].format(wait=round(wait + 0.5)) if message else ""
    return _PAGE.format(
        language=known,
        nonce=escape(nonce),
        style=_STYLE,
        goal=escape(goal),
        alert=f'<p role="alert">{escape(said)}</p>\n' if said else "",
        **{key: words[key] for key in ("title", "name", "password", "enter")},
    )


def policy(nonce: str) -> str:
    """The content security policy of this page: its own style, its own form, and nothing else."""
    return (
        f"default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
