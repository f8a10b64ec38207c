"""What Jauge itself says of a target: whether it answers, since when, and how each of its tables fares."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator

from collectors.board import KEPT_INTERVALS, Standing
from collectors.poll import Poll
from inventory.estate import Target
from inventory.metrics import Labels, Sample, labels


def account(standing: Standing, now: float, served: Collection[str], dropped: int) -> Iterator[Sample]:
    """The samples about a target at `now` (UTC epoch seconds), its ages left out.

    `served` names the tables whose values are served, `dropped` counts values that are not.
    """
    poll = current(standing, now)
    yield Sample("jauge_target_up", float(poll is not None and poll.up))
    yield Sample("jauge_target_samples_dropped", dropped)
    yield Sample("jauge_target_info", 1.0, _identity(standing.target, standing.poll))
    if standing.last_success is not None:
        yield Sample("jauge_target_last_success_timestamp_seconds", standing.last_success)
    if standing.poll is not None:
        yield Sample("jauge_target_poll_seconds", standing.poll.seconds)
    for reason, count in sorted(standing.errors.items()):
        yield Sample("jauge_target_errors_total", count, labels(reason=reason))
    if poll is not None:
        yield from _tables(poll, served)


def current(standing: Standing, now: float) -> Poll | None:
    """The last poll, None where it is too old to say anything of the present."""
    poll = standing.poll
    late = poll is not None and now - poll.at > KEPT_INTERVALS * standing.target.every
    return None if late else poll


def _identity(target: Target, poll: Poll | None) -> Labels:
    return labels(
        site=target.site or "",
        role=target.role or "",
        service=target.service or "",
        directorate=target.directorate or "",
        family=poll.family if poll else "",
        product=poll.product if poll else "",
        version=poll.version if poll else "",
    )


def _tables(poll: Poll, served: Collection[str]) -> Iterator[Sample]:
    for table in poll.tables:
        which = _which(table.name)
        yield Sample("jauge_table_up", float(table.up), which)
        yield Sample("jauge_table_poll_seconds", table.seconds, which)
        yield Sample("jauge_table_retries", table.retries, which)
        yield Sample("jauge_table_malformed", table.bad, which)
        if table.up or table.name in served:
            yield Sample("jauge_table_rows", table.rows, which)
            yield Sample("jauge_table_age_seconds", max(0.0, poll.at - table.at), which)
        if table.up:
            yield Sample("jauge_table_rows_withheld", table.withheld, which)


@functools.lru_cache(maxsize=1024)
def _which(table: str) -> Labels:
    return labels(table=table)
