"""Snapshots of rsnapshot: the folders of its root, and how its last run ended.

    root /srv/snapshots
    retain daily
    point pacs-01/
    log [2026-01-05T02:09:00] /usr/bin/rsnapshot daily: completed successfully
    folder 1767574740 daily.0/pacs-01
    holds 12 200000 daily.0/pacs-01

The newest folders hold a folder for each machine; their time is when the last rsync into them ended. rsnapshot goes on
where a machine does not answer, and rotates its folders all the same: only the log tells. What falls out of its
configuration is copied from one snapshot to the next for ever, and looks as new as they do.
"""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from collectors import backups
from collectors.backups import Run, State
from collectors.commands.restic import Place
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Sample

PROVEN: Final = Proof(servers=("rsnapshot",))

_SCRIPT: Final = """
c={config}; v() {{ awk -F '[\\t ]+' -v k="$1" '$1==k{{x=$2}} END{{print x}}' "$c"; }}
[ -r "$c" ] || {{ echo "cannot read $c" >&2; exit 1; }}
r=$(v snapshot_root); l=$(v logfile); r=${{r%/}}; printf 'root %s\\n' "$r"
awk -F '[\\t ]+' '$1=="retain"||$1=="interval"{{print "retain " $2}} $1~/^backup(_script)?$/{{print "point " $3}} $1=="include_conf"{{print "more"}}' "$c"
k=$(v lockfile); if [ -n "$k" ] && [ -r "$k" ] && ps -p "$(cat "$k")" >/dev/null 2>&1; then echo running; fi
cd "$r" || exit 1
if [ -n "$l" ] && [ -r "$l" ]; then tail -n 2000 "$l" | grep -E ': (started|ERROR: |completed)|WARNING: ' | grep -vE ' (du|diff|configtest): ' | tail -n 200 | sed 's/^/log /'; fi
for d in *.[0-9]*/*; do [ -d "$d" ] || continue
t=$(stat -c %Y "${{d%%/*}}" 2>/dev/null || stat -f %m "${{d%%/*}}"); printf 'folder %s %s\\n' "$t" "$d"
case $d in {which}) {measure} ;; esac; done
"""

_ANY: Final = (
    """n=$(find "$d" -type f | head -n 1 | wc -l); [ "$n" -gt 0 ] || printf 'holds 0 0 %s\\n' "$d" """
)
_ALL: Final = """find "$d" -type f -exec ls -ln {} + | awk -v d="$d" '{n++; b+=$5} END{printf "holds %d %.0f %s\\n",n,b,d}'"""

_FOLDER: Final = re.compile(r"folder (\d{1,15}) (([^/\s]+)\.(\d{1,6})/(.+))")
_HOLDS: Final = re.compile(r"holds (\d{1,15}) (\d{1,20}) (.+)")
_LOG: Final = re.compile(r"log \[[^\]]*\] (?:\S+ ){0,8}?(\S+): (started|ERROR: .*|completed.*)")
_WARNING: Final = re.compile(r"log \[[^\]]*\] WARNING: .* (vanished|only transferred partially) during ")


def command(config: str, sizes: bool = False) -> str:
    """The command that lists the folders of a root. `sizes` adds up the files of each, which takes time."""
    which, measure = ("*", _ALL) if sizes else ("*.0/*", _ANY)
    return _SCRIPT.format(config=shlex.quote(config), which=which, measure=measure)


def parse(output: str, place: Place | None = None) -> Iterator[Sample]:
    """What is made of the snapshots of each machine, one job for each level (daily, weekly)."""
    place = place or Place()
    lines = output.splitlines()
    if not any(line.startswith("root ") for line in lines):
        raise PollError("unparsed", "rsnapshot's configuration names no snapshot_root")
    end = _end(lines)
    held = {
        match[3]: (float(match[1]), float(match[2])) for line in lines if (match := _HOLDS.fullmatch(line))
    }
    folders = [match for line in lines if (match := _FOLDER.fullmatch(line))]
    newest = _newest(folders)
    runs = [_run(match, held, place.suffix) for match in folders]
    runs = [
        _ended(run, end) if _place(match) in newest else run for run, match in zip(runs, folders, strict=True)
    ]
    points = {line[6:].strip("/ ").partition("/")[0] for line in lines if line.startswith("point ")}
    if points and "more" not in lines:
        runs = [run if run.machine in points else dataclasses.replace(run, state="failed") for run in runs]
    yield from backups.read([*runs, *_gone(folders, place.suffix)], place.circumstances(False))


def _place(match: re.Match[str]) -> str:
    """The snapshot that a folder lies in."""
    return f"{match[3]}.{match[4]}"


def _newest(folders: list[re.Match[str]]) -> set[str]:
    """The snapshot into which the last run went: the youngest of all levels."""
    latest = max((float(match[1]) for match in folders), default=0.0)
    return {_place(match) for match in folders if float(match[1]) == latest}


def _run(match: re.Match[str], held: Mapping[str, tuple[float, float]], suffix: str) -> Run:
    files, size = held.get(match[2], (None, None))
    return Run(f"{match[3]}{suffix}", match[5], at=float(match[1]), size=size, files=files)


def _ended(run: Run, end: _End) -> Run:
    return dataclasses.replace(run, state=end.state, errors=end.errors, whole=end.whole)


class _End(NamedTuple):
    """How a run ended, as the log tells."""

    state: State = "ok"
    errors: float | None = None
    whole: bool = True


_CUT: Final = _End(whole=False)


def _end(lines: list[str]) -> _End:
    """How the last run ended that wrote into the newest snapshot: a level that only rotates clears nothing."""
    ends: dict[str, _End] = {}
    warnings: set[str] = set()
    for line in lines:
        if match := _WARNING.match(line):
            warnings.add(match[1])
        elif match := _LOG.match(line):
            verb, said = match[1], match[2]
            if said == "started":
                warnings = set()
            ends[verb] = _CUT if said == "started" else _told(said, ends.get(verb, _CUT), warnings)
    writers = ["sync", next((line[7:] for line in lines if line.startswith("retain ")), "")]
    end = next((ends[verb] for verb in writers if ends.get(verb, _End()) != _End()), _End())
    return end._replace(state="running", whole=True) if end is _CUT and "running" in lines else end


def _told(said: str, before: _End, warnings: set[str]) -> _End:
    """How a run ended by a line of its log. Files that vanish while they are copied are no error.

    What the warnings are about is logged at loglevel 4 and more: where it is not, they are errors.
    """
    if said.startswith("ERROR") or before.state == "failed":
        return _End("failed")
    if said == "completed successfully":
        return _End()
    if "warnings" not in said:
        return _End("failed")
    return _End("warning", errors=None if warnings == {"vanished"} else 1.0)


def _gone(folders: list[re.Match[str]], suffix: str) -> Iterator[Run]:
    """A run that failed for each machine that stands in an older snapshot of a level, and not in its newest."""
    for level in dict.fromkeys(match[3] for match in folders):
        mine = [match for match in folders if match[3] == level]
        first = min(int(match[4]) for match in mine)
        now = {match[5] for match in mine if int(match[4]) == first}
        at = next(float(match[1]) for match in mine if int(match[4]) == first)
        for machine in sorted({match[5] for match in mine} - now):
            yield Run(f"{level}{suffix}", machine, at=at, state="failed", size=0.0, files=0.0)
