"""A small hospital to try Jauge on: simulated agents on loopback, and three years of history behind them."""

from __future__ import annotations

from jauge.demo.estate import Demo, prepare

__all__ = ["Demo", "prepare"]
