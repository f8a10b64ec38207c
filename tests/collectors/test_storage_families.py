"""Devices that store data: what they are recognised by, and that nothing is told twice, in wrong units or for nothing.

Expectations are those of the corpus, or of the vendor's MIB where a row is written here as the MIB has it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import recorded
from hypothesis import given
from hypothesis import strategies as st

from collectors.device import TableFile, families
from collectors.plan import read
from collectors.poll import Poll, Reading
from collectors.snmp.oid import encode, suffix_part
from collectors.snmp.values import Value
from collectors.tables import wanted

pytestmark = pytest.mark.xdist_group("snmpsim")

SIZE, USED = "jauge_storage_size_bytes", "jauge_storage_used_bytes"
MIB, GIB, TIB = 2**20, 2**30, 2**40

Row = Mapping[int | str, Value]
Told = dict[tuple[str, str], float]
"""Values by metric and the first label that names a thing."""


def table(name: str) -> TableFile:
    (found,) = [table for family in families().values() for table in family.tables if table.name == name]
    return found


def told(name: str, *rows: Row, scalars: Mapping[str, Value] | None = None) -> Reading:
    """What a shipped table says of rows: columns of its own by number, of others by their whole OID."""
    rules = table(name)
    found: dict[bytes, dict[bytes, Value]] = {}
    for number, row in enumerate(rows, 1):
        for column, value in row.items():
            found.setdefault(rules.column(column), {})[suffix_part(number)] = value
    return read(rules, found, {encode(oid): value for oid, value in (scalars or {}).items()})


def by_name(reading: Reading | Poll) -> Told:
    """The values of a reading by metric and name."""
    samples = (
        [(s.metric, s.labels, s.value) for s in reading]
        if isinstance(reading, Poll)
        else [
            (metric, pairs, value)
            for (metric, pairs), value in zip(reading.series, reading.values, strict=True)
        ]
    )
    found: Told = {}
    for metric, pairs, value in samples:
        names = dict(pairs)
        name = next(
            (
                names[key]
                for key in ("store", "disk", "node", "controller", "sensor", "state")
                if key in names
            ),
            "",
        )
        found[metric, name] = value
    return found


def stores(found: Poll, kind: str) -> dict[str, list[float]]:
    """Size and used bytes of all stores of a kind, by name."""
    used = {s.labels: s.value for s in found if s.metric == USED}
    return {
        dict(s.labels)["store"]: [s.value, *([used[s.labels]] if s.labels in used else [])]
        for s in found
        if s.metric == SIZE and dict(s.labels)["kind"] == kind
    }


# --- recognised -------------------------------------------------------------------------------------------

# What each says of itself: its sysDescr, or an object that names model and release.
KNOWN = {
    "netapp-fas3270": ("netapp", "FAS3270", "8.2.3"),
    "netapp-detect-9.0": ("netapp", "NetApp Release 9.0", "9.0"),
    "netapp_e2700": ("netapp-e-series", "NetApp E-Series", "0852"),
    "isilon-onefs-7.2": ("isilon", "X210-2U-Single", "7.2.1.0"),
    "onefs-detect-8": ("isilon", "", "8.0.1.1"),
    "datadomain-7.7": ("datadomain", "Data Domain", "7.7.5.20-1063368"),
    "dell-compellent": ("compellent", "", "07.02.31.003"),
    "dell-powervault": ("powervault-md", "MD38xxi", "0123"),
    "dell-powervault_me4024": ("powervault-me", "DELL EMC ME4024", "GT280R009-02"),
    "equallogic_ps6210": ("equallogic", "", ""),
    "fluidfs": ("fluidfs", "Dell Storage FS8600", "6.0.300135"),
    "hpe-msa": ("hpe-msa", "HP MSA 2040 SAN", ""),
    "nimbleos": ("nimble", "HPE Nimble Storage", "2.3.14.0-325711-opt"),
    "informos-3par-detect": ("informos-3par", "HPE 3PAR", "3.2.2 (MU3)"),
    "purestorage": ("purestorage", "Pure Storage FlashArray", "6.5.6"),
    "oceanstor_dorado3k": ("oceanstor", "Huawei OceanStor", "6.0.1.SPH20"),
    "infortrend_ds3016": ("infortrend", "DS 3016", ""),
    "intelliflash": ("intelliflash", "T4200 C1", "3.5.4.1.171031"),
    "eurostor_es-6642b": ("eurostor", "ES-6642B", "1.50"),
    "ddnos-detect": ("ddn-sfa", "DDN SFA", ""),
    "svos-hitachi-detect": ("hitachi-svos", "Hitachi VSP G and F", ""),
    "dsm": ("synology", "RS2212RP+", "6.1-15217"),
    "dsm_ds214se-dsm6": ("synology", "DS214se", "6.2-25426"),
    "synology-disk-ok": ("synology", "", ""),
    "qnap": ("qnap", "TVS-871U-RP", "4.2.2"),
    "truenas": ("truenas-core", "TrueNAS CORE", "11.2-U7"),
    "truenas-scale_24.04.2.2": ("truenas-scale", "TrueNAS SCALE", "24.04.2.2"),
    "exagridos": ("exagrid", "ExaGrid EX40000E-SEC", "4.8.1.1209.P60"),
    "nutanix-aos-prism": ("nutanix", "Nutanix AOS", ""),
    "vmware-esxi": ("vmware", "VMware ESXi", "7.0.0.15843807"),
    "proxmox-detect": ("proxmox", "Proxmox VE", ""),
}

SILENT = {
    "netapp-detect-9.0", "netapp_e2700", "onefs-detect-8", "dell-powervault", "hpe-msa", "informos-3par-detect",
    "ddnos-detect", "svos-hitachi-detect", "proxmox-detect",
}  # fmt: skip
"""Recordings that hold an identification and no more."""


@pytest.mark.parametrize("device", sorted(KNOWN))
async def test_a_device_that_stores_data_is_recognised_with_no_family_given(
    device: str, snmpsim: int, agents: Any
) -> None:
    family, product, version = KNOWN[device]
    found = await recorded.poll(snmpsim, device, agents)
    assert (found.family, found.version) == (family, version)
    assert found.product.startswith(product)


@pytest.mark.parametrize("device", sorted(SILENT))
async def test_a_device_that_answers_only_its_identification_has_a_family_and_no_values(
    device: str, snmpsim: int, agents: Any
) -> None:
    found = await recorded.poll(snmpsim, device, agents)
    assert found.family == KNOWN[device][0]
    assert {sample.metric for sample in found} <= {"jauge_uptime_seconds"}
    assert {table.reason for table in found.tables} <= {None, "empty_answer"}
    assert all(table.up or "tells what it is and nothing more" in table.detail for table in found.tables)


# --- what real devices get wrong --------------------------------------------------------------------------


async def test_a_counter_of_32_bits_never_speaks_for_a_store_that_has_a_table_of_64(
    snmpsim: int, agents: Any
) -> None:
    """hrStorageSize says 1.5 TB of Isilon's /ifs; dfKBytesTotal of an aggregate of 17 TB is negative."""
    isilon = await recorded.poll(snmpsim, "isilon-onefs-7.2", agents)
    assert stores(isilon, "pool") == {"/ifs": [107_084_322_865_152, 46_280_908_808_192]}
    assert "/ifs" not in stores(isilon, "filesystem")
    assert {"/", "/var/crash"} <= set(stores(isilon, "filesystem"))
    netapp = await recorded.poll(snmpsim, "netapp-fas3270", agents)
    assert stores(netapp, "pool")["aggr1sas"] == [16_949_235_920 * 1024, 10_464_239_496 * 1024]


