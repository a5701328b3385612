"""What need not be done again: content hashes, the ledger of runs, kept values."""
