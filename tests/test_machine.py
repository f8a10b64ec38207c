"""A whole machine: a minimal Debian, Jauge installed in it from the bundle as docs/installing.md says, started by systemd, and
reached over TLS with a login. It has no network but its own loopback."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bcrypt
import pytest
import servers
from certificates import Authority

ROOT = Path(__file__).parent.parent
INSTALLING = (ROOT / "docs" / "installing.md").read_text("utf-8")
HOST = "jauge.hospital.example"
PASSWORD = "correct-horse-battery-9"

RELEASE = {"3.11": "bookworm", "3.13": "trixie"}
MIRROR = os.environ.get("JAUGE_DEBIAN", "http://deb.debian.org/debian")
PACKAGES = "systemd,systemd-sysv,dbus,python3,python3-venv,curl,nginx-light"

ESTATE = """
timezone: Europe/Paris
credentials: {box: {snmp: v2c, community: systemd:array-community}}
targets:
  - {name: here, host: true, interval: 2s}
  - {name: box, address: 127.0.0.1, interval: 2s, snmp: {credential: box, port: 1161}}
"""

WORK = f"""
say() {{ printf '%s\\t%s\\n' "$1" "$2" >>/proof/said; }}
ask() {{ curl --silent --show-error --max-time 60 --cacert /proof/ca.pem --resolve {HOST}:443:127.0.0.1 --resolve {HOST}:9640:127.0.0.1 "$@"; }}
until_so() {{ for _ in $(seq 240); do eval "$1" && return; sleep 0.5; done; say "never" "$1"; }}
stands() {{ systemctl show --property=StatusText --value "$1"; }}

# The demo speaks every protocol; what its name begins with gives it all that holds for services of Jauge.
systemd-run --quiet --unit=jauge-demo --property=SystemCallFilter=setpriority \
    /opt/jauge/bin/jauge demo --directory /var/lib/jauge/demo --web.config.file /etc/jauge/web.yml
until_so '[ "$(ask --user prometheus:{PASSWORD} https://{HOST}:9640/metrics/estate | grep -c "^jauge_target_up.* 1.0$")" -ge 17 ]'
say demo "$(ask --user prometheus:{PASSWORD} https://{HOST}:9640/metrics/estate | grep '^jauge_target_up' | grep -o '[01].0$' | sort | uniq -c | tr -s ' \n' ' ')"
until_so '[ "$(ask --output /dev/null --write-out "%{{http_code}}" http://localhost:8050/)" = 200 ]'
say demo-page "$(ask --output /dev/null --write-out '%{{http_code}}' http://localhost:8050/)"
systemctl stop jauge-demo
systemd-run --quiet --wait --unit=jauge-report /opt/jauge/bin/jauge report /var/lib/jauge/demo/estate.yml \
    --data /var/lib/jauge/demo/data --output /var/lib/jauge/papers
say report "$? $(ls /var/lib/jauge/papers | wc -l)"

systemctl start jauge.target
say collector "$(systemctl is-active jauge-collector)"
until_so '[ "$(systemctl is-active jauge-dashboard)" = active ]'
until_so 'stands jauge-collector | grep -q "1 of 2 targets answer$"'
say stands "$(stands jauge-collector)"
say pages "$(stands jauge-dashboard)"
say closed "$(ask --output /dev/null --write-out '%{{http_code}}' https://{HOST}:9640/metrics/estate)"
say scrape "$(ask --user prometheus:{PASSWORD} https://{HOST}:9640/metrics/estate | grep -c '^jauge_target_up')"
say secret "$(ask --user prometheus:{PASSWORD} https://{HOST}:9640/metrics/estate | grep '^jauge_target_errors_total.*"box"' | grep -o 'reason="[a-z_]*"' | sort -u)"
say gate "$(ask --output /dev/null --write-out '%{{http_code}}' https://{HOST}/)"
say wrong "$(ask --output /dev/null --write-out '%{{http_code}}' --header 'Origin: https://{HOST}' --data name=ada --data password=wrong https://{HOST}/login)"
say login "$(ask --output /dev/null --write-out '%{{http_code}}' --cookie-jar /proof/jar --header 'Origin: https://{HOST}' --data name=ada --data password={PASSWORD} https://{HOST}/login)"
say page "$(ask --output /dev/null --write-out '%{{http_code}}' --cookie /proof/jar https://{HOST}/)"
say api "$(ask --cookie /proof/jar https://{HOST}/api/v1/targets)"

systemctl reload jauge-collector; say reload $?
for one in plan backup; do systemctl start jauge-$one; say $one $?; done
say backups "$(ls /var/lib/jauge-backup/*/manifest.json | wc -l)"

