"""Databases of MariaDB and MySQL, by socket authentication or the login's own ~/.my.cnf.

version<tab>10.11.6-MariaDB-0+deb12u1
connections<tab>12
limit<tab>151
database<tab>lims<tab>1073741824
    Seconds_Behind_Master: 0
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.poll import PollError
from collectors.proof import Proof
from inventory.metrics import Sample, labels

PROVEN: Final = Proof(servers=("mariadb-server",))

_STATEMENTS: Final = (
    "select 'version', version()",
    "select 'limit', @@max_connections",
    "show global status like 'Threads_connected'",
    "select 'database', table_schema, sum(data_length + index_length) from information_schema.tables "
    "where table_type = 'BASE TABLE' and table_schema not in ('information_schema', 'performance_schema') "
    "group by table_schema",
)
COMMAND: Final = (
    "m=mariadb; command -v $m >/dev/null || m=mysql; "
    f'$m -N -B -e "{"; ".join(_STATEMENTS)}" || exit; '
    '$m -E -e "show slave status" || $m -E -e "show replica status"; :'
)
"""A login that may not see replication is told so on the error stream, and nothing is missing."""

_BEHIND: Final = re.compile(r"\s*Seconds_Behind_(?:Master|Source): ([0-9]{1,12})\s*\Z")
_SINGLE: Final = {
    "limit": "jauge_database_connections_limit",
    "Threads_connected": "jauge_database_connections",
}


def parse(output: str) -> Iterator[Sample]:
    """Sizes, connections, and how far a replica is behind."""
    if not output.startswith("version\t"):
        raise (
            documents.unparsed(output.strip())
            if output.strip()
            else PollError("empty_answer", "the server printed nothing")
        )
    behind = list[float]()
    for line in output.splitlines():
        words = line.split("\t")
        if words[0] == "database" and len(words) == 3:
            if words[2] != "NULL":
                size = documents.figure(words[2], line)
                yield Sample("jauge_database_size_bytes", size, labels(database=documents.label(words[1])))
        elif words[0] in _SINGLE and len(words) == 2:
            yield Sample(_SINGLE[words[0]], documents.figure(words[1], line))
        elif match := _BEHIND.match(line):
            behind.append(float(match[1]))
    if behind:
        yield Sample("jauge_database_replication_lag_seconds", max(behind))


def facts(output: str) -> dict[str, str]:
    """Product and version of the server."""
    found = re.match(r"version\t([0-9]+(?:\.[0-9]+)+)(-MariaDB)?", output)
    return {"product": "MariaDB" if found[2] else "MySQL", "version": found[1]} if found else {}
