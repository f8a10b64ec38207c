"""ZFS: what its pools can hold, how they and their disks are, and what is limited by a quota.

    pool/data   type       filesystem
    pool/data   used       5253505024

      pool: tank
     state: DEGRADED
      scan: resilver in progress since Sat Oct 28 10:42:41 2023
            1.80G resilvered, 12.08% done, 16:23:57 to go
    config:
            NAME        STATE     READ WRITE CKSUM
            tank        DEGRADED     0     0     0
              mirror-0  DEGRADED     0     0     0
                sda     ONLINE       0     0     0
                sdb     UNAVAIL      0     0     0  cannot open
    errors: No known data errors

`zpool list` counts the parity of raidz as space. What can be filled is what the pool's own dataset uses and has
available, which `zfs` says. OpenZFS and the ZFS of Solaris, illumos, FreeBSD and FUSE print the same words.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from collectors import documents
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Sample, labels

PROVEN: Final = Proof(
    recordings=(
        "zfs/zpool-list-p.txt",
        "zfs/zpool-list-vdev.txt",
        "zfs/zpool-status-spares.txt",
        "zfs/zpool-status-v.txt",
        "zfs/zpool-status-v2.txt",
    ),
    servers=("zfsutils-linux",),
)

_WANTED: Final = "-o name,property,value type,used,available,referenced,quota,refquota,volsize"
DATASETS: Final = f"zfs get -Hp -t filesystem,volume {_WANTED} || zfs get -Hp {_WANTED}"
"""Old ones know no -t, and list snapshots too."""

STATUS: Final = "TZ=UTC0 zpool status"
"""It prints local time: that of the zone it is told."""

POOLS: Final = "zpool list -vp || zpool list"
"""Old ones know no -p: then only the state is read."""

_NO_POOLS: Final = ("no pools available", "no datasets available")
_PASSIVE: Final = ("logs", "cache", "spares")
_SECTIONS: Final = (*_PASSIVE, "special", "dedup")
_GROUPS: Final = re.compile(r"(mirror|raidz\d?|draid\d\S*|replacing|spare|indirect)-\d+")
_IN_USE: Final = ("ONLINE", "AVAIL", "INUSE")
_HELD: Final = re.compile(r"([0-9.]{1,20})([KMGTPE]?)")
_POWERS: Final = " KMGTPE"


# --- sizes ------------------------------------------------------------------------------------------------


def parse_datasets(output: str) -> Iterator[Sample]:
    """Usable size and use of each pool, of volumes, and of file systems with a quota."""
    found: dict[str, dict[str, str]] = {}
    for line in output.splitlines():
        words = line.split("\t") if "\t" in line else line.split()
        if not line.strip() or line.strip() in _NO_POOLS:
            continue
        if len(words) != 3:
            raise documents.unparsed(line)
        found.setdefault(words[0], {})[words[1]] = words[2]
    if not found:
        raise PollError("empty_answer", "no ZFS dataset is listed")
    for name, told in found.items():
        yield from _dataset(name, told)


def _dataset(name: str, told: dict[str, str]) -> Iterator[Sample]:
    used, available, referenced, quota, limit, volume = (
        _bytes(told.get(word, "-"))
        for word in ("used", "available", "referenced", "quota", "refquota", "volsize")
    )
    pool = name.partition("/")[0]
    if "@" in name or "#" in name or used is None:
        return
    if pool == name:
        if available is not None:
            yield from _store(name, "pool", "", used + available, used)
            yield Sample(
                "jauge_storage_available_bytes", available, labels(store=documents.label(name), kind="pool")
            )
    elif told.get("type") == "volume" and volume:
        yield from _store(name, "volume", pool, volume, referenced)
    elif quota:
        yield from _store(name, "filesystem", pool, quota, used)
    elif limit:
        yield from _store(name, "filesystem", pool, limit, referenced)


def _store(name: str, kind: str, pool: str, size: float, used: float | None) -> Iterator[Sample]:
    pairs = labels(store=documents.label(name), kind=kind, pool=documents.label(pool))
    yield Sample("jauge_storage_size_bytes", size, pairs)
    if used is not None and used <= size:  # a volume takes more than its size where raidz pads it
        yield Sample("jauge_storage_used_bytes", used, pairs)


def _bytes(text: str) -> float | None:
    """Bytes in digits; None for what has none ("-", "none")."""
    return float(text) if re.fullmatch(r"[0-9]{1,20}", text) else None


# --- zpool list -------------------------------------------------------------------------------------------


class _Row(NamedTuple):
    """One line of a tree of devices."""

    depth: int
    name: str
    told: dict[str, str]
    leaf: bool = True


def parse_pools(output: str) -> Iterator[Sample]:
    """Whether each pool serves, and the sizes of its disks together where all are told."""
    rows, header = list[_Row](), list[str]()
    for line in output.splitlines():
        words = line.split()
        if not words or line.strip() in _NO_POOLS:
            continue
        if words[0] == "NAME":
            header = words
            continue
        if not header:
            raise documents.unparsed(line)
        told = dict(zip(header, words, strict=False))
        rows.append(_Row(_depth(line), words[0], told))
    if not rows:
        raise PollError("empty_answer", "no ZFS pool is listed")
    for pool, members in _pools(_marked(rows)):
        pairs = labels(store=documents.label(pool.name), kind="pool")
        state = pool.told.get("HEALTH", "-")
        if state != "-":
            yield Sample("jauge_storage_healthy", float(state == "ONLINE"), pairs)
        sizes = [_bytes(row.told.get("SIZE", "-")) for row in members if row.leaf]
        if sizes and None not in sizes:
            yield Sample("jauge_storage_raw_bytes", sum(size for size in sizes if size), pairs)


def _depth(line: str) -> int:
    return len(line.expandtabs()) - len(line.expandtabs().lstrip())


def _marked(rows: list[_Row]) -> list[_Row]:
    """The rows, each told whether it holds others."""
    depths = [row.depth for row in rows[1:]] + [-1] * bool(rows)
    return [row._replace(leaf=after <= row.depth) for row, after in zip(rows, depths, strict=True)]


def _pools(rows: list[_Row]) -> Iterator[tuple[_Row, list[_Row]]]:
    """Each pool with its devices: without those that hold no data of it."""
    pool, members, section = None, list[_Row](), ""
    for row in rows:
        if row.name in _SECTIONS and row.told.get("SIZE", "-") == "-":
            section = row.name
        elif row.depth == 0:
            if pool is not None:
                yield pool, members
            pool, members, section = row, [], ""
        elif section not in _PASSIVE:
            members.append(row)
    if pool is not None:
        yield pool, members


# --- zpool status -----------------------------------------------------------------------------------------


def parse_status(output: str) -> Iterator[Sample]:
    """State, resilvering, last scrub, lost data, and the disks of each pool."""
    blocks = list[list[str]]()
    for line in output.splitlines():
        if line.lstrip().startswith("pool:"):
            blocks.append([])
        if blocks:
            blocks[-1].append(line)
        elif line.strip() and line.strip() not in _NO_POOLS:
            raise documents.unparsed(line)
    if not blocks:
        raise PollError("empty_answer", "zpool status names no pool")
    for block in blocks:
        yield from _pool(_sections(block))


def _sections(block: list[str]) -> dict[str, list[str]]:
    """The lines below each of the words that zpool writes before a colon."""
    found: dict[str, list[str]] = {}
    word = ""
    for line in block:
        match = re.match(
            r"\s*(pool|state|status|action|see|scan|scrub|remove|checkpoint|config|errors):(.*)", line
        )
        if match:
            word = match[1]
            found[word] = [match[2]]
        else:
            found.setdefault(word, []).append(line)
    return found


def _pool(told: dict[str, list[str]]) -> Iterator[Sample]:
    name, state = told["pool"][0].strip(), told.get("state", [""])[0].strip()
    pairs = labels(array=documents.label(name))
    lost = _lost(told.get("errors", []))
    if state:
        yield Sample("jauge_raid_healthy", float(state == "ONLINE" and not lost), pairs)
        yield Sample("jauge_raid_degraded", float(state == "DEGRADED"), pairs)
    if lost is not None:
        yield Sample("jauge_raid_data_errors", float(lost), pairs)
    yield from _scan(" ".join(told.get("scan", told.get("scrub", []))), pairs)
    yield from _disks(name, told.get("config", []))


def _lost(lines: list[str]) -> int | None:
    """How many files are damaged; None where nothing is said of it."""
    said = lines[0].strip() if lines else ""
    if said == "No known data errors":
        return 0
    if match := re.match(r"(\d{1,9}) data errors", said):
        return int(match[1])
    return sum(bool(line.strip()) for line in lines[1:]) or 1 if said.startswith("Permanent") else None


def _scan(said: str, pairs: tuple[tuple[str, str], ...]) -> Iterator[Sample]:
    running = re.match(r"\s*(resilver|rebuild)\S* in progress", said)
    share = re.search(r"([0-9]{1,3}\.?[0-9]{0,6})% done", said)
    if running and share:
        yield Sample("jauge_raid_rebuilt_ratio", min(float(share[1]) / 100, 1.0), pairs)
    done = re.search(r"scrub (?:repaired|completed) .* on \w{3} (\w{3} +\d{1,2} \d\d:\d\d:\d\d \d{4})", said)
    if done:
        try:
            at = datetime.datetime.strptime(f"{done[1]} +0000", "%b %d %H:%M:%S %Y %z").timestamp()
        except ValueError:
            raise documents.unparsed(said) from None
        if at >= 0:
            yield Sample("jauge_raid_scrub_timestamp_seconds", at, pairs)


def _disks(pool: str, lines: list[str]) -> Iterator[Sample]:
    """The devices of a pool, named POOL/DEVICE: the disk itself may say otherwise."""
    seen = set[str]()
    header = next((at for at, line in enumerate(lines) if line.split()[:2] == ["NAME", "STATE"]), len(lines))
    rows = [
        _Row(
            _depth(line),
            line.split()[0],
            dict(zip(("NAME", "STATE", "READ", "WRITE", "CKSUM"), line.split(), strict=False)),
        )
        for line in lines[header + 1 :]
        if line.strip()
    ]
    for row in _marked(rows)[1:]:
        name, state = row.name.removeprefix("/dev/"), row.told.get("STATE")
        if not row.leaf or state is None or _GROUPS.fullmatch(name) or name in seen:
            continue
        seen.add(name)
        pairs = labels(disk=documents.label(f"{pool}/{name}"))
        yield Sample("jauge_disk_healthy", float(state in _IN_USE), pairs)
        errors = [_count(row.told.get(word, "")) for word in ("READ", "WRITE", "CKSUM")]
        if None not in errors:
            yield Sample("jauge_disk_errors", sum(error for error in errors if error), pairs)


def _count(text: str) -> float | None:
    """A count as zpool shortens it, such as 1.21K."""
    match = _HELD.fullmatch(text)
    try:
        return float(match[1]) * 1024 ** _POWERS.index(match[2] or " ") if match else None
    except ValueError:
        return None
