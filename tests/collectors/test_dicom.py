"""C-ECHO and C-FIND against Orthanc and DCMTK's archive, over TLS too, and against what is no PACS."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import certificates
import pytest
import servers
from cryptography import x509
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE, evt

from collectors import dicom
from collectors.board import Standing
from collectors.dicom.counts import STUDY_ROOT_FIND
from collectors.dicom.echo import VERIFICATION
from collectors.memory import Memory
from collectors.poll import Step, Table, forget
from collectors.polling import Poller
from exporters.exposition import estate_body, render
from inventory.estate import Estate


async def echo(port: int, aet: str = "ORTHANC", timeout: float = 5, **access: Any) -> Table:
    target = {"name": "pacs-01", "address": servers.LOOPBACK, "timeout": timeout}
    estate = Estate.model_validate({"targets": [target | {"dicom": {"aet": aet, "port": port, **access}}]})
    tables, _ = await dicom.poll(estate.targets[0], estate, forget)
    return tables[0]


def values(table: Table) -> dict[str, float]:
    return {sample.metric: sample.value for sample in table}


@pytest.mark.proves("DICOM", "dicom", "orthanc")
async def test_orthanc_answers_an_echo(orthanc: servers.Orthanc) -> None:
    table = await echo(orthanc.dicom)
    assert table.up, table.detail
    assert values(table)["jauge_dicom_echo_success"] == 1
    assert 0 < values(table)["jauge_dicom_echo_duration_seconds"] < 5


async def test_a_rejected_title_is_told_apart_from_an_archive_that_is_down(dcmqrscp: int) -> None:
    assert values(await echo(dcmqrscp, "PACS2"))["jauge_dicom_echo_success"] == 1
    for _ in range(20):  # the archive hangs up while its rejection is being read
        table = await echo(dcmqrscp, "NOBODY")
        assert table.up, table.detail
        assert values(table)["jauge_dicom_echo_success"] == 0
        rejected = next(sample for sample in table if sample.metric == "jauge_dicom_association_rejected")
        assert dict(rejected.labels) == {"aet": "NOBODY", "reason": "called_aet_not_recognized"}


async def test_a_closed_port_is_refused() -> None:
    assert (await echo(servers.free_port())).reason == "refused"


async def test_a_port_that_never_answers_times_out() -> None:
    with socket.create_server((servers.LOOPBACK, 0)) as silent:
        start = time.monotonic()
        assert (await echo(silent.getsockname()[1], timeout=1)).reason == "timeout"
        assert time.monotonic() - start < 10


STARVED = """
import asyncio, os, resource
from collectors import dicom
from collectors.board import Standing
from inventory.estate import Dicom, Estate, Target

async def main():
    target = Target(name="a", address="127.0.0.1", timeout=3, dicom=Dicom(aet="PACS", port=9))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    held = []
    try:
        while True:
            held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        tables, _ = await dicom.poll(target, Estate(), lambda step: None)
        print(tables[0].reason, tables[0].detail)

asyncio.run(main())
"""


def test_files_that_we_lack_are_no_refusal_of_the_archive() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STARVED], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.startswith("internal too many open files: raise"), done.stdout


# --- TLS


@contextlib.contextmanager
def authority() -> Iterator[certificates.Authority]:
    """An authority whose files the servers can read, which are nobody."""
    with servers.folder() as place:
        yield certificates.Authority(place)


@contextlib.contextmanager
def orthanc_over_tls(files: certificates.Certificate, clients: Path | None) -> Iterator[int]:
    """The DICOM port of an Orthanc that speaks TLS; `clients` is the authority of those that it lets in."""
    settings: dict[str, Any] = {
        "DicomTlsEnabled": True,
        "DicomTlsCertificate": str(files.certificate),
        "DicomTlsPrivateKey": str(files.key),
        "DicomTlsRemoteCertificateRequired": clients is not None,
    }
    if clients is not None:
        settings["DicomTlsTrustedCertificates"] = str(clients)
    with servers.orthanc(**settings) as archive:
        yield archive.dicom


@contextlib.contextmanager
def storescp_over_tls(files: certificates.Certificate, *options: str) -> Iterator[int]:
    """The port of DCMTK's receiver, which answers C-ECHO over TLS."""
    server = servers.program("storescp", "dcmtk")
    with servers.folder() as place:
        port = servers.free_port()
        argv = [
            server,
            "+tls",
            str(files.key),
            str(files.certificate),
            *options,
            "-od",
            str(place),
            str(port),
        ]
        with servers.running(argv, lambda: servers.answers(port), place / "log"):
            yield port


