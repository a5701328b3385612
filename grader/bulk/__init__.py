"""Grades a class, and reads and writes its results.

grade         takes submissions in and grades them side by side; scores a run again
gradebook     what stays from earlier runs
again         stored outcomes that a person wants run anew
secrets       one secret for all runs of a results folder
people        which person of a class a word means
results       the files of a results folder
frame         a results folder as a pandas frame
worth_a_look  faults that staff should look at after a run
"""
