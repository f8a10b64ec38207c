"""The cause of each alert, and the words in which it reaches somebody: through Prometheus, and through VictoriaMetrics with vmalert.

What devices say goes through the exporter, what collectors say of themselves through their own metrics, both are scraped, and the
shipped rules with shortened waiting times decide. Whatever comes out at the end that was not expected is an error as well: one
cause is one message.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import mixing
import pytest
import servers
from ailing import CAUSES, Collectors, Place, beating
from aiohttp import web
from alerting import alertmanager, alerts, held_back, webhook

from exporters import http
from exporters.own import Own

pytestmark = pytest.mark.xdist_group("every alert")

RECEIVERS = {"critical": "on-call", "warning": "operations", "info": "lists"}
SEVERITIES = {rule["alert"]: rule["labels"]["severity"] for rule in mixing.rules("alerts")}

COMPANIONS = {
    ("JaugeTargetDown", "target-long-silent"),
    ("JaugeTargetDown", "target-silence-ends"),
    ("JaugePartFailing", "internal-errors"),
}
"""What is told beside: the same target's other trouble, which is another matter to somebody."""

NAMED = {"JaugeSiteDown": "south", "JaugeForecastStale": ""}
"""What an alert is about where that has not its name: a site, or all there is."""


def whom(one: Mapping[str, Any]) -> tuple[str, str]:
    """The name of an alert, and what it is about, where it says so."""
    labels = one["labels"]
    return labels["alertname"], labels.get("target") or labels.get("instance") or labels.get("site") or ""


def right(words: str) -> re.Pattern[str]:
    """What a sentence of causes.yml stands for."""
    return re.compile(re.escape(words).replace("…", r"[\dhms ]+"))


def told(heard: Mapping[str, list[Any]], address: str) -> dict[tuple[str, str], tuple[str, str]]:
    """What reached whom and is not over: receiver and words, by what it is about. What is sent to nobody is read in Alertmanager."""
    last = {
        whom(one): (one["status"], receiver, one["annotations"]["summary"])
        for receiver, messages in heard.items()
        for one in messages
    }
    found = {
        about: (receiver, words) for about, (status, receiver, words) in last.items() if status == "firing"
    }
    for one in alerts(address):
        if [each["name"] for each in one["receivers"]] == ["lists"] and not one["status"]["inhibitedBy"]:
            found[whom(one)] = ("lists", one["annotations"]["summary"])
    return found


OF_VICTORIA = {
    "JaugeCollectorRestarts": "Jauge's collector collector-restarts has restarted … times within an hour"
}
"""Words of vmalert: `changes` of MetricsQL counts the first value of a series too, so it fires one restart earlier."""


def amiss(found: Mapping[tuple[str, str], tuple[str, str]], more: Mapping[str, str]) -> Iterator[str]:
    """What is not as it has to be: what is missing, has other words or another receiver, or is told beside."""
    expected = {
        (cause.alert, NAMED.get(cause.alert, cause.name)): (
            RECEIVERS[SEVERITIES[cause.alert]],
            more.get(cause.alert, cause.words),
        )
        for cause in CAUSES
    }
    for about, (receiver, words) in expected.items():
        if about not in found:
            yield f"{about}: nothing came"
        elif found[about][0] != receiver or not right(words).fullmatch(found[about][1]):
            yield f"{about}: {found[about]} came, not {(receiver, words)}"
    for about in found.keys() - expected.keys() - COMPANIONS:
        yield f"{about}: {found[about]} came as well"


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("engine", "more"),
    [(mixing.prometheus, {}), (mixing.victoria, OF_VICTORIA)],
    ids=["Prometheus", "VictoriaMetrics"],
)
async def test_the_cause_of_every_alert_reaches_whom_it_concerns_in_the_right_words(
    engine: Callable[..., contextlib.AbstractContextManager[str]],
    more: Mapping[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert {cause.alert for cause in CAUSES} == SEVERITIES.keys()
    room = type(shutil.disk_usage("/"))(100 * 10**9, 99 * 10**9, 10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: room)
    place, collectors = Place(), Collectors(tmp_path)
    application = web.Application()
    application.router.add_get("/of/{name}", collectors.answer)
    async with (
        beating(place.poll, collectors.beat),
        webhook() as (hook, heard),
        servers.listening(http.create(place, Own(place.board))) as exporter,
        servers.listening(application) as others,
    ):
        with (
            alertmanager(hook) as address,
            engine(exporter, address, collectors.scraped(others), pace=2),
        ):
            end = time.monotonic() + 150
            while (
                wrong := list(amiss(await asyncio.to_thread(told, heard, address), more))
            ) and time.monotonic() < end:
                await asyncio.sleep(1)
            assert wrong == []
            # One trouble is told once: a site, not each of its targets; what is known to be the reason, not what follows.
            held = await asyncio.to_thread(held_back, address)
            assert {"JaugeTargetDown", "JaugePartFailing", "JaugeTargetRefusesLogin"} <= held
