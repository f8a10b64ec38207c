"""A domain of Active Directory, by Samba: only its LDAP answers, on an address of loopback of its own, as its port is fixed."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import servers
from certificates import Authority

ADDRESS: Final = "127.0.0.77"
USERS: Final = "CN=Users,DC=hospital,DC=example"
PASSWORD: Final = "A-long-Password-of-hers1"
ACCOUNT_PASSWORD: Final = "The-Account-that-searches1"


@dataclasses.dataclass(frozen=True)
class Domain:
    """A domain: ada is in the group `inner`, which is in `jauge-operators`."""

    ldaps: str
    ldap: str
    authority: Path


@contextlib.contextmanager
def samba(place: Path) -> Iterator[Domain]:
    """A domain, made anew in a folder: it takes half a minute."""
    tool, daemon = servers.program("samba-tool", "samba-ad-dc"), servers.program("samba", "samba-ad-dc")
    if os.geteuid() != 0:
        servers.missing("a domain controller is for root: its files have owners of the domain")
    home = place / "domain"

    def told(*words: str) -> None:
        subprocess.run([tool, *words], check=True, capture_output=True, timeout=300)

    told(
        "domain", "provision", f"--targetdir={home}", "--realm=HOSPITAL.EXAMPLE", "--domain=HOSPITAL", "--server-role=dc",
        "--dns-backend=NONE", "--host-name=dc1", f"--host-ip={ADDRESS}", "--adminpass=Passw0rd-Of-Admin",
    )  # fmt: skip
    here = ("-H", str(home / "private" / "sam.ldb"), "-s", str(home / "etc" / "smb.conf"))
    told("user", "add", "ada", PASSWORD, *here)
    told("user", "add", "jauge", ACCOUNT_PASSWORD, *here)
    for group, member in (("inner", "ada"), ("jauge-operators", "inner")):
        told("group", "add", group, *here)
        told("group", "addmembers", group, member, *here)
    authority = Authority(place)
    mine = authority.sign(ADDRESS)
    mine.key.chmod(0o600)
    options = {
        "server services": "ldap",
        "interfaces": f"{ADDRESS}/255.0.0.0",
        "bind interfaces only": "yes",
        "tls certfile": mine.certificate,
        "tls keyfile": mine.key,
        "tls cafile": authority.file,
        "pid directory": place,
        "ncalrpc dir": place / "ncalrpc",
        "log file": place / "samba.log",
    }
    command = [
        daemon, "--foreground", "--no-process-group", "--model=single", f"--configfile={home}/etc/smb.conf",
        *(f"--option={name}={value}" for name, value in options.items()),
    ]  # fmt: skip

    def ready() -> bool:
        return all(_answers(port) for port in (389, 636))

    with servers.running(command, ready, place / "out.log", drop=False):
        yield Domain(f"ldaps://{ADDRESS}", f"ldap://{ADDRESS}", authority.file)


def _answers(port: int) -> bool:
    with socket.create_connection((ADDRESS, port), timeout=0.5):
        return True
