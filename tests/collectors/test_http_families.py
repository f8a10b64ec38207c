"""Each HTTP family against a real server with that vendor's login flow and a small answer in that vendor's format.

Every answer is made up here, in the format of the document or of the public code that its case names; what is
expected is computed from the answer by hand, in the units that the document gives.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import interfaces
import pytest
from aiohttp import web

from collectors import http

USER = {"user": "mon", "password": "s3cret"}
TOKEN = "t0ken-1"
GIB, MIB = 2**30, 2**20


@dataclasses.dataclass
class Case:
    """A system: how it is logged in to, what it answers, and what that means."""

    answers: Mapping[str, Any]
    expected: Mapping[str, float]
    product: str
    version: str = ""
    login: Mapping[str, str] | None = dataclasses.field(default_factory=lambda: USER)
    allow: Callable[[web.Request], bool] = lambda _: True
    base: str = ""
    ends: str = ""


def opens(
    answer: Any,
    status: int = 200,
    *,
    body: Any = None,
    form: Any = None,
    headers: Any = None,
    gives: Any = None,
) -> Any:
    """A handler that opens a session for who sends exactly this."""

    async def handle(request: web.Request) -> web.Response:
        right = (
            (body is None or await request.json() == body)
            and (form is None or dict(await request.post()) == form)
            and all(request.headers.get(name) == value for name, value in (headers or {}).items())
        )
        if not right:
            return web.json_response({"error": "no"}, status=401)
        return web.json_response(answer, status=status, headers=gives or {})

    return handle


BASIC = {"Authorization": "Basic bW9uOnMzY3JldA=="}  # mon:s3cret, RFC 7617


def stores(store: str, kind: str = "pool", **values: float) -> dict[str, float]:
    """Samples of one store."""
    return {f'jauge_storage_{name}{{kind="{kind}",store="{store}"}}': value for name, value in values.items()}


CASES: dict[str, Case] = {}

# https://support.purestorage.com, FlashArray REST API Reference 2: POST /login with the header api-token answers
# x-auth-token; capacity and total_physical are bytes; continuation_token asks for the next items.
CASES["pure-flasharray"] = Case(
    login={"token": "api-secret"},
    allow=interfaces.header("x-auth-token", TOKEN),
    answers={
        "POST /api/2.4/login": opens({"items": [{"username": "mon"}]}, headers={"api-token": "api-secret"}, gives={"x-auth-token": TOKEN}),
        "POST /api/2.4/logout": {},
        "GET /api/2.4/arrays": {
            "items": [
                {"name": "fa-1", "capacity": 20_000, "version": "6.3.3", "os": "Purity//FA",
                 "space": {"total_physical": 5_000, "total_provisioned": None, "data_reduction": 4.5}}
            ]
        },
        "GET /api/2.4/drives?limit=1000": {
            "continuation_token": "n+1",
            "items": [{"name": "CH0.BAY0", "capacity": 1_000, "status": "healthy"}, {"name": "CH0.BAY1", "capacity": 0, "status": "empty"}],
        },
        "GET /api/2.4/drives?limit=1000&continuation_token=n%2B1": {
            "continuation_token": None, "items": [{"name": "CH0.BAY2", "capacity": 1_000, "status": "failed"}],
        },
        "GET /api/2.4/hardware?limit=1000": {
            "continuation_token": None,
            "items": [
                {"name": "CT0", "type": "controller", "status": "ok", "temperature": None},
                {"name": "CT0.PWR0", "type": "power_supply", "status": "critical", "temperature": None},
                {"name": "CT0.FAN0", "type": "cooling", "status": "ok", "temperature": None},
                {"name": "CT0.TMP0", "type": "temp_sensor", "status": "ok", "temperature": 38},
                {"name": "CT1", "type": "controller", "status": "unknown", "temperature": None},
            ],
        },
    },
    expected={
        **stores("fa-1", size_bytes=20_000, used_bytes=5_000, reduction_factor=4.5),
        'jauge_disk_healthy{disk="CH0.BAY0"}': 1, 'jauge_disk_healthy{disk="CH0.BAY2"}': 0,
        'jauge_disk_size_bytes{disk="CH0.BAY0"}': 1_000, 'jauge_disk_size_bytes{disk="CH0.BAY2"}': 1_000,
        'jauge_controller_healthy{controller="CT0"}': 1,
        'jauge_power_supply_healthy{supply="CT0.PWR0"}': 0,
        'jauge_fan_healthy{fan="CT0.FAN0"}': 1,
        'jauge_temperature_celsius{sensor="CT0.TMP0"}': 38,
    },
    product="Pure Storage FlashArray", version="6.3.3", ends="POST /api/2.4/logout",
)  # fmt: skip

# Dell PowerStore REST API Developers Guide: GET login_session with Basic gives DELL-EMC-TOKEN and a cookie, which
# logout asks for; a list that is not whole answers 206. Fields: github.com/dell/gopowerstore, appliance_test.go.
POWERSTORE_DRIVES = "/api/rest/hardware?select=id,name,type,appliance_id,lifecycle_state,extra_details&type=eq.Drive&limit=2000"
POWERSTORE_PARTS = "/api/rest/hardware?select=id,name,type,appliance_id,lifecycle_state&type=eq.{}&limit=2000"
CASES["dell-powerstore"] = Case(
    allow=lambda request: request.cookies.get("auth_cookie") == "c" and request.headers.get("DELL-EMC-TOKEN") == TOKEN,
    answers={
        "GET /api/rest/login_session": opens([{"id": "1"}], headers=BASIC, gives={"DELL-EMC-TOKEN": TOKEN, "Set-Cookie": "auth_cookie=c; Path=/"}),
        "POST /api/rest/logout": {},
        "GET /api/rest/software_installed?select=id,release_version": [{"id": "x", "release_version": "3.5.0.0"}],
        "GET /api/rest/appliance_list_cma_view": [
            {"id": "A1", "name": "ps-1", "last_physical_total_space": 9_000, "last_physical_used_space": 4_000, "last_logical_used_space": 12_000}
        ],
        f"GET {POWERSTORE_DRIVES}": [
            {"name": "Drive_0_0_1", "appliance_id": "A1", "lifecycle_state": "Healthy", "extra_details": {"size": 1_920}},
            {"name": "Drive_0_0_1", "appliance_id": "A2", "lifecycle_state": "Failed", "extra_details": {"size": 1_920}},
            {"name": "Drive_0_0_2", "appliance_id": "A2", "lifecycle_state": "Empty", "extra_details": None},
        ],
        f"GET {POWERSTORE_PARTS.format('Power_Supply')}": [{"name": "PSU0", "appliance_id": "A1", "lifecycle_state": "Healthy"}],
        f"GET {POWERSTORE_PARTS.format('Node')}": [{"name": "NodeA", "appliance_id": "A1", "lifecycle_state": "Healthy"}],
    },
    expected={
        **stores("ps-1", size_bytes=9_000, used_bytes=4_000, logical_bytes=12_000),
        'jauge_disk_healthy{disk="A1:Drive_0_0_1"}': 1, 'jauge_disk_healthy{disk="A2:Drive_0_0_1"}': 0,
        'jauge_disk_size_bytes{disk="A1:Drive_0_0_1"}': 1_920, 'jauge_disk_size_bytes{disk="A2:Drive_0_0_1"}': 1_920,
        'jauge_power_supply_healthy{supply="A1:PSU0"}': 1,
        'jauge_node_healthy{node="A1:NodeA"}': 1,
    },
    product="Dell PowerStore", version="3.5.0.0", ends="POST /api/rest/logout",
)  # fmt: skip

# Unisphere Management REST API Programmer's Guide: X-EMC-REST-CLIENT in each request, a GET with Basic opens a session
# and gives EMC-CSRF-TOKEN, which POST .../logout asks for. HealthEnum and sizes in bytes: its reference of types.
CASES["dell-unity"] = Case(
    allow=lambda request: request.cookies.get("mod_sec_emc") == "c" and request.headers.get("X-EMC-REST-CLIENT") == "true",
    answers={
        "GET /api/types/loginSessionInfo/instances": opens(
            {"entries": []}, headers={**BASIC, "X-EMC-REST-CLIENT": "true"},
            gives={"EMC-CSRF-TOKEN": TOKEN, "Set-Cookie": "mod_sec_emc=c; Path=/"},
        ),
        "POST /api/types/loginSessionInfo/action/logout": {},
        "GET /api/types/system/instances": {"entries": [{"content": {"id": "0", "model": "Unity 350F"}}]},
        "GET /api/types/installedSoftwareVersion/instances": {"entries": [{"content": {"id": "0", "version": "5.1.2"}}]},
        "GET /api/types/pool/instances": {
            "entries": [
                {"content": {"id": "pool_1", "name": "p1", "sizeTotal": 8_000, "sizeUsed": 6_000, "sizeFree": 2_000,
                             "sizeSubscribed": 30_000, "health": {"value": 7}}}
            ]
        },
        "GET /api/types/disk/instances": {
            "entries": [
                {"content": {"name": "DPE Disk 0", "size": 500, "health": {"value": 5}}},
                {"content": {"name": "DPE Disk 1", "size": 500, "health": {"value": 20}}},
                {"content": {"name": "DPE Disk 2", "size": 500, "health": {"value": 0}}},
            ]
        },
        "GET /api/types/storageProcessor/instances": {"entries": [{"content": {"name": "SP A", "health": {"value": 10}}}]},
    },
    expected={
        **stores("p1", size_bytes=8_000, used_bytes=6_000, available_bytes=2_000, provisioned_bytes=30_000, healthy=1),
        'jauge_disk_healthy{disk="DPE Disk 0"}': 1, 'jauge_disk_healthy{disk="DPE Disk 1"}': 0,
        **{f'jauge_disk_size_bytes{{disk="DPE Disk {number}"}}': 500 for number in range(3)},
        'jauge_controller_healthy{controller="SP A"}': 0,
    },
    product="Unity 350F", version="5.1.2", ends="POST /api/types/loginSessionInfo/action/logout",
)  # fmt: skip

# ONTAP REST API documentation (docs.netapp.com, and the models of the netapp_ontap library): Basic, records, and
# _links.next.href; sizes in bytes. The first volume is that of the library's own example (resources/volume.py): size
# 536870912 with 5 per cent reserved for snapshots; used and available make afs_total, "excluding snap-reserve".
CASES["netapp-ontap"] = Case(
    allow=interfaces.basic("mon", "s3cret"),
    answers={
        "GET /api/cluster": {"name": "c1", "version": {"full": "NetApp Release 9.11.1P8: Fri Feb 24 2023", "generation": 9}},
        "GET /api/storage/aggregates?fields=name,state,space.block_storage,space.efficiency&max_records=1000": {
            "records": [
                {"name": "aggr1", "state": "online",
                 "space": {"block_storage": {"size": 9_000, "used": 4_000, "available": 5_000}, "efficiency": {"ratio": 2.5, "logical_used": 10_000}}}
            ],
            "_links": {"next": {"href": "/api/storage/aggregates?start.uuid=1"}},
        },
        "GET /api/storage/aggregates?start.uuid=1": {"records": [{"name": "aggr2", "state": "failed", "space": {}}], "_links": {}},
        "GET /api/storage/volumes?fields=name,svm.name,space.afs_total,space.used,space.available&max_records=1000": {
            "records": [
                {"name": "vol1", "svm": {"name": "pacs"},
                 "space": {"size": 536_870_912, "afs_total": 510_029_824, "used": 30_273_536, "available": 479_756_288}},
                {"name": "vol1", "svm": {"name": "home"}, "space": {"size": 1_000, "afs_total": 800, "used": 800, "available": 0}},
                {"name": "off", "svm": {"name": "home"}, "state": "offline"},
            ]
        },
        "GET /api/storage/disks": {"records": [{"name": "1.0.0", "state": "present", "usable_size": 10}, {"name": "1.0.1", "state": "broken", "usable_size": 10}]},
        "GET /api/cluster/nodes": {"records": [{"name": "n1", "state": "up"}, {"name": "n2", "state": "taken_over"}, {"name": "n3", "state": "unknown"}]},
    },
    expected={
        **stores("aggr1", size_bytes=9_000, used_bytes=4_000, available_bytes=5_000, logical_bytes=10_000, reduction_factor=2.5, healthy=1),
        **stores("aggr2", healthy=0),
        **stores("pacs:vol1", "volume", size_bytes=510_029_824, used_bytes=30_273_536, available_bytes=479_756_288),
        **stores("home:vol1", "volume", size_bytes=800, used_bytes=800, available_bytes=0),  # full, and told so
        'jauge_disk_healthy{disk="1.0.0"}': 1, 'jauge_disk_healthy{disk="1.0.1"}': 0,
        'jauge_disk_size_bytes{disk="1.0.0"}': 10, 'jauge_disk_size_bytes{disk="1.0.1"}': 10,
        'jauge_node_up{node="n1"}': 1, 'jauge_node_up{node="n2"}': 0,
    },
    product="NetApp ONTAP", version="9.11.1P8",
)  # fmt: skip

# Prism Element REST API v2.0 (its API explorer, nutanix.dev): Basic, entities, figures of usage_stats and stats are
# texts, -1 where there is none, ppm are millionths.
PRISM = "GET /PrismGateway/services/rest/v2.0"
CASES["nutanix-prism"] = Case(
    allow=interfaces.basic("mon", "s3cret"),
    answers={
        f"{PRISM}/cluster": {"name": "c", "version": "6.5.2", "num_nodes": 3,
                               "cluster_redundancy_state": {"current_redundancy_factor": 1, "desired_redundancy_factor": 2}},
        f"{PRISM}/storage_pools": {
            "entities": [
                {"name": "sp", "usage_stats": {"storage.capacity_bytes": "40000", "storage.usage_bytes": "9000",
                 "storage.disk_physical_usage_bytes": "9100", "storage.logical_usage_bytes": "21000"}}
            ]
        },
        f"{PRISM}/storage_containers": {
            "entities": [
                {"name": "vms", "replication_factor": 2,
                 "usage_stats": {"storage.user_capacity_bytes": "16000", "storage.user_usage_bytes": "4000",
                 "storage.user_free_bytes": "12000", "data_reduction.saving_ratio_ppm": "1423704"}}
            ]
        },
        f"{PRISM}/hosts": {
            "entities": [
                {"name": "ahv-1", "num_vms": 4, "memory_capacity_in_bytes": 1_000_000, "state": "NORMAL",
                 "usage_stats": {"storage.capacity_bytes": "10000"},
                 "stats": {"hypervisor_memory_usage_ppm": "250000", "hypervisor_cpu_usage_ppm": "125000"}},
                {"name": "ahv-2", "num_vms": 0, "memory_capacity_in_bytes": 1_000_000, "state": "OFFLINE",
                 "usage_stats": {"storage.capacity_bytes": "10000"},
                 "stats": {"hypervisor_memory_usage_ppm": "-1", "hypervisor_cpu_usage_ppm": "-1"}},
                {"name": "ahv-3", "state": "NORMAL", "usage_stats": {"storage.capacity_bytes": "20000"}},
            ]
        },
        f"{PRISM}/disks": {
            "entities": [
                {"id": "1::2", "online": True, "disk_size": 3_800, "disk_hardware_config": {"serial_number": "S1"}},
                {"id": "1::3", "online": False, "disk_size": 3_800, "disk_hardware_config": None},
            ]
        },
        f"{PRISM}/vms": {
            "entities": [{"name": "a", "power_state": "on"}, {"name": "b", "power_state": "on"}, {"name": "c", "power_state": "off"}]
        },
    },
    expected={
        **stores("sp", size_bytes=40_000, used_bytes=9_000, raw_bytes=40_000, raw_used_bytes=9_100, logical_bytes=21_000),
        **stores("vms", "volume", size_bytes=16_000, used_bytes=4_000, available_bytes=12_000, copies=2, reduction_factor=1.423704),
        **stores("vms", "volume", size_without_node_bytes=10_000),  # two copies on the nodes of 10,000 that stay
        **{f'jauge_node_storage_raw_bytes{{node="ahv-{number}"}}': size for number, size in enumerate((10_000, 10_000, 20_000), 1)},
        'jauge_node_vms{node="ahv-1"}': 4, 'jauge_node_vms{node="ahv-2"}': 0,
        'jauge_node_memory_size_bytes{node="ahv-1"}': 1_000_000, 'jauge_node_memory_size_bytes{node="ahv-2"}': 1_000_000,
        'jauge_node_memory_used_bytes{node="ahv-1"}': 250_000,
        'jauge_node_cpu_used_ratio{node="ahv-1"}': 0.125,
        'jauge_node_healthy{node="ahv-1"}': 1, 'jauge_node_healthy{node="ahv-2"}': 0, 'jauge_node_healthy{node="ahv-3"}': 1,
        "jauge_nodes{}": 3,
        'jauge_disk_healthy{disk="S1"}': 1, 'jauge_disk_healthy{disk="1::3"}': 0,
        'jauge_disk_size_bytes{disk="S1"}': 3_800, 'jauge_disk_size_bytes{disk="1::3"}': 3_800,
        "jauge_disks_failed{}": 1,
        'jauge_vms{state="running"}': 2, 'jauge_vms{state="stopped"}': 1,
        'jauge_vm_info{state="running",vm="a"}': 1, 'jauge_vm_info{state="running",vm="b"}': 1,
        'jauge_vm_info{state="stopped",vm="c"}': 1,
        'jauge_cluster_copies{cluster="c"}': 1, 'jauge_cluster_copies_wanted{cluster="c"}': 2,
    },
    product="Nutanix AOS", version="6.5.2",
)  # fmt: skip

# HPE Nimble Storage REST API (infosight.hpe.com): POST /v1/tokens; capacity and usage of pools and size of disks in
# bytes, usage_valid tells whether usage is; states of disks.
CASES["hpe-nimble"] = Case(
    allow=interfaces.header("X-Auth-Token", TOKEN),
    answers={
        "POST /v1/tokens": opens({"data": {"id": "id7", "session_token": TOKEN}}, 201, body={"data": {"username": "mon", "password": "s3cret"}}),
        "DELETE /v1/tokens/id7": {},
        "GET /v1/arrays/detail": {"data": [{"name": "n1", "version": "6.0.0.300-956221-opt"}]},
        "GET /v1/pools/detail": {
            "data": [
                {"name": "default", "capacity": 7_000, "usage": 3_000, "usage_valid": True},
                {"name": "new", "capacity": 7_000, "usage": 0, "usage_valid": False},
            ]
        },
        "GET /v1/disks/detail": {
            "data": [
                {"serial": "D1", "array_name": "n1", "state": "in use", "size": 480},
                {"serial": "D2", "array_name": "n1", "state": "failed", "size": 480},
                {"serial": "", "array_name": "n1", "state": "absent", "size": 0},
            ]
        },
    },
    expected={
        **stores("default", size_bytes=7_000, used_bytes=3_000),
        'jauge_disk_healthy{disk="n1:D1"}': 1, 'jauge_disk_healthy{disk="n1:D2"}': 0,
        'jauge_disk_size_bytes{disk="n1:D1"}': 480, 'jauge_disk_size_bytes{disk="n1:D2"}': 480,
    },
    product="HPE Nimble", version="6.0.0.300-956221-opt", ends="DELETE /v1/tokens/id7",
)  # fmt: skip

# HPE 3PAR Web Services API Developer's Guide: POST /credentials answers 201 and a key, which DELETE ends; MiB;
# state 1 normal, 2 degraded, 3 failed.
CASES["hpe-3par"] = Case(
    allow=interfaces.header("X-HP3PAR-WSAPI-SessionKey", TOKEN),
    answers={
        "POST /api/v1/credentials": opens({"key": TOKEN}, 201, body={"user": "mon", "password": "s3cret"}),
        f"DELETE /api/v1/credentials/{TOKEN}": {},
        "GET /api/v1/system": {
            "name": "par-1", "model": "HP_3PAR 7400", "systemVersion": "3.3.1.410", "totalNodes": 2,
            "totalCapacityMiB": 9_000, "allocatedCapacityMiB": 5_000, "freeCapacityMiB": 4_000, "failedCapacityMiB": 0,
        },
        "GET /api/v1/cpgs": {
            "total": 1,
            "members": [
                {"name": "r5", "state": 2, "UsrUsage": {"totalMiB": 100, "usedMiB": 80, "rawUsedMiB": 100},
                 "SAUsage": {"usedMiB": 5, "rawUsedMiB": 15}, "SDUsage": {"usedMiB": 1, "rawUsedMiB": 2}}
            ],
        },
    },
    expected={
        **stores("par-1", raw_bytes=9_000 * MIB, raw_used_bytes=5_000 * MIB),
        "jauge_nodes{}": 2,
        **stores("r5", used_bytes=86 * MIB, raw_used_bytes=117 * MIB, healthy=0),
    },
    product="HP_3PAR 7400", version="3.3.1.410", ends=f"DELETE /api/v1/credentials/{TOKEN}",
)  # fmt: skip

# Huawei OceanStor REST Interface Reference: the answer to the login names the device that stands in all later paths;
# capacities in sectors of 512 bytes; HEALTHSTATUS 1 is normal, 0 unknown. (Values: cinder's and delfin's tests.)
OCEANSTOR = "/deviceManager/rest/2102350"
CASES["huawei-oceanstor"] = Case(
    base="/deviceManager/rest",
    allow=lambda request: request.headers.get("iBaseToken") == TOKEN and request.cookies.get("session") == "c",
    answers={
        "POST /deviceManager/rest/xxxxx/sessions": opens(
            {"data": {"deviceid": "2102350", "iBaseToken": TOKEN, "accountstate": 1}, "error": {"code": 0, "description": "0"}},
            body={"username": "mon", "password": "s3cret", "scope": 0}, gives={"Set-Cookie": "session=c; Path=/"},
        ),
        f"DELETE {OCEANSTOR}/sessions": {"error": {"code": 0}},
        f"GET {OCEANSTOR}/system/": {"data": {"PRODUCTVERSION": "V300R006C50", "SECTORSIZE": "512"}, "error": {"code": 0}},
        f"GET {OCEANSTOR}/storagepool": {
            "data": [{"NAME": "p0", "USERTOTALCAPACITY": "1000", "USERCONSUMEDCAPACITY": "750", "USERFREECAPACITY": "250", "HEALTHSTATUS": "1", "RUNNINGSTATUS": "27"}],
            "error": {"code": 0},
        },
        f"GET {OCEANSTOR}/disk": {
            "data": [
                {"ID": "0", "LOCATION": "DAE000.0", "HEALTHSTATUS": "1", "SECTORS": "4096", "SECTORSIZE": "512"},
                {"ID": "1", "LOCATION": "DAE000.1", "HEALTHSTATUS": "2", "SECTORS": "4096", "SECTORSIZE": "512"},
                {"ID": "2", "LOCATION": "", "HEALTHSTATUS": "0", "SECTORS": "4096", "SECTORSIZE": "512"},
            ],
            "error": {"code": 0},
        },
        f"GET {OCEANSTOR}/controller": {"data": [{"ID": "0A", "HEALTHSTATUS": "1"}], "error": {"code": 0}},
    },
    expected={
        **stores("p0", size_bytes=512_000, used_bytes=384_000, available_bytes=128_000, healthy=1),
        'jauge_disk_healthy{disk="DAE000.0"}': 1, 'jauge_disk_healthy{disk="DAE000.1"}': 0,
        **{f'jauge_disk_size_bytes{{disk="{disk}"}}': 2_097_152 for disk in ("DAE000.0", "DAE000.1", "2")},
        'jauge_controller_healthy{controller="0A"}': 1,
    },
    product="Huawei OceanStor", version="V300R006C50", ends=f"DELETE {OCEANSTOR}/sessions",
)  # fmt: skip

# Dell PowerVault ME5 Series CLI Reference Guide, "Using JSON API": GET /api/login with Basic answers the session key in
# status[0].response; numeric sizes are blocks; health-numeric 0 OK, 1 Degraded, 2 Fault, 3 Unknown.
ME_OK = [{"response-type": "Success", "response": "Command completed successfully.", "return-code": 0}]
CASES["dell-me"] = Case(
    allow=lambda request: request.headers.get("sessionKey") == TOKEN and request.headers.get("datatype") == "json",
    answers={
        "GET /api/login": opens({"status": [{"response-type": "Success", "response": TOKEN, "return-code": 1}]}, headers={**BASIC, "datatype": "json"}),
        "GET /api/exit": {"status": ME_OK},
        "GET /api/show/system": {"system": [{"system-name": "me", "product-id": "ME5024"}], "status": ME_OK},
        "GET /api/show/versions/detail": {"versions": [{"bundle-version": "ME5.1.0.0.0"}], "status": ME_OK},
        "GET /api/show/pools": {
            "pools": [{"name": "A", "blocksize": 512, "total-size-numeric": 2_000, "total-avail-numeric": 500, "health-numeric": 0}], "status": ME_OK,
        },
        "GET /api/show/disks": {
            "drives": [
                {"location": "0.0", "blocksize": 512, "size-numeric": 4_000, "health-numeric": 0},
                {"location": "0.1", "blocksize": 512, "size-numeric": 4_000, "health-numeric": 2},
                {"location": "0.2", "blocksize": 512, "size-numeric": 4_000, "health-numeric": 3},
            ],
            "status": ME_OK,
        },
        "GET /api/show/controllers": {"controllers": [{"controller-id": "A", "health-numeric": 0}, {"controller-id": "B", "health-numeric": 1}], "status": ME_OK},
        "GET /api/show/power-supplies": {"power-supplies": [{"durable-id": "psu_0.0", "name": "PSU 0", "health-numeric": 0}], "status": ME_OK},
    },
    expected={
        **stores("A", size_bytes=1_024_000, used_bytes=768_000, available_bytes=256_000, healthy=1),
        'jauge_disk_healthy{disk="0.0"}': 1, 'jauge_disk_healthy{disk="0.1"}': 0,
        **{f'jauge_disk_size_bytes{{disk="0.{number}"}}': 2_048_000 for number in range(3)},
        'jauge_controller_healthy{controller="A"}': 1, 'jauge_controller_healthy{controller="B"}': 0,
        'jauge_power_supply_healthy{supply="psu_0.0"}': 1,
    },
    product="ME5024", version="ME5.1.0.0.0", ends="GET /api/exit",
)  # fmt: skip

# https://pve.proxmox.com/pve-docs/api-viewer, /cluster/resources: cpu is a share, mem, maxmem, disk and maxdisk bytes.
# One entry for each node and storage (PVE/API2/Cluster.pm); a target of iSCSI has the sizes 0, 0, 0 (ISCSIPlugin.pm).
CASES["proxmox-ve"] = Case(
    login={"token": "mon@pve!jauge=0f0f"},
    allow=interfaces.header("Authorization", "PVEAPIToken=mon@pve!jauge=0f0f"),
    answers={
        "GET /api2/json/version": {"data": {"version": "8.1.4", "release": "8.1"}},
        "GET /api2/json/cluster/resources": {
            "data": [
                {"type": "node", "node": "pve1", "status": "online", "maxcpu": 32, "cpu": 0.25, "maxmem": 1_000, "mem": 400},
                {"type": "node", "node": "pve2", "status": "offline"},
                {"type": "storage", "storage": "local", "node": "pve1", "status": "available", "shared": 0, "plugintype": "dir", "maxdisk": 500, "disk": 100},
                {"type": "storage", "storage": "local", "node": "pve2", "status": "unknown", "shared": 0, "plugintype": "dir"},
                {"type": "storage", "storage": "ceph", "node": "pve1", "status": "available", "shared": 1, "plugintype": "rbd", "maxdisk": 90_000, "disk": 30_000},
                {"type": "storage", "storage": "ceph", "node": "pve2", "status": "available", "shared": 1, "plugintype": "rbd", "maxdisk": 90_000, "disk": 30_000},
                {"type": "storage", "storage": "fresh", "node": "pve1", "status": "available", "shared": 1, "plugintype": "nfs", "maxdisk": 70_000, "disk": 2},
                {"type": "storage", "storage": "fresh", "node": "pve2", "status": "available", "shared": 1, "plugintype": "nfs", "maxdisk": 70_000, "disk": 2},
                {"type": "storage", "storage": "san", "node": "pve1", "status": "available", "shared": 1, "plugintype": "iscsi", "maxdisk": 0, "disk": 0},
                {"type": "qemu", "vmid": 100, "name": "pacs-01", "node": "pve1", "status": "running", "template": 0},
                {"type": "lxc", "vmid": 101, "name": "lab", "node": "pve2", "status": "stopped", "template": 0},
                {"type": "qemu", "vmid": 102, "name": "golden", "node": "pve2", "status": "stopped", "template": 1},
                {"type": "qemu", "vmid": 103, "node": "pve1", "status": "stopped", "template": 0},
            ]
        },
        "GET /api2/json/cluster/backup-info/not-backed-up": {"data": [{"vmid": 101, "type": "lxc", "name": "lab"}]},
    },
    expected={
        'jauge_vm_unprotected{vm="lab (101)"}': 1,
        'jauge_vm_info{node="pve1",state="running",vm="pacs-01 (100)"}': 1,
        'jauge_vm_info{node="pve2",state="stopped",vm="lab (101)"}': 1,
        'jauge_vm_info{node="pve1",state="stopped",vm="103"}': 1,
        'jauge_node_up{node="pve1"}': 1, 'jauge_node_up{node="pve2"}': 0,
        'jauge_node_cpus{node="pve1"}': 32, 'jauge_node_cpu_used_ratio{node="pve1"}': 0.25,
        'jauge_node_memory_size_bytes{node="pve1"}': 1_000, 'jauge_node_memory_used_bytes{node="pve1"}': 400,
        **stores("pve1:local", "filesystem", size_bytes=500, used_bytes=100),
        **stores("ceph", size_bytes=90_000, used_bytes=30_000),
        **stores("fresh", "filesystem", size_bytes=70_000, used_bytes=2),
        'jauge_vms{state="running"}': 1, 'jauge_vms{state="stopped"}': 2,
    },
    product="Proxmox VE", version="8.1.4",
)  # fmt: skip

# https://pbs.proxmox.com/docs/api-viewer, /status/datastore-usage: bytes; a datastore that cannot be opened has an error.
CASES["proxmox-backup"] = Case(
    login={"token": "mon@pbs!jauge:0f0f"},
    allow=interfaces.header("Authorization", "PBSAPIToken=mon@pbs!jauge:0f0f"),
    answers={
        "GET /api2/json/version": {"data": {"version": "3.1", "release": "2"}},
        "GET /api2/json/status/datastore-usage": {
            "data": [
                {"store": "main", "total": 4_000, "used": 1_900, "avail": 2_000, "gc-status": {"index-data-bytes": 52_000, "disk-bytes": 1_800}},
                {"store": "usb", "total": 0, "used": 0, "avail": 0, "error": "unable to open chunk store"},
            ]
        },
        "GET /api2/json/admin/datastore": {"data": [{"store": "main"}, {"store": "usb"}, {"store": "off site"}]},
        "GET /api2/json/admin/datastore/main/groups": {
            "data": [
                {"backup-type": "vm", "backup-id": "100", "last-backup": 1_714_593_600, "backup-count": 14, "owner": "root@pam"},
                {"backup-type": "host", "backup-id": "pacs", "last-backup": 1_714_500_000, "backup-count": 1},
            ]
        },
        "GET /api2/json/admin/datastore/off%20site/groups": {"data": []},
    },
    expected={
        **stores("main", "repository", size_bytes=4_000, used_bytes=1_900, available_bytes=2_000, logical_bytes=52_000),
        'jauge_backup_last_timestamp_seconds{job="main",machine="vm:100"}': 1_714_593_600,
        'jauge_backup_restore_points{job="main",machine="vm:100"}': 14,
        'jauge_backup_last_timestamp_seconds{job="main",machine="host:pacs"}': 1_714_500_000,
        'jauge_backup_restore_points{job="main",machine="host:pacs"}': 1,
    },
    product="Proxmox Backup Server", version="3.1",
)  # fmt: skip

# https://developer.broadcom.com, vSphere Automation API: POST /api/session with Basic answers the token as a JSON text;
# capacity and free_space in bytes, absent or of no meaning where a datastore is not accessible (DatastoreSummary:
# "guaranteed to be valid only if accessible is true").
CASES["vmware-vcenter"] = Case(
    allow=interfaces.header("vmware-api-session-id", TOKEN),
    answers={
        "POST /api/session": opens(TOKEN, 201, headers=BASIC),
        "DELETE /api/session": {},
        "GET /api/appliance/system/version": {"version": "8.0.2.00100", "product": "VMware vCenter Server", "build": "22617221"},
        "GET /api/vcenter/datastore": [
            {"datastore": "datastore-1", "name": "vmfs-1", "type": "VMFS", "capacity": 4_096, "free_space": 1_024},
            {"datastore": "datastore-2", "name": "vsan", "type": "VSAN", "capacity": 9_000, "free_space": 6_000},
            {"datastore": "datastore-3", "name": "gone", "type": "NFS"},
            {"datastore": "datastore-4", "name": "lost", "type": "NFS", "capacity": 0, "free_space": 0},
        ],
        "GET /api/vcenter/host": [
            {"host": "host-1", "name": "esx-1", "connection_state": "CONNECTED", "power_state": "POWERED_ON"},
            {"host": "host-2", "name": "esx-2", "connection_state": "NOT_RESPONDING"},
        ],
        "GET /api/vcenter/vm": [
            {"vm": "vm-1", "name": "a", "power_state": "POWERED_ON", "cpu_count": 2, "memory_size_MiB": 4_096},
            {"vm": "vm-2", "name": "b", "power_state": "SUSPENDED", "cpu_count": 2, "memory_size_MiB": 4_096},
        ],
    },
    expected={
        **stores("vmfs-1", "filesystem", size_bytes=4_096, used_bytes=3_072, available_bytes=1_024),
        **stores("vsan", raw_bytes=9_000, raw_used_bytes=3_000),  # with all copies
        'jauge_vm_info{state="running",vm="a"}': 1, 'jauge_vm_info{state="suspended",vm="b"}': 1,
        'jauge_node_up{node="esx-1"}': 1, 'jauge_node_up{node="esx-2"}': 0,
        'jauge_vms{state="running"}': 1, 'jauge_vms{state="stopped"}': 0, 'jauge_vms{state="suspended"}': 1,
    },
    product="VMware vCenter Server", version="8.0.2.00100", ends="DELETE /api/session",
)  # fmt: skip


def statistics(**counts: int) -> dict[str, Any]:
    """A map of statuses as XStream writes it in JSON."""
    status = "com.mirth.connect.donkey.model.message.Status"
    return {
        "@class": "linked-hash-map",
        "entry": [{status: name, "long": count} for name, count in counts.items()],
    }


ADT = {"channelId": "1", "name": "ADT", "state": "STARTED", "queued": 7,
       "statistics": statistics(RECEIVED=120, FILTERED=3, SENT=110, ERROR=2)}  # fmt: skip
LAB = {
    "channelId": "2",
    "name": "LAB",
    "state": "PAUSED",
    "queued": 0,
    "statistics": statistics(RECEIVED=5, SENT=5, ERROR=0),
}
ADT_TOLD = {
    'jauge_hl7_channel_up{channel="ADT"}': 1, 'jauge_hl7_queue_depth{channel="ADT"}': 7,
    'jauge_hl7_messages_total{channel="ADT",direction="received"}': 120,
    'jauge_hl7_messages_total{channel="ADT",direction="sent"}': 110,
    'jauge_hl7_errors_total{channel="ADT"}': 2,
}  # fmt: skip

# The API of Mirth Connect (its /api page; ChannelStatusServletInterface, UserServletInterface and DashboardStatus of
# its public source): a form opens a session that is a cookie; XML as JSON, where a list of one is the object itself.
CASES["mirth-connect"] = Case(
    allow=lambda request: request.cookies.get("JSESSIONID") == "c" and "X-Requested-With" in request.headers,
    answers={
        "POST /api/users/_login": opens(
            {"com.mirth.connect.model.LoginStatus": {"status": "SUCCESS"}}, form={"username": "mon", "password": "s3cret"},
            gives={"Set-Cookie": "JSESSIONID=c; Path=/api; HttpOnly"},
        ),
        "POST /api/users/_logout": {},
        "GET /api/server/version": "4.4.1",
        "GET /api/channels/statuses": {"list": {"dashboardStatus": [ADT, LAB]}},
    },
    expected={
        **ADT_TOLD,
        'jauge_hl7_channel_up{channel="LAB"}': 0, 'jauge_hl7_queue_depth{channel="LAB"}': 0,
        'jauge_hl7_messages_total{channel="LAB",direction="received"}': 5,
        'jauge_hl7_messages_total{channel="LAB",direction="sent"}': 5,
        'jauge_hl7_errors_total{channel="LAB"}': 0,
    },
    product="Mirth Connect", version="4.4.1", ends="POST /api/users/_logout",
)  # fmt: skip

# Source of dcm4chee-arc-light 5: StorageRS, QueueManagerRS, ExportTaskRS and RetrieveTaskRS.
CASES["dcm4chee-arc"] = Case(
    login={"token": TOKEN},
    allow=interfaces.header("Authorization", f"Bearer {TOKEN}"),
    answers={
        "GET /storage": [
            {"dcmStorageID": "fs1", "dcmInstanceAvailability": "ONLINE", "usableSpace": 400, "totalSpace": 1_000},
            {"dcmStorageID": "s3", "dcmInstanceAvailability": "NEARLINE"},
        ],
        **{f"GET /monitor/{queue}/count": {"count": 3} for queue in ("export", "retrieve", "stgver")},
        "GET /queue/HL7Send/count": {"count": 4},
    },
    expected={
        **stores("fs1", "tier", size_bytes=1_000, used_bytes=600, available_bytes=400),
        'jauge_pacs_tier_info{store="fs1",tier="ONLINE"}': 1,
        'jauge_pacs_tier_info{store="s3",tier="NEARLINE"}': 1,
        **{
            f'jauge_pacs_jobs{{queue="{queue}",state="{state}"}}': count
            for queue, count in (("export", 3), ("retrieve", 3), ("storage-verification", 3), ("hl7-send", 4))
            for state in ("pending", "running", "failure")
        },
    },
    product="dcm4chee-arc",
)  # fmt: skip

# https://www.rabbitmq.com/docs/management, its HTTP API reference: /api/queues and /api/nodes with `columns`.
CASES["rabbitmq"] = Case(
    allow=interfaces.basic("mon", "s3cret"),
    answers={
        "GET /api/overview": {"rabbitmq_version": "3.12.1"},
        "GET /api/queues": [
            {"name": "hl7", "vhost": "/", "state": "running", "messages": 12, "messages_unacknowledged": 2, "consumers": 1},
            {"name": "hl7", "vhost": "test", "state": "down", "messages": 0, "messages_unacknowledged": 0, "consumers": 0},
        ],
        "GET /api/nodes": [{"name": "rabbit@a", "running": True, "mem_used": 900}, {"name": "rabbit@b", "running": False}],
    },
    expected={
        'jauge_queue_messages{queue="/:hl7"}': 12, 'jauge_queue_messages{queue="test:hl7"}': 0,
        'jauge_queue_unconfirmed_messages{queue="/:hl7"}': 2, 'jauge_queue_unconfirmed_messages{queue="test:hl7"}': 0,
        'jauge_queue_consumers{queue="/:hl7"}': 1, 'jauge_queue_consumers{queue="test:hl7"}': 0,
        'jauge_queue_healthy{queue="/:hl7"}': 1, 'jauge_queue_healthy{queue="test:hl7"}': 0,
        'jauge_node_up{node="rabbit@a"}': 1, 'jauge_node_up{node="rabbit@b"}': 0,
        'jauge_node_memory_used_bytes{node="rabbit@a"}': 900,
    },
    product="RabbitMQ", version="3.12.1",
)  # fmt: skip


def members(*paths: str) -> dict[str, Any]:
    return {"Members": [{"@odata.id": f"/redfish/v1{path}"} for path in paths]}


RAID = "/redfish/v1/Systems/1/Storage/RAID"

# DMTF DSP0266 (sessions: 13.3) and DSP2046 (ComputerSystem, Drive, Volume, Power, Thermal), and DMTF's mockups: collections name
# their members, TotalSystemMemoryGiB is GiB, a slot without a supply is Absent.
CASES["redfish"] = Case(
    allow=interfaces.header("X-Auth-Token", TOKEN),
    answers={
        "POST /redfish/v1/SessionService/Sessions": opens(
            {"Id": "7"}, 201, body={"UserName": "mon", "Password": "s3cret"},
            gives={"X-Auth-Token": TOKEN, "Location": "/redfish/v1/SessionService/Sessions/7/"},
        ),
        "DELETE /redfish/v1/SessionService/Sessions/7/": {},
        "GET /redfish/v1/Systems": members("/Systems/1"),
        "GET /redfish/v1/Systems/1": {
            "Model": "ProLiant DL380 Gen10", "Status": {"Health": "Warning", "State": "Enabled"},
            "MemorySummary": {"TotalSystemMemoryGiB": 384, "Status": {"HealthRollup": "OK"}},
            "ProcessorSummary": {"Count": 2, "Status": {"HealthRollup": "Critical"}},
            "Storage": {"@odata.id": "/redfish/v1/Systems/1/Storage"},
        },
        "GET /redfish/v1/Systems/1/Storage": members("/Systems/1/Storage/RAID", "/Systems/1/Storage/gone"),
        f"GET {RAID}": {
            "Drives": [{"@odata.id": f"{RAID}/Drives/0"}, {"@odata.id": f"{RAID}/Drives/1"}, {"@odata.id": f"{RAID}/Drives/2"}],
            "Volumes": {"@odata.id": f"{RAID}/Volumes"},
            "StorageControllers": [{"@odata.id": f"{RAID}#/StorageControllers/0", "Status": {"Health": "OK"}}],
        },
        f"GET {RAID}/Drives/0": {"@odata.id": f"{RAID}/Drives/0", "Name": "Disk", "MediaType": "SSD", "CapacityBytes": 1_920, "PredictedMediaLifeLeftPercent": 95, "Status": {"Health": "OK", "State": "Enabled"}},
        f"GET {RAID}/Drives/1": {"@odata.id": f"{RAID}/Drives/1", "Name": "Disk", "MediaType": "HDD", "CapacityBytes": 4_000, "PredictedMediaLifeLeftPercent": 0, "Status": {"Health": "Critical", "State": "Enabled"}},
        f"GET {RAID}/Drives/2": {"@odata.id": f"{RAID}/Drives/2", "Name": "Bay", "CapacityBytes": None, "Status": {"Health": None, "State": "Absent"}},
        f"GET {RAID}/Volumes": {"Members": [{"@odata.id": f"{RAID}/Volumes/1"}]},
        f"GET {RAID}/Volumes/1": {"@odata.id": f"{RAID}/Volumes/1", "Status": {"Health": "OK"}},
        "GET /redfish/v1/Chassis": members("/Chassis/1", "/Chassis/tray"),
        "GET /redfish/v1/Chassis/tray": {},
        "GET /redfish/v1/Chassis/1": {"Power": {"@odata.id": "/redfish/v1/Chassis/1/Power"}, "Thermal": {"@odata.id": "/redfish/v1/Chassis/1/Thermal"}},
        "GET /redfish/v1/Chassis/1/Power": {
            "PowerControl": [{"@odata.id": "/redfish/v1/Chassis/1/Power#/PowerControl/0", "PowerConsumedWatts": 230}],
            "PowerSupplies": [
                {"@odata.id": "/redfish/v1/Chassis/1/Power#/PowerSupplies/0", "Name": "HpeServerPowerSupply", "Status": {"Health": "OK", "State": "Enabled"}},
                {"@odata.id": "/redfish/v1/Chassis/1/Power#/PowerSupplies/1", "Name": "HpeServerPowerSupply", "Status": {"Health": "Critical", "State": "Enabled"}},
                {"@odata.id": "/redfish/v1/Chassis/1/Power#/PowerSupplies/2", "Name": "HpeServerPowerSupply", "Status": {"State": "Absent"}},
            ],
        },
        "GET /redfish/v1/Chassis/1/Thermal": {
            "Temperatures": [
                {"Name": "01-Inlet Ambient", "ReadingCelsius": 21, "Status": {"State": "Enabled"}},
                {"Name": "09-P2 DIMM", "ReadingCelsius": 0, "Status": {"State": "Absent"}},
            ],
            "Fans": [{"Name": "Fan 1", "Status": {"Health": "OK", "State": "Enabled"}}, {"FanName": "Fan 2", "Status": {"Health": "Critical", "State": "Enabled"}}],
        },
        "GET /redfish/v1/Managers": members("/Managers/1"),
        "GET /redfish/v1/Managers/1": {"FirmwareVersion": "iLO 5 v2.78"},
    },
    expected={
        "jauge_device_healthy{}": 0, "jauge_memory_size_bytes{}": 384 * GIB,
        'jauge_component_healthy{component="memory"}': 1, 'jauge_component_healthy{component="processors"}': 0,
        'jauge_disk_healthy{disk="1/Storage/RAID/Drives/0"}': 1, 'jauge_disk_healthy{disk="1/Storage/RAID/Drives/1"}': 0,
        'jauge_disk_size_bytes{disk="1/Storage/RAID/Drives/0"}': 1_920, 'jauge_disk_size_bytes{disk="1/Storage/RAID/Drives/1"}': 4_000,
        'jauge_disk_wear_ratio{disk="1/Storage/RAID/Drives/0"}': pytest.approx(0.05),
        'jauge_raid_healthy{array="1/Storage/RAID/Volumes/1"}': 1,
        'jauge_controller_healthy{controller="1/Storage/RAID#/StorageControllers/0"}': 1,
        'jauge_power_supply_healthy{supply="1/Power#/PowerSupplies/0"}': 1, 'jauge_power_supply_healthy{supply="1/Power#/PowerSupplies/1"}': 0,
        'jauge_power_watts{sensor="1/Power#/PowerControl/0"}': 230,
        'jauge_temperature_celsius{sensor="01-Inlet Ambient"}': 21,
        'jauge_fan_healthy{fan="Fan 1"}': 1, 'jauge_fan_healthy{fan="Fan 2"}': 0,
    },
    product="ProLiant DL380 Gen10", version="iLO 5 v2.78", ends="DELETE /redfish/v1/SessionService/Sessions/7/",
)  # fmt: skip

# Veeam Backup & Replication REST API Reference 1.1: POST /api/oauth2/token with a form; dates are RFC 3339. Versioning
# (helpcenter.veeam.com): 1.1-rev0 came with build 12.0.0.1420, and later builds serve it; 1.1-rev1 came with 12.1.
CASES["veeam-backup"] = Case(
    allow=lambda request: request.headers.get("Authorization") == f"Bearer {TOKEN}" and request.headers.get("x-api-version") == "1.1-rev0",
    answers={
        "POST /api/oauth2/token": opens({"access_token": TOKEN, "token_type": "bearer", "expires_in": 900}, form={"grant_type": "password", "username": "mon", "password": "s3cret"}),
        "POST /api/oauth2/logout": {},
        "GET /api/v1/serverInfo": {"name": "vbr", "buildVersion": "12.1.1.56"},
        "GET /api/v1/backupInfrastructure/repositories/states": {
            "data": [
                {"name": "Default", "type": "LinuxLocal", "capacityGB": 1_000.5, "freeGB": 250.5, "usedSpaceGB": 700.0},
                {"name": "bucket", "type": "S3Compatible", "capacityGB": 0.0, "freeGB": 0.0, "usedSpaceGB": 90.0},
                {"name": "other", "type": "S3Compatible", "capacityGB": -1, "freeGB": -1, "usedSpaceGB": 90.0},
            ],
            "pagination": {"total": 3},
        },
        "GET /api/v1/jobs/states": {
            "data": [
                {"name": "PACS", "type": "Backup", "lastRun": "2024-05-01T22:00:00+02:00", "lastResult": "Success"},
                {"name": "ERP", "type": "Backup", "lastRun": "2024-05-01T21:00:00Z", "lastResult": "Failed"},
                {"name": "new", "type": "Backup", "lastRun": None, "lastResult": "None"},
            ],
            "pagination": {"total": 3},
        },
    },
    expected={
        **stores("Default", "repository", size_bytes=1_000.5 * GIB, used_bytes=750 * GIB, available_bytes=250.5 * GIB),
        'jauge_backup_last_run_timestamp_seconds{job="PACS"}': 1_714_593_600, 'jauge_backup_last_run_timestamp_seconds{job="ERP"}': 1_714_597_200,
        'jauge_backup_result{job="PACS",state="ok"}': 1, 'jauge_backup_result{job="ERP",state="failed"}': 1,
    },
    product="Veeam Backup & Replication", version="12.1.1.56", ends="POST /api/oauth2/logout",
)  # fmt: skip


async def pool_metrics(request: web.Request) -> web.Response:
    """Metrics of the pools that the query names (Horizon Server API 2309, desktop-pools/metrics)."""
    every = {
        "6f85-1": {"id": "6f85-1", "num_connected_sessions": 50, "num_machines": 100, "occupancy_count": 60},
        "6f85-2": {"id": "6f85-2", "num_connected_sessions": 0, "num_machines": 20, "occupancy_count": 0},
    }
    return web.json_response([every[name] for name in request.query.getall("ids")])


def connection_server(name: str, status: str, count: int) -> dict[str, Any]:
    """A connection server as ConnectionServerMonitorInfoV2 of the maker's reference shows it."""
    return {
        "id": f"id-{name}", "name": name, "status": status, "connection_count": count, "session_threshold": 2000,
        "details": {"build": "21446398", "version": "8.10.0"}, "services": [{"service_name": "BLAST_SECURE_GATEWAY", "status": "UP"}],
    }  # fmt: skip


