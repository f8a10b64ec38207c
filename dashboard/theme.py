"""One look: colours that a colour-blind reader tells apart, one Plotly layout, one grid theme."""

from __future__ import annotations

from typing import Any, Final

# Okabe and Ito, "Color Universal Design" (2008). A colour never stands alone: a shape and a word are beside it. Their sky blue
# (#56B4E9) and orange (#E69F00) are darker here: on white they would stand out at 2.3:1, and lines need 3:1 on either ground.
BLUE: Final = "#0072B2"
SKY: Final = "#2F8FC7"
GREEN: Final = "#009E73"
ORANGE: Final = "#B87A00"
VERMILION: Final = "#D55E00"
PURPLE: Final = "#CC79A7"
GREY: Final = "#868e96"

STATES: Final[dict[str, tuple[str, str]]] = {
    "down": ("bad", "■"),
    "failed": ("bad", "■"),
    "over": ("bad", "■"),
    "silent": ("bad", "■"),
    "refused": ("bad", "■"),
    "stuck": ("warn", "◆"),
    "short": ("bad", "■"),
    "mistake": ("bad", "■"),
    "remark": ("warn", "◆"),
    "lying": ("bad", "■"),
    "ended": ("warn", "◆"),
    "worn": ("warn", "◆"),
    "late": ("warn", "◆"),
    "unprotected": ("warn", "◆"),
    "unmet": ("bad", "■"),
    "doubted": ("warn", "◆"),
    "alone": ("warn", "◆"),
    "untested": ("soon", "▲"),
    "stale": ("soon", "▲"),
    "full": ("soon", "▲"),
    "partly": ("soon", "▲"),
    "tight": ("soon", "▲"),
    "reached": ("bad", "■"),
    "overdue": ("warn", "◆"),
    "soon": ("soon", "▲"),
    "later": ("good", "●"),
    "possible": ("none", "○"),
    "never": ("none", "○"),
    "unknown": ("none", "○"),
    "unpromised": ("none", "○"),
    "well": ("good", "●"),
    "met": ("good", "●"),
    "tested": ("good", "●"),
    "answers": ("good", "●"),
}
"""For each state its class of colour (see assets/jauge.css) and its shape; its word is `state.NAME`."""

MANTINE: Final[dict[str, Any]] = {
    "fontFamily": "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif",
    "primaryColor": "cyan",
    "primaryShade": {"light": 9, "dark": 4},
    "defaultRadius": "md",
    "headings": {"fontWeight": "650"},
}

GRID: Final = {
    "function": "themeQuartz.withParams({backgroundColor:'var(--mantine-color-body)',"
    "foregroundColor:'var(--mantine-color-text)',borderColor:'var(--mantine-color-default-border)',"
    "headerBackgroundColor:'var(--mantine-color-default-hover)',"
    "accentColor:'var(--mantine-primary-color-filled)',fontFamily:'inherit',fontSize:14,"
    "wrapperBorderRadius:8,cellHorizontalPadding:8})"
}


def tint(colour: str, opacity: float) -> str:
    """A `#rrggbb` colour made translucent, as Plotly and CSS write it."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


# Numbers of an axis stand off it, so that the first of one does not touch the first of the other; titles are no louder than they.
_AXIS: Final = {
    "ticks": "outside",
    "ticklen": 6,
    "tickcolor": "rgba(0,0,0,0)",
    "title": {"font": {"size": 13}, "standoff": 10},
}
_AXES: Final[dict[str, Any]] = {"layout": {"xaxis": _AXIS, "yaxis": _AXIS}}


def layout(**changes: Any) -> dict[str, Any]:
    """The layout of every chart: no ground of its own, text coloured by the page's style sheet."""
    return {
        "template": _AXES,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "inherit", "size": 13},
        "margin": {"l": 64, "r": 24, "t": 16, "b": 48},
        "legend": {"orientation": "h", "traceorder": "normal", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hovermode": "x unified",
        "dragmode": False,
        **changes,
    }
