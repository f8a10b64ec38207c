"""Logins by Active Directory, as Samba has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from domains import ACCOUNT_PASSWORD, PASSWORD, USERS, Domain, samba

from dashboard.access import directory
from dashboard.access.outsiders import Outsider
from inventory.access import Directory
from inventory.credentials import LdapLogin

pytestmark = pytest.mark.proof

LOGIN = LdapLogin.model_validate({"user": "jauge@hospital.example", "password": ACCOUNT_PASSWORD})


def declared(domain: Domain, **more: Any) -> Directory:
    plain = {
        "servers": [domain.ldaps],
        "ca": str(domain.authority),
        "credential": "ad",
        "base": USERS,
        "name": "sAMAccountName",
        "filter": "(&(objectCategory=person)(objectClass=user))",
        "nested": True,
        "roles": {"operator": [f"CN=jauge-operators,{USERS}"], "admin": [f"CN=Domain Admins,{USERS}"]},
    }
    return Directory.model_validate(plain | more)


def test_active_directory_lets_in_members_of_groups_in_groups(tmp_path: Path) -> None:
    entry = f"CN=ada,{USERS}"
    with samba(tmp_path) as domain:
        for section, role in (
            (declared(domain), "operator"),
            (declared(domain, servers=[domain.ldap]), "operator"),
            (declared(domain, nested=False), None),
        ):
            found = directory.person(section, LOGIN, "ADA", PASSWORD)
            assert found == Outsider("ada", role, "ldap", entry)  # type: ignore[arg-type] # one of ROLES
        admin = directory.person(declared(domain, nested=False), LOGIN, "administrator", "Passw0rd-Of-Admin")
        assert admin is not None
        assert admin.role == "admin"
        for name, password in (("ada", "wrong"), ("ada", ""), ("nobody", PASSWORD), ("*)(cn=*", PASSWORD)):
            assert directory.person(declared(domain), LOGIN, name, password) is None