CASES["horizon"] = Case(
    login={"user": "HOSPITAL\\mon", "password": "s3cret"},
    allow=lambda request: request.headers.get("Authorization") == f"Bearer {TOKEN}",
    answers={
        "POST /rest/login": opens({"access_token": TOKEN, "refresh_token": "r3fresh"}, body={"domain": "HOSPITAL", "username": "mon", "password": "s3cret"}),
        "POST /rest/logout": opens({}, body={"refresh_token": "r3fresh"}),
        "GET /rest/monitor/v2/connection-servers": [connection_server("cs1", "OK", 50), connection_server("cs2", "NOT_RESPONDING", 0)],
        "GET /rest/monitor/v1/licenses/usage-metrics": {"current_usage": {"total_concurrent_connections": 48, "total_concurrent_sessions": 50, "total_named_users": 310}},
        "GET /rest/inventory/v1/desktop-pools": [
            {"id": "6f85-1", "name": "wards", "display_name": "Wards", "enabled": True},
            {"id": "6f85-2", "name": "lab", "display_name": "Lab", "enabled": False},
        ],
        "GET /rest/monitor/v1/desktop-pools/metrics": pool_metrics,
    },
    expected={
        'jauge_node_up{node="cs1"}': 1, 'jauge_node_up{node="cs2"}': 0,
        'jauge_sessions{kind="virtual desktops"}': 50,
        'jauge_licenses_used{license="concurrent connections"}': 48, 'jauge_licenses_used{license="named users"}': 310,
        'jauge_desktop_pool_enabled{pool="wards"}': 1, 'jauge_desktop_pool_enabled{pool="lab"}': 0,
        'jauge_desktop_machines{pool="wards"}': 100, 'jauge_desktop_machines_used{pool="wards"}': 60, 'jauge_desktop_sessions{pool="wards"}': 50,
        'jauge_desktop_machines{pool="lab"}': 20, 'jauge_desktop_machines_used{pool="lab"}': 0, 'jauge_desktop_sessions{pool="lab"}': 0,
    },
    product="VMware Horizon", version="8.10.0", ends="POST /rest/logout",
)  # fmt: skip

