"""How long workstations last, learnt from an inventory that began after many of them were bought.

A *life* is what the snapshots of the inventory tell of one machine: how old it was when it was first seen, how old when it
was last, and whether it had failed then. Pure arithmetic on frames; it imports nothing of ours.

- `lives`         from days to ages; what cannot be used is counted
- `kaplan_meier`  the curve that assumes nothing
- `weibull`       a curve with a scale and a shape; exposure for many shapes at once
- `shrinking`     models that lean on their maker, makers that lean on the fleet
- `fleet`         probabilities, and expected failures with bands
- `models`        what is told of each model, and what is not
- `document`      the same as plain values
"""

from forecasting.survival.fleet import Basis, Survival, fit
from forecasting.survival.kaplan_meier import Curve, kaplan_meier
from forecasting.survival.lives import LeftOut, LivesError
from forecasting.survival.weibull import Weibull

__all__ = ["Basis", "Curve", "LeftOut", "LivesError", "Survival", "Weibull", "fit", "kaplan_meier"]
