"""The platforms of the demo that answer over HTTP, each in its maker's documented form: see `collectors/apis`."""

from __future__ import annotations

import functools
import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import parse_qs

from inventory.metrics import labels
from jauge.demo import web
from jauge.demo.curves import Limited, Scaled, Steps, value
from jauge.demo.hospital import Broker, Desktops, Engine, Machine, Measure, Vault

Moment = Callable[[], tuple[float, float]]
"""Now and birth, UTC epoch seconds."""

DOMAIN: Final = "HOPITAL"
USER: Final = "jauge"

_STATUS: Final = "com.mirth.connect.donkey.model.message.Status"
_LOGIN: Final = "com.mirth.connect.model.LoginStatus"


_MEMORY: Final = 412e6
"""Bytes that a broker takes."""


def start(machine: Machine, port: int, secret: str, moment: Moment) -> Any:
    """Serve what a machine answers over HTTP on a TCP port of 127.0.0.1. Raises OSError."""
    match machine.service:
        case Engine() as engine:
            return _mirth(engine, port, secret, moment)
        case Broker() as broker:
            routes = _rabbitmq(broker, machine.name, moment)
            return web.serve(port, routes, web.basic(USER, secret), name="Cowboy", challenge="Basic")
        case Desktops() as desktops:
            return _horizon(desktops, port, secret, moment)
        case Vault() as vault:
            guard = web.carries("Authorization", f"Bearer {secret}")
            return web.serve(port, _dcm4chee(machine, vault, moment), guard, name="WildFly")
    return None


def measures(machine: Machine) -> Iterator[Measure]:
    """The series of a platform whose past the history holds, named as a poll names them."""
    if isinstance(machine.service, Desktops):
        yield from _desktops(machine.service)
    elif isinstance(machine.service, Broker):
        node = labels(node=f"rabbit@{machine.name}")
        yield Measure("jauge_node_memory_used_bytes", node, Steps(_MEMORY))
    elif isinstance(machine.service, Vault):
        # It has refused us since somebody cleaned its list of AE titles up.
        yield Measure("jauge_dicom_echo_success", labels(aet=machine.service.aet), Steps(0.0, ((3, -1.0),)))


def _desktops(service: Desktops) -> Iterator[Measure]:
    for pool in service.pools:
        named = labels(pool=pool.name)
        yield Measure("jauge_desktop_machines", named, pool.machines)
        yield Measure("jauge_desktop_machines_used", named, Limited(pool.used, pool.machines))
        yield Measure("jauge_desktop_sessions", named, Limited(pool.used, pool.machines))
    yield Measure("jauge_sessions", labels(kind="virtual desktops"), service.sessions)
    yield Measure("jauge_licenses_used", labels(license="concurrent connections"), service.sessions)
    yield Measure("jauge_licenses_used", labels(license="named users"), Scaled(service.named, 1.0))


def _whole(curve: Any, moment: Moment) -> int:
    return int(value(curve, *moment()))


# --- Mirth Connect ------------------------------------------------------------------------------------------


def _mirth(engine: Engine, port: int, secret: str, moment: Moment) -> Any:
    """A form opens a session that is a cookie."""
    session = secrets.token_urlsafe(12)

    def login(request: web.Request) -> web.Reply:
        form = {name: values[0] for name, values in parse_qs(request.body).items()}
        is_known = form.get("username") == USER and secrets.compare_digest(
            form.get("password", "").encode(), secret.encode()
        )
        cookie = {"Set-Cookie": f"JSESSIONID={session}; Path=/api; HttpOnly"} if is_known else {}
        status = "SUCCESS" if is_known else "FAIL"
        return web.Reply({_LOGIN: {"status": status}}, 200 if is_known else 401, cookie)

    routes: web.Routes = {
        "POST /api/users/_login": login,
        "POST /api/users/_logout": lambda _: {},
        "GET /api/server/version": lambda _: engine.version,
        "GET /api/channels/statuses": lambda _: {
            "list": {"dashboardStatus": list(_channels(engine, moment))}
        },
    }
    guard = web.carries("Cookie", f"JSESSIONID={session}")
    return web.serve(port, routes, guard, name="Jetty", open_to_all=("POST /api/users/_login",))  # fmt: skip