# PowerProtect DD REST API Programming Guide: POST /rest/v1.0/auth gives X-DD-AUTH-TOKEN; /rest/v1.0/system in bytes.
CASES["dell-datadomain"] = Case(
    allow=interfaces.header("X-DD-AUTH-TOKEN", TOKEN),
    answers={
        "POST /rest/v1.0/auth": opens({}, 201, body={"auth_info": {"username": "mon", "password": "s3cret"}}, gives={"X-DD-AUTH-TOKEN": TOKEN}),
        "DELETE /rest/v1.0/auth": {},
        "GET /rest/v1.0/system": {"name": "dd", "version": "7.7.1.10", "physical_capacity": {"total": 9_000, "used": 4_000, "available": 5_000}, "compression_factor": 12.5},
    },
    expected=stores("/data: post-comp", size_bytes=9_000, used_bytes=4_000, available_bytes=5_000, reduction_factor=12.5),
    product="Dell PowerProtect DD", version="7.7.1.10", ends="DELETE /rest/v1.0/auth",
)  # fmt: skip

# https://www.truenas.com/docs/api/scale_rest_api.html: pool (size and allocated with parity), pool/dataset (parsed: bytes).
CASES["truenas"] = Case(
    login={"token": "1-key"},
    allow=interfaces.header("Authorization", "Bearer 1-key"),
    answers={
        "GET /api/v2.0/system/info": {"version": "TrueNAS-SCALE-22.12.3", "hostname": "nas"},
        "GET /api/v2.0/pool": [
            {"name": "tank", "status": "DEGRADED", "healthy": False, "size": 12_000, "allocated": 3_000, "free": 9_000,
             "scan": {"function": "RESILVER", "state": "SCANNING"}},
            {"name": "ssd", "status": "ONLINE", "healthy": True, "size": 500, "allocated": 50, "scan": {"function": "SCRUB", "state": "FINISHED"}},
        ],
        "GET /api/v2.0/pool/dataset": [
            {"id": "tank", "pool": "tank", "used": {"parsed": 2_000}, "available": {"parsed": 6_000}},
            {"id": "tank/pacs", "pool": "tank", "used": {"parsed": 1_900}, "available": {"parsed": 6_000}},
            {"id": "ssd", "pool": "ssd", "used": {"parsed": 50}, "available": {"parsed": 430}},
        ],
    },
    expected={
        **stores("tank", raw_bytes=12_000, raw_used_bytes=3_000, healthy=0, rebuilding=1, size_bytes=8_000, used_bytes=2_000, available_bytes=6_000),
        **stores("ssd", raw_bytes=500, raw_used_bytes=50, healthy=1, size_bytes=480, used_bytes=50, available_bytes=430),
    },
    product="TrueNAS", version="22.12.3",
)  # fmt: skip


