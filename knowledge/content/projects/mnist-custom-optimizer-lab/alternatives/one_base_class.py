"""One base class walks over the parameters; each method is a formula. The moving averages carry their own weight."""

import torch


class Rule(torch.optim.Optimizer):
    def step(self, closure=None):
        loss = closure() if closure is not None else None
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    gradient = p.grad.detach()
                    p.data = self.moved(p.data, gradient, self.state[p], group)
        return loss


class Descent(Rule):
    def __init__(self, params, lr=0.1):
        super().__init__(params, {"lr": lr})

    def moved(self, x, g, state, group):
        return x - group["lr"] * g


class Momentum(Rule):
    def __init__(self, params, lr=0.1, momentum=0.9):
        super().__init__(params, {"lr": lr, "momentum": momentum})

    def moved(self, x, g, state, group):
        state["past"] = group["momentum"] * state.get("past", 0) + g
        return x - group["lr"] * state["past"]


def average(state, name, value, beta):
    """A moving average that divides by the weight it has gathered so far: its start at zero leaves no bias."""
    total = beta * state.get(name, 0) + (1 - beta) * value
    weight = beta * state.get(name + "_weight", 0.0) + (1 - beta)
    state[name], state[name + "_weight"] = total, weight
    return total / weight


class AdamW(Rule):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def moved(self, x, g, state, group):
        drift = average(state, "m", g, group["betas"][0])
        size = average(state, "v", g * g, group["betas"][1]).sqrt()
        return x - group["lr"] * (drift / (size + group["eps"]) + group["weight_decay"] * x)


class Lion(Rule):
    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    def moved(self, x, g, state, group):
        past = state.get("m", torch.zeros_like(g))
        mix = group["betas"][0] * past + (1 - group["betas"][0]) * g
        state["m"] = group["betas"][1] * past + (1 - group["betas"][1]) * g
        return x - group["lr"] * (torch.sign(mix) + group["weight_decay"] * x)


def my_optimizer(params, problem):
    if problem == "valley":
        return AdamW(params, lr=0.3, betas=(0.9, 0.99), weight_decay=0.0)
    return AdamW(params, lr=0.01)
