"""The page of clusters, on files that the real writers and the real planner wrote."""

from __future__ import annotations

import re

import pytest
from asking import ask, words
from wrote import Wrote

from dashboard.app import create
from dashboard.clusters import Cluster
from dashboard.data import Data
from exporters.history.sqlite import Reader
from exporters.plan.outlooks import Outlooks
from forecasting.capacity import Rules
from forecasting.plan import plan
from inventory.checking import load
from inventory.metrics import labels
from inventory.state import open_state

GIB = float(1 << 30)
ESTATE = """timezone: Europe/Paris
language: en
credentials: {c: {snmp: v2c, community: file:/etc/hostname}}
defaults: {credential: c}
targets:
  - {name: hci-01, address: 127.0.0.1, lead_time: 8w}
  - {name: hci-02, address: 127.0.0.1, capacity: {nodes: 4}}
  - {name: hci-03, address: 127.0.0.1, capacity: {nodes: 4}, ceiling: 0.7}
  - {name: nas-01, address: 127.0.0.1}
"""


@pytest.fixture(scope="module")
def clusters(tmp_path_factory: pytest.TempPathFactory) -> Data:
    folder = tmp_path_factory.mktemp("clusters")
    (folder / "estate.yml").write_text(ESTATE)
    wrote = Wrote(folder)
    # 800 of 1,280 GiB in use; without the node of 512 there are 768 left: 104 %.
    for name, size, used in (("a", 512, 300), ("b", 512, 300), ("c", 256, 200)):
        node = labels(node=name)
        wrote.days("hci-01", "jauge_node_memory_size_bytes", node, size * GIB, size * GIB)
        wrote.days("hci-01", "jauge_node_memory_used_bytes", node, used * GIB, used * GIB)
        for metric, value in (
            ("jauge_node_memory_size_bytes", size * GIB),
            ("jauge_node_memory_used_bytes", used * GIB),
            ("jauge_node_cpus", 32.0),
            ("jauge_node_up", 1.0),
            ("jauge_node_vms", 12.0),
        ):
            wrote.last("hci-01", metric, node, value)
    wrote.days("hci-01", "jauge_node_vms", labels(node="<b>gone</b>"), 5, 5, until=10)
    for name, healthy in (("d1", 1.0), ("d2", 0.0), ("d3", 1.0)):
        wrote.last("hci-01", "jauge_disk_healthy", labels(disk=name), healthy)
    wrote.last("hci-01", "jauge_disk_wear_ratio", labels(disk="d3"), 0.93)
    wrote.days("hci-01", "jauge_storage_size_bytes", labels(store="pool", kind="pool"), 100e12, 100e12)
    wrote.days("hci-01", "jauge_storage_used_bytes", labels(store="pool", kind="pool"), 40e12, 50e12)
    # Four nodes of one size, as is declared: 75 of 100 TB without one, of which 60 are in use: 80 %.
    wrote.days("hci-02", "jauge_storage_size_bytes", labels(store="p2", kind="pool"), 100e12, 100e12)
    wrote.days("hci-02", "jauge_storage_used_bytes", labels(store="p2", kind="pool"), 60e12, 60e12)
    # The same, of which no more than 70 % may be filled: 52.5 TB. It can lose a node, and holds more than it may.
    wrote.days("hci-03", "jauge_storage_size_bytes", labels(store="p3", kind="pool"), 100e12, 100e12)
    wrote.days("hci-03", "jauge_storage_used_bytes", labels(store="p3", kind="pool"), 60e12, 60e12)
    wrote.days("nas-01", "jauge_storage_size_bytes", labels(store="v", kind="volume"), 10e12, 10e12)
    wrote.days("nas-01", "jauge_storage_used_bytes", labels(store="v", kind="volume"), 1e12, 1e12)
    wrote.writer.close()
    estate = load(folder / "estate.yml")
    plan(Reader(folder / "history.db"), Outlooks(folder / "plan.db"), wrote.now, rules=Rules.of(estate))
    found = Data(estate, folder)
    found.clock = lambda: wrote.now
    return found


def page(data: Data, search: str = "", language: str = "en") -> str:
    app = create(data, open_state(data.folder / "state.db"), demo=True)
    return re.sub(r"\s", " ", words(ask(app, "/hyperconverged", search, language)))


def test_a_cluster_that_cannot_lose_a_node_comes_first_and_says_by_how_much(clusters: Data) -> None:
    shown = page(clusters)
    assert [one.name for one in clusters.clusters()] == ["hci-01", "hci-03", "hci-02"]
    assert shown.index("hci-01") < shown.index("hci-02")
    assert (
        "cannot lose its largest node today: the other ones would have to carry 104% of what they hold"
        in shown
    )
    assert "825 GB" in shown  # 768 GiB
    assert "nas-01" not in shown


def test_a_cluster_that_holds_more_than_it_may_is_not_called_full_soon(clusters: Data) -> None:
    shown = page(clusters)
    assert re.search(r"full +hci-03\b.{,80}full already", shown)
    assert "full soon hci-03" not in shown


def test_what_nobody_tells_of_a_cluster_is_said_and_never_taken_for_room(clusters: Data) -> None:
    shown = page(clusters)
    assert "Nobody tells what the other nodes hold of: pool (storage)." in shown
    untold = [room for room in clusters.clusters()[0].rooms if room.without is None]
    assert [(room.load, room.left, room.is_short) for room in untold] == [(None, None, False)]


def test_declared_nodes_of_one_size_leave_three_quarters_of_four(clusters: Data) -> None:
    shown = page(clusters, "?cluster=hci-02", "fr")
    assert "les autres porteraient au plus 80 % de ce qu'ils contiennent" in shown
    assert "Ce cluster ne dit rien de ses nœuds un par un." in shown
    assert "Ce cluster ne dit rien de ses disques." in shown


def test_a_host_that_fell_silent_is_shown_without_what_it_told_then(clusters: Data) -> None:
    hosts = {host.name: host for host in clusters.clusters()[0].hosts}
    gone = hosts.pop("<b>gone</b>")
    assert (gone.state, gone.vms) == ("silent", None)
    assert {(host.state, host.vms, host.cpus) for host in hosts.values()} == {("well", 12.0, 32.0)}
    assert "1 host takes no part or is silent." in page(clusters)


def test_disks_that_failed_or_are_worn_are_counted_and_named(clusters: Data) -> None:
    shown = page(clusters)
    assert "Disks: 3, of which failed: 1, worn: 1." in shown
    assert shown.index("d2") < shown.index("d3")
    assert "93%" in shown


def test_an_estate_without_clusters_says_what_makes_one(bare: Data) -> None:
    assert bare.clusters() == []
    assert "No cluster is known." in page(bare)


def test_the_overview_names_the_cluster_that_cannot_lose_a_node_and_not_the_one_that_can(
    clusters: Data,
) -> None:
    (found,) = [one for one in clusters.overview() if isinstance(one.about, Cluster)]
    assert (found.trouble, found.about.name) == ("short", "hci-01")  # type: ignore[union-attr]
    app = create(clusters, open_state(clusters.folder / "state.db"), demo=True)
    shown = re.sub(r"\s", " ", words(ask(app, "/")))
    assert (
        "without its largest node the other ones would have to carry 104% of what they hold (memory)" in shown
    )
