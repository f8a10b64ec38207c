"""Write what a build is made of: CycloneDX 1.6, from the locks and nothing else, so that the same commit gives the same bytes.

    python scripts/sbom.py dist/jauge.cdx.json            # make sbom

Names, versions and hashes are those that pip and uv hold packages to. `scope` tells what the program needs (required), what logins by LDAP
add (optional), and what only builds or tests it (excluded). What the pages bring along in `dashboard/assets` is listed with its own hash.
"""

from __future__ import annotations

import hashlib
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT: Final = Path(__file__).parent.parent
LOCKS: Final = {
    "requirements.txt": ComponentScope.REQUIRED,
    "requirements-ldap.txt": ComponentScope.OPTIONAL,
}
"""Locks of what runs, that of the program first: a package has the scope of the first lock that names it. All others only build or test it."""

BUNDLED: Final = {
    "dashboard/assets/plotly/plotly-basic.min.js": "plotly.js-basic-dist-min",
    "dashboard/assets/regenerator/runtime.js": "regenerator-runtime",
}
"""Code of others that the pages bring along."""

_LOCKED: Final = re.compile(r"^([a-z0-9._-]+)==(\S+?)(?: ; ([^\\]+?))? \\$")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://cyclonedx.org/jauge")


class Locked(NamedTuple):
    """A package of a lock. `marker` says on which Pythons or platforms it is installed."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def locked(text: str) -> Iterator[Locked]:
    """The packages of a lock."""
    for block in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]:
        if match := _LOCKED.match(block.splitlines()[0]):
            yield Locked(match[1], match[2], match[3] or "", tuple(sorted(_HASH.findall(block))))


def bom(root: Path = ROOT) -> str:
    """The bill of materials as JSON."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    components: dict[str, Component] = {}
    others = sorted(path.name for path in root.glob("requirements-*.txt") if path.name not in LOCKS)
    for lock, scope in [*LOCKS.items(), *((other, ComponentScope.EXCLUDED) for other in others)]:
        for one in locked((root / lock).read_text("utf-8")):
            components.setdefault(f"{one.name}=={one.version}", _package(one, scope, lock))
    for path, name in BUNDLED.items():
        components[path] = _bundled(root / path, path, name)
    made = Bom(components=components.values())
    made.metadata.component = Component(
        type=ComponentType.APPLICATION, name=project["name"], version=project["version"],
        bom_ref="jauge", purl=PackageURL("pypi", None, project["name"], project["version"]),
    )  # fmt: skip
    needed = [one for one in components.values() if one.scope is not ComponentScope.EXCLUDED]
    made.register_dependency(made.metadata.component, needed)
    content = "\n".join(sorted(components)) + project["version"]
    made.serial_number = uuid.uuid5(_NAMESPACE, hashlib.sha256(content.encode()).hexdigest())
    made.metadata.timestamp = None  # type: ignore[assignment]  # a time would make two builds of one commit two documents
    return str(JsonV1Dot6(made).output_as_string(indent=2)) + "\n"


def _package(one: Locked, scope: ComponentScope, lock: str) -> Component:
    properties = [Property(name="jauge:lock", value=lock)]
    if one.marker:
        properties.append(Property(name="jauge:marker", value=one.marker))
    return Component(
        type=ComponentType.LIBRARY, name=one.name, version=one.version, scope=scope, bom_ref=f"{one.name}=={one.version}",
        purl=PackageURL("pypi", None, one.name, one.version), properties=properties,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in one.hashes],
    )  # fmt: skip


def _bundled(file: Path, path: str, name: str) -> Component:
    data = file.read_bytes()
    version = re.search(rb"(?:plotly\.js|regenerator-runtime)[^\n]{0,40}? v?(\d+\.\d+\.\d+)", data[:4096])
    return Component(
        type=ComponentType.LIBRARY, name=name, version=version[1].decode() if version else None, scope=ComponentScope.REQUIRED,
        bom_ref=path, hashes=[HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(data).hexdigest())],
        properties=[Property(name="jauge:file", value=path)],
    )  # fmt: skip


def main(words: list[str]) -> int:
    """Write the bill to a file, or print it."""
    text = bom()
    if not words:
        sys.stdout.write(text)
        return 0
    target = Path(words[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
