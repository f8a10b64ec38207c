"""Webhooks and chats, by apprise.

Its log, and that of what it sends with, hold addresses, which are secrets: neither is let out, and only the status that a receiver
answered with is taken from it.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from exporters.messages import DeliveryError
from inventory.credentials import Apprise as Credential
from inventory.credentials import SecretMissingError

KEY: Final = "Idempotency-Key"
"""The header that tells a webhook that a message is the one which it may have had already."""

_NOISY: Final = ("apprise", "requests", "urllib3", "requests_oauthlib")
_CALL: Final = re.compile(r"@(?=(?:everyone|here|channel|all)\b)|<(?=[!@#])|\](?=\()", re.IGNORECASE)
"""What a chat takes for a call to all of its people, or for a link that says another address than it leads to."""

_STATUS: Final = re.compile(r"error=(\d{3})\b")


def post(
    name: str, credential: Credential, title: str, body: str, mark: str, claim: Callable[[], None]
) -> None:
    """Send a message to what the estate calls `name`; `claim` is called when it is about to leave. Raises DeliveryError."""
    import apprise  # noqa: PLC0415 - it costs half a second, and most runs send nothing

    with _hushed() as told:
        receiver = _receiver(apprise, name, credential)
        if isinstance(getattr(receiver, "headers", None), dict):
            receiver.headers[KEY] = mark
        claim()
        try:
            taken = bool(
                receiver.notify(body=calm(body), title=calm(title), body_format=apprise.NotifyFormat.TEXT)
            )
        except Exception:  # noqa: BLE001 - of plugins of other people, whose errors may hold the address
            taken = False
    if taken:
        return
    status = _STATUS.search(told.getvalue())
    if status is None:
        raise DeliveryError(f"{name} did not answer, or took the message without saying so", arrived=None)
    raise DeliveryError(f"{name} refused the message: {status[1]}")


def calm(text: str) -> str:
    """A text in which no name of a device calls anybody, or is a link: a space breaks what a chat would take for that."""
    return _CALL.sub(lambda found: f"{found[0]} ", text)


def _receiver(apprise: Any, name: str, credential: Credential) -> Any:
    """What an address leads to: it is asked at once, and led nowhere else."""
    try:
        address = credential.apprise.reveal()
    except SecretMissingError as error:
        raise DeliveryError(str(error)) from None
    asset = apprise.AppriseAsset(
        app_id="Jauge", app_desc="Jauge", app_url="", image_url_mask="", image_url_logo="", async_mode=False, http_redirects=False,
    )  # fmt: skip
    receiver = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if receiver is None:
        raise DeliveryError(f"the credential of {name} holds no address that apprise knows")
    receiver.redirects = False
    return receiver


@contextmanager
def _hushed() -> Iterator[io.StringIO]:
    """Keep what libraries log to ourselves for a moment."""
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    handler.setLevel(logging.WARNING)
    loggers = [logging.getLogger(name) for name in _NOISY]
    before = [(one, one.propagate, one.level, one.disabled) for one in loggers]
    for one in loggers:
        one.propagate, one.disabled = False, one.name != "apprise"
        one.setLevel(logging.WARNING)
    loggers[0].addHandler(handler)
    try:
        yield told
    finally:
        loggers[0].removeHandler(handler)
        for one, propagate, level, disabled in before:
            one.propagate, one.disabled = propagate, disabled
            one.setLevel(level)
