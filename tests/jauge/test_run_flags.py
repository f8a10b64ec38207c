"""The flags of `jauge run` that it shares with the exporters of the Prometheus family."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import servers
import within
from collecting import collecting, until

HERE = "targets: [{name: here, host: true}]\n"
ALICE = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"  # "fakepassword"


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    path = tmp_path / "estate.yml"
    path.write_text(HERE)
    return path


def test_a_collector_listens_on_every_address_that_it_is_given(estate: Path) -> None:
    listen = "--web.listen-address"
    colon, wild, named = (servers.free_port() for _ in range(3))
    more = (listen, f":{colon}", listen, f"[::]:{wild}", listen, f"localhost:{named}", "--log.level", "warn")
    with collecting(estate, more=more) as collector:
        for port in (collector.port, colon, wild, named):
            assert servers.get(f"http://127.0.0.1:{port}/-/healthy").text == "healthy\n"
        # two of the four are open to the network, and ask nobody for a password
        assert collector.said().count("whoever reaches this port is answered") == 2


def test_addresses_may_come_from_the_environment(estate: Path) -> None:
    first, second = servers.free_port(), servers.free_port()
    argv = [sys.executable, "-m", "jauge", "run", str(estate)]
    listen = {"JAUGE_LISTEN": f"127.0.0.1:{first} 127.0.0.1:{second}"}
    log = estate.parent / "log"
    with servers.running(argv, lambda: servers.answers(second), log, drop=False, env=os.environ | listen):
        assert servers.get(f"http://127.0.0.1:{first}/-/healthy").text == "healthy\n"


def test_the_web_configuration_of_a_run_is_in_force_and_read_again(estate: Path) -> None:
    web = estate.parent / "web.yml"
    web.write_text(f"basic_auth_users: {{alice: {ALICE}}}")
    port = servers.free_port()
    argv = [sys.executable, "-m", "jauge", "run", str(estate), "--web.config.file", str(web)]
    argv += ["--web.listen-address", f"127.0.0.1:{port}"]

    def status(password: str) -> int:
        return servers.get(
            f"http://127.0.0.1:{port}/metrics", auth=("alice", password), timeout=5
        ).status_code

    log = estate.parent / "log"
    with servers.running(argv, lambda: status("fakepassword") == 200, log, drop=False) as process:
        assert status("wrong") == 401
        web.write_text("basic_auth_users: {alice: plain}")
        until(lambda: "web configuration not reloaded" in log.read_text())
        assert status("fakepassword") == 200
        web.write_text("")
        until(lambda: status("wrong") == 200)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert f'problem="{web}:1:27: the hash' in log.read_text() or "web.yml:1:" in log.read_text()
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize(
    "text", ["basic_auth_users: {alice: plain}", "tls_server_config: {min_version: TLS13}", "]"]
)
@pytest.mark.parametrize("verb", ["run", "start", "check"])
def test_a_collector_does_not_start_open_where_its_web_configuration_is_broken(
    estate: Path, verb: str, text: str
) -> None:
    web = estate.parent / "web.yml"
    web.write_text(text)
    said = within.jauge(verb, estate, "--web.config.file", web)
    assert said.returncode == 1
    assert f"{web}:1:" in said.stderr
    assert "plain" not in said.stderr
    assert "Traceback" not in said.stderr


def test_a_sound_web_configuration_is_said_to_be_sound(estate: Path) -> None:
    web = estate.parent / "web.yml"
    web.write_text(f"basic_auth_users: {{alice: {ALICE}}}")
    said = within.jauge("check", estate, "--web.config.file", web)
    assert (said.returncode, said.stderr) == (0, "")


def test_a_web_configuration_that_is_not_there_is_told(estate: Path) -> None:
    said = within.jauge("run", estate, "--web.config.file", estate.parent / "absent.yml")
    assert said.returncode == 1
    assert "cannot read this file: No such file or directory" in said.stderr


@pytest.mark.parametrize("wrong", [("--log.level", "loud"), ("--log.format", "xml"), ("--web.listen-address", "9640"), ("--web.listen-address", "host:port")])  # fmt: skip
def test_a_flag_that_says_nothing_is_a_wrong_use(estate: Path, wrong: tuple[str, str]) -> None:
    assert within.jauge("run", estate, *wrong).returncode == 2


def test_what_a_library_logs_has_the_form_of_our_own_lines() -> None:
    code = (
        "import logging; from jauge.logs import configure; configure('warn', 'json');"
        "logging.getLogger('some.package').warning('two\\nlines');"
        "logging.getLogger('paramiko').error('key material')"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    (line,) = ran.stderr.splitlines()
    assert '"logger": "some.package"' in line
    assert '"event": "two\\nlines"' in line
    assert '"level": "warning"' in line
