"""Digests to a real mail server and a real webhook: each thing once, to whom it concerns, whatever is killed meanwhile."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import everything
import pytest
from certificates import Authority
from digesting import NOW, Bench, alone, mail, text
from mailing import Hook, Mailbox, mailbox, webhook
from servers import free_port
from within import jauge

from dashboard.access import users
from dashboard.notices import Found, Looked, Own
from dashboard.standing import Alone
from inventory.checking import check, load
from inventory.notices import KINDS, Committee, Quiet
from inventory.state import audit, notices, open_state
from jauge import committee
from jauge.digests import Done

DAY = 86_400.0
SECRET = "https-path-that-is-a-secret"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


@pytest.fixture
def hook() -> Iterator[Hook]:
    with webhook() as made:
        yield made


def test_the_same_digest_run_twice_sends_once_and_what_is_new_alone_comes_next(
    tmp_path: Path, box: Mailbox, hook: Hook
) -> None:
    bench = Bench(
        tmp_path,
        mail(box.port) + "  recipients: [{name: chat, role: operator, credential: chat}]",
        f"chat: {{apprise: 'json://127.0.0.1:{hook.port}/{SECRET}?retry=0'}}",
    )
    bench.person("ana", "operator")
    bench.found = [alone("vm-1"), alone("vm-2")]
    assert bench.send().sent == 2
    assert bench.send().sent == 0
    (letter,) = box.letters("ana@h.example")
    assert letter["Subject"] == "CHU <b>: 2 things need somebody"
    assert text(letter).count("* vm-1:") == 1
    assert "https://jauge.h.example/backups?show=alone&host=vm-1" in text(letter)
    markup = letter.get_body(("html",)).get_content()
    assert "CHU &lt;b&gt;" in markup
    assert "<b>" not in markup
    (said,) = hook.messages.values()
    assert "vm-2" in said["message"]
    bench.found.append(alone("vm-3"))
    assert bench.send().sent == 2
    assert len(box.kept) == len(hook.kept) == 2
    assert "vm-3" in text(box.letters()[1])
    assert "vm-1" not in text(box.letters()[1])
    assert "2 that you were told of before are still open" in text(box.letters()[1])


def test_what_comes_again_after_it_was_over_is_new_and_what_flaps_is_not(
    tmp_path: Path, box: Mailbox
) -> None:
    bench = Bench(tmp_path, mail(box.port))
    bench.person("ana", "operator")
    for found, hours, sent in (
        (True, 0, 1), (False, 1, 0), (True, 2, 0),  # flaps
        (False, 3, 0), (True, 27, 1),  # was over for a day
        (False, 30, 0), (False, 60, 0), (True, 61, 1),
    ):  # fmt: skip
        bench.now = NOW + hours * 3600
        bench.found = [alone("vm-1")] if found else []
        assert bench.send().sent == sent, hours
    # What nobody can tell is not over: the collector stopped, a file cannot be read.
    bench.found, bench.known = [], frozenset({"own"})
    for hours in (62, 90):
        bench.now = NOW + hours * 3600
        bench.send()
    bench.found, bench.known = [alone("vm-1")], frozenset(KINDS)
    assert bench.send().sent == 0


def test_a_day_that_jitters_is_told_once_and_one_that_moves_by_weeks_again(
    tmp_path: Path, box: Mailbox
) -> None:
    bench = Bench(tmp_path, mail(box.port))
    bench.person("eva", "manager")
    first = dt.date(2027, 3, 31)
    for days, sent in ((0, 1), (1, 0), (-1, 0), (14, 0), (-14, 0), (15, 1), (14, 0), (0, 1)):
        bench.found = [alone("nas", "order", first + dt.timedelta(days=days))]
        bench.now += 3600
        assert bench.send().sent == sent, days
    # One that comes and goes at the edge of what is told: it stays, and is not opened where it was never near.
    bench.found = [
        alone("nas", "order", first, opens=False),
        alone("far", "order", dt.date(2028, 1, 1), opens=False),
    ]
    assert bench.send().sent == 0
    bench.found = [alone("nas", "order", first)]
    bench.now += 2 * DAY
    assert bench.send().sent == 0


def test_one_message_a_person_by_role_and_in_their_language(tmp_path: Path, box: Mailbox) -> None:
    bench = Bench(
        tmp_path, mail(box.port) + "  recipients: [{name: team, kinds: [own], email: team@h.example}]"
    )
    for name, role in (("viv", "viewer"), ("ola", "operator"), ("max", "manager"), ("ada", "admin")):
        bench.person(name, role)
    bench.person("vic", "viewer", kinds=("silent",), language="fr")
    bench.found = [Found(kind, kind, Alone(f"about-{kind}", "hci-01")) for kind in KINDS if kind != "own"]
    bench.found.append(Found("own", "log", Own("log")))
    assert bench.send().sent == 5
    heard = {
        to: {kind for kind in KINDS if f"about-{kind}" in text(letter)}
        | ({"own"} if "audit" in text(letter) else set())
        for to in ("ola", "max", "ada", "vic", "team")
        for (letter,) in [box.letters(f"{to}@h.example")]
    }
    assert heard == {
        "ola": {"full", "backup", "unprotected", "silent"},
        "max": {"order", "deadline", "full"},
        "ada": set(KINDS),
        "vic": {"silent"},
        "team": {"own"},
    }
    assert box.letters("viv@h.example") == []
    assert "SANS RÉPONSE" in text(box.letters("vic@h.example")[0])
    assert box.letters("vic@h.example")[0]["Content-Language"] == "fr"
    # Who is removed hears nothing more, and is forgotten.
    users.remove(bench.state, "ola")
    bench.found.append(alone("vm-9"))
    bench.send()
    assert len(box.letters("ola@h.example")) == 1
    with bench.state.read() as connection:
        assert "ola" not in str(connection.execute("SELECT * FROM contact").fetchall())


def test_quiet_hours_hold_back_what_is_not_urgent_on_the_days_the_clocks_change_too(
    tmp_path: Path, box: Mailbox
) -> None:
    bench = Bench(
        tmp_path, mail(box.port) + '  quiet: {from: "22:00", to: "06:00", weekends: true}\n  urgent: [silent]'
    )
    bench.person("ana", "operator")
    # 23:30 on Wednesday, then 05:59 and 06:00 on Thursday, in Paris (UTC+1).
    bench.found = [alone("vm-1")]
    for hours, sent in ((12.5, 0), (18.98, 0), (19.0, 1)):
        bench.now = NOW + hours * 3600
        assert bench.send().sent == sent, hours
    bench.now = NOW + DAY + 13 * 3600
    bench.found += [alone("vm-2"), alone("srv", "silent")]
    assert bench.send().sent == 1
    assert "srv" in text(box.letters()[1])
    assert "vm-2" not in text(box.letters()[1])
    # Sunday, 29 March 2026 (clocks go from 2 to 3), and 25 October (from 3 to 2): 06:00 is 04:00 and 05:00 UTC.
    quiet = Quiet.model_validate({"from": "22:00", "to": "06:00"})
    zone = bench.run().data.zone
    for day, utc, held in (
        ("2026-03-28", "21:00", True), ("2026-03-28", "20:59", False), ("2026-03-29", "03:59", True), ("2026-03-29", "04:00", False),
        ("2026-10-24", "20:00", True), ("2026-10-25", "04:59", True), ("2026-10-25", "05:00", False), ("2026-10-25", "21:00", True),
    ):  # fmt: skip
        assert quiet.at(dt.datetime.fromisoformat(f"{day}T{utc}+00:00").astimezone(zone)) is held, (day, utc)


def test_what_is_taken_or_silenced_is_not_told_until_the_silence_ends(tmp_path: Path, box: Mailbox) -> None:
    bench = Bench(tmp_path, mail(box.port))
    bench.person("ana", "operator")
    bench.found = [alone("vm-1"), alone("vm-2"), alone("vm-3")]
    bench.send()
    numbers = {one.subject: one.id for one in notices.listed(bench.state, bench.now)}
    end = bench.now + 10 * DAY
    notices.answer(bench.state, [numbers["vm-1"]], "taken", "ana", "on it", bench.now)
    notices.answer(bench.state, [numbers["vm-2"]], "silenced", "ana", "new\njob in May", bench.now, end)
    bench.person("bob", "operator")
    assert bench.send().sent == 1
    (letter,) = box.letters("bob@h.example")
    assert [name in text(letter) for name in ("vm-1", "vm-2", "vm-3")] == [False, False, True]
    bench.now = end - 1
    assert bench.send().sent == 0
    bench.now = end
    assert bench.send().sent == 2
    assert bench.send().sent == 0
    for name in ("ana", "bob"):
        last = text(box.letters(f"{name}@h.example")[-1])
        assert ("vm-2" in last, "vm-1" in last) == (True, False)
    notices.answer(bench.state, [numbers["vm-1"]], "released", "ana", "not mine", bench.now)
    assert bench.send().sent == 1  # bob was never told
    entry = audit.entries(bench.state, 1)[0]
    assert (entry.who, entry.action) == ("ana", "notice released")
    for why, until, wanted in (
        ("", end + DAY, "why"),
        ("x", end - DAY, "until"),
        ("x", end + 500 * DAY, "until"),
    ):
        with pytest.raises(notices.NoticeError) as error:
            notices.answer(bench.state, [numbers["vm-3"]], "silenced", "ana", why, bench.now, until)
        assert error.value.why == wanted


def test_a_server_that_is_down_is_told_once_and_tried_again_and_nothing_is_lost(tmp_path: Path) -> None:
    port = free_port()
    bench = Bench(tmp_path, mail(port))
    for name in ("ana", "bob"):
        bench.person(name, "operator")
    bench.found = [alone("vm-1")]
    done = bench.send()
    assert (done.sent, done.problems) == (0, [f"127.0.0.1:{port} cannot be used: Connection refused"])
    bench.found = [alone("vm-2")]
    bench.now += DAY
    bench.send()
    with mailbox(port=port) as box:
        assert bench.send().sent == 2
        assert bench.send().sent == 0
        # What is over meanwhile is not told any more, and the rest is in one message.
        assert [("vm-1" in text(one), "vm-2" in text(one)) for one in box.letters()] == [(False, True)] * 2


def test_an_address_that_is_refused_keeps_nobody_else_waiting_and_is_told_to_administrators(
    tmp_path: Path, box: Mailbox
) -> None:
    bench = Bench(tmp_path, mail(box.port))
    for name, role in (("ana", "operator"), ("bob", "operator"), ("ada", "admin")):
        bench.person(name, role)
    box.refused.add("ana@h.example")
    bench.found = [alone("vm-1")]
    done = bench.send()
    assert (done.sent, done.problems) == (2, [f"ana: 127.0.0.1:{box.port} refused the recipient: 550 5.1.1"])
    bench.found += [one for one in bench.run().look().found if one.kind == "own"]
    assert bench.send().sent == 1
    assert "messages to ana are refused" in text(box.letters("ada@h.example")[-1])
    box.refused.clear()
    assert bench.send().sent == 1
    assert "vm-1" in text(box.letters("ana@h.example")[0])


@pytest.mark.parametrize("tls", [False, True])
def test_the_way_is_encrypted_and_checked_and_a_wrong_password_is_told_without_it(
    tmp_path: Path, tls: bool, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    authority = Authority(tmp_path)
    with mailbox(authority.sign(), tls=tls) as box:
        way = "tls" if tls else "starttls"
        section = f"  mail: {{server: 127.0.0.1, port: {box.port}, security: {way}, from: jauge@h.example, credential: m%s}}\n"
        login = "m: {smtp: {user: jauge, password: env:MAIL}}"
        bench = Bench(tmp_path, section % "", login)
        bench.person("ana", "operator")
        bench.found = [alone("vm-1")]
        monkeypatch.setenv("MAIL", "right-secret")
        (problem,) = bench.send().problems
        assert "certificate is not trusted" in problem
        bench.path.write_text(
            bench.path.read_text().replace("credential: m", f"credential: m, ca: {authority.file}")
        )
        for wrong in ("wrong-secret", "mot-de-passé"):
            monkeypatch.setenv("MAIL", wrong)
            (problem,) = bench.send().problems
            assert wrong not in problem + str(capfd.readouterr())
        monkeypatch.delenv("MAIL")
        assert "MAIL is not set" in bench.send().problems[0]
        assert b"wrong-secret" in box.logins
        assert box.kept == []
        monkeypatch.setenv("MAIL", "right-secret")
        assert bench.send().sent == 1
        assert len(box.letters()) == 1


def test_no_name_of_a_device_calls_a_chat_together_or_leads_elsewhere(tmp_path: Path, hook: Hook) -> None:
    bench = Bench(
        tmp_path,
        "  recipients: [{name: chat, credential: chat}]",
        f"chat: {{apprise: 'json://127.0.0.1:{hook.port}/x'}}",
    )
    names = (
        "@everyone vm",
        "vm @Here",
        "<!channel> vm",
        "<@U024BE7LH>",
        "[pay](http://evil.example)",
        "root@vm-1",
    )
    bench.found = [alone(name) for name in names]
    assert bench.send().sent == 1
    ((_, said),) = hook.kept
    text = f"{said['title']} {said['message']}"
    for called in ("@everyone", "@here", "<!", "<@", "]("):
        assert called not in text.lower()
    assert "root@vm-1" in text
    assert "@ everyone vm" in text


def test_a_webhook_that_refuses_is_tried_again_and_its_address_is_in_no_log(
    tmp_path: Path, hook: Hook, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    bench = Bench(
        tmp_path,
        "  recipients: [{name: chat, credential: chat}]",
        f"chat: {{apprise: 'json://user:pw-{SECRET}@127.0.0.1:{hook.port}/{SECRET}'}}",
    )
    bench.found = [alone("vm-1")]
    hook.status = 503
    done = bench.send()
    assert done.problems == ["chat: chat refused the message: 503"]
    hook.status = 302  # led elsewhere, it is not followed
    assert bench.send().problems == ["chat: chat refused the message: 302"]
    hook.status = 200
    assert bench.send().sent == 1
    assert bench.send().sent == 0
    assert set(hook.paths) == {f"/{SECRET}"}
    assert len(hook.paths) == 3
    assert SECRET not in "".join([*done.problems, *capfd.readouterr(), caplog.text])
    assert SECRET not in repr(load(bench.path))
    bench.path.write_text(bench.path.read_text().replace("json://", f"nothing-{SECRET}://"))
    bench.found = [alone("vm-2")]
    assert bench.send().problems == ["chat: the credential of chat holds no address that apprise knows"]


# --- kills --------------------------------------------------------------------------------------------


def killed(work: Callable[[], object], when: Callable[[int], None]) -> bool:
    """Do work in a process of its own that `when` is told the number of; whether it was killed."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    when(child)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("seed", [int(os.environ.get("JAUGE_SEED", "0")) + number for number in range(4)])
