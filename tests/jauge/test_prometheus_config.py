"""`jauge prometheus-config`: promtool takes it, and a real Prometheus reads a running collector by it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import bcrypt
import httpx
import pytest
import servers
import within
from certificates import Authority
from collecting import until
from ruamel.yaml import YAML

pytestmark = pytest.mark.xdist_group("prometheus config")

PASSWORD = "cNry-scraper-pass"
TARGETS = "targets:\n  - {name: nas-01, host: true, interval: 5s, timeout: 5s}\n  - {name: 'pacs-01', host: true, interval: 10m}\n"


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    path = tmp_path / "estate.yml"
    path.write_text(TARGETS)
    return path


def printed(estate: Path, *options: object) -> str:
    said = within.jauge("prometheus-config", estate, *options)
    assert (said.returncode, said.stderr) == (0, "")
    return said.stdout


def check(folder: Path, text: str) -> Path:
    """The configuration as a file, which promtool takes."""
    promtool = servers.program("promtool", "prometheus")
    file = folder / "prometheus.yml"
    file.write_text(text)
    ran = subprocess.run(
        [promtool, "check", "config", file], capture_output=True, text=True, timeout=30, check=False
    )
    assert ran.returncode == 0, ran.stderr + ran.stdout
    return file


@pytest.mark.parametrize(
    "options", [(), ("--whole",), ("--address", "a.test:9640", "--address", "[::1]:9640")]
)
def test_promtool_takes_what_is_printed(estate: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    assert check(tmp_path, printed(estate, *options))


@pytest.mark.parametrize(
    ("times", "interval", "timeout"),
    [("interval: 60s, timeout: 10s", "60s", "11s"), ("interval: 15s, timeout: 15s", "15s", "15s"),
     ("interval: 1h, timeout: 30s", "120s", "31s"), ("interval: 1s, timeout: 1s", "1s", "1s")],
)  # fmt: skip
def test_scrapes_come_as_often_as_polls_and_never_so_seldom_that_prometheus_forgets(
    tmp_path: Path, times: str, interval: str, timeout: str
) -> None:
    estate = tmp_path / "estate.yml"
    estate.write_text(f"targets: [{{name: here, host: true, {times}}}]")
    for job in YAML(typ="safe").load(printed(estate))["scrape_configs"]:
        assert (job["scrape_interval"], job["scrape_timeout"]) == (interval, timeout)
    assert check(tmp_path, printed(estate))


def test_an_estate_of_nothing_has_a_configuration_too(tmp_path: Path) -> None:
    (tmp_path / "estate.yml").write_text("targets: []")
    assert check(tmp_path, printed(tmp_path / "estate.yml"))


def test_what_the_web_configuration_asks_for_has_to_be_given(estate: Path, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    signed = authority.sign()
    hashed = bcrypt.hashpw(b"x", bcrypt.gensalt(10)).decode()
    web = tmp_path / "web.yml"
    web.write_text(
        f"tls_server_config: {{cert_file: {signed.certificate}, key_file: {signed.key}, client_ca_file: {authority.file},"
        f" client_auth_type: RequireAndVerifyClientCert}}\nbasic_auth_users: {{alice: {hashed}, bob: {hashed}}}\n"
    )
    ask = ("prometheus-config", estate, "--web.config.file", web)
    shown = ("--cert-file", "/c.pem", "--key-file", "/k.pem")
    for words, why in (
        ((), "give --cert-file and --key-file"),
        (shown, "several users, give --username: alice, bob"),
        ((*shown, "--username", "carol"), "no user carol"),
        (("--address", "http://a.test"), "write HOST:PORT"),
    ):
        said = within.jauge(*ask, *words)
        assert (said.returncode, said.stdout) == (2, "")
        assert why in " ".join(said.stderr.split())
    said = within.jauge(*ask, *shown, "--username", "bob")
    assert said.returncode == 0
    assert hashed not in said.stdout
    jobs = YAML(typ="safe").load(said.stdout)["scrape_configs"]
    client = {"tls_config": {"cert_file": "/c.pem", "key_file": "/k.pem"}, "basic_auth": {"username": "bob", "password_file": "/etc/prometheus/jauge.password"}}  # fmt: skip
    for job in jobs:
        assert job["scheme"] == "https"
        assert {name: job[name] for name in client} == client
    assert {name: jobs[0]["http_sd_configs"][0][name] for name in client} == client


def asked(api: str, path: str, **query: str) -> Any:
    """What a Prometheus answers; nothing while it cannot."""
    try:
        return servers.get(f"{api}/api/v1/{path}", params=query, timeout=5).json().get("data", {})
    except (httpx.HTTPError, ValueError):
        return {}


def scraped(api: str) -> list[dict[str, Any]]:
    """The targets that a Prometheus scrapes, once all are up: where a machine is busy, one scrape or the other comes too late."""
    end = time.monotonic() + 80
    found: list[dict[str, Any]] = []
    while time.monotonic() < end:
        found = asked(api, "targets").get("activeTargets", [])
        jobs = {each["labels"]["job"] for each in found}
        if jobs == {"jauge", "jauge-itself"} and all(each["health"] == "up" for each in found):
            return found
        time.sleep(0.2)
    raise TimeoutError(f"not all are up: {[(each['scrapeUrl'], each['lastError']) for each in found]}")


@pytest.mark.parametrize("whole", [False, True], ids=["each", "whole"])
def test_a_real_prometheus_reads_a_running_collector_through_its_doors(
    estate: Path, tmp_path: Path, whole: bool
) -> None:
    prometheus = servers.program("prometheus", "prometheus")
    port, api_port = servers.free_port(), servers.free_port()
    with servers.folder() as place:
        authority = Authority(place)
        server, client = authority.sign(), authority.sign("prometheus.test")
        hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(10)).decode()
        (place / "password").write_text(PASSWORD)
        (place / "password").chmod(0o644)
        web = place / "web.yml"
        web.write_text(
            f"tls_server_config:\n  cert_file: {server.certificate}\n  key_file: {server.key}\n"
            f"  client_ca_file: {authority.file}\n  client_auth_type: RequireAndVerifyClientCert\n"
            "  client_allowed_sans: [prometheus.test]\n  min_version: TLS13\n"
            f"basic_auth_users: {{prometheus: {hashed}}}\nrate_limit: {{interval: 10ms, burst: 100}}\n"
        )
        options = ["--address", f"127.0.0.1:{port}", "--web.config.file", web, "--ca-file", authority.file]
        options += ["--cert-file", client.certificate, "--key-file", client.key]
        options += ["--password-file", place / "password", *(["--whole"] if whole else [])]
        config = check(place, printed(estate, *options))
        config.chmod(0o644)
        run = [sys.executable, "-m", "jauge", "run", str(estate), "--web.config.file", str(web)]
        run += ["--web.listen-address", f"127.0.0.1:{port}", "--log.level", "debug"]
        argv = [prometheus, f"--config.file={config}", f"--storage.tsdb.path={place / 'tsdb'}"]
        argv += [f"--web.listen-address=127.0.0.1:{api_port}", "--log.level=warn"]
        api, log = f"http://127.0.0.1:{api_port}", tmp_path / "log"
        with (
            servers.running(run, lambda: "event=serving" in log.read_text(), log, drop=False),
            servers.running(argv, lambda: servers.answers(api_port), tmp_path / "prometheus.log", cwd=place),
        ):
            instances = {
                each["labels"]["instance"] for each in scraped(api) if each["labels"]["job"] == "jauge"
            }
            assert instances == ({f"127.0.0.1:{port}"} if whole else {"nas-01", "pacs-01"})

            def seen() -> set[tuple[str, str, str]]:
                found = asked(api, "query", query="jauge_target_up").get("result", [])
                return {(one["metric"]["instance"], one["metric"]["job"], one["value"][1]) for one in found}

            until(lambda: seen() == {("nas-01", "jauge", "1"), ("pacs-01", "jauge", "1")}, 30)
            with pytest.raises(httpx.HTTPError):  # nobody without a certificate
                servers.get(f"https://127.0.0.1:{port}/metrics")
        assert PASSWORD not in log.read_text()
        assert hashed[7:] not in log.read_text()
