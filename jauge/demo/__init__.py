"""A small hospital to try Jauge on: simulated agents on loopback, and three years of history behind them."""
