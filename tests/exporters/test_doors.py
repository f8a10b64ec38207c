"""Who is let in to the exporter: real clients over real TLS, and what they are answered."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Final

import aiohttp
import bcrypt
import pytest
import servers
from certificates import Authority, Certificate
from prometheus_client.parser import text_string_to_metric_families

from collectors.board import Board
from collectors.poll import Poll
from exporters import http, serving
from exporters.own import Own
from exporters.web.config import RateLimit
from exporters.web.door import Bucket, Door
from inventory.estate import Estate
from inventory.metrics import Sample

pytestmark = pytest.mark.xdist_group("doors")

PASSWORD: Final = "cNry-scraper-password"


def hashed(password: str = PASSWORD, cost: int = 10) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode()


class Hand:
    """What the exporter needs, of an estate of one machine that never answered."""

    ready = True

    def __init__(self) -> None:
        self.estate = Estate.model_validate({"targets": [{"name": "nas-01"}]})
        self.board = Board(self.estate.targets)

    async def poll_now(self, name: str, deadline_seconds: float) -> Poll:
        return Poll(name, time.time(), 0.1, ())

    def extra(self, name: str) -> Sequence[Sample]:
        return ()


class Guarded:
    """A running exporter behind a door, and its web configuration file."""

    def __init__(self, port: int, door: Door, file: Path) -> None:
        self.port = port
        self.door = door
        self.file = file

    async def get(
        self,
        path: str = "/metrics",
        tls: ssl.SSLContext | None = None,
        login: tuple[str, str] | None = None,
        session: aiohttp.ClientSession | None = None,
    ) -> tuple[int, str, Any]:
        """Status, text and headers of an answer, over a connection of its own where no session is given."""
        url = f"{self.door.scheme}://127.0.0.1:{self.port}{path}"
        async with contextlib.AsyncExitStack() as stack:
            session = session or await stack.enter_async_context(aiohttp.ClientSession())
            headers = {"Authorization": aiohttp.encode_basic_auth(*login)} if login else {}
            async with session.get(url, ssl=tls or True, headers=headers) as answer:
                return answer.status, await answer.text(), answer.headers

    async def value(self, metric: str, **options: Any) -> dict[str, float]:
        """The values of one of the exporter's own metrics, by their one label value, or by nothing."""
        _, text, _ = await self.get("/metrics", **options)
        return {
            next(iter(sample.labels.values()), ""): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == metric
        }


@contextlib.asynccontextmanager
async def guarded(folder: Path, text: str) -> AsyncIterator[Guarded]:
    file = folder / "web.yml"
    file.write_text(text)
    service, door = Hand(), Door(file)
    own = Own(service.board)
    own.watch_door(lambda: door.standing)
    runner = serving.runner(http.create(service, own, door=door))
    await runner.setup()
    await serving.Site(runner, "127.0.0.1", 0, door).start()
    watching = asyncio.create_task(door.watch(asyncio.to_thread))
    try:
        yield Guarded(runner.addresses[0][1], door, file)
    finally:
        watching.cancel()
        await runner.cleanup()


def secured(signed: Certificate, more: str = "") -> str:
    return f"tls_server_config:\n  cert_file: {signed.certificate}\n  key_file: {signed.key}\n{more}"


def trusting(authority: Authority, client: Certificate | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.file))
    if client is not None:
        context.load_cert_chain(client.certificate, client.key)
    return context


