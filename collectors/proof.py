"""What shows that a family reads what there is."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from inventory.credentials import Model


class Proof(Model):
    """Answers of real ones that the family was held against. The tests find each of them, and none besides.

    Where there is no such answer, `unproven` of the family says what would be one; where the answers hold a part of what
    it reads, a family has both.
    """

    recordings: tuple[str, ...] = Field(
        (), description="Recorded devices, or recorded outputs of commands, by their names in the corpus."
    )
    servers: tuple[str, ...] = Field(
        (), description="Real servers that the tests start, by the names of their packages."
    )

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.recordings and not self.servers:
            raise ValueError("give recordings or servers")
        return self
