"""The truth."""

import math

ANSWERS = {"why": "it is stable"}


def log_sum(numbers):
    total = 0.0
    for number in numbers:
        total = total + math.log(number)
    return total
