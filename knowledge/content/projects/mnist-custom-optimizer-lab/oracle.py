"""What is right, in NumPy: the path of each rule, and the best that plain descent can do in a valley."""

import numpy as np


def descent(p, g, memory, o):
    return p - o["lr"] * g


def momentum(p, g, memory, o):
    memory["v"] = o["momentum"] * memory.get("v", 0) + g
    return p - o["lr"] * memory["v"]


def adamw(p, g, memory, o):
    (b1, b2), t = o["betas"], memory.get("t", 0) + 1
    m = b1 * memory.get("m", 0) + (1 - b1) * g
    v = b2 * memory.get("v", 0) + (1 - b2) * g**2
    memory.update(t=t, m=m, v=v)
    step = m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + o["eps"])
    return p - o["lr"] * (step + o["weight_decay"] * p)


def lion(p, g, memory, o):
    (b1, b2), m = o["betas"], memory.get("m", 0)
    memory["m"] = b2 * m + (1 - b2) * g
    return p - o["lr"] * (np.sign(b1 * m + (1 - b1) * g) + o["weight_decay"] * p)


RULES = {"Descent": descent, "Momentum": momentum, "AdamW": adamw, "Lion": lion}


def right_walk(name, starts, feeds, options, groups=None, factors=None):
    """Where each parameter must stand after each step."""
    paths = []
    for index, p in enumerate(starts):
        path, memory = [], {}
        own = {**options, **(groups[index] if groups else {})}
        for step, gradients in enumerate(feeds):
            own["lr"] *= factors[step] if factors else 1.0
            if gradients[index] is not None:
                p = RULES[name](p, gradients[index], memory, own)
            path.append(p)
        paths.append(np.array(path))
    return paths


def best_plain_descent(valley, steps):
    """The share of the loss that is left after plain descent with the best of all constant rates."""
    curvatures, axes = np.linalg.eigh(valley.matrix)
    shares = curvatures * (axes.T @ valley.start) ** 2
    rates = np.linspace(0.05, 2.0, 400)[:, None]
    return ((shares * (1 - rates * curvatures) ** (2 * steps)).sum(axis=1) / shares.sum()).min()
