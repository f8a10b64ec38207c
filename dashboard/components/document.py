"""The HTML that carries the application: language, nonce, the scripts that must run first, and the policy."""

from __future__ import annotations

import base64
import functools
import hashlib
import html
import re
from pathlib import Path
from typing import Any, Final

from dash import Dash
from flask import Flask, Response, request

from dashboard.access.headers import headers, nonce
from dashboard.texts import Texts

FIRST: Final = "first.js"
"""Sets the nonce of styles and the light or dark scheme before anything is drawn."""

ASSETS: Final = Path(__file__).parent.parent / "assets"

CHARTS: Final = "plotly/plotly-basic.min.js"
"""The part of plotly.js that draws lines and bars, an asset: the whole one, which Dash would serve, is four times as large.

It is `plotly.js-basic-dist-min` as npm has it, of the version that the Python package brings.
"""

_UNUSED: Final = ("/dash/deps/polyfill@", "/dash/dash_table/")
"""Scripts that Dash serves and nothing here needs: what browsers of before 2018 lack, and a table that no page has.

Of the former, Dash's own components want `regeneratorRuntime` alone, a hundredth of the work: see GENERATORS.
"""

GENERATORS: Final = "regenerator/runtime.js"
"""An asset: `regenerator-runtime` 0.14.1 as npm has it."""

_GRID: Final = "/dash_ag_grid/dash_ag_grid."
"""The grid, a third of all script: `jauge.js` loads it where it is first shown, and the page that always shows it has it at once."""

_SCRIPT: Final = re.compile(r'<script src="(?P<address>[^"]+)"></script>')

_INLINE: Final = re.compile(rb"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL)

_PAGE: Final = """<!DOCTYPE html>
<html lang="{language}" data-mantine-color-scheme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="style-nonce" content="{nonce}">
<meta name="grid" content="{grid}">
<title>{title}</title>
<link rel="icon" type="image/svg+xml" href="/assets/logo.svg">
<script src="{first}"></script>
{css}
</head>
<body>
{app_entry}
<footer>{config}<script src="{generators}"></script>{scripts}{renderer}</footer>
</body>
</html>"""


class Application(Dash):
    """Dash with a document of our own. `speak` gives the texts of whoever asks, `with_grid` is the path of the page that has it."""

    speak: Any
    with_grid: str = ""

    def _config(self) -> dict[str, Any]:
        """What the renderer is told (called by Dash): among it, whence it loads what draws charts."""
        told: dict[str, Any] = super()._config()  # type: ignore[no-untyped-call]  # Dash has no types here
        return {**told, "serve_locally": False, "plotlyjs_url": versioned(CHARTS)}

    def interpolate_index(self, *_: Any, **pieces: Any) -> str:
        """The document of one request (called by Dash)."""
        t: Texts = self.speak()
        grid, scripts = parted(pieces["scripts"], at_once=request.path == self.with_grid)
        return _PAGE.format(
            language=t.language,
            nonce=nonce(),
            title=html.escape(pieces["title"]),
            first=versioned(FIRST),
            generators=versioned(GENERATORS),
            css=pieces["css"],
            app_entry=pieces["app_entry"],
            config=pieces["config"],
            grid=grid,
            scripts=scripts,
            renderer=pieces["renderer"],
        )


def parted(scripts: str, at_once: bool) -> tuple[str, str]:
    """The address of the grid, and the scripts that a document loads `at_once`, which the grid is one of or not."""
    grid, kept = "", []
    for line in scripts.splitlines():
        found = _SCRIPT.search(line)
        address = found["address"] if found else ""
        if _GRID in address:
            grid = address
        if not any(part in address for part in _UNUSED) and (at_once or _GRID not in address):
            kept.append(line)
    return grid, "\n".join(kept)


@functools.cache
def versioned(asset: str) -> str:
    """The address of an asset, another one for each content."""
    return f"/assets/{asset}?m={hashlib.sha256((ASSETS / asset).read_bytes()).hexdigest()[:12]}"


def script_hashes(document: bytes) -> list[str]:
    """What the policy must name: the hash of each script that stands in the document and is executed."""
    found = []
    for match in _INLINE.finditer(document):
        if b"src=" in match["attributes"] or b"application/json" in match["attributes"]:
            continue
        digest = base64.b64encode(hashlib.sha256(match["body"]).digest()).decode()
        found.append(f"sha256-{digest}")
    return found


def guard(server: Flask, application: Application, secure: bool) -> None:
    """Put the content security policy on every page of the application, and on no other answer."""
    with server.test_request_context("/"):
        document: Any = Dash.index(application)  # type: ignore[no-untyped-call]  # Dash has no types here
        hashes = script_hashes(str(document).encode())

    @server.after_request
    def add(response: Response) -> Response:
        if response.mimetype == "text/html" and "Content-Security-Policy" not in response.headers:
            return headers(response, nonce(), hashes, secure)
        return response
