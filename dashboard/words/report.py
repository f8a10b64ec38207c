"""Texts of the committee's file: what the pages do not say already."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text

REPORT: Final[dict[str, Text]] = {
    "report.title": "Steering committee file",
    "report.subtitle": "{hospital}, {day}. Last meeting: {since}.",
    "report.made": "Figures of {at}",
    "report.contents": "Contents",
    "report.said": "What is said",
    "report.section": "Section",
    "report.text": "Text",
    "report.days": "Days from early to late",
    "report.low": "Lower edge of the band",
    "report.today": "today",
    "report.limit": "may be filled",
    "report.more": (
        "And {n} more row, in the workbook.",
        "And {n} more rows, in the workbook.",
    ),
    "report.fault": "{file} cannot be read: what rests on it is missing from this file, and nothing here says that all is well.",
    "report.silent": "The collector has not written for {span}: what is said here of the present is that old.",
    "report.demo": "Demonstration: an invented hospital. Nothing here is a real patient, a real device or a real price.",
    "report.nothing": (
        "Nothing was measured, forecast or imported yet. This file will say more once the collector has polled the estate and a "
        "night has been planned."
    ),
    # --- summary
    "report.summary": "Summary",
    "report.summary.walls": (
        "{n} wall is reached already; the first one to come: {what}, about {day}.",
        "{n} walls are reached already; the first one to come: {what}, about {day}.",
    ),
    "report.summary.walls.none": "No wall is reached; the first one to come: {what}, about {day}.",
    "report.summary.walls.quiet": (
        "{n} wall is reached already; no other one is more likely than not within three years.",
        "{n} walls are reached already; no other one is more likely than not within three years.",
    ),
    "report.summary.walls.clear": "No wall is reached, and none is more likely than not within three years.",
    "report.summary.walls.unknown": "Nothing is known of what will be full or end when: no night was planned yet.",
    # --- runway
    "report.runway": "Runway and first wall",
    "report.runway.lead": "A wall is a day on which something stops: a store is full, a licence ends, a system gets no more corrections.",
    "report.runway.dateless": (
        "{n} thing has no date; the workbook says why.",
        "{n} things have no date; the workbook says why of each.",
    ),
    "report.runway.dateless.table": "Without a date",
    "report.runway.chart": "Walls to come, from the early date to the late one",
    "report.runway.chart.said": "Line of time of {n} walls; the table below has the same dates.",
    "report.runway.ahead": "Walls to come",
    "report.runway.reached": "Walls that are reached already",
    "report.early": "Early",
    "report.late": "Late",
    # --- capacity
    "report.capacity": "Capacity by system",
    "report.capacity.lead": (
        "{n} store is watched: {used} are used of {size}, each byte counted once.",
        "{n} stores are watched: {used} are used of {size}, each byte counted once.",
    ),
    "report.capacity.unsized": (
        "The size of {n} of them is not known.",
        "The size of {n} of them is not known.",
    ),
    "report.capacity.unknown": "No store was measured yet.",
    "report.capacity.table": "Storage by system",
    "report.system": "System",
    "report.stores": "Stores",
    "report.first": "First to be full",
    "report.system.other": "no role declared",
    "report.platforms.messages": "Message engines",
    "report.platforms.telephony": "Telephony",
    "report.platforms.desktops": "Virtual desktops",
    "report.platforms.databases": "Databases",
    "report.capacity.worst": "Stores that are full first",
    "report.growth": "{thing}: used, and forecast",
    "report.growth.said": (
        "Curve of what was used, and of the forecast with its band, in {unit}. It held {used} on {last}. Measured from {first} to "
        "{last}; {gaps}."
    ),
    "report.growth.window": "Measured from {first} to {last}; {gaps}. The band holds 8 chances in 10.",
    "report.growth.gaps": (
        "{n} day without a measurement is left blank",
        "{n} days without a measurement are left blank",
    ),
    "report.growth.whole": "no day is missing",
    # --- summary, on what is said elsewhere at length
    "report.summary.backups": (
        "{n} of {all} backup promises is broken; {alone}",
        "{n} of {all} backup promises are broken; {alone}",
    ),
    "report.summary.backups.unpromised": "Of no backup is anything promised; {alone}",
    "report.summary.backups.unknown": "Nothing is known of backups: nobody tells of any.",
    "report.summary.backups.alone": (
        "{n} machine stands in no job.",
        "{n} machines stand in no job.",
    ),
    "report.summary.backups.alone.unknown": "how many machines stand in no job, nobody can tell.",
    "report.summary.workstations": (
        "{n} of {all} workstations is out of support today, {later} in a year where none is replaced or upgraded; {care}",
        "{n} of {all} workstations are out of support today, {later} in a year where none is replaced or upgraded; {care}",
    ),
    "report.summary.workstations.unknown": "Nothing is known of workstations: no inventory was imported yet.",
    "report.summary.unsure": (
        "of {n} nobody can tell",
        "of {n} nobody can tell",
    ),
    "report.summary.care": (
        "{n} in care has no compensating measure.",
        "{n} in care have no compensating measure.",
    ),
    "report.summary.care.undeclared": "which of them are in care is not declared.",
    "report.summary.money": "To order: {orders} for {systems}, and {workstations} for workstations until {until}.",
    "report.summary.money.systems": "To order: {orders} for {systems}; no renewal of workstations is planned.",
    "report.summary.money.workstations": "To order: {workstations} for workstations until {until}; what else to buy was not planned yet.",
    "report.summary.money.unknown": "What to order was not planned yet.",
    "report.summary.uncovered": (
        "{n} need stays uncovered all the same.",
        "{n} needs stay uncovered all the same.",
    ),
    "report.summary.asked": (
        "{n} decision is asked for; the nearest: {what}, by {day}.",
        "{n} decisions are asked for; the nearest: {what}, by {day}.",
    ),
    "report.summary.asked.now": (
        "{n} decision is asked for, without delay: {what}.",
        "{n} decisions are asked for; the first, without delay: {what}.",
    ),
    "report.summary.asked.undated": (
        "{n} decision is asked for, with no day set: {what}.",
        "{n} decisions are asked for, with no day set; the first: {what}.",
    ),
    "report.summary.asked.none": "No decision is asked for.",
    # --- changes
    "report.changes": "What changed since {since}",
    "report.changes.decided": (
        "{n} decision was taken: {names}.",
        "{n} decisions were taken: {names}.",
    ),
    "report.changes.decided.none": "No scenario was committed or withdrawn.",
    "report.changes.tests": (
        "{n} restore was tested; {good} brought everything back.",
        "{n} restores were tested; {good} brought everything back.",
    ),
    "report.changes.tests.none": "No restore was tested.",
    "report.changes.inventory": "The inventory was last imported on {day}: {machines} workstations.",
    "report.changes.inventory.old": "No inventory was imported since: the last one is of {day}, {machines} workstations.",
    "report.changes.unknown": "Which dates moved is not known: no forecast of {since}, or before, is kept.",
    "report.changes.of": "The dates of then are those of the forecast of {day}, the last one before.",
    "report.changes.table": "Dates that moved",
    "report.changes.before": "Full, said then",
    "report.changes.now": "Full, said now",
    "report.changes.by": "What happened",
    "report.changes.still": "None moved by {days} days or more since the forecast of {day}.",
    "report.changes.dateless": "no date",
    "report.changes.full": "full since",
    "report.changes.freed": "has room again",
    "report.changes.dated": "has a date now",
    "report.changes.undated": "has no date any more",
    "report.changes.sooner": "{span} sooner",
    "report.changes.later": "{span} later",
    # --- what became of what was asked for
    "report.answers": "What became of the decisions asked for",
    "report.answers.unasked": "No file before this one kept what it asked for.",
    "report.answers.lead": (
        "{n} decision was asked of the last meeting, or answered since.",
        "{n} decisions were asked of the last meeting, or answered since.",
    ),
    "report.answers.bare": (
        "Of {n} no answer was recorded.",
        "Of {n} no answer was recorded.",
    ),
    "report.answers.all": "All are answered.",
    "report.answers.table": "Asked for, and answered",
    "report.answers.file": "Asked on",
    "report.answers.answer": "Answer",
    "report.answers.why": "Reason",
    "report.answers.since": "How it stands today",
    "report.answers.none": "Not answered",
    "report.answers.committee": "the committee",
    "report.answers.accepted": "Accepted on {day} by {who}",
    "report.answers.refused": "Refused on {day} by {who}",
    "report.answers.postponed": "Postponed on {day} by {who}, until {until}",
    "report.became.gone": "Nothing more is asked of it.",
    "report.became.asked": "Asked again in this file.",
    "report.became.still": "Still to be done by {day}.",
    "report.became.wanted": "Still to be done.",
    # --- backups
    "report.backups": "Backups and restore tests",
    "report.backups.none": "No backup is known: nobody tells of any, and nothing is promised. That is no good news.",
    "report.backups.unpromised": "Nothing is promised of any backup: how much may be lost is not declared.",
    "report.backups.lies": (
        "{n} job says that it went well, and is not believed.",
        "{n} jobs say that they went well, and are not believed.",
    ),
    "report.backups.alone.unheard": "Which machines stand in no job nobody can tell: {names} did not answer in full.",
    "report.backups.alone.unknown": "Which machines stand in no job nobody can tell: not every job says what it saves.",
    "report.backups.age": "Age of the last good point",
    "report.backups.tested": "Restore tested",
    "report.backups.took": "Took",
    "report.backups.wrong": "Promises that are not kept, and jobs that are not believed",
    "report.backups.wrong.none": "none, of what is known",
    "report.backups.tests.none": "none was ever tested; a backup that nobody restored is a hope",
    # --- workstations
    "report.workstations": "Workstations and deadlines",
    "report.workstations.none": "No inventory of workstations was imported yet: how many there are, and how old, is not known.",
    "report.workstations.ages": "{machines} workstations are in use or may be again; their median age is {median}, and of {undated} it is not known.",
    "report.workstations.ages.all": "{machines} workstations are in use or may be again; their median age is {median}.",
    "report.workstations.years": "{n} years",
    "report.workstations.aged": ("{span} years", "{span} years"),
    "report.workstations.aged.more": "{n} years or more",
    "report.workstations.ordered": "Machines ordered",
    "report.workstations.again": "{n} machines are ordered in all: {again} of them replace what the plan buys itself.",
    "report.workstations.chart": "Workstations by age",
    "report.workstations.unplanned": "No renewal plan was made.",
    # --- security
    "report.security": "Security: in care without support",
    "report.security.unknown": "No inventory of workstations was imported yet: which of them nobody mends is not known.",
    "report.security.undeclared": "Which workstations are in care is not declared, so that nobody can tell which of them are exposed.",
    "report.security.classes": "Workstations in care without support, by class and system",
    "report.security.bare": "Without a measure",
    "report.security.servers": "Servers and platforms out of support",
    "report.security.servers.none": "none, of those that tell what they run",
    "report.security.servers.unknown": "not known: none tells what it runs",
    # --- purchases
    "report.purchases": "Purchase plan and budget",
    "report.purchases.none": "No purchase plan was made yet: it is made every night from the forecasts.",
    "report.purchases.adds": "Contract",
    "report.purchases.what": "For",
    "report.purchases.systems": "storage and servers",
    "report.purchases.workstations": "workstations",
    "report.purchases.chart": "Planned by year",
    "report.purchases.chart.said": "Columns of the money that is planned for each year from {first} to {last}; the table below has the same sums.",
    "report.purchases.money": "Money by year, of all plans",
    "report.purchases.missing": (
        "{n} thing could not be planned for; the page of purchases says why.",
        "{n} things could not be planned for; the page of purchases says why of each.",
    ),
    # --- scenarios and decisions
    "report.scenarios": "Scenarios compared",
    "report.scenarios.none": "No scenario is open or committed.",
    "report.scenarios.unreadable": "it cannot be read any more",
    "report.scenarios.still": "they move no date",
    "report.asked": "Decisions asked for",
    "report.asked.lead": (
        "The committee is asked for {n} decision.",
        "The committee is asked for {n} decisions.",
    ),
    "report.asked.numbers": "The number of each stands for it until it is answered; the answer is recorded by it.",
    "report.asked.none": "None: nothing has to be ordered before the next meeting, and no scenario is open.",
    "report.asked.none.answered": "None that was not answered before.",
    "report.asked.number": "Number",
    "report.asked.second": "Asked for the second time: since the file of {day} no answer was recorded.",
    "report.asked.again": "Asked at {times} meetings by now: since the file of {day} no answer was recorded.",
    "report.asked.earlier": "It comes back, or was made anew since {number}. {answer}.",
    "report.asked.settled": "Answered before, and not asked again",
    "report.asked.table": "To decide, the nearest day first",
    "report.asked.what": "Decision",
    "report.asked.by": "By",
    "report.asked.cost": "Cost",
    "report.asked.order": "Order {item} for {thing}",
    "report.asked.order.why": "It has to be there in {day}.",
    "report.asked.extend": "Extend or relieve {thing}",
    "report.asked.orders": (
        "{n} more order of the purchase plan",
        "{n} more orders of the purchase plan",
    ),
    "report.asked.orders.why": "Each is to be placed before the next meeting; the section on purchases has them all.",
    "report.asked.extend.more": (
        "Extend or relieve {n} more thing",
        "Extend or relieve {n} more things",
    ),
    "report.asked.extend.why": "Each would have to be ordered for before the next meeting; nothing that is sold is declared for it.",
    "report.asked.money": "Find money for {thing}, or accept that it lacks",
    "report.asked.money.why": "At the worst {lack} will lack from {day} on: no money is left in that year.",
    "report.asked.scenario": "Commit or drop the scenario “{title}”",
    "report.asked.scenario.why": "It stands open since {day}.",
    "report.asked.care": (
        "Decide on a compensating measure for {n} workstation in care",
        "Decide on compensating measures for {n} workstations in care",
    ),
    "report.asked.care.why": "Nobody mends them, and nothing stands in for it.",
    "report.asked.restore": "Have restores tested",
    "report.asked.restore.why": (
        "{n} system with a promise has no recent test: {names}.",
        "{n} systems with a promise have no recent test: {names}.",
    ),
    "report.decided": "Decisions taken, and their measured effect",
    "report.decided.none": "No scenario was committed yet.",
    "report.decided.unmeasured": "nothing can be measured yet",
    # --- shares
    "report.shares": "Share of each directorate",
    "report.shares.none": "No directorate is declared of any target or workstation.",
    "report.shares.lead": "Who is served by what, by what the estate declares. Purchases and renewals are those of the plans, over all their years.",
    "report.shares.whole": "{money} of extended updates and licences, which the renewal plan orders as well, are not divided.",
    "report.shares.undeclared": "not declared",
    "report.shares.storage": "Storage used",
    "report.shares.part": "Share",
    "report.shares.machines": "Workstations",
    "report.shares.orders": "Storage and servers to buy",
    "report.shares.renewal": "Workstations to renew",
    "report.shares.chart": "Storage used by directorate",
    "report.shares.table": "By directorate",
    # --- accuracy and method
    "report.accuracy": "Accuracy of past forecasts",
    "report.accuracy.none": "No forecast was made yet: none can be judged.",
    "report.accuracy.ahead": "Made ahead",
    "report.method": "Method and limits",
    "report.method.window": "{n} series are forecast, from what was measured between {first} and {last}. The forecasts are those of {at}.",
    "report.method.forecast": (
        "A date is the one that is as likely to come sooner as later. Between the early and the late date lie 8 chances in 10. Where "
        "the trend is noise there is no date, and none is invented."
    ),
    "report.method.wall": (
        "What may be filled is less than the size: a node that may fail, replicas, reserves and the declared ceiling are taken off. An order "
        "is to be placed early enough for the early date, by the declared lead time."
    ),
    "report.method.unknown": "What nobody measured or declared is called unknown, and is never counted as 0. Days without a measurement stay blank.",
    "report.method.plans": (
        "The plans of purchases and workstations are the cheapest that were found, and say how far from the best they may be. Prices are "
        "those that the estate declares."
    ),
    "report.method.people": "No patient and no user of a workstation is in this file.",
}