async def synology(request: web.Request) -> web.Response:
    """The one address of DSM: what is asked stands in the query, or in a form."""
    asked = dict(await request.post()) | dict(request.query)
    if asked["api"] == "SYNO.API.Auth" and asked["method"] == "login":
        right = asked["account"] == "mon" and asked["passwd"] == "s3cret" and asked["format"] == "cookie"
        answer = web.json_response(
            {"success": right} | ({"data": {"sid": "c"}} if right else {"error": {"code": 400}})
        )
        answer.set_cookie("id", "c")
        return answer
    if request.cookies.get("id") != "c":
        return web.json_response({"success": False, "error": {"code": 119}})
    data: dict[str, Any] = {}
    if asked["api"] == "SYNO.Core.System":
        data = {"model": "DS923+", "firmware_ver": "DSM 7.2.2-72806"}
    elif asked["api"] == "SYNO.Storage.CGI.Storage":
        data = {
            "volumes": [{"id": "volume_1", "status": "degrade", "size": {"total": "7900", "used": "6900"}}],
            "disks": [{"id": "sata1", "status": "normal", "temp": 38, "size_total": "8001"}],
        }
    return web.json_response({"success": True, "data": data})


# DSM Login Web API Guide (Synology): SYNO.API.Auth by a form, the session is the cookie `id`; a refusal is answered with
# status 200 and success: false. DSM 6 tells of SYNO.API.Auth that its path is auth.cgi.
CASES["synology-dsm"] = Case(
    answers={"POST /webapi/auth.cgi": synology, "GET /webapi/auth.cgi": synology, "GET /webapi/entry.cgi": synology},
    expected={
        **stores("volume_1", "filesystem", size_bytes=7_900, used_bytes=6_900, healthy=0),
        'jauge_disk_healthy{disk="sata1"}': 1, 'jauge_disk_size_bytes{disk="sata1"}': 8_001, 'jauge_disk_celsius{disk="sata1"}': 38,
    },
    product="DS923+", version="7.2.2-72806", ends="GET /webapi/auth.cgi?api=SYNO.API.Auth&version=6&method=logout&session=jauge",
)  # fmt: skip