async def test_orthanc_is_asked_over_tls_with_our_certificate() -> None:
    with authority() as trusted, orthanc_over_tls(trusted.sign(), trusted.file) as port:
        ours = trusted.sign("jauge.test")
        mine = {"ca": str(trusted.file), "certificate": str(ours.certificate), "key": str(ours.key)}
        table = await echo(port, timeout=20, tls=mine)
        assert table.up, table.detail
        assert values(table)["jauge_dicom_echo_success"] == 1
        without = await echo(port, timeout=20, tls={"ca": str(trusted.file)})
        assert without.reason == "tls", without.detail
        plain = await echo(port, timeout=5)
        assert plain.reason in ("empty_answer", "timeout"), plain.detail


async def test_storescp_is_asked_over_tls_and_certificates_that_do_not_hold_are_named() -> None:
    with authority() as trusted, servers.folder() as place:
        ca, shown = {"ca": str(trusted.file)}, trusted.sign()
        ends = x509.load_pem_x509_certificate(shown.certificate.read_bytes()).not_valid_after_utc.timestamp()
        with storescp_over_tls(shown, "-ic") as port:
            table = await echo(port, timeout=20, tls=ca)
            assert table.up, table.detail
            assert values(table)["jauge_dicom_echo_success"] == 1
            stranger = certificates.Authority(place, "another authority")
            unknown = await echo(port, timeout=20, tls={"ca": str(stranger.file)})
            unchecked = await echo(port, timeout=20, tls={"verify": False})
        with storescp_over_tls(trusted.sign(days=-1), "-ic") as port:
            expired = await echo(port, timeout=20, tls=ca)
        with storescp_over_tls(trusted.sign("pacs.elsewhere.test"), "-ic") as port:
            misnamed = await echo(port, timeout=20, tls=ca)
            named = await echo(port, timeout=20, tls=ca | {"name": "pacs.elsewhere.test"})
    assert unchecked.up
    assert named.up
    for one in (table, unchecked):
        told = {(sample.metric, sample.labels): sample.value for sample in one}
        assert told["jauge_certificate_end_timestamp_seconds", (("kind", "dicom"),)] == ends
    for failed, words in ((unknown, "local issuer"), (expired, "expired"), (misnamed, "mismatch")):
        assert failed.reason == "tls"
        assert words in failed.detail


async def test_storescp_that_wants_our_certificate_says_so() -> None:
    with authority() as trusted, storescp_over_tls(trusted.sign(), "-rc", "+cf", str(trusted.file)) as port:
        table = await echo(port, timeout=20, tls={"ca": str(trusted.file)})
    assert table.reason == "tls"
    assert "certificate" in table.detail


async def test_an_archive_without_tls_is_told_apart_from_one_that_is_down(dcmqrscp: int) -> None:
    with authority() as trusted:
        table = await echo(dcmqrscp, "PACS2", timeout=5, tls={"ca": str(trusted.file)})
    assert table.reason in ("tls", "timeout")
    assert "TLS" in table.detail


# --- peers that answer as they like


