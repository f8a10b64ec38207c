"""One login on one host, over which batches of commands are run (paramiko).

The host's key is checked against `known_hosts` before anything secret is sent. Everything here blocks, and is run in
a thread; `Session.close` may be called from any other one, and ends at once whatever waits here.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import time
from collections.abc import Sequence
from typing import Final

import paramiko
from paramiko.ssh_exception import IncompatiblePeer

from collectors import documents, hostkeys
from collectors.poll import PollError, exhausted
from collectors.ssh import powershell
from collectors.ssh.batch import Answer, Batch, Job, Transcript, script
from collectors.ssh.wire import CHUNK, Wire
from inventory.credentials import SecretMissingError, SshLogin
from inventory.metrics import Reason

OUTPUT_LIMIT: Final = 4 * 1024 * 1024
"""Bytes of output of one batch, both streams together."""

ERRORS_LIMIT: Final = 64 * 1024
"""Bytes of one command's complaints that are kept."""

TRAFFIC_LIMIT: Final = 4 * OUTPUT_LIMIT
"""Bytes that a server may send in one poll, whatever they are: keys, padding, packets that say nothing."""

LOGIN_LIMIT: Final = 256 * 1024
"""Bytes that a server may send until it has let us in."""

IDLE_LIMIT: Final = 64 * 1024
"""Bytes that a server may send between two polls."""

AFTER_EXIT: Final = 0.5
"""Seconds that output may still come after the exit status, where a server never ends its streams."""

_LOST: Final = (paramiko.SSHException, EOFError, OSError)

# paramiko's log holds user names and what peers sent: failures are told by `Table` instead.
logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)


class RejectedError(PollError):
    """The host heard who we are and did not let us in: asking too often may lock the account.

    `answered` is False where it did not say so, but hung up or fell silent.
    """

    def __init__(self, reason: Reason, detail: str, *, answered: bool = True) -> None:
        super().__init__(reason, detail)
        self.answered = answered