# https://github.com/prometheus/node_exporter, its own end-to-end output: names, labels and units of the series.
CASES["node-exporter"] = Case(
    login=None,
    answers={
        "GET /metrics": """\
# HELP node_filesystem_size_bytes Filesystem size in bytes.
# TYPE node_filesystem_size_bytes gauge
node_filesystem_size_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 1e+06
node_filesystem_size_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/var/bind"} 1e+06
node_filesystem_size_bytes{device="tmpfs",fstype="tmpfs",mountpoint="/run"} 5000
node_filesystem_free_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 400000
node_filesystem_free_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/var/bind"} 400000
node_filesystem_avail_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 350000
node_memory_MemTotal_bytes 8000
node_memory_MemAvailable_bytes 3000
node_memory_SwapTotal_bytes 0
node_memory_SwapFree_bytes 0
node_load1 0.5
node_time_seconds 1.7000001e+09
node_boot_time_seconds 1.7e+09
node_cpu_seconds_total{cpu="0",mode="idle"} 10
node_cpu_seconds_total{cpu="0",mode="user"} 10
node_cpu_seconds_total{cpu="1",mode="idle"} NaN
node_cpu_seconds_total{cpu="1",mode="idle2"} 10
node_network_up{device="eth0"} 1
node_network_receive_bytes_total{device="eth0"} 700
node_network_receive_bytes_total{device="lo"} 9
node_os_info{id="debian",pretty_name="Debian GNU/Linux 12 (bookworm)",version_id="12"} 1
"""
    },
    expected={
        **stores("/", "filesystem", size_bytes=1_000_000, used_bytes=600_000, available_bytes=350_000),
        "jauge_memory_size_bytes{}": 8_000, "jauge_memory_used_bytes{}": 5_000,
        "jauge_swap_size_bytes{}": 0, "jauge_swap_used_bytes{}": 0,
        "jauge_load1{}": 0.5, "jauge_uptime_seconds{}": 100, "jauge_cpus{}": 1,
        'jauge_interface_receive_bytes_total{interface="eth0"}': 700, 'jauge_interface_up{interface="eth0"}': 1,
    },
    product="Debian GNU/Linux 12 (bookworm)", version="12",
)  # fmt: skip

