"""Parsers of command output: recorded answers of real machines, and whatever else may come."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.commands import COMMANDS, borg, cpu, df, load, memory, os, restic, rsnapshot
from collectors.poll import PollError, Reading
from collectors.ssh.batch import Answer
from collectors.ssh.reading import interpret
from inventory.metrics import Sample

DF = """Filesystem     Type     1-blocks        Used   Available Capacity Mounted on
/dev/sda1      ext4  21003583488  5203902464 14711734272      27% /
/dev/sda1      ext4  21003583488  5203902464 14711734272      27% /var/lib/docker/bind
//nas/My Share cifs       100000       40000       60000      40% /mnt/my share
tmpfs          tmpfs  1976999936           0  1976999936       0% /dev/shm
/dev/loop3     squashfs  1000000     1000000           0     100% /snap/core
"""


def sizes(samples: list[Sample], metric: str = "jauge_storage_size_bytes") -> dict[str, float]:
    return {dict(sample.labels)["store"]: sample.value for sample in samples if sample.metric == metric}


RECORDED = ("df/df-PT.linux.txt", "df/df-PT.freebsd.txt", "df/df-PT.aix.txt", "linux/df.centos-7.7.txt")


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_df_gives_the_expected_bytes(corpus: Path, name: str) -> None:
    place = corpus / "recordings" / "ssh"
    expected = json.loads((place / f"{name}.expected.json").read_text())
    real = [row for row in expected if row["total_bytes"] and row["device"] not in ("tmpfs", "devtmpfs")]
    assert real
    samples = list(df.parse((place / name).read_text()))
    assert sizes(samples) == {row["mount"]: row["total_bytes"] for row in real}
    assert sizes(samples, "jauge_storage_used_bytes") == {row["mount"]: row["used_bytes"] for row in real}


def test_recorded_proc_files_give_what_another_parser_found(corpus: Path) -> None:
    place = corpus / "recordings" / "ssh" / "linux" / "proc"
    told = json.loads((place / "meminfo.txt.parsed.json").read_text())
    read = {sample.metric: sample.value for sample in memory.parse((place / "meminfo.txt").read_text())}
    assert read["jauge_memory_size_bytes"] == told["MemTotal"] * 1024
    assert read["jauge_memory_used_bytes"] == (told["MemTotal"] - told["MemAvailable"]) * 1024
    text = (place / "loadavg.txt").read_text() + (place / "uptime.txt").read_text() + "2\n"
    read = {sample.metric: sample.value for sample in load.parse(text)}
    assert read["jauge_load1"] == json.loads((place / "loadavg.txt.parsed.json").read_text())["load_1m"]
    assert read["jauge_uptime_seconds"] == 46901.13


def test_a_file_system_counts_once_and_pseudo_ones_never() -> None:
    assert sizes(list(df.parse(DF))) == {"/": 21003583488, "/mnt/my share": 100000}


def test_a_df_that_fell_back_to_kilobytes_is_read_after_its_first_try() -> None:
    text = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 40 60 40% /\n"
    assert sizes(list(df.parse(text))) == {"/": 102400}


@pytest.mark.parametrize("cut", [40, 100, 120, 170, 190])
def test_an_output_cut_midway_gives_no_half_row(cut: int) -> None:
    answer = Answer(DF[:cut], "", None, PollError("truncated", "cut"))
    if DF[:cut].count("\n") < 2:  # not one whole row
        with pytest.raises(PollError, match="truncated"):
            interpret(answer, df.parse)
        return
    reading = interpret(answer, df.parse)
    assert reading.partial is not None
    assert set(reading.values) <= set(interpret(Answer(DF, "", 0), df.parse).values)


def test_a_bad_exit_keeps_the_rows_and_says_why() -> None:
    reading = interpret(Answer(DF, "df: /mnt/x: Stale file handle\n", 1), df.parse)
    assert len(reading.values) == 6
    assert reading.partial is not None
    assert "Stale file handle" in reading.partial.detail


def test_a_line_that_does_not_read_is_named() -> None:
    with pytest.raises(PollError, match="no such thing") as caught:
        list(df.parse(DF + "no such thing\x1b[31m\n"))
    assert caught.value.reason == "unparsed"
    assert "\x1b" not in caught.value.detail


def test_busy_time_is_neither_idle_nor_waiting() -> None:
    first, second = "cpu  100 0 100 800 0 0 0 0 0 0\n", "cpu  120 0 110 860 10 0 0 0 0 0\n"
    assert [sample.value for sample in cpu.parse(first + second)] == [pytest.approx(0.3)]


def test_a_release_gives_product_and_version() -> None:
    text = 'PRETTY_NAME="Debian GNU/Linux 12"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\n6.1.0-18-amd64\n'
    assert os.facts(text) == {"product": "Debian GNU/Linux", "version": "12"}


def test_restic_17_says_sizes_and_an_empty_backup_does_not_count() -> None:
    rows = [
        {"time": f"2026-01-0{day}T02:00:00.123456789+01:00", "hostname": "pacs-01", "paths": ["/srv"],
         "summary": {"total_files_processed": files, "total_bytes_processed": size}}
        for day, files, size in ((5, 12, 200000), (6, 0, 0))
    ]  # fmt: skip
    read = {
        sample.metric: (sample.value, sample.labels) for sample in restic.parse_snapshots(json.dumps(rows))
    }
    assert read["jauge_backup_restore_points"] == (1.0, (("job", "pacs-01:/srv"), ("machine", "pacs-01")))
    assert read["jauge_backup_last_size_bytes"][0] == 200000
    assert read["jauge_backup_last_timestamp_seconds"][0] == pytest.approx(1767574800.123456)


def test_names_with_quotes_stay_one_word_of_the_shell() -> None:
    import shlex

    words = shlex.split(restic.snapshots("-rm 'x'; echo", "/a b/$(id)"))
    assert words[1:3] == ["--repo=-rm 'x'; echo", "--password-file=/a b/$(id)"]


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (load.parse, "0,50 0,01 0,03 2/111 2039\n46901,13 46856,66\n2\n"),
        (load.parse, "load average: 0.50, 0.01, 0.03\n"),
        (memory.parse, "MemTotal:  7,900,000 kB\nMemAvailable:  3,000,000 kB\n"),
        (memory.parse, "MemTotal:  7900000 Ko\nMemAvailable:  3000000 Ko\n"),
        (memory.parse, "total used free\n7900000 3000000 4900000\n"),
        (cpu.parse, "cpu  100,0 0 100 800\ncpu  120,0 0 110 860\n"),
        (cpu.parse, "cpu0 100 0 100 800\ncpu0 120 0 110 860\n"),
        (restic.parse_snapshots, "Fatal : impossible d'ouvrir le dépôt\n"),
        (restic.parse_snapshots, '[{"time": "05/01/2026 02:00", "hostname": "pacs-01"}]'),
        (lambda text: restic.parse_stats(text, "r"), '{"total_size": "603 396"}'),
    ],
)
def test_another_language_version_or_notation_is_named_and_not_guessed_at(parse, text: str) -> None:
    with pytest.raises(PollError) as caught:
        list(parse(text))
    assert caught.value.reason == "unparsed"


PARSERS = [command.parse for command in COMMANDS.values()] + [
    restic.parse_snapshots,
    lambda text: restic.parse_stats(text, "r"),
    borg.parse,
    rsnapshot.parse,
]
PIECES = st.sampled_from(
    ["cpu  ", "MemTotal:", " kB\n", "Filesystem 1024-blocks\n", "Filesystem Type 1-blocks Used\n", "\n", " ",
     "9" * 400, "1e400", "nan", "-1", "0%", "/", '[{"time":', '"tags":', "[[[", "{}", '"total_size":', "null",
     "JobId: 1\tName: a\tJobStatus: T\tType: B", "\tStartTime: ", "2026-01-05 02:00:00", "\tJobTDate: ", "\tJobBytes: ",
     "root /\n", "folder 9 daily.0/a\n", "log [] x daily: started\n"]
)  # fmt: skip


@pytest.mark.parametrize("parse", PARSERS)
@given(st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=8))).map("".join)))
def test_no_output_does_more_than_fail_to_parse(parse, text: str) -> None:
    values: list[float] = []
    with contextlib.suppress(PollError):
        found = parse(text)
        values.extend(found.values if isinstance(found, Reading) else (sample.value for sample in found))
    assert all(0 <= value < float("inf") for value in values)
