"""A small estate with a history of known truth, for the tests of scenarios."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np

from exporters.history import Point
from exporters.history.days import number
from exporters.history.sqlite import Day, Writer
from inventory.metrics import Labels, labels

TB, GB = 1e12, 1e9
ZONE = "Europe/Paris"
COUNT = 500

ESTATE = """timezone: Europe/Paris
language: en
credentials: {c: {snmp: v2c, community: file:/etc/hostname}}
defaults: {credential: c, lead_time: 12w}
targets:
  - name: pacs-01
    protect: {rto: 4h, repositories: [{target: vault-01, link: 1 Gbit/s, restore: 500 MB/s, change: 1 %}]}
    depends: [nas-01]
  - {name: nas-01, depends: [switch-01], protect: {repositories: [{target: vault-01, reduction: 2, restore: 1 GB/s}]}}
  - {name: viewer-01, depends: [pacs-01], protect: {rto: 8h, repositories: [{target: vault-01, restore: 100 MB/s}]}}
  - {name: vault-01, protect: {repositories: [{target: pacs-01, store: /copy}]}}
  - {name: switch-01, depends: [nas-01]}
"""

STORES = {
    # target, store: bytes today, bytes a day, size
    ("pacs-01", "/srv/pacs"): (40 * TB, 20 * GB, 60 * TB),
    ("pacs-01", "/copy"): (1 * TB, 0.0, 50 * TB),
    ("nas-01", "/vol/x"): (10 * TB, 10 * GB, 30 * TB),
    ("viewer-01", "/"): (2 * TB, 1 * GB, 4 * TB),
    ("vault-01", "/vault"): (20 * TB, 10 * GB, 32 * TB),
}


def pairs(store: str) -> Labels:
    return labels(store=store, kind="filesystem")


def write(
    folder: Path, now: float, more: dict[tuple[str, str], np.ndarray] | None = None, ahead: int = 0
) -> None:
    """The estate and its history as of `now`; `more` is added to a store day by day, `ahead` days later on."""
    folder.mkdir(exist_ok=True)
    (folder / "estate.yml").write_text(ESTATE)
    today = number(dt.datetime.fromtimestamp(now, dt.UTC).date()) + ahead
    writer = Writer(folder / "history.db", ZONE, clock=lambda: now + ahead * 86_400.0)
    chance = np.random.default_rng(3)
    wanders = {key: chance.normal(0, 2 * GB, COUNT + 800) for key in STORES}
    for key, (used, daily, size) in STORES.items():
        values = used + daily * np.arange(1 - COUNT, ahead + 1) + wanders[key][: COUNT + ahead]
        if more and key in more:
            values[-len(more[key]) :] += more[key]
        for metric, column in (
            ("jauge_storage_used_bytes", values),
            ("jauge_storage_size_bytes", np.full(len(values), size)),
        ):
            first = today - len(column)
            writer.keep_days(
                [Day(key[0], metric, pairs(key[1]), first + k, float(v)) for k, v in enumerate(column)]
            )
    writer.append([Point("pacs-01", "jauge_target_up", (), now + ahead * 86_400.0 - 60, 1.0)])
    writer.close()