# https://github.com/prometheus-community/windows_exporter, docs/collector.logical_disk.md and collector.os.md.
CASES["windows-exporter"] = Case(
    login=None,
    answers={
        "GET /metrics": """\
windows_logical_disk_size_bytes{volume="C:"} 9000
windows_logical_disk_free_bytes{volume="C:"} 2000
windows_logical_disk_size_bytes{volume="HarddiskVolume1"} 500
windows_logical_disk_free_bytes{volume="HarddiskVolume1"} 50
windows_os_info{build_number="20348",product="Microsoft Windows Server 2022 Standard",version="10.0.20348"} 1
"""
    },
    expected=stores("C:", "filesystem", size_bytes=9_000, used_bytes=7_000),
    product="Microsoft Windows Server 2022 Standard", version="10.0.20348",
)  # fmt: skip

# https://docs.ceph.com/en/latest/mgr/prometheus: ceph_pool_metadata names a pool, other series have its pool_id only.
CASES["ceph-exporter"] = Case(
    login=None,
    answers={
        "GET /metrics": """\
ceph_mon_metadata{ceph_daemon="mon.a",hostname="a",ceph_version="ceph version 17.2.6 (d7ff0d1) quincy (stable)"} 1.0
ceph_pool_metadata{pool_id="2",name="vms",type="replicated"} 1.0
ceph_pool_stored{pool_id="2"} 3000.0
ceph_pool_max_avail{pool_id="2"} 5000.0
ceph_cluster_total_bytes 90000.0
ceph_cluster_total_used_raw_bytes 12000.0
"""
    },
    expected={
        **stores("vms", size_bytes=8_000, used_bytes=3_000, available_bytes=5_000),
        **stores("cluster", raw_bytes=90_000, raw_used_bytes=12_000),
    },
    product="Ceph", version="17.2.6",
)  # fmt: skip


