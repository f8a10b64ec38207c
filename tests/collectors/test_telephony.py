"""Telephony is read as others read it; what no recording holds, as its MIBs say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import recorded
from recorded import Same
from tables import column, recognised, told

pytestmark = pytest.mark.xdist_group("snmpsim")

SAME = [
    Same("omnipcx", "jauge_telephony_devices_registered", {"kind": "phone"}, "637.64.4400.1.7.0"),
    Same("omnipcx", "jauge_telephony_devices_unregistered", {"kind": "phone"}, "637.64.4400.1.8.0"),
    Same("audiocodes_virtualsbc", "jauge_calls_active", {}, "5003.15.3.1.1.2.2.1.3.0"),
]

MACHINES = {
    "audiocodes_virtualsbc": ("audiocodes", "Mediant VE SBC"),
    "avaya-ipo-detect": ("avaya-ipoffice", "Avaya IP Office"),
    "omnipcx": ("omnipcx", "Alcatel-Lucent OmniPCX Enterprise"),
    "ucos_cer": ("cisco-ucos", "Cisco Emergency Responder"),
    "ucos_cucm": ("cisco-ucos", "Cisco Unified Communications Manager"),
}


@pytest.mark.parametrize("same", SAME, ids=lambda same: f"{same.device} {same.metric}")
async def test_a_figure_is_what_others_read_of_its_object(
    same: Same, snmpsim: int, corpus: Path, agents: Any
) -> None:
    ours, theirs = await recorded.both(snmpsim, same, corpus, agents)
    assert ours == pytest.approx(theirs)


@pytest.mark.parametrize("device", MACHINES)
async def test_a_machine_is_recognised_with_its_product_and_version(
    device: str, snmpsim: int, corpus: Path, agents: Any
) -> None:
    found = await recorded.poll(snmpsim, device, agents)
    facts = recorded.expected(corpus, device)
    assert (found.family, found.product) == MACHINES[device]
    assert found.version in (facts.get("os", {}).get("version") or facts["sysDescr"])
    assert bool(found.version) == (device != "omnipcx"), "no object of it tells a version"


async def test_what_an_exchange_says_of_itself_is_spread_over_its_states(
    snmpsim: int, corpus: Path, agents: Any
) -> None:
    """A4400-CPU-MIB: pbxState 5 is normal; A4400-RTM-MIB: pbxRole 2 is STAND-BY."""
    found = await recorded.poll(snmpsim, "omnipcx", agents)
    told_so = recorded.others(corpus, "omnipcx")
    assert (told_so["637.64.4400.1.2"], told_so["637.64.4400.1.4.0"]) == (5, 2)
    assert recorded.value(found, "jauge_alarm_severity", severity="none") == 1
    assert recorded.value(found, "jauge_alarm_severity", severity="critical") == 0
    assert recorded.value(found, "jauge_redundancy_state", state="stand-by") == 1
    assert recorded.value(found, "jauge_redundancy_state", state="main") == 0


async def test_a_size_that_cannot_be_one_is_not_told(snmpsim: int, agents: Any) -> None:
    """The controller's hrStorageTable says that its memory has 4096 bytes, and its flash none."""
    found = await recorded.poll(snmpsim, "audiocodes_virtualsbc", agents)
    assert not [sample for sample in found if sample.metric.endswith("_bytes")]


# --- what no recording holds --------------------------------------------------------------------------------


def test_channels_of_a_trunk_group_in_service_are_the_busy_and_the_free() -> None:
    entry = "1.3.6.1.4.1.637.64.4400.1.9.1"
    found = told(
        "omnipcx",
        "omnipcx-trunks",
        column(f"{entry}.2", b"T2 city", b"T2 city")
        | column(f"{entry}.7", 20, 30)
        | column(f"{entry}.8", 10, 0)
        | column(f"{entry}.9", 0, 30)
        | column(f"{entry}.10", 1, 0),
    )
    first, second = ((("access", access), ("trunk", "T2 city")) for access in ("1", "2"))
    assert found["jauge_trunk_channels", first] == 30
    assert found["jauge_trunk_channels_used", first] == 10
    assert found["jauge_trunk_up", first] == 1
    assert found["jauge_trunk_channels_out_of_service", second] == 30
    assert found["jauge_trunk_up", second] == 0


