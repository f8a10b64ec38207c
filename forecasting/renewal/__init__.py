"""The renewal plan: which workstations are replaced in which quarter, by what, for how much money."""
