"""One poll of one target over SSH: the outcome of each command, and what the machine is."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from collectors import documents
from collectors.catalogue import SHIPPED, Catalogue
from collectors.commands import (
    Command,
    bacula,
    borg,
    netbackup,
    proxmox_backup,
    restic,
    rsnapshot,
    veeam,
)
from collectors.commands.restic import Place
from collectors.poll import PollError, Reading, Step, Table, Trace, attempt
from collectors.ssh.batch import Answer, Job
from collectors.ssh.connections import Connections, Login
from collectors.ssh.reading import interpret
from collectors.ssh.session import RejectedError, Session
from collectors.ssh.wire import connect
from inventory.credentials import Ssh
from inventory.estate import Borg, Estate, ProxmoxBackup, Restic, SshAccess, Target

_OS: Final = "os"
_WINDOWS: Final = "windows-os"
"""What tells product and version of the system: in a POSIX shell, and in PowerShell."""

Repository = TypeVar("Repository", Restic, Borg, ProxmoxBackup)


async def poll(
    target: Target, estate: Estate, trace: Trace, pool: Connections, catalogue: Catalogue = SHIPPED
) -> tuple[list[Table], dict[str, str]]:
    """Run the commands of a target: a table for each, and product and version. Never raises."""
    wanted, jobs = jobs_of(target, estate.accepted(), catalogue)
    batch = asyncio.ensure_future(run(target, estate, jobs, pool, trace))
    try:
        tables = await asyncio.gather(
            *(attempt(name, functools.partial(_read, name, dict(jobs), batch, catalogue)) for name in wanted)
        )
        await asyncio.wait([batch])
    finally:
        batch.cancel()  # where the poll is given up, nobody would end it
    answers = {} if batch.cancelled() or batch.exception() else batch.result()
    return list(tables), _facts(jobs, answers)


def jobs_of(
    target: Target, accepted: Mapping[str, float], catalogue: Catalogue
) -> tuple[list[str], list[Job]]:
    """The names of the tables that are wanted, and what is run: also what tells product and version."""
    access = target.ssh
    if access is None:
        return [], []
    groups, commands = catalogue.groups, catalogue.commands
    names = list(dict.fromkeys(each for name in access.commands for each in groups.get(name, (name,))))
    found = [
        *_restic(access, accepted),
        *_borg(access, accepted),
        *_rsnapshot(access, accepted),
        *_proxmox_backup(access, accepted),
    ]
    known = [name for name in names if name in commands]
    shells = {commands[name].shell for name in known} | {job.command.shell for job in found}
    jobs = [
        Job(name, _started(_accepting(commands[name], accepted), access))
        for name in dict.fromkeys([*known, *_identities(shells, access)])
    ]
    return [*names, *(job.name for job in found)], [*jobs, *found]


def _identities(shells: Collection[str], access: SshAccess) -> Iterator[str]:
    """The commands that tell what the machine runs. Where PowerShell 7 is there may be either kind of system."""
    if "sh" in shells or not shells or ("powershell" in shells and access.powershell == "pwsh"):
        yield _OS
    if "powershell" in shells:
        yield _WINDOWS


def _started(command: Command, access: SshAccess) -> Command:
    """A command, for the PowerShell that the target has."""
    text, parse, facts, shell = command
    return Command(text, parse, facts, access.powershell) if shell == "powershell" else command


def _restic(access: SshAccess, accepted: Mapping[str, float]) -> Iterator[Job]:
    for suffix, place, known in _places(access.restic, accepted):
        points = functools.partial(restic.parse_snapshots, place=known)
        command = restic.snapshots(place.repository, place.password_file, place.check_log, place.sizes)
        yield Job(f"restic-snapshots{suffix}", Command(command, points))
        stored = functools.partial(restic.parse_stats, store=known.store)
        command = restic.stats(place.repository, place.password_file)
        yield Job(f"restic-stats{suffix}", Command(command, stored))


def _borg(access: SshAccess, accepted: Mapping[str, float]) -> Iterator[Job]:
    for suffix, place, known in _places(access.borg, accepted):
        command = borg.command(place.repository, place.password_file, place.check_log)
        yield Job(f"borg{suffix}", Command(command, functools.partial(borg.parse, place=known)))


def _rsnapshot(access: SshAccess, accepted: Mapping[str, float]) -> Iterator[Job]:
    several = len(access.rsnapshot) > 1
    for number, root in enumerate(access.rsnapshot, 1):
        place = Place(suffix=f" @ {root.config}" if several else "", accepted=accepted)
        command = Command(
            rsnapshot.command(root.config, root.sizes), functools.partial(rsnapshot.parse, place=place)
        )
        yield Job(f"rsnapshot{f'-{number}' if several else ''}", command)


def _accepting(command: Command, accepted: Mapping[str, float]) -> Command:
    """A command of a catalogue of jobs, which is told what people accepted."""
    for parse in (bacula.parse, netbackup.parse, veeam.parse):
        if command.parse is parse:
            return command._replace(parse=functools.partial(parse, accepted=accepted))
    return command


def _proxmox_backup(access: SshAccess, accepted: Mapping[str, float]) -> Iterator[Job]:
    for suffix, place, known in _places(access.proxmox_backup, accepted):
        command = proxmox_backup.command(place.repository, place.password_file)
        yield Job(
            f"proxmox-backup{suffix}", Command(command, functools.partial(proxmox_backup.parse, place=known))
        )


def _places(
    repositories: Sequence[Repository], accepted: Mapping[str, float]
) -> Iterator[tuple[str, Repository, Place]]:
    """Repositories of one maker, with what tells their tables and jobs apart where there are several."""
    several = len(repositories) > 1
    for number, repository in enumerate(repositories, 1):
        shown = documents.mask(repository.repository)
        place = Place(shown, f" @ {shown}" if several else "", accepted)
        yield (f"-{number}" if several else ""), repository, place


def _facts(jobs: list[Job], answers: dict[str, Answer]) -> dict[str, str]:
    """What the machine says that it is: a system that is named for it before the one that it runs on."""
    found: dict[str, str] = {}
    for job in sorted(jobs, key=lambda job: job.name in (_OS, _WINDOWS)):
        answer = answers.get(job.name)
        if answer is not None and answer.status == 0:
            with contextlib.suppress(PollError):
                found = job.command.facts(answer.output) | found
    return found


async def _read(
    name: str, commands: dict[str, Command], batch: asyncio.Future[dict[str, Answer]], catalogue: Catalogue
) -> Reading:
    if name not in commands:
        raise PollError(
            "empty_answer", f"no command is called {name}; there are {', '.join(catalogue.groups)}"
        )
    answers = await asyncio.shield(batch)
    return interpret(answers[name], commands[name].parse)


async def run(
    target: Target, estate: Estate, jobs: list[Job], pool: Connections, trace: Trace
) -> dict[str, Answer]:
    """Run the jobs over the kept session, or a new one; once more where the kept one turns out dead."""
    access, end = target.ssh, time.monotonic() + target.patience
    credential = estate.credentials.get(access.credential) if access else None
    if access is None or not isinstance(credential, Ssh):
        raise PollError("auth_failed", "the target names no SSH credential")
    login = Login(target.where, access.port, credential.ssh)
    start = time.monotonic()
    session = pool.take(target.name, login)
    answers = await _reuse(session, jobs, end, pool) if session else None
    if session is None or answers is None:
        session = await _log_in(target.name, login, end, pool)
        answers = await pool.work(session, end, functools.partial(session.run, jobs, end))
    pool.keep(target.name, login, session)
    _tell(trace, jobs, answers, time.monotonic() - start)
    return answers


async def _reuse(
    session: Session, jobs: list[Job], end: float, pool: Connections
) -> dict[str, Answer] | None:
    """The answers over a kept session, or None where it died meanwhile."""
    try:
        return await pool.work(session, end, functools.partial(session.run, jobs, end))
    except PollError:
        return None


async def _log_in(name: str, login: Login, end: float, pool: Connections) -> Session:
    pool.refusals.check(name, login)
    pool.count()
    session = Session(await connect(login.host, login.port, end, pool.executor), login.host, login.port)
    try:
        await pool.work(session, end, functools.partial(session.log_in, login.proof, end))
    except RejectedError as refusal:
        pool.refusals.note(name, login, refusal, answered=refusal.answered)
        raise
    pool.refusals.forget(name)
    return session


def _tell(trace: Trace, jobs: list[Job], answers: dict[str, Answer], seconds: float) -> None:
    for job in jobs:
        answer = answers[job.name]
        said = answer.output.strip() or answer.errors.strip() or "nothing"
        ended = "no end" if answer.status is None else f"exit {answer.status}"
        shown = documents.legible(f"{ended}: {said}")
        trace(Step(f"ssh {documents.mask(job.command.text)}", shown, seconds))
