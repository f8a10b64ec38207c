"""What a text is before it is filled in."""

from __future__ import annotations

Text = str | tuple[str, str]
"""Words, or words of a thing that is counted: of one, and of several."""
