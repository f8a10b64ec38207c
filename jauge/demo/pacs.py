"""The simulated PACS: application entities that answer C-ECHO, and some pages of Orthanc's REST interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np

from jauge.demo import web
from jauge.demo.curves import Growth, activity, value
from jauge.demo.hospital import Archive, grow

USER: Final = "jauge"


def echo(port: int, aet: str, callers: tuple[str, ...] = ()) -> Any:
    """Answer C-ECHO (DICOM PS3.7, 9.1.5) on a TCP port of 127.0.0.1; the server, which has `shutdown`.

    Where `callers` are named, associations of others are rejected.
    """
    from pynetdicom import AE, evt  # noqa: PLC0415 - half a second that the SNMP agents need not wait for
    from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]  # noqa: PLC0415 - made at run time

    entity = AE(ae_title=aet)
    entity.require_called_aet = True
    entity.require_calling_aet = list(callers)
    entity.add_supported_context(Verification)
    return entity.start_server(
        ("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_ECHO, lambda _event: 0x0000)]
    )


def statistics(archive: Archive, now: float, birth: float) -> dict[str, Any]:
    """Orthanc's /statistics: sizes are texts there."""
    studies, stored = value(archive.studies, now, birth), value(archive.stored, now, birth)
    return {
        "CountPatients": int(studies * PATIENTS),
        "CountStudies": int(studies),
        "CountSeries": int(studies * SERIES),
        "CountInstances": int(studies * INSTANCES),
        "TotalDiskSize": str(int(stored)),
        "TotalDiskSizeMB": int(stored / 2**20),
        "TotalUncompressedSize": str(int(stored * INFLATION)),
        "TotalUncompressedSizeMB": int(stored * INFLATION / 2**20),
    }


PATIENTS: Final = 0.19
"""Patients for each study; likewise series and instances, and what decompression would make of a byte."""
SERIES: Final = 6.1
INSTANCES: Final = 412.0
INFLATION: Final = 1.9

_GROWN: Final = {
    "CT": (0.46, 0.3, 250), "MR": (0.22, 0.24, 0), "PT": (0.09, 0.31, 0), "MG": (0.08, 0.2, 300), "DX": (0.07, 0.07, 0),
    "XA": (0.04, 0.1, 0), "US": (0.04, 0.15, 0),
}  # fmt: skip
"""By modality: its share of what the archive holds, how it grows in a year, and how many days ago a new scanner came."""

MODALITIES: Final = {modality: share for modality, (share, _, _) in _GROWN.items()}

STUDIES: Final = {"CT": 0.21, "MR": 0.12, "PT": 0.05, "MG": 0.09, "DX": 0.38, "XA": 0.02, "US": 0.13}
"""Share of the studies, by modality."""


def by_modality(archive: Archive) -> Iterator[tuple[str, Growth]]:
    """What an archive holds of each modality. A new scanner brought a tenth of it within its first month."""
    for modality, (share, yearly, ago) in _GROWN.items():
        came = ((ago, 0.1),) if ago else ()
        yield (
            modality,
            grow(f"{archive.aet} {modality}", share * archive.stored.now, yearly, steps=came, noise=0.0),
        )


_SINCE: Final = 24
"""Years for which the archive has been filled."""


def by_year(newest: int) -> dict[int, float]:
    """Share of what the archive holds, by year of study: a third more each year lately, an eighth more before.

    An archive of this size is followed for months before it tells so (`jauge_pacs_followed_ratio`): the demo's was.
    """
    weights = {newest - age: 1.33 ** -min(age, 6) * 1.12 ** -max(age - 6, 0) for age in range(_SINCE)}
    whole = sum(weights.values())
    return {year: weight / whole for year, weight in weights.items()}


_SYSTEM: Final = {
    "ApiVersion": 25,
    "DatabaseVersion": 6,
    "Name": "PACS01",
    "Version": "1.12.4",
    "IsHttpServerSecure": False,
}


def jobs(now: float) -> list[dict[str, Any]]:
    """Orthanc's /jobs?expand: what was sent lately, what waits by the hour, and what a node of the teleradiology did not take."""
    busy = float(activity(np.array([now]))[0])
    return [
        *(_sent("VNA01", "Success", 240) for _ in range(6)),
        *(_sent("VNA01", "Running", 180) for _ in range(min(round(4 * busy), 2))),
        *(_sent("VNA01", "Pending", 120) for _ in range(round(9 * busy))),
        *(_sent("IA-THORAX", "Success", 60) for _ in range(3)),
        _sent("TELERAD", "Success", 90),
        _sent("TELERAD", "Failure", 88, refused=31),
        {"Type": "Archive", "State": "Success", "Content": {}},
    ]


def _sent(peer: str, state: str, instances: int, refused: int = 0) -> dict[str, Any]:
    content = {"RemoteAet": peer, "InstancesCount": instances, "FailedInstancesCount": refused}
    return {"Type": "DicomModalityStore", "State": state, "Content": content}


PEERS: Final = {"SCAN01": True, "IRM02": True, "MAMMO01": True, "TELERAD": False}
"""Modalities that the archive knows, and whether they answer it."""


def _answering(answers: bool) -> web.Route:
    """What Orthanc says of an echo to a modality: 500 where it got none."""
    return lambda _: web.Reply({}, 200 if answers else 500)


def orthanc(port: int, password: str, archive: Archive, moment: Callable[[], tuple[float, float]]) -> Any:
    """Serve /system, /statistics, /jobs and their like on a TCP port of 127.0.0.1; `moment` gives now and birth (UTC epoch seconds)."""
    routes: web.Routes = {
        "GET /system": lambda _: dict(_SYSTEM),
        "GET /statistics": lambda _: statistics(archive, *moment()),
        "GET /jobs": lambda _: jobs(moment()[0]),
        "GET /tools/metrics-prometheus": lambda _: _measured(moment()[0]),
        **{f"POST /modalities/{peer}/echo": _answering(up) for peer, up in PEERS.items()},
    }
    guard = web.basic(USER, password)
    return web.serve(port, routes, guard, name="Orthanc", challenge='Basic realm="Orthanc"')


def _measured(now: float) -> str:
    slowest = 18 + 40 * float(activity(np.array([now]))[0])
    return f"orthanc_store_dicom_duration_ms {slowest:.0f}\n"