@pytest.mark.parametrize("family", CASES)
async def test_a_system_is_read_as_its_maker_documents_it(family: str) -> None:
    case = CASES[family]
    async with interfaces.serving(case.answers, case.allow) as server:
        tables, facts = await interfaces.poll(server.url + case.base, family, case.login)
    assert interfaces.told(tables) == pytest.approx(dict(case.expected))
    versioned = {"version": case.version} if case.version else {}
    assert facts == {"family": family, "product": case.product} | versioned
    assert server.asked[-1] == case.ends or not case.ends


@pytest.mark.parametrize("family", [name for name, case in CASES.items() if case.login])
async def test_a_system_that_refuses_the_login_is_asked_for_it_once(family: str) -> None:
    case = CASES[family]
    wrong = (
        {"token": "wrong"}
        if "token" in (case.login or {})
        else USER | (case.login or {}) | {"password": "wrong"}
    )
    async with interfaces.serving(case.answers, case.allow) as server:
        tables, facts = await interfaces.poll(server.url + case.base, family, wrong)
    assert {table.reason for table in tables.values()} == {"auth_failed"}
    assert len(server.asked) == 1
    assert facts == {"family": family}


async def test_a_user_without_a_domain_is_not_shown_where_one_is_wanted() -> None:
    case = CASES["horizon"]
    for user in ("mon", "HOSPITAL\\", "\\mon"):
        async with interfaces.serving(case.answers, case.allow) as server:
            tables, _ = await interfaces.poll(server.url, "horizon", {"user": user, "password": "s3cret"})
        assert {table.reason for table in tables.values()} == {"auth_failed"}
        assert "DOMAIN\\NAME" in tables["pools"].detail
        assert server.asked == []


