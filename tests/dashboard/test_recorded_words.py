"""Texts that were written down in English are told in French: each that the code of the estate's file can write, and each of the audit log."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import inventory
from dashboard.sentences import recorded
from dashboard.texts import Texts
from inventory.checking import check

EN, FR = (Texts(language, ZoneInfo("Europe/Paris")) for language in ("en", "fr"))  # type: ignore[arg-type]
READERS = (
    "access", "checking", "contracts", "credentials", "estate", "notices", "places", "quantities", "renewal", "retention", "rollouts",
)  # fmt: skip
"""Modules of the inventory that say what is wrong with an estate's file."""

ELSEWHERE = {"blank blank", "blank: blankblank", "blank"} | {
    f"blankwrite a number with its unit, such as {such}"
    for such in ("300 MB, 1.5 TB or 20 GiB", "500 MB/s or 10 Gbit/s")
}
"""What consists of nothing but other texts: these two are told with and without what is no size."""


def written(node: ast.expr | None) -> Iterator[str]:
    """The texts that an expression may be, with a word in each blank; none where it is no literal."""
    match node:
        case ast.Constant(str() as text):
            yield text
        case ast.JoinedStr():
            yield "".join(part.value if isinstance(part, ast.Constant) else "blank" for part in node.values)  # type: ignore[misc]
        case ast.IfExp():
            yield from written(node.body)
            yield from written(node.orelse)
        case ast.BinOp():
            rests = list(written(node.right))
            yield from (first + rest for first in written(node.left) for rest in rests)


def messages(module: str) -> Iterator[str]:
    """What a module may say: arguments of errors and problems, what is called a message, and what it is looked up in."""
    for node in ast.walk(ast.parse((Path(inventory.__file__).parent / f"{module}.py").read_text())):
        match node:
            case ast.Raise(exc=ast.Call(func=ast.Name(id="ValueError" | "AmbiguousError"), args=[first, *_])):
                yield from written(first)
            case ast.Call(func=ast.Attribute(attr="error" | "warn"), args=[first, *_]):
                yield from written(first)
            case ast.Call(func=ast.Name(id="Problem"), args=[_, second, *_]):
                yield from written(second)
            case ast.Assign(targets=[ast.Name(id="message")], value=value):
                yield from written(value)
            case ast.AnnAssign(target=ast.Name(id="_MESSAGES"), value=ast.Dict(values=values)):
                yield from (f"blank {text}" for value in values for text in written(value))


@pytest.mark.parametrize("module", READERS)
def test_each_problem_that_the_estate_may_have_is_told_in_french(module: str) -> None:
    said = set(messages(module)) - ELSEWHERE
    assert said
    assert sorted(one for one in said if recorded.problem(one, FR) == one) == []


@pytest.mark.parametrize(
    ("text", "french"),
    [
        ("targetz: []\n", "clé inconnue targetz : vouliez-vous dire targets ?"),
        ("targets: [{name: a}]\n", "a n'a pas d'identifiant : nommez-en un, ou une section (snmp, ssh, dicom, mllp, http, host)"),
        ("targets: [{name: a, host: perhaps}]\n", "host doit être true ou false"),
        ("targets: [{address: x, host: true}]\n", "name manque"),
        ("defaults: {ceiling: '1,500 %'}\ntargets: []\n", "'1,500' peut valoir 1500 ou 1.5 : écrivez celui qui est voulu"),
        ("language: de\ntargets: []\n", "language : valeurs possibles : 'fr' ou 'en'"),
    ],
)  # fmt: skip
def test_a_problem_of_a_file_is_told_in_french(tmp_path: Path, text: str, french: str) -> None:
    (tmp_path / "estate.yml").write_text(text)
    told = [recorded.problem(one.message, FR) for one in check(tmp_path / "estate.yml").problems]
    assert french in [one.replace("\u00a0", " ").replace("\u202f", " ") for one in told]


@pytest.mark.parametrize(
    ("action", "text", "french"),
    [
        ("workstations imported", "glpi.csv: 3 new, 2 changed, 0 vanished, 1 refused", "glpi.csv : 3 nouveaux, 2 modifiés, 0 disparus, 1 refusés"),
        ("user changed", "anna: role admin, password", "anna : rôle administrateur, mot de passe"),
        ("restore tested", "3: db-01: ok in 156 min, CHG-1", "3 : db-01 : tout est revenu en 156 min, CHG-1"),
        ("token made", "k7 of anna (viewer) until 2027-02-01", "k7 pour anna (lecteur) jusqu'au 1er févr. 2027"),
        ("person erased", "4 entries of the inventory", "4 entrées de l'inventaire"),
        ("login delayed", "too many failures", "trop d'échecs"),
        ("scenario saved", "ct-3: A third CT", "ct-3: A third CT"),
    ],
)  # fmt: skip
def test_details_of_the_audit_log_are_told_in_french_and_what_people_wrote_as_it_is(
    action: str, text: str, french: str
) -> None:
    told = recorded.detail(action, text, FR).replace("\u00a0", " ").replace("\u202f", " ")
    assert (told, recorded.detail(action, text, EN)) == (french, text)


def test_the_reason_of_an_event_has_words_and_what_a_device_said_stays() -> None:
    said = "timeout: no answer from 10.0.0.1 port 161 to 3 tries"
    assert recorded.event(said, EN) == said
    told = recorded.event(said, FR).replace("\u00a0", " ")
    assert told == "pas de réponse à temps : no answer from 10.0.0.1 port 161 to 3 tries"
    assert recorded.event("coldStart", FR) == "coldStart"


@given(
    st.text(max_size=80),
    st.sampled_from(["user changed", "notice taken", "decision accepted", "measure ended", "nothing known"]),
)
def test_no_text_makes_the_page_fall_over(text: str, action: str) -> None:
    assert isinstance(recorded.detail(action, text, FR), str)
    assert isinstance(recorded.problem(text, FR), str)
