"""Tablespaces of every Oracle database of a machine, by an account that is identified externally.

    instance|PROD
    version|19.0.0.0.0
    tablespace|USERS|1073741824|34359721984|524288000

Size, the size that its files may grow to by themselves, and what is free in it. Undo and temporary tablespaces are
left out: what they hold is used again; and those that are offline: the size of their files is NULL. Neither a machine nor a recording of one was at hand: the columns are those of
DBA_DATA_FILES, DBA_FREE_SPACE and DBA_TABLESPACES (Oracle Database Reference).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.poll import PollError
from inventory.metrics import Sample, labels

UNPROVEN: Final = "the output of a real database, and of a container database"

_SET: Final = "set pagesize 0 linesize 300 feedback off heading off trimspool on"
_VERSION: Final = (
    "select 'version|' || max(version) from product_component_version where product like 'Oracle%';"
)
_SPACES: Final = (
    "select 'tablespace|' || t.tablespace_name || '|' || d.bytes || '|' || d.most || '|' || nvl(f.bytes, 0) "
    "from dba_tablespaces t join (select tablespace_name, sum(bytes) bytes, "
    "sum(decode(autoextensible, 'YES', greatest(maxbytes, bytes), bytes)) most "
    "from dba_data_files group by tablespace_name) d on d.tablespace_name = t.tablespace_name "
    "left join (select tablespace_name, sum(bytes) bytes from dba_free_space group by tablespace_name) f "
    "on f.tablespace_name = t.tablespace_name where t.contents = 'PERMANENT' and d.bytes is not null;"
)
COMMAND: Final = (
    "cat /etc/oratab /var/opt/oracle/oratab | sed -n 's,^\\([A-Za-z0-9_]*\\):\\(/[^:]*\\):.*,\\1 \\2,p' | "
    'while read -r i h; do printf "instance|%s\\n" "$i"; '
    f'printf "%s\\n" "{_SET}" "{_VERSION}" "{_SPACES}" | '
    'ORACLE_SID=$i ORACLE_HOME=$h "$h/bin/sqlplus" -S -L /; done'
)


def parse(output: str) -> Iterator[Sample]:
    """Every tablespace of every instance. A line of sqlplus that is none of ours is an error of Oracle."""
    instance = ""
    for line in output.splitlines():
        words = line.strip().split("|")
        if words[0] == "instance" and len(words) == 2:
            instance = documents.label(words[1])
        elif line.strip() and not instance:
            raise documents.unparsed(line)
        elif words[0] == "tablespace" and len(words) == 5:
            size, most, free = (documents.figure(word, line) for word in words[2:])
            pairs = labels(database=instance, tablespace=documents.label(words[1]))
            yield Sample("jauge_tablespace_size_bytes", size, pairs)
            yield Sample("jauge_tablespace_limit_bytes", most, pairs)
            if free <= size:
                yield Sample("jauge_tablespace_used_bytes", size - free, pairs)
        elif line.strip() and words[0] != "version":
            raise documents.unparsed(f"{instance}: {line}")
    if not instance:
        raise PollError("empty_answer", "oratab names no database")


def facts(output: str) -> dict[str, str]:
    """Product and version of the first instance that answered."""
    told = (re.fullmatch(r"version\|([0-9.]+)\s*", line) for line in output.splitlines())
    found = next((match for match in told if match), None)
    return {"product": "Oracle Database", "version": found[1]} if found else {}
