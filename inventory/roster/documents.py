"""Lists that are documents: JSON of NetBox or GLPI, JSON or YAML of Prometheus (file_sd)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from json.decoder import JSONDecodeError
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from inventory.imports import ImportFailedError
from inventory.places import read as read_yaml
from inventory.roster.entries import Entry, Field, Remark, Roster, Spot

SIZE_LIMIT: Final = 128 * 1024 * 1024
"""Bytes of a JSON file, which takes several times as much memory."""

_BLANK: Final = " \t\r\n"


class Item(NamedTuple):
    """One element of a list, and where it begins."""

    spot: Spot
    data: Any


def is_json(path: Path) -> bool:
    """Whether a file begins as a JSON document does. Raises ImportFailedError."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise ImportFailedError(f"cannot read {path}: {error.strerror}") from None
    text = head.decode(json.detect_encoding(head), "replace").lstrip("\ufeff" + _BLANK)
    return text[:1] in ("[", "{")


def read_json(path: Path) -> Roster:
    """The devices of a JSON file, by what it holds. Raises ImportFailedError with line and column."""
    document = _Json(path, _text(path))
    whole, items = document.items()
    if isinstance(whole, dict):
        return _of_mapping(path, whole, items)
    first = items[0].data if items else {}
    if isinstance(first, dict) and "targets" in first:
        return _prometheus(items)
    if isinstance(first, dict) and any(key.endswith("_id") for key in first):
        return _roster("GLPI, items of its REST interface", items, _glpi_item)
    if isinstance(first, dict) and ("device_type" in first or "primary_ip" in first):
        return _roster(_NETBOX, items, _netbox, _IN_SERVICE)
    raise ImportFailedError(_UNKNOWN, f"{path}:1")


def read_sd(path: Path) -> Roster:
    """The targets of a Prometheus file_sd file in YAML. Raises ImportFailedError with line and column."""
    document = read_yaml(path)
    if document.problems:
        problem = document.problems[0]
        raise ImportFailedError(problem.message, str(problem.place))
    if not isinstance(document.data, list):
        raise ImportFailedError("file_sd is a list of groups: start with - targets:", f"{path}:1")

    def spot(*at: str | int) -> Spot:
        place = document.values.get(at) or document.values[at[:1]]
        return Spot(str(path), place.line, str(place.column))

    return _prometheus([Item(spot(number), group) for number, group in enumerate(document.data)], spot)


_UNKNOWN: Final = (
    "this JSON is no list of devices that is known: give /api/dcim/devices/ of NetBox, search/NetworkEquipment of GLPI, "
    "or file_sd of Prometheus"
)
_NETBOX: Final = "NetBox, /api/dcim/devices/"
_IN_SERVICE: Final = frozenset({"active", "failed"})


def _of_mapping(path: Path, whole: dict[str, Any], items: list[Item]) -> Roster:
    if "results" in whole:
        roster = _roster(_NETBOX, items, _netbox, _IN_SERVICE)
        return _whole(
            path, roster, whole.get("count"), len(items), "add ?limit=0 to the address, or join the pages"
        )
    if "totalcount" in whole:
        roster = _roster("GLPI, a search of its REST interface", items, _glpi_row)
        return _whole(
            path, roster, whole["totalcount"], len(items), "ask for a range that holds all (range=0-9999)"
        )
    raise ImportFailedError(_UNKNOWN, f"{path}:1")


def _whole(path: Path, roster: Roster, count: Any, held: int, hint: str) -> Roster:
    """A roster that also says what the file does not hold, as answers come in pages."""
    if isinstance(count, int) and count > held:
        missing = Remark(Spot(str(path), 1), f"it holds {held} of {count} devices: {hint}")
        entries = roster.entries

        def after() -> Iterator[Entry | Remark]:
            yield missing
            yield from entries

        roster.entries = after()
    return roster


def _roster(
    title: str,
    items: list[Item],
    said: Callable[[dict[str, Any]], dict[Field, Any]],
    in_service: frozenset[str] = frozenset(),
) -> Roster:
    def entries() -> Iterator[Entry | Remark]:
        for spot, data in items:
            if not isinstance(data, dict):
                yield Remark(spot, "this is no device: a mapping is expected")
                continue
            texts = {field: _plain(value) for field, value in said(data).items()}
            yield Entry(spot, {field: text for field, text in texts.items() if text})

    return Roster(title, entries(), in_service)


