"""`jauge poll --textfile`: a file that a real node_exporter reads, and promtool finds nothing wrong with."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import servers
import within
from prometheus_client.parser import text_string_to_metric_families

ESTATE = "sites: {north: null}\ntargets: [{name: here, host: true, site: north}, {name: 'also-here', host: true}]\n"


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    path = tmp_path / "estate.yml"
    path.write_text(ESTATE)
    return path


def test_a_file_is_whole_readable_and_clean_and_a_real_node_exporter_serves_it(estate: Path) -> None:
    promtool = servers.program("promtool", "prometheus")
    node_exporter = servers.program("prometheus-node-exporter", "prometheus-node-exporter")
    twice = [word for name in ("here", "also-here", "here") for word in ("--target", name)]
    with servers.folder() as place:
        file = place / "jauge.prom"
        former = os.umask(0o077)  # as a careful administrator has it
        try:
            for _ in range(2):  # the second time in the place of the first
                said = within.jauge("poll", estate, *twice, "--textfile", file)
                assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
        finally:
            os.umask(former)
        assert file.stat().st_mode & 0o777 == 0o644
        assert [each.name for each in place.iterdir()] == ["jauge.prom"]
        text = file.read_text()
        argv = [promtool, "check", "metrics"]
        checked = subprocess.run(argv, input=text, text=True, capture_output=True, check=False)
        assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        assert all(re.fullmatch(r"[a-z0-9_]+(\{.*\})? \S+", line) for line in lines)  # no timestamps
        names = [line.rpartition(" ")[0] for line in lines]
        assert len(names) == len(set(names))
        port = servers.free_port()
        argv = [node_exporter, f"--web.listen-address=127.0.0.1:{port}", "--collector.disable-defaults"]
        argv += ["--collector.textfile", f"--collector.textfile.directory={place}"]
        with servers.running(argv, lambda: servers.answers(port), estate.parent / "log"):
            served = servers.get(f"http://127.0.0.1:{port}/metrics").text
    found = {
        (sample.name, sample.labels.get("target")): sample.value
        for family in text_string_to_metric_families(served)
        for sample in family.samples
    }
    assert found["node_textfile_scrape_error", None] == 0
    assert found["jauge_target_up", "here"] == found["jauge_target_up", "also-here"] == 1
    assert found["jauge_memory_size_bytes", "here"] > 0


def test_a_target_that_is_down_is_written_as_down(estate: Path, tmp_path: Path) -> None:
    port = servers.free_port()
    estate.write_text(
        f"targets: [{{name: gone, timeout: 2s, http: {{family: orthanc, url: 'http://127.0.0.1:{port}'}}}}]"
    )
    assert within.jauge("poll", estate, "--textfile", tmp_path / "jauge.prom").returncode == 1
    assert 'jauge_target_up{target="gone"} 0' in (tmp_path / "jauge.prom").read_text()


def test_a_file_that_cannot_be_written_is_told_and_the_former_one_stays(estate: Path, tmp_path: Path) -> None:
    said = within.jauge("poll", estate, "--textfile", tmp_path / "absent" / "jauge.prom")
    assert said.returncode == 1
    assert "cannot be written: No such file or directory" in said.stderr
    folder = tmp_path / "folder.prom"
    folder.mkdir()
    assert within.jauge("poll", estate, "--textfile", folder).returncode == 1
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".")]
    assert within.jauge("poll", estate, "--textfile", tmp_path / "jauge.txt").returncode == 2
