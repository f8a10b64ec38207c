"""HL7 listeners over MLLP: the server of python-hl7, and listeners that answer as they like."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import certificates
import hl7
import hl7.mllp
import pytest
import servers
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from collectors import mllp
from collectors.mllp import frames, messages
from collectors.poll import PollError, Step, Table
from inventory.checking import check
from inventory.estate import Estate, Hl7Message

TEST = {"type": "NMD^N02", "receiving": "EAI", "segments": ["NST|Y"]}


async def ask(port: int, timeout: float = 20, steps: list[Step] | None = None, **access: Any) -> Table:
    target = {"name": "eai-01", "address": servers.LOOPBACK, "timeout": timeout}
    estate = Estate.model_validate({"targets": [target | {"mllp": {"port": port, **access}}]})
    trace = (steps if steps is not None else []).append
    tables, _ = await mllp.poll(estate.targets[0], trace)
    return tables[0]


def values(table: Table) -> dict[str, float]:
    return {"/".join((s.metric, *(value for _, value in s.labels))): s.value for s in table}


# --- a listener of others


@contextlib.asynccontextmanager
async def engine(
    answer: Callable[[hl7.Message], hl7.Message], security: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[int, list[hl7.Message]]]:
    """The MLLP server of python-hl7, which parses what it gets. Yields its port and what came."""
    came: list[hl7.Message] = []

    async def serve(reader: Any, writer: Any) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                message = await reader.readmessage()
                came.append(message)
                writer.writemessage(answer(message))
                await writer.drain()

    server = await hl7.mllp.start_hl7_server(serve, host=servers.LOOPBACK, port=0, ssl=security)
    try:
        yield server.sockets[0].getsockname()[1], came
    finally:
        server.close()


async def test_a_message_that_another_library_acknowledges_is_timed_and_its_code_told() -> None:
    async with engine(lambda message: message.create_ack("AA")) as (port, came):
        table = await ask(port, message=TEST)
    assert table.up, table.detail
    read = values(table)
    assert read["jauge_hl7_listener_up"] == 1
    assert read["jauge_hl7_ack/AA"] == 1
    assert {key: value for key, value in read.items() if "ack/" in key and value} == {"jauge_hl7_ack/AA": 1}
    assert 0 < read["jauge_hl7_ack_seconds"] < 20
    (message,) = came
    assert [str(segment[0][0]) for segment in message] == ["MSH", "NST"]
    assert str(message.segment("MSH")[3]) == "JAUGE"
    assert str(message.segment("MSH")[5]) == "EAI"
    assert str(message.segment("MSH")[9]) == "NMD^N02"
    assert str(message.segment("MSH")[11]) == "T"
    assert str(message.segment("MSH")[12]) == "2.5"


@pytest.mark.parametrize("code", ["AA", "AE", "AR", "CA", "CE", "CR"])
async def test_each_code_is_told_apart(code: str) -> None:
    async with engine(lambda message: message.create_ack(code)) as (port, _):
        table = await ask(port, message=TEST)
    assert table.up, table.detail
    assert [key for key, value in values(table).items() if "ack/" in key and value] == [
        f"jauge_hl7_ack/{code}"
    ]


async def test_a_commit_acknowledgement_is_asked_for_where_the_estate_says_so() -> None:
    async with engine(lambda message: message.create_ack("CA")) as (port, came):
        await ask(port, message=TEST | {"enhanced": True})
    assert (str(came[0].segment("MSH")[15]), str(came[0].segment("MSH")[16])) == ("AL", "NE")


async def test_nothing_is_sent_where_the_estate_gives_no_message() -> None:
    async with listening(b"") as (port, came):
        table = await ask(port)
        await asyncio.sleep(0.1)
    assert table.up, table.detail
    assert values(table) == {"jauge_hl7_listener_up": 1}
    assert bytes(came) == b""


async def test_each_message_has_a_control_id_of_its_own_of_twenty_characters_at_most() -> None:
    async with engine(lambda message: message.create_ack("AA")) as (port, came):
        for _ in range(3):
            await ask(port, message=TEST)
    numbers = {str(message.segment("MSH")[10]) for message in came}
    assert len(numbers) == 3
    assert all(0 < len(number) <= 20 for number in numbers)


# --- TLS


@pytest.fixture
def authority(tmp_path: Path) -> certificates.Authority:
    return certificates.Authority(tmp_path)


def serving(files: certificates.Certificate, clients: Path | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    if clients is not None:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def aa(message: hl7.Message) -> hl7.Message:
    return message.create_ack("AA")


async def test_a_listener_over_tls_is_asked_in_secret(authority: certificates.Authority) -> None:
    files = authority.sign()
    async with engine(aa, serving(files)) as (port, came):
        table = await ask(port, message=TEST, tls={"ca": str(authority.file)})
        unchecked = await ask(port, message=TEST, tls={"verify": False})
    assert table.up, table.detail
    assert values(table)["jauge_hl7_ack/AA"] == 1
    assert len(came) == 2
    ends = x509.load_pem_x509_certificate(files.certificate.read_bytes()).not_valid_after_utc.timestamp()
    for shown in (table, unchecked):
        assert values(shown)["jauge_certificate_end_timestamp_seconds/mllp"] == ends


async def test_certificates_that_do_not_hold_are_named(
    authority: certificates.Authority, tmp_path: Path
) -> None:
    other = certificates.Authority(tmp_path, "another authority")
    for files, ca, words in (
        (authority.sign(), other.file, "local issuer"),
        (authority.sign(days=-1), authority.file, "expired"),
        (authority.sign("pacs.elsewhere.test"), authority.file, "mismatch"),
    ):
        async with engine(aa, serving(files)) as (port, came):
            table = await ask(port, message=TEST, tls={"ca": str(ca)})
        assert table.reason == "tls"
        assert words in table.detail
        assert values(table) == {"jauge_hl7_listener_up": 0}
        assert came == []


@contextlib.contextmanager
def strict(security: ssl.SSLContext) -> Iterator[int]:
    """A listener that says why it refuses a handshake, as asyncio's own servers do not. Yields its port."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                plain, _ = server.accept()
                with contextlib.suppress(OSError), security.wrap_socket(plain, server_side=True) as sock:
                    control = sock.recv(4096).split(b"|")[9:10]
                    sock.sendall(HEAD + b"MSA|AA|" + b"".join(control) + b"\r" + END)
                plain.close()

    with socket.create_server((servers.LOOPBACK, 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


async def test_the_name_of_a_certificate_may_be_another_than_the_address(
    authority: certificates.Authority,
) -> None:
    files = authority.sign("eai.hospital.test")
    async with engine(aa, serving(files)) as (port, _):
        table = await ask(port, message=TEST, tls={"ca": str(authority.file), "name": "eai.hospital.test"})
    assert table.up, table.detail


@pytest.mark.parametrize("message", [TEST, None])
async def test_a_listener_that_wants_our_certificate_says_so(
    authority: certificates.Authority, message: dict[str, Any] | None
) -> None:
    with strict(serving(authority.sign(), authority.file)) as port:
        without = await ask(port, message=message, tls={"ca": str(authority.file)})
        ours = authority.sign("jauge.test")
        mine = {"ca": str(authority.file), "certificate": str(ours.certificate), "key": str(ours.key)}
        served = await ask(port, message=message, tls=mine)
    assert without.reason == "tls"
    assert "certificate required" in without.detail
    assert served.up, served.detail


async def test_a_listener_without_tls_is_told_apart_from_one_that_is_down(tmp_path: Path) -> None:
    authority = certificates.Authority(tmp_path)
    async with engine(aa) as (port, _):
        table = await ask(port, timeout=5, tls={"ca": str(authority.file)})
    assert table.reason in ("tls", "timeout")
    assert values(table) == {"jauge_hl7_listener_up": 0}
    assert "TLS" in table.detail


async def test_files_of_ours_that_cannot_be_used_say_nothing_of_the_listener(
    authority: certificates.Authority, tmp_path: Path
) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    table = await ask(servers.free_port(), tls={"ca": str(tmp_path / "empty.pem")})
    assert (table.reason, values(table)) == ("tls", {})
    assert "empty.pem" in table.detail
    mine, other = authority.sign(), authority.sign()
    unfit = {"certificate": str(mine.certificate), "key": str(other.key)}
    table = await ask(servers.free_port(), tls=unfit)
    assert "do not fit" in table.detail


def test_a_certificate_that_nobody_checks_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "estate.yml").write_text("targets:\n  - {name: eai, mllp: {tls: {verify: false}}}\n")
    (warning,) = check(tmp_path / "estate.yml").warnings
    assert warning.message == "the certificate of eai is not checked"
    assert warning.place.line == 2


# --- listeners that answer as they like


@contextlib.asynccontextmanager
async def listening(
    *chunks: bytes, stay: bool = True, forever: bytes = b""
) -> AsyncIterator[tuple[int, bytearray]]:
    """A listener that answers a message with these bytes, CONTROL being its control ID. Yields port and what came."""
    came = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            came.extend(await reader.readuntil(b"\x1c\r"))
            control = bytes(came).split(b"|")[9]
            for chunk in chunks:
                writer.write(chunk.replace(b"CONTROL", control))
                await writer.drain()
                await asyncio.sleep(0.01)
            while forever:
                writer.write(forever)
                await writer.drain()
            if stay:
                await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, servers.LOOPBACK, 0)
    try:
        yield server.sockets[0].getsockname()[1], came
    finally:
        server.close()


