"""Whether a file with something to hide is its owner's alone, or that of a group which the owner chose."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_OTHERS: Final = stat.S_IRWXO
_GROUP: Final = stat.S_IRWXG

ROOT: Final = 0


def exposed(path: Path, *, group: bool = False) -> str:
    """What is wrong with the owner or the mode of a file or folder, and what to do; "" where nothing is, or it cannot be looked at.

    It has to be owned by the account of this process, or by root. `group` lets a group read it, as one does a secret that root
    keeps for a service.
    """
    try:
        found = path.stat()
    except OSError:
        return ""  # whoever needs it says so
    if found.st_uid not in (os.geteuid(), ROOT):
        return (
            f"{path} belongs to the account {found.st_uid}, which may change it: chown it to {os.geteuid()}"
        )
    mode = stat.S_IMODE(found.st_mode)
    refused = _WRITE | _OTHERS | (0 if group else _GROUP)
    if stat.S_ISDIR(found.st_mode):
        refused = _WRITE  # names of files may be seen: what is in them is looked at one by one
    if not mode & refused:
        return ""
    who = "others" if mode & _OTHERS else "its group"
    what = "change" if mode & _WRITE else "read"
    return f"{who} may {what} {path} ({mode:04o}): chmod {mode & ~refused:o} {path}"