def test_a_filer_without_counters_of_64_bits_is_read_from_their_halves() -> None:
    """The halves of a recorded aggregate: they are 16,949,235,920 KiB, as its counter of 64 bits says."""
    row: Row = {2: b"aggr1sas", 3: -230_633_264, 14: 3, 15: -230_633_264, 16: 2, 17: 1_874_304_784, 23: 3}
    found = by_name(told("netapp-df-halves", row))
    assert found[SIZE, "aggr1sas"] == 16_949_235_920 * 1024
    assert found[USED, "aggr1sas"] == pytest.approx(10_464_239_496 * 1024, rel=1e-4)
    assert table("netapp-df").replaces == ("netapp-df-halves",)


async def test_a_negative_count_does_not_become_four_thousand_million(snmpsim: int, agents: Any) -> None:
    """Compellent's memory buffers hold -4,012,904 units."""
    found = await recorded.poll(snmpsim, "dell-compellent", agents)
    assert not [s for s in found if s.metric == "jauge_memory_buffers_bytes"]
    assert all(s.value < 2**44 for s in found if s.metric.startswith("jauge_memory_"))


async def test_a_part_of_the_memory_is_not_more_than_the_memory(snmpsim: int, agents: Any) -> None:
    """Isilon counts its cache in units of 70,200,528 bytes, and tells 1.6 TB of it beside 48 GiB of memory."""
    found = by_name(await recorded.poll(snmpsim, "isilon-onefs-7.2", agents))
    assert found["jauge_memory_size_bytes", ""] == pytest.approx(50_223_940 * 1024)
    assert ("jauge_memory_cached_bytes", "") not in found
    assert found["jauge_memory_buffers_bytes", ""] == 12_582_208 * 1024


