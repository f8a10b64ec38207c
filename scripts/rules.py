"""Rules of our own about security, which no linter knows: `python scripts/rules.py [FILE ...]` (make lint does it).

Each rule looks at the syntax tree of a file, and names what it finds by file and line. Where a rule does not hold, the line says so with
the reason: `# rule: NAME - why`; one that excuses nothing is an error too. Beside them bandit looks at every file. Its findings have numbers that ruff's have as well
(B608 is S608), so one comment excuses both: `# noqa: S608 - why`; where bandit alone finds something, `# rule: B608 - why`. Without a reason
nothing is excused (docs/decisions/0042).
"""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent
KEPT: Final = ROOT / ".cache" / "bandit.json"
"""Files in which nothing was found, by digest."""
SOURCES: Final = ("inventory", "collectors", "exporters", "forecasting", "dashboard", "jauge")
_EXCUSE: Final = re.compile(r"# rule: ([a-z-]+|B[0-9]{3})(?: - (\S.*))?")
_NOQA: Final = re.compile(r"# noqa: ((?:[A-Z]+[0-9]+, )*[A-Z]+[0-9]+)(?: - (\S.*))?")
_SECRET: Final = re.compile(
    r"password|passphrase|secret|token|community|private_key|credential", re.IGNORECASE
)


@dataclasses.dataclass(frozen=True)
class Rule:
    """One rule: `found` says of a node of a file's tree whether it breaks it."""

    name: str
    why: str
    found: Callable[[ast.AST], bool]
    only: tuple[str, ...] = ()
    """Folders that it is about; all where none is named."""


def _dotted(node: ast.AST) -> str:
    """`subprocess.run` of a name or an attribute; what is called or indexed on the way is left out."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))


def _keyword(node: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in node.keywords if one.arg == name), None)


def _is(node: ast.AST | None, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


_SHELLS: Final = frozenset(
    (
        "os.system",
        "os.popen",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
        "asyncio.create_subprocess_shell",
    )
)


def _shell(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    asked = _keyword(node, "shell")
    return _dotted(node.func) in _SHELLS or (asked is not None and not _is(asked, False))


_PATTERNS: Final = frozenset(f"re.{name}" for name in ("compile", "match", "search", "fullmatch"))


def _dollar(node: ast.AST) -> bool:
    """A pattern that ends with $ lets one newline through behind it."""
    if not isinstance(node, ast.Call) or _dotted(node.func) not in _PATTERNS or not node.args:
        return False
    pattern = node.args[0]
    if not isinstance(pattern, ast.Constant) or not isinstance(pattern.value, str):
        return False
    flags = {name for one in ast.walk(node) if isinstance(one, ast.Attribute) and (name := one.attr)}
    return bool(re.search(r"(?<!\\)(\\\\)*\$$", pattern.value)) and not flags & {"MULTILINE", "M"}


def _yaml(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = _dotted(node.func)
    if called in ("yaml.load", "yaml.load_all", "yaml.full_load", "yaml.unsafe_load"):
        return True
    kind = _keyword(node, "typ")
    return (called.split(".")[-1] == "YAML" and isinstance(kind, ast.Constant) and kind.value != "safe") or (
        called.split(".")[-1] == "YAML" and kind is None
    )


def _pickle(node: ast.AST) -> bool:
    names = (
        [one.name for one in node.names]
        if isinstance(node, ast.Import)
        else [node.module or ""]
        if isinstance(node, ast.ImportFrom)
        else []
    )
    return any(
        name.split(".")[0] in ("pickle", "cPickle", "marshal", "shelve", "dill", "joblib") for name in names
    )


def _unverified(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        unchecked = _is(_keyword(node, "verify"), False) or _is(_keyword(node, "ssl"), False)
        return unchecked or _dotted(node.func).endswith("_create_unverified_context")
    if isinstance(node, ast.Assign):
        names = {target.attr for target in node.targets if isinstance(target, ast.Attribute)}
        return "check_hostname" in names and _is(node.value, False)
    return isinstance(node, ast.Attribute) and node.attr == "CERT_NONE"


_EXECUTES: Final = frozenset(("execute", "executemany", "executescript"))


def _named(node: ast.expr) -> bool:
    """What may stand in SQL: a name, a constant, or as many question marks as there are values."""
    if isinstance(node, ast.Name | ast.Attribute | ast.Constant):
        return True
    if isinstance(node, ast.Call):
        plain = (
            isinstance(node.func, ast.Attribute)
            and node.func.attr == "join"
            and isinstance(node.func.value, ast.Constant)
        )
        return plain or _dotted(node.func) == "len"
    return isinstance(node, ast.BinOp) and _named(node.left)


def _sql(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
        return False
    if node.func.attr not in _EXECUTES:
        return False
    text = node.args[0]
    if isinstance(text, ast.JoinedStr):
        return not all(_named(one.value) for one in text.values if isinstance(one, ast.FormattedValue))
    if isinstance(text, ast.Call):
        return isinstance(text.func, ast.Attribute) and text.func.attr == "format"
    return isinstance(text, ast.BinOp) and isinstance(text.op, ast.Mod)


_LOGS: Final = frozenset(("log", "logger", "_log", "logging"))
_LEVELS: Final = frozenset(("debug", "info", "warning", "error", "exception", "critical"))


def _logged(node: ast.AST) -> bool:
    """A log line whose words are put together, or to which a secret is given: words are fixed, values stand beside them by name."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr not in _LEVELS or _dotted(node.func.value).split(".")[-1] not in _LOGS:
        return False
    words = node.args[0] if node.args else None
    built = isinstance(words, ast.JoinedStr | ast.BinOp | ast.Call)
    given = [one for one in node.keywords if one.arg and _SECRET.fullmatch(one.arg)]
    revealed = [one for one in ast.walk(node) if isinstance(one, ast.Attribute) and one.attr == "reveal"]
    return built or bool(given or revealed)


