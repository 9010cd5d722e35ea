def mean(values):
    return sum(values) / len(values)


def spread(values):
    centre = mean(values)
    return (sum((value - centre) ** 2 for value in values) / len(values)) ** 0.5