async def test_an_empty_drive_is_no_store_and_what_is_committed_of_memory_is_no_disk(
    snmpsim: int, agents: Any
) -> None:
    """Windows lists D:\\ with units and size of 0, and its commit charge as Virtual Memory."""
    found = await recorded.poll(snmpsim, "windows_svr_2019_1809", agents)
    names = {dict(s.labels).get("store", "") for s in found}
    assert not [name for name in names if name.startswith("D:") or "Memory" in name]
    assert [name for name in names if name.startswith("C:\\")]


async def test_one_file_system_under_several_names_is_counted_once(snmpsim: int, agents: Any) -> None:
    """ExaGrid exports /home1 under other names; two datastores of an ESXi are one export."""
    exagrid = await recorded.poll(snmpsim, "exagridos", agents)
    assert list(stores(exagrid, "filesystem").values()).count([77_789_585_735_680, 20_334_901_329_920]) == 1
    esxi = stores(await recorded.poll(snmpsim, "vmware-esxi", agents), "share")
    assert len(set(map(tuple, esxi.values()))) == len(esxi)


async def test_a_data_set_is_not_told_again_where_it_is_mounted(snmpsim: int, agents: Any) -> None:
    found = await recorded.poll(snmpsim, "truenas", agents)
    mounted = [store for store in stores(found, "filesystem") if store.startswith("/mnt/")]
    assert mounted == ["/mnt/tank"]  # the first one of the pool, which is in no list of data sets
    assert stores(found, "volume")["tank/Multimedia"] == [97_814_180_069_376, 3_284_855_422_976]
    pools = {
        dict(s.labels).get("pool") for s in found if s.metric == SIZE and dict(s.labels)["kind"] == "volume"
    }
    assert pools == {"freenas-boot", "tank"}


async def test_a_volume_of_a_synology_is_not_told_again_where_it_is_mounted(
    snmpsim: int, agents: Any
) -> None:
    found = await recorded.poll(snmpsim, "dsm_ds214se-dsm6", agents)
    assert stores(found, "volume") == {"Volume 1": [1_964_237_742_080, 1_964_237_742_080 - 282_802_995_200]}
    assert "/volume1" not in stores(found, "filesystem")
    older = await recorded.poll(snmpsim, "dsm", agents)  # a release whose RAID table has states and no sizes
    assert stores(older, "volume") == {}
    assert "/volume1" in stores(older, "filesystem")


async def test_a_snapshot_reserve_is_no_store_and_an_aggregate_is_no_volume(
    snmpsim: int, corpus: Path, agents: Any
) -> None:
    found = await recorded.poll(snmpsim, "netapp-fas3270", agents)
    pools, volumes = stores(found, "pool"), stores(found, "volume")
    assert not [store for store in (*pools, *volumes) if "snapshot" in store]
    assert set(pools) == {"aggr0sas", "aggr1sas"}
    assert len(volumes) == 19  # volTable lists as many
    raw = json.loads((corpus / "recordings" / "expected" / "netapp-fas3270.json").read_text())
    whole = [row["total_bytes"] for row in raw["storage"] if row["significant"] and row["total_bytes"]]
    assert len(pools) + len(volumes) == len(whole)


async def test_a_data_domain_is_read_in_gib_and_what_has_no_size_is_told_as_written(
    snmpsim: int, agents: Any
) -> None:
    found = await recorded.poll(snmpsim, "datadomain-7.7", agents)
    sizes = sorted(size for size, *_ in stores(found, "pool").values())
    assert sizes[-1] == pytest.approx(84064.4 * GIB)
    assert 0 not in sizes
    logical = [
        s.value
        for s in found
        if s.metric == "jauge_storage_logical_bytes" and dict(s.labels)["kind"] == "pool"
    ]
    assert logical == [pytest.approx(920965.1 * GIB)]
    files = stores(found, "filesystem")
    assert {"/ddvar", "/ddvar/core"} <= set(files)
    assert not {"/ddr/var", "/ddr/var/core"} & set(files)  # the same two, as its Linux calls them


