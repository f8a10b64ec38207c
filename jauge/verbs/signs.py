"""Where to look for what people expect under another name: one command has one name, and a word that is not one says which it is."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Final

from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click.core import Command, Context

OWN_FILES: Final = (
    "Jauge's own files are copied by `jauge files backup DIR`, and put back by `jauge files restore DIR`."
)
"""`jauge backup` is about the hospital's backups (docs/decisions/0038-files-backup.md)."""


class Signposted(TyperGroup, abc.ABC):
    """A group of commands that knows what else people look for in it."""

    @abc.abstractmethod
    def sign(self, name: str) -> str | None:
        """Where that is which is looked for by a word that is no command; None where nobody knows."""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """The command that is meant, or the end with a sign, or else with words that are like it."""
        if args[0] not in self.commands and (sign := self.sign(args[0])) is not None:
            ctx.fail(f"No such command {args[0]!r}. {sign}")
        return super().resolve_command(ctx, args)
