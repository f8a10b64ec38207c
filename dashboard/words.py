"""Every text of the pages, in English and French. `{names}` are filled in; nothing here comes from a device."""

from __future__ import annotations

from typing import Final

from dashboard.capacity_words import CAPACITY_WORDS

_COMMON: Final[dict[str, tuple[str, str]]] = {
    "unknown": ("unknown", "inconnu"),
    "never": ("never", "jamais"),
    "none": ("none", "aucun"),
    "colon": (": ", "\u00a0: "),
    "skip": ("Skip to the content", "Aller au contenu"),
    "menu": ("Menu", "Menu"),
    "navigation": ("Pages", "Pages"),
    "language": ("Français", "English"),
    "theme": ("Light or dark", "Clair ou sombre"),
    "logout": ("Log out", "Se déconnecter"),
    "updated": ("Figures of {time}", "Chiffres de {time}"),
    "demo": (
        "Demonstration: an invented hospital on this machine. Nothing here is a real patient or a real device.",
        "Démonstration : un hôpital inventé sur cette machine. Rien ici n'est un vrai patient ni un vrai équipement.",
    ),
    "demo.link": ("Use your own estate", "Utiliser votre propre parc"),
    "missing.title": ("No such page", "Page introuvable"),
    "missing.text": (
        "Nothing lies at this address. Choose a page of the menu.",
        "Rien à cette adresse. Choisissez une page du menu.",
    ),
    "broken.title": ("This page cannot be drawn", "Cette page ne peut pas s'afficher"),
    "broken.text": (
        "Something failed on the server, and its log says what. The other pages still work.",
        "Une erreur s'est produite sur le serveur, et son journal dit laquelle. Les autres pages fonctionnent.",
    ),
    "fault": (
        "`{file}` cannot be read: what rests on it is missing from this page, and nothing here says that all is well.",
        "`{file}` est illisible : ce qui en dépend manque sur cette page, et rien ici ne dit que tout va bien.",
    ),
    "mistake": (
        "The estate file was changed and has a mistake; these pages show the estate before it.",
        "Le fichier de parc a été modifié et contient une erreur ; ces pages montrent le parc d'avant.",
    ),
    "silent": (
        "The collector has not written for {span}: the figures below are old. Look at the process `jauge run`.",
        "Le collecteur n'a rien écrit depuis {span} : les chiffres ci-dessous sont anciens. "
        "Regardez le processus `jauge run`.",
    ),
    "span.days.one": ("{n} day", "{n} jour"),
    "span.days.many": ("{n} days", "{n} jours"),
    "span.hours.one": ("{n} hour", "{n} heure"),
    "span.hours.many": ("{n} hours", "{n} heures"),
    "span.minutes.one": ("{n} minute", "{n} minute"),
    "span.minutes.many": ("{n} minutes", "{n} minutes"),
    "span.seconds.one": ("{n} second", "{n} seconde"),
    "span.seconds.many": ("{n} seconds", "{n} secondes"),
    "years.one": ("{n} year", "{n} an"),
    "years.many": ("{n} years", "{n} ans"),
    "column.what": ("What", "Quoi"),
    "column.where": ("Where", "Où"),
    "column.state": ("State", "État"),
    "column.next": ("What to do", "Que faire"),
    "column.why": ("Why", "Pourquoi"),
    "column.target": ("Target", "Cible"),
    "column.store": ("Store", "Stockage"),
    "column.kind": ("Kind", "Type"),
    "column.quantity": ("What fills", "Ce qui se remplit"),
    "column.order": ("Order by", "Commander au plus tard"),
    "column.site": ("Site", "Site"),
    "column.used": ("Used", "Occupé"),
    "column.size": ("Usable size", "Taille utile"),
    "column.ratio": ("Used, %", "Taux"),
    "column.rate": ("A day", "Par jour"),
    "column.full": ("Full", "Plein"),
    "column.between": ("8 chances in 10 between", "8 chances sur 10 entre"),
    "column.last": ("Last answer", "Dernière réponse"),
    "column.family": ("Family", "Famille"),
    "column.took": ("Took", "Durée"),
    "column.rows": ("Rows", "Lignes"),
    "column.read": ("Read at", "Lu le"),
    "column.table": ("Table or command", "Table ou commande"),
    "column.day": ("Day", "Jour"),
    "column.expected": ("Expected", "Attendu"),
    "column.80": ("8 chances in 10", "8 chances sur 10"),
    "column.95": ("95 chances in 100", "95 chances sur 100"),
    "column.machine": ("Machine", "Poste"),
    "column.model": ("Model", "Modèle"),
    "column.service": ("Service", "Service"),
    "column.os": ("System", "Système"),
    "column.purchased": ("Bought", "Acheté"),
    "column.age": ("Age", "Âge"),
    "column.count": ("Machines", "Postes"),
    "column.job": ("Job", "Tâche"),
    "column.point": ("Last restore point", "Dernier point de restauration"),
    "column.rpo": ("Promised (RPO)", "Engagement (RPO)"),
    "column.echo": ("C-ECHO", "C-ECHO"),
    "column.rejections": ("Rejection", "Rejet"),
    "column.studies": ("Studies", "Examens"),
    "column.stored": ("Stored", "Archivé"),
    "column.when": ("When", "Quand"),
    "column.event": ("Event", "Événement"),
    "column.detail": ("Details", "Détails"),
    "events.title": ("What happened lately", "Ce qui s'est passé récemment"),
    "event.collector": ("the collector", "le collecteur"),
    "event.trap": ("trap", "alerte SNMP (trap)"),
    "event.target_down": ("stopped answering", "ne répond plus"),
    "event.target_up": ("answers again", "répond à nouveau"),
    "event.host_key_changed": ("another SSH host key", "autre clé d'hôte SSH"),
    "event.device_restarted": ("restarted", "a redémarré"),
    "event.estate_reloaded": ("estate read again", "parc relu"),
    "event.estate_refused": ("estate refused, the former one stays", "parc refusé, le précédent reste"),
    "state.down": ("down", "en panne"),
    "state.late": ("late", "en retard"),
    "state.failed": ("failed", "en échec"),
    "state.partly": ("partly failed", "en partie en échec"),
    "state.never": ("not polled yet", "pas encore interrogé"),
    "state.well": ("well", "en ordre"),
    "state.full": ("full soon", "bientôt plein"),
    "state.over": ("full", "plein"),
    "state.unprotected": ("backup too old", "sauvegarde trop ancienne"),
    "state.met": ("kept", "tenu"),
    "state.unpromised": ("nothing promised", "aucun engagement"),
    "state.answers": ("answers", "répond"),
    "state.silent": ("does not answer", "ne répond pas"),
    "state.unknown": ("unknown", "inconnu"),
    "kind.array": ("baie", "array"),
    "kind.pool": ("pool", "pool"),
    "kind.volume": ("volume", "volume"),
    "kind.filesystem": ("file system", "système de fichiers"),
    "kind.share": ("share", "partage"),
    "kind.tier": ("tier", "niveau"),
    "kind.repository": ("repository", "dépôt"),
    "kind.": ("unknown", "inconnu"),
}

