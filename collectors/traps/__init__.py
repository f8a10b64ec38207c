"""Traps and informs: what devices tell of their own accord, received only where the estate says so."""
