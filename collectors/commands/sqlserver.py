"""Databases of SQL Server on Linux. The login's password stands in a file of the machine, ~/.jauge-sqlcmd.

    version|16.0.4105.2
    connections|12
    database|hr|8589934592

No server was at hand: the columns are those of sys.master_files and sys.dm_exec_sessions (Transact-SQL reference).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.poll import PollError
from inventory.metrics import Sample, labels

UNPROVEN: Final = "the output of a real SQL Server"

_QUERY: Final = (
    "set nocount on; select 'version', cast(serverproperty('ProductVersion') as varchar(40)); "
    "select 'connections', count(*) from sys.dm_exec_sessions where is_user_process = 1; "
    "select 'database', db_name(database_id), sum(cast(size as bigint)) * 8192 from sys.master_files "
    "where database_id < 32767 group by database_id"
)
COMMAND: Final = (
    'export SQLCMDPASSWORD="$(cat "$HOME/.jauge-sqlcmd")"; PATH=$PATH:/opt/mssql-tools18/bin:/opt/mssql-tools/bin; '
    f'sqlcmd -S localhost -U jauge -C -b -h -1 -W -s "|" -Q "{_QUERY}"'
)
"""sqlcmd takes the password from its environment: it stands on no command line."""


def parse(output: str) -> Iterator[Sample]:
    """Sizes of the files of each database, and connections."""
    if not output.strip():
        raise PollError("empty_answer", "sqlcmd printed nothing")
    for line in output.splitlines():
        words = line.strip().split("|")
        if words[0] == "database" and len(words) == 3:
            size = documents.figure(words[2], line)
            yield Sample("jauge_database_size_bytes", size, labels(database=documents.label(words[1])))
        elif words[0] == "connections" and len(words) == 2:
            yield Sample("jauge_database_connections", documents.figure(words[1], line))
        elif line.strip() and words[0] != "version":
            raise documents.unparsed(line)


def facts(output: str) -> dict[str, str]:
    """Product and version."""
    found = re.match(r"version\|([0-9.]+)\s*\Z", output.partition("\n")[0])
    return {"product": "Microsoft SQL Server", "version": found[1]} if found else {}
