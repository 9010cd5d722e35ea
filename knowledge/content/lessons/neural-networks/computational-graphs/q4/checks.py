"""Values and slopes on graphs, and a network drawn as one. Values are drawn afresh."""

import numpy as np

from sandbox.judge import check, expect, fail, fresh_rng, reference
from sandbox.probes import input_not_mutated

ROW = "hub/4.2/objective-1"
HERE = ("computational-graphs",)
ARGUMENTS = {"add": (2, 999), "mul": (2, 999), "sub": (2, 2), "relu": (1, 1), "square": (1, 1)}

NEURON = {
    "p": ("mul", ["w", "x"]),
    "z": ("add", ["p", "b"]),
    "h": ("relu", ["z"]),
    "e": ("sub", ["h", "t"]),
    "loss": ("square", ["e"]),
}
FORKED = {
    "s": ("add", ["a", "b"]),
    "f": ("mul", ["s", "b"]),
    "g": ("sub", ["f", "s"]),
    "k": ("mul", ["g", "a", "b"]),
}
TWICE = {"q": ("mul", ["a", "a"]), "r": ("add", ["q", "a", "a"]), "m": ("sub", ["b", "r"]), "n": ("mul", ["m", "m", "b"])}


def leaves(rng, names):
    return {name: float(rng.uniform(0.5, 2.0)) for name in names}


def shuffled(rng, graph):
    names = [list(graph)[i] for i in rng.permutation(len(graph))]
    return {name: graph[name] for name in names}


def agree(submission, graph, inputs, what):
    seen = submission.call("evaluate", graph, inputs)
    right = reference.call("evaluate", graph, inputs)
    expect(seen, what).type(dict).keys(*right)
    for name in right:
        expect(seen[name], f"the value of {name} in {what}").close(float(right[name]))


@check("a graph is evaluated node by node", points=2, task=ROW, visible=True, evidence=HERE, required=True)
def graph_is_evaluated(submission):
    rng = fresh_rng()
    agree(submission, NEURON, leaves(rng, "wxbt"), "the graph of a neuron")
    agree(submission, NEURON, {"w": 1.5, "x": 2.0, "b": -7.0, "t": 1.0}, "a neuron that is silent")
    agree(submission, FORKED, leaves(rng, "ab"), "a graph that forks")


@check("nodes may be listed in any order", points=2, task=ROW, visible=False, needs=("graph-is-evaluated",),
       evidence=HERE)
def any_listing_will_do(submission):
    rng = fresh_rng()
    for graph, names in ((NEURON, "wxbt"), (FORKED, "ab"), (TWICE, "ab")):
        for listing in (shuffled(rng, graph), dict(reversed(graph.items()))):
            agree(submission, listing, leaves(rng, names), "a graph listed in another order")
    input_not_mutated(submission, "evaluate", dict(NEURON), leaves(rng, "wxbt"))


@check("slopes along a single road are multiplied", points=2, task=ROW, visible=True, evidence=HERE, required=True)
def slopes_are_multiplied(submission):
    rng = fresh_rng()
    given = leaves(rng, "xb")
    for w, t in ((float(rng.uniform(2, 3)), 0.5), (float(rng.uniform(-9, -8)), 1.0)):
        values = reference.call("evaluate", NEURON, {**given, "w": w, "t": t})
        for start, end in (("b", "z"), ("z", "h"), ("t", "loss"), ("w", "loss"), ("x", "e"), ("h", "h")):
            right = reference.call("slope", NEURON, values, start, end)
            expect(submission.call("slope", NEURON, values, start, end), f"the slope of {end} by {start}").close(right)


@check("several roads are added up", points=3, task=ROW, visible=True, needs=("slopes-are-multiplied",),
       evidence=HERE, required=True)
def roads_are_added(submission):
    values = reference.call("evaluate", FORKED, leaves(fresh_rng(), "ab"))
    for start, end in (("b", "f"), ("a", "g"), ("b", "k"), ("s", "k")):
        right = reference.call("slope", FORKED, values, start, end)
        expect(submission.call("slope", FORKED, values, start, end), f"the slope of {end} by {start}").because(
            "a nudge takes every road at once"
        ).close(right)


@check("an argument that occurs twice counts twice", points=1, task=ROW, visible=False, needs=("roads-are-added",),
       evidence=HERE)
def twice_counts_twice(submission):
    values = reference.call("evaluate", TWICE, leaves(fresh_rng(), "ab"))
    for start, end, graph in (("a", "q", TWICE), ("a", "r", TWICE), ("b", "n", TWICE), ("n", "a", TWICE)):
        right = float(reference.call("slope", graph, values, start, end))
        expect(submission.call("slope", graph, values, start, end), f"the slope of {end} by {start}").close(right)


@check("the network is drawn with nodes that exist", points=1, task=ROW, visible=True, evidence=HERE)
def drawing_is_a_graph(submission):
    for d, h in ((2, 2), (1, 1)):
        drawn(submission, d, h)


@check("the drawn network computes its loss", points=3, task=ROW, visible=False, needs=("drawing-is-a-graph",),
       evidence=HERE, required=True)
def drawing_computes_the_loss(submission):
    rng = fresh_rng()
    for d, h in ((2, 3), (1, 1), (4, 2)):
        graph = drawn(submission, d, h)
        x, W, b = rng.normal(size=d), rng.normal(size=(h, d)), rng.normal(size=h)
        v, c, t = rng.normal(size=h), float(rng.normal()), float(rng.normal())
        inputs = {f"x{i}": float(x[i]) for i in range(d)} | {"c": c, "t": t}
        inputs |= {f"w{j}_{i}": float(W[j, i]) for j in range(h) for i in range(d)}
        inputs |= {f"{name}{j}": float(part[j]) for name, part in (("b", b), ("v", v)) for j in range(h)}
        right = float((v @ np.maximum(W @ x + b, 0) + c - t) ** 2)
        values = reference.call("evaluate", graph, inputs)
        expect(values["loss"], f"the loss of network_graph({d}, {h})").close(right)


def drawn(submission, d, h):
    """The learner's graph, once it is one: known operations, known names, no cycle."""
    graph = submission.call("network_graph", d, h)
    what = f"network_graph({d}, {h})"
    expect(graph, what).type(dict).contains("loss")
    known = {f"x{i}" for i in range(d)} | {"c", "t"} | {f"w{j}_{i}" for j in range(h) for i in range(d)}
    known |= {f"{name}{j}" for name in "bv" for j in range(h)}
    for name, node in graph.items():
        expect(name, f"a name in {what}").type(str)
        expect(node, f"node {name}").type(tuple, list).length(2)
        expect(node[0], f"the operation of {name}").one_of(list(ARGUMENTS))
        expect(node[1], f"the arguments of {name}").type(list, tuple)
        low, high = ARGUMENTS[node[0]]
        expect(len(node[1]), f"the number of arguments of {name} ({node[0]})").between(low, high)
        for argument in node[1]:
            expect(argument, f"an argument of {name}").type(str)
            if argument not in graph and argument not in known:
                fail(f"{name} uses {argument}, which is neither a node nor a leaf of this network", argument,
                     "a node of the graph or one of the leaves in the starter")
        if name in known:
            fail(f"{name} is a leaf, and the graph computes it", name, "another name")
    done = set(known)
    while ready := [name for name in graph if name not in done and done.issuperset(graph[name][1])]:
        done.update(ready)
    if stuck := [name for name in graph if name not in done]:
        fail("the graph runs in a circle: these nodes wait for each other", ", ".join(stuck), "no cycle")
    return {name: (node[0], list(node[1])) for name, node in graph.items()}
