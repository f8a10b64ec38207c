"""What systems and inventories call themselves, read into a product, a version and an edition of the catalogue.

Any text may come: it is read for what is known in it, and what is not understood is said, never guessed.
"""

from __future__ import annotations

import functools
import re
from typing import Final

from inventory.lifecycle import windows
from inventory.lifecycle.catalogue import Cycle, numbers, products
from inventory.lifecycle.named import Named, fitting, fold, settle, version_of

KERNELS: Final = frozenset({"linux", "proxmox"})
"""Families whose version is that of the kernel, not of the distribution."""

_SYSTEMS: Final = {
    "netapp": "NetApp ONTAP",
    "synology": "Synology DSM",
    "synology-dsm": "Synology DSM",
    "compellent": "Dell Storage Center",
}
"""Families whose product is the model of a machine, by the system that their version is of."""

_RELATED: Final = {
    "enterprise linux": (
        "Red Hat Enterprise Linux",
        "CentOS",
        "CentOS Stream",
        "Oracle Linux",
        "AlmaLinux",
        "Rocky Linux",
    )
}
"""What a kernel tells of a distribution: one of these, which one it does not say."""

_TITLED: Final = frozenset(
    {
        "Hyper-V Server",
        "Microsoft Office",
        "Microsoft Exchange Server",
        "Microsoft SharePoint Server",
        "Microsoft SQL Server",
    }
)
"""Products whose versions are years."""

_ANOTHER: Final = re.compile(
    r"\b(?:client|studio|tools?|drivers?|viewer|web apps|online server|communicator)\b"
)
"""Words that make another product of one that is called by a year."""

_FILLING: Final = frozenset(
    [
        "release",
        "version",
        "v",
        "server",
        "linux",
        "gnu",
        "enterprise",
        "standard",
        "edition",
        "lts",
        "ltsr",
        "os",
        "build",
        "update",
        "community",
        "appliance",
    ]
)
"""Words between a product and its version that mean nothing else."""

_KERNEL: Final = re.compile(r"(\d{1,3}\.\d{1,3})[\d.]*-")
_CODED: Final = re.compile(r"\bdeb(\d{1,2})\b|\bbpo\b")


def read(
    product: str | None, version: str | None = None, edition: str | None = None, workstation: bool = False
) -> Named:
    """What a system calls itself, as the catalogue has it; `workstation`: it is one, if it does not say so. Never raises."""
    name, told, kind = fold(product), fold(version), fold(edition)
    if not name and not told:
        return Named(reason="nothing told")
    if windows.speaks(name):
        return windows.read(name, told, kind, workstation)
    return _other(name, told, kind)


def read_target(product: str, version: str, family: str = "") -> Named:
    """What a target is called that was recognised as of that family of devices."""
    if family in _SYSTEMS:
        return read(_SYSTEMS[family], version)
    if family in KERNELS:
        return _kernel(product, version)
    return read(product, version)


# --- everything but Windows -----------------------------------------------------------------------


@functools.cache
def _called() -> tuple[tuple[str, str], ...]:
    """Each name of each product, folded, and the product; the longest first, as CentOS Stream is no CentOS."""
    names = {
        fold(name): product
        for product, rows in products().items()
        for name in (product, *rows[0].also)
        if not product.startswith("Windows")
    }
    return tuple(sorted(names.items(), key=lambda one: (-len(one[0]), one[0])))


def _other(name: str, told: str, kind: str) -> Named:
    plain = name.removeprefix("microsoft ")
    for text in (name, plain):
        for called, product in _called():
            if text == called or text.startswith((f"{called} ", f"{called},", f"{called}/")):
                rest = text[len(called) :].strip(" ,")
                if product in _TITLED or _only(rest):
                    return _versioned(product, rest, told, kind)
    for called, related in _RELATED.items():
        if name.startswith(called):
            return _one_of(related, version_of(name[len(called) :]) or version_of(told))
    return Named(reason="not in the catalogue")


def _only(rest: str) -> bool:
    """Whether what stands behind a name, up to a number, makes no other product of it: Oracle Linux is no database."""
    before = re.split(r"\d", rest, maxsplit=1)[0]
    return set(re.findall(r"[a-z]+", before)) <= _FILLING


