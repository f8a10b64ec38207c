"""Every command that stands in a page is one that works: run in a prepared folder, or held against the parser with the reason."""

from __future__ import annotations

import datetime as dt
import functools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import within
from ruamel.yaml import YAML

from inventory import checking
from jauge import guide
from jauge.cli import app

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("mixin/*.md")])
RECORDS = DOCS / "ssh.md"  # what is run on machines, which tests/collectors hold against real ones
BY_SYSTEM = [path for path in PAGES if path.parent.name == "systems"]

NOT_RUN = {
    "jauge accuracy estate.yml --store": "a store of the reader's own, that was forecast: tests/forecasting/test_accuracy.py looks at some",
    "jauge dashboard": "serves until it is stopped: tests/dashboard/test_serving.py starts it",
    "jauge decision": "the numbers are those of a file that was issued: tests/inventory/state/test_committee.py answers some",
    "jauge doctor": "its status is that of the machine: tests/jauge/test_doctor.py looks at healthy and sick ones",
    "jauge explain estate.yml nas-01": "the device is not there: the first hour explains this machine",
    "jauge inventory fetch": "asks a GLPI: tests/jauge/test_inventory.py starts one",
    "jauge inventory measure": "serial numbers and measures of the reader's own: tests/jauge/test_fleet.py records some",
    "jauge inventory person": "people of the reader's own: tests/jauge/test_people.py erases some",
    "jauge notice": "numbers of notices that were told: tests/jauge/test_digests.py takes some",
    "jauge poll estate.yml --target nas-01": "the device is not there: the first hour polls this machine",
    "jauge record": "asks a device: tests/jauge/test_packages.py records one",
    "jauge renew": "needs an inventory and its budgets: tests/jauge/test_renewal.py plans them",
    "jauge run": "serves until it is stopped: tests/jauge/test_service.py starts it",
    "jauge scaffold": "needs a recording: tests/jauge/test_scaffold.py scaffolds one",
    "jauge start": "serves until it is stopped: tests/jauge/test_supervisor.py starts it",
    "jauge digest": "tells people by mail: tests/jauge/test_digests.py receives it",
    "jauge user notify": "needs a mail server: tests/jauge/test_digests.py starts one",
}
"""What is held against the parser only, by how it begins, and why."""

AFTER = ("jauge estate import", "jauge files restore", "jauge user remove")
"""What changes or undoes what the others need is run last."""


