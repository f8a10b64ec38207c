"""Polling over SSH: one login that is kept, one batch of commands for each poll (paramiko).

The host's key is checked against `known_hosts` before anything secret is sent. All commands of a poll go in
one `exec`, each followed on both streams by a separator that nobody can guess and its exit status:

    /bin/sh -c 'LC_ALL=C; export LC_ALL; exec </dev/null
    ( df -PTB1 || df -Pk ); s=$?; printf "\\n%s 0 %s\\n" SEPARATOR $s; printf ... >&2'
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import re
import secrets
import shlex
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import paramiko
from paramiko.ssh_exception import IncompatiblePeer

from collectors import documents, hostkeys
from collectors.commands import COMMANDS, Command, os, restic
from collectors.poll import PollError, Reading, Step, Table, Trace, attempt
from inventory.credentials import SecretMissingError, Ssh, SshLogin
from inventory.estate import Estate, Target
from inventory.metrics import Reason, Sample

OUTPUT_LIMIT: Final = 4 * 1024 * 1024
STDERR_LIMIT: Final = 64 * 1024
CHUNK: Final = 64 * 1024
_EXEC: Final = "exec </dev/null"
AFTER_EXIT: Final = 0.5
"""Seconds that output may still come after the exit status, where a server never ends its streams."""
WORKERS: Final = 48

# paramiko's log holds user names and what peers sent: failures are told by `Table` instead.
logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)


class Answer(NamedTuple):
    """What one command printed. `status` is None where it did not come to its end, for the reason `broken`."""

    output: str
    errors: str
    status: int | None
    broken: PollError | None = None


class Job(NamedTuple):
    """One command of a batch under the name of its table."""

    name: str
    command: Command


Outcome = tuple[paramiko.Transport, dict[str, Answer]]
"""The login that a batch ran over, and what each command printed."""


class Connections:
    """Logins that are kept between polls, by target. Safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[object, paramiko.Transport]] = {}
        self._wanted: frozenset[str] | None = None
        self._closed = False
        self.executor = ThreadPoolExecutor(WORKERS, thread_name_prefix="ssh")

    def take(self, name: str, login: object) -> paramiko.Transport | None:
        """The kept login of a target, if it lives and is still the one that the estate wants."""
        kept_login, transport = self._kept.pop(name, (None, None))
        if transport is None or (kept_login == login and transport.is_active()):
            return transport
        transport.close()
        return None

    def keep(self, name: str, login: object, transport: paramiko.Transport) -> None:
        """Keep a login for the next poll."""
        _, other = self._kept.pop(name, (None, None))
        if other is not None:
            other.close()
        self._kept[name] = (login, transport)
        if self._closed:
            self.close()
        elif self._wanted is not None and name not in self._wanted:
            self._end(name)

    def keep_only(self, names: Iterable[str]) -> None:
        """End the logins of all other targets, now and where a poll that is still running would keep one."""
        self._wanted = frozenset(names)
        for name in set(self._kept) - self._wanted:
            self._end(name)

    def _end(self, name: str) -> None:
        _, transport = self._kept.pop(name, (None, None))
        if transport is not None:
            transport.close()

    def close(self) -> None:
        """End every login."""
        self._closed = True
        while self._kept:
            with contextlib.suppress(KeyError):
                self._kept.popitem()[1][1].close()
        self.executor.shutdown(wait=False, cancel_futures=True)


async def poll(
    target: Target, estate: Estate, trace: Trace, pool: Connections
) -> tuple[list[Table], dict[str, str]]:
    """Run the commands of a target: a table for each, and product and version. Never raises."""
    wanted, jobs = _jobs(target)
    batch = asyncio.ensure_future(_batch(target, estate, jobs, pool, trace))
    tables = await asyncio.gather(
        *(attempt(name, functools.partial(_read, name, dict(jobs), batch)) for name in wanted)
    )
    await asyncio.wait([batch])
    known = None if batch.cancelled() or batch.exception() else batch.result().get("os")
    return list(tables), os.facts(known.output) if known and known.status == 0 else {}


