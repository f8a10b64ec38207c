"""SNMPv3's security: the vectors of its RFC, pysnmp as the judge of keys, every pair of snmpd, and bent answers."""

from __future__ import annotations

import hashlib
import hmac
import random
import socket
import struct
from collections.abc import Iterator
from typing import Any

import pysnmp.hlapi.v3arch.asyncio  # noqa: F401 - its submodules import each other in this order only
import pytest
import servers
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from hypothesis import given, settings
from hypothesis import strategies as st
from pysnmp.entity import config
from pysnmp.proto.rfc1902 import OctetString
from pysnmp.proto.secmod.eso.priv.aes192 import Aes192, AesBlumenthal192
from pysnmp.proto.secmod.eso.priv.aes256 import Aes256, AesBlumenthal256
from pysnmp.proto.secmod.rfc3414 import localkey

from collectors.poll import Poll, PollError
from collectors.polling import Poller
from collectors.snmp import messages, usm
from collectors.snmp.ber import MalformedError
from collectors.snmp.oid import encode
from collectors.snmp.security import Again
from collectors.snmp.v3 import Usm
from inventory.credentials import SnmpV3

ENGINE = bytes(11) + b"\2"
SYS_NAME = encode("1.3.6.1.2.1.1.5.0")
AUTHS = {
    "MD5": config.USM_AUTH_HMAC96_MD5,
    "SHA": config.USM_AUTH_HMAC96_SHA,
    "SHA-224": config.USM_AUTH_HMAC128_SHA224,
    "SHA-256": config.USM_AUTH_HMAC192_SHA256,
    "SHA-384": config.USM_AUTH_HMAC256_SHA384,
    "SHA-512": config.USM_AUTH_HMAC384_SHA512,
}
LONG_KEYS = {
    "AES-192": AesBlumenthal192,
    "AES-256": AesBlumenthal256,
    "AES-192-C": Aes192,
    "AES-256-C": Aes256,
}
PRIVACIES = (None, "DES", "AES", "AES-192", "AES-256")

LOGINS = [(b"12345678", bytes(range(5))), ("clé très longue".encode(), bytes(range(100, 132)))]
"""Passwords, and the engines that they are for."""


@pytest.mark.parametrize(
    ("name", "key", "localised"),
    [
        ("MD5", "9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"),
        ("SHA", "9fb5cc0381497b3793528939ff788d5d79145211", "6695febc9288e36282235fc7151f128497b38f3f"),
    ],
)
def test_keys_are_those_of_the_standard(name: str, key: str, localised: str) -> None:
    """RFC 3414, A.3.1 and A.3.2."""
    hashing = usm.HASHES[name]
    stretched = usm.stretch(hashing, b"maplesyrup")
    assert stretched.hex() == key
    assert usm.localise(hashing, stretched, ENGINE).hex() == localised


@pytest.mark.parametrize("name", AUTHS)
@pytest.mark.parametrize(("password", "engine"), LOGINS)
def test_keys_are_those_that_pysnmp_makes(name: str, password: bytes, engine: bytes) -> None:
    hashing = usm.HASHES[name]
    algorithm = getattr(hashlib, hashing.name)
    theirs = localkey.hash_passphrase(OctetString(password), algorithm)
    assert usm.stretch(hashing, password) == bytes(theirs)
    assert usm.localise(hashing, bytes(theirs), engine) == bytes(
        localkey.localize_key(theirs, OctetString(engine), algorithm)
    )


@pytest.mark.parametrize("privacy", LONG_KEYS)
@pytest.mark.parametrize("auth", AUTHS)
@pytest.mark.parametrize(("password", "engine"), LOGINS)
def test_long_keys_are_extended_as_either_draft_says(
    auth: str, privacy: str, password: bytes, engine: bytes
) -> None:
    oracle = LONG_KEYS[privacy]()
    theirs = oracle.localize_key(
        AUTHS[auth], oracle.hash_passphrase(AUTHS[auth], OctetString(password)), OctetString(engine)
    )
    assert usm.privacy_key(privacy, usm.HASHES[auth], password, engine) == bytes(theirs)


@pytest.mark.parametrize("name", usm.CIPHERS)
@given(plain=st.binary(max_size=600), salt=st.binary(min_size=8, max_size=8), boots=st.integers(0, 2**31 - 1))
@settings(max_examples=20, deadline=None)
def test_what_is_encrypted_is_decrypted(name: str, plain: bytes, salt: bytes, boots: int) -> None:
    cipher = usm.privacy(name, usm.HASHES["SHA"], b"maplesyrup", ENGINE)
    sealed = cipher.encrypt(salt, boots, 77, plain)
    assert cipher.decrypt(salt, boots, 77, sealed)[: len(plain)] == plain
    assert len(plain) < 16 or sealed[: len(plain)] != plain


@pytest.mark.parametrize("size", [16, 24, 32])
@given(plain=st.binary(max_size=600), salt=st.binary(min_size=8, max_size=8), boots=st.integers(0, 2**31 - 1))
@settings(max_examples=40, deadline=None)
def test_aes_is_that_of_openssl(size: int, plain: bytes, salt: bytes, boots: int) -> None:
    key = bytes(range(size))
    vector = struct.pack(">II", boots, 77) + salt
    theirs = Cipher(AES(key), CFB(vector)).encryptor().update(plain)
    ours = usm.AesPrivacy(key)
    assert ours.encrypt(salt, boots, 77, plain) == theirs
    assert ours.decrypt(salt, boots, 77, theirs) == plain


