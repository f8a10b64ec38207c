"""The rules, tests and dashboards of `mixin/` as data, and what docs/metrics.md knows of their metrics."""

from __future__ import annotations

import contextlib
import functools
import json
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import promql_parser
import servers
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
MIXIN = ROOT / "mixin"
RUNBOOKS = ROOT / "docs/runbooks"

NOT_OF_THE_DEMO = {
    "jauge-cluster: Stores without the largest node": 'jauge_storage_used_bytes{target="c",store="p"} jauge_storage_size_without_node_bytes{target="c",store="p"}',
    "jauge-cluster: Clusters, by their own word": 'jauge_cluster_healthy{target="c",cluster="ceph"}',
    "jauge-cluster: Copies that are missing": 'jauge_cluster_degraded_ratio{target="c",cluster="ceph"}',
    "jauge-cluster: Members that decide, missing": 'jauge_cluster_members{target="c",cluster="ceph"} jauge_cluster_members_up{target="c",cluster="ceph"}',
    "jauge-itself: Queue to the engine of the history": "jauge_history_queue_age_seconds",
    "jauge-itself: Values that the history lost, within an hour": 'jauge_history_dropped_values_total{reason="full"}',
    "jauge-pacs: Studies of today and yesterday": 'jauge_pacs_recent_studies{target="p",aet="A",day="today"}',
}  # fmt: skip
"""Panels that the demo has nothing for, and series that they show: its cluster speaks SNMP, which tells no loss of a node, and none of
Ceph; its history is a file, not an engine; its archives are counted by their own figures, as nobody asks them by C-FIND."""

FROM_DISCOVERY = frozenset({"target", "site", "role", "service", "instance", "job"})
"""Labels that a scrape adds to every series."""

Rule = dict[str, Any]


class Scraped(NamedTuple):
    """A collector that is scraped under another name than its address."""

    name: str
    address: str
    path: str


@functools.cache
def rules(folder: str) -> list[Rule]:
    """All rules of `alerts` or `rules`."""
    return [
        rule
        for path in sorted((MIXIN / folder).glob("*.yml"))
        for group in YAML(typ="safe").load(path)["groups"]
        for rule in group["rules"]
    ]


def cases() -> list[dict[str, Any]]:
    """All groups of tests for promtool."""
    return [
        case
        for path in sorted((MIXIN / "tests").glob("*.yml"))
        for case in YAML(typ="safe").load(path)["tests"]
    ]


def selectors(query: str) -> list[Any]:
    """The selectors of series in a query, as the parser of PromQL sees them."""
    found: list[Any] = []

    def visit(one: Any) -> None:
        if isinstance(one, promql_parser.VectorSelector):
            found.append(one)

    promql_parser.walk(promql_parser.parse(query), visit)
    return found


def functions(query: str) -> set[str]:
    """The functions that a query calls."""
    found: set[str] = set()

    def visit(one: Any) -> None:
        if isinstance(one, promql_parser.Call):
            found.add(one.func.name)

    promql_parser.walk(promql_parser.parse(query), visit)
    return found


def names(query: str) -> set[str]:
    """The metrics that a query reads."""
    return {one.name for one in selectors(query)}


@functools.cache
def documented() -> dict[str, frozenset[str]]:
    """The labels of each metric that docs/metrics.md lists, those of a scrape included."""
    page = (ROOT / "docs/metrics.md").read_text("utf-8")
    known: dict[str, frozenset[str]] = {"up": FROM_DISCOVERY}
    for name, kind, labels in re.findall(r"^\| `(jauge_\w+)` \| (\w+) \| ([^|]*) \|", page, re.MULTILINE):
        has = frozenset(re.findall(r"`(\w+)`", labels)) | FROM_DISCOVERY
        known[name] = has
        if kind == "histogram":
            known |= {f"{name}_bucket": has | {"le"}, f"{name}_sum": has, f"{name}_count": has}
    return known | dict.fromkeys(re.findall(r"`(process_\w+)`", page), FROM_DISCOVERY)


def labels(query: str) -> frozenset[str]:
    """All labels that series of a query may bear."""
    recorded = {rule["record"]: rule["expr"] for rule in rules("rules")}
    return frozenset().union(
        *(labels(recorded[name]) if name in recorded else documented()[name] for name in names(query))
    )


def unknown(query: str) -> Iterator[str]:
    """What a query names that nobody serves: metrics, and labels that a metric never has."""
    recorded = {rule["record"]: rule["expr"] for rule in rules("rules")}
    for one in selectors(query):
        if one.name not in recorded and one.name not in documented():
            yield one.name
            continue
        has = labels(recorded[one.name]) if one.name in recorded else documented()[one.name]
        yield from (f"{one.name}{{{m.name}}}" for m in one.matchers.matchers if m.name not in has)


def load(name: str) -> Any:
    """A YAML file of the folder."""
    return YAML(typ="safe").load(MIXIN / name)