def fenced(page: Path, *languages: str) -> Iterator[str]:
    """The code blocks of a page, by language."""
    for language, text in re.findall(
        r"^```(\w*)\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    ):
        if language in languages:
            yield text


def lines(text: str) -> Iterator[list[str]]:
    """The commands of a block of sh, as words: without comments, environments, and what is piped to others."""
    for line in text.replace("\\\n", " ").splitlines():
        for part in re.split(r"&&|;", line.split(" # ")[0]):
            words = shlex.split(part, comments=True)
            while words and re.match(r"[A-Z_]+=", words[0]):
                words = words[1:]
            for stop in ("|", ">", "<"):
                words = words[: words.index(stop)] if stop in words else words
            if words:
                yield [words[0].removeprefix(".venv/bin/"), *words[1:]]


@functools.cache
def shown(program: str) -> dict[tuple[str, ...], Path]:
    """Every command line of a program in a block of sh, and the first page that shows it."""
    found: dict[tuple[str, ...], Path] = {}
    for page in PAGES:
        if page != RECORDS:
            for block in fenced(page, "sh"):
                for words in lines(block):
                    if words[0] == program:
                        found.setdefault(tuple(words), page)
    return found


def refusal(words: list[str], whole: bool) -> str:
    """Why the parser of the command line does not take these words; nothing where it does. Half a line is one of prose."""
    command: Any = typer.main.get_command(app)
    context = typer.Context(command, info_name="jauge")
    rest = words[1:]
    while hasattr(command, "commands"):
        if not rest:
            return "" if not whole else "names no verb"
        command = command.commands.get(rest[0])
        if command is None:
            return f"there is no verb {rest[0]}"
        context = typer.Context(command, info_name=rest[0], parent=context)
        rest = rest[1:]
    try:
        options, left, _ = command.make_parser(context).parse_args(list(rest))
    except Exception as error:
        return "" if not whole and "requires" in str(error) else str(error)
    missing = [one.name for one in command.params if one.required and not options.get(one.name)]
    if whole and (left or missing):
        return f"too many: {left}; missing: {missing}"
    return ""


def test_the_parser_takes_every_command_that_a_block_shows() -> None:
    commands = shown("jauge")
    assert len(commands) > 100
    assert {" ".join(words): why for words in commands if (why := refusal(list(words), whole=True))} == {}


def test_the_parser_refuses_what_no_verb_and_no_option_is() -> None:
    assert refusal(["jauge", "chekc", "estate.yml"], whole=True)
    assert refusal(["jauge", "check", "estate.yml", "--quick"], whole=True)
    assert refusal(["jauge", "check"], whole=True)
    assert refusal(["jauge", "check", "estate.yml", "--quick"], whole=False)


def test_every_option_of_a_command_in_prose_is_one() -> None:
    wrong = {}
    for page in PAGES:
        text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        for said in re.findall(r"`(?:\.venv/bin/)?(jauge [a-z][^`]*)`", text):
            words = [
                word.partition("|")[0] for word in said.replace("...", " ").split()
            ]  # `export|erase`: the first
            if page.name != "commands.md" and (why := refusal(words, whole=False)):
                wrong[f"{page.relative_to(ROOT)}: {said}"] = why
    assert wrong == {}


def test_every_target_of_make_that_a_page_names_is_one() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    settings = set(re.findall(r"\$\(([A-Z]+)\)", makefile)) | {"PYTHON"}
    wrong = []
    for page in PAGES:
        for said in re.findall(r"`make ([^`]+)`", page.read_text("utf-8")):
            words = shlex.split(said.partition("&&")[0])
            wrong += [f"{page.name}: {word}" for word in words[:1] if "=" not in word and word not in targets]
            wrong += [
                f"{page.name}: {word}" for word in words if "=" in word and word.split("=")[0] not in settings
            ]
    wrong += [" ".join(words) for words in shown("make") if not set(words[1:2]) <= targets]
    assert wrong == []
    assert {"site", "test", "run"} <= targets


def test_every_check_of_promtool_that_a_page_names_is_run_by_a_test() -> None:
    named = {
        match
        for page in PAGES
        for match in re.findall(r"`promtool ((?:check|test) [a-z-]+)", page.read_text("utf-8"))
    }
    tests = "\n".join(
        path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)
    )
    assert named
    assert [one for one in named if not re.search('"?,? *"?'.join(one.split()), tests)] == []


def test_no_reason_for_not_running_a_command_is_left_over_and_each_names_a_test() -> None:
    commands = [" ".join(words) for words in shown("jauge")]
    assert [start for start in NOT_RUN if not any(one.startswith(start) for one in commands)] == []
    named = [name for why in NOT_RUN.values() for name in re.findall(r"tests/[\w/]+(?:\.py)?", why)]
    assert [name for name in named if not (ROOT / name).exists()] == []


PASSWORD = "a long password of nobody\n"


def _run(words: list[str], place: Path) -> str:
    """Run a command line in the prepared folder: what went wrong, or nothing. Status 3 is a threshold that is reached."""
    local = [
        re.sub("^/backup/|^/etc/jauge/|^/var/lib/prometheus/node-exporter/", f"{place}/", word)
        for word in words[1:]
    ]
    ended = within.jauge(*local, cwd=place, stdin=PASSWORD * 2)
    return "" if ended.returncode in {0, 3} else f"{ended.returncode}: {ended.stdout}{ended.stderr}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with this machine as an estate, a user of each name that pages use, an inventory, a past."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "estate.yml").write_text(
        "timezone: Europe/Paris\ntargets: [{name: here, host: true}]\n", "utf-8"
    )
    for name in ("FILE", "FILE.csv", "glpi.csv"):
        (folder / name).write_text("Nom;Numéro de série\nPC-1;4CE1234XYZ\n", "utf-8")
    (folder / "devices.csv").write_text("name;address\nsw-01;127.0.0.1\n", "utf-8")
    (folder / "past.csv").write_text(past("here"), "utf-8")
    assert _run(["jauge", "history", "import", "past.csv"], folder) == ""
    for name in ("ada", "bob"):
        assert _run(["jauge", "user", "add", name], folder) == ""
    return folder


