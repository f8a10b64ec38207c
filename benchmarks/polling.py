"""Polling against snmp_exporter: CPU for the same series and values, silent targets, and growth.

    python -m benchmarks.polling [--bars v2c,v3,silent,scale] [--targets 200] [--rounds 5] [--json]

Figures are medians of interleaved rounds; CPU is user and system time of the poller's own process. Jauge polls,
records and renders the text, as the service does; snmp_exporter 0.21 reads the same objects by an equivalent module
and is scraped without compression. Canned agents (`benchmarks._agents`) say other figures in every round; v3 asks
net-snmp's snmpd. In every round the texts of a target are parsed and compared as sets of series and values.

`v2c`     walk, labels and text of 2,180 series a target; the first poll makes the plan, steady polls (after ten more) use it
`v3`      the same over SNMPv3 authPriv (SHA-256, AES) from a real snmpd, whose values move: series are compared
`silent`  one target in ten never answers, all are due at once, after a first round that makes the plans
`scale`   CPU a varbind, and memory a target, with more and more small targets
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import random
import resource
import shutil
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from prometheus_client.parser import text_string_to_metric_families

from benchmarks._agents import HOST, LARGE, SMALL, Agents, Counts
from benchmarks._devices import FAMILIES, module
from benchmarks._exporter import PROGRAM, Exporter, Scrapes, exporter, installed
from benchmarks._jauge import Jauge, Polls
from inventory.credentials import SnmpV3
from tests.servers import AUTH, PRIVACY, snmpd

Value = float | int | str | bool | None
Series = tuple[str, tuple[tuple[str, str], ...]]

V2C: Final[dict[str, Any]] = {"version": 2, "auth": {"community": "public"}}
V3_TARGETS: Final = 20
V3_AT_ONCE: Final = 4
"""One snmpd answers for all: more at once would only wait for it."""

V3_ROUNDS: Final = 5
"""Rounds of that bar, for each round of the others: one takes a third of a second, and they differ by half."""

PROCESSES: Final = 30
"""Names of processes that snmpd looks for, so that it has rows."""

SETTLING: Final = 10
"""Polls until Jauge has laid out nearly all answers: a few in each poll."""

SILENT_SHARE: Final = 10
SILENT_ROUNDS: Final = 4
"""Rounds of the bar of silent targets, for each round of the others."""

THEIR_SILENT_ROUNDS: Final = 3
FAST, SLOW = 1.0, 10.0
"""Seconds until snmp_exporter asks again: with silent targets, and where none is."""

SPREAD: Final = 20
"""Polls at once in the first round of that bar: the schedule spreads the starts."""

PATIENCE: Final = 3.0
"""Seconds that a poll may take among silent targets: Jauge then asks again after one second, as there is one retry."""


SHOWN: Final = 5
"""Reasons of failed tables that are printed."""


@dataclasses.dataclass
class Bar:
    """What one benchmark found: its rows of figures by who made them, and what was to hold."""

    subject: str
    rows: dict[str, dict[str, Value]] = dataclasses.field(default_factory=dict)
    notes: list[str] = dataclasses.field(default_factory=list)
    goals: dict[str, bool] = dataclasses.field(default_factory=dict)

    def judge(self, said: str, holds: bool) -> None:
        """Add a goal, said with the figure that was reached."""
        self.goals[said] = holds


@dataclasses.dataclass(frozen=True)
class Options:
    """What the reader chose."""

    targets: int
    rounds: int
    sizes: tuple[int, ...]


# --- the same series and values -----------------------------------------------------------------------------


def samples(text: str) -> dict[Series, float]:
    """The samples of a text, those left out that either program says of itself."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.startswith(("jauge_", "snmp_scrape_"))
    }


class Comparison:
    """Compares texts of both, round by round, and keeps what differs."""

    def __init__(self, values: bool = True) -> None:
        self._values = values
        self.compared = 0
        self.series = 0
        self.differences: list[str] = []

    def add(self, ours: str, theirs: str | None) -> None:
        """Compare the texts of one target."""
        mine, other = samples(ours), samples(theirs or "")
        self.compared += 1
        self.series = len(mine)
        for series in sorted({*mine, *other}):
            same = (
                mine.get(series) == other.get(series) if self._values else series in mine and series in other
            )
            if not same:
                self.differences.append(f"{series}: {mine.get(series)}, {other.get(series)}")

    def judge(self, bar: Bar) -> None:
        what = "series and values" if self._values else "series"
        equal = self.compared > 0 and self.series > 0 and not self.differences
        said = "equal" if equal else f"{len(self.differences)} differ, first {self.differences[:2]}"
        bar.judge(f"{self.series:,} {what} {said}, in {self.compared} comparisons", equal)


