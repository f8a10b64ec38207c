"""The scrape configuration by which Prometheus reads an estate: what fits its intervals, and the doors of its exporter."""

from __future__ import annotations

import dataclasses
import io
import math
from collections.abc import Sequence
from typing import Any, Final

from ruamel.yaml import YAML

from inventory.estate import Estate

LONGEST: Final = 120
"""Seconds between two scrapes at the most: Prometheus forgets a series of which it heard nothing for five minutes."""

SHORTEST: Final = 1

_JOB: Final = "jauge"


@dataclasses.dataclass(frozen=True, slots=True)
class Way:
    """How Prometheus comes to its exporters. Paths are those of Prometheus' machine.

    `addresses` are HOST:PORT of each collector. `whole` asks each for all of its targets at once.
    """

    addresses: Sequence[str] = ("127.0.0.1:9640",)
    whole: bool = False
    tls: bool = False
    authority: str | None = None
    certificate: str | None = None
    key: str | None = None
    user: str | None = None
    password_file: str | None = None


def scrape_configs(estate: Estate, way: Way) -> dict[str, Any]:
    """The part of prometheus.yml for an estate, as plain data."""
    access, timing = _access(way), _timing(estate)
    asked = _whole(way, access) if way.whole else _each(way, access)
    itself = {
        "job_name": f"{_JOB}-itself",
        **timing,
        **access,
        "static_configs": [{"targets": list(way.addresses)}],
    }
    return {"scrape_configs": [{"job_name": _JOB, **timing, "honor_labels": True, **access, **asked}, itself]}


def text(configs: dict[str, Any]) -> str:
    """The same as YAML."""
    yaml = YAML()  # rule: yaml - it writes, and reads nothing
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 1_000
    yaml.representer.ignore_aliases = lambda *_: True
    out = io.StringIO()
    yaml.dump(configs, out)
    return out.getvalue()


def _timing(estate: Estate) -> dict[str, str]:
    """As often as the target that is polled most often; with the time that the slowest first poll may take."""
    every = min((target.every for target in estate.targets), default=60.0)
    interval = int(min(max(every, SHORTEST), LONGEST))
    patience = max((target.patience for target in estate.targets), default=10.0)
    # A scrape that has to poll keeps half a second back, or a tenth: see exporters.http.budget.
    timeout = min(interval, math.ceil(patience) + 1)
    return {"scrape_interval": f"{interval}s", "scrape_timeout": f"{timeout}s"}


def _access(way: Way) -> dict[str, Any]:
    """How a client of Prometheus shows who it is, and sees who answers."""
    listed = {"ca_file": way.authority, "cert_file": way.certificate, "key_file": way.key}
    tls = {name: path for name, path in listed.items() if path is not None}
    login = {"username": way.user, "password_file": way.password_file}
    return {
        **({"scheme": "https"} if way.tls else {}),
        **({"tls_config": tls} if way.tls and tls else {}),
        **({"basic_auth": login} if way.user is not None else {}),
    }


def _each(way: Way, access: dict[str, Any]) -> dict[str, Any]:
    """A scrape for each target, which the exporters name."""
    scheme = "https" if way.tls else "http"
    client = {name: part for name, part in access.items() if name != "scheme"}
    return {
        "metrics_path": "/probe",
        "http_sd_configs": [{"url": f"{scheme}://{address}/sd", **client} for address in way.addresses],
        "relabel_configs": [
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"source_labels": ["__param_target"], "target_label": "instance"},
            # Each target is asked of the exporter that named it.
            {"source_labels": ["__meta_url"], "regex": "https?://([^/]+)/.*", "target_label": "__address__"},
        ],
    }


def _whole(way: Way, access: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - the same form as above
    """One scrape for all targets of an exporter; the instance of each value is its target."""
    return {
        "metrics_path": "/metrics/estate",
        "static_configs": [{"targets": list(way.addresses)}],
        "metric_relabel_configs": [
            {"source_labels": ["target"], "regex": "(.+)", "target_label": "instance"},
        ],
    }
