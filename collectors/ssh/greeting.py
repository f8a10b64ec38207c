"""The key that a host shows, asked for without a login: nothing of ours is told but that we speak SSH."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Sequence

import paramiko

from collectors import hostkeys
from collectors.ssh.connections import Connections
from collectors.ssh.session import Session
from collectors.ssh.wire import connect


async def greet(host: str, port: int, wanted: Sequence[paramiko.PKey], patience: float) -> paramiko.PKey:
    """The host's key: of the kind of a `wanted` one where it has such a key, else the one it prefers.

    It may take `patience` seconds. Raises PollError.
    """
    end = time.monotonic() + patience
    with contextlib.closing(Connections()) as pool:
        try:
            return await _shown(host, port, wanted, end, pool)
        except hostkeys.OtherKindError:
            return await _shown(host, port, (), end, pool)


async def _shown(
    host: str, port: int, wanted: Sequence[paramiko.PKey], end: float, pool: Connections
) -> paramiko.PKey:
    session = Session(await connect(host, port, end, pool.executor), host, port)
    with contextlib.closing(session):
        return await pool.work(session, end, functools.partial(session.greet, wanted, end))
