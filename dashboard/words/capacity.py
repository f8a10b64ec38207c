"""Texts of capacity: stores, outlooks, and the sentences that explain them. In English and French."""

from __future__ import annotations

from typing import Final

CAPACITY: Final[dict[str, tuple[str, str]]] = {
    "capacity.title": ("Capacity", "Capacité"),
    "capacity.empty": (
        "The history holds no store yet. Start `jauge run`, or bring past days in with `jauge history import FILE.csv`.",
        "L'historique ne contient encore aucun stockage. Lancez `jauge run`, ou reprenez le passé avec "
        "`jauge history import FICHIER.csv`.",
    ),
    "capacity.none": (
        "No store of this kind or site. Choose another filter.",
        "Aucun stockage de ce type ou de ce site. Choisissez un autre filtre.",
    ),
    "capacity.lead.one": ("{n} store.", "{n} stockage."),
    "capacity.lead.many": (
        "{n} stores, the first to fill first.",
        "{n} stockages, le plus tôt plein en tête.",
    ),
    "capacity.unplanned": (
        "No outlook yet: run `jauge plan` (it is meant to run every night).",
        "Pas encore de prévision : lancez `jauge plan` (prévu chaque nuit).",
    ),
    "capacity.issued": ("Outlooks of {at}.", "Prévisions du {at}."),
    "capacity.as": ("Shown as", "Présentation"),
    "capacity.as.grid": ("scrolling list", "liste défilante"),
    "capacity.as.table": ("table, to print", "tableau, à imprimer"),
    "capacity.paper": (
        "The list of {n} stores scrolls on the screen and is not printed. Choose “table, to print” above it, and print that.",
        "La liste des {n} stockages défile à l'écran et n'est pas imprimée. Choisissez « tableau, à imprimer » au-dessus d'elle, et "
        "imprimez celui-ci.",
    ),
    "capacity.grid": ("Stores, worst first", "Stockages, le plus urgent d'abord"),
    "capacity.every.kind": ("Every kind", "Tous les types"),
    "capacity.every.site": ("Every site", "Tous les sites"),
    "capacity.filter.kind": ("Kind", "Type"),
    "capacity.filter.site": ("Site", "Site"),
    "capacity.filter.span": ("Shown", "Période"),
    "capacity.span.1y": ("1 year", "1 an"),
    "capacity.span.2y": ("2 years", "2 ans"),
    "capacity.span.all": ("everything", "tout"),
    "capacity.back": ("All stores", "Tous les stockages"),
    "capacity.lost": (
        "No store bears this name any more. It may have been renamed, or it has not been seen for 30 days.",
        "Aucun stockage ne porte plus ce nom. Il a pu être renommé, ou n'a pas été vu depuis 30 jours.",
    ),
    "capacity.chart": ("History and outlook", "Historique et prévision"),
    "capacity.chart.label": (
        "Chart of the used bytes: the sentence above and the table below say the same.",
        "Graphique des octets occupés : la phrase ci-dessus et le tableau ci-dessous disent la même chose.",
    ),
    "capacity.young": (
        "There are not two days of history yet: the curve begins tomorrow.",
        "Il n'y a pas encore deux jours d'historique : la courbe commence demain.",
    ),
    "capacity.table": ("The figures", "Les chiffres"),
    "capacity.events": ("Jumps of the level", "Variations brusques"),
    "capacity.sizes": ("Changes of the size", "Changements de taille"),
    "capacity.decided": ("Decisions", "Décisions"),
    "capacity.decided.by": (": committed on {day} by {who}", " : engagé le {day} par {who}"),
    "capacity.size.up": ("Grew by {size} on {day}", "Augmentée de {size} le {day}"),
    "capacity.size.down": ("Shrank by {size} on {day}", "Diminuée de {size} le {day}"),
    "capacity.size.ordered": ("{size} more expected on {day}", "{size} de plus attendus le {day}"),
    "capacity.others": ("Everything else that fills", "Tout ce qui se remplit d'autre"),
    "capacity.event.up": ("{size} added on {day}", "{size} ajoutés le {day}"),
    "capacity.event.down": ("{size} freed on {day}", "{size} libérés le {day}"),
    "capacity.measured": ("measured", "mesuré"),
    "capacity.forecast": ("forecast", "prévu"),
    "capacity.over": ("full", "plein"),
    "thing.on": ("{name} on {target}", "{name} sur {target}"),
    "thing.of": ("{name} of {target}", "{name} de {target}"),
    "sentence.holds": (
        "{thing} holds {used} of {size} usable ({ratio}), measured on {at}.",
        "{thing} contient {used} sur {size} utiles ({ratio}), mesuré le {at}.",
    ),
    "sentence.holds.unsized": (
        "{thing} holds {used}, measured on {at}; its size is unknown.",
        "{thing} contient {used}, mesuré le {at} ; sa taille est inconnue.",
    ),
    "sentence.grows": ("It grows by about {rate} a day", "Il augmente d'environ {rate} par jour"),
    "sentence.shrinks": ("It shrinks by about {rate} a day", "Il diminue d'environ {rate} par jour"),
    "sentence.steady": ("It stays level", "Il reste stable"),
    "sentence.between": (
        ": 8 chances in 10 that it is between {early} and {late}",
        "\u00a0: 8 chances sur 10 que ce soit entre le {early} et le {late}",
    ),
    "sentence.after": (
        ": 9 chances in 10 that it is after {early}",
        "\u00a0: 9 chances sur 10 que ce soit après le {early}",
    ),
    "sentence.order": (
        "With its delivery time, order by {day} at the latest.",
        "Avec son délai de livraison, commandez le {day} au plus tard.",
    ),
    "sentence.early": (
        "There is 1 chance in 10 that it is full before {day}.",
        "Il y a 1 chance sur 10 qu'il soit plein avant le {day}.",
    ),
    "explain.percent": ("%", " %"),
    "explain.holds": (
        "{thing} ({what}) takes {used} of {size} ({ratio}) on {day}.",
        "{thing} ({what}) prend {used} sur {size} ({ratio}) au {day}.",
    ),
    "explain.holds.share": (
        "{thing} ({what}) takes {used} on {day}.",
        "{thing} ({what}) prend {used} au {day}.",
    ),
    "explain.holds.unsized": (
        "{thing} ({what}) takes {used} on {day}; its size is unknown.",
        "{thing} ({what}) prend {used} au {day} ; sa taille est inconnue.",
    ),
    "explain.busiest": ("{what}, busiest hour", "{what}, heure la plus chargée"),
    "explain.raw": (
        "These are raw bytes: the usable ones are not told.",
        "Ce sont des octets bruts : les octets utiles ne sont pas donnés.",
    ),
    "explain.rules": ("Planned with: {rules}.", "Planifié avec : {rules}."),
    "explain.rule.copies": ("{left} once all copies are kept", "{left} une fois toutes les copies gardées"),
    "explain.rule.node": (
        "{left} when the largest node has failed",
        "{left} quand le plus grand nœud est en panne",
    ),
    "explain.rule.repair": (
        "{left} beside what repairs need",
        "{left} hors réserve de réparation",
    ),
    "explain.rule.reserve": ("{left} beside the reserve", "{left} hors réserve"),
    "explain.rule.ceiling": (
        "{left} under the ceiling of {share}",
        "{left} sous le plafond de {share}",
    ),
    "explain.grown": (
        "In the last {days} days it grew by {grown}.",
        "Ces {days} derniers jours, il a pris {grown}.",
    ),
    "explain.grown.share": (
        "In the last {days} days it grew by {grown}, of which {jumped} ({share}) in {jumps}.",
        "Ces {days} derniers jours, il a pris {grown}, dont {jumped} ({share}) en {jumps}.",
    ),
    "explain.grown.up": (
        "In the last {days} days it grew by {grown} in all, although {jumps} brought {jumped}.",
        "Ces {days} derniers jours, il a pris {grown} en tout, bien que {jumps} aient apporté {jumped}.",
    ),
    "explain.grown.down": (
        "In the last {days} days it grew by {grown} in all, although {jumps} freed {jumped}.",
        "Ces {days} derniers jours, il a pris {grown} en tout, bien que {jumps} aient libéré {jumped}.",
    ),
    "explain.shrunk": (
        "In the last {days} days it shrank by {grown}.",
        "Ces {days} derniers jours, il a perdu {grown}.",
    ),
    "explain.shrunk.up": (
        "In the last {days} days it shrank by {grown} in all, although {jumps} brought {jumped}.",
        "Ces {days} derniers jours, il a perdu {grown} en tout, bien que {jumps} aient apporté {jumped}.",
    ),
    "explain.shrunk.down": (
        "In the last {days} days it shrank by {grown} in all, and {jumps} freed {jumped}.",
        "Ces {days} derniers jours, il a perdu {grown} en tout, et {jumps} ont libéré {jumped}.",
    ),
    "explain.jumps.one": ("{n} jump", "{n} variation brusque"),
    "explain.jumps.many": ("{n} jumps", "{n} variations brusques"),
    "explain.swing": (
        "Within a week it swings by about {swing}.",
        "Au fil de la semaine, il varie d'environ {swing}.",
    ),
    "explain.swing.month": (
        "Within a month, by the calendar, it swings by about {swing}.",
        "Au fil du mois, selon le calendrier, il varie d'environ {swing}.",
    ),
    "explain.swing.quarter": (
        "Within a quarter, by the calendar, it swings by about {swing}.",
        "Au fil du trimestre, selon le calendrier, il varie d'environ {swing}.",
    ),
    "explain.altered.one": (
        "{n} day that the others contradict was left out.",
        "{n} jour que les autres contredisent a été écarté.",
    ),
    "explain.altered.many": (
        "{n} days that the others contradict were left out.",
        "{n} jours que les autres contredisent ont été écartés.",
    ),
    "explain.full": (
        "It should be full about {day}, in {span}",
        "Il devrait être plein vers le {day}, dans {span}",
    ),
    "explain.full.now": (
        "It should be full since about {day}",
        "Il devrait être plein depuis le {day} environ",
    ),
    "explain.chance": (
        "The chance that it is full within 90 days is {chance}.",
        "La probabilité qu'il soit plein d'ici 90 jours est de {chance}.",
    ),
    "explain.chance.sure": (
        "It is all but certain that it is full within 90 days.",
        "Il est presque certain qu'il soit plein d'ici 90 jours.",
    ),
    "explain.chance.none": (
        "It is all but certain that it is not full within 90 days.",
        "Il est presque certain qu'il ne soit pas plein d'ici 90 jours.",
    ),
    "explain.horizon": (
        "The chance that it is full within three years is {chance}.",
        "La probabilité qu'il soit plein d'ici trois ans est de {chance}.",
    ),
    "explain.horizon.sure": (
        "It is all but certain that it is full within three years.",
        "Il est presque certain qu'il soit plein d'ici trois ans.",
    ),
    "explain.horizon.none": (
        "It is all but certain that it is not full within three years.",
        "Il est presque certain qu'il ne soit pas plein d'ici trois ans.",
    ),
    "explain.cause": (
        "Its pool {pool} decides: it is full before the store itself would be.",
        "Son pool {pool} décide : il est plein avant que le stockage lui-même ne le soit.",
    ),
    "explain.extended": (
        "Its size grew by {size} on {day}.",
        "Sa taille a augmenté de {size} le {day}.",
    ),
    "explain.reduced": (
        "Its size shrank by {size} on {day}.",
        "Sa taille a diminué de {size} le {day}.",
    ),
    "explain.ordered": (
        "{size} more are expected on {day}, and counted.",
        "{size} de plus sont attendus le {day}, et comptés.",
    ),
    "explain.added": (
        "Decided projects add {added} within a year, between {added_low} and {added_high}: that is counted.",
        "Les projets décidés ajoutent {added} en un an, entre {added_low} et {added_high} : c'est compté.",
    ),
    "explain.month": (
        "In 30 days it should take {month}, 8 chances in 10 between {month_lo80} and {month_hi80}.",
        "Dans 30 jours, il devrait prendre {month}, 8 chances sur 10 entre {month_lo80} et {month_hi80}.",
    ),
    "explain.peak": (
        "One more week like the heaviest of the last quarter ({peak}) would bring the date to {day}.",
        "Une semaine de plus comme la plus forte du dernier trimestre ({peak}) ramènerait la date au {day}.",
    ),
    "explain.peak.full": (
        "One week like the heaviest of the last quarter ({peak}) would fill it at once.",
        "Une semaine comme la plus forte du dernier trimestre ({peak}) le remplirait aussitôt.",
    ),
    "explain.more": (
        "{more} more of what may be filled would move the date to {day}.",
        "{more} de plus à remplir repousseraient la date au {day}.",
    ),
    "explain.more.never": (
        "{more} more of what may be filled would put it off beyond three years.",
        "{more} de plus à remplir la repousseraient au-delà de trois ans.",
    ),
    "explain.order.late.possible.one": (
        "To exclude that, an extension should have been ordered by {day}: it is late by {n} day.",
        "Pour l'exclure, l'extension aurait dû être commandée le {day} au plus tard : {n} jour de retard.",
    ),
    "explain.order.late.possible.many": (
        "To exclude that, an extension should have been ordered by {day}: it is late by {n} days.",
        "Pour l'exclure, l'extension aurait dû être commandée le {day} au plus tard : {n} jours de retard.",
    ),
    "sentence.order.possible": (
        "To exclude that, order by {day} at the latest.",
        "Pour l'exclure, commandez le {day} au plus tard.",
    ),
    "explain.order.late.one": (
        "With its delivery time, an extension should have been ordered by {day}: it is late by {n} day.",
        "Avec son délai de livraison, l'extension aurait dû être commandée le {day} au plus tard : {n} jour de retard.",
    ),
    "explain.order.late.many": (
        "With its delivery time, an extension should have been ordered by {day}: it is late by {n} days.",
        "Avec son délai de livraison, l'extension aurait dû être commandée le {day} au plus tard : {n} jours de retard.",
    ),
    "reason.already over": ("It has reached its limit already.", "Il a déjà atteint sa limite."),
    "reason.no crossing within 3 years": (
        "It is not expected to be full within three years.",
        "Il ne devrait pas être plein d'ici trois ans.",
    ),
    "reason.not enough history (< 14 days)": (
        "No date: fewer than 14 days of history.",
        "Pas de date : moins de 14 jours d'historique.",
    ),
    "reason.no trend: noise": (
        "No date: what it does cannot be told from chance.",
        "Pas de date : son évolution ne se distingue pas du hasard.",
    ),
    "reason.capacity unknown": (
        "No date: its usable size is unknown.",
        "Pas de date : sa taille utile est inconnue.",
    ),
    "reason.unplanned": (
        "No date: the planner has not seen it yet (`jauge plan`).",
        "Pas de date : le planificateur ne l'a pas encore vu (`jauge plan`).",
    ),
    "reason.": ("No date.", "Pas de date."),
    "no.already over": ("full already", "déjà plein"),
    "no.no crossing within 3 years": ("not within 3 years", "pas avant 3 ans"),
    "no.not enough history (< 14 days)": ("too little history", "trop peu d'historique"),
    "no.no trend: noise": ("no trend", "pas de tendance"),
    "no.capacity unknown": ("size unknown", "taille inconnue"),
    "no.unplanned": ("not planned yet", "pas encore prévu"),
    "no.": ("no date", "pas de date"),
    "trace.used": ("used", "occupé"),
    "trace.forecast": ("forecast (central)", "prévision (centrale)"),
    "trace.80": ("8 chances in 10", "8 chances sur 10"),
    "trace.95": ("95 chances in 100", "95 chances sur 100"),
    "trace.size": ("usable size", "taille utile"),
    "trace.ceiling": ("ceiling", "plafond"),
    "trace.jump": ("jump of the level", "variation brusque"),
    "trace.extended": ("change of the size", "changement de taille"),
    "trace.ordered": ("expected extension", "extension attendue"),
    "trace.decided": ("decision", "décision"),
    "trace.now": ("today", "aujourd'hui"),
    "axis.used": ("used, {unit}", "occupé, {unit}"),
}
