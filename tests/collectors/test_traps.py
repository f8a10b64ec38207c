"""Traps and informs as net-snmp's own programs send them, and as nobody should."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import socket
import subprocess
import tempfile
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import pytest
import servers
from hypothesis import given
from hypothesis import strategies as st
from mutants import seed

from collectors.poll import PollError
from collectors.snmp.ber import MalformedError
from collectors.traps.authority import Authority, Discovery, RefusedError
from collectors.traps.identity import Identity, fresh, start
from collectors.traps.notification import Notification, read
from collectors.traps.opening import hear
from collectors.traps.rates import BURST
from collectors.traps.receiver import Outcome, Receiver
from collectors.traps.senders import Senders
from inventory.credentials import Credential, SnmpV2c, SnmpV3
from inventory.estate import Estate, Snmp, Target, Traps

COLD_START, LINK_DOWN = "1.3.6.1.6.3.1.1.5.1", "1.3.6.1.6.3.1.1.5.3"
IF_INDEX, SYS_NAME = "1.3.6.1.2.1.2.2.1.1.2", "1.3.6.1.2.1.1.5.0"
ENGINE = "0x80001f8804aabbccdd"
COMMUNITY = SnmpV2c.model_validate({"snmp": "v2c", "community": "trap-secret"})
NOT_OURS = "another-secret"
PAIRS = [("MD5", "DES"), ("SHA", "AES"), ("SHA-256", "AES"), ("SHA-512", "AES-256")]


def user(auth: str = "SHA-256", privacy: str = "AES") -> SnmpV3:
    return SnmpV3.model_validate(
        {"snmp": "v3", "user": "watcher", "auth": auth, "auth_password": servers.AUTH}
        | {"privacy": privacy, "privacy_password": servers.PRIVACY}
    )


def estate(
    credential: Credential = COMMUNITY,
    *,
    port: int = 0,
    address: str = servers.LOOPBACK,
    listen: str = servers.LOOPBACK,
) -> Estate:
    """One device at that address, from which traps are heard at a port that is free."""
    target = Target(name="switch", address=address, snmp=Snmp(credential="all"))
    traps = Traps.model_construct(listen=listen, port=port, credentials=())
    return Estate(credentials={"all": credential}, targets=(target,)).model_copy(update={"traps": traps})


class Ear:
    """A receiver that listens, and all that it heard."""

    def __init__(self, declared: Estate, identify: Callable[[], Identity] = fresh) -> None:
        self.told: list[tuple[str, Notification]] = []
        self.outcomes: list[Outcome] = []
        self.receiver = Receiver(
            declared, lambda *heard: self.told.append(heard), self.outcomes.append, identify=identify
        )

    @property
    def port(self) -> int:
        assert self.receiver.place is not None
        return self.receiver.place[1]

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.outcomes) < count:
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def listening(declared: Estate, identify: Callable[[], Identity] = fresh) -> AsyncIterator[Ear]:
    ear = Ear(declared, identify)
    task = asyncio.create_task(ear.receiver.run())
    try:
        async with asyncio.timeout(5):
            while ear.receiver.place is None:
                await asyncio.sleep(0.01)
        yield ear
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert ear.receiver.place is None


def login(credential: Credential, inform: bool = False) -> list[str]:
    """The options by which net-snmp's programs speak as this credential."""
    if isinstance(credential, SnmpV2c):
        return ["-v2c", "-c", credential.community.reveal()]
    assert isinstance(credential, SnmpV3)
    words = ["-v3", "-u", credential.user, "-l", "authPriv"]
    words += [
        "-a",
        str(credential.auth),
        "-A",
        servers.AUTH,
        "-x",
        str(credential.privacy),
        "-X",
        servers.PRIVACY,
    ]
    return words if inform else [*words, "-e", ENGINE]


