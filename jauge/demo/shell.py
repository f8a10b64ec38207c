"""What a simulated server prints: the commands that Jauge runs over SSH, and nothing else."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shlex
import time
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from jauge.demo.curves import DAY, Growth, Nightly, value
from jauge.demo.hospital import GB, Backup, Database, Exchange, Machine

TAG: Final = "nightly"
FILE_SIZE: Final = 60_000_000
"""Mean bytes of a file in a backup."""

_UNKNOWN: Final = 127
_SEPARATORS: Final = (";", "&&", "||", "|")


class Moment(NamedTuple):
    """A machine at the instant at which a command line began (`now` and `birth` are UTC epoch seconds).

    `passed` is how many seconds later the simple command runs.
    """

    machine: Machine
    now: float
    birth: float
    passed: float = 0.0

    def of(self, curve: Growth) -> float:
        return value(curve, self.now, self.birth)


class Answer(NamedTuple):
    """What a command gives."""

    output: str
    error: str
    status: int


def serve(line: str, moment: Moment) -> Answer:
    """Answer what a client executes: a batch of commands such as Jauge sends, or a plain command line."""
    from collectors.ssh.batch import play  # noqa: PLC0415 - nothing else here needs an SSH client

    played = play(line, lambda command: run(command, moment))
    return Answer(*played, 0) if played else run(line, moment)


def run(line: str, moment: Moment) -> Answer:
    """Answer a command line: a sequence of `df`, `cat /proc/...`, `nproc`, `grep`, `sleep`, `restic` and their like."""
    word = next((word for word in _WHOLE if word in line), None)
    return _simple(line, moment) if word is None else _whole(word, moment)


def _whole(word: str, moment: Moment) -> Answer:
    printed = _WHOLE[word](moment)
    return Answer(printed, "", 0) if printed else Answer("", f"sh: 1: {word.strip()}: not found\n", _UNKNOWN)


def _simple(line: str, moment: Moment) -> Answer:
    output, error, status = "", "", 0
    began = time.monotonic()
    for joint, words in _commands(line):
        if (joint == "||" and status == 0) or (joint == "&&" and status != 0):
            continue
        known = _COMMANDS.get(words[0].rpartition("/")[2])
        if known is None:
            error, status = f"{error}sh: 1: {words[0]}: not found\n", _UNKNOWN
            continue
        printed = known(words[1:], moment._replace(passed=time.monotonic() - began))
        output, status = output + (printed or ""), 0 if printed is not None else 1
    return Answer(output, error, status)


def _commands(line: str) -> Iterator[tuple[str, list[str]]]:
    """The simple commands of a line with what joins each to the one before, without redirections and settings."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    joint, words = ";", list[str]()
    for word in [*lexer, ";"]:
        if word not in _SEPARATORS:
            words.append(word)
            continue
        kept = [w for w in words if ">" not in w]
        while kept and (kept[0] in ("env", "exec") or "=" in kept[0]):
            kept.pop(0)
        if kept:
            yield joint, kept
        joint, words = word, []


