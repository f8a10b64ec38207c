"""Systems that are read by commands which print JSON: one declarative file each, in `commands/`.

    title: Ceph
    product: Ceph
    version: {command: ceph-version, column: /version, pattern: 'version (\\S+)'}
    commands:
      ceph-df:
        run: ceph df --format json
        root: true
        tables:
          - name: pools
            each: /pools/*
            labels: {store: /name, kind: {text: pool}}
            metrics: {jauge_storage_used_bytes: {column: /stats/bytes_used}}

A command must not change anything on the machine. Its tables are read by `collectors.answers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, model_validator

from collectors import answers, documents
from collectors.answers import JsonTable
from collectors.files import load_file
from collectors.poll import PollError, Reading
from collectors.proof import Proof
from collectors.tables import Pattern, Pointer
from inventory.credentials import Model
from inventory.quantities import Name

FOLDER: Final = Path(__file__).parent / "commands"


class FactAt(Model):
    """What a system says that it is, at a place of what a command prints."""

    command: Name
    column: Pointer = ""
    pattern: Pattern | None = Field(None, description="Keep only what group 1 of this matches.")

    def read(self, document: object) -> str:
        """The text at that place, empty where there is none."""
        return documents.fact(answers.find(document, self.column), self.pattern)


class CommandFile(Model):
    """A command, and the tables of what it prints."""

    run: str = Field(
        min_length=1,
        description="What is run: a line for a POSIX shell, for PowerShell, or for the machine's own CLI.",
    )
    root: bool = Field(False, description="Only root may: it is run with sudo -n by anybody else.")
    shell: Literal["sh", "powershell", "none"] = Field(
        "sh", description="What runs it; none is the machine's own CLI, which gets each line as it stands."
    )
    tables: tuple[JsonTable, ...] = ()

    @model_validator(mode="after")
    def _elevated(self) -> CommandFile:
        if self.root and self.shell != "sh":
            raise ValueError("root: sudo needs a POSIX shell")
        return self

    @property
    def text(self) -> str:
        """The line that is run."""
        return elevated(self.run) if self.root else self.run

    def read(self, output: str) -> Reading:
        """The reading of all tables of an output."""
        if not output.strip():
            raise PollError("empty_answer", "nothing was printed")
        document = documents.load(output)
        return Reading.join([answers.read(table, document) for table in self.tables])


class SystemFile(Model):
    """How a system is read over SSH: one file."""

    title: str
    product: str | FactAt | None = Field(
        None, description="Its name, or where a command tells it; left out for a part of a machine."
    )
    version: FactAt | None = Field(None, description="Where a command tells its version.")
    account: str | None = Field(
        None, description="The least that the login must be allowed, where that is more than to log in."
    )
    unproven: str | None = Field(
        None, description="What would prove it, where no output of a real machine was read."
    )
    proven: Proof | None = Field(None, description="What it was held against.")
    commands: dict[Name, CommandFile] = Field(min_length=1)

    @model_validator(mode="after")
    def _known(self) -> SystemFile:
        for fact in (self.product, self.version):
            if isinstance(fact, FactAt) and fact.command not in self.commands:
                raise ValueError(f"there is no command {fact.command}")
        return self

    def facts(self, name: str, output: str) -> dict[str, str]:
        """What one command's output tells of product and version."""
        found = {"product": self.product} if isinstance(self.product, str) else {}
        for key, fact in (("product", self.product), ("version", self.version)):
            if (
                isinstance(fact, FactAt)
                and fact.command == name
                and (said := fact.read(documents.load(output)))
            ):
                found[key] = said
        return found


def elevated(run: str) -> str:
    """A line that runs a command as root: without sudo where the login is root already.

    >>> elevated("ceph df")
    's="sudo -n"; [ "$(id -u)" = 0 ] && s=; $s ceph df'
    """
    return f's="sudo -n"; [ "$(id -u)" = 0 ] && s=; $s {run}'


def systems(folders: Sequence[Path] = (FOLDER,)) -> dict[str, SystemFile]:
    """The systems that are declared in these folders, by name."""
    return {
        path.stem: load_file(path, SystemFile) for folder in folders for path in sorted(folder.glob("*.yml"))
    }