async def until(true: Callable[[], Any], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "not so in time"
        await asyncio.sleep(0.05)


async def openssl(port: int, *options: str) -> str:
    """What openssl's client says of a connection."""
    process = await asyncio.create_subprocess_exec(
        "openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(process.communicate(), 20)
    return said.decode(errors="replace")


async def test_a_client_is_let_in_by_a_certificate_of_the_authority_and_by_no_other(tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path), Authority(tmp_path, "Somebody else")
    wanted = (
        f"  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: {ours.file}\n"
        "  client_allowed_sans: [prometheus.test, '::1']\n"
    )
    async with guarded(tmp_path, secured(ours.sign(), wanted)) as door:
        for name in ("prometheus.test", "::1"):
            status, text, _ = await door.get(tls=trusting(ours, ours.sign(name)))
            assert (status, "jauge_build_info" in text) == (200, True)
        refused = {
            "none": None,
            "another authority": theirs.sign("prometheus.test"),
            "expired": ours.sign("prometheus.test", days=-1),
        }
        for who, client in refused.items():
            with pytest.raises(aiohttp.ClientError):
                await door.get(tls=trusting(ours, client))
            assert who
        status, text, _ = await door.get(tls=trusting(ours, ours.sign("grafana.test")))
        assert (status, "jauge_build_info" in text) == (403, False)
        failed = await door.value(
            "jauge_web_handshakes_failed_total", tls=trusting(ours, ours.sign("prometheus.test"))
        )
        assert {reason for reason, times in failed.items() if times} == {
            "no certificate",
            "untrusted certificate",
        }
        _, text, _ = await door.get(tls=trusting(ours, ours.sign("prometheus.test")))
        argv = [servers.program("promtool", "prometheus"), "check", "metrics"]
        checked = subprocess.run(argv, input=text, text=True, capture_output=True, timeout=30, check=False)
        assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
        with pytest.raises(aiohttp.ClientError):  # without TLS
            async with aiohttp.ClientSession() as session:
                await session.get(f"http://127.0.0.1:{door.port}/metrics")
        await until(lambda: door.door.handshakes["not TLS"])


async def test_a_certificate_that_may_be_left_out_is_looked_at_where_it_is_given(tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path), Authority(tmp_path, "Somebody else")
    wanted = f"  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: {ours.file}\n"
    async with guarded(tmp_path, secured(ours.sign(), wanted)) as door:
        assert (await door.get(tls=trusting(ours)))[0] == 200
        assert (await door.get(tls=trusting(ours, ours.sign("a.test"))))[0] == 200
        with pytest.raises(aiohttp.ClientError):
            await door.get(tls=trusting(ours, theirs.sign("a.test")))


async def test_versions_suites_and_curves_are_those_of_the_file(tmp_path: Path) -> None:
    servers.program("openssl", "openssl")
    authority = Authority(tmp_path)
    signed = authority.sign()
    weak = ("-cipher", "ALL:@SECLEVEL=0")
    async with guarded(tmp_path, secured(signed)) as door:
        for old in ("-tls1", "-tls1_1"):
            assert "Cipher is (NONE)" in await openssl(door.port, old, *weak)
        assert "Cipher is ECDHE-RSA-" in await openssl(door.port, "-tls1_2")
        assert "Cipher is TLS_" in await openssl(door.port, "-tls1_3")
        for suites in ("AES128-SHA", "AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA"):
            assert "Cipher is (NONE)" in await openssl(
                door.port, "-tls1_2", "-cipher", f"{suites}:@SECLEVEL=0"
            )
        assert "ALPN protocol: http/1.1" in await openssl(door.port, "-alpn", "h2,http/1.1")
        assert door.door.handshakes["old version"] == 2
        assert door.door.handshakes["no common cipher"] == 3
    chosen = (
        "  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA]\n"
        "  curve_preferences: [CurveP384]\n  max_version: TLS12\n"
    )
    async with guarded(tmp_path, secured(signed, chosen)) as door:
        both = ("-cipher", "ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384")
        said = await openssl(door.port, *both)
        assert "Cipher is ECDHE-RSA-AES256-GCM-SHA384" in said
        assert "secp384r1" in said or "P-384" in said
        assert "Cipher is ECDHE-RSA-AES128-SHA" in await openssl(door.port, "-cipher", "ECDHE-RSA-AES128-SHA")
        assert "Cipher is (NONE)" in await openssl(door.port, "-curves", "X25519")
        assert "Cipher is (NONE)" in await openssl(door.port, "-tls1_3")
    async with guarded(tmp_path, secured(signed, chosen + "  prefer_server_cipher_suites: false\n")) as door:
        assert "Cipher is ECDHE-RSA-AES128-SHA" in await openssl(door.port, *both)


@pytest.mark.parametrize(
    "path", ["/", "/metrics", "/metrics/estate", "/sd", "/probe?target=nas-01", "/-/healthy", "/no/such/page"]
)
async def test_nothing_is_answered_without_the_right_password(tmp_path: Path, path: str) -> None:
    async with guarded(tmp_path, f"basic_auth_users: {{alice: {hashed()}}}") as door:
        for login in (None, ("alice", "wrong"), ("mallory", PASSWORD), ("", ""), ("alice", "")):
            status, text, headers = await door.get(path, login=login)
            assert status == 401
            assert headers["WWW-Authenticate"].startswith("Basic ")
            assert len(text) < 100
        assert (await door.get(path, login=("alice", PASSWORD)))[0] in (200, 404)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !",
        "Basic YWxpY2U=",
        "Bearer " + "a" * 64,
        "Basic é",
        "Negotiate YQ==",
        "Basic " + "YTph" * 900,
    ],
)
async def test_a_header_that_is_none_lets_nobody_in(tmp_path: Path, header: str) -> None:
    async with (
        guarded(tmp_path, f"basic_auth_users: {{alice: {hashed()}}}") as door,
        aiohttp.ClientSession() as session,
    ):
        url = f"http://127.0.0.1:{door.port}/metrics"
        async with session.get(url, headers={"Authorization": header}) as answer:
            assert answer.status == 401