def past(target: str, days: int = 200) -> str:
    """A store that grows by a gigabyte a day, as the columns of the first hour have it."""
    today = dt.datetime.now(dt.UTC).date()
    rows = ["target,metric,ds,value,store,kind"]
    for back in range(days, 0, -1):
        day = today - dt.timedelta(days=back)
        rows += [
            f"{target},jauge_storage_used_bytes,{day},{(300 - back) * 10**9 + back % 7 * 10**7},/,filesystem",
            f"{target},jauge_storage_size_bytes,{day},{500 * 10**9},/,filesystem",
        ]
    return "\n".join(rows) + "\n"


def test_every_command_that_can_be_run_is_run(place: Path) -> None:
    hours = {page for page in PAGES if page.name == "first-hour.md"}
    mine = [
        list(words)
        for words, page in shown("jauge").items()
        if page not in hours and page not in BY_SYSTEM and not " ".join(words).startswith(tuple(NOT_RUN))
    ]
    mine.sort(key=lambda words: " ".join(words).startswith(AFTER))
    imports = [
        words for words in mine if words[1:3] == ["history", "import"]
    ]  # a CSV of values, in a folder of inventories
    (place / "values.csv").write_text(past("here"), "utf-8")
    for words in imports:
        words[3] = "values.csv"
    went = {" ".join(words): wrong for words in mine if (wrong := _run(words, place))}
    assert went == {}
    assert len(mine) > 15


@pytest.mark.parametrize("language", guide.LANGUAGES)
def test_the_first_hour_leads_from_nothing_to_a_report(language: str, tmp_path: Path) -> None:
    page = DOCS / f"guide/{language}/first-hour.md"
    first, second = fenced(page, "yaml")
    (tmp_path / "estate.yml").write_text(first, "utf-8")
    target = YAML(typ="safe").load(first)["targets"][0]["name"]
    (head,) = fenced(page, "csv")
    assert past(target).splitlines()[0] == head.splitlines()[0]
    (tmp_path / "past.csv").write_text(head + past(target).split("\n", 1)[1], "utf-8")
    run = [words for block in fenced(page, "sh") for words in lines(block) if words[0] == "jauge"]
    assert {" ".join(words): wrong for words in run if (wrong := _run(words, tmp_path))} == {}
    assert len(run) >= 8
    assert {path.suffix for path in (tmp_path / "committee").iterdir()} == {".pdf", ".xlsx", ".pptx", ".html"}
    (tmp_path / "estate.yml").write_text(second, "utf-8")
    assert within.jauge("check", "estate.yml", cwd=tmp_path).returncode in {0, 1}  # its secrets are not there


SYSTEMS = [(name, system) for name, page in guide.pages().items() for system in page.systems]


@pytest.mark.parametrize(
    ("name", "system"), SYSTEMS, ids=[f"{name}:{system.target}" for name, system in SYSTEMS]
)
def test_the_estate_that_a_page_by_system_shows_is_one(
    name: str, system: guide.System, tmp_path: Path
) -> None:
    text = guide.example(system)
    for secret in re.findall(r"file:(/etc/jauge/[\w.-]+)", text):
        there = tmp_path / Path(secret).name
        there.write_text("a-long-secret\n", "utf-8")
        text = text.replace(secret, str(there))
    (tmp_path / "estate.yml").write_text(
        text.replace("/etc/jauge/known_hosts", str(tmp_path / "known_hosts")), "utf-8"
    )
    (tmp_path / "known_hosts").touch()
    checked = checking.check(tmp_path / "estate.yml")
    assert [str(problem) for problem in checked.errors] == []
    assert checked.estate is not None
    assert [target.name for target in checked.estate.targets] == [system.target]


@pytest.mark.parametrize("page", BY_SYSTEM, ids=lambda page: f"{page.parent.parent.name}-{page.stem}")
def test_a_page_by_system_tests_the_targets_that_it_shows(page: Path) -> None:
    told = {name for block in fenced(page, "yaml") for name in re.findall(r"- \{?(?:name: )([\w.-]+)", block)}
    tested = {
        words[3]
        for block in fenced(page, "sh")
        for words in lines(block)
        if words[:2] == ["jauge", "explain"]
    }
    assert tested == told
