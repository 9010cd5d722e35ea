"""
misconception: one-clock-for-all-parameters
fails: [steps-are-counted-apart]
"""

import torch
from torch.optim import Optimizer


class Stepping(Optimizer):
    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            group["t"] = group.get("t", 0) + 1
            for p in group["params"]:
                if p.grad is not None:
                    self.move(p, p.grad, self.state[p], group)
        return loss


class Descent(Stepping):
    def __init__(self, params, lr=0.1):
        super().__init__(params, {"lr": lr})

    def move(self, p, grad, state, group):
        p -= group["lr"] * grad


class Momentum(Stepping):
    def __init__(self, params, lr=0.1, momentum=0.9):
        super().__init__(params, {"lr": lr, "momentum": momentum})

    def move(self, p, grad, state, group):
        if "v" not in state:
            state["v"] = torch.zeros_like(p)
        state["v"] *= group["momentum"]
        state["v"] += grad
        p -= group["lr"] * state["v"]


class AdamW(Stepping):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def move(self, p, grad, state, group):
        b1, b2 = group["betas"]
        if "m" not in state:
            state["m"], state["v"] = torch.zeros_like(p), torch.zeros_like(p)
        state["m"] = b1 * state["m"] + (1 - b1) * grad
        state["v"] = b2 * state["v"] + (1 - b2) * grad**2
        m = state["m"] / (1 - b1 ** group["t"])
        v = state["v"] / (1 - b2 ** group["t"])
        p *= 1 - group["lr"] * group["weight_decay"]
        p -= group["lr"] * m / (v.sqrt() + group["eps"])


class Lion(Stepping):
    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    def move(self, p, grad, state, group):
        b1, b2 = group["betas"]
        if "m" not in state:
            state["m"] = torch.zeros_like(p)
        update = torch.sign(b1 * state["m"] + (1 - b1) * grad)
        state["m"] = b2 * state["m"] + (1 - b2) * grad
        p *= 1 - group["lr"] * group["weight_decay"]
        p -= group["lr"] * update


def my_optimizer(params, problem):
    if problem == "valley":
        return Momentum(params, lr=1.0, momentum=0.9)
    return Momentum(params, lr=0.05, momentum=0.9)