def test_every_family_has_a_case() -> None:
    assert CASES.keys() == http.INTERFACES.keys()


async def test_a_newer_controller_tells_its_power_supplies_and_fans_once() -> None:
    """DSP0268: PowerSubsystem and ThermalSubsystem stand beside the older resources, which tell the same parts."""
    case, chassis = CASES["redfish"], "/redfish/v1/Chassis/1"
    older = case.answers[f"GET {chassis}"]
    newer = {
        f"GET {chassis}": older
        | {part: {"@odata.id": f"{chassis}/{part}"} for part in ("PowerSubsystem", "ThermalSubsystem")},
        f"GET {chassis}/PowerSubsystem": {
            "PowerSupplies": {"@odata.id": f"{chassis}/PowerSubsystem/PowerSupplies"}
        },
        f"GET {chassis}/PowerSubsystem/PowerSupplies": members("/Chassis/1/PowerSubsystem/PowerSupplies/0"),
        f"GET {chassis}/PowerSubsystem/PowerSupplies/0": {
            "@odata.id": f"{chassis}/PowerSubsystem/PowerSupplies/0",
            "Status": {"Health": "Warning", "State": "Enabled"},
        },
        f"GET {chassis}/ThermalSubsystem": {"Fans": {"@odata.id": f"{chassis}/ThermalSubsystem/Fans"}},
        f"GET {chassis}/ThermalSubsystem/Fans": members("/Chassis/1/ThermalSubsystem/Fans/0"),
        f"GET {chassis}/ThermalSubsystem/Fans/0": {"Name": "Fan Bay 1", "Status": {"Health": "OK"}},
    }
    async with interfaces.serving({**case.answers, **newer}, case.allow) as server:
        tables, _ = await interfaces.poll(server.url, "redfish", case.login)
    told = interfaces.told(tables)
    assert {name: value for name, value in told.items() if "supply" in name or "fan" in name} == {
        'jauge_power_supply_healthy{supply="1/PowerSubsystem/PowerSupplies/0"}': 0,
        'jauge_fan_healthy{fan="Fan Bay 1"}': 1,
    }


async def test_a_message_engine_with_one_channel_writes_no_list() -> None:
    case = CASES["mirth-connect"]
    alone = {**case.answers, "GET /api/channels/statuses": {"list": {"dashboardStatus": ADT}}}
    async with interfaces.serving(alone, case.allow) as server:
        tables, _ = await interfaces.poll(server.url, "mirth-connect", case.login)
    assert interfaces.told(tables) == ADT_TOLD


async def test_a_message_engine_without_channels_is_up() -> None:
    case = CASES["mirth-connect"]
    async with interfaces.serving(
        {**case.answers, "GET /api/channels/statuses": {"list": None}}, case.allow
    ) as server:
        tables, facts = await interfaces.poll(server.url, "mirth-connect", case.login)
    assert interfaces.told(tables) == {}
    assert facts["version"] == "4.4.1"


async def test_an_error_under_a_status_of_success_is_no_empty_array() -> None:
    """OceanStor and PowerVault answer 200 whatever happened (their references, "Error codes")."""
    for family, path in (
        ("huawei-oceanstor", f"GET {OCEANSTOR}/storagepool"),
        ("dell-me", "GET /api/show/pools"),
    ):
        case = CASES[family]
        said = {"error": {"code": -401, "description": "no"}, "status": [{"response-type": "Error"}]}
        async with interfaces.serving({**case.answers, path: said}, case.allow) as server:
            tables, _ = await interfaces.poll(server.url + case.base, family, case.login)
        assert tables["pools"].reason == "unparsed"
        assert tables["disks"].up


@pytest.mark.proves("HTTP", "nutanix-prism", "http/nutanix-prism-storage-pool.json")
async def test_the_pool_of_a_real_cluster_is_read_as_its_prism_showed_it(corpus: Path) -> None:
    """Recorded over version 1 of the interface, which writes usageStats where version 2 writes usage_stats."""
    recorded = json.loads((corpus / "recordings/ssh/http/nutanix-prism-storage-pool.json").read_text())
    entities = [pool | {"usage_stats": pool["usageStats"]} for pool in recorded.values()]
    answers = {**CASES["nutanix-prism"].answers, f"{PRISM}/storage_pools": {"entities": entities}}
    async with interfaces.serving(answers) as server:
        tables, _ = await interfaces.poll(server.url, "nutanix-prism", USER)
    told = {sample.metric: sample.value for sample in tables["storage-pools"]}
    assert told["jauge_storage_size_bytes"] / 2**40 == pytest.approx(
        37.9, abs=0.05
    )  # as another monitor reported it
    assert told["jauge_storage_used_bytes"] / 2**40 == pytest.approx(8.51, abs=0.005)
