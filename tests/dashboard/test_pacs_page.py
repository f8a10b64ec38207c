"""The page of PACS, on a history that the real writer wrote and a status as the collector writes it."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
from asking import ask, words
from wrote import DAYS, Wrote

from dashboard.app import create
from dashboard.archives import Modality, Pacs, summed
from dashboard.data import Data
from exporters.history.sqlite import Reader
from exporters.plan.outlooks import Outlooks
from exporters.status import Status, TableStatus, TargetStatus
from forecasting.plan import plan
from inventory.checking import load
from inventory.metrics import labels
from inventory.state import open_state

ESTATE = """timezone: Europe/Paris
language: en
credentials: {c: {snmp: v2c, community: file:/etc/hostname}}
defaults: {credential: c}
retention: {years: 20}
targets:
  - {name: pacs-01, address: 127.0.0.1, dicom: {aet: MAIN}}
  - {name: vna-01, address: 127.0.0.1, dicom: {aet: VNA, calling: WATCH}}
  - {name: old-01, address: 127.0.0.1, dicom: {aet: OLD}}
  - {name: new-01, address: 127.0.0.1, dicom: {aet: NEW}}
"""
TB = 1e12
HOSTILE = "<b>peer</b>"


def status(wrote: Wrote) -> Status:
    def target(name: str, reason: str | None = None, detail: str = "") -> TargetStatus:
        echo = TableStatus("echo", reason is None, wrote.now - 60, 0.12, 1, reason=reason, detail=detail)
        return TargetStatus(name, reason is None, wrote.now - 60, 0.2, wrote.now - 60, tables=(echo,))

    silent = target("old-01", "refused", "nothing listens on port 104")
    return Status(wrote.now, (target("pacs-01"), target("vna-01"), silent))


def told(wrote: Wrote) -> None:
    """What the archives told a minute ago."""
    one, other = "pacs-01", "vna-01"
    for target, metric, pairs, value in (
        (one, "jauge_dicom_echo_success", {"aet": "MAIN"}, 1),
        (one, "jauge_dicom_echo_success", {"aet": "FORMER"}, 0),
        (one, "jauge_pacs_studies", {}, 1_000_000),
        (one, "jauge_pacs_stored_bytes", {}, 44 * TB),
        (one, "jauge_pacs_modality_studies", {"modality": "CT"}, 100_000),
        (one, "jauge_pacs_year_stored_bytes", {"year": "2001"}, 2 * TB),
        (one, "jauge_pacs_jobs", {"state": "pending"}, 9),
        (one, "jauge_pacs_jobs", {"state": "running"}, 2),
        (one, "jauge_pacs_jobs", {"state": "failure"}, 2),
        (one, "jauge_pacs_transfers", {"peer": HOSTILE, "state": "pending"}, 4),
        (one, "jauge_pacs_transfers", {"peer": HOSTILE, "state": "running"}, 1),
        (one, "jauge_pacs_transfers", {"peer": HOSTILE, "state": "failure"}, 2),
        (one, "jauge_pacs_transfer_failed_instances", {"peer": HOSTILE}, 31),
        (one, "jauge_pacs_peer_echo_success", {"peer": "SCAN01"}, 1),
        (one, "jauge_pacs_peer_echo_success", {"peer": "TELERAD"}, 0),
        (other, "jauge_dicom_echo_success", {"aet": "VNA"}, 0),
        (other, "jauge_dicom_association_rejected", {"aet": "VNA", "reason": "calling_aet_not_recognized"}, 1),
        (other, "jauge_pacs_modality_stored_bytes", {"modality": "CT"}, 5 * TB),
        (other, "jauge_pacs_jobs", {"queue": "export", "state": "pending"}, 7),
        (other, "jauge_pacs_jobs", {"queue": "export", "state": "running"}, 0),
        (other, "jauge_pacs_jobs", {"queue": "export", "state": "failure"}, 0),
        (other, "jauge_pacs_tier_info", {"store": "fast", "tier": "ONLINE"}, 1),
        (other, "jauge_storage_used_bytes", {"store": "fast", "kind": "tier"}, 9 * TB),
        (other, "jauge_storage_used_bytes", {"store": "/", "kind": "filesystem"}, 1e9),
    ):  # fmt: skip
        wrote.last(target, metric, labels(**pairs), value)


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Data:
    folder = tmp_path_factory.mktemp("pacs")
    (folder / "estate.yml").write_text(ESTATE)
    wrote = Wrote(folder)
    told(wrote)
    # 20 TB of CT became 30 within the days that the history holds, 10 TB of MR became 12.
    for modality, first, last in (("CT", 20 * TB, 30 * TB), ("MR", 10 * TB, 12 * TB)):
        wrote.days("pacs-01", "jauge_pacs_modality_stored_bytes", labels(modality=modality), first, last)
    # An archive that refused us until ten days ago and answers again.
    rejected = labels(aet="MAIN", reason="called_aet_not_recognized")
    wrote.days("pacs-01", "jauge_dicom_association_rejected", rejected, 1, 1, until=10)
    wrote.days("vna-01", "jauge_storage_used_bytes", labels(store="fast", kind="tier"), 6 * TB, 9 * TB)
    wrote.days("vna-01", "jauge_storage_size_bytes", labels(store="fast", kind="tier"), 10 * TB, 10 * TB)
    wrote.writer.close()
    plan(Reader(folder / "history.db"), Outlooks(folder / "plan.db"), wrote.now)
    (folder / "status.json").write_text(json.dumps(dataclasses.asdict(status(wrote))))
    found = Data(load(folder / "estate.yml"), folder)
    found.clock = lambda: wrote.now
    return found


def page(data: Data, search: str = "", language: str = "en") -> str:
    app = create(data, open_state(data.folder / "state.db"), demo=True)
    return re.sub(r"\s+", " ", words(ask(app, "/pacs", search, language)))


def test_whoever_does_not_answer_comes_first_with_the_cause_and_what_to_do(archives: Data) -> None:
    assert [(one.name, one.state) for one in archives.pacs()] == [
        ("old-01", "silent"), ("vna-01", "refused"), ("new-01", "unknown"), ("pacs-01", "answers"),
    ]  # fmt: skip
    shown = page(archives)
    assert "Archives that answered the last C-ECHO: 1 of 4. Of 1 nobody knows" in shown
    assert (
        "refuses us vna-01 It does not know our AE title. Have its administrator add our AE title WATCH."
        in shown
    )
    assert (
        "does not answer old-01 Connection refused. Is the service started, and is the port right?" in shown
    )
    assert "answers 120 ms pacs-01" in shown


def test_what_was_refused_on_an_earlier_day_or_under_another_title_is_over(archives: Data) -> None:
    (one,) = (one for one in archives.pacs() if one.name == "pacs-01")
    assert (one.echo, one.causes) == (True, ())


def test_bytes_and_growth_are_told_by_modality_and_what_is_unknown_stays_so(archives: Data) -> None:
    shown = page(archives, "?target=pacs-01")
    assert "CT · scanner holds most: 30.0 TB of 42.0 TB (71%)." in shown
    days = DAYS - 1
    assert f"Over the last {days} days 12.0 TB came in; most of that is CT · scanner, with 10.0 TB." in shown
    # 1.5 ** (365 / 119) - 1 = 2.468; 30 TB of 100,000 studies are 300 MB
    assert f"CT · scanner 30.0 TB 71% 10.0 TB {days} days 247% 100,000 300 MB" in shown
    assert f"MR · magnetic resonance 12.0 TB 29% 2.00 TB {days} days 75% unknown unknown" in shown


def test_several_archives_are_summed_only_where_each_tells() -> None:
    one = Pacs("a", modalities=(Modality("CT", 10.0, 5.0, 8.0, 365), Modality("MR", 4.0, None, 3.0, 365)))
    other = Pacs("b", modalities=(Modality("CT", 30.0, None, 20.0, 365), Modality("US", 1.0, 2.0)))
    same = Pacs("c", modalities=(Modality("MR", 5.0, None, 5.0, 30),))
    found = {each.code: each for each in summed([one, other, same])}
    assert list(found) == ["CT", "MR", "US"]
    assert found["CT"] == Modality("CT", 40.0, None, 28.0, 365)
    assert found["MR"].before is None, "of spans that differ there is no one growth"
    assert found["US"].added is None


def test_what_failed_and_what_stands_still_come_first_and_nothing_is_counted_twice(archives: Data) -> None:
    shown = page(archives)
    assert "In 1 queue something failed. In 1 queue jobs wait and none runs. Waiting in all: 16." in shown
    assert f"failed to {HOSTILE} (C-STORE) pacs-01 4 1 2 31 Look in the archive" in shown
    assert "stuck forwarding and archiving vna-01 7 0 0 Look whether its worker runs" in shown
    # nine wait and two failed in all: four and two of them are transfers
    assert "well other jobs pacs-01 5 1 0" in shown
    assert shown.index(HOSTILE) < shown.index("forwarding and archiving")


def test_an_archive_that_names_its_tiers_shows_those_and_not_the_disk_of_its_system(archives: Data) -> None:
    shown = page(archives, "?target=vna-01")
    assert "fast of vna-01 is full first: 90% are used" in shown
    assert "fast at once 9.00 TB 10.0 TB 90%" in shown
    assert "1.00 GB" not in shown
    assert "How many studies it holds is unknown" in shown
    assert "nobody tells its bytes by year of study" in shown


def test_an_archive_has_a_page_of_its_own_with_whom_it_reaches_and_what_it_may_delete(archives: Data) -> None:
    shown = page(archives, "?target=pacs-01", "fr")
    assert "Elle a répondu au dernier C-ECHO en 120 ms." in shown
    assert "Correspondants qui ont répondu au C-ECHO de l'archive : 1 sur 2." in shown
    assert "Ce qui peut être supprimé, année par année" in shown
    assert "pacs-01 contient 2,00 To" in shown
    assert "No archive of that name" in page(archives, "?target=nobody")


def test_one_archive_alone_is_shown_at_once(archives: Data, tmp_path: Path) -> None:
    only = "\n".join(line for line in ESTATE.splitlines() if "{name: " not in line or "new-01" in line)
    (tmp_path / "estate.yml").write_text(only)
    shown = page(Data(load(tmp_path / "estate.yml"), tmp_path))
    assert "Whether it answers C-ECHO is unknown" in shown
    assert "All archives" not in shown


def test_an_estate_without_archives_says_how_to_declare_one(tmp_path: Path) -> None:
    (tmp_path / "estate.yml").write_text(
        ESTATE[: ESTATE.index("targets:")] + "targets: [{name: me, host: true}]\n"
    )
    assert "Give a target a dicom: section" in re.sub(
        r" +", " ", page(Data(load(tmp_path / "estate.yml"), tmp_path))
    )
