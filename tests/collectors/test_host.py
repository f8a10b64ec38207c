"""This machine, as its kernel and df tell it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from collectors import host
from collectors.poll import forget
from inventory.estate import Target
from inventory.metrics import describe


async def test_this_machine_is_read_as_df_and_its_kernel_say() -> None:
    tables, facts = await host.poll(Target.model_validate({"name": "here", "host": True}), forget)
    found = {table.name: table for table in tables}
    assert found["memory"].up
    assert found["processors"].up
    assert [describe(sample) for table in tables for sample in table if describe(sample)] == []
    sizes = {
        dict(sample.labels)["store"]: sample.value
        for sample in found["filesystems"]
        if sample.metric == "jauge_storage_size_bytes"
    }
    told = subprocess.run(["df", "-PB1", "/"], capture_output=True, text=True, check=True).stdout.splitlines()
    assert sizes["/"] == float(told[1].split()[1])
    assert len({Path(mount).stat().st_dev for mount in sizes}) == len(sizes)
    ratio = next(sample.value for sample in found["processors"] if sample.metric == "jauge_cpu_used_ratio")
    assert 0 <= ratio <= 1
    assert facts["product"]