def test_a_killed_run_sends_neither_twice_nor_never(
    tmp_path: Path, box: Mailbox, hook: Hook, seed: int
) -> None:
    """What came twice is the same to the byte and bears the same mark, so that who receives it counts one."""
    chance = random.Random(seed)
    bench = Bench(
        tmp_path,
        mail(box.port) + "  recipients: [{name: chat, role: operator, credential: chat}]",
        f"chat: {{apprise: 'json://127.0.0.1:{hook.port}/x'}}",
    )
    names = ("ana", "bob", "eve")
    for name in names:
        bench.person(name, "operator")
    bench.found = [alone(f"vm-{number}") for number in range(3)]
    kills = 0
    for turn in range(12):
        if turn % 3 == 2:
            bench.found.append(alone(f"vm-{len(bench.found)}"))
        stage, count = chance.choice(("mail", "rcpt", "data", "time")), chance.randrange(4)
        child: list[int] = []

        left = iter(range(count))

        def step(
            reached: str, stage: str = stage, left: Iterator[int] = left, child: list[int] = child
        ) -> None:
            if reached == stage and next(left, None) is None and child:
                os.kill(child[0], signal.SIGKILL)

        def watch(number: int, stage: str = stage, child: list[int] = child) -> None:
            child.append(number)
            if stage == "time":
                time.sleep(chance.uniform(0, 0.15))
                os.kill(number, signal.SIGKILL)

        box.step = hook.step = step
        kills += killed(bench.send, watch)
    box.step = hook.step = lambda _: None
    bench.send()
    assert bench.send().sent == 0
    assert kills > 3, seed
    wanted = {f"vm-{number}" for number in range(len(bench.found))}
    for name in names:
        told = [
            machine
            for one in box.letters(f"{name}@h.example")
            for machine in wanted
            if f"* {machine}:" in text(one)
        ]
        assert sorted(told) == sorted(wanted), (seed, name)
    contents: dict[str, set[bytes]] = {}
    for to, content in box.kept:
        mark = next(line for line in content.splitlines() if line.lower().startswith(b"message-id"))
        contents.setdefault(to + mark.decode(), set()).add(content)
    assert all(len(each) == 1 for each in contents.values()), seed
    said = "".join(one["message"] for one in hook.messages.values())
    assert all(said.count(f"* {machine}:") == 1 for machine in wanted), seed
    assert len({json.dumps([headers["idempotency-key"], body]) for headers, body in hook.kept}) == len(
        hook.messages
    )


