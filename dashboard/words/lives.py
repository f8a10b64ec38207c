"""Texts of how long machines last: what that is learnt from, and the curves. In English and French."""

from __future__ import annotations

from typing import Final

LIVES: Final[dict[str, tuple[str, str]]] = {
    "lives.title": ("How long models last", "Durée de vie des modèles"),
    "lives.learnt": (
        "How long machines last is learnt from the imports of {since} to {until}: {failures} of {machines} ({years} machine-years watched).",
        "La durée de vie des postes est apprise des imports du {since} au {until} : {failures} sur {machines} "
        "({years} années-postes de suivi).",
    ),
    "lives.failures.one": ("{n} failure", "{n} panne"),
    "lives.failures.many": ("{n} failures", "{n} pannes"),
    "lives.machines.one": ("{n} machine", "{n} poste"),
    "lives.machines.many": ("{n} machines", "{n} postes"),
    "lives.few": (
        "So few failures tell little: see how wide the bands are.",
        "Si peu de pannes en disent peu : voyez la largeur des marges.",
    ),
    "lives.none": (
        "No failure was told: what is counted with is half a failure in as many years again. Where the inventory calls what failed by "
        "another name, nobody knows.",
        "Aucune panne n'est relevée : le calcul en suppose une demie pour autant d'années encore. Si l'inventaire donne un autre nom à ce "
        "qui est en panne, nul ne le sait.",
    ),
    "lives.own.one": (
        "For {n} model the curve is mostly its own.",
        "Pour {n} modèle, la courbe est surtout la sienne.",
    ),
    "lives.own.many": (
        "For {n} models the curve is mostly their own.",
        "Pour {n} modèles, la courbe est surtout la leur.",
    ),
    "lives.maker.one": (
        "For {n} model the curve is mostly that of its maker.",
        "Pour {n} modèle, la courbe est surtout celle de son fabricant.",
    ),
    "lives.maker.many": (
        "For {n} models the curve is mostly that of their maker.",
        "Pour {n} modèles, la courbe est surtout celle de leur fabricant.",
    ),
    "lives.all.one": (
        "For {n} model the curve is mostly that of all makers.",
        "Pour {n} modèle, la courbe est surtout celle de tous les fabricants.",
    ),
    "lives.all.many": (
        "For {n} models the curve is mostly that of all makers.",
        "Pour {n} modèles, la courbe est surtout celle de tous les fabricants.",
    ),
    "lives.assumed": (
        "How long machines last is assumed, and not learnt: 3 in 100 fail in their second year, and 8 in 100 in their sixth. No imports of "
        "two days could say that a machine failed whose date of purchase is known.",
        "La durée de vie des postes est supposée, et non apprise : 3 sur 100 tombent en panne dans leur deuxième année, et 8 sur 100 dans "
        "leur sixième. Aucun import de deux jours n'a pu dire en panne un poste dont la date d'achat est connue.",
    ),
    "lives.and": ("; ", " ; "),
    "lives.left": ("Left out: {what}.", "Laissés de côté : {what}."),
    "lives.left.untold": (
        "{n} of which no import could say that they failed",
        "{n} qu'aucun import n'a pu dire en panne",
    ),
    "lives.left.undated": ("{n} without a date of purchase", "{n} sans date d'achat"),
    "lives.left.later": ("{n} first seen after that day", "{n} vus plus tard seulement"),
    "lives.left.impossible": (
        "{n} gone before they were bought, or older than 30 years",
        "{n} partis avant leur achat, ou vieux de plus de 30 ans",
    ),
    "lives.left.brief": ("{n} seen on one day only", "{n} vus un seul jour"),
    "lives.computing": (
        "How long models last is being computed: this page shows it then by itself.",
        "La durée de vie des modèles est en cours de calcul : cette page l'affichera d'elle-même.",
    ),
    "lives.stale": (
        "Something has changed since: this is being computed anew.",
        "Quelque chose a changé depuis : le calcul est refait.",
    ),
    "lives.more": (
        "The {n} models of which most machines were watched; there are {more} more.",
        "Les {n} modèles dont le plus de postes sont suivis ; il y en a {more} de plus.",
    ),
    "lives.model": (
        "{failures} of {machines} that were watched ({years} machine-years).",
        "{failures} sur {machines} suivis ({years} années-postes).",
    ),
    "lives.unwatched": ("No machine of this model was watched.", "Aucun poste de ce modèle n'est suivi."),
    "lives.begun": (
        "Shares are of the machines that were {age} years old: nobody saw younger ones.",
        "Les parts sont celles des postes âgés de {age} ans : personne n'en a vu de plus jeunes.",
    ),
    "lives.rests.own": (
        "The curve is mostly its own: these failures weigh {own}.",
        "La courbe est surtout la sienne : ces pannes pèsent {own}.",
    ),
    "lives.rests.maker": (
        "The curve is mostly that of its maker: these failures weigh {own}.",
        "La courbe est surtout celle du fabricant : ces pannes pèsent {own}.",
    ),
    "lives.rests.all": (
        "The curve is mostly that of all makers: these failures weigh {own}.",
        "La courbe est surtout celle de tous les fabricants : ces pannes pèsent {own}.",
    ),
    "lives.chart.label": (
        "Share of the machines of {model} alive by age: steps as seen, and the curve that plans count with, with its band; the "
        "table holds the same figures.",
        "Part des postes {model} en vie selon l'âge : paliers observés, et courbe que les plans utilisent, avec sa marge ; le "
        "tableau contient les mêmes chiffres.",
    ),
    "lives.ages": ("Alive by age", "En vie selon l'âge"),
    "lives.whose.own": ("mostly its own", "surtout la sienne"),
    "lives.whose.maker": ("mostly its maker's", "surtout celle du fabricant"),
    "lives.whose.all": ("mostly that of all makers", "surtout celle de tous les fabricants"),
    "lives.between": ("{low} to {high}", "{low} à {high}"),
    "lives.few.short": ("few", "peu"),
    "column.watched": ("Watched", "Suivis"),
    "column.machine_years": ("Machine-years", "Années-postes"),
    "column.curve": ("Curve", "Courbe"),
    "column.ages": ("At ages (years)", "Aux âges (ans)"),
    "column.fails": ("Fails at 3 to 4 years", "Panne de 3 à 4 ans"),
    "column.seen_alive": ("Seen (95 %)", "Observé (95 %)"),
    "column.counted_alive": ("Counted with (80 %)", "Utilisé (80 %)"),
    "trace.seen": ("seen (Kaplan-Meier)", "observé (Kaplan-Meier)"),
    "trace.curve.own": ("counted with: mostly its own", "utilisée : surtout la sienne"),
    "trace.curve.maker": ("counted with: mostly its maker's", "utilisée : surtout celle du fabricant"),
    "trace.curve.all": ("counted with: mostly that of all makers", "utilisée : surtout celle de tous"),
    "trace.watched": ("watched until here", "suivi jusqu'ici"),
    "axis.years": ("age, years", "âge, années"),
    "axis.alive": ("alive, %", "en vie, %"),
}
