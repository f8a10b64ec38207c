"""`jauge run`, `jauge dashboard`, `jauge start` and `jauge demo`: the processes."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exporters.history import HistoryError
from exporters.history.lock import Lock
from exporters.manager import Manager
from inventory.sharding import MOST, Shard
from inventory.state import StateError
from jauge.files import Files
from jauge.guarding import exposures, warn
from jauge.logs import Format, Level, configure
from jauge.opening import open_history
from jauge.verbs.common import DataPath, EstatePath, estate_of, fail, files_of, sound, told

if TYPE_CHECKING:
    from exporters.web.door import Door

Listen = Annotated[
    str,
    typer.Option("--web.listen-address", metavar="HOST:PORT", help="Where to listen.", envvar="JAUGE_LISTEN"),
]
Listens = Annotated[
    list[str],
    typer.Option(
        "--web.listen-address",
        metavar="HOST:PORT",
        help="Where to listen; may be given several times (in JAUGE_LISTEN with spaces between). [::]:PORT and :PORT are every address of this machine.",
        envvar="JAUGE_LISTEN",
    ),
]
WebConfig = Annotated[
    Path | None,
    typer.Option(
        "--web.config.file",
        metavar="FILE",
        help="TLS, users and limits of the exporter, in the form of Prometheus' exporters (docs/prometheus.md); read again when it changes.",
        envvar="JAUGE_WEB_CONFIG",
        show_default=False,
    ),
]
Urls = Annotated[
    list[str] | None,
    typer.Option(
        "--web.external-url",
        metavar="URL",
        help="An address by which browsers know the pages, such as https://jauge.hospital.example; may be given several times.",
        envvar="JAUGE_EXTERNAL_URL",
        show_default=False,
    ),
]
LogLevel = Annotated[Level, typer.Option("--log.level", help="What to log.")]
LogFormat = Annotated[Format, typer.Option("--log.format", help="How to log.")]
WorkerCount = Annotated[
    int,
    typer.Option("--workers", min=1, max=MOST, help="Processes that poll; 1 is this one alone."),
]
ShardText = Annotated[
    str,
    typer.Option(
        "--shard", metavar="NUMBER/COUNT", help="Poll this part of the estate only, for instance 1/2."
    ),
]


def run(
    estate: EstatePath,
    data: DataPath = None,
    listen: Listens = ["127.0.0.1:9640"],  # noqa: B006 - typer's form of a default; nobody changes it
    web: WebConfig = None,
    workers: WorkerCount = 1,
    shard: ShardText = "1/1",
    level: LogLevel = "info",
    style: LogFormat = "logfmt",
) -> None:
    """Poll the estate and serve /probe, /metrics, /metrics/estate and /sd, until it is told to stop."""
    logging = functools.partial(configure, level, style)
    logging()
    addresses = [address(text) for text in listen]
    manager = Manager()
    door = None if web is None else opened(web)
    mine, whole = part(shard), estate_of(estate, polled=True)
    found = mine.of(whole)
    files = files_of(estate, data)
    with told(HistoryError):
        writer = open_history(found, files)
    from collectors.limits import open_up  # noqa: PLC0415
    from collectors.workers import Workers  # noqa: PLC0415
    from jauge.service import Service, leave  # noqa: PLC0415 - the protocols and aiohttp cost a second that other verbs need not pay

    open_up()

    async def serve() -> None:
        poller = Workers(found, workers, logging) if workers > 1 else None
        service = Service(whole, files, writer, poller, lambda: sound(estate), mine, door, manager)
        await service.run(addresses)
        leave()

    with contextlib.suppress(KeyboardInterrupt):
        try:
            asyncio.run(serve())
        except OSError as error:
            fail(f"cannot listen on {' '.join(listen)}: {error.strerror}")


def dashboard(
    estate: EstatePath,
    data: DataPath = None,
    listen: Listen = "127.0.0.1:8050",
    urls: Urls = None,
    level: LogLevel = "info",
    style: LogFormat = "logfmt",
) -> None:
    """Serve the pages, behind a login (see `jauge user add`).

    They are asked by an address, by a name of this machine, or by that of --web.external-url; by any other name nobody is answered.
    Where one of these is https, the cookies of logins are for TLS alone.
    """
    configure(level, style)
    manager = Manager()
    known = [external(url) for url in urls or ()]
    found = estate_of(estate)
    host, port = address(listen)
    host = host or "0.0.0.0"
    if found.demo and host not in ("127.0.0.1", "::1", "localhost"):
        fail("a demo is open to everybody: it listens on 127.0.0.1 only")
    from dashboard.serving import serve  # noqa: PLC0415 - Dash costs seconds that other verbs need not pay

    files = files_of(estate, data)
    warn(exposures(found, files))
    with told(StateError):
        serve(files.directory, estate, host, port, found.demo, known, manager=manager)


def start(
    estate: EstatePath,
    data: DataPath = None,
    web: WebConfig = None,
    level: LogLevel = "warning",
    style: LogFormat = "logfmt",
) -> None:
    """Run everything for an estate: collector, exporter, nightly planner, dashboard, and digests where the estate has `notices`."""
    configure(level, style)
    found = estate_of(estate, polled=True)
    from jauge.supervisor import Options, Supervisor  # noqa: PLC0415

    every = found.notices.every if found.notices is not None else None
    options = Options(level, style, web, encrypted(web))
    files = files_of(estate, data)
    with _alone(files):
        Supervisor(estate.resolve(), files, digests=every, options=options).run()


def demo(
    directory: Annotated[
        Path, typer.Option("--directory", help="Where the demo keeps its files.", envvar="JAUGE_DEMO")
    ] = Path("data/demo"),
    web: WebConfig = None,
    level: LogLevel = "warning",
    style: LogFormat = "logfmt",
) -> None:
    """Show a small hospital on this machine: simulated devices, three years of history, and all the pages."""
    configure(level, style)
    from jauge.demo import prepare  # noqa: PLC0415
    from jauge.supervisor import Options, Supervisor  # noqa: PLC0415

    tls = encrypted(web)
    prepared = prepare(directory.resolve())
    files = files_of(prepared.estate_path, prepared.data_dir)
    options = Options(level, style, web, tls)
    with _alone(files):
        # The demo has its history and its plan: what needs somebody shows as soon as everything was polled.
        Supervisor(
            prepared.estate_path, files, prepared.agents, digests=1800.0, settling=60.0, options=options
        ).run()


@contextlib.contextmanager
def _alone(files: Files) -> Iterator[None]:
    """Nobody else supervises these files, or the end of the command: another one's collector would be refused again and again."""
    with contextlib.ExitStack() as held:
        with told(HistoryError):
            held.enter_context(Lock(files.supervisor.with_suffix(".lock"), files.supervisor))
        yield


