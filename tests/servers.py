"""Real servers for the tests: how one is started, waited for and stopped.

Every server listens on loopback, on its own port and in its own folder, and is stopped by its own PID.
A component that is not installed skips the test with the reason; with `CI=true` that is a failure.
"""

from __future__ import annotations

import contextlib
import dataclasses
import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from aiohttp import web
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE

LOOPBACK = "127.0.0.1"
Process = subprocess.Popen[bytes]


def missing(reason: str) -> None:
    """Skip this test for a reason; fail it where everything has to be there (`CI=true`)."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (CI=true: nothing may be skipped)", pytrace=False)
    pytest.skip(reason)


def program(name: str, package: str) -> str:
    """The path of a program, or a skip that names its Debian package."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin:/usr/local/sbin")
    if path is None:
        missing(f"{name} is not installed: apt-get install {package}")
    return str(path)


def corpus() -> Path:
    """The folder of recorded data, or a skip."""
    place = os.environ.get("JAUGE_CORPUS")
    if not place or not Path(place).is_dir():
        missing("JAUGE_CORPUS names no folder: recorded data is not here")
    return Path(str(place)).resolve()


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that was free a moment ago."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder that a server without our rights can enter: pytest's own is closed to others."""
    place = Path(tempfile.mkdtemp(prefix="jauge-test-"))
    place.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(place, "nobody", "nogroup")
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def start(argv: Sequence[str], log: Path, *, drop: bool = True, **options: Any) -> Process:
    """Start a server, its output in `log`. As root it is run as nobody, unless `drop` is false."""
    command = list(argv)
    if drop and os.geteuid() == 0:
        command = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--", *command]
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **options,
        )


def wait(ready: Callable[[], bool], process: Process, log: Path | None = None, timeout: float = 20) -> None:
    """Wait until `ready` says so; an exception of it means: not yet."""
    end = time.monotonic() + timeout
    last: Exception | None = None
    while time.monotonic() < end:
        if process.poll() is not None:
            said = log.read_text(errors="replace")[-2000:] if log else ""
            raise RuntimeError(f"exited with {process.returncode}: {said}")
        try:
            if ready():
                return
        except Exception as error:
            last = error  # whatever it is: not yet
        time.sleep(0.02)
    raise TimeoutError(f"not ready after {timeout} s: {last!r}")


def stop(process: Process, sign: signal.Signals = signal.SIGTERM, timeout: float = 10) -> None:
    """Stop a server that `start` started, and what it started."""
    if process.poll() is None:
        process.send_signal(sign)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def get(url: str, **options: Any) -> httpx.Response:
    """What a server on loopback answers. The authorities of this machine are not read for that: it costs 20 ms of a processor."""
    return httpx.get(url, trust_env=False, verify=False, **options)


def answers(port: int) -> bool:
    """Whether something listens on that TCP port."""
    with socket.create_connection((LOOPBACK, port), timeout=0.5):
        return True


@contextlib.contextmanager
def running(
    argv: Sequence[str],
    ready: Callable[[], bool],
    log: Path,
    *,
    sign: signal.Signals = signal.SIGTERM,
    **options: Any,
) -> Iterator[Process]:
    """A server for the time of a `with`."""
    process = start(argv, log, **options)
    try:
        wait(ready, process, log)
        yield process
    finally:
        stop(process, sign)


@contextlib.asynccontextmanager
async def listening(application: web.Application) -> AsyncIterator[str]:
    """A web application of our own, for the time of a `with`; gives its address."""
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, 0).start()
    try:
        yield f"{LOOPBACK}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


# --- SNMP -----------------------------------------------------------------------------------------------

AUTH, PRIVACY = "authpass123", "privpass123"
PAIRS = (("MD5", "DES"), ("SHA", "AES"), ("SHA-256", "AES"), ("SHA-256", "AES-256"), ("SHA-512", "AES"))
"""What Debian's snmpd offers, by the names of the estate."""


def snmpget(port: int, login: str, oid: str) -> str:
    """What net-snmp's own client is answered."""
    command = [
        "snmpget",
        "-v2c",
        "-c",
        login,
        "-r0",
        "-t0.3",
        "-On",
        "-Oqv",
        f"{LOOPBACK}:{port}",
        oid,
    ]
    environment = os.environ | {"MIBS": "", "SNMP_PERSISTENT_DIR": "/tmp/jauge-test-snmp"}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.strip()


@dataclasses.dataclass(frozen=True)
class Snmpd:
    """A real net-snmp agent on this machine. `users` holds its SNMPv3 users by (auth, privacy)."""

    port: int
    users: dict[tuple[str, str], str]


