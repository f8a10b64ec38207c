"""What is made when: a poll makes the body of its target, and nothing else is made twice."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.board import Board
from collectors.poll import Poll, Table
from exporters import bodies, packing
from exporters.bodies import Bodies, gather
from inventory.estate import Target
from inventory.metrics import Sample

NOW = 1_780_000_000.0


def a_board(*names: str) -> Board:
    board = Board([Target.model_validate({"name": name, "host": True}) for name in names])
    for name in names:
        board[name].record(a_poll(name, 1))
    return board


def a_poll(name: str, value: float, at: float = NOW) -> Poll:
    series = tuple(("jauge_disk_healthy", (("disk", f"d{number}"),)) for number in range(3))
    return Poll(name, at, 0.1, (Table("disks", at, 0.1, series, (value, 2, 3), rows=3),))


def nothing(_name: str) -> Sequence[Sample]:
    return ()


@pytest.fixture
def packings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The length of each part that is compressed from now on."""
    lengths: list[int] = []

    def counting(pieces: Iterable[bytes]) -> packing.Packed:
        packed = packing.pack(pieces)
        lengths.append(packed.length)
        return packed

    monkeypatch.setattr(bodies, "pack", counting)
    return lengths


def test_a_poll_makes_the_body_that_was_asked_for_and_the_scrape_makes_nothing(packings: list[int]) -> None:
    board = a_board("a")
    kept = Bodies(board, nothing, lambda: NOW)
    kept.fresh("a", NOW).zipped(NOW, openmetrics=True)
    board["a"].record(a_poll("a", 7))
    kept.renew(a_poll("a", 7))
    made, count = kept.fresh("a", NOW + 5), len(packings)
    text = gzip.decompress(made.zipped(NOW + 5, openmetrics=True))
    assert b'jauge_disk_healthy{disk="d0"} 7\n' in text
    assert b"jauge_target_age_seconds 5.0\n" in text
    assert (len(packings), kept.fresh("a", NOW + 5) is made) == (count, True)


def test_what_nobody_asks_for_in_gzip_is_not_compressed(packings: list[int]) -> None:
    board = a_board("a")
    kept = Bodies(board, nothing, lambda: NOW)
    kept.renew(a_poll("a", 1))
    kept.fresh("a", NOW).zipped(NOW, openmetrics=False)
    for value in (2, 3, 4):
        board["a"].record(a_poll("a", value))
        kept.renew(a_poll("a", value))
    assert len(packings) == 2  # the scrape, and the poll after it


def test_a_poll_of_a_target_that_left_is_no_body() -> None:
    board = a_board("a", "b")
    kept = Bodies(board, nothing, lambda: NOW)
    board.replace([board["b"].target], ())
    kept.renew(a_poll("a", 1))
    assert kept.fresh("b", NOW).text(NOW, openmetrics=False)
    with pytest.raises(KeyError):
        kept.fresh("a", NOW)


def test_a_body_follows_outlooks_errors_and_age() -> None:
    board = a_board("a")
    outlooks = [Sample("jauge_storage_full_timestamp_seconds", 1.9e9, (("store", "/"),))]
    kept = Bodies(board, lambda _name: outlooks, lambda: NOW)
    first = kept.fresh("a", NOW)
    outlooks.append(Sample("jauge_storage_full_timestamp_seconds", 2e9, (("store", "/srv"),)))
    second = kept.fresh("a", NOW)
    board["a"].errors["timeout"] += 1
    third = kept.fresh("a", NOW)
    texts = [each.text(NOW, openmetrics=False) for each in (first, second, third)]
    assert [text.count(b"full_timestamp_seconds{") for text in texts] == [1, 2, 2]
    assert [b'reason="timeout"' in text for text in texts] == [False, False, True]
    assert kept.fresh("a", NOW + 10_000) is not third


async def read(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


async def test_the_estate_is_compressed_once_while_nothing_changes(packings: list[int]) -> None:
    board = a_board("a", "b")
    kept = Bodies(board, nothing, lambda: NOW)
    first = gzip.decompress(await read(kept.zipped(NOW, openmetrics=True)))
    again = gzip.decompress(await read(kept.zipped(NOW + 9, openmetrics=True)))
    assert len(packings) == 1
    assert first != again  # the ages
    assert again == await read(kept.text(NOW + 9, openmetrics=True))
    board["b"].record(a_poll("b", 5))
    kept.renew(a_poll("b", 5))
    changed = gzip.decompress(await read(kept.zipped(NOW + 9, openmetrics=True)))
    assert len(packings) == 2
    assert set(changed.splitlines()) - set(again.splitlines()) == {
        b'jauge_disk_healthy{target="b",disk="d0"} 5'
    }


async def test_a_target_that_leaves_leaves_the_compressed_estate(packings: list[int]) -> None:
    board = a_board("a", "b")
    kept = Bodies(board, nothing, lambda: NOW)
    assert b'target="a"' in gzip.decompress(await read(kept.zipped(NOW, openmetrics=False)))
    board.replace([board["b"].target], ())
    assert b'target="a"' not in gzip.decompress(await read(kept.zipped(NOW, openmetrics=False)))


@given(st.lists(st.binary(max_size=20)), st.integers(1, 50))
def test_pieces_are_the_same_bytes_and_large(parts: list[bytes], size: int) -> None:
    pieces = list(gather(parts, size))
    assert b"".join(pieces) == b"".join(parts)
    assert all(len(piece) >= size for piece in pieces[:-1])
    longest = max(map(len, parts), default=0)
    assert all(len(piece) < size + longest for piece in pieces if piece)
