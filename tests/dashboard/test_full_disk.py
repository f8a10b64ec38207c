"""The pages on a disk without a byte left: who is logged in goes on looking, for that is when somebody has to."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import servers

_FULL = """
import json, os, sys, time
from pathlib import Path

from dashboard.access import users
from dashboard.app import create
from dashboard.data import Data
from dashboard.declared import Declared
from inventory.checking import load
from inventory.state import open_state

folder = Path(sys.argv[1])
estate = folder / "estate.yml"
estate.write_text("targets: [{name: here, host: true}]\\n")
state = open_state(folder / "state.db")
users.add(state, "alice", "admin", "a long password 1")
server = create(Data(Declared(load(estate), estate), folder), state).server
headers = {"Host": "127.0.0.1", "Origin": "http://127.0.0.1"}
alice, other = server.test_client(), server.test_client()

def log_in(client):
    form = {"name": "alice", "password": "a long password 1"}
    return client.post("/login", data=form, headers=headers).status_code

found = {"in": log_in(alice)}
with open(folder / "fill", "wb", buffering=0) as file:
    try:
        while True:
            file.write(b"x" * 4096)
    except OSError:
        pass
real = time.time
time.time = lambda: real() + 300  # when it is noted that a session is used
found["pages"] = [alice.get(path, headers=headers).status_code for path in ("/-/healthy", "/capacity", "/api/v1/targets", "/login")]
found["unknown"] = other.get("/capacity", headers=headers).status_code
found["others"] = log_in(other)
(folder / "fill").unlink()
found["afterwards"] = [log_in(other), alice.get("/api/v1/targets", headers=headers).status_code]
print(json.dumps(found))
"""


def test_who_is_logged_in_goes_on_looking_while_the_disk_is_full(tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-Urm", "true"], capture_output=True, check=False).returncode != 0:
        servers.missing("unshare -Urm is not permitted here: no small disk can be mounted")
    mount = f"mount -t tmpfs -o size=4m jauge {tmp_path} && exec {sys.executable} - {tmp_path}"
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", mount],
        input=_FULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {
        "in": 303,
        "pages": [200, 200, 200, 200],
        "unknown": 302,
        "others": 503,  # it could not be told in the audit log
        "afterwards": [303, 200],
    }