class Session:
    """A connection to one host, for one poll at a time. Times (`end`) are on the monotonic clock."""

    def __init__(self, wire: Wire, host: str, port: int) -> None:
        self._wire, self._host, self._port = wire, host, port
        wire.allow(LOGIN_LIMIT)
        self._transport = paramiko.Transport(wire)
        self._used = False
        self._shown = ""  # the proof that went over last

    @property
    def alive(self) -> bool:
        """Whether commands can be run, as far as is known."""
        return self._transport.is_active() and self._transport.is_authenticated()

    @property
    def file(self) -> int:
        """The number of the connection's file; -1 once it is closed."""
        return self._wire.fileno()

    def rest(self) -> None:
        """Expect next to nothing until the next poll."""
        self._wire.allow(IDLE_LIMIT)

    def close(self) -> None:
        """End the connection, and with it what still runs over there. Whoever waits for it goes on."""
        self._wire.close()
        self._transport.close()

    def greet(self, wanted: Sequence[paramiko.PKey], end: float) -> paramiko.PKey:
        """Exchange keys, and say which key the host shows: of a kind that is `wanted`, where any is named.

        Nothing secret is sent. Raises PollError.
        """
        transport = self._transport
        options = transport.get_security_options()
        kinds = hostkeys.algorithms(wanted, options.key_types)
        if kinds:
            options.key_types = kinds  # a host with several keys shows the one that is known
        left = max(0.1, end - time.monotonic())
        transport.banner_timeout = transport.handshake_timeout = left
        try:
            transport.start_client(timeout=left)
            return transport.get_remote_server_key()
        except IncompatiblePeer as error:
            if kinds and "host key" in str(error):
                raise hostkeys.OtherKindError from None
            raise PollError("refused", f"no common algorithm: {documents.legible(str(error), 160)}") from None
        except _LOST as error:
            raise self._lost(error, end) from None

    def log_in(self, login: SshLogin, end: float) -> None:
        """Check the host's key, then prove who we are. Raises PollError; RejectedError where we are not let in."""
        known = hostkeys.read(login.known_hosts).of(self._host, self._port)
        try:
            key = self.greet(known.keys, end)
        except hostkeys.OtherKindError:
            raise known.gone() from None
        known.check(key)
        try:
            self._authenticate(login, end)
        except _LOST as error:
            raise self._unanswered(self._lost(error, end)) from None

    def _unanswered(self, lost: PollError) -> PollError:
        """What it means that nothing more was heard of a host, once it may have our proof.

        sshd hangs up instead of refusing at the last of its MaxAuthTries, and PAM keeps whoever gave a wrong password
        waiting. Silence after a key means nothing of the kind: no host counts that against an account.
        """
        if not self._shown or (self._shown == "key" and lost.reason == "timeout"):
            return lost
        return RejectedError(lost.reason, f"{lost.detail} (after our {self._shown})", answered=False)

    def _authenticate(self, login: SshLogin, end: float) -> None:
        transport = self._transport
        transport.auth_timeout = max(0.1, end - time.monotonic())
        try:
            if login.key is not None:
                key, self._shown = _private_key(login), "key"
                transport.auth_publickey(login.user, key)
            if not transport.is_authenticated() and login.password is not None:
                password, self._shown = login.password.reveal(), "password"
                transport.auth_password(login.user, password)
        except SecretMissingError as error:
            raise exhausted(error.__context__) or PollError("auth_failed", str(error)) from None
        except paramiko.AuthenticationException as error:
            if time.monotonic() >= end or "timeout" in str(error).lower() or not transport.is_active():
                raise
            raise RejectedError(
                "auth_failed", f"{login.user} is not let in with this key or password"
            ) from None
        if not transport.is_authenticated():
            raise RejectedError("auth_failed", f"the server wants more than the one proof of {login.user}")

    def _lost(self, error: BaseException, end: float) -> PollError:
        if self._wire.spent:
            return PollError("truncated", "the SSH server sent more than any answer takes")
        if time.monotonic() >= end or "timeout" in str(error).lower() or isinstance(error, TimeoutError):
            return PollError("timeout", "the SSH server did not answer in time")
        return PollError(
            "refused", f"the SSH server ended the connection: {documents.legible(str(error), 160)}"
        )

    def run(self, jobs: Sequence[Job], end: float) -> dict[str, Answer]:
        """What each job printed: those of one shell in one batch, in equal parts of the time that is left.

        Raises PollError where nothing could be run.
        """
        self._wire.allow(TRAFFIC_LIMIT)
        answers: dict[str, Answer] = {}
        refused, heard = list[PollError](), False
        shells = list(dict.fromkeys(job.command.shell for job in jobs))
        for done, shell in enumerate(shells):
            now = time.monotonic()
            mine = [job for job in jobs if job.command.shell == shell]
            ask = self._run_alone if shell == "none" else self._run
            found, broken = ask(mine, now + (end - now) / (len(shells) - done))
            if broken is not None and all(answer.status is None for answer in found.values()):
                refused.append(broken)
            heard = heard or bool(found)
            answers |= {job.name: Answer("", "", None, broken) for job in mine} | found
        if refused and len(refused) == len(shells):
            self.close()
            if not heard:
                raise refused[0]
        self._used = True
        return answers

    def _run(self, jobs: Sequence[Job], end: float) -> tuple[dict[str, Answer], PollError | None]:
        """The answers of the jobs of one shell, and what kept the others from being run.

        One that hangs is ended after half of the time that is left where others wait.
        """
        answers: dict[str, Answer] = {}
        waiting = list(jobs)
        while waiting:
            try:
                found, broken = self._exec(waiting, end)
            except _LOST as error:
                found, broken = [], self._lost(error, end)
            answers |= {job.name: answer for job, answer in zip(waiting, found, strict=False)}
            waiting = waiting[len(found) :]
            if broken is not None:
                return answers, broken
        return answers, None

    def _run_alone(self, jobs: Sequence[Job], end: float) -> tuple[dict[str, Answer], PollError | None]:
        """The answers of a machine that has a shell of its own, and what kept the others from being run.

        Each job is a channel of its own, and its text the whole line.
        """
        answers: dict[str, Answer] = {}
        for number, job in enumerate(jobs):
            try:
                answers[job.name] = self._exec_alone(job, end, others=len(jobs) - number > 1)
            except _LOST as error:
                broken = self._lost(error, end)
                if not self.alive or broken.reason != "refused":
                    return answers, broken
                answers[job.name] = Answer("", "", None, broken)
            self._used = True
        return answers, None

    def _exec_alone(self, job: Job, end: float, *, others: bool) -> Answer:
        """What one line prints whose channel ends with it. One that hangs is ended in half of the time where others wait."""
        left = max(0.1, end - time.monotonic())
        channel = self._transport.open_session(timeout=left / 2 if self._used else left)
        try:
            channel.exec_command(job.command.text)  # rule: B601 - a line of ours, its words quoted
            now = time.monotonic()
            return _Line(channel).read(now + (end - now) / 2 if others else end)
        finally:
            channel.close()

    def _exec(self, jobs: Sequence[Job], end: float) -> tuple[list[Answer], PollError | None]:
        """The answers of the first jobs, one at least, and what keeps the others from being run, if anything does."""
        mark = secrets.token_hex(16)
        left = max(0.1, end - time.monotonic())
        # a kept connection may be dead without a sign: then there must be time for a new one
        channel = self._transport.open_session(timeout=left / 2 if self._used else left)
        shell = jobs[0].command.shell
        batch = _batch(shell, [job.command.text for job in jobs], mark, left)
        exchange = _Exchange(channel, mark, len(jobs), end, shell)
        try:
            channel.exec_command(batch.line)  # rule: B601 - as above
            channel.settimeout(left)
            self._send(channel, batch.sent)
            broken = exchange.read()
        finally:
            channel.close()
        answers = exchange.answers(broken or PollError("truncated", "the output ends before its end"))
        if broken is None or broken.reason == "deadline":
            return answers, broken if time.monotonic() > end or not exchange.begun else None
        if broken.reason != "unparsed":  # a host that has not this shell may have another
            self.close()
        return answers, broken

    def _send(self, channel: paramiko.Channel, text: bytes) -> None:
        """Give a shell its lines. One that has ended without reading them has said why: its answer is read all the same."""
        try:
            channel.sendall(text)
        except OSError as error:
            if isinstance(error, TimeoutError) or not self.alive:
                raise


