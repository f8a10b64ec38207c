"""Recordings: what a target answers is read alike of them, and nothing in them tells whose it is."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import interfaces
import logins
import pytest
import recorded
import servers
from hypothesis import given
from hypothesis import strategies as st

from collectors.catalogue import SHIPPED
from collectors.commands import COMMANDS
from collectors.polling import Poller
from collectors.recording import agents, replaying
from collectors.recording.recorder import AGENT, Recorder, Recording, Wish
from collectors.recording.scrubbing import Level, Scrubber, coding_of
from collectors.recording.walking import Varbind
from collectors.recording.words import harmless
from collectors.snmp.oid import encode, unpack
from inventory.estate import Estate

SIZES = ("jauge_storage_size_bytes", "jauge_storage_used_bytes")

HOST, DOMAIN, PERSON, PLACE = "srv-lims-07", "chu-trifouilly.fr", "Machinchouette", "Batiment-Zephyr"
SERIAL, MACHINE, USER, ADDRESS, HARDWARE = (
    "CZJ8842X1K",
    "vm-anapath-prod",
    "jmachinchouette",
    (10, 47, 113, 201),
    "a4bf0158c3d7",
)
COMMUNITY = "sesame-ouvre-toi"
WIDE, UNIQUE = "50014380186fa2c4", "6f1c2ab4-98de-4c11-b0aa-17c25f0e9d31"
WORDS = (HOST, DOMAIN, "chu-trifouilly", PERSON, "Zephyr", SERIAL, MACHINE, USER, COMMUNITY, UNIQUE)
DATE = "07ea0b190c0000052b0100"


def spellings() -> Iterator[bytes]:
    """Each canary as it may stand in a file: text in any case, in hexadecimal, with dots."""
    octets = [word.encode() for word in WORDS]
    for word in octets:
        for form in {word.lower(), word.upper(), word}:
            yield form.lower()
            yield form.hex().encode()
            yield ".".join(map(str, form)).encode()
    for raw in (
        bytes(ADDRESS),
        bytes.fromhex(HARDWARE),
        bytes.fromhex(WIDE),
        bytes.fromhex(UNIQUE.replace("-", "")),
    ):
        yield raw.hex().encode()
        yield b".".join(str(one).encode() for one in raw)
        if len(raw) > 4:
            for joint in (":", "-", " "):
                yield raw.hex(joint).encode()


def canaries(folder: Path) -> list[bytes]:
    """The canaries that stand in the files of a folder, or in their names."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    said = b"\n".join(
        [*(path.read_bytes() for path in files), *(str(path.relative_to(folder)).encode() for path in files)]
    )
    return [spelled for spelled in spellings() if spelled in said.lower()]


def values(poll: Any) -> Counter[tuple[str, float]]:
    """What a poll tells, labels apart, without what changes from one moment to the next."""
    return Counter(
        (sample.metric, sample.value)
        for sample in poll
        if sample.metric not in ("jauge_uptime_seconds", "jauge_clock_skew_seconds")
        and "per_second" not in sample.metric
    )


@contextlib.contextmanager
def playing(folder: Path, name: str) -> Iterator[int]:
    """The port of snmpsim on the recordings of a folder."""
    import socket

    port = servers.free_port(socket.SOCK_DGRAM)
    with servers.folder() as place:
        argv = [str(Path(sys.executable).parent / "snmpsim-command-responder")]
        argv += [
            f"--data-dir={folder}",
            f"--cache-dir={place}",
            f"--agent-udpv4-endpoint={servers.LOOPBACK}:{port}",
        ]
        if os.geteuid() == 0:
            argv += ["--process-user=root", "--process-group=root"]
        process = servers.start(argv, place / "log", drop=False)
        try:
            servers.wait(
                lambda: bool(servers.snmpget(port, name, "1.3.6.1.2.1.1.1.0")),
                process,
                place / "log",
                timeout=90,
            )
            yield port
        finally:
            servers.stop(process)


async def record(estate: Estate, folder: Path, **wish: Any) -> Recording:
    made = await Recorder(estate, estate.targets[0], SHIPPED, Wish(**wish)).record()
    made.write(folder)
    return made


async def polled(estate: Estate) -> Any:
    poller = Poller(estate)
    try:
        return await poller.poll(estate.targets[0])
    finally:
        poller.close()


