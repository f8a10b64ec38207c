"""A maintenance that somebody noted is a metric, for its target and its time."""

from __future__ import annotations

import json
import time
from pathlib import Path

from prometheus_client import CollectorRegistry

from inventory.state import notices, open_state
from inventory.state.notices import Sighting
from jauge.silences import Silences, silenced

HOUR = 3600.0


def test_a_target_is_silenced_until_the_moment_that_was_said_and_no_other_one_is(tmp_path: Path) -> None:
    path, now = tmp_path / "state.db", time.time()
    assert silenced(path, now) == {}
    state = open_state(path)
    found = [Sighting("silent", json.dumps([name])) for name in ("nas-01", "san-02", "pacs-01")]
    found.append(Sighting("backup", json.dumps(["db-01", "nightly", "db-01"])))
    with state.write() as connection:
        notices.observe(connection, found, {"silent", "backup"}, now)
    number = {json.loads(one.subject)[0]: one.id for one in notices.listed(state, now)}
    until = now + 2 * HOUR
    notices.answer(
        state, [number["nas-01"], number["db-01"]], "silenced", "alice", "new controller", now, until
    )
    notices.answer(state, [number["pacs-01"]], "taken", "alice", "I look", now)
    assert silenced(path, now) == {"nas-01": until}
    registry = CollectorRegistry()
    Silences(registry, path)
    assert (
        registry.get_sample_value("jauge_target_silenced_until_timestamp_seconds", {"target": "nas-01"})
        == until
    )
    assert silenced(path, until + 1) == {}
    notices.answer(state, [number["nas-01"]], "released", "alice", "done", now + HOUR)
    assert silenced(path, now + HOUR) == {}