async def test_whoever_was_let_in_is_known_again_and_holds_nobody_up(tmp_path: Path) -> None:
    async with guarded(tmp_path, f"basic_auth_users: {{alice: {hashed(cost=12)}}}") as door:
        known = ("alice", PASSWORD)
        start = time.monotonic()
        assert (await door.get(login=known))[0] == 200
        first = time.monotonic() - start
        start = time.monotonic()
        for _ in range(5):
            assert (await door.get(login=known))[0] == 200
        assert time.monotonic() - start < first  # all five together
        ended: list[str] = []

        async def ask(who: str, login: tuple[str, str]) -> int:
            status, _, _ = await door.get(login=login)
            ended.append(who)
            return status

        wrong = [asyncio.create_task(ask("wrong", ("alice", f"wrong {number}"))) for number in range(6)]
        await asyncio.sleep(0.1)
        assert await ask("known", known) == 200
        assert {await one for one in wrong} == {401}
        assert ended[-1] == "wrong"  # some of them were still being checked


async def test_a_flood_of_wrong_passwords_is_bounded_and_keeps_no_scrape_out(tmp_path: Path) -> None:
    async with guarded(tmp_path, f"basic_auth_users: {{alice: {hashed()}}}") as door:
        assert (await door.get(login=("alice", PASSWORD)))[0] == 200
        flood = [asyncio.create_task(door.get(login=("alice", f"wrong {number}"))) for number in range(100)]
        await asyncio.sleep(0.2)
        assert (await door.get(login=("alice", PASSWORD)))[0] == 200
        statuses = {(await one)[0] for one in flood}
        assert statuses == {401, 429}


async def test_a_name_that_nobody_has_takes_as_long_as_one_that_somebody_has(tmp_path: Path) -> None:
    async with guarded(tmp_path, f"basic_auth_users: {{alice: {hashed(cost=11)}}}") as door:
        took: dict[str, list[float]] = {"alice": [], "mallory": []}
        for _ in range(3):  # in turns, and the quickest of each: others use this machine, too
            for name, seconds in took.items():
                start = time.monotonic()
                assert (await door.get(login=(name, "wrong")))[0] == 401
                seconds.append(time.monotonic() - start)
    assert 1 / 3 < min(took["mallory"]) / min(took["alice"]) < 3


async def test_a_password_longer_than_bcrypt_reads_is_checked_as_others_check_it(tmp_path: Path) -> None:
    long = "x" * 72
    async with guarded(tmp_path, f"basic_auth_users: {{alice: {hashed(long)}}}") as door:
        assert (await door.get(login=("alice", long + "what nobody reads")))[0] == 200
        assert (await door.get(login=("alice", long[:-1])))[0] == 401


