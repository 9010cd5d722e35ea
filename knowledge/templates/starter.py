"""TODO: one line about the task."""


def solve(x):
    """TODO: shapes, units, what is returned."""
    # TODO: a question that starts the thought
    raise NotImplementedError
