"""The questions that pages may ask. No Dash here: reports and the API ask the same ones.

Files are only read, each time anew or from a short memory; one that is absent leaves its answers empty, and
the pages say what to do about it.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast
from zoneinfo import ZoneInfo

import pandas as pd
import structlog

from dashboard.declared import Declared
from dashboard.standing import Backup, Issue, Machines, Outlined, Pacs, Store, Trouble, Watched, sort_stores
from exporters import protection, status
from exporters.events import Event, EventError, Events
from exporters.history import HistoryError, Known, Reader, opening, unique_id
from exporters.plan.ledger import Ledger, Standing
from exporters.plan.outlooks import PATH_COLUMNS, Outlook, Outlooks
from exporters.plan.schema import PlanError
from exporters.protection import Job
from exporters.status import Status, StatusError, TargetStatus
from forecasting import purchase, retention
from forecasting.accuracy import Accuracy
from forecasting.accuracy import accuracy as accuracy_of
from forecasting.purchase import Plan
from forecasting.retention import Archive, Purged, Schedule
from forecasting.runway import Runway, know, look
from inventory.estate import Estate, Target
from inventory.imports import snapshots
from inventory.imports.snapshots import Snapshot
from inventory.metrics import Labels
from inventory.scenarios.reading import ScenarioError
from inventory.state import State, StateError, restores, scenarios
from inventory.state.scenarios import Decision, Saved

if TYPE_CHECKING:
    from forecasting.scenarios.comparing import Comparison
    from forecasting.scenarios.deciding import Effect

log = structlog.get_logger(__name__)

HISTORY, PLAN, STATE, STATUS, EVENTS = "history.db", "plan.db", "state.db", "status.json", "events.db"
"""Names of the files under `--data DIR`."""

SOON: Final = 180
"""Days within which a store that fills up is shown on the overview."""

LATE: Final = 2.0
"""Intervals without an answer after which a target is late."""

_DAY: Final = 86_400.0
_FRESH: Final = 5.0
"""Seconds that an answer from files is remembered."""
_FRESH_ENGINE: Final = 30.0
"""Seconds that an answer is remembered which an engine had a part in."""
_SLOW: Final = 600.0
"""The same for one that takes seconds to compute."""
_SEARCH: Final = 5.0
"""Seconds for which a purchase plan is searched while a page waits."""
_GONE: Final = 30.0
"""Days after its last value from which a store is not listed any more, as for the planner."""
_USED, _SIZE = "jauge_storage_used_bytes", "jauge_storage_size_bytes"
_BACKUP: Final = "jauge_backup_last_timestamp_seconds"

Answer = TypeVar("Answer")


class Fault(NamedTuple):
    """A file that cannot be read, what its reader said, and when it was last written."""

    file: str
    why: str
    stamp: float


class Compared(NamedTuple):
    """Scenarios beside each other, or why they cannot be computed (empty where a file cannot be read)."""

    comparison: Comparison | None
    mistake: str


class Data:
    """Everything that the pages know. `clock` gives UTC epoch seconds."""

    def __init__(
        self,
        estate: Estate | Declared,
        data_dir: Path,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._declared = estate if isinstance(estate, Declared) else Declared(estate)
        self.folder = data_dir
        self.clock = clock
        self.zone = ZoneInfo(self.estate.timezone)
        self._memory: dict[Hashable, tuple[float, tuple[float, ...], Any]] = {}
        self._faults: dict[Hashable, Fault] = {}
        self._mutex = threading.Lock()
        self._readers = threading.local()

    @property
    def estate(self) -> Estate:
        """The estate as its file declares it."""
        return self._declared.estate

    @property
    def mistake(self) -> str:
        """The first mistake of the estate's file, where it is an earlier one that is shown."""
        return self._declared.mistake

    @property
    def today(self) -> dt.date:
        """The civil day of the estate."""
        return dt.datetime.fromtimestamp(self.clock(), self.zone).date()

    # --- targets ------------------------------------------------------------------------------------

    def status(self) -> Status:
        """What the collector last wrote; empty (`at` is None) where there is none, or it cannot be read."""
        return self._remember("status", (STATUS,), Status(), lambda: status.read(self.folder / STATUS))

    def targets(self) -> list[Watched]:
        """Every target of the estate, worst first: down, late, partly failed, never polled, well."""
        known = {one.name: one for one in self.status().targets}
        found = [self._watched(target, known.get(target.name)) for target in self.estate.targets]
        return sorted(found, key=lambda one: (one.severity, one.name))

    def target(self, name: str) -> Watched | None:
        """One target of the estate, or None."""
        return next((one for one in self.targets() if one.name == name), None)

    def _watched(self, target: Target, known: TargetStatus | None) -> Watched:
        now = self.clock()
        if known is None or known.at is None:
            return Watched(target, known, "never")
        since = now - known.last_success if known.last_success is not None else None
        if not known.up:
            return Watched(target, known, "down", since)
        if since is None or since > LATE * target.every:
            return Watched(target, known, "late", since)
        failed = any(not table.up for table in known.tables)
        return Watched(target, known, "partly" if failed else "well", since)

    def events(self, limit: int, target: str | None = None) -> list[Event]:
        """The newest events, newest first: of one target where named."""
        none: list[Event] = []
        file = Events(self.folder / EVENTS)
        return self._remember(("events", target, limit), (EVENTS,), none, lambda: file.latest(limit, target))

    # --- stores -------------------------------------------------------------------------------------

    def stores(self) -> list[Store]:
        """Every store that the history knows, worst first: the earliest date, then the fullest."""
        return self._remember("stores", (HISTORY, PLAN), [], self._stores)

    def store(self, name: str) -> Outlined | None:
        """One store by its `unique_id`, with all that a page draws of it; None where nobody knows it."""
        found = next((one for one in self.stores() if one.unique_id == name), None)
        if found is None:
            return None
        return self._remember(("store", name), (HISTORY, PLAN), None, lambda: self._outlined(found))

    def _outlined(self, store: Store) -> Outlined:
        size_id = unique_id(store.target, _SIZE, store.labels)
        frame = self.reader().read([store.unique_id, size_id])
        path = Outlooks(self.folder / PLAN).path(store.unique_id) if store.outlook else _NO_PATH
        return Outlined(
            store,
            history=_one(frame, store.unique_id),
            capacity=_one(frame, size_id),
            path=path,
        )

    def _stores(self) -> list[Store]:
        outlooks = {one.unique_id: one for one in self.outlooks()}
        now = self.clock()
        used = [one for one in self._series(_USED) if now - one.last <= _GONE * _DAY]
        sizes = {(one.target, one.labels): one.unique_id for one in self._series(_SIZE)}
        last = self._last([one.unique_id for one in used] + list(sizes.values()), _GONE + 1)
        return sort_stores(
            self._store(one, last, sizes, outlooks.get(one.unique_id))
            for one in used
            if one.unique_id in last
        )

    def _store(
        self,
        known: Known,
        last: Mapping[str, float],
        sizes: Mapping[tuple[str, Labels], str],
        outlook: Outlook | None,
    ) -> Store:
        return Store(
            unique_id=known.unique_id,
            target=known.target,
            labels=known.labels,
            used=last[known.unique_id],
            size=last.get(sizes.get((known.target, known.labels), "")),
            measured=known.last,
            today=self.today,
            declared=self._declared.targets.get(known.target),
            outlook=outlook,
        )

    def outlooks(self) -> list[Outlook]:
        """The planner's newest issue; empty where it never ran."""
        return self._remember("outlooks", (PLAN,), [], Outlooks(self.folder / PLAN).latest)

    def accuracy(self) -> Accuracy:
        """How the forecasts turned out that have come due; nothing in it where none was ever made."""
        return self._remember(
            "accuracy", (PLAN,), Accuracy(), lambda: accuracy_of(Ledger(self.folder / PLAN))
        )

    def track(self, name: str) -> list[Standing]:
        """How the forecasts of one store (its `unique_id`) turned out, by horizon: see `dashboard.sentences.accuracy.describe`."""
        none: list[Standing] = []
        return self._remember(
            ("track", name), (PLAN,), none, lambda: Ledger(self.folder / PLAN).standings(name)
        )

    # --- scenarios ----------------------------------------------------------------------------------

    def scenarios(self) -> list[Saved]:
        """Every scenario that was saved, by name."""
        if not (self.folder / STATE).is_file():
            return []
        return self._remember("scenarios", (STATE,), [], lambda: scenarios.listed(State(self.folder / STATE)))

    def decisions(self, name: str) -> list[Decision]:
        """All that happened to a scenario, newest first."""
        none: list[Decision] = []
        ask = State(self.folder / STATE)
        return self._remember(("decisions", name), (STATE,), none, lambda: scenarios.decisions(ask, name))

    def comparison(self, chosen: Sequence[Saved]) -> Compared:
        """What scenarios move, beside what is to be expected without them. Computed at most once in some minutes."""
        standing = tuple((one.id, one.standing) for one in self.scenarios())
        key = ("comparison", tuple(one.id for one in chosen), standing)
        absent = Compared(None, "")
        return self._remember(key, (PLAN,), absent, lambda: self._compared(chosen), _SLOW)

    def _compared(self, chosen: Sequence[Saved]) -> Compared:
        from forecasting.scenarios.comparing import compare  # noqa: PLC0415 - the engine: only this page needs it

        try:
            wanted = [one.scenario for one in chosen]
            committed = [one.scenario for one in self.scenarios() if one.standing == "committed"]
            speeds = restores.speeds(State(self.folder / STATE)) if (self.folder / STATE).is_file() else {}
            made = compare(self.reader(), self.estate, wanted, committed, self.clock(), speeds)
            return Compared(made, "")
        except ScenarioError as error:
            return Compared(None, str(error))

    def effects(self, name: str) -> list[Effect]:
        """Expected and measured effect of a scenario that was committed; empty where it never was."""
        from forecasting.scenarios.deciding import measure  # noqa: PLC0415 - the engine: only this page needs it

        none: list[Effect] = []
        if not any(one.action == "committed" for one in self.decisions(name)):
            return none
        state = State(self.folder / STATE)
        ask = lambda: measure(state, self.reader(), name, self.clock())  # noqa: E731
        return self._remember(("effects", name), (HISTORY,), none, ask, _SLOW)

    def course(self, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """What a store held, and its size, day by day: two frames `ds, y`."""
        none = pd.DataFrame({"ds": pd.Series(dtype="datetime64[s]"), "y": pd.Series(dtype="float64")})
        known = next((one for one in self._series(_USED) if one.unique_id == name), None)
        if known is None:
            return none, none
        size = unique_id(known.target, _SIZE, known.labels)
        frame = self._remember(
            ("course", name), (HISTORY,), none.assign(unique_id=""), lambda: self.reader().read([name, size])
        )
        return _one(frame, name), _one(frame, size)

    def runway(self) -> Runway:
        """Every wall of the estate, worst first."""
        none = Runway(self.today, (), ())
        return self._remember(("runway", self.today), (HISTORY, PLAN, STATUS), none, self._runway)

    def _runway(self) -> Runway:
        reader = self.reader() if (self.folder / HISTORY).is_file() else None
        return look(know(self.estate, self.outlooks(), reader, self.status(), self.clock()))

    def purchase(self) -> Plan | None:
        """The purchase plan by the newest outlooks; None where the planner never ran."""
        outlooks, estate = self.outlooks(), self.estate
        if not outlooks:
            return None
        path = Outlooks(self.folder / PLAN).path
        return self._remember(
            ("purchase", self.today, id(estate)),
            (PLAN,),
            None,
            lambda: purchase.plan(estate, outlooks, path, self.today, seconds=_SEARCH),
            fresh=_DAY,
        )

    def archives(self) -> list[Archive]:
        """The archives that tell their bytes by year of study."""
        if not (self.folder / HISTORY).is_file():
            return []
        return self._remember("archives", (HISTORY,), [], lambda: retention.read(self.reader(), self.clock()))

    def retention(self) -> list[tuple[Schedule, Purged | None]]:
        """What may be deleted of each archive that has a rule, and how that moves its wall."""
        path = Outlooks(self.folder / PLAN).path
        return [
            (one, self._remember(
                ("purged", one.archive.target, self.today, id(self.estate)), (PLAN, HISTORY), None,
                functools.partial(retention.purged, one, self.outlooks(), path, self.today),
            ))
            for one in retention.ledgers(self.estate, self.archives(), self.today)
        ]  # fmt: skip

    # --- PACS and backups ---------------------------------------------------------------------------

    def pacs(self) -> list[Pacs]:
        """Every archive: targets asked over DICOM, or whose archive statistics the history knows."""
        none: dict[tuple[str, str], float] = {}
        last = self._remember("pacs", (HISTORY,), none, self._pacs)
        names = {name for name, _ in last} | {one.name for one in self.estate.targets if one.dicom}
        watched = {one.name: one for one in self.targets()}
        found = [
            Pacs(
                name, watched.get(name), {metric: v for (target, metric), v in last.items() if target == name}
            )
            for name in names
        ]
        return sorted(found, key=lambda one: (one.severity, one.name))

    def _pacs(self) -> dict[tuple[str, str], float]:
        now = self.clock()
        wanted = (
            "jauge_dicom_echo_success",
            "jauge_pacs_studies",
            "jauge_pacs_stored_bytes",
            "jauge_pacs_instances",
        )
        known = [one for metric in wanted for one in self._series(metric) if now - one.last <= _GONE * _DAY]
        last = self._last([one.unique_id for one in known], _GONE + 1)
        return {(one.target, one.metric): last[one.unique_id] for one in known if one.unique_id in last}

    def backups(self) -> list[Backup]:
        """Every promise of the estate and every backup job that was seen, the most overdue first.

        Whose a job is, `jauge backup status` and these pages say alike. What was promised without naming a job is kept by
        the newest restore point of any job for that machine.
        """
        none: list[Job] = []
        seen = self._remember("backups", (HISTORY,), none, self._restore_points)
        now = self.clock()
        promised: list[Backup] = []
        claimed: set[Job] = set()
        for target in self.estate.targets:
            if target.protect is None:
                continue
            one = protection.judge(target, seen, False, (), now)
            names = target.protect.jobs or [_newest(one.jobs)]
            promised += [
                Backup(target.name, job, one.rpo, _last(one.jobs, job), now)
                for job in names
                if job or one.rpo
            ]
            claimed |= {job for job in one.jobs if job.job in names}
        waiting: dict[tuple[str, str], float] = {}
        for job in seen:
            if job not in claimed and job.last is not None:
                # a job is as old as the machine of it that waits the longest
                waiting[job.by, job.job] = min(job.last, waiting.get((job.by, job.job), job.last))
        others = [Backup(by, job, None, last, now) for (by, job), last in waiting.items()]
        return sorted(
            [*promised, *others], key=lambda one: (one.severity, -(one.excess or 0), one.target, one.job)
        )

    def _restore_points(self) -> list[Job]:
        known = self._series(_BACKUP)
        last = self._last([one.unique_id for one in known], 3660)
        told = [(one.target, dict(one.labels), last[one.unique_id]) for one in known if one.unique_id in last]
        return [Job(by, pairs.get("job", ""), pairs.get("machine", ""), at) for by, pairs, at in told]

    # --- workstations -------------------------------------------------------------------------------

    def workstations(self) -> Machines | None:
        """The newest imported inventory; None where nothing was imported yet."""
        found = self._remember("workstations", (STATE,), None, self._snapshot)
        return Machines(found.at, found.file, found.workstations, self.today) if found else None

    def _snapshot(self) -> Snapshot | None:
        path = self.folder / STATE
        return snapshots.latest(State(path)) if path.is_file() else None

    # --- overview -----------------------------------------------------------------------------------

    def overview(self) -> list[Issue]:
        """What asks for somebody, worst first: what is down, late, unprotected, full soon, partly failed."""
        found = [Issue(_TROUBLES[one.state], watched=one) for one in self.targets() if one.state in _TROUBLES]
        found += [Issue("unprotected", backup=one) for one in self.backups() if one.overdue]
        found += [Issue("full", store=one) for one in self.stores() if one.is_full_within(SOON)]
        return sorted(found, key=lambda issue: issue.order)

    def silent(self) -> float | None:
        """Seconds since the collector last wrote, where that is too long; None where all is well or absent."""
        at = self.status().at
        quiet = self.clock() - at if at is not None else 0.0
        longest = max((target.every for target in self.estate.targets), default=60.0)
        return quiet if quiet > LATE * max(longest, 60.0) else None

    def faults(self) -> list[Fault]:
        """The files that could not be read when they were last asked, each once."""
        with self._mutex:
            found = {fault.file: fault for fault in self._faults.values()}
        # A file that was mended or taken away since is at fault no more.
        return [found[name] for name in sorted(found) if self._stamp(name) == found[name].stamp]

    # --- files --------------------------------------------------------------------------------------

    def reader(self) -> Reader:
        """The history; one connection to an engine for each thread, as answers are long and processes fork."""
        estate = self.estate
        if estate.history is None:
            return opening.reader(estate, self.folder / HISTORY)
        kept = getattr(self._readers, "one", None)
        if kept is None or kept[0] != os.getpid() or kept[1] is not estate:
            kept = self._readers.one = (os.getpid(), estate, opening.reader(estate, self.folder / HISTORY))
        return cast(Reader, kept[2])

    def _series(self, metric: str) -> list[Known]:
        if self.estate.history is None and not (self.folder / HISTORY).is_file():
            return []
        return self._remember(("series", metric), (HISTORY,), [], lambda: self.reader().series(metric=metric))

    def _last(self, ids: list[str], days: float) -> dict[str, float]:
        """The last value of each series, not older than that many days."""
        if not ids:
            return {}
        return self.reader().last(ids, self.clock() - days * _DAY)

    def _remember(
        self,
        key: Hashable,
        files: tuple[str, ...],
        absent: Answer,
        ask: Callable[[], Answer],
        fresh: float = _FRESH,
    ) -> Answer:
        """An answer from files, remembered for a moment; `absent` where they cannot be read, said in the log."""
        now = time.monotonic()
        stamps = tuple(self._stamp(name) for name in files)
        with self._mutex:
            kept = self._memory.get(key)
        if HISTORY in files and self.estate.history:
            fresh = max(fresh, _FRESH_ENGINE)
        if kept and kept[1] == stamps and now - kept[0] < fresh:
            return cast(Answer, kept[2])
        try:
            answer = ask()
        except tuple(_FILES) as error:
            log.warning("cannot answer", question=str(key)[:120], why=str(error))
            with self._mutex:
                if len(self._faults) > 100:
                    self._faults.clear()
                file = next(name for kind, name in _FILES.items() if isinstance(error, kind))
                if file == HISTORY and self.estate.history:
                    file = self.estate.history.url
                self._faults[key] = Fault(file, str(error), self._stamp(file))
            return absent
        with self._mutex:
            self._faults.pop(key, None)
            if len(self._memory) > 500:
                self._memory.clear()
            self._memory[key] = (now, stamps, answer)
        return answer

    def _stamp(self, name: str) -> float:
        """When a file, or its write-ahead log, was last written; 0 where there is none."""
        paths = (self.folder / name, self.folder / f"{name}-wal")
        return max((path.stat().st_mtime for path in paths if path.exists()), default=0.0)


_FILES: Final[dict[type[Exception], str]] = {
    EventError: EVENTS,
    HistoryError: HISTORY,
    PlanError: PLAN,
    StateError: STATE,
    StatusError: STATUS,
}
"""Which file each error speaks of."""

_TROUBLES: Final[dict[str, Trouble]] = {"down": "down", "late": "late", "partly": "partly"}

_NO_PATH: Final = pd.DataFrame(columns=["ds", *PATH_COLUMNS])


def _one(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The days of one series: `ds`, `y`."""
    return frame.loc[frame["unique_id"] == name, ["ds", "y"]].reset_index(drop=True)


def _newest(jobs: Sequence[Job]) -> str:
    """The job with the newest restore point; empty where there is none."""
    return max(jobs, key=lambda job: job.last or 0.0).job if jobs else ""


def _last(jobs: Sequence[Job], name: str) -> float | None:
    return max((job.last for job in jobs if job.job == name and job.last is not None), default=None)
