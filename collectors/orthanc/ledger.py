"""What an archive keeps, by modality and year: the sums of its series as they come, grow and go. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from collectors.modalities import MOST, OTHER, code
from inventory.metrics import Sample, labels

UNKNOWN: Final = "unknown"


class Series(NamedTuple):
    """A series: its modality, the key of its study, its bytes on disk."""

    modality: str
    study: int
    size: int


def year(told: object) -> str:
    """The year of a StudyDate (0008,0020), such as 20260105.

    >>> year("20260105"), year(""), year("19000101x")
    ('2026', 'unknown', 'unknown')
    """
    text = str(told).strip(" \0")
    plausible = len(text) == 8 and text.isascii() and text.isdigit() and "1900" <= text[:4] <= "2099"
    return text[:4] if plausible else UNKNOWN


class Ledger:
    """Sums over series that are each known by a key. No identity is in it: a key is a hash of Orthanc's."""

    def __init__(self) -> None:
        self._series: dict[int, Series] = {}
        self._years: dict[int, str] = {}
        self._held: Counter[int] = Counter()
        self._shares: Counter[tuple[int, str]] = Counter()
        self._modalities: dict[str, list[int]] = {}
        self._spans: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return len(self._series)

    def __contains__(self, key: object) -> bool:
        return key in self._series

    def keys(self) -> Iterator[int]:
        """The keys of all series."""
        return iter(self._series)

    def dated(self, study: int) -> bool:
        """Whether the year of a study is known already."""
        return study in self._years

    def put(self, key: int, modality: str, study: int, size: int, when: str = UNKNOWN) -> None:
        """Enter a series, or what became of it. `when` is the year of its study, where that is new."""
        known = self._years.get(study, when)
        self.remove(key)
        self._years[study] = known
        name = code(modality)
        if name not in self._modalities and len(self._modalities) >= MOST:
            name = OTHER
        self._series[key] = series = Series(name, study, size)
        self._add(series, 1)

    def remove(self, key: int) -> bool:
        """Strike a series out. False where it was not there."""
        series = self._series.pop(key, None)
        if series is None:
            return False
        self._add(series, -1)
        if not self._held[series.study]:
            del self._held[series.study], self._years[series.study]
        return True

    def _add(self, series: Series, sign: int) -> None:
        share = (series.study, series.modality)
        modality = self._modalities.setdefault(series.modality, [0, 0])
        span = self._spans.setdefault(self._years[series.study], [0, 0])
        if sign < 0:
            self._shares[share] -= 1
            self._held[series.study] -= 1
        modality[0] += sign * (not self._shares[share])
        span[0] += sign * (not self._held[series.study])
        modality[1] += sign * series.size
        span[1] += sign * series.size
        if sign > 0:
            self._shares[share] += 1
            self._held[series.study] += 1
        if not self._shares[share]:
            del self._shares[share]

    def samples(self) -> Iterator[Sample]:
        """Studies and bytes by modality and by year: 0 where the last one went."""
        for modality, (studies, size) in sorted(self._modalities.items()):
            yield Sample("jauge_pacs_modality_studies", float(studies), labels(modality=modality))
            yield Sample("jauge_pacs_modality_stored_bytes", float(size), labels(modality=modality))
        for span, (studies, size) in sorted(self._spans.items()):
            yield Sample("jauge_pacs_year_studies", float(studies), labels(year=span))
            yield Sample("jauge_pacs_year_stored_bytes", float(size), labels(year=span))
