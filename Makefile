# What a person does with Jauge. `make` alone lists it. CI calls the same targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
ESTATE ?= estate.yml
# Workers that test beside each other.
JOBS ?= $(shell scripts/jobs)
# Servers that the tests start: net-snmp, OpenSSH, Orthanc, DCMTK, restic, borg, rsnapshot, Bacula, VictoriaMetrics, Prometheus, its Alertmanager,
# SNMP and node exporters, RabbitMQ, a browser, LibreOffice, poppler, what machines store on (Ceph, ZFS, btrfs, PostgreSQL, MariaDB), what people
# log in with (OpenLDAP, Samba, LemonLDAP::NG), and what looks at the units of systemd.
SERVERS := snmpd snmp openssh-server sudo orthanc dcmtk restic prometheus prometheus-alertmanager jsonnet victoria-metrics prometheus-snmp-exporter prometheus-node-exporter rabbitmq-server busybox mksh chromium fonts-dejavu-core gettext \
	ceph-mon ceph-osd ceph-mgr ceph-common zfs-fuse btrfs-progs postgresql mariadb-server \
	borgbackup rsnapshot rsync bacula-director bacula-director-sqlite3 bacula-common-sqlite3 bacula-sd bacula-fd bacula-console dbconfig-sqlite3 libreoffice-calc-nogui libreoffice-impress-nogui poppler-utils \
	testssl.sh slapd liblemonldap-ng-portal-perl libstring-random-perl libio-string-perl libcrypt-openssl-bignum-perl starman samba-ad-dc samba-dsdb-modules samba-ad-provision \
	systemd
# What a whole machine is made and started with, as a proof.
MACHINE := debootstrap systemd-container
# What python-ldap is built with.
LDAP := gcc libc6-dev python3-dev libldap-dev libsasl2-dev
LOCKS := pyproject.toml requirements.txt requirements-build.txt requirements-uv.txt scripts/setup
SOURCES := inventory collectors exporters forecasting dashboard jauge

# A proof is a long suite: it takes more than ten minutes, and is run before a release.
PYTEST := $(BIN)/pytest -n $(JOBS) --dist loadgroup

# Tests start Jauge hundreds of times: each would compile every module anew where bytecode is forbidden.
test proof: export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup run ldap test proof lint format docs site words screenshots lock sbom wheel bundle clean

help: ## List what can be made
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name what; do \
		printf '  make %-11s %s\n' "$$name" "$$what"; done

setup: .venv/.installed ## Make .venv with .venv/bin/jauge, from the locks

run: .venv/.installed ## Start the demo; with estate.yml (or ESTATE=path), start that estate
	@if [ -e "$(ESTATE)" ]; then exec $(BIN)/jauge start "$(ESTATE)"; else exec $(BIN)/jauge demo; fi

ldap: .venv/.ldap ## Add what logins by LDAP need (docs/access.md)

test: .venv/.site ## Run the tests, against real servers on loopback (ARGS="-k snmp")
	@scripts/debian $(SERVERS) || echo "Tests that need them will be skipped, with the reason."
	@$(MAKE) .venv/.ldap || echo "Tests of LDAP will be skipped: it could not be built."
	@$(PYTEST) -m "not proof" $(ARGS)

proof: .venv/.tools ## Run the long suites as well
	@scripts/debian $(SERVERS) $(MACHINE)
	@$(MAKE) .venv/.ldap
	@JAUGE_PROOF=1 $(BIN)/pytest -m proof --timeout 3600 $(ARGS)

.PHONY: sbom
sbom: .venv/.tools ## Write what the program is made of to dist/jauge.cdx.json (CycloneDX)
	@$(BIN)/python scripts/sbom.py dist/jauge.cdx.json

lint: .venv/.tools ## Check style, types, security, direction of imports, and that the docs are up to date
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet || { echo "Not formatted: make format"; $(BIN)/ruff format --check; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/python scripts/rules.py
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m jauge.reference --check

format: .venv/.tools ## Format the code, and mend what ruff can
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format

docs: .venv/.installed ## Write the references in docs/ from the code, and the dashboards in mixin/
	@$(BIN)/python -m jauge.reference
	@$(BIN)/python scripts/dashboards.py

site: .venv/.site ## Build the documentation as a site, into site/ (any warning is an error)
	@$(BIN)/python scripts/site/build.py site

screenshots: .venv/.tools ## Make the pictures in docs/images from a demo (DEMO=folder of one that runs)
	@DEMO="$(DEMO)" $(BIN)/python tests/screenshots.py

words: .venv/.installed ## Bring the translations up to date with the texts, and name what is to be translated
	@$(BIN)/python -m dashboard.words.catalogue

lock: .venv/.installed ## Lock the dependencies of pyproject.toml again (UPGRADE=--upgrade for newer ones)
	@scripts/lock $(UPGRADE)

wheel: .venv/.installed ## Make the wheel in dist/: the same bytes from the same commit
	@scripts/wheel dist

bundle: .venv/.installed ## Make a tar in dist/ to install from without a network (WITH=ldap: and what logins by LDAP need)
	@scripts/bundle dist $(WITH)

clean: ## Remove .venv and every cache; data/ and estate.yml stay
	rm -rf .venv site .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed: $(LOCKS)
	@scripts/setup run
	@touch $@

.venv/.tools: $(LOCKS) requirements-dev.txt
	@scripts/setup dev
	@touch .venv/.installed $@

.venv/.site: requirements-docs.txt .venv/.tools
	@scripts/setup site
	@touch $@

.venv/.ldap: requirements-ldap.txt .venv/.installed
	@scripts/debian $(LDAP) || echo "Trying all the same."
	@scripts/setup ldap
	@touch $@
