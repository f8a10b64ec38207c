"""Whatever has a page of its own, found by what people call it."""

from __future__ import annotations

import functools
import heapq
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple, get_args

from dashboard.data.archives import Archives
from dashboard.data.backups import Protecting
from dashboard.data.clusters import Clusters
from dashboard.data.files import HISTORY, PLAN, STATE, STATUS
from dashboard.data.fleet import Workstations
from dashboard.texts import product
from inventory.workstations import Workstation

Kind = Literal["page", "target", "store", "job", "alone", "machine", "model", "cluster", "archive"]
"""`alone` is a machine that stands in no backup job, `machine` a workstation."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

MOST: Final = 20
"""Things of one kind that are shown."""

LONGEST: Final = 100
"""Characters of a question that are read, and of the names that it is held against: a device may call a thing anything."""

EXACT, PREFIX, WORD, PART, APART = range(5)
"""How well a name fits: it is what was asked for, begins with it, has a word that begins with it, has it inside; or each of its
words stands somewhere in what is known of the thing."""

_WORDS: Final = re.compile(r"[^\W_]+")
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae", "ø": "o", "Ø": "o"})


class Thing(NamedTuple):
    """What may be found: what it is called, where its page is, and what is said beside its name. `machines` counts those of a model.

    `keys` are names by which it is found beside `name`; `notes` help where several words are asked for.
    """

    kind: Kind
    name: str
    path: str
    query: Mapping[str, str] = {}
    notes: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    machines: int | None = None


class Group(NamedTuple):
    """What was found of a kind, the best first: `number` is how many there are, `best` how well the first one fits."""

    kind: Kind
    things: list[Thing]
    number: int
    best: int


class Folded(NamedTuple):
    """A thing with its names as they are compared, and all that is known of it."""

    thing: Thing
    keys: tuple[str, ...]
    text: str


class Searching(Archives, Protecting, Clusters, Workstations):
    """The question of somebody who knows a name."""

    def search(self, words: str, more: Iterable[Thing] = ()) -> list[Group]:
        """What has a name like that, by kind, the kind with the best name first; `more` are things that the asker knows."""
        key = ("search", self.today, id(self.estate))
        none: list[Folded] = []
        known = self._remember(key, (HISTORY, STATUS, STATE, PLAN), none, lambda: index(self._things()))
        return find(words, [*index(more), *known])

    def _things(self) -> Iterator[Thing]:
        for one in self.targets():
            notes = (
                one.target.site or "",
                one.target.service or "",
                one.status.product if one.status else "",
            )
            yield Thing("target", one.name, "/targets", {"target": one.name}, notes[:2], keys=notes[2:])
        for store in self.stores():
            yield Thing(
                "store", store.name, "/capacity", {"store": store.unique_id}, (store.target, store.site or "")
            )
        yield from self._protected()
        for cluster in self.clusters():
            yield Thing("cluster", cluster.name, "/hyperconverged", {"cluster": cluster.name})
        for archive in self.pacs():
            yield Thing("archive", archive.name, "/pacs", {"target": archive.name})
        yield from machines(self.inventory())

    def _protected(self) -> Iterator[Thing]:
        """Backup jobs, and machines in none."""
        known = self.protection()
        for one in known.found:
            query = {"of": one.target, "job": one.job, "machine": one.machine}
            notes = tuple(dict.fromkeys(note for note in (one.target, one.machine) if note))
            yield Thing("job", one.job or one.target, "/backups", query, notes, (one.machine, one.subject))
        for each in known.alone if known.sure else ():
            yield Thing(
                "alone", each.machine, "/backups", {"show": "alone", "host": each.machine}, (each.target,)
            )


def machines(known: Sequence[Workstation]) -> Iterator[Thing]:
    """Workstations by name, serial number and label, and their models. Who uses one is nobody's way to find it."""
    models = Counter((one.maker or "", one.model or "") for one in known)
    for one in known:
        notes = (one.serial, one.asset, product(one.maker, one.model), one.site, one.service)
        yield Thing(
            "machine", one.name, "/workstations/machine", {"of": one.key}, tuple(note for note in notes if note),
            (one.serial or "", one.asset or ""),
        )  # fmt: skip
    for (maker, model), count in models.items():
        if model:
            query = {"maker": maker, "model": model}
            yield Thing(
                "model", product(maker, model), "/workstations/model", query, keys=(model,), machines=count
            )


# --- pure arithmetic of names -------------------------------------------------------------------------


@functools.lru_cache(maxsize=32_768)  # names stay the same from one look at the files to the next
def fold(text: str) -> str:
    """A text as it is compared: without case, accents and signs between its words; with them where it has no word.

    >>> fold("  Salle d'Échographie_2 "), fold("/")
    ('salle d echographie 2', '/')
    """
    bare = unicodedata.normalize(
        "NFKD", unicodedata.normalize("NFKC", text[:LONGEST]).translate(_LIGATURES).casefold()
    )
    plain = "".join(one for one in bare if not unicodedata.combining(one))
    return " ".join(_WORDS.findall(plain)) or plain.strip()


def index(things: Iterable[Thing]) -> list[Folded]:
    """Things as they are compared."""
    found: list[Folded] = []
    for one in things:
        keys = tuple(dict.fromkeys(key for text in (one.name, *one.keys) if (key := fold(text))))
        found.append(Folded(one, keys, "\n".join((*keys, *map(fold, one.notes)))))
    return found


def find(words: str, known: Iterable[Folded], most: int = MOST) -> list[Group]:
    """The best of each kind. Nothing where nothing is asked."""
    asked = fold(words)
    if not asked:
        return []
    # A sign between words is left out of a name: it is asked for where there is no word.
    is_word = bool(_WORDS.search(asked))
    parts = [
        part
        for word in words[:LONGEST].split()
        if (part := fold(word)) and bool(_WORDS.search(part)) == is_word
    ]
    hits = dict[Kind, list[tuple[int, int, str, int, Thing]]]()
    for place, one in enumerate(known):
        if all(part in one.text for part in parts) and (fits := _fits(one, asked, len(parts) > 1)):
            hits.setdefault(one.thing.kind, []).append((*fits, one.thing.name, place, one.thing))
    groups: list[Group] = []
    for kind, found in hits.items():
        best = heapq.nsmallest(most, found)
        groups.append(Group(kind, [hit[-1] for hit in best], len(found), best[0][0]))
    return sorted(groups, key=lambda group: (group.best, KINDS.index(group.kind)))


def _fits(one: Folded, asked: str, several: bool) -> tuple[int, int] | None:
    """How well a thing's best name fits, and how long that is; None where none does."""
    levels = [(level, len(key)) for key in one.keys if (level := _level(key, asked)) is not None]
    return min(levels, default=(APART, 0) if several else None)


def _level(key: str, asked: str) -> int | None:
    at = key.find(asked)
    if at < 0:
        return None
    if at == 0:
        return EXACT if len(key) == len(asked) else PREFIX
    return WORD if f" {asked}" in key else PART
