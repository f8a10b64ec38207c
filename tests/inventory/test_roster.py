"""Lists of devices kept elsewhere, made targets: what each program writes, and files that nobody should be harmed by.

The lists are of our own making, in the form that their programs document:
NetBox: columns of DeviceTable (netbox/dcim/tables/devices.py), and DeviceSerializer as its REST API answers;
GLPI: the CSV of a list with NetworkPort's search option 126 (IP), and `search/NetworkEquipment` of apirest.md, whose rows stand
under the numbers of search options; Prometheus: <file_sd_config> and <static_config> of its configuration.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from inventory.checking import check
from inventory.estate import Estate
from inventory.imports import ImportFailedError
from inventory.roster import reading, rules
from inventory.roster.enrolling import LIMIT, Enrolment, enrol
from inventory.roster.writing import add

NETBOX_CSV = """\
Name,Status,Tenant,Site,Location,Rack,Role,Manufacturer,Type,IP Address
sw-nord-01,Active,Imaging,Nord,Basement,R1,Access Switch,Cisco,C9300-48P,10.1.0.11/24
pp-01,Active,,Nord,,R1,Patch Panel,Generic,24 ports,
esx-old,Decommissioning,,Nord,,R2,Server,Dell,R640,10.1.0.40/24
"""
NETBOX_JSON = {
    "count": 2,
    "next": None,
    "previous": None,
    "results": [
        {
            "id": 5, "url": "http://netbox/api/dcim/devices/5/", "display": "sw-nord-01", "name": "sw-nord-01",
            "device_type": {"id": 1, "manufacturer": {"id": 1, "name": "Cisco", "slug": "cisco"}, "model": "C9300-48P"},
            "role": {"id": 1, "name": "Access Switch", "slug": "access-switch"},
            "tenant": {"id": 1, "name": "Imaging", "slug": "imaging"}, "platform": None, "serial": "FOC1", "asset_tag": None,
            "site": {"id": 2, "name": "Nord", "slug": "nord"}, "status": {"value": "active", "label": "Active"},
            "primary_ip": {"id": 9, "family": {"value": 4, "label": "IPv4"}, "address": "10.1.0.11/24"},
            "primary_ip4": {"id": 9, "address": "10.1.0.11/24"}, "primary_ip6": None, "custom_fields": {}, "tags": [],
        },
        {
            "id": 6, "name": None, "device_type": {"model": "PDU", "manufacturer": {"name": "APC"}}, "role": {"name": "PDU"},
            "tenant": None, "site": {"name": "Nord"}, "status": {"value": "active", "label": "Active"}, "primary_ip": None,
        },
    ],
}  # fmt: skip
GLPI_CSV = (
    '"Nom";"Entité";"Statut";"Fabricant";"Lieu";"Type";"Modèle";"Réseau - IP";"Dernière modification";\r\n'
    '"sw-lab-02";"CHU";"En service";"HPE";"Nord &gt; Labo";"Switch";"2930F";"127.0.0.1<br />10.2.0.2";"2026-01-02 10:00";\r\n'
    '"imp-01";"CHU";"En service";"Lexmark";"Nord &gt; Labo";"Imprimante";"CX";"10.2.0.90";"2026-01-02 10:00";\r\n'
)
GLPI_JSON = {
    "totalcount": 2,
    "count": 2,
    "sort": 1,
    "order": "ASC",
    "content-range": "0-1/2",
    "data": [
        {"1": "sw-lab-02", "80": "CHU", "31": "En service", "23": "HPE", "3": "Nord > Labo", "4": "Switch", "126": "10.2.0.2"},
        {"1": "sw-lab-03", "80": "CHU", "23": "HPE", "3": "Nord > Labo", "4": "Switch", "126": ["fe80::1", "10.2.0.3"]},
    ],
}  # fmt: skip
FILE_SD = """\
- targets:
    - 10.3.0.1
    - '[2001:db8::7]'
  labels: {site: Nord, job: snmp, env: prod}
