"""What the collector says of the room that it has for its own files."""

from __future__ import annotations

import shutil
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from exporters.own import Own


def room(folder: Path) -> dict[str, float]:
    own = Own()
    own.watch_disk(folder)
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(own.text(openmetrics=False).decode())
        for sample in family.samples
        if sample.name.startswith("jauge_data_")
    }


def test_the_room_on_the_disk_of_the_files_is_served(tmp_path: Path) -> None:
    found, said = room(tmp_path), shutil.disk_usage(tmp_path)
    assert found["jauge_data_size_bytes"] == said.total
    assert 0 < found["jauge_data_available_bytes"] <= said.total


def test_a_folder_that_cannot_be_asked_has_no_room_of_nothing(tmp_path: Path) -> None:
    assert room(tmp_path / "not there") == {}
