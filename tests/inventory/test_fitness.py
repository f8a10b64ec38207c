"""Fitness for Windows 11: rows of Microsoft's lists of processors, and names as systems write them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import fitness, processors
from inventory.imports import ImportFailedError
from inventory.processors import Processors, identify
from inventory.state import audit, open_state
from inventory.workstations import Workstation

DAY = dt.date(2026, 11, 26)
GIB = 1024**3

PUBLISHED = [
    # a row of Microsoft's lists for Windows 11, and how Windows itself calls that processor
    ("Intel® Core™ i5-10500T", "Intel(R) Core(TM) i5-10500T CPU @ 2.30GHz"),
    ("Intel® Core™ i5+8400", "Intel(R) Core(TM) i5-8400 CPU @ 2.80GHz"),  # with a plus, as it was published
    ("Intel® Core™ i7-7820HQ", "Intel(R) Core(TM) i7-7820HQ CPU @ 2.90GHz"),
    ("Intel® Core™ i7-1165G7", "11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz"),
    ("Intel® Core™ i3-L13G4", "Intel(R) Core(TM) i3-L13G4 CPU @ 0.80GHz"),
    ("Intel® Core™ m3-8100Y", "Intel(R) Core(TM) m3-8100Y CPU @ 1.10GHz"),
    ("Intel® Core™ Ultra 7 155H", "Intel(R) Core(TM) Ultra 7 155H"),
    ("Intel® Celeron® N4020", "Intel(R) Celeron(R) N4020 CPU @ 1.10GHz"),
    ("Intel® Celeron® G4900", "Intel(R) Celeron(R) G4900 CPU @ 3.10GHz"),
    ("Intel® Pentium® Gold G5400", "Intel(R) Pentium(R) Gold G5400 CPU @ 3.70GHz"),
    ("Intel® Pentium® Silver J5005", "Intel(R) Pentium(R) Silver J5005 CPU @ 1.50GHz"),
    ("Intel® Xeon® E-2124G", "Intel(R) Xeon(R) E-2124G CPU @ 3.40GHz"),
    ("Intel® Xeon® Gold 6130", "Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz"),
    ("Intel® Xeon® W-10855M", "Intel(R) Xeon(R) W-10855M CPU @ 2.80GHz"),
    ("Intel® Atom® x6211E", "Intel Atom(R) x6211E Processor @ 1.30GHz"),
    ("AMD Ryzen™ 5 PRO 4650G", "AMD Ryzen 5 PRO 4650G with Radeon Graphics"),
    ("AMD Ryzen™ 5 3600", "AMD Ryzen 5 3600 6-Core Processor"),
    ("AMD Ryzen™ 7 2700 ", "AMD Ryzen 7 2700 Eight-Core Processor"),
    ("AMD Ryzen™ Threadripper™ PRO 3945WX", "AMD Ryzen Threadripper PRO 3945WX 12-Cores"),
    ("AMD Athlon™ Gold 3150U", "AMD Athlon Gold 3150U with Radeon Graphics"),
    ("AMD EPYC™ 72F3", "AMD EPYC 72F3 8-Core Processor"),
    ("AMD 3020e", "AMD 3020e with Radeon Graphics"),
    ("Qualcomm® Snapdragon™ 8cx Gen 3", "Snapdragon (TM) 8cx Gen 3 @ 3.0 GHz"),
]

LISTED = Processors(
    frozenset(filter(None, (identify(row) for row, _ in PUBLISHED))), frozenset({"intel i5-7500"})
)

OLDER = [
    "Intel(R) Core(TM) i5-6500 CPU @ 3.20GHz",
    "Intel(R) Core(TM) i5-1050 CPU",
    "Intel(R) Core(TM) i5-10500 CPU @ 3.10GHz",  # not the T
    "Intel(R) Core(TM)2 Duo CPU     E8400  @ 3.00GHz",
    "Intel(R) Pentium(R) CPU G4400 @ 3.30GHz",
    "AMD Ryzen 5 4650G with Radeon Graphics",  # not the PRO
    "AMD Ryzen 5 PRO 1600 Six-Core Processor",
    "AMD A10-7850K Radeon R7, 12 Compute Cores 4C+8G",
    "Intel(R) Xeon(R) CPU E3-1225 v5 @ 3.30GHz",
    "Intel Core i5",
    "x86",
]
"""Not in the lists, however close they are to a row of them."""

MODERN = Workstation(
    "pc",
    os="Windows 10 Pro",
    cpu="Intel(R) Core(TM) i5-10500T CPU @ 2.30GHz",
    memory=8 * GIB,
    disk=256 * 10**9,
    tpm="2.0",
    firmware="uefi",
)


def changed(**values: object) -> Workstation:
    return dataclasses.replace(MODERN, **values)  # type: ignore[arg-type]


def verdict(workstation: Workstation, criterion: str, listed: Processors | None = LISTED) -> fitness.State:
    return next(v.state for v in fitness.judge(workstation, listed).verdicts if v.criterion == criterion)


@pytest.mark.parametrize(("row", "told"), PUBLISHED)
def test_a_processor_is_found_in_the_list_as_systems_call_it(row: str, told: str) -> None:
    assert identify(row) is not None
    assert identify(told) == identify(row)
    assert verdict(changed(cpu=told), "processor") == "fit"


@pytest.mark.parametrize("told", OLDER)
def test_a_processor_that_is_not_in_the_list_is_unknown_never_fit(told: str) -> None:
    assert verdict(changed(cpu=told), "processor") == "unknown"


def test_a_processor_is_unfit_where_a_list_says_so_and_unknown_without_a_list() -> None:
    assert verdict(changed(cpu="Intel(R) Core(TM) i5-7500 CPU @ 3.40GHz"), "processor") == "unfit"
    assert verdict(MODERN, "processor", None) == "unknown"
    assert fitness.judge(MODERN, None).state == "unknown"
    assert fitness.judge(MODERN, None).reasons[0] == "no list of processors was imported"


@pytest.mark.parametrize(
    ("criterion", "values", "state"),
    [
        ("memory", {"memory": 4 * GIB}, "fit"),
        ("memory", {"memory": 4 * 10**9}, "unknown"),  # 4 GB of somebody who counts in thousands
        ("memory", {"memory": 2 * GIB}, "unfit"),
        ("memory", {"memory": None}, "unknown"),
        ("disk", {"disk": 64 * 10**9}, "fit"),
        ("disk", {"disk": 32 * 10**9}, "unfit"),
        ("disk", {"disk": None}, "unknown"),
        ("TPM", {"tpm": "2.0"}, "fit"),
        ("TPM", {"tpm": "2.0, 0, 1.38"}, "fit"),  # SpecVersion of Win32_Tpm
        ("TPM", {"tpm": "1.2, 2, 3"}, "unfit"),
        ("TPM", {"tpm": "none"}, "unfit"),
        ("TPM", {"tpm": "yes"}, "unknown"),
        ("TPM", {"tpm": None}, "unknown"),
        ("UEFI", {"firmware": "uefi"}, "fit"),
        ("UEFI", {"firmware": "bios"}, "unfit"),
        ("UEFI", {"firmware": None}, "unknown"),
        ("64 bits", {"cpu": None, "os": "Windows 10 Pro 64 bits"}, "fit"),
        (
            "64 bits",
            {"cpu": None, "os": "Windows 10 Pro 32 bits"},
            "unknown",
        ),  # of the system, not of the processor
    ],
)
def test_each_criterion_is_held_against_what_microsoft_asks_for(
    criterion: str, values: dict[str, object], state: str
) -> None:
    assert verdict(changed(**values), criterion) == state


def test_a_workstation_is_fit_where_all_is_and_says_why_where_it_is_not() -> None:
    assert (fitness.judge(MODERN, LISTED).state, fitness.judge(MODERN, LISTED).reasons) == ("fit", ())
    found = fitness.judge(changed(tpm="1.2", memory=2 * GIB, disk=None), LISTED)
    assert found.state == "unfit"
    assert found.reasons == ("2 GiB of memory instead of 4", "TPM 1.2 instead of 2.0")
    assert fitness.judge(changed(disk=None), LISTED).reasons == ("its disk is not told",)


TEXT = st.none() | st.text(max_size=80) | st.sampled_from([told for _, told in PUBLISHED] + OLDER)
MACHINES = st.builds(
    Workstation,
    name=st.just("pc"),
    os=TEXT,
    cpu=TEXT,
    memory=st.none() | st.integers(0, 10**12),
    disk=st.none() | st.integers(0, 10**13),
    tpm=st.none() | st.text(max_size=20) | st.sampled_from(["2.0", "1.2", "none"]),
    firmware=st.sampled_from([None, "uefi", "bios"]),
)


@given(MACHINES, st.sampled_from([None, LISTED]))
def test_any_workstation_is_judged_and_only_what_is_wholly_known_is_fit(
    machine: Workstation, listed: Processors | None
) -> None:
    found = fitness.judge(machine, listed)
    states = [verdict.state for verdict in found.verdicts]
    assert found.state == ("unfit" if "unfit" in states else "fit" if set(states) == {"fit"} else "unknown")
    assert (found.state == "fit") == (found.reasons == ())
    if None in (machine.cpu, machine.memory, machine.disk, machine.tpm, machine.firmware) or listed is None:
        assert found.state != "fit"


@given(MACHINES, st.sampled_from(["cpu", "memory", "disk", "tpm", "firmware"]))
def test_knowing_less_never_makes_a_workstation_fit(machine: Workstation, field: str) -> None:
    less = dataclasses.replace(machine, **{field: None})
    if fitness.judge(less, LISTED).state == "fit":
        assert fitness.judge(machine, LISTED).state == "fit"


@given(st.sampled_from(PUBLISHED), st.sampled_from([str.upper, str.lower, "  {} ".format, "\t{}\x00".format]))
def test_case_and_spaces_do_not_matter(row: tuple[str, str], change: object) -> None:
    assert callable(change)
    assert identify(change(row[1])) == identify(row[0])


@given(st.text(max_size=300))
def test_any_name_is_read_or_not_known(name: str) -> None:
    found = identify(name)
    assert found is None or identify(found) == found


def test_the_name_of_a_processor_names_itself() -> None:
    for row, _ in PUBLISHED:
        assert identify(identify(row)) == identify(row)


# --- lists ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Intel® Core™ i5-10500T\nIntel® Celeron® N4020\n",
        "Manufacturer,Brand,Model\nIntel®,Core™,i5-10500T\nIntel®,Celeron®,N4020\n",
        "Manufacturer;Brand;Model\r\nIntel®;Core™;i5-10500T\r\nIntel®;Celeron®;N4020\r\n",
        "| Manufacturer | Brand | Model |\n| --- | --- | --- |\n| Intel® | Core™ | i5-10500T |\n| Intel® | Celeron® | N4020 |\n",
        "Fabricant\tModèle\tSupported\nIntel\tCore i5-10500T\tyes\nIntel\tCeleron N4020\toui\nIntel\tCore i5-7500\tno\n",
    ],
)
def test_a_list_is_read_in_each_of_the_forms_in_which_it_is_published(tmp_path: Path, text: str) -> None:
    file = tmp_path / "intel.txt"
    file.write_text(text, "utf-8")
    found, refused = processors.read(file)
    assert found.supported == {"intel i5-10500t", "intel celeron n4020"}
    assert found.unsupported == ({"intel i5-7500"} if "Supported" in text else set())
    assert refused == ()


def test_a_line_that_names_no_processor_is_refused_with_its_number(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_bytes("Core i5-8500\nà demander\nCore i5-8600\n".encode("cp1252"))
    found, refused = processors.read(file)
    assert found.supported == {"intel i5-8500", "intel i5-8600"}
    assert [str(one) for one in refused] == ["line 2: names no processor that is known: 'à demander'"]


def test_a_file_that_is_no_list_is_said(tmp_path: Path) -> None:
    with pytest.raises(ImportFailedError, match="No such file"):
        processors.read(tmp_path / "nowhere.txt")
    large = tmp_path / "large.txt"
    large.write_bytes(b"x" * (4 * 1024 * 1024 + 1))
    with pytest.raises(ImportFailedError, match="larger than 4 MiB"):
        processors.read(large)


def test_the_list_of_one_maker_replaces_his_former_one_and_leaves_the_others(tmp_path: Path) -> None:
    state = open_state(tmp_path / "state.db")
    assert processors.load(state) is None
    for number, text in enumerate(
        ("Core i5-8500\nCore i5-8600\n", "AMD Ryzen 5 3600\n", "Core i5-8600\nCore i5-9500\n")
    ):
        file = tmp_path / f"{number}.txt"
        file.write_text(text, "utf-8")
        made = processors.preview(state, file)
        processors.commit(state, made, DAY + dt.timedelta(number), "anne", "command line")
    assert list(made.lines()) == ["intel: 2 processors, 1 new, 1 gone, 0 marked unsupported"]
    found = processors.load(state)
    assert found is not None
    assert found.supported == {"intel i5-8600", "intel i5-9500", "amd ryzen 5 3600"}
    assert found.days == {"intel": DAY + dt.timedelta(2), "amd": DAY + dt.timedelta(1)}
    assert [entry.action for entry in audit.entries(state)] == ["processors imported"] * 3
