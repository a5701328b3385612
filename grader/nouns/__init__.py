"""The nouns of the story, in the order data flows through them. All are frozen.

Course, Chapter, Question, Case → Submission → Job → Outcome → Verdict → Score → Report
"""
