"""PACS archives, as they were last seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Final, TypedDict

import pandas as pd

from dashboard.archives import Area, Modality, Pacs, Peer, Queue, ordered, worst
from dashboard.data.files import DAY, GONE, HISTORY, PLAN
from dashboard.data.parts import Parts, Told
from dashboard.data.stores import Stores
from dashboard.data.targets import Targets
from dashboard.standing import Store
from exporters.history import Known

_WHOLE: Final[Mapping[str, str]] = {
    name: name
    for name in (
        "jauge_pacs_patients",
        "jauge_pacs_studies",
        "jauge_pacs_series",
        "jauge_pacs_instances",
        "jauge_pacs_stored_bytes",
        "jauge_pacs_uncompressed_bytes",
        "jauge_pacs_followed_ratio",
        "jauge_pacs_store_seconds",
    )
}
_ECHO: Final = "jauge_dicom_echo_success"
_TOOK: Final = "jauge_dicom_echo_duration_seconds"
_CAUSE: Final = "jauge_dicom_association_rejected"
_BY_MODALITY: Final = {
    "jauge_pacs_modality_stored_bytes": "stored",
    "jauge_pacs_modality_studies": "studies",
}

BACK: Final = 365
"""Days over which the growth of an archive is looked at."""

ECHOES: Final = 14
"""Days of which the times of echoes are shown."""


class Archives(Parts, Stores, Targets):
    """The questions about archives."""

    def pacs(self) -> list[Pacs]:
        """Every archive, worst first: targets asked over DICOM, or whose archive told something of itself."""
        none: list[Pacs] = []
        found = self._remember(("pacs", self.today), (HISTORY, PLAN), none, self._pacs)
        watched = {one.name: one for one in self.targets()}
        asked = [one.name for one in self.estate.targets if one.dicom]
        known = {one.name: one for one in found}
        whole = [
            dataclasses.replace(known.get(name, Pacs(name)), watched=watched.get(name))
            for name in dict.fromkeys((*known, *asked))
        ]
        return sorted(whole, key=lambda one: (one.severity, one.name))

    def echoes(self, name: str) -> pd.DataFrame:
        """The time of an archive's echo by hour, over the last days: frame `ds` (UTC), `y` (seconds)."""
        none = pd.DataFrame({"ds": pd.Series(dtype="datetime64[s, UTC]"), "y": pd.Series(dtype="float64")})
        ids = [one.unique_id for one in self._series(_TOOK) if one.target == name]
        if not ids:
            return none
        start = self.clock() - ECHOES * DAY
        return self._remember(
            ("echoes", name), (HISTORY,), none, lambda: _slowest(self.reader().read(ids, start, resolution="hour"))
        )  # fmt: skip

    def _pacs(self) -> list[Pacs]:
        whole, areas = self._parts(_WHOLE), self._areas()
        echoes, times = self._parts({_ECHO: _ECHO}, "aet"), self._parts({_TOOK: _TOOK}, "aet")
        jobs = self._parts({"jauge_pacs_jobs": "jobs"}, "queue", "state")
        transfers, refused = self._transfers()
        peers = self._parts({"jauge_pacs_peer_echo_success": "echo"}, "peer")
        causes, modalities = self._causes(), self._modalities()
        stores: dict[str, list[Store]] = {}
        for store in self.stores():
            stores.setdefault(store.target, []).append(store)
        names = {*whole, *echoes, *jobs, *transfers, *modalities, *areas}
        return [
            Pacs(
                name,
                values={**whole.get(name, {}).get((), {}), **self._asked(echoes, name)},
                took=self._asked(times, name).get(_TOOK),
                causes=causes.get(name, ()),
                modalities=modalities[name][0] if name in modalities else (),
                counted=modalities[name][1] if name in modalities else None,
                areas=_of(stores.get(name, []), areas.get(name, {})),
                **_waiting(name, jobs.get(name, {}), transfers.get(name, {}), refused.get(name, {})),
                peers=tuple(
                    Peer(name, peer, told["echo"] > 0 if "echo" in told else None)
                    for (peer,), told in sorted(peers.get(name, {}).items())
                ),
            )
            for name in names
        ]

    def _asked(self, found: Mapping[str, Mapping[tuple[str, ...], Told]], name: str) -> Told:
        """What the application entity told that the estate asks: not one that it asked before."""
        declared = self._declared.targets.get(name)
        parts = found.get(name, {})
        if declared is not None and declared.dicom is not None:
            return parts.get((declared.dicom.aet,), {})
        return next((told for told in parts.values() if told), {})

    def _areas(self) -> dict[str, dict[tuple[str, ...], Told]]:
        return self._parts({"jauge_pacs_tier_info": "is"}, "store", "tier")

    def _transfers(self) -> tuple[dict[str, dict[tuple[str, ...], Told]], dict[str, dict[tuple[str, ...], Told]]]:  # fmt: skip
        return (
            self._parts({"jauge_pacs_transfers": "jobs"}, "peer", "state"),
            self._parts({"jauge_pacs_transfer_failed_instances": "refused"}, "peer"),
        )

    def _causes(self) -> dict[str, tuple[str, ...]]:
        """Why archives would not talk to us when they were last asked: what was said on an earlier day is over."""
        found: dict[str, list[Known]] = {}
        for one in self._series(_CAUSE):
            found.setdefault(one.target, []).append(one)
        asked = {one.target: one.last for one in self._series(_ECHO)}
        return {
            name: tuple(
                sorted({dict(one.labels).get("reason", "") for one in told if one.last >= asked.get(name, 0)})
            )
            for name, told in found.items()
        }

    def _modalities(self) -> dict[str, tuple[tuple[Modality, ...], float]]:
        """What archives hold by modality, what they held before, and of which day that is."""
        now = self.clock()
        known = [
            one for metric in _BY_MODALITY for one in self._series(metric) if now - one.last <= GONE * DAY
        ]
        if not known:
            return {}
        start = now - (BACK + GONE) * DAY
        frame = self.reader().read([one.unique_id for one in known], start).dropna(subset="y")
        days = {str(name): rows.set_index("ds")["y"] for name, rows in frame.groupby("unique_id")}
        told: dict[str, dict[str, dict[str, pd.Series]]] = {}
        for one in known:
            if one.unique_id in days:
                code = dict(one.labels).get("modality", "")
                fields = told.setdefault(one.target, {}).setdefault(code, {})
                fields[_BY_MODALITY[one.metric]] = days[one.unique_id]
        last = {name: max(one.last for one in known if one.target == name) for name in told}
        return {
            name: (ordered(_modality(code, fields) for code, fields in found.items()), last[name])
            for name, found in told.items()
        }


