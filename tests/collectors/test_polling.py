"""What a poller keeps from poll to poll, and what that costs."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from collectors.polling import Poller
from inventory.estate import Estate, Target


def here(*names: str) -> Estate:
    """An estate of this machine, under several names."""
    return Estate(targets=tuple(Target(name=name, host=True) for name in names))


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


async def test_the_garbage_collector_leaves_alone_what_is_known_once_all_targets_were_polled() -> None:
    estate, larger = here("a", "b"), here("a", "b", "c")
    poller = Poller(estate)
    await poller.poll(estate.targets[0])
    assert gc.get_freeze_count() == 0
    await poller.poll(estate.targets[1])
    assert gc.get_freeze_count() > 10_000
    poller.reload(larger)
    assert gc.get_freeze_count() == 0
    await poller.poll(larger.targets[2])
    assert gc.get_freeze_count() > 10_000
    poller.reload(estate)  # one target less: nothing is still to come
    assert gc.get_freeze_count() > 10_000
    poller.close()


async def test_targets_that_leave_before_they_were_polled_are_not_waited_for() -> None:
    estate = here("a", "b")
    poller = Poller(estate)
    await poller.poll(estate.targets[0])
    poller.reload(here("a"))
    assert gc.get_freeze_count() > 10_000
    poller.close()
