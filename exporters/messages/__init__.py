"""Messages to people: e-mail by SMTP, and chats and webhooks by apprise."""

from __future__ import annotations


class DeliveryError(Exception):
    """A message was not taken. `arrived` is False where it surely did not arrive, None where nobody can tell; `everywhere` says that the
    server takes no other one either, `passing` that it asked to be tried again (a mailbox that is full, greylisting). The message of the error holds no secret, and nothing that a server said but its codes."""

    def __init__(
        self, why: str, *, arrived: bool | None = False, everywhere: bool = False, passing: bool = False
    ) -> None:
        super().__init__(why)
        self.arrived = arrived
        self.everywhere = everywhere
        self.passing = passing
