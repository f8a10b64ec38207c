"""`jauge prometheus-config`: what a Prometheus needs to know of an estate."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from jauge.verbs.common import EstatePath, estate_of, fail, plainly, told

if TYPE_CHECKING:
    from exporters.web.config import WebConfig as Doors

USAGE: Final = 2

Addresses = Annotated[
    list[str],
    typer.Option(
        "--address",
        metavar="HOST:PORT",
        help="By which Prometheus reaches the exporter; once for each shard.",
    ),
]
Whole = Annotated[
    bool, typer.Option("--whole", help="One scrape of /metrics/estate in place of one for each target.")
]
WebConfig = Annotated[
    Path | None,
    typer.Option(
        "--web.config.file",
        metavar="FILE",
        help="Web configuration of the exporter: TLS and who Prometheus is follow from it.",
        envvar="JAUGE_WEB_CONFIG",
        show_default=False,
    ),
]
Authority = Annotated[
    str | None,
    typer.Option("--ca-file", metavar="PATH", help="Authority of the exporter's certificate, on Prometheus' machine.", show_default=False),
]  # fmt: skip
Certificate = Annotated[
    str | None,
    typer.Option("--cert-file", metavar="PATH", help="Certificate that Prometheus shows, on its machine.", show_default=False),
]  # fmt: skip
KeyFile = Annotated[
    str | None,
    typer.Option("--key-file", metavar="PATH", help="Its key, on Prometheus' machine.", show_default=False),
]
User = Annotated[
    str | None,
    typer.Option("--username", metavar="NAME", help="Who Prometheus is among basic_auth_users; the one, where there is one.", show_default=False),
]  # fmt: skip
PasswordFile = Annotated[
    str,
    typer.Option("--password-file", metavar="PATH", help="Where its password is, on Prometheus' machine."),
]


def prometheus_config(
    estate: EstatePath,
    addresses: Addresses = ["127.0.0.1:9640"],  # noqa: B006 - typer's form of a default; nobody changes it
    whole: Whole = False,
    web: WebConfig = None,
    authority: Authority = None,
    certificate: Certificate = None,
    key: KeyFile = None,
    user: User = None,
    password_file: PasswordFile = "/etc/prometheus/jauge.password",  # noqa: S107 - a path
) -> None:
    """Print scrape_configs for prometheus.yml: the targets, and the collector itself, as often as the estate polls."""
    found = estate_of(estate)
    for address in addresses:
        if not re.fullmatch(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}", address):
            fail(f"{address} is no address of an exporter: write HOST:PORT", USAGE)
    from exporters.scraping import Way, scrape_configs, text  # noqa: PLC0415 - only this verb needs it
    from exporters.web.config import WebConfig as Doors  # noqa: PLC0415 - as above
    from exporters.web.config import WebConfigError, load  # noqa: PLC0415 - as above

    with told(WebConfigError):
        config = load(web) if web is not None else Doors()
    tls = config.tls_server_config
    if tls.client_auth_type == "RequireAndVerifyClientCert" and not (certificate and key):
        fail("the exporter wants a certificate of Prometheus: give --cert-file and --key-file", USAGE)
    who = _user(config, user)
    shown = Way(
        addresses=addresses,
        whole=whole,
        tls=tls.enabled,
        authority=authority,
        certificate=certificate,
        key=key,
        user=who,
        password_file=password_file if who is not None else None,
    )
    plainly(text(scrape_configs(found, shown)))


def _user(config: Doors, asked: str | None) -> str | None:
    """Who Prometheus is; None where nobody is asked."""
    users = list(config.basic_auth_users)
    if asked is not None and asked not in users:
        fail(f"the web configuration has no user {asked}", USAGE)
    if asked is None and len(users) > 1:
        fail(f"the web configuration has several users, give --username: {', '.join(users)}", USAGE)
    return asked or (users[0] if users else None)
