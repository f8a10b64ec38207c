"""Requests of remote write, held against the protobuf library and a message made from the published .proto."""

from __future__ import annotations

import contextlib
import math

import cramjam
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from hypothesis import given
from hypothesis import strategies as st

from exporters.history import Point
from exporters.history.prometheus.encoding import MARK, MOST, Encoder, Series, decode, encode
from inventory.metrics import LABELS, labels

USED = "jauge_storage_used_bytes"


def _write_request():
    """WriteRequest as https://prometheus.io/docs/specs/prw/remote_write_spec/ publishes it."""
    file = descriptor_pb2.FileDescriptorProto(name="remote.proto", package="prometheus", syntax="proto3")
    double, int64, text, message = 1, 3, 9, 11
    one, many = 1, 3
    for name, fields in {
        "Label": (("name", 1, text, one, ""), ("value", 2, text, one, "")),
        "Sample": (("value", 1, double, one, ""), ("timestamp", 2, int64, one, "")),
        "TimeSeries": (
            ("labels", 1, message, many, ".prometheus.Label"),
            ("samples", 2, message, many, ".prometheus.Sample"),
        ),
        "WriteRequest": (("timeseries", 1, message, many, ".prometheus.TimeSeries"),),
    }.items():
        made = file.message_type.add(name=name)
        for field, number, kind, label, of in fields:
            made.field.add(name=field, number=number, type=kind, label=label, type_name=of or None)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("prometheus.WriteRequest"))


WriteRequest = _write_request()


def _read(body):
    return WriteRequest.FromString(bytes(cramjam.snappy.decompress_raw(body)))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
points = st.builds(
    Point,
    st.sampled_from(["nas-01", "nas-02"]),
    st.sampled_from([USED, "jauge_target_up"]),
    st.builds(lambda store: labels(store=store, kind="volume"), texts),
    st.integers(0, 4_000_000_000_000).map(lambda at: at / 1000),
    st.floats(allow_nan=False, allow_infinity=False),
)


@given(st.lists(points, max_size=30))
def test_the_protobuf_library_reads_the_points_that_were_written(given_points):
    found = {}
    for request in Encoder("jauge").requests(given_points):
        message = _read(request.body)
        assert request.samples == sum(len(one.samples) for one in message.timeseries)
        for one in message.timeseries:
            names = [pair.name for pair in one.labels]
            assert names == sorted(names)
            times = [sample.timestamp for sample in one.samples]
            assert times == sorted(set(times))
            for sample in one.samples:
                found[tuple((p.name, p.value) for p in one.labels), sample.timestamp] = sample.value
    expected = {}
    for point in given_points:
        pairs = {"__name__": point.metric, "target": point.target, "history": "jauge", **dict(point.labels)}
        expected[tuple(sorted(pairs.items())), round(point.at * 1000)] = point.value
    assert found == expected


@given(
    st.lists(
        st.builds(
            Series,
            st.lists(st.tuples(texts, texts), max_size=5).map(tuple),
            st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False)), max_size=5).map(
                tuple
            ),
        ),
        max_size=5,
    )
)
def test_what_the_protobuf_library_wrote_is_read_back(series):
    message = WriteRequest()
    for one in series:
        made = message.timeseries.add()
        for name, value in one.labels:
            made.labels.add(name=name, value=value)
        for at, value in one.samples:
            made.samples.add(timestamp=at, value=value)
    assert decode(bytes(cramjam.snappy.compress_raw(message.SerializeToString()))) == series
    assert _read(encode(series)) == message


@given(st.binary(max_size=200))
def test_bytes_that_are_no_request_raise_nothing_but_value_error(content):
    for body in (content, bytes(cramjam.snappy.compress_raw(content))):
        with contextlib.suppress(ValueError):
            assert all(isinstance(value, float) for one in decode(body) for _, value in one.samples)


def test_a_field_of_another_length_is_refused():
    sample = b"\x12\x03\x0a\x01\x00"  # a value of one byte
    with pytest.raises(ValueError, match="requires a buffer of 8 bytes"):
        decode(bytes(cramjam.snappy.compress_raw(b"\x0a\x05" + sample)))


def test_a_request_holds_no_more_samples_than_engines_like():
    many = [Point("nas-01", USED, labels(store=f"s{n}"), n, 1.0) for n in range(2 * MOST + 1)]
    assert [one.samples for one in Encoder("jauge").requests(many)] == [MOST, MOST, 1]


def test_the_mark_of_a_history_is_no_label_of_the_vocabulary():
    assert MARK not in LABELS
    assert "target" not in LABELS


@pytest.mark.parametrize("value", [0.0, -0.0, 5e-324, 1.7976931348623157e308, 1 / 3])
def test_a_value_is_written_with_every_bit(value):
    (request,) = Encoder("jauge").requests([Point("nas-01", USED, labels(store="a"), 1.5, value)])
    (series,) = _read(request.body).timeseries
    assert series.samples[0].value == value
    assert math.copysign(1, series.samples[0].value) == math.copysign(1, value)