def _jobs(target: Target) -> tuple[list[str], list[Job]]:
    """The names of the tables that are wanted, and what is run: `os` always, to know product and version."""
    access = target.ssh
    if access is None:
        return [], []
    names = list(dict.fromkeys(access.commands))
    jobs = [Job(name, COMMANDS[name]) for name in dict.fromkeys([*names, "os"]) if name in COMMANDS]
    several = len(access.restic) > 1
    for number, place in enumerate(access.restic, 1):
        shown = documents.mask(place.repository)
        suffix = f"-{number}" if several else ""
        points = functools.partial(restic.parse_snapshots, suffix=f" @ {shown}" if several else "")
        stored = functools.partial(restic.parse_stats, store=shown)
        command = restic.snapshots(place.repository, place.password_file)
        jobs.append(Job(f"restic-snapshots{suffix}", Command(command, points)))
        command = restic.stats(place.repository, place.password_file)
        jobs.append(Job(f"restic-stats{suffix}", Command(command, stored)))
    return [*names, *(job.name for job in jobs if job.name.startswith("restic-"))], jobs


# --- reading what a command printed ---------------------------------------------------------------------


async def _read(name: str, commands: dict[str, Command], batch: asyncio.Future[dict[str, Answer]]) -> Reading:
    if name not in commands:
        raise PollError("empty_answer", f"no command is called {name}; there are {', '.join(COMMANDS)}")
    answers = await asyncio.shield(batch)
    return interpret(answers[name], commands[name].parse)


def interpret(answer: Answer, parse: Callable[[str], Iterator[Sample]]) -> Reading:
    """The reading of one answer. What stands before a break is kept, whole lines only, and the break told."""
    failure = answer.broken or _failure(answer)
    output = answer.output
    if answer.broken:
        output = output[: output.rfind("\n") + 1]
    try:
        reading = Reading.of(parse(output))
    except PollError as error:
        raise failure or error from None
    if failure is not None and not reading.series:
        raise failure
    return Reading(**{name: getattr(reading, name) for name in _KEPT}, partial=failure)


_KEPT: Final = ("series", "values", "rows", "withheld", "notes")


def _failure(answer: Answer) -> PollError | None:
    if answer.status == 0:
        return None
    said = next((line for line in answer.errors.splitlines() if line.strip()), "")
    detail = f"exit status {answer.status}" + (f": {documents.legible(said, 200)}" if said else "")
    if answer.status == 127:
        detail = f"command not found ({detail})"
    return PollError("unparsed" if answer.output.strip() else "empty_answer", detail)


# --- one batch ------------------------------------------------------------------------------------------


async def _batch(
    target: Target, estate: Estate, jobs: list[Job], pool: Connections, trace: Trace
) -> dict[str, Answer]:
    """Run the jobs over the kept login, or a new one; once more where the kept one turns out dead."""
    access, end = target.ssh, time.monotonic() + target.patience
    credential = estate.credentials.get(access.credential) if access else None
    if access is None or not isinstance(credential, Ssh):
        raise PollError("auth_failed", "the target names no SSH credential")
    login = (target.where, access.port, credential.ssh)
    loop = asyncio.get_running_loop()
    start = time.monotonic()
    kept = pool.take(target.name, login)
    outcome = await loop.run_in_executor(pool.executor, _reuse, kept, jobs, end) if kept else None
    if outcome is None:
        sock = await _connect(target.where, access.port, end)
        outcome = await loop.run_in_executor(
            pool.executor, _login_and_run, sock, target.where, access.port, credential.ssh, jobs, end
        )
    transport, answers = outcome
    if any(answer.broken for answer in answers.values()):
        transport.close()  # what still runs there ends with its connection
    else:
        pool.keep(target.name, login, transport)
    _tell(trace, jobs, answers, time.monotonic() - start)
    return answers


def _tell(trace: Trace, jobs: list[Job], answers: dict[str, Answer], seconds: float) -> None:
    for job in jobs:
        answer = answers[job.name]
        said = answer.output.strip() or answer.errors.strip() or "nothing"
        ended = "no end" if answer.status is None else f"exit {answer.status}"
        shown = documents.legible(f"{ended}: {said}")
        trace(Step(f"ssh {documents.mask(job.command.text)}", shown, seconds))


async def _connect(host: str, port: int, end: float) -> socket.socket:
    """A connected TCP socket. Waits in the event loop: a host that is gone holds no thread."""
    loop = asyncio.get_running_loop()
    problem: OSError | None = None
    try:
        async with asyncio.timeout(end - time.monotonic()):
            for family, kind, protocol, _, address in await loop.getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            ):
                sock = socket.socket(family, kind, protocol)
                sock.setblocking(False)
                try:
                    await loop.sock_connect(sock, address)
                except OSError as error:
                    sock.close()
                    problem = error
                except BaseException:
                    sock.close()
                    raise
                else:
                    return sock
    except socket.gaierror as error:
        raise PollError("refused", f"cannot find the address of {host}: {error.strerror}") from None
    except TimeoutError:
        raise PollError("timeout", f"no answer from {host} port {port}") from None
    why = problem.strerror if problem else "no address"
    reason: Reason = "timeout" if isinstance(problem, TimeoutError) else "refused"
    raise PollError(reason, f"{host} port {port}: {why}")


