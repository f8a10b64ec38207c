"""Clusters, archives of images and platforms, each in the sentences of its page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dashboard.data import Data
from dashboard.report.document import Block, Points
from dashboard.sentences import archives, clusters, platforms
from dashboard.texts import Texts, bare, plain

_MOST: Final = 8
"""Clusters, and archives, that are told of: the worst."""


def blocks(data: Data, t: Texts) -> Iterator[Block]:
    """What is known of them; nothing where there are none."""
    said = (*_clusters(data, t), *_archives(data, t), *_platforms(data, t))
    if said:
        yield Points(said)


def _clusters(data: Data, t: Texts) -> Iterator[str]:
    for one in data.clusters()[:_MOST]:
        told = clusters.describe(one, t, data.today)
        if told:
            yield _named(one.name, told, t)


def _archives(data: Data, t: Texts) -> Iterator[str]:
    for one in data.pacs()[:_MOST]:
        if one.modalities:
            yield _named(one.name, archives.held(one.modalities, t), t)


def _platforms(data: Data, t: Texts) -> Iterator[str]:
    known = data.platforms()
    told = {
        "messages": platforms.messages(known.channels, t) if known.channels else (),
        "telephony": platforms.used(known.telephony, t) if known.telephony else (),
        "desktops": platforms.used(known.desktops, t) if known.desktops else (),
        "databases": platforms.used(known.databases, t) if known.databases else (),
    }
    for name, said in told.items():
        if sentences := list(said):
            yield _named(t(f"report.platforms.{name}"), sentences, t)


def _named(name: str, said: list[str], t: Texts) -> str:
    return f"{plain(name)}{t('colon')}{bare(' '.join(said))}"
