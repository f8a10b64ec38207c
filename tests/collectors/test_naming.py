"""What a device is called: the first of several objects and patterns that tells, and the family that goes first."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from collectors import device
from collectors.catalogue import Catalogue
from collectors.device import Fact, Family, TableFile, families
from collectors.figures import choice
from collectors.packages import Packages
from collectors.plan import read
from collectors.polling import Poller
from collectors.snmp.oid import encode
from collectors.snmp.polling import facts
from collectors.tables import Choice
from inventory.credentials import SnmpV2c
from inventory.estate import Estate, Snmp, Target

ENTRY = "1.3.6.1.4.1.99999.1"
STATE = "1.3.6.1.4.1.99999.2.0"


def family(**more: object) -> Family:
    return Family.model_validate({"title": "A device", "detect": {"describes": "device"}} | more)


def test_one_way_of_naming_is_a_list_of_one() -> None:
    found = family(product={"^Box": "Box"}, version=r"v(\d+)")
    assert (found.product, found.version) == (({"^Box": "Box"},), (r"v(\d+)",))


def test_an_object_is_told_from_patterns_by_its_words() -> None:
    found = family(product=[{"scalar": STATE}, {"": "Box"}], version={"column": ENTRY})
    assert isinstance(found.product[0], Fact)
    assert found.product[1] == {"": "Box"}
    assert found.version == (Fact(column=ENTRY),)


def test_what_is_wrong_with_a_name_is_said_of_its_form() -> None:
    with pytest.raises(ValidationError) as error:
        family(version=[r"v(\d+)", "("])
    assert [place["loc"] for place in error.value.errors()] == [("version", 1, "pattern")]


def test_of_several_patterns_the_first_that_matches_tells(tmp_path: Path) -> None:
    file = tmp_path / "box.yml"
    file.write_text(
        "title: Boxes\ndetect: {describes: Box}\n"
        r"product: [{'Box (Mini|Maxi)': Small box}, {'': Some box}]"
        "\n"
        r"version: ['firmware (\S+)', 'v(\S+)']"
        "\n"
    )
    boxes = Catalogue(Packages(families={"box": device.load(file)}))
    assert facts(["box"], "Box Mini v7 firmware 8.1", boxes) == {
        "family": "box",
        "product": "Small box",
        "version": "8.1",
    }
    assert facts(["box"], "Box v7", boxes) == {"family": "box", "product": "Some box", "version": "7"}


def test_a_ups_is_named_by_its_mib_before_its_network_ports() -> None:
    names = list(families())
    assert names.index("ups-mib") < names.index("if-mib")


def test_several_numbers_may_mean_one_state() -> None:
    rule = Choice(scalar=STATE, label="state", states={2: "normal", 6: "bypass", 9: "bypass"})
    found = choice("jauge_ups_output_source", rule, {encode(STATE): 9})
    assert {dict(s.labels)["state"]: s.value for s in found} == {"normal": 0.0, "bypass": 1.0}


def test_a_label_may_keep_a_part_of_the_index() -> None:
    table = TableFile.model_validate(
        {
            "name": "lines",
            "oid": ENTRY,
            "labels": {"line": {"index": True, "shorten": r"^(\d+)"}},
            "metrics": {"jauge_ups_load_ratio": {"column": 5, "scale": 0.01}},
        }
    )
    found = read(table, {table.column(5): {bytes((1, 0)): 9, bytes((2, 0)): 7}}, {})
    assert found.series == (
        ("jauge_ups_load_ratio", (("line", "1"),)),
        ("jauge_ups_load_ratio", (("line", "2"),)),
    )


def test_families_are_read_before_the_time_of_the_first_poll_runs() -> None:
    families.cache_clear()
    login = SnmpV2c.model_validate({"snmp": "v2c", "community": "public"})
    target = Target(name="ups", address="127.0.0.1", snmp=Snmp(credential="login"))
    Poller(Estate(credentials={"login": login}, targets=(target,))).close()
    assert families.cache_info().currsize == 1
