"""How to put one's own estate in the place of the demonstration."""

from __future__ import annotations

from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.components import View, extra, heading, lead, section, stack
from dashboard.data import Data

NAME, PATH = "own", "/own-estate"

_ESTATE: Final = """timezone: Europe/Paris
language: fr
sites:
  main: {title: Main building}
credentials:
  array-read: {snmp: v2c, community: env:ARRAY_COMMUNITY}
  servers:    {ssh: {user: jauge, key: file:/etc/jauge/id_ed25519, known_hosts: /etc/jauge/known_hosts}}
targets:
  - {name: nas-01, address: 10.0.0.5, credential: array-read, site: main, ceiling: 85 %, lead_time: 12w}
  - {name: pacs-01, address: 10.0.0.9, credential: servers, role: pacs, criticality: critical}
"""
_STEPS: Final = (
    ("own.step1", _ESTATE),
    ("own.step2", "jauge check estate.yml\n"),
    ("own.step3", "jauge poll estate.yml --target nas-01\njauge explain estate.yml nas-01\n"),
    (
        "own.step4",
        "jauge user add NAME --role admin --data DIR\n"
        "jauge history import FILE.csv --data DIR\n"
        "jauge run estate.yml --data DIR\n"
        "jauge plan estate.yml --data DIR\n"
        "jauge dashboard estate.yml --data DIR\n",
    ),
)


def layout(data: Data, view: View) -> Component:
    """Four steps, each with what to type."""
    t = view.t
    steps = [
        section(
            f"{place}. {t(key)}",
            html.P(t(f"{key}.text")),
            html.Pre(html.Code(code), tabIndex=0, role="region", **extra(aria_label=t(key))),
        )
        for place, (key, code) in enumerate(_STEPS, 1)
    ]
    first = "own.lead.demo" if data.estate.demo else "own.lead.real"
    return stack(heading(t("own.title")), lead(t(first)), *steps)
