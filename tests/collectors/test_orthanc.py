"""Orthanc's REST interface beyond its statistics: what an archive keeps, by modality and year, and how it is."""

from __future__ import annotations

import asyncio
import io
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import servers
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydicom.dataset import FileDataset
from pydicom.uid import generate_uid
from telling import telling

from collectors import http
from collectors.memory import Memory
from collectors.orthanc import following, ledger
from collectors.poll import Step, Table
from inventory.estate import Estate


async def poll(
    url: str, memory: Memory | None = None, steps: list[Step] | None = None, **rules: Any
) -> dict[str, Table]:
    estate = Estate.model_validate(
        {
            "credentials": {"rest": {"http": {"user": "mon", "password": "orthanc-secret"}}},
            "targets": [
                {"name": "pacs-01", "timeout": 60,
                 "http": {"family": "orthanc", "url": url, "credential": "rest", "orthanc": rules}}
            ],
        }
    )  # fmt: skip
    trace = (steps if steps is not None else []).append
    tables, _ = await http.poll(estate.targets[0], estate, trace, memory=memory)
    return {table.name: table for table in tables}


def values(table: Table) -> dict[str, float]:
    return {
        "/".join((s.metric.removeprefix("jauge_pacs_"), *(v for _, v in s.labels))): s.value for s in table
    }


# --- what is pushed


class Pushed:
    """What a test put into an archive, counted by the test."""

    def __init__(self, archive: servers.Orthanc) -> None:
        self.archive = archive
        self.rows: list[tuple[str, str, str, int, str]] = []  # study, year, modality, bytes, Orthanc's study

    def push(self, day: str, *modalities: str, study: str | None = None, series: str | None = None) -> str:
        """Store a study of one series for each modality, or more of a study; its UID."""
        uid = study or str(generate_uid())
        for modality in modalities:
            data = servers.ct_slice("TEST-001", uid, series or str(generate_uid()), len(self.rows) + 1)
            data.StudyDate, data.Modality = day, modality
            body = written(data)
            answer = self._ask("POST", "/instances", content=body).json()
            self.rows.append((uid, day[:4], modality, len(body), answer["ParentStudy"]))
        return uid

    def delete(self, study: str) -> None:
        """Delete a study."""
        self._ask("DELETE", f"/studies/{next(row[4] for row in self.rows if row[0] == study)}")
        self.rows = [row for row in self.rows if row[0] != study]

    def sums(self) -> dict[str, float]:
        """What must be read of it."""
        found: defaultdict[str, float] = defaultdict(float)
        studies: defaultdict[str, set[str]] = defaultdict(set)
        for study, year, modality, size, _ in self.rows:
            studies[f"modality_studies/{modality}"].add(study)
            studies[f"year_studies/{year}"].add(study)
            found[f"modality_stored_bytes/{modality}"] += size
            found[f"year_stored_bytes/{year}"] += size
        return dict(found) | {name: float(len(held)) for name, held in studies.items()}

    def _ask(self, method: str, path: str, **parts: Any) -> httpx.Response:
        auth = (self.archive.user, self.archive.password)
        with httpx.Client(auth=auth, timeout=30, trust_env=False, verify=False) as client:
            return client.request(method, self.archive.url + path, **parts).raise_for_status()


def written(data: FileDataset) -> bytes:
    place = io.BytesIO()
    data.save_as(place, enforce_file_format=True)
    return place.getvalue()


def figures(table: Table) -> dict[str, float]:
    """Studies and bytes by modality and year; what went to nothing is left out."""
    return {name: value for name, value in values(table).items() if re.match("modality|year", name) and value}


async def until(archive: servers.Orthanc, memory: Memory, done: Callable[[Table], bool]) -> Table:
    """Poll until it is so."""
    end = time.monotonic() + 60
    while True:
        table = (await poll(archive.url, memory))["series"]
        assert table.up, table.detail
        if done(table) or time.monotonic() > end:
            return table
        await asyncio.sleep(0.2)


@pytest.fixture
def archive() -> Iterator[servers.Orthanc]:
    with servers.orthanc() as server:
        yield server


# --- following


