"""What answers are compared with: the reference's values (`key`), wrong ones that have a name (`misconceptions`), and
both frozen into a file for machines that must not hold the reference (`frozen`).
"""
