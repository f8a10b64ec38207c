"""A host as the guide has it prepared: its account, which logs in by key, its lines of sudoers, and programs that write down who runs them.

It is this machine in a mount namespace of its own: `/usr`, `/etc` and `/home` are others there, so that real accounts, a real sudo and
a real sshd can be had without leaving anything behind.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import servers

from jauge.guide import pages

ACCOUNT = "jauge"
SUDOERS = "/etc/sudoers.d/jauge"

_PROGRAM = re.compile(r"(?:NOPASSWD:|,)\s*!?(/[\w./-]+)")

_ENTER = """set -e
cd "$1"
mount --bind /usr real
mount --bind usr /usr
mount --bind etc /etc
mount --bind home /home
sh -e prepare
exec /usr/sbin/sshd -D -e -f "$1/sshd_config"
"""

_STAND_IN = """#!/bin/sh
{{ id -u; printf '%s\\n' "$0" "$@"; }} | tr '\\n' '\\037' >> {asked}
echo >> {asked}
{answer}
"""


class Call(NamedTuple):
    """A program that was run: by which account, and with which words."""

    uid: int
    argv: tuple[str, ...]


class Prepared(NamedTuple):
    """The host. `login` is what OpenSSH's client is called with."""

    place: Path
    login: tuple[str, ...]

    def run(self, script: str, *options: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """What the account runs there."""
        return subprocess.run(
            [*self.login, *options, f"{ACCOUNT}@{servers.LOOPBACK}", *filter(None, [script])],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def asked(self) -> list[Call]:
        """The programs that were run since this was last asked."""
        file = self.place / "asked"
        found = [line.split("\x1f")[:-1] for line in file.read_text().splitlines()]
        file.write_text("")
        return [Call(int(uid), tuple(argv)) for uid, *argv in found]


def devices() -> list[str]:
    """What the guide has typed on each device."""
    return [system.device for name, page in pages().items() if name != "windows" for system in page.systems]


def sudoers() -> list[str]:
    """The lines of sudoers of the guide, of every system."""
    return [
        line
        for device in devices()
        if SUDOERS in device
        for line in device.splitlines()
        if "NOPASSWD" in line
    ]


@contextlib.contextmanager
def prepared(answers: Mapping[str, str]) -> Iterator[Prepared]:
    """The host, whose programs of sudoers say what a shell makes of `answers`, by their name."""
    if os.geteuid() != 0:
        servers.missing("a host with an account and a sudoers of its own takes root")
    servers.program("sshd", "openssh-server")
    servers.program("sudo", "sudo")
    with servers.folder() as place:
        key, port = servers.key_pair(place / "login"), servers.free_port()
        host = servers.key_pair(place / "host")
        for name in ("real", "home"):
            (place / name).mkdir()
        _usr(place, answers)
        subprocess.run(["cp", "-a", "/etc", str(place / "etc")], check=True)
        _sudoers(place / f".{SUDOERS}")
        (place / "prepare").write_text(_account().replace("AAAA...", servers.public(key).split()[1]))
        (place / "sshd_config").write_text(
            f"Port {port}\nListenAddress {servers.LOOPBACK}\nHostKey {host}\nPidFile none\nUsePAM yes\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nSubsystem sftp internal-sftp\n"
        )
        (place / "known_hosts").write_text(f"[{servers.LOOPBACK}]:{port} {servers.public(host)}\n")
        login = (
            *(
                "ssh",
                "-F",
                "none",
                "-p",
                str(port),
                "-i",
                str(key),
                "-o",
                f"UserKnownHostsFile={place}/known_hosts",
            ),
            *("-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"),
        )
        Path("/run/sshd").mkdir(exist_ok=True, mode=0o755)
        argv = ["unshare", "--mount", "sh", "-c", _ENTER, "sh", str(place)]
        with servers.running(argv, lambda: servers.answers(port), place / "log", drop=False):
            yield Prepared(place, login)


def _usr(place: Path, answers: Mapping[str, str]) -> None:
    """A `/usr` of links to the real one, and of programs of sudoers in the place of those."""
    usr = place / "usr"
    usr.mkdir()
    for folder in Path("/usr").iterdir():
        if folder.name not in ("bin", "sbin"):
            (usr / folder.name).symlink_to(place / "real" / folder.name)
            continue
        (usr / folder.name).mkdir()
        for program in folder.iterdir():
            (usr / folder.name / program.name).symlink_to(place / "real" / folder.name / program.name)
    asked = place / "asked"
    asked.touch()
    asked.chmod(0o666)
    for path in sorted({program for line in sudoers() for program in _PROGRAM.findall(line)}):
        program = place / f".{path}"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.unlink(missing_ok=True)
        program.write_text(_STAND_IN.format(asked=asked, answer=answers.get(program.name, "")))
        program.chmod(0o755)


def _account() -> str:
    """The lines that make the account."""
    (found,) = [device for device in devices() if "useradd" in device and "restrict" in device]
    return found.replace("~jauge", "/home/jauge")


def _sudoers(file: Path) -> None:
    file.write_text("\n".join([*sudoers(), ""]))
    file.chmod(0o440)
    subprocess.run(["visudo", "--check", "--quiet", f"--file={file}"], check=True)


def quoted(argv: tuple[str, ...]) -> str:
    """Words as one command of a shell."""
    return " ".join(shlex.quote(word) for word in argv)
