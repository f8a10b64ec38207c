"""Rules of our own about security: each finds what it is for, lets pass what is right, and the program keeps to all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripting import script

ROOT = Path(__file__).parent.parent


rules = script("rules")

FOUND = {
    "shell": [
        "subprocess.run('ls', shell=True)", "subprocess.Popen(words, shell=asked)", "os.system('ls')", "os.popen(x)",
        "subprocess.getoutput('ls')", "await asyncio.create_subprocess_shell(x)",
    ],
    "dollar": [
        "re.match(r'^[a-z]+$', x)", "re.compile('^a$')", "re.search(r'a\\\\$', x)", "re.fullmatch(r'a$', x, re.ASCII)",
    ],
    "yaml": ["yaml.load(x, Loader=yaml.Loader)", "yaml.unsafe_load(x)", "YAML()", "YAML(typ='unsafe')", "ruamel.yaml.YAML(typ='rt')"],
    "pickle": ["import pickle", "from pickle import loads", "import marshal, json", "import joblib", "import shelve as s"],
    "unverified": [
        "httpx.get(url, timeout=1, verify=False)", "session.get(url, ssl=False)", "ssl._create_unverified_context()",
        "context.check_hostname = False", "context.verify_mode = ssl.CERT_NONE",
    ],
    "sql": [
        "db.execute(f'SELECT * FROM t WHERE name = {form[0]}')", "db.execute(f'DELETE FROM t WHERE id = {value()}')",
        "db.execute('SELECT * FROM t WHERE n = %s' % n)", "db.executescript('DROP TABLE {}'.format(n))",
        "db.execute(f\"SELECT 1 WHERE n = '{n.upper()}'\")",
    ],
    "logged": [
        "log.info(f'{user} came')", "log.warning('came: ' + user)", "log.error('came: {}'.format(user))",
        "log.info('login', password=password)", "log.debug('sent', url=secret.reveal())", "self.log.info('x', token=t)",
    ],
    "timeless": [
        "urllib.request.urlopen(url)", "socket.create_connection((h, p))", "smtplib.SMTP(host, 25)", "requests.get(url)",
        "httpx.post(url, timeout=None)", "httpx.AsyncClient(timeout=None)", "aiohttp.ClientSession()",
    ],
    "zero": [
        "Sample('m', told.get('a', 0))", "Sample('m', value or 0.0, labels())", "Sample('m', float(x or 0))",
        "Sample('m', x if x else 0)", "metrics.Sample(metric='m', value=a.get(k, 0))",
    ],
}  # fmt: skip
PASSES = {
    "shell": ["subprocess.run(['ls', x])", "subprocess.run(['ls'], shell=False)", "await asyncio.create_subprocess_exec('ls')"],
    "dollar": ["re.fullmatch('[a-z]+', x)", "re.compile(r'^a$', re.MULTILINE)", "re.compile(r'costs 3\\$')", "re.match('[^$]', x)"],
    "yaml": ["YAML(typ='safe')", "YAML(typ='safe', pure=True).load(x)", "json.load(file)"],
    "pickle": ["import json", "from struct import pack", "import picklelike"],
    "unverified": ["httpx.get(url, timeout=1, verify=context)", "context.check_hostname = True", "context.verify_mode = ssl.CERT_REQUIRED"],
    "sql": [
        "db.execute('SELECT * FROM t WHERE name = ?', (name,))", "db.execute(f'SELECT * FROM {table} WHERE id = ?', (key,))",
        "db.execute(f'SELECT {COLUMNS} FROM t WHERE id IN ({marks})', keys)", "pool.execute(job)",
        "db.executemany(f\"INSERT INTO t VALUES ({','.join('?' * 4)})\", rows)",
    ],
    "logged": ["log.info('came', user=user)", "log.warning('refused', reason='no token')", "math.log(f(x))", "self.catalog.info(f'{x}')"],
    "timeless": [
        "urllib.request.urlopen(url, timeout=2)", "socket.create_connection((h, p), 3)", "smtplib.SMTP(host, 25, timeout=30)",
        "httpx.AsyncClient(verify=context)", "aiohttp.ClientSession(timeout=patience)", "cache.get(url)",
    ],
    "zero": ["Sample('m', float(told['a']))", "Sample('m', 0.0)", "seen[key] = seen.get(key, 0) + 1", "Sample('m', x if x else y)"],
}  # fmt: skip


def broken(code: str, file: str = "collectors/x.py") -> list[str]:
    return [problem.split(": ")[1] for problem in rules.problems(code + "\n", file)]


def test_every_rule_has_cases_that_it_finds_and_cases_that_it_lets_pass() -> None:
    assert {rule.name for rule in rules.RULES} == set(FOUND) == set(PASSES)


@pytest.mark.parametrize(("rule", "code"), [(rule, code) for rule, codes in FOUND.items() for code in codes])
def test_a_rule_finds_what_it_is_for(rule: str, code: str) -> None:
    assert rule in broken(code)


@pytest.mark.parametrize(("rule", "code"), [(rule, code) for rule, codes in PASSES.items() for code in codes])
def test_a_rule_lets_pass_what_is_right(rule: str, code: str) -> None:
    assert broken(code) == []


def test_an_exception_needs_its_reason_and_something_that_it_excuses() -> None:
    assert broken("import pickle  # rule: pickle - our own process wrote it") == []
    assert list(rules.problems("import pickle  # rule: pickle\n", "a.py")) == [
        "a.py:1: pickle: an exception needs its reason: # rule: pickle - why"
    ]
    assert list(rules.problems("import json  # rule: pickle - old\n", "a.py")) == [
        "a.py:1: this excuses nothing: take it away"
    ]
    assert broken("import pickle  # rule: shell - another") == ["pickle", "this excuses nothing"]


def test_unknown_values_are_looked_for_among_collectors_alone() -> None:
    assert broken("Sample('m', x or 0)", "dashboard/x.py") == []


@pytest.mark.filterwarnings("ignore:The verify_requirements")  # bandit's own, about a library of its own
def test_bandit_heeds_a_reason_that_ruff_heeds_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text(
        "def f(db, t):\n"
        "    db.execute(f'SELECT a FROM {t} WHERE 1')  # noqa: S608 - ours\n"
        "    db.execute(f'SELECT b FROM {t} WHERE 1')  # noqa: S608\n"
        "    db.execute(f'SELECT c FROM {t} WHERE 1')  # noqa: S301 - of another number\n"
        "    db.execute(f'SELECT d FROM {t} WHERE 1')  # nosec\n",
        "utf-8",
    )
    found = rules.by_bandit([file])
    assert [problem.split(": ")[:2] for problem in found] == [
        [f"{file}:{line}", "B608"] for line in (3, 4, 5)
    ]


def test_the_program_keeps_to_the_rules() -> None:
    for folder in rules.SOURCES:
        for file in (ROOT / folder).rglob("*.py"):
            assert list(rules.problems(file.read_text("utf-8"), str(file.relative_to(ROOT)))) == []
