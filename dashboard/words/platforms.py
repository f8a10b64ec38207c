"""Texts of platforms: message engines, telephony, virtual desktops, databases. In English and French."""

from __future__ import annotations

from typing import Final

PLATFORMS: Final[dict[str, tuple[str, str]]] = {
    "platforms.title": ("Platforms", "Plateformes"),
    "platforms.empty": (
        "No platform is known: no message engine, exchange, virtual desktop or database was read in the last 30 days. "
        "`jauge check` says what each target is asked, and the page Targets what answered.",
        "Aucune plateforme connue : ni EAI, ni autocommutateur, ni bureau virtuel, ni base de données n'a été lu depuis 30 jours. "
        "`jauge check` dit ce qui est demandé à chaque cible, et la page Cibles ce qui a répondu.",
    ),
    "platforms.messages": ("Message engines", "Échanges de messages"),
    "platforms.messages.well": (
        "Every channel runs, and no message waits for longer than {span}.",
        "Chaque canal tourne, et aucun message n'attend depuis plus de {span}.",
    ),
    "platforms.messages.known": (
        "No channel is known to be down; of {n} nobody tells it.",
        "Aucun canal n'est connu à l'arrêt ; pour {n}, personne ne le dit.",
    ),
    "platforms.messages.bad": (
        "Channels that are down: {down}; with a message that waits for longer than {span}: {late}. Of {all} in all.",
        "Canaux à l'arrêt : {down} ; avec un message qui attend depuis plus de {span} : {late}. Sur {all} en tout.",
    ),
    "platforms.listeners": ("HL7 listeners", "Écouteurs HL7"),
    "platforms.telephony": ("Telephony", "Téléphonie"),
    "platforms.phones": ("Telephones and gateways", "Postes et passerelles"),
    "platforms.desktops": ("Virtual desktops", "Bureaux virtuels"),
    "platforms.databases": ("Databases", "Bases de données"),
    "platforms.copies": ("Copies of databases", "Copies de bases"),
    "platforms.dumps": ("Backups that databases tell", "Sauvegardes dites par les bases"),
    "platforms.used.well": (
        "Nothing here is used to {share} or more.",
        "Rien ici n'est utilisé à {share} ou plus.",
    ),
    "platforms.used.bad": (
        "Used up: {over}; used to {share} or more: {tight}; of {all} in all.",
        "Épuisés : {over} ; utilisés à {share} ou plus : {tight} ; sur {all} en tout.",
    ),
    "platforms.used.untold": (
        "Of {n} nobody tells how many there are, so nothing is said of them.",
        "Pour {n}, personne ne dit combien il y en a : rien n'en est conclu.",
    ),
    "platforms.phones.lead": (
        "Devices that are known and not registered: {n}.",
        "Équipements connus mais non enregistrés : {n}.",
    ),
    "platforms.copies.lead": (
        "The copy that is furthest behind: {span}.",
        "La copie la plus en retard : {span}.",
    ),
    "platforms.dumps.lead": (
        "The oldest last backup: {span} ago. The page of backups judges them by what was promised.",
        "La plus ancienne dernière sauvegarde : il y a {span}. La page des sauvegardes les juge selon l'engagement.",
    ),
    "platforms.every": ("Show all", "Tout montrer"),
    "platforms.all": ("All platforms", "Toutes les plateformes"),
    "platforms.more": (
        "The first {n} of {all}, worst first.",
        "Les {n} premiers sur {all}, le plus urgent d'abord.",
    ),
    "use.calls": ("calls", "communications"),
    "use.trunk": ("trunk channels", "canaux de faisceau"),
    "use.media": ("media resources", "ressources média"),
    "use.desktops": ("desktops", "bureaux"),
    "use.connections": ("connections", "connexions"),
    "use.tablespace": ("tablespace", "tablespace"),
    "column.channel": ("Channel or queue", "Canal ou file"),
    "column.waiting": ("Waiting", "En attente"),
    "column.oldest": ("Oldest waits", "Le plus ancien attend"),
    "column.acknowledged": ("Acknowledged by", "Acquittement"),
    "column.of": ("What", "Quoi"),
    "column.now": ("In use now", "Utilisé maintenant"),
    "column.there": ("There are", "Il y en a"),
    "column.registered": ("Registered", "Enregistrés"),
    "column.unregistered": ("Not registered", "Non enregistrés"),
    "column.copy": ("Copy", "Copie"),
    "column.lag": ("Behind by", "Retard"),
    "column.database": ("Database", "Base"),
    "column.backups": ("Last backups", "Dernières sauvegardes"),
    "copy.itself": ("the server itself", "le serveur lui-même"),
    "dump.full": ("full", "complète"),
    "dump.differential": ("differential", "différentielle"),
    "dump.log": ("log", "journal"),
    "state.tight": ("nearly used up", "presque épuisé"),
}
