"""Servers that several tests share. Slow ones live as long as the session (of each worker)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import servers
from freezing import pytest_collection
from passwords import quick_passwords, slow_passwords
from proving import pytest_configure, tell
from sharing import pytest_collection_modifyitems, pytest_xdist_make_scheduler

__all__ = [
    "pytest_collection",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_xdist_make_scheduler",
    "quick_passwords",
    "slow_passwords",
    "tell",
]  # pytest looks for hooks and fixtures here


@pytest.fixture(scope="session")
def snmpd() -> Iterator[servers.Snmpd]:
    with servers.snmpd() as agent:
        yield agent


@pytest.fixture(scope="session")
def sshd() -> Iterator[servers.Sshd]:
    with servers.sshd() as server:
        yield server


@pytest.fixture(scope="session")
def orthanc() -> Iterator[servers.Orthanc]:
    """Orthanc with two synthetic patients in it, five slices each."""
    with servers.orthanc() as archive:
        servers.push(archive)
        yield archive


@pytest.fixture(scope="session")
def dcmqrscp() -> Iterator[int]:
    """The port of an archive that only answers to PACS2."""
    with servers.dcmqrscp() as port:
        yield port


@pytest.fixture(scope="session")
def restic() -> Iterator[servers.Restic]:
    with servers.restic() as repository:
        yield repository


@pytest.fixture(scope="session")
def corpus() -> Path:
    return servers.corpus()