@pytest.mark.parametrize("name", usm.HASHES)
@given(before=st.binary(max_size=200), after=st.binary(max_size=600))
@settings(max_examples=40, deadline=None)
def test_signatures_are_those_of_hmac(name: str, before: bytes, after: bytes) -> None:
    hashing = usm.HASHES[name]
    signature = usm.Signature(hashing, b"maplesyrup", ENGINE)
    key = usm.localise(hashing, usm.stretch(hashing, b"maplesyrup"), ENGINE)
    message = before + signature.blank + after
    made = hmac.digest(key, message, hashing.name)[: hashing.signature]
    signed = signature.sign(message, len(before))
    assert signed == before + made + after
    assert signature.verify(signed, len(before))
    assert not signature.verify(signed + b"\0", len(before))


# --- a real agent -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def every_pair() -> Iterator[tuple[int, dict[tuple[str, str | None], str]]]:
    """snmpd with a user for each pair of algorithms; its port and the users' names."""
    users = {
        (auth, privacy): f"x{n}" for n, (auth, privacy) in enumerate((a, p) for a in AUTHS for p in PRIVACIES)
    }
    lines = []
    for (auth, privacy), name in users.items():
        how = (
            f" {privacy if privacy == 'AES' else privacy.replace('-', '')} {servers.PRIVACY}"
            if privacy
            else ""
        )
        lines += [
            f"createUser {name} {auth} {servers.AUTH}{how}",
            f"rouser {name} {'priv' if privacy else 'auth'}",
        ]
    with servers.snmpd(lines) as agent:
        yield agent.port, users


def credential(name: str, auth: str, privacy: str | None, **other: str) -> SnmpV3:
    secrets = {"auth_password": servers.AUTH} | ({"privacy_password": servers.PRIVACY} if privacy else {})
    return SnmpV3.model_validate(
        {"snmp": "v3", "user": name, "auth": auth, "privacy": privacy} | secrets | other
    )


async def poll(agents: Any, port: int, login: SnmpV3, timeout: float = 6) -> Poll:
    estate = agents.estate(port, login, timeout=timeout, family="ucd-snmp")
    poller = Poller(estate)
    try:
        return await poller.poll(estate.targets[0])
    finally:
        poller.close()


@pytest.mark.parametrize("privacy", PRIVACIES)
@pytest.mark.parametrize("auth", AUTHS)
async def test_every_pair_that_snmpd_offers_is_spoken(
    auth: str, privacy: str | None, every_pair: Any, agents: Any
) -> None:
    port, users = every_pair
    found = await poll(agents, port, credential(users[auth, privacy], auth, privacy))
    assert [(table.name, table.detail) for table in found.tables if not table.up] == []
    assert any(sample.metric == "jauge_memory_size_bytes" for sample in found)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"auth_password": "not the password"}, "auth_failed"),
        ({"auth": "SHA-512"}, "auth_failed"),
        ({"user": "nobody"}, "auth_failed"),
        ({"privacy_password": "not the password"}, "wrong_privacy"),
    ],
    ids=str,
)
async def test_what_is_wrong_is_told_apart(
    wrong: dict[str, str], reason: str, every_pair: Any, agents: Any
) -> None:
    port, users = every_pair
    right = {"name": users["SHA-256", "AES"], "auth": "SHA-256", "privacy": "AES"}
    login = credential(**{**right, **({"name": wrong["user"]} if "user" in wrong else wrong)})
    found = await poll(agents, port, login, timeout=3)
    assert [(table.name, table.reason) for table in found.tables] == [("system", reason)]


def exchange(each: socket.socket, security: Usm, number: int) -> bytes:
    """The datagram that answers a GET of sysName, whatever it says."""
    each.send(security.seal(messages.request(messages.GET, number, [SYS_NAME]), number))
    return each.recv(65_535)


def meet(each: socket.socket, security: Usm) -> bytes:
    """Learn engine and time; the first answer with a value."""
    for number in (11, 12, 13, 14):
        datagram = exchange(each, security, number)
        try:
            security.open(datagram, number)
        except Again:
            continue
        return datagram
    raise AssertionError("no answer after four exchanges")


def test_a_bent_answer_is_refused_whatever_byte_it_is(every_pair: Any) -> None:
    """No answer that was touched is believed, and nothing leaves but refusals."""
    port, users = every_pair
    chance = random.Random(20261124)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as each:
        each.connect((servers.LOOPBACK, port))
        each.settimeout(5)
        security = Usm(credential(users["SHA-256", "AES"], "SHA-256", "AES"))
        meet(each, security)
        right = exchange(each, security, 99)
    data, start, stop = security.open(right, 99)
    assert messages.answer(data, start, stop, 99).names == [SYS_NAME]
    mutants = [right[:cut] for cut in range(len(right))]
    mutants += [
        right[:place] + bytes((right[place] ^ 1 << chance.randrange(8),)) + right[place + 1 :]
        for place in range(len(right))
    ]
    for mutant in mutants:
        with pytest.raises((MalformedError, Again, PollError)):
            messages.answer(*security.open(mutant, 99), 99)
    with pytest.raises(MalformedError):
        security.open(right, 98)


def test_a_steady_request_costs_one_exchange(every_pair: Any) -> None:
    port, users = every_pair
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as each:
        each.connect((servers.LOOPBACK, port))
        each.settimeout(5)
        security = Usm(credential(users["SHA", "AES"], "SHA", "AES"))
        meet(each, security)
        for number in range(100, 110):
            assert messages.answer(
                *security.open(exchange(each, security, number), number), number
            ).names == [SYS_NAME]
