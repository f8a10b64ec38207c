"""Charts: pure functions from frames to Plotly figures as plain dicts. No text of a device enters them."""
