"""Texts of the renewal plan, of scenarios of workstations, and of roll-outs. In English and French."""

from __future__ import annotations

from typing import Final

RENEWAL: Final[dict[str, tuple[str, str]]] = {
    "renewal.title": ("Renewal plan", "Plan de renouvellement"),
    "renewal.undeclared": (
        "The estate does not say what replaces workstations: add the section `workstations:` with `offers:` (docs/renewal.md), "
        "then run `jauge check`.",
        "Le parc ne dit pas ce qui remplace les postes : ajoutez la section `workstations:` avec `offers:` (docs/renewal.md), "
        "puis lancez `jauge check`.",
    ),
    "renewal.nobody": (
        "The newest inventory has no workstation in use: there is nothing to plan.",
        "L'inventaire le plus récent n'a aucun poste en service : il n'y a rien à planifier.",
    ),
    "renewal.computing": (
        "The plan is being computed: that takes a minute at most, and this page shows it then by itself.",
        "Le plan est en cours de calcul : cela prend une minute au plus, et cette page l'affichera d'elle-même.",
    ),
    "renewal.problem": (
        "No plan can be made from what is declared.",
        "Aucun plan n'est possible avec ce qui est déclaré.",
    ),
    "renewal.problem.caps": (
        "The money does not suffice even where nothing is replaced, as paid updates have to be paid: raise the budgets, or leave those "
        "updates out.",
        "L'argent ne suffit pas même si rien n'est remplacé, car les mises à jour payantes sont à payer : augmentez les budgets, ou "
        "renoncez à ces mises à jour.",
    ),
    "renewal.problem.class": (
        "A scenario sets an age limit for the class {name}, which the estate does not have; it has {known}.",
        "Un scénario fixe une limite d'âge pour la classe {name}, que le parc n'a pas ; il a {known}.",
    ),
    "renewal.problem.scenario": (
        "The scenario {name} is committed, and this version cannot read it any more: withdraw it, and save it anew.",
        "Le scénario {name} est engagé, et cette version ne sait plus le lire : retirez-le, et enregistrez-le à nouveau.",
    ),
    "renewal.problem.blocked": (
        "{path} is where the plan would be kept, and is no file of Jauge: move it elsewhere.",
        "{path} est à la place où le plan serait gardé, et n'est pas un fichier de Jauge : déplacez-le.",
    ),
    "renewal.problem.other": (
        "The calculation stopped; the detail for support: {what}",
        "Le calcul s'est arrêté ; le détail pour l'assistance : {what}",
    ),
    "renewal.stale": (
        "Something has changed since: the plan is being computed anew, and this one is shown until then.",
        "Quelque chose a changé depuis : le plan est recalculé, et celui-ci reste affiché en attendant.",
    ),
    "renewal.at": ("Computed on {at}.", "Calculé le {at}."),
    "renewal.lead": (
        "{machines} workstations are planned from {first} to {last}: {spent} are ordered, {total} is the cost with support, failures and "
        "running costs.",
        "{machines} postes sont planifiés de {first} à {last} : {spent} de commandes, {total} avec le support, les pannes et "
        "l'exploitation.",
    ),
    "renewal.exact": ("No plan is better: that is proven.", "Aucun plan n'est meilleur : c'est prouvé."),
    "renewal.gap": (
        "No plan can be better by more than {gap}: that is proven.",
        "Aucun plan ne peut être meilleur de plus de {gap} : c'est prouvé.",
    ),
    "renewal.greedy": (
        "Serving the most urgent first, one after the other, leaves {gap} to the same bound.",
        "Servir les plus urgents d'abord, l'un après l'autre, laisse {gap} jusqu'à la même borne.",
    ),
    "renewal.overdue.one": (
        "{n} machine stays past a deadline, for {months} months within the plan.",
        "{n} poste dépasse une échéance, de {months} mois pendant le plan.",
    ),
    "renewal.overdue.many": (
        "{n} machines stay past a deadline, for {months} machine-months in all within the plan.",
        "{n} postes dépassent une échéance, de {months} mois-postes en tout pendant le plan.",
    ),
    "renewal.late.note": (
        "A machine is late until the last day of the quarter in which it is replaced. Machine-months add up the months of all machines, "
        "from today to the end of the plan.",
        "Un poste est en retard jusqu'au dernier jour du trimestre où il est remplacé. Les mois-postes additionnent les mois de tous les "
        "postes, d'aujourd'hui à la fin du plan.",
    ),
    "renewal.late.beyond": ("beyond the plan", "au-delà du plan"),
    "renewal.overdue.none": ("No machine stays past a deadline.", "Aucun poste ne dépasse une échéance."),
    "renewal.what_if": ("What if the budget were cut?", "Et si le budget baissait ?"),
    "renewal.on_top": ("nothing: they come on top", "rien : ils viennent en plus"),
    "renewal.never": ("not within the plan", "pas dans le plan"),
    "renewal.none": ("Nothing is bought.", "Rien n'est acheté."),
    "renewal.project": ("for a project", "pour un projet"),
    "renewal.due.project": ("{day}, for a project", "{day}, pour un projet"),
    "renewal.all": ("All years", "Toutes les années"),
    "renewal.order": ("order by {day}", "à commander le {day}"),
    "renewal.money": ("Money by year", "Budget par année"),
    "renewal.money.label": (
        "What each year's orders cost, against its budget; the table below holds the same figures.",
        "Le coût des commandes de chaque année, face à son budget ; le tableau ci-dessous contient les mêmes chiffres.",
    ),
    "renewal.costs": ("What each year costs, line by line", "Ce que coûte chaque année, ligne par ligne"),
    "renewal.costs.note": (
        "What is ordered counts in the year of its order, and is what the budget bounds. What machines cost while they serve counts in "
        "the year in which they do; failures are those to expect.",
        "Ce qui est commandé compte dans l'année de sa commande, et c'est ce que borne le budget. Ce que les postes coûtent en service "
        "compte dans l'année où ils servent ; les pannes sont celles auxquelles s'attendre.",
    ),
    "renewal.costs.difference": ("Difference", "Écart"),
    "cost.purchases": ("Machines, installed", "Postes, installation comprise"),
    "cost.again": ("Second renewals", "Seconds renouvellements"),
    "cost.licences": ("Licences of editions", "Licences d'éditions"),
    "cost.updates": ("Paid updates (ESU)", "Mises à jour payantes (ESU)"),
    "cost.spent": ("Ordered in all", "Total commandé"),
    "cost.running": ("Running costs of what was bought", "Exploitation de ce qui est acheté"),
    "cost.support": ("Support after the warranty", "Support après garantie"),
    "cost.repairs": ("Failures to expect", "Pannes attendues"),
    "cost.total": ("Total", "Total"),
    "renewal.purses": ("Of directorates and sites", "Des directions et des sites"),
    "renewal.machines": ("Machines that come", "Postes livrés"),
    "renewal.machines.year": ("By the civil year of the order.", "Par année civile de commande."),
    "renewal.by.quarter": ("Quarter", "Trimestre"),
    "renewal.by.site": ("Site", "Site"),
    "renewal.by.class": ("Class of use", "Classe d'usage"),
    "renewal.by.model": ("Model replaced", "Modèle remplacé"),
    "renewal.by.offer": ("Offer", "Offre"),
    "renewal.waves": ("What is bought when, and why then", "Ce qui est acheté, quand, et pourquoi alors"),
    "renewal.late": ("Past a deadline", "Échéances dépassées"),
    "renewal.late.each": ("Each machine", "Chaque poste"),
    "renewal.late.order": (
        "Even what is ordered today comes after the deadline.",
        "Même commandé aujourd'hui, rien n'arrive avant l'échéance.",
    ),
    "renewal.late.offer": (
        "No offer of the contracts replaces it within the plan.",
        "Aucune offre des marchés ne le remplace pendant le plan.",
    ),
    "renewal.late.cap": (
        "The budget of the years before is used up.",
        "Le budget des années d'avant est épuisé.",
    ),
    "renewal.late.hands": (
        "Nobody is left to install it in the quarters before.",
        "Il ne reste personne pour l'installer aux trimestres d'avant.",
    ),
    "renewal.late.weight": (
        "What money and hands there are go to machines that weigh more.",
        "Le budget et les bras qui restent vont à des postes qui pèsent davantage.",
    ),
    "renewal.kept.deadline": (
        "Their deadline falls within the plan.",
        "Leur échéance tombe pendant le plan.",
    ),
    "renewal.kept.updates": (
        "Updates are paid for to the end of the plan, though their deadline falls within it.",
        "Des mises à jour sont payées jusqu'à la fin du plan, bien que leur échéance tombe avant.",
    ),
    "renewal.kept.age": (
        "They reach the age limit of their class within the plan.",
        "Ils atteignent la limite d'âge de leur classe pendant le plan.",
    ),
    "renewal.kept.risk": (
        "More of them would fail in a year than their class is allowed.",
        "Il en tomberait en panne en un an plus que leur classe ne l'admet.",
    ),
    "renewal.kept.cost": (
        "Replacing them would be cheaper than waiting.",
        "Les remplacer coûterait moins qu'attendre.",
    ),
    "renewal.kept.warranty": (
        "Their warranty ends within the plan, and replacing them would be cheaper then.",
        "Leur garantie prend fin pendant le plan, et les remplacer coûterait alors moins.",
    ),
    "renewal.stay.cap": (
        "There is not enough money in the quarters in which they would go.",
        "Le budget manque aux trimestres où ils partiraient.",
    ),
    "renewal.stay.hands": (
        "Nobody is left to install others in their place.",
        "Il ne reste personne pour en installer d'autres à leur place.",
    ),
    "renewal.stay.evenness": (
        "They stay so that no year costs much more than the others.",
        "Ils restent pour qu'aucune année ne coûte bien plus que les autres.",
    ),
    "renewal.why.deadline": (
        "They must be gone by {deadline}.",
        "Ils doivent être partis le {deadline} au plus tard.",
    ),
    "renewal.why.late": (
        "Their deadline is {deadline}: they stay past it.",
        "Leur échéance est le {deadline} : ils la dépassent.",
    ),
    "renewal.why.updates": (
        "Their deadline is {deadline}: updates are paid for until they go.",
        "Leur échéance est le {deadline} : des mises à jour sont payées jusqu'à leur départ.",
    ),
    "renewal.why.age": (
        "They reach the age limit of their class.",
        "Ils atteignent la limite d'âge de leur classe.",
    ),
    "renewal.why.age.limit": (
        "They reach {limit}, the age limit of their class.",
        "Ils atteignent {limit}, la limite d'âge de leur classe.",
    ),
    "renewal.why.risk": (
        "In the year after, {fails} of them would fail: more than their class is allowed.",
        "Dans l'année qui suit, {fails} d'entre eux tomberaient en panne : plus que leur classe ne l'admet.",
    ),
    "renewal.why.cost": (
        "A year more of waiting would cost {waiting} for each in failures and support, and save {saved}.",
        "Une année d'attente de plus coûterait {waiting} par poste en pannes et en support, et en épargnerait {saved}.",
    ),
    "renewal.why.warranty": (
        "Their warranty has ended: a year more of waiting would cost {waiting} for each, and save {saved}.",
        "Leur garantie est échue : une année d'attente de plus coûterait {waiting} par poste, et en épargnerait {saved}.",
    ),
    "renewal.why.project": (
        "A project needs them: they must be there by {deadline}.",
        "Un projet les demande : ils doivent être là le {deadline} au plus tard.",
    ),
    "renewal.why.spare": ("They are kept ready as spares.", "Ils forment la réserve."),
    "renewal.why.kept": ("Nothing asks for it within the plan.", "Rien ne l'impose dans le plan."),
    "renewal.why.again": (
        "What was bought within the plan reaches the end of its life.",
        "Ce qui a été acheté au cours du plan arrive en fin de vie.",
    ),
    "renewal.pushed.cap": (
        "Alone they would go in {wanted}: there is no money left then.",
        "Seuls, ils partiraient au {wanted} : il n'y a alors plus de budget.",
    ),
    "renewal.pushed.hands": (
        "Alone they would go in {wanted}: there is nobody left to install more.",
        "Seuls, ils partiraient au {wanted} : il n'y a alors plus personne pour en installer davantage.",
    ),
    "renewal.pushed.evenness": (
        "Alone they would go in {wanted}: moved to even out the years.",
        "Seuls, ils partiraient au {wanted} : déplacés pour lisser les années.",
    ),
    "renewal.pushed.never": (
        "Alone they would stay to the end of the plan: moved to even out the years.",
        "Seuls, ils resteraient jusqu'à la fin du plan : avancés pour lisser les années.",
    ),
    "renewal.curve": ("What more money buys", "Ce qu'achète plus de budget"),
    "renewal.curve.label": (
        "Machines past a deadline by the money of all years; the table below holds the same figures.",
        "Postes hors échéance selon le budget de toutes les années ; le tableau ci-dessous contient les mêmes chiffres.",
    ),
    "renewal.curve.lead": (
        "Up to {more} more money, each {lump} spares {late} machines past a deadline, {lateness} machine-months of that and {failures} "
        "failures, worth {worth} in all that the plan weighs.",
        "Jusqu'à {more} de budget en plus, chaque tranche de {lump} évite {late} postes hors échéance, {lateness} mois-postes de retard "
        "et {failures} pannes, soit {worth} de tout ce que le plan pèse.",
    ),
    "renewal.curve.lead.other": (
        "Up to {more} more money, each {lump} changes machines past a deadline by {late}, machine-months of that by {lateness} and "
        "failures by {failures}; it is worth {worth} in all that the plan weighs.",
        "Jusqu'à {more} de budget en plus, chaque tranche de {lump} change de {late} les postes hors échéance, de {lateness} leurs "
        "mois-postes de retard et de {failures} les pannes, soit {worth} de tout ce que le plan pèse.",
    ),
    "renewal.curve.rise": (
        "With {more} instead of {less}, machines past a deadline change by {late} and machine-months of that by {lateness}, though there "
        "is more money: all that the plan weighs still falls by {worth}. A machine counts by its class, and prices, failures and ages "
        "count beside it.",
        "Avec {more} au lieu de {less}, les postes hors échéance changent de {late} et leurs mois-postes de retard de {lateness}, malgré "
        "plus de budget : tout ce que le plan pèse baisse quand même de {worth}. Un poste compte selon sa classe, et les prix, les pannes "
        "et les âges comptent aussi.",
    ),
    "renewal.curve.none": (
        "There is no step of money above the plan to compare with.",
        "Aucun palier de budget au-dessus du plan à comparer.",
    ),
    "renewal.curve.unbounded": (
        "No budget is declared: more money buys nothing more.",
        "Aucun budget n'est déclaré : plus de budget n'achète rien de plus.",
    ),
    "renewal.curve.note": (
        "The money is that of all years of the plan. What is weighed counts prices, failures, support, ages, and what being past a deadline "
        "weighs by class: it never rises with more money, and no plan has less by more than the share that it is proven to. The worth of a "
        "step is by how much it falls from the step before.",
        "Le budget est celui de toutes les années du plan. Ce qui est pesé compte les prix, les pannes, le support, les âges et le poids des "
        "échéances dépassées selon la classe : cela n'augmente jamais avec le budget, et aucun plan n'en a moins de plus que la part à "
        "laquelle c'est prouvé. La valeur d'un palier est sa baisse depuis le palier précédent.",
    ),
    "renewal.ended": ("Out of support today", "Hors support aujourd'hui"),
    "renewal.ended.lead.one": (
        "{n} workstation is out of support today: {replacement} to be replaced for it, {upgrade} to be upgraded alone, {neither} neither.",
        "{n} poste est hors support aujourd'hui : {replacement} à remplacer pour cela, {upgrade} à mettre à niveau seulement, {neither} ni l'un ni l'autre.",
    ),
    "renewal.ended.lead.many": (
        "{n} workstations are out of support today: {replacement} to be replaced for it, {upgrade} to be upgraded alone, {neither} neither.",
        "{n} postes sont hors support aujourd'hui : {replacement} à remplacer pour cela, {upgrade} à mettre à niveau seulement, {neither} ni l'un ni l'autre.",
    ),
    "renewal.ended.none": (
        "No workstation is out of support today.",
        "Aucun poste n'est hors support aujourd'hui.",
    ),
    "renewal.ended.plan": (
        "The renewal plan says what each needs.",
        "Le plan de renouvellement dit ce qu'il faut à chacun.",
    ),
    "renewal.needs.replacement": (
        "Another machine: it cannot run a system that is supported, or nobody knows whether it can.",
        "Un autre poste : il ne peut pas exécuter de système supporté, ou nul ne sait s'il le peut.",
    ),
    "renewal.needs.upgrade": (
        "An upgrade alone: it can run Windows 11.",
        "Une mise à niveau seulement : il peut exécuter Windows 11.",
    ),
    "renewal.needs.update": (
        "An update alone: a later version of its own system is supported.",
        "Une mise à jour seulement : une version plus récente de son système est supportée.",
    ),
    "renewal.needs.edition": (
        "Another edition alone, which a committed scenario gives it.",
        "Une autre édition seulement, qu'un scénario engagé lui donne.",
    ),
    "renewal.needs.console": ("Nothing before its own date.", "Rien avant sa propre date."),
    "renewal.needs.stock": ("Nothing: it is in stock.", "Rien : il est en stock."),
    "renewal.needs.unknown": (
        "Nobody knows what an update brings it to: planned by its age alone.",
        "Nul ne sait où une mise à jour le mène : planifié par son âge seul.",
    ),
    "renewal.failures": ("Failures to expect", "Pannes à attendre"),
    "renewal.failures.label": (
        "Failures by year with the band in which they lie with 8 chances in 10; the table beside holds the same figures.",
        "Pannes par année avec la marge de 8 chances sur 10 ; le tableau voisin contient les mêmes chiffres.",
    ),
    "renewal.failures.lead": (
        "{total} failures are to be expected in {years} civil years, with 8 chances in 10 between the bounds of each.",
        "{total} pannes sont à attendre en {years} années civiles, avec 8 chances sur 10 entre les bornes de chacune.",
    ),
    "renewal.assumed": ("What the plan rests on", "Ce sur quoi le plan repose"),
    "renewal.late.search": (
        "The search was ended by the clock: on a quicker machine the plan may be another one.",
        "La recherche a été arrêtée par l'horloge : sur une machine plus rapide, le plan peut être un autre.",
    ),
    "renewal.going.on": (
        "{offer}: its contract is taken to go on after {until}, at its price.",
        "{offer} : son contrat est supposé continuer après le {until}, à son prix.",
    ),
    "renewal.ages.one": (
        "{n} machine has no date of purchase: taken to be as old as the others of its model.",
        "{n} poste n'a pas de date d'achat : supposé aussi vieux que les autres de son modèle.",
    ),
    "renewal.ages.many": (
        "{n} machines have no date of purchase: taken to be as old as the others of their model.",
        "{n} postes n'ont pas de date d'achat : supposés aussi vieux que les autres de leur modèle.",
    ),
    "renewal.untold.one": (
        "The inventory does not say clearly which system {n} machine runs: planned by its age alone until the name, version and "
        "edition of the system are filled in.",
        "L'inventaire ne dit pas clairement quel système utilise {n} poste : planifié par son âge seul tant que le nom, la version et "
        "l'édition n'y sont pas renseignés.",
    ),
    "renewal.untold.many": (
        "The inventory does not say clearly which system {n} machines run: planned by their age alone until the name, version and "
        "edition of the system are filled in.",
        "L'inventaire ne dit pas clairement quel système utilisent {n} postes : planifiés par leur âge seul tant que le nom, la "
        "version et l'édition n'y sont pas renseignés.",
    ),
    "renewal.unlisted.one": (
        "The catalogue of ends of support has no date for the system of {n} machine: planned by its age alone until the system is "
        "added to it, or the estate gives the machine a date (`consoles:`).",
        "Le catalogue des fins de support n'a pas de date pour le système de {n} poste : planifié par son âge seul tant que le "
        "système n'y est pas ajouté, ou que le fichier du parc ne donne pas de date à ce poste (`consoles:`).",
    ),
    "renewal.unlisted.many": (
        "The catalogue of ends of support has no date for the system of {n} machines: planned by their age alone until the system is "
        "added to it, or the estate gives the machines a date (`consoles:`).",
        "Le catalogue des fins de support n'a pas de date pour le système de {n} postes : planifiés par leur âge seul tant que le "
        "système n'y est pas ajouté, ou que le fichier du parc ne donne pas de date à ces postes (`consoles:`).",
    ),
    "renewal.left.console.one": (
        "{n} machine has dates of its own, and is left alone.",
        "{n} poste a ses propres dates, et est laissé de côté.",
    ),
    "renewal.left.console.many": (
        "{n} machines have dates of their own, and are left alone.",
        "{n} postes ont leurs propres dates, et sont laissés de côté.",
    ),
    "renewal.left.stock.one": ("{n} machine is in stock.", "{n} poste est en stock."),
    "renewal.left.stock.many": ("{n} machines are in stock.", "{n} postes sont en stock."),
    "renewal.left.retired.one": ("{n} machine is out of use.", "{n} poste est hors service."),
    "renewal.left.retired.many": ("{n} machines are out of use.", "{n} postes sont hors service."),
    "renewal.spares": (
        "Spares of “{use}”: {wanted} machines wanted, {stock} in stock.",
        "Réserve de « {use} » : {wanted} postes voulus, {stock} en stock.",
    ),
    "renewal.beside": (
        "With it: {money} of orders over all years, {total} with support, failures and running costs, {late} machines past a deadline "
        "({now} without it, {then} with it), {lateness} machine-months of that, {failures} failures.",
        "Avec lui : {money} de commandes sur toutes les années, {total} avec le support, les pannes et l'exploitation, {late} postes hors "
        "échéance ({now} sans lui, {then} avec lui), {lateness} mois-postes de retard, {failures} pannes.",
    ),
    "scenarios.fleets": (
        "What they change in the renewal plan",
        "Ce qu'ils changent au plan de renouvellement",
    ),
    "scenarios.fleet": ("What it changes in the renewal plan", "Ce qu'il change au plan de renouvellement"),
    "scenarios.fleet.label": (
        "Money by year without it and with it; the table below holds the same figures.",
        "Budget par année sans lui et avec lui ; le tableau ci-dessous contient les mêmes chiffres.",
    ),
    "scenarios.costs": (
        "What all years cost, line by line",
        "Ce que coûtent toutes les années, ligne par ligne",
    ),
    "scenarios.fleet.none": (
        "There is no renewal plan to hold it against: nothing was imported, or no offers are declared.",
        "Aucun plan de renouvellement à lui opposer : rien n'est importé, ou aucune offre n'est déclarée.",
    ),
    "scenarios.fleet.computing": (
        "Its plan is being computed: that takes a minute at most, and this page shows it then by itself.",
        "Son plan est en cours de calcul : cela prend une minute au plus, et cette page l'affichera d'elle-même.",
    ),
    "prepared": ("What if?", "Et si ?"),
    "prepared.lead": (
        "A change with a number becomes a scenario: it is computed, compared with the present plan, and committed only by a decision.",
        "Un changement chiffré devient un scénario : il est calculé, comparé au plan actuel, et n'est engagé que par une décision.",
    ),
    "prepared.readers": ("A manager makes scenarios here.", "Un responsable crée des scénarios ici."),
    "prepared.refused": (
        "The scenario was not saved: its number or year cannot be, or one of that name is committed.",
        "Le scénario n'a pas été enregistré : son nombre ou son année est impossible, ou un scénario de ce nom est engagé.",
    ),
    "prepared.save": ("Save and compare", "Enregistrer et comparer"),
    "prepared.from": ("from", "à partir de"),
    "prepared.running": ("a year each ({currency})", "par an chacun ({currency})"),
    "prepared.budget": ("The budget of workstations changes", "Le budget des postes change"),
    "prepared.budget.number": ("by, in %", "de, en %"),
    "prepared.budget.less": ("Budget {n} % lower from {year}", "Budget inférieur de {n} % dès {year}"),
    "prepared.budget.more": ("Budget {n} % higher from {year}", "Budget supérieur de {n} % dès {year}"),
    "prepared.age": ("Machines are kept longer", "Les postes restent plus longtemps"),
    "prepared.age.number": ("by, in years", "de, en années"),
    "prepared.age.less": (
        "Age limits {n} years lower from {year}",
        "Limites d'âge abaissées de {n} an(s) dès {year}",
    ),
    "prepared.age.more": (
        "Age limits {n} years higher from {year}",
        "Limites d'âge relevées de {n} an(s) dès {year}",
    ),
    "prepared.updates": (
        "Updates of Windows 10 are paid for (ESU)",
        "Les mises à jour de Windows 10 sont payées (ESU)",
    ),
    "prepared.updates.number": (
        "a machine in the first year, doubled each year ({currency})",
        "par poste la première année, doublé chaque année ({currency})",
    ),
    "prepared.updates.less": (
        "No paid updates from {year} ({n})",
        "Pas de mises à jour payées dès {year} ({n})",
    ),
    "prepared.updates.more": ("Paid updates at {n} from {year}", "Mises à jour payées à {n} dès {year}"),
    "prepared.edition": (
        "Machines get a long-term edition ({edition})",
        "Des postes reçoivent une édition à long terme ({edition})",
    ),
    "prepared.edition.number": ("a licence ({currency})", "par licence ({currency})"),
    "prepared.edition.less": ("Long-term edition from {year} ({n})", "Édition à long terme dès {year} ({n})"),
    "prepared.edition.more": (
        "Long-term edition at {n} from {year}",
        "Édition à long terme à {n} dès {year}",
    ),
    "prepared.desktops": ("Machines become virtual desktops", "Des postes deviennent des bureaux virtuels"),
    "prepared.desktops.number": ("a thin client ({currency})", "par client léger ({currency})"),
    "prepared.desktops.less": ("Virtual desktops from {year} ({n})", "Bureaux virtuels dès {year} ({n})"),
    "prepared.desktops.more": ("Virtual desktops at {n} from {year}", "Bureaux virtuels à {n} dès {year}"),
    "prepared.desktops.running": (", {n} a year each", ", {n} par an chacun"),
    "axis.year": ("civil year", "année civile"),
    "axis.money": ("money, {currency}", "montant, {currency}"),
    "axis.failures": ("failures", "pannes"),
    "axis.late": ("machines past a deadline", "postes hors échéance"),
    "column.costs": ("With service costs", "Avec coûts de service"),
    "column.failures": ("Failures", "Pannes"),
    "column.past_age": ("Past their age at its end", "Hors âge à sa fin"),
    "column.deadline": ("Deadline", "Échéance"),
    "column.replaces": ("In the place of", "À la place de"),
    "column.replaced": ("Replaced in", "Remplacé au"),
    "column.more": ("More or less", "En plus ou en moins"),
    "column.late": ("Past a deadline", "Hors échéance"),
    "column.late_until": ("Late until", "En retard jusqu'au"),
    "column.lateness": ("Late, machine-months", "Retard, mois-postes"),
    "column.months": ("Late, months", "Retard, mois"),
    "column.lateness_without": ("Machine-months late without", "Mois-postes de retard sans"),
    "column.lateness_with": ("Machine-months late with", "Mois-postes de retard avec"),
    "column.worth": ("All that is weighed", "Tout ce qui est pesé"),
    "column.needs": ("What it needs", "Ce qu'il lui faut"),
    "column.replaced_by": ("Replaced by the plan", "Remplacés par le plan"),
    "column.lump": ("Worth of 50,000 more", "Valeur de 50 000 de plus"),
    "column.sum": ("In all", "En tout"),
    "column.gap": ("Proven to", "Prouvé à"),
    "column.spent_without": ("Money without", "Montant sans"),
    "column.spent_with": ("Money with", "Montant avec"),
    "column.budget_with": ("Budget with", "Budget avec"),
    "column.count_without": ("Machines without", "Postes sans"),
    "column.count_with": ("Machines with", "Postes avec"),
    "column.failures_without": ("Failures without", "Pannes sans"),
    "column.failures_with": ("Failures with", "Pannes avec"),
    "column.week": ("Week of", "Semaine du"),
    "column.planned": ("Planned", "Prévu"),
    "column.deployed": ("Deployed", "Déployé"),
    "column.behind": ("Machines behind", "Retard (postes)"),
    "rollouts.title": ("Roll-outs", "Déploiements"),
    "rollouts.none": (
        "No roll-out is declared: add `rollouts:` to the section `workstations:` (docs/renewal.md).",
        "Aucun déploiement n'est déclaré : ajoutez `rollouts:` à la section `workstations:` (docs/renewal.md).",
    ),
    "rollouts.problem": ("It cannot be followed: {why}", "Il ne peut pas être suivi : {why}"),
    "rollouts.why.no import": (
        "no inventory was imported yet. Import one on the page Workstations.",
        "aucun inventaire n'a encore été importé. Importez-en un sur la page Postes de travail.",
    ),
    "rollouts.why.software": (
        "inventories that were imported do not tell what software is installed. Write the numbers down (`kind: days`).",
        "les inventaires importés ne disent pas quels logiciels sont installés. Notez les nombres (`kind: days`).",
    ),
    "rollouts.why.nobody": (
        "no workstation in use is one that it is for. Look at `among:` in its section.",
        "il ne concerne aucun poste en service. Regardez `among:` dans sa section.",
    ),
    "rollouts.chart.label": (
        "Planned and deployed by week; the table below holds the last weeks.",
        "Prévu et déployé par semaine ; le tableau ci-dessous contient les dernières semaines.",
    ),
    "rollouts.deployed": ("{deployed} of {total} are deployed.", "{deployed} sur {total} sont déployés."),
    "rollouts.deployed.planned": (
        "{deployed} of {total} are deployed; {planned} were planned by now.",
        "{deployed} sur {total} sont déployés ; {planned} étaient prévus à ce jour.",
    ),
    "rollouts.unseen": ("None of {total} was counted yet.", "Rien n'a encore été compté sur {total}."),
    "rollouts.date": (
        "At the pace of the last weeks all are by {central}, with 8 chances in 10 between {early} and {late}.",
        "Au rythme des dernières semaines, tout est déployé vers le {central}, avec 8 chances sur 10 entre le {early} et le {late}.",
    ),
    "rollouts.no.done": ("All are deployed.", "Tout est déployé."),
    "rollouts.no.unseen": (
        "Nothing was counted: there is no date.",
        "Rien n'est compté : il n'y a pas de date.",
    ),
    "rollouts.no.short": (
        "Too few weeks were counted for a date.",
        "Trop peu de semaines sont comptées pour une date.",
    ),
    "rollouts.no.still": (
        "Nothing moved in the last weeks: there is no date.",
        "Rien n'a bougé ces dernières semaines : il n'y a pas de date.",
    ),
    "rollouts.no.slow": (
        "At this pace it does not end within five years.",
        "À ce rythme, il ne finit pas en cinq ans.",
    ),
    "rollouts.pace": ("Pace: {pace} a working week.", "Rythme : {pace} par semaine ouvrée."),
    "rollouts.unknown.one": ("{n} machine does not tell.", "{n} poste ne dit rien."),
    "rollouts.unknown.many": ("{n} machines do not tell.", "{n} postes ne disent rien."),
}
