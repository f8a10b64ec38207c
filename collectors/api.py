"""Families of HTTP interfaces that answer JSON: one declarative file each, in `apis/`.

    title: HPE Nimble arrays (REST, version 1)
    product: HPE Nimble
    address: https://HOST:5392
    account: a user with the role guest
    version: {get: /v1/arrays/detail, column: /data/0/version}
    login:
      path: /v1/tokens
      send: {/data/username: user, /data/password: password}
      token: /data/session_token
      header: X-Auth-Token
      end: {path: /v1/tokens, last: /data/id}
    tables:
      - name: pools
        get: /v1/pools/detail
        each: /data/*
        labels: {store: /name, kind: {text: pool}}
        metrics: {jauge_storage_size_bytes: {column: /capacity}}

Only what reads is asked for: GET, and what opens and ends a session. Tables are read by `collectors.answers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from collectors import answers, documents
from collectors.answers import JsonTable, RowsPointer
from collectors.files import load_file
from collectors.proof import Proof
from collectors.tables import Pattern, Pointer
from inventory.credentials import Model

FOLDER: Final = Path(__file__).parent / "apis"

Part = Literal["user", "password", "token", "domain", "name"]
"""What of a credential is sent; domain and name are what stands before and behind the backslash of the user."""


Route = Annotated[str, Field(pattern=r"^/[^#\s]*$")]
Header = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")]


class Step(Model):
    """Where an answer tells the name of something, and the path at which that something is asked for."""

    at: RowsPointer
    before: Route = Field(description="What stands before the name in the path.")
    after: Annotated[str, Field(pattern=r"^(/[^#\s]*)?$")] = Field("", description="What stands behind it.")
    called: Pointer | None = Field(
        None,
        description="Relative pointer from there to the key of the document, where that is another name.",
    )


class FactOf(Model):
    """What a system says that it is, at a place of an answer."""

    get: Route
    column: Pointer = ""
    follow: tuple[RowsPointer, ...] = Field(
        (), description="Where the answer names other paths, as of a table."
    )
    format: Literal["json", "text"] = Field("json", description="What is answered: of a text it is all.")
    series: str | None = Field(
        None, description="Series of Prometheus' text whose labels tell it: the column is /labels/NAME."
    )
    pattern: Pattern | None = Field(None, description="Keep only what group 1 of this matches.")

    def read(self, document: object) -> str:
        """The text at that place, empty where there is none."""
        return documents.fact(answers.find(document, self.column), self.pattern)


class Authorization(Model):
    """How a token of the credential is sent, where it is no bearer token: a user and a password do not do then."""

    header: Header = "Authorization"
    prefix: str = ""


class End(Model):
    """How a session is ended."""

    method: Literal["DELETE", "POST", "GET"] = "DELETE"
    path: Route | None = None
    last: Pointer | None = Field(
        None,
        description="Where the answer to the login has what stands behind the path: the session's number.",
    )
    header: Header | None = Field(
        None, description="Which header of the answer to the login names what is ended, instead of a path."
    )
    send: dict[Pointer, Pointer] = Field(
        default_factory=dict,
        description="What is sent as JSON, by JSON pointer: where the answer to the login has it.",
    )

    @model_validator(mode="after")
    def _one(self) -> End:
        if (self.path is None) == (self.header is None):
            raise ValueError("give path or header")
        if self.last is not None and self.path is None:
            raise ValueError("last stands behind a path")
        return self


class Login(Model):
    """How a session is opened, and ended after the poll: many systems allow only so many."""

    path: Route
    method: Literal["POST", "GET"] = "POST"
    basic: bool = Field(False, description="User and password go as HTTP Basic.")
    form: Literal["json", "form", "headers"] = Field("json", description="How the parts below are sent.")
    send: dict[str, Part] = Field(
        default_factory=dict, description="Parts of the credential, by JSON pointer, field or header."
    )
    fixed: dict[str, str | int | bool] = Field(default_factory=dict, description="What is sent beside them.")
    token: Pointer | None = Field(None, description="Where the answer's body has the token of the session.")
    token_header: Header | None = Field(None, description="Which header of the answer has it.")
    header: Header = Field("Authorization", description="The header that takes it from then on.")
    prefix: str = Field("", description="What stands before it there, for instance 'Bearer '.")
    below: Pointer | None = Field(
        None, description="Where the answer names the folder that all paths are below from then on."
    )
    refused: dict[Pointer, Pattern] = Field(
        default_factory=dict,
        description="Places of the answer that tell, where they match, that it is a refusal.",
    )
    end: End | None = Field(None, description="How the session is ended.")

    @model_validator(mode="after")
    def _one(self) -> Login:
        if self.token is not None and self.token_header is not None:
            raise ValueError("give token or token_header; without both the session is a cookie")
        return self


class Pages(Model):
    """How the next page of a table is asked for, where no answer names its path."""

    parameter: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.$-]+$")] = Field(
        description="The parameter of the query that tells which page it is."
    )
    cursor: Pointer | None = Field(
        None, description="Where an answer has its next value; none on the last page."
    )
    size: int | None = Field(
        None,
        ge=1,
        description="Rows of a full page: the parameter counts rows, and a page with fewer is the last.",
    )

    @model_validator(mode="after")
    def _one(self) -> Pages:
        if (self.cursor is None) == (self.size is None):
            raise ValueError("give cursor or size")
        return self


class ApiTable(JsonTable):
    """A table of what a path answers."""

    get: Route = Field(description="The path below the address of the target.")
    format: Literal["json", "prometheus"] = Field(
        "json", description="What is answered; of Prometheus' text each set of labels is a row (see `by`)."
    )
    by: tuple[str, ...] | None = Field(
        None,
        description="Labels of another exporter that make one row; all of a series' labels when left out.",
    )
    also: tuple[str, ...] = Field(
        (), description="Series of another exporter of which only the labels count, for instance a name."
    )
    next: Pointer | None = Field(None, description="Where an answer names the path of its next page.")
    pages: Pages | None = Field(None, description="How the next page is asked for.")
    follow: tuple[RowsPointer | Step, ...] = Field(
        (),
        description="Where the answer names other paths, where their answers do, and so on: rows are of the last ones. "
        "The key of their documents is the name that led there.",
    )

    @model_validator(mode="after")
    def _ways(self) -> ApiTable:
        if sum(bool(way) for way in (self.next, self.pages, self.follow)) > 1:
            raise ValueError("give one of next, pages and follow")
        if self.format != "json" and (self.next or self.pages or self.follow):
            raise ValueError("Prometheus' text has no pages")
        if (self.by is not None or self.also) and self.format != "prometheus":
            raise ValueError("by and also are for format: prometheus")
        return self


class ApiFile(Model):
    """How an HTTP interface is read: one file."""

    title: str
    product: str | FactOf = Field(description="Its name, or where an answer tells it.")
    version: FactOf | None = Field(None, description="Where an answer tells its version.")
    unversioned: str | None = Field(None, description="Why it tells no version, where no answer does.")
    unproven: str | None = Field(
        None, description="What would prove it, where no answer of a real one was read."
    )
    proven: Proof | None = Field(None, description="What it was held against.")
    address: str = Field(description="The base address that people write, HOST in place of the name.")
    account: str = Field(description="What the credential is, and the least that it must be allowed.")
    headers: dict[Header, str] = Field(default_factory=dict, description="Headers of every request.")
    authorization: Authorization | None = Field(None, description="How a token is sent.")
    login: Login | None = Field(
        None, description="How a session is opened, where Basic or a token does not do."
    )
    tables: tuple[ApiTable, ...] = Field(min_length=1)

    @property
    def transport(self) -> str:
        """What it is read over."""
        return "Prometheus' text" if self.tables[0].format == "prometheus" else "JSON"


class Interfaces(Mapping[str, ApiFile]):
    """The interfaces that are declared in a folder, by name: a file is read when it is asked for, as few of them are.

    A name that is asked for may raise DeclaredError with all that is wrong in its file.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._paths = {path.stem: path for path in sorted(folder.glob("*.yml"))}
        self.read: dict[str, ApiFile] = {}

    def __getitem__(self, name: str) -> ApiFile:
        if name not in self.read:
            self.read[name] = load_file(self._paths[name], ApiFile)
        return self.read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._paths, *self.read]))

    def __len__(self) -> int:
        return len({*self._paths, *self.read})

    def __contains__(self, name: object) -> bool:
        return name in self._paths or name in self.read

    def beside(self, others: Mapping[str, ApiFile]) -> Interfaces:
        """These interfaces and others, which are read already."""
        found = Interfaces()
        found._paths, found.read = self._paths, {**self.read, **others}
        return found


INTERFACES: Final = Interfaces()
"""The interfaces that Jauge ships."""
