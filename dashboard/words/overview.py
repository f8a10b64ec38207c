"""Texts of the overview. In English and French."""

from __future__ import annotations

from typing import Final

OVERVIEW: Final[dict[str, tuple[str, str]]] = {
    "overview.title": ("Overview", "Vue d'ensemble"),
    "state.lying": ("untrue", "faux succès"),
    "state.ended": ("out of support", "hors support"),
    "overview.down": ("Down", "En panne"),
    "overview.late": ("Late", "En retard"),
    "overview.unprotected": ("Backups late or untrue", "Sauvegardes en retard ou fausses"),
    "overview.full": ("Full within {days} days", "Pleins d'ici {days} jours"),
    "overview.short": ("Cannot lose a node", "Ne peuvent perdre un nœud"),
    "overview.ended": ("Out of support", "Hors support"),
    "overview.of": ("of {n}", "sur {n}"),
    "overview.list": ("What needs attention, worst first", "À traiter, le plus grave d'abord"),
    "overview.more": ("and {n} more", "et {n} de plus"),
    "overview.runway": ("The whole runway", "Toutes les échéances"),
    "overview.well": (
        "Nothing is down, late, unprotected, out of support or full within {days} days, and every cluster can lose a node.",
        "Rien n'est en panne, en retard, mal sauvegardé, hors support ou plein d'ici {days} jours, et chaque cluster peut "
        "perdre un nœud.",
    ),
    "overview.short.why": (
        "without its largest node the other ones would have to carry {ratio} of what they hold ({what})",
        "sans son plus grand nœud, les autres devraient porter {ratio} de ce qu'ils contiennent ({what})",
    ),
    "overview.ended.why": (
        "{system}: its maker's support ended on {day}",
        "{system} : support du fabricant terminé le {day}",
    ),
    "overview.ended.undated": (
        "{system}: its maker's support has ended",
        "{system} : support du fabricant terminé",
    ),
    "overview.ended.machines.one": (
        "{n} workstation of {all} is out of support",
        "{n} poste sur {all} est hors support",
    ),
    "overview.ended.machines.many": (
        "{n} workstations of {all} are out of support",
        "{n} postes sur {all} sont hors support",
    ),
    "overview.untargeted": (
        "The estate names no target yet. Add one under `targets:`, run `jauge check`, then start `jauge run`.",
        "Le parc ne nomme encore aucune cible. Ajoutez-en sous `targets:`, lancez `jauge check`, puis démarrez `jauge run`.",
    ),
    "overview.empty": (
        "The collector has not polled anything yet. Start `jauge run` with your estate file; "
        "the first answers arrive within a minute.",
        "Le collecteur n'a encore rien interrogé. Lancez `jauge run` avec votre fichier de parc ; "
        "les premières réponses arrivent en moins d'une minute.",
    ),
    "overview.down.why": ("no answer for {span}", "sans réponse depuis {span}"),
    "overview.down.never": ("has never answered", "n'a jamais répondu"),
    "overview.late.why": (
        "last answer {span} ago, expected every {every}",
        "dernière réponse il y a {span}, attendue toutes les {every}",
    ),
    "overview.partly.why": ("{tables} failed", "{tables} en échec"),
    "overview.unprotected.why": (
        "last restore point {age} old, promised {rpo}",
        "dernier point de restauration vieux de {age}, promis {rpo}",
    ),
    "overview.unprotected.never": (
        "no restore point was ever seen, promised every {rpo}",
        "aucun point de restauration jamais vu, promis tous les {rpo}",
    ),
    "overview.full.why": ("full about {day}, in {span}", "plein vers le {day}, dans {span}"),
    "overview.over.why": (
        "holds {used} of the {limit} that it may",
        "contient {used} sur les {limit} permis",
    ),
    "overview.do.late": (
        "Look at the collector's load, then run `jauge explain`.",
        "Regardez la charge du collecteur, puis lancez `jauge explain`.",
    ),
    "overview.do.order": ("Order the extension by {day}.", "Commandez l'extension le {day} au plus tard."),
    "overview.do.order.now": (
        "Should have been ordered by {day}: order the extension now.",
        "Aurait dû être commandée le {day} au plus tard : commandez l'extension maintenant.",
    ),
    "overview.do.full": (
        "Plan an extension or a purge; give its lead_time to see by when.",
        "Prévoyez une extension ou une purge ; donnez son lead_time pour savoir avant quand.",
    ),
    "overview.do.short": (
        "Move machines off it, or add a node: until then the loss of one stops others.",
        "Déplacez des machines ailleurs, ou ajoutez un nœud : d'ici là, en perdre un en arrête d'autres.",
    ),
    "overview.do.ended": (
        "Upgrade or replace it; buy extended support where its maker sells it.",
        "Mettez-le à niveau ou remplacez-le ; prenez un support étendu si le fabricant en vend.",
    ),
    "overview.do.ended.machines": (
        "Look at those in care first, then at the renewal plan.",
        "Voyez d'abord ceux au soin, puis le plan de renouvellement.",
    ),
    "overview.do.over": ("Free space now, or extend it.", "Libérez de la place maintenant, ou étendez-le."),
}
