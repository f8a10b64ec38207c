"""The rules for Prometheus: they are tested by promtool, explained by a page each, and ask for what is served."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import mixing
import pytest
import servers
from ruamel.yaml import YAML

from inventory.metrics import REASONS

ALERTS = mixing.rules("alerts")
RECORDED = mixing.rules("rules")
SEVERITIES = ("critical", "warning", "info")
SECTIONS = ("What it means", "What it costs to wait", "Look at", "Do", "Silence it")


def promtool(*words: str | Path) -> str:
    """What promtool says; a failure of it is one of the test."""
    ran = subprocess.run(
        [servers.program("promtool", "prometheus"), *map(str, words)],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def untested(alerts: list[mixing.Rule], cases: list[dict[str, Any]]) -> set[str]:
    """The alerts that no case makes fire, or none shows quiet."""
    fires, quiet = set(), set()
    for case in cases:
        for asked in case["promql_expr_test"]:
            named = re.search(r'ALERTS\{alertname="(\w+)"', asked["expr"])
            assert named, asked
            things = {re.sub(r"^\w+", "", each["series"]) for each in case["input_series"]}
            if asked["exp_samples"]:
                fires.add(named[1])
            if len(things) > len(asked["exp_samples"]) > 0 or "quiet" in case["name"]:
                quiet.add(named[1])
    return {rule["alert"] for rule in alerts} - (fires & quiet)


def unexplained(alerts: list[mixing.Rule], folder: Path) -> set[str]:
    """The alerts whose link leads to no page, or to one that does not say what a page has to."""
    bad = set()
    for rule in alerts:
        page = folder / rule["annotations"].get("runbook_url", "nowhere").rpartition("/docs/runbooks/")[2]
        text = page.read_text("utf-8") if page.is_file() else ""
        said = [re.search(rf"^## {section}\n\n\S", text, re.MULTILINE) for section in SECTIONS]
        head = f"# {rule['alert']}\n\n*{rule['labels']['severity']}: "
        if not all(said) or not text.startswith(head) or f"Fires after {rule['for']}." not in text:
            bad.add(rule["alert"])
    return bad


def test_promtool_accepts_all_rules() -> None:
    said = promtool("check", "rules", *mixing.MIXIN.glob("alerts/*.yml"), *mixing.MIXIN.glob("rules/*.yml"))
    assert f"{len(RECORDED)} rules found" in said


@pytest.mark.parametrize("path", sorted(mixing.MIXIN.glob("tests/*.yml")), ids=lambda path: path.stem)
def test_alerts_fire_when_they_must_and_not_on_what_is_absent_flaps_or_began_anew(path: Path) -> None:
    assert "SUCCESS" in promtool("test", "rules", path)


def test_every_alert_has_a_case_that_fires_and_one_that_does_not() -> None:
    cases = mixing.cases()
    assert untested(ALERTS, cases) == set()
    assert untested(ALERTS, [case for case in cases if case["name"] != "JaugeNodeDown"]) == {"JaugeNodeDown"}


def test_every_alert_has_its_page_and_every_page_its_alert() -> None:
    assert unexplained(ALERTS, mixing.RUNBOOKS) == set()
    elsewhere = {**ALERTS[0], "annotations": {"runbook_url": "https://x.example/docs/runbooks/No.md"}}
    assert unexplained([elsewhere], mixing.RUNBOOKS) == {ALERTS[0]["alert"]}
    pages = {path.stem for path in mixing.RUNBOOKS.glob("*.md")} - {"README"}
    assert pages == {rule["alert"] for rule in ALERTS}
    index = (mixing.RUNBOOKS / "README.md").read_text("utf-8")
    rows = [
        f"| [{rule['alert']}]({rule['alert']}.md) | {rule['labels']['severity']} | {rule['for']} | "
        for rule in ALERTS
    ]
    assert [row for row in rows if row not in index] == []


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_has_a_severity_a_time_and_words_of_labels_that_it_has(rule: mixing.Rule) -> None:
    assert rule["labels"]["severity"] in SEVERITIES
    assert re.fullmatch(r"[1-9]\d*[mhd]", rule["for"])
    words = rule["annotations"]["summary"], rule["annotations"]["description"]
    assert all(len(each) > 20 for each in words)
    said = set(re.findall(r"\$labels\.(\w+)", " ".join(words)))
    assert said <= mixing.labels(rule["expr"])


@pytest.mark.parametrize("rule", [*RECORDED, *ALERTS], ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_asks_for_metrics_and_labels_that_are_documented(rule: mixing.Rule) -> None:
    assert list(mixing.unknown(rule["expr"])) == []
    # What is not known is absent, and nothing may fire on it.
    assert not mixing.functions(rule["expr"]) & {
        "absent",
        "absent_over_time",
        "vector",
        "predict_linear",
        "deriv",
    }


def test_a_metric_or_a_label_that_is_not_documented_is_found() -> None:
    asked = 'sum(rate(jauge_invented_total[5m])) > on () jauge_target_up{color="red"} unless jauge_nodes'
    assert sorted(mixing.unknown(asked)) == ["jauge_invented_total", "jauge_target_up{color}"]


def test_forecasts_page_by_probable_order_dates_alone() -> None:
    """A date that is only possible is for lists; what is certain enough to wake somebody is measured."""
    for rule in ALERTS:
        planned = [
            one for one in mixing.selectors(rule["expr"]) if "order_by" in one.name or "_full_" in one.name
        ]
        severity = rule["labels"]["severity"]
        for one in planned:
            asked = {matcher.name: matcher.value for matcher in one.matchers.matchers}
            assert severity != "critical", rule["alert"]
            assert severity == "info" or asked.get("state") == "probable" or asked.get("probability") == "0.5"


def test_the_examples_are_accepted_and_the_scrapes_are_those_that_alerts_ask_for() -> None:
    assert "SUCCESS" in promtool("check", "config", mixing.MIXIN / "prometheus.yml")
    amtool = servers.program("amtool", "prometheus-alertmanager")
    subprocess.run([amtool, "check-config", mixing.MIXIN / "alertmanager.yml"], check=True, timeout=30)
    scraped = {job["job_name"] for job in mixing.load("prometheus.yml")["scrape_configs"]}
    asked = {
        matcher.value
        for rule in ALERTS
        for one in mixing.selectors(rule["expr"])
        for matcher in one.matchers.matchers
        if matcher.name == "job"
    }
    assert asked == scraped


def test_routes_and_inhibitions_name_alerts_and_labels_that_exist() -> None:
    values_of = {
        "alertname": {rule["alert"] for rule in ALERTS},
        "area": {rule["labels"]["area"] for rule in ALERTS},
        "reason": set(REASONS),
    }
    for each in mixing.load("alertmanager.yml")["inhibit_rules"]:
        for matcher in [*each["source_matchers"], *each["target_matchers"]]:
            label, values = re.fullmatch(r'(\w+)[=!]~?"(.*)"', matcher).groups()  # type: ignore[union-attr]
            for value in values.split("|"):
                assert [name for name in values_of[label] if re.fullmatch(value, name)], matcher
        for rule in ALERTS:
            if re.fullmatch(each["source_matchers"][0].partition("=")[2].strip('"'), rule["alert"]):
                assert set(each["equal"]) <= mixing.labels(rule["expr"])


def test_jsonnet_makes_the_same_rules_with_the_address_of_ones_own_runbooks() -> None:
    program = servers.program("jsonnet", "jsonnet")
    asked = '(import "mixin.libsonnet") + {_config+:: {runbooks: "https://wiki.example/"}}'
    made = subprocess.run(
        [program, "-e", f"local m = {asked}; {{alerts: m.prometheusAlerts, rules: m.prometheusRules, boards: m.grafanaDashboards}}"],
        cwd=mixing.MIXIN, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    found = json.loads(made.stdout)
    alerts = [rule for group in found["alerts"]["groups"] for rule in group["rules"]]
    assert [rule["expr"] for rule in alerts] == [rule["expr"] for rule in ALERTS]
    assert {rule["annotations"]["runbook_url"] for rule in alerts} == {
        f"https://wiki.example/{rule['alert']}.md" for rule in ALERTS
    }
    assert found["rules"]["groups"][0]["rules"] == RECORDED
    shipped = ALERTS[0]["annotations"]["runbook_url"].rpartition("/")[0] + "/"
    assert found["boards"] == {
        path.name: json.loads(path.read_text("utf-8").replace(shipped, "https://wiki.example/"))
        for path in mixing.MIXIN.glob("dashboards/*.json")
    }


def test_runbooks_name_metrics_and_commands_that_exist() -> None:
    commands = (mixing.ROOT / "docs/commands.md").read_text("utf-8")
    for path in mixing.RUNBOOKS.glob("*.md"):
        text = path.read_text("utf-8")
        named = set(re.findall(r"`(jauge_\w+)", text))
        assert named <= mixing.documented().keys(), path.name
        for words in re.findall(r"`jauge ((?:[a-z]+ ?)+)", text):
            said = [" ".join(words.split()[:count]) for count in (1, 2, 3)]
            assert [each for each in said if f"## jauge {each}\n" in commands], (path.name, words)


def test_alerts_that_documents_show_are_those_that_are_shipped() -> None:
    """But one, which only the engine of a history can be asked for: Prometheus does not scrape what it asks."""
    shipped = {rule["alert"]: rule["expr"] for rule in ALERTS}
    shown = {
        rule["alert"]: rule["expr"]
        for page in (mixing.ROOT / "docs").glob("*.md")
        for block in re.findall(r"```yaml\n(- (?:alert|\{alert):.*?)```", page.read_text("utf-8"), re.DOTALL)
        for rule in YAML(typ="safe").load(block)
    }
    assert len(shown) > 5
    assert shown.keys() - shipped.keys() == {"JaugeHistoryNotRolledUp"}
    assert {name: expr for name, expr in shown.items() if name in shipped and expr != shipped[name]} == {}
