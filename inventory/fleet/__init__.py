"""The workstations of an inventory, judged: what each is for, until when it is mended, what can be done about it.

judging.judge(workstations, renewal, processors, day)   each machine as it stands on a day
counts.count(...)                                       how all of them stand, in figures
care.listed(...)                                        those that care depends on and nobody mends
tallies.tally(...)                                      how many machines a roll-out has reached, by day
"""
