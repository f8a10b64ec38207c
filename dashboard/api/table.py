"""Every resource, in the order of the menu."""

from __future__ import annotations

from typing import Final

from dashboard.api import (
    ahead,
    comparing,
    deciding,
    following,
    machines,
    protecting,
    renewing,
    services,
    stores,
    watching,
)
from dashboard.api.resources import Document, Listing

RESOURCES: Final[tuple[Document | Listing, ...]] = (
    *watching.RESOURCES,
    *ahead.RESOURCES,
    *stores.RESOURCES,
    *deciding.RESOURCES,
    *comparing.RESOURCES,
    *services.RESOURCES,
    *protecting.RESOURCES,
    *machines.RESOURCES,
    *renewing.RESOURCES,
    *following.RESOURCES,
)
