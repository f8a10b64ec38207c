"""The login page: plain HTML of its own, without scripts, in French and English."""

from __future__ import annotations

import dataclasses
from html import escape
from typing import Final, Literal
from urllib.parse import quote

from dashboard.access.outsiders import Refusal

Message = Literal["wrong", "delayed", "empty", "left"] | Refusal

BEGIN, LEAVE = "/login/oidc", "/logout/oidc"
"""Where a login with the provider begins, and where people log out of it."""

_WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "title": "Log in",
        "name": "Name",
        "password": "Password",
        "enter": "Log in",
        "wrong": "Name or password is wrong.",
        "delayed": "Too many failures with this name. Try again in {wait} s.",
        "empty": "There is no user yet. On the server, run: jauge user add NAME --role admin",
        "directory": "the directory",
        "hint": "With your password of the directory, or as a user of Jauge itself.",
        "provider": "Log in with {system}",
        "or": "or with name and password",
        "down": "Logging in with {system} does not work just now. Users of Jauge itself still can log in.",
        "stale": "This login was not begun in this browser, or too long ago. Begin again.",
        "refused": "It is not proven who you are: {system} did not confirm this login. Begin again.",
        "no_role": "You are known to {system}, but none of your groups may use Jauge. Ask whoever runs Jauge.",
        "no_name": "The name that {system} gives you cannot be that of a user. Ask whoever runs Jauge.",
        "taken": "The name that {system} gives you is that of another user of Jauge. Ask whoever runs Jauge.",
        "left": "You are logged out of Jauge, but still logged in with {system}.",
        "leave": "Log out there as well",
    },
    "fr": {
        "title": "Connexion",
        "name": "Nom",
        "password": "Mot de passe",
        "enter": "Se connecter",
        "wrong": "Nom ou mot de passe incorrect.",
        "delayed": "Trop d’échecs avec ce nom. Réessayez dans {wait} s.",
        "empty": "Il n’y a pas encore d’utilisateur. Sur le serveur\u00a0: jauge user add NOM --role admin",
        "directory": "l’annuaire",
        "hint": "Avec votre mot de passe de l’annuaire, ou comme utilisateur propre à Jauge.",
        "provider": "Se connecter avec {system}",
        "or": "ou avec nom et mot de passe",
        "down": "La connexion avec {system} ne fonctionne pas pour l’instant. Les utilisateurs propres à Jauge peuvent toujours se connecter.",
        "stale": "Cette connexion n’a pas commencé dans ce navigateur, ou il y a trop longtemps. Recommencez.",
        "refused": "Votre identité n’est pas prouvée\u00a0: {system} n’a pas confirmé cette connexion. Recommencez.",
        "no_role": "Vous êtes connu de {system}, mais aucun de vos groupes n’a accès à Jauge. Adressez-vous à qui administre Jauge.",
        "no_name": "Le nom que vous donne {system} ne peut pas être celui d’un utilisateur. Adressez-vous à qui administre Jauge.",
        "taken": "Le nom que vous donne {system} est celui d’un autre utilisateur de Jauge. Adressez-vous à qui administre Jauge.",
        "left": "Vous êtes déconnecté de Jauge, mais toujours connecté avec {system}.",
        "leave": "S’y déconnecter aussi",
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
.provider{display:block;text-align:center;padding:.6rem;border:1px solid #1864ab;border-radius:.4rem;background:#1864ab;color:#fff;font-weight:600;text-decoration:none}
.or{text-align:center;margin:1.25rem 0 0}
.hint{margin:1rem 0 0}
input:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid #4dabf7;outline-offset:2px}
[role=alert],[role=status]{border-left:.3rem solid #c92a2a;padding:.5rem .75rem;margin:0 0 1rem}
[role=status]{border-color:#1864ab}
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
{alert}{provider}<form method="post" action="/login">
<input type="hidden" name="next" value="{goal}">
{hint}<label for="name">{name}</label>
<input id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required{focus}>
<label for="password">{password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required>
<button type="submit">{enter}</button>
</form>
</main>
</body>
</html>
"""


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
    known = language if language in _WORDS else "en"
    called = ways.provider if system == "provider" else _WORDS[known]["directory"]
    words = {key: text.replace("{system}", called) for key, text in _WORDS[known].items()}
    return _PAGE.format(
        language=known,
        nonce=escape(nonce),
        style=_STYLE,
        goal=escape(goal),
        alert=_said(words, message, wait),
        provider=_provider(_WORDS[known], ways.provider, goal) if ways.provider else "",
        focus="" if ways.provider else " autofocus",
        hint=f'<p class="hint">{escape(words["hint"])}</p>\n' if ways.directory else "",
        **{key: words[key] for key in ("title", "name", "password", "enter")},
    )


def _said(words: dict[str, str], message: Message | None, wait: float) -> str:
    if message is None:
        return ""
    said = escape(words[message].replace("{wait}", f"{wait + 0.5:.0f}"))
    if message == "left":
        return f'<p role="status">{said} <a href="{LEAVE}">{escape(words["leave"])}</a></p>\n'
    return f'<p role="alert">{said}</p>\n'


def _provider(words: dict[str, str], provider: str, goal: str) -> str:
    """The link to a provider. A link, as browsers hold back forms that lead to another server (form-action)."""
    address = f"{BEGIN}?next={quote(goal, safe='/')}"
    text = escape(words["provider"].replace("{system}", provider))
    return (
        f'<a class="provider" href="{escape(address)}" autofocus>{text}</a>\n'
        f'<p class="or">{escape(words["or"])}</p>\n'
    )


def policy(nonce: str) -> str:
    """The content security policy of this page: its own style, its own form, and nothing else."""
    return (
        f"default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
