ANSWERS = {"why": ""}


def log_sum(numbers):
    raise NotImplementedError
