"""Whether a workstation can run Windows 11, by what Microsoft asks for, and why not or why nobody can tell.

https://learn.microsoft.com/windows/whats-new/windows-11-requirements: a processor of Microsoft's lists, of 64 bits, 4 GB of
memory, 64 GB of disk, UEFI, TPM 2.0.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Final, Literal

from inventory.processors import Processors, identify
from inventory.workstations import Workstation

State = Literal["fit", "unfit", "unknown"]
Criterion = Literal["processor", "64 bits", "memory", "disk", "UEFI", "TPM"]

MEMORY: Final = 4 * 1024**3
_SURELY_LESS: Final = 3 * 1024**3
"""What is between has 4 GiB perhaps: a part is kept for graphics, and some inventories count in thousands."""

DISK: Final = 64 * 10**9

_NUMBER: Final = re.compile(r"\d{1,3}(?:\.\d{1,3})?")
_WIDE: Final = re.compile(r"\b(?:64[ -]?bits?|x64|amd64|arm64|x86_64)\b|\bwindows 11\b", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """One criterion: how it is met, and why, in English."""

    criterion: Criterion
    state: State
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Fitness:
    """All criteria. Unfit where one is, fit where all are, else unknown."""

    verdicts: tuple[Verdict, ...]

    @property
    def state(self) -> State:
        """What the criteria make together."""
        states = {verdict.state for verdict in self.verdicts}
        if "unfit" in states:
            return "unfit"
        return "fit" if states == {"fit"} else "unknown"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is unfit; where it is not, why it is unknown; nothing where it is fit."""
        return tuple(v.reason for v in self.verdicts if v.state == self.state and v.state != "fit")


def judge(workstation: Workstation, processors: Processors | None) -> Fitness:
    """Hold a workstation against each criterion; `processors` are the lists that were imported, None without any."""
    chip = _processor(workstation.cpu, processors)
    return Fitness(
        (
            chip,
            _width(workstation, chip),
            _memory(workstation.memory),
            _disk(workstation.disk),
            _firmware(workstation.firmware),
            _tpm(workstation.tpm),
        )
    )


def _processor(cpu: str | None, processors: Processors | None) -> Verdict:
    if not cpu:
        return Verdict("processor", "unknown", "its processor is not told")
    if processors is None:
        return Verdict("processor", "unknown", "no list of processors was imported")
    name = identify(cpu)
    if name is None:
        return Verdict("processor", "unknown", "its processor is not understood")
    if name in processors.supported:
        return Verdict("processor", "fit", f"{name} is in the list")
    if name in processors.unsupported:
        return Verdict("processor", "unfit", f"{name} is marked as not supported")
    return Verdict("processor", "unknown", f"{name} is not in the list")


def _width(workstation: Workstation, chip: Verdict) -> Verdict:
    """A system of 64 bits runs on nothing else, and no other processor is in the lists; one of 32 tells nothing."""
    told = " ".join(text for text in (workstation.os, workstation.edition, workstation.os_version) if text)
    if chip.state == "fit" or _WIDE.search(told):
        return Verdict("64 bits", "fit", "of 64 bits")
    return Verdict("64 bits", "unknown", "whether it has 64 bits is not told")


def _memory(memory: int | None) -> Verdict:
    if memory is None:
        return Verdict("memory", "unknown", "its memory is not told")
    if memory >= MEMORY:
        return Verdict("memory", "fit", f"{memory / 1024**3:.3g} GiB of memory")
    if memory > _SURELY_LESS:
        return Verdict("memory", "unknown", f"{memory / 1024**3:.3g} GiB of memory are told, which may be 4")
    return Verdict("memory", "unfit", f"{memory / 1024**3:.3g} GiB of memory instead of 4")


def _disk(disk: int | None) -> Verdict:
    if disk is None:
        return Verdict("disk", "unknown", "its disk is not told")
    state: State = "fit" if disk >= DISK else "unfit"
    return Verdict("disk", state, f"{disk / 1e9:.3g} GB of disk{'' if state == 'fit' else ' instead of 64'}")


def _firmware(firmware: str | None) -> Verdict:
    if firmware is None:
        return Verdict("UEFI", "unknown", "whether it starts by UEFI is not told")
    if firmware == "uefi":
        return Verdict("UEFI", "fit", "starts by UEFI")
    return Verdict("UEFI", "unfit", "starts by BIOS: as it is set up, or as it is built")


def _tpm(tpm: str | None) -> Verdict:
    """`2.0`, `2.0, 0, 1.38` as Windows writes it, `none`."""
    if tpm is None:
        return Verdict("TPM", "unknown", "its TPM is not told")
    if tpm.strip().casefold() == "none":
        return Verdict("TPM", "unfit", "no TPM")
    found = _NUMBER.search(tpm)
    if found is None:
        return Verdict("TPM", "unknown", "the version of its TPM is not understood")
    if float(found[0]) >= 2:
        return Verdict("TPM", "fit", f"TPM {found[0]}")
    return Verdict("TPM", "unfit", f"TPM {found[0]} instead of 2.0")
