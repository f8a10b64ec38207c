"""Recording one target of an estate, over each transport that it has: what it answers, scrubbed, as files."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import re
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from collectors import documents
from collectors.catalogue import Catalogue
from collectors.poll import PollError, Reading, forget
from collectors.recording import agents, meaning, replaying, texts
from collectors.recording.scrubbing import SECRET, Scrubber
from collectors.recording.walking import NEVER, STANDARD, Varbind, Walk
from collectors.snmp.oid import Oid, encode
from collectors.snmp.polling import Known, Reader, choose
from collectors.snmp.session import Session
from collectors.snmp.values import oid_text, text
from collectors.snmp.wire import Wire
from inventory.credentials import SecretMissingError, SnmpV2c, SnmpV3, Ssh, secrets
from inventory.estate import AnyCredential, Estate, Target

SECONDS: Final = 120.0
AGENT: Final = "snmp.snmprec"
INDEX: Final = "recording.json"

_SYSTEM: Final = (encode("1.3.6.1.2.1.1.1.0"), encode("1.3.6.1.2.1.1.2.0"))  # sysDescr, sysObjectID
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")


@dataclasses.dataclass
class Recording:
    """What is to be written: scrubbed texts by the names of their files, and what is to be said of them."""

    files: dict[str, str] = dataclasses.field(default_factory=dict)
    index: dict[str, Any] = dataclasses.field(default_factory=dict)
    replaced: dict[str, tuple[int, int]] = dataclasses.field(default_factory=dict)
    """By kind: how many different things were replaced, and in how many places."""
    notes: list[str] = dataclasses.field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Write the files, for their owner alone, into a folder that is new or empty. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FileExistsError(17, "is not empty: a recording is never mixed with another", str(folder))
        for name, said in {
            **self.files,
            INDEX: json.dumps(self.index, indent=2, ensure_ascii=False) + "\n",
        }.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            with os.fdopen(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
            ) as file:
                file.write(said)


@dataclasses.dataclass(frozen=True)
class Wish:
    """What of a target is recorded beyond what its families read: objects whose words stay, and paths over HTTP."""

    keep: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    seconds: float = SECONDS


class Recorder:
    """Records one target. The key of its stand-ins is gone with it."""

    def __init__(self, estate: Estate, target: Target, catalogue: Catalogue, wish: Wish) -> None:
        self._estate, self._catalogue, self._wish = estate, catalogue, wish
        self._target = target.model_copy(update={"timeout": max(target.patience, 30.0)})
        self._scrubber = Scrubber()
        self._made = Recording(
            index={"form": 1, "made": time.strftime("%Y-%m-%d", time.gmtime()), "files": {}}
        )
        for kind, name in named(estate):
            self._scrubber.learn(kind, name)

    async def record(self) -> Recording:
        """Ask everything first, learn every name that was told, then scrub: a name is found wherever it stands."""
        walk = await self._walk() if self._target.snmp else None
        outputs = await self._run() if self._target.ssh else {}
        answers = await self._fetch() if self._target.http else {}
        for said, _ in outputs.values():
            self._learn_output(said)
        for answer in answers.values():
            if isinstance(answer, str):
                texts.learn_text(self._scrubber, answer)
            else:
                texts.learn(self._scrubber, answer)
        if walk is not None:
            await self._agent(*walk)
        for name, (said, parse) in outputs.items():
            self._output(name, said, parse)
        self._answers(answers)
        standins = self._scrubber.standins
        self._made.replaced = {
            kind: (len(standins.kinds.get(kind, ())), count)
            for kind, count in sorted(self._scrubber.places.items())
        }
        return self._made

    def _file(self, name: str, said: str, **facts: Any) -> None:
        self._made.files[name] = said
        self._made.index["files"][name] = facts

    def _note(self, said: str) -> None:
        self._made.notes.append(said)

    # --- SNMP -------------------------------------------------------------------------------------------------

    async def _walk(self) -> tuple[Mapping[Oid, Varbind], tuple[str, ...]] | None:
        """The objects of the agent, and the families that it is read as."""
        access = self._target.snmp
        credential = self._estate.credentials.get(access.credential) if access else None
        if access is None or not isinstance(credential, SnmpV2c | SnmpV3):
            return None
        wire = Wire()
        try:
            known = Known()
            agent = await known.reach(self._target, access, credential)
            session = Session(wire, agent, known.habits, forget)
            said = await session.get(_SYSTEM)
            names = await choose(
                session,
                self._catalogue,
                access.family,
                text(said.get(_SYSTEM[0])),
                oid_text(said.get(_SYSTEM[1])),
            )
            walk = Walk(wire, agent, self._wish.seconds)
            await walk.below(await self._roots(walk, names))
            for sign in sorted(self._catalogue.subtrees):
                await walk.first(encode(sign))
            for note in walk.notes:
                self._note(f"SNMP: {note}")
            return walk.found, names
        except PollError as error:
            self._note(
                f"SNMP: {error.reason}: {error.detail}" if error.reason != "timeout" else "SNMP: no answer"
            )
            return None
        finally:
            wire.close()

    async def _roots(self, walk: Walk, names: tuple[str, ...]) -> list[Oid]:
        needs = Reader(self._catalogue).needs(names)
        scalars = [oid[:-1] for oid in needs.scalars]
        makers = [maker for maker in await walk.makers() if not maker.startswith(NEVER)]
        return [*STANDARD, *needs.columns, *scalars, *makers]

    async def _agent(self, found: Mapping[Oid, Varbind], names: tuple[str, ...]) -> None:
        columns = agents.Columns(self._catalogue, names, map(encode, self._wish.keep))
        agents.learn(self._scrubber, found.values(), columns)
        needs = Reader(self._catalogue).needs(names)
        made = agents.Scrubbed(self._scrubber, columns)
        made.add(found.values(), [*needs.columns, *needs.scalars])
        before = await replaying.play(found, self._catalogue)
        after = await replaying.play(made.varbinds, self._catalogue)
        self._file(
            AGENT,
            "".join(f"{line}\n" for line in made.lines()),
            families=list(names),
            objects=len(made.varbinds),
        )
        if made.lost:
            self._note(
                f"SNMP: {made.lost} objects were left out, as a name stood in them that could not be replaced"
            )
        if replaying.values(before) != replaying.values(after):
            self._note("SNMP: some values are read otherwise of the recording than of the device")

    # --- SSH --------------------------------------------------------------------------------------------------

    async def _run(self) -> dict[str, tuple[str, Callable[[str], Any]]]:
        """What the commands of the target print, and what reads it."""
        from collectors import ssh  # noqa: PLC0415 - paramiko: only where it is asked over SSH
        from collectors.ssh.polling import jobs_of, run  # noqa: PLC0415

        pool = ssh.Connections()
        _, jobs = jobs_of(self._target, {}, self._catalogue)
        try:
            answers = await run(self._target, self._estate, jobs, pool, forget)
        except PollError as error:
            self._note(f"SSH: {error.reason}")
            return {}
        finally:
            pool.close()
        for job in jobs:
            if answers[job.name].status != 0:
                self._note(f"SSH: {job.name} ended with status {answers[job.name].status}")
        return {
            job.name: (answers[job.name].output, job.command.parse)
            for job in jobs
            if answers[job.name].output.strip()
        }

    def _learn_output(self, said: str) -> None:
        try:
            texts.learn(self._scrubber, _document(said))
        except PollError:
            texts.learn_text(self._scrubber, said)

    def _output(self, name: str, said: str, parse: Callable[[str], Any]) -> None:
        read = functools.partial(_values, parse)
        file = f"ssh/{_UNSAFE.sub('-', name)}.txt"
        try:
            document = _document(said)
        except PollError:
            made, same = texts.output(self._scrubber, said, read)
        else:
            made = json.dumps(
                texts.document(self._scrubber, document, self._tested(name)), ensure_ascii=False
            )
            same = read(made) == read(said)
        if not same:
            self._note(f"SSH: {name} is read otherwise of the recording than of the machine")
        self._safe(file, made, command=name)

    def _tested(self, name: str) -> dict[str, list[meaning.Test]]:
        """What the tables of a declared command read in texts."""
        owner = getattr(getattr(self._catalogue.commands[name], "parse", None), "__self__", None)
        return meaning.of_documents(getattr(owner, "tables", ()))

    def _safe(self, file: str, made: str, **facts: Any) -> None:
        """Keep a text, but its lines in which a name still stands."""
        lines = made.split("\n")
        kept = [line for line in lines if not self._scrubber.residue(line.encode("utf-8", "replace"))]
        if len(kept) < len(lines):
            self._note(f"{file}: {len(lines) - len(kept)} lines were left out, as a name stood in them")
        self._file(file, "\n".join(kept), **facts)

    # --- HTTP -------------------------------------------------------------------------------------------------

    async def _fetch(self) -> dict[str, Any]:
        """What the paths of the target's family answer: documents, or texts."""
        from collectors.http.recording import fetch  # noqa: PLC0415 - httpx: only where it is asked over HTTP

        answers, notes = await fetch(self._target, self._estate, self._catalogue, self._wish.paths)
        for note in notes:
            self._note(f"HTTP: {note}")
        deep = [path for path, answer in answers.items() if not documents.shallow(answer)]
        if deep:
            self._note(
                f"HTTP: left out, as they are nested too deeply: {len(deep)} of {len(answers)} answers"
            )
        return {path: answer for path, answer in answers.items() if path not in deep}

    def _answers(self, answers: Mapping[str, Any]) -> None:
        if not answers or self._target.http is None:
            return
        family = self._catalogue.interfaces.get(self._target.http.family)
        tested = meaning.of_interface(family) if family is not None else {}
        known = frozenset(part for path in _routes(family) for part in re.split(r"[/?&=]", path))
        for number, (path, answer) in enumerate(answers.items(), 1):
            said = texts.path(self._scrubber, path, known)
            if isinstance(answer, str):
                made, ending = texts.exposition(self._scrubber, answer, tested), "txt"
            else:
                made = json.dumps(
                    texts.document(self._scrubber, answer, tested), indent=1, ensure_ascii=False
                )
                ending = "json"
            self._safe(f"http/{number:03}.{ending}", made, path=said, family=self._target.http.family)


