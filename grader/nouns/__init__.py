"""The data types of the grader, in the order data flows through them. All are frozen.

Course, Chapter, Question, Case → Submission → Job → Outcome → Evidence → Verdict, Judged → Graded → Report
"""