def fewer(bar: Bar, ours: Iterable[float], theirs: Sequence[float], times: float) -> None:
    """Judge that the median of our CPU is so many times less."""
    if theirs:
        ratio = statistics.median(theirs) / max(statistics.median(ours), 1e-9)
        bar.judge(f"{ratio:.1f} times less CPU than {PROGRAM} (bar: {times:g})", ratio >= times)


def unbroken(bar: Bar, found: Sequence[Polls], targets: int) -> None:
    """Judge that every table of every target answered, and say what did not."""
    lost = sum(targets - len(each.whole) for each in found)
    bar.judge(f"{lost} of {targets * len(found):,} polls with a table that failed (bar: 0)", lost == 0)
    why = sorted({said for each in found for said in each.failures})
    bar.notes += [f"failed: {', '.join(why[:SHOWN])}"] if why else []


# --- the bars -----------------------------------------------------------------------------------------------


def v2c(options: Options) -> Bar:
    """Walk, labels and text of large targets over SNMPv2c."""
    bar = Bar(f"SNMPv2c, {options.targets} targets")
    same, ours, theirs = Comparison(), [], []
    heard: list[tuple[Counts, Counts | None]] = []
    with (
        Agents(options.targets, LARGE) as agents,
        Jauge(agents.ports) as jauge,
        rival({"large": module(FAMILIES["server"], V2C, SLOW, 3)}) as other,
    ):
        agents.counts()
        first, counts = jauge.poll(), agents.counts()
        bar.rows["jauge, first poll"] = _figures(
            [first], [counts], options.targets, first.resident - jauge.resident
        )
        for _ in range(SETTLING):
            agents.turn()
            jauge.poll()
        for number in range(options.rounds):
            agents.turn()
            agents.counts()
            ours.append(jauge.poll())
            mine, their = agents.counts(), None
            if other is not None:
                theirs.append(other.scrape("large", _addresses(agents.ports)))
                their = agents.counts()
                chosen = random.Random(number).randrange(options.targets)
                same.add(jauge.text(str(chosen)), theirs[-1].texts[chosen])
            heard.append((mine, their))
    bar.rows["jauge, steady"] = _figures(
        ours, [mine for mine, _ in heard], options.targets, ours[-1].resident - jauge.resident
    )
    if theirs:
        bar.rows[PROGRAM] = _figures(theirs, [their for _, their in heard if their], options.targets)
        same.judge(bar)
    unbroken(bar, [first, *ours], options.targets)
    fewer(bar, [found.cpu for found in ours], [found.cpu for found in theirs], 5)
    each = bar.rows["jauge, steady"]["us_per_varbind"]
    bar.judge(f"{each:.2f} us of CPU a varbind received (aim: 5)", isinstance(each, float) and each <= 5)
    return bar


def _figures(
    found: Sequence[Polls | Scrapes], heard: Sequence[Counts], targets: int, memory: int | None = None
) -> dict[str, Value]:
    """The row of one poller: medians of its rounds, and how busy the agents were meanwhile."""
    varbinds = statistics.median(counts.varbinds for counts in heard)
    cpu = statistics.median(each.cpu for each in found)
    return {
        "ms_per_target": 1e3 * cpu / targets,
        "us_per_varbind": 1e6 * cpu / max(varbinds, 1),
        "varbinds_per_target": varbinds / targets,
        "requests_per_target": statistics.median(counts.answers for counts in heard) / targets,
        "wall_s": statistics.median(each.wall for each in found),
        "kib_per_target": None if memory is None else memory / 1024 / targets,
        "agent_us": statistics.median(1e6 * counts.cpu / max(counts.answers, 1) for counts in heard),
        "agent_busy": statistics.median(
            counts.cpu / each.wall for counts, each in zip(heard, found, strict=True)
        ),
    }


