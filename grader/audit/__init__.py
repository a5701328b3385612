"""Assignments tested themselves: is every question sound, are its tolerances measured, do wrong answers lose?

One module a check, each with one function `check(subject) -> Iterator[Finding]`; its file name is its name.
`grader.audit.story` runs them.
"""