def _of(stores: list[Store], tiers: Mapping[tuple[str, ...], Told]) -> tuple[Area, ...]:
    """The areas of an archive, in the order in which they are full: all its stores, where it tells of none that it writes there."""
    word = dict(map(_pair, tiers))
    told = [one for one in stores if one.name in word]
    return tuple(Area(one, word.get(one.name, "")) for one in (told or stores))


def _pair(name: tuple[str, ...]) -> tuple[str, str]:
    store, tier = name
    return store, tier


def _queues(
    target: str, jobs: Mapping[tuple[str, ...], Told], refused: Mapping[tuple[str, ...], Told]
) -> Iterator[Queue]:
    """Counts of jobs by queue, or of transfers by peer."""
    for name in dict.fromkeys(name for name, _ in jobs):
        told = {state: one["jobs"] for (queue, state), one in jobs.items() if queue == name and one}
        if told:
            yield Queue(target, name, told, refused.get((name,), {}).get("refused"))


class _Waiting(TypedDict):
    queues: tuple[Queue, ...]
    transfers: tuple[Queue, ...]


def _waiting(
    target: str,
    jobs: Mapping[tuple[str, ...], Told],
    transfers: Mapping[tuple[str, ...], Told],
    refused: Mapping[tuple[str, ...], Told],
) -> _Waiting:
    """Queues and transfers, the worst first. What counts all jobs without naming a queue leaves the transfers out here: they stand for themselves."""
    sent = tuple(_queues(target, transfers, refused))
    queues = [
        one._replace(
            jobs={
                state: max(count - sum(each.jobs.get(state, 0.0) for each in sent), 0.0)
                for state, count in one.jobs.items()
            }
        )
        if not one.name
        else one
        for one in _queues(target, jobs, {})
    ]
    return {"queues": worst(queues), "transfers": worst(sent)}


def _modality(code: str, fields: Mapping[str, pd.Series]) -> Modality:
    stored, studies = fields.get("stored"), fields.get("studies")
    before, days = None, 0
    if stored is not None and len(stored) > 1:
        newest = stored.index[-1]
        past = stored[stored.index <= newest - pd.Timedelta(days=BACK)]
        first = past.index[-1] if len(past) else stored.index[0]
        before, days = float(stored[first]), (newest - first).days
    return Modality(
        code,
        None if stored is None else float(stored.iloc[-1]),
        None if studies is None else float(studies.iloc[-1]),
        before,
        days,
    )


def _slowest(frame: pd.DataFrame) -> pd.DataFrame:
    """The slowest echo of each hour."""
    hours = frame.dropna(subset="y").groupby("ds")["y"].max().sort_index()
    return pd.DataFrame({"ds": hours.index, "y": hours.to_numpy()})
