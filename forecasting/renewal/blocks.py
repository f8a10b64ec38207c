"""Cohorts that a programme cannot tell apart are one block in it: the same ways, costs and purses. Exact, and far smaller.

Cohorts are told apart by what people ask about (a model, a site); where no money is bound to a site, two sites with the
same machines are one question.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np

from forecasting.renewal.problem import Answer, Dues, Ints, Problem


class Blocks(NamedTuple):
    """A smaller problem; `members` are the cohorts of each of its own, `starts` the first way of each cohort before."""

    problem: Problem
    members: tuple[Ints, ...]
    starts: Ints


def merged(problem: Problem) -> Blocks:
    """The problem with cohorts that are alike put together."""
    ways, count = problem.ways, len(problem.counts)
    starts = np.searchsorted(ways.cohort, np.arange(count + 1))
    dues = np.searchsorted(problem.dues.way, starts)
    table = np.column_stack(
        [getattr(ways, one.name) for one in dataclasses.fields(ways) if one.name != "cohort"]
    )
    table = np.ascontiguousarray(table)
    paid = np.column_stack((problem.dues.way - starts[ways.cohort[problem.dues.way]], *problem.dues[1:]))
    found: dict[tuple[object, ...], list[int]] = {}
    for cohort in range(count):
        key = (
            problem.purses[cohort],
            table[starts[cohort] : starts[cohort + 1]].tobytes(),
            paid[dues[cohort] : dues[cohort + 1]].tobytes(),
        )
        found.setdefault(key, []).append(cohort)
    members = tuple(np.array(one) for one in found.values())
    firsts = np.array([one[0] for one in members], dtype=np.int64)
    return Blocks(_smaller(problem, firsts, members), members, starts)


def _smaller(problem: Problem, firsts: Ints, members: tuple[Ints, ...]) -> Problem:
    kept = np.isin(problem.ways.cohort, firsts)
    number = np.full(len(problem.counts), -1)
    number[firsts] = np.arange(len(firsts))
    place = kept.cumsum() - 1
    of = kept[problem.dues.way]
    ways = {one.name: getattr(problem.ways, one.name)[kept] for one in dataclasses.fields(problem.ways)}
    return dataclasses.replace(
        problem,
        counts=np.array([problem.counts[one].sum() for one in members], dtype=np.int64),
        purses=tuple(problem.purses[one] for one in firsts),
        ways=dataclasses.replace(problem.ways, **{**ways, "cohort": number[ways["cohort"]]}),
        dues=Dues(place[problem.dues.way[of]], problem.dues.year[of], problem.dues.money[of]),
    )


def parted(problem: Problem, blocks: Blocks, answer: Answer) -> Answer:
    """The answer of the blocks, for the cohorts: those of a block go one after the other."""
    machines = np.zeros(len(problem.ways), dtype=np.int64)
    begins = np.searchsorted(blocks.problem.ways.cohort, np.arange(len(blocks.members) + 1))
    for block, members in enumerate(blocks.members):
        sent = answer.machines[begins[block] : begins[block + 1]]
        ends = sent.cumsum()
        first = 0
        for cohort in members:
            last = first + problem.counts[cohort]
            taken = np.clip(ends, first, last) - np.clip(ends - sent, first, last)
            machines[blocks.starts[cohort] : blocks.starts[cohort + 1]] = taken
            first = last
    return Answer(machines, answer.again)