_TIMED: Final = frozenset(
    (
        "urllib.request.urlopen", "urlopen", "socket.create_connection", "smtplib.SMTP", "smtplib.SMTP_SSL",
        "aiohttp.ClientSession",
        *(f"{library}.{verb}" for library in ("requests", "httpx") for verb in ("get", "post", "put", "request", "stream")),
    )
)  # fmt: skip
_POSITION: Final = {"urllib.request.urlopen": 2, "urlopen": 2, "socket.create_connection": 1}


def _timeless(node: ast.AST) -> bool:
    """A call over a network that may wait for ever."""
    if not isinstance(node, ast.Call):
        return False
    called = _dotted(node.func)
    if called not in _TIMED and not (
        called in ("httpx.Client", "httpx.AsyncClient") and _is(_keyword(node, "timeout"), None)
    ):
        return False
    given = _keyword(node, "timeout")
    if given is None and called in _POSITION and len(node.args) > _POSITION[called]:
        return False
    return given is None or _is(given, None)


def _zero(node: ast.AST) -> bool:
    """A value of a sample that is 0 where nothing was told."""
    if not isinstance(node, ast.Call) or _dotted(node.func).split(".")[-1] != "Sample":
        return False
    value = node.args[1] if len(node.args) > 1 else _keyword(node, "value")
    return value is not None and any(map(_defaults_to_zero, ast.walk(value)))


def _defaults_to_zero(node: ast.AST) -> bool:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        return _is_zero(node.values[-1])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        return len(node.args) == 2 and _is_zero(node.args[1])
    return isinstance(node, ast.IfExp) and _is_zero(node.orelse)


