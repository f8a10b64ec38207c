"""The demo, made ready in a directory: estate, secrets, ports, history, workstations."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import locale
import math
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from jauge.demo import fleet, money, restores, scenarios, services
from jauge.demo.hospital import (
    CAST,
    OVER_HTTP,
    SITES,
    Broker,
    Database,
    Desktops,
    Engine,
    Exchange,
    Machine,
    Vault,
)
from jauge.demo.layout import Layout, write
from jauge.demo.pacs import PEERS
from jauge.demo.wording import worded

if TYPE_CHECKING:
    from inventory.state import State

ESTATE: Final = "estate.yml"
WORKSTATIONS: Final = "workstations.csv"
_UNTIL: Final = "demo-history.json"

_HEAD: Final = """\
# A demonstration: an invented hospital, whose machines are simulated on this computer.
# It is written again at each start. Your own estate has the same form: see the page "Your own estate".
"""

Language = Literal["fr", "en"]


class Demo(NamedTuple):
    """A demo that is ready to start. `agents` is the command of the process that simulates the machines."""

    estate_path: Path
    data_dir: Path
    agents: list[str]


def prepare(directory: Path, language: Language | None = None) -> Demo:
    """Make the demo of a directory ready, or bring the one there up to date.

    Its history is kept and continued to now, without a hole. Raises OSError, HistoryError, PlanError or StateError.
    """
    directory = directory.absolute()
    layout = Layout.make(directory)
    spoken = language or _language()
    write(directory / ESTATE, describe(layout, spoken))
    _continue(layout)
    _import_workstations(layout)
    scenarios.save(directory, layout.birth, spoken == "fr")
    restores.save(directory, layout.birth, spoken == "fr")
    return Demo(
        directory / ESTATE,
        directory,
        [sys.executable, "-m", "jauge.demo.agents", str(directory)],
    )


def _continue(layout: Layout) -> None:
    from jauge.demo.history import extend  # noqa: PLC0415 - pandas takes half a second

    path, noted = layout.directory / "history.db", layout.directory / _UNTIL
    until = float(json.loads(noted.read_text("utf-8"))) if path.is_file() and noted.is_file() else None
    if until is not None and time.time() - until < _RECENT:
        return
    now = extend(path, layout.birth, until)
    if until is None:
        _live(layout, path, now)
    write(noted, json.dumps(now))


def _live(layout: Layout, history: Path, now: float) -> None:
    from inventory.checking import load  # noqa: PLC0415 - only the first run needs them
    from jauge.demo.nights import live  # noqa: PLC0415

    live(load(layout.directory / ESTATE), history, layout.directory / "plan.db", now)


def _import_workstations(layout: Layout) -> None:
    """Take over the invented inventories as a person would, oldest first, once: later imports are the visitor's."""
    file = layout.directory / WORKSTATIONS
    if file.is_file():
        return
    from inventory import processors  # noqa: PLC0415 - only the first run needs them
    from inventory.imports import snapshots  # noqa: PLC0415
    from inventory.state import open_state  # noqa: PLC0415
    from jauge.demo.workstations import PROCESSORS, exports  # noqa: PLC0415

    state = open_state(layout.directory / "state.db")
    listed = layout.directory / "processors.csv"
    write(listed, PROCESSORS)
    processors.commit(state, processors.preview(state, listed), _day(layout.birth), "demo", "demo")
    newest = max(
        (at for _, at, *_ in snapshots.history(state)), default=-math.inf
    )  # of a start that was cut off
    draft = layout.directory / f".{WORKSTATIONS}"
    for export in exports(layout.birth):
        write(draft, export.text)
        moment = layout.birth - export.before * 86_400.0
        if moment > newest:
            _import(state, draft, moment, whole=export.whole)
            newest = moment
    # The last one, whole and of today, is what a visitor finds: imported again, it would change nothing.
    draft.replace(file)


def _import(state: State, file: Path, moment: float, *, whole: bool) -> None:
    from inventory.imports import reading, snapshots  # noqa: PLC0415 - as above

    day = _day(moment)
    with reading.read(state, file, day, reading.Asked("glpi", supplement=not whole)) as preview:
        named = dataclasses.replace(preview, file=f"glpi-{day.isoformat()}.csv")
        snapshots.commit(state, named, "demo", "demo", at=moment)


def _day(moment: float) -> dt.date:
    return dt.datetime.fromtimestamp(moment, dt.UTC).date()


_RECENT: Final = 600.0
"""A history so many seconds old needs nothing: hours are written whole."""