def _reuse(transport: paramiko.Transport, jobs: list[Job], end: float) -> Outcome | None:
    """The answers over a kept login, or None where it died meanwhile."""
    try:
        return transport, _run(transport, jobs, end)
    except (PollError, paramiko.SSHException, EOFError, OSError):
        transport.close()
        return None


def _login_and_run(
    sock: socket.socket, host: str, port: int, login: SshLogin, jobs: list[Job], end: float
) -> Outcome:
    sock.setblocking(True)
    sock.settimeout(max(0.1, end - time.monotonic()))
    transport: paramiko.Transport | None = None
    try:
        transport = paramiko.Transport(sock)
        _greet(transport, host, port, login, end)
        _authenticate(transport, login, end)
        return transport, _run(transport, jobs, end)
    except BaseException as error:
        (transport or sock).close()
        if isinstance(error, PollError):
            raise
        if isinstance(error, paramiko.SSHException | EOFError | OSError):
            raise _lost(error, end) from None
        raise


def _lost(error: Exception, end: float) -> PollError:
    if time.monotonic() >= end or "timeout" in str(error).lower() or isinstance(error, TimeoutError):
        return PollError("timeout", "the SSH server did not answer in time")
    return PollError("refused", f"the SSH server ended the connection: {documents.legible(str(error), 160)}")


def _greet(transport: paramiko.Transport, host: str, port: int, login: SshLogin, end: float) -> None:
    """Exchange keys and check the host's, before anything secret is sent."""
    known = hostkeys.known(login.known_hosts, host, port)
    options = transport.get_security_options()
    wanted = hostkeys.algorithms(known, options.key_types)
    if wanted:
        # a host with several keys shows the one that is known
        options.key_types = wanted
    left = max(0.1, end - time.monotonic())
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = left
    try:
        transport.start_client(timeout=left)
    except IncompatiblePeer as error:
        if wanted and "host key" in str(error):
            raise PollError("host_key_changed", hostkeys.gone(login.known_hosts, host, port)) from None
        raise PollError("refused", f"no common algorithm: {documents.legible(str(error), 160)}") from None
    hostkeys.check(transport.get_remote_server_key(), known, login.known_hosts, host, port)


def _authenticate(transport: paramiko.Transport, login: SshLogin, end: float) -> None:
    transport.auth_timeout = max(0.1, end - time.monotonic())
    try:
        if login.key is not None:
            transport.auth_publickey(login.user, _private_key(login))
        if not transport.is_authenticated() and login.password is not None:
            transport.auth_password(login.user, login.password.reveal())
    except SecretMissingError as error:
        raise PollError("auth_failed", str(error)) from None
    except paramiko.AuthenticationException as error:
        if time.monotonic() >= end or "timeout" in str(error).lower():
            raise PollError("timeout", "the SSH server did not answer the login in time") from None
        raise PollError("auth_failed", f"{login.user} is not let in with this key or password") from None
    if not transport.is_authenticated():
        raise PollError("auth_failed", f"the server wants more than the one proof of {login.user}")


def _private_key(login: SshLogin) -> paramiko.PKey:
    path = login.key.path if login.key else None
    if path is None:
        raise PollError("auth_failed", "the key is no file")
    passphrase = login.passphrase.reveal().encode() if login.passphrase else None
    try:
        # paramiko wants bytes here, whatever its annotation says
        return paramiko.PKey.from_path(path, passphrase)  # type: ignore[arg-type]
    except OSError as error:
        raise PollError("auth_failed", f"cannot read the key {path}: {error.strerror}") from None
    except (paramiko.SSHException, ValueError, TypeError):
        raise PollError(
            "auth_failed", f"cannot use the key {path}: not a key, or another passphrase"
        ) from None


# --- the exchange ---------------------------------------------------------------------------------------


