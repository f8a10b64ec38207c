"""The account and the lines of sudoers of the guide, on a real sshd and a real sudo: what is read runs as root, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prepared import Call, Prepared, prepared, quoted

from collectors.commands import COMMANDS

DISKS = "/dev/sda -d sat # /dev/sda [SAT], ATA device\n/dev/bus/0 -d megaraid,8 # [megaraid_disk_08]\n/dev/nvme0 -d nvme # NVMe"
ANSWERS = {
    "smartctl": f"case $1 in --scan) printf '%s\\n' '{DISKS}';; esac",
    "xe": "case $2 in --minimal) echo 9f1c,71aa;; esac",
}
"""What programs say by which a line goes on to others."""

FILES = {
    "/proc/mounts": "/dev/sda / btrfs rw 0 0\n/dev/sdb /srv/my\\040disk btrfs rw 0 0\n/dev/sdc /boot ext4 rw 0 0\n",
    "/proc/mdstat": "md0 : active raid1 sdb1[1] sda1[0]\nmd_d127 : active raid1 sdd1[1] sdc1[0]\n",
}
"""What the kernel would say on such a host."""

AS_ROOT = {name: command for name, command in COMMANDS.items() if 's="sudo -n"' in command.text}

BY_THEIR_OWN = {"bacula", "bareos"}
"""Commands that a login may run without root, as the guide has it."""


@pytest.fixture(scope="module")
def host() -> Iterator[Prepared]:
    with prepared(ANSWERS) as found:
        yield found


@pytest.fixture(scope="module")
def calls(host: Prepared) -> dict[str, list[Call]]:
    """What each line runs, by the name of its command."""
    found = {}
    for name, command in AS_ROOT.items():
        text = command.text
        for path, content in FILES.items():
            (host.place / path[6:]).write_text(content)
            text = text.replace(path, f"{host.place}/{path[6:]}")
        host.run(f"LC_ALL=C; export LC_ALL; {text}")
        found[name] = host.asked()
    return found


def test_each_line_that_needs_root_is_let_through(calls: dict[str, list[Call]]) -> None:
    assert {name for name, ran in calls.items() if not ran} == BY_THEIR_OWN
    assert {call.uid for ran in calls.values() for call in ran} == {0}
    words = {quoted(call.argv[1:]) for ran in calls.values() for call in ran}
    for last in ("-d sat /dev/sda", "-d megaraid,8 /dev/bus/0", "-d nvme /dev/nvme0"):
        assert f"--json=c -n standby -i -H -A -l devstat {last}" in words
    assert {"--detail /dev/md0", "--detail /dev/md_d127", "device stats '/srv/my disk'"} <= words
    assert {"host-data-source-query data-source=cpu_avg uuid=9f1c", "-rx 'core show version'"} <= words


HARM = (
    "vgs --config 'log{file=/etc/cron.d/x}'", "lvs --reportformat json --config 'log{file=/etc/x}'",
    "smartctl -s off /dev/sda", "smartctl --json=c -t long /dev/sda", "smartctl --json=c -B /etc/shadow /dev/sda",
    "smartctl --json=c -n standby -i -H -A -l devstat -d sat /dev/sda -s off",
    "smartctl --json=c -n standby -i -H -A -l devstat -d sat -s off /dev/sda",
    "mdadm --detail /dev/md0 --stop /dev/md1", "mdadm --detail /dev/md0 --zero-superblock /dev/sda1", "mdadm --stop /dev/md0",
    "btrfs device stats / -z", "btrfs device stats -z /", "btrfs filesystem resize -1g /", "btrfs filesystem usage -b / -z",
    "ceph status -o /etc/cron.d/x", "ceph status --format json -o /etc/cron.d/x", "ceph osd dump --format json --admin-daemon /x",
    "ceph osd pool rm x", "pvesh set /access/password", "pvesh get /access/users --output-format json", "pvesh create /nodes/a/execute",
    "xe host-list params=all", "xe host-data-source-query data-source=cpu_avg uuid=a -s elsewhere", "xe vm-shutdown uuid=a",
    "bconsole", "bconsole -n", "bconsole -c /tmp/x", "asterisk -rx 'core stop now'", "asterisk -rx 'core show version' -x '!sh'",
    "nvme format /dev/nvme0", "storcli64 /call delete", "ssacli ctrl all delete forced", "multipath -F",
    "smbstatus --configfile=/etc/shadow", "/usr/openv/netbackup/bin/admincmd/bpdbjobs -cancel 7", "sh", "id",
)  # fmt: skip
"""What would write, destroy, show a secret or give a shell."""

OPTIONS = (("-v",), ("--config=x",), ("-o", "/etc/cron.d/x"), ("-s", "off"))
WORDS = ((";", "id"), ("/dev/sdz",), ("/etc/shadow",), ("\nid",))
"""Words after those of a line. btrfs is asked by mount points, whose names may have spaces, so that sudo cannot tell one from two:
of more than one it tells what it tells of one."""

AROUND = ("-u nobody", "-s", "-i", "-E", "-D /tmp", "LD_PRELOAD=/tmp/x.so", "PATH=/tmp")
"""What sudo is told before them."""


def test_nothing_else_runs_as_root(host: Prepared, calls: dict[str, list[Call]]) -> None:
    lines = sorted({call.argv for ran in calls.values() for call in ran})
    tried = [
        *HARM,
        *(quoted((*line, *more)) for line in lines for more in OPTIONS),
        *(quoted((*line, *more)) for line in lines for more in WORDS if not line[0].endswith("/btrfs")),
        *(f"{options} {quoted(lines[0])}" for options in AROUND),
    ]
    script = "\n".join(f"sudo -n {line} </dev/null || echo refused" for line in tried)
    assert host.run("sh -s", stdin=script).stdout.count("refused") == len(tried)
    assert host.asked() == []


def test_the_key_of_the_account_forwards_nothing_and_has_no_terminal(host: Prepared) -> None:
    assert host.run("id -un").stdout == "jauge\n"
    forwards = host.run("", "-W", "127.0.0.1:22")
    assert forwards.returncode != 0
    assert "administratively prohibited" in forwards.stderr
    backwards = host.run("true", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:22")
    assert backwards.returncode != 0
    assert "remote port forwarding failed" in backwards.stderr
    assert "PTY allocation request failed" in host.run("tty", "-tt").stderr
    assert host.run("echo $SSH_AUTH_SOCK$DISPLAY", "-A", "-X").stdout == "\n"
    assert host.run("echo $LD_PRELOAD$PATH", "-o", "SetEnv=LD_PRELOAD=/tmp/x.so").stdout.startswith("/")
