import statistics


def mean(values):
    return statistics.fmean(values)


def spread(values):
    return statistics.pstdev(values)
