"""Judging, in the grader's own process, after the child is gone. Pure: nothing runs, nothing is read.

judge        evidence → a verdict with its place and its diagnosis
outcomes     outcomes of one question → a verdict: faults, form (`returns/`), comparison (`compare/`), shares
faults       outcomes without a value, in words
credit       what the cases of a question earn together
rubric       which points of a rubric a free text seems to make
diagnosis    which misconception wrong values come from
forbid/      uses of forbidden names in a source
values, describe   numbers and tensors as comparisons see them, and in words
"""