# --- by the command, of real data -----------------------------------------------------------------------


def test_the_command_tells_what_the_pages_show_and_what_people_say_to_it(
    tmp_path: Path, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P", "x")
    everything.write(tmp_path)
    estate = tmp_path / "estate.yml"
    section = (
        f"notices:\n{mail(box.port)}  url: https://jauge.h.example\n"
        "  recipients: [{name: direction, role: manager, email: dir@h.example, language: fr}]\n"
    )
    estate.write_text(estate.read_text() + section)
    words = (estate, "--data", tmp_path)
    users.add(open_state(tmp_path / "state.db"), "ola", "operator", "a long password 1")
    added = jauge("user", "notify", "ola", "ola@h.example", "--estate", estate, "--data", tmp_path)
    assert added.returncode == 0, added.stderr
    dry = jauge("digest", *words, "--dry-run")
    assert (dry.returncode, box.kept) == (0, [])
    assert "To: direction (manager, dir@h.example)" in dry.stdout
    ran = jauge("digest", *words)
    assert ran.stdout == "2 messages sent\n", ran.stderr
    assert jauge("digest", *words).stdout == "0 messages sent\n"
    (french,) = box.letters("dir@h.example")
    (english,) = box.letters("ola@h.example")
    assert "À COMMANDER" in text(french)
    assert "* /imaging de nas-01\u00a0: " in text(french)
    assert "Commandez" in text(french)
    assert "pacs-01" in text(english)
    assert "nas-01" not in text(english)
    # The hostile name of a machine is shown, and does nothing.
    for letter in (french, english):
        for part in letter.walk():
            if part.get_content_maintype() == "text":
                assert "\x1b" not in part.get_content()
                assert "<script" not in part.get_content() or part.get_content_subtype() == "plain"
    rows = [line.split("\t") for line in jauge("notice", "list", *words).stdout.splitlines()]
    number = next(row[0] for row in rows if row[1] == "silent")
    done = jauge("notice", "silence", *words, number, "--why", "moved", "--until", "2020-01-01")
    assert (done.returncode, "within 400 days" in done.stderr) == (1, True)
    day = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=9)).isoformat()
    assert jauge("notice", "silence", *words, number, "--why", "moved", "--until", day).returncode == 0
    assert "silenced by" in jauge("notice", "list", *words).stdout
    assert jauge("notice", "take", *words, "999", "--why", "x").returncode == 1


