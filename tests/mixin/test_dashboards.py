"""The dashboards for Grafana: whole, of one style, with the limits of the alerts, and asking for what is served.

That each panel shows data is tested where a demo runs: tests/jauge/test_demo_run.py.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import mixing
import promql_parser
import pytest
import servers

BOARDS = mixing.boards()
ALERTS = {rule["alert"]: rule for rule in mixing.rules("alerts")}
PANELS = [(board["uid"], panel) for board in BOARDS for panel in board["panels"] if panel["type"] != "row"]
EACH = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board["uid"])


def numbers(query: str) -> set[float]:
    """The numbers of a query, and products of two of them that stand beside each other: 30 * 86400."""
    found: set[float] = set()

    def visit(one: Any) -> None:
        if isinstance(one, promql_parser.NumberLiteral):
            found.add(one.val)
        if isinstance(one, promql_parser.BinaryExpr):
            sides = [side for side in (one.lhs, one.rhs) if isinstance(side, promql_parser.NumberLiteral)]
            found.add(math.prod(side.val for side in sides))

    promql_parser.walk(promql_parser.parse(query), visit)
    return found


def overlapping(panels: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Panels that cover each other."""

    def apart(one: dict[str, int], other: dict[str, int]) -> bool:
        return any(one[at] + one[size] <= other[at] or other[at] + other[size] <= one[at] for at, size in ("xw", "yh"))  # fmt: skip

    pairs = itertools.combinations(panels, 2)
    return [(a["title"], b["title"]) for a, b in pairs if not apart(a["gridPos"], b["gridPos"])]


def test_the_files_are_those_that_the_script_writes() -> None:
    spec = importlib.util.spec_from_file_location("dashboards", mixing.ROOT / "scripts/dashboards.py")
    assert spec
    assert spec.loader
    script = importlib.util.module_from_spec(spec)
    sys.modules["dashboards"] = script
    spec.loader.exec_module(script)
    written = {path.name: path.read_text("utf-8") for path in mixing.MIXIN.glob("dashboards/*.json")}
    assert written == script.made(), "run: make docs"


def test_there_is_a_dashboard_for_each_matter_and_all_are_linked_by_their_tag() -> None:
    names = {"estate", "cluster", "pacs", "backup", "capacity", "itself"}
    assert {board["uid"] for board in BOARDS} == {f"jauge-{name}" for name in names}
    for board in BOARDS:
        assert board["tags"] == ["jauge"]
        (others,) = [link for link in board["links"] if link["type"] == "dashboards"]
        assert others["tags"] == ["jauge"]
        assert others["includeVars"]
        assert others["keepTime"]


@EACH
def test_a_dashboard_has_the_shape_that_grafana_reads(board: dict[str, Any]) -> None:
    assert board["schemaVersion"] == 37
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", board["uid"])  # what Grafana allows
    panels = board["panels"]
    ids = [panel["id"] for panel in panels]
    assert len(set(ids)) == len(ids)
    titles = [panel["title"] for panel in panels]
    assert len(set(titles)) == len(titles)
    assert overlapping(panels) == []
    for panel in panels:
        place = panel["gridPos"]
        assert 0 <= place["x"] < place["x"] + place["w"] <= 24
        assert place["h"] > 0
    assert [one["type"] for one in board["templating"]["list"]] == ["datasource", "query"]


def test_panels_that_cover_each_other_are_found() -> None:
    places = [
        {"x": 0, "y": 0, "w": 12, "h": 8},
        {"x": 12, "y": 0, "w": 12, "h": 8},
        {"x": 11, "y": 7, "w": 4, "h": 4},
    ]
    panels = [{"title": str(number), "gridPos": place} for number, place in enumerate(places)]
    assert overlapping(panels) == [("0", "2"), ("1", "2")]


@pytest.mark.parametrize(
    ("uid", "panel"), PANELS, ids=lambda one: one if isinstance(one, str) else one["title"]
)
def test_a_panel_has_a_unit_a_chosen_source_and_queries_of_what_is_documented(
    uid: str, panel: dict[str, Any]
) -> None:
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["type"] in {"timeseries", "stat", "table", "bargauge"}
    assert len({asked["refId"] for asked in panel["targets"]}) == len(panel["targets"]) > 0
    for asked in panel["targets"]:
        assert asked["datasource"] == panel["datasource"] == {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}
        assert asked["instant"] != asked["range"]
    for (name, title, query), asked in mixing.asked():
        if (name, title) == (uid, panel["title"]) and "ALERTS{" not in query:
            assert list(mixing.unknown(query)) == []
            assert set(re.findall(r"\{\{(\w+)\}\}", asked["legendFormat"])) <= mixing.labels(query)


@pytest.mark.parametrize(
    ("uid", "panel"), PANELS, ids=lambda one: one if isinstance(one, str) else one["title"]
)
def test_the_limits_of_a_panel_are_those_of_the_alert_that_it_leads_to(
    uid: str, panel: dict[str, Any]
) -> None:
    linked = [re.search(r"/docs/runbooks/(\w+)\.md$", link["url"]) for link in panel["links"]]
    named = [found[1] for found in linked if found]
    assert set(named) <= ALERTS.keys()
    field = panel["fieldConfig"]["defaults"]
    limits = {step["value"] for step in field["thresholds"]["steps"] if step["value"] is not None}
    if named and not field["mappings"]:  # where words are shown, the limit is between them
        assert limits <= set().union(*(numbers(ALERTS[name]["expr"]) for name in named))
    elif limits:
        assert limits == {1}  # one of them is one too many
    if named:
        (severity,) = {ALERTS[name]["labels"]["severity"] for name in named}
        shades = {step["color"] for step in field["thresholds"]["steps"]} - {"#0072B2"}
        assert shades == {"#D55E00" if severity == "critical" else "#E69F00"}


def test_panels_that_the_demo_has_nothing_for_show_series_of_the_documented_shape(tmp_path: Path) -> None:
    """So many labels as they are documented with, and the query joins them."""
    cases = []
    for board, title, query in mixing.queries():
        shown = mixing.NOT_OF_THE_DEMO.get(f"{board}: {title}")
        if shown:
            series = re.findall(r"\w+(?:\{[^}]*\})?", shown)
            cases.append({
                "interval": "1m",
                "input_series": [{"series": one, "values": "1+1x10"} for one in series],
                "promql_expr_test": [{"expr": f"count({query})", "eval_time": "10m", "exp_samples": [{"labels": "{}", "value": 1}]}],
            })  # fmt: skip
    assert len(cases) == len(mixing.NOT_OF_THE_DEMO)
    path = tmp_path / "panels.yml"
    path.write_text(json.dumps({"rule_files": [str(mixing.MIXIN / "rules/jauge.yml")], "tests": cases}))
    promtool = servers.program("promtool", "prometheus")
    ran = subprocess.run(
        [promtool, "test", "rules", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
