"""What real devices get wrong, where no other test holds it: mounts of one store, shares of nothing, what is not told.

The others: sizes of 32 bits and odd units in `test_units_of_stores`, vendors' tables, snapshots, strings in GiB, thin
volumes and wrong totals in `test_storage_families`, sensors that are not there in `test_servers` and `test_power`.
"""

from __future__ import annotations

from typing import Any

import pytest
import recorded
import tables
from responder import Agent, Oid, Responder

from collectors.polling import Poller

pytestmark = pytest.mark.xdist_group("snmpsim")

SIZE, USED = "jauge_storage_size_bytes", "jauge_storage_used_bytes"
HOST: Oid = (1, 3, 6, 1, 2, 1, 25)
DISK: Oid = (*HOST, 2, 1, 4)  # hrStorageFixedDisk
SHARE: Oid = (*HOST, 2, 1, 10)  # hrStorageNetworkDisk
GIB = 2**30

MOUNTS = (
    (DISK, "/srv", 4096, 25_000_000, 9_000_000),
    (DISK, "/srv/www/bound", 4096, 25_000_000, 9_000_000),  # mount --bind
    (DISK, "/chroot/srv", 4096, 25_000_000, 9_000_001),  # the same, written to while the table was read
    (DISK, "/var", 4096, 25_000_000, 1_234_567),  # another disk of the same size
    (SHARE, "/home", 1_048_576, 400_000, 300_000),
    (SHARE, "/export/home", 1_048_576, 400_000, 300_000),  # one export, mounted twice
    (SHARE, "/dev/fd", 1024, 1, 1),  # fdescfs of a BSD
    (SHARE, "/proc", 4096, 1, 1),
)


async def test_one_store_is_counted_once_however_often_it_is_mounted(agents: Any) -> None:
    objects: dict[Oid, int | str | bytes | Oid] = {
        (1, 3, 6, 1, 2, 1, 1, 1, 0): "A server",
        (*HOST, 1, 1, 0): 1_000_000,
    }
    for row, cells in enumerate(MOUNTS, 1):
        objects |= {(*HOST, 2, 3, 1, column, row): cell for column, cell in enumerate(cells, 2)}
    with Responder([Agent(objects)]) as responder:
        poller = Poller(agents.estate(responder.ports[0], agents.community("public"), timeout=60))
        try:
            found = await poller.poll(poller.estate.targets[0])
        finally:
            poller.close()
    sizes = {dict(s.labels)["store"]: s.value for s in found if s.metric == SIZE}
    assert sizes == {"/srv": 25_000_000 * 4096, "/var": 25_000_000 * 4096, "/home": 400_000 * 2**20}


async def test_a_device_that_tells_a_share_alone_has_a_share_and_no_bytes(snmpsim: int, agents: Any) -> None:
    """swMemUsage of Fabric OS is per cent, and no object tells the size of the memory."""
    found = await recorded.poll(snmpsim, "fabos_6520", agents)
    memory = {sample.metric for sample in found if sample.metric.startswith("jauge_memory_")}
    assert memory == {"jauge_memory_used_ratio"}


async def test_a_device_without_a_system_group_is_known_by_its_own_objects(snmpsim: int, agents: Any) -> None:
    found = await recorded.poll(snmpsim, "nutanix-aos-prism", agents)
    assert found.family == "nutanix"
    disks = [s.value for s in found if s.metric == "jauge_disk_healthy"]
    assert disks == [1] * 64  # of 84: ten pairs have one serial number since it was made anonymous


def test_what_a_data_domain_can_clean_is_part_of_what_it_holds() -> None:
    entry = "1.3.6.1.4.1.19746.1.3.2.1.1"
    row = {3: b"/data: post-comp", 4: b"84064.4", 5: b"49666.0", 6: b"34398.4", 8: b"135.2", 9: b"Active"}
    found = tables.told(
        "datadomain", "datadomain-space", {f"{entry}.{column}.2": cell for column, cell in row.items()}
    )
    told = {metric: value for (metric, _), value in found.items()}
    assert told[USED] == pytest.approx(49666.0 * GIB)
    assert told["jauge_storage_cleanable_bytes"] == pytest.approx(135.2 * GIB)


@pytest.mark.parametrize(
    ("objects", "charge"),
    [({"2.3.1.0": 967}, 0.967), ({"2.3.1.0": -1}, None), ({"2.2.1.0": 97}, 0.97), ({"2.2.1.0": 97, "2.3.1.0": 967}, 0.967)],
)  # fmt: skip
def test_the_charge_of_an_apc_is_told_by_whichever_object_it_has(
    objects: dict[str, int], charge: float | None
) -> None:
    """upsAdvBatteryCapacity in per cent, upsHighPrecBatteryCapacity in tenths of one, which may stand alone."""
    ours = {f"1.3.6.1.4.1.318.1.1.1.{oid}": value for oid, value in objects.items()}
    told = [
        value
        for name in ("apc-battery", "apc-battery-whole")
        for (metric, _), value in tables.told("apc-ups", name, ours).items()
        if metric == "jauge_ups_charge_ratio"
    ]
    assert (told[0] if told else None) == (None if charge is None else pytest.approx(charge))
