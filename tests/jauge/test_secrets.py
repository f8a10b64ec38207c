"""Canaries in the place of every secret: whatever the servers say to them, they are in no log, scrape, page, file or process list."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import certificates
import httpx
import mailing
import psutil
import pytest
import servers
import within
from collecting import Collector, collecting, until

KINDS = (
    "community", "denied", "auth", "privacy", "password", "phrase", "basic", "bearer", "engine", "smtp", "webhook", "oidc", "ldap",
)  # fmt: skip
"""Every kind of secret that an estate may name."""


class Echo(BaseHTTPRequestHandler):
    """A server that repeats what it was shown, in its head and its body, and refuses it; under /ok it lets everybody in."""

    def _answer(self) -> None:
        shown = self.headers.get("Authorization", "")
        text = shown.removeprefix("Basic ").removeprefix("Bearer ")
        with contextlib.suppress(ValueError):
            text += " " + base64.b64decode(text).decode("utf-8", "replace")
        body = f'{{"error": "who is {text}?"}}'.encode()
        self.send_response(200 if "/ok" in self.path else 401, f"no {text}"[:200])
        self.send_header("WWW-Authenticate", f'Basic realm="{text[:100]}"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - as http.server names them

    def log_message(self, *_: object) -> None: ...


@contextlib.contextmanager
def echo() -> Iterator[int]:
    with ThreadingHTTPServer((servers.LOOPBACK, 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def canaries(tmp_path: Path) -> dict[str, str]:
    """A secret of each kind, in a file of its own."""
    found = {}
    for kind in KINDS:
        found[kind] = f"cNry-{kind}-{secrets.token_hex(6)}"
        path = tmp_path / f"secret-{kind}"
        text = f"json://127.0.0.1:9/{found[kind]}" if kind == "webhook" else found[kind]
        path.write_text(f"{text}\n")
        path.chmod(0o600)
    return found


def forms(canary: str) -> list[bytes]:
    """What a secret looks like where somebody wrote it: as it is, in an address, in Basic, in hexadecimal, and half of it."""
    basic = [base64.b64encode(f"{user}:{canary}".encode()).rstrip(b"=")[:-2] for user in ("jauge", "")]
    return [
        canary.encode(),
        canary[-12:].encode(),
        quote(canary).encode(),
        canary.encode().hex().encode(),
        *basic,
    ]


def hits(content: bytes, canaries: dict[str, str]) -> set[str]:
    return {kind for kind, canary in canaries.items() if any(form in content for form in forms(canary))}


def estate(place: Path, agent: servers.Snmpd, shell: servers.Sshd, web: int, mail: int) -> Path:
    """Each kind of credential, shown to a real server that takes it, or refuses it, or both."""
    subprocess.run(
        ["ssh-keygen", "-q", "-p", "-P", "", "-N", (place / "secret-phrase").read_text().strip(), "-f", str(shell.key)],
        check=True, capture_output=True,
    )  # fmt: skip
    path = place / "estate.yml"
    path.write_text(f"""credentials:
  taken: {{snmp: v2c, community: 'file:secret-community'}}
  refused: {{snmp: v2c, community: 'file:secret-denied'}}
  v3: {{snmp: v3, user: canary, auth: SHA-256, auth_password: 'file:secret-auth', privacy: AES, privacy_password: 'file:secret-privacy'}}
  v3-wrong: {{snmp: v3, user: canary, auth: SHA-256, auth_password: 'file:secret-privacy', privacy: AES, privacy_password: 'file:secret-auth'}}
  key: {{ssh: {{user: {shell.user}, key: 'file:{shell.key}', passphrase: 'file:secret-phrase', known_hosts: '{shell.known_hosts}'}}}}
  password: {{ssh: {{user: {shell.user}, password: 'file:secret-password', known_hosts: '{shell.known_hosts}'}}}}
  basic: {{http: {{user: jauge, password: 'file:secret-basic'}}}}
  bearer: {{http: {{token: 'file:secret-bearer'}}}}
  mail: {{smtp: {{user: jauge, password: 'file:secret-smtp'}}}}
  chat: {{apprise: 'file:secret-webhook'}}
  sso: {{oidc: {{client: jauge, secret: 'file:secret-oidc'}}}}
  directory: {{ldap: {{user: 'cn=jauge,dc=x', password: 'file:secret-ldap'}}}}
  engine: {{http: {{token: 'file:secret-engine'}}}}
defaults: {{interval: 1s, timeout: 3s}}
access:
  oidc: {{issuer: 'https://127.0.0.1:{web}', credential: sso, url: 'https://jauge.example', roles: {{viewer: [it]}}}}
  ldap: {{servers: ['ldaps://127.0.0.1:{web}'], credential: directory, base: 'dc=x', roles: {{viewer: ['cn=it,dc=x']}}}}
