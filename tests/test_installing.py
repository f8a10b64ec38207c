"""Jauge as it is installed: from its wheel, and from a bundle where there is no network."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import servers
from collecting import until

ROOT = Path(__file__).parent.parent
HASHED = re.compile(r"--hash=sha256:([0-9a-f]{64})")
ESTATE = "targets: [{name: here, host: true}]\n"


def made(script: str, *words: object, epoch: int | None = None) -> Path:
    """What a script of ours made: the last line that it prints is the place."""
    environment = os.environ | ({} if epoch is None else {"SOURCE_DATE_EPOCH": str(epoch)})
    command = [str(ROOT / "scripts" / script), *map(str, words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Path(ROOT, done.stdout.splitlines()[-1])


def test_a_wheel_is_the_same_bytes_wherever_and_whenever_it_is_made(tmp_path: Path) -> None:
    here = made("wheel", tmp_path / "here", epoch=1_700_000_000)
    other = tmp_path / "elsewhere" / "with another name"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git clone: which files belong to the project is not known")
    for name in reversed(listed.stdout.decode().split("\0")):
        if name and (ROOT / name).is_file() and not name.startswith(("tests/", "docs/images/")):
            (other / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, other / name)
            (other / name).chmod(0o640 if not os.access(ROOT / name, os.X_OK) else 0o750)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "there")]
    subprocess.run(
        command,
        cwd=other,
        env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000", "TZ": "Asia/Tokyo"},
        check=True,
        capture_output=True,
    )
    there = next((tmp_path / "there").glob("*.whl"))
    assert there.name == here.name
    assert there.read_bytes() == here.read_bytes()
    with zipfile.ZipFile(here) as wheel:
        names = wheel.namelist()
        assert {info.date_time[:3] for info in wheel.infolist()} == {(2023, 11, 14)}
    for place in ("packaging/systemd", "mixin", "docs/runbooks"):
        inside = f"/share/jauge/{place.removeprefix('packaging/')}/"
        shipped = {name.partition(inside)[2] for name in names if inside in name}
        kept = ROOT / place
        assert shipped == {str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file()}


def works(program: Path, folder: Path, environment: Mapping[str, str]) -> None:
    """See whether an installation answers: its version, an estate, a poll, a scrape, and words in French."""
    folder.mkdir()
    estate, port = folder / "estate.yml", servers.free_port()
    estate.write_text(ESTATE)

    def said(*words: object) -> str:
        done = subprocess.run(
            [program, *map(str, words)],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert re.fullmatch(r"\d+\.\d+\.\d+\n", said("--version"))
    said("check", estate)
    assert '"targets"' in said("schema")
    assert "jauge_memory_size_bytes" in said("poll", estate)
    with subprocess.Popen(
        [
            program,
            "run",
            str(estate),
            "--data",
            str(folder / "data"),
            "--web.listen-address",
            f"127.0.0.1:{port}",
        ],
        env=environment,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            until(lambda: _answers(f"http://127.0.0.1:{port}/-/ready"), 60)
            scrape = servers.get(f"http://127.0.0.1:{port}/metrics/estate", timeout=10).text
            assert 'jauge_target_up{target="here"' in scrape
        finally:
            process.terminate()
            assert process.wait(30) == 0
    said("plan", estate, "--data", folder / "data")
    said("inventory", "eol", "--data", folder / "data")
    said("report", estate, "--data", folder / "data", "--language", "fr", "--output", folder / "file")
    papers = sorted((folder / "file").iterdir())  # fonts, words in French, and templates were in the wheel
    assert [path.suffix for path in papers] == [".html", ".pdf", ".pptx", ".xlsx"]
    assert papers[1].read_bytes().startswith(b"%PDF")


def _answers(url: str) -> bool:
    with contextlib.suppress(Exception):
        return bool(servers.get(url, timeout=5).status_code == 200)
    return False


def alone(tmp_path: Path) -> dict[str, str]:
    """An environment in which nothing of this clone is found, and no index of packages."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "PYTHON", "UV_", "JAUGE_", "VIRTUAL_"))
    }
    refused = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    return kept | refused | {"HOME": str(tmp_path)}


def test_a_container_is_nobodys_and_its_check_of_health_hears_an_answer(tmp_path: Path) -> None:
    text = (ROOT / "packaging" / "Containerfile").read_text("utf-8").replace("\\\n", "")
    steps = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    last = steps[max(number for number, (word, _) in enumerate(steps) if word == "FROM") :]
    words = [word for word, _ in last]
    assert dict(last)["USER"] == "10001:10001"
    assert "RUN" not in words[words.index("USER") :]
    check = json.loads(dict(last)["HEALTHCHECK"].partition(" CMD ")[2])
    port = servers.free_port()
    environment = os.environ | {"JAUGE_LISTEN": f"0.0.0.0:{port}"}
    command = [sys.executable, *check[1:]]
    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode != 0
    serve = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    with servers.running(serve, lambda: servers.answers(port), tmp_path / "log"):
        assert subprocess.run(command, env=environment, check=False).returncode == 0


