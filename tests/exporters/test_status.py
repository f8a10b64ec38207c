"""The standings that other processes read."""

from __future__ import annotations

import os
import resource
import signal
import stat
import threading
from pathlib import Path

import pytest

from collectors.board import Board
from collectors.poll import Poll, Table
from exporters import status
from inventory.estate import Target
from inventory.metrics import labels

NOW = 1_780_000_000.0


def a_board() -> Board:
    board = Board([Target.model_validate({"name": name}) for name in ("nas-01", "pacs-01")])
    answered = Table("storage", NOW - 5, 0.25, (("jauge_cpus", ()),), (4.0,), rows=9, withheld=2)
    refused = Table(
        "memory", NOW - 5, 2.0, reason="timeout", detail="no answer\x1b[31m", notes=("a\nb",) * 12
    )
    board["nas-01"].record(
        Poll(
            "nas-01", NOW - 5, 2.25, (answered, refused), family="netapp", product="FAS\ud800", version="9.1"
        )
    )
    return board


def test_backup_jobs_and_virtual_machines_are_told_as_a_backup_server_lists_them(tmp_path: Path) -> None:
    board, pairs = a_board(), labels(job="nightly\ud800", machine="pacs-01")
    told = {
        ("jauge_backup_last_timestamp_seconds", pairs): NOW - 90_000,
        ("jauge_backup_protecting", pairs): 0.0,
        (
            "jauge_backup_not_protecting",
            labels(job="nightly\ud800", machine="pacs-01", reason="shrunken"),
        ): 1.0,
        ("jauge_backup_result", labels(job="nightly\ud800", machine="pacs-01", state="ok")): 1.0,
        ("jauge_backup_size_drift_ratio", pairs): 0.2,
        ("jauge_vm_info", labels(vm="eai-02", node="hv-1", state="running")): 1.0,
        ("jauge_cpus", ()): 4.0,
    }
    listing = Table("restic", NOW - 5, 0.1, tuple(told), tuple(told.values()))
    board["pacs-01"].record(Poll("pacs-01", NOW - 5, 0.1, (listing,)))
    status.Report(tmp_path / "status.json", board).write(NOW)

    nas, pacs = status.read(tmp_path / "status.json").targets
    assert (nas.jobs, nas.guests) == ((), ()), "it was heard, and lists none"
    assert pacs.jobs is not None
    assert pacs.guests == ("eai-02",)
    (job,) = pacs.jobs
    assert (job.by, job.job, job.machine, job.last) == ("pacs-01", "nightly\ufffd", "pacs-01", NOW - 90_000)
    assert (job.protecting, job.reasons, job.result, job.size_drift) == (False, ("shrunken",), "ok", 0.2)
    assert job.lying


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    status.Report(path, a_board()).write(NOW)

    read = status.read(path)

    assert read.at == NOW
    nas, pacs = read.targets
    assert (nas.name, nas.up, nas.at, nas.seconds, nas.last_success) == (
        "nas-01",
        True,
        NOW - 5,
        2.25,
        NOW - 5,
    )
    assert (nas.family, nas.product, nas.version) == ("netapp", "FAS\ufffd", "9.1")
    assert nas.errors == {"timeout": 1}
    storage, memory = nas.tables
    assert (storage.name, storage.up, storage.rows, storage.withheld, storage.reason) == (
        "storage",
        True,
        9,
        2,
        None,
    )
    assert (memory.up, memory.reason, memory.detail) == (False, "timeout", "no answer␛[31m")
    assert memory.notes == ("a␊b",) * 10 + ("and 2 more",)
    assert pacs == status.TargetStatus(name="pacs-01", up=False)


def test_a_file_that_is_not_there_is_an_empty_status(tmp_path: Path) -> None:
    assert status.read(tmp_path / "status.json") == status.Status(at=None, targets=())


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"at": 1, "targets": [{"name": 3}]}', b"\xff\x00"])
def test_a_broken_file_is_an_error_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "status.json"
    path.write_bytes(content)
    with pytest.raises(status.StatusError, match=r"status\.json is no status .* Delete it"):
        status.read(path)


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    path.write_text("former")
    path.chmod(0o644)
    status.Report(path, a_board()).write(NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_is_left_beside_it_whichever_process_was_killed_before(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    child = os.fork()
    if child == 0:
        Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign,assignment,return-value]
        try:
            status.Report(path, a_board()).write(NOW)
        finally:
            os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert [file.name for file in tmp_path.iterdir()] != []
    status.Report(path, a_board()).write(NOW)
    assert [file.name for file in tmp_path.iterdir()] == ["status.json"]


def test_a_disk_that_refuses_leaves_the_former_file(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    status.Report(path, a_board()).write(NOW)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            status.Report(path, a_board()).write(NOW + 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, former)
    assert status.read(path).at == NOW
    assert [file.name for file in tmp_path.iterdir()] == ["status.json"]


def test_what_stands_as_it_did_is_not_written_again(tmp_path: Path) -> None:
    path, board = tmp_path / "status.json", a_board()
    report = status.Report(path, board)
    assert report.write(NOW)
    written = path.stat().st_mtime_ns, path.stat().st_ino
    assert not report.write(NOW + 2)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == written

    board["pacs-01"].errors["deadline"] += 1
    assert report.write(NOW + 4)
    assert status.read(path).at == NOW + 4
    assert status.read(path).targets[1].errors == {"deadline": 1}


def test_a_target_that_left_leaves_the_file(tmp_path: Path) -> None:
    path, board = tmp_path / "status.json", a_board()
    report = status.Report(path, board)
    report.write(NOW)
    board.replace([board["nas-01"].target], ())
    assert report.write(NOW + 2)
    assert [one.name for one in status.read(path).targets] == ["nas-01"]
    assert status.read(path).targets[0].errors == {"timeout": 1}


def test_a_file_that_was_not_written_is_tried_again(tmp_path: Path) -> None:
    report = status.Report(tmp_path / "later" / "status.json", a_board())
    with pytest.raises(FileNotFoundError):
        report.write(NOW)
    (tmp_path / "later").mkdir()
    assert report.write(NOW + 2)


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    status.Report(path, a_board()).write(NOW)
    done = threading.Event()

    def rewrite() -> None:
        for step in range(100):
            status.Report(path, a_board()).write(NOW + step)
        done.set()

    writer = threading.Thread(target=rewrite)
    writer.start()
    seen = []
    while not done.is_set():
        seen.append(status.read(path))
    writer.join()

    assert all(len(read.targets) == 2 for read in seen)
    moments = [read.at for read in seen if read.at is not None]
    assert len(moments) == len(seen)
    assert moments == sorted(moments)