async def test_requests_beyond_the_rate_are_refused_before_anything_else(tmp_path: Path) -> None:
    text = f"rate_limit: {{interval: 1h, burst: 3}}\nbasic_auth_users: {{alice: {hashed()}}}"
    async with guarded(tmp_path, text) as door:
        statuses = [(await door.get(login=("alice", PASSWORD)))[0] for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        assert (await door.get())[0] == 429


def test_a_token_comes_back_each_interval_up_to_the_burst() -> None:
    now = [0.0]
    bucket = Bucket(RateLimit(interval="2s", burst=2), lambda: now[0])
    taken = []
    for moment in (0, 0, 0, 1.9, 2.1, 2.2, 100, 100, 100):
        now[0] = moment
        taken.append(bucket.take())
    assert taken == [True, True, False, False, True, False, True, True, False]


async def test_headers_of_the_file_are_sent_with_every_answer(tmp_path: Path) -> None:
    text = (
        "http_server_config: {headers: {Strict-Transport-Security: max-age=63072000, X-Frame-Options: deny,"
        " Content-Security-Policy: \"default-src 'self'\", X-XSS-Protection: ''}}\n"
        f"basic_auth_users: {{alice: {hashed()}}}"
    )
    async with guarded(tmp_path, text) as door:
        for login in (None, ("alice", PASSWORD)):
            _, _, headers = await door.get(login=login)
            assert headers["Strict-Transport-Security"] == "max-age=63072000"
            assert headers["X-Frame-Options"] == "deny"
            assert headers.getall("Content-Security-Policy") == ["default-src 'self'"]
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert "X-XSS-Protection" not in headers


async def test_certificates_and_users_change_without_a_restart_and_a_broken_file_changes_nothing(
    tmp_path: Path,
) -> None:
    first, second = Authority(tmp_path, "First"), Authority(tmp_path, "Second")
    live = Certificate(tmp_path / "live.pem", tmp_path / "live.key")

    def install(signed: Certificate) -> None:
        live.certificate.write_bytes(signed.certificate.read_bytes())
        live.key.write_bytes(signed.key.read_bytes())

    install(first.sign(days=10))
    alice = f"basic_auth_users: {{alice: {hashed()}}}\n"
    login = ("alice", PASSWORD)
    async with guarded(tmp_path, secured(live) + alice) as door, aiohttp.ClientSession() as session:
        assert (await door.get(tls=trusting(first), login=login, session=session))[0] == 200
        before = await door.value(
            "jauge_web_certificate_end_timestamp_seconds", tls=trusting(first), login=login
        )
        assert before[""] == pytest.approx(time.time() + 10 * 86_400, abs=120)
        context = door.door.context
        install(second.sign(days=20))
        await until(lambda: door.door.context is not context)
        assert (await door.get(tls=trusting(second), login=login))[0] == 200
        with pytest.raises(
            aiohttp.ClientError
        ):  # also for who was connected: what was agreed on is not in force
            await door.get(tls=trusting(first), login=login, session=session)
        end = await door.value(
            "jauge_web_certificate_end_timestamp_seconds", tls=trusting(second), login=login
        )
        assert end[""] == pytest.approx(time.time() + 20 * 86_400, abs=120)

        for number, broken in enumerate(
            ("basic_auth_users: {alice: plain}", "tls_server_config: {", "a: 1"), 1
        ):
            door.file.write_text(broken)
            await until(lambda number=number: door.door.failures == number)
            assert (await door.get(tls=trusting(second), login=login))[0] == 200
            assert (await door.get(tls=trusting(second)))[0] == 401
        own = {"tls": trusting(second), "login": login}
        assert (await door.value("jauge_web_config_reload_successful", **own))[""] == 0
        assert (await door.value("jauge_web_config_reload_failures_total", **own))[""] == 3

        door.file.write_text(secured(live) + f"basic_auth_users: {{bob: {hashed('another')}}}\n")
        await until(lambda: door.door.standing.sound)
        assert (await door.get(tls=trusting(second), login=login))[0] == 401
        own["login"] = ("bob", "another")
        assert (await door.value("jauge_web_config_reload_successful", **own))[""] == 1


async def test_a_key_that_is_replaced_after_its_certificate_is_taken_over_once_both_are_there(
    tmp_path: Path,
) -> None:
    first, second = Authority(tmp_path, "First"), Authority(tmp_path, "Second")
    signed, renewed = first.sign(), second.sign()
    async with guarded(tmp_path, secured(signed)) as door:
        signed.certificate.write_bytes(renewed.certificate.read_bytes())
        await until(lambda: door.door.failures == 1)
        assert (await door.get(tls=trusting(first)))[0] == 200
        signed.key.write_bytes(renewed.key.read_bytes())
        await until(lambda: door.door.standing.sound)
        assert (await door.get(tls=trusting(second)))[0] == 200


async def test_clients_that_never_agree_on_tls_keep_no_scrape_out(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with guarded(tmp_path, secured(authority.sign())) as door:
        with contextlib.ExitStack() as stack:
            for _ in range(serving.CONNECTIONS + 100):
                stack.enter_context(socket.create_connection(("127.0.0.1", door.port)))
                await asyncio.sleep(0)
            files = len(list(Path("/proc/self/fd").iterdir()))
            status, _, _ = await asyncio.wait_for(door.get(tls=trusting(authority)), 10)
            assert status == 200
            # our own ends, those that the exporter still holds, and some of the rest of this process
            assert files < 2 * serving.CONNECTIONS + 100 + 100


@pytest.mark.proof
async def test_testssl_finds_no_weak_protocol_suite_or_flaw(tmp_path: Path) -> None:
    testssl = servers.program("testssl", "testssl.sh")
    authority = Authority(tmp_path)
    async with guarded(tmp_path, secured(authority.sign())) as door:
        report = tmp_path / "report.csv"
        process = await asyncio.create_subprocess_exec(
            testssl, "--quiet", "--color", "0", "--nodns", "none", "--warnings", "batch", "-p", "-s", "-f", "-U",
            "--csvfile", str(report), f"127.0.0.1:{door.port}",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        await asyncio.wait_for(process.wait(), 1800)
    rows = re.findall(r'^"([^"]*)","[^"]*","[^"]*","([^"]*)","([^"]*)"', report.read_text(), re.MULTILINE)
    found = {name: (severity, said) for name, severity, said in rows}
    assert found["TLS1_2"][1].startswith("offered")
    assert found["TLS1_3"][1].startswith("offered")
    assert {found[old][1] for old in ("SSLv2", "SSLv3", "TLS1", "TLS1_1")} == {"not offered"}
    found.pop("engine_problem", None)  # of testssl's own openssl, where Debian's has no engines
    weak = {
        name: one
        for name, one in found.items()
        if one[0] in ("LOW", "MEDIUM", "HIGH", "CRITICAL", "WARN", "FATAL")
    }
    assert weak == {}