def _plain(value: Any) -> str:
    """A value as text; nothing for none, and for the 0 that GLPI writes where there is none."""
    if isinstance(value, list):
        return "\n".join(filter(None, map(_plain, value)))
    if isinstance(value, str):
        return "" if value in ("0", "&nbsp;") else value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and value else ""


def _dig(data: Any, *keys: str) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _named(data: Any, *keys: str) -> Any:
    """The name of what NetBox nests: an object, or (brief, or of old) its name alone."""
    found = _dig(data, *keys)
    if isinstance(found, dict):
        return next(
            (found[key] for key in ("name", "model", "address", "label", "display") if found.get(key)), None
        )
    return found


def _netbox(data: dict[str, Any]) -> dict[Field, Any]:
    status = _dig(data, "status")
    return {
        "name": data.get("name"),
        "address": _named(data, "primary_ip") or _named(data, "primary_ip4") or _named(data, "primary_ip6"),
        "site": _named(data, "site"),
        "role": _named(data, "role") or _named(data, "device_role"),
        "service": _named(data, "tenant"),
        "maker": _named(data, "device_type", "manufacturer"),
        "model": _named(data, "device_type"),
        "platform": _named(data, "platform"),
        "status": status.get("value") if isinstance(status, dict) else status,
    }


_OPTIONS: Final[Mapping[Field, str]] = {
    "name": "1", "site": "3", "kind": "4", "maker": "23", "status": "31", "model": "40", "service": "71", "address": "126",
}  # fmt: skip
"""Numbers of GLPI's search options that all its assets share (CommonDBTM, Location, State, NetworkPort)."""


def _glpi_row(data: dict[str, Any]) -> dict[Field, Any]:
    return {field: data.get(number) for field, number in _OPTIONS.items()}


def _glpi_item(data: dict[str, Any]) -> dict[Field, Any]:
    """An item with `expand_dropdowns`, and where it was asked for `with_networkports`."""
    kind, model = (
        next((value for key, value in data.items() if key.endswith(end)), None)
        for end in ("types_id", "models_id")
    )
    return {
        "name": data.get("name"),
        "address": list(_glpi_addresses(data.get("_networkports"))),
        "site": data.get("locations_id"),
        "kind": kind,
        "model": model,
        "maker": data.get("manufacturers_id"),
        "status": data.get("states_id"),
        "service": data.get("groups_id_tech") or data.get("groups_id"),
    }


def _glpi_addresses(ports: Any) -> Iterator[str]:
    for kind in ports.values() if isinstance(ports, dict) else ():
        for port in kind if isinstance(kind, list) else ():
            found = _dig(port, "NetworkName", "IPAddress")
            for address in found if isinstance(found, list) else ():
                name = _dig(address, "name")
                if isinstance(name, str):
                    yield name


_LABELS: Final[Mapping[str, Field]] = {
    "site": "site", "role": "role", "service": "service", "directorate": "directorate", "job": "kind", "family": "family",
    "credential": "credential", "vendor": "maker", "maker": "maker", "model": "model", "os": "platform",
}  # fmt: skip
_NAMES: Final = ("instance", "name", "hostname")
"""Labels that name a target, where its group has no other."""


def _prometheus(items: list[Item], spot: Callable[..., Spot] | None = None) -> Roster:
    labels = {
        str(label)
        for item in items
        for label in (_dig(item.data, "labels") or {} if isinstance(_dig(item.data, "labels"), dict) else {})
    }
    ignored = sorted(label for label in labels if label not in _LABELS and label not in _NAMES)

    def entries() -> Iterator[Entry | Remark]:
        for number, item in enumerate(items):
            yield from _group(item, number, spot)

    return Roster("Prometheus, file_sd", entries(), ignored=[f"label {label}" for label in ignored])


def _group(item: Item, number: int, spot: Callable[..., Spot] | None) -> Iterator[Entry | Remark]:
    targets, labels = _dig(item.data, "targets"), _dig(item.data, "labels") or {}
    if not isinstance(targets, list) or not isinstance(labels, dict):
        yield Remark(item.spot, "a group is a mapping with targets: [...] and labels: {...}")
        return
    shared = {
        field: _plain(labels.get(label)) for label, field in _LABELS.items() if _plain(labels.get(label))
    }
    name = next((_plain(labels.get(label)) for label in _NAMES if _plain(labels.get(label))), "")
    for position, target in enumerate(targets):
        at = spot(number, "targets", position) if spot else item.spot
        if not isinstance(target, str):
            yield Remark(at, "a target is a text such as 10.0.0.5 or server-01:9100")
            continue
        host, port = _parted(target)
        said: dict[Field, str] = {
            **shared,
            "address": host,
            "name": name if name and len(targets) == 1 else host,
        }
        yield Entry(at, {**said, "port": port} if port else said)