def test_what_was_sent_to_a_data_domain_and_what_it_takes_are_of_one_store() -> None:
    before: Row = {3: b"/data: pre-comp", 4: b"0.0", 5: b"920965.1", 6: b"0.0", 9: b"Active"}
    after: Row = {
        3: b"/data: post-comp",
        4: b"84064.4",
        5: b"49666.0",
        6: b"34398.4",
        8: b"135.2",
        9: b"Active",
    }
    cloud: Row = {3: b"/data: post-comp", 4: b"1000.0", 5: b"10.0", 6: b"990.0", 8: b"0.0", 9: b"Cloud"}
    space = by_name(told("datadomain-space", before, after, cloud))
    assert space[SIZE, "Active:/data"] == pytest.approx(84064.4 * GIB)
    assert space["jauge_storage_cleanable_bytes", "Active:/data"] == pytest.approx(135.2 * GIB)
    assert space[SIZE, "Cloud:/data"] == 1000 * GIB
    written = by_name(told("datadomain-written", before, after, cloud))
    assert written == {("jauge_storage_logical_bytes", "Active:/data"): pytest.approx(920965.1 * GIB)}


async def test_what_a_vendor_calls_mb_is_2_to_the_20_where_it_is(snmpsim: int, agents: Any) -> None:
    equallogic = stores(await recorded.poll(snmpsim, "equallogic_ps6210", agents), "volume")
    assert equallogic["EQL-DS01-10k"] == [13_631_488 * MIB, 10_523_089_305_600]
    nimble = stores(await recorded.poll(snmpsim, "nimbleos", agents), "volume")
    assert nimble["VMVMVMVM2"] == [16_492_674_416_640, 12_135_413_317_632]


def test_a_share_of_something_whose_size_is_not_told_makes_no_bytes() -> None:
    assert by_name(told("nutanix-hypervisors", {3: b"host-1", 6: 40, 8: 55})) == {
        ("jauge_node_cpu_used_ratio", "host-1"): pytest.approx(0.4)
    }


async def test_what_volumes_are_promised_does_not_make_their_pool_larger(snmpsim: int, agents: Any) -> None:
    found = await recorded.poll(snmpsim, "oceanstor_dorado3k", agents)
    assert stores(found, "pool") == {"Pool-1": [29_531_295 * MIB, 1_736_334 * MIB]}
    assert stores(found, "array") == {"system": [76_546_048 * MIB, 1_736_334 * MIB]}
    promised = sum(size for size, *_ in stores(found, "volume").values())
    assert promised == (1_048_576 + 2 * 35_651_796 + 10_485_760) * MIB  # nearly three times the pool
    assert {dict(s.labels).get("pool") for s in found if dict(s.labels).get("kind") == "volume"} == {"Pool-1"}


async def test_numbers_that_say_that_there_is_none_are_absent(snmpsim: int, agents: Any) -> None:
    """QNAP's -1 degrees, Synology's unknown state."""
    qnap = await recorded.poll(snmpsim, "qnap", agents)
    degrees = [s.value for s in qnap if s.metric == "jauge_disk_celsius"]
    assert degrees
    assert min(degrees) > 0
    assert told("synology-pool-states", {2: b"Storage Pool 1", 3: 21}).series == ()


def test_a_name_that_ends_in_nul_is_the_name() -> None:
    assert by_name(told("nutanix-hypervisors", {3: b"host-1\0", 4: 12})) == {("jauge_node_vms", "host-1"): 12}


def test_more_free_than_there_is_leaves_what_is_used_unknown() -> None:
    landing = "1.3.6.1.4.1.14941.4.1"
    found = by_name(told("exagrid-landing", scalars={f"{landing}.1.0": 40_000, f"{landing}.3.0": 41_000}))
    assert found == {(SIZE, "landing"): 40_000 * 10**9}


def test_a_store_told_in_single_objects_holds_no_more_than_its_size() -> None:
    ifs = "1.3.6.1.4.1.12124.1.3"
    assert told("isilon-ifs", scalars={f"{ifs}.1.0": 100, f"{ifs}.2.0": 101}).series == ()
    found = by_name(told("isilon-ifs", scalars={f"{ifs}.1.0": 100, f"{ifs}.2.0": 60, f"{ifs}.3.0": 101}))
    assert found == {(SIZE, "/ifs"): 100, (USED, "/ifs"): 60}


