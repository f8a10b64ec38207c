"""Tables of JSON documents: rows, names, and documents that no system would write."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors import answers, http
from collectors.api import ApiTable
from collectors.poll import PollError, Reading
from collectors.tables import wanted
from inventory.metrics import Sample, describe

TABLES = [table for family in http.INTERFACES.values() for table in family.tables]

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["online", "1", "-1"])
)


def documents(table: ApiTable) -> st.SearchStrategy[Any]:
    """Documents that may have the places that a table looks for, and anything in them."""
    keys = {
        token for pointer in pointers(table) for token in pointer.split("/") if token and token not in "*#"
    }
    members = st.sampled_from(sorted(keys)) | st.text(max_size=3) if keys else st.text(max_size=3)
    return st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(members, inner, max_size=4),
        max_leaves=12,
    )


def pointers(table: ApiTable) -> list[str]:
    return [table.each, *(key.decode() for key in wanted(table).columns)]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(TABLES).flatmap(lambda table: st.tuples(st.just(table), documents(table))))
def test_whatever_is_answered_gives_samples_of_the_vocabulary_or_unparsed(case: tuple[ApiTable, Any]) -> None:
    table, document = case
    reason, reading = "", Reading((), ())
    try:
        reading = answers.read(table, document)
    except PollError as error:
        reason = error.reason
    assert reason in {"", "unparsed"}
    for (metric, labels), value in zip(reading.series, reading.values, strict=True):
        assert describe(Sample(metric, value, labels)) is None
        assert math.isfinite(value)


def table(**more: Any) -> ApiTable:
    return ApiTable.model_validate(
        {
            "name": "t",
            "get": "/x",
            "each": "/rows/*",
            "labels": {"disk": "/name"},
            "metrics": {"jauge_disk_size_bytes": {"column": "/size"}},
            **more,
        }
    )


def told(table: ApiTable, *documents: Any) -> dict[Any, float]:
    reading = answers.read(table, *documents)
    return {
        tuple(dict(labels).values()): value
        for (_, labels), value in zip(reading.series, reading.values, strict=True)
    }


def test_a_name_may_stand_within_that_of_what_holds_it() -> None:
    rows = {"rows": [{"name": "d", "at": "shelf", "size": 1}, {"name": "e", "at": "", "size": 2}]}
    assert told(table(labels={"disk": {"column": "/name", "within": "/at"}}), rows) == {
        ("shelf:d",): 1,
        ("e",): 2,
    }


def test_a_name_may_be_what_a_text_means() -> None:
    rows = {"rows": [{"name": "ON", "size": 1}, {"name": "odd", "size": 2}]}
    assert told(table(labels={"disk": {"column": "/name", "states": {"on": "up"}}}), rows) == {("up",): 1}


def test_the_key_of_a_document_is_the_name_that_it_was_asked_for_by() -> None:
    one = answers.Named("a", {"rows": [{"name": "d", "size": 1}]})
    two = answers.Named("b", {"rows": [{"name": "d", "size": 2}]})
    assert told(table(labels={"disk": {"column": "/name", "within": "2#"}}), one, two) == {
        ("a:d",): 1,
        ("b:d",): 2,
    }


def test_every_document_must_have_the_place_of_the_rows() -> None:
    with pytest.raises(PollError, match="nothing at /rows"):
        answers.read(table(), {"rows": []}, {"error": 1})


def test_the_sum_of_all_rows_is_over_all_documents() -> None:
    counted = table(
        labels={}, metrics={"jauge_disks_failed": {"column": "/bad", "states": {0: 0, 1: 1}, "rows": "sum"}}
    )
    assert told(counted, {"rows": [{"bad": True}]}, {"rows": [{"bad": True}, {"bad": False}]}) == {(): 2}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2024-05-01T22:00:00+02:00", 1714593600),
        ("2024-05-01T20:00:00Z", 1714593600),
        ("2024-05-01T20:00:00.25Z", 1714593600.25),
        ("2024-05-01T20:00:00", None),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59+00:00", 253402300799),
        ("never", None),
    ],
)
def test_a_date_counts_where_it_names_its_zone(text: str, seconds: float | None) -> None:
    dated = table(metrics={"jauge_disk_size_bytes": {"column": "/at", "date": "rfc3339"}})
    assert list(told(dated, {"rows": [{"name": "d", "at": text}]}).values()) == (
        [] if seconds is None else [seconds]
    )
