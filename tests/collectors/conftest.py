"""SNMP agents for the tests: snmpsim on the recordings, and a real snmpd."""

from __future__ import annotations

import dataclasses
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import servers

from inventory.credentials import SnmpV2c, SnmpV3
from inventory.estate import Estate, Snmp, Target

AUTH, PRIVACY = "authpass123", "privpass123"
PAIRS = (("MD5", "DES"), ("SHA", "AES"), ("SHA-256", "AES"), ("SHA-256", "AES-256"), ("SHA-512", "AES"))
"""What Debian's snmpd offers, by the names of the estate."""


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
    name: str, auth: str, privacy: str, auth_password: str = AUTH, privacy_password: str = PRIVACY
) -> SnmpV3:
    return SnmpV3.model_validate(
        {"snmp": "v3", "user": name, "auth": auth, "auth_password": auth_password}
        | {"privacy": privacy, "privacy_password": privacy_password}
    )


def ask(port: int, login: str, oid: str) -> str:
    """What net-snmp's own client is answered."""
    command = [
        "snmpget",
        "-v2c",
        "-c",
        login,
        "-r0",
        "-t0.3",
        "-On",
        "-Oqv",
        f"{servers.LOOPBACK}:{port}",
        oid,
    ]
    environment = os.environ | {"MIBS": "", "SNMP_PERSISTENT_DIR": "/tmp/jauge-test-snmp"}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.strip()


@pytest.fixture(scope="session")
def snmpsim(corpus: Path) -> Iterator[int]:
    """The port of an agent that answers as each recorded device: the community names the recording."""
    servers.program("snmpget", "snmp")
    port = servers.free_port(socket.SOCK_DGRAM)
    with servers.folder() as place:
        argv = [str(Path(sys.executable).parent / "snmpsim-command-responder")]
        argv += [f"--data-dir={corpus / 'recordings'}", f"--cache-dir={place}"]
        argv += [f"--agent-udpv4-endpoint={servers.LOOPBACK}:{port}"]
        if os.geteuid() == 0:
            argv += ["--process-user=root", "--process-group=root"]
        log = place / "log"
        process = servers.start(argv, log, drop=False)
        try:
            servers.wait(
                lambda: bool(ask(port, "linux-centos6", "1.3.6.1.2.1.1.1.0")), process, log, timeout=90
            )
            yield port
        finally:
            servers.stop(process)


@dataclasses.dataclass(frozen=True)
class Snmpd:
    """A real net-snmp agent on this machine. `users` holds its SNMPv3 users by (auth, privacy)."""

    port: int
    users: dict[tuple[str, str], str]


@pytest.fixture(scope="session")
def snmpd() -> Iterator[Snmpd]:
    servers.program("snmpget", "snmp")
    path = servers.program("snmpd", "snmpd")
    port = servers.free_port(socket.SOCK_DGRAM)
    with servers.folder() as place:
        users = [
            f"createUser u{number} {auth} {AUTH} {'AES256' if privacy == 'AES-256' else privacy} {PRIVACY}\nrouser u{number} priv"
            for number, (auth, privacy) in enumerate(PAIRS)
        ]
        config = place / "snmpd.conf"
        config.write_text(
            f"agentAddress udp:{servers.LOOPBACK}:{port}\nrocommunity public {servers.LOOPBACK}\n"
            'sysName pacs-01.test\nsysLocation "rack <script>alert(1)</script>"\n' + "\n".join(users) + "\n"
        )
        log = place / "log"
        (place / "persist").mkdir()
        (place / "persist").chmod(0o777)
        argv = [path, "-f", "-Lo", "-C", "-c", str(config), "-p", str(place / "pid"), "-I", "-smux"]
        process = servers.start(
            argv, log, env=os.environ | {"SNMP_PERSISTENT_DIR": str(place / "persist"), "MIBS": ""}
        )
        try:
            servers.wait(lambda: bool(ask(port, "public", "1.3.6.1.2.1.1.5.0")), process, log)
            yield Snmpd(port, {pair: f"u{number}" for number, pair in enumerate(PAIRS)})
        finally:
            servers.stop(process)


class Agents:
    """What tests make of the ports above: estates and credentials."""

    estate = staticmethod(estate)
    community = staticmethod(community)
    user = staticmethod(user)
    ask = staticmethod(ask)


@pytest.fixture(scope="session")
def agents() -> type[Agents]:
    return Agents
