"""What the judge lends to the solution's process: it drives optimizers and writes down where they go.

One rule: nothing here knows what is right. Each function takes a class or a factory of the
solution's and gives back plain numbers.
"""

import copy
import sys
import types

import numpy as np
import torch


def parameters_at(starts):
    return [torch.nn.Parameter(torch.tensor(start)) for start in starts]


def feed(params, gradients):
    for p, g in zip(params, gradients, strict=True):
        p.grad = None if g is None else torch.tensor(g)


def places(params):
    return [p.detach().clone().numpy() for p in params]


def number(value):
    return float(value.detach()) if isinstance(value, torch.Tensor) else value


def walk(kind, starts, feeds, options, groups=None, factors=None):
    """Where each parameter stands after each step, as arrays (steps, *shape).

    groups: options of each parameter, as a group of its own. factors: what each group's
    `lr` is multiplied by before each step.
    """
    params = parameters_at(starts)
    given = params if groups is None else [{"params": [p], **own} for p, own in zip(params, groups, strict=True)]
    optimizer = kind(given, **options)
    seen = []
    for step, gradients in enumerate(feeds):
        for group in optimizer.param_groups:
            group["lr"] *= factors[step] if factors else 1.0
        feed(params, gradients)
        optimizer.step()
        seen.append(places(params))
    return [np.stack(one) for one in zip(*seen, strict=True)]


def step_in_reused_memory(kind, start, feeds, options):
    """The same, where each new gradient is written into the memory of the last one."""
    (p,) = parameters_at([start])
    optimizer = kind([p], **options)
    p.grad = torch.zeros_like(p)
    seen, left = [], []
    for (gradient,) in feeds:
        p.grad.copy_(torch.tensor(gradient))
        optimizer.step()
        seen += places([p])
        left.append(p.grad.clone().numpy())
    return {"places": seen, "gradients": left}


def step_with_closure(kind, start, matrix, options):
    """Two steps with a closure and one without, down a quadratic bowl."""
    (p,), curvature, calls = parameters_at([start]), torch.tensor(matrix), []
    optimizer = kind([p], **options)

    def closure():
        optimizer.zero_grad()
        loss = 0.5 * p @ curvature @ p
        if torch.is_grad_enabled():
            loss.backward()
        calls.append(torch.is_grad_enabled())
        return loss

    returned = [number(optimizer.step(closure)), number(optimizer.step(closure))]
    without = number(optimizer.step())
    return {"returned": returned, "grad_enabled": calls, "without": without, "place": places([p])[0]}


def leave_no_trace(kind, start, options):
    """What three steps leave behind when the gradients themselves have a graph."""
    (p,) = parameters_at([start])
    optimizer = kind([p], **options)
    for _ in range(3):
        (p.grad,) = torch.autograd.grad((p**4).sum(), p, create_graph=True)
        optimizer.step()
    kept = [value for value in optimizer.state[p].values() if isinstance(value, torch.Tensor)]
    return {
        "leaf": p.is_leaf and p.requires_grad,
        "kept_with_graph": sum(value.requires_grad for value in kept),
        "moved": bool((p.detach() != torch.tensor(start)).any()),
    }


def state_dict(kind, starts, feeds, options, pause):
    """Where each parameter ends; after `pause` steps (if any) another optimizer takes over from a checkpoint."""
    params = parameters_at(starts)
    optimizer = kind(params, **options)
    for step, gradients in enumerate(feeds):
        if step == pause:
            checkpoint = copy.deepcopy(optimizer.state_dict())
            params = parameters_at(places(params))
            optimizer = kind(params, **options)
            optimizer.load_state_dict(checkpoint)
        feed(params, gradients)
        optimizer.step()
    return places(params)


def kinship(factory, problem):
    """Is it an optimizer, and which of PyTorch's ready-made ones does the solution's code lead to?"""
    ready = {v for v in vars(torch.optim).values() if isinstance(v, type) and issubclass(v, torch.optim.Optimizer)}
    ready.discard(torch.optim.Optimizer)
    optimizer = factory(parameters_at([[0.0, 0.0]]), problem)
    module = vars(sys.modules[factory.__module__])
    found, waiting = ready & set(type(optimizer).__mro__), list(module.values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, types.CodeType):
            found |= {one for one in ready if one.__name__ in value.co_names and one.__name__ not in module}
            waiting += value.co_consts
        elif isinstance(value, types.FunctionType):
            if value.__module__ == factory.__module__:
                waiting.append(value.__code__)
        elif isinstance(value, type):
            found |= ready & {value}
            waiting += list(vars(value).values()) if value.__module__ == factory.__module__ else []
        waiting += [value.__wrapped__] if isinstance(getattr(value, "__wrapped__", None), types.FunctionType) else []
    return {
        "is_optimizer": isinstance(optimizer, torch.optim.Optimizer),
        "ready_made": sorted(one.__name__ for one in found),
    }


def cross_valley(factory, matrix, start, steps):
    """The loss ½ xᵀAx before the first step and after each."""
    params, curvature = parameters_at([start[:12].reshape(3, 4), start[12:]]), torch.tensor(matrix)
    optimizer = factory(params, "valley")
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        x = torch.cat([p.flatten() for p in params])
        loss = 0.5 * x @ curvature @ x
        loss.backward()
        losses.append(number(loss))
        optimizer.step()
    x = torch.cat([p.detach().flatten() for p in params])
    return [*losses, number(0.5 * x @ curvature @ x)]


def train(factory, weights, images, labels, batches, unseen):
    """Losses of the batches, one step each, of a network 64-32-10; then its answers for `unseen`."""
    network = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
    with torch.no_grad():
        for p, start in zip(network.parameters(), weights, strict=True):
            p.copy_(torch.tensor(start))
    X, y = torch.tensor(images), torch.tensor(labels)
    optimizer = factory(network.parameters(), "digits")
    losses = []
    for rows in torch.tensor(batches):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(network(X[rows]), y[rows])
        loss.backward()
        losses.append(number(loss))
        optimizer.step()
    with torch.no_grad():
        return {"losses": losses, "answers": network(torch.tensor(unseen)).argmax(dim=1).numpy()}


optimizer = types.SimpleNamespace(
    step=walk, step_in_reused_memory=step_in_reused_memory, step_with_closure=step_with_closure,
    leave_no_trace=leave_no_trace, state_dict=state_dict, kinship=kinship, cross_valley=cross_valley, train=train,
)  # fmt: skip
