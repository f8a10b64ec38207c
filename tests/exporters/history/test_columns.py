"""Answers of the query API, read out of their text: held against the json module."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporters.history.prometheus.columns import _as_written, courses

VALUES = st.floats() | st.integers(-(2**53), 2**53).map(float)
TEXTS = st.text(max_size=12) | st.sampled_from(['","values":[[', "]]", "\\", '"', "}]", '{"metric":'])
SERIES = st.tuples(
    st.dictionaries(TEXTS, TEXTS, max_size=3),
    st.lists(st.tuples(st.integers(0, 4_000_000_000_000), VALUES), min_size=1, max_size=6),
)


def _said(value):
    """A value as Go prints it."""
    if math.isnan(value):
        return "NaN"
    return ("+Inf" if value > 0 else "-Inf") if math.isinf(value) else repr(value)


def _answer(series, separators):
    result = [
        {"metric": labels, "values": [[at / 1000, _said(value)] for at, value in samples]}
        for labels, samples in series
    ]
    data = {"resultType": "matrix", "result": result}
    answer = {"status": "success", "data": data}
    return json.dumps(answer, separators=separators, ensure_ascii=False).encode("utf-8", "surrogatepass")


@settings(max_examples=50)
@given(st.lists(SERIES, max_size=4), st.sampled_from([(",", ":"), (", ", ": ")]))
def test_columns_hold_what_the_answer_says(series, separators):
    body = _answer(series, separators)
    found = list(courses(body))
    assert (_as_written(body) is not None) == (separators == (",", ":"))
    assert [labels for labels, _ in found] == [labels for labels, _ in series]
    for (_, course), (_, samples) in zip(found, series, strict=True):
        sound = [(at, value) for at, value in samples if math.isfinite(value)]
        assert course.at.tolist() == [at for at, _ in sound]
        np.testing.assert_array_equal(course.value, [value for _, value in sound])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"2"]',
        b'{"status":"success","data":{"resultType":"vector","result":[]}}',
        b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"x"]]}]}}',
    ],
)
def test_what_is_no_matrix_is_refused(body):
    with pytest.raises((ValueError, KeyError, TypeError)):
        list(courses(body))
