"""Texts of PACS archives. In English and French."""

from __future__ import annotations

from typing import Final

ARCHIVES: Final[dict[str, tuple[str, str]]] = {
    "pacs.title": ("PACS", "PACS"),
    "pacs.of": ("PACS · {name}", "PACS · {name}"),
    "pacs.archives": ("Archives", "Archives"),
    "pacs.back": ("All archives", "Toutes les archives"),
    "pacs.lost": (
        "No archive of that name is known. It may have told nothing for 30 days.",
        "Aucune archive de ce nom n'est connue. Elle n'a peut-être rien dit depuis 30 jours.",
    ),
    "pacs.none": (
        "No archive is declared. Give a target a `dicom:` section, or an `http:` section with the family `orthanc` or `dcm4chee-arc`, "
        "then run `jauge check`.",
        "Aucune archive déclarée. Donnez à une cible une section `dicom:`, ou une section `http:` de famille `orthanc` ou "
        "`dcm4chee-arc`, puis lancez `jauge check`.",
    ),
    "pacs.lead": (
        "Archives that answered the last C-ECHO: {answering} of {all}.",
        "Archives qui ont répondu au dernier C-ECHO : {answering} sur {all}.",
    ),
    "pacs.lead.unknown.one": (
        "Of {n} nobody knows: it is not asked over DICOM, or has not been yet.",
        "Pour {n}, on l'ignore : elle n'est pas interrogée en DICOM, ou ne l'a pas encore été.",
    ),
    "pacs.lead.unknown.many": (
        "Of {n} nobody knows: they are not asked over DICOM, or have not been yet.",
        "Pour {n}, on l'ignore : elles ne sont pas interrogées en DICOM, ou ne l'ont pas encore été.",
    ),
    "pacs.echo.answers": (
        "It answered the last C-ECHO in {took}.",
        "Elle a répondu au dernier C-ECHO en {took}.",
    ),
    "pacs.echo.yes": ("It answered the last C-ECHO.", "Elle a répondu au dernier C-ECHO."),
    "pacs.echo.silent": ("It did not answer the last C-ECHO.", "Elle n'a pas répondu au dernier C-ECHO."),
    "pacs.echo.refused": (
        "It speaks DICOM, and refused the last C-ECHO.",
        "Elle parle DICOM, et a refusé le dernier C-ECHO.",
    ),
    "pacs.echo.unknown": (
        "Whether it answers C-ECHO is unknown: it is not asked over DICOM, or has not been yet.",
        "On ignore si elle répond au C-ECHO : elle n'est pas interrogée en DICOM, ou ne l'a pas encore été.",
    ),
    "pacs.facts": ("What it holds", "Ce qu'elle contient"),
    "pacs.facts.none": (
        "How many studies it holds is unknown: read it over HTTP, where it has such an interface (`http:` in the estate).",
        "On ignore combien d'examens elle contient : lisez-la en HTTP, si elle a une telle interface (`http:` dans le parc).",
    ),
    "pacs.patients": ("Patients", "Patients"),
    "pacs.studies": ("Studies", "Examens"),
    "pacs.series": ("Series", "Séries"),
    "pacs.instances": ("Instances", "Instances"),
    "pacs.stored": ("Stored", "Archivé"),
    "pacs.compression": (
        "Stored of the size without compression",
        "Archivé, rapporté à la taille sans compression",
    ),
    "pacs.storing": ("Longest time to store an instance", "Temps le plus long pour archiver une instance"),
    "pacs.modalities": ("By modality", "Par modalité"),
    "pacs.modalities.lead": (
        "{what} holds most: {size} of {whole} ({ratio}).",
        "{what} occupe le plus : {size} sur {whole} ({ratio}).",
    ),
    "pacs.modalities.most": (
        "Over the last {days} days {came} came in; most of that is {what}, with {size}.",
        "Ces {days} derniers jours, {came} sont arrivés ; l'essentiel vient de {what}, avec {size}.",
    ),
    "pacs.modalities.most.each": (
        "{what} grew most, by {size}; the history of each modality has its own length, which the table tells.",
        "{what} a grandi le plus, de {size} ; l'historique de chaque modalité a sa propre durée, que le tableau dit.",
    ),
    "pacs.modalities.still": (
        "How much each has grown is unknown: the history is too young, or nothing came.",
        "On ignore de combien chacune a grandi : l'historique est trop jeune, ou rien n'est arrivé.",
    ),
    "pacs.modalities.uncounted": (
        "Studies are counted by modality here, bytes are not.",
        "Les examens sont comptés par modalité, pas les octets.",
    ),
    "pacs.modalities.counted": ("Counted on {day}.", "Compté le {day}."),
    "pacs.modalities.none": (
        "Nobody tells what is held by modality. An Orthanc tells it once each of its series was looked at "
        "(`orthanc: {{follow: true}}`); `dicom: {{counts: …}}` counts the studies of a day.",
        "Personne ne dit ce qui est archivé par modalité. Un Orthanc le dit une fois chacune de ses séries examinée "
        "(`orthanc: {{follow: true}}`) ; `dicom: {{counts: …}}` compte les examens d'un jour.",
    ),
    "pacs.modalities.following": (
        "What is held by modality is not known yet: {ratio} of the series have been looked at.",
        "Ce qui est archivé par modalité n'est pas encore connu : {ratio} des séries ont été examinées.",
    ),
    "pacs.modalities.label": (
        "Bar chart of bytes by modality, and of those that came within the last year; the table below holds the same figures.",
        "Diagramme en barres des octets par modalité, et de ceux arrivés depuis un an ; le tableau ci-dessous contient les mêmes "
        "chiffres.",
    ),
    "pacs.trace.held": ("held", "archivé"),
    "pacs.trace.came": ("came since (see the table)", "arrivé depuis (voir le tableau)"),
    "pacs.axis.held": ("bytes held, {unit}", "octets archivés, {unit}"),
    "pacs.trace.echo": ("C-ECHO", "C-ECHO"),
    "pacs.axis.echo": ("time of a C-ECHO, ms", "durée d'un C-ECHO, ms"),
    "pacs.echoes": ("Time of the C-ECHO", "Durée du C-ECHO"),
    "pacs.echoes.lead": (
        "Over {n} hours of the last 14 days it took {median} in the middle, and {slowest} at the slowest, on {at}.",
        "Sur {n} heures des 14 derniers jours, il a pris {median} en médiane, et {slowest} au plus, le {at}.",
    ),
    "pacs.echoes.label": (
        "Line chart of the time of a C-ECHO by hour; the table below holds the days.",
        "Courbe de la durée d'un C-ECHO par heure ; le tableau ci-dessous donne les jours.",
    ),
    "pacs.areas": ("Storage", "Stockage"),
    "pacs.areas.first": (
        "{store} of {target} is full first: {ratio} are used, and on {day} it is expected to be full.",
        "{store} de {target} sera plein en premier : {ratio} sont occupés, et il devrait être plein le {day}.",
    ),
    "pacs.areas.over": (
        "{store} of {target} has reached its limit: {ratio} are used.",
        "{store} de {target} a atteint sa limite : {ratio} sont occupés.",
    ),
    "pacs.areas.dateless": (
        "None of them has a date at which it is full.",
        "Aucun n'a de date à laquelle il sera plein.",
    ),
    "pacs.areas.none": (
        "No store of an archive is known. Poll the machine that it runs on over SNMP or SSH, or read its storage over HTTP.",
        "Aucun stockage d'archive n'est connu. Interrogez en SNMP ou en SSH la machine qui la porte, ou lisez son stockage en HTTP.",
    ),
    "pacs.queues": ("Queues and transfers", "Files et transferts"),
    "pacs.queues.well": (
        "Nothing failed and nothing stands still. Waiting: {waiting}.",
        "Rien n'a échoué et rien n'est bloqué. En attente : {waiting}.",
    ),
    "pacs.queues.failed.one": ("In {n} queue something failed.", "Dans {n} file, quelque chose a échoué."),
    "pacs.queues.failed.many": ("In {n} queues something failed.", "Dans {n} files, quelque chose a échoué."),
    "pacs.queues.stuck.one": (
        "In {n} queue jobs wait and none runs.",
        "Dans {n} file, des travaux attendent et aucun ne tourne.",
    ),
    "pacs.queues.stuck.many": (
        "In {n} queues jobs wait and none runs.",
        "Dans {n} files, des travaux attendent et aucun ne tourne.",
    ),
    "pacs.queues.waiting": ("Waiting in all: {waiting}.", "En attente en tout : {waiting}."),
    "pacs.queues.none": (
        "Nobody tells what waits. Orthanc and dcm4chee-arc tell their queues over HTTP: see `http:` in the estate.",
        "Personne ne dit ce qui attend. Orthanc et dcm4chee-arc disent leurs files en HTTP : voir `http:` dans le parc.",
    ),
    "pacs.queues.do": (
        "Look in the archive at what failed, mend its cause, then ask it to try again.",
        "Regardez dans l'archive ce qui a échoué, corrigez la cause, puis relancez.",
    ),
    "pacs.queues.stuck.do": (
        "Look whether its worker runs, or waits for the other side.",
        "Regardez si son exécuteur tourne, ou attend l'autre côté.",
    ),
    "pacs.transfer": ("to {peer} (C-STORE)", "vers {peer} (C-STORE)"),
    "pacs.peers": ("Who it can reach", "Qui elle joint"),
    "pacs.peers.lead": (
        "Peers that answered the archive's own C-ECHO: {answering} of {all}.",
        "Correspondants qui ont répondu au C-ECHO de l'archive : {answering} sur {all}.",
    ),
    "pacs.retention": ("What may be deleted", "Ce qui peut être supprimé"),
    "pacs.retention.unruled": (
        "No rule says how long it keeps what it holds: declare `retention:` in the estate.",
        "Aucune règle ne dit combien de temps elle garde : déclarez `retention:` dans le parc.",
    ),
    "pacs.retention.unknown": (
        "What may be deleted is unknown: nobody tells its bytes by year of study.",
        "On ignore ce qui peut être supprimé : personne ne dit ses octets par année d'examen.",
    ),
    "pacs.retention.see": ("What may be deleted, year by year", "Ce qui peut être supprimé, année par année"),
    "pacs.more": ("The first {n} of {all}, worst first.", "Les {n} premiers sur {all}, les pires d'abord."),
    "column.archive": ("Archive", "Archive"),
    "column.modality": ("Modality", "Modalité"),
    "column.weight": ("A study, on average", "Un examen, en moyenne"),
    "column.part": ("Share", "Part"),
    "column.grown": ("Came since", "Arrivé depuis"),
    "column.yearly": ("A year", "Par an"),
    "column.area": ("Area", "Zone"),
    "column.tier": ("Given out", "Restitution"),
    "column.queue": ("Queue", "File"),
    "column.pending": ("Waiting", "En attente"),
    "column.running": ("Running", "En cours"),
    "column.failed": ("Failed", "En échec"),
    "column.refused": ("Refused instances", "Instances refusées"),
    "column.fullest": ("Full first", "Plein en premier"),
    "column.blocked": ("Failed or stuck", "En échec ou bloqué"),
    "column.peer": ("Peer", "Correspondant"),
    "column.median": ("In the middle", "Médiane"),
    "column.slowest": ("Slowest", "Le plus long"),
    "state.refused": ("refuses us", "nous refuse"),
    "state.stuck": ("stuck", "bloqué"),
    "tier.online": ("at once", "immédiate"),
    "tier.nearline": ("within minutes", "en quelques minutes"),
    "tier.offline": ("by hand", "manuelle"),
    "queue.": ("other jobs", "autres travaux"),
    "queue.export": ("forwarding and archiving", "transmission et archivage"),
    "queue.retrieve": ("retrieval", "récupération"),
    "queue.storage-verification": ("check of what is stored", "contrôle de ce qui est archivé"),
    "queue.hl7-send": ("HL7 messages", "messages HL7"),
    "modality.CT": ("scanner", "scanner"),
    "modality.MR": ("magnetic resonance", "IRM"),
    "modality.PT": ("positron emission", "TEP"),
    "modality.NM": ("nuclear medicine", "médecine nucléaire"),
    "modality.MG": ("mammography", "mammographie"),
    "modality.DX": ("digital radiography", "radiographie numérique"),
    "modality.CR": ("computed radiography", "radiographie (CR)"),
    "modality.US": ("ultrasound", "échographie"),
    "modality.XA": ("angiography", "angiographie"),
    "modality.RF": ("fluoroscopy", "radioscopie"),
    "modality.SM": ("slides", "lames"),
    "modality.ES": ("endoscopy", "endoscopie"),
    "modality.RTSTRUCT": ("radiotherapy structures", "structures de radiothérapie"),
    "modality.RTPLAN": ("radiotherapy plans", "plans de radiothérapie"),
    "modality.RTDOSE": ("radiotherapy doses", "doses de radiothérapie"),
    "modality.RTIMAGE": ("radiotherapy images", "images de radiothérapie"),
    "pacs.cause.unsuccessful": ("it answered, and not with success", "elle a répondu, sans succès"),
    "pacs.cause.other": ("it refused for a reason that it does not tell", "elle a refusé sans dire pourquoi"),
    "pacs.cause.calling_aet_not_recognized": (
        "it does not know our AE title",
        "elle ne connaît pas notre AE title",
    ),
    "pacs.cause.called_aet_not_recognized": ("it does not go by that AE title", "elle n'a pas cet AE title"),
    "pacs.cause.local_limit_exceeded": ("it has too many associations", "elle a trop d'associations"),
    "pacs.cause.temporary_congestion": ("it is overloaded for now", "elle est surchargée pour l'instant"),
    "pacs.cause.application_context_not_supported": (
        "what answers there is no DICOM archive",
        "ce qui répond là n'est pas une archive DICOM",
    ),
    "pacs.cause.protocol_version_not_supported": (
        "it speaks another version of the protocol",
        "elle parle une autre version du protocole",
    ),
    "pacs.cause.context_refused": ("it lets us ask for nothing", "elle ne nous laisse rien demander"),
    "pacs.cause.sop_class_not_supported": (
        "it does not take C-ECHO from us",
        "elle n'accepte pas notre C-ECHO",
    ),
    "pacs.cause.transfer_syntaxes_not_supported": (
        "no transfer syntax suits it",
        "aucune syntaxe de transfert ne lui convient",
    ),
    "pacs.cause.aborted": ("it broke the association off", "elle a rompu l'association"),
    "pacs.cause.aborted_by_peer_no_reason": ("it broke the association off", "elle a rompu l'association"),
    "pacs.do.unsuccessful": (
        "Look in its log: it took the association and failed after.",
        "Regardez son journal : elle a accepté l'association, puis échoué.",
    ),
    "pacs.do.other": (
        "Look in the archive's log for {calling} at that time.",
        "Cherchez {calling} dans le journal de l'archive à cette heure.",
    ),
    "pacs.do.calling_aet_not_recognized": (
        "Have its administrator add our AE title {calling}.",
        "Faites ajouter notre AE title {calling} par son administrateur.",
    ),
    "pacs.do.called_aet_not_recognized": (
        "Compare {aet} (`dicom: aet:`) with the archive's own AE title: case counts.",
        "Comparez {aet} (`dicom: aet:`) à l'AE title de l'archive : la casse compte.",
    ),
    "pacs.do.local_limit_exceeded": (
        "Look who holds associations open, or raise their limit.",
        "Cherchez qui garde des associations ouvertes, ou relevez la limite.",
    ),
    "pacs.do.temporary_congestion": (
        "Look at its load and its queues below.",
        "Regardez sa charge, et ses files ci-dessous.",
    ),
    "pacs.do.application_context_not_supported": (
        "Is the port right (`dicom: port:`)?",
        "Le port est-il bon (`dicom: port:`) ?",
    ),
    "pacs.do.protocol_version_not_supported": (
        "Is the port right (`dicom: port:`)?",
        "Le port est-il bon (`dicom: port:`) ?",
    ),
    "pacs.do.context_refused": (
        "Have Verification (C-ECHO) allowed for {calling}.",
        "Faites autoriser Verification (C-ECHO) pour {calling}.",
    ),
    "pacs.do.sop_class_not_supported": (
        "Have Verification (C-ECHO) allowed for {calling}.",
        "Faites autoriser Verification (C-ECHO) pour {calling}.",
    ),
    "pacs.do.transfer_syntaxes_not_supported": (
        "Have Implicit VR Little Endian allowed for {calling}.",
        "Faites autoriser Implicit VR Little Endian pour {calling}.",
    ),
    "pacs.do.aborted": (
        "Does it want TLS, or another address of ours? Its log says.",
        "Veut-elle du TLS, ou une autre adresse de notre part ? Son journal le dit.",
    ),
    "pacs.do.aborted_by_peer_no_reason": (
        "Does it want TLS, or another address of ours? Its log says.",
        "Veut-elle du TLS, ou une autre adresse de notre part ? Son journal le dit.",
    ),
}
