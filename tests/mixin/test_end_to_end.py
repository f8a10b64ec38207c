"""From a cause to the words of a message: the exporter, Prometheus with the shipped rules, Alertmanager as in the example, a webhook.

The rules are a copy by the loader that the dashboards are tested with: the same but for their waiting times.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import mixing
import servers
from alerting import alertmanager, held_back, until, webhook
from outlining import outlook

from collectors.board import Board
from collectors.poll import Poll, Series, Table
from exporters import http
from exporters.own import Own
from exporters.plan.outlooks import Outlooks
from inventory.estate import Estate
from inventory.metrics import Reason, Sample, labels
from jauge.dates import Dates
from jauge.protecting import Shield

PARIS = ZoneInfo("Europe/Paris")
TODAY = dt.datetime.now(PARIS).date()
TB = 1e12
CREDENTIALS = {
    "root": {"ssh": {"user": "jauge", "password": "env:P", "known_hosts": "/etc/ssh/ssh_known_hosts"}}
}
JOB = (("job", "pacs-01:nightly"), ("machine", "pacs-01"))


class Hospital:
    """An estate whose polls the test makes; dates come from a real plan, and backups are judged as the collector judges them."""

    ready = True

    def __init__(self, folder: Path) -> None:
        self.estate = Estate.model_validate({
            "timezone": "Europe/Paris",
            "sites": {"north": None},
            "credentials": CREDENTIALS,
            "targets": [
                {"name": "eai-01", "site": "north", "role": "message engine"},
                {"name": "nas-01", "site": "north"},
                {"name": "pacs-01", "site": "north", "protect": {"rpo": "24h", "jobs": ["pacs-01:nightly"]}},
                {"name": "backup-01", "site": "north", "ssh": {"commands": ["bacula"], "credential": "root"}},
            ],
        })  # fmt: skip
        self.board = Board(self.estate.targets)
        self._dates = Dates(folder / "plan.db", PARIS)
        self._shield = Shield(self.board, lambda: self.estate, folder / "state.db", whole=True)
        Outlooks(folder / "plan.db").issue([
            outlook("nas-01", "pool-a", TODAY, 90 * TB, 100 * TB, 0.1 * TB, lead=90),  # full in 100 days
            outlook("nas-01", "pool-b", TODAY, 10 * TB, 100 * TB, 0.1 * TB, lead=90),  # in 900
        ], time.time())  # fmt: skip

    async def poll_now(self, name: str, deadline_seconds: float) -> Poll:
        self.polled(name)
        poll = self.board[name].poll
        assert poll
        return poll

    def extra(self, name: str) -> Sequence[Sample]:
        return [*self._dates.samples(name), *self._shield.samples(name)]

    def polled(
        self, name: str, found: dict[Series, float] | None = None, reason: Reason | None = None
    ) -> None:
        """Record a poll: of a target that is well and says what was `found`, or that failed."""
        now = time.time()
        told = found or {("jauge_uptime_seconds", ()): 86400.0}
        table = Table("all", now, 0.1, tuple(told), tuple(told.values()))
        self.board[name].record(Poll(name, now, 0.1, (table if reason is None else Table("all", now, 0.1, reason=reason),)))  # fmt: skip

    def saved(self, hours: float) -> None:
        """Record what the backup server says: a good point so many hours ago."""
        said = {
            ("jauge_backup_last_timestamp_seconds", JOB): time.time() - hours * 3600,
            ("jauge_backup_protecting", JOB): 1.0,
        }
        self.polled("backup-01", said)

    def channel(self, up: bool) -> None:
        """Record what the message engine says of its one channel."""
        self.polled("eai-01", {("jauge_hl7_channel_up", labels(channel="ADT")): float(up)})


async def test_what_happens_reaches_those_whom_it_concerns_in_words_that_they_understand(
    tmp_path: Path,
) -> None:
    place = Hospital(tmp_path)
    for name in ("nas-01", "pacs-01"):
        place.polled(name)
    place.channel(up=True)
    place.saved(hours=5)

    def told(receiver: str) -> dict[str, Any]:
        return {one["labels"]["alertname"]: one for one in heard[receiver] if one["status"] == "firing"}

    async with (
        webhook() as (hook, heard),
        servers.listening(http.create(place, Own(place.board))) as exporter,
    ):
        with alertmanager(hook) as receiver, mixing.prometheus(exporter, receiver) as api:
            # While all is well there is an order to make, and machines that no backup job knows: for the working hours.
            await until(lambda: len(told("operations")) >= 2, "not told")
            assert set(told("operations")) == {"JaugeStoreOrderSoon", "JaugeMachineInNoJob"}
            assert told("on-call") == {}
            order = told("operations")["JaugeStoreOrderSoon"]
            assert {order["labels"][name] for name in ("target", "store", "site")} == {
                "nas-01",
                "pool-a",
                "north",
            }
            assert order["annotations"]["summary"] in {
                f"Order room for pool-a on nas-01 within {days} days" for days in (9, 10)
            }
            assert order["annotations"]["runbook_url"].endswith("/docs/runbooks/JaugeStoreOrderSoon.md")

            # What happens now: a target falls silent, last night's backup did not come, a channel stops.
            place.polled("nas-01", reason="timeout")
            place.saved(hours=30)
            place.polled("pacs-01")
            place.channel(up=False)
            grave = {"JaugeTargetDown", "JaugeBackupLate", "JaugeHl7ChannelStopped"}
            await until(lambda: set(told("on-call")) >= grave, f"not told: {told('on-call')}")
            assert set(told("on-call")) == grave
            words = {name: one["annotations"]["summary"] for name, one in told("on-call").items()}
            assert words == {
                "JaugeTargetDown": "nas-01 does not answer",
                "JaugeBackupLate": "pacs-01 has no good backup within its promise (job pacs-01:nightly)",
                "JaugeHl7ChannelStopped": "The channel ADT of eai-01 has stopped",
            }

            # A target is back and another goes: the first is over, and what the other last said of its parts is held back.
            place.polled("nas-01")
            place.polled("eai-01", reason="refused")

            def over() -> set[str]:
                return {one["labels"]["target"] for one in heard["on-call"] if one["status"] == "resolved"}

            await until(lambda: over() == {"nas-01"}, "not told to be over")
            await until(
                lambda: told("on-call")["JaugeTargetDown"]["labels"]["target"] == "eai-01", "not told"
            )
            await until(lambda: held_back(receiver) == {"JaugeHl7ChannelStopped"}, "not held back")
            assert mixing.ask(api, 'ALERTS{alertname="JaugeTargetDown",target="nas-01"}') == []
