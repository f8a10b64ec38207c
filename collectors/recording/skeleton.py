"""The skeleton of a family, from a recording: what the device has, as comments; and a test that fails until it is filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from collectors.recording.mib import Named
from collectors.recording.walking import Varbind
from collectors.snmp.oid import Oid, encode, unpack
from collectors.snmp.values import text
from inventory.harmless import line

Parts = tuple[int, ...]

SHOWN: Final = 3
COLUMNS: Final = 400
"""Objects that a skeleton shows."""

_ENTERPRISES: Final = (1, 3, 6, 1, 4, 1)
_GENERIC: Final = (2021, 8072, 311)
"""Makers of agents that many devices run: they do not name the device."""

_TEXT: Final = 0x04

_TYPES: Final = {
    0x02: "INTEGER", 0x04: "OCTET STRING", 0x06: "OBJECT IDENTIFIER", 0x40: "IpAddress", 0x41: "Counter32",
    0x42: "Gauge32", 0x43: "TimeTicks", 0x44: "Opaque", 0x46: "Counter64",
}  # fmt: skip


class TableFound(NamedTuple):
    """Objects that look like a table: its entry, how many rows it has, and the values of each column."""

    entry: Parts
    rows: int
    columns: Mapping[int, Sequence[Varbind]]


def tables(recorded: Iterable[Varbind]) -> tuple[list[TableFound], list[Varbind]]:
    """What of a recording looks like tables, and the single objects that are left.

    An entry ends in 1; its columns share their rows, and each holds text or numbers. Of several places where it may begin the
    first counts.
    """
    left = {unpack(varbind.oid): varbind for varbind in recorded}
    single = [left.pop(oid) for oid in list(left) if oid[-1] == 0]
    found: list[TableFound] = []
    entries = sorted(
        {oid[:end] for oid in left for end in range(8, len(oid) - 1) if oid[end - 1] == 1},
        key=lambda e: (len(e), e),
    )
    for entry in entries:
        inside = [oid for oid in left if oid[: len(entry)] == entry and len(oid) > len(entry) + 1]
        columns: dict[int, dict[Parts, Varbind]] = {}
        for oid in inside:
            columns.setdefault(oid[len(entry)], {})[oid[len(entry) + 1 :]] = left[oid]
        if not columns or not _shared(list(columns.values())):
            continue
        rows = max(map(len, columns.values()))
        found.append(
            TableFound(
                entry, rows, {number: list(rows_.values()) for number, rows_ in sorted(columns.items())}
            )
        )
        for oid in inside:
            del left[oid]
    return sorted(found, key=lambda table: table.entry), [*single, *left.values()]


def _shared(columns: Sequence[Mapping[Parts, Varbind]]) -> bool:
    """Whether columns have the rows of one table."""
    most = max(columns, key=len)
    if len({len(index) for index in most}) > 1 and len(columns) == 1:
        return False
    if any(len({varbind.tag == _TEXT for varbind in column.values()}) > 1 for column in columns):
        return False
    return all(len(column.keys() & most.keys()) * 2 > len(column) for column in columns)


def device(name: str, recorded: Mapping[Oid, Varbind], names: Mapping[Parts, Named]) -> str:
    """The file of a family over SNMP."""
    described = _said(recorded, "1.3.6.1.2.1.1.1.0")
    mine = [varbind for varbind in recorded.values() if _own(unpack(varbind.oid))]
    found, single = tables(mine)
    lines = [
        f"# sysDescr: {line(described, 200)}",
        f"title: {name}",
        f"detect: {_detect(recorded, mine, described)}",
        "unproven: what it reads has not been compared with what the device shows",
        "# product: {scalar: OID}    # or {'pattern in sysDescr': Name}; an OID always carries the name of its object",
        "# version: {scalar: OID}    # or 'firmware (\\S+)'",
        "# also: [host-resources]    # families that are read beside",
        "# tables:                   # names of docs/metrics.md; collectors/devices/ups-mib.yml is one to start from",
        "#   - name: " + name + "-disks",
        "#     oid: ENTRY",
        "#     labels: {disk: 2}",
        "#     metrics: {jauge_disk_size_bytes: {column: 3, scale: 1048576}}",
        "#",
        "# What the recording holds:",
    ]
    shown = [said for table in found for said in _table(table, names)]
    shown += [f"# {said}" for varbind in single for said in [_object(varbind, names)]]
    if len(shown) > COLUMNS:
        shown = [*shown[:COLUMNS], f"# and {len(shown) - COLUMNS} more lines"]
    return "\n".join([*lines, *shown]) + "\n"


def _own(oid: Parts) -> bool:
    return oid[:6] == _ENTERPRISES and oid[6] not in _GENERIC


def _said(recorded: Mapping[Oid, Varbind], oid: str) -> str:
    varbind = recorded.get(encode(oid))
    return text(varbind.contents) if varbind is not None else ""


def _detect(recorded: Mapping[Oid, Varbind], mine: Sequence[Varbind], described: str) -> str:
    """How the device may be recognised: by its own object, a maker's subtree, or the first word of sysDescr."""
    varbind = recorded.get(encode("1.3.6.1.2.1.1.2.0"))
    identity = unpack(varbind.contents) if varbind is not None else ()
    if _own(identity):
        return f"{{object_id: [{'.'.join(map(str, identity))}]}}    # sysObjectID"
    if mine:
        maker = unpack(mine[0].oid)[:7]
        return f"{{subtree: {'.'.join(map(str, maker))}}}    # a maker's objects; sysObjectID tells nothing"
    word = re.match(r"[A-Za-z0-9_-]+", described)
    return f"{{describes: '^{word[0] if word else '.'}'}}    # sysDescr"