def describe(layout: Layout, language: Language) -> str:
    """The text of estate.yml."""
    birth, french = _day(layout.birth), language == "fr"
    estate = {
        "title": "Centre de cancérologie (démonstration)" if french else "Cancer centre (demonstration)",
        "timezone": "Europe/Paris",
        "language": language,
        "demo": True,
        "sites": {name: {"title": title} for name, title in SITES.items()},
        "credentials": _credentials(layout),
        "defaults": {"interval": "30s", "timeout": "8s"},
        "backups": restores.declared(french),
        # Neither a server for mail nor a chat: nothing leaves this machine, and the page shows what would be told.
        "notices": {"quiet": {"from": "20:00", "to": "07:00", "weekends": True}},
        **money.declared(birth),
        "workstations": fleet.declared(birth),
    }
    estate = worded(estate, french)
    lines = [f"{key}: {_flow(content)}" for key, content in estate.items() if not isinstance(content, dict)]
    for key, content in estate.items():
        if isinstance(content, dict):
            lines += ["", f"{key}:", *(f"  {name}: {_flow(inner)}" for name, inner in content.items())]
    lines += ["", "targets:", *(f"  - {_flow(worded(_target(machine, layout), french))}" for machine in CAST)]
    return _HEAD + "\n".join(lines) + "\n"


def _credentials(layout: Layout) -> dict[str, Any]:
    def secret(name: str) -> str:
        return f"file:{layout.secret_file(name)}"

    v3 = {"snmp": "v3", "user": "jauge", "auth": "SHA-256", "privacy": "AES"}
    return {
        "arrays": {"snmp": "v2c", "community": secret("community")},
        "clusters": {**v3, "auth_password": secret("authentication"), "privacy_password": secret("privacy")},
        # Its password was changed on the machine and not here.
        "laboratory": {**v3, "auth_password": secret("stale"), "privacy_password": secret("privacy")},
        "servers": {
            "ssh": {
                "user": "jauge",
                "key": f"file:{layout.client_key}",
                "known_hosts": str(layout.known_hosts),
            }
        },
        "pacs": {"http": {"user": "jauge", "password": secret("orthanc")}},
        "archive": {"http": {"token": secret("vault")}},
        "platforms": {"http": {"user": services.USER, "password": secret("platforms")}},
        "desktops": {
            "http": {"user": f"{services.DOMAIN}\\{services.USER}", "password": secret("platforms")}
        },
    }


_COMMANDS: Final = ("df", "memory", "load", "cpu", "os")
_ASKED: Final[dict[type, str]] = {Exchange: "asterisk", Database: "postgresql"}
"""Commands by which a platform is asked."""

_INTERFACES: Final[dict[type, tuple[str, str]]] = {
    Engine: ("mirth-connect", "platforms"), Broker: ("rabbitmq", "platforms"), Desktops: ("horizon", "desktops"),
    Vault: ("dcm4chee-arc", "archive"),
}  # fmt: skip
"""By which family of HTTP interfaces a platform is read, and with which credential."""

_CREDENTIALS: Final = {"hci-01": "clusters", "lims-01": "laboratory"}


def _target(machine: Machine, layout: Layout) -> dict[str, Any]:
    """A target of the estate: how to reach the machine, then what is declared of it."""
    if machine.speech == "host":
        return {"name": machine.name, "host": True, **machine.declared}
    reach: dict[str, Any] = {"name": machine.name, "address": "127.0.0.1"}
    port = layout.ports.get(machine.name, 0)
    if machine.speech == "shell":
        more = [name for kind, name in _ASKED.items() if isinstance(machine.service, kind)]
        reach["ssh"] = {"credential": "servers", "port": port, "commands": [*_COMMANDS, *more]}
        if machine.backup:
            file = "/etc/jauge/restic-password"
            reach["ssh"]["restic"] = [{"repository": machine.backup.repository, "password_file": file}]
    elif machine.speech != "web":
        reach["snmp"] = {"credential": _CREDENTIALS.get(machine.name, "arrays"), "port": port}
    if machine.archive:
        reach["dicom"] = {"aet": machine.archive.aet, "port": layout.port(f"{machine.name} dicom")}
        url = f"http://127.0.0.1:{layout.port(f'{machine.name} http')}"
        reach["http"] = {
            "family": "orthanc",
            "url": url,
            "credential": "pacs",
            "orthanc": {"follow": False, "echo": list(PEERS)},
        }
    if isinstance(machine.service, Vault):
        reach["dicom"] = {"aet": machine.service.aet, "port": layout.port(f"{machine.name} dicom")}
    if isinstance(machine.service, OVER_HTTP):
        family, credential = _INTERFACES[type(machine.service)]
        url = f"http://127.0.0.1:{layout.port(f'{machine.name} http')}"
        reach["http"] = {"family": family, "url": url, "credential": credential}
    return {**reach, **machine.declared}


def _flow(content: Any) -> str:
    """A value in YAML's flow style; texts as JSON writes them, which YAML reads alike."""
    if isinstance(content, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in content.items()) + "}"
    if isinstance(content, list):
        return "[" + ", ".join(map(_flow, content)) + "]"
    plain = (
        isinstance(content, str) and content.replace("-", "").replace(" ", "").isalpha() and content.isascii()
    )
    return content if plain and content not in _WORDS else json.dumps(content, ensure_ascii=False)


_WORDS: Final = ("true", "false", "yes", "no", "on", "off", "null", "-")


def _language() -> Language:
    """English where the person's locale is English, else the hospital's French."""
    named = next((os.environ[n] for n in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(n)), None)
    tongue = named or locale.getlocale()[0] or ""
    return "en" if tongue.startswith("en") else "fr"
