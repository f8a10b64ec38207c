"""Files with something to hide: whose they are, and who else may read them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inventory import files
from inventory.guarding import exposed


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("x")
    return path


@pytest.mark.parametrize(
    ("mode", "group", "said"),
    [
        (0o600, False, ""),
        (0o400, False, ""),
        (0o640, True, ""),
        (0o640, False, "its group may read"),
        (0o660, True, "its group may change"),
        (0o604, True, "others may read"),
        (0o644, False, "others may read"),
        (0o666, True, "others may change"),
        (0o602, False, "others may change"),
    ],
)
def test_others_may_neither_read_nor_change_what_is_hidden(
    secret: Path, mode: int, group: bool, said: str
) -> None:
    secret.chmod(mode)
    found = exposed(secret, group=group)
    assert bool(found) == bool(said)
    assert found.startswith(said)
    if said:  # what it says to do is enough
        secret.chmod(int(found.split("chmod ")[1].split()[0], 8))
        assert exposed(secret, group=group) == ""


def test_in_a_folder_nobody_else_may_put_a_file(tmp_path: Path) -> None:
    for mode, said in (
        (0o700, ""),
        (0o755, ""),
        (0o770, "its group may change"),
        (0o1777, "others may change"),
    ):
        tmp_path.chmod(mode)
        assert exposed(tmp_path).startswith(said)
        assert bool(exposed(tmp_path)) == bool(said)
    tmp_path.chmod(0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_another_account_is_not_trusted(secret: Path) -> None:
    secret.chmod(0o600)
    os.chown(secret, 65534, 65534)
    assert "belongs to the account 65534" in exposed(secret)


def test_a_file_that_is_not_there_is_nobodys_trouble(tmp_path: Path) -> None:
    assert exposed(tmp_path / "none") == ""


def test_a_lock_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with files.alone(tmp_path / "purchase.lock") as mine:
            assert mine
    finally:
        os.umask(before)
    assert (tmp_path / "purchase.lock").stat().st_mode & 0o777 == 0o600
