"""Computational graphs as data.

A graph is a dict: name of a node → (operation, names of its arguments). Operations:
"add" and "mul" with two or more arguments, "sub" with two (first minus second),
"relu" and "square" with one. Names that are arguments but no keys are leaves.

    {"p": ("mul", ["w", "x"]), "z": ("add", ["p", "b"]), "h": ("relu", ["z"])}
"""


def evaluate(graph, inputs):
    """The values of all nodes and leaves, a dict of floats.

    graph: its nodes may be listed in any order; inputs: dict of floats, a value for each leaf.
    Changes neither.
    """
    # TODO: which nodes can be computed already?
    raise NotImplementedError


def slope(graph, values, start, end):
    """The derivative of node `end` by node or leaf `start`, a float.

    values: what `evaluate` gave. The slope of relu at 0 is 0. It is 1 if start is end, and 0 if
    no road leads from start to end. An argument may occur twice: ("mul", ["a", "a"]).
    """
    # TODO
    raise NotImplementedError


def network_graph(d, h):
    """The graph of (v0·h0 + … + c − t)², where hj = relu(wj_0·x0 + … + wj_{d−1}·x{d−1} + bj).

    d inputs, h hidden units, both at least 1. Leaves: "x0" …, "w0_0" … (hidden unit, then
    input), "b0" …, "v0" …, "c" and "t". Its last node is called "loss"; the other names are yours.
    """
    # TODO
    raise NotImplementedError
