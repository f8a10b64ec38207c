"""The web configuration file beside promtool, which is what exporter-toolkit itself says of one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
import servers
from certificates import Authority
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporters.web.config import WebConfigError, duration, load
from exporters.web.door import rules

HASH: Final = (
    "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"  # the one that exporter-toolkit publishes
)
CHEAP: Final = "$2y$04$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"


class Place(NamedTuple):
    """A folder with a certificate (server.pem, server.key) and an authority (ca.pem)."""

    folder: Path
    promtool: str

    def write(self, text: str) -> Path:
        file = self.folder / "web.yml"
        file.write_text(
            text.replace("TLS:", "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n")
        )
        return file

    def promtool_says(self, file: Path) -> str:
        """Nothing where promtool takes a file, else why it does not."""
        argv = [self.promtool, "check", "web-config", file.name]
        ran = subprocess.run(argv, cwd=self.folder, capture_output=True, text=True, timeout=30, check=False)
        return "" if ran.returncode == 0 else ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("web")
    authority = Authority(folder)
    signed = authority.sign()
    (folder / "server.pem").write_bytes(signed.certificate.read_bytes())
    (folder / "server.key").write_bytes(signed.key.read_bytes())
    (folder / "other.key").write_bytes(authority.sign().key.read_bytes())
    (folder / "ca.pem").write_bytes(authority.file.read_bytes())
    (folder / "junk.pem").write_text("junk")
    return Place(folder, servers.program("promtool", "prometheus"))


def ours(file: Path) -> str:
    """Nothing where Jauge takes a file, else why it does not."""
    try:
        rules(file)
    except WebConfigError as error:
        return str(error)
    return ""


BOTH_TAKE: Final = [
    "",
    "{}",
    "# nothing\n",
    "tls_server_config:\n",
    "tls_server_config: {}\nhttp_server_config: {}\nbasic_auth_users: {}\n",
    "TLS:",
    "TLS:  min_version: TLS13\n",
    "TLS:  max_version: TLS12\n",
    "TLS:  client_ca_file: ca.pem\n  client_auth_type: RequireAndVerifyClientCert\n",
    "TLS:  client_ca_file: ca.pem\n  client_auth_type: VerifyClientCertIfGiven\n",
    "TLS:  client_auth_type: NoClientCert\n",
    "TLS:  client_auth_type: ''\n",
    "TLS:  client_auth_type: RequestClientCert\n",
    "TLS:  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]\n",
    "TLS:  cipher_suites: [TLS_AES_128_GCM_SHA256]\n",
    "TLS:  cipher_suites:\n  prefer_server_cipher_suites: false\n",
    *(f"TLS:  curve_preferences: [{curve}]\n" for curve in ("CurveP256", "CurveP384", "CurveP521", "X25519")),
    "TLS:http_server_config: {http2: false}\n",
    "http_server_config: {http2: true, headers: {Strict-Transport-Security: max-age=31536000, X-XSS-Protection: ''}}",
    "http_server_config: {headers: {X-Frame-Options: deny, X-Content-Type-Options: nosniff}}",
    f"basic_auth_users: {{alice: {HASH}, 'bob martin': '{HASH}', 12: {HASH}}}",
    f"basic_auth_users: {{alice: {HASH.replace('2y', '2b')}}}",
]  # fmt: skip
BOTH_REFUSE: Final = [
    "- a list",
    "text",
    "no_such_section: {}",
    "tls_server_config: {cert_file: server.pem}",
    "tls_server_config: {key_file: server.key}",
    "tls_server_config: {cert_file: '', key_file: server.key}",
    "tls_server_config: {cert_file: absent.pem, key_file: server.key}",
    "tls_server_config: {cert_file: server.pem, key_file: absent.key}",
    "tls_server_config: {cert_file: junk.pem, key_file: server.key}",
    "tls_server_config: {cert_file: server.pem, key_file: junk.pem}",
    "tls_server_config: {cert_file: server.pem, key_file: other.key}",
    "tls_server_config: {client_auth_type: RequireAndVerifyClientCert}",
    "TLS:  no_such_key: 1\n",
    "TLS:  Min_Version: TLS12\n",
    "TLS:  min_version: TLS14\n",
    "TLS:  min_version: 1.2\n",
    "TLS:  cipher_suites: [TLS_INVENTED]\n",
    "TLS:  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n",
    "TLS:  curve_preferences: [CurveP999]\n",
    "TLS:  client_auth_type: Whatever\n",
    "TLS:  client_ca_file: ca.pem\n",
    "TLS:  client_ca_file: absent.pem\n  client_auth_type: RequireAndVerifyClientCert\n",
    "TLS:  prefer_server_cipher_suites: perhaps\n",
    "http_server_config: {http2: 'yes'}",
    "http_server_config: {http2: 1}",
    "http_server_config: {headers: {X-Powered-By: jauge}}",
    "http_server_config: {headers: {X-Frame-Options: allow}}",
    "http_server_config: {headers: {X-Frame-Options: ''}}",
    "http_server_config: {headers: {X-Content-Type-Options: sniff}}",
    "basic_auth_users: [alice]",
    "basic_auth_users: {alice: secret}",
    "basic_auth_users: {alice: }",
    f"basic_auth_users: {{alice: {HASH}, alice: {HASH}}}",
    f"basic_auth_users: {{alice: {HASH.replace('$10$', '$99$')}}}",
    "tls_server_config: {a: b",
    "a: b: c",
]  # fmt: skip
REFUSED_HERE: Final = [
    ("TLS:  min_version: TLS10\n", "min_version is broken (RFC 8996)"),
    ("TLS:  min_version: TLS13\n  max_version: TLS12\n", "a min_version above its max_version"),
    ("TLS:  cipher_suites: [TLS_RSA_WITH_AES_128_GCM_SHA256]\n", "no forward secrecy"),
    ("TLS:  cipher_suites: [TLS_AES_128_GCM_SHA256]\n  max_version: TLS12\n", "suites of TLS 1.3 alone"),
    ("TLS:  curve_preferences: [X25519, CurveP256]\n", "can name one curve"),
    ("TLS:  client_auth_type: RequireAnyClientCert\n", "write RequireAndVerifyClientCert"),
    ("TLS:  client_auth_type: RequireClientCert\n", "write RequireAndVerifyClientCert"),
    ("TLS:  client_auth_type: RequireAndVerifyClientCert\n", "give client_ca_file"),
    ("TLS:  client_ca_file: junk.pem\n  client_auth_type: RequireAndVerifyClientCert\n", "client_ca holds no certificate"),
    ("tls_server_config: {min_version: TLS13}", "names no certificate"),
    (f"basic_auth_users: {{alice: {CHEAP}}}", "a hash of cost 04"),
    (f"basic_auth_users: {{alice: {HASH.replace('$10$', '$31$')}}}", "a hash of cost 31"),
    (f"basic_auth_users: {{'a:b': {HASH}}}", "a name with a colon"),
    ('http_server_config: {headers: {Content-Security-Policy: "a\\r\\nSet-Cookie: b"}}', "printable ASCII"),
    ("http_server_config: {http2: yes}", "http2 is not right"),
    ("--- {}\n---\n", "a second document"),
]  # fmt: skip


@pytest.mark.parametrize("text", BOTH_TAKE)
def test_what_both_take_is_taken(place: Place, text: str) -> None:
    file = place.write(text)
    assert (place.promtool_says(file), ours(file)) == ("", "")


@pytest.mark.parametrize("text", BOTH_REFUSE)
def test_what_promtool_refuses_is_refused(place: Place, text: str) -> None:
    file = place.write(text)
    assert place.promtool_says(file)
    assert ours(file).startswith(f"{file}:")


@pytest.mark.parametrize(("text", "why"), REFUSED_HERE)
def test_what_cannot_be_kept_is_refused_with_its_reason(place: Place, text: str, why: str) -> None:
    file = place.write(text)
    assert place.promtool_says(file) == ""
    assert why in ours(file)
    assert ours(file).startswith(f"{file}:")


SANS: Final = (
    "TLS:  client_ca_file: ca.pem\n  client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: "
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("rate_limit: {interval: 1s, burst: 20}", ""),
        ("rate_limit: {interval: 1m30s, burst: 1}", ""),
        ("rate_limit: {interval: 0}", ""),
        ("rate_limit:", ""),
        ("rate_limit: {interval: 1s}", "would answer nobody"),
        ("rate_limit: {interval: 1d, burst: 1}", "interval is no duration"),
        ("rate_limit: {interval: -1s, burst: 1}", "interval is no duration"),
        ("rate_limit: {interval: 5, burst: 1}", "interval is no duration"),
        ("rate_limit: {interval: 1s, burst: many}", "burst is not right"),
        (SANS + "[prometheus.test]\n", ""),
        (SANS + "[]\n", "lets nobody in"),
        ("TLS:  client_allowed_sans: [a]\n", "that needs client_auth_type RequireAndVerifyClientCert"),
        ("TLS:  cert: abc\n", "gives both cert and cert_file"),
    ],
)
def test_what_the_toolkit_has_learnt_since_is_taken_as_it_documents_it(
    place: Place, text: str, why: str
) -> None:
    file = place.write(text)
    if text != "rate_limit:":
        assert "not found in type" in place.promtool_says(
            file
        )  # once Debian's knows these, they join the lists above
    assert why in ours(file)
    assert bool(why) == bool(ours(file))


def test_certificates_may_stand_in_the_file(place: Place) -> None:
    parts = {"cert": "server.pem", "key": "server.key", "client_ca": "ca.pem"}
    section = {name: (place.folder / file).read_text() for name, file in parts.items()}
    file = place.write(
        json.dumps({"tls_server_config": {**section, "client_auth_type": "RequireAndVerifyClientCert"}})
    )
    assert ours(file) == ""
    secret = section["key"].splitlines()[3]
    assert secret not in repr(load(file)) + str(load(file))


SECTION: Final[dict[str, st.SearchStrategy[Any]]] = {
    "cert_file": st.sampled_from(["server.pem", "server.pem", "absent.pem", "junk.pem", "", None, 7, []]),
    "key_file": st.sampled_from(["server.key", "server.key", "other.key", "", None, True]),
    "client_ca_file": st.sampled_from(["ca.pem", "absent.pem", None]),
    "client_auth_type": st.sampled_from(
        ["NoClientCert", "RequireAndVerifyClientCert", "VerifyClientCertIfGiven", "requireandverify", None]
    ),
    "min_version": st.sampled_from(["TLS10", "TLS12", "TLS13", "SSL3", 12, None]),
    "max_version": st.sampled_from(["TLS12", "TLS13", "tls13"]),
    "cipher_suites": st.lists(
        st.sampled_from(["TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-SHA", 3]),
        max_size=2,
    ),
    "curve_preferences": st.lists(st.sampled_from(["X25519", "CurveP256", "P-256"]), max_size=2),
    "prefer_server_cipher_suites": st.sampled_from([True, False, "false", 0, None]),
    "unknown": st.just(1),
}  # fmt: skip
FILE: Final = st.fixed_dictionaries(
    {},
    optional={
        "tls_server_config": st.fixed_dictionaries(
            {name: SECTION[name] for name in ("cert_file", "key_file")},
            optional={name: one for name, one in SECTION.items() if name not in ("cert_file", "key_file")},
        ),
        "http_server_config": st.fixed_dictionaries(
            {},
            optional={
                "http2": st.sampled_from([True, False, "true", None]),
                "headers": st.dictionaries(
                    st.sampled_from(["X-Frame-Options", "X-XSS-Protection", "x-frame-options"]),
                    st.sampled_from(["deny", "", None, 1]),
                    max_size=2,
                ),
            },
        ),
        "basic_auth_users": st.dictionaries(
            st.sampled_from(["alice", "", "bob"]),
            st.sampled_from([HASH, HASH, HASH[:-1], "", None, 5]),
            max_size=2,
        ),
        "more": st.just({}),
    },
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=FILE)
def test_nothing_is_taken_that_promtool_refuses(place: Place, content: dict[str, Any]) -> None:
    file = place.write(json.dumps(content))
    said = ours(file)
    assert said or place.promtool_says(file) == ""
    assert all(line.startswith(f"{file}:") for line in said.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        f"basic_auth_users: {{'{HASH}': alice}}",
        f"basic_auth_users: {{'alice:{HASH}': }}",
        f"basic_auth_users: 'alice:{HASH}'",
        f"basic_auth_users: [{{alice: {HASH}}}]",
        f"basic_auth_users: {{alice: [{HASH}]}}",
        f"'alice:{HASH}': 1",
        f"alice: {HASH}",
        f'http_server_config: {{headers: {{Content-Security-Policy: "{HASH}\\n"}}}}',
        f"tls_server_config: {{cert_file: server.pem, key: [{HASH}]}}",
        f"tls_server_config: {{cert_file: server.pem, key: '{HASH}'}}",
        f"basic_auth_users: {{alice: *{HASH}}}",
        f"basic_auth_users: {{alice: !{HASH}}}",
    ],
)
def test_no_refusal_tells_a_secret(place: Place, text: str) -> None:
    said = ours(place.write(text))
    assert said
    assert HASH[7:] not in said


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("500ms", 0.5), ("1h2m3s", 3723), ("1.5m", 90), (".5s", 0.5), ("100us", 1e-4), ("100µs", 1e-4),
     ("1ns", 1e-9), ("+2s", 2), ("0", 0), (0, 0), ("0s", 0), (None, 0)],
)  # fmt: skip
def test_a_duration_is_read_as_go_writes_it(text: object, seconds: float) -> None:
    assert duration(text) == pytest.approx(seconds)
