"""A digest: one message for one person with all that is theirs, as text and as HTML, in their language."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final, NamedTuple

from dashboard.notices import Found
from dashboard.sentences.notices import Said, said
from dashboard.texts import Texts, plain
from inventory.notices import KINDS

_MOST: Final = 40
"""Things of one kind that are named; the others are a number, and a link to all."""

PAGE: Final = "/notices"


class Digest(NamedTuple):
    """What is said to one person: a title, and the body in two forms."""

    title: str
    text: str
    html: str


def digest(found: Sequence[Found], again: int, hospital: str, role: str, url: str | None, t: Texts) -> Digest:
    """Tell what is new, and how many more are still open. `url` is the address of the pages, where it is known."""
    title = t.count("notices.mail.subject", len(found), hospital=plain(hospital))
    parts = [(kind, [said(one, t) for one in found if one.kind == kind]) for kind in KINDS]
    told = [(t(f"notices.kind.{kind}"), each) for kind, each in parts if each]
    lead = t.count("notices.mail.lead", len(found))
    end = [t.count("notices.mail.open", again)] if again else []
    end.append(t("notices.mail.why", role=t(f"role.{role}")))
    return Digest(
        title,
        "\n".join(_lines(lead, told, end, url, t)) + "\n",
        "".join(_marked(title, lead, told, end, url, t)),
    )


def trial(hospital: str, t: Texts) -> Digest:
    """What is sent to see that messages arrive: nothing of what is known."""
    title = t("notices.trial.subject", hospital=plain(hospital))
    return Digest(title, t("notices.trial.text") + "\n", "")


def _lines(
    lead: str, told: list[tuple[str, list[Said]]], end: list[str], url: str | None, t: Texts
) -> Iterator[str]:
    yield from (lead, "")
    for heading, each in told:
        yield from (heading.upper(), "")
        for one in each[:_MOST]:
            yield f"* {one.thing}{t('colon')}{one.why}"
            if one.todo:
                yield f"  {t('notices.mail.next', todo=one.todo)}"
            if url is not None:
                yield f"  {url}{one.way}"
            yield ""
        if len(each) > _MOST:
            yield from (t.count("notices.mail.more", len(each) - _MOST), "")
    if url is not None:
        yield from (f"{t('notices.mail.all')}{t('colon')}{url}{PAGE}", "")
    yield from end


def _marked(
    title: str, lead: str, told: list[tuple[str, list[Said]]], end: list[str], url: str | None, t: Texts
) -> Iterator[str]:
    yield f'<!doctype html><html lang="{t.language}"><head><meta charset="utf-8"><title>{html.escape(title)}</title></head><body>'
    yield f"<p>{html.escape(lead)}</p>"
    for heading, each in told:
        yield f"<h2>{html.escape(heading)}</h2><ul>"
        for one in each[:_MOST]:
            thing = f"<strong>{html.escape(one.thing)}</strong>"
            if url is not None:
                thing = f'<a href="{html.escape(url + one.way)}">{thing}</a>'
            next_ = f"<br>{html.escape(t('notices.mail.next', todo=one.todo))}" if one.todo else ""
            yield f"<li>{thing}{html.escape(t('colon') + one.why)}{next_}</li>"
        yield "</ul>"
        if len(each) > _MOST:
            yield f"<p>{html.escape(t.count('notices.mail.more', len(each) - _MOST))}</p>"
    if url is not None:
        yield f'<p><a href="{html.escape(url + PAGE)}">{html.escape(t("notices.mail.all"))}</a></p>'
    yield "".join(f"<p>{html.escape(one)}</p>" for one in end)
    yield "</body></html>"


class File(NamedTuple):
    """A file that goes with a message: its name, its kind (MIME), and its content."""

    name: str
    kind: str
    content: bytes


def letter(
    mark: str, sender: str, to: str, at: dt.datetime, said: Digest, language: str, files: Sequence[File] = ()
) -> bytes:
    """A message as SMTP takes it, in seven bits. Its Message-ID is made of the mark: by it a mailbox knows what it had already."""
    made = EmailMessage(SMTP)
    made["From"], made["To"], made["Subject"] = sender, to, said.title
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{mark}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is answered to us
    made.set_content(said.text, cte="quoted-printable")
    if said.html:
        made.add_alternative(said.html, subtype="html", cte="quoted-printable")
    for file in files:
        main, _, sub = file.kind.partition("/")
        made.add_attachment(file.content, main, sub, filename=file.name)
    made["Content-Language"] = language  # last: what is added before takes such headers along
    return made.as_bytes()
