"""Points: from verdicts to marks, lateness and one report a person."""
