"""The references in docs/ name everything that the code offers, and every link of a page leads somewhere."""

import importlib
import json
import re
from pathlib import Path
from typing import Annotated

import pytest
import typer
from ruamel.yaml import YAML

from dashboard.access.doors import Gate
from dashboard.app import COOKIE
from forecasting import kept_purchase
from forecasting.renewal import kept
from inventory.estate import Dicom, Estate, Mllp, Snmp, SshAccess, Traps
from inventory.imports.source import Source, shipped
from inventory.metrics import FLEET, METRICS, REASONS, Metric
from inventory.people import erasing
from inventory.roster import rules
from inventory.roster.entries import FIELDS
from inventory.scenarios import Scenario
from inventory.scenarios.reading import open_scenario
from inventory.state import State
from jauge import guide, reference
from jauge.cli import app
from jauge.files import Files

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("mixin/*.md")])
COMMANDS = dict(reference.walk(typer.main.get_command(app)))
SECTIONS = dict(reference.sections(Estate.model_json_schema()))
SCENARIO = Scenario.model_json_schema()
SCENARIOS = {"Scenario": SCENARIO, **SCENARIO["$defs"]}


def test_no_reference_is_behind_the_code() -> None:
    assert reference.stale() == [], "run: make docs"


def test_an_edited_reference_is_called_stale(tmp_path: Path) -> None:
    reference.write(tmp_path)
    (tmp_path / "metrics.md").write_text("edited", "utf-8")
    assert reference.stale(tmp_path) == ["metrics.md"]


@pytest.mark.parametrize("metric", [*METRICS.values(), *FLEET], ids=lambda metric: metric.name)
def test_every_metric_is_documented_with_its_source(metric: Metric) -> None:
    lines = (DOCS / "metrics.md").read_text("utf-8").splitlines()
    row = next(line for line in lines if f"`{metric.name}`" in line)
    assert metric.help
    assert metric.source in row


def test_every_reason_is_documented() -> None:
    page = (DOCS / "metrics.md").read_text("utf-8")
    assert [reason for reason in REASONS if f"`{reason}`" not in page] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_its_options_say_what_they_do(name: str) -> None:
    command = COMMANDS[name]
    page = (DOCS / "commands.md").read_text("utf-8")
    assert f"## {name}\n" in page
    assert command.help, f"{name} needs a docstring"
    shown = [param for param in command.params if not getattr(param, "hidden", False)]
    assert [param.name for param in shown if not getattr(param, "help", None)] == []
    assert [opt for param in shown for opt in param.opts if opt.startswith("--") and opt not in page] == []


@pytest.mark.parametrize("title", SECTIONS)
def test_every_setting_says_what_it_does(title: str) -> None:
    section = SECTIONS[title]
    page = (DOCS / "estate.md").read_text("utf-8")
    assert f"## {title}\n" in page
    assert section.get("description")
    settings = section.get("properties", {})
    assert [name for name, setting in settings.items() if not setting.get("description")] == []
    assert [name for name in settings if f"| `{name}` |" not in page] == []


def test_every_setting_of_a_mapping_says_what_it_does() -> None:
    settings = Source.model_json_schema()["properties"]
    page = (DOCS / "mapping.md").read_text("utf-8")
    assert [name for name, setting in settings.items() if not setting.get("description")] == []
    assert [name for name in [*settings, *shipped()] if f"| `{name}` |" not in page] == []


