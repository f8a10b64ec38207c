"""Device files: what they may hold, and that each of those that Jauge ships is held against a recording."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors import device
from collectors.device import DEVICES, TableFile, families, load
from collectors.files import DeclaredError
from collectors.snmp.oid import decode, encode
from collectors.tables import Rate, Value, wanted
from inventory.metrics import METRICS

UNRECORDED = {
    "nutanix-pools": "the only recording of a cluster ends before its pools (NUTANIX-MIB, storagePoolTable)",
    "nutanix-hypervisors": "the same recording lists no hypervisors (NUTANIX-MIB, hypervisorInformationTable)",
    **{
        f"nutanix-{name}": "the same recording lists no machines (NUTANIX-MIB, vmInformationTable)"
        for name in ("vms", "vms-running", "vms-stopped")
    },
    "nutanix-containers": "the same recording lists no containers (NUTANIX-MIB, containerInformationTable)",
    "nutanix-cluster": "the same recording has no objects of the cluster as a whole (NUTANIX-MIB, clusterStatus ...)",
    "nutanix-status": "the same recording has no objects of the cluster as a whole (NUTANIX-MIB, clusterStatus ...)",
    "netapp-nodes": "the only recording of a filer is of 7-mode, which has no nodes (NETAPP-MIB, nodeTable)",
    "ddn-sfa-temperatures": "the only recording identifies itself and says no more (SFA-INFO, tempTable)",
    "ddn-sfa-fans": "the only recording identifies itself and says no more (SFA-INFO, fanTable)",
    "ddn-sfa-supplies": "the only recording identifies itself and says no more (SFA-INFO, powerTable)",
    "compellent-space": "the only recording ends before it (DELL-STORAGE-SC-MIB, scDiskFolderSUTable)",
    "compellent-controllers": "the same recording lists no controllers (DELL-STORAGE-SC-MIB, scCtlrTable)",
    "ddn-sfa-disks": "the only recording identifies itself and says no more (SFA-INFO, physicalDiskTable)",
    "hitachi-svos-controllers": "the only recording identifies itself and says no more (RAID-EX-MIB)",
    "exagrid-landing": "the only recording answers HOST-RESOURCES-MIB only (EXAGRID-MIB)",
    "exagrid-retention": "the only recording answers HOST-RESOURCES-MIB only (EXAGRID-MIB)",
    "exagrid-server": "the only recording answers HOST-RESOURCES-MIB only (EXAGRID-MIB)",
    "fluidfs-volumes": "the only recording holds states and no sizes (FLUIDFS-MIB, nASVolume)",
    "infortrend-drives": "the only recording holds sensors only (IFT-SNMP-MIB, ldTable)",
    "infortrend-disks": "the only recording holds sensors only (IFT-SNMP-MIB, hddTable)",
    "truenas-scale-disks": "the only recording has no temperatures (TRUENAS-MIB, hddTempTable)",
    **{
        f"equallogic-{name}": "the only recording of a group holds its volumes only (EQLMEMBER-MIB ...)"
        for name in ("pools", "members", "raid", "health", "disks")
    },
    **{
        f"qnap-{name}": "the only recording is of QTS 4 and ends before its pools (NAS-MIB, QTS-MIB)"
        for name in ("hero-pools", "qts-pools", "pools", "qts-volumes", "volumes", "old-volumes")
    },
    **{f"qnap-{name}": "the only recording is of QTS 4 (QTS-MIB)" for name in ("hero-disks", "qts-disks")},
    **{
        f"eurostor-disks-{number}": "the only recording is of two enclosures (proware-SNMP-MIB)"
        for number in range(3, 9)
    },
    "apc-pdu-banks": "the recorded rack PDU has its banks in the older table only (PowerNet-MIB)",
    "apc-phases": "no UPS of three phases is recorded (PowerNet-MIB, upsPhaseOutputPhaseTable)",
    "mge-single": "the recordings leave out upsmgOutputPhaseNum (MG-SNMP-UPS-MIB)",
    "xups-battery-fault": "cards of this age have no xupsBatteryFailure (XUPS-MIB)",
    "xups-lines": "cards of this age have no xupsOutputPercentLoad (XUPS-MIB)",
    "liebert-battery": "the recorded card serves a power strip (LIEBERT-GP-POWER-MIB)",
    "idrac-system": "the recordings hold the older drsGlobalSystemStatus alone (IDRAC-MIB-SMIv2)",
    "cmc-volumes": "the recorded enclosure has its shared disks in no volume (DELL-RAC-MIB)",
    "imm-power-supplies": "the recorded IMM tells its sensors alone (IMM-MIB, powerTable)",
    "imm-disks": "the same recording tells no disks (IMM-MIB, diskTable)",
    "imm-processors": "the same recording tells no processors (IMM-MIB, systemCPUVpdTable)",
    "imm-dimms": "the same recording tells no memory (IMM-MIB, systemMemoryVpdTable)",
    "imm-volumes": "the same recording tells no volumes (IMM-MIB, raidVolumeTable)",
    "quantum-global": "the recorded library leaves out its global state (ADIC-INTELLIGENT-STORAGE-MIB)",
    "quantum-library": "the same recording leaves out the table of libraries (ADIC-MANAGEMENT-MIB)",
    "quantum-partitions": "the same recording leaves out the logical libraries (ADIC-MANAGEMENT-MIB)",
    "quantum-slots": "the same recording leaves out the media domains (ADIC-MANAGEMENT-MIB)",
    "cpq-health": "the recordings leave out cpqHeMibCondition (CPQHLTH-MIB)",
    "cpq-power": "the recordings leave out cpqHePowerMeterCurrReading (CPQHLTH-MIB)",
} | {
    name: why
    for why, names in {
        "no recorded machine of Cisco keeps its processors (CISCO-PROCESS-MIB)": (
            "cisco-processors",
            "cisco-processor-memory",
            "cisco-processor-memory-32",
            "nxos-supervisor",
        ),
        "the recorded machines have the newer table (CISCO-ENHANCED-MEMPOOL-MIB, CISCO-ENTITY-SENSOR-MIB)": (
            "cisco-old-pools",
            "cisco-old-celsius",
            "cisco-old-fans",
            "cisco-old-supplies",
        ),
        "no recorded machine of Cisco counts licences (CISCO-LICENSE-MGMT-MIB)": ("cisco-licenses",),
        "the recorded router has no fan tray of its own (CISCO-ENTITY-FRU-CONTROL-MIB)": ("cisco-fans",),
        "the recorded servers list what is installed, not what runs (SYSAPPL-MIB)": ("ucos-services",),
        "the recording of a call manager ends before its devices (CISCO-CCM-MIB)": (
            "ccm-servers",
            "ccm-gateway-states",
            "ccm-phones",
            "ccm-gateways",
            "ccm-media",
            "ccm-cti",
            "ccm-voicemail",
        ),
        "the recorded firewall has no disk, no IPv6 and no contracts in its answer (FORTINET-FORTIGATE-MIB)": (
            "fortigate-disk",
            "fortigate-sessions-6",
            "fortigate-domains",
            "fortigate-contracts",
            "fortigate-services",
        ),
        "the recording of a session border controller holds few of its figures (AC-KPI-MIB)": (
            "audiocodes-calls",
            "audiocodes-sessions",
            "audiocodes-memory",
            "audiocodes-voice-memory",
            "audiocodes-processors",
            "audiocodes-voice-processor",
            "audiocodes-license-media",
            "audiocodes-license-signaling",
            "audiocodes-license-transcoding",
            "audiocodes-license-recording",
            "audiocodes-license-users",
            "audiocodes-license-webrtc",
        ),
        "the recorded exchange has neither SIP sets nor trunk groups in its answer (A4400-RTM-MIB)": (
            "omnipcx-sip-sets",
            "omnipcx-trunks",
            "omnipcx-domain-calls",
            "omnipcx-domain-compressors",
            "omnipcx-domain-conferences",
        ),
    }.items()
    for name in names
}
"""Shipped tables that no recording exercises, and why: `test_storage_families` reads rows as their MIB has them."""

PORT = "jauge_interface_"

GOOD = """\
title: A device
detect: {subtree: 1.3.6.1.4.1.99999}
tables:
  - name: stores
    oid: 1.3.6.1.4.1.99999.1
    labels: {store: 2, kind: {text: pool}}
    metrics:
      jauge_storage_size_bytes: {column: 3}
