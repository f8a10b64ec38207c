"""How long importing an inventory takes, what it takes of memory, and how large a state becomes that keeps every week.

    python -m benchmarks.inventory [--rows 1000000] [--machines 10000] [--weeks 260] [--seed 1] [--json]

Two invented exports of GLPI, a month apart: of a hundred machines one is gone, one is new, one has moved, and in the second a
tenth have another version of Windows. `first` and `next` are the whole of a preview and its commit, each in a process of its own, in which the
program is loaded already. `pandas` reads both files as texts and merges them by serial number, with a column that says which
cells differ: no encoding is looked at, no value checked, nothing kept. `seconds` is by the clock, `cpu` of the processor: where
other programs run beside it, the second tells. `kept` is the size of `state.db` after weekly imports of `--machines`, with the
moves, arrivals and ends of the above each month, and a new build of Windows on all of them each fourth week.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import datetime as dt
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pandas as pd

from inventory.imports import lives, reading, snapshots
from inventory.state import open_state

GOALS: Final = {"seconds": 60.0, "MiB": 500.0}
"""Bars of a million rows, for the whole of preview and commit."""

TODAY: Final = dt.date(2026, 11, 26)
TITLES: Final = (
    "Nom", "Lieu", "Groupe", "Statut", "Type", "Fabricant", "Modèle", "Numéro de série", "Numéro d'inventaire", "Date d'achat",
    "Système d'exploitation - Nom", "Système d'exploitation - Version", "Composants - Processeur", "Composants - Mémoire",
)  # fmt: skip
MODELS: Final = (
    ("Portable", "Dell Inc.", "Latitude 5550", "Intel Core Ultra 5 125U", "16384"),
    ("Fixe", "HP", "HP Elite Mini 800 G9", "Intel Core i5-13500T", "16384"),
    ("Fixe", "HP", "HP EliteDesk 800 G6 Mini", "Intel Core i5-10500T", "8192<br>8192"),
    ("Portable", "LENOVO", "ThinkPad L14 Gen 1", "Intel Core i5-10210U", "8192"),
)


@dataclasses.dataclass(frozen=True)
class Row:
    """One measured thing."""

    what: str
    rows: int
    seconds: float
    cpu: float
    mebibytes: float
    found: str


def machine(number: int, random: random.Random) -> list[str]:
    """One row of an export."""
    kind, maker, model, cpu, memory = random.choice(MODELS)
    bought = TODAY - dt.timedelta(days=random.randrange(60, 3_000))
    return [
        f"PC{number:07d}", f"Bâtiment {random.choice('ABCDEF')} > Niveau {random.randrange(6)}", f"Service {random.randrange(40)}",
        "En service", kind, maker, model, f"S{number:07d}{random.randrange(1000):03d}", f"INV-{number}", bought.strftime("%d/%m/%Y"),
        "Microsoft Windows 11", "10.0.26100", cpu, memory,
    ]  # fmt: skip


def month(rows: list[list[str]], random: random.Random, build: str | None = None) -> list[list[str]]:
    """The same machines a month later."""
    after = [list(row) for row in rows if random.random() >= 0.01]
    for row in after:
        if random.random() < 0.01:
            row[1] = f"Bâtiment {random.choice('ABCDEF')} > Niveau {random.randrange(6)}"
        if build is None and random.random() < 0.1:
            row[11] = "10.0.26200"
        elif build is not None:
            row[11] = build
    first = int(rows[-1][0][2:]) + 1
    return after + [machine(first + number, random) for number in range(len(rows) - len(after))]


def write(path: Path, rows: list[list[str]]) -> None:
    """An export as GLPI writes it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(TITLES)
        writer.writerows(rows)


# --- what is measured, each in a process of its own --------------------------------------------------------


