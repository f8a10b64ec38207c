"""Recordings: what a target answers, written down without what would tell whose it is, and played again."""
