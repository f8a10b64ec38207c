"""How long the committee's file takes, by format and with all of them, by the clock and of the processors.

    python -m benchmarks.report [--folder DIR] [--language fr] [--json]

`python -m benchmarks.dashboard` leaves an estate of 10,000 stores and 3,000 workstations in the folder: it is copied, and nothing is written
into it. Each row is one command, `jauge report`, from its start to its end. The plans are made anew before, as every night: those
seconds are the night's.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

GOAL: Final = 20.0
"""Seconds by the clock, of all formats, on two processors that nobody else needs."""

ESTATE: Final = "hospital.yml"
"""The estate that `benchmarks.dashboard` makes: its workstations, offers and roll-outs are told in it."""

FORMS: Final = ("pdf", "xlsx", "html", "pptx")


class Row(NamedTuple):
    """One command: seconds by the clock and of the processors, and the bytes that it wrote."""

    formats: str
    seconds: float
    cpu: float
    bytes: int


def run(folder: Path, language: str) -> Iterator[Row]:
    """A row for each format, and one for all of them."""
    with tempfile.TemporaryDirectory(prefix="jauge-report-") as made:
        place = Path(made)
        shutil.copytree(folder, place / "data")
        _report(place, language, ("html",))  # the plans of today
        for forms in (*((form,) for form in FORMS), FORMS):
            yield _report(place, language, forms)


def _report(place: Path, language: str, forms: tuple[str, ...]) -> Row:
    output = place / "output"
    shutil.rmtree(output, ignore_errors=True)
    data = place / "data"
    command = [
        sys.executable,
        "-m",
        "jauge",
        "report",
        data / ESTATE,
        "--data",
        data,
        "--output",
        output,
        "--lang",
        language,
    ]
    chosen = [piece for form in forms for piece in ("--format", form)]
    start = time.monotonic()
    process = subprocess.Popen([*command, *chosen], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - start
    if process.returncode:
        raise SystemExit(f"jauge report ended with {process.returncode}: see above")
    size = sum(path.stat().st_size for path in output.iterdir())
    return Row("+".join(forms), round(seconds, 2), round(used.ru_utime + used.ru_stime, 2), size)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "jauge-dashboard")
    parser.add_argument("--language", choices=("en", "fr"), default="fr")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not (given.folder / ESTATE).is_file():
        raise SystemExit(
            f"{given.folder} holds no estate: run python -m benchmarks.dashboard, which leaves one"
        )
    rows = list(run(given.folder, given.language))
    if given.json:
        print(json.dumps({"goal": GOAL, "rows": [row._asdict() for row in rows]}))
        return
    print(f"{'formats':<22}{'seconds':>9}{'cpu':>9}{'bytes':>12}")
    for row in rows:
        print(f"{row.formats:<22}{row.seconds:>9.2f}{row.cpu:>9.2f}{row.bytes:>12,}")
    print(
        f"goal: {GOAL:.0f} s by the clock for all formats: {'kept' if rows[-1].seconds <= GOAL else 'missed'}"
    )


if __name__ == "__main__":
    main()
