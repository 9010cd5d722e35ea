def mean(values):
    raise NotImplementedError


def spread(values):
    raise NotImplementedError
