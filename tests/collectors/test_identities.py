"""What a device is taken for when nobody names it, and that each kind that is known says its product and release."""

from __future__ import annotations

import pytest
from tables import column, recognised, told

from collectors.api import FOLDER as APIS
from collectors.api import ApiFile
from collectors.command import systems
from collectors.device import Family, families
from collectors.files import load_file
from collectors.snmp.polling import detected, facts

CALLED_BY_SYSDESCR = {
    "eaton-mge": "sysDescr is the model, which upsmgIdentFamilyName and upsmgIdentModelName tell in two halves",
    "liebert": "sysDescr is the model; lgpAgentIdentModel is that of the card",
}

STANDARD_SUBTREES = frozenset(
    sign.subtree for family in families().values() if family.standard for sign in family.signs if sign.subtree
)
"""What a device may have that is of no maker's own."""


# --- every family says what it reads ----------------------------------------------------------------------

MAKERS = {name: family for name, family in families().items() if not family.standard or family.product}


@pytest.mark.parametrize("name", MAKERS)
def test_a_family_that_names_a_device_tells_its_product_and_release_or_why_not(name: str) -> None:
    family = MAKERS[name]
    assert family.product or name in CALLED_BY_SYSDESCR
    assert bool(family.version) != bool(family.unversioned), "a version, or the reason why there is none"


@pytest.mark.parametrize("path", sorted(APIS.glob("*.yml")), ids=lambda path: str(path.stem))
def test_an_interface_tells_its_release_or_why_not(path: object) -> None:
    file = load_file(path, ApiFile)  # type: ignore[arg-type]
    assert (file.version is None) == (file.unversioned is not None)


def test_a_system_that_is_more_than_a_part_of_a_machine_tells_its_release() -> None:
    assert {name for name, file in systems().items() if file.product and file.version is None} == set()


def test_a_reason_for_no_release_is_not_given_beside_a_release() -> None:
    assert not [name for name, family in families().items() if family.version and family.unversioned]


# --- what nobody knows is taken for nothing ---------------------------------------------------------------

UNKNOWN = [
    ("", ""),
    ("", "1.3.6.1.4.1.99999.1.2"),
    ("A new appliance, release 3", "1.3.6.1.4.1.99999.1.2"),
    ("Linux srv-01 5.10.0-28-amd64 #1 SMP Debian 5.10.209-2 x86_64", "1.3.6.1.4.1.8072.3.2.10"),
    ("Linux appliance 4.18.0-513.el8.x86_64 #1 SMP x86_64", "1.3.6.1.4.1.8072.3.2.10"),
    ("Linux nas 4.4.302+ #69057 SMP x86_64", "1.3.6.1.4.1.8072.3.2.10"),
    ("FreeBSD gw 13.2-RELEASE amd64", "1.3.6.1.4.1.8072.3.2.8"),
    ("HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD153,EEPROM JSI23900042", "1.3.6.1.4.1.11.2.3.9.1"),
    ("Network camera", "1.3.6.1.4.1.368.1.5"),
    ("RouterOS CCR1036", "1.3.6.1.4.1.14988.1"),
    ("A switch of a maker of servers", "1.3.6.1.4.1.674.11000.5000.100.2.1.4"),
    ("A printer of a maker of copiers", "1.3.6.1.4.1.2435.2.3.9.1"),
    ("A new kind of machine of a maker of routers", "1.3.6.1.4.1.9.1.99999"),
    ("A new kind of machine of a maker of UPS", "1.3.6.1.4.1.318.1.3.99"),
    ("A controller of a building", "1.3.6.1.4.1.4329.6.3"),
]  # fmt: skip


@pytest.mark.parametrize(("description", "identity"), UNKNOWN)
def test_a_device_that_nobody_knows_is_taken_for_no_maker_s(description: str, identity: str) -> None:
    assert recognised(description, identity, STANDARD_SUBTREES) == set()


@pytest.mark.parametrize(("description", "identity"), UNKNOWN)
def test_a_device_without_a_maker_is_called_what_it_says_or_by_its_system(
    description: str, identity: str
) -> None:
    names = [
        name for name, family in families().items() if detected(family, description, identity, frozenset())
    ]
    systems_of = {"1.3.6.1.4.1.8072.3.2.10": ["linux"], "1.3.6.1.4.1.8072.3.2.8": ["freebsd"]}
    assert names == systems_of.get(identity, [])
    if not names:
        assert facts(names, description).get("product", "") == description


def test_no_family_is_recognised_by_words_alone_that_any_machine_may_say() -> None:
    """A pattern that fits the name of a system, a maker's legal form or nothing at all would take everything."""
    words = (
        "",
        "Linux",
        "Server",
        "Network",
        "Inc.",
        "Version 1.0",
        "SNMP agent",
        "x86_64",
        "Switch",
        "Storage",
    )
    taken = {name for word in words for name in recognised(word, "1.3.6.1.4.1.99999.1")}
    assert taken == set()


# --- kinds of Unix ----------------------------------------------------------------------------------------


def named(family: str, description: str) -> tuple[str, str]:
    found = facts([family], description)
    return found["product"], found.get("version", "")


