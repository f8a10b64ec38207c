"""The simulated PACS: an application entity that answers C-ECHO, and three pages of Orthanc's REST interface."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from jauge.demo.curves import value
from jauge.demo.hospital import Archive

USER: Final = "jauge"
Pages = dict[str, Callable[[], Any]]


def echo(port: int, aet: str) -> Any:
    """Answer C-ECHO (DICOM PS3.7, 9.1.5) on a TCP port of 127.0.0.1; the server, which has `shutdown`."""
    from pynetdicom import AE, evt  # noqa: PLC0415 - half a second that the SNMP agents need not wait for
    from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]  # noqa: PLC0415 - made at run time

    entity = AE(ae_title=aet)
    entity.require_called_aet = True
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

MODALITIES: Final = {"CT": 0.46, "MR": 0.22, "PT": 0.09, "MG": 0.08, "DX": 0.07, "XA": 0.04, "US": 0.04}
"""Share of what the archive holds, by modality."""

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


def orthanc(
    port: int, password: str, archive: Archive, moment: Callable[[], tuple[float, float]]
) -> ThreadingHTTPServer:
    """Serve /system, /statistics and /jobs on a TCP port of 127.0.0.1; `moment` gives now and birth (UTC epoch seconds)."""
    expected = "Basic " + base64.b64encode(f"{USER}:{password}".encode()).decode("ascii")
    pages: Pages = {
        "/system": lambda: dict(_SYSTEM),
        "/statistics": lambda: statistics(archive, *moment()),
        "/jobs": list,
    }

    class Handler(_Handler):
        authorization = expected
        answers = pages

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class _Handler(BaseHTTPRequestHandler):
    authorization = ""
    answers: Pages = {}  # noqa: RUF012 - set by the subclass of each server
    server_version = "Orthanc"
    sys_version = ""

    def do_GET(self) -> None:
        page = self.answers.get(self.path.partition("?")[0])
        if not hmac.compare_digest(
            self.headers.get("Authorization", "").encode(), self.authorization.encode()
        ):
            self._send(401, {"HttpError": "Unauthorized"}, {"WWW-Authenticate": 'Basic realm="Orthanc"'})
        elif page is None:
            self._send(404, {"HttpError": "Not Found"})
        else:
            self._send(200, page())

    def _send(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        text = json.dumps(body).encode("utf-8")
        self.send_response(status)
        for name, content in {
            "Content-Type": "application/json",
            "Content-Length": str(len(text)),
            **(headers or {}),
        }.items():
            self.send_header(name, content)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of http.server
        """Polls are no news."""
