"""The documentation as a site: built once, strictly, in both languages, with every link of every page leading somewhere."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

import pytest

from jauge import guide

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("mixin/*.md")])
LOADING = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("site")]


def builder() -> ModuleType:
    """The script that builds the site, as a module."""
    spec = importlib.util.spec_from_file_location("site_build", ROOT / "scripts/site/build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Page(HTMLParser):
    """What of a page is looked at: its language, where it leads, what it loads, which places it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.language, self.links, self.loaded, self.places = "", list[str](), list[str](), set[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.language = said.get("lang", "") if tag == "html" else self.language
        self.places |= {said[name] for name in ("id", "name") if name in said}
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        if (
            (named := LOADING.get(tag))
            and named in said
            and said.get("rel") not in {"index", "search", "next", "prev"}
        ):
            self.loaded.append(said[named])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, as `make site` builds it: any warning would fail here."""
    folder = tmp_path_factory.mktemp("built") / "site"
    run = [sys.executable, str(ROOT / "scripts/site/build.py"), str(folder)]
    ended = subprocess.run(run, capture_output=True, text=True, check=False, cwd=folder.parent)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text("utf-8")) for path in site.rglob("*.html")}


def test_every_link_of_the_built_site_leads_to_a_page_and_a_place_on_it(
    site: Path, pages: dict[Path, Page]
) -> None:
    wrong = []
    for path, page in pages.items():
        for link in page.links:
            there = urlsplit(link)
            if there.scheme or there.netloc:
                assert there.scheme in {"https", "http", "mailto"}, f"{path.name}: {link}"
                continue
            to = (path.parent / unquote(there.path)).resolve() if there.path else path
            known = pages.get(to)
            if not to.exists() or (there.fragment and known and unquote(there.fragment) not in known.places):
                wrong.append(f"{path.relative_to(site)}: {link}")
    assert wrong == []
    assert len(pages) > 200


def test_every_page_has_one_first_heading_and_its_landmarks_bear_names(site: Path) -> None:
    """Who listens to a page finds its beginning by the one, and tells its menu from its contents by the others."""
    wrong = []
    for path in site.glob("*/**/*.html"):
        text = path.read_text("utf-8")
        drawers = re.findall(r"<aside[^>]*drawer[^>]*>", text)
        names = [name[1] for one in drawers if (name := re.search(r'aria-label="([^"]+)"', one))]
        if text.count("<h1") != 1 or len(drawers) != 2 or len(set(names)) != 2:
            wrong.append(f"{path.relative_to(site)}: {drawers}")
    assert wrong == []


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    assert [one for page in pages.values() for one in page.loaded if urlsplit(one).netloc] == []
    sheets = [path.read_text("utf-8") for path in site.rglob("*.css")]
    assert sheets
    assert [
        found
        for text in sheets
        for found in re.findall(r"(?:@import|url\()\s*['\"]?(?:https?:)?//[^)'\"]*", text)
    ] == []


def test_both_languages_have_the_same_pages_each_in_its_language_but_for_what_is_built_once(
    site: Path, pages: dict[Path, Page]
) -> None:
    names = {
        lang: {str(path.relative_to(site / lang)) for path in (site / lang).rglob("*.html")}
        for lang in ("en", "fr")
    }
    once = {name for name in names["en"] if re.match(r"reference/(runbooks/Jauge|decisions/\d)", name)}
    assert names["en"] - once == names["fr"]
    assert len(once) > 100
    for lang, mine in names.items():
        assert {pages[site / lang / name].language for name in mine} == {lang}
    own = sorted(name for name in names["fr"] if not name.startswith(("reference/", "genindex", "search")))
    assert "systems/hyperconverged.html" in own
    assert [
        name for name in own if (site / "fr" / name).read_text("utf-8").count("n'existe qu'en anglais")
    ] == []
    assert "n'existe qu'en anglais" in (site / "fr/reference/commands.html").read_text("utf-8")


def test_search_knows_the_words_of_each_language_and_the_reference(site: Path) -> None:
    for lang, word, where in (
        ("fr", "sauvegard", "concepts"),
        ("en", "restor", "concepts"),
        ("fr", "jauge_ups_charge_ratio", "reference/metrics"),
    ):
        text = (site / lang / "searchindex.js").read_text("utf-8")
        index = json.loads(text[text.index("(") + 1 : text.rindex(")")])
        found = [index[terms].get(word, []) for terms in ("terms", "titleterms")]
        numbers = [one for some in found for one in (some if isinstance(some, list) else [some])]
        assert where in {index["docnames"][number] for number in numbers}, word
    assert "FrenchStemmer" in (site / "fr/_static/language_data.js").read_text("utf-8")


def test_every_page_of_docs_is_in_the_site_and_in_its_menu(site: Path) -> None:
    named = {
        path.relative_to(DOCS) for path in DOCS.rglob("*.md") if "guide" not in path.relative_to(DOCS).parts
    }
    assert [name for name in named if not (site / "en/reference" / name).with_suffix(".html").exists()] == []
    first = (site / "en/index.html").read_text("utf-8")
    top = [name for name in named if len(name.parts) == 1]
    assert [name for name in top if f'href="reference/{name.stem}.html"' not in first] == []


def test_both_languages_of_the_guide_have_the_same_pages_headings_and_commands() -> None:
    folders = {lang: DOCS / "guide" / lang for lang in guide.LANGUAGES}
    names = {
        lang: {path.relative_to(folder) for path in folder.rglob("*.md")} for lang, folder in folders.items()
    }
    assert names["en"] == names["fr"]
    for name in names["en"]:
        told = []
        for folder in folders.values():
            text = (folder / name).read_text("utf-8")
            blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
            bare = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
            commands = [re.sub(r"\s+#.*", "", line) for block in blocks for line in block.splitlines()]
            same = [line.replace(" ici", " here").replace("--lang fr", "--lang en") for line in commands]
            told.append((re.findall(r"^#+(?= )", bare, re.MULTILINE), same))
        assert told[0] == told[1], name


def test_every_family_has_its_page_in_both_languages() -> None:
    assert guide.missing() == []
    for name, page in guide.pages().items():
        for lang in guide.LANGUAGES:
            text = (DOCS / f"guide/{lang}/systems/{name}.md").read_text("utf-8")
            families = [family.partition("/")[2] for one in page.systems for family in one.families]
            assert [family for family in families if f"| `{family}` |" not in text] == []


def test_a_family_that_no_page_names_is_missed() -> None:
    assert "SNMP/synology" in guide.missing([])


def test_what_the_code_says_of_families_has_words_in_french() -> None:
    from jauge.families import THINGS

    assert sorted(guide.THINGS_FR) == sorted({*THINGS.values(), "power supplies"})
    english = {
        row.rights
        for rows in guide.rows().values()
        for row in rows
        if row.rights and "sudo -n" not in row.rights
    }
    left = [
        f"{name}: {system.target}"
        for name, page in guide.pages().items()
        for system in page.systems
        if not system.rights and {row.rights for row in system.rows} & english
    ]
    assert left == [], "the least rights of these stand in English alone"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_anchor_of_a_link_is_a_heading_and_no_page_names_a_machine_path(page: Path) -> None:
    text = page.read_text("utf-8")
    bare = re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)
    wrong = [
        f"{path}#{anchor}"
        for path, anchor in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", bare)
        if "://" not in path and anchor not in _anchors(page.parent / path if path else page)
    ]
    assert wrong == []
    assert (
        re.findall(r"(?<![\w.])/(?:work|root|Users|tmp/w-)[/\w-]*", text.replace("/workstations", "")) == []
    )


def _anchors(page: Path) -> set[str]:
    """The anchors of a page, as a forge makes them from its headings."""
    bare = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    found: dict[str, int] = {}
    anchors = set()
    for heading in re.findall(r"^#+ +(.*)$", bare, re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()).replace(
            " ", "-"
        )
        anchors.add(f"{slug}-{found[slug]}" if slug in found else slug)
        found[slug] = found.get(slug, 0) + 1
    return anchors


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        (
            "docs/guide/fr/index.md",
            "[c](../../commands.md#jauge-run)",
            "[c](reference/commands.md#jauge-run)",
        ),
        ("docs/guide/fr/systems/linux.md", "[n](../concepts.md#n-1)", "[n](../concepts.md#n-1)"),
        ("docs/walk.md", "[r](../README.md)", "[r](../index.md)"),
        ("docs/walk.md", "[d](decisions)", "[d](decisions/index.md)"),
        ("docs/capacity.md", "[d](decisions)", "[d](decisions/index.md)"),
        ("mixin/README.md", "[a](../docs/running.md), [rules](rules)", "[a](running.md), rules"),
        (
            "docs/guide/fr/concepts.md",
            "[d](../../decisions/0005-forecast.md#why)",
            '<a href="../en/reference/decisions/0005-forecast.html#why" hreflang="en">d</a>',
        ),
        (
            "docs/walk.md",
            "`[x](y)` and [o](https://example.org/a)",
            "`[x](y)` and [o](https://example.org/a)",
        ),
        ("docs/walk.md", "```\n[x](y)\n```", "```\n[x](y)\n```"),
    ],
)
def test_a_link_leads_where_the_site_has_what_the_repository_names(
    source: str, text: str, expected: str
) -> None:
    build = builder()
    assert build.relinked(text, source, build.places("fr")) == expected
