"""`python -m jauge`."""

from jauge.cli import main

main()
