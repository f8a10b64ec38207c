"""Build the documentation as a site that needs no network: `site/en` and `site/fr`, from what lies in `docs/` (ADR 0043).

    python scripts/site/build.py [FOLDER]            # make site

Sphinx builds one language at a time, so that search knows the words of that language. Its sources are laid out first: the
guide of the language at the top, every other page under `reference/`, links between them as the new places want them.
Any warning ends the build with status 1.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from babel.messages import mofile, pofile
from sphinx.cmd.build import main as sphinx

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent.parent
GUIDE: Final = "docs/guide"
LANGUAGES: Final = {"en": "English", "fr": "Français"}
OUTSIDE: Final = {
    "CHANGELOG.md": "reference/changelog.md",
    "CONTRIBUTING.md": "reference/contributing.md",
    "README.md": "index.md",
    "mixin/README.md": "reference/mixin.md",
}
"""Pages that do not lie in docs/, and where the site has them. README.md is what the guide's first page is."""


_ONCE: Final = re.compile(r"docs/(runbooks/Jauge|decisions/\d)")
"""Pages of English that stand in no menu: they are built once, and the sites of other languages lead there."""

_DECISIONS_INDEX: Final = "docs/decisions/README.md"
"""The list of decisions, as if it lay beside them: it is written while the sources are laid out."""


class Part(NamedTuple):
    """A part of the menu: its heading by language, and the pages in it, in order. A * stands for the rest of a folder."""

    title: dict[str, str]
    pages: tuple[str, ...]


MENU: Final = (
    Part({"en": "Begin", "fr": "Commencer"}, ("first-hour", "concepts", "operations")),
    Part({"en": "Systems", "fr": "Systèmes"}, ("systems/index",)),
    Part(
        {"en": "Use", "fr": "Utiliser (en anglais)"},
        tuple(
            f"reference/{name}"
            for name in (
                "pages", "capacity", "scenarios", "report", "digests", "inventory", "mapping", "renewal", "accuracy", "access",
                "accessibility",
            )
        ),
    ),
    Part(
        {"en": "Run", "fr": "Exploiter (en anglais)"},
        tuple(
            f"reference/{name}"
            for name in (
                "replace-the-demo", "installing", "upgrading", "running", "prometheus", "mixin", "runbooks/README", "scaling",
                "hardening", "threat-model", "data-protection",
            )
        ),
    ),
    Part(
        {"en": "Look up", "fr": "Références (en anglais)"},
        tuple(
            f"reference/{name}" for name in ("commands", "estate", "metrics", "families", "ssh", "api", "lifecycle", "packages")
        ),
    ),
    Part({"en": "The project", "fr": "Le projet (en anglais)"}, ("reference/walk", "reference/*", "reference/decisions/index")),
)  # fmt: skip


def places(language: str, root: Path = ROOT) -> dict[str, str]:
    """Where the site of a language has each file, by its path in the repository. Both are POSIX paths.

    What is built once, for English, is `../en/...` from the site of another language.
    """
    inside = {
        path.relative_to(root).as_posix()
        for path in sorted((root / "docs").rglob("*"))
        if path.is_file() and not path.is_relative_to(root / GUIDE)
    }
    english = "" if language == "en" else "../en/"
    found = {
        path: f"{english if _ONCE.match(path) else ''}reference/{path.removeprefix('docs/')}"
        for path in inside
    }
    guide = root / GUIDE / language
    found |= {
        path.relative_to(root).as_posix(): path.relative_to(guide).as_posix()
        for path in sorted(guide.rglob("*.md"))
    }
    return found | OUTSIDE | {_DECISIONS_INDEX: "reference/decisions/index.md"}


_LINK: Final = re.compile(
    r"(?P<code>^```.*?^```$|^~~~.*?^~~~$|`[^`\n]+`)|(?P<text>!?\[(?P<words>[^\[\]]*)\])\((?P<to>[^)\s]+)\)",
    re.MULTILINE | re.DOTALL,
)


def relinked(text: str, source: str, found: dict[str, str]) -> str:
    """The text of a page with its links as the site has them. What has no place there is named, and no link."""
    here = PurePosixPath(found[source]).parent

    def one(match: re.Match[str]) -> str:
        to = match["to"]
        if match["code"] or "://" in to or to.startswith(("#", "mailto:", "<")):
            return match[0]
        path, hash_, anchor = to.partition("#")
        named = os.path.normpath(PurePosixPath(source).parent / path)
        for candidate in (named, f"{named}/README.md", f"{named}/index.md"):
            if candidate in found:
                return _link(match, os.path.relpath(found[candidate], here), f"{hash_}{anchor}")
        return match["words"]

    return _LINK.sub(one, text)


