"""What the readers of Orthanc need of `collectors.http.Client`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from collectors.memory import Memory
from collectors.poll import Reading
from inventory.estate import HttpAccess


class Client(Protocol):
    """Asks one Orthanc."""

    facts: dict[str, str]
    end: float
    access: HttpAccess
    memory: Memory

    async def get(self, path: str) -> Any: ...

    async def look(self, path: str) -> Any: ...

    async def text(self, path: str) -> str: ...

    async def post(self, path: str, document: Any) -> None: ...


Reader = Callable[[Any], Awaitable[Reading]]
