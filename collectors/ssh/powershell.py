"""A batch for PowerShell: the line that starts it, the script that it reads, and what it prints made plain.

    powershell.exe -NoLogo -NoProfile -NonInteractive -EncodedCommand LOADER
    <- standard input: one line, the script in base64

The line is short and of one length, and holds nothing that cmd.exe, PowerShell or a POSIX shell would take otherwise: it
is the same whatever the login's shell is. cmd.exe, which OpenSSH for Windows takes where nobody chose another, ends a line
at 8,191 characters, and an encoded command takes 2.7 for each of its own: two or three commands. So the loader reads the
script from standard input. Neither that PowerShell nor one that is the login's shell reads it first: both do so only where
a command speaks of $input. One start serves all commands, as each takes a second.

The script prints as text in UTF-8 past the console, whose code page differs from machine to machine:

    MARK 0 0  -  what the commands print, each followed on both streams by MARK, number (from 1) and status

A status is 0 where no error came to light, 127 where a cmdlet or module is not there, else 1; errors are told on the other
stream. Only text counts: warnings, progress and objects are dropped. The leash: OpenSSH for Windows does not end what a
client left behind, so a thread of the script ends the whole process when the time of its poll is over.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Sequence
from typing import Final

from collectors.ssh.batch import Batch

PROGRAMS: Final = {"powershell": "powershell.exe", "pwsh": "pwsh"}
"""Windows PowerShell, and PowerShell 7 and later, which is on Linux too."""

LOADER: Final = (
    "$ProgressPreference='SilentlyContinue';"
    # a process without a console has no code page to set
    "try{[Console]::OutputEncoding=New-Object Text.UTF8Encoding $false}catch{};"
    "&([scriptblock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String([Console]::In.ReadLine()))))"
)

LINE_LIMIT: Final = 8191
"""Characters of a line of cmd.exe."""

_GRACE: Final = 5.0
"""Seconds that a batch may live on after its poll: who waits for it has gone by then."""

_RUN: Final = (
    'function m($n,$s){foreach($w in $o,$e){$w.Write("`n$k $n $s`n");$w.Flush()}}',
    # what a command is told of errors is for itself: modules keep the setting that they were written for
    "function r($n,$t){$ErrorActionPreference='Stop';$s=0;try{&([scriptblock]::Create($t)) *>&1|ForEach-Object{"
    "if($_ -is [Management.Automation.ErrorRecord]){$s=1;$e.WriteLine([string]$_)}"
    "elseif($_ -is [string]){$o.WriteLine($_)}}}"
    "catch{$s=1;if($_.FullyQualifiedErrorId -match '^(CommandNotFoundException|Modules_ModuleNotFound)'){$s=127};"
    "$e.WriteLine([string]$_)};m $n $s}",
)
_QUOTES: Final = re.compile("['\u2018\u2019\u201a\u201b]")
"""What ends a text in single quotes: PowerShell takes typographic ones too."""

_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SAID: Final = re.compile(r'<S S="Error">([^<]*)</S>')
_BEGIN, _END = "<Objs ", "</Objs>"


def batch(program: str, commands: Sequence[str], mark: str, seconds: float) -> Batch:
    """What runs every command in one PowerShell that lives so many seconds at most."""
    encoded = base64.b64encode(LOADER.encode("utf-16-le")).decode()
    line = f"{PROGRAMS[program]} -NoLogo -NoProfile -NonInteractive -EncodedCommand {encoded}"
    return Batch(line, base64.b64encode(script(commands, mark, seconds).encode()) + b"\n")


def script(commands: Sequence[str], mark: str, seconds: float) -> str:
    """The script that runs every command."""
    alive = int(1000 * (max(0.0, seconds) + _GRACE))
    leash = f"[Threading.Thread]::Sleep({alive});[Diagnostics.Process]::GetCurrentProcess().Kill()"
    parts = [
        f"$k={quoted(mark)}",
        "$u=New-Object Text.UTF8Encoding $false",
        "$o=New-Object IO.StreamWriter -ArgumentList ([Console]::OpenStandardOutput()),$u",
        "$e=New-Object IO.StreamWriter -ArgumentList ([Console]::OpenStandardError()),$u",
        f"$null=[powershell]::Create().AddScript({quoted(leash)}).BeginInvoke()",
        *_RUN,
        "m 0 0",
        *(f"r {number} {quoted(command)}" for number, command in enumerate(commands, 1)),
        "[Environment]::Exit(0)",
    ]
    return "\n".join(parts)


def quoted(text: str) -> str:
    """A text as one word of PowerShell, in which nothing is replaced.

    >>> quoted("it's")
    "'it''s'"
    """
    return f"'{_QUOTES.sub(lambda match: 2 * match[0], text)}'"


def output(text: str) -> str:
    """What a command printed, without the mark of its encoding."""
    return text.lstrip("\r\n").removeprefix("\ufeff")


def complaints(text: str) -> str:
    """Errors as text: those that PowerShell itself wrote as XML are read, and its progress is dropped.

    >>> complaints('#< CLIXML\\r\\n<Objs Version="1.1"><S S="Error">Access denied._x000D__x000A_</S></Objs>').strip()
    'Access denied.'
    """
    told, rest = list[str](), text.replace("#< CLIXML", "")
    while True:
        before, begun, rest = rest.partition(_BEGIN)
        told.append(before)
        if not begun:
            return "".join(told)
        inside, _, rest = rest.partition(_END)
        told += [_plain(said) for said in _SAID.findall(inside)]


def _plain(text: str) -> str:
    return html.unescape(_ESCAPED.sub(lambda match: chr(int(match[1], 16)), text))
