"""How much there is to plan with: the size that is told, its steps, and what a failed node, a reserve and a ceiling leave.

A size is its own series: an extension is an event of it, and never bends the trend of what is used.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeVar

from forecasting.quantities import (
    COPIES,
    NODE_RAW,
    RAW,
    REPAIR,
    STORES,
    WITHOUT_NODE,
    Days,
    Planned,
    together,
)

if TYPE_CHECKING:
    from inventory.estate import Estate, Target

Applied = Literal["size", "raw", "copies", "node", "reserve", "repair", "ceiling"]

BELIEVED: Final = 3
"""Days that a new size must have stood: one of a day or two is a fault of who tells it, and no wall."""

SAME: Final = 0.001
"""Share by which a size may move from day to day and still be the same."""

DRIFT: Final = 11
"""Days without any size that stands, after which the middle of them is the size."""

STEP: Final = 0.01
"""Share of a size from which a step of it is an event."""

SILENT: Final = 30
"""Days after its last value from which a size is not known any more."""


class Piece(NamedTuple):
    """One rule that was applied, and what it left."""

    rule: Applied
    value: float


class Step(NamedTuple):
    """A size that changed to stay: the first day of the new one, from 1970-01-01, and by how much."""

    day: int
    size: float


class Sized(NamedTuple):
    """A size as it stands on the last day, and how it got there."""

    value: float
    steps: tuple[Step, ...]


class Plannable(NamedTuple):
    """What may be filled: `pieces` lead from the size that is told to `limit` (NaN where that is unknown)."""

    pieces: tuple[Piece, ...]
    limit: float
    steps: tuple[Step, ...] = ()

    @property
    def size(self) -> float:
        """The size that is told, before any rule; NaN where nobody tells it."""
        return self.pieces[0].value if self.pieces else math.nan

    @property
    def ceiling(self) -> float:
        """The share that the ceiling leaves, by which what is bought counts too."""
        if len(self.pieces) > 1 and self.pieces[-1].rule == "ceiling":
            return self.pieces[-1].value / self.pieces[-2].value
        return 1.0


# --- what people declare ------------------------------------------------------------------------------


class Rule(NamedTuple):
    """What is declared for one thing: see `inventory.estate.SizeRules`."""

    node_loss: bool | None = None
    nodes: int | None = None
    copies: float | None = None
    reserve: float | None = None
    ceiling: float | None = None

    def over(self, other: Rule) -> Rule:
        """This one, and the other where this says nothing."""
        return Rule(
            _said(self.node_loss, other.node_loss),
            _said(self.nodes, other.nodes),
            _said(self.copies, other.copies),
            _said(self.reserve, other.reserve),
            _said(self.ceiling, other.ceiling),
        )


Setting = TypeVar("Setting")


def _said(mine: Setting | None, theirs: Setting | None) -> Setting | None:
    return theirs if mine is None else mine


@dataclasses.dataclass(frozen=True, slots=True)
class _Declared:
    """What one target declares: its own rule, those of some of its stores by pattern, `ceiling` and `lead` beside."""

    rule: Rule = dataclasses.field(default_factory=Rule)
    stores: tuple[tuple[str, Rule], ...] = ()
    ceiling: float | None = None
    lead: float | None = None
    by_default: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Rules:
    """Everything that is declared about capacity: plain values, to be sent to other processes."""

    targets: Mapping[str, _Declared] = dataclasses.field(default_factory=dict)
    ceilings: Mapping[str, float] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, estate: Estate) -> Rules:
        """What an estate declares."""
        return cls(
            {target.name: _declared(estate, target) for target in estate.targets},
            dict(estate.capacity.ceilings),
        )

    @classmethod
    def ceiled(cls, ceilings: Mapping[str, float]) -> Rules:
        """Nothing but a ceiling for some targets."""
        return cls({name: _Declared(ceiling=ceiling) for name, ceiling in ceilings.items()})

    def rule(self, planned: Planned) -> Rule:
        """What holds for one thing. The nearest word counts: of the store, of the target, of the kind, of the defaults."""
        labels = dict(planned.labels)
        declared = self.targets.get(planned.target, _Declared())
        kind = self.ceilings.get(labels.get("kind", "") if planned.quantity.name in STORES else "")
        kind = self.ceilings.get(planned.quantity.name) if kind is None else kind
        if planned.quantity.name not in STORES:
            return Rule(node_loss=False if declared.rule.node_loss is False else None, ceiling=kind)
        if planned.quantity.name == "metadata":
            return Rule(ceiling=kind)
        store = labels.get("store", "")
        own = next((rule for name, rule in declared.stores if fnmatch.fnmatchcase(store, name)), Rule())
        ceiling = (
            kind
            if declared.ceiling is None or (declared.by_default and kind is not None)
            else declared.ceiling
        )
        return own.over(_nodeless(declared.rule, labels.get("kind"))).over(Rule(ceiling=ceiling))

    def some(self, targets: set[str]) -> Rules:
        """What concerns these targets."""
        return Rules({name: one for name, one in self.targets.items() if name in targets}, self.ceilings)

    def lead(self, target: str) -> float | None:
        """Seconds from an order for that target until it can be used; None where nobody says."""
        return self.targets.get(target, _Declared()).lead


def _nodeless(rule: Rule, kind: str | None) -> Rule:
    """What a target says of nodes holds for its pools: a quota stays what it is when a node fails."""
    if kind in ("pool", "array") or not (rule.nodes or rule.node_loss):
        return rule
    return rule._replace(nodes=None, node_loss=None)


def _declared(estate: Estate, target: Target) -> _Declared:
    capacity = target.capacity
    return _Declared(
        rule=Rule() if capacity is None else _rule(capacity),
        stores=() if capacity is None else tuple((name, _rule(one)) for name, one in capacity.stores.items()),
        ceiling=target.ceiling,
        lead=target.lead_time,  # of its contract, where that tells it: the estate was read so
        by_default=target.ceiling is not None and target.ceiling == estate.defaults.ceiling,
    )


def _rule(settings: object) -> Rule:
    return Rule(*(getattr(settings, name) for name in Rule._fields))


# --- sizes as they are told ---------------------------------------------------------------------------


def steady(days: Days) -> Sized | None:
    """The size that stands on the last day, and its steps. None where no day tells one.

    A value counts when it has stood for BELIEVED days, so that a day of zero or of nonsense is no wall; a size that
    is never the same for that long is the middle of its last DRIFT days.
    """
    runs = _runs(days)
    if not runs:
        return None
    stood = (value for _, value, length in runs if length >= BELIEVED)
    settled = next(stood, sorted(value for _, value, _ in runs[:DRIFT])[len(runs[:DRIFT]) // 2])
    steps: list[Step] = []
    doubted: list[_Run] = []
    for run in runs:
        if _same(run[1], settled):
            settled, doubted = run[1], []
            continue
        doubted.append(run)
        news = _news(doubted)
        if sum(length for _, _, length in news) >= BELIEVED:
            if abs(run[1] - settled) >= STEP * settled:
                steps.append(Step(news[-1][0], run[1] - settled))
            settled, doubted = run[1], []
        elif sum(length for _, _, length in doubted) >= DRIFT:
            settled = sorted(value for _, value, _ in doubted)[len(doubted) // 2]
            doubted = []
    return Sized(settled, tuple(steps))


def _news(doubted: Sequence[_Run]) -> list[_Run]:
    """The last runs that agree with the very last one, newest first."""
    value = doubted[-1][1]
    return list(itertools.takewhile(lambda one: _same(one[1], value), reversed(doubted)))


_Run = tuple[int, float, int]


def _runs(days: Days) -> list[_Run]:
    """Runs of one value that is above zero: first day, value, days."""
    import numpy as np  # noqa: PLC0415 - what is declared is read without it

    day, value = days.day, days.value
    told = np.isfinite(value) & (value > 0)
    if not told.all():
        day, value = day[told], value[told]
    if not len(value):
        return []
    edges = np.flatnonzero(np.concatenate(([True], value[1:] != value[:-1])))
    lengths = np.diff(np.append(edges, len(value)))
    return list(zip(day[edges].tolist(), value[edges].tolist(), lengths.tolist(), strict=True))


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= SAME * max(one, other)


# --- what is left of it -------------------------------------------------------------------------------


class Told(NamedTuple):
    """What the history tells of the size of one thing, as of one day. None where nobody tells it."""

    size: Sized | None = None
    raw: Sized | None = None
    copies: float | None = None
    without_node: float | None = None
    repair: float | None = None
    parts: tuple[float, ...] = ()
    """Sizes of the nodes: before redundancy for a store, what is added up for anything else."""


def told(planned: Planned, days: Mapping[str, Days], last: int) -> Told:
    """What the series of one thing tell, as of the day `last` (from 1970-01-01)."""

    def level(name: str) -> Sized | None:
        found = days.get(name)
        if found is None or found.day[-1] < last - SILENT:
            return None
        return steady(found)

    def value(metric: str) -> float | None:
        found = next((level(name) for name in beside.get(metric, ())), None)
        return None if found is None else found.value

    beside = dict(planned.beside)
    if planned.quantity.across:
        return _summed(planned, days, level)
    size = next((level(name) for name in planned.sizes), None)
    if planned.quantity.name == "raw_storage":
        size, raw = None, size
    else:
        raw = next((level(name) for name in beside.get(RAW, ())), None)
    if planned.quantity.full is not None:
        size = Sized(planned.quantity.full, ())
    nodes = [found.value for name in beside.get(NODE_RAW, ()) if (found := level(name)) is not None]
    return Told(size, raw, value(COPIES), value(WITHOUT_NODE), value(REPAIR), tuple(nodes))


def _summed(planned: Planned, days: Mapping[str, Days], level: _Level) -> Told:
    if planned.quantity.full is not None:
        return Told(Sized(planned.quantity.full, ()), parts=(planned.quantity.full,) * len(planned.used))
    sizes = [level(name) for name in planned.sizes]
    whole = together([days[name] for name in planned.sizes if name in days])
    if None in sizes or whole is None:
        return Told()
    return Told(steady(whole), parts=tuple(one.value for one in sizes if one is not None))


if TYPE_CHECKING:
    from collections.abc import Callable

    _Level = Callable[[str], Sized | None]


def plannable(planned: Planned, found: Told, rule: Rule) -> Plannable:
    """What may be filled of one thing: its size, then what each rule leaves of it."""
    raw_only = planned.quantity.name == "raw_storage"
    pieces = [Piece("raw", found.raw.value)] if raw_only and found.raw else list(_usable(found, rule))
    if not pieces:
        return Plannable((), math.nan)
    if rule.node_loss is not False:
        left = _without_node(pieces, found, rule)
        if left is None and rule.node_loss:
            return Plannable((pieces[0],), math.nan)
        if left is not None and left < pieces[-1].value:
            pieces.append(Piece("node", left))
    if pieces[-1].rule != "node":
        repair = _repair(pieces, found, rule, raw_only)
        if repair:
            pieces.append(Piece("repair", pieces[-1].value - repair))
    if rule.reserve:
        pieces.append(Piece("reserve", pieces[-1].value * (1 - rule.reserve)))
    if rule.ceiling is not None and rule.ceiling < 1:
        pieces.append(Piece("ceiling", pieces[-1].value * rule.ceiling))
    limit = pieces[-1].value if pieces[-1].value > 0 else math.nan
    source = found.raw if pieces[0].rule == "raw" else found.size
    return Plannable(tuple(pieces), limit, source.steps if source else ())


def _usable(found: Told, rule: Rule) -> Iterator[Piece]:
    if found.size is not None:
        yield Piece("size", found.size.value)
        if rule.copies and rule.copies > 1:
            yield Piece("copies", found.size.value / rule.copies)
    elif found.raw is not None and (rule.copies or found.copies):
        yield Piece("raw", found.raw.value)
        yield Piece("copies", found.raw.value / (rule.copies or found.copies or 1.0))


def _without_node(pieces: Sequence[Piece], found: Told, rule: Rule) -> float | None:
    """What the other nodes hold; None where nobody tells or declares it."""
    whole = pieces[-1].value
    if found.without_node is not None:
        copies = rule.copies if pieces[0].rule == "size" and rule.copies else 1.0
        return found.without_node / copies
    if len(found.parts) >= 2:
        return whole * (1 - max(found.parts) / sum(found.parts))
    if rule.nodes is not None:
        return whole * (rule.nodes - 1) / rule.nodes
    return None


def _repair(pieces: Sequence[Piece], found: Told, rule: Rule, raw_only: bool) -> float | None:
    """What the maker wants kept free for repairs, in the bytes of the size: it is told in raw ones."""
    if found.repair is None:
        return None
    if raw_only:
        return found.repair
    if found.raw is not None:
        return found.repair * pieces[-1].value / found.raw.value
    copies = rule.copies or found.copies
    return found.repair / copies if copies else None