def _parted(target: str) -> tuple[str, str]:
    """Host and port of a target; brackets around an IPv6 address are taken off."""
    if target.startswith("["):
        host, _, rest = target[1:].partition("]")
        return host, rest.removeprefix(":")
    host, colon, port = target.rpartition(":")
    return (host, port) if colon and ":" not in host and "/" not in target else (target, "")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise ImportFailedError(f"larger than {SIZE_LIMIT // 1024**2} MiB: export it in parts", str(path))
        data = path.read_bytes()
        return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except OSError as error:
        raise ImportFailedError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ImportFailedError(
            f"it is no text in {error.encoding} (byte {error.start})", f"{path}:1"
        ) from None


class _Json:
    """A JSON document whose elements are read one by one, so that each has its place."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text
        self._decoder = json.JSONDecoder(object_pairs_hook=self._object, parse_constant=self._constant)
        self._line, self._counted = 1, 0

    def items(self) -> tuple[Any, list[Item]]:
        """What stands beside the list (a mapping, else None), and its elements."""
        at = self._skip(0)
        whole: dict[str, Any] = {}
        items: list[Item] = []
        if self.text[at : at + 1] == "[":
            items, at = self._list(at)
            self._end(at)
            return None, items
        at = self._skip(at + 1)
        while self.text[at : at + 1] != "}":
            key, at = self._value(at)
            at = self._expect(at, ":")
            if key in ("results", "data") and self.text[at : at + 1] in ("[", "{"):
                items, at = self._list(at) if self.text[at] == "[" else self._keyed(at)
                whole[key] = None
            else:
                whole[str(key)], at = self._value(at)
            at = self._next(at, "}")
        self._end(at + 1)
        return whole, items

    def _list(self, at: int) -> tuple[list[Item], int]:
        items = []
        at = self._skip(at + 1)
        while self.text[at : at + 1] != "]":
            spot = self._spot(at)
            data, at = self._value(at)
            items.append(Item(spot, data))
            at = self._next(at, "]")
        return items, self._skip(at + 1)

    def _keyed(self, at: int) -> tuple[list[Item], int]:
        """Elements by number, as older GLPI answers."""
        items = []
        at = self._skip(at + 1)
        while self.text[at : at + 1] != "}":
            _, at = self._value(at)
            at = self._expect(at, ":")
            spot = self._spot(at)
            data, at = self._value(at)
            items.append(Item(spot, data))
            at = self._next(at, "}")
        return items, self._skip(at + 1)

    def _value(self, at: int) -> tuple[Any, int]:
        try:
            value, end = self._decoder.raw_decode(self.text, at)
        except JSONDecodeError as error:
            self._fail(error.pos, error.msg[:1].lower() + error.msg[1:])
        except RecursionError:
            self._fail(at, "nested too deeply")
        except ValueError as error:
            self._fail(at, str(error))
        return value, self._skip(end)

    def _next(self, at: int, end: str) -> int:
        """After a comma, or at the end."""
        if self.text[at : at + 1] == end:
            return at
        at = self._expect(at, ",")
        if self.text[at : at + 1] == end:
            self._fail(at, "a comma stands before the end")
        return at

    def _expect(self, at: int, what: str) -> int:
        if self.text[at : at + 1] != what:
            self._fail(at, f"{what} is expected")
        return self._skip(at + 1)

    def _end(self, at: int) -> None:
        if self._skip(at) < len(self.text):
            self._fail(self._skip(at), "something stands after the end")

    def _skip(self, at: int) -> int:
        while self.text[at : at + 1] and self.text[at] in _BLANK:
            at += 1
        return at

    def _spot(self, at: int) -> Spot:
        """Where something stands. Asked for in the order of the text, so that lines are counted once."""
        self._line += self.text.count("\n", self._counted, at)
        self._counted = at
        return Spot(str(self.path), self._line, str(at - self.text.rfind("\n", 0, at)))

    def _fail(self, at: int, why: str) -> NoReturn:
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        raise ImportFailedError(f"not JSON: {why}", f"{self.path}:{line}:{column}") from None

    @staticmethod
    def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a key is given twice here or below")
        return found

    @staticmethod
    def _constant(name: str) -> Any:
        raise ValueError(f"{name} is no number of JSON")
