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
        "`jauge explain ESTATE {name}` polls it once more, and shows each request and each value.",
        "`jauge explain PARC {name}` l'interroge encore une fois, et montre chaque requête et chaque valeur.",
    ),
    "targets.filtered": (
        "No target is of this choice. Choose another state, or all.",
        "Aucune cible ne répond à ce choix. Choisissez un autre état, ou tous.",
    ),
    "targets.counted": ("{what} ({n})", "{what} ({n})"),
    "targets.state.failed": ("with a failure", "avec un échec"),
    "targets.state.down": ("down", "en panne"),
    "targets.state.late": ("late", "en retard"),
    "targets.state.partly": ("partly failed", "en partie en échec"),
    "targets.state.never": ("not polled yet", "pas encore interrogées"),
    "targets.state.well": ("well", "en ordre"),
    "targets.named": ("Name holds", "Le nom contient"),
    "targets.find": ("Find", "Chercher"),
    "targets.polled": (
        "The last poll ended on {at} after {took}: {good} of {all} tables answered, and {values} values were made of them.",
        "La dernière interrogation s'est terminée le {at} après {took} : {good} tables sur {all} ont répondu, et {values} valeurs en "
        "sont tirées.",
    ),
    "targets.withheld.all.one": (
        "{n} row was withheld, as it cannot be true or shares its labels with another.",
        "{n} ligne a été écartée, car elle ne peut être vraie ou partage ses étiquettes avec une autre.",
    ),
    "targets.withheld.all.many": (
        "{n} rows were withheld, as they cannot be true or share their labels with others.",
        "{n} lignes ont été écartées, car elles ne peuvent être vraies ou partagent leurs étiquettes avec d'autres.",
    ),
    "targets.due": ("The next one is due at about {at}.", "La prochaine est due vers {at}."),
    "targets.due.now": ("The next one is due.", "La prochaine est due."),
    "targets.good": (
        "It answered for the last time on {at}, {span} ago.",
        "Elle a répondu pour la dernière fois le {at}, il y a {span}.",
    ),
    "targets.good.never": (
        "It has not answered since the collector started.",
        "Elle n'a pas répondu depuis le démarrage du collecteur.",
    ),
    "targets.ways": ("How it is asked", "Comment elle est interrogée"),
    "targets.way.family": ("family {family}, as the estate says", "famille {family}, comme le parc le dit"),
    "targets.way.found": (
        "what it is, and all that its families know",
        "ce qu'elle est, et tout ce que ses familles connaissent",
    ),
    "targets.way.dicom": ("C-ECHO from {calling} to {aet}", "C-ECHO de {calling} vers {aet}"),
    "targets.way.hl7": ("a message, and its acknowledgement", "un message, et son acquittement"),
    "targets.way.hl7.silent": ("whether it takes a connection", "si elle accepte une connexion"),
    "targets.way.host": ("this machine itself, without a network", "cette machine même, sans réseau"),
    "targets.chosen.unknown": (
        "As what it is read is unknown: it has not said what it is.",
        "On ignore comme quoi elle est lue : elle n'a pas dit ce qu'elle est.",
    ),
    "targets.chosen.declared": (
        "It is read as {family}, as the estate says.",
        "Elle est lue comme {family}, comme le parc le dit.",
    ),
    "targets.chosen.found": ("It is read as {family}.", "Elle est lue comme {family}."),
    "targets.chosen.sign": (
        "That was found by what it says of itself: its sysObjectID is {sign}.",
        "Cela vient de ce qu'elle dit d'elle-même : son sysObjectID est {sign}.",
    ),
    "targets.chosen.objects": (
        "That was found by the objects that it has.",
        "Cela vient des objets qu'elle possède.",
    ),
    "targets.chosen.also": (
        "All families that know some of its objects: {families}.",
        "Toutes les familles qui connaissent de ses objets : {families}.",
    ),
    "targets.errors": ("Failures since the collector started", "Échecs depuis le démarrage du collecteur"),
    "targets.retries.one": ("{n} request sent again", "{n} requête renvoyée"),
    "targets.retries.many": ("{n} requests sent again", "{n} requêtes renvoyées"),
    "targets.seldom": ("asked every {every}", "demandée toutes les {every}"),
    "column.protocol": ("Protocol", "Protocole"),
    "column.port": ("Port or address", "Port ou adresse"),
    "column.credential": ("Credential, by name", "Identifiant, par son nom"),
    "column.asked": ("Asked for", "Ce qui est demandé"),
    "column.values": ("Values", "Valeurs"),
    "column.reason": ("Reason", "Raison"),
    "column.times": ("Times", "Fois"),
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
