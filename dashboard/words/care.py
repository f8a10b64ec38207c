"""Texts of the page of what is unsupported but in care, and of its compensating measures. In English and French."""

from __future__ import annotations

from typing import Final

CARE: Final[dict[str, tuple[str, str]]] = {
    "care.title": ("Unsupported but in care", "Hors support, mais au soin"),
    "care.undeclared": (
        "The estate says of no class of use that it is in care: `workstations:` `classes:` with `care: true` (docs/renewal.md).",
        "Le parc ne dit d'aucune classe d'usage qu'elle est au soin : `workstations:` `classes:` avec `care: true` (docs/renewal.md).",
    ),
    "care.lead": (
        "On {day}, {exposed} of {machines} workstations in care are without support, or nobody can tell; {uncovered} of them have no "
        "compensating measure.",
        "Le {day}, {exposed} des {machines} postes au soin sont sans support, ou personne ne peut le dire ; {uncovered} d'entre eux n'ont "
        "aucune mesure compensatoire.",
    ),
    "care.list": ("Those without a measure first", "Ceux sans mesure d'abord"),
    "care.bare": ("none", "aucune"),
    "care.none": (
        "None: every workstation in care has a system that is mended, or (where only those without are shown) a measure.",
        "Aucun : chaque poste au soin a un système corrigé ou (si seuls ceux sans mesure sont montrés) une mesure.",
    ),
    "care.criticality": ("criticality: {how}", "criticité : {how}"),
    "care.record": ("Record a measure", "Consigner une mesure"),
    "care.end": ("End it", "La clore"),
    "care.recorded": ("Measures that were recorded", "Mesures consignées"),
    "care.recorded.none": (
        "No recorded measure holds today. Those that the estate declares stand in the list above.",
        "Aucune mesure consignée ne vaut aujourd'hui. Celles que le parc déclare figurent dans la liste ci-dessus.",
    ),
    "care.readers": (
        "An operator or a manager records measures here.",
        "Un opérateur ou un responsable consigne les mesures ici.",
    ),
    "care.measure": ("Record a measure for {name}", "Consigner une mesure pour {name}"),
    "care.scope": ("For which workstations", "Pour quels postes"),
    "care.scope.machine": ("{name} alone", "{name} seul"),
    "care.scope.service": (
        "{n} workstations without a measure of {name}",
        "{n} postes sans mesure de {name}",
    ),
    "care.scope.class": (
        "{n} workstations without a measure of the class {name}",
        "{n} postes sans mesure de la classe {name}",
    ),
    "care.text": (
        "What was done: a network of its own, no mail ... No patient, and no user of a workstation.",
        "Ce qui a été fait : réseau isolé, pas de messagerie… Aucun patient, aucun utilisateur de poste.",
    ),
    "care.who": (
        "Who answers for it: a function, or a login",
        "Qui en répond : une fonction, ou un identifiant",
    ),
    "care.until": (
        "Last day on which it holds (2027-01-31); empty: no end",
        "Dernier jour où elle vaut (2027-01-31) ; vide : sans fin",
    ),
    "care.save": ("Record it", "Consigner"),
    "care.ending": ("End the measure for {name}", "Clore la mesure pour {name}"),
    "care.ending.why": ("Why it ends", "Pourquoi elle prend fin"),
    "care.done.one": (
        "The measure was recorded for {n} workstation.",
        "La mesure est consignée pour {n} poste.",
    ),
    "care.done.many": (
        "The measure was recorded for {n} workstations.",
        "La mesure est consignée pour {n} postes.",
    ),
    "care.done.ended": (
        "The measure has ended: it stays in the list of all (jauge inventory measure list --all).",
        "La mesure est close : elle reste dans la liste de toutes (jauge inventory measure list --all).",
    ),
    "care.refused.text": (
        "Nothing was recorded: say what, in words.",
        "Rien n'est consigné : dites quoi, en mots.",
    ),
    "care.refused.who": (
        "Nothing was recorded: say who answers for it.",
        "Rien n'est consigné : dites qui en répond.",
    ),
    "care.refused.until": (
        "Nothing was recorded: the last day is a day from today to in ten years, such as 2027-01-31.",
        "Rien n'est consigné : le dernier jour va d'aujourd'hui à dans dix ans, par exemple 2027-01-31.",
    ),
    "care.refused.machine": (
        "Nothing was recorded: that workstation is not in the list any more.",
        "Rien n'est consigné : ce poste n'est plus dans la liste.",
    ),
    "care.refused.changed": (
        "Nothing was recorded: the list has changed since it was shown. Look at how many it is now.",
        "Rien n'est consigné : la liste a changé depuis son affichage. Regardez combien ils sont maintenant.",
    ),
    "care.refused.ended": (
        "Nothing has changed: there is no such measure, or it has ended before.",
        "Rien n'a changé : cette mesure n'existe pas, ou elle est déjà close.",
    ),
    "column.measure": ("Measure", "Mesure"),
    "column.holds": ("Until", "Jusqu'au"),
    "column.act": ("Change", "Modifier"),
}
