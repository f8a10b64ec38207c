"""Texts of saved views."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text

VIEWS: Final[dict[str, Text]] = {
    "views.title": "Saved views",
    "views.yours": "Your views",
    "views.lead": "You alone see them. Each shows the figures of the moment, with what was chosen when it was saved.",
    "views.none": "You saved no view yet. Under every page stands “Save this view”: it keeps the page with what is chosen on it.",
    "views.demo": (
        "Saved views belong to whoever logged in, and nobody logs in to the demonstration. Bookmark a page instead: its address holds all "
        "that is chosen on it."
    ),
    "views.save.title": "Save this view",
    "views.save": "Save",
    "views.name": "Name",
    "views.remove": "Remove",
    "views.remove.of": "Remove {name}",
    "views.done.saved": "The view {name} is saved.",
    "views.done.removed": "The view is removed.",
    "views.refused.name": "A view has a name of 1 to {longest} characters that can be seen.",
    "views.refused.taken": "You have a view of that name already. Choose another one, or remove that view first.",
    "views.refused.many": "You have {most} views, and there is no room for more. Remove one first.",
    "views.refused.long": "Too much is chosen on this page for a view to keep it.",
    "views.refused.page": "There is no such page.",
    "column.view": "View",
    "column.page": "Page",
    "column.chosen": "What is chosen",
}
