"""Polling over SSH: one login that is kept, one batch of commands for each poll (paramiko)."""

from collectors.ssh.connections import Connections
from collectors.ssh.greeting import greet
from collectors.ssh.polling import poll

__all__ = ["Connections", "greet", "poll"]
