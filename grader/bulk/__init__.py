"""Grades a class, and reads and writes its results.

grade     takes submissions in and grades them side by side; scores a run again
results   the files of a results folder
frame     a results folder as a pandas frame
"""
