"""What the readers of Orthanc need of `collectors.http.families.Interface`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from collectors.memory import Memory
from collectors.poll import Reading
from inventory.estate import HttpAccess


class Client(Protocol):
    """Asks one Orthanc."""

    facts: dict[str, str]
    access: HttpAccess
    memory: Memory

    @property
    def end(self) -> float: ...

    async def get(self, path: str) -> Any: ...

    async def look(self, path: str) -> Any: ...

    async def peek(self, path: str) -> str: ...

    async def post(self, path: str, document: Any) -> None: ...


Reader = Callable[[Any], Awaitable[Reading]]
