"""Every text of the pages in English, by its key. `{names}` are filled in; nothing here comes from a device.

`dashboard.words.catalogue` has them in other languages.
"""

from __future__ import annotations

from typing import Final

from dashboard.words.account import ACCOUNT
from dashboard.words.accuracy import ACCURACY
from dashboard.words.administration import ADMINISTRATION
from dashboard.words.archives import ARCHIVES
from dashboard.words.backups import BACKUPS
from dashboard.words.capacity import CAPACITY
from dashboard.words.care import CARE
from dashboard.words.clusters import CLUSTERS
from dashboard.words.committee import COMMITTEE
from dashboard.words.common import COMMON
from dashboard.words.deadlines import DEADLINES
from dashboard.words.fleet import FLEET
from dashboard.words.imports import IMPORTS
from dashboard.words.itself import ITSELF
from dashboard.words.lives import LIVES
from dashboard.words.login import LOGIN
from dashboard.words.notices import NOTICES
from dashboard.words.overview import OVERVIEW
from dashboard.words.pages import PAGES
from dashboard.words.platforms import PLATFORMS
from dashboard.words.reasons import REASONS
from dashboard.words.recorded import RECORDED
from dashboard.words.renewal import RENEWAL
from dashboard.words.report import REPORT
from dashboard.words.runway import RUNWAY
from dashboard.words.scenarios import SCENARIOS
from dashboard.words.search import SEARCH
from dashboard.words.text import Text
from dashboard.words.views import VIEWS
from dashboard.words.workbook import WORKBOOK

WORDS: Final[dict[str, Text]] = {
    **ACCOUNT,
    **ACCURACY,
    **ADMINISTRATION,
    **ARCHIVES,
    **BACKUPS,
    **CAPACITY,
    **CARE,
    **CLUSTERS,
    **COMMITTEE,
    **COMMON,
    **DEADLINES,
    **FLEET,
    **IMPORTS,
    **ITSELF,
    **LIVES,
    **LOGIN,
    **NOTICES,
    **OVERVIEW,
    **PAGES,
    **PLATFORMS,
    **REASONS,
    **RECORDED,
    **RENEWAL,
    **REPORT,
    **RUNWAY,
    **SCENARIOS,
    **SEARCH,
    **VIEWS,
    **WORKBOOK,
}