# --- words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        "Temperature",
        "eth0",
        "GigabitEthernet1",
        "7.2.1",
        "64KB",
        "RAID5",
        "OK",
        "2026-01-05",
        "DIMM",
        "sda1",
        "12345",
    ],
)
def test_a_word_of_everybody_stays(word: str) -> None:
    assert harmless(word)


@pytest.mark.parametrize(
    "word",
    ["lims-prod", "CZJ8842X1K", "pacs-01", "Machinchouette", "1234567", "srv01", "vm-anapath", "jdupont"],
)
def test_a_word_that_nobody_knows_is_a_name(word: str) -> None:
    assert not harmless(word)


@given(st.text(max_size=60), st.sampled_from(Level))
def test_a_scrubbed_text_is_as_long_as_before_in_characters_and_bytes(text: str, level: Level) -> None:
    text = text.encode("utf-8", "replace").decode()
    scrubber = Scrubber()
    scrubber.look(text)
    made = scrubber.text(text, level)
    assert (len(made), len(made.encode())) == (len(text), len(text.encode()))


@given(st.binary(max_size=40))
def test_scrubbed_octets_are_as_many_as_before_and_alike_each_time(data: bytes) -> None:
    scrubber = Scrubber()
    assert len(scrubber.octets(data)) == len(data)
    assert scrubber.octets(data) == scrubber.octets(data)


@given(st.lists(st.integers(0, 2**32 - 1), max_size=30))
def test_a_scrubbed_index_has_as_many_numbers_as_before(parts: list[int]) -> None:
    assert len(Scrubber().index(tuple(parts))) == len(parts)


@given(st.lists(st.from_regex(r"[a-z]{4,12}", fullmatch=True), unique=True, max_size=30))
def test_two_names_never_get_one_stand_in(names: list[str]) -> None:
    scrubber = Scrubber()
    assert len({scrubber.text(name, Level.ALL) for name in names}) == len(names)


@pytest.mark.parametrize("level", [Level.LIGHT, Level.FULL])
@pytest.mark.parametrize("secret", ["Sommer2024", 'p"q\\r x', "Passw0rd!"])
def test_a_secret_is_found_as_json_base64_and_hexadecimal_digits_spell_it(secret: str, level: Level) -> None:
    scrubber = Scrubber()
    scrubber.learn("secret", secret)
    data = secret.encode()
    for spelled in (
        secret,
        json.dumps(secret)[1:-1],
        base64.b64encode(data).decode(),
        data.hex(),
        data.hex().upper(),
    ):
        assert spelled not in scrubber.text(f"value {spelled} end", level, figures=True)


def test_two_recordings_have_other_stand_ins() -> None:
    assert len({Scrubber().text("anapath-prod-0123456789") for _ in range(5)}) == 5


def test_one_thing_has_one_stand_in_in_texts_octets_and_indexes() -> None:
    scrubber, raw = Scrubber(), bytes.fromhex(HARDWARE)
    octets = scrubber.octets(raw)
    assert octets != raw
    assert scrubber.text(raw.hex(":")) == octets.hex(":")
    assert scrubber.text(raw.hex().upper()) == octets.hex().upper()
    assert scrubber.index((4, 6, *raw)) == (4, 6, *octets)
    name = scrubber.text("anapath", Level.FULL).encode()
    assert scrubber.index((7, *b"anapath", 3)) == (7, *name, 3)
    address = scrubber.address(bytes(ADDRESS))
    assert scrubber.text("at 10.47.113.201, port 22") == f"at {'.'.join(map(str, address))}, port 22"
    assert scrubber.index((1, 4, *ADDRESS)) == (1, 4, *address)


def test_dates_masks_and_releases_stay() -> None:
    scrubber = Scrubber()
    assert scrubber.octets(bytes.fromhex(DATE)) == bytes.fromhex(DATE)
    for said in ("mask 255.255.255.0", "127.0.0.1", "version 10.2.3.4", "Linux 2.6.37.6"):
        assert scrubber.text(said, Level.LIGHT) == said


# --- agents ---------------------------------------------------------------------------------------------------


