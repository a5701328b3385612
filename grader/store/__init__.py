"""Records what was run and judged, so that nothing is done twice.

ledger     `ledger.sqlite`: the runs of a results folder with their work, verdicts and scores
database   a SQLite file whose rows are sealed, read as far as it is whole
schema     the tables of a ledger
damage     what is damaged in a ledger, in words
rescue     a new ledger from what can be read of a damaged one
holding    one grading or re-scoring of a results folder at a time
record     one run's access to a ledger: which work and verdicts can be recalled
changes    what differs between two runs, and why
digest     content hashes of questions and folders
evidence   raw outcomes as bytes
values     answer keys in files, each with a digest
"""