def script(jobs: list[Job], separator: str) -> str:
    """One shell line that runs every job, each followed on both streams by separator, number and status."""
    parts = ["LC_ALL=C", "export LC_ALL", _EXEC]
    for number, job in enumerate(jobs):
        end = f"printf '\\n%s %s %s\\n' {separator} {number} $s"
        parts.append(f"( {job.command.text} ); s=$?; {end}; {end} >&2")
    return f"/bin/sh -c {shlex.quote('; '.join(parts))}"


def play(line: str, run: Callable[[str], tuple[str, str, int]]) -> tuple[str, str] | None:
    """What a shell would print on both streams for a line of `script`, each command answered by `run`.

    For servers that are not machines (the demo's): `run` takes a command to its output, errors and exit
    status. None where the line is no batch.
    """
    words = shlex.split(line)
    parts = words[2].split(f"; {_EXEC}; ", 1) if words[:2] == ["/bin/sh", "-c"] and len(words) == 3 else []
    jobs = (
        re.findall(r"\( (.*?) \); s=\$\?; printf '[^']*' (\S+) (\d+) \$s;", parts[1])
        if len(parts) == 2
        else []
    )
    if not jobs:
        return None
    output = errors = ""
    for command, separator, number in jobs:
        printed, complained, status = run(command)
        output += f"{printed}\n{separator} {number} {status}\n"
        errors += f"{complained}\n{separator} {number} {status}\n"
    return output, errors


def _run(transport: paramiko.Transport, jobs: list[Job], end: float) -> dict[str, Answer]:
    """Run the batch on a session of its own: no terminal, its input closed, its output bounded."""
    separator = secrets.token_hex(16)
    channel = transport.open_session(timeout=max(0.1, end - time.monotonic()))
    try:
        channel.settimeout(max(0.1, end - time.monotonic()))
        channel.exec_command(script(jobs, separator))
        channel.shutdown_write()
        output, errors, broken = _drain(channel, f"\n{separator} {len(jobs) - 1} ".encode(), end)
    finally:
        channel.close()
    said, complained = split(output, separator), split(errors, separator)
    broken = broken or PollError("truncated", "the output ends before its end")
    return {job.name: _answer(said.get(n), complained.get(n), broken) for n, job in enumerate(jobs)}


def _answer(
    said: tuple[str, int | None] | None, errors: tuple[str, int | None] | None, broken: PollError
) -> Answer:
    output, status = said or ("", None)
    return Answer(output, errors[0] if errors else "", status, broken if status is None else None)


def _drain(channel: paramiko.Channel, last: bytes, end: float) -> tuple[bytes, bytes, PollError | None]:
    """Both streams until the last separator, the end of the stream, the deadline or the cap."""
    output, errors = bytearray(), bytearray()
    exited: float | None = None
    while True:
        channel.settimeout(0.05)
        chunk: bytes | None = None
        with contextlib.suppress(TimeoutError):
            chunk = channel.recv(CHUNK)
            output += chunk
        while channel.recv_stderr_ready():
            part = channel.recv_stderr(CHUNK)
            errors += part[: max(0, STDERR_LIMIT - len(errors))]  # read on: a full window stops both streams
            if time.monotonic() > end:
                break
        if last in output[-len(last) - 32 - len(chunk or b"") :] and (last in errors or chunk is None):
            return bytes(output), bytes(errors), None
        if len(output) > OUTPUT_LIMIT:
            said = f"more than {OUTPUT_LIMIT // 1024**2} MiB of output"
            return bytes(output[:OUTPUT_LIMIT]), bytes(errors), PollError("truncated", said)
        if time.monotonic() > end:
            return bytes(output), bytes(errors), PollError("deadline", "not done in the time of one poll")
        if exited is None and channel.exit_status_ready():
            exited = time.monotonic()
        if chunk == b"" or (chunk is None and exited and time.monotonic() - exited > AFTER_EXIT):
            return bytes(output), bytes(errors), None


def split(stream: bytes, separator: str) -> dict[int, tuple[str, int | None]]:
    """What each job printed and its status, by number. The one that was cut off has no status."""
    text = stream.decode("utf-8", "replace")
    found: dict[int, tuple[str, int | None]] = {}
    start = 0
    for match in re.finditer(rf"\n{separator} (\d{{1,6}}) (\d{{1,4}})\n", text):
        found[int(match[1])] = (text[start : match.start()], int(match[2]))
        start = match.end()
    if start < len(text):
        found.setdefault(max(found, default=-1) + 1, (text[start:], None))
    return found