systemctl kill --signal=STOP jauge-collector
until_so '[ "$(systemctl show --property=NRestarts --value jauge-collector)" = 1 ]'
until_so '[ "$(systemctl is-active jauge-collector)" = active ]'
say watchdog "$(journalctl --unit jauge-collector --grep 'Watchdog timeout' --output cat | head -1)"

cp /opt/jauge/share/jauge/systemd/variants/dynamic-user.conf /etc/systemd/system/jauge-.service.d/20-dynamic-user.conf
systemctl stop jauge.target 'jauge-*'
userdel jauge; chmod 755 /etc/jauge; chmod 644 /etc/jauge/estate.yml
systemctl daemon-reload; systemctl start jauge.target
until_so 'stands jauge-collector | grep -q "1 of 2 targets answer$"'
until_so '[ "$(systemctl is-active jauge-dashboard)" = active ]'
say dynamic "$(readlink /var/lib/jauge) $(stat --format=%u /var/lib/private/jauge)"
say again "$(ask --output /dev/null --write-out '%{{http_code}}' --cookie /proof/jar https://{HOST}/)"

rm /etc/systemd/system/jauge-.service.d/20-dynamic-user.conf
systemctl stop jauge.target 'jauge-*'
systemd-sysusers jauge.conf; systemctl daemon-reload; systemctl start jauge.target
until_so 'stands jauge-collector | grep -q "1 of 2 targets answer$"'
until_so '[ "$(systemctl is-active jauge-dashboard)" = active ]'
say static "$(stat --format='%F %U' /var/lib/jauge)"
say third "$(ask --output /dev/null --write-out '%{{http_code}}' --cookie /proof/jar https://{HOST}/)"
say faults "$(journalctl --boot --output cat | grep -c Traceback)"
systemctl stop jauge.target
say stopped "$(systemctl show --property=Result --value jauge-collector) $(systemctl show --property=Result --value jauge-dashboard)"
say verified "$(systemd-analyze verify --man=no --recursive-errors=no $(find /etc/systemd/system -maxdepth 1 -type f -name "jauge*") 2>&1)"
"""
"""What is done within the machine; `said` has a line for each answer."""


def run(*words: object, **options: Any) -> str:
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, f"{words}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a minimal Debian, with the Python that the bundle is for."""
    servers.program("debootstrap", "debootstrap")
    servers.program("systemd-nspawn", "systemd-container")
    if os.geteuid():
        servers.missing("only root makes a machine")
    python = ".".join(map(str, sys.version_info[:2]))
    if python not in RELEASE:
        servers.missing(f"no release of Debian has Python {python}")
    place = tmp_path_factory.mktemp("machine") / "root"
    place.parent.chmod(0o755)
    run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", RELEASE[python], place, MIRROR)
    yield place
    shutil.rmtree(place)


def within(machine: Path, *words: object, boot: bool = False) -> str:
    """What a command says in the machine, or the whole of its run where it is started, until it is switched off."""
    how = ["--boot", "--kill-signal=SIGRTMIN+3"] if boot else ["--as-pid2"]
    return run(
        *("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--console=pipe"),
        *("--hostname=jauge", f"--directory={machine}", *how, *words),
    )


def written(machine: Path, name: str, text: str, mode: int = 0o644) -> None:
    place = machine / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)  # a link there would lead to a file of this machine
    place.write_text(text)
    place.chmod(mode)


def installed(machine: Path, bundle: Path) -> None:
    """The steps of docs/installing.md."""
    with tarfile.open(bundle) as tar:
        tar.extractall(machine / "root", filter="tar")
    within(machine, f"/root/{bundle.name.removesuffix('.tar')}/install")
    (machine / "proof").mkdir(exist_ok=True)
    authority = Authority(machine / "proof")
    authority.file.rename(machine / "proof" / "ca.pem")
    certificate = authority.sign(HOST)
    shutil.copy(certificate.certificate, machine / "etc" / "ssl" / "jauge.pem")
    shutil.copy(certificate.key, machine / "etc" / "ssl" / "private" / "jauge.key")
    written(machine, "etc/sysusers.d/jauge.conf", (ROOT / "packaging/systemd/sysusers.conf").read_text())
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(10)).decode()
    web = f"tls_server_config: {{cert_file: jauge.pem, key_file: jauge.key}}\nbasic_auth_users: {{prometheus: '{hashed}'}}\n"
    for name, text in {
        "estate.yml": ESTATE,
        "web.yml": web,
        "jauge.pem": certificate.certificate.read_text(),
        "collector.env": f"JAUGE_LISTEN={HOST}:9640\nJAUGE_WEB_CONFIG=/etc/jauge/web.yml\n",
        "dashboard.env": f"JAUGE_EXTERNAL_URL=https://{HOST}\n",
    }.items():
        written(machine, f"etc/jauge/{name}", text)
    written(machine, "etc/jauge/jauge.key", certificate.key.read_text())
    written(machine, "etc/hosts", f"127.0.0.1 localhost {HOST}\n")
    written(machine, "etc/jauge/secrets/array-community", "public\n", 0o600)
    proxy = re.search(r"```nginx\n(.+?)```", INSTALLING, re.DOTALL)
    assert proxy
    written(machine, "etc/nginx/sites-enabled/default", proxy[1])
    drop = "[Service]\nLoadCredential=array-community:/etc/jauge/secrets/array-community\nWatchdogSec=10\n"
    written(machine, "etc/systemd/system/jauge-collector.service.d/credentials.conf", drop)


