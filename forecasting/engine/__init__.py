"""Pure arithmetic: DataFrame in, DataFrame out. Imports nothing of ours.

`forecast` is the interface: `unique_id, ds, y` in, `unique_id, ds, mean, lo80, hi80, lo95, hi95` out.
"""

from forecasting.engine.frames import FrameError, check
from forecasting.engine.projection import forecast, refusals

__all__ = ["FrameError", "check", "forecast", "refusals"]
