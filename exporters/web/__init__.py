"""The doors of the exporter: TLS, passwords and a bound on requests, as the web configuration file of Prometheus' exporters says.

The form is that of exporter-toolkit
(https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md). What it says here holds, or the
file is refused: nothing of it is silently left undone.
"""
