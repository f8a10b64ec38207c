"""docs/api.md: what the interface is, by hand, and what may be read, from the table of resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from dashboard.api.describing import describe
from dashboard.api.resources import MOST, PREFIX, USUAL, Document, Listing
from dashboard.api.table import RESOURCES

_INTRODUCTION: Final = f"""# Reading Jauge from programs

What a page shows is readable as JSON under `{PREFIX}` of the dashboard, by whoever may see that page. Nothing can be changed there.
`{PREFIX}/openapi.json` describes all of it (OpenAPI 3.1); this page is made of the same table.

```sh
jauge token create ada --role viewer --until 2027-06-30 --name grafana    # printed once: keep it where secrets are kept; or on *Your account*
curl -H @header https://jauge.hospital.example{PREFIX}/stores?full_within=90
```

`header` is a file with the line `Authorization: Bearer jauge_...`: what stands on a command line is seen by everybody on that machine.

## Tokens

A token belongs to a local user. It may do what its role may, and never more than its user may at that moment; it counts up to the end of its
last day, a year ahead at most, and is gone when its user is removed. Another password of the user leaves it as it is: `jauge token end MARK`
ends it, and so do its user on *Your account* and administrators on their page. `jauge token list` and those pages show marks, users, last days and last uses, and never a token: only a
hash is kept. Who made and ended a token
stands in the audit log, and so do wrong ones. After five wrong ones under one mark it has to wait, as a name does at the login (429, with
`Retry-After`); tokens that there are not are counted by where they come from.

Tokens open `{PREFIX}` and no page. Without one the session of a browser counts. No cookie is set, and no other site may read (no CORS).

## Answers

- Every field is always there. Unknown is `null`, never 0. A list that is empty was looked for and is empty: where what it rests on cannot be read,
  the answer is 503.
- Sizes are bytes, spans seconds, shares numbers of 1: the name says it. Times are UTC (RFC 3339), days are civil days of the estate. There are times
  where pages show ages, so that an answer stays the same until something was measured or changed.
- `ETag` changes with the answer: `If-None-Match` is answered 304 where it did not. Answers are compressed for who reads gzip.
- Lists come in pages of `limit` things ({USUAL}, at most {MOST}); `next` (and the header `Link`) leads to the next page, and is null on the last
  one. Things with an `id` come in its order, so that a walk through all pages meets each once while others come, go and get worse;
  `place` is where the page of the dashboard has it, 1 first. `total` counts what the filters leave.
- Sentences are in the language that `Accept-Language` asks for, English or French, as those of pages are.
- Text of devices is on one line, at most 1,000 characters, with what nobody sees written as `\\u....`.

## Refusals

They are problem details (RFC 9457), `application/problem+json`, with `status`, `title` and `detail`.

| status | why |
| --- | --- |
| 400 | a parameter that is not known, not understood, or given twice: `parameter` names it |
| 401 | no token and no session, or a token that is none, or over |
| 403 | not for this role |
| 404 | there is no such thing, or not yet |
| 405 | something else than GET and HEAD |
| 406 | `Accept` leaves out `application/json` |
| 429 | too many wrong tokens |
| 503 | a file cannot be read: `detail` names it |

What `v1` promises: fields and resources are added, and none is taken away or changes its meaning, before there is a `v2`.
"""

_MADE: Final = "<!-- Written by `make docs`: change the code it describes, not this page. -->"


def reference() -> str:
    """The page."""
    told = describe(RESOURCES)
    schemas = told["components"]["schemas"]
    lines = [_MADE, *_INTRODUCTION.splitlines(), "", "## What can be read", ""]
    lines += ["| path | what | as the page | role |", "| --- | --- | --- | --- |"]
    lines += [
        f"| [`{one.path}`](#{_anchor(one)}) | {one.about} | `{one.page}` | `{one.role}` |"
        for one in RESOURCES
    ]
    for one in RESOURCES:
        lines += ["", *_resource(one, schemas)]
    shown = {one.model.__name__ for one in RESOURCES}
    inner = [name for name in schemas if name not in shown | {"Problem"} and not name.startswith("Page_")]
    lines += ["", "## Parts of them", ""]
    for name in sorted(inner):
        lines += [f"### {name}", "", schemas[name].get("description", ""), "", *_fields(schemas[name]), ""]
    return "\n".join(lines).rstrip() + "\n"


def _anchor(one: Document | Listing) -> str:
    return one.title.lower().replace(" ", "-")


def _resource(one: Document | Listing, schemas: dict[str, Any]) -> Iterator[str]:
    many = "A list, in pages. " if isinstance(one, Listing) else ""
    yield from (f"### {one.title}", "", f"`GET {PREFIX}{one.path}`. {many}{one.about}", "")
    if one.parameters:
        yield from ("| parameter | what |", "| --- | --- |")
        yield from (f"| `{each.name}` | {each.about}{_among(each.schema)} |" for each in one.parameters)
        yield ""
    like = next((each for each in RESOURCES if each.model in one.model.__mro__[1:]), None)
    schema = schemas[one.model.__name__]
    if like is not None:
        yield from (f"All that [{like.title}](#{_anchor(like)}) have, and:", "")
        more = schema["properties"].keys() - like.model.model_fields
        schema = {"properties": {name: field for name, field in schema["properties"].items() if name in more}}
    yield from _fields(schema)


def _among(schema: Any) -> str:
    words = ", ".join(f"`{word}`" for word in schema.get("enum", ()))
    return f" One of {words}." if words else ""


def _fields(schema: dict[str, Any]) -> Iterator[str]:
    yield from ("| field | type | what |", "| --- | --- | --- |")
    for name, field in schema.get("properties", {}).items():
        yield f"| `{name}` | {_type(field)} | {field.get('description', '')} |"


def _type(field: dict[str, Any]) -> str:
    """The type of a field, in words."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        own = next((_anchor(one) for one in RESOURCES if one.model.__name__ == name), name.lower())
        return f"[{name}](#{own})"
    if "anyOf" in field:
        return " or ".join(_type(one) for one in field["anyOf"])
    if words := field.get("enum") or [field[name] for name in ("const",) if name in field]:
        return ", ".join(f"`{one}`" for one in words)
    return _KINDS.get(field.get("format", "")) or _plain(field)


def _plain(field: dict[str, Any]) -> str:
    kind: str = field.get("type", "anything")
    if kind == "array":
        return f"list of {_type(field['items'])}"
    if kind == "object":
        return f"object: {_type(field['additionalProperties'])} by name"
    return _KINDS.get(kind, kind)


_KINDS: Final = {
    "date": "day", "date-time": "time", "string": "text", "integer": "whole number", "boolean": "true or false",
}  # fmt: skip
