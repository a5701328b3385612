"""What the sources share: safe unpacking, finding modules, knowing people. No source itself lives here."""
