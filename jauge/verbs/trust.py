"""`jauge trust`: a person looks at the key that a host shows over SSH, and accepts it."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from inventory.credentials import Ssh
from inventory.estate import Estate, Target
from jauge.verbs.common import EstatePath, estate_of, fail, plainly, told
from jauge.verbs.polling import target_of

if TYPE_CHECKING:
    from collectors.hostkeys import Known


def trust(
    estate: EstatePath,
    target: Annotated[str, typer.Argument(help="Name of the target.")],
    fingerprint: Annotated[
        str | None,
        typer.Option(help="Accept this key and no other, without a question: SHA256:...", show_default=False),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Accept the key that is shown, without a question.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Accept it instead of the key that was known.")
    ] = False,
) -> None:
    """Show the SSH key of a host, and trust it from now on. Nobody is logged in, no secret is sent."""
    # the protocols cost a second that other verbs need not pay
    from collectors import hostkeys, ssh  # noqa: PLC0415
    from collectors.poll import PollError  # noqa: PLC0415

    found = estate_of(estate)
    one = target_of(found, target)
    file, port = _access(found, one)
    if fingerprint is not None and not hostkeys.is_fingerprint(fingerprint):
        fail("a fingerprint is SHA256: and 43 characters, as `ssh-keygen -l` prints it", 2)
    with told(PollError):
        known = hostkeys.held(file).of(one.where, port)
        key = asyncio.run(ssh.greet(one.where, port, known.keys, one.patience))
        plainly(f"{known.host} shows {hostkeys.describe(key)}\n")
        if key in known.revoked:
            known.check(key)
    if fingerprint is not None and not hostkeys.has_fingerprint(key, fingerprint):
        fail(f"this is not {fingerprint}: nothing was written")
    if key in known.keys:
        plainly(f"{file} holds it already\n")
        return
    _refuse_another(known, replace)
    _agree(agreed=yes or fingerprint is not None)
    try:
        with told(PollError):
            hostkeys.add(known, key)
    except OSError as error:
        fail(f"cannot write {file}: {error.strerror}: {error.filename}")
    plainly(f"{file} holds it from now on\n")


def _access(estate: Estate, target: Target) -> tuple[str, int]:
    """The known_hosts file of a target, and its port."""
    credential = estate.credentials.get(target.ssh.credential) if target.ssh else None
    if target.ssh is None or not isinstance(credential, Ssh):
        fail(f"{target.name} is not polled over SSH")
    return credential.ssh.known_hosts, target.ssh.port


def _refuse_another(known: Known, replace: bool) -> None:
    """Show the keys that were known so far, and go on only where they are to be replaced."""
    from collectors import hostkeys  # noqa: PLC0415

    for old in known.keys:
        plainly(f"{known.file} holds {hostkeys.describe(old)}\n")
    if known.keys and not replace:
        fail(
            f"the key of {known.host} is not the one that was known: the machine was set up anew, or another one "
            "answers in its place. Find out which; then add --replace. Nothing was written"
        )


def _agree(agreed: bool) -> None:
    """Go on where a person agrees to the key that was shown."""
    if agreed:
        return
    if not sys.stdin.isatty():
        fail(
            "nobody can be asked here: compare the key with what `ssh-keygen -lf` prints on the host, then give it "
            "with --fingerprint, or accept what is shown with --yes. Nothing was written"
        )
    if not typer.confirm("Is this what `ssh-keygen -lf` prints on the host?"):
        fail("nothing was written")
