"""SNMP agents for the tests: snmpsim on the recordings, and estates of one agent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import servers

from inventory.credentials import SnmpV2c, SnmpV3
from inventory.estate import Estate, Snmp, Target


def estate(
    port: int, credential: SnmpV2c | SnmpV3, *, family: str | None = None, timeout: float = 20
) -> Estate:
    """An estate of one target, named `device`."""
    access = Snmp(credential="login", port=port, family=family)
    target = Target(name="device", address=servers.LOOPBACK, snmp=access, timeout=timeout)
    return Estate(credentials={"login": credential}, targets=(target,))


def community(text: str) -> SnmpV2c:
    return SnmpV2c.model_validate({"snmp": "v2c", "community": text})


def user(
    name: str,
    auth: str,
    privacy: str,
    auth_password: str = servers.AUTH,
    privacy_password: str = servers.PRIVACY,
) -> SnmpV3:
    return SnmpV3.model_validate(
        {"snmp": "v3", "user": name, "auth": auth, "auth_password": auth_password}
        | {"privacy": privacy, "privacy_password": privacy_password}
    )


@pytest.fixture(scope="session")
def snmpsim() -> Iterator[int]:
    """The port of an agent that answers as each recorded device: the community names the recording."""
    with servers.snmpsim() as port:
        yield port


class Agents:
    """What tests make of the ports above: estates and credentials."""

    estate = staticmethod(estate)
    community = staticmethod(community)
    user = staticmethod(user)
    ask = staticmethod(servers.snmpget)


@pytest.fixture(scope="session")
def agents() -> type[Agents]:
    return Agents