_OVERVIEW: Final[dict[str, tuple[str, str]]] = {
    "overview.title": ("Overview", "Vue d'ensemble"),
    "overview.down": ("Down", "En panne"),
    "overview.late": ("Late", "En retard"),
    "overview.unprotected": ("Backups too old", "Sauvegardes trop anciennes"),
    "overview.full": ("Full within {days} days", "Pleins d'ici {days} jours"),
    "overview.of": ("of {n}", "sur {n}"),
    "overview.list": ("What needs attention, worst first", "À traiter, le plus grave d'abord"),
    "overview.well": (
        "Nothing is down, late, unprotected or full within {days} days.",
        "Rien n'est en panne, en retard, mal sauvegardé ou plein d'ici {days} jours.",
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
    "overview.do.unprotected": (
        "Look at the job's last run and start it again.",
        "Regardez la dernière exécution de la tâche et relancez-la.",
    ),
    "overview.do.jobless": (
        "Let a backup job take this machine, or name its jobs under `protect:`.",
        "Confiez cette machine à une tâche de sauvegarde, ou nommez ses tâches sous `protect:`.",
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
    "overview.do.over": ("Free space now, or extend it.", "Libérez de la place maintenant, ou étendez-le."),
}

_CAPACITY: Final[dict[str, tuple[str, str]]] = {
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
    "capacity.size.up": ("Grew by {size} on {day}", "Augmentée de {size} le {day}"),
    "capacity.size.down": ("Shrank by {size} on {day}", "Diminuée de {size} le {day}"),
    "capacity.size.ordered": ("{size} more expected on {day}", "{size} de plus attendus le {day}"),
    "capacity.others": ("Everything else that fills", "Tout ce qui se remplit d'autre"),
    "capacity.event.up": ("{size} added on {day}", "{size} ajoutés le {day}"),
    "capacity.event.down": ("{size} freed on {day}", "{size} libérés le {day}"),
    "capacity.measured": ("measured", "mesuré"),
    "capacity.forecast": ("forecast", "prévu"),
    "capacity.over": ("full", "plein"),
    "sentence.holds": (
        "{name} on {target} holds {used} of {size} usable ({ratio}), measured on {at}.",
        "{name} sur {target} contient {used} sur {size} utiles ({ratio}), mesuré le {at}.",
    ),
    "sentence.holds.unsized": (
        "{name} on {target} holds {used}, measured on {at}; its size is unknown.",
        "{name} sur {target} contient {used}, mesuré le {at} ; sa taille est inconnue.",
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
        "{name} on {target} ({what}) takes {used} of {size} ({ratio}) on {day}.",
        "{name} sur {target} ({what}) prend {used} sur {size} ({ratio}) au {day}.",
    ),
    "explain.holds.share": (
        "{name} on {target} ({what}) takes {used} on {day}.",
        "{name} sur {target} ({what}) prend {used} au {day}.",
    ),
    "explain.holds.unsized": (
        "{name} on {target} ({what}) takes {used} on {day}; its size is unknown.",
        "{name} sur {target} ({what}) prend {used} au {day} ; sa taille est inconnue.",
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
    "quantity.storage": ("storage", "stockage"),
    "quantity.raw_storage": ("raw storage", "stockage brut"),
    "quantity.metadata": ("metadata", "métadonnées"),
    "quantity.memory": ("memory", "mémoire"),
    "quantity.processors": ("processors", "processeurs"),
    "quantity.licences": ("licences", "licences"),
    "quantity.sessions": ("sessions", "sessions"),
    "quantity.databases": ("database space", "espace de base de données"),
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
    "trace.events": ("jump of the level", "variation brusque"),
    "trace.now": ("today", "aujourd'hui"),
    "axis.used": ("used, {unit}", "occupé, {unit}"),
}

_PAGES: Final[dict[str, tuple[str, str]]] = {
    "pacs.title": ("PACS and backups", "PACS et sauvegardes"),
    "pacs.archives": ("Archives", "Archives"),
    "pacs.none": (
        "No archive is declared. Give a target a `dicom:` section, or an `http:` section with the family orthanc.",
        "Aucune archive déclarée. Donnez à une cible une section `dicom:`, ou une section `http:` de famille orthanc.",
    ),
    "pacs.lead": (
        "Archives that answered the last C-ECHO: {answering} of {all}.",
        "Archives qui ont répondu au dernier C-ECHO\u00a0: {answering} sur {all}.",
    ),
    "pacs.rejected.none": ("none", "aucun"),
    "backups.title": ("Backups", "Sauvegardes"),
    "backups.none": (
        "No backup is known. Name restic repositories under `ssh:`, and what is promised under `protect:`.",
        "Aucune sauvegarde connue. Nommez les dépôts restic sous `ssh:`, et ce qui est promis sous `protect:`.",
    ),
    "backups.lead": (
        "Backups older than promised: {overdue} of {all}.",
        "Sauvegardes plus anciennes que promis\u00a0: {overdue} sur {all}.",
    ),
    "backups.kept": (
        "Every backup keeps what was promised, where something was.",
        "Chaque sauvegarde tient ce qui a été promis, là où quelque chose l'a été.",
    ),
    "workstations.title": ("Workstations", "Postes de travail"),
    "workstations.empty": (
        "No inventory was imported yet. Export the computers of GLPI as CSV, then run "
        "`jauge inventory import FILE.csv`.",
        "Aucun inventaire importé. Exportez les ordinateurs de GLPI en CSV, puis lancez "
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

_ACCURACY: Final[dict[str, tuple[str, str]]] = {
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

_REASONS: Final[dict[str, tuple[str, str]]] = {
    "why.timeout": ("no answer in time", "pas de réponse à temps"),
    "do.timeout": (
        "Is it on, and does the firewall let us through?",
        "Est-elle allumée, et le pare-feu nous laisse-t-il passer ?",
    ),
    "why.refused": ("connection refused", "connexion refusée"),
    "do.refused": (
        "Is the service started, and is the port right?",
        "Le service tourne-t-il, et le port est-il bon ?",
    ),
    "why.auth_failed": ("login refused", "identification refusée"),
    "do.auth_failed": ("Check the credential of the estate.", "Vérifiez l'identifiant dans le parc."),
    "why.wrong_privacy": ("wrong privacy key", "mauvaise clé de chiffrement"),
    "do.wrong_privacy": (
        "Check the privacy protocol and key of the credential.",
        "Vérifiez le protocole et la clé de chiffrement.",
    ),
    "why.not_in_time_window": ("clocks too far apart (SNMPv3)", "horloges trop éloignées (SNMPv3)"),
    "do.not_in_time_window": (
        "Look for two devices with one engine ID, or a device that restarts.",
        "Cherchez deux équipements au même engine ID, ou un équipement qui redémarre.",
    ),
    "why.unknown_engine": ("unknown engine ID (SNMPv3)", "engine ID inconnu (SNMPv3)"),
    "do.unknown_engine": (
        "Was the device replaced? Poll it again.",
        "L'équipement a-t-il été remplacé ? Réinterrogez.",
    ),
    "why.host_key_unknown": ("host key unknown", "clé d'hôte inconnue"),
    "do.host_key_unknown": (
        "Compare its key on the host, then accept it with `jauge trust`.",
        "Comparez sa clé sur l'hôte, puis acceptez-la avec `jauge trust`.",
    ),
    "why.host_key_changed": ("host key changed", "clé d'hôte changée"),
    "do.host_key_changed": (
        "Stop: find out why before you accept the new key.",
        "Arrêtez : cherchez pourquoi avant d'accepter la nouvelle clé.",
    ),
    "why.too_big": ("answer too big", "réponse trop grosse"),
    "do.too_big": (
        "The agent cannot send that much at once; see `jauge explain`.",
        "L'agent ne peut envoyer autant d'un coup ; voir `jauge explain`.",
    ),
    "why.not_increasing": ("the agent goes in circles", "l'agent tourne en rond"),
    "do.not_increasing": (
        "A fault of the agent: update its firmware.",
        "Défaut de l'agent : mettez-le à jour.",
    ),
    "why.gen_err": ("general error of the agent", "erreur générale de l'agent"),
    "do.gen_err": (
        "Restart the agent, or ask its maker.",
        "Redémarrez l'agent, ou demandez au constructeur.",
    ),
    "why.empty_answer": ("answered, with nothing in it", "a répondu, mais sans contenu"),
    "do.empty_answer": (
        "May this user see that table (SNMP view, rights)?",
        "Cet utilisateur peut-il voir cette table (vue SNMP, droits) ?",
    ),
    "why.truncated": ("answer cut off", "réponse tronquée"),
    "do.truncated": (
        "What came before is shown; see `jauge explain`.",
        "Ce qui précède est montré ; voir `jauge explain`.",
    ),
    "why.unparsed": ("answer not understood", "réponse non comprise"),
    "do.unparsed": (
        "Send the recording of `jauge explain` to those who maintain Jauge.",
        "Envoyez la sortie de `jauge explain` aux mainteneurs de Jauge.",
    ),
    "why.capped": ("more rows than allowed", "plus de lignes que permis"),
    "do.capped": (
        "What fits is shown; see `jauge explain`.",
        "Ce qui tient est montré ; voir `jauge explain`.",
    ),
    "why.deadline": ("not done in time", "pas fini à temps"),
    "do.deadline": (
        "Raise the target's timeout, or ask it for less.",
        "Augmentez le délai de la cible, ou demandez-lui moins.",
    ),
    "why.tls": ("TLS certificate refused", "certificat TLS refusé"),
    "do.tls": (
        "Give its certificate authority under `ca:`.",
        "Donnez son autorité de certification sous `ca:`.",
    ),
    "why.internal": ("a fault of Jauge", "un défaut de Jauge"),
    "do.internal": (
        "See the collector's log, and report it.",
        "Voyez le journal du collecteur, et signalez-le.",
    ),
    "do.": ("Run `jauge explain` on it.", "Lancez `jauge explain` dessus."),
}

_SCENARIOS: Final[dict[str, tuple[str, str]]] = {
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
    "scenarios.without": ("without it", "sans lui"),
    "scenarios.with": ("with it", "avec lui"),
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
    "column.order": ("Order by", "Commander avant le"),
    "column.chance90": ("Full within 90 days", "Plein sous 90 jours"),
    "column.chance365": ("Full within a year", "Plein sous un an"),
    "column.level": ("Used in a year", "Occupé dans un an"),
    "column.measured": ("Measured", "Mesuré"),
    "column.answer": ("What it says", "Ce que cela dit"),
}

WORDS: Final[dict[str, tuple[str, str]]] = {
    **_COMMON,
    **_OVERVIEW,
    **_CAPACITY,
    **_ACCURACY,
    **_SCENARIOS,
    **_PAGES,
    **_REASONS,
    **CAPACITY_WORDS,
}