def test_telephones_of_a_call_manager_are_counted_by_what_became_of_them() -> None:
    counted = {f"1.3.6.1.4.1.9.9.156.1.5.{place}.0": value for place, value in ((5, 812), (6, 31), (7, 2))}
    labels = (("kind", "phone"),)
    assert told("cisco-ucos", "ccm-phones", counted) == {
        ("jauge_telephony_devices_registered", labels): 812,
        ("jauge_telephony_devices_unregistered", labels): 31,
        ("jauge_telephony_devices_rejected", labels): 2,
    }


def test_a_service_that_runs_has_the_name_that_it_was_installed_under() -> None:
    installed = column("1.3.6.1.2.1.54.1.1.1.1.3", b"Cisco CallManager", b"Cisco Tftp", b"Cisco Tomcat")
    running = {"1.3.6.1.2.1.54.1.2.1.1.3.1.7": 1, "1.3.6.1.2.1.54.1.2.1.1.3.3.9": 4}
    assert told("cisco-ucos", "ucos-services", installed | running) == {
        ("jauge_service_running", (("daemon", "Cisco CallManager"),)): 1,
        ("jauge_service_running", (("daemon", "Cisco Tomcat"),)): 0,
    }


def test_extensions_are_counted_and_nobody_is_named() -> None:
    entry = "1.3.6.1.4.1.6889.2.2.1.1.1.1.1.2.1"
    objects = column(f"{entry}.6", 110, 1, 43) | column(f"{entry}.5", b"Jeanne Martin", b"", b"Accueil")
    labels = (("kind", "phone"),)
    assert told("avaya-ipoffice", "ipoffice-phones", objects) == {
        ("jauge_telephony_devices_registered", labels): 2
    }
    assert told("avaya-ipoffice", "ipoffice-empty", objects) == {
        ("jauge_telephony_devices_unregistered", labels): 1
    }


def test_a_licence_that_is_told_in_per_cent_stays_a_share() -> None:
    media = {"1.3.6.1.4.1.5003.15.2.1.1.1.3.0": 35}
    assert told("audiocodes", "audiocodes-license-media", media) == {
        ("jauge_licenses_used_ratio", (("license", "media"),)): pytest.approx(0.35)
    }
    assert told("oracle-sbc", "oracle-sbc-license", {"1.3.6.1.4.1.9148.3.2.1.1.10.0": 12}) == {
        ("jauge_licenses_used_ratio", (("license", "sessions"),)): pytest.approx(0.12)
    }


def test_keys_of_a_licence_add_up() -> None:
    capacity = column("1.3.6.1.4.1.9148.3.5.1.1.1.3", 1000, 500)
    assert told("oracle-sbc", "oracle-sbc-licenses", capacity) == {
        ("jauge_licenses_owned", (("license", "sessions"),)): 1500
    }


@pytest.mark.parametrize(
    ("description", "identity", "present", "family"),
    [
        ("Hardware:7825H3 Software:UCOS 6.0.0.0-2", "1.3.6.1.4.1.9.1.583", {"1.3.6.1.2.1.54.1.1.1"}, {"cisco-ucos"}),
        ("Acme Packet Net-Net 4600 SCZ7.4.0 MR-1 Patch 3 (Build 476)", "1.3.6.1.4.1.9148.1.1.9", set(), {"oracle-sbc"}),
        ("Product: MG 1000;SW Version: 6.60A.235", "1.3.6.1.4.1.5003.8.1.1.40", set(), {"audiocodes"}),
    ],
)  # fmt: skip
def test_a_machine_is_taken_for_its_family_alone(
    description: str, identity: str, present: set[str], family: set[str]
) -> None:
    assert recognised(description, identity, frozenset(present)) == family


def test_an_exchange_is_known_by_its_objects_beside_those_of_its_machine() -> None:
    """ASTERISK-MIB by res_snmp, an AgentX subagent: the machine says Linux of itself."""
    own = frozenset({"1.3.6.1.4.1.22736.1"})
    assert recognised("Linux pbx 6.1.0", "1.3.6.1.4.1.8072.3.2.10", own) == {"asterisk"}
    objects = {"1.3.6.1.4.1.22736.1.2.5.0": 12, "1.3.6.1.4.1.22736.1.5.1.0": 24}
    assert told("asterisk", "asterisk-calls", objects) == {("jauge_calls_active", ()): 12}
    assert told("asterisk", "asterisk-channels", objects) == {("jauge_channels_active", ()): 24}