def _channels(engine: Engine, moment: Moment) -> Iterator[dict[str, Any]]:
    for number, channel in enumerate(engine.channels, 1):
        received = _whole(channel.received, moment)
        queued = _whole(channel.queued, moment)
        counts = {"RECEIVED": received, "FILTERED": received // 40, "SENT": received - received // 40 - queued,
                  "ERROR": channel.errors}  # fmt: skip
        yield {
            "channelId": str(number), "name": channel.name, "state": channel.state, "queued": queued,
            "statistics": {
                "@class": "linked-hash-map",
                "entry": [{_STATUS: status, "long": count} for status, count in counts.items()],
            },
        }  # fmt: skip


# --- RabbitMQ -----------------------------------------------------------------------------------------------


def _rabbitmq(broker: Broker, name: str, moment: Moment) -> web.Routes:
    def queues(_request: web.Request) -> list[dict[str, Any]]:
        found = []
        for queue in broker.queues:
            waiting = _whole(queue.waiting, moment)
            found.append({
                "name": queue.name, "vhost": "soins", "state": "running", "messages": waiting,
                "messages_unacknowledged": min(waiting, 4 * queue.consumers), "consumers": queue.consumers,
            })  # fmt: skip
        return found

    node = {"name": f"rabbit@{name}", "running": True, "mem_used": int(_MEMORY)}
    return {
        "GET /api/overview": lambda _: {"rabbitmq_version": broker.version},
        "GET /api/queues": queues,
        "GET /api/nodes": lambda _: [node],
    }


# --- VMware Horizon -----------------------------------------------------------------------------------------


def _horizon(service: Desktops, port: int, secret: str, moment: Moment) -> Any:
    token = secrets.token_urlsafe(12)

    def login(request: web.Request) -> web.Reply:
        try:
            asked = json.loads(request.body)
        except ValueError:
            asked = {}
        wanted = {"domain": DOMAIN, "username": USER, "password": secret}
        if asked != wanted:
            return web.Reply({"error": "invalid credentials"}, 401)
        return web.Reply({"access_token": token, "refresh_token": token})

    sessions = functools.partial(_whole, service.sessions, moment)
    routes: web.Routes = {
        "POST /rest/login": login,
        "POST /rest/logout": lambda _: {},
        "GET /rest/monitor/v2/connection-servers": lambda _: [_connection(service, sessions())],
        "GET /rest/monitor/v1/licenses/usage-metrics": lambda _: {
            "current_usage": {
                "total_concurrent_connections": sessions(),
                "total_named_users": _whole(service.named, moment),
            }
        },
        "GET /rest/inventory/v1/desktop-pools": lambda _: [
            {"id": pool.name, "name": pool.name, "display_name": pool.name, "enabled": True}
            for pool in service.pools
        ],
        "GET /rest/monitor/v1/desktop-pools/metrics": lambda request: list(_pools(service, request, moment)),
    }
    guard = web.carries("Authorization", f"Bearer {token}")
    return web.serve(port, routes, guard, name="Horizon", open_to_all=("POST /rest/login",))


def _connection(service: Desktops, sessions: int) -> dict[str, Any]:
    return {
        "id": "cs1", "name": "cs1", "status": "OK", "connection_count": sessions,
        "details": {"build": "21446398", "version": service.version},
    }  # fmt: skip


def _pools(service: Desktops, request: web.Request, moment: Moment) -> Iterator[dict[str, Any]]:
    wanted = parse_qs(request.query).get("ids", [])
    for pool in service.pools:
        if pool.name in wanted:
            used = _whole(Limited(pool.used, pool.machines), moment)
            yield {
                "id": pool.name, "num_machines": _whole(pool.machines, moment), "occupancy_count": used,
                "num_connected_sessions": used,
            }  # fmt: skip


# --- dcm4chee-arc -------------------------------------------------------------------------------------------


def _dcm4chee(machine: Machine, vault: Vault, moment: Moment) -> web.Routes:
    def storage(_request: web.Request) -> list[dict[str, Any]]:
        found = []
        for store in machine.stores:
            size = _whole(store.size, moment)
            used = min(_whole(store.used, moment), size)
            found.append({
                "dcmStorageID": store.name, "dcmInstanceAvailability": vault.tiers[store.name],
                "totalSpace": size, "usableSpace": size - used,
            })  # fmt: skip
        return found

    def count(queue: str, request: web.Request) -> dict[str, int]:
        (status,) = parse_qs(request.query).get("status", [""])
        curve = vault.queues.get((queue, status))
        return {"count": _whole(curve, moment) if curve is not None else 0}

    counts = {
        f"GET /monitor/{queue}/count": functools.partial(count, queue)
        for queue in ("export", "retrieve", "stgver")
    }
    return {
        "GET /storage": storage,
        **counts,
        "GET /queue/HL7Send/count": functools.partial(count, "HL7Send"),
    }