def _table(table: TableFound, names: Mapping[Parts, Named]) -> Iterator[str]:
    entry = names.get(table.entry)
    yield f"# {'.'.join(map(str, table.entry))}  {entry.name if entry else 'a table'}: {table.rows} row{'s'[: table.rows != 1]}"
    for number, values in table.columns.items():
        named = names.get((*table.entry, number))
        yield f"#   column {number:<4} {_told(named, values)}"


def _object(varbind: Varbind, names: Mapping[Parts, Named]) -> str:
    oid = unpack(varbind.oid)
    return f"{'.'.join(map(str, oid))}  {_told(names.get(oid[:-1]), [varbind])}"


def _told(named: Named | None, values: Sequence[Varbind]) -> str:
    """Name, type and first values of an object, on one line."""
    different = list(dict.fromkeys(_value(value) for value in values))[:SHOWN]
    kind = _TYPES.get(values[0].tag, "?")
    syntax = f" {named.syntax}" if named and "{" in named.syntax else ""
    return line(f"{named.name if named else '':32} {kind:12}{syntax}  {', '.join(different)}", 300).rstrip()


def _value(varbind: Varbind) -> str:
    if varbind.tag == 0x06:
        return ".".join(map(str, unpack(varbind.contents)))
    if varbind.tag in (0x40, 0x44):
        return varbind.contents.hex(":")
    if varbind.tag != 0x04:
        return str(int.from_bytes(varbind.contents, signed=True))
    return json.dumps(text(varbind.contents)[:40], ensure_ascii=False)


# --- documents ---------------------------------------------------------------------------------------------------


def system(name: str, document: Any) -> str:
    """The file of a system that is read by a command which prints JSON."""
    lines = [
        f"title: {name}",
        "unproven: what it reads has not been compared with what the machine shows",
        "commands:",
        f"  {name}-status:",
        "    run: 'true'            # the line that printed the document; it must not change anything on the machine",
        *_nothing("    ", name),
    ]
    return "\n".join([*lines, *_places(document)]) + "\n"


def interface(name: str, path: str, document: Any) -> str:
    """The file of an interface over HTTP that answers JSON."""
    lines = [
        f"title: {name}",
        f"product: {name}",
        "unproven: what it reads has not been compared with what the system shows",
        "address: https://HOST",
        "account: a user who may only read",
        *_nothing("", name, path),
    ]
    return "\n".join([*lines, *_places(document)]) + "\n"


def _nothing(margin: str, name: str, path: str = "") -> list[str]:
    """A table that reads nothing, in place of those that are to be written."""
    get = [f"{margin}    get: {json.dumps(path)}"] if path else []
    return [
        f"{margin}tables:",
        f"{margin}  - name: {name}-health",
        *get,
        f"{margin}    optional: true",
        f"{margin}    metrics: {{jauge_device_healthy: {{column: /nothing-yet}}}}    # names of docs/metrics.md",
    ]