def _is_zero(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0 and not isinstance(node.value, bool)


RULES: Final = (
    Rule("shell", "no shell is started: give a list of words", _shell),
    Rule("dollar", "$ lets a newline through: use fullmatch, or \\Z", _dollar),
    Rule("yaml", "only YAML(typ='safe') reads files", _yaml),
    Rule("pickle", "what is unpickled runs: use JSON", _pickle),
    Rule("unverified", "certificates are checked, but where the estate says otherwise", _unverified),
    Rule("sql", "values are bound (?), only names of ours stand in SQL", _sql),
    Rule("logged", "words of the log are fixed, values are named beside them, secrets are in neither", _logged),
    Rule("timeless", "whoever waits for a network says for how long (timeout=)", _timeless),
    Rule("zero", "unknown is no sample, and never 0", _zero, only=("collectors",)),
)  # fmt: skip


def problems(text: str, file: str, rules: Sequence[Rule] = RULES) -> Iterator[str]:
    """What a file breaks, and each excuse that excuses nothing or gives no reason."""
    lines = text.splitlines()
    excuses = {
        number: match
        for number, line in enumerate(lines, 1)
        if (match := _EXCUSE.search(line)) and not match[1].startswith("B")
    }
    used: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        for rule in rules:
            if rule.only and not file.startswith(rule.only):
                continue
            if not rule.found(node):
                continue
            line, end = getattr(node, "lineno", 1), getattr(node, "end_lineno", 1)
            at = next((n for n in range(line, end + 1) if n in excuses and excuses[n][1] == rule.name), 0)
            used.add(at)
            if not at:
                yield f"{file}:{line}: {rule.name}: {rule.why}"
            elif not excuses[at][2]:
                yield f"{file}:{at}: {rule.name}: an exception needs its reason: # rule: {rule.name} - why"
    for number in sorted(set(excuses) - used):
        yield f"{file}:{number}: this excuses nothing: take it away"


def by_bandit(files: Sequence[Path], root: Path = ROOT) -> list[str]:
    """What bandit finds, but for lines that say why not, in the words that ruff reads."""
    from bandit.core.config import BanditConfig  # noqa: PLC0415 - half a second, where nothing has changed
    from bandit.core.manager import BanditManager  # noqa: PLC0415 - as above

    skips = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["bandit"]["skips"]
    manager = BanditManager(BanditConfig(), "file", profile={"exclude": skips}, ignore_nosec=True, quiet=True)
    manager.discover_files([str(file) for file in files])
    manager.run_tests()
    found = [f"{file}: bandit cannot read it: {why}" for file, why in manager.get_skipped()]
    texts: dict[str, list[str]] = {}
    for issue in manager.get_issue_list():
        lines = texts.setdefault(issue.fname, Path(issue.fname).read_text("utf-8").splitlines())
        if not _excused(issue, lines):
            name = Path(issue.fname)
            shown = name.relative_to(root) if name.is_relative_to(root) else name
            found.append(f"{shown}:{issue.lineno}: {issue.test_id}: {issue.text}")
    return found


def _excused(issue: Any, lines: list[str]) -> bool:
    """Whether one of the lines of a finding bears ruff's number for it with a reason."""
    spread = lines[min(issue.linerange) - 1 : max(issue.linerange)]
    for form, code in ((_NOQA, "S" + issue.test_id[1:]), (_EXCUSE, issue.test_id)):
        said = map(form.search, spread)
        if any(match and code in match[1].split(", ") and match[2] for match in said):
            return True
    return False


def _ours(files: list[Path]) -> list[str]:
    named = ((file, file.relative_to(ROOT) if file.is_relative_to(ROOT) else file) for file in files)
    return [one for file, name in named for one in problems(file.read_text("utf-8"), str(name))]


def _kept(files: Sequence[Path]) -> list[str]:
    """What is found, asked anew of files that changed alone: bandit takes ten times as long as all else here."""
    rules = [
        (ROOT / name).read_bytes() for name in ("pyproject.toml", "requirements-dev.txt", "scripts/rules.py")
    ]
    ground = hashlib.sha256(b"\0".join(rules)).hexdigest()
    try:
        known = json.loads(KEPT.read_text("utf-8"))
    except (OSError, ValueError):
        known = {}
    if known.get("ground") != ground:
        known = {"ground": ground, "clean": []}
    digests = {file: hashlib.sha256(str(file).encode() + file.read_bytes()).hexdigest() for file in files}
    clean = set(known["clean"])
    asked = [file for file in files if digests[file] not in clean]
    with ProcessPoolExecutor(2) as pool:
        found = (
            [one for half in pool.map(by_bandit, (asked[::2], asked[1::2])) for one in half] if asked else []
        )
    if not found:
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(
            json.dumps({"ground": ground, "clean": sorted(clean | set(digests.values()))}), "utf-8"
        )
    return found


def main(words: list[str]) -> int:
    """Look at files, or at all of the program; 1 where something was found."""
    files = [Path(word).resolve() for word in words] or sorted(
        path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")
    )
    found = _kept(files)
    print("\n".join(sorted(found)), end="\n" if found else "")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
