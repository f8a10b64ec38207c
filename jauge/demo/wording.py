"""What people read of the demo's estate, in their language: roles, services, directorates and titles. Names of sites are those of the place."""

from __future__ import annotations

from typing import Any, Final

_READ: Final = frozenset({"role", "service", "title", "why", "text", "who", "directorate"})
"""Fields that people read, and that name nothing which a machine or an inventory calls so too."""

_KEYED: Final = "directorates"
"""Where what people read is a key."""

_FRENCH: Final = {
    "archive": "archivage", "backup": "sauvegarde", "clinical trials": "essais cliniques", "database": "bases de données",
    "hyperconverged": "hyperconvergence", "laboratory": "laboratoire", "message broker": "courtier de messages",
    "message engine": "moteur de messages", "monitoring": "supervision", "network": "réseau", "pacs": "PACS", "power": "énergie",
    "security": "sécurité", "storage": "stockage", "telephony": "téléphonie", "virtual desktops": "bureaux virtuels",
}  # fmt: skip

_ENGLISH: Final = {
    "pacs": "PACS",
    "imagerie": "imaging", "dossier patient": "patient record", "recherche": "research",
    "Plateaux médico-techniques": "Diagnostics and pharmacy", "Direction du numérique": "Information systems",
    "Direction des soins": "Nursing and care", "Direction de la recherche": "Research",
    "UGAP stockage": "UGAP storage", "UGAP postes de travail": "UGAP workstations", "UGAP serveurs": "UGAP servers",
    "Tiroir de 20 To utiles": "Shelf of 20 TB usable", "Lot de 5 To pour le PACS": "Lot of 5 TB for the PACS",
    "Lot de 25 To pour le PACS": "Lot of 25 TB for the PACS", "Nœud hyperconvergé": "Hyperconverged node",
    "Disques, 4 To utiles": "Disks, 4 TB usable",
    "Bloc opératoire et radiothérapie": "Operating rooms and radiotherapy", "Soins et hôpital de jour": "Wards and day hospital",
    "Pharmacie et laboratoires": "Pharmacy and laboratories", "Bureaux et recherche": "Offices and research",
    "Portable 14 pouces": "14-inch laptop", "Mini PC et écran": "Mini PC and screen",
    "Hôpital de jour, 140 places": "Day hospital, 140 places",
    "Pilote l'accélérateur : son fabricant ne valide aucun autre système avant cette date":
        "Drives the accelerator: its maker approves no other system before that day",
    "Réseau isolé, sans internet ni messagerie, clés USB interdites": "Network of its own, no internet or mail, no USB sticks",
    "RSSI": "CISO", "Téléphonie sur le poste": "Telephony on workstations",
}  # fmt: skip


def worded(told: Any, french: bool, field: str = "") -> Any:
    """A part of the estate as its readers would have written it; `field` is the key that it stands under."""
    if isinstance(told, dict):
        return {
            _said(key, french) if field == _KEYED else key: worded(inner, french, key)
            for key, inner in told.items()
        }
    if isinstance(told, list | tuple):
        return [worded(one, french, field) for one in told]
    return _said(told, french) if field in _READ else told


def _said(text: Any, french: bool) -> Any:
    return (_FRENCH if french else _ENGLISH).get(text, text)
