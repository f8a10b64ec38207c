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
_WHOLE = re.compile(r"(<pre.*?</pre>|<code.*?</code>|<[^>]+>)", re.DOTALL)


def _in_french(app: Any, page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Make a page of the French site French: unbreakable spaces; where it is English, say so to readers and to screen readers."""
    body = context.get("body")
    if app.config.language != "fr" or not body:
        return
    if page.startswith("reference/"):
        context["body"] = f"{_ENGLISH}<div lang='en'>{body}</div>"
    else:  # every second piece is code or a tag
        pieces = _WHOLE.split(body)
        pieces[::2] = [re.sub(r" (?=[:;?!»])|(?<=«) ", "\u00a0", piece) for piece in pieces[::2]]
        context["body"] = "".join(pieces)


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("html-page-context", _in_french)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