def run(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as place:
        return subprocess.run(
            [servers.program(program, "snmp"), "-r0", "-t2", *words], capture_output=True, text=True, timeout=30,
            check=False, env=os.environ | {"MIBS": "", "SNMP_PERSISTENT_DIR": place, "SNMPCONFPATH": place},
        )  # fmt: skip


async def send(program: str, *words: str) -> int:
    """Send as net-snmp does: its exit status, 0 for an inform that was acknowledged."""
    return (await asyncio.to_thread(run, program, *words)).returncode


def to(ear: Ear) -> str:
    return f"{servers.LOOPBACK}:{ear.port}"


# --- what devices send ----------------------------------------------------------------------------------


async def test_a_trap_of_v2c_says_which_and_what() -> None:
    async with listening(estate()) as ear:
        await send("snmptrap", *login(COMMUNITY), to(ear), "", LINK_DOWN, IF_INDEX, "i", "2")
        await ear.until(1)
    assert [(target, str(heard)) for target, heard in ear.told] == [("switch", f"linkDown: {IF_INDEX} = 2")]
    assert ear.outcomes == ["accepted"]


@pytest.mark.parametrize(
    ("generic", "specific", "name"),
    [(0, 0, "coldStart"), (2, 0, "linkDown"), (4, 0, "authenticationFailure"), (6, 17, "1.3.6.1.4.1.8072.99.0.17")],
)  # fmt: skip
async def test_a_trap_of_v1_is_read_as_rfc_3584_maps_it(generic: int, specific: int, name: str) -> None:
    async with listening(estate()) as ear:
        head = ["1.3.6.1.4.1.8072.99", "127.0.0.1", str(generic), str(specific), ""]
        await send("snmptrap", "-v1", "-c", "trap-secret", to(ear), *head, SYS_NAME, "s", "core")
        await ear.until(1)
    ((_, heard),) = ear.told
    assert heard.name == name
    assert f"{SYS_NAME} = core" in str(heard)
    assert str(heard).endswith("1.3.6.1.6.3.1.1.4.3.0 = 1.3.6.1.4.1.8072.99")  # snmpTrapEnterprise.0


async def test_an_inform_of_v2c_is_acknowledged() -> None:
    async with listening(estate()) as ear:
        assert await send("snmpinform", *login(COMMUNITY), to(ear), "", COLD_START) == 0
    assert [heard.name for _, heard in ear.told] == ["coldStart"]


@pytest.mark.parametrize(("auth", "privacy"), PAIRS)
async def test_traps_and_informs_of_v3_are_heard(auth: str, privacy: str) -> None:
    credential = user(auth, privacy)
    async with listening(estate(credential)) as ear:
        assert await send("snmptrap", *login(credential), to(ear), "", LINK_DOWN, IF_INDEX, "i", "7") == 0
        await ear.until(1)
        assert await send("snmpinform", *login(credential, inform=True), to(ear), "", COLD_START) == 0
    assert [str(heard) for _, heard in ear.told] == [f"linkDown: {IF_INDEX} = 7", "coldStart"]
    assert (ear.outcomes[0], ear.outcomes[-1]) == ("accepted", "accepted")
    assert "discovery" in ear.outcomes  # the sender of an inform asks who we are


@pytest.mark.parametrize("listen", ["::1", "::"])
@pytest.mark.parametrize("credential", [COMMUNITY, user()], ids=["v2c", "v3"])
async def test_traps_and_informs_over_ipv6_are_heard(listen: str, credential: Credential) -> None:
    async with listening(estate(credential, listen=listen, address="::1")) as ear:
        place = f"udp6:[::1]:{ear.port}"
        assert await send("snmptrap", *login(credential), place, "", LINK_DOWN, IF_INDEX, "i", "7") == 0
        await ear.until(1)
        assert await send("snmpinform", *login(credential, inform=True), place, "", COLD_START) == 0
    assert [str(heard) for _, heard in ear.told] == [f"linkDown: {IF_INDEX} = 7", "coldStart"]
    assert set(ear.outcomes) <= {"accepted", "discovery"}


async def test_a_socket_of_both_families_hears_the_older_one_too_and_no_stranger() -> None:
    async with listening(estate(listen="::")) as ear:
        assert await send("snmpinform", *login(COMMUNITY), to(ear), "", COLD_START) == 0
        strange = await send("snmpinform", *login(COMMUNITY), f"udp6:[::1]:{ear.port}", "", COLD_START)
    assert ([heard.name for _, heard in ear.told], strange) == (["coldStart"], 1)
    assert ear.outcomes == ["accepted", "unknown_sender"]


# --- who is not believed --------------------------------------------------------------------------------


async def test_a_wrong_community_is_refused_and_never_shown(capfd: pytest.CaptureFixture[str]) -> None:
    async with listening(estate()) as ear:
        assert await send("snmptrap", "-v2c", "-c", NOT_OURS, to(ear), "", COLD_START) == 0
        assert await send("snmpinform", "-v2c", "-c", NOT_OURS, to(ear), "", COLD_START) == 1
        await ear.until(2)
    assert (ear.told, ear.outcomes) == ([], ["refused", "refused"])
    said = "".join(capfd.readouterr())
    assert said.count("notification dropped") == 1
    assert NOT_OURS not in said
    assert "trap-secret" not in said


@pytest.mark.parametrize(
    "words",
    [
        ["-A", "another-password"],
        ["-X", "another-password"],
        ["-u", "nobody"],
        ["-l", "authNoPriv"],
        ["-l", "noAuthNoPriv"],
    ],
)
async def test_a_trap_of_v3_that_is_signed_otherwise_is_refused(words: list[str]) -> None:
    async with listening(estate(user())) as ear:
        await send("snmptrap", *login(user()), *words, to(ear), "", COLD_START)
        await ear.until(1)
    assert (ear.told, ear.outcomes) == ([], ["refused"])


async def test_what_cannot_be_decrypted_is_refused_whatever_it_looks_like() -> None:
    known, authority = Senders(estate(user())).at(servers.LOOPBACK), Authority(fresh())
    for _ in range(25):  # another salt each time: some begin like a message
        trap = await caught(*login(user()), "-X", "another-password", words=[COLD_START])
        with pytest.raises(RefusedError, match="look at privacy_password"):
            hear(trap, known, authority)


async def test_a_community_that_changed_in_its_file_is_that_of_the_next_trap(tmp_path: Path) -> None:
    secret = tmp_path / "community"
    kept = SnmpV2c.model_validate({"snmp": "v2c", "community": f"file:{secret}"})
    async with listening(estate(kept)) as ear:
        for turn, (written, outcome) in enumerate(
            (
                ("trap-secret\n", "accepted"),
                ("next-secret\n", "refused"),
                ("trap-secret\n", "accepted"),
                ("", "refused"),
            )
        ):
            secret.write_text(written)
            await send("snmptrap", *login(COMMUNITY), to(ear), "", COLD_START)
            await ear.until(turn + 1)
            assert ear.outcomes[-1] == outcome


async def test_a_password_that_changed_in_its_file_is_that_of_the_next_trap(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    told = {"snmp": "v3", "user": "watcher", "auth": "SHA-256", "auth_password": f"file:{secret}"}
    kept = SnmpV3.model_validate({**told, "privacy": "AES", "privacy_password": servers.PRIVACY})
    async with listening(estate(kept)) as ear:
        for turn, (written, outcome) in enumerate(
            (("another-password", "refused"), (servers.AUTH, "accepted"), ("another-password", "refused"))
        ):
            secret.write_text(written)
            await send("snmptrap", *login(user()), to(ear), "", COLD_START)
            await ear.until(turn + 1)
            assert ear.outcomes[-1] == outcome


async def test_nobody_else_is_heard() -> None:
    async with listening(estate(address="127.0.0.2")) as ear:
        await send("snmptrap", *login(COMMUNITY), to(ear), "", COLD_START)
        await ear.until(1)
        assert await send("snmpinform", *login(COMMUNITY), to(ear), "", COLD_START) == 1
    assert (ear.told, set(ear.outcomes)) == ([], {"unknown_sender"})


async def test_who_is_not_of_the_estate_is_not_even_told_who_we_are() -> None:
    asked = await asked_by_an_inform(user())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((servers.LOOPBACK, 0))
        for address, answers in (("127.0.0.2", 0), (servers.LOOPBACK, 1)):
            async with listening(estate(user(), address=address)) as ear:
                sender.sendto(asked, (servers.LOOPBACK, ear.port))
                await ear.until(1)
                assert ear.outcomes == [("unknown_sender", "discovery")[answers]]
                sender.settimeout(1.0)  # an answer would have been sent before the outcome was counted
                with contextlib.nullcontext() if answers else pytest.raises(TimeoutError):
                    sender.recv(65_535)


async def test_a_trap_of_v3_that_is_sent_again_after_its_time_is_refused() -> None:
    now = [0.0]
    credential, authority = user(), Authority(fresh(), lambda: now[0])
    known = Senders(estate(credential)).at(servers.LOOPBACK)
    first, second, reborn, before = [
        await caught(*login(credential), "-Z", clock, words=[COLD_START])
        for clock in ("3,100", "3,300", "4,5", "2,9000")  # the sender's boots, and seconds since
    ]
    for trap in (first, first):  # within 150 s, nobody can tell them apart
        assert hear(trap, known, authority).notification.name == "coldStart"
    now[0] = 200.0
    with pytest.raises(RefusedError, match="of the past"):
        hear(first, known, authority)
    for trap in (second, reborn):
        assert hear(trap, known, authority).notification.name == "coldStart"
    for trap in (second, before):
        with pytest.raises(RefusedError, match="of the past"):
            hear(trap, known, authority)


# --- what nobody should send ----------------------------------------------------------------------------


async def caught(*login: str, words: Sequence[str]) -> bytes:
    """The datagram that net-snmp sends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind((servers.LOOPBACK, 0))
        found.settimeout(10)
        place = f"{servers.LOOPBACK}:{found.getsockname()[1]}"
        assert await send("snmptrap", *login, place, "", *words) == 0
        return found.recv(65_535)


async def asked_by_an_inform(credential: Credential) -> bytes:
    """The datagram by which net-snmp asks whom its inform goes to."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind((servers.LOOPBACK, 0))
        found.settimeout(10)
        place = f"{servers.LOOPBACK}:{found.getsockname()[1]}"
        assert await send("snmpinform", *login(credential, inform=True), place, "", COLD_START) == 1
        return found.recv(65_535)


async def test_a_trap_of_a_thousand_objects_is_heard_and_names_a_few() -> None:
    words = [
        word for number in range(1, 1001) for word in (f"1.3.6.1.2.1.2.2.1.1.{number}", "i", str(number))
    ]
    async with listening(estate()) as ear:
        await send("snmptrap", *login(COMMUNITY), to(ear), "", LINK_DOWN, *words)
        await ear.until(1)
    ((_, heard),) = ear.told
    assert [value for _, value in heard.objects] == list(range(1, 1001))
    assert str(heard).startswith("linkDown: 1.3.6.1.2.1.2.2.1.1.1 = 1, ")
    assert str(heard).endswith(", and 995 more")


async def test_hostile_text_is_bounded_and_shown_harmless() -> None:
    hostile = "\x1b[31m\u202e<script>alert(1)</script>\n=cmd|' /C calc'!A0" + "x" * 900
    async with listening(estate()) as ear:
        await send("snmptrap", *login(COMMUNITY), to(ear), "", COLD_START, SYS_NAME, "x", "00ff80c3280a1b")
        words = [word for _ in range(60) for word in (SYS_NAME, "s", hostile)]
        await send("snmptrap", *login(COMMUNITY), to(ear), "", COLD_START, *words)
        await ear.until(2)
    second, first = (str(heard) for _, heard in ear.told)
    assert len(first) < 1000
    assert "and 55 more" in first
    assert not [one for one in first + second if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert "00 ff 80 c3 28 0a 1b" in second


async def test_mutants_of_real_traps_are_heard_or_refused_and_nothing_else() -> None:
    number = seed(short=True)
    chance = random.Random(number)
    secured = user()
    originals = [
        (COMMUNITY, await caught(*login(COMMUNITY), words=[LINK_DOWN, IF_INDEX, "i", "2"])),
        (secured, await caught(*login(secured), words=[LINK_DOWN, IF_INDEX, "i", "2"])),
    ]
    heard = refused = 0
    for credential, original in originals:
        known, authority = Senders(estate(credential)).at(servers.LOOPBACK), Authority(fresh())
        for _ in range(3000):
            datagram = bytearray(original)
            for _ in range(chance.randint(1, 4)):
                datagram[chance.randrange(len(datagram))] = chance.randrange(256)
            del datagram[chance.choice((len(datagram), chance.randrange(len(datagram)))) :]
            try:
                hear(bytes(datagram), known, authority)
                heard += 1
                # what is signed is heard only as it was sent
                assert credential is not secured or bytes(datagram) == original, number
            except (MalformedError, RefusedError, Discovery, PollError):
                refused += 1
    assert refused > 3000, number
    assert heard > 100, number  # some bend what does not matter: they are read to the end


@given(st.binary(max_size=200), st.sampled_from((0, 1, 3)))
def test_any_bytes_are_a_notification_or_malformed(data: bytes, version: int) -> None:
    try:
        found = read(version, data, 0, len(data))
    except MalformedError:
        return
    assert str(found)


async def test_a_storm_is_heard_in_part_and_ends_when_it_ends() -> None:
    async with listening(estate()) as ear:
        trap = await caught(*login(COMMUNITY), words=[COLD_START])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as storm:
            storm.bind((servers.LOOPBACK, 0))
            for _ in range(100):
                for _ in range(100):
                    storm.sendto(trap, (servers.LOOPBACK, ear.port))
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.3)
        accepted = ear.outcomes.count("accepted")
        assert BURST <= accepted <= BURST + 10
        assert set(ear.outcomes) == {"accepted", "limited"}
        # and is over when it is over
        await asyncio.sleep(1.1)
        await send("snmptrap", *login(COMMUNITY), to(ear), "", LINK_DOWN)
        async with asyncio.timeout(5):
            while ear.told[-1][1].name != "linkDown":
                await asyncio.sleep(0.01)


# --- who we are -----------------------------------------------------------------------------------------


def test_our_boots_rise_with_each_start_and_our_engine_stays(tmp_path: Path) -> None:
    file = tmp_path / "engine.json"
    (tmp_path / ".engine.json.new").write_text("what a start left that was killed")
    found = [start(file) for _ in range(3)]
    assert {one.engine for one in found} == {found[0].engine}
    assert [one.boots for one in found] == [1, 2, 3]
    assert [one.name for one in tmp_path.iterdir()] == ["engine.json"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_two_collectors_on_one_host_are_two_engines(tmp_path: Path) -> None:
    one, other = start(tmp_path / "one.json"), start(tmp_path / "other.json")
    assert one.engine != other.engine
    for engine in (one.engine, other.engine):  # RFC 3411, SnmpEngineID: 5 to 32 bytes, the first bit is 1
        assert 5 <= len(engine) <= 32
        assert engine[0] & 0x80


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"null", b'{"engine": "80007ed905aa"}', b'{"engine": "xy", "boots": 3}', b"\xff\xfe\0",
     b'{"engine": "80007ed905aa", "boots": "3"}', b'{"engine": "80007ed905aa", "boots": -3}', b"[" * 100_000,
     b'{"engine": "80007ed905aa", "boots": true}', b'{"engine": "80", "boots": 3}', b"0" * 5_000_000,
     b'{"engine": "80007ed905aa", "boots": 3'],
    ids=range(14),
)  # fmt: skip
def test_a_file_that_cannot_be_read_makes_another_engine_and_says_so(
    tmp_path: Path, text: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "engine.json"
    file.write_bytes(text)
    found = start(file)
    assert (found.boots, found.engine.hex() == "80007ed905aa") == (1, False)
    assert "the engine ID of informs cannot be read" in "".join(capfd.readouterr())
    assert start(file) == found._replace(boots=2)


def test_boots_that_are_used_up_make_another_engine(tmp_path: Path) -> None:
    file = tmp_path / "engine.json"
    file.write_text('{"engine": "80007ed905aabbccdd", "boots": 2147483645}')
    assert start(file) == Identity(bytes.fromhex("80007ed905aabbccdd"), 2_147_483_646)
    found = start(file)  # RFC 3414, 2.2.2: nobody believes an engine whose boots are 2147483647
    assert (found.boots, found.engine.hex() != "80007ed905aabbccdd") == (1, True)


def test_where_nothing_can_be_written_each_start_is_another_engine(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "missing" / "engine.json"
    one, other = start(file), start(file)
    assert one.engine != other.engine
    assert "No such file or directory" in "".join(capfd.readouterr())


async def test_a_sender_that_remembers_us_is_heard_after_each_restart(tmp_path: Path) -> None:
    credential, file, port = user(), tmp_path / "engine.json", servers.free_port(socket.SOCK_DGRAM)
    declared = estate(credential, port=port)
    async with listening(declared, lambda: start(file)) as ear:
        assert await send("snmpinform", *login(credential, inform=True), to(ear), "", COLD_START) == 0
    engine = json.loads(file.read_text())["engine"]
    for boots in (2, 3):
        async with listening(declared, lambda: start(file)) as ear:
            # it does not ask who we are
            words = [*login(credential, inform=True), "-e", f"0x{engine}", to(ear), "", LINK_DOWN]
            assert await send("snmpinform", *words) == 0
            assert json.loads(file.read_text())["boots"] == boots
            assert [heard.name for _, heard in ear.told] == ["linkDown"]


# --- the socket -----------------------------------------------------------------------------------------


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((servers.LOOPBACK, 0))
        yield other


async def test_a_port_that_is_taken_is_said_once_and_taken_when_it_is_free(
    taken: socket.socket, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("collectors.traps.receiver.RETRY_SECONDS", 0.05)
    port = int(taken.getsockname()[1])
    ear = Ear(estate(port=port))
    task = asyncio.create_task(ear.receiver.run())
    await asyncio.sleep(0.3)
    assert ear.receiver.place is None
    taken.close()
    async with asyncio.timeout(5):
        while ear.receiver.place is None:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    said = "".join(capfd.readouterr())
    assert said.count("traps are not received") == 1
    assert f"127.0.0.1 port {port}: Address already in use; does snmptrapd listen there" in said


async def test_another_estate_is_heard_without_losing_the_socket() -> None:
    declared = estate(address="127.0.0.2")
    async with listening(declared) as ear:
        port = ear.port
        await send("snmptrap", *login(COMMUNITY), to(ear), "", COLD_START)
        await ear.until(1)
        ear.receiver.replace(estate())
        assert ear.port == port
        await send("snmptrap", *login(COMMUNITY), to(ear), "", COLD_START)
        await ear.until(2)
        ear.receiver.replace(estate().model_copy(update={"traps": None}))
        assert ear.receiver.place is None
    assert ear.outcomes == ["unknown_sender", "accepted"]


async def test_a_target_that_is_given_by_name_is_heard() -> None:
    async with listening(estate(address="localhost")) as ear:
        async with asyncio.timeout(5):
            while "accepted" not in ear.outcomes:  # once the name was looked up
                await send("snmptrap", *login(COMMUNITY), to(ear), "", COLD_START)
                await asyncio.sleep(0.05)
    assert [(target, heard.name) for target, heard in ear.told] == [("switch", "coldStart")]
