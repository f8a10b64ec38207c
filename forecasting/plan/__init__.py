"""The nightly job: the history of everything that fills in, an issue of outlooks out."""

from forecasting.plan.job import Summary, plan, project_stores
from forecasting.quantities import SIZE, STALE, USED

__all__ = ["SIZE", "STALE", "USED", "Summary", "plan", "project_stores"]
