"""Grading in continuous integration: annotations, a step summary, files for other tools, and one comment.

The job that runs student code has a read-only token and writes files; another job, started from the default branch,
reads those files and posts the comment. Formats: https://docs.github.com/actions/reference/workflow-commands.
"""