# --- health and disks of recorded devices -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "disks", "unwell"),
    [
        ("isilon-onefs-7.2", 12, 0),
        ("netapp-fas3270", 102, 0),  # diskActiveCount
        ("dell-compellent", 24, 0),  # scObjCntDisks
        ("oceanstor_dorado3k", 12, 0),
        ("intelliflash", 16, 0),  # diskCount
        ("eurostor_es-6642b", 42, 1),  # SLOT 07 failed
        ("qnap", 20, 0),
        ("dsm", 22, 0),
        ("synology-disk-ok", 2, 0),
        (
            "datadomain-7.7",
            36,
            0,
        ),  # 33 in use and 3 spare ones; of the 15 of a shelf it says that it does not know
        ("nutanix-aos-prism", 64, 0),  # of 84, 20 share a serial number, as they were made anonymous
    ],
)
async def test_each_disk_is_told_once_with_its_health(
    device: str, disks: int, unwell: int, snmpsim: int, agents: Any
) -> None:
    found = await recorded.poll(snmpsim, device, agents)
    health = [s.value for s in found if s.metric == "jauge_disk_healthy"]
    assert (len(health), health.count(0)) == (disks, unwell)


async def test_sensors_of_a_fibre_channel_unit_are_those_that_others_read(
    snmpsim: int, corpus: Path, agents: Any
) -> None:
    found = await recorded.poll(snmpsim, "dell-powervault_me4024", agents)
    expected = json.loads((corpus / "recordings" / "expected" / "dell-powervault_me4024.json").read_text())
    assert sum(expected["sensors"]["counts"].values()) == sum(
        s.metric == "jauge_sensor_healthy" for s in found
    )
    degrees = {dict(s.labels)["sensor"]: s.value for s in found if s.metric == "jauge_temperature_celsius"}
    assert degrees["CPU Temperature-Ctlr B"] == 62
    assert all(0 < value < 100 for value in degrees.values())


# --- whatever a device says -------------------------------------------------------------------------------

ANYTHING: st.SearchStrategy[Value | None] = st.one_of(
    st.none(),
    st.integers(-(2**31), 2**32 - 1),
    st.integers(0, 2**64 - 1),
    st.sampled_from([0, 1, -1, 3, 100, 255, 2**31 - 1]),
    st.binary(max_size=12),
    st.sampled_from(
        [b"ONLINE", b"0.0", b"84064.4", b"5.46 TB", b"28 C/82 F", b"/data: pre-comp", b"Volume 1"]
    ),
)
TABLES = [table for name, family in families().items() if not family.standard for table in family.tables]


@given(st.sampled_from(TABLES), st.data())
def test_whatever_a_row_holds_no_store_holds_more_than_its_size_and_nothing_is_negative(
    shipped: TableFile, data: st.DataObject
) -> None:
    needs = wanted(shipped)
    cells = {
        root: {suffix_part(1): value}
        for root in sorted(needs.columns)
        if (value := data.draw(ANYTHING)) is not None
    }
    scalars = {oid: value for oid in sorted(needs.scalars) if (value := data.draw(ANYTHING)) is not None}
    found = read(shipped, cells, scalars)
    values = dict(zip(found.series, found.values, strict=True))
    for (metric, pairs), value in values.items():
        assert value >= 0 or metric.endswith("_celsius"), metric
        if metric == USED:
            assert value <= values.get((SIZE, pairs), value)


# --- rows as the MIB of a vendor has them, of what no recording holds ----------------------------------------


def test_volumes_of_two_virtual_filers_may_have_one_name() -> None:
    one: Row = {2: b"/vol/root/", 23: 2, 29: 1000, 30: 400, 31: 600, 34: b"svm1"}
    found = told("netapp-df", one, {**one, 34: b"svm2"}, {2: b"aggr0", 23: 3, 29: 9, 30: 1, 31: 8, 34: b""})
    assert set(by_name(found)) >= {(SIZE, "svm1:/vol/root/"), (SIZE, "svm2:/vol/root/"), (SIZE, "aggr0")}
    assert found.withheld == 0


def test_what_a_volume_saves_counts_as_written_and_of_an_aggregate_nothing_is_told() -> None:
    volume: Row = {2: b"/vol/a/", 23: 2, 29: 1000, 30: 400, 41: 300}
    assert by_name(told("netapp-reduction", volume, {**volume, 2: b"aggr0", 23: 3})) == {
        ("jauge_storage_logical_bytes", "/vol/a/"): 700 * 1024
    }


