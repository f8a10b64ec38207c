"""OpenLDAP with a few people of a hospital in it, over TLS only. Nobody knows LDAP better than slapd."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import servers
from certificates import Authority

BASE: Final = "dc=hospital,dc=example"
STAFF: Final = f"ou=staff,{BASE}"
ACCOUNT: Final = f"cn=jauge,{BASE}"
ACCOUNT_PASSWORD: Final = "the account that searches"
PASSWORD: Final = "a long password of hers"
GROUPS: Final = {
    role: f"cn=jauge-{role},ou=groups,{BASE}" for role in ("viewer", "operator", "manager", "admin")
}

_CONFIGURATION: Final = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {place}/slapd.pid
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
TLSCACertificateFile {authority}
TLSVerifyClient never
loglevel stats
# What Active Directory does too: a name without a password is somebody who did not log in, and that succeeds.
allow bind_anon_cred
security tls=1
database mdb
suffix {base}
rootdn cn=root,{base}
directory {place}/db
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{account}" read by * none
"""

_PEOPLE: Final = f"""
dn: {BASE}
objectClass: dcObject
objectClass: organization
dc: hospital
o: Hospital

dn: {ACCOUNT}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: jauge
userPassword: {ACCOUNT_PASSWORD}

dn: {STAFF}
objectClass: organizationalUnit
ou: staff

dn: ou=elsewhere,{STAFF}
objectClass: organizationalUnit
ou: elsewhere

dn: ou=groups,{BASE}
objectClass: organizationalUnit
ou: groups

{{people}}
dn: {GROUPS["viewer"]}
objectClass: posixGroup
cn: jauge-viewer
gidNumber: 100
memberUid: alan
memberUid: ada

dn: {GROUPS["operator"]}
objectClass: groupOfNames
cn: jauge-operator
member: uid=ada,{STAFF}

dn: {GROUPS["admin"]}
objectClass: groupOfUniqueNames
cn: jauge-admin
uniqueMember: cn=Grace Hopper \\28RADM\\29\\2C USN,{STAFF}
"""

_PERSON: Final = """dn: {entry}
objectClass: inetOrgPerson
cn: {cn}
sn: {cn}
uid: {uid}
userPassword: {password}

"""


@dataclasses.dataclass(frozen=True)
class Slapd:
    """A server: where it listens, with TLS from the beginning and without, and what it logs."""

    tls: str
    plain: str
    authority: Path
    log: Path

    def asked(self) -> list[str]:
        """What it was asked so far, in the words of its log: BIND, SRCH ..."""
        said = self.log.read_text(errors="replace")
        return re.findall(r' op=\d+ (BIND|SRCH) (?:dn="[^"]*" method|base)=', said)


def _people() -> str:
    known = [
        (f"uid=ada,{STAFF}", "Ada", "ada"),
        (f"cn=Grace Hopper \\28RADM\\29\\2C USN,{STAFF}", "Grace Hopper (RADM), USN", "Grace"),
        (f"uid=alan,ou=elsewhere,{STAFF}", "Alan", "alan"),
        (f"uid=zoe,{STAFF}", "Zoe", "zoe"),
        (f"uid=twin,{STAFF}", "Twin", "twin"),
        (f"uid=twin,ou=elsewhere,{STAFF}", "Twin", "twin"),
    ]
    return "".join(_PERSON.format(entry=entry, cn=cn, uid=uid, password=PASSWORD) for entry, cn, uid in known)


@contextlib.contextmanager
def slapd() -> Iterator[Slapd]:
    """A server with its people."""
    daemon = servers.program("slapd", "slapd")
    with servers.folder() as place:
        authority = Authority(place)
        mine = authority.sign()
        configuration, people = place / "slapd.conf", place / "people.ldif"
        (place / "db").mkdir()
        (place / "db").chmod(0o777)
        configuration.write_text(
            _CONFIGURATION.format(
                place=place, base=BASE, account=ACCOUNT, authority=authority.file,
                certificate=mine.certificate, key=mine.key,
            )
        )  # fmt: skip
        people.write_text(_PEOPLE.replace("{people}", _people()))
        adding = servers.start(
            [daemon, "-T", "add", "-f", str(configuration), "-l", str(people)], place / "add.log"
        )
        if adding.wait(60) != 0:
            raise subprocess.CalledProcessError(
                adding.returncode, "slapadd", (place / "add.log").read_bytes()
            )
        tls, plain = servers.free_port(), servers.free_port()
        urls = f"ldaps://{servers.LOOPBACK}:{tls}/ ldap://{servers.LOOPBACK}:{plain}/"
        log = place / "slapd.log"
        process = servers.start([daemon, "-h", urls, "-f", str(configuration), "-d", "stats"], log)
        try:
            servers.wait(lambda: servers.answers(tls) and servers.answers(plain), process, log)
            yield Slapd(
                f"ldaps://{servers.LOOPBACK}:{tls}", f"ldap://{servers.LOOPBACK}:{plain}", authority.file, log
            )
        finally:
            servers.stop(process)