def boards() -> list[dict[str, Any]]:
    """The dashboards, as Grafana reads them."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(MIXIN.glob("dashboards/*.json"))]


def asked() -> Iterator[tuple[tuple[str, str, str], dict[str, Any]]]:
    """What each panel asks: dashboard, title, and PromQL as Grafana sends it where everything is chosen; and the target itself."""
    chosen = {"$target": ".*", "$collector": ".*", "$__rate_interval": "1m"}
    for board in boards():
        for panel in board["panels"]:
            for target in panel.get("targets", ()):
                query = functools.reduce(lambda text, one: text.replace(*one), chosen.items(), target["expr"])
                yield (board["uid"], panel["title"], query), target


def queries() -> list[tuple[str, str, str]]:
    """The same without the targets."""
    return [each for each, _ in asked()]


def empty(api: str, within: float) -> set[str]:
    """The panels that show nothing within so many seconds, or less where those are left that the demo has nothing for."""
    left, end = queries(), time.monotonic() + within
    while True:
        left = [each for each in left if not ask(api, each[2])]
        found = {f"{board}: {title}" for board, title, _ in left}
        if found <= NOT_OF_THE_DEMO.keys() or time.monotonic() > end:
            return found
        time.sleep(1)


def shortened(
    folder: Path, exporter: str, alertmanager: str = "", collectors: Sequence[Scraped] = (), pace: int = 0
) -> Path:
    """A copy of the folder's rules in which a minute of waiting takes `pace` seconds and all of it half a minute at most, and a configuration that scrapes.

    What waits for less still comes first. For no hour of the day is waited. `collectors` are scraped beside the exporter, as others of its kind.
    """
    for name in ("rules", "alerts"):
        (folder / name).mkdir()
        for path in MIXIN.glob(f"{name}/*.yml"):
            held = YAML(typ="safe").load(path)
            for rule in held["groups"][0]["rules"]:
                if "for" in rule:
                    rule["for"] = f"{min(30, pace * minutes(rule['for']))}s"
                rule["expr"] = rule["expr"].replace("hour() >= 10 < 20", "hour() >= 0")
            YAML().dump(held, folder / name / path.name)
    held = YAML(typ="safe").load(
        (MIXIN / "prometheus.yml").read_text("utf-8").replace("127.0.0.1:9640", exporter)
    )
    every = "5s" if pace else "1s"
    held["global"] = {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": "1s"}
    held["alerting"]["alertmanagers"][0]["static_configs"] = [{"targets": [alertmanager or "127.0.0.1:9"]}]
    held["scrape_configs"][1]["static_configs"] += [
        {"targets": [one.address], "labels": {"instance": one.name, "__metrics_path__": one.path}}
        for one in collectors
    ]
    config = folder / "prometheus.yml"
    YAML().dump(held, config)
    return config


def minutes(text: str) -> int:
    """The minutes of a time of Prometheus.

    >>> minutes("5m"), minutes("1h"), minutes("1d")
    (5, 60, 1440)
    """
    return int(text[:-1]) * {"m": 1, "h": 60, "d": 1440}[text[-1]]


@contextlib.contextmanager
def prometheus(
    exporter: str, alertmanager: str = "", collectors: Sequence[Scraped] = (), pace: int = 0
) -> Iterator[str]:
    """A Prometheus with the rules of the folder; gives the address of its API."""
    program = servers.program("prometheus", "prometheus")
    with servers.folder() as folder:
        config = shortened(folder, exporter, alertmanager, collectors, pace)
        address = f"127.0.0.1:{servers.free_port()}"
        words = [program, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address={address}", "--log.level=warn"]  # fmt: skip
        ready = f"http://{address}/-/ready"
        with servers.running(
            words, lambda: servers.get(ready).status_code == 200, folder / "log", cwd=folder
        ):
            yield f"http://{address}"


@contextlib.contextmanager
def victoria(
    exporter: str, alertmanager: str, collectors: Sequence[Scraped] = (), pace: int = 0
) -> Iterator[str]:
    """A VictoriaMetrics that scrapes, and a vmalert with the rules of the folder beside it; gives the address of the former's API."""
    engine, judge = (servers.program(name, "victoria-metrics") for name in ("victoria-metrics", "vmalert"))
    with servers.folder() as folder:
        config = shortened(folder, exporter, alertmanager, collectors, pace)
        held, scrapes = YAML(typ="safe").load(config), folder / "scrapes.yml"
        del held["global"]["evaluation_interval"]  # the rest is for who judges
        YAML().dump({name: held[name] for name in ("global", "scrape_configs")}, scrapes)
        address, beside = (f"127.0.0.1:{servers.free_port()}" for _ in range(2))
        # What came a moment ago is shown at once: it holds answers back for half a minute otherwise.
        words = [engine, f"-promscrape.config={scrapes}", f"-storageDataPath={folder / 'data'}", f"-httpListenAddr={address}", "-search.latencyOffset=0s", "-memory.allowedBytes=128MB"]  # fmt: skip
        asks = [judge, f"-rule={folder}/rules/*.yml", f"-rule={folder}/alerts/*.yml", f"-datasource.url=http://{address}", f"-remoteWrite.url=http://{address}", "-remoteWrite.flushInterval=1s", f"-notifier.url=http://{alertmanager}", f"-httpListenAddr={beside}", "-evaluationInterval=1s"]  # fmt: skip
        with (
            servers.running(words, lambda: _well(address), folder / "log", cwd=folder),
            servers.running(asks, lambda: _well(beside), folder / "judge.log", cwd=folder),
        ):
            yield f"http://{address}"


def _well(address: str) -> bool:
    return servers.get(f"http://{address}/health").status_code == 200


def ask(api: str, query: str) -> list[dict[str, Any]]:
    """The answer to an instant query."""
    said = servers.get(f"{api}/api/v1/query", params={"query": query}).json()
    assert said["status"] == "success", (query, said)
    found: list[dict[str, Any]] = said["data"]["result"]
    return found