@contextlib.contextmanager
def snmpd(lines: Sequence[str] = ()) -> Iterator[Snmpd]:
    """A net-snmp agent that answers the community `public` and a user of each of PAIRS.

    `lines` are more of its configuration.
    """
    program("snmpget", "snmp")
    path = program("snmpd", "snmpd")
    port = free_port(socket.SOCK_DGRAM)
    with folder() as place:
        users = [
            f"createUser u{number} {auth} {AUTH} {'AES256' if privacy == 'AES-256' else privacy} {PRIVACY}\nrouser u{number} priv"
            for number, (auth, privacy) in enumerate(PAIRS)
        ]
        config = place / "snmpd.conf"
        config.write_text(
            f"agentAddress udp:{LOOPBACK}:{port}\nrocommunity public {LOOPBACK}\n"
            'sysName pacs-01.test\nsysLocation "rack <script>alert(1)</script>"\n'
            + "\n".join([*users, *lines])
            + "\n"
        )
        log = place / "log"
        (place / "persist").mkdir()
        (place / "persist").chmod(0o777)
        argv = [path, "-f", "-Lo", "-C", "-c", str(config), "-p", str(place / "pid"), "-I", "-smux"]
        options = {"env": os.environ | {"SNMP_PERSISTENT_DIR": str(place / "persist"), "MIBS": ""}}
        with running(argv, lambda: bool(snmpget(port, "public", "1.3.6.1.2.1.1.5.0")), log, **options):
            yield Snmpd(port, {pair: f"u{number}" for number, pair in enumerate(PAIRS)})


# --- SSH ------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Sshd:
    """A real OpenSSH server that lets its own account in by key."""

    port: int
    user: str
    key: Path
    known_hosts: Path
    folder: Path

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


@contextlib.contextmanager
def snmpsim() -> Iterator[int]:
    """The port of an agent that answers as each recorded device: the community names the recording."""
    program("snmpget", "snmp")
    recordings = corpus() / "recordings"
    port = free_port(socket.SOCK_DGRAM)
    with folder() as place:
        argv = [str(Path(sys.executable).parent / "snmpsim-command-responder")]
        argv += [f"--data-dir={recordings}", f"--cache-dir={place}"]
        argv += [f"--agent-udpv4-endpoint={LOOPBACK}:{port}"]
        if os.geteuid() == 0:
            argv += ["--process-user=root", "--process-group=root"]
        log = place / "log"
        process = start(argv, log, drop=False)
        try:
            wait(lambda: bool(snmpget(port, "linux-centos6", "1.3.6.1.2.1.1.1.0")), process, log, timeout=90)
            yield port
        finally:
            stop(process)


def key_pair(path: Path, kind: str = "ed25519") -> Path:
    """A new key pair without passphrase: `path` and `path`.pub."""
    keygen = program("ssh-keygen", "openssh-client")
    subprocess.run([keygen, "-q", "-t", kind, "-N", "", "-f", str(path)], check=True, capture_output=True)
    return path


def public(key: Path) -> str:
    """Type and text of a public key, as known_hosts wants it."""
    return " ".join(key.with_suffix(".pub").read_text().split()[:2])


@contextlib.contextmanager
def sshd(lines: Sequence[str] = (), kinds: Sequence[str] = ("ed25519",)) -> Iterator[Sshd]:
    """OpenSSH's server with further `lines` of configuration, which go before ours, and a host key of each kind.

    Only the first host key is in `known_hosts`. An ordinary user's server lets in that user only; as root
    it is root who logs in, by key.
    """
    server = program("sshd", "openssh-server")
    with folder() as place:
        keys = [key_pair(place / f"host_{kind}", kind) for kind in kinds]
        login = key_pair(place / "login")
        shutil.copy(login.with_suffix(".pub"), place / "authorized_keys")
        port = free_port()
        (place / "known_hosts").write_text(f"[{LOOPBACK}]:{port} {public(keys[0])}\n")
        (place / "sshd_config").write_text("\n".join([*lines, *_sshd_config(place, port, keys), ""]))
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True, mode=0o755)
        log = place / "log"
        argv = [server, "-D", "-e", "-f", str(place / "sshd_config")]
        with running(argv, lambda: answers(port), log, drop=False):
            yield Sshd(port, getpass.getuser(), login, place / "known_hosts", place)


def _sshd_config(place: Path, port: int, keys: Sequence[Path]) -> list[str]:
    return [
        f"Port {port}",
        f"ListenAddress {LOOPBACK}",
        *(f"HostKey {key}" for key in keys),
        f"PidFile {place}/pid",
        f"AuthorizedKeysFile {place}/authorized_keys",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "UsePAM no",
        "StrictModes no",  # the folder's owner would be refused
        "PermitTTY no",
        "AllowTcpForwarding no",
        "PermitRootLogin prohibit-password",
        "MaxStartups 200",
        f"SetEnv RESTIC_CACHE_DIR={place}/cache",
    ]


# --- PACS -----------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Orthanc:
    """A real Orthanc: DICOM and REST."""

    http: int
    dicom: int
    aet: str
    user: str
    password: str

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.http}"

    def get(self, path: str) -> Any:
        """What Orthanc itself says, past everything of ours."""
        answer = get(self.url + path, auth=(self.user, self.password), timeout=5)
        return answer.raise_for_status().json()


