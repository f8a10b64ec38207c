"""C-ECHO against Orthanc and DCMTK's archive, and against what is no PACS."""

from __future__ import annotations

import socket
import subprocess
import sys
import time

import servers

from collectors import dicom
from collectors.poll import Table, forget
from inventory.estate import Estate


async def echo(port: int, aet: str = "ORTHANC", timeout: float = 5) -> Table:
    target = {"name": "pacs-01", "address": servers.LOOPBACK, "timeout": timeout}
    estate = Estate.model_validate({"targets": [target | {"dicom": {"aet": aet, "port": port}}]})
    tables, _ = await dicom.poll(estate.targets[0], estate, forget)
    return tables[0]


def values(table: Table) -> dict[str, float]:
    return {sample.metric: sample.value for sample in table}


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
        rejected = next(sample for sample in table if sample.metric == "jauge_dicom_associations_rejected")
        assert dict(rejected.labels) == {"aet": "NOBODY", "cause": "called_aet_not_recognized"}


async def test_a_closed_port_is_refused() -> None:
    assert (await echo(servers.free_port())).reason == "refused"


async def test_a_port_that_never_answers_times_out() -> None:
    with socket.create_server((servers.LOOPBACK, 0)) as silent:
        start = time.monotonic()
        assert (await echo(silent.getsockname()[1], timeout=1)).reason == "timeout"
        assert time.monotonic() - start < 3


STARVED = """
import asyncio, os, resource
from collectors import dicom
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
