"""The command line inside of the process that tests: for what a command says, where its process is not what is tested.

A process of its own takes half a second to load what is loaded here already.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

import structlog
from typer.testing import CliRunner

from jauge.cli import app


def jauge(
    *words: object,
    cwd: Path | str = ".",
    stdin: str | None = None,
    environment: Mapping[str, str | None] | None = None,
) -> CompletedProcess[str]:
    """What a command ends with and prints. Raises whatever would have been a trace."""
    argv = [str(word) for word in words]
    with contextlib.chdir(cwd):
        ended = CliRunner().invoke(app, argv, input=stdin, env=environment)
    structlog.reset_defaults()  # a command that sets logs up writes to its own standard error, which is closed now
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return CompletedProcess(argv, ended.exit_code, ended.stdout, ended.stderr)
