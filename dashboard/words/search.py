"""Texts of the search, of one workstation and of one model. In English and French."""

from __future__ import annotations

from typing import Final

SEARCH: Final[dict[str, tuple[str, str]]] = {
    "search.title": ("Search", "Recherche"),
    "search.label": ("Name, serial number or label", "Nom, numéro de série ou étiquette"),
    "search.placeholder": ("Search  ( / )", "Rechercher  ( / )"),
    "search.go": ("Search", "Rechercher"),
    "search.form.search": ("Search everywhere", "Rechercher partout"),
    "search.form.search-here": ("Search again", "Nouvelle recherche"),
    "search.hint": (
        "Type the name of a target, a store, a backup job, a workstation (its serial number or its label too), a model, a cluster, an "
        "archive or a page. Accents and capitals make no difference. The key / leads to the field from everywhere.",
        "Tapez le nom d'une cible, d'un stockage, d'une tâche de sauvegarde, d'un poste (ou son numéro de série, ou son étiquette), d'un "
        "modèle, d'un cluster, d'une archive ou d'une page. Accents et majuscules ne comptent pas. La touche / mène au champ depuis partout.",
    ),
    "search.none": (
        "Nothing is called “{asked}”, nor has it in its name. Try fewer letters.",
        "Rien ne s'appelle « {asked} », ni ne le contient dans son nom. Essayez avec moins de lettres.",
    ),
    "search.found.one": ("{n} thing found for “{asked}”.", "{n} résultat pour « {asked} »."),
    "search.found.many": (
        "{n} things found for “{asked}”, the best names first.",
        "{n} résultats pour « {asked} », les meilleurs noms d'abord.",
    ),
    "search.more": (
        "The first {n} of {all}: type more of the name to see the others.",
        "Les {n} premiers sur {all} : tapez plus du nom pour voir les autres.",
    ),
    "search.machines.one": ("{n} machine", "{n} poste"),
    "search.machines.many": ("{n} machines", "{n} postes"),
    "search.kind.page": ("Pages", "Pages"),
    "search.kind.target": ("Targets", "Cibles"),
    "search.kind.store": ("Stores", "Stockages"),
    "search.kind.job": ("Backup jobs", "Tâches de sauvegarde"),
    "search.kind.alone": ("Machines in no backup job", "Machines sans tâche de sauvegarde"),
    "search.kind.machine": ("Workstations", "Postes de travail"),
    "search.kind.model": ("Models of workstations", "Modèles de postes"),
    "search.kind.cluster": ("Clusters", "Clusters"),
    "search.kind.archive": ("PACS archives", "Archives PACS"),
    "column.file": ("File", "Fichier"),
    "column.told": ("The inventory says", "L'inventaire dit"),
    "column.fitness": ("Windows 11", "Windows 11"),
    "machine.title": ("Workstation", "Poste de travail"),
    "machine.back": ("All workstations", "Tous les postes"),
    "machine.lost": (
        "No import ever named this workstation, or what was told of it was let go.",
        "Aucun import n'a nommé ce poste, ou ce qui en était dit n'est plus gardé.",
    ),
    "machine.gone": (
        "The newest inventory does not have it any more: it went with the import of {at}.",
        "Le dernier inventaire ne l'a plus : il en est sorti à l'import du {at}.",
    ),
    "machine.out": ("It is not in use any more: {state}.", "Il n'est plus en service : {state}."),
    "machine.seen": ("Seen last", "Vu pour la dernière fois"),
    "machine.change": ("{field}: {before} → {after}", "{field} : {before} → {after}"),
    "machine.field.name": ("Name", "Nom"),
    "machine.field.serial": ("Serial number", "Numéro de série"),
    "machine.field.asset": ("Label", "Étiquette"),
    "machine.field.kind": ("Kind", "Type"),
    "machine.field.maker": ("Maker", "Fabricant"),
    "machine.field.model": ("Model", "Modèle"),
    "machine.field.state": ("State", "État"),
    "machine.field.site": ("Site", "Site"),
    "machine.field.service": ("Service", "Service"),
    "machine.field.place": ("Place", "Emplacement"),
    "machine.field.purchased": ("Bought", "Acheté"),
    "machine.field.warranty": ("Warranty until", "Garantie jusqu'au"),
    "machine.field.price": ("Price", "Prix"),
    "machine.field.os": ("System as told", "Système relevé"),
    "machine.field.edition": ("Edition", "Édition"),
    "machine.field.os_version": ("Version", "Version"),
    "machine.field.cpu": ("Processor", "Processeur"),
    "machine.field.memory": ("Memory", "Mémoire"),
    "machine.field.disk": ("Disk", "Disque"),
    "machine.field.firmware": ("Firmware", "Micrologiciel"),
    "machine.field.secure_boot": ("Secure boot", "Démarrage sécurisé"),
    "machine.field.tpm": ("TPM", "TPM"),
    "machine.state.used": ("in use", "en service"),
    "machine.state.stock": ("in stock", "en stock"),
    "machine.state.repair": ("being mended", "en réparation"),
    "machine.state.failed": ("broken for good", "hors d'usage"),
    "machine.state.retired": ("taken out of use", "retiré du service"),
    "machine.secure_boot.true": ("on", "actif"),
    "machine.secure_boot.false": ("off", "inactif"),
    "machine.support": ("Support of its system", "Support de son système"),
    "machine.system.unknown": ("A system that nobody tells", "Un système que personne ne dit"),
    "machine.support.supported": (
        "{system}: mended until {until}.",
        "{system} : correctifs jusqu'au {until}.",
    ),
    "machine.support.extended": (
        "{system}: mended until {until}, by a programme.",
        "{system} : correctifs jusqu'au {until}, par un programme.",
    ),
    "machine.support.ended": (
        "{system}: not mended any more since {until}.",
        "{system} : plus de correctifs depuis le {until}.",
    ),
    "machine.support.unknown": (
        "{system}: nobody can tell until when it is mended.",
        "{system} : personne ne peut dire jusqu'à quand il reçoit des correctifs.",
    ),
    "machine.console": (
        "The estate gives it a last day of its own: {day}.",
        "Le parc lui donne une échéance propre : {day}.",
    ),
    "machine.fitness": ("Windows 11", "Windows 11"),
    "machine.plan": ("When it is renewed", "Quand il est renouvelé"),
    "machine.plan.none": (
        "No renewal plan was computed: the page Renewal plan says why.",
        "Aucun plan de renouvellement n'est calculé : la page Plan de renouvellement dit pourquoi.",
    ),
    "machine.plan.then": (
        "The plan replaces it in {quarter}, with all of its class, site and model. {why}",
        "Le plan le remplace au {quarter}, avec tous ceux de sa classe, de son site et de son modèle. {why}",
    ),
    "machine.plan.among": (
        "The plan takes machines of one class, site and model together, and does not replace all of these at once.",
        "Le plan prend ensemble les postes d'une classe, d'un site et d'un modèle, et ne remplace pas tous ceux-ci à la fois.",
    ),
    "machine.plan.alike": (
        "What it does with machines of the same class, site and model:",
        "Ce qu'il fait des postes de même classe, site et modèle :",
    ),
    "machine.plan.like": (
        "Machines of the same class, site and model",
        "Postes de même classe, site et modèle",
    ),
    "machine.plan.stay.one": (
        "{n} of them stays to the end of the plan.",
        "{n} d'entre eux reste jusqu'à la fin du plan.",
    ),
    "machine.plan.stay.many": (
        "{n} of them stay to the end of the plan.",
        "{n} d'entre eux restent jusqu'à la fin du plan.",
    ),
    "machine.plan.kept": (
        "It stays to the end of the plan. {why}",
        "Il reste jusqu'à la fin du plan. {why}",
    ),
    "machine.plan.late": (
        "It stays past its deadline ({deadline}), until {until}; replaced: {replaced}. {why}",
        "Il dépasse son échéance ({deadline}), jusqu'au {until} ; remplacé : {replaced}. {why}",
    ),
    "machine.plan.left": ("The plan leaves it alone.", "Le plan n'en tient pas compte."),
    "machine.plan.unknown": (
        "The plan says nothing of it: it was made before this machine was known so.",
        "Le plan n'en dit rien : il a été calculé avant que ce poste ne soit connu ainsi.",
    ),
    "machine.course": ("From import to import", "D'un import à l'autre"),
    "machine.event.first": ("seen for the first time", "vu pour la première fois"),
    "machine.event.changed": ("told otherwise", "dit autrement"),
    "machine.event.gone": ("not in the inventory any more", "plus dans l'inventaire"),
    "machine.event.back": ("in the inventory again", "de nouveau dans l'inventaire"),
    "model.title": ("Model", "Modèle"),
    "model.lost": (
        "No machine of this model is in use, or may be again.",
        "Aucun poste de ce modèle n'est en service, ni ne peut l'être à nouveau.",
    ),
    "model.lead": (
        "{all} in use, or that may be again. Out of support: {ended} (nobody can tell of {unknown}). Not fit for Windows 11: {unfit} "
        "(nobody can tell of {unsure}).",
        "{all} en service, ou pouvant l'être à nouveau. Hors support : {ended} (inconnu pour {unknown}). Inaptes à Windows 11 : {unfit} "
        "(inconnu pour {unsure}).",
    ),
    "model.ages": (
        "The youngest is of {low}, the oldest of {high}.",
        "Le plus récent a {low}, le plus ancien {high}.",
    ),
    "model.machines": ("Its machines", "Ses postes"),
    "model.curve": ("How long this model lasts", "Combien de temps dure ce modèle"),
}
