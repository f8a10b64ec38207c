"""What the recorded devices run, dated: by the days that their makers published, which are written here once more."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import recorded

from inventory import lifecycle
from inventory.lifecycle import support

pytestmark = pytest.mark.xdist_group("snmpsim")

DAY = dt.date(2026, 11, 26)

ENDED = {
    "aix": "2017-04-30",
    "dsm": "2019-06-30",
    "dsm_ds214se-dsm6": "2024-09-30",
    "fortigate_60f": "2026-09-30",
    "iosxe_isr4321": "2024-07-30",
    "linux_supermicro": "2020-07-18",
    "panos": "2022-03-01",
    "vmware-esxi": "2025-10-02",
    "windows_7600s-detect": "2013-04-09",
    "windows_9600d-detect": "2023-10-10",
    "windows_svr_2019_1809": "2029-01-09",
}


@pytest.mark.parametrize(("device", "ends"), ENDED.items())
async def test_a_recorded_system_has_the_date_of_its_maker(
    device: str, ends: str, snmpsim: int, agents: Any
) -> None:
    found = await recorded.poll(snmpsim, device, agents)
    standing = support.of(lifecycle.read_target(found.product, found.version, found.family), DAY)
    assert str(standing.ends) == ends
    assert standing.state == ("supported" if standing.ends and standing.ends > DAY else "ended")


@pytest.mark.parametrize(
    ("device", "state", "reason"),
    [
        ("linux_asterisk-v1", "ended", "several products"),  # a kernel of Enterprise Linux 7
        ("linux_powermon", "unknown", "several products"),  # of 8: CentOS has ended, Red Hat has not
        ("windows-server-2003", "ended", "version not known"),  # its service pack is not told
        ("truenas-scale_24.04.2.2", "ended", ""),  # since a day that its maker does not tell
        ("pfsense", "ended", ""),  # 2.3.2, as well
        ("linux", "unknown", "not in the catalogue"),  # a kernel and no distribution
        ("proxmox-detect", "unknown", "version not known"),  # SNMP tells the kernel only
        ("netapp-fas3270", "unknown", "version not in the catalogue"),  # Data ONTAP 8.2
        ("dell-compellent", "unknown", "not in the catalogue"),  # FreeBSD inside, the version is the array's
    ],
)
async def test_a_recorded_system_of_which_too_little_is_told_is_not_guessed(
    device: str, state: str, reason: str, snmpsim: int, agents: Any
) -> None:
    found = await recorded.poll(snmpsim, device, agents)
    standing = support.of(lifecycle.read_target(found.product, found.version, found.family), DAY)
    assert (standing.state, standing.reason, standing.ends) == (state, reason, None)