HEAD = b"\x0bMSH|^~\\&|EAI|HOSPITAL|JAUGE||20260105||ACK|1|T|2.5\r"
END = b"\x1c\r"

ACCEPTED = {
    "a whole block": (HEAD + b"MSA|AA|CONTROL\r" + END,),
    "bytes one by one": (*(bytes([byte]) for byte in HEAD + b"MSA|AA|"), b"CONTROL", b"\r\x1c", b"\r"),
    "an end that is split": (HEAD + b"MSA|AA|CONTROL\r\x1c", b"\r"),
    "lines ended as on Windows": (HEAD.replace(b"\r", b"\r\n") + b"MSA|AA|CONTROL\r\n" + END,),
    "no carriage return at the end": (HEAD + b"MSA|AA|CONTROL" + END,),
    "text of the engine": (HEAD + b"MSA|AA|CONTROL|taken \xe9\x1b[31m|" + END,),
    "a commit of release 2 before it": (b"\x0b\x06" + END, HEAD + b"MSA|AA|CONTROL\r" + END),
    "another separator": (b"\x0bMSH#^~\\&#EAI\rMSA#AA#CONTROL\r" + END,),
}


@pytest.mark.parametrize("name", ACCEPTED)
async def test_an_acknowledgement_is_read_however_it_comes(name: str) -> None:
    async with listening(*ACCEPTED[name]) as (port, _):
        table = await ask(port, message=TEST)
    assert table.up, table.detail
    assert values(table)["jauge_hl7_ack/AA"] == 1