def prepared(machine: Path) -> None:
    """The shell of the machine: its user, its units, and the work that it does once it is started."""
    written(machine, "proof/password", PASSWORD)
    written(machine, "proof/work", WORK)
    proof = (
        "[Unit]\nAfter=multi-user.target nginx.service\n[Service]\nType=oneshot\n"
        "ExecStart=/bin/bash /proof/work\nExecStopPost=/bin/systemctl --no-block poweroff\nTimeoutStartSec=15min\n"
        "[Install]\nWantedBy=default.target\n"
    )
    written(machine, "etc/systemd/system/proof.service", proof)
    within(
        machine,
        *("/bin/bash", "-euc"),
        "systemd-sysusers jauge.conf; install -d -o jauge -g jauge -m 0700 /var/lib/jauge; chgrp -R jauge /etc/jauge\n"
        "cp -r /opt/jauge/share/jauge/systemd/jauge* /etc/systemd/system/\n"
        "systemctl enable jauge.target jauge-collector jauge-dashboard jauge-plan.timer jauge-backup.timer proof\n"
        "systemctl disable jauge.target; ln -s /opt/jauge/bin/jauge /usr/local/bin/jauge\n"
        "jauge check /etc/jauge/estate.yml --web.config.file /etc/jauge/web.yml\n"
        "runuser -u jauge -- jauge user add ada --role admin --data /var/lib/jauge --password-file /proof/password",
    )


@pytest.mark.proof
def test_a_debian_without_a_network_runs_jauge_as_installing_says(
    machine: Path, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    done = run(ROOT / "scripts" / "bundle", tmp_path)
    installed(machine, Path(done.splitlines()[-1]))
    prepared(machine)
    within(machine, boot=True)
    lines = (machine / "proof" / "said").read_text().split("\n")
    said = dict(line.split("\t", 1) for line in lines if "\t" in line)
    print(json.dumps(said, indent=1))
    counts = {value: int(count) for count, value in re.findall(r"(\d+) ([01])\.0", said["demo"])}
    release = (machine / "etc" / "debian_version").read_text().strip()
    tell(
        f"Debian {release}, {within(machine, 'systemctl', '--version').split(' (')[0]}; the demo in the sandbox of a service: "
        f"{counts.get('1', 0)} of {sum(counts.values())} targets answer; over TLS {said['closed']}, with a login {said['page']}; "
        f"a collector that hung: {said['watchdog']}"
    )
    assert "never" not in said
    assert counts["1"] >= 17  # the others are in trouble on purpose
    assert said["demo-page"] == "200"
    assert said["report"].startswith("0 ")
    assert said["collector"] == "active"
    assert said["stands"] == "1 of 2 targets answer"
    assert said["pages"] == "pages are answered by 2 processes"
    assert (said["closed"], said["scrape"]) == ("401", "2")
    assert said["secret"] in {
        'reason="refused"',
        'reason="timeout"',
    }  # it was found: without it nobody is asked
    assert (said["gate"], said["wrong"], said["login"], said["page"]) == ("302", "401", "303", "200")
    assert {target["name"] for target in json.loads(said["api"])["items"]} == {"here", "box"}
    assert (said["reload"], said["plan"], said["backup"], said["backups"]) == ("0", "0", "0", "1")
    assert "Watchdog timeout" in said["watchdog"]
    link, user = said["dynamic"].split()
    assert link == "private/jauge"
    assert 61_184 <= int(user) <= 65_519  # users that systemd makes
    assert said["static"] == "directory jauge"
    assert (said["again"], said["third"]) == ("200", "200")
    assert said["faults"] == "0"
    assert said["stopped"] == "success success"
    assert said["verified"] == ""