def varbinds() -> list[str]:
    """A device of nobody, as lines of a recording: canaries in texts, octets, indexes, object identifiers."""

    def spelled(word: str, *, prefix: bool = True) -> str:
        return ".".join(map(str, [*([len(word)] if prefix else []), *word.encode()]))

    acme, ip = "1.3.6.1.4.1.99999", ".".join(map(str, ADDRESS))
    hw = ".".join(str(one) for one in bytes.fromhex(HARDWARE))
    lines = {
        "1.3.6.1.2.1.1.1.0": f"4|Linux {HOST} 5.10.0-8-amd64 #1 SMP Debian 5.10.46-4 x86_64",
        "1.3.6.1.2.1.1.2.0": "6|1.3.6.1.4.1.8072.3.2.10",
        "1.3.6.1.2.1.1.3.0": "67|123456",
        "1.3.6.1.2.1.1.4.0": f"4|{PERSON} <{USER}@{DOMAIN}>",
        "1.3.6.1.2.1.1.5.0": f"4|{HOST}.{DOMAIN}",
        "1.3.6.1.2.1.1.6.0": f"4|{PLACE}, salle 3",
        "1.3.6.1.2.1.2.2.1.6.1": f"4x|{HARDWARE}",
        "1.3.6.1.2.1.25.1.2.0": f"4x|{DATE}",
        "1.3.6.1.2.1.25.2.3.1.2.1": "6|1.3.6.1.2.1.25.2.1.4",
        "1.3.6.1.2.1.25.2.3.1.3.1": f"4|/srv/{MACHINE}",
        "1.3.6.1.2.1.25.2.3.1.4.1": "2|4096",
        "1.3.6.1.2.1.25.2.3.1.5.1": "2|1000000",
        "1.3.6.1.2.1.25.2.3.1.6.1": "2|250000",
        "1.3.6.1.2.1.47.1.1.1.1.11.1": f"4|{SERIAL}",
        f"{acme}.1.1.0": f"4|chassis {SERIAL} at {ip}",
        f"{acme}.1.2.0": f"4x|{bytes(ADDRESS).hex()}",
        f"{acme}.1.3.0": f"4x|0003{HOST.encode().hex()}00ff",
        f"{acme}.1.4.0": f"64|{ip}",
        f"{acme}.1.5.0": f"4|{WIDE.upper()}",
        f"{acme}.1.6.0": f"4x|{WIDE}",
        f"{acme}.1.7.0": f"4|{UNIQUE}",
        f"{acme}.1.8.0": f"4x|{DATE}",
        f"{acme}.1.9.0": "4|Redundancy Lost",
        f"{acme}.1.10.0": f"6|{acme}.2.1.2.{spelled(MACHINE)}",
        f"{acme}.2.1.2.{spelled(MACHINE)}": "2|4710",
        f"{acme}.2.1.3.{spelled(MACHINE)}": f"4|{MACHINE}",
        f"{acme}.3.1.2.{ip}.7": "65|4711",
        f"{acme}.4.1.2.1.4.{ip}": "66|4712",
        f"{acme}.5.1.2.6.{hw}": "70|4713",
        f"{acme}.6.1.2.{hw}": "2|4714",
        f"{acme}.7.1.2.3.{spelled(USER, prefix=False)}": "2|4715",
    }
    return [f"{oid}|{lines[oid]}" for oid in sorted(lines, key=lambda oid: unpack(encode(oid)))]


def an_estate(port: int, community: str) -> Estate:
    return Estate.model_validate(
        {
            "credentials": {"login": {"snmp": "v2c", "community": community}},
            "targets": [
                {
                    "name": "device",
                    "address": servers.LOOPBACK,
                    "timeout": 60,
                    "snmp": {"credential": "login", "port": port},
                }
            ],
        }
    )


async def test_no_canary_stands_in_a_recording_in_any_spelling_and_it_is_read_alike(tmp_path: Path) -> None:
    source, made = tmp_path / "source", tmp_path / "made"
    source.mkdir()
    (source / f"{COMMUNITY}.snmprec").write_text("\n".join(varbinds()) + "\n")
    assert canaries(source)
    with playing(source, COMMUNITY) as port:
        before = await polled(an_estate(port, COMMUNITY))
        told = await record(an_estate(port, COMMUNITY), made)
    assert told.notes == []
    assert canaries(made) == []
    with playing(made, "snmp") as port:
        after = await polled(an_estate(port, "snmp"))
    assert values(after) == values(before)
    assert (
        recorded.value(before, "jauge_storage_size_bytes", store=f"/srv/{MACHINE}", kind="filesystem")
        == 4096 * 10**6
    )