"""


def broken(tmp_path: Path, old: str, new: str) -> str:
    """What is said of a good file in which one thing was changed."""
    assert old in GOOD
    path = tmp_path / "device.yml"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(DeclaredError) as raised:
        load(path)
    return str(raised.value).replace(str(path), "device.yml")


def test_a_good_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "device.yml").write_text(GOOD)
    family = load(tmp_path / "device.yml")
    assert [table.name for table in family.tables] == ["stores"]
    assert family.tables[0].column(3) == encode("1.3.6.1.4.1.99999.1.3")


def test_an_unknown_metric_is_refused_with_its_place(tmp_path: Path) -> None:
    said = broken(tmp_path, "jauge_storage_size_bytes", "jauge_storage_size_gigabytes")
    assert said.startswith("device.yml:4:5: ")
    assert "jauge_storage_size_gigabytes is not in the vocabulary" in said


def test_an_unknown_key_is_refused_with_its_place(tmp_path: Path) -> None:
    said = broken(tmp_path, "{column: 3}", "{column: 3, tmies: 4}")
    assert said.startswith("device.yml:8:")
    assert "tmies" in said


def test_a_label_that_the_metric_does_not_have_is_refused(tmp_path: Path) -> None:
    assert "has no label disk" in broken(tmp_path, "store: 2,", "disk: 2,")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("{subtree: 1.3.6.1.4.1.99999}", "{subtree: enterprises}", 2),
        ("{subtree: 1.3.6.1.4.1.99999}", "{}", 2),
        ("{subtree: 1.3.6.1.4.1.99999}", "{describes: '('}", 2),
        ("name: stores", "name: Stores and more", 4),
        ("{column: 3}", "{}", 8),
        ("{column: 3}", "{column: 3, scalar: 1.3.6.1.2.1.1.3.0}", 8),
        ("{column: 3}", "{column: 3, scale: much}", 8),
        ("{column: 3}", "{column: 3, unsigned: 64}", 8),
        ("    oid: 1.3.6.1.4.1.99999.1\n", "", 4),
        ("  - name: stores", "  - &a {name: stores}\n  - *b", 5),
        ("title: A device\n", "title: A device\ntitle: Another\n", 2),
        ("title: A device\n", "title: [\n", 3),
    ],
)
def test_every_error_names_its_line(old: str, new: str, line: int, tmp_path: Path) -> None:
    for said in broken(tmp_path, old, new).splitlines():
        assert said.startswith(f"device.yml:{line}:"), said


RATED = """\
title: A switch
detect: {subtree: 1.3.6.1.4.1.99999}
tables:
  - name: ports
    oid: 1.3.6.1.4.1.99999.1
    labels: {interface: 2}
    metrics:
      jauge_interface_receive_bytes_per_second: {column: 3, rate: 64}
