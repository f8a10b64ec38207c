"""Prometheus' text of other exporters: rows of its series, also of a real exporter, and what no exporter would write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import interfaces
import psutil
import pytest
import servers
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from collectors import exposition
from collectors.api import ApiTable
from collectors.poll import PollError


def table(**more: Any) -> ApiTable:
    return ApiTable.model_validate(
        {
            "name": "t",
            "get": "/metrics",
            "format": "prometheus",
            "labels": {"store": "/labels/name", "kind": {"text": "pool"}},
            "metrics": {
                "jauge_storage_size_bytes": {"column": "/size"},
                "jauge_storage_used_bytes": {"column": "/used"},
            },
            **more,
        }
    )


def test_series_of_the_same_labels_are_one_row() -> None:
    text = 'size{name="a"} 5\nused{name="a"} 3 1700000000000\nsize{name="b"} 7\nother{name="c"} 1\n'
    assert exposition.rows(table(), text) == [
        {"size": 5, "used": 3, "labels": {"name": "a"}},
        {"size": 7, "labels": {"name": "b"}},
    ]


def test_a_row_may_be_made_by_some_labels_and_named_by_another_series() -> None:
    text = 'size{id="1",tier="x"} 5\nused{id="1"} 3\nmeta{id="1",name="a"} 1\n'
    assert exposition.rows(table(by=["id"], also=["meta"]), text) == [
        {"size": 5, "used": 3, "meta": 1, "labels": {"id": "1", "tier": "x", "name": "a"}}
    ]


def test_what_a_row_has_twice_is_left_out_of_it() -> None:
    text = 'size{id="1",copy="a"} 5\nsize{id="1",copy="b"} 6\nused{id="1"} 3\n'
    assert exposition.rows(table(by=["id"]), text) == [{"used": 3, "labels": {"id": "1"}}]


def test_what_is_no_number_is_absent() -> None:
    text = 'size{name="a"} NaN\nsize{name="b"} +Inf\nused{name="a"} 1\n'
    assert exposition.rows(table(), text) == [{"used": 1, "labels": {"name": "a"}}]


@pytest.mark.parametrize("text", ["", "<html>", 'size{name="a"', "size five", "other 1"])
def test_a_text_without_the_series_fails(text: str) -> None:
    with pytest.raises(PollError) as failed:
        exposition.rows(table(), text)
    assert failed.value.reason == "unparsed"


def test_a_table_that_is_optional_may_have_no_series() -> None:
    assert exposition.rows(table(optional=True), "other 1\n") == []


@pytest.mark.parametrize(
    "labels", ['name="' + '\\"' * 100_000 + '"', ",".join(f'l{n}="x"' for n in range(30_000))]
)
def test_a_series_that_would_take_minutes_to_read_is_refused(labels: str) -> None:
    with pytest.raises(PollError, match="a series of more than") as raised:
        exposition.rows(table(), f'used{{name="a"}} 1\nsize{{{labels}}} 5\n')
    assert raised.value.reason == "capped"
    assert exposition.rows(table(), f'used{{name="a"}} 1\nother{{{labels}}} 5\n') == [
        {"used": 1, "labels": {"name": "a"}}
    ]


def test_too_many_series_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposition, "SERIES_CAP", 10)
    with pytest.raises(PollError) as failed:
        exposition.rows(table(), "".join(f'size{{name="{number}"}} 1\n' for number in range(11)))
    assert failed.value.reason == "capped"


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                'size{name="a"}',
                "size",
                "used",
                "{",
                "}",
                '"',
                "\\",
                " ",
                "\n",
                "1",
                "NaN",
                "=",
                ",",
                "é",
                "\x00",
                "#",
            ]
        )
    )
)
def test_whatever_a_text_holds_it_gives_rows_or_unparsed(parts: list[str]) -> None:
    reason, rows = "", []
    try:
        rows = exposition.rows(table(), "".join(parts))
    except PollError as error:
        reason = error.reason
    assert reason in {"", "unparsed"}
    assert all(isinstance(row["labels"], dict) for row in rows)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
        st.floats(allow_nan=False, allow_infinity=False),
        max_size=5,
    )
)
def test_what_the_library_of_prometheus_writes_is_read_back(values: dict[str, float]) -> None:
    registry = CollectorRegistry()
    gauge = Gauge("size", "A size", ["name"], registry=registry)
    for name, value in values.items():
        gauge.labels(name).set(value)
    rows = exposition.rows(table(optional=True), generate_latest(registry).decode())
    assert {row["labels"]["name"]: row["size"] for row in rows} == values


# --- a real exporter --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def node_exporter() -> Iterator[str]:
    program = servers.program("prometheus-node-exporter", "prometheus-node-exporter")
    with servers.folder() as place:
        port, log = servers.free_port(), place / "log"
        process = servers.start([program, f"--web.listen-address={servers.LOOPBACK}:{port}"], log)
        try:
            url = f"http://{servers.LOOPBACK}:{port}"
            servers.wait(lambda: servers.get(f"{url}/metrics").status_code == 200, process, log)
            yield url
        finally:
            servers.stop(process)


@pytest.mark.proves("Prometheus text", "node-exporter", "prometheus-node-exporter")
async def test_a_real_node_exporter_tells_what_the_machine_tells(node_exporter: str) -> None:
    tables, facts = await interfaces.poll(node_exporter, "node-exporter")
    told = interfaces.told({name: one for name, one in tables.items() if name != "interfaces"})
    assert told["jauge_memory_size_bytes{}"] == psutil.virtual_memory().total
    assert told["jauge_swap_size_bytes{}"] == psutil.swap_memory().total
    assert told["jauge_cpus{}"] == psutil.cpu_count()
    assert told["jauge_uptime_seconds{}"] > 0
    stores = {name for name in told if name.startswith("jauge_storage_size_bytes")}
    assert stores
    assert all(told[name.replace("size", "used")] <= told[name] for name in stores)
    assert facts["product"].startswith("Debian")
    assert facts["version"].split(".")[0].isdigit()
