"""Print how good the forecasts are, beside the methods that people use elsewhere.

    python -m benchmarks.forecasting [--part report|tune] [--seed N] [--quick] [--methods jauge,ols] [--json]

Windows are those of real stores (split by the repository that they come from: every other one for choosing, the rest
for reporting), the same with faults injected, and histories made with a known future. `pin`, `ttx`, `missed`,
`false`, `c80` and `c95` are explained in `benchmarks/forecasting/scores.py`; `cpu` is CPU seconds for 1,000 series of
730 days, 180 days ahead, measured on `cpu_of` of them, and `mib` the memory of the process that did it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.forecasting import peers
from benchmarks.forecasting.cost import cost
from benchmarks.forecasting.goals import ENOUGH, OURS, goals
from benchmarks.forecasting.methods import LOCAL
from benchmarks.forecasting.peers import PEERS, PeersError
from benchmarks.forecasting.scores import summary, table
from benchmarks.forecasting.window import Window, corpus, windows

QUICK: Final = 400
"""Windows of a quick run."""

METHODS: Final = (*list(LOCAL)[:-1], *PEERS, OURS)


def measure(name: str, chosen: Sequence[Window], priced: bool) -> tuple[dict[str, float], pd.DataFrame]:
    """The row of a method, and its table of windows. Raises PeersError."""
    if name in PEERS:
        forecasts, answer = peers.forecast(name, chosen)
        told = ", ".join(f"{package} {version}" for package, version in answer.versions.items())
        print(f"{name}: {told}; failed on {answer.failed} series", file=sys.stderr)
    else:
        forecasts = LOCAL[name](chosen)
    scored = table(forecasts, chosen)
    row = summary(scored)
    if priced:
        spent = peers.cost(name) if name in PEERS else cost(name)
        row |= {"cpu": spent.cpu, "cpu_of": float(spent.measured), "mib": spent.peak_mib}
    return row, scored


def run(
    names: Sequence[str], chosen: Sequence[Window], priced: bool
) -> tuple[dict[str, dict[str, float]], dict[str, pd.DataFrame]]:
    """Rows and tables of the methods. A peer that does not run is said, and left out."""
    rows: dict[str, dict[str, float]] = {}
    tables: dict[str, pd.DataFrame] = {}
    for name in names:
        try:
            rows[name], tables[name] = measure(name, chosen, priced)
            print(f"{name}: pin {rows[name]['pin']:.2f}", file=sys.stderr)
        except PeersError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    rows |= {f"{OURS}, windows of {name}": row for name, row in shared(tables)}
    return rows, tables


def shared(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, dict[str, float]]]:
    """For each method that forecast some of the windows only: what ours scores on the same ones."""
    for name, scored in tables.items():
        some = scored["pin"].notna()
        if OURS in tables and not some.all():
            yield name, summary(tables[OURS][some])


def by_kind(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """`pin` of each kind of window and method, with faults and without."""
    columns = {name: scored.groupby(["kind", "faults"])["pin"].mean() for name, scored in tables.items()}
    found = pd.DataFrame(columns)
    first = next(iter(tables.values()))
    found.insert(0, "windows", first.groupby(["kind", "faults"]).size())
    return found


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        prog="benchmarks.forecasting",
    )
    parser.add_argument("--series", type=Path, default=corpus(), help="CSV of unique_id, ds, y")
    parser.add_argument("--part", choices=("report", "tune"), default="report")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help=f"some {QUICK} windows, and no costs")
    parser.add_argument("--methods", default=",".join(METHODS), help="comma-separated, of: %(default)s")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(given)
    if not options.series.exists():
        sys.exit(
            f"{options.series}: not there; name a CSV of unique_id, ds, y with --series, or set JAUGE_CORPUS"
        )
    options.methods = options.methods.split(",")
    unknown = [name for name in options.methods if name not in METHODS]
    if unknown:
        parser.error(f"--methods: {unknown[0]} is not one of {', '.join(METHODS)}")
    return options


def main(given: Sequence[str] | None = None) -> None:
    """Print the tables, or one JSON object."""
    options = arguments(given)
    chosen = windows(options.part, options.seed, QUICK if options.quick else None, options.series)
    rows, tables = run(options.methods, chosen, priced=not options.quick)
    if not rows:
        sys.exit("No method ran: the reasons stand above")
    kinds = by_kind(tables)
    judged = list(goals(rows))
    if options.json:
        listed = kinds.reset_index().to_dict("records")
        told = [{"what": one.what, "figure": one.figure, "bar": one.bar, "met": one.met} for one in judged]
        said = {"part": options.part, "seed": options.seed, "windows": len(chosen)}
        print(json.dumps(said | {"methods": rows, "kinds": listed, "goals": told}))
        return
    still = sum(not one.moved for one in chosen)
    print(
        f"part {options.part}, seed {options.seed}: {len(chosen)} windows, {still} of which had never moved"
    )
    print(pd.DataFrame(rows).T.round(2).to_string())
    print("\npin by kind of window\n" + kinds.round(2).to_string() + "\n")
    for one in judged:
        print(one)
    if len(chosen) < ENOUGH:
        print(f"{len(chosen)} windows are too few to tell a coverage within 2 points: {ENOUGH} are needed")


if __name__ == "__main__":
    main()
