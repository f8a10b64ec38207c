"""Texts on how the forecasts turned out. In English and French."""

from __future__ import annotations

from typing import Final

ACCURACY: Final[dict[str, tuple[str, str]]] = {
    "accuracy.title": ("Accuracy of the forecasts", "Justesse des prévisions"),
    "accuracy.none": (
        "No forecast was made yet. `jauge plan` makes them every night; the first can be judged a week later.",
        "Aucune prévision n'a encore été faite. `jauge plan` les fait chaque nuit ; les premières se jugent une semaine après.",
    ),
    "accuracy.waiting": (
        "The first forecasts were made on {first}. They come due on {due} and are judged on {scored}.",
        "Les premières prévisions datent du {first}. Elles arrivent à échéance le {due} et sont jugées le {scored}.",
    ),
    "accuracy.lead": (
        "{scored} forecasts made since {first} have come due: {held80} of them lay inside the band that should hold 80%, "
        "{held95} inside the one that should hold 95%.",
        "{scored} prévisions faites depuis le {first} sont arrivées à échéance : {held80} sont restées dans la bande qui "
        "doit en tenir 80 %, {held95} dans celle qui doit en tenir 95 %.",
    ),
    "accuracy.damaged.one": (
        "{n} night is damaged in the file and was not judged.",
        "{n} nuit est abîmée dans le fichier et n'a pas été jugée.",
    ),
    "accuracy.damaged.many": (
        "{n} nights are damaged in the file and were not judged.",
        "{n} nuits sont abîmées dans le fichier et n'ont pas été jugées.",
    ),
    "accuracy.by": ("Told apart by", "Distinguées par"),
    "accuracy.table": ("What held", "Ce qui a tenu"),
    "accuracy.part": ("{part} of {whole}", "{part} sur {whole}"),
    "accuracy.chart": (
        "Held inside the 80% band, by month due",
        "Part tenue dans la bande à 80 %, par mois d'échéance",
    ),
    "accuracy.chart.label": (
        "Chart of the share of forecasts inside their 80% band, by month; the table below holds the same figures.",
        "Graphique de la part des prévisions restées dans leur bande à 80 %, par mois ; le tableau ci-dessous contient "
        "les mêmes chiffres.",
    ),
    "accuracy.chart.text": (
        "A line above 80% means bands that are too wide, below it bands that are too narrow. Nights that follow each other "
        "share most of what happens: a month of forecasts a year ahead is little more than one observation a store.",
        "Au-dessus de 80 %, les bandes sont trop larges ; au-dessous, trop étroites. Des nuits qui se suivent partagent "
        "presque tout ce qui arrive : un mois de prévisions à un an vaut à peine plus d'une observation par stockage.",
    ),
    "accuracy.should": ("should be 80%", "doit être 80 %"),
    "accuracy.worst": ("The worst misses of the last year", "Les plus gros écarts de l'année"),
    "accuracy.worst.text": (
        "The worst forecast of each store, by its share of what the store held on the day it was made.",
        "La pire prévision de chaque stockage, en part de ce qu'il contenait le jour où elle a été faite.",
    ),
    "accuracy.worst.none": (
        "Every forecast stayed inside its 80% band.",
        "Chaque prévision est restée dans sa bande à 80 %.",
    ),
    "accuracy.method": ("How this is counted", "Comment c'est compté"),
    "accuracy.method.1": (
        "Every night the forecast of every store is frozen at 7, 30, 90, 180 and 365 days ahead: the central value, both "
        "bands, the size that may be planned with and the dates. Nobody can change it afterwards, and a checksum tells "
        "whether the disk did.",
        "Chaque nuit, la prévision de chaque stockage est figée à 7, 30, 90, 180 et 365 jours : la valeur centrale, les deux "
        "bandes, la taille sur laquelle on peut compter et les dates. Nul ne peut la changer ensuite, et une somme de "
        "contrôle dit si le disque l'a fait.",
    ),
    "accuracy.method.2": (
        "It is judged once, five days after its day, against the value of that day. A glitch that came back by then is left "
        "out, as forecasts are of the level without glitches. Up to four days without a value are bridged; a longer gap, or "
        "a store that is gone, is counted as not judged.",
        "Elle est jugée une seule fois, cinq jours après son échéance, contre la valeur de ce jour. Un accident de mesure "
        "revenu d'ici là est écarté, car on prévoit le niveau sans accidents. Jusqu'à quatre jours sans valeur sont "
        "comblés ; un trou plus long, ou un stockage disparu, est compté comme non jugé.",
    ),
    "accuracy.method.3": (
        "The mean miss is that of the central value, as a share of the level on the day of the forecast; one forecast counts "
        "for 100% at most. A missed date is a limit that was reached within the horizon although no date had said so; a "
        "false one is a date that was said and was not reached. Both are held against the size of the day of the forecast.",
        "L'écart moyen est celui de la valeur centrale, en part du niveau le jour de la prévision ; une prévision compte pour "
        "100 % au plus. Une date manquée est une limite atteinte avant l'échéance sans qu'aucune date l'ait dit ; une fausse "
        "est une date annoncée qui n'est pas venue. Les deux se jugent sur la taille du jour de la prévision.",
    ),
    "accuracy.method.4": (
        "Nothing is left out because something happened in between: a jump, a purge, an extension, a committed scenario, a "
        "glitch on the night itself. It is told apart instead (see the choice above the table).",
        "Rien n'est écarté parce qu'il s'est passé quelque chose entre-temps : une variation brusque, une purge, une "
        "extension, un scénario engagé, un accident de mesure la nuit même. C'est distingué (voir le choix du tableau).",
    ),
    "accuracy.method.5": (
        "The bands learn from this: each side, for each kind of store and horizon, is multiplied by what it would have "
        "needed. Few stores, and nights that overlap, say less than their number: below some tens of stores a share may be "
        "off by ten points by chance alone.",
        "Les bandes en apprennent : chaque côté, par type de stockage et horizon, est multiplié par ce qu'il aurait fallu. "
        "Peu de stockages et des nuits qui se recouvrent en disent moins que leur nombre : sous quelques dizaines de "
        "stockages, une part peut s'écarter de dix points par le seul hasard.",
    ),
    "axis.held": ("held, %", "tenues, %"),
    "horizon": ("{days} days", "{days} jours"),
    "column.horizon": ("Ahead", "Horizon"),
    "column.scored": ("Judged", "Jugées"),
    "column.in80": ("Inside 80%", "Dans 80 %"),
    "column.in95": ("Inside 95%", "Dans 95 %"),
    "column.off": ("Mean miss", "Écart moyen"),
    "column.missed": ("Missed dates", "Dates manquées"),
    "column.false": ("False dates", "Fausses dates"),
    "column.due": ("Came due", "Échéance"),
    "column.said": ("Said", "Prévu"),
    "column.came": ("Came", "Venu"),
    "column.by": ("Off by", "Écart"),
    "column.role": ("Role of the target", "Rôle de la cible"),
    "column.month": ("Month", "Mois"),
    "column.ahead.7": ("7 days ahead", "À 7 jours"),
    "column.ahead.30": ("30 days ahead", "À 30 jours"),
    "column.ahead.90": ("90 days ahead", "À 90 jours"),
    "column.ahead.180": ("180 days ahead", "À 180 jours"),
    "column.ahead.365": ("365 days ahead", "À 365 jours"),
    "age.young": ("under 90 days of history", "moins de 90 jours d'historique"),
    "age.months": ("90 to 365 days", "90 à 365 jours"),
    "age.years": ("over a year", "plus d'un an"),
    "event.some": ("something happened in between", "il s'est passé quelque chose entre-temps"),
    "event.none": ("nothing happened in between", "il ne s'est rien passé entre-temps"),
    "record.held.one": (
        "One forecast of {horizon} days came due; held: {held}{ratio}.",
        "Une prévision à {horizon} jours est arrivée à échéance ; tenue : {held}{ratio}.",
    ),
    "record.held": (
        "Of {scored} forecasts of {horizon} days that came due, {held} held{ratio}.",
        "Sur {scored} prévisions à {horizon} jours arrivées à échéance, {held} ont tenu{ratio}.",
    ),
    "record.unscored.one": (
        "{n} more could not be judged: there was no value.",
        "{n} de plus n'a pas pu être jugée : il n'y avait pas de valeur.",
    ),
    "record.unscored.many": (
        "{n} more could not be judged: there was no value.",
        "{n} de plus n'ont pas pu être jugées : il n'y avait pas de valeur.",
    ),
    "record.wrong": (
        "It was wrong on {day} by {share}: {why}.",
        "Elle s'est trompée le {day} de {share} : {why}.",
    ),
    "record.rise": ("{size} came at once on {day}", "{size} sont arrivés d'un coup le {day}"),
    "record.fall": ("{size} went at once on {day}", "{size} sont partis d'un coup le {day}"),
    "record.extended": ("the size was extended in between", "la taille a été étendue entre-temps"),
    "record.reduced": ("the size was reduced in between", "la taille a été réduite entre-temps"),
    "record.committed": (
        "a committed scenario began in between",
        "un scénario engagé a commencé entre-temps",
    ),
    "record.misread": ("it set out from a glitch", "elle partait d'un accident de mesure"),
    "record.nothing": ("nothing known came in between", "rien de connu n'est arrivé entre-temps"),
    "record.and": ("; ", " ; "),
}
