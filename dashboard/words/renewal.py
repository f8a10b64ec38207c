"""Texts of the renewal plan, of scenarios of workstations, and of roll-outs."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text

RENEWAL: Final[dict[str, Text]] = {
    "renewal.title": "Renewal plan",
    "renewal.undeclared": (
        "The estate does not say what replaces workstations: add the section `workstations:` with `offers:` (docs/renewal.md), "
        "then run `jauge check`."
    ),
    "renewal.nobody": "The newest inventory has no workstation in use: there is nothing to plan.",
    "renewal.problem": "No plan can be made from what is declared.",
    "renewal.problem.caps": (
        "The money does not suffice even where nothing is replaced, as paid updates have to be paid: raise the budgets, or leave those "
        "updates out."
    ),
    "renewal.problem.class": "A scenario sets an age limit for the class {name}, which the estate does not have; it has {known}.",
    "renewal.problem.scenario": "The scenario {name} is committed, and this version cannot read it any more: withdraw it, and save it anew.",
    "renewal.problem.blocked": "{path} is where the plan would be kept, and is no file of Jauge: move it elsewhere.",
    "renewal.problem.other": "The calculation stopped; the detail for support: {what}",
    "renewal.lead": (
        "{machines} workstations are planned from {first} to {last}: {spent} are ordered, {total} is the cost with support, failures and "
        "running costs."
    ),
    "renewal.exact": "No plan is better: that is proven.",
    "renewal.gap": "No plan can be better by more than {gap}: that is proven.",
    "renewal.greedy": "Serving the most urgent first, one after the other, leaves {gap} to the same bound.",
    "renewal.overdue": (
        "{n} machine stays past a deadline, for {months} months within the plan.",
        "{n} machines stay past a deadline, for {months} machine-months in all within the plan.",
    ),
    "renewal.late.note": (
        "A machine is late until the last day of the quarter in which it is replaced. Machine-months add up the months of all machines, "
        "from today to the end of the plan."
    ),
    "renewal.late.beyond": "beyond the plan",
    "renewal.overdue.none": "No machine stays past a deadline.",
    "renewal.what_if": "What if the budget were cut?",
    "renewal.on_top": "nothing: they come on top",
    "renewal.never": "not within the plan",
    "renewal.none": "Nothing is bought.",
    "renewal.project": "for a project",
    "renewal.due.project": "{day}, for a project",
    "renewal.all": "All years",
    "renewal.order": "order by {day}",
    "renewal.money": "Money by year",
    "renewal.money.label": "What each year's orders cost, against its budget; the table below holds the same figures.",
    "renewal.costs": "What each year costs, line by line",
    "renewal.costs.note": (
        "What is ordered counts in the year of its order, and is what the budget bounds. What machines cost while they serve counts in "
        "the year in which they do; failures are those to expect."
    ),
    "renewal.costs.difference": "Difference",
    "cost.purchases": "Machines, installed",
    "cost.again": "Second renewals",
    "cost.licences": "Licences of editions",
    "cost.updates": "Paid updates (ESU)",
    "cost.spent": "Ordered in all",
    "cost.running": "Running costs of what was bought",
    "cost.support": "Support after the warranty",
    "cost.repairs": "Failures to expect",
    "cost.total": "Total",
    "renewal.purses": "Of directorates and sites",
    "renewal.machines": "Machines that come",
    "renewal.machines.year": "By the civil year of the order.",
    "renewal.by.quarter": "Quarter",
    "renewal.by.site": "Site",
    "renewal.by.class": "Class of use",
    "renewal.by.model": "Model replaced",
    "renewal.by.offer": "Offer",
    "renewal.waves": "What is bought when, and why then",
    "renewal.late": "Past a deadline",
    "renewal.late.each": "Each machine",
    "renewal.late.order": "Even what is ordered today comes after the deadline.",
    "renewal.late.offer": "No offer of the contracts replaces it within the plan.",
    "renewal.late.cap": "The budget of the years before is used up.",
    "renewal.late.hands": "Nobody is left to install it in the quarters before.",
    "renewal.late.weight": "What money and hands there are go to machines that weigh more.",
    "renewal.kept.deadline": "Their deadline falls within the plan.",
    "renewal.kept.updates": "Updates are paid for to the end of the plan, though their deadline falls within it.",
    "renewal.kept.age": "They reach the age limit of their class within the plan.",
    "renewal.kept.risk": "More of them would fail in a year than their class is allowed.",
    "renewal.kept.cost": "Replacing them would be cheaper than waiting.",
    "renewal.kept.warranty": "Their warranty ends within the plan, and replacing them would be cheaper then.",
    "renewal.stay.cap": "There is not enough money in the quarters in which they would go.",
    "renewal.stay.hands": "Nobody is left to install others in their place.",
    "renewal.stay.evenness": "They stay so that no year costs much more than the others.",
    "renewal.why.deadline": "They must be gone by {deadline}.",
    "renewal.why.late": "Their deadline is {deadline}: they stay past it.",
    "renewal.why.updates": "Their deadline is {deadline}: updates are paid for until they go.",
    "renewal.why.age": "They reach the age limit of their class.",
    "renewal.why.age.limit": "They reach {limit}, the age limit of their class.",
    "renewal.why.risk": "In the year after, {fails} of them would fail: more than their class is allowed.",
    "renewal.why.cost": "A year more of waiting would cost {waiting} for each in failures and support, and save {saved}.",
    "renewal.why.warranty": "Their warranty has ended: a year more of waiting would cost {waiting} for each, and save {saved}.",
    "renewal.why.project": "A project needs them: they must be there by {deadline}.",
    "renewal.why.spare": "They are kept ready as spares.",
    "renewal.why.kept": "Nothing asks for it within the plan.",
    "renewal.why.again": "What was bought within the plan reaches the end of its life.",
    "renewal.pushed.cap": "Alone they would go in {wanted}: there is no money left then.",
    "renewal.pushed.hands": "Alone they would go in {wanted}: there is nobody left to install more.",
    "renewal.pushed.evenness": "Alone they would go in {wanted}: moved to even out the years.",
    "renewal.pushed.never": "Alone they would stay to the end of the plan: moved to even out the years.",
    "renewal.curve": "What more money buys",
    "renewal.curve.label": "Machines past a deadline by the money of all years; the table below holds the same figures.",
    "renewal.curve.lead": (
        "Up to {more} more money, each {lump} spares {late} machines past a deadline, {lateness} machine-months of that and {failures} "
        "failures, worth {worth} in all that the plan weighs."
    ),
    "renewal.curve.lead.other": (
        "Up to {more} more money, each {lump} changes machines past a deadline by {late}, machine-months of that by {lateness} and "
        "failures by {failures}; it is worth {worth} in all that the plan weighs."
    ),
    "renewal.curve.rise": (
        "With {more} instead of {less}, machines past a deadline change by {late} and machine-months of that by {lateness}, though there "
        "is more money: all that the plan weighs still falls by {worth}. A machine counts by its class, and prices, failures and ages "
        "count beside it."
    ),
    "renewal.curve.none": "There is no step of money above the plan to compare with.",
    "renewal.curve.unbounded": "No budget is declared: more money buys nothing more.",
    "renewal.curve.note": (
        "The money is that of all years of the plan. What is weighed counts prices, failures, support, ages, and what being past a deadline "
        "weighs by class: it never rises with more money, and no plan has less by more than the share that it is proven to. The worth of a "
        "step is by how much it falls from the step before."
    ),
    "renewal.ended": "Out of support today",
    "renewal.ended.lead": (
        "{n} workstation is out of support today: {replacement} to be replaced for it, {upgrade} to be upgraded alone, {neither} neither.",
        "{n} workstations are out of support today: {replacement} to be replaced for it, {upgrade} to be upgraded alone, {neither} neither.",
    ),
    "renewal.ended.none": "No workstation is out of support today.",
    "renewal.ended.plan": "The renewal plan says what each needs.",
    "renewal.needs.replacement": "Another machine: it cannot run a system that is supported, or nobody knows whether it can.",
    "renewal.needs.upgrade": "An upgrade alone: it can run Windows 11.",
    "renewal.needs.update": "An update alone: a later version of its own system is supported.",
    "renewal.needs.edition": "Another edition alone, which a committed scenario gives it.",
    "renewal.needs.console": "Nothing before its own date.",
    "renewal.needs.stock": "Nothing: it is in stock.",
    "renewal.needs.unknown": "Nobody knows what an update brings it to: planned by its age alone.",
    "renewal.failures": "Failures to expect",
    "renewal.failures.label": "Failures by year with the band in which they lie with 8 chances in 10; the table beside holds the same figures.",
    "renewal.failures.lead": "{total} failures are to be expected in {years} civil years, with 8 chances in 10 between the bounds of each.",
    "renewal.assumed": "What the plan rests on",
    "renewal.late.search": "The search was ended by the clock: on a quicker machine the plan may be another one.",
    "renewal.going.on": "{offer}: its contract is taken to go on after {until}, at its price.",
    "renewal.ages": (
        "{n} machine has no date of purchase: taken to be as old as the others of its model.",
        "{n} machines have no date of purchase: taken to be as old as the others of their model.",
    ),
    "renewal.untold": (
        "The inventory does not say clearly which system {n} machine runs: planned by its age alone until the name, version and "
        "edition of the system are filled in.",
        "The inventory does not say clearly which system {n} machines run: planned by their age alone until the name, version and "
        "edition of the system are filled in.",
    ),
    "renewal.unlisted": (
        "The catalogue of ends of support has no date for the system of {n} machine: planned by its age alone until the system is "
        "added to it, or the estate gives the machine a date (`consoles:`).",
        "The catalogue of ends of support has no date for the system of {n} machines: planned by their age alone until the system is "
        "added to it, or the estate gives the machines a date (`consoles:`).",
    ),
    "renewal.left.console": (
        "{n} machine has dates of its own, and is left alone.",
        "{n} machines have dates of their own, and are left alone.",
    ),
    "renewal.left.stock": (
        "{n} machine is in stock.",
        "{n} machines are in stock.",
    ),
    "renewal.left.retired": (
        "{n} machine is out of use.",
        "{n} machines are out of use.",
    ),
    "renewal.spares": "Spares of “{use}”: {wanted} machines wanted, {stock} in stock.",
    "renewal.beside": (
        "With it: {money} of orders over all years, {total} with support, failures and running costs, {late} machines past a deadline "
        "({now} without it, {then} with it), {lateness} machine-months of that, {failures} failures."
    ),
    "scenarios.fleets": "What they change in the renewal plan",
    "scenarios.fleet": "What it changes in the renewal plan",
    "scenarios.fleet.label": "Money by year without it and with it; the table below holds the same figures.",
    "scenarios.costs": "What all years cost, line by line",
    "scenarios.fleet.none": "There is no renewal plan to hold it against: nothing was imported, or no offers are declared.",
    "scenarios.fleet.computing": "Its plan is being computed: that takes a minute at most, and this page shows it then by itself.",
    "prepared": "What if?",
    "prepared.lead": "A change with a number becomes a scenario: it is computed, compared with the present plan, and committed only by a decision.",
    "prepared.readers": "A manager makes scenarios here.",
    "prepared.refused": "The scenario was not saved: its number or year cannot be, or one of that name is committed.",
    "prepared.refused.unclear": (
        "The scenario was not saved: a number such as 1,500 may be 1500 or 1.5. Write it without a comma, or with another number of decimals."
    ),
    "prepared.save": "Save and compare",
    "prepared.from": "from",
    "prepared.running": "a year each ({currency})",
    "prepared.budget": "The budget of workstations changes",
    "prepared.budget.number": "by, in %",
    "prepared.budget.less": "Budget {n} % lower from {year}",
    "prepared.budget.more": "Budget {n} % higher from {year}",
    "prepared.age": "Machines are kept longer",
    "prepared.age.number": "by, in years",
    "prepared.age.less": "Age limits {n} years lower from {year}",
    "prepared.age.more": "Age limits {n} years higher from {year}",
    "prepared.updates": "Updates of Windows 10 are paid for (ESU)",
    "prepared.updates.number": "a machine in the first year, doubled each year ({currency})",
    "prepared.updates.less": "No paid updates from {year} ({n})",
    "prepared.updates.more": "Paid updates at {n} from {year}",
    "prepared.edition": "Machines get a long-term edition ({edition})",
    "prepared.edition.number": "a licence ({currency})",
    "prepared.edition.less": "Long-term edition from {year} ({n})",
    "prepared.edition.more": "Long-term edition at {n} from {year}",
    "prepared.desktops": "Machines become virtual desktops",
    "prepared.desktops.number": "a thin client ({currency})",
    "prepared.desktops.less": "Virtual desktops from {year} ({n})",
    "prepared.desktops.more": "Virtual desktops at {n} from {year}",
    "prepared.desktops.running": ", {n} a year each",
    "axis.year": "civil year",
    "axis.money": "money, {currency}",
    "axis.failures": "failures",
    "axis.late": "machines past a deadline",
    "column.costs": "With service costs",
    "column.failures": "Failures",
    "column.past_age": "Past their age at its end",
    "column.deadline": "Deadline",
    "column.replaces": "In the place of",
    "column.replaced": "Replaced in",
    "column.more": "More or less",
    "column.late": "Past a deadline",
    "column.late_until": "Late until",
    "column.lateness": "Late, machine-months",
    "column.months": "Late, months",
    "column.lateness_without": "Machine-months late without",
    "column.lateness_with": "Machine-months late with",
    "column.worth": "All that is weighed",
    "column.needs": "What it needs",
    "column.replaced_by": "Replaced by the plan",
    "column.lump": "Worth of 50,000 more",
    "column.sum": "In all",
    "column.gap": "Proven to",
    "column.spent_without": "Money without",
    "column.spent_with": "Money with",
    "column.budget_with": "Budget with",
    "column.count_without": "Machines without",
    "column.count_with": "Machines with",
    "column.failures_without": "Failures without",
    "column.failures_with": "Failures with",
    "column.week": "Week of",
    "column.planned": "Planned",
    "column.deployed": "Deployed",
    "column.behind": "Machines behind",
    "rollouts.title": "Roll-outs",
    "rollouts.none": "No roll-out is declared: add `rollouts:` to the section `workstations:` (docs/renewal.md).",
    "rollouts.none.weeks": "No week has gone by yet.",
    "rollouts.problem": "It cannot be followed: {why}",
    "rollouts.why.no import": "no inventory was imported yet. Import one on the page Workstations.",
    "rollouts.why.software": "inventories that were imported do not tell what software is installed. Write the numbers down (`kind: days`).",
    "rollouts.why.nobody": "no workstation in use is one that it is for. Look at `among:` in its section.",
    "rollouts.chart.label": "Planned and deployed by week; the table below holds the last weeks.",
    "rollouts.deployed": "{deployed} of {total} are deployed.",
    "rollouts.deployed.planned": "{deployed} of {total} are deployed; {planned} were planned by now.",
    "rollouts.unseen": "None of {total} was counted yet.",
    "rollouts.date": "At the pace of the last weeks all are by {central}, with 8 chances in 10 between {early} and {late}.",
    "rollouts.no.done": "All are deployed.",
    "rollouts.no.unseen": "Nothing was counted: there is no date.",
    "rollouts.no.short": "Too few weeks were counted for a date.",
    "rollouts.no.still": "Nothing moved in the last weeks: there is no date.",
    "rollouts.no.slow": "At this pace it does not end within five years.",
    "rollouts.pace": "Pace: {pace} a working week.",
    "rollouts.unknown": (
        "{n} machine does not tell.",
        "{n} machines do not tell.",
    ),
}