@pytest.mark.parametrize(
    ("identity", "description", "product", "version"),
    [
        ("1.3.6.1.4.1.30155.23.1", "OpenBSD fw.example 7.4 GENERIC.MP#1397 amd64", "OpenBSD", "7.4"),
        ("1.3.6.1.4.1.8072.3.2.12", "OpenBSD 6.9 GENERIC#2 i386", "OpenBSD", "6.9"),
        ("1.3.6.1.4.1.8072.3.2.7", "NetBSD srv 9.3 NetBSD 9.3 (GENERIC) amd64", "NetBSD", "9.3"),
        ("1.3.6.1.4.1.8072.3.2.3", "SunOS db-1 5.11 11.4.65.157.3 sun4v", "Oracle Solaris", "11.4.65.157.3"),
        ("1.3.6.1.4.1.8072.3.2.3", "SunOS db-2 5.10 Generic_150400-65 sun4u", "Oracle Solaris", "10"),
        ("1.3.6.1.4.1.8072.3.2.14", "HP-UX lab B.11.31 U ia64", "HP-UX", "B.11.31"),
        ("1.3.6.1.4.1.2.6.11", "IBM OS/400 V7R1M0", "IBM i", "V7R1M0"),
    ],
)
def test_a_kind_of_unix_is_known_by_its_agent(
    identity: str, description: str, product: str, version: str
) -> None:
    (name,) = [
        name for name, family in families().items() if detected(family, description, identity, frozenset())
    ]
    assert named(name, description) == (product, version)


# --- figures whose meaning was looked up in the MIB -------------------------------------------------------


def test_parts_of_a_server_of_cisco_are_judged_by_the_numbers_of_its_mib() -> None:
    """CucsEquipmentOperability: operable 1, degraded 3, removed 6, malformedFru 14, equipmentProblem 82, autoUpgrade 107."""
    entry = "1.3.6.1.4.1.9.9.719.1.45.4.1"
    names = column(f"{entry}.2", *(f"sys/disk-{n}".encode() for n in range(1, 8)))
    states = column(f"{entry}.9", 1, 3, 6, 14, 82, 107, 0)
    found = told("cisco-ucs", "ucs-disks", names | states)
    assert {dict(pairs)["disk"]: value for (_, pairs), value in found.items()} == {
        "disk-1": 1, "disk-2": 0, "disk-4": 0, "disk-5": 0,
    }  # fmt: skip


def test_the_total_of_a_distribution_unit_is_not_one_of_its_lines() -> None:
    """EATON-EPDU-MIB: inputPowerMeasType is phase1 1, phase2 2, total 4."""
    power, total = "1.3.6.1.4.1.534.6.6.7.3.4.1", "1.3.6.1.4.1.534.6.6.7.3.5.1"
    lines = {f"{power}.{n}.0.1.{row}": value for row, pair in ((1, (1, 700)), (2, (2, 800)), (4, (4, 1500)))
             for n, value in ((2, pair[0]), (4, pair[1]))}  # fmt: skip
    found = told("eaton-epdu", "eaton-pdu-watts", lines)
    assert {dict(pairs)["line"]: value for (_, pairs), value in found.items()} == {"1": 700, "2": 800}
    whole = told("eaton-epdu", "eaton-pdu-total-watts", {f"{total}.4.0.1": 1500})
    assert whole == {("jauge_pdu_watts", (("pdu", "0"),)): 1500}


def test_sensors_of_a_fibre_channel_switch_are_told_once() -> None:
    """Fabric OS answers FCMGMT-MIB too, with the sensors that its own MIB has."""
    own = next(table for table in families()["fabricos"].tables if table.name == "fabricos-celsius")
    assert set(own.replaces) == {"fcmgmt-sensors", "fcmgmt-temperatures"}
    assert {table.name for table in families()["fcmgmt"].tables} >= set(own.replaces)


def test_parts_of_an_array_of_ddn_are_named_by_their_enclosure() -> None:
    """SFA-INFO: temperature normal 1, warning 2, critical 3; fans and supplies healthy 1, failure 2."""
    root = "1.3.6.1.4.1.6894.2"
    for table, place, states in (
        ("ddn-sfa-temperatures", 2, (1, 3)),
        ("ddn-sfa-fans", 4, (1, 2)),
        ("ddn-sfa-supplies", 6, (1, 2)),
    ):
        entry = f"{root}.{place}.1"
        rows = (
            column(f"{entry}.2", b"50001", b"50001")
            | column(f"{entry}.3", 1, 2)
            | column(f"{entry}.4", *states)
        )
        found = told("ddn-sfa", table, rows)
        assert [(next(v for _, v in pairs), value) for (_, pairs), value in found.items()] == [
            ("50001:1", 1),
            ("50001:2", 0),
        ]


def test_servers_and_gateways_of_a_call_manager_are_told_by_name() -> None:
    """CISCO-CCM-MIB: ccmStatus up 2, down 3; ccmGatewayStatus registered 2, unregistered 3, partiallyregistered 5."""
    servers = "1.3.6.1.4.1.9.9.156.1.1.2.1"
    found = told(
        "cisco-ucos",
        "ccm-servers",
        column(f"{servers}.2", b"pub", b"sub", b"new") | column(f"{servers}.5", 2, 3, 1),
    )
    assert {dict(pairs)["node"]: value for (_, pairs), value in found.items()} == {"pub": 1, "sub": 0}
    gateways = "1.3.6.1.4.1.9.9.156.1.3.1.1"
    names = column(f"{gateways}.2", b"t2-1", b"t2-2", b"t2-3")
    found = told("cisco-ucos", "ccm-gateway-states", names | column(f"{gateways}.5", 2, 3, 5))
    assert {dict(pairs)["trunk"]: value for (_, pairs), value in found.items()} == {
        "t2-1": 1,
        "t2-2": 0,
        "t2-3": 0,
    }


def test_the_reasons_are_written_for_people() -> None:
    said: list[Family] = [family for family in families().values() if family.unversioned]
    assert said
    assert all(len(family.unversioned or "") > 20 for family in said)
