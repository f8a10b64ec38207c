"""Texts of saved views. In English and French."""

from __future__ import annotations

from typing import Final

VIEWS: Final[dict[str, tuple[str, str]]] = {
    "views.title": ("Saved views", "Vues enregistrées"),
    "views.yours": ("Your views", "Vos vues"),
    "views.lead": (
        "You alone see them. Each shows the figures of the moment, with what was chosen when it was saved.",
        "Vous seul les voyez. Chacune montre les chiffres du moment, avec ce qui était choisi quand elle a été enregistrée.",
    ),
    "views.none": (
        "You saved no view yet. Under every page stands “Save this view”: it keeps the page with what is chosen on it.",
        "Vous n'avez encore enregistré aucune vue. Sous chaque page se trouve « Enregistrer cette vue » : la page est gardée avec ce qui "
        "y est choisi.",
    ),
    "views.demo": (
        "Saved views belong to whoever logged in, and nobody logs in to the demonstration. Bookmark a page instead: its address holds all "
        "that is chosen on it.",
        "Les vues enregistrées appartiennent à qui s'est connecté, et personne ne se connecte à la démonstration. Gardez plutôt la page "
        "dans vos favoris : son adresse contient tout ce qui y est choisi.",
    ),
    "views.save.title": ("Save this view", "Enregistrer cette vue"),
    "views.save": ("Save", "Enregistrer"),
    "views.name": ("Name", "Nom"),
    "views.remove": ("Remove", "Supprimer"),
    "views.remove.of": ("Remove {name}", "Supprimer {name}"),
    "views.done.saved": ("The view {name} is saved.", "La vue {name} est enregistrée."),
    "views.done.removed": ("The view is removed.", "La vue est supprimée."),
    "views.refused.name": (
        "A view has a name of 1 to {longest} characters that can be seen.",
        "Une vue a un nom de 1 à {longest} caractères visibles.",
    ),
    "views.refused.taken": (
        "You have a view of that name already. Choose another one, or remove that view first.",
        "Vous avez déjà une vue de ce nom. Choisissez-en un autre, ou supprimez d'abord cette vue.",
    ),
    "views.refused.many": (
        "You have {most} views, and there is no room for more. Remove one first.",
        "Vous avez {most} vues, et il n'y a pas de place pour d'autres. Supprimez-en une d'abord.",
    ),
    "views.refused.long": (
        "Too much is chosen on this page for a view to keep it.",
        "Trop de choses sont choisies sur cette page pour qu'une vue les garde.",
    ),
    "views.refused.page": ("There is no such page.", "Cette page n'existe pas."),
    "column.view": ("View", "Vue"),
    "column.page": ("Page", "Page"),
    "column.chosen": ("What is chosen", "Ce qui est choisi"),
}