def _versioned(product: str, rest: str, told: str, kind: str) -> Named:
    """The version of a product, from what it says of it or from what stands behind its name."""
    rows = products()[product]
    titled = _titled(rows, rest, told) if product in _TITLED else None
    if titled is not None:
        return _of_edition(titled, f"{rest} {kind}")
    version = version_of(told) or version_of(rest)
    if not version:
        return Named(product, reason="version not known")
    found = fitting(rows, version)
    if any(not (one.closed or one.covers(version) or one.built(version)) for one in found):
        return Named(
            product, version, reason="version not known"
        )  # told in part: it may be one that is not listed
    return settle(product, version, found)


def _titled(rows: tuple[Cycle, ...], rest: str, told: str) -> Named | None:
    """What is called by a year and words: Office LTSC Professional Plus 2024, SQL Server 2016 (SP3)."""
    words = f"{rest} {told}"
    product = rows[0].product
    if _ANOTHER.search(rest):
        return Named(reason="not in the catalogue")
    if "365" in words.split():
        return Named(product, "365", reason="version not in the catalogue")
    pack = re.search(r"\bsp ?(\d)\b|\bservice pack (\d)\b", words)
    year = re.search(r"\b(20\d\d)(?: (r2)\b)?", words)
    built = version_of(told)
    by_build = [one for one in rows if one.built(built)] if len(numbers(built)) > 1 else []
    if by_build:
        return settle(product, built, _latest(by_build))
    if year is None:
        return _subscription(rows, words)
    label = year[1] + (" R2" if year[2] else "")
    label += f" SP{pack[1] or pack[2]}" if pack else ""
    label = f"LTSC {label}" if "ltsc" in words and any(r.version == f"LTSC {label}" for r in rows) else label
    if "mac" in words.split():
        label += " for Mac"
        return settle(product, label, [one for one in rows if one.version == label])
    return settle(product, label, fitting(rows, label))


def _of_edition(found: Named, text: str) -> Named:
    """Where editions have dates of their own, those of the edition that is told."""
    words = set(re.findall(r"[a-z]+", text))
    editions = [edition for one in found.cycles for edition in one.editions]
    told = next((edition for edition in editions if edition.casefold() in words), None)
    if told is None:
        return found
    rows = [one for one in found.cycles if told in one.editions or not one.editions]
    return settle(found.product, found.version, rows, told)


def _subscription(rows: tuple[Cycle, ...], words: str) -> Named | None:
    """What has no year: the subscription editions of Exchange and SharePoint."""
    said = "subscription" in words or "se" in words.split()
    found = [one for one in rows if one.version == "SE" and said]
    return settle(rows[0].product, "SE", found) if found else None


def _latest(rows: list[Cycle]) -> list[Cycle]:
    """Of the versions that a build is not older than, the newest."""
    first = max(numbers(one.since or one.build or "") for one in rows)
    return [one for one in rows if numbers(one.since or one.build or "") == first]


def _one_of(related: tuple[str, ...], version: str) -> Named:
    rows = [one for product in related for one in fitting(products()[product], version)] if version else []
    if not rows:
        return Named("Enterprise Linux", version, reason="version not in the catalogue")
    return Named("Enterprise Linux", version, None, tuple(rows), "several products")


def _kernel(product: str, kernel: str) -> Named:
    """A Linux that told the release of its kernel only."""
    name = fold(product)
    if name.startswith("enterprise linux"):
        return read(product)
    if name != "debian":
        return Named(product, reason="version not known") if _known(name) else read(product)
    rows = products()["Debian"]
    if coded := _CODED.search(kernel):  # a newer kernel, made for an older release, which it names
        made = fitting(rows, coded[1]) if coded[1] else []
    else:
        found = _KERNEL.match(kernel)
        made = [one for one in rows if found and one.kernel == found[1]]
    return settle("Debian", made[0].version, made) if made else Named("Debian", reason="version not known")


def _known(name: str) -> bool:
    return any(name == called for called, _ in _called())
