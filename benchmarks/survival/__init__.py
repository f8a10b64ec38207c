"""What survival costs, beside lifelines: `python -m benchmarks.survival`."""
