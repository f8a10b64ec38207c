"""Secrets that were used leave no process in a text that is not ours."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from inventory.credentials import Secret
from inventory.masking import mask

SECRET = 'Kp7/n"Äq 9z'


def test_a_secret_that_was_used_is_masked_however_it_is_written() -> None:
    Secret(SECRET).reveal()
    for written in (SECRET, json.dumps(SECRET)[1:-1], quote(SECRET), quote(SECRET, safe="")):
        assert mask(f"the server said {written}!") == "the server said ***!"


def test_a_secret_within_another_leaves_nothing_of_either() -> None:
    Secret("whole-Xq81").reveal()
    Secret("the-whole-Xq81-of-it").reveal()
    assert mask("the-whole-Xq81-of-it and whole-Xq81") == "*** and ***"


def test_a_line_of_a_private_key_is_masked_alone() -> None:
    Secret("-----BEGIN KEY-----\nQk3vLinE1\nQk3vLinE2").reveal()
    assert "Qk3v" not in mask("bad base64 in Qk3vLinE2")


@pytest.mark.parametrize(
    "written",
    [
        f"Authorization: Basic {base64.b64encode(b'jauge:Zt5-never-used').decode()}",
        "authorization: bearer Zt5-never-used",
        "https://jauge:Zt5-never-used@nas.example/api",
        "password=Zt5-never-used",
        '{"password": "Zt5-never-used"}',
        "token: Zt5-never-used",
        "community='Zt5-never-used'",
    ],
)
def test_what_looks_like_a_secret_is_masked_though_nobody_used_it(written: str) -> None:
    assert "Zt5" not in mask(written)
    assert "never" not in mask(written)
    assert "***" in mask(written)


def test_words_that_are_no_secrets_stay() -> None:
    Secret("public").reveal()
    Secret("abc").reveal()
    said = (
        "the public address abc of http://nas-01:8080/x failed: basic auth, a token and a password are needed"
    )
    assert mask(said) == said