@pytest.mark.proves("HTTP", "orthanc", "orthanc")
async def test_studies_and_bytes_are_those_that_were_pushed(archive: servers.Orthanc) -> None:
    pushed = Pushed(archive)
    pushed.push("20260105", "CT")
    pushed.push("20251231", "CT", "PT")
    pushed.push("20060704", "MR", "MR", "SR")
    steps: list[Step] = []
    table = (await poll(archive.url, steps=steps))["series"]
    assert table.up, table.detail
    assert figures(table) == pushed.sums()
    assert values(table)["followed_ratio"] == 1
    assert sum(v for k, v in figures(table).items() if k.startswith("modality_stored")) == int(
        archive.get("/statistics")["TotalDiskSize"]
    )
    assert "SYNTHETIC" not in repr((table, steps))
    assert "TEST-001" not in repr((table, steps))


async def test_a_first_pass_goes_on_over_many_polls_and_tells_no_figure_before_its_end(
    archive: servers.Orthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PER_POLL", 2)
    monkeypatch.setattr(following, "PAGE", 2)
    monkeypatch.setattr(following, "PAGES", 1)
    pushed, memory = Pushed(archive), Memory()
    for number in range(9):
        pushed.push(f"20{number:02}0101", "CT")
    seen = []
    for _ in range(30):
        table = (await poll(archive.url, memory))["series"]
        assert table.up, table.detail
        seen.append(values(table)["followed_ratio"])
        if figures(table):
            break
        assert "series were looked at" in table.notes[0]
    assert seen == sorted(seen)
    assert len(seen) > 2
    assert seen[-1] == 1
    assert figures(table) == pushed.sums()


async def test_what_comes_and_grows_is_followed(archive: servers.Orthanc) -> None:
    pushed, memory = Pushed(archive), Memory()
    series = str(generate_uid())
    study = pushed.push("20260105", "CT", series=series)
    await until(archive, memory, lambda table: figures(table) == pushed.sums())
    pushed.push("20260105", "CT", study=study, series=series)  # one more slice of the same series
    pushed.push("20260106", "MG")
    table = await until(archive, memory, lambda table: figures(table) == pushed.sums())
    assert figures(table) == pushed.sums()
    assert values(table)["series_deleted_total"] == 0


async def test_what_is_deleted_is_struck_out_and_counted(archive: servers.Orthanc) -> None:
    pushed, memory = Pushed(archive), Memory()
    pushed.push("20260105", "CT", "SR")
    gone = pushed.push("20200105", "MR", "SR")
    await until(archive, memory, lambda table: bool(figures(table)))
    pushed.delete(gone)
    table = await until(archive, memory, lambda table: figures(table) == pushed.sums())
    assert figures(table) == pushed.sums()
    assert values(table)["series_deleted_total"] == 2
    assert values(table)["year_studies/2020"] == 0


async def test_deletions_in_the_midst_of_a_pass_leave_nothing_out(
    archive: servers.Orthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PAGE", 2)
    monkeypatch.setattr(following, "PAGES", 1)
    pushed, memory = Pushed(archive), Memory()
    studies = [pushed.push(f"20{number:02}0101", "CT") for number in range(8)]
    await poll(archive.url, memory)
    pushed.delete(studies[0])  # what was listed moves up by one place
    pushed.delete(studies[1])
    pushed.push("20260105", "US")
    table = await until(archive, memory, lambda table: figures(table) == pushed.sums())
    assert figures(table) == pushed.sums()


async def test_an_archive_that_was_made_anew_is_followed_anew() -> None:
    memory = Memory()
    with servers.orthanc() as before:
        pushed = Pushed(before)
        for number in range(4):
            pushed.push(f"20{number:02}0101", "CT")
        await until(before, memory, lambda table: bool(figures(table)))
    with servers.orthanc() as after:
        pushed = Pushed(after)
        pushed.push("20260105", "MR")
        table = await until(after, memory, lambda table: figures(table) == pushed.sums())
    assert figures(table) == pushed.sums()
    assert values(table)["series_deleted_total"] == 0
    assert "modality_studies/CT" not in values(table)


async def test_another_archive_in_its_place_is_followed_anew() -> None:
    memory = Memory()
    with servers.orthanc() as before:
        Pushed(before).push("20260105", "CT")
        await until(before, memory, lambda table: bool(figures(table)))
    with servers.orthanc(Name="ANOTHER") as after:
        pushed = Pushed(after)
        for _ in range(5):
            pushed.push("20260105", "MR")
        table = (await poll(after.url, memory))["series"]
    assert figures(table) == pushed.sums()


async def test_a_study_without_a_date_has_no_year(archive: servers.Orthanc) -> None:
    pushed = Pushed(archive)
    data = servers.ct_slice("TEST-001", str(generate_uid()), str(generate_uid()), 1)
    del data.StudyDate
    pushed._ask("POST", "/instances", content=written(data))
    table = (await poll(archive.url))["series"]
    assert values(table)["year_studies/unknown"] == 1


async def test_nobody_is_followed_where_the_estate_says_so(archive: servers.Orthanc) -> None:
    assert set(await poll(archive.url, follow=False)) == {"system", "statistics", "jobs", "metrics"}


async def test_an_archive_that_is_too_large_is_not_followed(
    archive: servers.Orthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SERIES_CAP", 1)
    Pushed(archive).push("20260105", "CT", "MR")
    assert (await poll(archive.url))["series"].reason == "capped"


# --- what never leaves the archive


SERIES = "a408fad1-5f7d1271-729732da-142fc1e2-386930e6"
STUDY = "7b412482-10672769-00f14a9c-838c5bb4-5b3bc8df"
INSTANCE = "954f05c1-a2443785-5500377a-605e8261-de04a84f"
COUNTED = {"CountPatients": 1, "CountStudies": 1, "CountSeries": 1, "CountInstances": 1, "TotalDiskSize": "9", "TotalUncompressedSize": "9"}  # fmt: skip
PAGES: dict[str, Any] = {
    "/system": {"Version": "1.12.4", "Name": "PACS"},
    "/statistics": COUNTED,
    "/jobs": [{"State": "Running", "Content": {"PatientID": "XK4711Z"}}],
    "/changes": {"Changes": [], "Done": True, "Last": 7},
    "/series": [SERIES],
    f"/series/{SERIES}": {"ParentStudy": STUDY, "Instances": [INSTANCE], "MainDicomTags": {"Modality": "CT", "OperatorsName": "DOE^JANE"}},
    f"/series/{SERIES}/statistics": {"DiskSize": "9"},
    f"/instances/{INSTANCE}/content/0008-0020": b"20260105",
}  # fmt: skip


async def test_no_page_that_names_a_patient_is_asked_for_and_no_name_is_kept_or_shown() -> None:
    memory, steps = Memory(), []
    with telling(PAGES) as (url, asked):
        tables = await poll(url, memory, steps)
    assert figures(tables["series"])["modality_studies/CT"] == 1
    assert not [path for path in asked if re.match(r"/(patients|studies)|.*(tags|module|0010-)", path)]
    kept = repr(vars(memory.recall(following.Archive))) + repr(vars(memory.recall(following.Archive).ledger))
    for said in (repr(tables), repr(steps), kept):
        assert "DOE" not in said
        assert "XK4711Z" not in said


WRONG: dict[str, dict[str, Any]] = {
    "another program": {"/system": []},
    "no list of changes": {"/changes": {"Last": 7}},
    "a log that counts with words": {"/changes": {"Changes": [], "Last": "seven"}},
    "a list of series that is none": {"/series": {"a": 1}},
    "names that lead elsewhere": {"/series": ["../../patients"]},
    "names of another form": {"/series": [17]},
    "a series that is a list": {f"/series/{SERIES}": []},
    "a series of no study": {f"/series/{SERIES}": {"ParentStudy": "x", "Instances": [INSTANCE]}},
    "a size below nothing": {f"/series/{SERIES}/statistics": {"DiskSize": "-1"}},
    "no size": {f"/series/{SERIES}/statistics": {}},
}


@pytest.mark.parametrize("name", WRONG)
async def test_an_archive_that_speaks_otherwise_is_not_guessed_at(name: str) -> None:
    memory = Memory()
    with telling(PAGES | WRONG[name]) as (url, asked):
        await poll(url, memory)
        table = (await poll(url, memory))["series"]
    assert table.reason == "unparsed", table.detail
    assert figures(table) == {}
    assert not [path for path in asked if ".." in path or "patients" in path]


async def test_a_modality_or_a_date_that_is_none_is_told_as_such() -> None:
    strange = {
        f"/series/{SERIES}": {"ParentStudy": STUDY, "Instances": [INSTANCE], "MainDicomTags": {"Modality": '"} 1\nfake 1'}},
        f"/instances/{INSTANCE}/content/0008-0020": b"<script>",
    }  # fmt: skip
    with telling(PAGES | strange) as (url, _):
        table = (await poll(url))["series"]
    assert figures(table) == {
        "modality_studies/OTHER": 1, "modality_stored_bytes/OTHER": 9,
        "year_studies/unknown": 1, "year_stored_bytes/unknown": 9,
    }  # fmt: skip


# --- the sums


STEPS = st.lists(
    st.tuples(
        st.integers(0, 12), st.sampled_from(["CT", "MR", "PT", "x"]), st.integers(0, 4), st.integers(0, 99), st.booleans()
    ),
    max_size=60,
)  # fmt: skip


@given(STEPS)
def test_sums_are_those_of_the_series_that_are_there(steps: list[tuple[int, str, int, int, bool]]) -> None:
    book, there = ledger.Ledger(), {}
    for key, modality, study, size, stays in steps:
        if stays:
            when = ledger.UNKNOWN if book.dated(study) else f"20{study:02}"
            book.put(key, modality, study, size, when)
            there[key] = ("OTHER" if modality == "x" else modality, study, size)
        else:
            assert book.remove(key) == (there.pop(key, None) is not None)
    expected: defaultdict[str, float] = defaultdict(float)
    for modality, study, size in there.values():
        expected[f"modality_stored_bytes/{modality}"] += size
        expected[f"year_stored_bytes/20{study:02}"] += size
    for modality, _ in {(modality, study) for modality, study, _ in there.values()}:
        expected[f"modality_studies/{modality}"] += 1
    for study in {study for _, study, _ in there.values()}:
        expected[f"year_studies/20{study:02}"] += 1
    told = {"/".join((s.metric.removeprefix("jauge_pacs_"), s.labels[0][1])): s.value for s in book.samples()}
    assert {name: value for name, value in told.items() if value} == {n: v for n, v in expected.items() if v}
    assert min(told.values(), default=0) >= 0
    assert len(book) == len(there)


@given(st.text() | st.dates().map(lambda day: f"{day:%Y%m%d}"))
def test_a_year_is_one_of_this_time_or_unknown(text: str) -> None:
    year = ledger.year(text)
    assert year == ledger.UNKNOWN or (1900 <= int(year) <= 2099 and text.startswith(year))


# --- jobs, metrics, peers, compression


async def test_jobs_are_counted_by_state() -> None:
    nowhere = ["GONE", servers.LOOPBACK, servers.free_port()]
    with servers.orthanc(DicomModalities={"gone": nowhere}, DicomScuTimeout=2) as archive:
        pushed = Pushed(archive)
        pushed.push("20260105", "CT")
        study = archive.get("/studies")[0]
        pushed._ask("POST", "/tools/create-archive", json={"Asynchronous": True, "Resources": [study]})
        failing = {"Asynchronous": True, "Resources": [study]}
        pushed._ask("POST", "/modalities/gone/store", json=failing)
        end = time.monotonic() + 60
        while {job["State"] for job in archive.get("/jobs?expand")} != {"Success", "Failure"}:
            assert time.monotonic() < end
            await asyncio.sleep(0.1)
        table = (await poll(archive.url))["jobs"]
    assert values(table) == {
        "jobs/pending": 0, "jobs/running": 0, "jobs/paused": 0, "jobs/retry": 0, "jobs/success": 1, "jobs/failure": 1,
        "transfers/GONE/pending": 0, "transfers/GONE/running": 0, "transfers/GONE/paused": 0, "transfers/GONE/retry": 0,
        "transfers/GONE/success": 0, "transfers/GONE/failure": 1, "transfer_failed_instances/GONE": 0,
    }  # fmt: skip


async def test_instances_that_a_peer_did_not_take_are_told_of_that_peer() -> None:
    """A permissive transfer goes on after one that is refused, and ends with success."""

    def sent(aet: str, state: str, failed: Any) -> dict[str, Any]:
        content = {
            "RemoteAet": aet,
            "InstancesCount": 9,
            "FailedInstancesCount": failed,
            "ParentResources": ["XK4711Z"],
        }
        return {"Type": "DicomModalityStore", "State": state, "Content": content}

    other = {"Type": "Archive", "State": "Success", "Content": {"RemoteAet": "NOBODY"}}
    listed = [sent("VNA", "Success", 2), sent("VNA", "Running", 1), sent("RIS", "Success", "many"), other]
    with telling(PAGES | {"/jobs": listed}) as (url, _):
        read = values((await poll(url))["jobs"])
    assert read["transfer_failed_instances/VNA"] == 3
    assert read["transfers/VNA/success"] == read["transfers/VNA/running"] == 1
    assert read["transfer_failed_instances/RIS"] == 0
    assert not [name for name in read if "NOBODY" in name or "XK4711Z" in name]


async def test_jobs_in_a_state_that_nobody_knows_are_not_guessed_at() -> None:
    with telling(PAGES | {"/jobs": [{"State": "Dreaming"}]}) as (url, _):
        assert (await poll(url))["jobs"].reason == "unparsed"


async def test_the_time_of_storing_is_told_once_something_was_stored(archive: servers.Orthanc) -> None:
    Pushed(archive).push("20260105", "CT")
    read = values((await poll(archive.url))["metrics"])
    assert 0 <= read["store_seconds"] < 60


async def test_an_archive_that_measures_nothing_of_itself_fails_no_table() -> None:
    with servers.orthanc(MetricsEnabled=False) as archive:
        table = (await poll(archive.url))["metrics"]
    assert table.up, table.detail


async def test_peers_that_the_estate_names_are_echoed_and_no_others(dcmqrscp: int) -> None:
    known = {
        "up": ["PACS2", servers.LOOPBACK, dcmqrscp],
        "down": ["GONE", servers.LOOPBACK, servers.free_port()],
        "silent": ["PACS2", servers.LOOPBACK, dcmqrscp],
    }
    with servers.orthanc(DicomModalities=known, DicomScuTimeout=2) as archive:
        table = (await poll(archive.url, echo=["up", "down"]))["peers"]
        assert values(table) == {"peer_echo_success/up": 1, "peer_echo_success/down": 0}
        unknown = (await poll(archive.url, echo=["nobody"]))["peers"]
    assert (unknown.reason, "knows no modality nobody" in unknown.detail) == ("unparsed", True)


async def test_sizes_before_compression_are_those_that_were_pushed_though_orthanc_s_own_metric_is_not() -> (
    None
):
    with servers.orthanc(StorageCompression=True) as archive:
        pushed = Pushed(archive)
        for _ in range(3):
            pushed.push("20260105", "CT")
        read = values((await poll(archive.url))["statistics"])
        with httpx.Client(auth=(archive.user, archive.password), trust_env=False, verify=False) as client:
            said = client.get(f"{archive.url}/tools/metrics-prometheus").text
    size = sum(row[3] for row in pushed.rows)
    pixels = 64 * 64 * 2 + 12  # an element of OW with its tag and length
    heads = sum(row[3] - pixels for row in pushed.rows)  # kept once more where files are compressed
    assert read["uncompressed_bytes"] == size + heads
    assert read["stored_bytes"] < size
    told = {line.split()[0]: float(line.split()[1]) for line in said.splitlines() if line}
    assert told["orthanc_uncompressed_size_mb"] == pytest.approx(read["stored_bytes"] / 2**20, rel=1e-3)


def test_rules_of_orthanc_go_with_no_other_family() -> None:
    access = {"family": "nimble", "url": "https://a", "orthanc": {"follow": False}}
    with pytest.raises(ValidationError, match="goes with family"):
        Estate.model_validate({"targets": [{"name": "a", "http": access}]})