def test_an_aggregate_that_rebuilds_says_so() -> None:
    found = by_name(
        told(
            "netapp-aggregates",
            {2: b"whole", 5: b"online", 6: b"raid_dp, 64-bit, rlw_on"},
            {2: b"hurt", 5: b"online", 6: b"raid_dp, degraded, reconstruct"},
            {2: b"gone", 5: b"offline", 6: b"raid_dp"},
        )
    )
    assert [found["jauge_storage_rebuilding", name] for name in ("whole", "hurt", "gone")] == [0, 1, 0]
    assert [found["jauge_storage_healthy", name] for name in ("whole", "hurt", "gone")] == [1, 1, 0]


def test_a_node_of_a_cluster_that_is_out_of_reach_is_unwell() -> None:
    found = by_name(told("netapp-nodes", {1: b"node-01", 11: 1}, {1: b"node-02", 11: 0}))
    assert found == {("jauge_node_healthy", "node-01"): 1, ("jauge_node_healthy", "node-02"): 0}


def test_pools_and_members_of_an_equallogic_group_are_the_same_bytes_under_two_kinds() -> None:
    pools = told("equallogic-pools", {1: 20 * MIB, 2: 5 * MIB, "1.3.6.1.4.1.12740.16.1.1.1.3": b"default"})
    members = told("equallogic-members", {1: 20 * MIB, 2: 5 * MIB, "1.3.6.1.4.1.12740.2.1.1.1.9": b"array-1"})
    assert by_name(pools) == {(SIZE, "default"): 20 * TIB, (USED, "default"): 5 * TIB}
    assert by_name(members) == {(SIZE, "array-1"): 20 * TIB, (USED, "array-1"): 5 * TIB}
    kinds = {dict(labels)["kind"] for reading in (pools, members) for _, labels in reading.series}
    assert kinds == {"pool", "array"}


def test_an_equallogic_member_that_reconstructs_is_not_well_and_one_that_verifies_is() -> None:
    name = "1.3.6.1.4.1.12740.2.1.1.1.9"
    found = by_name(told("equallogic-raid", {1: 4, name: b"a"}, {1: 3, name: b"b"}, {1: 2, name: b"c"}))
    assert [found["jauge_storage_healthy", member] for member in "abc"] == [0, 1, 0]
    assert [found["jauge_storage_rebuilding", member] for member in "abc"] == [1, 0, 0]
    assert by_name(told("equallogic-health", {1: 3, name: b"a"})) == {("jauge_node_healthy", "a"): 0}
    assert list(told("equallogic-disks", {8: 1}, {8: 2}, {8: 3}, {8: 9}).values) == [1, 1, 0, 0]


def test_a_disk_folder_of_a_compellent_is_read_in_gib_of_2_to_the_30() -> None:
    folder = "1.3.6.1.4.1.674.11000.2000.500.1.2.25.1.4"
    found = by_name(told("compellent-space", {5: 14_525, 6: 7_000, folder: b"Assigned"}))
    assert found == {
        ("jauge_storage_raw_bytes", "Assigned"): 14_525 * GIB,
        ("jauge_storage_raw_used_bytes", "Assigned"): 7_000 * GIB,
    }
    assert by_name(told("compellent-controllers", {3: 2, 4: b"ctrl-1"})) == {
        ("jauge_controller_healthy", "ctrl-1"): 0
    }


def test_a_nas_volume_of_a_fluidfs_is_read_in_mib() -> None:
    assert by_name(told("fluidfs-volumes", {2: b"home", 3: 2 * MIB, 4: MIB})) == {
        (SIZE, "home"): 2 * TIB,
        (USED, "home"): TIB,
    }


def test_a_logical_drive_of_an_infortrend_is_read_in_blocks_of_512_bytes() -> None:
    good: Row = {2: b"66B3A1C2", 3: b"46875000000", 6: 0}
    found = by_name(
        told("infortrend-drives", good, {**good, 2: b"11223344", 6: 1}, {**good, 2: b"55667788", 6: 3})
    )
    assert found[SIZE, "66B3A1C2"] == 46_875_000_000 * 512
    assert [found["jauge_storage_healthy", name] for name in ("66B3A1C2", "11223344", "55667788")] == [
        1,
        0,
        0,
    ]
    assert found["jauge_storage_rebuilding", "11223344"] == 1
    disks = told("infortrend-disks", {11: 1}, {11: 0x3F}, {11: 0xFF}, {11: 5})
    assert [(metric, value) for (metric, _), value in zip(disks.series, disks.values, strict=True)] == [
        ("jauge_disk_healthy", 1),
        ("jauge_disk_healthy", 0),
        ("jauge_disk_healthy", 1),
    ]


