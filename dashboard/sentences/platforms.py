"""How platforms do, in true sentences: each figure is one of those that the tables show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from dashboard.platforms import TIGHT, WAITS, Channel, Copy, Dump, Phones, Use
from dashboard.texts import Texts


def messages(found: Sequence[Channel], t: Texts) -> Iterator[str]:
    """Which channels are down, where messages wait for long, and of which of the two nobody tells it."""
    count, span, every = Counter(one.state for one in found), t.span(WAITS), t.number(len(found))
    if count["down"] or count["late"]:
        known = {state: t.number(count[state]) for state in ("down", "late")}
        yield t("platforms.messages.bad", **known, span=span, all=every)
    elif all(one.up and not one.is_untimed for one in found):
        yield t("platforms.messages.well", span=span)
    else:
        yield t("platforms.messages.known", span=span)
    mute, untimed = sum(one.up is None for one in found), sum(one.is_untimed for one in found)
    if mute:
        yield t("platforms.messages.mute", n=t.number(mute), all=every)
    if untimed:
        yield t("platforms.messages.untimed", n=t.number(untimed), all=every)


def used(found: Sequence[Use], t: Texts) -> Iterator[str]:
    """What is used up, or nearly, and of what nobody tells it."""
    count = Counter(one.state for one in found)
    if count["over"] or count["tight"]:
        known = {state: t.number(count[state]) for state in ("over", "tight")}
        yield t("platforms.used.bad", **known, share=t.ratio(TIGHT), all=t.number(len(found)))
    elif len(found) > count["unknown"]:
        yield t("platforms.used.well", share=t.ratio(TIGHT))
    if count["unknown"]:
        yield t("platforms.used.untold", n=t.number(count["unknown"]))


def phones(found: Sequence[Phones], t: Texts) -> Iterator[str]:
    """How many devices are known and not registered."""
    told = [one.unregistered for one in found if one.unregistered is not None]
    yield t("platforms.phones.lead", n=t.number(sum(told) if told else None))


def copies(found: Sequence[Copy], t: Texts) -> Iterator[str]:
    """How far the copy is behind that is the furthest."""
    if found:
        yield t("platforms.copies.lead", span=t.span(max(one.lag for one in found)))


def dumps(found: Sequence[Dump], now: float, t: Texts) -> Iterator[str]:
    """How old the last backup is of the database whose last one is the oldest."""
    if found:
        oldest = min(max(at for _, at in one.at) for one in found)
        yield t("platforms.dumps.lead", span=t.span(now - oldest))
