"""Lists of devices kept elsewhere (a CMDB, an address plan, a scrape configuration), made targets of an estate.

roster = reading.read(path, mapping)          what the list says, entry by entry, each with its place
plan = enrolling.enrol(roster, estate, rules) what would be added, and each entry that is not, with its reason
text = writing.add(before, plan)              the estate's file with the additions: every byte that stood there stands there still

Nothing is asked over the network: an address that answers is not thereby a device that somebody may read (docs/decisions/0041).
"""