"""


@pytest.mark.parametrize(
    ("metric", "rule", "why"),
    [
        ("receive_bytes_per_second", "{column: 3, rate: 16}", "Input should be 32 or 64"),
        ("receive_bytes_per_second", "{column: 3, rate: 32}", "may wrap unseen, needs a limit"),
        ("receive_used_ratio", "{column: 3, rate: 64, share: true}", "share needs a limit"),
        ("receive_used_ratio", "{column: 3, rate: 64, limit: {column: 4}}", "takes share: true"),
        (
            "receive_bytes_per_second",
            "{column: 3, rate: 64, limit: {column: 4}, share: true}",
            "is no ratio: it takes no share: true",
        ),
        ("receive_bytes_total", "{column: 3, rate: 64}", "is a counter: a rate is a gauge"),
        ("receive_bytes_per_second", "{rate: 64}", "column: Field required"),
        (
            "receive_bytes_per_second",
            "{column: 3, rate: 64, times: 4}",
            "times: Extra inputs are not permitted",
        ),
    ],
)
def test_a_rate_that_could_not_be_told_is_refused(metric: str, rule: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "device.yml").write_text(RATED)
    assert isinstance(
        load(tmp_path / "device.yml").tables[0].metrics[f"{PORT}receive_bytes_per_second"], Rate
    )
    good = "receive_bytes_per_second: {column: 3, rate: 64}"
    (tmp_path / "device.yml").write_text(RATED.replace(good, f"{metric}: {rule}"))
    with pytest.raises(DeclaredError, match=why) as raised:
        load(tmp_path / "device.yml")
    assert len(str(raised.value).splitlines()) == 1


def test_all_errors_are_said_at_once(tmp_path: Path) -> None:
    said = broken(tmp_path, "title: A device\ndetect: {subtree: 1.3.6.1.4.1.99999}", "detect: {subtree: x}")
    assert len(said.splitlines()) == 2


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(DeclaredError, match="cannot read this file"):
        load(tmp_path / "none.yml")


@pytest.mark.parametrize("path", sorted(DEVICES.glob("*.yml")), ids=lambda path: path.stem)
def test_a_shipped_file_loads_and_names_each_object(path: Path) -> None:
    family = load(path)
    assert family.title
    names = [table.name for table in family.tables]
    assert len(names) == len(set(names))
    for table in family.tables:
        assert set(table.metrics) <= set(METRICS)
        assert wanted(table).columns or wanted(table).scalars


def test_table_names_are_unique_over_all_families() -> None:
    names = [table.name for family in families().values() for table in family.named]
    assert len(names) == len(set(names))


def test_what_a_table_replaces_exists() -> None:
    names = {table.name for family in families().values() for table in family.named}
    told = [table for family in families().values() for table in family.named]
    replaced = {name for table in told for name in (*table.replaces, *table.covers)}
    assert replaced <= names
    assert set(UNRECORDED) <= names


def test_a_family_that_recordings_do_not_prove_whole_says_what_would(recorded: frozenset[str]) -> None:
    """The others are exercised by a recording, table by table (below)."""
    unproven = {name: family for name, family in families().items() if family.unproven is not None}
    for name, family in unproven.items():
        assert len(str(family.unproven)) > 20, name
        tables = [*family.tables, *family.extends]
        whole = tables and all(recorded & objects(table) for table in family.tables)
        assert not whole, f"{name} is recorded, every table of it: it is proven"


def test_makers_come_before_standards() -> None:
    standards = [family.standard for family in families().values()]
    assert standards == sorted(standards)


@pytest.fixture(scope="module")
def recorded(corpus: Path) -> frozenset[str]:
    """Every object of every recording, and the roots above it."""
    found: set[str] = set()
    for path in sorted((corpus / "recordings").glob("*.snmprec")):
        for row in path.read_text("latin-1").splitlines():
            oid = row.partition("|")[0]
            found.add(oid)
            while "." in oid and oid not in ("1.3.6.1.2.1", "1.3.6.1.4.1"):
                oid = oid.rpartition(".")[0]
                found.add(oid)
    return frozenset(found)


TABLES = [table for family in families().values() for table in family.tables]
UNPROVEN = {
    table.name: family.unproven
    for family in families().values()
    for table in family.tables
    if family.unproven is not None
}
"""Tables of families that no recording proves whole: their files say what would."""


def objects(table: TableFile) -> frozenset[str]:
    """The objects of which the values of a table are made, with dots."""
    named = (
        decode(table.column(rule.column))
        if isinstance(rule, Rate) or (isinstance(rule, Value) and rule.column is not None)
        else rule.scalar
        for rule in table.metrics.values()
    )
    return frozenset(name for name in named if name)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_shipped_table_is_exercised_by_a_recording(table: TableFile, recorded: frozenset[str]) -> None:
    found = bool(recorded & objects(table))
    if table.name in UNRECORDED:
        assert not found, f"{table.name} is recorded: no excuse is needed"
    elif table.name not in UNPROVEN:
        assert found, "no recording has its objects"


def test_two_families_with_one_name_for_a_table_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device that is read as both would have one table's rows under the other's plan."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.yml").write_text(GOOD)
    monkeypatch.setattr(device, "DEVICES", tmp_path)
    with pytest.raises(DeclaredError, match=r"two\.yml: the family one has a table stores too"):
        families.__wrapped__()
