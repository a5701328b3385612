"""Tests the questions themselves: is each sound, are its tolerances measured, do wrong answers lose points?

`story` runs every check of `checks` on every question; `table` and `picture` show what was found.
"""
