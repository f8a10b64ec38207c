"""A batch: one shell line that runs several commands, and what it prints cut apart again.

    exec /bin/sh -c 'LC_ALL=C; export LC_ALL; exec 3<&0 </dev/null;
    ( read x <&3; kill -9 -$$ || kill -9 $$ ) >/dev/null 2>&1 & w=$!; exec 3<&-;
    m() { printf "\\n%s %s %s\\n" MARK $1 $2; printf "\\n%s %s %s\\n" MARK $1 $2 >&2; }; m 0 0;
    ( df -PTB1 || df -Pk ); m 1 $?; ( cat /proc/meminfo ); m 2 $?; kill $w'

The mark is random, so that no command prints it. What a login's profile prints stands before the mark 0. Standard
input is a leash: nothing is ever sent over it, and when it ends - the poller gives up, or is gone - everything that
the batch started is ended with it. Without that, each poll of a machine with a dead mount would leave a process there.
Only what POSIX has is used (dash, ash, busybox, ksh, mksh, bash), and no file is written.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from collectors.commands import Command
from collectors.poll import PollError

_LEASH: Final = (
    "exec 3<&0 </dev/null",
    # $$ leads a process group of its own where the server made one (OpenSSH does); no other group is ever hit
    "( read x <&3; kill -9 -$$ || kill -9 $$ ) >/dev/null 2>&1 & w=$!",
    "exec 3<&-",
)
_MARK_LENGTH: Final = 128
"""Bytes that a mark may take, with its numbers and line ends."""


class Job(NamedTuple):
    """One command of a batch under the name of its table."""

    name: str
    command: Command


class Answer(NamedTuple):
    """What one command printed. `status` is None where it did not come to its end, for the reason `broken`."""

    output: str
    errors: str
    status: int | None
    broken: PollError | None = None


class Batch(NamedTuple):
    """What runs several commands: the line that is executed, and what is sent to its standard input."""

    line: str
    sent: bytes = b""


def script(commands: Sequence[str], mark: str) -> str:
    """The line that runs every command, each followed on both streams by mark, number (from 1) and status."""
    line = f'printf "\\n%s %s %s\\n" {mark} $1 $2'
    parts = ["LC_ALL=C", "export LC_ALL", *_LEASH, f"m() {{ {line}; {line} >&2; }}", "m 0 0"]
    for number, command in enumerate(commands, 1):
        parts.append(f"( {command} ); m {number} $?")
    return f"exec /bin/sh -c {shlex.quote('; '.join([*parts, 'kill $w']))}"


def play(line: str, run: Callable[[str], tuple[str, str, int]]) -> tuple[str, str] | None:
    """What a shell would print on both streams for a line of `script`, each command answered by `run`.

    For servers that are not machines (the demo's): `run` takes a command to its output, errors and exit
    status. None where the line is no batch.
    """
    words = shlex.split(line)
    body = words[3] if words[:3] == ["exec", "/bin/sh", "-c"] and len(words) == 4 else ""
    mark = re.search(r'm\(\) \{ printf "[^"]*" (\S+) ', body)
    if mark is None:
        return None
    output = errors = f"\n{mark[1]} 0 0\n"
    for command, number in re.findall(r"\( (.*?) \); m (\d+) \$\?", body[mark.end() :], re.DOTALL):
        printed, complained, status = run(command)
        output += f"{printed}\n{mark[1]} {number} {status}\n"
        errors += f"{complained}\n{mark[1]} {number} {status}\n"
    return output, errors


class Transcript:
    """One stream of a batch as it comes in: `parts` are the finished commands, `rest` what the next one printed.

    `begun` tells whether the shell runs. `limit` is how many bytes of one command are kept; what goes beyond is
    dropped, and counted in `size` (bytes of the whole stream).
    """

    def __init__(self, mark: str, limit: int) -> None:
        self.parts: list[tuple[bytes, int]] = []
        self.rest = bytearray()
        self.size = 0
        self.begun = False
        self._limit = limit
        # a server that translates line ends does so here too
        self._mark = re.compile(rb"\r?\n%b (\d{1,6}) (\d{1,4})\r?\n" % mark.encode())

    def feed(self, chunk: bytes) -> None:
        """Take over what came next."""
        begin = max(0, len(self.rest) - _MARK_LENGTH)
        self.size += len(chunk)
        self.rest += chunk
        while match := self._mark.search(self.rest, begin):
            self._close(bytes(self.rest[: match.start()]), int(match[1]), int(match[2]))
            del self.rest[: match.end()]
            begin = 0
        if len(self.rest) > self._limit + _MARK_LENGTH:
            del self.rest[self._limit : -_MARK_LENGTH]

    def _close(self, text: bytes, number: int, status: int) -> None:
        if number == len(self.parts) + 1:
            self.parts.append((text[: self._limit], status))
        self.begun = True  # what stands before the mark 0 is the login's own greeting
