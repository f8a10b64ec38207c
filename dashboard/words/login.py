"""Texts of the page where people log in. `{system}` is the provider's title or the directory."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text

LOGIN: Final[dict[str, Text]] = {
    "login.title": "Log in",
    "login.name": "Name",
    "login.password": "Password",
    "login.enter": "Log in",
    "login.wrong": "Name or password is wrong.",
    "login.delayed": "Too many failures with this name. Try again in {wait} s.",
    "login.empty": "There is no user yet. On the server, run: jauge user add NAME --role admin",
    "login.directory": "the directory",
    "login.hint": "With your password of the directory, or as a user of Jauge itself.",
    "login.provider": "Log in with {system}",
    "login.or": "or with name and password",
    "login.down": "Logging in with {system} does not work just now. Users of Jauge itself still can log in.",
    "login.stale": "This login was not begun in this browser, or too long ago. Begin again.",
    "login.refused": "It is not proven who you are: {system} did not confirm this login. Begin again.",
    "login.no_role": "You are known to {system}, but none of your groups may use Jauge. Ask whoever runs Jauge.",
    "login.no_name": "The name that {system} gives you cannot be that of a user. Ask whoever runs Jauge.",
    "login.taken": "The name that {system} gives you is that of another user of Jauge. Ask whoever runs Jauge.",
    "login.left": "You are logged out of Jauge, but still logged in with {system}.",
    "login.leave": "Log out there as well",
}