def test_containers_of_the_guide_share_one_volume_and_start_the_image_that_is_built() -> None:
    guide = (ROOT / "docs" / "installing.md").read_text("utf-8").replace("\\\n", "")
    runs = [line.partition("#")[0].split() for line in guide.splitlines() if line.startswith("podman run")]
    assert len(runs) == 3
    for words in runs:
        volumes = {words[number + 1] for number, word in enumerate(words) if word == "-v"}
        assert volumes == {"/etc/jauge:/etc/jauge:ro", "jauge:/var/lib/jauge"}
        assert "localhost/jauge" in words


@pytest.mark.proof
def test_a_wheel_is_installed_beside_what_the_lock_names_and_works(tmp_path: Path) -> None:
    wheel = made("wheel", tmp_path / "dist")
    place = tmp_path / "installed"
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    pip = [place / "bin" / "pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--require-hashes", "-r", ROOT / "requirements.txt"], check=True)
    subprocess.run([*pip, "--no-deps", "--no-index", wheel], check=True)
    subprocess.run([place / "bin" / "pip", "check"], check=True)
    works(place / "bin" / "jauge", tmp_path / "work", alone(tmp_path))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made("bundle", tmp_path_factory.mktemp("bundle"))


@pytest.fixture
def unpacked(bundle: Path, tmp_path: Path) -> Path:
    with tarfile.open(bundle) as tar:
        tar.extractall(tmp_path, filter="data")
    return tmp_path / bundle.name.removesuffix(".tar")


def install(unpacked: Path, place: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """`./install`, in a network of its own, which has not even a loopback that is up."""
    command = [str(unpacked / "install"), str(place)]
    apart = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*apart, "true"], capture_output=True, check=False).returncode:
        apart = []  # where this is not allowed, the index that is refused has to do
    return subprocess.run(
        [*apart, *command],
        env={**environment, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.proof
def test_a_bundle_is_installed_without_a_network_twice_and_works(unpacked: Path, tmp_path: Path) -> None:
    locked = set(HASHED.findall((ROOT / "requirements.txt").read_text("utf-8")))
    wheels = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path.name for path in (unpacked / "wheels").iterdir()
    }
    assert {name for mark, name in wheels.items() if mark not in locked} == {
        path.name for path in (unpacked / "wheels").glob("jauge-*.whl")
    }
    place, environment = tmp_path / "opt" / "jauge", alone(tmp_path)
    place.parent.mkdir()
    done = install(unpacked, place, environment)
    assert done.returncode == 0, done.stderr
    assert place.is_symlink()
    works(place / "bin" / "jauge", tmp_path / "work", environment)
    assert (place / "share" / "jauge" / "systemd" / "jauge.target").is_file()
    # One that was cut short is begun anew; what is there stays.
    real = place.resolve()
    (real / ".installed").unlink()
    (real / "bin" / "jauge").unlink()
    assert install(unpacked, place, environment).returncode == 0
    assert (real / "bin" / "jauge").exists()
    before = (real / "pyvenv.cfg").stat().st_mtime_ns
    assert install(unpacked, place, environment).returncode == 0
    assert (real / "pyvenv.cfg").stat().st_mtime_ns == before
    assert {path.name for path in place.parent.iterdir()} == {"jauge", real.name}


@pytest.mark.proof
def test_a_bundle_that_came_to_harm_or_is_for_another_python_is_not_installed(
    unpacked: Path, tmp_path: Path
) -> None:
    place, environment = tmp_path / "opt", alone(tmp_path)
    place.mkdir()
    (place / "theirs").write_text("kept")
    assert "is no link that this script made" in install(unpacked, place, environment).stderr
    place = tmp_path / "jauge"
    (unpacked / "PYTHON").write_text("2.7\n")
    assert "This bundle is for Python 2.7" in install(unpacked, place, environment).stderr
    (unpacked / "PYTHON").write_text(f"{sys.version_info[0]}.{sys.version_info[1]}\n")
    wheel = next((unpacked / "wheels").glob("jauge-*.whl"))
    wheel.write_bytes(wheel.read_bytes()[:-1] + b"?")
    assert "not as it was made: copy the bundle again" in install(unpacked, place, environment).stderr
    assert not place.exists()
