"""An automated homework grader for courses about large language models.

The story is in `grader.pipeline`; the nouns it is told with are in `grader.nouns`, one file each.
"""

__version__ = "0.1.0"
