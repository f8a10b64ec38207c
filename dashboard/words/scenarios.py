"""Texts of scenarios and decisions. In English and French."""

from __future__ import annotations

from typing import Final

SCENARIOS: Final[dict[str, tuple[str, str]]] = {
    "scenarios.title": ("Scenarios", "Scénarios"),
    "scenarios.lead": (
        "What may come, and what is decided. A scenario that is committed is part of every forecast from then on.",
        "Ce qui peut arriver, et ce qui est décidé. Un scénario engagé compte dès lors dans toutes les prévisions.",
    ),
    "scenarios.empty": (
        "No scenario yet. Write one as a file (docs/scenarios.md), try it with `jauge scenario try FILE.yml`, and keep "
        "it with `jauge scenario save FILE.yml`.",
        "Aucun scénario pour l'instant. Écrivez-en un dans un fichier (docs/scenarios.md), essayez-le avec "
        "`jauge scenario try FICHIER.yml`, et gardez-le avec `jauge scenario save FICHIER.yml`.",
    ),
    "scenarios.lost": ("There is no scenario of that name.", "Aucun scénario ne porte ce nom."),
    "scenarios.back": ("All scenarios", "Tous les scénarios"),
    "scenarios.compare": ("Compare them all", "Les comparer tous"),
    "scenarios.compared": ("Side by side", "Côte à côte"),
    "scenarios.without": ("without\u00a0it", "sans\u00a0lui"),
    "scenarios.with": ("with\u00a0it", "avec\u00a0lui"),
    "scenarios.base": ("as it is", "en l'état"),
    "scenarios.changes": ("What changes", "Ce qui change"),
    "scenarios.moves": ("What it moves", "Ce qu'il déplace"),
    "scenarios.adds": ("What it adds", "Ce qu'il ajoute"),
    "scenarios.chart": ("The course of a store", "L'évolution d'un stockage"),
    "scenarios.chart.label": (
        "Used so far, and the outlook with its band; the figures stand in the table above.",
        "Occupation passée et prévision avec sa marge ; les chiffres sont dans le tableau ci-dessus.",
    ),
    "scenarios.chart.filter": ("Shown", "Affiché"),
    "scenarios.follows": ("What it rests on, and what follows", "Ce sur quoi il repose, et ce qui s'ensuit"),
    "scenarios.decisions": ("Decisions", "Décisions"),
    "scenarios.effect": ("Expected and measured", "Attendu et mesuré"),
    "scenarios.wrong": (
        "This scenario cannot be computed: what it names is not in the history, or more has to be said.",
        "Ce scénario ne peut pas être calculé : ce qu'il nomme n'est pas dans l'historique, ou il faut en dire plus.",
    ),
    "scenarios.refused": (
        "The decision was not taken: it stands as shown below, or no reason was given.",
        "La décision n'a pas été prise : l'état est celui montré ci-dessous, ou aucun motif n'a été donné.",
    ),
    "scenarios.anew": (
        "The decision was not taken: this scenario was saved anew after you opened it. Below is the newest version: read it, then decide.",
        "La décision n'a pas été prise : ce scénario a été réenregistré après que vous l'avez ouvert. Voici la dernière version : lisez-la, puis décidez.",
    ),
    "scenarios.reason": ("Reason, for whoever reads it later", "Motif, pour qui le lira plus tard"),
    "scenarios.commit": ("Commit", "Engager"),
    "scenarios.withdraw": ("Withdraw", "Retirer"),
    "scenarios.readers": (
        "A manager commits or withdraws a scenario here.",
        "Un responsable engage ou retire un scénario ici.",
    ),
    "scenarios.cost": ("It buys for {cost}.", "Ses achats coûtent {cost}."),
    "scenarios.decided": ("{day}: {action}, by {who}", "{day} : {action}, par {who}"),
    "scenarios.decided.why": ("{day}: {action}, by {who}: {why}", "{day} : {action}, par {who} : {why}"),
    "scenarios.standing.saved": ("saved", "enregistré"),
    "scenarios.standing.committed": ("committed", "engagé"),
    "scenarios.standing.withdrawn": ("withdrawn", "retiré"),
    "scenarios.three": ("{likely} ({low} to {high})", "{likely} ({low} à {high})"),
    "scenarios.size.given": (
        "A study of {modality}: {size}, as given.",
        "Un examen {modality} : {size}, tel qu'indiqué.",
    ),
    "scenarios.size.recent": (
        "A study of {modality}: {size}, learnt from the {n} studies of the last year.",
        "Un examen {modality} : {size}, appris des {n} examens de la dernière année.",
    ),
    "scenarios.size.total": (
        "A study of {modality}: {size}, learnt from all {n} studies.",
        "Un examen {modality} : {size}, appris des {n} examens de l'archive.",
    ),
    "scenarios.size.table": (
        "A study of {modality}: {size}, a common size; nothing was learnt from the archive yet.",
        "Un examen {modality} : {size}, taille courante ; rien n'a encore été appris de l'archive.",
    ),
    "scenarios.load.given": (
        "A desktop keeps {busy} processors busy, as given; {target} has {n} ({told}).",
        "Un bureau occupe {busy} processeurs, tel qu'indiqué ; {target} en a {n} ({told}).",
    ),
    "scenarios.load.learnt": (
        "A desktop keeps {busy} processors busy, learnt from the busiest hours of {days} days; {target} has {n} ({told}).",
        "Un bureau occupe {busy} processeurs, appris des heures les plus chargées de {days} jours ; {target} en a {n} "
        "({told}).",
    ),
    "scenarios.load.assumed": (
        "A desktop keeps {busy} processors busy, an assumption; {target} has {n} ({told}).",
        "Un bureau occupe {busy} processeurs, une hypothèse ; {target} en a {n} ({told}).",
    ),
    "scenarios.processors.told": ("told by itself", "lu sur la machine"),
    "scenarios.processors.given": ("as given", "tel qu'indiqué"),
    "scenarios.pace.declared": (
        "It comes back at {speed} a second, as declared.",
        "Débit : {speed} par seconde, déclaré.",
    ),
    "scenarios.pace.measured": (
        "It comes back at {speed} a second, measured in {n} restore tests.",
        "Débit : {speed} par seconde, mesuré sur {n} tests de restauration.",
    ),
    "scenarios.pace.link": (
        "It comes back at {speed} a second at best: that is the link; no restore was timed.",
        "Débit : {speed} par seconde au mieux, celui du lien ; aucune restauration n'a été chronométrée.",
    ),
    "scenarios.night": (
        "The nightly backup of {target} to {store} grows from {before} to {after} within a year ({change} of change a day, "
        "{origin}).",
        "La sauvegarde nocturne de {target} vers {store} passe de {before} à {after} en un an ({change} de changement par "
        "jour, {origin}).",
    ),
    "scenarios.night.hours": (
        "On its link: {before}, then {after}.",
        "Sur son lien : {before}, puis {after}.",
    ),
    "scenarios.reduction": (
        "{store} keeps one byte for {factor} bytes protected ({origin}).",
        "{store} garde un octet pour {factor} octets protégés ({origin}).",
    ),
    "scenarios.restore": (
        "A full restore of {target} takes {before} without it and {after} with it, in a year.",
        "Une restauration complète de {target} prend {before} sans lui et {after} avec lui, dans un an.",
    ),
    "scenarios.restore.first": ("First come back: {names}.", "Reviennent d'abord : {names}."),
    "scenarios.restore.late": ("The promise of {rto} is broken.", "L'engagement de {rto} n'est pas tenu."),
    "scenarios.circle": (
        "{names} depend on each other: each is counted once, and which comes first is not known.",
        "{names} dépendent les uns des autres : chacun est compté une fois, et l'ordre n'est pas connu.",
    ),
    "scenarios.missing": (
        "A repository is not in the history, and is left out: {name}.",
        "Un dépôt n'est pas dans l'historique, et n'est pas compté : {name}.",
    ),
    "scenarios.minutes": ("{n} min", "{n} min"),
    "scenarios.hours": ("{n} h", "{n} h"),
    "scenarios.origin.declared": ("declared", "déclaré"),
    "scenarios.origin.measured": ("measured", "mesuré"),
    "scenarios.origin.days": ("measured over {n} days", "mesuré sur {n} jours"),
    "scenarios.origin.assumed": ("assumed", "supposé"),
    "scenarios.quantity.storage": ("storage", "stockage"),
    "scenarios.quantity.memory": ("memory", "mémoire"),
    "scenarios.quantity.processors": ("processors", "processeurs"),
    "scenarios.quantity.licences": ("licences", "licences"),
    "scenarios.quantity.sessions": ("sessions", "sessions"),
    "scenarios.from": ("From {start}: {what}", "À partir du {start} : {what}"),
    "scenarios.between": ("From {start} to {end}: {what}", "Du {start} au {end} : {what}"),
    "scenarios.modality": (
        "a device of modality {modality}, {studies} studies a working day, kept on {place}",
        "un appareil de modalité {modality}, {studies} examens par jour ouvré, gardés sur {place}",
    ),
    "scenarios.pathology": (
        "{slides} slides a working day, of which {digital} are scanned, kept on {place}",
        "{slides} lames par jour ouvré, dont {digital} numérisées, gardées sur {place}",
    ),
    "scenarios.building": ("a building opens with {places} places", "un bâtiment ouvre avec {places} places"),
    "scenarios.desktops": ("{count} virtual desktops on {place}", "{count} bureaux virtuels sur {place}"),
    "scenarios.migration": (
        "data moves from {origin} to {place}, held twice for {months} months",
        "des données passent de {origin} à {place}, gardées en double pendant {months} mois",
    ),
    "scenarios.purge": ("data is deleted on {place}", "des données sont supprimées sur {place}"),
    "scenarios.retention": (
        "{place} keeps {years} years of studies",
        "{place} garde {years} ans d'examens",
    ),
    "scenarios.reduction.change": (
        "data on {place} is made {factor} times smaller instead of {before}",
        "les données de {place} sont réduites {factor} fois au lieu de {before}",
    ),
    "scenarios.age-limit": (
        "workstations are kept {years} years longer",
        "les postes restent {years} ans de plus",
    ),
    "scenarios.updates": ("updates of {product} are paid for", "les mises à jour de {product} sont payées"),
    "scenarios.edition": (
        "workstations get an edition that lasts to {until}",
        "des postes reçoivent une édition valable jusqu'au {until}",
    ),
    "scenarios.instead": (
        "workstations are replaced by {name} alone",
        "des postes sont remplacés par {name} seulement",
    ),
    "scenarios.fleet-money": ("{rate} of money for workstations", "{rate} de budget pour les postes"),
    "scenarios.bought": ("{amount} arrive on {place}", "{amount} arrivent sur {place}"),
    "scenarios.growth": (
        "growth of {rate} a year more on {place}",
        "croissance de {rate} par an en plus sur {place}",
    ),
    "scenarios.step": ("{amount} more on {place}, at once", "{amount} de plus sur {place}, en une fois"),
    "scenarios.rate": ("{amount} more on {place}, each {per}", "{amount} de plus sur {place}, par {per}"),
    "scenarios.per.day": ("day", "jour"),
    "scenarios.per.week": ("week", "semaine"),
    "scenarios.per.month": ("month", "mois"),
    "scenarios.per.year": ("year", "an"),
    "scenarios.answer.not begun": ("it has not begun", "pas encore commencé"),
    "scenarios.answer.too early": (
        "cannot be told yet: fewer than 30 days have passed",
        "ne peut pas encore se dire : moins de 30 jours se sont écoulés",
    ),
    "scenarios.answer.too small": (
        "too small to be told from what a forecast cannot know",
        "trop petit pour se distinguer de ce qu'une prévision ignore",
    ),
    "scenarios.answer.gone": ("no longer measured", "n'est plus mesuré"),
    "scenarios.answer.as expected": ("as expected", "comme attendu"),
    "scenarios.answer.less": ("less than expected", "moins qu'attendu"),
    "scenarios.answer.more": ("more than expected", "plus qu'attendu"),
    "column.scenario": ("Scenario", "Scénario"),
    "column.standing": ("State", "État"),
    "column.since": ("Since", "Depuis"),
    "column.who": ("By", "Par"),
    "column.case": ("Case", "Cas"),
    "column.added": ("Added in a year", "Ajouté en un an"),
    "column.chance90": ("Full within 90 days", "Plein sous 90 jours"),
    "column.chance365": ("Full within a year", "Plein sous un an"),
    "column.level": ("Used in a year", "Occupé dans un an"),
    "column.measured": ("Measured", "Mesuré"),
    "column.answer": ("What it says", "Ce que cela dit"),
}
