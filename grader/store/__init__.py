"""Records what was run and judged, so that nothing is done twice.

ledger     `ledger.sqlite`: the runs of a results folder with their work, verdicts and scores
schema     the tables of a ledger
record     one run's access to a ledger: which work and verdicts can be recalled
changes    what differs between two runs, and why
digest     content hashes of questions and folders
evidence   raw outcomes as bytes
values     answer keys in files
"""
