"""Why something failed, and what to do. In English and French."""

from __future__ import annotations

from typing import Final

REASONS: Final[dict[str, tuple[str, str]]] = {
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
