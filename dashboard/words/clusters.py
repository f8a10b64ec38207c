"""Texts of clusters: head-room without the largest node, hosts, disks. In English and French."""

from __future__ import annotations

from typing import Final

CLUSTERS: Final[dict[str, tuple[str, str]]] = {
    "hyperconverged.title": ("Hyperconverged", "Hyperconvergence"),
    "hyperconverged.empty": (
        "No cluster is known. A target is one when it tells its nodes (Nutanix, Proxmox, vSAN, Storage Spaces Direct, Ceph), "
        "or when the estate declares `capacity: {{nodes: N}}` for it; the planner then leaves the largest node out.",
        "Aucun cluster connu. Une cible en est un quand elle donne ses nœuds (Nutanix, Proxmox, vSAN, Storage Spaces Direct, Ceph), "
        "ou quand le parc déclare `capacity: {{nodes: N}}` pour elle ; le planificateur en retire alors le plus grand nœud.",
    ),
    "hyperconverged.list": ("Clusters, worst first", "Clusters, le plus urgent d'abord"),
    "hyperconverged.rooms": ("When the largest node fails", "Si le plus grand nœud tombe"),
    "hyperconverged.chart.label": (
        "Bar chart of what the other nodes would carry, in percent of what they hold; the table below holds the same figures.",
        "Histogramme de ce que porteraient les autres nœuds, en pourcentage de ce qu'ils contiennent ; le tableau ci-dessous "
        "contient les mêmes chiffres.",
    ),
    "hyperconverged.axis": ("carried by the other nodes, %", "porté par les autres nœuds, %"),
    "hyperconverged.whole": ("all they hold", "tout ce qu'ils contiennent"),
    "hyperconverged.hosts": ("Hosts", "Hôtes"),
    "hyperconverged.hosts.none": (
        "This cluster tells nothing of its nodes one by one.",
        "Ce cluster ne dit rien de ses nœuds un par un.",
    ),
    "hyperconverged.hosts.more": ("The first {n} of {all}.", "Les {n} premiers sur {all}."),
    "hyperconverged.disks": ("Disks", "Disques"),
    "hyperconverged.disks.none": (
        "This cluster tells nothing of its disks.",
        "Ce cluster ne dit rien de ses disques.",
    ),
    "hyperconverged.disks.well.one": (
        "{n} disk: nothing speaks against it.",
        "{n} disque : rien à signaler.",
    ),
    "hyperconverged.disks.well.many": (
        "{n} disks: nothing speaks against any of them.",
        "{n} disques : rien à signaler sur aucun.",
    ),
    "hyperconverged.disks.bad": (
        "Disks: {all}, of which failed: {failed}, worn: {worn}. Replace them before another one fails.",
        "Disques : {all}, dont en panne : {failed}, usés : {worn}. Remplacez-les avant qu'un autre ne tombe.",
    ),
    "hyperconverged.disks.untold": (
        "Of {n} of {all} nobody tells how they are.",
        "De {n} sur {all}, personne ne donne l'état.",
    ),
    "hyperconverged.disks.fullest": (
        "The fullest disk is at {ratio}.",
        "Le disque le plus plein est à {ratio}.",
    ),
    "cluster.can": (
        "{name} can lose its largest node today: the other ones would carry at most {ratio} of what they hold ({what}).",
        "{name} peut perdre son plus grand nœud aujourd'hui : les autres porteraient au plus {ratio} de ce qu'ils "
        "contiennent ({what}).",
    ),
    "cluster.cannot": (
        "{name} cannot lose its largest node today: the other ones would have to carry {ratio} of what they hold ({what}).",
        "{name} ne peut pas perdre son plus grand nœud aujourd'hui : les autres devraient porter {ratio} de ce qu'ils "
        "contiennent ({what}).",
    ),
    "cluster.can.partly": (
        "By what is known, {name} can lose its largest node today: the other ones would carry at most {ratio} of what they "
        "hold ({what}).",
        "D'après ce qui est connu, {name} peut perdre son plus grand nœud aujourd'hui : les autres porteraient au plus {ratio} "
        "de ce qu'ils contiennent ({what}).",
    ),
    "cluster.untold": (
        "Nobody tells what the other nodes hold of: {what}. Declare `capacity: {{nodes: N}}` for the target.",
        "Personne ne dit ce que les autres nœuds contiennent de : {what}. Déclarez `capacity: {{nodes: N}}` pour la cible.",
    ),
    "cluster.unplanned": (
        "Nothing of it is planned yet: run `jauge plan` (it is meant to run every night).",
        "Rien n'en est encore prévu : lancez `jauge plan` (prévu chaque nuit).",
    ),
    "cluster.first": (
        "The first limit is {what}, on {day}: order by {order}.",
        "La première limite est {what}, le {day} : commander au plus tard le {order}.",
    ),
    "cluster.first.late": (
        "The first limit is {what}, on {day}: the order is overdue since {order}.",
        "La première limite est {what}, le {day} : la commande est en retard depuis le {order}.",
    ),
    "cluster.first.unordered": (
        "The first limit is {what}, on {day}.",
        "La première limite est {what}, le {day}.",
    ),
    "cluster.reached": ("A limit is reached: {what}.", "Une limite est atteinte : {what}."),
    "cluster.hosts.down.one": ("{n} host takes no part or is silent.", "{n} hôte est arrêté ou muet."),
    "cluster.hosts.down.many": ("{n} hosts take no part or are silent.", "{n} hôtes sont arrêtés ou muets."),
    "cluster.note": (
        "Processors are those of the busiest hour of the day. What the failed node's own system used is counted as moved, "
        "so the room is a little greater in truth.",
        "Les processeurs sont ceux de l'heure la plus chargée du jour. Ce que le système du nœud tombé utilisait compte comme "
        "déplacé : la marge réelle est un peu plus grande.",
    ),
    "column.cluster": ("Cluster", "Cluster"),
    "column.nodes": ("Hosts", "Hôtes"),
    "column.tightest": ("Tightest without a node", "Au plus juste sans un nœud"),
    "column.in use": ("In use", "Utilisé"),
    "column.whole": ("All nodes hold", "Tous les nœuds"),
    "column.others": ("Without the largest", "Sans le plus grand"),
    "column.load then": ("Load then", "Charge alors"),
    "column.left then": ("Left then", "Reste alors"),
    "column.limit": ("Limit reached", "Limite atteinte"),
    "column.node": ("Host", "Hôte"),
    "column.vms": ("Virtual machines", "Machines virtuelles"),
    "column.cpus": ("Processors", "Processeurs"),
    "column.cpu": ("Processors in use", "Processeurs utilisés"),
    "column.memory": ("Memory in use", "Mémoire utilisée"),
    "column.disk": ("Disk", "Disque"),
    "column.wear": ("Wear", "Usure"),
    "state.short": ("cannot lose a node", "ne peut perdre un nœud"),
    "state.worn": ("worn", "usé"),
}
