"""`jauge record` and `jauge scaffold`: what a target answers, written down, and the skeleton of a family made of it."""

from __future__ import annotations

import asyncio
import enum
import json
import re
from pathlib import Path
from typing import Annotated

import typer

from inventory.harmless import line
from jauge.verbs.common import PROBLEM, EstatePath, console, estate_of, fail, plainly, verbatim
from jauge.verbs.polling import target_of


class Over(enum.StrEnum):
    """How a document was read."""

    SSH = "ssh"
    HTTP = "http"


def record(
    estate: EstatePath,
    target: Annotated[str, typer.Argument(help="Name of the target.")],
    output: Annotated[
        Path, typer.Option("--output", metavar="DIR", help="A new folder for the recording.")
    ] = Path("recording"),
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="OID", help="Keep the words below this object (may be given again)."),
    ] = None,
    path: Annotated[
        list[str] | None,
        typer.Option("--path", help="Ask for this path over HTTP too (may be given again)."),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--seconds", min=1, help="The longest time of the walk over SNMP.")
    ] = 120.0,
) -> None:
    """Write down what a target answers, scrubbed of names and addresses, for whoever adds its family."""
    found = estate_of(estate, polled=True)
    one = target_of(found, target)
    from collectors import packages  # noqa: PLC0415 - the protocols cost a second that other verbs need not pay
    from collectors.catalogue import Catalogue  # noqa: PLC0415
    from collectors.recording.recorder import Recorder, Wish  # noqa: PLC0415
    from collectors.snmp.oid import encode  # noqa: PLC0415

    try:
        for oid in keep or ():
            encode(oid)
    except ValueError:
        fail("--keep takes an object identifier such as 1.3.6.1.4.1.318.1.1", status=2)
    if not (one.snmp or one.ssh or one.http):
        fail(f"{target} is polled neither over SNMP, nor SSH, nor HTTP: there is nothing to record")
    wish = Wish(tuple(keep or ()), tuple(path or ()), seconds)
    made = asyncio.run(Recorder(found, one, Catalogue(packages.load(found.packages)), wish).record())
    for note in made.notes:
        console.print(verbatim(line(note)))
    if not made.files:
        fail(f"{target} answered nothing that could be recorded")
    try:
        made.write(output)
    except OSError as error:
        fail(f"cannot write the recording: {error.filename or output}: {error.strerror}")
    plainly(_said(made.replaced, output, list(made.files)))
    if made.notes:
        raise typer.Exit(PROBLEM)


def _said(replaced: dict[str, tuple[int, int]], folder: Path, files: list[str]) -> str:
    lines = ["replaced, each by the same stand-in everywhere:"]
    lines += [
        f"  {kind:20} {different:6} different, in {places} places"
        for kind, (different, places) in replaced.items()
    ]
    lines += [
        f"written to {folder}: {', '.join(files)}",
        f"Look through every file in {folder} before you give it away: only you know what else tells of you.",
    ]
    return "\n".join(lines) + "\n"


def scaffold(
    recording: Annotated[
        Path,
        typer.Argument(
            help="A recording: a folder that `jauge record` made, a walk (*.snmprec), or a JSON document.",
            show_default=False,
        ),
    ],
    name: Annotated[
        str, typer.Argument(help="Name of the family: small letters, digits and hyphens.", show_default=False)
    ],
    output: Annotated[
        Path,
        typer.Option("--output", metavar="DIR", help="The package that gets the files; others in it stay."),
    ] = Path("own"),
    mib: Annotated[
        list[Path] | None,
        typer.Option("--mib", metavar="FILE", help="A MIB with names of objects (may be given again)."),
    ] = None,
    over: Annotated[Over, typer.Option("--over", help="How a single JSON document was read.")] = Over.SSH,
) -> None:
    """Make the skeleton of a family from a recording: a file that loads, and a test that fails until it is filled in."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", name):
        fail(f"{name} is no name of a family: use small letters, digits and hyphens", status=2)
    from collectors import packages  # noqa: PLC0415 - see above
    from inventory.checking import EstateError  # noqa: PLC0415

    try:
        made = [part for source in _sources(recording) for part in _skeleton(*source, name, mib or [], over)]
        for place, said in made:
            _put(output / place, said)
        packages.load([str(output)])
    except (OSError, ValueError) as error:
        fail(str(error))
    except EstateError as error:
        fail(f"the skeleton does not load: {error}")
    lines = [f"written to {output}: {', '.join(str(place) for place, _ in made)}"]
    lines += [
        "The test fails until EXPECTED holds numbers of the system's own screen, or of another program: never of Jauge."
    ]
    plainly("\n".join(lines) + "\n")


def _sources(recording: Path) -> list[tuple[Path, str, str]]:
    """The files of a recording that a family is made of: each with its kind and, over HTTP, its path."""
    if recording.is_file():
        return [(recording, "devices" if recording.suffix == ".snmprec" else "", "")]
    index = json.loads((recording / "recording.json").read_text("utf-8"))
    listed = index.get("files") if isinstance(index, dict) else None
    if not isinstance(listed, dict) or not all(isinstance(facts, dict) for facts in listed.values()):
        raise ValueError(f"{recording}: recording.json is not what `jauge record` writes")
    whole = recording.resolve()
    if not all((recording / file).resolve().is_relative_to(whole) for file in listed):
        raise ValueError(f"{recording}: recording.json names a file outside of the recording")
    kinds = {"snmp.snmprec": "devices", "ssh": "commands", "http": "apis"}
    found = [
        (recording / file, kinds.get(file.partition("/")[0], ""), str(facts.get("path", "")))
        for file, facts in listed.items()
        if file.endswith((".snmprec", ".json"))
        or (recording / file).read_text("utf-8").lstrip()[:1] in ("{", "[")
    ]
    if not found:
        raise ValueError(f"{recording}: neither a walk nor a JSON document is in it")
    return list({kind: (file, kind, path) for file, kind, path in reversed(found)}.values())


def _skeleton(
    file: Path, kind: str, path: str, name: str, mibs: list[Path], over: Over
) -> list[tuple[Path, str]]:
    """The files of one family: what declares it, its test, and the recording beside that."""
    from collectors import documents  # noqa: PLC0415
    from collectors.poll import PollError  # noqa: PLC0415
    from collectors.recording import agents, mib, skeleton  # noqa: PLC0415

    kind = kind or ("apis" if over is Over.HTTP else "commands")
    if kind == "devices":
        names = {
            place: named for each in mibs for place, named in mib.read(each.read_text("latin-1")).items()
        }
        said = skeleton.device(name, agents.read(file), names)
    else:
        try:
            document = documents.load(file.read_text("utf-8"))
        except PollError as error:
            raise ValueError(f"{file}: {error.detail}") from None
        said = (
            skeleton.system(name, document)
            if kind == "commands"
            else skeleton.interface(name, path or "/", document)
        )
    ending = {"devices": "snmprec", "commands": "txt", "apis": "json"}[kind]
    beside = f"{name}-{kind}.{ending}"
    test = name.replace("-", "_")
    return [
        (Path(kind) / f"{name}.yml", said),
        (Path("tests") / f"test_{test}_{kind}.py", skeleton.test(kind, name, beside)),
        (Path("tests") / beside, file.read_text("latin-1" if kind == "devices" else "utf-8")),
    ]


def _put(path: Path, said: str) -> None:
    """Write a file that is not there yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(said)