def _batch(shell: str, commands: Sequence[str], mark: str, seconds: float) -> Batch:
    """What runs the commands of one shell."""
    if shell == "sh":
        return Batch(script(commands, mark))
    return powershell.batch(shell, commands, mark, seconds)


def _private_key(login: SshLogin) -> paramiko.PKey:
    path = login.key.path if login.key else None
    if path is None:
        raise PollError("auth_failed", "the key is no file")
    passphrase = login.passphrase.reveal().encode() if login.passphrase else None
    try:
        # paramiko wants bytes here, whatever its annotation says
        return paramiko.PKey.from_path(path, passphrase)  # type: ignore[arg-type]
    except OSError as error:
        unread = PollError("auth_failed", f"cannot read the key {path}: {error.strerror}")
        raise exhausted(error) or unread from None
    except (paramiko.SSHException, ValueError, TypeError):
        raise PollError(
            "auth_failed", f"cannot use the key {path}: not a key, or another passphrase"
        ) from None


class _Exchange:
    """What comes back for one batch, until its last mark, or until time or bounds are over."""

    def __init__(self, channel: paramiko.Channel, mark: str, count: int, end: float, shell: str) -> None:
        self._channel, self._count, self._end = channel, count, end
        self._shell = shell
        self._output = Transcript(mark, OUTPUT_LIMIT)
        self._errors = Transcript(mark, ERRORS_LIMIT)
        self._exited: float | None = None

    @property
    def begun(self) -> bool:
        """Whether the shell over there began."""
        return self._output.begun

    def read(self) -> PollError | None:
        """Read to the last mark; why it did not come, where it did not."""
        done, turn = -1, self._end
        self._channel.settimeout(0.05)
        while True:
            ended, quiet = self._receive()
            if len(self._output.parts) == self._count and (quiet or len(self._errors.parts) == self._count):
                return None
            if self._output.size + self._errors.size > OUTPUT_LIMIT:
                return PollError("truncated", f"more than {OUTPUT_LIMIT // 1024**2} MiB of output")
            if ended:
                return self._cut()
            if self.begun and len(self._output.parts) != done:
                done, turn = len(self._output.parts), self._turn()
            if time.monotonic() > turn:
                return self._late()

    def _receive(self) -> tuple[bool, bool]:
        """Take what came; whether that is all there will be, and whether nothing came for a while."""
        chunk: bytes | None = None
        with contextlib.suppress(TimeoutError):
            chunk = self._channel.recv(CHUNK)
            self._output.feed(chunk)
        if self._channel.recv_stderr_ready():  # a full window would stop both streams
            self._errors.feed(self._channel.recv_stderr(16 * CHUNK))
        if self._exited is None and self._channel.exit_status_ready():
            self._exited = time.monotonic()
        stopped = self._exited is not None and time.monotonic() - self._exited > AFTER_EXIT
        return chunk == b"" or (chunk is None and stopped), chunk is None

    def _turn(self) -> float:
        """When the command that runs now is given up."""
        now = time.monotonic()
        others = self._count - len(self._output.parts) > 1
        return now + (self._end - now) / 2 if others else self._end

    def _cut(self) -> PollError:
        """What it means that the output ended too early: an appliance, or an account without a shell, says so itself."""
        said = self._said()
        if said and self._channel.get_transport().is_active():
            name = "POSIX shell" if self._shell == "sh" else "PowerShell"
            return PollError("unparsed", f"no {name} runs our commands there: {said}")
        return PollError("truncated", "the output ends before its end")

    def _said(self) -> str:
        """What stands where no shell began."""
        told = [self._output_text(self._output.rest), self._errors_text(self._errors.rest)]
        text = "" if self.begun else next((said.strip() for said in told if said.strip()), "")
        return repr(documents.legible(text, 120)) if text else ""

    def _late(self) -> PollError:
        if not self.begun:
            said = self._said()
            return PollError(
                "deadline", "no shell began in the time of one poll" + (f": {said}" if said else "")
            )
        if time.monotonic() > self._end:
            return PollError("deadline", "not done in the time of one poll")
        return PollError(
            "deadline", "not done in half of the time that was left: ended, for the others' sake"
        )

    def answers(self, broken: PollError) -> list[Answer]:
        """What each command printed that ran, in their order; the last one may be broken off, for that reason."""
        found = []
        for number, (output, status) in enumerate(self._output.parts):
            found.append(Answer(self._output_text(output), self._complaints(number), status))
        if len(found) < self._count:
            # of a flood nothing is worth keeping, and what comes before a shell begins answers no command
            kept = self.begun and not broken.detail.startswith("more than")
            output = bytes(self._output.rest) if kept else b""
            found.append(Answer(self._output_text(output), self._complaints(len(found)), None, broken))
        return found

    def _complaints(self, number: int) -> str:
        parts = self._errors.parts
        rest = bytes(self._errors.rest) if number == len(parts) else b""
        return self._errors_text(parts[number][0] if number < len(parts) else rest)

    def _output_text(self, output: bytes | bytearray) -> str:
        return _text(output) if self._shell == "sh" else powershell.output(_text(output))

    def _errors_text(self, errors: bytes | bytearray) -> str:
        return _text(errors) if self._shell == "sh" else powershell.complaints(_text(errors))


