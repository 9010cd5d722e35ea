"""Optimizers of your own on top of torch.optim.Optimizer. The brief gives the formulas and the names."""

import torch
from torch.optim import Optimizer


class Descent(Optimizer):
    """p ← p − lr·g"""

    def __init__(self, params, lr=0.1):
        super().__init__(params, {"lr": lr})

    def step(self, closure=None):
        """One step for every parameter that has a gradient; returns the closure's loss, or None."""
        # TODO: self.param_groups is a list of dicts, each with "params" and its own "lr".
        raise NotImplementedError


class Momentum(Optimizer):
    """v ← momentum·v + g, then p ← p − lr·v"""

    def __init__(self, params, lr=0.1, momentum=0.9):
        super().__init__(params, {"lr": lr, "momentum": momentum})

    def step(self, closure=None):
        # TODO: where does v live between two steps? And when the run is stopped and resumed?
        raise NotImplementedError


class AdamW(Optimizer):
    """Moving averages of g and g², both corrected for their start at zero, and decoupled weight decay."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def step(self, closure=None):
        # TODO
        raise NotImplementedError


class Lion(Optimizer):
    """Every entry moves by exactly lr; only the sign is decided."""

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    def step(self, closure=None):
        # TODO
        raise NotImplementedError


def my_optimizer(params, problem):
    """Your optimizer, with your settings for `problem`: "valley" or "digits"."""
    # TODO: a class of your own design, or one of the above with settings that you can defend.
    raise NotImplementedError