def test_the_schema_refuses_an_unknown_key() -> None:
    shape = json.loads((DOCS / "estate.schema.json").read_text("utf-8"))
    assert shape["additionalProperties"] is False
    assert all(part["additionalProperties"] is False for part in shape["$defs"].values())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    text = re.sub(
        r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL
    )  # code has no links
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    files = [link for link in links if "://" not in link]
    assert [link for link in files if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_shows_exists(page: Path) -> None:
    shown = re.findall(
        r"(?:^|`|\$ |/)jauge ((?:[a-z]+(?:-[a-z]+)* ?){1,2})", page.read_text("utf-8"), re.MULTILINE
    )
    verbs = {name.removeprefix("jauge ") for name in COMMANDS} | {
        name.split()[1] for name in COMMANDS if len(name.split()) == 2
    }
    verbs |= {" ".join(name.split()[1:3]) for name in COMMANDS}  # a group within a group
    unknown = [words.strip() for words in shown if not {words.strip(), words.split()[0]} & verbs]
    assert unknown == []


def test_a_command_line_is_written_out_with_its_arguments_and_options() -> None:
    example = typer.Typer(help="An example.")

    @example.callback()
    def nothing() -> None: ...

    @example.command()
    def fill(
        store: Annotated[str, typer.Argument(help="What fills.")],
        twice: Annotated[bool, typer.Option("--twice", help="Fill it again.")] = False,
    ) -> None:
        """Fill a store."""

    page = reference.commands(example)
    assert "## jauge fill\n\n`jauge fill STORE [OPTIONS]`\n\nFill a store.\n" in page
    assert "| `--twice` | Fill it again." in page


def test_a_bar_does_not_split_a_cell() -> None:
    assert list(reference.table(("a",), [("x | y",)]))[2] == r"| x \| y |"


def _resolve(dotted: str) -> object:
    """What a dotted name stands for: a module, or something in one."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(dotted)


def test_the_walk_names_at_most_ten_functions_and_each_is_there() -> None:
    text = (DOCS / "walk.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \| `([\w.]+)` \|", text, flags=re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    assert 1 < len(rows) <= 10
    assert all(callable(_resolve(name)) for _, name in rows)


def test_every_name_of_the_walk_leads_to_the_code() -> None:
    names = re.findall(
        r"`((?:collectors|exporters|forecasting|dashboard|jauge)\.[\w.]+)`",
        (DOCS / "walk.md").read_text("utf-8"),
    )
    assert names
    for name in names:
        _resolve(name)


@pytest.mark.parametrize(("name", "least"), [("faults.md", 80), ("threat-model.md", 40)])
def test_every_test_that_a_page_of_faults_or_threats_names_is_there(name: str, least: int) -> None:
    page = (DOCS / name).read_text("utf-8")
    named = re.findall(r"`((?:[\w/]+\.py)?)(?:::(test_\w+))?`", page)
    found, missing, file = 0, [], ""
    for path, test in named:
        file = path or file
        if not file or not (path or test):
            continue
        source = (ROOT / "tests" / file).read_text("utf-8")
        found += 1
        if test and not re.search(rf"^(?:async )?def {test}\(", source, re.MULTILINE):
            missing.append(f"{file}::{test}")
    assert missing == []
    assert found > least


def test_every_program_that_is_run_as_root_stands_in_the_table_of_sudoers() -> None:
    """`$s` stands for sudo in the lines that are run; some try several programs of one maker after each other ($t)."""
    lines = re.findall(r"^s=\"sudo -n\".*$", (DOCS / "ssh.md").read_text("utf-8"), re.MULTILINE)
    run = {
        word.rsplit("/", 1)[-1]
        for line in lines
        for word in re.findall(r"(?<=\$s )[a-z][\w./-]*|(?<=\$s )/[\w./-]+", line)
    }
    tried = {
        word
        for line in lines
        for several in re.findall(r"for t in ([\w ]+);", line)
        for word in several.split()
    }
    assert {"smartctl", "bpdbjobs", "asterisk"} <= run
    assert {"storcli", "megacli"} <= tried
    page = (DOCS / "hardening.md").read_text("utf-8")
    table = page.split("| program | for | sudoers |")[1].split("\n\n")[0]
    named = set(
        re.findall(r"`([a-z]+)`", " ".join(row.split("|")[1] for row in table.splitlines() if "|" in row))
    )
    assert run - named == set()
    assert {word.lower().removesuffix("64") for word in tried} - named == set()


def test_the_flows_of_the_hardening_guide_name_the_ports_that_the_estate_uses_by_itself() -> None:
    page = (DOCS / "hardening.md").read_text("utf-8")
    table = page.split("## Flows")[1].split("## Files")[0]
    ports = {
        field.default
        for model in (Snmp, SshAccess, Dicom, Mllp, Traps)
        for name, field in model.model_fields.items()
        if name == "port"
    }
    assert ports == {161, 22, 104, 2575, 162}
    assert [port for port in ports if f"{port}/" not in table] == []
    assert "9640/" in table
    assert "8050/" in table


def test_every_family_of_the_guide_has_a_title_in_french() -> None:
    shown = {row.system for page in guide.pages().values() for system in page.systems for row in system.rows}
    kept = guide.titles()
    assert sorted(shown - {*kept.same, *kept.french}) == [], "to docs/guide/titles.yml, then make docs"
    assert sorted({*kept.same, *kept.french} - shown) == [], "no family is called so any more"
    english = re.compile(r"\b(?:(?<!Apps )and|by|of|the|with|from|which|under|later|its|for)\b")
    assert [one for one in (*kept.same, *kept.french.values()) if english.search(one)] == []


def test_the_hardening_guide_names_every_file_of_the_folder_of_data() -> None:
    page = (DOCS / "hardening.md").read_text("utf-8")
    row = next(line for line in page.splitlines() if line.startswith("| `--data`"))
    files = Files(Path("data"))
    own = [getattr(files, name) for name, what in vars(Files).items() if isinstance(what, property)]
    names = {one.name for one in own if isinstance(one, Path)} | {
        kept_purchase.FILE,
        kept.FOLDER,
        erasing.LIST,
    }
    assert len(names) > 12
    assert sorted(name for name in names if name not in row) == []


def test_the_sheet_for_the_officer_names_all_that_is_put_into_a_browser() -> None:
    page = (DOCS / "data-protection.md").read_text("utf-8")
    table = page.split("**What is put into a browser.**")[1].split("**Logs of the programs**")[0]
    named = {
        name
        for row in re.findall(r"^\| (?:cookie|storage) ([^|]+)\|", table, re.MULTILINE)
        for name in re.findall(r"`([\w-]+)`", row)
    }
    gates = [Gate(State(Path("nowhere")), secure=secure) for secure in (False, True)]
    ours = {name for gate in gates for name in (gate.cookie, gate.begun)} | {COOKIE}
    scripts = [path.read_text("utf-8") for path in (ROOT / "dashboard" / "assets").glob("*.js")]
    stored = {name for text in scripts for name in re.findall(r"localStorage\.setItem\('([\w-]+)'", text)}
    set_here = {name for text in scripts for name in re.findall(r"document\.cookie = `([\w-]+)=", text)}
    assert stored
    assert set_here == {COOKIE}
    assert named == ours | stored


def test_the_page_about_bringing_in_names_every_field_and_every_setting() -> None:
    page = (DOCS / "bringing-in.md").read_text("utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = set(re.findall(r"`(\w+)`", " ".join(rows)))
    assert named == {*FIELDS, *rules.Mapping.model_fields}
    example = re.search(r"## A mapping\n\n```yaml\n(.*?)```", page, re.DOTALL)
    assert example
    assert rules.Mapping.model_validate(YAML(typ="safe").load(example[1])).rules


@pytest.mark.parametrize("title", SCENARIOS)
def test_every_setting_of_a_scenario_says_what_it_does(title: str) -> None:
    section = SCENARIOS[title]
    page = (DOCS / "scenarios.md").read_text("utf-8")
    assert f"## {title}\n" in page
    assert section.get("description")
    settings = section.get("properties", {})
    assert [name for name, setting in settings.items() if not setting.get("description")] == []
    assert [name for name in settings if f"| `{name}` |" not in page] == []


def test_the_example_of_a_scenario_is_one(tmp_path: Path) -> None:
    page = (DOCS / "scenarios.md").read_text("utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    (tmp_path / "scenario.yml").write_text(example, "utf-8")
    found = open_scenario(tmp_path / "scenario.yml")
    assert found.problems == []