notices:
  mail: {{server: 127.0.0.1, port: {mail}, security: starttls, ca: ca.pem, credential: mail, from: jauge@hospital.example}}
  silent: 1s
  recipients:
    - {{name: team, role: admin, email: team@hospital.example}}
    - {{name: chat, role: admin, credential: chat}}
targets:
  - {{name: taken, address: 127.0.0.1, port: {agent.port}, credential: taken}}
  - {{name: refused, address: 127.0.0.1, port: {agent.port}, credential: refused, timeout: 1s}}
  - {{name: v3, address: 127.0.0.1, port: {agent.port}, credential: v3}}
  - {{name: v3-wrong, address: 127.0.0.1, port: {agent.port}, credential: v3-wrong}}
  - {{name: key, address: 127.0.0.1, ssh: {{credential: key, port: {shell.port}, commands: [load]}}}}
  - {{name: password, address: 127.0.0.1, ssh: {{credential: password, port: {shell.port}}}}}
  - {{name: basic, http: {{family: orthanc, url: 'http://127.0.0.1:{web}', credential: basic}}}}
  - {{name: bearer, http: {{family: orthanc, url: 'http://127.0.0.1:{web}/ok', credential: bearer}}}}
""")
    return path


def trusted(place: Path) -> certificates.Certificate:
    """A certificate of the mail server, and its authority where the estate looks for it."""
    authority = certificates.Authority(place)
    (place / "ca.pem").write_bytes(authority.file.read_bytes())
    return authority.sign()


STANDING = {
    "taken": 1,
    "v3": 1,
    "key": 1,
    "refused": 0,
    "v3-wrong": 0,
    "password": 0,
    "basic": 0,
    "bearer": 1,
}
"""Whether each target lets us in, as its server was told."""


def standing(collector: Collector) -> dict[str, float]:
    found = collector.samples("/metrics/estate", "jauge_target_up")
    return {name: up for (name,), up in found.items() if name in STANDING}


def snmp_lines(canaries: dict[str, str]) -> list[str]:
    return [
        f"rocommunity {canaries['community']} {servers.LOOPBACK}",
        f"createUser canary SHA-256 {canaries['auth']} AES {canaries['privacy']}",
        "rouser canary priv",
    ]


def everything(collector: Collector) -> bytes:
    """All that a scraper, a neighbour on the machine, and who reads the folder of the data see."""
    told = b"".join(
        collector.ask(path).content for path in ("/metrics", "/metrics/estate", "/sd", "/-/healthy", "/")
    )
    for name in ("v3", "v3-wrong", "password", "basic", "bearer"):
        told += collector.ask("/probe", target=name, fresh="1").content
    family = psutil.Process(collector.process.pid)
    for one in (family, *family.children(recursive=True)):
        told += Path(f"/proc/{one.pid}/cmdline").read_bytes() + Path(f"/proc/{one.pid}/environ").read_bytes()
    return told + held(collector.data)


def held(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("style", [("debug", "json", "2"), ("error", "logfmt", "1")])
def test_no_secret_is_in_any_log_scrape_file_process_list_backup_or_crash(
    tmp_path: Path, canaries: dict[str, str], style: tuple[str, str, str]
) -> None:
    level, form, workers = style
    with (
        servers.snmpd(snmp_lines(canaries)) as agent,
        servers.sshd() as shell,
        echo() as web,
        mailing.mailbox(trusted(tmp_path)) as box,
    ):
        path = estate(tmp_path, agent, shell, web, box.port)
        assert hits(held(tmp_path), canaries) == set(KINDS)  # it finds them where they are
        more = ("--log.level", level, "--log.format", form, "--workers", workers)
        with collecting(path, more=more, limit="ulimit -c unlimited") as collector:
            until(lambda: standing(collector) == STANDING, 60)
            until(lambda: sum(one["at"] is not None for one in collector.status().values()) == 8, 30)
            told = everything(collector)
            assert hits(told, canaries) == set()
            for words in (
                ("files", "backup", tmp_path / "backup", "--estate", path),
                ("digest", path),
                ("doctor", path),
                ("explain", path, "basic"),
                ("explain", path, "v3-wrong"),
                ("check", path),
            ):
                said = within.jauge(*words)
                assert hits((said.stdout + said.stderr).encode(), canaries) == set(), words
            assert (tmp_path / "backup" / "history.db").is_file()
            collector.process.send_signal(
                signal.SIGABRT
            )  # a crash: where every thread was is told, and no value of it
            collector.process.wait(20)
        assert canaries["smtp"].encode() in box.logins  # it was shown where it belongs
        log = collector.log.read_bytes()
        assert b"Fatal Python error" in log
        assert hits(log + held(tmp_path / "backup") + held(collector.data), canaries) == set()
        assert not list(tmp_path.rglob("core*"))
        if level == "debug":
            assert b"auth_failed" in log  # it says what was refused


def test_no_secret_is_on_a_page_or_in_the_log_of_the_pages(tmp_path: Path, canaries: dict[str, str]) -> None:
    password = f"cNry-user-{secrets.token_hex(6)}"
    known = canaries | {"user": password}
    port = servers.free_port()
    with (
        servers.snmpd(snmp_lines(canaries)) as agent,
        servers.sshd() as shell,
        echo() as web,
        mailing.mailbox(trusted(tmp_path)) as box,
    ):
        path = estate(tmp_path, agent, shell, web, box.port)
        added = within.jauge(
            "user",
            "add",
            "alice",
            "--role",
            "admin",
            "--password-file",
            "-",
            "--data",
            tmp_path / "data",
            stdin=password,
        )
        assert added.returncode == 0, added.stderr
        argv = [
            sys.executable,
            "-m",
            "jauge",
            "dashboard",
            str(path),
            "--data",
            str(tmp_path / "data"),
            "--log.level",
            "debug",
        ]
        argv += ["--web.listen-address", f"127.0.0.1:{port}"]
        log = tmp_path / "log-of-pages"
        with servers.running(argv, lambda: servers.answers(port), log, drop=False) as process:
            base = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=base, headers={"Origin": base}, timeout=30) as client:
                wrong = f"wrong-{password}"
                told = client.post(
                    "/login", data={"name": "bob", "password": wrong}
                ).content  # asks the directory, too
                told += client.get("/login/oidc").content
                assert client.post("/login", data={"name": "alice", "password": password}).status_code == 303
                cookie = client.cookies["jauge"]
                for page in ("/", "/targets", "/administration", "/jauge", "/account", "/notices"):
                    body = {
                        "output": "..content.children...stamp.data...updated.children..",
                        "outputs": [{"id": one, "property": of} for one, of in (("content", "children"), ("stamp", "data"), ("updated", "children"))],
                        "inputs": [{"id": "url", "property": "pathname", "value": page}, {"id": "url", "property": "search", "value": ""}, {"id": "beat", "property": "data", "value": None}],
                        "state": [{"id": "stamp", "property": "data", "value": None}], "changedPropIds": ["url.pathname"],
                    }  # fmt: skip
                    answer = client.post("/_dash-update-component", json=body)
                    assert answer.status_code == 200
                    told += client.get(page).content + answer.content
                for address in ("/-/healthy", "/-/ready", "/api/v1/health", "/api/v1/targets"):
                    told += client.get(address).content
                family = psutil.Process(process.pid)
                for one in (family, *family.children(recursive=True)):
                    told += (
                        Path(f"/proc/{one.pid}/cmdline").read_bytes()
                        + Path(f"/proc/{one.pid}/environ").read_bytes()
                    )
    everywhere = told + log.read_bytes() + held(tmp_path / "data")
    assert hits(everywhere, known | {"cookie": cookie}) == set()
    assert re.search(rb"level=\w+ event=", log.read_bytes())


def test_a_secret_that_a_library_would_write_is_masked_in_the_line_and_in_the_trace(tmp_path: Path) -> None:
    """What no code of ours does: a library that logs all it knows, an error with a secret in it, warnings, threads."""
    (tmp_path / "secret").write_text("cNry-spoken-aloud")
    program = f"""
import logging, threading, warnings
import structlog
from inventory.credentials import Secret
from jauge.logs import configure
logging.basicConfig(level=1)  # a library that was first
configure("debug", "json")
secret = Secret("file:{tmp_path}/secret").reveal()
for name in ("paramiko.transport", "pysnmp", "waitress", "werkzeug", "flask.app", "urllib3.connectionpool", "gunicorn.error", "somebody"):
    for say in (logging.getLogger(name).debug, logging.getLogger(name).warning, logging.getLogger(name).error):
        say("login with %s", secret)
warnings.warn("deprecated: " + secret)
log = structlog.get_logger("ours")
log.debug("asked", url="http://jauge:%s@nas/" % secret)
def fail(password):
    raise ValueError("cannot use " + password)
try:
    fail(secret)
except ValueError:
    log.exception("failed")
    logging.getLogger("somebody").exception("failed")
thread = threading.Thread(target=fail, args=(secret,))
thread.start(); thread.join()
fail(secret)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])})  # fmt: skip
    assert ended.returncode == 1
    said = ended.stdout + ended.stderr
    assert "cNry" not in said
    assert said.count("***") >= 8
    assert "login with ***" in said
    assert "ValueError: cannot use ***" in said
    assert "password=" not in said  # no local value of a trace
