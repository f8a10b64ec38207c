"""The backtest of the forecasts: windows whose future is known, scores, and the methods that people use elsewhere.

    from benchmarks.forecasting import jauge, score, windows
    chosen = windows("tune", seed=1, count=400)
    score(jauge(chosen), chosen)
    score(jauge(chosen, ahead=my_forecast, dates=None), chosen)     # a function like `forecasting.engine.forecast`

`python -m benchmarks.forecasting` prints the table.
"""

from benchmarks.forecasting.methods import LOCAL, jauge
from benchmarks.forecasting.scores import Forecasts, score, summary, table
from benchmarks.forecasting.window import Window, windows

__all__ = ["LOCAL", "Forecasts", "Window", "jauge", "score", "summary", "table", "windows"]
