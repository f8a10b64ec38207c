"""Ceph, ZFS, btrfs, PostgreSQL and MariaDB as they are: the commands run against real ones, and their output read."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
import storage

from collectors.commands import COMMANDS, GROUPS
from collectors.poll import Reading
from inventory.metrics import Sample, describe

pytestmark = pytest.mark.xdist_group("unix-servers")

MIB = 1 << 20


def read(name: str, environment: Mapping[str, str] | None = None) -> dict[tuple[str, str], float]:
    """What the commands of a name read of this machine, by metric and labels."""
    found: dict[tuple[str, str], float] = {}
    for each in GROUPS[name]:
        command = COMMANDS[each]
        parsed = command.parse(storage.shell(command.text, environment))
        samples = (
            [
                Sample(metric, value, pairs)
                for (metric, pairs), value in zip(parsed.series, parsed.values, strict=True)
            ]
            if isinstance(parsed, Reading)
            else list(parsed)
        )
        assert [said for sample in samples if (said := describe(sample))] == []
        found |= {
            (s.metric.removeprefix("jauge_"), ",".join(value for _, value in s.labels)): s.value
            for s in samples
        }
    return found


@pytest.mark.proves("SSH", "ceph", "ceph")
def test_ceph_tells_usable_sizes_and_shows_an_osd_that_is_killed() -> None:
    with storage.ceph() as cluster:
        version = COMMANDS["ceph-version"]
        facts = version.facts(storage.shell(version.text, cluster.environment))
        assert facts["product"] == "Ceph"
        assert f"ceph version {facts['version']}" in cluster.ask("version")

        whole = read("ceph", cluster.environment)
        pool = next(row["stats"] for row in cluster.told("df")["pools"] if row["name"] == "images")
        assert whole["storage_used_bytes", "pool,images"] == 8 * MIB  # what the client wrote, once
        assert whole["storage_size_bytes", "pool,images"] == pytest.approx(
            8 * MIB + pool["max_avail"], rel=0.01
        )
        assert whole["storage_raw_bytes", "tier,hdd"] == 2 << 30  # two disks of 1 GiB, with two copies
        assert whole["disk_healthy", "osd.0"] == whole["disk_healthy", "osd.1"] == 1
        assert whole["cluster_members", "ceph"] == whole["cluster_members_up", "ceph"] == 1
        assert (
            "storage_size_without_node_bytes",
            "pool,images",
        ) not in whole  # one node cannot keep two copies

        cluster.lose(1)
        storage.until(lambda: "undersized" in cluster.ask("pg", "stat"))
        left = read("ceph", cluster.environment)
        assert left["disk_healthy", "osd.1"] == 0
        assert left["cluster_healthy", "ceph"] == 0
        assert left["cluster_problem", "ceph,OSD_DOWN"] == 1
        assert left["cluster_degraded_ratio", "ceph"] == 0.5
        assert left["storage_used_bytes", "pool,images"] == pytest.approx(8 * MIB, rel=0.01)
        size = whole["storage_size_bytes", "pool,images"]
        assert left["storage_size_bytes", "pool,images"] == pytest.approx(size, rel=0.05)


@pytest.mark.proves("SSH", "zfs", "zfsutils-linux")
def test_zfs_tells_usable_sizes_of_mirror_and_raidz_and_shows_a_disk_that_is_gone() -> None:
    with storage.zfs() as (name, place):
        told = read("zfs")
        free = float(storage.shell(f"zfs get -Hp -o value available {name}z"))
        size = told["storage_size_bytes", f"pool,{name}z"]
        assert size == free + told["storage_used_bytes", f"pool,{name}z"]
        assert 2 * 128 * MIB * 0.8 < size < 2 * 128 * MIB  # of three disks one holds parity
        assert told["storage_size_bytes", f"pool,{name}"] < 128 * MIB
        assert told["raid_healthy", name] == told["storage_healthy", f"pool,{name}"] == 1

        storage.shell(f"zpool offline {name} {place}/disk1 && zfs create -o quota=10M {name}/home")
        told = read("zfs")
        assert told["raid_healthy", name] == 0
        assert told["raid_degraded", name] == 1
        assert told["raid_healthy", f"{name}z"] == 1
        assert told["disk_healthy", f"{name}/{place}/disk0"] == 1
        assert told["disk_healthy", f"{name}/{place}/disk1"] == 0
        assert told["storage_size_bytes", f"filesystem,{name},{name}/home"] == 10 * MIB


@pytest.mark.proves("SSH", "btrfs", "btrfs-progs")
def test_btrfs_tells_what_files_can_take_and_what_they_have_taken() -> None:
    with storage.btrfs() as mount:
        told = read("btrfs")
        free = os.statvfs(mount).f_bavail * os.statvfs(mount).f_bsize
        assert told["storage_used_bytes", f"pool,{mount}"] == 20 * MIB
        assert told["storage_available_bytes", f"pool,{mount}"] == pytest.approx(free, abs=2 * MIB)
        assert told["storage_raw_bytes", f"pool,{mount}"] == 300 * MIB
        assert told["raid_healthy", str(mount)] == 1
        assert [value for (metric, _), value in told.items() if metric == "disk_errors"] == [0]


@pytest.mark.proves("SSH", "postgresql", "postgresql")
def test_postgresql_tells_sizes_and_connections_to_a_role_that_may_only_watch() -> None:
    with storage.postgresql() as server:
        told = read("postgresql", server.environment)
        assert told["database_size_bytes", "postgres"] == float(
            server.ask("select pg_database_size('postgres')")
        )
        assert told["database_connections_limit", ""] == 100
        assert told["database_connections", ""] == 1
        assert not any(metric.startswith("database_archive") for metric, _ in told)  # it archives nothing
        command = COMMANDS["postgresql"]
        facts = command.facts(storage.shell(command.text, server.environment))
        assert facts["product"] == "PostgreSQL"
        assert server.ask("show server_version").startswith(facts["version"])


def test_postgresql_tells_how_far_a_copy_is_behind_and_whether_its_log_is_archived() -> None:
    with storage.postgresql("archive_mode=on", "archive_command=test ! -e ill") as server:
        server.ask("select pg_switch_wal()")
        storage.until(lambda: "1" in server.ask("select 1 from pg_stat_archiver where archived_count <> 0"))
        begun = time.time()
        with storage.standby(server) as copy:
            storage.until(
                lambda: "1" in server.ask("select 1 from pg_stat_replication where sent_lsn = replay_lsn")
            )
            told = read("postgresql", server.environment)
            assert told["database_replication_lag_seconds", "local"] == 0
            assert told["database_archive_failing", ""] == 0
            assert begun - 120 < told["database_archive_timestamp_seconds", ""] < time.time() + 1
            assert read("postgresql", copy.environment)["database_replication_lag_seconds", ""] == 0

            server.ask("create table early (a int)")
            storage.until(
                lambda: "1" in copy.ask("select 1 where pg_last_xact_replay_timestamp() is not null")
            )
            copy.ask("select pg_wal_replay_pause()")
            server.ask("create table late (a int)")
            behind = "select 1 where pg_last_wal_receive_lsn() <> pg_last_wal_replay_lsn()"
            storage.until(lambda: "1" in copy.ask(behind))
            assert read("postgresql", copy.environment)["database_replication_lag_seconds", ""] > 0

        (server.place / "data" / "ill").touch()
        server.ask("create table more (a int); select pg_switch_wal()")
        storage.until(lambda: "1" in server.ask("select 1 from pg_stat_archiver where failed_count <> 0"))
        assert read("postgresql", server.environment)["database_archive_failing", ""] == 1


@pytest.mark.proves("SSH", "mariadb", "mariadb-server")
def test_mariadb_tells_sizes_and_connections() -> None:
    with storage.mariadb() as environment:
        told = read("mariadb", environment)
        assert told["database_size_bytes", "lims"] == 16384  # one table of one page
        assert told["database_connections_limit", ""] == 151
        assert told["database_connections", ""] == 1
        command = COMMANDS["mariadb"]
        facts = command.facts(storage.shell(command.text, environment))
        version = storage.shell('mariadb -N -B -e "select version()"', environment)
        assert version.startswith(f"{facts['version']}-{facts['product']}")


def test_a_machine_without_any_of_them_is_told_so(tmp_path: Path) -> None:
    """A shell that finds no program at all: each command ends with a status that is not 0, or prints nothing."""
    for name in (
        "zpool-status",
        "ceph-pools",
        "mdadm",
        "smart",
        "virsh-pools",
        "mariadb",
        "postgresql",
        "nvidia",
    ):
        done = subprocess.run(
            ["/bin/sh", "-c", COMMANDS[name].text],
            check=False,
            capture_output=True,
            text=True,
            env={"PATH": str(tmp_path)},
            timeout=30,
        )
        assert done.returncode != 0 or not done.stdout.strip(), name