def opened(web: Path) -> Door:
    """The door of a web configuration, or the end of the command where it cannot be used."""
    from exporters.web.config import WebConfigError  # noqa: PLC0415 - only who gives one needs it, and its memory
    from exporters.web.door import Door  # noqa: PLC0415 - as above

    with told(WebConfigError):
        return Door(web)


def encrypted(web: Path | None) -> bool:
    """Whether a web configuration speaks TLS, or the end of the command where it cannot be used."""
    if web is None:
        return False
    from exporters.web.config import WebConfigError, load  # noqa: PLC0415 - only who gives one needs it

    with told(WebConfigError):
        return load(web).tls_server_config.enabled


def part(text: str) -> Shard:
    """The shard that `NUMBER/COUNT` names, or the end of the command."""
    try:
        return Shard.parse(text)
    except ValueError as error:
        fail(str(error), status=2)


def external(text: str) -> str:
    """An address of the pages as browsers know it, or the end of the command."""
    if not re.fullmatch(
        r"https?://[A-Za-z0-9._-]+(:[0-9]{1,5})?/?|https?://\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?/?", text
    ):
        fail(
            f"{text} is no address of the pages: write it without a path, such as https://jauge.hospital.example",
            status=2,
        )
    return text


def address(text: str) -> tuple[str | None, int]:
    """Host (None: every address, as Go's `:PORT` and `[::]:PORT`) and port of `HOST:PORT`, or the end of the command."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        fail(f"{text} is no address to listen on: write HOST:PORT", status=2)
    name = host.strip("[]")
    return None if name in ("", "::") else name, int(port)
