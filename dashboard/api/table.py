"""Every resource, in the order of the menu."""

from __future__ import annotations

from typing import Final

from dashboard.api import stores
from dashboard.api.resources import Document, Listing

RESOURCES: Final[tuple[Document | Listing, ...]] = (*stores.RESOURCES,)