def test_a_health_that_an_oceanstor_does_not_know_is_absent() -> None:
    """HEALTH_STATUS_E: 0 unknown, 1 normal, 2 fault, as over REST."""
    rows = [{2: name, 5: health, 6: 27, 7: 100, 9: 40} for name, health in ((b"a", 0), (b"b", 1), (b"c", 2))]
    found = by_name(told("oceanstor-pools", *rows))
    healthy = {store: value for (metric, store), value in found.items() if metric == "jauge_storage_healthy"}
    assert healthy == {"b": 1, "c": 0}
    assert found[USED, "a"] == 60 * 2**20


@pytest.mark.parametrize("name", ["qnap-hero-pools", "qnap-qts-pools", "qnap-pools"])
def test_a_pool_of_a_qnap_is_read_from_each_of_its_three_systems(name: str) -> None:
    found = by_name(told(name, {2: 1, 3: 40 * TIB, 4: 10 * TIB, 5: 0}, {2: 2, 3: TIB, 4: TIB, 5: -3}))
    assert (found[SIZE, "1"], found[USED, "1"]) == (40 * TIB, 30 * TIB)
    assert (found["jauge_storage_healthy", "1"], found["jauge_storage_healthy", "2"]) == (1, 0)


@pytest.mark.parametrize("name", ["qnap-qts-volumes", "qnap-volumes"])
def test_a_volume_of_a_qnap_is_told_by_its_name(name: str) -> None:
    found = by_name(told(name, {2: 1, 3: 5 * TIB, 4: TIB, 8: b"DataVol1"}))
    assert found == {(SIZE, "DataVol1"): 5 * TIB, (USED, "DataVol1"): 4 * TIB}


def test_an_old_qnap_writes_its_sizes_as_texts() -> None:
    found = by_name(
        told(
            "qnap-old-volumes", {2: b"[Volume DataVol1, Pool 1]", 4: b"5.50 TB", 5: b"512.00 GB", 6: b"Ready"}
        )
    )
    assert found[SIZE, "[Volume DataVol1, Pool 1]"] == 5.5 * TIB
    assert found[USED, "[Volume DataVol1, Pool 1]"] == 5 * TIB


@pytest.mark.parametrize("name", ["qnap-hero-disks", "qnap-qts-disks"])
def test_a_disk_of_a_newer_qnap_is_told_with_its_health(name: str) -> None:
    found = by_name(told(name, {2: 1, 7: b"Good", 8: 36, 9: 8 * 10**12}, {2: 2, 7: b"Warning", 8: -1, 9: 0}))
    assert found == {
        ("jauge_disk_healthy", "1"): 1,
        ("jauge_disk_healthy", "2"): 0,
        ("jauge_disk_celsius", "1"): 36,
        ("jauge_disk_size_bytes", "1"): 8 * 10**12,
    }


def test_the_degrees_of_a_truenas_are_told_in_thousandths() -> None:
    assert by_name(told("truenas-scale-disks", {2: b"sda", 3: 34_000})) == {
        ("jauge_disk_celsius", "sda"): pytest.approx(34)
    }


def test_a_disk_of_a_ddn_that_will_fail_is_unwell() -> None:
    found = told(
        "ddn-sfa-disks", {4: b"5000cca234c16910", 7: 1}, {4: b"5000cca234c16911", 7: 3}, {4: b"x", 7: 4}
    )
    assert list(found.values) == [1, 0]


def test_a_controller_of_a_hitachi_in_service_work_is_well() -> None:
    assert list(told("hitachi-svos-controllers", {2: 1}, {2: 2}, {2: 5}).values) == [1, 0, 1]


def test_the_repository_of_an_exagrid_is_read_in_gb_of_10_to_the_9() -> None:
    space = "1.3.6.1.4.1.14941.4.2"
    found = by_name(told("exagrid-retention", scalars={f"{space}.1.0": 40_000, f"{space}.3.0": 25_000}))
    assert found == {(SIZE, "retention"): 40_000 * 10**9, (USED, "retention"): 15_000 * 10**9}
    assert list(told("exagrid-server", scalars={"1.3.6.1.4.1.14941.4.6.1.0": 2}).values) == [0]


