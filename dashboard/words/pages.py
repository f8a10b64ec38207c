"""Texts of workstations, targets, and of one's own estate. In English and French."""

from __future__ import annotations

from typing import Final

PAGES: Final[dict[str, tuple[str, str]]] = {
    "workstations.title": ("Workstations", "Postes de travail"),
    "workstations.empty": (
        "No inventory was imported yet. Export the computers of GLPI as CSV, then import the file on the page Import, or run "
        "`jauge inventory import FILE.csv`.",
        "Aucun inventaire importé. Exportez les ordinateurs de GLPI en CSV, puis importez le fichier à la page Importer, ou lancez "
        "`jauge inventory import FICHIER.csv`.",
    ),
    "workstations.lead": (
        "{all} workstations, imported on {at}: {old} are {years} years old or older ({ratio}), "
        "and the age of {unknown} is unknown.",
        "{all} postes, importés le {at} : {old} ont {years} ans ou plus ({ratio}), "
        "et l'âge de {unknown} est inconnu.",
    ),
    "workstations.chart": ("Age pyramid", "Pyramide des âges"),
    "workstations.chart.label": (
        "Bar chart of machines by age in completed years; the table beside it holds the same figures.",
        "Histogramme des postes par âge en années révolues ; le tableau voisin contient les mêmes chiffres.",
    ),
    "workstations.undated.none": (
        "The date of purchase of no machine is known: there is no pyramid to draw.",
        "La date d'achat d'aucun poste n'est connue : il n'y a pas de pyramide à tracer.",
    ),
    "workstations.oldest": ("Oldest first", "Les plus anciens d'abord"),
    "workstations.unknown": ("Of unknown age", "D'âge inconnu"),
    "workstations.more": ("The first {n} of {all}.", "Les {n} premiers sur {all}."),
    "axis.age": ("age, completed years", "âge, années révolues"),
    "axis.machines": ("machines", "postes"),
    "targets.title": ("Targets", "Cibles"),
    "targets.lead": (
        "Targets that are well: {well} of {all}.",
        "Cibles en ordre\u00a0: {well} sur {all}.",
    ),
    "targets.none": (
        "The estate names no target yet. Add one under `targets:` and run `jauge check`.",
        "Le parc ne nomme encore aucune cible. Ajoutez-en sous `targets:` et lancez `jauge check`.",
    ),
    "targets.back": ("All targets", "Toutes les cibles"),
    "targets.lost": ("The estate names no such target.", "Le parc ne nomme pas cette cible."),
    "targets.tables": ("What was asked", "Ce qui a été demandé"),
    "targets.tables.none": (
        "It has not been polled yet: the first answer arrives within its interval ({every}).",
        "Elle n'a pas encore été interrogée : la première réponse arrive dans son intervalle ({every}).",
    ),
    "targets.detail": ("Said by the device", "Dit par l'équipement"),
    "targets.stores": ("Its stores", "Ses stockages"),
    "targets.explain": (
        "`jauge explain ESTATE {name}` shows each step.",
        "`jauge explain PARC {name}` montre chaque étape.",
    ),
    "targets.every": ("Polled every", "Interrogée toutes les"),
    "targets.address": ("Address", "Adresse"),
    "targets.product": ("Product", "Produit"),
    "targets.version": ("Version", "Version"),
    "targets.withheld.one": ("{n} row withheld", "{n} ligne écartée"),
    "targets.withheld.many": ("{n} rows withheld", "{n} lignes écartées"),
    "own.title": ("Your own estate", "Votre propre parc"),
    "own.lead.demo": (
        "What you see is a demonstration. Four steps replace it by your own machines.",
        "Ce que vous voyez est une démonstration. Quatre étapes la remplacent par vos propres machines.",
    ),
    "own.lead.real": (
        "These pages show the estate that was given to Jauge. This is how it grows.",
        "Ces pages montrent le parc donné à Jauge. Voici comment il grandit.",
    ),
    "own.step1": ("Write what exists", "Écrire ce qui existe"),
    "own.step1.text": (
        "A file estate.yml names sites, credentials and targets. Secrets stay outside: they come from the "
        "environment or from a file.",
        "Un fichier estate.yml nomme les sites, les identifiants et les cibles. Les secrets restent dehors : ils "
        "viennent de l'environnement ou d'un fichier.",
    ),
    "own.step2": ("Check it", "Le vérifier"),
    "own.step2.text": (
        "Every mistake is shown at once, with its line and column.",
        "Chaque erreur est montrée d'un coup, avec sa ligne et sa colonne.",
    ),
    "own.step3": ("Look at one target", "Regarder une cible"),
    "own.step3.text": (
        "It polls once and prints; explain says what was asked, what came back, and why anything is missing.",
        "Elle est interrogée une fois ; explain dit ce qui a été demandé, ce qui est revenu, et pourquoi il manque "
        "quelque chose.",
    ),
    "own.step4": ("Start it", "Démarrer"),
    "own.step4.text": (
        "Make the first user, then start the collector, the nightly plan and these pages. Past days come in by "
        "an import, so that forecasts work on the first day.",
        "Créez le premier utilisateur, puis lancez le collecteur, le plan de nuit et ces pages. Le passé se reprend "
        "par un import, pour que les prévisions marchent dès le premier jour.",
    ),
}