def test_the_committees_file_is_sent_on_its_day_once_to_each_address(
    tmp_path: Path, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, mail(box.port))
    section = (
        mail(box.port)
        + "  report: {months: [9, 11], day: 25, at: '10:30', to: [a@h.example, b@h.example], formats: [pdf, xlsx], language: fr}"
    )
    bench.path.write_text(bench.path.read_text().replace(mail(box.port), section))

    def send() -> Done:
        run, done = bench.run(), Done()
        run.prepare(Looked((), bench.known))
        committee.prepare(run, bench.path, tmp_path)
        run.send(done)
        return done

    # At 10:00 and 10:29 it is too early; one address is refused at 10:30, and sent by the next run.
    for minutes, refused, sent in (
        (0, "", 0),
        (29, "", 0),
        (30, "b@h.example", 1),
        (36, "", 1),
        (40, "", 0),
        (1500, "", 0),
    ):
        bench.now = NOW - 3600 + minutes * 60
        box.refused = {refused}
        assert send().sent == sent, minutes
    assert not list(tmp_path.glob("report-to-send-*"))
    for to in ("a@h.example", "b@h.example"):
        (letter,) = box.letters(to)
        assert letter["Subject"] == "CHU <b>\u00a0: dossier du comité du 25 nov. 2026"
        assert "25 sept. 2026" in text(letter)
        pdf, xlsx = letter.iter_attachments()
        (tmp_path / "got.pdf").write_bytes(pdf.get_content())
        read = subprocess.run(
            ["pdftotext", tmp_path / "got.pdf", "-"], capture_output=True, text=True, check=True
        )
        assert "CHU <b>" in read.stdout
        assert xlsx.get_content()[:2] == b"PK"
        assert xlsx.get_filename().endswith(".xlsx")
    # A day that lies long behind is not made up for; the next one is.
    bench.now = NOW + 20 * DAY
    assert send().sent == 0
    assert Committee(months=(1, 3), day=5, to=("a@h.example",)).days(dt.date(2026, 3, 4)) == (
        dt.date(2026, 1, 5),
        dt.date(2025, 3, 5),
    )


