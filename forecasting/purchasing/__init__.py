"""The arithmetic of buying: needs and offers by month in, orders out. Nothing of the estate is known here."""
