"""The device of `benchmarks.polling`: what Jauge reads of it, and the same as a module of snmp_exporter.

`devices/server.yml` names the objects once. The vocabulary learns them under the names of their MIBs, which are
those that snmp_exporter gives, so that the texts of both can be compared sample by sample. Import this before
anything of `exporters`: the exposition looks at the vocabulary when it is imported.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from collectors.device import Family, TableFile, families, load
from collectors.tables import Choice, Label
from collectors.tables import Value as Rule
from inventory.metrics import METRICS, Metric
from inventory.places import read

SERVER: Final = Path(__file__).parent / "devices" / "server.yml"

COUNTER: Final = re.compile(r"(Octets|Pkts|Discards|Errors|Protos)$|Raw|^diskIO(N|Reads|Writes)")
"""Names of the objects that only grow (IF-MIB, UCD-SNMP-MIB, UCD-DISKIO-MIB)."""


def register(path: Path = SERVER) -> None:
    """Teach the vocabulary the metrics of a device file. Raises ValueError where one is there already."""
    for table in read(path).data["tables"]:
        for name in table["metrics"]:
            if name in METRICS:
                raise ValueError(f"{path}: {name} is a metric of Jauge's own")
            kind = "counter" if COUNTER.search(name) else "gauge"
            METRICS[name] = Metric(name, kind, "", tuple(table.get("labels", ())), f"{name}.", table["name"])  # type: ignore[arg-type]


def nameless(family: Family) -> Family:
    """The family for machines whose interfaces have no alias: an empty label withholds its row."""

    def bare(table: TableFile) -> TableFile:
        kept = {name: rule for name, rule in table.labels.items() if name != "ifAlias"}
        return table.model_copy(update={"labels": kept})

    return family.model_copy(update={"tables": tuple(bare(table) for table in family.tables)})


register()
FAMILIES: Final = {"server": load(SERVER), "snmpd": nameless(load(SERVER))}
families().update(FAMILIES)


# --- the same for snmp_exporter 0.21 ------------------------------------------------------------------------


def module(family: Family, access: dict[str, Any], timeout: float, retries: int) -> dict[str, Any]:
    """A module of snmp.yml that reads what the family reads: tables walked whole, scalars got, names looked up.

    `access` holds `version` and `auth`. A table is walked below its entry, which costs snmp_exporter least.
    """
    tables = [table for table in family.tables if table.oid]
    return {
        **access,
        "max_repetitions": 25,
        "timeout": f"{timeout:g}s",
        "retries": retries,
        "walk": sorted({str(table.oid) for table in tables}),
        "get": [rule.scalar for table in family.tables for rule in rules(table).values() if rule.scalar],
        "metrics": [metric for table in family.tables for metric in _metrics(table)],
    }


def written(modules: dict[str, dict[str, Any]]) -> str:
    """The text of snmp.yml: JSON is YAML."""
    return json.dumps(modules, indent=1)


def rules(table: TableFile) -> dict[str, Rule]:
    """How each metric of a table is read. Raises ValueError for what snmp_exporter cannot say."""
    rules = {name: rule for name, rule in table.metrics.items() if not isinstance(rule, Choice)}
    if len(rules) < len(table.metrics):
        raise ValueError(f"{table.name}: snmp_exporter has no choices")
    return rules


def _metrics(table: TableFile) -> Iterator[dict[str, Any]]:
    for name, rule in rules(table).items():
        oid = f"{table.oid}.{rule.column}" if rule.scalar is None else rule.scalar.removesuffix(".0")
        metric = {"name": name, "oid": oid, "type": METRICS[name].kind, "help": f"{name}."}
        yield metric if rule.scalar else metric | _labels(table)


def _labels(table: TableFile) -> dict[str, Any]:
    index = next(name for name, rule in table.labels.items() if isinstance(rule, Label) and rule.index)
    lookups = [
        {
            "labels": [index],
            "labelname": name,
            "oid": column if isinstance(column, str) else f"{table.oid}.{column}",
            "type": "DisplayString",
        }
        for name, column in named(table).items()
    ]
    return {"indexes": [{"labelname": index, "type": "gauge"}], "lookups": lookups}


def named(table: TableFile) -> dict[str, int | str]:
    """The columns that a table's labels are read from."""
    columns = {name: rule.column if isinstance(rule, Label) else rule for name, rule in table.labels.items()}
    return {name: column for name, column in columns.items() if column is not None}


def prepare() -> None:
    """Make a worker process know these devices: finding this function has imported this module."""
