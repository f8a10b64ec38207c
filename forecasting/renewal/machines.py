"""From workstations of an inventory to the frame that a renewal is planned from: class, deadline with its reason, ages.

How long a system is mended, whether a machine can run Windows 11, and how long machines last are asked of others: see
`forecasting.renewal.knowledge`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd

from forecasting.renewal import dated
from forecasting.renewal.cohorts import COLUMNS
from forecasting.renewal.kept import Unsure
from inventory.fleet.judging import texts_of
from inventory.renewal import Renewal
from inventory.scenarios.changes import Edition
from inventory.workstations import DAYS_A_YEAR, OUT, Workstation


class Mended(NamedTuple):
    """Until when a system is mended: the name of its product, the last day for everybody, and for those who pay."""

    product: str
    ends: dt.date
    extended: dt.date | None


Support = Callable[[Workstation], Mended | Unsure]

Fitness = Callable[[Workstation], Literal["fit", "unfit", "unknown"]]
"""Whether it can run the next system, so that it need not go when its own is not mended any more."""

Ended = Callable[[Workstation], bool]
"""Whether what it runs is out of support today, by the same word as the list of what is (`jauge inventory eol`)."""

Need = Literal["replacement", "upgrade", "update", "edition", "console", "stock", "unknown"]
"""What a machine out of support needs: another machine; another system, which it can run; another version of its own, which is
mended; another edition, which a scenario gives it; nothing before a date of its own; nothing, as nobody uses it; nobody can tell."""

Left = Literal["stock", "retired", "console"]
"""Why a machine is not planned: it is in stock, out of use already, or has dates of its own and none of them known."""


class Fleet(NamedTuple):
    """Machines that are planned (see COLUMNS), those that are left alone with the reason, and machines in stock by class.

    `unsupported` are machines of which nobody knows until when their system is mended, with the reason; `assumed` the number whose
    age is a guess, `undated` that of those whose age cannot even be guessed. `needs` has, by key, what machines need that are out of
    support today.
    """

    machines: pd.DataFrame
    left: tuple[tuple[str, Left], ...]
    stock: Mapping[str, int]
    unsupported: tuple[tuple[str, Unsure], ...]
    assumed: int
    undated: int
    needs: Mapping[str, Need]


def fleet(
    workstations: Iterable[Workstation],
    renewal: Renewal,
    support: Support,
    fitness: Fitness,
    ended: Ended,
    today: dt.date,
    changes: dated.Dated = dated.NOTHING,
) -> Fleet:
    """The machines of an inventory, as a plan sees them."""
    paid = dated.products(renewal, changes.updates)
    rows: list[dict[str, object]] = []
    left: list[tuple[str, Left]] = []
    stock: dict[str, int] = {}
    unsure: list[tuple[str, Unsure]] = []
    needs: dict[str, Need] = {}
    for one in sorted(workstations, key=lambda w: w.key):
        texts = texts_of(one, renewal)
        out = _out(one)
        day, reason, product, longer = _deadline(one, texts, renewal, support, fitness, paid)
        if out is None and reason == "console" and day is None:
            out = "console"
        edition = None if out else _edition(texts, day, reason, changes.editions)
        if out != "retired" and ended(one):
            needs[one.key] = _need(out, reason, day, edition, today)
        if out is not None:
            left.append((one.name, out))
            if out == "stock":
                stock[str(texts["class"])] = stock.get(str(texts["class"]), 0) + 1
            continue
        if reason in _UNSURE:
            unsure.append((one.name, reason))
        lapsed = None
        if edition is not None:
            lapsed = day if day and edition.start > max(today, day + dt.timedelta(days=1)) else None
            day, product, longer = edition.until, "", None
        mended = edition.start if edition and lapsed else None
        known = _row(one, texts, renewal, (day, reason if day else "", product, longer))
        rows.append({**known, "lapsed": lapsed, "mended": mended, **_licence(edition, today)})
    frame = _typed(rows)
    frame = _guessed(frame, renewal)
    undated = int(frame["purchased"].isna().sum())
    assumed = int(frame["assumed"].sum())
    return Fleet(frame, tuple(left), stock, tuple(unsure), assumed, undated, needs)


def _out(one: Workstation) -> Left | None:
    if one.state == "stock":
        return "stock"
    return "retired" if one.state in OUT else None


def _need(
    out: Left | None, reason: str, day: dt.date | None, edition: Edition | None, today: dt.date
) -> Need:
    """What a machine needs whose system is out of support today."""
    if out == "stock":
        return "stock"
    if reason == "console":
        return "console"
    if edition is not None:
        return "edition"
    if day is None:
        return "unknown" if reason in _UNSURE else "upgrade"
    return "replacement" if day < today else "update"


def _edition(
    texts: Mapping[str, str | None], day: dt.date | None, reason: str, editions: Sequence[Edition]
) -> Edition | None:
    """The edition that a machine gets: those whose support ends before that of the edition, or of which nobody knows when it does."""
    unsure = reason in _UNSURE
    gains = (one for one in editions if unsure or (day is not None and day < one.until))
    return next((one for one in gains if (unsure or reason == "support") and one.fits.match(texts)), None)


def _licence(edition: Edition | None, today: dt.date) -> dict[str, object]:
    """What is paid for an edition, and when; nothing where its start is past, as it is paid for already."""
    if edition is None or edition.start < today or not edition.price:
        return {}
    return {"licensed": edition.start, "licence": edition.price}


_UNSURE: Final[tuple[Unsure, ...]] = get_args(Unsure)
_Deadline = tuple[dt.date | None, Literal["", "support", "console"] | Unsure, str, dt.date | None]


def _deadline(
    one: Workstation, texts: Mapping[str, str | None], renewal: Renewal, support: Support, fitness: Fitness,
    paid: frozenset[str],
) -> _Deadline:  # fmt: skip
    """Last day, its reason, the product whose updates may be paid for, and until when they are."""
    for console in renewal.consoles:
        if console.fits.match(texts):
            return console.until, "console", "", None
    found = support(one)
    if not isinstance(found, Mended):
        return None, found, "", None
    if fitness(one) == "fit":
        return None, "", "", None
    product = found.product if found.product in paid else ""
    return found.ends, "support", product if found.extended else "", found.extended if product else None


def _row(
    one: Workstation, texts: Mapping[str, str | None], renewal: Renewal, deadline: _Deadline
) -> dict[str, object]:
    day, reason, product, longer = deadline
    return {
        "key": one.key, "name": one.name, "site": one.site or "", "service": one.service or "",
        "use": texts["class"], "directorate": renewal.directorate(texts), "kind": one.kind or "",
        "maker": one.maker or "", "model": one.model or "", "purchased": one.purchased, "warranty": one.warranty,
        "deadline": day, "reason": reason, "esu": product, "esu_until": longer, "kept": reason == "console",
        "assumed": False,
    }  # fmt: skip


def _typed(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    days = [column for column, kind in COLUMNS.items() if kind == "datetime64[s]"]
    for column in days:
        frame[column] = pd.to_datetime(frame[column], errors="coerce").astype("datetime64[s]")
    for column in ("kept", "assumed"):
        frame[column] = frame[column].astype("bool")
    frame["licence"] = frame["licence"].astype("float64").fillna(0.0)
    texts = [column for column, kind in COLUMNS.items() if kind == "str"]
    return frame.assign(**{column: frame[column].astype("str") for column in texts})


def _guessed(frame: pd.DataFrame, renewal: Renewal) -> pd.DataFrame:
    """Ages that nobody wrote down are taken to be the middle of those of the same model, else kind, else of all, and marked;
    a warranty that nobody wrote down ends the declared years after a purchase that somebody did, and is unknown after a guess."""
    days, known = frame["purchased"], frame["purchased"].notna()
    numbers = days.astype("int64").where(known).astype("float64")
    for keys in (["maker", "model"], ["kind"], None):
        middle = (
            numbers.groupby([frame[key] for key in keys]).transform("median") if keys else numbers.median()
        )
        numbers = numbers.fillna(middle)
    guessed = pd.to_datetime(numbers.round(), unit="s").astype("datetime64[s]")
    warranty = days + pd.Timedelta(days=round(renewal.warranty * DAYS_A_YEAR))
    return frame.assign(
        purchased=guessed, assumed=~known & guessed.notna(), warranty=frame["warranty"].fillna(warranty)
    )


def demands(renewal: Renewal, fleet: Fleet, expected: Mapping[str, int]) -> pd.DataFrame:
    """Machines that are not there yet: of projects, and spares beside those in stock. `expected` are failures by class that
    spares must stand in for until new ones come."""
    rows: list[dict[str, object]] = []
    for project in renewal.projects:
        day = project.by - dt.timedelta(days=1)
        base = {
            "site": project.site or "", "service": project.service or "", "use": project.use,
            "kind": project.kind or "", "model": project.name, "deadline": day, "reason": "project",
        }  # fmt: skip
        texts = {"site": project.site, "service": project.service, "kind": project.kind, "class": project.use}
        who = renewal.directorate(texts)
        rows += [
            _demand(f"project:{project.name}:{k}", {**base, "directorate": who})
            for k in range(project.machines)
        ]
    counts = fleet.machines["use"].value_counts()
    for use in renewal.classes:
        wanted = spares_wanted(renewal, use.name, int(counts.get(use.name, 0)), expected.get(use.name, 0))
        missing = max(wanted - fleet.stock.get(use.name, 0), 0)
        kinds = fleet.machines.loc[fleet.machines["use"] == use.name, "kind"]
        kind = str(kinds.mode().iat[0]) if len(kinds) else ""
        base = {"use": use.name, "kind": kind, "deadline": dt.date(2000, 1, 1), "reason": "spare"}
        rows += [_demand(f"spare:{use.name}:{k}", base) for k in range(missing)]
    return _typed(rows)


def spares_wanted(renewal: Renewal, use: str, machines: int, failures: int) -> int:
    """How many machines of a class are to be kept ready."""
    spares = renewal.use_class(use).spares
    if spares is None:
        return 0
    if spares.number is not None:
        return spares.number
    return int(np.ceil(spares.share * machines)) if spares.share is not None else failures


def _demand(key: str, known: Mapping[str, object]) -> dict[str, object]:
    plain: dict[str, object] = {column: "" for column, kind in COLUMNS.items() if kind == "str"}
    return {**plain, "kept": False, "assumed": False, **known, "key": key, "name": ""}
