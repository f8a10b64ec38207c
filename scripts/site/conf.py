"""What Sphinx is told of the site. `build.py` lays the sources out, and says the language."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from pygments.lexers.special import TextLexer
from sphinx.highlighting import lexers

_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent

project = "Jauge"
release = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
extensions = ["myst_parser"]
root_doc = "index"
source_suffix = {".md": "markdown"}

lexers["csv"] = TextLexer()  # a language that Pygments does not know

myst_heading_anchors = 6  # links to headings are those of a forge
myst_linkify_fuzzy_links = False

smartquotes = False  # `--option` and French are written as they are meant

html_theme = "furo"
html_title = f"Jauge {release}"
html_static_path = [str(_HERE / "static/site.css")]
html_css_files = ["site.css"]
html_logo = str(_ROOT / "dashboard/assets/logo.svg")
html_favicon = html_logo
templates_path = [str(_HERE / "templates")]
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False
html_last_updated_fmt = None
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/languages.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b7285", "color-brand-content": "#0b7285"},
    "dark_css_variables": {"color-brand-primary": "#66d9e8", "color-brand-content": "#66d9e8"},
}

_ENGLISH = "<p class='only-english'>Cette page n'existe qu'en anglais.</p>"
_METRIC = re.compile(r"(?<=<span class=\"pre\">)jauge_\w+(?=</span>)")
_WHOLE = re.compile(r"(<pre.*?</pre>|<code.*?</code>|<[^>]+>)", re.DOTALL)


def _in_french(page: str, body: str) -> str:
    """The body of a page of the French site: unbreakable spaces; where it is English, that is said to readers and to screen readers."""
    if page.startswith("reference/"):
        return f"{_ENGLISH}<div lang='en'>{body}</div>"
    pieces = _WHOLE.split(body)  # every second piece is code or a tag
    pieces[::2] = [re.sub(r" (?=[:;?!»])|(?<=«) ", "\u00a0", piece) for piece in pieces[::2]]
    return "".join(pieces)


_SCROLLS = re.compile(r"<pre>|<div class=\"table-wrapper")


def _finish(app: Any, page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Let names of metrics break behind their underscores, let keys scroll what is wide, and make French pages French."""
    if body := context.get("body"):
        body = _METRIC.sub(lambda name: name[0].replace("_", "_<wbr>"), body)
        body = _SCROLLS.sub(lambda opened: opened[0][:4] + " tabindex='0'" + opened[0][4:], body)
        context["body"] = _in_french(page, body) if app.config.language == "fr" else body
    menu = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = menu.replace('role="heading"', 'role="heading" aria-level="2"')


_menus: dict[tuple[str, str], Any] = {}


def _one_menu(app: Any, page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Make the menu once for all pages of a folder that stand in none: it marks none of them, and is half of what they cost."""
    make, place = context["toctree"], (app.config.language, page.rpartition("/")[0])

    def menu(**how: Any) -> Any:
        if place not in _menus:
            _menus[place] = make(**how)
        return _menus[place]

    if "orphan" in (context.get("meta") or {}):
        context["toctree"] = menu


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("html-page-context", _one_menu, priority=100)  # before the theme asks for it
    app.connect("html-page-context", _finish, priority=900)  # behind the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}