PATIENT = b"PID|1||4711||DOE^JANE\r"

REFUSED = {
    "another message's": ((HEAD + b"MSA|AA|OTHER\r" + END,), "unparsed", "control ID"),
    "an empty control ID": ((HEAD + b"MSA|AA\r" + END,), "unparsed", "control ID"),
    "no code of HL7": ((HEAD + b"MSA|OK|CONTROL\r" + END,), "unparsed", "table 0008"),
    "a code in small letters": ((HEAD + b"MSA|aa|CONTROL\r" + END,), "unparsed", "table 0008"),
    "two acknowledgements in one": (
        (HEAD + b"MSA|AA|CONTROL\rMSA|AE|CONTROL\r" + END,),
        "unparsed",
        "2 segments",
    ),
    "a message that acknowledges nothing": ((HEAD + PATIENT + END,), "unparsed", "0 segments"),
    "an empty block": ((b"\x0b" + END,), "unparsed", "MSH"),
    "garbage in a block": ((b"\x0b\x00\xff\xfe" + END,), "unparsed", "MSH"),
    "no block at all": ((b"HTTP/1.1 400 Bad Request\r\n\r\n",), "unparsed", "0x0B"),
    "garbage before the block": ((b"xx" + HEAD + END,), "unparsed", "0x0B"),
    "a refusal of release 2": ((b"\x0b\x15" + END,), "unparsed", "release 2"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_acknowledges_nothing_of_ours_is_no_acknowledgement(name: str) -> None:
    chunks, reason, words = REFUSED[name]
    steps: list[Step] = []
    async with listening(*chunks) as (port, _):
        table = await ask(port, steps=steps, message=TEST)
    assert (table.reason, values(table)) == (reason, {"jauge_hl7_listener_up": 1})
    assert words in table.detail
    assert not any("DOE" in step.answer or "4711" in step.answer for step in steps)


async def test_what_has_no_end_is_truncated_where_the_listener_hangs_up() -> None:
    async with listening(HEAD + b"MSA|AA|CONTROL\r", stay=False) as (port, _):
        assert (await ask(port, message=TEST)).reason == "truncated"
    async with listening(HEAD + b"MSA|AA|CONTROL\r\x1c", stay=False) as (port, _):
        assert (await ask(port, message=TEST)).reason == "truncated"


async def test_a_listener_that_hangs_up_without_a_word_gives_an_empty_answer() -> None:
    async with listening(stay=False) as (port, _):
        table = await ask(port, message=TEST)
    assert (table.reason, values(table)) == ("empty_answer", {"jauge_hl7_listener_up": 1})


@pytest.mark.parametrize(
    "chunk",
    [
        b"A" * 4096,
        (b"\x0b\x06" + END) * 1024,
        b"\r\n" * 2048,
    ],  # to send two bytes at a time costs the sender seconds
    ids=["bytes", "commits", "blanks"],
)
async def test_an_answer_without_end_is_left(chunk: bytes) -> None:
    async with listening(b"\x0bMSH|" if chunk[:1] == b"A" else b"", forever=chunk) as (port, _):
        table = await ask(port, message=TEST)
    assert table.reason == "truncated", table.detail


async def test_a_listener_that_never_acknowledges_is_a_timeout_and_still_up() -> None:
    async with listening() as (port, _):
        table = await ask(port, timeout=1, message=TEST)
    assert (table.reason, values(table)) == ("timeout", {"jauge_hl7_listener_up": 1})


async def test_a_closed_port_is_refused_and_known_to_be_down() -> None:
    table = await ask(servers.free_port())
    assert (table.reason, values(table)) == ("refused", {"jauge_hl7_listener_up": 0})


async def test_a_proxy_that_takes_connections_for_nobody_is_no_listener() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, servers.LOOPBACK, 0)
    table = await ask(server.sockets[0].getsockname()[1])
    server.close()
    assert (table.reason, values(table)) == ("refused", {"jauge_hl7_listener_up": 0})


# --- what is sent


@pytest.mark.parametrize(
    "segment", ["PID|1||4711", "ZZZ|x", "NTE|1", "NST", "NST|Y\rPID|1", "NST|\x0b", "NST|é", "EVN|A01"]
)
def test_no_segment_that_may_tell_of_a_patient_stands_in_an_estate(segment: str) -> None:
    with pytest.raises(ValidationError):
        Hl7Message.model_validate({"type": "NMD^N02", "segments": [segment]})


@pytest.mark.parametrize(
    "fields",
    [{"type": "ADT^A01|x"}, {"type": "adt"}, {"sending": "A|B"}, {"receiving": "A\rPID|1"}, {"version": "3"}],
)
def test_no_separator_stands_in_a_field(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Hl7Message.model_validate({"type": "NMD^N02"} | fields)


def test_a_message_is_what_another_library_parses() -> None:
    rules = Hl7Message.model_validate(TEST | {"sending_facility": "HOSPITAL"})
    message = hl7.parse(messages.build(rules, "JAUGE1", datetime(2026, 1, 5, 13, 30, tzinfo=UTC)).decode())
    head = message.segment("MSH")
    assert [str(head[place]) for place in (1, 2, 4, 7, 10)] == [
        "|",
        "^~\\&",
        "HOSPITAL",
        "20260105133000",
        "JAUGE1",
    ]
    assert hl7.ishl7(str(message))


# --- whatever comes


def cuts(data: bytes, places: list[int]) -> Iterator[bytes]:
    bounds = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    yield from (data[a:b] for a, b in itertools.pairwise(bounds))


@given(st.binary(max_size=300).filter(lambda data: b"\x1c\r" not in data), st.lists(st.integers(0, 1000)))
def test_a_block_is_found_wherever_it_is_cut(message: bytes, places: list[int]) -> None:
    blocks, found = frames.Blocks(), []
    for chunk in cuts(frames.wrap(message), places):
        found += blocks.feed(chunk)
    assert found == [message]
    assert not blocks.pending


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_any_bytes_are_blocks_or_a_reason(chunks: list[bytes]) -> None:
    blocks = frames.Blocks()
    with contextlib.suppress(PollError):
        for chunk in chunks:
            assert all(isinstance(block, bytes) for block in blocks.feed(chunk))


@given(st.binary(max_size=300) | st.builds(lambda tail: b"MSH|^~\\&|A\r" + tail, st.binary(max_size=300)))
def test_any_block_is_a_code_or_a_reason(block: bytes) -> None:
    with contextlib.suppress(PollError):
        assert messages.code(block, "JAUGE1") in messages.CODES