def _df(words: list[str], moment: Moment) -> str | None:
    bytes_wanted = any("B1" in word or "block-size=1" in word for word in words)
    unit = 1 if bytes_wanted else 1024
    typed = any(word.startswith("-") and not word.startswith("--") and "T" in word for word in words)
    rows = [
        [
            "Filesystem",
            *(["Type"] if typed else []),
            f"{unit}-blocks",
            "Used",
            "Available",
            "Capacity",
            "Mounted on",
        ]
    ]
    for store in moment.machine.stores:
        size = int(value(store.size, moment.now, moment.birth))
        used = min(int(moment.of(store.used)), size)
        share = f"{-(-100 * used // size)}%"
        numbers = [str(amount // unit) for amount in (size, used, size - used)]
        rows.append([store.device, *(["xfs"] if typed else []), *numbers, share, store.name])
    return "".join(" ".join(row) + "\n" for row in rows)


def _cat(words: list[str], moment: Moment) -> str | None:
    texts = [_FILES[word](moment) for word in words if word in _FILES]
    return "".join(texts) if texts else None


def _meminfo(moment: Moment) -> str:
    total, used = moment.machine.memory, moment.of(moment.machine.filling)
    lines = {
        "MemTotal": total, "MemFree": max(total - used, 0) * 0.6, "MemAvailable": total - used,
        "Buffers": 0.01 * total, "Cached": 0.15 * total, "SwapTotal": 4 * GB, "SwapFree": 3.9 * GB,
    }  # fmt: skip
    return "".join(f"{name + ':':<16}{int(amount / 1024):>12} kB\n" for name, amount in lines.items())


def _loadavg(moment: Moment) -> str:
    work = moment.machine.work
    load = value(work, moment.now, moment.birth) * moment.machine.processors if work else 0.0
    return f"{load:.2f} {load:.2f} {load:.2f} 1/312 {4000 + int(moment.now) % 20_000}\n"


def _uptime(moment: Moment) -> str:
    seconds = moment.now - moment.birth + 37.3 * DAY
    return f"{seconds:.2f} {seconds * moment.machine.processors * 0.8:.2f}\n"


def _stat(moment: Moment) -> str:
    """The first line of /proc/stat: ticks of 1/100 s whose growth within one command line is today's load."""
    machine = moment.machine
    load = min(value(machine.work, moment.now, moment.birth), 0.99) if machine.work else 0.01
    ticks = (moment.now + moment.passed - moment.birth + 37.3 * DAY) * 100 * machine.processors
    return f"cpu  {int(ticks * load * 0.75)} 0 {int(ticks * load * 0.25)} {int(ticks * (1 - load))} 0 0 0 0 0 0\n"


def _grep(words: list[str], moment: Moment) -> str | None:
    pattern, *files = words
    lines = (_cat(files, moment) or "").splitlines(keepends=True)
    return "".join(line for line in lines if line.startswith(pattern.lstrip("^"))) or None


def _sleep(words: list[str], _moment: Moment) -> str:
    time.sleep(min(float(words[0]), 5.0))
    return ""


def _release(_moment: Moment) -> str:
    return (
        'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n'
    )


def _restic(words: list[str], moment: Moment) -> str | None:
    backup = moment.machine.backup
    if backup is None:
        return None
    if "snapshots" in words:
        return json.dumps(list(_snapshots(backup, moment))) + "\n"
    if "stats" in words:
        total = int(moment.of(backup.stored))
        return (
            json.dumps(
                {
                    "total_size": total,
                    "total_file_count": 1_284_000,
                    "snapshots_count": backup.points * len(backup.jobs),
                }
            )
            + "\n"
        )
    return None


def _snapshots(backup: Backup, moment: Moment) -> Iterator[dict[str, object]]:
    """The restore points of a repository as restic 0.17 lists them, oldest first."""
    for place, (job, growth, lost) in enumerate(backup.jobs):
        last = value(Nightly(ended(place)), moment.now, moment.birth)
        for back in range(backup.points - 1, -1, -1):
            taken = last - back * DAY
            size = int(value(growth, taken, moment.birth) * (1.0 if back else 1.0 - lost))
            name = hashlib.sha256(f"{job}{taken:.0f}".encode()).hexdigest()
            yield {
                "time": dt.datetime.fromtimestamp(taken, dt.UTC).isoformat().replace("+00:00", "Z"),
                "paths": [f"/srv/{job}"], "hostname": job, "username": "root", "tags": [TAG],
                "program_version": "restic 0.17.3", "id": name, "short_id": name[:8],
                "summary": {
                    "total_files_processed": 1000 + size // FILE_SIZE, "total_bytes_processed": size,
                    "data_added": size // 900,
                },
            }  # fmt: skip


def _asterisk(moment: Moment) -> str:
    """An exchange's console, as `collectors.commands.asterisk` asks it: its version, its calls, its endpoints."""
    exchange = moment.machine.service
    if not isinstance(exchange, Exchange):
        return ""
    limit = int(value(exchange.limit, moment.now, moment.birth))
    calls = min(int(value(exchange.calls, moment.now, moment.birth)), limit)
    known = [
        *(("Unavailable", number) for number in range(exchange.lost)),
        *(("In use", number) for number in range(exchange.lost, exchange.lost + calls)),
        *(("Not in use", number) for number in range(exchange.lost + calls, exchange.telephones)),
    ]
    return "".join([
        "Asterisk 20.9.3 built by root @ pbx on a x86_64 running Linux on 2024-09-04 10:12:31 UTC\n",
        f"{2 * calls} active channels\n{calls} of {limit} max active calls ({calls / limit:6.2%} of capacity)\n",
        f"{int((moment.now - moment.birth) / 40) + 81_000} calls processed\n",
        *(f" Endpoint:  {4000 + number:<50} {state:<13} 0 of inf\n" for state, number in known),
    ])  # fmt: skip


def _psql(moment: Moment) -> str:
    """The one JSON object that `collectors/commands/postgresql.yml` asks for."""
    server = moment.machine.service
    if not isinstance(server, Database):
        return ""
    limit = int(value(server.limit, moment.now, moment.birth))
    told = {
        "version": f"{server.version} (Debian {server.version}-0+deb12u1)",
        "limit": limit,
        "connections": min(int(value(server.connections, moment.now, moment.birth)), limit),
        "databases": [{"name": name, "size": int(moment.of(holds))} for name, holds in server.databases],
        "replicas": [{"name": name, "lag": lag} for name, lag in server.replicas],
        "behind": None,
        "archived": moment.now - 70,
        "failing": 0,
    }
    return json.dumps(told) + "\n"


def ended(place: int) -> float:
    """When the job at `place` ends each night, one after another: seconds after midnight UTC."""
    return 3600.0 * (1 + place) + 840.0


_FILES: Final[dict[str, Callable[[Moment], str]]] = {
    "/proc/meminfo": _meminfo,
    "/proc/loadavg": _loadavg,
    "/proc/uptime": _uptime,
    "/proc/stat": _stat,
    "/etc/os-release": _release,
}
_WHOLE: Final[dict[str, Callable[[Moment], str]]] = {"asterisk -rx": _asterisk, "psql ": _psql}
"""Lines that are known by a word of them: they are more than a sequence of simple commands."""

_COMMANDS: Final[dict[str, Callable[[list[str], Moment], str | None]]] = {
    "df": _df,
    "cat": _cat,
    "nproc": lambda _, moment: f"{moment.machine.processors}\n",
    "echo": lambda words, _: " ".join(words) + "\n",
    "printf": lambda words, _: " ".join(words).replace("\\n", "\n"),
    "true": lambda _words, _moment: "",
    "grep": _grep,
    "sleep": _sleep,
    "uname": lambda _words, _moment: "6.1.0-26-amd64\n",
    "restic": _restic,
}
