"""Methods of others, which pin a pandas older than ours: they run in a virtual environment of their own.

It is built when it is first needed, from `peers.txt` (written by `make lock`), and kept under XDG_CACHE_HOME/jauge or
~/.cache/jauge; so are results, under a digest of everything that they come from. What a peer costs is never kept.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.forecasting.cost import COUNT, Cost, alone, histories, spent
from benchmarks.forecasting.generator import AHEAD, Floats
from benchmarks.forecasting.methods import cleaned
from benchmarks.forecasting.scores import LEVELS, Forecasts
from benchmarks.forecasting.window import Window

HERE: Final = Path(__file__).parent
LOCK: Final = HERE / "peers.txt"
PROGRAM: Final = HERE / "peer_program.py"

Series = list[tuple[Floats, np.ndarray]]
"""Bytes and days (since 1970) of each series."""


class PeersError(RuntimeError):
    """The environment of the peers cannot be made, or a peer does not run."""


@dataclasses.dataclass(frozen=True, slots=True)
class Peer:
    """One row: a method of `peer_program.py`, what it is given, every how manieth window, and series for its cost.

    `every` is odd: of the made windows every other one has faults.
    """

    method: str
    given: Callable[[Sequence[Window]], Series]
    every: int = 1
    priced: int = 100


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a peer gave: `paths` (series, AHEAD, LEVELS), its CPU seconds, and the versions it ran with."""

    paths: Floats
    cpu: float
    peak_mib: float
    failed: int
    versions: dict[str, str]


def _daily(chosen: Sequence[Window]) -> Series:
    return [_regular(one, one.daily) for one in chosen]


def _mended(chosen: Sequence[Window]) -> Series:
    return [_regular(one, y) for one, y in zip(chosen, cleaned(chosen, jumps=True), strict=True)]


def _cleaned(chosen: Sequence[Window]) -> Series:
    return [_regular(one, level) for one, level in zip(chosen, cleaned(chosen, jumps=False), strict=True)]


def _seen(chosen: Sequence[Window]) -> Series:
    return [(one.y, one.days.astype("datetime64[D]").astype(np.int64)) for one in chosen]


def _regular(one: Window, y: Floats) -> tuple[Floats, np.ndarray]:
    last = one.days[-1].astype("datetime64[D]").astype(np.int64)
    return y, np.arange(last - len(y) + 1, last + 1)


PEERS: Final[dict[str, Peer]] = {
    "autoets": Peer("autoets", _daily),
    "autoets-mended": Peer("autoets", _mended),
    "autoets-cleaned": Peer("autoets", _cleaned),
    "autotheta": Peer("autotheta", _daily, every=9, priced=20),
    "prophet": Peer("prophet", _seen, every=7, priced=20),
}


def forecast(name: str, chosen: Sequence[Window]) -> tuple[Forecasts, Answer]:
    """Forecasts of every `every`th window, NaN for the others. Raises PeersError."""
    peer = PEERS[name]
    some = list(chosen)[:: peer.every]
    answer = ask(peer.method, peer.given(some))
    paths = np.full((len(chosen), AHEAD, len(LEVELS)), np.nan)
    paths[:: peer.every] = answer.paths
    return Forecasts.along(paths, chosen), answer


def cost(name: str) -> Cost:
    """What a peer costs, from a run on fewer series; that of the cleaning before it is added. Raises PeersError."""
    peer = PEERS[name]
    chosen = histories(peer.priced)
    given: Series = []
    before = spent(lambda: given.extend(peer.given(chosen)))
    answer = ask(peer.method, given, kept=False)
    return Cost((before + answer.cpu) * COUNT / peer.priced, answer.peak_mib, peer.priced)


def ask(method: str, given: Series, kept: bool = True) -> Answer:
    """Let a method forecast series. With `kept`, an answer to the same question is not asked for again. Raises PeersError."""
    question = _packed(given)
    digest = _digest(method.encode(), question, LOCK.read_bytes(), PROGRAM.read_bytes())
    answer = cache() / "answers" / f"{method}-{digest}.npz"
    if not (kept and answer.exists()):
        answer.parent.mkdir(parents=True, exist_ok=True)
        _run(method, question, answer)
    with np.load(answer) as found:
        versions: dict[str, str] = json.loads(str(found["versions"]))
        return Answer(
            found["paths"], float(found["cpu"]), float(found["peak_mib"]), int(found["failed"]), versions
        )


def _packed(given: Series) -> bytes:
    held = io.BytesIO()
    np.savez(
        held,
        y=np.concatenate([y for y, _ in given]),
        days=np.concatenate([days for _, days in given]),
        lengths=[len(y) for y, _ in given],
        ahead=AHEAD,
        levels=LEVELS,
    )
    return held.getvalue()


def _run(method: str, question: bytes, answer: Path) -> None:
    python = environment()
    with tempfile.TemporaryDirectory(dir=answer.parent) as folder:
        source, target = Path(folder, "question.npz"), Path(folder, "answer.npz")
        source.write_bytes(question)
        argv = list(map(str, (python, PROGRAM, method, source, target)))
        done = subprocess.run(argv, check=False, env=alone(os.environ), stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise PeersError(f"{method} ended with {done.returncode}: {_end(done.stderr)}")
        target.replace(answer)


# --- the environment --------------------------------------------------------------------------------------


def cache() -> Path:
    """Where the environment and the answers are kept."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "jauge" / "peers"


def place(lock: Path = LOCK) -> Path:
    """Where the interpreter of the peers of a lock is, or will be."""
    version = ".".join(map(str, sys.version_info[:3]))
    return cache() / f"python-{version}-{_digest(lock.read_bytes())[:12]}" / "bin" / "python"


def environment(lock: Path = LOCK) -> Path:
    """The interpreter of the peers; the first time, it is made. Raises PeersError with what to do where it cannot be."""
    python = place(lock)
    if python.exists():
        return python
    home = python.parent.parent
    home.parent.mkdir(parents=True, exist_ok=True)
    print(f"Making an environment for the peers in {home} (a minute, the first time)", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=home.parent) as folder:
        made = Path(folder, "made")
        _install(made, lock)
        if not home.exists():
            made.rename(home)
    return python


def _install(home: Path, locked: Path) -> None:
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    lock = ["--require-hashes", "-r", str(locked)]
    python = str(home / "bin" / "python")
    if uv:
        steps = [[uv, "venv", "--quiet", "--python", sys.executable, str(home)],
                 [uv, "pip", "install", "--quiet", "--python", python, *lock]]  # fmt: skip
    else:
        steps = [[sys.executable, "-m", "venv", str(home)],
                 [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *lock]]  # fmt: skip
    environment = {**os.environ, "UV_SYSTEM_CERTS": "true"}  # a proxy signs with what only the system knows
    environment.pop("VIRTUAL_ENV", None)
    for argv in steps:
        done = subprocess.run(argv, check=False, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise PeersError(
                f"their environment could not be made ({Path(argv[0]).name}: {_end(done.stderr)}). It needs a package"
                " index once; a mirror is named by UV_DEFAULT_INDEX, or PIP_INDEX_URL without uv"
            )


def _end(text: str) -> str:
    """The last line that says something."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no message")


def _digest(*parts: bytes) -> str:
    held: Any = hashlib.sha256()
    for part in parts:
        held.update(len(part).to_bytes(8))
        held.update(part)
    return str(held.hexdigest()[:32])
