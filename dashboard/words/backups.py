"""Texts of the page of backups: promises, judgements, the 3-2-1-1-0 rule, and the ledger of restore tests. In English and French."""

from __future__ import annotations

from typing import Final

BACKUPS: Final[dict[str, tuple[str, str]]] = {
    "backups.title": ("Backups", "Sauvegardes"),
    "backups.none": (
        "No backup is known. Name what makes backups under `ssh:` (`restic`, `borg`, `rsnapshot`, `proxmox_backup`, or the commands "
        "`bacula`, `veeam` ...) or `http:` of its target, and what is promised under `protect:` of each machine (docs/estate.md).",
        "Aucune sauvegarde connue. Nommez ce qui sauvegarde sous `ssh:` (`restic`, `borg`, `rsnapshot`, `proxmox_backup`, ou les "
        "commandes `bacula`, `veeam`…) ou `http:` de sa cible, et ce qui est promis sous `protect:` de chaque machine (docs/estate.md).",
    ),
    "backups.lead": (
        "Backups older than promised, or never seen: {overdue} of {promised} that are promised.",
        "Sauvegardes plus anciennes que promis, ou jamais vues : {overdue} sur {promised} promises.",
    ),
    "backups.unpromised": (
        "{n} jobs keep no promise: `protect: {{rpo: 24h}}` of their machine says what may be lost.",
        "{n} tâches ne tiennent aucun engagement : `protect: {{rpo: 24h}}` de leur machine dit ce qui peut être perdu.",
    ),
    "backups.unheard": (
        "Not all that lists jobs answered at the last poll ({names}): what they told before is shown, and nobody can tell which machines stand in no job.",
        "Tout ce qui liste des tâches n'a pas répondu à la dernière interrogation ({names}) : ce qui avait été dit avant est montré, et "
        "personne ne peut dire quelles machines ne sont dans aucune tâche.",
    ),
    "backups.tile.late": ("Older than promised", "Plus anciennes que promis"),
    "backups.tile.doubted": ("Say success, and are none", "Se disent réussies, sans l'être"),
    "backups.tile.alone": ("Machines in no job", "Machines dans aucune tâche"),
    "backups.tile.untested": ("Restore not tested in time", "Restauration non testée à temps"),
    "backups.back": ("All backups", "Toutes les sauvegardes"),
    "backups.lost": (
        "No such backup is known any more.",
        "Cette sauvegarde n'est plus connue.",
    ),
    "backups.show": ("Show", "Montrer"),
    "backups.show.": ("everything", "tout"),
    "backups.show.late": ("older than promised", "plus anciennes que promis"),
    "backups.show.doubted": ("not believed", "mises en doute"),
    "backups.show.untested": ("not tested in time", "non testées à temps"),
    "backups.show.unpromised": ("without a promise", "sans engagement"),
    "backups.show.alone": ("machines in no job", "machines dans aucune tâche"),
    "backups.show.rule": ("3-2-1-1-0", "3-2-1-1-0"),
    "backups.show.tests": ("restore tests", "tests de restauration"),
    "backups.points": (
        "Restore points against what was promised",
        "Points de restauration face aux engagements",
    ),
    "backups.points.none": (
        "No backup of that kind. Choose another filter.",
        "Aucune sauvegarde de ce genre. Choisissez un autre filtre.",
    ),
    "backups.old": ("{age} old", "vieux de {age}"),
    "backups.never": ("never seen", "jamais vu"),
    "backups.lies": ("Lies found", "Mensonges trouvés"),
    "backups.lies.lead": (
        "These jobs say that they went well. Their sizes, restore points or verification tell otherwise: their last run is no restore point.",
        "Ces tâches disent avoir réussi. Leurs tailles, leurs points ou leur vérification disent le contraire : leur dernière exécution "
        "n'est pas un point de restauration.",
    ),
    "backups.lies.none": (
        "None: of every job that tells how its last run ended, what it says holds.",
        "Aucun : pour chaque tâche qui dit comment sa dernière exécution a fini, ce qu'elle dit se vérifie.",
    ),
    "backups.drift": ("{ratio} of what it held before", "{ratio} de ce qu'elle contenait avant"),
    "backups.alone": ("Machines in no job", "Machines dans aucune tâche"),
    "backups.alone.none": (
        "None: a job knows every machine, or `backups: exclude` says why it needs none.",
        "Aucune : une tâche connaît chaque machine, ou `backups: exclude` dit pourquoi elle n'en a pas besoin.",
    ),
    "backups.alone.unheard": (
        "Nobody can tell: {names} did not answer in full at the last poll.",
        "Personne ne peut le dire : {names} n'a pas tout répondu à la dernière interrogation.",
    ),
    "backups.alone.nameless": (
        "Nobody can tell: a job does not say which machines it saves.",
        "Personne ne peut le dire : une tâche ne dit pas quelles machines elle sauvegarde.",
    ),
    "backups.alone.unlisted": (
        "Nobody can tell: no target of the estate lists backup jobs.",
        "Personne ne peut le dire : aucune cible du parc ne liste de tâches de sauvegarde.",
    ),
    "backups.alone.lead": (
        "{alone} of {all} machines (servers of the estate, and virtual machines that its hypervisors list) stand in no backup job.",
        "{alone} machines sur {all} (serveurs du parc, et machines virtuelles que listent ses hyperviseurs) ne sont dans aucune tâche.",
    ),
    "backups.alone.do": (
        "Let a job take it, or say under `backups: exclude` why it needs none.",
        "Confiez-la à une tâche, ou dites sous `backups: exclude` pourquoi elle n'en a pas besoin.",
    ),
    "backups.rule": (
        "3 copies, 2 media, 1 off-site, 1 immutable, 0 errors",
        "3 copies, 2 supports, 1 hors site, 1 immuable, 0 erreur",
    ),
    "backups.rule.services": ("By service", "Par service"),
    "backups.rule.targets": ("By target", "Par cible"),
    "backups.rule.lead": (
        "What the estate declares and the makers of backups tell. What nobody told is unknown, and unknown is no pass.",
        "Ce que le parc déclare et ce que disent les logiciels de sauvegarde. Ce que personne n'a dit est inconnu, et l'inconnu ne vaut pas tenu.",
    ),
    "backups.rule.none": (
        "Nothing is promised of any target: `protect:` says what, with its copies under `held:`.",
        "Rien n'est promis d'aucune cible : `protect:` dit quoi, avec ses copies sous `held:`.",
    ),
    "backups.tests": ("Restore tests", "Tests de restauration"),
    "backups.tests.lead": (
        "The newest first. An entry is never changed: a wrong one is corrected by another.",
        "Les plus récents d'abord. Une entrée n'est jamais modifiée : une autre corrige celle qui est fausse.",
    ),
    "backups.tests.none": (
        "No restore was ever tested. A backup that nobody restored is a hope: restore something, and record it here or by `jauge backup tested`.",
        "Aucune restauration n'a été testée. Une sauvegarde jamais restaurée est un espoir : restaurez quelque chose, et consignez-le ici ou par "
        "`jauge backup tested`.",
    ),
    "backups.record": ("Record a restore test", "Consigner un test de restauration"),
    "backups.record.of": ("Record a restore test of {name}", "Consigner un test de restauration de {name}"),
    "backups.readers": (
        "An operator or a manager records restore tests here.",
        "Un opérateur ou un responsable consigne les tests de restauration ici.",
    ),
    "backups.correct": ("Correct", "Corriger"),
    "backups.correct.of": (
        "Correct restore test {n} of {name}",
        "Corriger le test de restauration {n} de {name}",
    ),
    "backups.corrected": ("corrected by {n}: {why} ({who}, {at})", "corrigé par {n} : {why} ({who}, {at})"),
    "backups.withdrawn": ("withdrawn: {why} ({who}, {at})", "retiré : {why} ({who}, {at})"),
    "backups.of": ("What was restored is of", "Ce qui a été restauré vient de"),
    "backups.job": ("Job that made the restore point", "Tâche qui a fait le point de restauration"),
    "backups.job.any": ("not said", "non précisée"),
    "backups.what": (
        "What was restored: a database, a folder, a whole machine ... No patient.",
        "Ce qui a été restauré : une base, un dossier, une machine entière… Aucun patient.",
    ),
    "backups.point": (
        "Time of the restore point (2026-01-05 02:00)",
        "Date du point de restauration (2026-01-05 02:00)",
    ),
    "backups.ended": (
        "When the test ended (2026-01-05 11:30); empty: now",
        "Fin du test (2026-01-05 11:30) ; vide : maintenant",
    ),
    "backups.minutes": (
        "Minutes from the order to restore until it could be used",
        "Minutes entre l'ordre de restaurer et la remise en service",
    ),
    "backups.result": ("Result", "Résultat"),
    "backups.size": (
        "How much came back (12 TB); empty: not counted",
        "Volume revenu (12 TB) ; vide : non compté",
    ),
    "backups.evidence": (
        "What proves it: a ticket, a protocol, a file",
        "Ce qui le prouve : un ticket, un procès-verbal, un fichier",
    ),
    "backups.remark": ("Remark", "Remarque"),
    "backups.who": ("Who restored it (login)", "Qui l'a restauré (identifiant)"),
    "backups.why": ("Why the entry is wrong", "Pourquoi l'entrée est fausse"),
    "backups.save": ("Record it", "Consigner"),
    "backups.replace": ("Record this in its place", "Consigner ceci à sa place"),
    "backups.withdraw": ("Withdraw it, nothing in its place", "La retirer, sans remplacement"),
    "backups.done.recorded": ("The restore test is recorded.", "Le test de restauration est consigné."),
    "backups.done.corrected": ("The entry is corrected.", "L'entrée est corrigée."),
    "backups.done.withdrawn": ("The entry is withdrawn.", "L'entrée est retirée."),
    "backups.refused.future": (
        "Nothing was recorded: a test of the future has not been. Give the time when it ended.",
        "Rien n'a été consigné : un test futur n'a pas eu lieu. Donnez l'heure à laquelle il a fini.",
    ),
    "backups.refused.point": (
        "Nothing was recorded: the restore point has to be from before the test began.",
        "Rien n'a été consigné : le point de restauration doit dater d'avant le début du test.",
    ),
    "backups.refused.seconds": (
        "Nothing was recorded: a restore takes some time. Give the minutes that it took.",
        "Rien n'a été consigné : une restauration prend du temps. Donnez le nombre de minutes.",
    ),
    "backups.refused.size": (
        "Nothing was recorded: give how much came back, such as 12 TB, or leave it out.",
        "Rien n'a été consigné : donnez le volume revenu, par exemple 12 TB, ou laissez vide.",
    ),
    "backups.refused.evidence": (
        "Nothing was recorded: name the ticket, protocol or file that proves the test.",
        "Rien n'a été consigné : nommez le ticket, le procès-verbal ou le fichier qui prouve le test.",
    ),
    "backups.refused.said": (
        "Nothing was recorded: say what was restored, how it ended, and who did it.",
        "Rien n'a été consigné : dites ce qui a été restauré, avec quel résultat, et par qui.",
    ),
    "backups.refused.why": (
        "Nothing was recorded: say why the entry is wrong.",
        "Rien n'a été consigné : dites pourquoi l'entrée est fausse.",
    ),
    "backups.refused.entry": (
        "Nothing was recorded: there is no such entry, or it was corrected already.",
        "Rien n'a été consigné : cette entrée n'existe pas, ou a déjà été corrigée.",
    ),
    "backups.refused.time": (
        "Nothing was recorded: write a time as 2026-01-05 02:00.",
        "Rien n'a été consigné : écrivez une date comme 2026-01-05 02:00.",
    ),
    "backups.refused.subject": (
        "Nothing was recorded: no backup of that machine is known.",
        "Rien n'a été consigné : aucune sauvegarde de cette machine n'est connue.",
    ),
    "backups.says": ("What it says of its last run", "Ce qu'elle dit de sa dernière exécution"),
    "backups.last": ("Last run", "Dernière exécution"),
    "backups.count": ("Restore points", "Points de restauration"),
    "backups.size.last": ("Size of the last good one", "Taille du dernier bon point"),
    "backups.by": ("Listed by", "Listée par"),
    "backups.immutable": ("Immutable until", "Immuable jusqu'au"),
    "backups.every": ("Restore to be tested every", "Restauration à tester tous les"),
    "backups.rto": ("Must run again within (RTO)", "Remise en service promise (RTO)"),
    "backups.download": ("Download", "Télécharger"),
    "backups.slow": ("longer than the promised {rto}", "plus que les {rto} promis"),
    "backups.kept": ("within the promised {rto}", "dans les {rto} promis"),
    "backups.tested": ("{result}, {at}", "{result}, {at}"),
    "backups.do.overdue": (
        "Look at the job's last run and start it again.",
        "Regardez la dernière exécution de la tâche et relancez-la.",
    ),
    "backups.do.jobless": (
        "Let a backup job take this machine, or name its jobs under `protect:`.",
        "Confiez cette machine à une tâche de sauvegarde, ou nommez ses tâches sous `protect:`.",
    ),
    "backups.do.untold": (
        "Its maker lists runs and no restore points: look at the job in its own console.",
        "Son logiciel liste des exécutions et aucun point de restauration : regardez la tâche dans sa console.",
    ),
    "backups.do.untested": (
        "Restore something of it, and record the test.",
        "Restaurez-en une partie, et consignez le test.",
    ),
    "backups.do.unpromised": (
        "Say under `protect:` of {name} what may be lost.",
        "Dites sous `protect:` de {name} ce qui peut être perdu.",
    ),
    "column.media": ("2 media", "2 supports"),
    "column.copies": ("3 copies", "3 copies"),
    "column.offsite": ("1 off-site", "1 hors site"),
    "column.immutable": ("1 immutable", "1 immuable"),
    "column.errors": ("0 errors", "0 erreur"),
    "column.rule": ("Part of the rule", "Partie de la règle"),
    "column.says": ("It says", "Elle dit"),
    "column.otherwise": ("What tells otherwise", "Ce qui dit le contraire"),
    "column.tested": ("Restore tested", "Restauration testée"),
    "column.testended": ("Ended", "Fin"),
    "column.restored": ("What was restored", "Ce qui a été restauré"),
    "column.frompoint": ("From the point of", "Depuis le point du"),
    "column.result": ("Result", "Résultat"),
    "column.evidence": ("Evidence", "Preuve"),
    "column.host": ("Machine", "Machine"),
    "column.listed": ("Listed by", "Listée par"),
    "column.promise": ("Promise", "Engagement"),
    "state.doubted": ("not believed", "mise en doute"),
    "state.unmet": ("not kept", "non tenu"),
    "state.tested": ("tested", "testée"),
    "state.untested": ("never tested", "jamais testée"),
    "state.stale": ("tested too long ago", "testée il y a trop longtemps"),
    "state.alone": ("in no job", "dans aucune tâche"),
    "result.ok": ("everything came back", "tout est revenu"),
    "result.partial": ("a part came back", "une partie est revenue"),
    "result.failed": ("nothing usable came back", "rien d'utilisable n'est revenu"),
    "says.ok": ("success", "réussie"),
    "says.warning": ("success with warnings", "réussie avec avertissements"),
    "says.failed": ("failed", "en échec"),
    "says.cancelled": ("cancelled", "annulée"),
    "says.unknown": ("a word that nobody knows", "un état inconnu"),
    "says.": ("unknown", "inconnu"),
    "rule.3 copies": ("3 copies", "3 copies"),
    "rule.2 media": ("2 media", "2 supports"),
    "rule.1 off-site": ("1 off-site", "1 hors site"),
    "rule.1 immutable": ("1 immutable", "1 immuable"),
    "rule.0 errors": ("0 errors", "0 erreur"),
    "rule.do.3 copies": (
        "Make another copy, or name those there are under `held:`.",
        "Faites une copie de plus, ou nommez celles qui existent sous `held:`.",
    ),
    "rule.do.2 media": (
        "Keep a copy on another kind of medium, and name both under `media:`.",
        "Gardez une copie sur un autre type de support, et nommez les deux sous `media:`.",
    ),
    "rule.do.1 off-site": (
        "Keep a copy in another place, and say so under `held:` (`offsite: true`).",
        "Gardez une copie dans un autre lieu, et dites-le sous `held:` (`offsite: true`).",
    ),
    "rule.do.1 immutable": (
        "Keep a copy that nobody can change, and say so under `held:` (`immutable: true`).",
        "Gardez une copie que personne ne peut modifier, et dites-le sous `held:` (`immutable: true`).",
    ),
    "rule.do.0 errors": (
        "Mend its jobs, or test a restore and record it.",
        "Corrigez ses tâches, ou testez une restauration et consignez-la.",
    ),
    "rule.copies.undeclared": (
        "the original and {number} measured, {wanted} wanted; none is declared under held",
        "copies mesurées outre l'original : {number} ({wanted} voulues, original compris) ; aucune n'est déclarée sous held",
    ),
    "rule.copies.declared": (
        "the original and {number} of {all} declared copies measured, {wanted} wanted",
        "copies mesurées outre l'original : {number} sur {all} déclarées ({wanted} voulues, original compris)",
    ),
    "rule.copies.unmeasured": (
        "the original and {number} of {all} declared copies measured, {wanted} wanted; the others are declared, and not measured",
        "copies mesurées outre l'original : {number} sur {all} déclarées ({wanted} voulues, original compris) ; les autres ne sont pas mesurées",
    ),
    "rule.media": ("measured on {names}", "mesurées sur {names}"),
    "rule.media.unsure": (
        "measured on {names}; some media are not declared",
        "mesurées sur {names} ; des supports ne sont pas déclarés",
    ),
    "rule.offsite": ("{names} is kept in another place", "{names} est gardée dans un autre lieu"),
    "rule.offsite.none": (
        "no copy in another place is measured",
        "aucune copie dans un autre lieu n'est mesurée",
    ),
    "rule.offsite.unsure": (
        "no copy in another place is measured; where copies are kept is not all known",
        "aucune copie dans un autre lieu n'est mesurée ; tous les lieux de copie ne sont pas connus",
    ),
    "rule.immutable": (
        "immutable for another {span}, as the maker tells",
        "immuable encore {span}, selon le logiciel",
    ),
    "rule.immutable.declared": ("declared, not measured", "déclarée, non mesurée"),
    "rule.immutable.ended": (
        "the immutability that the maker tells has run out",
        "l'immuabilité que dit le logiciel est arrivée à son terme",
    ),
    "rule.immutable.none": ("no copy is known to be immutable", "aucune copie n'est connue comme immuable"),
    "rule.errors.doubted": (
        "the last run is not believed: {names}",
        "la dernière exécution est mise en doute : {names}",
    ),
    "rule.errors.untold": (
        "nobody tells how its backups ended",
        "personne ne dit comment ses sauvegardes ont fini",
    ),
    "rule.errors.untested": ("no restore was ever tested", "aucune restauration n'a été testée"),
    "rule.errors.failed": ("of the last restore test {names}", "au dernier test de restauration, {names}"),
    "rule.errors.old": (
        "the last restore test is {span} old",
        "le dernier test de restauration date de {span}",
    ),
    "rule.errors.none": (
        "no errors, and a restore was tested {span} ago",
        "aucune erreur, et une restauration a été testée il y a {span}",
    ),
    "rule.targets": ("{names}", "{names}"),
    "rule.targets.every": ("every target", "toutes les cibles"),
    "rule.medium.disk": ("disk", "disque"),
    "rule.medium.tape": ("tape", "bande"),
    "rule.medium.object": ("object storage", "stockage objet"),
    "rule.medium.optical": ("optical discs", "disques optiques"),
    "flaw.failed": ("the run failed", "l'exécution a échoué"),
    "flaw.cancelled": ("the run was cancelled", "l'exécution a été annulée"),
    "flaw.unfinished": ("the run is a part only", "l'exécution est incomplète"),
    "flaw.unknown_state": ("its state is a word that nobody knows", "son état est inconnu"),
    "flaw.errors": ("it counted errors", "elle a compté des erreurs"),
    "flaw.empty": ("it holds nothing", "elle ne contient rien"),
    "flaw.shrunken": ("it holds less than half of what it did", "elle contient moins de la moitié d'avant"),
    "flaw.source_missing": ("a source that it had is missing", "une source qu'elle avait manque"),
    "flaw.in_future": ("its time lies in the future", "sa date est dans le futur"),
    "flaw.end_before_start": ("it ended before it began", "elle a fini avant de commencer"),
    "flaw.no_time": ("its time is not told", "sa date n'est pas dite"),
    "flaw.no_full": (
        "the full backup that it rests on is gone",
        "la sauvegarde complète sur laquelle elle repose a disparu",
    ),
    "flaw.not_verified": ("its verification failed", "sa vérification a échoué"),
    "flaw.repository_broken": ("its repository does not verify", "son dépôt ne passe pas la vérification"),
    "flaw.": ("not believed", "mise en doute"),
    "flaw.do.failed": (
        "Read the job's log, mend the cause and start it again.",
        "Lisez le journal de la tâche, corrigez la cause et relancez-la.",
    ),
    "flaw.do.cancelled": (
        "Find out who cancelled it and why, then start it again.",
        "Cherchez qui l'a annulée et pourquoi, puis relancez-la.",
    ),
    "flaw.do.unfinished": (
        "Start it again, and let it come to its end.",
        "Relancez-la, et laissez-la aller à son terme.",
    ),
    "flaw.do.unknown_state": (
        "Look at the job in its own console.",
        "Regardez la tâche dans sa propre console.",
    ),
    "flaw.do.errors": (
        "Read what it could not save: let it read that, or leave it out on purpose.",
        "Lisez ce qu'elle n'a pas pu sauvegarder : rendez-le lisible, ou excluez-le exprès.",
    ),
    "flaw.do.empty": (
        "Check that its source is mounted and that the job names it, then start it again.",
        "Vérifiez que sa source est montée et que la tâche la nomme, puis relancez-la.",
    ),
    "flaw.do.shrunken": (
        "Find what is missing from its source; where it shrank on purpose, say so under `backups: accept`.",
        "Cherchez ce qui manque à sa source ; si elle a été réduite exprès, dites-le sous `backups: accept`.",
    ),
    "flaw.do.source_missing": (
        "Bring the missing source back, and start it again; where it left on purpose, say so under `backups: accept`.",
        "Rétablissez la source qui manque, puis relancez-la ; si elle a été retirée exprès, dites-le sous `backups: accept`.",
    ),
    "flaw.do.in_future": (
        "Set the clock of the backup server.",
        "Réglez l'horloge du serveur de sauvegarde.",
    ),
    "flaw.do.end_before_start": (
        "Set the clock of the backup server.",
        "Réglez l'horloge du serveur de sauvegarde.",
    ),
    "flaw.do.no_time": ("Look at the job in its own console.", "Regardez la tâche dans sa propre console."),
    "flaw.do.no_full": ("Make a full backup now.", "Faites une sauvegarde complète maintenant."),
    "flaw.do.not_verified": (
        "Make a new restore point now, and find out what damaged this one.",
        "Faites un nouveau point de restauration maintenant, et cherchez ce qui a abîmé celui-ci.",
    ),
    "flaw.do.repository_broken": (
        "Let nothing be pruned, repair the repository or begin another, and back up anew.",
        "Suspendez les purges, réparez le dépôt ou ouvrez-en un autre, puis sauvegardez à nouveau.",
    ),
    "flaw.do.": ("Look at the job in its own console.", "Regardez la tâche dans sa propre console."),
}