def _document(said: str) -> Any:
    """The JSON of an output. Raises PollError where it is none, or nested too deeply to be written down again."""
    document = documents.load(said)
    if not documents.shallow(document):
        raise PollError("unparsed", "JSON nested too deeply")
    return document


def _routes(family: Any) -> tuple[str, ...]:
    """The paths that a family declares."""
    if family is None:
        return ()
    steps = [step for table in family.tables for step in table.follow if not isinstance(step, str)]
    facts = [
        fact.get
        for fact in (family.product, family.version)
        if hasattr(fact, "get") and not isinstance(fact, str)
    ]
    return (
        *(table.get for table in family.tables),
        *facts,
        *(part for step in steps for part in (step.before, step.after)),
    )


def _values(parse: Callable[[str], Any], said: str) -> Hashable:
    """What a parser reads of an output, labels apart."""
    try:
        found = parse(said)
        reading = found if isinstance(found, Reading) else Reading.of(found)
    except PollError as error:
        return error.reason
    return tuple(
        sorted((metric, value) for (metric, _), value in zip(reading.series, reading.values, strict=True))
    )


def named(estate: Estate) -> Iterator[tuple[str, str]]:
    """The names that an estate tells, with their kinds: addresses, targets, users and every secret."""
    for credential in estate.credentials.values():
        yield from _proofs(credential)
    for target in estate.targets:
        hosts = [target.name, target.where, *target.formerly]
        if target.http:
            hosts.append(re.sub(r"\Ahttps?://|[:/].*", "", target.http.url))
        yield from (("host name", host) for host in hosts)
        if target.dicom:
            yield "name", target.dicom.aet
    titles = [site.title for site in estate.sites.values() if site is not None]
    yield from (("place", place) for place in (*estate.sites, *titles, estate.title) if place)


def _proofs(credential: AnyCredential) -> Iterator[tuple[str, str]]:
    """Who logs in with a credential, and by what."""
    for secret in secrets(credential).values():
        with contextlib.suppress(SecretMissingError):
            yield SECRET, secret.reveal()
    login = credential.ssh if isinstance(credential, Ssh) else getattr(credential, "http", credential)
    if user := getattr(login, "user", None):
        yield "user", str(user)
