"""Computational graphs as data: values, slopes, and the graph of a small network."""

import math

OPERATIONS = {
    "add": lambda *a: sum(a),
    "mul": lambda *a: math.prod(a),
    "sub": lambda a, b: a - b,
    "relu": lambda a: max(a, 0.0),
    "square": lambda a: a * a,
}


def evaluate(graph, inputs):
    values, waiting = dict(inputs), list(graph)
    while waiting:
        for name in waiting:
            operation, arguments = graph[name]
            if all(argument in values for argument in arguments):
                values[name] = OPERATIONS[operation](*[values[argument] for argument in arguments])
        waiting = [name for name in waiting if name not in values]
    return values


def _local(operation, given, place):
    if operation == "mul":
        return math.prod(given[:place] + given[place + 1 :])
    if operation == "relu":
        return 1.0 if given[0] > 0 else 0.0
    if operation == "square":
        return 2.0 * given[0]
    return -1.0 if operation == "sub" and place == 1 else 1.0


def slope(graph, values, start, end):
    if start == end:
        return 1.0
    if end not in graph:
        return 0.0
    operation, arguments = graph[end]
    given = [values[argument] for argument in arguments]
    return sum(
        _local(operation, given, place) * slope(graph, values, start, argument)
        for place, argument in enumerate(arguments)
    )


def network_graph(d, h):
    graph = {}
    for j in range(h):
        for i in range(d):
            graph[f"p{j}_{i}"] = ("mul", [f"w{j}_{i}", f"x{i}"])
        graph[f"z{j}"] = ("add", [f"p{j}_{i}" for i in range(d)] + [f"b{j}"])
        graph[f"h{j}"] = ("relu", [f"z{j}"])
        graph[f"q{j}"] = ("mul", [f"v{j}", f"h{j}"])
    graph["y"] = ("add", [f"q{j}" for j in range(h)] + ["c"])
    graph["e"] = ("sub", ["y", "t"])
    graph["loss"] = ("square", ["e"])
    return graph