def v3(options: Options) -> Bar:
    """The same from a real agent over SNMPv3, with what is known of its engine kept."""
    targets = min(options.targets, V3_TARGETS)
    bar = Bar(f"SNMPv3 authPriv SHA-256 AES, {targets} targets that one snmpd answers for")
    if shutil.which("snmpd", path="/usr/sbin:/usr/bin:/usr/local/sbin") is None:
        bar.notes.append("left out: snmpd is not installed: apt-get install snmpd snmp")
        return bar
    same, ours, theirs = Comparison(values=False), [], []
    rows = [f"proc benchmark{number:02}" for number in range(PROCESSES)]
    with snmpd(rows) as agent, contextlib.ExitStack() as stack:
        user = agent.users["SHA-256", "AES"]
        ports = [agent.port] * targets
        jauge = stack.enter_context(Jauge(ports, "snmpd", _credential(user)))
        other = stack.enter_context(rival({"secure": module(FAMILIES["snmpd"], _access(user), SLOW, 3)}))
        first = jauge.poll(V3_AT_ONCE)
        for _ in range(SETTLING):
            jauge.poll(V3_AT_ONCE)
        for _ in range(options.rounds * V3_ROUNDS):
            ours.append(jauge.poll(V3_AT_ONCE))
            if other is not None:
                theirs.append(other.scrape("secure", _addresses(ports), V3_AT_ONCE))
                same.add(jauge.text("0"), theirs[-1].texts[0])
    for name, found in (("jauge, first poll", [first]), ("jauge, steady", ours), (PROGRAM, theirs)):
        if found:
            bar.rows[name] = {
                "ms_per_target": 1e3 * statistics.median(each.cpu for each in found) / targets,
                "wall_s": statistics.median(each.wall for each in found),
            }
    if theirs:
        same.judge(bar)
    unbroken(bar, [first, *ours], targets)
    fewer(bar, [found.cpu for found in ours], [found.cpu for found in theirs], 3)
    return bar


def _credential(user: str) -> SnmpV3:
    return SnmpV3.model_validate(
        {"snmp": "v3", "user": user, "auth": "SHA-256", "auth_password": AUTH}
        | {"privacy": "AES", "privacy_password": PRIVACY}
    )


def _access(user: str) -> dict[str, Any]:
    login = {"username": user, "password": AUTH, "priv_password": PRIVACY}
    ways = {"security_level": "authPriv", "auth_protocol": "SHA256", "priv_protocol": "AES"}
    return {"version": 3, "auth": login | ways}