def _link(match: re.Match[str], to: str, anchor: str) -> str:
    """A link to a page of the site, or to one of the English site, which Sphinx does not know: as HTML."""
    if f"{os.pardir}/en/" not in to:
        return f"{match['text']}({to}{anchor})"
    return f'<a href="{PurePosixPath(to).with_suffix(".html")}{anchor}" hreflang="en">{match["words"]}</a>'


def lay(language: str, to: Path, root: Path = ROOT) -> None:
    """Lay out the sources of one language below `to`."""
    found = places(language, root)
    for source, place in found.items():
        if source == "README.md" or place.startswith(os.pardir):
            continue
        target = to / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if source == _DECISIONS_INDEX:
            target.write_text(relinked(_decisions(language, root / "docs/decisions"), source, found), "utf-8")
        elif source.endswith(".md"):
            target.write_text(relinked((root / source).read_text("utf-8"), source, found), "utf-8")
        else:
            shutil.copyfile(root / source, target)
    for page in (*to.glob("reference/decisions/[0-9]*.md"), *to.glob("reference/runbooks/Jauge*.md")):
        page.write_text(f"---\norphan: true\n---\n{page.read_text('utf-8')}", "utf-8")
    systems = sorted(path.stem for path in (to / "systems").glob("*.md") if path.stem != "index")
    _add(to / "systems/index.md", _tree(systems, hidden=True))
    _add(to / "index.md", "\n".join(menu(language, to)))


_DECISIONS: Final = {
    "en": "# Decisions\n\nWhy it is built this way: one page for each.\n",
    "fr": "# Décisions\n\nPourquoi c'est fait ainsi : une page pour chacune, en anglais.\n",
}


def _decisions(language: str, folder: Path) -> str:
    """A page with a line for each decision. Like runbooks they stand in no menu, which would be too long to read, and to build."""
    heads = {
        path.name: path.read_text("utf-8").partition("\n")[0].lstrip("# ")
        for path in folder.glob("[0-9]*.md")
    }
    return "\n".join([_DECISIONS[language], *(f"- [{heads[name]}]({name})" for name in sorted(heads)), ""])


def _add(page: Path, text: str) -> None:
    page.write_text(f"{page.read_text('utf-8').rstrip()}\n\n{text}\n", "utf-8")


def _tree(pages: list[str], title: str = "", hidden: bool = False) -> str:
    options = [":hidden:"] * hidden + [f":caption: {title}"] * bool(title) + [":titlesonly:"]
    return "\n".join(["```{toctree}", *options, "", *pages, "```", ""])


def menu(language: str, to: Path) -> Iterator[str]:
    """The parts of the menu, with what lies in the folder: a page that nobody named stands in the part with a *."""
    there = {path.relative_to(to).with_suffix("").as_posix() for path in to.rglob("*.md")}
    named = {page for part in MENU for page in part.pages}
    rest = sorted(page for page in there - named if PurePosixPath(page).parent == PurePosixPath("reference"))
    for part in MENU:
        pages = [
            page
            for name in part.pages
            for page in (rest if name.endswith("*") else [name] if name in there else [])
        ]
        yield _tree(pages, part.title[language], hidden=True)


def words(language: str, to: Path) -> None:
    """What the theme says, in the language, where Sphinx does not know it."""
    source = HERE / f"locale/{language}.po"
    if source.exists():
        folder = to / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        with source.open("rb") as text, (folder / "sphinx.mo").open("wb") as compiled:
            mofile.write_mo(compiled, pofile.read_po(text, locale=language))


def build(output: Path, languages: tuple[str, ...] = tuple(LANGUAGES)) -> int:
    """Build the site into `output`. What Sphinx warns of is an error: its status is handed on."""
    output.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / "static/first.html", output / "index.html")
    with tempfile.TemporaryDirectory(prefix="jauge-site-") as folder:
        for language in languages:
            sources = Path(folder, language)
            lay(language, sources)
            words(language, Path(folder, "locale"))
            settings = [f"language={language}", f"locale_dirs={Path(folder, 'locale')}"]
            options = [word for setting in settings for word in ("-D", setting)]
            shutil.rmtree(output / language, ignore_errors=True)
            folders = [str(sources), str(output / language)]
            trees = str(Path(folder, "trees", language))
            status = sphinx(
                [
                    "-q",
                    "-j",
                    "auto",
                    "-W",
                    "--keep-going",
                    "-b",
                    "html",
                    "-c",
                    str(HERE),
                    "-d",
                    trees,
                    *options,
                    *folders,
                ]
            )
            if status:
                return status
    return 0


def main() -> int:
    """Build into the folder that is named, `site` where none is."""
    parser = argparse.ArgumentParser(description="Build the documentation as a site.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "site")
    gc.disable()  # trees of pages stay to the end: looking through them for garbage takes a third of the time, and keeps 300 MB
    return build(parser.parse_args().folder)


if __name__ == "__main__":
    sys.exit(main())
