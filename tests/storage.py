"""Real storage for the tests: Ceph, ZFS and btrfs in temporary folders, and the commands that read them.

Each is started as an ordinary program, listens on loopback at most, and is stopped by its own PID. What is not
installed, or what this machine does not allow, skips the test with the reason; with `CI=true` that is a failure.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import servers

_GIB = 1 << 30


def shell(line: str, environment: Mapping[str, str] | None = None) -> str:
    """What a POSIX shell prints for a line, as a login over SSH would."""
    done = subprocess.run(
        ["/bin/sh", "-c", line],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"LC_ALL": "C"} | dict(environment or {}),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def until(said: Callable[[], bool], timeout: float = 60) -> None:
    """Wait until something is so."""
    end = time.monotonic() + timeout
    while not said():
        assert time.monotonic() < end, "it did not become so in time"
        time.sleep(0.2)


def _call(*argv: str | Path, **options: Any) -> str:
    done = subprocess.run(
        [str(word) for word in argv], check=False, capture_output=True, text=True, timeout=120, **options
    )
    if done.returncode:
        raise RuntimeError(f"{argv[0]}: {done.stderr[-1000:]}")
    return done.stdout


# --- Ceph -----------------------------------------------------------------------------------------------

_CEPH = """[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{port}
ms bind msgr1 = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
osd crush chooseleaf type = 0
osd crush update on start = false
osd pool default size = 2
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon data avail warn = 1
mon data avail crit = 0
mon data = {place}/mon
mgr data = {place}/mgr
osd data = {place}/osd.$id
run dir = {place}
admin socket = {place}/$name.asok
log file = {place}/$name.log
pid file = {place}/$name.pid
crash dir = {place}/crash
keyring = {place}/keyring
osd objectstore = bluestore
bluestore block size = 1073741824
osd memory target = 939524096
osd heartbeat grace = 6
mgr initial modules = iostat
"""


class Ceph:
    """A cluster of one monitor and two OSDs, each on a host of its own in the map."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.environment = {"CEPH_CONF": str(place / "ceph.conf")}
        self.processes: dict[str, servers.Process] = {}

    def ask(self, *words: str) -> str:
        """What the ceph command prints."""
        return _call("/usr/bin/ceph", *words, env=os.environ | self.environment)

    def told(self, *words: str) -> Any:
        """The JSON that the ceph command prints."""
        return json.loads(self.ask(*words, "--format", "json"))

    def start(self, name: str, *argv: str) -> None:
        """Start a daemon in the foreground."""
        line = [*argv, "-c", self.environment["CEPH_CONF"], "-f"]
        self.processes[name] = servers.start(line, self.place / f"{name}.out", drop=False)

    def lose(self, number: int) -> None:
        """Kill an OSD, and say so to the monitor, which would take its time."""
        self.processes[f"osd.{number}"].kill()
        self.processes[f"osd.{number}"].wait()
        self.ask("osd", "down", str(number))

    def up(self) -> int:
        """OSDs that take part."""
        return int(self.told("osd", "stat")["num_up_osds"])


@contextlib.contextmanager
def ceph() -> Iterator[Ceph]:
    """A small Ceph cluster with one replicated pool that holds 8 MiB."""
    for name in ("ceph-mon", "ceph-osd", "ceph-mgr"):
        servers.program(name, name)
    servers.program("ceph", "ceph-common")
    with servers.folder() as place:
        cluster = Ceph(place)
        try:
            _monitor(cluster)
            for number in (0, 1):
                _osd(cluster, number)
            process = cluster.processes["osd.1"]
            servers.wait(lambda: cluster.up() == 2, process, place / "osd.1.out", timeout=120)
            cluster.ask("osd", "pool", "create", "images", "8", "8")
            data = place / "data"
            data.write_bytes(os.urandom(8 << 20))
            _call("/usr/bin/rados", "-p", "images", "put", "one", data, env=os.environ | cluster.environment)
            servers.wait(lambda: _stored(cluster), process, timeout=120)
            yield cluster
        finally:
            for process in reversed(cluster.processes.values()):
                servers.stop(process, timeout=2)


def _stored(cluster: Ceph) -> bool:
    pools = {row["name"]: row["stats"] for row in cluster.told("df", "detail")["pools"]}
    return bool(pools["images"]["stored"] == 8 << 20 and pools["images"]["max_avail"] > 0)


def _monitor(cluster: Ceph) -> None:
    place, port, fsid = cluster.place, servers.free_port(), str(uuid.uuid4())
    (place / "ceph.conf").write_text(_CEPH.format(place=place, port=port, fsid=fsid))
    (place / "mgr").mkdir()
    (place / "crash").mkdir()
    keys, config = place / "keyring", cluster.environment["CEPH_CONF"]
    tool = "/usr/bin/ceph-authtool"
    _call(tool, "--create-keyring", keys, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
    caps = [word for kind in ("mon", "osd", "mgr", "mds") for word in ("--cap", kind, "allow *")]
    _call(tool, keys, "--gen-key", "-n", "client.admin", *caps)
    _call(
        "/usr/bin/monmaptool",
        "--create",
        "--fsid",
        fsid,
        "--addv",
        "a",
        f"[v2:127.0.0.1:{port}]",
        place / "map",
    )
    _call(
        "/usr/bin/ceph-mon", "--mkfs", "-i", "a", "--monmap", place / "map", "--keyring", keys, "-c", config
    )
    cluster.start("mon", "/usr/bin/ceph-mon", "-i", "a")
    servers.wait(
        lambda: bool(cluster.ask("mon", "stat")), cluster.processes["mon"], place / "mon.out", timeout=60
    )
    key = cluster.ask(
        "auth", "get-or-create", "mgr.x", "mon", "allow profile mgr", "osd", "allow *", "mds", "allow *"
    )
    (place / "mgr" / "keyring").write_text(key)
    cluster.start("mgr", "/usr/bin/ceph-mgr", "-i", "x", "--keyring", str(place / "mgr" / "keyring"))


def _osd(cluster: Ceph, number: int) -> None:
    place, config, name = cluster.place / f"osd.{number}", cluster.environment["CEPH_CONF"], f"osd.{number}"
    place.mkdir()
    own = str(uuid.uuid4())
    cluster.ask("osd", "new", own, str(number))
    key = cluster.ask(
        "auth",
        "get-or-create",
        name,
        "mon",
        "allow profile osd",
        "mgr",
        "allow profile osd",
        "osd",
        "allow *",
    )
    (place / "keyring").write_text(key)
    words = ("-i", str(number), "--keyring", str(place / "keyring"))
    _call("/usr/bin/ceph-osd", *words, "--mkfs", "--osd-uuid", own, "-c", config)
    host = f"node-{number}"
    cluster.ask("osd", "crush", "add-bucket", host, "host")
    cluster.ask("osd", "crush", "move", host, "root=default")
    cluster.ask("osd", "crush", "add", name, "0.001", f"host={host}")
    cluster.start(name, "/usr/bin/ceph-osd", *words)


# --- ZFS ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def zfs() -> Iterator[tuple[str, Path]]:
    """A mirrored pool and one of raidz, each on files of 128 MiB, served by zfs-fuse. Gives the mirror's name."""
    if os.geteuid() != 0:
        servers.missing("ZFS pools are made by root alone")
    path = servers.program("zfs-fuse", "zfs-fuse")
    name = f"jauge{os.getpid()}"
    with servers.folder() as place:
        files = [place / f"disk{number}" for number in range(5)]
        for file in files:
            with file.open("wb") as disk:
                disk.truncate(128 << 20)
        process = servers.start([path, "--no-daemon", "-p", str(place / "pid")], place / "log", drop=False)
        try:
            # a pool that is remembered would outlive a run that was ended, and be missed by the next one
            servers.wait(lambda: bool(shell("zpool list 2>&1")), process, place / "log", timeout=60)
            _call(
                "zpool",
                "create",
                "-o",
                "cachefile=none",
                "-m",
                place / "mirrored",
                name,
                "mirror",
                *files[:2],
            )
            _call(
                "zpool",
                "create",
                "-o",
                "cachefile=none",
                "-m",
                place / "striped",
                f"{name}z",
                "raidz",
                *files[2:],
            )
            yield name, place
        finally:
            for pool in (name, f"{name}z"):
                with contextlib.suppress(RuntimeError):
                    _call("zpool", "destroy", "-f", pool)
            servers.stop(process)


# --- btrfs ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def btrfs() -> Iterator[Path]:
    """A mounted btrfs on a file of 300 MiB that holds 20 MiB."""
    servers.program("mkfs.btrfs", "btrfs-progs")
    if os.geteuid() != 0:
        servers.missing("file systems are mounted by root alone")
    with servers.folder() as place:
        image, mount = place / "image", place / "a mount"
        mount.mkdir()
        with image.open("wb") as disk:
            disk.truncate(300 << 20)
        _call("/usr/sbin/mkfs.btrfs", "-q", "-f", image)
        try:
            _call("mount", "-o", "loop", image, mount)
        except RuntimeError as error:
            servers.missing(f"this machine mounts no file of btrfs: {error}")
        try:
            (mount / "data").write_bytes(os.urandom(20 << 20))
            _call("sync", "-f", mount)
            yield mount
        finally:
            _call("umount", mount)


# --- databases ------------------------------------------------------------------------------------------


class PostgreSQL:
    """A server in a folder, with a role that may only watch. `environment` is that of this role's psql."""

    def __init__(self, place: Path) -> None:
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not binaries:
            servers.missing("postgres is not installed: apt-get install postgresql")
        servers.program("psql", "postgresql-client")
        self.place, self.port, self._tools = place, str(servers.free_port()), binaries[-1]
        self._owner = {"PGHOST": str(place), "PGPORT": self.port, "PGUSER": "owner"}
        self.environment = self._owner | {"PGUSER": "watcher"}

    def tool(self, name: str, *words: str | Path) -> None:
        """Run a program of PostgreSQL, which refuses to be root."""
        drop = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--"]
        _call(*(drop if os.geteuid() == 0 else []), self._tools / name, *words)

    def ask(self, statement: str) -> str:
        """What the owner is answered."""
        line = ["psql", "-XAt", "-d", "postgres", "-c", statement]
        return _call(*line, env=os.environ | self._owner)

    def serve(self, data: Path, *settings: str) -> contextlib.AbstractContextManager[servers.Process]:
        """The server of a data folder, for the time of a `with`."""
        line = [self._tools / "postgres", "-D", data, "-p", self.port, "-h", "", "-k", self.place, "-F"]
        options = [word for setting in ("shared_buffers=16MB", *settings) for word in ("-c", setting)]
        return servers.running(
            [str(word) for word in (*line, *options)],
            lambda: bool(self.ask("select 1")),
            self.place / f"log-{self.port}",
            sign=signal.SIGINT,
        )


@contextlib.contextmanager
def postgresql(*settings: str) -> Iterator[PostgreSQL]:
    """A PostgreSQL of one database."""
    with servers.folder() as place:
        server = PostgreSQL(place)
        server.tool(
            "initdb", "-D", place / "data", "-U", "owner", "--auth=trust", "-E", "UTF8", "--locale=C", "-N"
        )
        with server.serve(place / "data", *settings):
            server.ask("create role watcher login; grant pg_monitor to watcher")
            yield server


@contextlib.contextmanager
def standby(primary: PostgreSQL) -> Iterator[PostgreSQL]:
    """A copy of a server that follows it."""
    copy, data = PostgreSQL(primary.place), primary.place / "copy"
    words = ("-h", primary.place, "-p", primary.port, "-U", "owner", "-D", data, "-R", "-c", "fast")
    copy.tool("pg_basebackup", *words)
    with copy.serve(data):
        yield copy


@contextlib.contextmanager
def mariadb() -> Iterator[dict[str, str]]:
    """A MariaDB with one database of one table. Gives the environment of its client."""
    server = servers.program("mariadbd", "mariadb-server")
    install = servers.program("mariadb-install-db", "mariadb-server")
    with servers.folder() as place:
        data, socket = place / "data", place / "socket"
        user = "nobody" if os.geteuid() == 0 else getpass.getuser()
        words = ["--no-defaults", f"--datadir={data}", f"--user={user}"]
        _call(install, *words, "--auth-root-authentication-method=normal", "--skip-test-db")
        (place / ".my.cnf").write_text(f"[client]\nsocket={socket}\nuser=root\n")
        line = [server, *words, f"--socket={socket}", "--skip-networking", "--innodb-buffer-pool-size=16M"]
        environment = {"HOME": str(place)}
        with servers.running(
            line, lambda: "1" in shell('mariadb -N -B -e "select 1"', environment), place / "log", drop=False
        ):
            make = "create database lims; create table lims.t (a int) engine=innodb; insert into lims.t values (1)"
            shell(f'mariadb -e "{make}"', environment)
            yield environment