def _places(document: Any) -> Iterator[str]:
    """The rows that a document holds, and what stands in them, as comments."""
    yield "# What the recording holds:"
    shown = 0
    for pointer, rows in _rows(document, ""):
        yield f"# each: {line(json.dumps(pointer, ensure_ascii=False), 200)}    {len(rows)} rows"
        values: dict[str, list[str]] = {}
        for row in rows:
            for place, value in _leaves(row, ""):
                values.setdefault(place, []).append(json.dumps(value, ensure_ascii=False)[:40])
        for place, told in values.items():
            yield line(f"#   {place:40} {', '.join(list(dict.fromkeys(told))[:SHOWN])}", 300)
            shown += 1
            if shown == COLUMNS:
                yield "# and more"
                return


def _rows(value: Any, pointer: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The places of a document whose elements are objects; the document itself is one row."""
    if isinstance(value, dict) and not pointer:
        yield "", [value]
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    rows = [member for member in members if isinstance(member, dict)]
    if rows and (isinstance(value, list) or (len(rows) == len(value) > 1)):
        yield f"{pointer}/*", rows
        merged: dict[str, Any] = {}
        for row in rows:
            merged |= row
        yield from (
            pair for key, inner in merged.items() for pair in _rows(inner, f"{pointer}/*/{_escaped(key)}")
        )
    elif isinstance(value, dict):
        yield from (
            pair for key, inner in value.items() for pair in _rows(inner, f"{pointer}/{_escaped(key)}")
        )


def _leaves(row: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Any]]:
    for key, value in row.items():
        place = f"{pointer}/{_escaped(key)}"
        if isinstance(value, dict):
            yield from _leaves(value, place)
        elif not isinstance(value, list):
            yield place, value


def _escaped(key: str) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


# --- the test ----------------------------------------------------------------------------------------------------

_HEAD: Final = '''"""{name}, as it was recorded: the values are those that the system itself shows."""

from __future__ import annotations

{imports}

PACKAGE = Path(__file__).parent.parent
RECORDING = Path(__file__).parent / "{file}"

EXPECTED: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {{
    # ("jauge_disk_size_bytes", (("disk", "1"),)): 4_000_787_030_016,
}}
"""Values by metric and labels: from the screen of the device, its vendor's tool or another program. Never from Jauge."""


def test_the_values_are_those_that_the_system_shows() -> None:
    assert EXPECTED, "fill in EXPECTED: from the system's own screen, not from what Jauge reads"
{body}
    assert {{key: told.get(key) for key in EXPECTED}} == EXPECTED
'''

_DEVICE: Final = (
    "import asyncio\nfrom pathlib import Path\n\nfrom collectors.catalogue import Catalogue\n"
    "from collectors.packages import load\nfrom collectors.recording import agents, replaying",
    "    catalogue = Catalogue(load([str(PACKAGE)]))\n"
    '    found = asyncio.run(replaying.play(agents.read(RECORDING), catalogue, "{name}"))\n'
    "    told = {{(sample.metric, sample.labels): sample.value for sample in found}}",
)
_SYSTEM: Final = (
    "from pathlib import Path\n\nfrom collectors.packages import load",
    '    (command,) = load([str(PACKAGE)]).systems["{name}"].commands.values()\n'
    '    found = command.read(RECORDING.read_text("utf-8"))\n'
    "    told = dict(zip(found.series, found.values, strict=True))",
)
_INTERFACE: Final = (
    "import json\nfrom pathlib import Path\n\nfrom collectors import answers\nfrom collectors.packages import load",
    '    tables = load([str(PACKAGE)]).interfaces["{name}"].tables\n'
    '    document = json.loads(RECORDING.read_text("utf-8"))\n'
    "    found = [answers.read(table, document) for table in tables]\n"
    "    told = {{pair[0]: pair[1] for one in found for pair in zip(one.series, one.values, strict=True)}}",
)
_FORMS: Final = {"devices": _DEVICE, "commands": _SYSTEM, "apis": _INTERFACE}


def test(kind: str, name: str, file: str) -> str:
    """A test of a family's values, which fails until what is expected is filled in from elsewhere."""
    imports, body = _FORMS[kind]
    return _HEAD.format(name=name, file=file, imports=imports, body=body.format(name=name))