async def test_what_is_no_name_stays_as_it_was(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "device.snmprec").write_text("\n".join(varbinds()) + "\n")
    with playing(source, "device") as port:
        made = await record(an_estate(port, "device"), tmp_path / "made")
    found = agents.read(tmp_path / "made" / AGENT)
    lines = made.files[AGENT].splitlines()
    assert len(found) == len(varbinds()) == len(lines)
    for number in (4710, 4711, 4712, 4713, 4714, 4715, 123456):
        assert sum(line.endswith(f"|{number}") for line in lines) == 1
    assert sum(line.endswith(f"|4x|{DATE}") for line in lines) == 2
    assert "1.3.6.1.4.1.99999.1.9.0|4|Redundancy Lost" in lines
    assert next(line for line in lines if line.startswith("1.3.6.1.2.1.1.1.0|4|Linux ")).endswith(
        " 5.10.0-8-amd64 #1 SMP Debian 5.10.46-4 x86_64"
    )
    (index,) = {
        line.split("|")[0].rpartition("99999.2.1.2.")[2]
        for line in lines
        if "99999.2.1.2." in line.split("|")[0]
    }
    assert f"1.3.6.1.4.1.99999.1.10.0|6|1.3.6.1.4.1.99999.2.1.2.{index}" in lines
    stand_in = bytes(map(int, index.split(".")[1:])).decode()
    assert f"1.3.6.1.4.1.99999.2.1.3.{index}|4|{stand_in}" in lines
    assert made.replaced["hardware address"][0] == 1


async def test_words_that_are_asked_for_stay(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "device.snmprec").write_text(
        "1.3.6.1.2.1.1.1.0|4|Zorblax\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.1\n"
        "1.3.6.1.4.1.99999.7.1.0|4|Zorblaxian\n1.3.6.1.4.1.99999.8.1.0|4|Zorblaxian\n"
    )
    with playing(source, "device") as port:
        made = await record(an_estate(port, "device"), tmp_path / "made", keep=("1.3.6.1.4.1.99999.7",))
    lines = made.files[AGENT].splitlines()
    assert "1.3.6.1.4.1.99999.7.1.0|4|Zorblaxian" in lines
    assert "1.3.6.1.4.1.99999.8.1.0|4|Zorblaxian" not in lines


async def test_a_real_agent_is_recorded_and_read_alike(tmp_path: Path) -> None:
    lines = [f"sysContact {PERSON} <{USER}@{DOMAIN}>", f"extend {USER} /bin/echo {SERIAL}"]
    with servers.snmpd(lines) as agent:
        estate = an_estate(agent.port, "public")
        before = await polled(estate)
        made = await record(estate, tmp_path / "made")
    said = made.files[AGENT].lower()
    assert canaries(tmp_path / "made") == []
    for word in ("pacs-01", "public", "pacs", "rack", *node()):
        assert word not in said
        assert word.encode().hex() not in said
    with playing(tmp_path / "made", "snmp") as port:
        after = await polled(an_estate(port, "snmp"))
    assert (after.family, after.version) == (before.family, before.version)
    sizes = [
        Counter({key: n for key, n in values(poll).items() if "size_bytes" in key[0]})
        for poll in (before, after)
    ]
    assert sizes[0]
    assert sizes[0] == sizes[1]


def devices() -> list[str]:
    """Every fourth recording, but those whose values snmpsim makes up while it plays them."""
    if not os.environ.get("JAUGE_CORPUS"):
        return []
    paths = sorted((servers.corpus() / "recordings").glob("*.snmprec"))
    return [path.stem for path in paths[::4] if not re.search(r"\|\d+:", path.read_text("latin-1"))]


def node() -> list[str]:
    """The name of this machine, where it is one that can be looked for."""
    name = os.uname().nodename.lower()
    return [name] if len(name) > 3 and not harmless(name) else []


