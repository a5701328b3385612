import math


def log_sum__mean(numbers):
    """zh: 取了平均。
    en: You took the mean.
    """
    return sum(map(math.log, numbers)) / len(numbers)


def log_sum__log2(numbers):
    """zh: 用了以 2 为底的对数。
    en: You used log base 2.
    """
    return sum(map(math.log2, numbers))


def log_sum__product(numbers):
    """zh: 忘了取对数。
    en: You forgot the logarithm.
    """
    return math.prod(numbers)