- targets: ['web-01.example.org:9100']
  labels: {job: node}
"""
RULES = """\
sites: {"Nord > *": nord}
rules:
  - {when: {kind: Imprimante}, leave: printers are not polled}
  - {when: {maker: [Fortinet, Cisc*]}, set: {family: cisco-ios, credential: network}}
  - {when: {port: 9100}, set: {role: server, http: {family: node-exporter, url: "http://{address}:{port}"}}}
"""


def brought(
    tmp_path: Path, content: str | bytes, name: str, mapping: str = "", estate: Estate | None = None
) -> Enrolment:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    said = rules.Mapping()
    if mapping:
        (tmp_path / "mapping.yml").write_text(mapping, "utf-8")
        said = rules.load(tmp_path / "mapping.yml")
    return enrol(reading.read(path, said), estate or Estate(), said)


def whole(tmp_path: Path, found: Enrolment, before: str = "") -> Estate:
    """The estate that results, as it is read."""
    path = tmp_path / "result.yml"
    path.write_bytes(add(before, found, str(path)).encode())
    result = check(path)
    assert result.errors == []
    assert result.estate is not None
    return result.estate


def reasons(found: Enrolment) -> list[str]:
    return [str(remark).split("/")[-1] for remark in found.refused]


def test_devices_of_netbox_keep_address_site_role_and_tenant(tmp_path: Path) -> None:
    found = brought(tmp_path, NETBOX_CSV, "devices.csv")
    (target,) = whole(tmp_path, found).targets
    assert (target.name, target.address, target.site, target.role, target.service) == (
        "sw-nord-01", "10.1.0.11", "nord", "Access Switch", "Imaging",
    )  # fmt: skip
    assert target.snmp is not None
    assert target.snmp.family is None, "the device tells what it is; its maker's name does not"
    assert reasons(found) == ["devices.csv:3:IP Address: pp-01 has no address"]
    assert [str(remark).split("/")[-1] for remark in found.left] == [
        "devices.csv:4:Name: esx-old: its state is Decommissioning"
    ]


def test_the_json_of_netbox_says_what_its_csv_says(tmp_path: Path) -> None:
    found = brought(tmp_path, json.dumps(NETBOX_JSON, indent=1), "devices.json")
    assert found.targets == brought(tmp_path, NETBOX_CSV, "devices.csv").targets
    text = json.dumps(NETBOX_JSON, indent=1).splitlines()
    line = next(number for number, content in enumerate(text, 1) if '"id": 6' in content) - 1
    assert reasons(found) == [f"devices.json:{line}:3: it has no name"]


def test_a_page_of_netbox_says_that_it_is_not_all(tmp_path: Path) -> None:
    found = brought(tmp_path, json.dumps({**NETBOX_JSON, "count": 812}), "page.json")
    assert "it holds 2 of 812 devices: add ?limit=0" in reasons(found)[0]


def test_glpi_writes_entities_breaks_and_loopbacks(tmp_path: Path) -> None:
    found = brought(tmp_path, GLPI_CSV, "glpi.csv", RULES)
    assert found.targets == [
        {"name": "sw-lab-02", "address": "10.2.0.2", "site": "nord", "role": "Switch", "credential": "imported-snmp"}
    ]  # fmt: skip
    assert ["printers are not polled" in str(remark) for remark in found.left] == [True]
    kept = brought(tmp_path, GLPI_CSV, "glpi.csv")
    assert kept.sites == {"nord-labo": "Nord > Labo"}, "without a mapping a place keeps its whole name"


@pytest.mark.parametrize("shape", ["list", "by number"])
def test_a_search_of_glpis_interface_is_read_as_a_list_and_by_number(tmp_path: Path, shape: str) -> None:
    document: dict[str, Any] = dict(GLPI_JSON)
    if shape == "by number":
        document["data"] = {str(number): row for number, row in enumerate(GLPI_JSON["data"])}  # type: ignore[arg-type]
    found = brought(tmp_path, json.dumps(document), "search.json")
    assert [(one["name"], one["address"], one["role"]) for one in found.targets] == [
        ("sw-lab-02", "10.2.0.2", "Switch"),
        ("sw-lab-03", "10.2.0.3", "Switch"),
    ]
    assert found.sites == {"nord-labo": "Nord > Labo"}


def test_an_item_of_glpi_has_its_addresses_under_its_ports(tmp_path: Path) -> None:
    item = {
        "id": 3, "name": "sw-lab-04", "locations_id": "Nord", "manufacturers_id": "HPE", "networkequipmenttypes_id": "Switch",
        "states_id": 0, "groups_id": "Réseau",
        "_networkports": {"NetworkPortEthernet": [{"NetworkName": {"IPAddress": [{"name": "10.2.0.4"}]}}]},
    }  # fmt: skip
    (target,) = brought(tmp_path, json.dumps([item]), "items.json").targets
    assert (target["address"], target["role"], target["service"]) == ("10.2.0.4", "Switch", "Réseau")


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_file_sd_keeps_labels_that_mean_something(tmp_path: Path, form: str) -> None:
    groups = [
        {"targets": ["10.3.0.1", "[2001:db8::7]"], "labels": {"site": "Nord", "job": "snmp", "env": "prod"}},
        {"targets": ["web-01.example.org:9100"], "labels": {"job": "node"}},
    ]
    content = FILE_SD if form == "yaml" else json.dumps(groups)
    found = brought(tmp_path, content, f"sd.{form}", RULES)
    first, second, third = whole(tmp_path, found).targets
    assert (first.name, first.site, first.role) == ("10.3.0.1", "nord", "snmp")
    assert second.address == "2001:db8::7"
    assert third.http is not None
    assert third.http.url == "http://web-01.example.org:9100"
    roster = reading.read(tmp_path / f"sd.{form}", rules.Mapping())
    assert roster.ignored == ["label env"]


def test_nothing_is_made_of_a_port_that_nobody_explains(tmp_path: Path) -> None:
    found = brought(tmp_path, FILE_SD, "sd.yml")
    assert reasons(found) == [
        "sd.yml:5:13: web-01.example.org: nothing says what answers at port 9100: give a rule "
        "(when: {port: ...}, set: {http: {family: ..., url: ...}})"
    ]


def test_a_port_is_a_number_and_never_a_way_to_another_address(tmp_path: Path) -> None:
    found = brought(tmp_path, "name,address,port\na,10.0.0.1,9100/../x\nb,10.0.0.2,9100\n", "list.csv", RULES)
    assert [one["name"] for one in found.targets] == ["b"]
    assert "a: what is said of its port is no number" in reasons(found)[0]


def test_a_spreadsheet_is_read_as_a_table_and_its_formulas_are_not_computed(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in (
        ("Hostname", "Address", "Role"),
        ("sw-01", "10.0.0.1", "switch"),
        ("sw-02", "=1+1", "switch"),
    ):
        book.active.append(row)
    book.save(tmp_path / "devices.xlsx")
    said = rules.Mapping()
    found = enrol(reading.read(tmp_path / "devices.xlsx", said), Estate(), said)
    assert [(one["name"], one["address"]) for one in found.targets] == [("sw-01", "10.0.0.1")]
    assert "sw-02 has no address" in reasons(found)[0]


def test_a_family_is_what_the_list_or_a_rule_says(tmp_path: Path) -> None:
    mine = "name,address,family,maker\nups-01,10.0.0.1,apc-ups,APC\nsw-01,10.0.0.2,,Cisco Systems\nsw-02,10.0.0.3,,HPE\n"
    found = brought(tmp_path, mine, "mine.csv", RULES)
    assert [(one["name"], one.get("family"), one["credential"]) for one in found.targets] == [
        ("ups-01", "apc-ups", "imported-snmp"),
        ("sw-01", "cisco-ios", "network"),
        ("sw-02", None, "imported-snmp"),
    ]
    assert set(found.credentials) == {"imported-snmp", "network"}


def test_secrets_are_references_and_a_column_of_passwords_is_not_read(tmp_path: Path) -> None:
    found = brought(tmp_path, "name,address,community,password\nsw,10.0.0.1,s3cret,hunter2\n", "mine.csv")
    text = add("", found, "estate.yml")
    assert "s3cret" not in text
    assert "hunter2" not in text
    assert "env:IMPORTED_SNMP_AUTH" in text


@pytest.mark.parametrize(
    ("content", "column"),
    [
        (b"\xef\xbb\xbfname;address\r\nsw-01;10.0.0.1\r\n", "a mark and semicolons"),
        ("name;address\nsw-01;10.0.0.1\n".encode("utf-16"), "UTF-16"),
        (b"name\taddress\nsw-01\t10.0.0.1\n", "tabs"),
        (b"List of devices\n\nname,address\nsw-01,10.0.0.1\n", "a line above the titles"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_table_is_read_in_any_writing(tmp_path: Path, content: bytes, column: str) -> None:
    (target,) = brought(tmp_path, content, "list.csv").targets
    assert (target["name"], target["address"]) == ("sw-01", "10.0.0.1"), column


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('=HYPERLINK("http://evil"),10.0.0.1', "list.csv:2:name: '=HYPERLINK"),
        ('"sw\n01",10.0.0.1', "list.csv:2:name: its name holds characters that steer a screen"),
        ("sw\x1b[31m01,10.0.0.1", "list.csv:2:name: its name holds characters that steer a screen"),
        ("sw\u202e01,10.0.0.1", "list.csv:2:name: its name holds characters that steer a screen"),
        ("étage 2 ***,", "list.csv:2:address: étage 2 *** has no address"),
        ("***,10.0.0.1", "list.csv:2:name: '***' is no name"),
        ("a" * 129 + ",10.0.0.1", "list.csv:2:name: "),
        ('sw,"10.0.0.1 # 10.0.0.2"', "list.csv:2:address: sw has several addresses"),
        ("sw,https://10.0.0.1/", "list.csv:2:address: sw: what is said of its address is none"),
        ("sw,user:secret@10.0.0.1", "list.csv:2:address: sw: what is said of its address is none"),
        ('sw,"10.0.0.1, 10.0.0.2"', "list.csv:2:address: sw has several addresses (10.0.0.1, 10.0.0.2)"),
        ("sw,10.0.0.1,more", "list.csv:2: 3 cells, where the titles are 2"),
        (",10.0.0.1\nsw,10.0.0.1", "list.csv:3:address: sw has an address that is given already: first at "),
        ("sw,10.0.0.1\nsw,10.0.0.2", "list.csv:3:name: the name sw is given already: first at "),
        ("sw é,10.0.0.1\nsw e,10.0.0.2", "list.csv:3:name: the name sw-e is given already: first at "),
    ],
)
def test_what_cannot_be_taken_is_told_with_its_place_and_reason(
    tmp_path: Path, row: str, reason: str
) -> None:
    found = brought(tmp_path, f"name,address\n{row}\n", "list.csv")
    assert len(found.refused) == 1
    assert reason in str(found.refused[0])
    assert "secret" not in str(found.refused[0])


def test_every_row_is_counted_once(tmp_path: Path) -> None:
    rows = [f"sw-{number % 7},10.0.0.{number % 11}" for number in range(40)]
    found = brought(tmp_path, "name,address\n" + "\n".join(rows), "list.csv")
    assert len(found.targets) + len(found.refused) == 40


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("a.json", '[{"targets": ["a"],}]', "a.json:1:20: not JSON"),
        ("a.json", '[\n {"targets": [NaN]}]', "a.json:2:2: not JSON: NaN is no number"),
        (
            "a.json",
            '{"results": [{"name": "a", "name": "b"}]}',
            "a.json:1:14: not JSON: a key is given twice",
        ),
        ("a.json", '{"results": []} x', "a.json:1:17: not JSON: something stands after the end"),
        ("a.json", '{"results": [', "a.json:1:14: not JSON"),
        ("a.json", "[" * 200_000, "not JSON: nested too deeply"),
        ("a.json", '{"a": 1}', "a.json:1: this JSON is no list of devices"),
        ("a.json", b'["\xff\xfe\xfa"]', "a.json:1: it is no text"),
        ("a.yml", "- targets: [a\n", "a.yml:2:1: not YAML"),
        ("a.yml", "targets: [a]", "a.yml:1: file_sd is a list of groups"),
        ("a.yml", "- targets: !!python/object/apply:os.system ['id']", "a.yml:1:12: "),
        ("a.csv", "colour,size\nred,2\n", "no column title is known"),
        ("a.csv", "site,role\nNord,switch\n", "a.csv:1: no column is a name or an address"),
        (
            "a.csv",
            'name,address\nsw,"10.0.0.1\n',
            "a.csv:2: address: a quote is opened here and never closed",
        ),
        ("a.csv", "name,name,address\na,b,10.0.0.1\n", "a.csv:1: columns 'name' and 'name' say the same"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_why(
    tmp_path: Path, name: str, content: str | bytes, place: str
) -> None:
    with pytest.raises(ImportFailedError) as caught:
        brought(tmp_path, content, name)
    assert place in str(caught.value)


def test_a_billion_laughs_stay_unlaughed(tmp_path: Path) -> None:
    lines = ["- &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    lines += [f"- &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    started = time.process_time()
    with pytest.raises(ImportFailedError, match="aliases"):
        brought(tmp_path, "\n".join(lines), "laughs.yml")
    assert time.process_time() - started < 20


def test_a_list_that_is_far_too_long_is_refused_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("name,address,comment\n")
        for number in range(LIMIT + 2):
            file.write(f"sw-{number},10.{number >> 16}.{number >> 8 & 255}.{number & 255},{'x' * 2000}\n")
    assert path.stat().st_size > 100_000_000
    roster = reading.read(path, rules.Mapping())
    taken = 0
    for _entry in roster.entries:
        taken += 1
        if taken == 10:
            break
    assert taken == 10, "rows are read one by one"


def test_a_target_that_the_estate_has_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "estate.yml"
    path.write_text(
        "credentials: {net: {snmp: v2c, community: env:C}}\nsites: {nord: {title: Nord}}\n"
        "targets:\n  - {name: sw-nord-01, address: 10.9.9.9, credential: net, site: nord, formerly: [pp-01]}\n",
        "utf-8",
    )
    estate = check(path).estate
    assert estate is not None
    found = brought(
        tmp_path, NETBOX_CSV.replace("24 ports,", "24 ports,10.9.0.1/24"), "devices.csv", estate=estate
    )
    assert found.targets == []
    assert [remark.text for remark in found.differs] == [
        "sw-nord-01: address is 10.9.9.9, the list says 10.1.0.11"
    ]
    assert ["it was the name of sw-nord-01" in remark.text for remark in found.refused] == [True]


@pytest.mark.parametrize(
    ("mapping", "place"),
    [
        ("rules: [{when: {colour: red}, leave: x}]", "mapping.yml:1:17"),
        ("rules: [{when: {maker: x}}]", "mapping.yml:1:9: a rule has either set or leave"),
        ("rules: [{set: {name: x}}]", "name cannot be set by a rule"),
        ("columms: {name: x}", "did you mean columns?"),
        ("- a", "mapping.yml:1:1"),
    ],
)
def test_a_mapping_says_where_it_is_wrong(tmp_path: Path, mapping: str, place: str) -> None:
    from inventory.checking import EstateError

    with pytest.raises(EstateError) as caught:
        brought(tmp_path, NETBOX_CSV, "devices.csv", mapping)
    assert place in str(caught.value)


LAYOUTS = {
    "lines": "targets:\n  - {name: a, credential: c} # of a\n  # the last word\n\n# about sites\nsites:\n  sud: # south\n",
    "no indent": "sites: {sud: }\ntargets:\n- name: a\n  credential: c\n  # end of a\n\ncredentials:   # theirs\n  c: {snmp: v2c, community: env:C}",
    "flow": "targets: [{name: a, credential: c}, ]  # short\n",
    "empty": "targets:   # none yet\nsites: {}  # none\n",
    "nothing": "",
    "comments alone": "# an estate\n",
    "carriage returns": "targets:\r\n  - {name: a, credential: c}\r\n# end\r\n",
    "long text": "targets:\n  - name: a\n    credential: c\n    protect:\n      jobs:\n        - |\n          job\n\n\n# end\n",
    "document marks": "---\ntargets:\n  - {name: a, credential: c}\n",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_word_and_comment_of_a_file_stays_where_it_was(tmp_path: Path, layout: str) -> None:
    before = LAYOUTS[layout]
    found = brought(tmp_path, NETBOX_CSV, "devices.csv")
    after = add(before, found, "estate.yml")
    written = iter(re.sub(r"[\s{}\[\],]", "", after))
    assert all(char in written for char in re.sub(r"[\s{}\[\],]", "", before)), "all of it, in its order"
    assert "sw-nord-01" in after
    if "\r\n" in before:
        assert "\n" not in after.replace("\r\n", "")
    if "# about sites" in before:
        assert after.index("sw-nord-01") < after.index("# about sites"), (
            "a comment stays with what it is about"
        )


def test_a_file_that_has_no_place_for_lines_is_refused(tmp_path: Path) -> None:
    found = brought(tmp_path, NETBOX_CSV, "devices.csv")
    with pytest.raises(ImportFailedError, match="nothing can be added to this"):
        add("{targets: [{name: a}]}", found, "estate.yml")
    with pytest.raises(ImportFailedError, match="no place for lines"):
        add("old: &t [{name: a}]\ntargets: *t\n", found, "estate.yml")


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=60), st.sampled_from(sorted(LAYOUTS))
)
def test_any_text_that_a_list_says_is_read_back_as_it_was(text: str, layout: str) -> None:
    found = Enrolment(
        targets=[{"name": "x", "role": text or "r", "credential": "c"}], sites={"s": text or None}
    )
    after = add(LAYOUTS[layout].replace("sites: {sud: }\n", ""), found, "estate.yml")
    read = YAML(typ="safe", pure=True).load(after)
    assert read["targets"][-1]["role"] == (text or "r")
    assert read["sites"]["s"] == ({"title": text} if text else None)


def told(folder: Path, content: bytes, name: str) -> None:
    """A file gives an estate that is sound, or one error that names it."""
    refusal = ""
    try:
        whole(folder, brought(folder, content, name))
    except ImportFailedError as error:
        refusal = str(error)
    assert not refusal or name in refusal


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "address",
                    "site",
                    "results",
                    "data",
                    "targets",
                    "labels",
                    "status",
                    "primary_ip",
                    "1",
                    "126",
                ]
            )
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
SHAPES = st.sampled_from(["whole", "results", "data", "list", "targets"])


@settings(max_examples=200, deadline=None)
@given(VALUES, SHAPES)
def test_whatever_json_says_gives_targets_or_reasons(
    tmp_path_factory: pytest.TempPathFactory, value: Any, shape: str
) -> None:
    content = {
        "whole": value, "results": {"count": 1, "results": [value]}, "data": {"totalcount": 1, "data": [value]},
        "list": [{"device_type": value, "name": "x"}], "targets": [{"targets": [value], "labels": value}],
    }[shape]  # fmt: skip
    folder = tmp_path_factory.mktemp("any")
    told(folder, json.dumps(content).encode(), "any.json")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["any.csv", "any.json", "any.yml"]))
def test_whatever_a_file_holds_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    heads = {"any.csv": b"name,address\n", "any.json": b"[", "any.yml": b"- targets: "}
    folder = tmp_path_factory.mktemp("any")
    told(folder, heads[name] + content, name)