def ours(folder: Path, name: str) -> str:
    """Preview and commit of one file."""
    state = open_state(folder / "state.db")
    with reading.read(state, folder / name, TODAY) as preview:
        counts = preview.counts()
        snapshots.commit(state, preview, "benchmark")
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def peer(folder: Path, _name: str) -> str:
    """What differs between the two files, by pandas."""
    before, after = (
        pd.read_csv(folder / name, sep=";", dtype=str, keep_default_na=False)
        for name in ("first.csv", "next.csv")
    )
    merged = before.merge(after, on="Numéro de série", how="outer", suffixes=("", " after"), indicator=True)
    both = merged[merged["_merge"] == "both"]
    differs = (
        sum((both[title] != both[f"{title} after"]) for title in TITLES if title != "Numéro de série") > 0
    )
    sides = merged["_merge"].value_counts()
    return f"{sides['right_only']} new, {differs.sum()} changed, {sides['left_only']} vanished, {(~differs).sum()} unchanged"


def kept(machines: int, weeks: int, seed: int) -> tuple[int, int]:
    """Bytes of a state after so many weekly imports, and how many machines it has ever seen."""
    draw = random.Random(seed)
    rows = [machine(number, draw) for number in range(machines)]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        state = open_state(folder / "state.db")
        for week in range(weeks):
            if week % 4 == 0:
                rows = month(rows, draw, f"10.0.26100.{week}")
            write(folder / "week.csv", rows)
            with reading.read(state, folder / "week.csv", TODAY) as preview:
                snapshots.commit(state, preview, "benchmark", at=1_600_000_000 + week * 7 * 86_400)
        return sum(file.stat().st_size for file in folder.glob("state.db*")), len(lives.lives(state))


PARTS: Final[dict[str, Callable[[Path, str], str]]] = {"ours": ours, "peer": peer}


def part(which: str, folder: Path, name: str, rows: int) -> Row:
    """Measure one of `PARTS` in this process."""
    started, worked = time.monotonic(), time.process_time()
    found = PARTS[which](folder, name)
    took, cpu = time.monotonic() - started, time.process_time() - worked
    return Row(which, rows, took, cpu, peak(), found)


def peak() -> float:
    """The most MiB that this process ever had. What getrusage says counts those of the program that started it."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def run(rows: int, seed: int) -> Iterator[Row]:
    """Everything that reads files."""
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        first = [machine(number, draw) for number in range(rows)]
        write(folder / "first.csv", first)
        write(folder / "next.csv", month(first, draw))
        del first
        for what, which, name in (
            ("first", "ours", "first.csv"),
            ("next", "ours", "next.csv"),
            ("pandas", "peer", ""),
        ):
            command = [
                sys.executable,
                "-m",
                "benchmarks.inventory",
                "--part",
                which,
                str(folder),
                name,
                "--rows",
                str(rows),
            ]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            yield dataclasses.replace(Row(**json.loads(said)), what=what)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--machines", type=int, default=10_000)
    parser.add_argument("--weeks", type=int, default=260)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--part", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.part:
        which, folder, name = args.part
        print(json.dumps(dataclasses.asdict(part(which, Path(folder), name, args.rows))))
        return
    found = []
    for row in run(args.rows, args.seed):
        found.append(row)
        print(
            f"{row.what}: {row.seconds:.1f} s, {row.cpu:.1f} s of the processor, {row.mebibytes:.0f} MiB: {row.found}",
            file=sys.stderr,
        )
    size, seen = kept(args.machines, args.weeks, args.seed) if args.weeks else (0, 0)
    ours_alone = [row for row in found if row.what != "pandas"]
    met = all(row.cpu <= GOALS["seconds"] and row.mebibytes <= GOALS["MiB"] for row in ours_alone)
    if args.json:
        print(
            json.dumps(
                {"rows": [dataclasses.asdict(row) for row in found], "kept": size, "seen": seen, "met": met},
                indent=2,
            )
        )
        return
    print(f"{'what':8}{'rows':>10}{'seconds':>9}{'cpu':>7}{'MiB':>6}  found")
    for row in found:
        print(f"{row.what:8}{row.rows:10}{row.seconds:9.1f}{row.cpu:7.1f}{row.mebibytes:6.0f}  {row.found}")
    print(
        f"\nkept: {size / 1e6:.1f} MB after {args.weeks} weekly imports of {args.machines} machines, {seen} seen in all"
    )
    print(
        f"at most {GOALS['seconds']:.0f} s of one processor and {GOALS['MiB']:.0f} MiB: {'met' if met else 'NOT MET'}"
    )


if __name__ == "__main__":
    main()
