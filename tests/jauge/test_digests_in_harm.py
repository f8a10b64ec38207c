"""Digests where others mean harm or fail: texts of devices, servers that stall, words that are wrong, a disk that is full, an address that is none."""

from __future__ import annotations

import datetime as dt
import email
import os
import resource
import time
from collections.abc import Callable, Iterator
from email.headerregistry import Address
from pathlib import Path

import pytest
from digesting import NOW, Bench, alone, mail, text
from harming import sent
from hypothesis import given, settings
from hypothesis import strategies as st
from mailing import Mailbox, mailbox
from within import jauge

from dashboard import texts
from dashboard.access import users
from exporters.messages import mail as mailing
from inventory.harmless import clean
from inventory.notices import KINDS, address
from inventory.state import StateError, audit, contacts, open_state

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""What turns text round (Unicode's bidirectional controls)."""


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


def test_what_a_device_calls_itself_stays_text_in_subject_and_body(tmp_path: Path, box: Mailbox) -> None:
    bench = Bench(tmp_path, mail(box.port))
    head = "Subject: x\r\nBcc: eve@h.example\r\n\r\n"
    hostile = clean(f"{head}{sent(1)}")  # as it is bounded where it enters
    bench.path.write_text(
        bench.path.read_text().replace("title: CHU <b>", f"title: {json_of(head + sent(2)[:120])}")
    )
    bench.person("ana", "operator")
    bench.person("lea", "operator", language="fr")
    bench.found = [alone(f"{number}{hostile}") for number in range(60)]
    bench.found += [alone(hostile, kind, dt.date(2027, 1, 1)) for kind in KINDS if kind != "own"]
    assert bench.send().sent == 2
    for to, content in box.kept:
        assert max(map(len, content.split(b"\r\n"))) <= 998, "RFC 5322: characters of a line"
        assert content.isascii()
        assert len(content) < 300_000, "what is 10 kB long is cut"
        letter = email.message_from_bytes(content, policy=email.policy.default)
        assert sorted(letter.keys()) == sorted(
            [
                "From",
                "To",
                "Subject",
                "Date",
                "Message-ID",
                "Auto-Submitted",
                "MIME-Version",
                "Content-Type",
                "Content-Language",
            ]
        )
        assert letter["To"] == to
        assert letter["Bcc"] is None
        plain, markup = (letter.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
        for said in (str(letter["Subject"]), plain, markup):
            assert not set(said) & set(f"{TURNING}\x1b\0\ufeff"), (
                "nothing steers a screen or turns text round"
            )
        for mark in ("<script", "<img", "<svg"):
            assert mark not in markup
        assert "javascript:" not in "".join(part.split('"')[0] for part in markup.split('href="')[1:])


def json_of(said: str) -> str:
    import json

    return json.dumps(said)


def test_words_that_are_wrong_in_one_language_keep_nobody_untold(
    tmp_path: Path, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, mail(box.port))
    bench.person("ana", "operator")
    bench.person("lea", "operator", language="fr")
    bench.found = [alone("vm-1")]
    real = texts.words

    def wrong(*languages: str) -> Callable[..., str]:
        def words(key: str, language: texts.Language, *more: int) -> str:
            is_wrong = key == "notices.mail.lead" and language in languages
            return "{nothing}" if is_wrong else real(key, language, *more)

        return words

    monkeypatch.setattr(texts, "words", wrong("fr"))
    done = bench.send()
    assert done.sent == 2
    assert done.problems == ["the message to lea cannot be written in fr (KeyError): please report this"]
    (letter,) = box.letters("lea@h.example")
    assert letter["Content-Language"] == "en"
    assert "vm-1" in text(letter)
    # Where none of both can be written, the others are told, and it is told later.
    monkeypatch.setattr(texts, "words", wrong("fr", "en"))
    bench.found = [alone("vm-2")]
    assert bench.send().sent == 0
    monkeypatch.undo()
    assert bench.send().sent == 2
    assert "vm-2" in text(box.letters("lea@h.example")[-1])


@pytest.mark.parametrize(
    ("stage", "answer", "why"),
    [
        ("rcpt", "450 4.2.1 come again", "refused the recipient: 450 4.2.1"),
        ("rcpt", "550 5.1.1 no", "refused the recipient: 550 5.1.1"),
        ("mail", "421 4.3.2 closing", "refused the sender: 421 4.3.2"),
        ("data", "451 4.3.0 come again", "refused the message: 451 4.3.0"),
        ("data", "554 5.7.1 spam", "refused the message: 554 5.7.1"),
        ("rcpt", "hang", "cannot be used"),
        ("data", "hang", "hung up while a message was sent"),
        ("rcpt", "drop", "hung up"),
        ("data", "drop", "hung up while a message was sent"),
    ],
)
def test_a_server_that_fails_is_told_and_the_message_arrives_once_it_is_well(
    stage: str, answer: str, why: str, tmp_path: Path, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "_PATIENCE", 1.0)
    bench = Bench(tmp_path, mail(box.port))
    bench.person("ana", "operator")
    bench.found = [alone("vm-1")]
    box.answers = {stage: answer}
    done = bench.send()
    assert done.sent == 0
    (problem,) = done.problems
    assert why in problem
    assert "spam" not in problem, "not what a server says"
    with bench.state.read() as connection:
        (error,) = connection.execute("SELECT error FROM contact").fetchone()
    assert (error is not None) is answer.startswith("5"), "what passes is no fault of the address"
    box.answers = {}
    assert bench.send().sent == 1
    assert bench.send().sent == 0
    assert len(box.letters("ana@h.example")) == 1
    assert len({content for _, content in box.kept}) == 1, "the same to the byte where it was sent again"


def test_a_full_disk_tells_so_sends_nothing_and_loses_nothing(tmp_path: Path, box: Mailbox) -> None:
    bench = Bench(tmp_path, mail(box.port))
    bench.person("ana", "operator")
    bench.found = [alone("vm-1")]
    told = tmp_path / "told"
    told.touch()
    for room in (0, 4096):
        pid = os.fork()
        if pid == 0:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
            try:
                bench.send()
            except StateError as error:
                os._exit(3 if "state.db" in str(error) else 4)
            except BaseException:
                os._exit(5)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3, room
        assert box.kept == []
    assert bench.send().sent == 1
    assert bench.send().sent == 0
    assert len(box.kept) == 1


# --- addresses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        "", "ana", "@h.example", "ana@", "ana@h..example", ".ana@h.example", "ana.@h.example", "a..na@h.example", "ana@-h.example",
        "ana@h-.example", "ana@.example", "ana@h.example.", "ana@h.example, eve@h.example", "Ana <ana@h.example>", "ana@h.example\n",
        "ana@h.example\r\nBcc: eve@h.example", "ana\0@h.example", "ana\x7f@h.example", "ana @h.example", "a@b@h.example", '"a b"@h.example',
        "ana@[127.0.0.1]", "zoé@h.example", "ana@hôpital.example", "ana\u202e@h.example", f"{'a' * 65}@h.example",
        f"ana@{'b' * 64}.example", f"ana@{'.'.join(['b' * 60] * 5)}", "ana@h_1.example", "ana@h.example;eve@h.example", "ana(x)@h.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_words_and_not_kept(tmp_path: Path, wrong: str) -> None:
    state = open_state(tmp_path / "state.db")
    users.add(state, "ana", "operator", "a long password 1")
    with pytest.raises(contacts.ContactError, match="is no address: write one e-mail address") as error:
        contacts.put(state, "ana", wrong)
    assert str(error.value).isprintable(), "what steers a terminal is shown"
    assert contacts.one(state, "ana") is None


@settings(max_examples=300, deadline=None)
@given(st.emails() | st.text(alphabet="aA0.-_@+'!=\r\n ,<>\"é", max_size=30))
def test_whatever_is_taken_is_one_address_to_the_reader_of_headers(given_: str) -> None:
    try:
        taken = address(given_)
    except ValueError:
        return
    read = Address(addr_spec=taken)  # of Python's own, by RFC 5322
    assert (read.addr_spec, f"{read.username}@{read.domain}") == (taken, taken)


def test_a_message_on_trial_shows_whether_an_address_works(tmp_path: Path, box: Mailbox) -> None:
    bench = Bench(tmp_path, mail(box.port))
    users.add(bench.state, "ana", "operator", "a long password 1")
    words = ("user", "notify", "ana")
    where = ("--estate", bench.path, "--data", tmp_path)
    ended = jauge(*words, "--test", *where)
    assert (ended.returncode, "no address of ana is known" in ended.stderr) == (1, True)
    ended = jauge(*words, "ana@h.example", "--language", "fr", "--test", *where)
    assert ended.returncode == 0, ended.stderr
    assert "user ana is told by e-mail" in ended.stdout
    assert "took a message for ana@h.example" in ended.stdout
    assert jauge(*words, "--test", *where).returncode == 0
    assert len(box.letters()) == 2
    letter = box.letters()[0]
    assert (letter["To"], letter["From"], letter["Content-Language"]) == (
        "ana@h.example",
        "jauge@h.example",
        "fr",
    )
    assert "vérifier" in text(letter)
    known = contacts.one(bench.state, "ana")
    assert known is not None
    assert (known.address, known.language) == ("ana@h.example", "fr"), "a trial changes nothing"
    entry = audit.entries(bench.state, 1)[0]
    assert (entry.action, entry.detail) == ("message sent to try an address", "ana")
    box.answers = {"rcpt": "550 5.1.1 no such mailbox"}
    ended = jauge(*words, "gone@h.example", "--test", *where)
    assert (ended.returncode, "refused the recipient: 550 5.1.1" in ended.stderr) == (1, True)
    bench.path.write_text("title: Without\ntargets: []\n")
    ended = jauge(*words, "--test", *where)
    assert (ended.returncode, "names no server for e-mail" in ended.stderr) == (1, True)
    assert time.time() > NOW - 400 * 86_400  # the trial is of now, whatever the bench's clock says