@contextlib.contextmanager
def peer(*pieces: bytes, forever: bytes = b"", stay: bool = True) -> Iterator[int]:
    """The port of a peer that answers the request for an association with these bytes."""
    ended = threading.Event()

    def serve() -> None:
        with contextlib.suppress(OSError):
            sock, _ = server.accept()
            with sock:
                sock.recv(65536)
                for piece in pieces:
                    sock.sendall(piece)
                while forever:
                    sock.sendall(forever)
                    ended.wait(0.2 if len(forever) < 10 else 0)
                if stay:
                    ended.wait(30)

    with socket.create_server((servers.LOOPBACK, 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            ended.set()


def reject(result: int, source: int, reason: int) -> bytes:
    """An A-ASSOCIATE-RJ (DICOM PS3.8, 9.3.4)."""
    return bytes([3, 0, 0, 0, 0, 4, 0, result, source, reason])


def abort(source: int, reason: int) -> bytes:
    """An A-ABORT (DICOM PS3.8, 9.3.8)."""
    return bytes([7, 0, 0, 0, 0, 4, 0, 0, source, reason])


CAUSES = {
    reject(1, 1, 1): "no_reason_given",
    reject(1, 1, 2): "application_context_not_supported",
    reject(1, 1, 3): "calling_aet_not_recognized",
    reject(1, 1, 7): "called_aet_not_recognized",
    reject(1, 2, 1): "no_reason_given_by_acse",
    reject(1, 2, 2): "protocol_version_not_supported",
    reject(2, 3, 1): "temporary_congestion",
    reject(2, 3, 2): "local_limit_exceeded",
    reject(1, 1, 9): "other",
    abort(0, 0): "aborted",
    abort(2, 0): "aborted_by_peer_no_reason",
    abort(2, 1): "aborted_unrecognized_pdu",
    abort(2, 2): "aborted_unexpected_pdu",
    abort(2, 4): "aborted_unrecognized_parameter",
    abort(2, 5): "aborted_unexpected_parameter",
    abort(2, 6): "aborted_invalid_parameter",
}


@pytest.mark.parametrize("answer", CAUSES, ids=list(CAUSES.values()))
async def test_each_refusal_of_the_standard_has_its_cause(answer: bytes) -> None:
    with peer(answer) as port:
        table = await echo(port, timeout=20)
    assert table.up, table.detail
    (rejected,) = [sample for sample in table if sample.metric == "jauge_dicom_association_rejected"]
    assert dict(rejected.labels) == {"aet": "ORTHANC", "reason": CAUSES[answer]}
    assert values(table)["jauge_dicom_echo_success"] == 0


@contextlib.contextmanager
def scp(*handlers: Any, syntax: str = VERIFICATION) -> Iterator[int]:
    """The port of an application entity of pynetdicom's, which supports one abstract syntax."""
    entity = AE("PACS")
    entity.add_supported_context(syntax)
    server = entity.start_server((servers.LOOPBACK, 0), block=False, evt_handlers=list(handlers))
    try:
        yield server.socket.getsockname()[1]
    finally:
        server.shutdown()


async def test_an_archive_that_knows_no_echo_says_so() -> None:
    with scp(syntax=CTImageStorage) as port:
        table = await echo(port, timeout=20)
    assert table.up, table.detail
    (rejected,) = [sample for sample in table if sample.metric == "jauge_dicom_association_rejected"]
    assert dict(rejected.labels)["reason"] == "sop_class_not_supported"


async def test_an_abort_in_the_midst_of_an_echo_is_one() -> None:
    with scp((evt.EVT_C_ECHO, lambda event: event.assoc.abort() or 0)) as port:
        table = await echo(port, timeout=20)
    causes = [dict(s.labels)["reason"] for s in table if s.metric == "jauge_dicom_association_rejected"]
    assert causes == ["aborted"], table.detail


async def test_an_echo_that_is_never_answered_is_a_timeout() -> None:
    with scp((evt.EVT_C_ECHO, lambda event: time.sleep(4) or 0)) as port:
        start = time.monotonic()
        table = await echo(port, timeout=1.5)
        assert (table.reason, time.monotonic() - start < 10) == ("timeout", True), table.detail
    assert "C-ECHO" in table.detail


HOSTILE = {
    "a PDU of four gigabytes": (
        {"pieces": (b"\x02\x00\xff\xff\xff\xff",), "forever": bytes(4096)},
        "truncated",
    ),
    "a PDU that is never complete": ({"pieces": (b"\x02\x00\x00\x00\x01\x00\x00",)}, "timeout"),
    "a byte now and then": ({"pieces": (b"\x02\x00\x00\x00\x10\x00",), "forever": b"\0"}, "timeout"),
    "another protocol": ({"pieces": (b"HTTP/1.1 400 Bad Request\r\n\r\n",), "stay": False}, None),
    "a hang-up": ({"stay": False}, "empty_answer"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_peer_is_left_in_time_with_little_memory(name: str) -> None:
    peculiar, reason = HOSTILE[name]
    peculiar = dict(peculiar)
    with peer(*peculiar.pop("pieces", ()), **peculiar) as port:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.monotonic()
        table = await echo(port, timeout=2)
        assert time.monotonic() - start < 12
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000
    assert values(table).get("jauge_dicom_echo_success", 0) == 0
    assert table.reason == reason or (reason is None and table.reason in ("empty_answer", None)), table.detail


async def test_a_name_without_an_address_is_no_fault_of_ours() -> None:
    estate = Estate.model_validate({"targets": [{"name": "pacs.invalid", "dicom": {"aet": "PACS"}}]})
    tables, _ = await dicom.poll(estate.targets[0], estate, forget)
    assert (tables[0].reason, "address" in tables[0].detail) == ("refused", True)


# --- counts


def today() -> date:
    return datetime.now(ZoneInfo("Europe/Paris")).date()


async def counts(
    port: int, memory: Memory | None = None, aet: str = "ORTHANC", timeout: float = 30, **rules: Any
) -> tuple[Table, list[Step]]:
    steps: list[Step] = []
    access = {"aet": aet, "port": port, "counts": rules}
    target = {"name": "pacs-01", "address": servers.LOOPBACK, "timeout": timeout, "dicom": access}
    estate = Estate.model_validate({"targets": [target]})
    tables, _ = await dicom.poll(estate.targets[0], estate, steps.append, memory)
    return tables[1], steps


def counted(table: Table) -> dict[str, float]:
    return {"/".join(value for name, value in s.labels if name != "aet"): s.value for s in table}


def study(number: int, day: date, *modalities: str) -> list[FileDataset]:
    """A study of one series for each modality."""
    uid = generate_uid()
    made = []
    for modality in modalities:
        data = servers.ct_slice(f"TEST-{number:03}", uid, generate_uid(), 1)
        data.StudyDate, data.Modality = f"{day:%Y%m%d}", modality
        made.append(data)
    return made


def store(port: int, aet: str, instances: list[FileDataset]) -> None:
    entity = AE("PROBE")
    entity.add_requested_context(CTImageStorage, ExplicitVRLittleEndian)
    association = entity.associate(servers.LOOPBACK, port, ae_title=aet)
    assert association.is_established
    for data in instances:
        assert association.send_c_store(data).Status == 0
    association.release()


def week() -> list[FileDataset]:
    """Three studies of today, two of yesterday, one of the day before: PET/CT counts as both."""
    now = today()
    listed = [(now, "CT"), (now, "CT", "PT"), (now, "MR"), (now - timedelta(1), "CT"), (now - timedelta(1), "MG"), (now - timedelta(2), "CT")]  # fmt: skip
    return [data for number, (day, *held) in enumerate(listed) for data in study(number, day, *held)]


PUSHED = {
    "today": 3, "yesterday": 2,
    "today/CT": 2, "today/PT": 1, "today/MR": 1, "yesterday/CT": 1, "yesterday/MG": 1,
}  # fmt: skip


async def test_orthanc_counts_what_was_pushed() -> None:
    with servers.orthanc(DicomAlwaysAllowFind=True) as archive:
        store(archive.dicom, archive.aet, week())
        table, steps = await counts(archive.dicom)
        known = {
            archive.get(f"/studies/{one}")["MainDicomTags"]["StudyInstanceUID"]
            for one in archive.get("/studies")
        }
    assert table.up, table.detail
    assert counted(table) == PUSHED
    said = repr((table, steps))
    assert "SYNTHETIC" not in said
    assert "TEST-0" not in said
    assert not [uid for uid in known if uid in said]


@pytest.mark.proves("DICOM", "dicom", "dcmtk")
async def test_an_archive_without_modalities_in_study_is_counted_by_day_only() -> None:
    """DCMTK's archive does not tell ModalitiesInStudy."""
    with servers.dcmqrscp() as port:
        store(port, "PACS2", week())
        table, _ = await counts(port, aet="PACS2")
    assert table.up, table.detail
    assert counted(table) == {"today": 3, "yesterday": 2}
    assert "ModalitiesInStudy" in table.notes[0]


ASKED: list[Dataset] = []


def answering(*listed: dict[str, Any], status: int = 0x0000, endless: bool = False) -> Any:
    """A handler of C-FIND that gives these answers, whatever was asked."""

    def find(event: Any) -> Iterator[tuple[int, Dataset | None]]:
        ASKED.append(event.identifier)
        for fields in itertools.cycle(listed) if endless else listed:
            if event.is_cancelled:
                HEARD.append("C-CANCEL")
                yield 0xFE00, None
                return
            answer = Dataset()
            answer.QueryRetrieveLevel = "STUDY"
            for keyword, value in fields.items():
                setattr(answer, keyword, value)
            yield 0xFF00, answer
        if status:
            yield status, None

    return (evt.EVT_C_FIND, find)


HEARD: list[str] = []


@contextlib.contextmanager
def finding(*listed: dict[str, Any], **peculiar: Any) -> Iterator[int]:
    ASKED.clear()
    HEARD.clear()
    entity = AE("PACS")
    entity.add_supported_context(VERIFICATION)
    entity.add_supported_context(STUDY_ROOT_FIND)
    server = entity.start_server(
        (servers.LOOPBACK, 0), block=False, evt_handlers=[answering(*listed, **peculiar)]
    )
    try:
        yield server.socket.getsockname()[1]
    finally:
        server.shutdown()


def one(**fields: Any) -> dict[str, Any]:
    return {"StudyDate": f"{today():%Y%m%d}", "ModalitiesInStudy": "CT", **fields}


async def test_no_key_of_a_patient_is_asked_for_and_none_that_is_answered_is_kept() -> None:
    answer = one(
        PatientName="DOE^JANE", PatientID="4711", AccessionNumber="A4711", StudyInstanceUID="1.2.3.4711"
    )
    with finding(answer, one(ModalitiesInStudy=["CT", "SR"])) as port:
        table, steps = await counts(port)
    assert counted(table) == {"today": 2, "yesterday": 0, "today/CT": 2, "today/SR": 1}
    (asked,) = ASKED
    assert {element.keyword for element in asked} == {"QueryRetrieveLevel", "StudyDate", "ModalitiesInStudy"}
    assert asked.StudyDate == f"{today() - timedelta(1):%Y%m%d}-{today():%Y%m%d}"
    assert "DOE" not in repr((table, steps))
    assert "4711" not in repr((table, steps))


async def test_more_studies_than_the_limit_are_cancelled_and_not_counted() -> None:
    with finding(one(), endless=True) as port:
        table, _ = await counts(port, limit=50)
        end = time.monotonic() + 20
        while not HEARD and time.monotonic() < end:
            time.sleep(0.05)
    assert (table.reason, counted(table)) == ("capped", {})
    assert HEARD == ["C-CANCEL"]


@pytest.mark.parametrize(
    ("listed", "status", "reason", "words"),
    [
        ([one(StudyDate="20010101")], 0, "unparsed", "StudyDate"),
        ([one(StudyDate="")], 0, "unparsed", "without a date"),
        ([one()], 0xA700, "unparsed", "A700H"),
        ([], 0xA900, "unparsed", "A900H"),
        ([], 0xC001, "unparsed", "C001H"),
        ([one()], 0xFE00, "capped", "stopped by itself"),
    ],
    ids=["other days", "no days", "out of resources", "keys", "unable", "its own limit"],
)
async def test_an_archive_that_does_not_count_right_is_not_believed(
    listed: list[dict[str, Any]], status: int, reason: str, words: str
) -> None:
    with finding(*listed, status=status) as port:
        table, _ = await counts(port)
    assert (table.reason, counted(table)) == (reason, {})
    assert words in table.detail


async def test_modalities_that_are_no_codes_are_others() -> None:
    with finding(one(ModalitiesInStudy=["CT", "x" * 16]), one(ModalitiesInStudy="NO CODE")) as port:
        table, _ = await counts(port)
    assert counted(table) == {"today": 2, "yesterday": 0, "today/CT": 1, "today/OTHER": 2}


async def test_an_abort_in_the_midst_of_the_answers_counts_nothing() -> None:
    def find(event: Any) -> Iterator[tuple[int, Dataset | None]]:
        answer = Dataset()
        answer.StudyDate = f"{today():%Y%m%d}"
        yield 0xFF00, answer
        event.assoc.abort()

    entity = AE("PACS")
    entity.add_supported_context(VERIFICATION)
    entity.add_supported_context(STUDY_ROOT_FIND)
    server = entity.start_server((servers.LOOPBACK, 0), block=False, evt_handlers=[(evt.EVT_C_FIND, find)])
    try:
        table, _ = await counts(server.socket.getsockname()[1])
    finally:
        server.shutdown()
    assert (table.reason, counted(table)) == ("truncated", {}), table.detail


@pytest.mark.proves("DICOM", "dicom", "orthanc")
async def test_an_orthanc_that_does_not_know_us_answers_an_echo_and_no_query() -> None:
    with servers.orthanc() as archive:
        table, _ = await counts(archive.dicom)
        assert (await echo(archive.dicom)).up
    assert (table.reason, counted(table)) == ("auth_failed", {}), table.detail
    assert "may JAUGE query it? Orthanc: DicomModalities" in table.detail


async def test_an_archive_without_c_find_says_so(dcmqrscp: int) -> None:
    with scp() as port:
        table, _ = await counts(port, aet="PACS")
    assert (table.reason, "sop_class_not_supported" in table.detail) == ("refused", True)


async def test_studies_are_counted_at_their_own_interval_and_dated_by_it() -> None:
    memory = Memory()
    with finding(one()) as port:
        first, _ = await counts(port, memory, every=3600)
        second, _ = await counts(port, memory, every=3600)
        assert len(ASKED) == 1
        await asyncio.sleep(0.2)
        third, _ = await counts(port, memory, every=0.1)
        assert len(ASKED) == 2
    assert counted(first) == counted(second) == counted(third)
    assert second.at == first.at
    assert third.at > first.at
    assert first.every == 3600


async def test_an_archive_that_would_not_count_is_not_asked_again_before_its_time() -> None:
    memory = Memory()
    with finding(one(), status=0xA700) as port:
        for _ in range(3):
            table, _ = await counts(port, memory, every=3600)
            assert table.reason == "unparsed"
    assert len(ASKED) == 1


async def test_what_is_counted_seldom_is_served_until_its_next_time() -> None:
    with finding(one()) as port:
        access = {"aet": "PACS", "port": port, "counts": {"every": "15m"}}
        target = {"name": "pacs-01", "address": servers.LOOPBACK, "timeout": 30, "dicom": access}
        estate = Estate.model_validate({"targets": [target]})
        poller = Poller(estate)
        standing = Standing(estate.targets[0])
        standing.record(await poller.poll(estate.targets[0]))
        poller.close()
    assert standing.poll is not None
    later = standing.poll.at
    shown = [
        b"jauge_pacs_recent_studies"
        in estate_body([("pacs-01", render(standing, (), at))], at, openmetrics=False)
        for at in (later + 1, later + 1000, later + 2000)
    ]
    assert shown == [True, True, False]


async def test_what_is_kept_keeps_its_age_in_a_poll() -> None:
    with finding(one()) as port:
        access = {"aet": "PACS", "port": port, "counts": {"every": "1h"}}
        target = {"name": "pacs-01", "address": servers.LOOPBACK, "timeout": 30, "dicom": access}
        estate = Estate.model_validate({"targets": [target]})
        poller = Poller(estate)
        first = await poller.poll(estate.targets[0])
        await asyncio.sleep(1.2)
        second = await poller.poll(estate.targets[0])
        poller.reload(estate.model_copy(update={"targets": ()}))
        poller.reload(estate)
        third = await poller.poll(estate.targets[0])
        poller.close()
    at = [next(table.at for table in one.tables if table.name == "counts") for one in (first, second, third)]
    assert abs(at[1] - at[0]) < 0.5
    assert at[2] - at[1] > 1
    assert len(ASKED) == 2


async def test_no_studies_are_counted_where_the_echo_fails() -> None:
    table, steps = await counts(servers.free_port())
    assert (table.reason, len(steps)) == ("refused", 1)
