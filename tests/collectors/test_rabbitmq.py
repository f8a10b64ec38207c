"""A real RabbitMQ with its management plugin: what its own answers say of queues that hold messages."""

from __future__ import annotations

import dataclasses
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import interfaces
import pytest
import servers

pytestmark = pytest.mark.xdist_group("rabbitmq")

USER = {"user": "jauge", "password": "s3cret"}

SETTINGS = """
listeners.tcp.1 = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {web}
default_user = mon
default_pass = s3cret
default_user_tags.administrator = true
collect_statistics_interval = 500
log.console = true
log.file = false
"""


@dataclasses.dataclass(frozen=True)
class Broker:
    """A broker, and how its own interface is asked."""

    url: str

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(
            method,
            self.url + path,
            json=body,
            auth=("mon", "s3cret"),
            trust_env=False,
            verify=False,
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None


def _started(place: Path, program: str, epmd: str) -> Iterator[Broker]:
    amqp, web, distribution, mapper = (servers.free_port() for _ in range(4))
    (place / "rabbitmq.conf").write_text(SETTINGS.format(amqp=amqp, web=web))
    (place / "plugins").write_text("[rabbitmq_management].")
    named = {"ERL_EPMD_PORT": str(mapper), "ERL_EPMD_ADDRESS": servers.LOOPBACK, "HOME": str(place)}
    settings = {
        "NODENAME": f"t{web}@localhost",
        "DIST_PORT": str(distribution),
        "CONFIG_FILE": str(place / "rabbitmq.conf"),
        "MNESIA_BASE": str(place / "data"),
        "LOG_BASE": str(place),
        "PID_FILE": str(place / "pid"),
        "ENABLED_PLUGINS_FILE": str(place / "plugins"),
        "CONF_ENV_FILE": os.devnull,
        "SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("RABBITMQ_")
    } | named
    environment |= {f"RABBITMQ_{name}": value for name, value in settings.items()}
    names = servers.start([epmd, "-address", servers.LOOPBACK, "-port", str(mapper)], place / "epmd.log")
    process = servers.start([program], place / "log", env=environment)
    broker = Broker(f"http://{servers.LOOPBACK}:{web}")
    try:
        servers.wait(lambda: bool(broker.ask("GET", "/api/overview")), process, place / "log", timeout=90)
        yield broker
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # a shell that waits for its machine: both
        process.wait()
        servers.stop(names)


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    program = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    if not program.exists():
        servers.missing("RabbitMQ is not installed: apt-get install rabbitmq-server")
    epmd = servers.program("epmd", "erlang-base")
    with servers.folder() as place:
        for name in ("rabbitmq.conf", "plugins"):
            (place / name).touch()
        yield from _started(place, str(program), epmd)


@pytest.mark.proves("HTTP", "rabbitmq", "rabbitmq-server")
async def test_queues_of_a_real_broker_are_read_as_it_counts_them(broker: Broker) -> None:
    broker.ask("PUT", "/api/users/jauge", {"password": USER["password"], "tags": "monitoring"})
    least = {"configure": "^$", "write": "^$", "read": "^$"}  # what docs/guide/systems/messages.yml gives
    broker.ask("PUT", "/api/permissions/%2F/jauge", least)
    broker.ask("PUT", "/api/queues/%2F/hl7", {"durable": True})
    broker.ask("PUT", "/api/queues/%2F/dead", {"durable": True, "arguments": {"x-queue-type": "quorum"}})
    for _ in range(3):
        message = {"properties": {}, "routing_key": "hl7", "payload": "MSH|", "payload_encoding": "string"}
        assert broker.ask("POST", "/api/exchanges/%2F/amq.default/publish", message) == {"routed": True}

    def counted() -> bool:
        queues = {queue["name"]: queue for queue in broker.ask("GET", "/api/queues")}
        return all("messages" in queue for queue in queues.values()) and queues["hl7"]["messages"] == 3

    await interfaces.until(counted)
    tables, facts = await interfaces.poll(broker.url, "rabbitmq", USER)
    told = interfaces.told(tables)
    node = broker.ask("GET", "/api/nodes")[0]["name"]
    memory = told.pop(f'jauge_node_memory_used_bytes{{node="{node}"}}')
    assert memory > 10_000_000
    assert told == {
        'jauge_queue_messages{queue="/:hl7"}': 3,
        'jauge_queue_messages{queue="/:dead"}': 0,
        'jauge_queue_unconfirmed_messages{queue="/:hl7"}': 0,
        'jauge_queue_unconfirmed_messages{queue="/:dead"}': 0,
        'jauge_queue_consumers{queue="/:hl7"}': 0,
        'jauge_queue_consumers{queue="/:dead"}': 0,
        'jauge_queue_healthy{queue="/:hl7"}': 1,
        'jauge_queue_healthy{queue="/:dead"}': 1,
        f'jauge_node_up{{node="{node}"}}': 1,
    }
    assert facts["version"] == broker.ask("GET", "/api/overview")["rabbitmq_version"]


async def test_a_real_broker_refuses_a_wrong_password_once(broker: Broker) -> None:
    tables, _ = await interfaces.poll(broker.url, "rabbitmq", {**USER, "password": "wrong"})
    assert {table.reason for table in tables.values()} == {"auth_failed"}
