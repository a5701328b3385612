"""Ground truth: reference solutions, misconceptions, and the miniature models. Never imports the grader."""
