import torch
from torch.optim import Optimizer


def ask(closure):
    if closure is None:
        return None
    with torch.enable_grad():
        return closure()


class Descent(Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        loss = ask(closure)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.add_(p.grad, alpha=-group["lr"])
        return loss


class Momentum(Optimizer):
    def __init__(self, params, lr=0.1, momentum=0.9):
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None):
        loss = ask(closure)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state["velocity"] = torch.zeros_like(p)
                velocity = state["velocity"]
                velocity.mul_(group["momentum"]).add_(p.grad)
                p.add_(velocity, alpha=-group["lr"])
        return loss


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        loss = ask(closure)
        for group in self.param_groups:
            first, second = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state.update(count=0, mean=torch.zeros_like(p), square=torch.zeros_like(p))
                state["count"] += 1
                state["mean"].lerp_(p.grad, 1 - first)
                state["square"].mul_(second).addcmul_(p.grad, p.grad, value=1 - second)
                mean = state["mean"] / (1 - first ** state["count"])
                square = state["square"] / (1 - second ** state["count"])
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.addcdiv_(mean, square.sqrt() + group["eps"], value=-group["lr"])
        return loss


class Lion(Optimizer):
    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        loss = ask(closure)
        for group in self.param_groups:
            blend, keep = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state["mean"] = torch.zeros_like(p)
                direction = torch.lerp(p.grad, state["mean"], blend).sign_()
                p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(direction, alpha=group["lr"])
                state["mean"].lerp_(p.grad, 1 - keep)
        return loss


class Rolling(Optimizer):
    """Nesterov's look-ahead, with a velocity that is dropped when it runs uphill."""

    def __init__(self, params, lr, momentum):
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None):
        loss = ask(closure)
        for group in self.param_groups:
            moving = [p for p in group["params"] if p.grad is not None]
            for p in moving:
                self.state[p].setdefault("velocity", torch.zeros_like(p))
            uphill = sum(float((self.state[p]["velocity"] * p.grad).sum()) for p in moving) < 0
            for p in moving:
                velocity = self.state[p]["velocity"]
                velocity.mul_(0.0 if uphill else group["momentum"]).add_(p.grad)
                p.add_(p.grad + group["momentum"] * velocity, alpha=-group["lr"])
        return loss


def my_optimizer(params, problem):
    settings = {"valley": {"lr": 0.7, "momentum": 0.96}, "digits": {"lr": 0.1, "momentum": 0.9}}
    return Rolling(params, **settings[problem])
