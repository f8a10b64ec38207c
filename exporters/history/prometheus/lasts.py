"""The last sample of each civil day or hour, with its instant."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Final

from exporters.history.prometheus.asking import Client, EngineError
from exporters.history.prometheus.periods import Period, period_of
from exporters.history.prometheus.rollups import Layer
from exporters.history.prometheus.samples import Asked, identity, matrix, moment, raw

Places = dict[int, tuple[int, float]]
"""By the place of a period: instant (milliseconds) and value of its last sample."""

_VALUE, _INSTANT = "last_over_time", "tlast_over_time"
_ROLLUP: Final = "rollup"


class Lasts:
    """Asks one engine for last samples."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def find(self, layer: Layer, group: Sequence[Asked], run: Sequence[Period]) -> dict[Asked, Places]:
        """Of these series in periods of one length that follow each other. Raises EngineError."""
        if self._knows_instants:
            return self._at_once(layer, group, run)
        known = self._at_ends(layer, group, run)
        silent = [one for one in group if any(period.place not in known.get(one, {}) for period in run)]
        if silent:
            for one, places in self._among_all(layer, silent, run):
                known[one] = known.get(one, {}) | places
        return known

    @functools.cached_property
    def _knows_instants(self) -> bool:
        """Whether it has the function that tells when the last sample was: MetricsQL has, PromQL has not."""
        try:
            data = self._client.ask("query", query=f"{_INSTANT}(vector(1)[2m:1m])", time="1200000000")
        except EngineError as error:
            if error.kind not in ("refused", "too_much"):
                raise
            return False
        return any(samples for _, samples in matrix(data))

    def _at_once(self, layer: Layer, group: Sequence[Asked], run: Sequence[Period]) -> dict[Asked, Places]:
        """Both out of one look at the samples."""
        length = run[0].last - run[0].first + 1
        query = f'aggr_over_time(("{_VALUE}", "{_INSTANT}"), {layer.selector(group)}[{length}ms])'
        values: dict[Asked, dict[int, float]] = {}
        instants: dict[Asked, dict[int, float]] = {}
        for labels, one, found in self._over(query, group[0].metric, run):
            (instants if labels.get(_ROLLUP) == _INSTANT else values)[one] = found
        return {
            one: {
                place: (round(instants[one][place] * 1000), value)
                for place, value in found.items()
                if place in instants.get(one, {})
            }
            for one, found in values.items()
        }

    def _at_ends(self, layer: Layer, group: Sequence[Asked], run: Sequence[Period]) -> dict[Asked, Places]:
        """Of those that have a sample in the last minutes of a period, as engines look back for an instant."""
        found, metric = layer.selector(group), group[0].metric
        firsts = {period.place: period.first for period in run}
        values = {one: of for _, one, of in self._over(found, metric, run)}
        known: dict[Asked, Places] = {}
        for _, one, instants in self._over(f"timestamp({found})", metric, run):
            for place, at in instants.items():
                value = values.get(one, {}).get(place)
                if value is not None and round(at * 1000) >= firsts[place]:
                    known.setdefault(one, {})[place] = (round(at * 1000), value)
        return known

    def _among_all(
        self, layer: Layer, group: Sequence[Asked], run: Sequence[Period]
    ) -> Iterator[tuple[Asked, Places]]:
        length = run[0].last - run[0].first + 1
        answer = raw(self._client, layer.selector(group), run[0].first, run[-1].last)
        for labels, samples in answer:
            places = {run[(at - run[0].first) // length].place: (at, value) for at, value in samples}
            yield identity(labels, group[0].metric), places

    def _over(
        self, query: str, metric: str, run: Sequence[Period]
    ) -> Iterator[tuple[dict[str, str], Asked, dict[int, float]]]:
        """Labels, series and values by place of an expression at the end of each period."""
        length = run[0].last - run[0].first + 1
        data = self._client.ask(
            "query_range",
            query=query,
            start=moment(run[0].last),
            end=moment(run[-1].last),
            step=f"{length / 1000:g}",
        )
        for labels, samples in matrix(data):
            places = {period_of(run, at).place: value for at, value in samples}
            yield labels, identity(labels, metric), places
