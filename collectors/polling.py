"""One poll of one target, over every protocol that the estate names for it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gc
import importlib
import sys
import time
from collections.abc import Coroutine, Iterator
from typing import TYPE_CHECKING, Any

from collectors import host
from collectors.catalogue import Catalogue
from collectors.memory import Memory
from collectors.packages import Packages
from collectors.packages import load as read_packages
from collectors.poll import Poll, Table, Trace, forget
from collectors.refusals import Refusals
from collectors.snmp.polling import Snmp
from inventory.changes import compare
from inventory.estate import Estate, Target

if TYPE_CHECKING:
    from collectors import ssh

Outcome = tuple[list[Table], dict[str, str]]


class Poller:
    """Polls the targets of an estate, one at a time or many at once; keeps what connections are worth keeping.

    `packages` are those of the estate, where they were read already. Raises EstateError where they cannot be used.
    """

    def __init__(self, estate: Estate, packages: Packages | None = None) -> None:
        self.estate = estate
        self._catalogue = Catalogue(read_packages(estate.packages) if packages is None else packages)
        load(estate, self._catalogue)
        self._snmp = Snmp(self._catalogue)
        self._connections: ssh.Connections | None = None
        self._refusals = Refusals()  # over HTTP
        self._memories: dict[str, Memory] = {}
        self._unmet = {target.name for target in estate.targets}

    async def poll(self, target: Target, trace: Trace = forget, patience: float | None = None) -> Poll:
        """Poll a target, in at most `patience` seconds (the target's own by default). Never raises."""
        if patience is not None:
            target = target.model_copy(update={"timeout": min(patience, target.patience)})
        start = time.monotonic()
        outcomes = await asyncio.gather(*self._asked(target, trace))
        facts: dict[str, str] = {}
        for _, said in outcomes:
            facts = said | facts
        tables = tuple(table for found, _ in outcomes for table in found)
        if target.name in self._unmet:
            self._unmet.discard(target.name)
            self._settle()
        at, seconds = time.time(), time.monotonic() - start
        return Poll(
            target=target.name,
            at=at,
            seconds=seconds,
            tables=tuple(dated(table, at - seconds, at) for table in distinct(tables)),
            family=facts.get("family") or (_way(target) if any(table.up for table in tables) else ""),
            product=facts.get("product", ""),
            version=facts.get("version", ""),
            families=facts.get("families", ""),
            identity=facts.get("identity", ""),
        )

    def _asked(self, target: Target, trace: Trace) -> list[Coroutine[Any, Any, Outcome]]:
        asked: list[Coroutine[Any, Any, Outcome]] = []
        if target.snmp:
            asked.append(self._snmp.poll(target, self.estate, trace))
        if target.ssh:
            from collectors import ssh  # noqa: PLC0415 - see `load`

            self._connections = self._connections or ssh.Connections()
            asked.append(ssh.poll(target, self.estate, trace, self._connections, self._catalogue))
        if target.http:
            from collectors import http  # noqa: PLC0415

            memory = self._recall(target.name)
            asked.append(http.poll(target, self.estate, trace, self._refusals, memory, self._catalogue))
        if target.dicom:
            from collectors import dicom  # noqa: PLC0415

            asked.append(dicom.poll(target, self.estate, trace, self._recall(target.name)))
        if target.mllp:
            from collectors import mllp  # noqa: PLC0415

            asked.append(mllp.poll(target, trace))
        if target.host:
            asked.append(host.poll(target, trace))
        return asked

    def _recall(self, name: str) -> Memory:
        return self._memories.setdefault(name, Memory())

    def reload(self, estate: Estate, packages: Packages | None = None) -> None:
        """Poll this estate from now on. Targets that are gone, or polled otherwise, are known no more.

        Its packages are read again too, where they are not given. Raises EstateError where they cannot be used: all
        goes on as before then.
        """
        packages = read_packages(estate.packages) if packages is None else packages
        catalogue = self._catalogue if packages == self._catalogue.packages else Catalogue(packages)
        load(estate, catalogue)
        if catalogue is not self._catalogue:
            self._catalogue = catalogue
            self._snmp.reload(catalogue)
        changes = compare(self.estate, estate)
        self.estate = estate
        for name in changes.removed | changes.changed:
            self._snmp.forget(name)
            self._memories.pop(name, None)
        self._refusals.keep_only(target.name for target in estate.targets if target.http)
        gc.unfreeze()
        self._unmet = (self._unmet | changes.added | changes.changed) & {t.name for t in estate.targets}
        self._settle()
        if self._connections is not None:
            self._connections.keep_only({target.name for target in estate.targets if target.ssh})

    def _settle(self) -> None:
        """Tell the garbage collector that what is known of the targets stays, once each of them has been polled.

        It would look at all of it again and again: a sixth of the time that polling takes, at a thousand targets.
        """
        if not self._unmet:
            gc.freeze()

    def close(self) -> None:
        """Let go of every connection."""
        self._snmp.close()
        if self._connections is not None:
            self._connections.close()


def load(estate: Estate, catalogue: Catalogue) -> None:
    """Load the protocols and families that an estate needs, before its first poll: it would wait for them.

    What no target is polled over costs nothing.
    """
    if any(target.snmp is not None for target in estate.targets):
        _ = catalogue.families
    for name in ("ssh", "http", "dicom", "mllp"):
        if any(getattr(target, name) is not None for target in estate.targets):
            with _without("numpy"):
                importlib.import_module(f"collectors.{name}")
    for family in {target.http.family for target in estate.targets if target.http}:
        catalogue.interfaces.get(family)  # its file is read now


@contextlib.contextmanager
def _without(name: str) -> Iterator[None]:
    """While something else is loaded, a module is not there, unless it was loaded before.

    pydicom takes numpy where it finds it, for pixels, which nobody reads here: 80 MB, and more for every core.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # as importlib documents: it cannot be imported
    try:
        yield
    finally:
        del sys.modules[name]


def _way(target: Target) -> str:
    """How a target is read that has no family of devices: the protocol."""
    ways = (("ssh", target.ssh), ("dicom", target.dicom), ("mllp", target.mllp), ("host", target.host))
    return next((name for name, used in ways if used and target.snmp is None), "")


def dated(table: Table, earliest: float, latest: float) -> Table:
    """A table read within these times: only where the clock was set meanwhile it says otherwise."""
    at = min(table.at if table.every else max(table.at, earliest), latest)
    return table if at == table.at else dataclasses.replace(table, at=at)


def distinct(tables: tuple[Table, ...]) -> tuple[Table, ...]:
    """Tables under names of their own: two protocols may call one the same."""
    seen: dict[str, int] = {}
    found = []
    for table in tables:
        seen[table.name] = count = seen.get(table.name, 0) + 1
        found.append(table if count == 1 else dataclasses.replace(table, name=f"{table.name}-{count}"))
    return tuple(found)