class _Line:
    """What comes back for one line, until its channel ends, or until time or bounds are over."""

    def __init__(self, channel: paramiko.Channel) -> None:
        self._channel = channel
        self._output, self._errors = bytearray(), bytearray()
        self._exited: float | None = None

    def read(self, end: float) -> Answer:
        """Read to the end. Where the channel ends without a status - many such machines tell none - it is as good as 0."""
        self._channel.settimeout(0.05)
        while not self._receive():
            if len(self._output) > OUTPUT_LIMIT:
                return self._broken("truncated", f"more than {OUTPUT_LIMIT // 1024**2} MiB of output")
            if time.monotonic() > end:
                return self._broken("deadline", "not done in the time that it has")
        self._channel.status_event.wait(AFTER_EXIT)  # it may come after the end of the output
        self._complain()
        if self._channel.exit_status < 0 and not self._channel.get_transport().is_active():
            return self._broken("truncated", "the connection ended before the output did")
        return Answer(_text(self._output), _text(self._errors), max(0, self._channel.exit_status))

    def _receive(self) -> bool:
        """Take what came; whether that is all there will be."""
        chunk: bytes | None = None
        with contextlib.suppress(TimeoutError):
            chunk = self._channel.recv(CHUNK)
            self._output += chunk
        self._complain()
        if self._exited is None and self._channel.exit_status_ready():
            self._exited = time.monotonic()
        stopped = self._exited is not None and time.monotonic() - self._exited > AFTER_EXIT
        return chunk == b"" or (chunk is None and stopped)

    def _complain(self) -> None:
        while self._channel.recv_stderr_ready():  # a full window would stop both streams
            chunk = self._channel.recv_stderr(16 * CHUNK)
            if not chunk:
                return
            self._errors += chunk[: ERRORS_LIMIT - len(self._errors)]

    def _broken(self, reason: Reason, detail: str) -> Answer:
        kept = b"" if reason == "truncated" else self._output
        return Answer(_text(kept), _text(self._errors), None, PollError(reason, detail))


def _text(output: bytes | bytearray) -> str:
    return output.decode("utf-8", "replace")
