"""The texts of runway, purchases and retention, in English and French."""

from __future__ import annotations

from typing import Final

RUNWAY: Final[dict[str, tuple[str, str]]] = {
    # --- walls
    "runway.title": ("Runway", "Horizon"),
    "runway.empty": (
        "No wall is known. The planner says when stores are full (`jauge plan`, every night); licences and ends of "
        "support come with the polls (`jauge run`).",
        "Aucune butée connue. Le planificateur dit quand les stockages sont pleins (`jauge plan`, chaque nuit) ; les "
        "licences et les fins de support viennent des interrogations (`jauge run`).",
    ),
    "runway.first": (
        "First wall to come: {what}, on {day}. {cause}",
        "Première butée à venir : {what}, le {day}. {cause}",
    ),
    "runway.reached.one": ("{n} wall is reached already.", "{n} butée est déjà atteinte."),
    "runway.reached.many": ("{n} walls are reached already.", "{n} butées sont déjà atteintes."),
    "runway.overdue.one": (
        "{n} should have been ordered for already.",
        "{n} aurait déjà dû faire l'objet d'une commande.",
    ),
    "runway.overdue.many": (
        "{n} should have been ordered for already.",
        "{n} auraient déjà dû faire l'objet d'une commande.",
    ),
    "runway.none": (
        "No wall is more likely than not within three years.",
        "Aucune butée n'est plus probable qu'improbable d'ici trois ans.",
    ),
    "runway.chart": ("From early to late", "Du plus tôt au plus tard"),
    "runway.chart.label": (
        "Chart of the walls by date: the table below says the same, by the same numbers.",
        "Graphique des butées par date : le tableau ci-dessous dit la même chose, aux mêmes numéros.",
    ),
    "runway.table": ("Walls, worst first", "Butées, la plus urgente d'abord"),
    "runway.dateless": ("Without a date", "Sans date"),
    "cause.full": (
        "It holds {used} of the {limit} that may be filled, and grows by about {rate} a day.",
        "Contient {used} sur les {limit} qui peuvent être remplis, et augmente d'environ {rate} par jour.",
    ),
    "cause.full.still": (
        "It holds {used} of the {limit} that may be filled.",
        "Contient {used} sur les {limit} qui peuvent être remplis.",
    ),
    "cause.pool": ("It is resized inside {pool}.", "Se redimensionne à l'intérieur de {pool}."),
    "cause.licence": ("The licence or contract ends.", "La licence ou le contrat prend fin."),
    "cause.renewal": (
        "The renewal plan of workstations cannot keep it with the money and hands there are.",
        "Le plan de renouvellement des postes ne peut le tenir avec le budget et les installateurs prévus.",
    ),
    "cause.support": (
        "No more security updates from its maker.",
        "Plus de mises à jour de sécurité de l'éditeur.",
    ),
    "cause.extended": (
        "Updates that are paid for last until {day}.",
        "Les mises à jour payantes durent jusqu'au {day}.",
    ),
    "cause.extended.free": (
        "Volunteers mend a part of it until {day}.",
        "Des bénévoles en corrigent une partie jusqu'au {day}.",
    ),
    "reason.no forecast": ("No date: nothing is forecast.", "Pas de date : rien n'est prévu."),
    "reason.told as a share": (
        "Told as a share of what there is: lots cannot be added to it.",
        "Exprimé en part de l'existant : des lots ne peuvent s'y ajouter.",
    ),
    "reason.not in the catalogue": (
        "No date: this product is not in the catalogue of ends of support.",
        "Pas de date : ce produit n'est pas au catalogue des fins de support.",
    ),
    "reason.version not in the catalogue": (
        "No date: this version is not in the catalogue of ends of support.",
        "Pas de date : cette version n'est pas au catalogue des fins de support.",
    ),
    "reason.version not known": (
        "No date: its version is not told, and dates differ by version.",
        "Pas de date : sa version n'est pas connue, et les dates en dépendent.",
    ),
    "reason.edition not known": (
        "No date: its edition is not told, and dates differ by edition.",
        "Pas de date : son édition n'est pas connue, et les dates en dépendent.",
    ),
    "reason.edition not in the catalogue": (
        "No date: this edition is not in the catalogue of ends of support.",
        "Pas de date : cette édition n'est pas au catalogue des fins de support.",
    ),
    "reason.several products": (
        "No date: it may be one of several distributions, whose dates differ.",
        "Pas de date : plusieurs distributions sont possibles, aux dates différentes.",
    ),
    "reason.contradiction": (
        "No date: its name, its version and its edition contradict each other.",
        "Pas de date : son nom, sa version et son édition se contredisent.",
    ),
    "reason.no end announced": (
        "No date: no end of support is announced, or known.",
        "Pas de date : aucune fin de support n'est annoncée, ou connue.",
    ),
    "reason.ended on a day not known": (
        "No date: it has ended, since when is not known.",
        "Pas de date : fin de support passée, depuis une date inconnue.",
    ),
    "reason.not released yet": (
        "No date: it is not released yet.",
        "Pas de date : version pas encore publiée.",
    ),
    "reason.nothing told": (
        "No date: it does not tell what it runs.",
        "Pas de date : il n'indique pas ce qu'il exécute.",
    ),
    "state.reached": ("reached", "atteinte"),
    "state.overdue": ("order overdue", "commande en retard"),
    "state.soon": ("within 6 months", "d'ici 6 mois"),
    "state.later": ("later", "plus tard"),
    "state.possible": ("possible", "possible"),
    "column.row": ("No.", "N°"),
    "column.wall": ("Wall", "Butée"),
    "column.cause": ("Cause", "Cause"),
    "column.central": ("Central", "Médiane"),
    "column.quantity": ("Quantity", "Grandeur"),
    "trace.span": ("8 chances in 10", "8 chances sur 10"),
    "quantity.storage": ("storage", "stockage"),
    "quantity.raw_storage": ("raw storage", "stockage brut"),
    "quantity.metadata": ("metadata", "métadonnées"),
    "quantity.memory": ("memory", "mémoire"),
    "quantity.processors": ("processors", "processeurs"),
    "quantity.licences": ("licences", "licences"),
    "quantity.sessions": ("sessions", "sessions"),
    "quantity.databases": ("databases", "bases de données"),
    "quantity.licence": ("licence", "licence"),
    "quantity.support": ("support", "support"),
    "quantity.money": ("money", "budget"),
    "runway.renewal": ("workstations ({name})", "postes ({name})"),
    "quantity.": ("other", "autre"),
    # --- purchases
    "purchase.title": ("Purchase plan", "Plan d'achat"),
    "purchase.empty": (
        "Nothing is planned yet: run `jauge plan` (it is meant to run every night).",
        "Rien n'est encore prévu : lancez `jauge plan` (prévu chaque nuit).",
    ),
    "purchase.lead": (
        "{orders} for {cost}, so that no wall is hit until {until} in {risk}.",
        "{orders} pour {cost}, afin qu'aucune butée ne soit atteinte jusqu'en {until} {risk}.",
    ),
    "purchase.risk.early": (
        "nine cases of ten",
        "dans neuf cas sur dix",
    ),
    "purchase.risk.central": ("the central case", "dans le cas médian"),
    "purchase.orders.one": ("{n} order", "{n} commande"),
    "purchase.orders.many": ("{n} orders", "{n} commandes"),
    "purchase.nothing": ("Nothing has to be bought until {until}.", "Rien n'est à acheter jusqu'en {until}."),
    "purchase.gap": (
        "Proven: no plan is better by more than {gap}.",
        "Prouvé : aucun plan n'est meilleur de plus de {gap}.",
    ),
    "purchase.exact": ("Proven: no plan is better.", "Prouvé : aucun plan n'est meilleur."),
    "purchase.late": (
        "The time of the search ran out.",
        "Le temps de recherche est écoulé.",
    ),
    "purchase.greedy": (
        "Buying the cheapest order as each wall comes would cost {cost}, and leave {unmet}.",
        "Acheter au moins cher à chaque butée coûterait {cost}, et laisserait {unmet}.",
    ),
    "purchase.needs.one": ("{n} need unmet", "{n} besoin non couvert"),
    "purchase.needs.many": ("{n} needs unmet", "{n} besoins non couverts"),
    "purchase.orders": ("What to order, by quarter", "À commander, par trimestre"),
    "purchase.money": ("Money by year", "Budget par année"),
    "purchase.estate": ("whole estate", "ensemble du parc"),
    "purchase.unbounded": ("no bound declared", "aucune limite déclarée"),
    "purchase.unmet": ("What will lack all the same", "Ce qui manquera malgré tout"),
    "purchase.met": ("Nothing: every need is met in time.", "Rien : chaque besoin est couvert à temps."),
    "purchase.walls": ("What one more year costs", "Ce que coûte une année de plus"),
    "purchase.walls.lead": (
        "For each store alone, at list prices and whatever the budget: the cheapest lots that leave nothing lacking in the "
        "twelve months from the one in which it is full without any order.",
        "Pour chaque stockage pris seul, aux prix du marché et sans regarder le budget : les lots les moins chers grâce "
        "auxquels rien ne manque dans les douze mois à partir de celui où il est plein sans commande.",
    ),
    "purchase.walls.late.one": (
        "lacking in {n} month all the same: nothing comes sooner",
        "manque malgré tout pendant {n} mois : rien n'arrive plus tôt",
    ),
    "purchase.walls.late.many": (
        "lacking in {n} months all the same: nothing comes sooner",
        "manque malgré tout pendant {n} mois : rien n'arrive plus tôt",
    ),
    "purchase.missing": ("What could not be planned for", "Ce qui n'a pas pu être planifié"),
    "purchase.assumed": ("Assumed", "Hypothèses"),
    "purchase.carried": (
        "The forecast ends before the plan, and goes on as in its last year.",
        "La prévision finit avant le plan, et se poursuit comme dans sa dernière année.",
    ),
    "purchase.undelivered": (
        "No lead time is declared of {targets}: as if there were none.",
        "Aucun délai de livraison n'est déclaré pour {targets} : comme s'il était nul.",
    ),
    "purchase.inside": (
        "Nothing is bought for what is cut out of a pool, which is bought for itself: {stores}.",
        "Rien n'est acheté pour ce qui est découpé dans un pool, lui-même pris en compte : {stores}.",
    ),
    "purchase.span": ("{first} to {last}", "de {first} à {last}"),
    "purchase.quarter": ("Q{n} {year}", "T{n} {year}"),
    "purchase.perTB": ("1 TB", "1 To"),
    "unmet.no item": ("nothing that is sold fits", "rien au contrat ne convient"),
    "unmet.too late": (
        "what is ordered now comes too late",
        "ce qui est commandé aujourd'hui arrive trop tard",
    ),
    "unmet.contract ended": ("the contract has ended", "le marché est échu"),
    "unmet.limit": ("no more lots may be bought", "aucun lot supplémentaire possible"),
    "unmet.budget": ("no money left", "budget épuisé"),
    "column.quarter": ("Quarter", "Trimestre"),
    "column.item": ("What to order", "À commander"),
    "column.for": ("For", "Pour"),
    "column.price": ("Price", "Prix"),
    "column.ready": ("There from", "Disponible dès"),
    "column.year": ("Year", "Année"),
    "column.purse": ("Directorate", "Direction"),
    "column.spent": ("Planned", "Prévu"),
    "column.budget": ("Budget", "Budget"),
    "column.left": ("Left", "Reste"),
    "column.lacks": ("Lacks at the worst", "Manque au pire"),
    "column.unordered": ("Full without orders", "Plein sans commande"),
    "column.lots": ("A year more takes", "Une année de plus demande"),
    "column.year_more": ("Price of a year", "Prix d'une année"),
    "column.period": ("When", "Période"),
    # --- retention
    "retention.title": ("Retention", "Conservation"),
    "retention.empty": (
        "No archive tells its bytes by year of study: have it followed (`orthanc: {{follow: true}}`); that takes days.",
        "Aucune archive ne dit ses octets par année d'examen : faites-la suivre (`orthanc: {{follow: true}}`) ; cela "
        "prend des jours.",
    ),
    "retention.unruled": (
        "No rule is declared: write `retention:` into the estate file.",
        "Aucune règle n'est déclarée : écrivez `retention:` dans le fichier de parc.",
    ),
    "retention.lead": (
        "{target} holds {bytes} of dated studies. By the declared rule (kept {years} years after the last stay), {now} "
        "may be deleted today, and {then} by {until}.",
        "{target} contient {bytes} d'examens datés. Selon la règle déclarée (conservation {years} ans après le dernier "
        "passage), {now} peuvent être supprimés aujourd'hui, et {then} d'ici {until}.",
    ),
    "retention.most": (
        "{target} holds {bytes} of dated studies. By their dates alone at most {now} may be deleted today: how much of "
        "it is of patients who came again, its owner has not declared.",
        "{target} contient {bytes} d'examens datés. D'après leurs seules dates, au plus {now} peuvent être supprimés "
        "aujourd'hui : la part des patients revenus depuis n'a pas été déclarée.",
    ),
    "retention.undated": (
        "{bytes} are of studies without a date, and not counted.",
        "{bytes} sont d'examens sans date, et ne sont pas comptés.",
    ),
    "retention.effect": (
        "{store} should be full about {without}; with what may go deleted each 1 January, about {likely} (between "
        "{low} and {high}).",
        "{store} devrait être plein vers le {without} ; en supprimant chaque 1er janvier ce qui peut l'être, vers le "
        "{likely} (entre le {low} et le {high}).",
    ),
    "retention.effect.beyond": (
        "{store} should be full about {without}; with what may go deleted each 1 January, not within the forecast.",
        "{store} devrait être plein vers le {without} ; en supprimant chaque 1er janvier ce qui peut l'être, pas dans "
        "l'horizon de la prévision.",
    ),
    "retention.effect.after": (
        "{store} should be full about {without}; with what may go deleted each 1 January, about {likely} (after {low}).",
        "{store} devrait être plein vers le {without} ; en supprimant chaque 1er janvier ce qui peut l'être, vers le "
        "{likely} (après le {low}).",
    ),
    "retention.patientless": (
        "No patient is looked at: the shares are those that the archive's owner declares.",
        "Aucun patient n'est consulté : les parts sont celles que déclare le responsable de l'archive.",
    ),
    "retention.undeclared": (
        "Not declared: {shares}.",
        "Non déclaré : {shares}.",
    ),
    "retention.share.returned": ("the share of those who came again", "la part des patients revenus"),
    "retention.share.minors": ("the share of young children", "la part des jeunes enfants"),
    "retention.share.deaths": ("the share of the dead", "la part des décès"),
    "retention.crossed": (
        "Assumed: every year holds the same mix of modalities, as the archive does not tell them by year.",
        "Hypothèse : chaque année contient le même mélange de modalités, l'archive ne les donnant pas par année.",
    ),
    "column.low": ("At least", "Au moins"),
    "column.likely": ("Likely", "Probable"),
    "column.high": ("At most", "Au plus"),
    "column.total": ("Likely, all until then", "Probable, cumulé"),
}