@pytest.mark.parametrize("device", devices())
async def test_a_scrubbed_recording_of_a_real_device_is_read_alike(device: str, corpus: Path) -> None:
    path = corpus / "recordings" / f"{device}.snmprec"
    found = agents.read(path)
    before = await replaying.play(found)
    names = tuple(name for name in SHIPPED.families if name == before.family)
    scrubber, columns = Scrubber(), agents.Columns(SHIPPED, await chosen(found))
    agents.learn(scrubber, found.values(), columns)
    made = agents.Scrubbed(scrubber, columns)
    made.add(found.values(), roots(await chosen(found)))
    after = await replaying.play(made.varbinds)
    assert names or not before.family
    assert (replaying.values(after), after.family) == (replaying.values(before), before.family)


async def test_a_stand_in_of_unread_numbers_adds_no_row_to_what_is_read(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = agents.read(corpus / "recordings" / "socomec-ups.snmprec")
    column, unread = (encode(f"1.3.6.1.4.1.4555.1.1.7.1.4.{end}") for end in ("4.1.2", "7.0"))
    scrubber = Scrubber()
    # upsOutputVoltage is read, and the numbers of an object that is not become those of its second line
    monkeypatch.setattr(
        scrubber,
        "index",
        lambda numbers: (1, 7, 1, 4, 4, 1, 2, 8) if numbers == unpack(unread)[8:] else numbers,
    )
    names = await chosen(found)
    made = agents.Scrubbed(scrubber, agents.Columns(SHIPPED, names))
    made.add(found.values(), roots(names))
    assert [oid for oid in made.varbinds if oid.startswith(column)] == [column + b"\x01"]
    assert made.lost == 1


async def test_a_stand_in_of_unread_numbers_tells_no_other_family(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = agents.read(corpus / "recordings" / "apc_smt750x-nmc2.snmprec")
    unread = encode("1.3.6.1.4.1.318.1.4.2.1.0")  # none of those that tell a family
    scrubber = Scrubber()
    monkeypatch.setattr(
        scrubber,
        "index",
        lambda numbers: (1, 30, 1, 0) if numbers == unpack(unread)[8:] else numbers,  # ePDU
    )
    names = await chosen(found)
    made = agents.Scrubbed(scrubber, agents.Columns(SHIPPED, names))
    made.add([*found.values(), Varbind(unread, 0x02, b"\x01")], roots(names))
    assert (await replaying.play(made.varbinds)).family == "apc-ups"
    assert made.lost == 1


async def chosen(found: Any) -> tuple[str, ...]:
    from collectors.snmp.polling import choose
    from collectors.snmp.values import oid_text, text

    played = replaying.Played(found)
    system = [encode("1.3.6.1.2.1.1.1.0"), encode("1.3.6.1.2.1.1.2.0")]
    said = await played.get(system)
    return await choose(played, SHIPPED, None, text(said.get(system[0])), oid_text(said.get(system[1])))


def roots(names: tuple[str, ...]) -> list[bytes]:
    from collectors.snmp.polling import Reader

    needs = Reader().needs(names)
    return [*needs.columns, *needs.scalars]


# --- commands and documents ------------------------------------------------------------------------------------


async def test_commands_over_real_ssh_are_recorded_and_read_alike(sshd: servers.Sshd, tmp_path: Path) -> None:
    estate = logins.of(sshd, commands=["df", "memory", "cpu", "os"], timeout=60)
    made = await record(estate, tmp_path / "made")
    assert set(made.files) == {"ssh/df.txt", "ssh/memory.txt", "ssh/cpu.txt", "ssh/os.txt"}
    assert made.notes == []
    for name in ("df", "memory", "cpu"):
        parsed = COMMANDS[name].parse((tmp_path / "made" / "ssh" / f"{name}.txt").read_text())
        assert list(getattr(parsed, "series", parsed))
    said = "".join(made.files.values()).lower()
    for word in ("srv-01", *node()):
        assert word not in said


VOLUMES = {
    "volumes": [
        {
            "name": MACHINE,
            "serial": SERIAL,
            "provisioned": 5 * 10**12,
            "host": f"{HOST}.{DOMAIN}",
            "id": UNIQUE,
        },
        {
            "name": "boot",
            "serial": "00000000001",
            "provisioned": 10**12,
            "host": ".".join(map(str, ADDRESS)),
            "id": WIDE,
        },
    ],
    "owner": {"user": USER, "mail": f"{USER}@{DOMAIN}", "token": COMMUNITY},
    "byName": {MACHINE: {"used": 1}, "other-thing": {"used": 2}},
}


async def test_documents_of_a_real_server_are_recorded_without_canaries(tmp_path: Path) -> None:
    series = 'node_filesystem_size_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 1\n'
    pages = {"GET /metrics": series, "GET /arrays": [{"id": UNIQUE}], f"GET /arrays/{UNIQUE}": VOLUMES}
    async with interfaces.serving(pages) as server:
        estate = Estate.model_validate(
            {
                "targets": [
                    {"name": HOST, "timeout": 60, "http": {"family": "node-exporter", "url": server.url}}
                ]
            }
        )
        made = await record(estate, tmp_path / "made", paths=("/arrays", f"/arrays/{UNIQUE}"))
    assert [note for note in made.notes if "path" in note] == []
    assert canaries(tmp_path / "made") == []
    (document,) = [json.loads(said) for name, said in made.files.items() if "volumes" in said]
    assert [row["provisioned"] for row in document["volumes"]] == [5 * 10**12, 10**12]
    assert document["volumes"][1]["name"] == "boot"
    assert {row["used"] for row in document["byName"].values()} == {1, 2}
    assert document["volumes"][0]["name"] in document["byName"]
    assert {len(row["id"]) for row in document["volumes"]} == {36, 16}
    paths = {facts["path"] for facts in made.index["files"].values()}
    assert f"/arrays/{document['volumes'][0]['id']}" in paths


async def test_what_is_nested_too_deeply_to_be_written_down_is_left_out_and_told(tmp_path: Path) -> None:
    deep: Any = [1]
    for _ in range(600):
        deep = [deep]
    pages = {"GET /deep": deep, "GET /flat": {"size": 12345}}
    async with interfaces.serving(pages) as server:
        access = {"family": "node-exporter", "url": server.url}
        estate = Estate.model_validate({"targets": [{"name": HOST, "timeout": 60, "http": access}]})
        made = await record(estate, tmp_path / "made", paths=("/deep", "/flat"))
    assert [note for note in made.notes if "too deeply" in note] == [
        "HTTP: left out, as they are nested too deeply: 1 of 2 answers"
    ]
    assert [json.loads(said) for name, said in made.files.items() if name.endswith(".json")] == [
        {"size": 12345}
    ]


async def test_a_text_of_prometheus_is_recorded_and_read_alike(tmp_path: Path) -> None:
    text = (
        "# HELP node_filesystem_size_bytes Of nobody.\n# TYPE node_filesystem_size_bytes gauge\n"
        f'node_filesystem_size_bytes{{device="/dev/sda1",fstype="ext4",mountpoint="/srv/{MACHINE}"}} 1e+12\n'
        f'node_filesystem_avail_bytes{{device="/dev/sda1",fstype="ext4",mountpoint="/srv/{MACHINE}"}} 4e+11\n'
        f'node_uname_info{{nodename="{HOST}",release="5.10.0"}} 1\n'
    )

    async def read(said: str, name: str) -> Counter[tuple[str, float]]:
        async with interfaces.serving({"GET /metrics": said}) as server:
            estate = Estate.model_validate(
                {
                    "targets": [
                        {"name": "toy", "timeout": 60, "http": {"family": "node-exporter", "url": server.url}}
                    ]
                }
            )
            if name:
                await record(estate, tmp_path / name)
            return values(await polled(estate))

    before = await read(text, "made")
    assert canaries(tmp_path / "made") == []
    (file,) = (tmp_path / "made" / "http").glob("*.txt")
    after = await read(file.read_text(), "")
    assert {key: n for key, n in before.items() if key[0] in SIZES}
    assert after == before


def test_a_coding_is_told_of_texts_only() -> None:
    assert coding_of(b"abc") == "utf-8"
    assert coding_of("bâtiment".encode("latin-1")) == "latin-1"
    assert coding_of(bytes.fromhex(HARDWARE)) is None


def test_a_recording_is_never_written_over_another(tmp_path: Path) -> None:
    Recording(files={"a.txt": "x"}).write(tmp_path / "made")
    assert oct((tmp_path / "made" / "a.txt").stat().st_mode & 0o777) == "0o600"
    with pytest.raises(FileExistsError):
        Recording(files={"a.txt": "y"}).write(tmp_path / "made")
