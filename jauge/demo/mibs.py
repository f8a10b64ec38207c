"""What a simulated agent answers over SNMP: a sorted table of objects at an instant.

Columns and types are those that recordings of such devices show. OIDs are tuples of numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from pysnmp.proto import rfc1902

from jauge.demo.curves import DAY, value
from jauge.demo.hospital import GB, Machine, Store

Oid = tuple[int, ...]
Row = tuple[Oid, Any]
"""An object and its value, a type of `pysnmp.proto.rfc1902`."""

_SYSTEM: Final = (1, 3, 6, 1, 2, 1, 1)
_IF: Final = (1, 3, 6, 1, 2, 1, 2, 2, 1)  # ifEntry
_IFX: Final = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)  # ifXEntry
_HOST: Final = (1, 3, 6, 1, 2, 1, 25)  # host (RFC 2790)
_STORAGE: Final = (*_HOST, 2, 3, 1)  # hrStorageEntry
_UCD: Final = (1, 3, 6, 1, 4, 1, 2021)  # ucdavis
_UPS: Final = (1, 3, 6, 1, 2, 1, 33, 1)  # upsObjects (RFC 1628)
_NETAPP: Final = (1, 3, 6, 1, 4, 1, 789)
_CHECKPOINT: Final = (1, 3, 6, 1, 4, 1, 2620)
_NUTANIX: Final = (1, 3, 6, 1, 4, 1, 41263)

_RAM, _VIRTUAL, _DISK, _OTHER = 2, 3, 4, 1  # hrStorageTypes

_STARTED: Final = 37.3
"""Days before birth at which every simulated device started."""

_IDENTITY: Final[dict[str, tuple[str, Oid]]] = {
    "linux": ("Linux {name} 6.1.0-26-amd64 #1 SMP Debian 6.1.112-1 x86_64", (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)),
    "windows": (
        "Hardware: Intel64 Family 6 Model 106 - Software: Windows Version 10.0 (Build 20348 Multiprocessor Free)",
        (1, 3, 6, 1, 4, 1, 311, 1, 1, 3, 1, 2),
    ),
    "netapp": ("NetApp Release 9.13.1P8: Thu Feb 08 09:12:41 UTC 2024", (*_NETAPP, 2, 5)),
    "ups": ("Eaton 9PX 11000i RT", (1, 3, 6, 1, 4, 1, 705, 1)),
    "firewall": ("Linux {name} 3.10.0-1160.15.2cpx86_64 #1 SMP x86_64", (*_CHECKPOINT, 1, 6, 123, 1, 62)),
    "switch": ("Cisco NX-OS(tm) n9000, Version 10.2(5), RELEASE SOFTWARE", (1, 3, 6, 1, 4, 1, 9, 12, 3, 1, 3, 1812)),
}  # fmt: skip


def table(machine: Machine, now: float, birth: float) -> list[Row]:
    """Everything that a machine answers at `now` (UTC epoch seconds), sorted by OID."""
    rows = [*_system(machine, now, birth), *_SPEECHES[machine.speech](machine, now, birth)]
    return sorted(rows, key=lambda row: row[0])


def _text(words: str) -> Any:
    return rfc1902.OctetString(words.encode("utf-8"))


def _ticks(now: float, birth: float) -> int:
    return int((now - birth + _STARTED * DAY) * 100) % 2**32


def _system(machine: Machine, now: float, birth: float) -> Iterator[Row]:
    if machine.speech not in _IDENTITY:  # Nutanix: its agent answers no system group
        return
    description, kind = _IDENTITY[machine.speech]
    yield (*_SYSTEM, 1, 0), _text(description.format(name=machine.name))  # sysDescr
    yield (*_SYSTEM, 2, 0), rfc1902.ObjectIdentifier(kind)  # sysObjectID
    yield (*_SYSTEM, 3, 0), rfc1902.TimeTicks(_ticks(now, birth))  # sysUpTime
    yield (*_SYSTEM, 4, 0), _text("Direction du numérique")  # sysContact
    yield (*_SYSTEM, 5, 0), _text(f"{machine.name}.demo.invalid")  # sysName
    yield (*_SYSTEM, 6, 0), _text(str(machine.declared.get("site", "")))  # sysLocation


def _storage(index: int, kind: int, name: str, size: float, used: float) -> Iterator[Row]:
    """One row of hrStorageTable, in units that keep the sizes below 2^31, as agents choose them."""
    unit = 4096
    while size / unit >= 2**31:
        unit *= 2
    yield (*_STORAGE, 1, index), rfc1902.Integer32(index)  # hrStorageIndex
    yield (*_STORAGE, 2, index), rfc1902.ObjectIdentifier((*_HOST, 2, 1, kind))  # hrStorageType
    yield (*_STORAGE, 3, index), _text(name)  # hrStorageDescr
    yield (*_STORAGE, 4, index), rfc1902.Integer32(unit)  # hrStorageAllocationUnits
    yield (*_STORAGE, 5, index), rfc1902.Integer32(int(size / unit))  # hrStorageSize
    yield (*_STORAGE, 6, index), rfc1902.Integer32(int(used / unit))  # hrStorageUsed
    yield (*_STORAGE, 7, index), rfc1902.Counter32(0)  # hrStorageAllocationFailures


def _disks(machine: Machine, now: float, birth: float, first: int) -> Iterator[Row]:
    for index, store in enumerate(machine.stores, first):
        yield from _storage(index, _DISK, store.name, *_filled(store, now, birth))


def _filled(store: Store, now: float, birth: float) -> tuple[float, float]:
    """Size and used bytes. A store is never fuller than full."""
    size = value(store.size, now, birth)
    return size, min(value(store.used, now, birth), size)


def _processors(machine: Machine, now: float, birth: float) -> Iterator[Row]:
    load = _busy(machine, now, birth)
    yield (*_HOST, 1, 1, 0), rfc1902.TimeTicks(_ticks(now, birth))  # hrSystemUptime
    for index in range(machine.processors):
        # Alternately above and below, so that their mean is the machine's.
        spread = 4 if index % 2 else -4
        shown = round(100 * load) + (spread if 5 < 100 * load < 95 else 0)
        yield (*_HOST, 3, 3, 1, 1, 196608 + index), rfc1902.ObjectIdentifier((0, 0))  # hrProcessorFrwID
        yield (*_HOST, 3, 3, 1, 2, 196608 + index), rfc1902.Integer32(shown)  # hrProcessorLoad


def _busy(machine: Machine, now: float, birth: float) -> float:
    return min(value(machine.work, now, birth), 0.99) if machine.work else 0.0


def _linux(machine: Machine, now: float, birth: float) -> Iterator[Row]:
    used = value(machine.filling, now, birth)
    cached, buffers = 0.2 * machine.memory, 0.01 * machine.memory
    free = max(machine.memory - used - cached - buffers, 0.0)
    yield (*_HOST, 2, 2, 0), rfc1902.Integer32(int(machine.memory / 1024))  # hrMemorySize
    yield from _storage(1, _RAM, "Physical memory", machine.memory, machine.memory - free)
    yield from _storage(6, _OTHER, "Memory buffers", machine.memory, buffers)
    yield from _storage(7, _OTHER, "Cached memory", cached, cached)
    yield from _storage(10, _VIRTUAL, "Swap space", 8 * GB, 0.2 * GB)
    yield from _disks(machine, now, birth, 31)
    yield from _processors(machine, now, birth)
    kilobytes = {3: 8 * GB, 4: 7.8 * GB, 5: machine.memory, 6: free, 14: buffers, 15: cached}
    for column, amount in kilobytes.items():  # memTotalSwap, memAvailSwap, memTotalReal, memAvailReal ...
        yield (*_UCD, 4, column, 0), rfc1902.Integer32(int(amount / 1024))
    load = _busy(machine, now, birth) * machine.processors
    for index in (1, 2, 3):
        yield (*_UCD, 10, 1, 3, index), _text(f"{load:.2f}")  # laLoad
        yield (*_UCD, 10, 1, 5, index), rfc1902.Integer32(int(100 * load))  # laLoadInt
    yield from _interfaces(now, birth, ("lo", "eno1"))


def _windows(machine: Machine, now: float, birth: float) -> Iterator[Row]:
    used = value(machine.filling, now, birth)
    yield (*_HOST, 2, 2, 0), rfc1902.Integer32(int(machine.memory / 1024))  # hrMemorySize
    yield from _disks(machine, now, birth, 1)
    beyond = len(machine.stores) + 1
    yield from _storage(beyond, _VIRTUAL, "Virtual Memory", 1.15 * machine.memory, 0.9 * used)
    yield from _storage(beyond + 1, _RAM, "Physical Memory", machine.memory, used)
    yield from _processors(machine, now, birth)
    yield from _interfaces(now, birth, ("Ethernet 1", "Ethernet 2"))


def _interfaces(now: float, birth: float, names: tuple[str, ...]) -> Iterator[Row]:
    seconds = now - birth + _STARTED * DAY
    for index, name in enumerate(names, 1):
        up = index == 1 or (index * 7 + len(names)) % 5 != 0
        # A counter may only rise: the mean rate of the whole time.
        received = int(seconds * 2.5e6 * index) if up else 0
        speed = 25_000 if len(names) > 8 else 10_000
        yield (*_IF, 1, index), rfc1902.Integer32(index)  # ifIndex
        yield (*_IF, 2, index), _text(name)  # ifDescr
        yield (*_IF, 8, index), rfc1902.Integer32(1 if up else 2)  # ifOperStatus
        yield (*_IFX, 1, index), _text(name)  # ifName
        yield (*_IFX, 6, index), rfc1902.Counter64(received)  # ifHCInOctets
        yield (*_IFX, 10, index), rfc1902.Counter64(int(received * (0.4 + 0.05 * index)))  # ifHCOutOctets
        yield (*_IFX, 15, index), rfc1902.Gauge32(speed)  # ifHighSpeed


def _switch(_machine: Machine, now: float, birth: float) -> Iterator[Row]:
    yield from _interfaces(now, birth, tuple(f"Ethernet1/{port}" for port in range(1, 13)))


def _netapp(machine: Machine, now: float, birth: float) -> Iterator[Row]:
    table = (*_NETAPP, 1, 5, 4, 1)  # dfEntry
    for place, store in enumerate(machine.stores):
        size, used = _filled(store, now, birth)
        kind = 3 if store.kind == "pool" else 2  # dfType: aggregate, flexibleVolume
        snapshot = f"{store.name.rstrip('/')}/.snapshot"
        for index, name, total, taken in (
            (2 * place + 1, store.name, size, used),
            (2 * place + 2, snapshot, 0.0, 0.01 * used),
        ):
            yield (*table, 1, index), rfc1902.Integer32(index)  # dfIndex
            yield (*table, 2, index), _text(name)  # dfFileSys
            yield (*table, 6, index), rfc1902.Integer32(int(100 * taken / total) if total else 0)
            yield (*table, 23, index), rfc1902.Integer32(kind)  # dfType
            yield (*table, 29, index), rfc1902.Counter64(int(total / 1024))  # df64TotalKBytes
            yield (*table, 30, index), rfc1902.Counter64(int(taken / 1024))  # df64UsedKBytes
            yield (*table, 31, index), rfc1902.Counter64(int(max(total - taken, 0) / 1024))  # df64AvailKBytes
    yield (
        (*_NETAPP, 1, 2, 1, 3, 0),
        rfc1902.Integer32(round(100 * _busy(machine, now, birth))),
    )  # cpuBusyTimePerCent
    yield from _interfaces(now, birth, ("e0a", "e0b", "a0a"))


def _nutanix(machine: Machine, now: float, birth: float) -> Iterator[Row]:
    for index, store in enumerate(machine.stores, 1):
        table = (*_NUTANIX, 7, 1) if store.kind == "pool" else (*_NUTANIX, 8, 1)
        size, used = _filled(store, now, birth)
        yield (*table, 1, index), rfc1902.Integer32(index)
        yield (*table, 3, index), _text(store.name)  # spitPoolName, citContainerName
        yield (*table, 4, index), rfc1902.Counter64(int(size))  # spitTotalCapacity, citTotalCapacity
        yield (*table, 5, index), rfc1902.Counter64(int(used))  # spitUsedCapacity, citUsedCapacity
    yield from _nutanix_disks(machine, now, birth)
    yield from _nutanix_nodes(machine, now, birth)


def _nutanix_disks(machine: Machine, now: float, birth: float) -> Iterator[Row]:
    table = (*_NUTANIX, 3, 1)  # diskStatusTable
    count = 6 * len(machine.nodes)
    size, used = _filled(machine.stores[0], now, birth)
    for index in range(1, count + 1):
        yield (*table, 1, index), rfc1902.Integer32(index)  # dstIndex
        yield (*table, 2, index), _text(f"{index:03d}")  # dstDiskId
        yield (*table, 4, index), _text(f"S6CJNE0T{7113 + index * 37:05d}")  # dstSerialNum
        yield (*table, 5, index), rfc1902.Counter64(int(size * 1.1 / count))  # dstNumRawBytes
        yield (*table, 6, index), rfc1902.Counter64(int(size / count))  # dstNumTotalBytes
        yield (*table, 7, index), rfc1902.Counter64(int((size - used) / count))  # dstNumFreeBytes
        yield (*table, 13, index), rfc1902.Integer32(2 if index == 17 else 1)  # dstState: one disk is failing


def _nutanix_nodes(machine: Machine, now: float, birth: float) -> Iterator[Row]:
    table = (*_NUTANIX, 9, 1)  # hypervisorInformationTable
    load, used = _busy(machine, now, birth), value(machine.filling, now, birth) / machine.memory
    for index, name in enumerate(machine.nodes, 1):
        yield (*table, 1, index), rfc1902.Integer32(index)
        yield (*table, 3, index), _text(name)  # hypervisorName
        yield (*table, 4, index), rfc1902.Gauge32(31 + 3 * index)  # hypervisorVmCount
        yield (*table, 5, index), rfc1902.Gauge32(machine.processors)  # hypervisorCpuCount
        yield (
            (*table, 6, index),
            rfc1902.Gauge32(min(round(100 * load) + index, 99)),
        )  # hypervisorCpuUsagePercent
        yield (*table, 7, index), rfc1902.Counter64(int(machine.memory))  # hypervisorMemory
        yield (*table, 8, index), rfc1902.Gauge32(round(100 * used))  # hypervisorMemoryUsagePercent


def _ups(machine: Machine, now: float, birth: float) -> Iterator[Row]:
    load = _busy(machine, now, birth)
    scalars = {1: 2, 2: 0, 3: round(14 / max(load, 0.1)), 4: 100, 5: 2_720, 7: 24}
    for (
        column,
        shown,
    ) in scalars.items():  # upsBatteryStatus is normal, upsSecondsOnBattery 0, minutes, charge ...
        yield (*_UPS, 2, column, 0), rfc1902.Integer32(shown)
    yield (*_UPS, 4, 3, 0), rfc1902.Integer32(3)  # upsOutputNumLines
    for line in (1, 2, 3):
        yield (*_UPS, 4, 4, 1, 2, line), rfc1902.Integer32(230)  # upsOutputVoltage
        yield (
            (*_UPS, 4, 4, 1, 5, line),
            rfc1902.Integer32(round(100 * load) + line - 2),
        )  # upsOutputPercentLoad


def _firewall(machine: Machine, now: float, birth: float) -> Iterator[Row]:
    """A Check Point gateway: CHECKPOINT-MIB."""
    product = (*_CHECKPOINT, 1, 6)
    yield (*product, 4, 1, 0), _text("R81.20")  # svnVersion
    yield (*product, 7, 4, 3, 0), _text(str(int(machine.memory)))  # memTotalReal64
    yield (*product, 7, 4, 4, 0), _text(str(int(value(machine.filling, now, birth))))  # memActiveReal64
    for index in range(1, machine.processors + 1):
        yield (*product, 7, 5, 1, 1, index), rfc1902.Integer32(index)  # multiProcIndex
        yield (
            (*product, 7, 5, 1, 5, index),
            rfc1902.Integer32(round(100 * _busy(machine, now, birth))),
        )  # multiProcUsage
    if machine.sessions is not None:
        limit = value(machine.sessions_limit, now, birth)
        taken = min(value(machine.sessions, now, birth), limit)
        yield (*_CHECKPOINT, 1, 1, 25, 3, 0), rfc1902.Unsigned32(int(taken))  # fwNumConn
        yield (*_CHECKPOINT, 1, 1, 25, 10, 0), rfc1902.Unsigned32(int(limit))  # fwConnTableLimit
    yield (*_CHECKPOINT, 1, 5, 6, 0), _text("active")  # haState
    table = (*product, 18, 1, 1)  # licensingEntry
    for index, licence in enumerate(machine.licences, 1):
        owned = value(licence.owned, now, birth)
        used = min(value(licence.used, now, birth), owned) if licence.used else 0
        yield (*table, 1, index), rfc1902.Integer32(index)  # licensingIndex
        yield (*table, 4, index), _text(licence.name)  # licensingBladeName
        yield (
            (*table, 6, index),
            rfc1902.Unsigned32(int(value(licence.ends, now, birth))),
        )  # licensingExpirationDate
        yield (*table, 9, index), rfc1902.Unsigned32(int(owned))  # licensingTotalQuota
        yield (*table, 10, index), rfc1902.Unsigned32(int(used))  # licensingUsedQuota
    yield from _interfaces(now, birth, ("Mgmt", "eth1", "eth2"))


_SPEECHES: Final[dict[str, Callable[[Machine, float, float], Iterator[Row]]]] = {
    "linux": _linux,
    "windows": _windows,
    "netapp": _netapp,
    "nutanix": _nutanix,
    "ups": _ups,
    "switch": _switch,
    "firewall": _firewall,
}
