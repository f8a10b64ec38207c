"""What is believed of a backup: the judgement, on runs as makers tell them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from backing import NOW, Read
from hypothesis import given
from hypothesis import strategies as st

from collectors import backups
from collectors.backups import FLAWS, Circumstances, Flaw, Run, judge
from collectors.commands import borg, restic, verification
from collectors.commands.restic import Place
from inventory.estate import Estate
from inventory.metrics import METRICS

DAY = 86_400.0


def nights(count: int = 6, **told: Any) -> list[Run]:
    """A run of each of the last nights, the last one 22 hours ago: 100 GB in 5000 files, in an hour."""
    plain = Run("nightly", "pacs-01", size=100e9, files=5000.0, errors=0.0, sources=frozenset({"/a", "/b"}))
    starts = [NOW - 22 * 3600 - back * DAY for back in range(count - 1, -1, -1)]
    return [dataclasses.replace(plain, at=at, ended=at + 3600, **told) for at in starts]


def changes(count: int = 6) -> list[Run]:
    """The same, a full one first and then what changed."""
    full, *rest = nights(count)
    return [full, *(dataclasses.replace(run, level="incremental", size=2e9, files=90.0) for run in rest)]


def told(runs: list[Run], **last: Any) -> list[Run]:
    """The runs, of which the last says something else."""
    return [*runs[:-1], dataclasses.replace(runs[-1], **last)]


def verdict(runs: list[Run], **about: Any) -> backups.Verdict:
    (found,) = judge(runs, Circumstances(NOW, **about))
    return found


HONEST: dict[str, list[Run]] = {
    "every night alike": nights(),
    "the first one ever": nights(1),
    "one that grew tenfold": told(nights(), size=1000e9, files=50_000.0),
    "one a third smaller": told(nights(), size=67e9, files=3400.0),
    "a warning without an error": told(nights(), state="warning"),
    "one of an image, which has no files": [dataclasses.replace(run, files=None) for run in nights()],
    "a maker that knows no sizes": [dataclasses.replace(run, size=None, files=None) for run in nights()],
    "one more source": told(nights(), sources=frozenset({"/a", "/b", "/c"})),
    "a clock two minutes ahead": [*nights(), Run("nightly", "pacs-01", NOW + 100, NOW + 110, size=1e11, files=5e3)],
    "changes upon a full one": changes(),
    "a quiet night among busy and quiet ones": told(
        [*changes(4)[:3], dataclasses.replace(changes(4)[3], size=0.0, files=0.0), changes(5)[4]],
        size=0.0, files=0.0,
    ),
    "hardly any changes": told(changes(), size=1.0, files=1.0),
    "one that still runs after a good one": [*nights(), Run("nightly", "pacs-01", NOW - 60, None, state="running")],
}  # fmt: skip

LIES: dict[str, tuple[list[Run], Flaw]] = {
    "it failed": (told(nights(), state="failed"), "failed"),
    "somebody stopped it": (told(nights(), state="cancelled"), "cancelled"),
    "a word that we do not know": (told(nights(), state="unknown"), "unknown_state"),
    "OK, with an error": (told(nights(), errors=1.0), "errors"),
    "a warning, with errors": (told(nights(), state="warning", errors=12.0), "errors"),
    "OK, with no bytes": (told(nights(), size=0.0), "empty"),
    "OK, with no files": (told(nights(), files=0.0), "empty"),
    "OK, with nothing at all": (told(nights(), size=0.0, files=0.0), "empty"),
    "the first one ever holds nothing": (nights(1, size=0.0, files=0.0), "empty"),
    "OK, without files and sizes unknown": (told(nights(), files=0.0, size=None), "empty"),
    "half of the bytes are gone": (told(nights(), size=49e9), "shrunken"),
    "half of the files are gone": (told(nights(), files=2400.0), "shrunken"),
    "a file of one byte is left": (told(nights(), size=1.0, files=1.0), "shrunken"),
    "shrunken since two nights": ([*told(nights(5), size=1e9), told(nights(6), size=1e9)[-1]], "shrunken"),
    "a source is missing": (told(nights(), sources=frozenset({"/a"})), "source_missing"),
    "another source instead": (told(nights(), sources=frozenset({"/a", "/c"})), "source_missing"),
    "it starts tomorrow": (told(nights(), at=NOW + DAY, ended=NOW + DAY + 1), "in_future"),
    "it ends tomorrow": (told(nights(), ended=NOW + DAY), "in_future"),
    "an hour in the future, as a wrong zone makes it": (told(nights(), at=NOW + 3600, ended=None), "in_future"),
    "it ends before it starts": (told(nights(), ended=NOW - 30 * 3600), "end_before_start"),
    "nobody knows when": (told(nights(), at=None, ended=None), "no_time"),
    "changes without a full one": (changes()[1:], "no_full"),
    "changes upon a full one that failed": ([dataclasses.replace(changes()[0], state="failed"), *changes()[1:]], "no_full"),
    "changes upon a full one that is empty": (
        [dataclasses.replace(changes()[0], size=0.0, files=0.0), *changes()[1:]], "no_full",
    ),
    "no changes where there always were some": (told(changes(), size=0.0, files=0.0), "empty"),
    "a part of an archive": (told(nights(), whole=False), "unfinished"),
    "a verification found it bad": (told(nights(), sound=False), "not_verified"),
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_backup_is_believed(name: str) -> None:
    found = verdict(HONEST[name])
    assert found.flaws == ()
    assert found.protecting
    assert len(found.good) == len([run for run in HONEST[name] if run.state != "running"])


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_not_believed_and_the_last_good_point_stays_the_earlier_one(name: str) -> None:
    runs, flaw = LIES[name]
    found = verdict(runs)
    assert flaw in found.flaws
    assert not found.protecting
    assert runs[-1] not in found.good
    assert all(run.at is not None and run.at <= NOW for run in found.good)


def test_each_flaw_of_the_list_is_told_by_a_lie_and_named_in_the_vocabulary() -> None:
    told_by = {flaw for _, flaw in LIES.values()} | {"repository_broken"}
    assert told_by == set(FLAWS)
    assert [flaw for flaw in FLAWS if flaw not in METRICS["jauge_backup_not_protecting"].help] == []


def test_a_repository_that_does_not_verify_holds_no_restore_point() -> None:
    found = verdict(nights(), broken=True)
    assert found.flaws == ("repository_broken",)
    assert found.good == ()


def test_a_shrunken_source_is_not_believed_however_long_it_stays_so() -> None:
    runs = nights(20)
    small = [dataclasses.replace(run, size=10e9, files=400.0) for run in runs[5:]]
    found = verdict([*runs[:5], *small])
    assert "shrunken" in found.flaws
    assert found.good[-1] == runs[4]


def test_a_smaller_size_that_somebody_accepted_is_the_measure_from_then_on() -> None:
    runs = nights(20)
    small = [dataclasses.replace(run, size=10e9, files=400.0) for run in runs[5:]]
    since = runs[5].at
    assert since is not None
    assert verdict([*runs[:5], *small], accepted={"nightly": since}).protecting
    gone = dataclasses.replace(small[-1], size=1e9)
    assert "shrunken" in verdict([*runs[:5], *small[:-1], gone], accepted={"nightly": since}).flaws


def test_a_full_run_beyond_the_end_of_a_cut_list_may_exist() -> None:
    assert verdict(changes()[1:], complete=False).flaws == ()
    failed = [dataclasses.replace(changes()[0], state="failed"), *changes()[1:]]
    assert verdict(failed, complete=False).flaws == ("no_full",)


def test_the_order_in_which_runs_are_listed_does_not_matter() -> None:
    runs = told(nights(), errors=3.0)
    assert verdict(runs) == verdict(runs[::-1])


def test_machines_of_one_job_are_judged_apart() -> None:
    other = [dataclasses.replace(run, machine="db-01", size=1e9) for run in nights()]
    first, second = judge([*nights(), *told(other, state="failed")], Circumstances(NOW))
    assert (first.machine, first.protecting) == ("pacs-01", True)
    assert (second.machine, second.protecting) == ("db-01", False)


def test_the_drift_is_the_size_over_the_median_of_the_ten_before() -> None:
    sizes = [90e9, 100e9, 110e9, 500e9, 100e9]
    runs = [dataclasses.replace(run, size=size) for run, size in zip(nights(6), [*sizes, 60e9], strict=True)]
    assert verdict(runs).size_drift == pytest.approx(0.6)
    read = Read(list(backups.read(runs, Circumstances(NOW))))
    assert read.value("jauge_backup_size_drift_ratio") == pytest.approx(0.6)
    assert read.value("jauge_backup_last_duration_seconds") == 3600


_RUN = st.builds(
    Run, st.sampled_from(["a", "b"]), st.sampled_from(["", "m"]),
    at=st.none() | st.floats(0, 2 * NOW), ended=st.none() | st.floats(0, 2 * NOW),
    state=st.sampled_from(["ok", "warning", "failed", "cancelled", "running", "unknown"]),
    level=st.sampled_from(["full", "differential", "incremental"]),
    size=st.none() | st.floats(0, 1e18), files=st.none() | st.floats(0, 1e9), errors=st.none() | st.floats(0, 9),
    sources=st.frozensets(st.sampled_from("xyz")), whole=st.booleans(), sound=st.booleans(),
)  # fmt: skip


@given(st.lists(_RUN, max_size=12), st.booleans(), st.booleans())
def test_whatever_is_listed_nothing_with_a_flaw_counts_as_a_restore_point(
    runs: list[Run], broken: bool, complete: bool
) -> None:
    for found in judge(runs, Circumstances(NOW, broken, complete)):
        assert found.protecting == (bool(found.good) and found.last is found.good[-1])
        for run in found.good:
            assert not broken
            assert run.state in ("ok", "warning")
            assert run.whole
            assert run.sound
            assert not run.errors
            assert run.at is not None
            assert run.at <= NOW + backups.SKEW
            assert run.ended is None or run.at <= run.ended <= NOW + backups.SKEW
            assert run.level != "full" or run.size != 0


# --- the log of a verification ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("log", "sound"),
    [
        ("load indexes\ncheck all packs\n\nno errors were found\n", True),
        ("load indexes\nFatal: repository contains errors\n", False),
        ("load indexes\nFatal: repository contains errors\nload indexes\nno errors were found\n", True),
        ("load indexes\nno errors were found\nload indexes\nFatal: repository contains errors\n", False),
        ("load indexes\nno errors were found\nload indexes\ncheck all packs\n", None),
        ("load indexes\nFatal: repository contains errors\nload indexes\n", False),
        ("Fatal: wrong password or no key found\n", None),
        ("", None),
        (
            "Starting repository check\nFinished full repository check, no problems found.\n"
            "Starting archive consistency check...\nArchive consistency check complete, no problems found.\n",
            True,
        ),
        (
            "Starting repository check\nFinished full repository check, errors found.\n"
            "Starting archive consistency check...\nArchive consistency check complete, no problems found.\n",
            False,
        ),
        (
            "Starting archive consistency check...\nArchive consistency check complete, problems found.\n",
            False,
        ),
    ],
)
def test_a_repository_is_sound_only_where_the_last_verification_ended_and_says_so(
    log: str, sound: bool | None
) -> None:
    listed, found = verification.split(f"[]\n{verification.MARK}{int(NOW) - 60}\n{log}", NOW)
    assert (listed.strip(), found.sound) == ("[]", sound)
    assert found.at == NOW - 60


def test_a_verification_of_tomorrow_has_no_time() -> None:
    text = f"[]{verification.MARK}{int(NOW + DAY)}\nno errors were found\n"
    assert verification.split(text, NOW)[1] == (True, None)


# --- what makers list ---------------------------------------------------------------------------------------


def snapshot(day: int, **told: Any) -> dict[str, Any]:
    """A snapshot as restic 0.17 lists it."""
    summary = {
        "backup_start": f"2026-01-0{day}T02:00:00.5+01:00", "backup_end": f"2026-01-0{day}T02:09:00.5+01:00",
        "files_new": 3, "total_files_processed": 5000, "total_bytes_processed": 100_000_000,
    }  # fmt: skip
    return {
        "time": f"2026-01-0{day}T02:00:00.5+01:00", "hostname": "pacs-01", "tags": ["nightly"], "paths": ["/srv"],
        "summary": summary | told,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("told", "reasons"),
    [
        ({}, set()),
        ({"total_bytes_processed": 0, "total_files_processed": 0}, {"empty"}),
        ({"total_bytes_processed": 4_000_000}, {"shrunken"}),
        ({"total_files_processed": 12}, {"shrunken"}),
        ({"backup_end": "2026-01-08T23:00:00Z"}, {"end_before_start"}),
        ({"backup_end": "2026-02-08T23:00:00Z"}, {"in_future"}),
    ],
)
def test_restic_17_tells_sizes_and_times_and_is_not_believed_blindly(
    told: dict[str, Any], reasons: set[str]
) -> None:
    rows = [*(snapshot(day) for day in range(1, 9)), snapshot(9, **told)]
    read = Read(list(restic.parse_snapshots(json.dumps(rows), Place(clock=lambda: NOW))))
    assert read.reasons() == reasons
    day = 8 if reasons else 9
    assert read.value("jauge_backup_last_timestamp_seconds") == 1_767_142_800.5 + day * DAY
    assert read.value("jauge_backup_last_duration_seconds") == 540
    assert read.value("jauge_backup_restore_points") == day


@pytest.mark.parametrize("place", [None, Place("r", clock=lambda: NOW)])
@pytest.mark.parametrize("parse", [restic.parse_snapshots, borg.parse])
@given(name=st.text(min_size=1), text=st.text())
def test_names_of_jobs_are_bounded_and_printable(
    parse: Callable[..., Any], place: Place | None, name: str, text: str
) -> None:
    rows: Any = [{"time": "2026-01-05T02:00:00Z", "hostname": name, "tags": [text]}]
    archives = {"archives": [{"name": name, "hostname": text, "start": "2026-01-05T02:00:00.000000"}]}
    for sample in parse(json.dumps(rows if parse is restic.parse_snapshots else archives), place):
        assert all(len(value) <= 200 and value.isprintable() for _, value in sample.labels)


def test_what_the_estate_accepts_begins_with_a_day_of_its_timezone() -> None:
    accept = [{"job": "nightly", "since": "2026-01-05", "reason": "the archive moved"}]
    estate = Estate.model_validate({"timezone": "Europe/Paris", "backups": {"accept": accept}})
    assert estate.accepted() == {"nightly": 1_767_567_600.0}  # 2026-01-04 23:00 UTC
    rows = [
        *(snapshot(day) for day in range(1, 5)),
        *(snapshot(day, total_bytes_processed=9) for day in range(5, 10)),
    ]
    for accepted, reasons in (({"pacs-01:nightly": 1_767_567_600.0}, set()), ({}, {"shrunken"})):
        place = Place(accepted=accepted, clock=lambda: NOW)
        assert Read(list(restic.parse_snapshots(json.dumps(rows), place))).reasons() == reasons
