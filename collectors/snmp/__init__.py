"""SNMP: object identifiers, the session with one agent, and nothing else."""
