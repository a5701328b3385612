"""The values that answers are compared with: right ones, and wrong ones that have a name.

key              what the reference returns for every case
misconceptions   what each named misconception returns for every case
frozen           both in one file, for machines that must not hold the reference
truth            both of a course, each looked up once
"""
