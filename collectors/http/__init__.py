"""Polling over HTTP: a client that trusts nothing it receives, sessions, and the families that read (httpx)."""

from collectors.api import INTERFACES
from collectors.http.families import FAMILIES, Families
from collectors.http.polling import poll

__all__ = ["FAMILIES", "INTERFACES", "Families", "poll"]
