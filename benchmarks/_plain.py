"""A plain Dash application over the same stores, as one is written in an afternoon: all rows to the browser, and one chart.

Served for `benchmarks.dashboard` by `python -m benchmarks._plain ROWS.json PORT`, with as many workers and threads as Jauge's own.
It is given its rows ready made, asks for no login, and nothing changes in it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
import plotly.graph_objects as go
from dash import Dash, Input, Output, dcc, html
from gunicorn.app.base import BaseApplication


def application(rows: list[dict[str, Any]], course: list[dict[str, Any]]) -> Dash:
    """Two pages: a few words, and all stores with the chart of one."""
    app = Dash(__name__)
    page = html.Div(id="page")
    app.layout = dmc.MantineProvider(
        html.Div([dcc.Location(id="url"), dcc.Link("Stores", href="/stores", id="way"), page])
    )

    @app.callback(Output("page", "children"), Input("url", "pathname"))
    def show(path: str) -> Any:
        if path != "/stores":
            return html.H1("About", id="title")
        figure = go.Figure(go.Scatter(x=[day["ds"] for day in course], y=[day["y"] for day in course]))
        columns = [{"field": name} for name in rows[0]]
        return html.Div(
            [
                html.H1("Stores", id="title"),
                dag.AgGrid(id="grid", rowData=rows, columnDefs=columns),
                dcc.Graph(figure=figure),
            ]
        )

    return app


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, as `dashboard.serving` starts it."""

    def __init__(self, app: Dash, port: int) -> None:
        self._app, self._port = app, port
        super().__init__()

    def load_config(self) -> None:
        told = {"bind": f"127.0.0.1:{self._port}", "workers": 2, "worker_class": "gthread", "threads": 4, "keepalive": 30,
                "preload_app": True, "control_socket_disable": True, "loglevel": "warning"}  # fmt: skip
        for name, value in told.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._app.server


def main() -> None:
    """Serve until a signal ends it."""
    given = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    app = application(given["rows"], given["course"])
    app.server.test_client().get("/")  # Dash registers its scripts on the first request
    _Server(app, int(sys.argv[2])).run()


if __name__ == "__main__":
    main()
