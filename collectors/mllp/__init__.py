"""HL7 listeners of message engines: whether they take a connection, and what they say to a message (MLLP)."""

from collectors.mllp.polling import poll

__all__ = ["poll"]