@contextlib.contextmanager
def orthanc(**settings: Any) -> Iterator[Orthanc]:
    """An empty Orthanc; `settings` go into its configuration."""
    import json

    server = program("Orthanc", "orthanc")
    with folder() as place:
        archive = Orthanc(free_port(), free_port(), "ORTHANC", "mon", "orthanc-secret")
        (place / "orthanc.json").write_text(json.dumps(_orthanc_config(place, archive) | settings))
        ready = lambda: bool(archive.get("/system")) and answers(archive.dicom)  # noqa: E731 - one condition
        # SIGKILL: an orderly stop takes 3.5 s, and nothing of it is kept
        argv = [server, str(place / "orthanc.json")]
        with running(argv, ready, place / "log", sign=signal.SIGKILL):
            yield archive


def _orthanc_config(place: Path, archive: Orthanc) -> dict[str, Any]:
    return {
        "Name": "TEST",
        "StorageDirectory": f"{place}/db",
        "IndexDirectory": f"{place}/db",
        "HttpPort": archive.http,
        "DicomPort": archive.dicom,
        "DicomAet": archive.aet,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {archive.user: archive.password},
        "DicomCheckCalledAet": False,
        "DicomAlwaysAllowEcho": True,
        "DicomAlwaysAllowStore": True,
        "Plugins": [],
        "HttpThreadsCount": 4,
        "StableAge": 1,
    }


def ct_slice(patient: str, study: str, series: str, number: int) -> FileDataset:
    """One CT slice of noise with synthetic names."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID = meta.MediaStorageSOPClassUID
    data.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    data.PatientName, data.PatientID = f"SYNTHETIC^{patient}", patient
    data.StudyInstanceUID, data.SeriesInstanceUID = study, series
    data.StudyDate, data.Modality, data.InstanceNumber = "20260105", "CT", number
    data.Rows = data.Columns = 64
    data.SamplesPerPixel, data.PhotometricInterpretation, data.PixelRepresentation = 1, "MONOCHROME2", 0
    data.BitsAllocated = data.BitsStored = 16
    data.HighBit = 15
    data.PixelData = np.random.default_rng(number).integers(0, 4096, (64, 64), dtype=np.uint16).tobytes()
    return data


def push(archive: Orthanc, patients: int = 2, slices: int = 5) -> None:
    """Store CT slices over DICOM: a study of one series for each patient."""
    entity = AE("PROBE")
    entity.add_requested_context(CTImageStorage, ExplicitVRLittleEndian)
    association = entity.associate(LOOPBACK, archive.dicom, ae_title=archive.aet)
    assert association.is_established
    for patient in range(patients):
        study, series = generate_uid(), generate_uid()
        for number in range(slices):
            status = association.send_c_store(ct_slice(f"TEST-{patient:03}", study, series, number))
            assert status.Status == 0
    association.release()


@contextlib.contextmanager
def dcmqrscp(aet: str = "PACS2") -> Iterator[int]:
    """DCMTK's archive, which rejects every called title but its own. Yields its port."""
    server = program("dcmqrscp", "dcmtk")
    with folder() as place:
        (place / "db").mkdir()
        if os.geteuid() == 0:
            shutil.chown(place / "db", "nobody", "nogroup")
        port = free_port()
        (place / "cfg").write_text(
            f"NetworkTCPPort = {port}\nMaxPDUSize = 16384\nMaxAssociations = 16\n"
            "HostTable BEGIN\nHostTable END\nVendorTable BEGIN\nVendorTable END\n"
            f"AETable BEGIN\n{aet} {place}/db RW (200, 1024mb) ANY\nAETable END\n"
        )
        with running([server, "-c", str(place / "cfg")], lambda: answers(port), place / "log"):
            yield port


# --- backup ---------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Restic:
    """A real restic repository with snapshots in the past."""

    repository: Path
    password_file: Path
    times: tuple[str, ...]

    def ask(self, *arguments: str) -> str:
        """What restic itself says, past everything of ours."""
        argv = ["restic", "-r", str(self.repository), "--password-file", str(self.password_file)]
        return subprocess.run(
            [*argv, "--no-cache", *arguments], check=True, capture_output=True, text=True
        ).stdout


@contextlib.contextmanager
def restic(
    times: Sequence[str] = ("2026-01-05 02:00:00", "2026-01-06 02:00:00", "2026-01-07 02:00:00"),
    host: str = "pacs-01",
    tag: str = "nightly",
) -> Iterator[Restic]:
    """A repository with a snapshot of one growing folder at each of `times` (local time of this machine)."""
    program("restic", "restic")
    with folder() as place:
        password = place / "password file"  # the space is on purpose: commands must quote it
        password.write_text("restic-secret-passphrase")
        source = place / "source"
        source.mkdir()
        repository = Restic(place / "repository", password, tuple(times))
        repository.ask("init")
        for number, moment in enumerate(times):
            (source / f"{number}.bin").write_bytes(np.random.default_rng(number).bytes(200_000))
            repository.ask("backup", str(source), "--host", host, "--tag", tag, "--time", moment)
        yield repository
