"""Why a file is not taken, in the language of the reader: for inventories and for lists of processors."""

from __future__ import annotations

from typing import Final

import structlog
from dash import html
from dash.development.base_component import Component

from dashboard import taking
from dashboard.access import gate
from dashboard.texts import Texts, plain
from inventory.imports import ImportFailedError
from inventory.imports.reasons import Reason
from inventory.state import StateError

log = structlog.get_logger(__name__)

FAILURES: Final = (ImportFailedError, StateError, taking.TooLargeError)
"""What a file that somebody sends may end in."""


def refused(error: Exception, t: Texts) -> Component:
    """What went wrong, for the reader; the log does not say why, as that may quote a row of a file that names people."""
    log.warning("import refused", kind=type(error).__name__, who=gate.current().name)
    return failed(error, t)


def failed(error: Exception, t: Texts) -> Component:
    """What went wrong, in words."""
    if isinstance(error, taking.TooLargeError):
        why = t("import.large", size=t.size(taking.LARGEST))
    elif isinstance(error, ImportFailedError) and isinstance(error.why, Reason):
        where = f"{plain(error.where, 200)}{t('colon')}" if error.where else ""
        why = where + reason(error.why, t)
    else:
        why = t("import.unkept")
    return html.Div(
        [html.P(t("import.failed")), html.P(why, className="dim")], className="warning", role="alert"
    )


def reason(why: Reason, t: Texts) -> str:
    """Why, in the reader's words: what comes from the file is made plain, and numbers are grouped."""
    values = {
        name: t.number(value) if isinstance(value, int) and name != "year" else plain(str(value), 120)
        for name, value in why.values.items()
    }
    return t(f"import.why.{why.code}", **values)
