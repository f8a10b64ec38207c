"""Where values go: the Prometheus exposition, the history, the outlooks."""