def test_a_nutanix_cluster_is_told_as_a_whole_only_where_its_pools_are_not() -> None:
    whole = {"1.3.6.1.4.1.41263.504.0": 90 * TIB, "1.3.6.1.4.1.41263.505.0": 30 * TIB}
    assert by_name(told("nutanix-cluster", scalars=whole)) == {
        (SIZE, "cluster"): 90 * TIB,
        (USED, "cluster"): 30 * TIB,
        ("jauge_storage_raw_bytes", "cluster"): 90 * TIB,
        ("jauge_storage_raw_used_bytes", "cluster"): 30 * TIB,
    }
    assert {"nutanix-cluster", "nutanix-disk-sum"} <= set(table("nutanix-pools").replaces)
    pools = told("nutanix-pools", {3: b"sp-1", 4: 90 * TIB, 5: 30 * TIB})
    containers = told("nutanix-containers", {3: b"vms", 4: 80 * TIB, 5: 20 * TIB})
    assert by_name(pools)[SIZE, "sp-1"] == 90 * TIB
    assert by_name(pools)["jauge_storage_raw_used_bytes", "sp-1"] == 30 * TIB
    assert by_name(containers)[USED, "vms"] == 20 * TIB
    assert list(told("nutanix-status", scalars={"1.3.6.1.4.1.41263.503.0": b"stopped"}).values) == [0]


def test_the_machines_of_a_nutanix_cluster_are_listed_with_their_state() -> None:
    """NUTANIX-MIB: vmName and vmPowerState, a text."""
    rows: list[Row] = [{3: b"pacs", 5: b"on"}, {3: b"lab", 5: b"off"}, {3: b"his", 5: b"on"}]
    listed = told("nutanix-vms", *rows)
    assert {dict(pairs)["vm"]: dict(pairs)["state"] for _, pairs in listed.series} == {
        "pacs": "running",
        "lab": "stopped",
        "his": "running",
    }
    assert set(listed.values) == {1}
    assert list(told("nutanix-vms-running", *rows).values) == [2]
    assert list(told("nutanix-vms-stopped", *rows).values) == [1]


async def test_the_machines_of_a_recorded_esxi_host_are_counted_by_their_state(
    snmpsim: int, corpus: Path, agents: Any
) -> None:
    """Their names are all one, as they were made anonymous: their states are not."""
    found = await recorded.poll(snmpsim, "vmware-esxi", agents)
    lines = (corpus / "recordings/vmware-esxi.snmprec").read_text().splitlines()
    states = [line.split("|")[2] for line in lines if line.startswith("1.3.6.1.4.1.6876.2.1.1.6.")]
    counts = {dict(s.labels)["state"]: s.value for s in found if s.metric == "jauge_vms"}
    assert counts == {
        "running": states.count("powered on"),
        "stopped": states.count("powered off"),
        "suspended": states.count("suspended"),
    }
    assert sum(counts.values()) == len(states) > 0


@pytest.mark.parametrize("text", [b"powered on", b"poweredOn"])
def test_the_machines_of_an_esxi_host_are_listed_with_their_state(text: bytes) -> None:
    """VMWARE-VMINFO-MIB: vmwVmDisplayName and vmwVmState, which releases write differently."""
    rows: list[Row] = [{2: b"pacs", 6: text}, {2: b"lab", 6: b"suspended"}]
    listed = told("vmware-vms", *rows)
    assert {dict(pairs)["vm"]: dict(pairs)["state"] for _, pairs in listed.series} == {
        "pacs": "running",
        "lab": "suspended",
    }
    assert list(told("vmware-vms-on", *rows).values) == [1]
    assert list(told("vmware-vms-suspended", *rows).values) == [1]


@pytest.mark.parametrize("number", range(1, 9))
def test_a_disk_that_failed_in_any_shelf_of_a_eurostor_is_unwell(number: int) -> None:
    member: Row = {2: b"SLOT 01", 3: b"Hitachi HUA723030ALA640", 6: 3_000_600, 8: b"RaidSet Member"}
    found = by_name(
        told(
            f"eurostor-disks-{number}",
            member,
            {**member, 2: b"SLOT 02", 8: b"Failed"},
            {2: b"SLOT 03", 3: b"N.A."},
        )
    )
    assert found["jauge_disk_healthy", "SLOT 01"] == 1
    assert found["jauge_disk_healthy", "SLOT 02"] == 0
    assert ("jauge_disk_healthy", "SLOT 03") not in found
