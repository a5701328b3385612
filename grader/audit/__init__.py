"""Assignments tested themselves: is every question sound, are its tolerances measured, do wrong answers lose?

`story` runs every check of `checks` on every question; `table` and `picture` show what was found.
"""