def silent(options: Options) -> Bar:
    """Targets that never answer among those that do, all due at once."""
    dead = max(1, options.targets // SILENT_SHARE)
    live = max(1, options.targets - dead)
    bar = Bar(f"{live} targets that answer and {dead} that never do, all at once")
    ours, theirs = [], []
    with (
        Agents(live, LARGE, dead) as agents,
        Jauge([*agents.ports, *agents.silent], patience=PATIENCE, retries=1) as jauge,
        rival({"large": module(FAMILIES["server"], V2C, FAST, 1)}) as other,
    ):
        first = jauge.poll(SPREAD)
        for _ in range(options.rounds * SILENT_ROUNDS):
            agents.turn()
            ours.append(jauge.poll(live + dead))
        addresses = _addresses([*agents.ports, *agents.silent])
        if other is not None:
            count = min(options.rounds, THEIR_SILENT_ROUNDS)
            theirs += [other.scrape("large", addresses, live + dead) for _ in range(count)]
    alive = {str(number) for number in range(live)}
    lost = [len(alive - found.whole) for found in ours]
    bar.rows["jauge, first poll"] = _walls([first], [len(alive - first.whole)])
    bar.rows["jauge, steady"] = _walls(ours, lost)
    if theirs:
        bar.rows[PROGRAM] = _walls(theirs, [found.texts[:live].count(None) for found in theirs])
    walls = [found.wall for found in ours]
    usual = statistics.median(walls)
    bar.judge(f"{usual:.2f} s until all were done, {max(walls):.2f} at worst (bar: median 2.5)", usual <= 2.5)
    bar.judge(f"{sum(lost)} targets lost that answer, in {len(lost)} rounds (bar: 0)", not any(lost))
    return bar


def _walls(found: Sequence[Polls | Scrapes], lost: Sequence[int]) -> dict[str, Value]:
    walls = [each.wall for each in found]
    return {
        "wall_s": statistics.median(walls),
        "worst_s": max(walls),
        "rounds": len(walls),
        "lost": sum(lost),
    }


def scale(options: Options) -> Bar:
    """More and more small targets in one process."""
    bar = Bar("SNMPv2c, small targets, as many as said")
    found: dict[int, list[Polls]] = {size: [] for size in options.sizes}
    heard: dict[int, list[Counts]] = {size: [] for size in options.sizes}
    with contextlib.ExitStack() as stack:
        agents = {size: stack.enter_context(Agents(size, SMALL)) for size in options.sizes}
        pollers = {size: stack.enter_context(Jauge(agents[size].ports)) for size in options.sizes}
        for number in range(1 + options.rounds):
            for size, jauge in pollers.items():
                agents[size].turn()
                agents[size].counts()
                polls, counts = jauge.poll(), agents[size].counts()
                if number:  # the first round makes the plans
                    found[size].append(polls)
                    heard[size].append(counts)
    for size, polls_of in found.items():
        memory = polls_of[-1].resident - pollers[size].resident
        bar.rows[f"{size:,} targets"] = _figures(polls_of, heard[size], size, memory)
    costs = [float(row["us_per_varbind"] or 0) for row in bar.rows.values()]
    growth = max(costs) / max(costs[0], 1e-9)
    bar.judge(f"CPU a varbind grows {growth:.2f} times (bar: 1.3)", growth <= 1.3)
    for size, polls_of in found.items():
        unbroken(bar, polls_of, size)
    return bar


@contextlib.contextmanager
def rival(modules: dict[str, dict[str, Any]]) -> Iterator[Exporter | None]:
    """snmp_exporter, or None where it is not installed."""
    if not installed():
        yield None
        return
    with exporter(modules) as running:
        yield running


def _addresses(ports: Iterable[int]) -> list[str]:
    return [f"{HOST}:{port}" for port in ports]


# --- what is printed ----------------------------------------------------------------------------------------

BARS: Final[dict[str, Callable[[Options], Bar]]] = {"v2c": v2c, "v3": v3, "silent": silent, "scale": scale}


def shown(bar: Bar) -> str:
    """A bar as people read it."""
    columns = list(dict.fromkeys(name for row in bar.rows.values() for name in row))
    cells = [["", *columns]]
    cells += [[name, *(_cell(row.get(column)) for column in columns)] for name, row in bar.rows.items()]
    widths = [max(len(row[place]) for row in cells) for place in range(len(columns) + 1)]
    lines = [f"== {bar.subject}", *bar.notes]
    for name, *rest in cells:
        lines.append("  ".join([name.ljust(widths[0]), *map(str.rjust, rest, widths[1:])]).rstrip())
    lines += [f"{'holds ' if holds else 'MISSES'} {said}" for said, holds in bar.goals.items()]
    return "\n".join(lines)


def _cell(value: Value) -> str:
    return "" if value is None else f"{value:,.2f}" if isinstance(value, float) else str(value)


def main() -> None:
    """Print the tables, or one JSON object."""
    options, chosen, as_json = _options()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # agents hold a socket each
    if not installed():
        print(f"{PROGRAM} is not installed: apt-get install {PROGRAM}", file=sys.stderr)
    found = {}
    for name in chosen:
        found[name] = BARS[name](options)
        if not as_json:
            print(shown(found[name]), end="\n\n", flush=True)
    if as_json:
        print(json.dumps({name: dataclasses.asdict(bar) for name, bar in found.items()}))


def _options() -> tuple[Options, list[str], bool]:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bars", default=",".join(BARS), help="which, with commas between them")
    parser.add_argument("--targets", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", default="100,1000,5000", help="numbers of targets of the bar `scale`")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    chosen = given.bars.split(",")
    if unknown := sorted(set(chosen) - set(BARS)):
        parser.error(f"no bar is called {', '.join(unknown)}: there are {', '.join(BARS)}")
    if given.targets < 1 or given.rounds < 1:
        parser.error("--targets and --rounds are at least 1")
    return Options(given.targets, given.rounds, tuple(map(int, given.sizes.split(",")))), chosen, given.json


if __name__ == "__main__":
    main()