def test_mistakes_of_the_section_are_told_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "estate.yml"
    path.write_text(
        "credentials: {m: {smtp: {user: j, password: env:P}}}\n"
        "notices:\n"
        "  mail: {server: s.example, from: jauge, credential: n}\n"
        "  recipients: [{name: a, email: a@b.example, credential: m}, {name: b, role: boss, email: 'a@b.example, c@d.example'}]\n"
        "  quiet: {from: 22h, to: '06:00'}\n"
        "  ulr: x\n"
        "targets: []\n"
    )
    said = [str(one).removeprefix(str(path)) for one in check(path).problems]
    for place, what in (
        (":3:35", "write one e-mail address"), (":3:54", "there is no credential n"), (":4:16", "give email or credential"),
        (":4:78", "role"), (":4:91", "write one e-mail address"), (":5:17", "a time of the day"), (":6:3", "did you mean url?"),
    ):  # fmt: skip
        assert any(one.startswith(place + ":") and what in one for one in said), (place, what, said)
    path.write_text(
        "credentials: {m: {smtp: {user: j, password: env:P}}}\n"
        "notices:\n"
        "  mail: {server: s.example, from: j@h.example, credential: m, security: none}\n"
        "  recipients: [{name: a, credential: m}, {name: a, email: a@b.example}]\n"
        "targets: []\n"
    )
    said = [str(one).removeprefix(str(path)) for one in check(path).errors]
    assert [one.split(": ", 1)[0] for one in said] == [":3:73", ":4:38", ":4:49"], said
