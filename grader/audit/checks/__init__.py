"""Checks of a question, one module each, found by file name.

A check is a function `check(subject) -> Iterator[Finding]`.
"""
