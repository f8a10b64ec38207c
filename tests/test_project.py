"""The project itself: locks, package, and what no file of it may hold."""

import re
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PEERS = "benchmarks/forecasting/peers.txt"
ORACLES = "benchmarks/survival/oracles.txt"
TOGETHER = sorted(ROOT.glob("requirements*.txt"))
LOCKS = [*TOGETHER, ROOT / PEERS, ROOT / ORACLES]
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
REQUIREMENT = re.compile(r"^([a-z0-9._-]+)==\S+( ; [^\\]+)? \\$")


def normal(name: str) -> str:
    """The name of a distribution as PEP 503 compares it, without version or extras."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", name)[0]).lower()


def locked(file: str) -> set[str]:
    lines = (ROOT / file).read_text("utf-8").splitlines()
    return {normal(match[1]) for line in lines if (match := REQUIREMENT.match(line))}


def tracked() -> Iterator[Path]:
    """The files of the repository, or of the folder where git is not there."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git clone: which files belong to the project is not known")
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return (path for path in paths if path.is_file())


def texts() -> Iterator[tuple[str, str]]:
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data:
            yield str(path.relative_to(ROOT)), data.decode("utf-8", "replace")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_server_and_no_option_but_hashes(lock: Path) -> None:
    text = lock.read_text("utf-8")
    assert "://" not in text
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    strange = [
        line
        for line in lines
        if not REQUIREMENT.match(line) and not re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line)
    ]
    assert strange == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_version_has_a_hash(lock: Path) -> None:
    blocks = re.split(r"^(?=[a-z0-9])", lock.read_text("utf-8"), flags=re.MULTILINE)[1:]
    assert blocks
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize(
    ("wanted", "lock"),
    [
        (PROJECT["project"]["dependencies"], "requirements.txt"),
        (PROJECT["dependency-groups"]["dev"], "requirements-dev.txt"),
        (PROJECT["dependency-groups"]["build"], "requirements-build.txt"),
        (PROJECT["dependency-groups"]["installer"], "requirements-uv.txt"),
        (PROJECT["dependency-groups"]["peers"], PEERS),
        (PROJECT["dependency-groups"]["oracles"], ORACLES),
        (PROJECT["build-system"]["requires"], "requirements-build.txt"),
    ],
    ids=["program", "tools", "build", "installer", "peers", "oracles", "backend"],
)
def test_every_dependency_is_locked(wanted: list[str], lock: str) -> None:
    assert {normal(name) for name in wanted} - locked(lock) == set(), "run: make lock"


def test_no_two_locks_disagree() -> None:
    versions: dict[str, set[str]] = {}
    for lock in TOGETHER:
        for line in lock.read_text("utf-8").splitlines():
            if match := REQUIREMENT.match(line):
                versions.setdefault(line.split(" \\")[0].split("==")[0] + (match[2] or ""), set()).add(line)
    assert [lines for lines in versions.values() if len(lines) > 1] == []


def test_the_changelog_says_what_is_unreleased() -> None:
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_wheel_holds_every_file_of_every_package(tmp_path: Path) -> None:
    from hatchling.builders.wheel import WheelBuilder

    wheel = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    names = set(zipfile.ZipFile(wheel).namelist())
    ours = (str(path.relative_to(ROOT)) for path in tracked())
    wanted = {name for name in ours if name.split("/")[0] in PACKAGES}
    assert wanted - names == set()
    assert any(name.startswith("collectors/devices/") for name in names)


def holders(pattern: str, excused: tuple[str, ...] = ()) -> list[str]:
    """The files that hold a pattern. This one has to spell out what it looks for."""
    apart = {"tests/test_project.py", *excused}
    return [name for name, text in texts() if name not in apart and re.search(pattern, text)]


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    assert holders(r"/root/\w|/home/(?!jauge\b)[a-z]+/\w|/tmp/(?!jauge)\w+/") == []


def test_nothing_is_left_to_do() -> None:
    assert holders(r"\b(TODO|FIXME|XXX)\b", excused=("CONTRIBUTING.md",)) == []


def test_no_private_key_is_kept() -> None:
    assert holders(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\n") == []


def test_ci_runs_nothing_that_a_user_could_not() -> None:
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("make ")] == ["make lint", "make test"]


def test_every_target_of_make_says_what_it_does() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert phony
    assert [name for name in phony[1].split() if f"make {name} " not in listed] == []
