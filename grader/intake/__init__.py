"""Taking submissions in: whatever was downloaded becomes one `Submission` a person and attempt.

gather    all paths of a command, each by its own source (`sources/`)
people    who a file name means; `roster` reads the class list
"""
