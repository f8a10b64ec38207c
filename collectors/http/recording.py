"""Every answer that one poll of an interface gets, kept by its path: for a recording."""

from __future__ import annotations

import time
from typing import Any

from collectors import orthanc
from collectors.catalogue import Catalogue
from collectors.http.client import Client
from collectors.http.families import Families, Interface, tell
from collectors.http.polling import account_of
from collectors.http.sessions import Session
from collectors.memory import Memory
from collectors.poll import PollError, forget
from collectors.refusals import Refusals
from inventory.estate import Estate, Target


async def fetch(
    target: Target, estate: Estate, catalogue: Catalogue, paths: tuple[str, ...]
) -> tuple[dict[str, Any], list[str]]:
    """What the tables of a target's family ask for, and these paths: documents or texts, and what failed.

    What opens and ends a session is not among them.
    """
    access, notes = target.http, list[str]()
    if access is None:
        return {}, notes
    family, end = catalogue.interfaces.get(access.family), time.monotonic() + target.patience
    readers = (
        orthanc.wanted(access)
        if access.family == "orthanc"
        else Families(catalogue.interfaces).get(access.family)
    )
    account = account_of(target.name, access, estate, Refusals())
    async with Client(access, end, forget) as client, Session(client, family, account) as session:
        interface = Interface(session, access, Memory())
        for name, read in (readers or {}).items():
            try:
                await read(interface)
            except PollError as error:
                notes.append(f"{name}: {error.reason}")
        for fact in (family.product, family.version) if family is not None else ():
            if fact is not None and not isinstance(fact, str):
                try:
                    await tell(fact, interface)
                except PollError as error:
                    notes.append(f"{fact.get}: {error.reason}")
        for path in paths:
            try:
                await interface.get(path, part=True)
            except PollError as error:
                notes.append(f"a path that was asked for: {error.reason}")
        return dict(interface.documents), notes
