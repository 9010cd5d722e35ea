"""
misconception: divides-by-one-less
fails: [spread-is-the-root-mean-square]
"""


def mean(values):
    return sum(values) / len(values)


def spread(values):
    centre = mean(values)
    return (sum((value - centre) ** 2 for value in values) / (len(values) - 1)) ** 0.5
