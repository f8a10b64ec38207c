"""A PowerShell that understands what Jauge sends it, and nothing else: for servers that are no Windows.

It takes the same words and the same standard input, and reads the script by the rules of about_Quoting_Rules; what a
command prints stands in a file. It knows no cmdlet: what these print is not proven here.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

QUOTES = "'\u2018\u2019\u201a\u201b"
"""What PowerShell takes for a single quote."""

OPTIONS = ("-NoLogo", "-NoProfile", "-NonInteractive", "-EncodedCommand")
READER = "FromBase64String([Console]::In.ReadLine())"


class RefusedError(Exception):
    """PowerShell would not take this."""


def loaded(words: list[str]) -> str:
    """The loader of a command line."""
    if tuple(words[:-1]) != OPTIONS:
        raise RefusedError(f"options {words[:-1]}")
    loader = base64.b64decode(words[-1], validate=True).decode("utf-16-le")
    if READER not in loader or "$input" in loader:
        raise RefusedError(loader)
    return loader


def statements(script: str) -> Iterator[tuple[str, list[str]]]:
    """The statements of a script, one a line outside of quotes: their words as written, and the texts in single quotes."""
    written, texts, place = "", list[str](), 0
    while place <= len(script):
        char = script[place : place + 1]
        if char in ("", "\n"):
            if written:
                yield written, texts
            written, texts = "", []
        elif char in QUOTES:
            text, place = _text(script, place + 1)
            texts.append(text)
            written += "?"
        else:
            written += char
        place += 1


def _text(script: str, place: int) -> tuple[str, int]:
    """A text in single quotes, and the place of its last quote."""
    text = ""
    while place < len(script):
        if script[place] not in QUOTES:
            text += script[place]
        elif script[place + 1 : place + 2] and script[place + 1] in QUOTES:
            text += script[place + 1]
            place += 1
        else:
            return text, place
        place += 1
    raise RefusedError("a text without an end")


def jobs(script: str) -> tuple[str, list[str]]:
    """The mark and the commands of a script, in their order. Raises RefusedError where it is no script of ours."""
    mark, commands, begun, ended = "", list[str](), False, False
    for written, texts in statements(script):
        call = re.fullmatch(r"r (\d+) \?", written)
        if written == "$k=?":
            mark = texts[0]
        elif written == "m 0 0":
            begun = True
        elif call:
            if int(call[1]) != len(commands) + 1 or not begun or ended:
                raise RefusedError(written)
            commands += texts
        elif written == "[Environment]::Exit(0)":
            ended = True
        elif begun or not written.startswith(("$", "function ")):
            raise RefusedError(written)
    if not mark or not begun or not ended:
        raise RefusedError("no script of ours")
    return mark, commands


def sleeps(script: str) -> float:
    """Seconds after which the leash of a script ends it."""
    leashes = [text for written, texts in statements(script) if "AddScript" in written for text in texts]
    found = re.fullmatch(
        r"\[Threading\.Thread\]::Sleep\((\d+)\);\[Diagnostics\.Process\]::GetCurrentProcess\(\)\.Kill\(\)",
        *leashes,
    )
    assert found
    return int(found[1]) / 1000


def run(words: list[str], line: str, answers: Mapping[str, Any]) -> None:
    """Print what the commands print, with the marks of the script. Line ends are those of Windows."""
    loaded(words)
    mark, commands = jobs(base64.b64decode(line.rstrip("\n"), validate=True).decode())
    _say("\n" + f"{mark} 0 0\n", "#< CLIXML\r\n" + f"\n{mark} 0 0\n")
    for number, command in enumerate(commands, 1):
        found = answers.get(command, {"errors": "The term is not recognized.\r\n", "status": 127})
        time.sleep(found.get("seconds", 0))
        end = f"\n{mark} {number} {found.get('status', 0)}\n"
        _say(found.get("output", "") + end, found.get("errors", "") + end)


def _say(output: str, errors: str) -> None:
    for stream, text in ((sys.stdout, output), (sys.stderr, errors)):
        stream.buffer.write(text.encode())
        stream.buffer.flush()


def install(place: Path, answers: Mapping[str, Any], name: str = "powershell.exe") -> None:
    """Put it into a folder, with what each command prints. Every line that it is started with is noted there."""
    (place / "answers.json").write_text(json.dumps(answers), "utf-8")
    program = place / name
    program.write_text(
        f"#!{sys.executable}\nimport json, pathlib, sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        f"import powershells\nplace = pathlib.Path({str(place)!r})\n"
        "with (place / 'started').open('a') as log:\n    log.write(' '.join(sys.argv) + '\\n')\n"
        "powershells.run(sys.argv[1:], sys.stdin.readline(), json.loads((place / 'answers.json').read_text('utf-8')))\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def cmdlets(command: str) -> set[str]:
    """The cmdlets that a command names outside of texts."""
    written = " ".join(words for words, _ in statements(command))
    return set(re.findall(r"(?<![\w$.:/\\-])[A-Z][A-Za-z]+-[A-Z][A-Za-z]+", written))


def started(place: Path) -> list[str]:
    """The lines that it was started with."""
    with contextlib.suppress(FileNotFoundError):
        return (place / "started").read_text().splitlines()
    return []


CMD = """#!/bin/sh
case "$SSH_ORIGINAL_COMMAND" in
    powershell.exe*) exec /bin/sh -c "$SSH_ORIGINAL_COMMAND" ;;
    *) echo "'${SSH_ORIGINAL_COMMAND%% *}' is not recognized as an internal or external command," >&2; exit 1 ;;
esac
"""
"""What a login of Windows does with a line, as far as it goes: it has no POSIX shell."""
