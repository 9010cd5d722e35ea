"""Training of the network that reads an answer and a wording together (`teaching.pair_reader`).

The same arithmetic in torch, batches of pairs, two logits. The one rule owned here: the same rows,
states and seed give the same weights.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from teaching.pair_reader import SCALE, Network

WIDTH, HIDDEN, DROPPED = 96, 64, 0.2
BATCH = 32
_CONTRADICTS_COUNTS = 0.5
"""What the second logit's loss counts beside the first's."""


@dataclass(frozen=True)
class PairRow:
    """A wording, an answer, and whether the answer states it or contradicts it; counts: its weight."""

    meant: str
    said: str
    states: bool
    contradicts: bool
    counts: float = 1.0


Draw = Callable[[random.Random], list[PairRow]]
"""The rows of one epoch: from one to the next other wordings stand beside an answer."""


@dataclass(frozen=True)
class Plan:
    """How long a network is trained, and how fast at most."""

    epochs: int
    rate: float = 2e-3


def network_module(dimension: int) -> Any:
    """The network in torch, untrained, for states of this dimension."""
    import torch  # heavy; only training needs it
    from torch import nn
    from torch.nn import functional as F

    class PairNetwork(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.project = nn.Linear(dimension, WIDTH)
            self.match = nn.Linear(WIDTH, WIDTH, bias=False)
            self.nothing = nn.Parameter(torch.zeros(WIDTH))
            self.compare = nn.Linear(4 * WIDTH, WIDTH)
            self.hidden = nn.Linear(4 * WIDTH + 4, HIDDEN)
            self.told = nn.Linear(HIDDEN, 2)
            self.drop = nn.Dropout(DROPPED)
            nn.init.eye_(self.match.weight)

        def forward(self, states: Any, here: Any, there: Any) -> Any:
            """Unit states (n, tokens, dimension) of the wording and then the answer; float masks of each."""
            raw = states @ states.transpose(1, 2)
            across = here[:, :, None] * there[:, None]
            across = across + across.transpose(1, 2)
            near = raw.masked_fill(across == 0, -1).amax(2)
            mine = F.normalize((states * here[..., None]).sum(1), dim=1)
            theirs = F.normalize((states * there[..., None]).sum(1), dim=1)
            signs = [
                (mine * theirs).sum(1),
                (near * here).sum(1) / here.sum(1),
                (near * there).sum(1) / there.sum(1),
                near.masked_fill(here == 0, 9).amin(1),
            ]
            beside = self.beside(states, raw, across)
            means = [(beside * m[..., None]).sum(1) / m.sum(1, keepdim=True) for m in (here, there)]
            most = [beside.masked_fill(m[..., None] == 0, -1e9).amax(1) for m in (here, there)]
            pooled = self.drop(torch.cat([*means, *most], 1))
            joined = torch.cat([pooled, 4 * (torch.stack(signs, 1) - 0.5)], 1)
            return self.told(self.drop(F.gelu(self.hidden(joined), approximate="tanh")))

        def beside(self, states: Any, raw: Any, across: Any) -> Any:
            """Every token compared with the mixture of the other text's tokens that it attends to."""
            own = torch.tanh(self.project(SCALE * self.drop(states)))
            likeness = 2 / math.sqrt(WIDTH) * (self.match(own) @ own.transpose(1, 2)) + 4 * raw
            likeness = likeness.masked_fill(across == 0, -1e9)
            nothing = torch.zeros_like(likeness[..., :1])
            weights = torch.cat([likeness, nothing], 2).softmax(2)
            mixture = weights[..., :-1] @ own + weights[..., -1:] * self.nothing
            both = self.drop(torch.cat([own, mixture, own - mixture, own * mixture], 2))
            return F.gelu(self.compare(both), approximate="tanh")

    return PairNetwork()


def train_network(
    draw: Draw, states: Mapping[str, Any], plan: Plan, seed: int, start: Network | None = None
) -> dict[str, Any]:
    """Weights by name, float32 arrays. states: (tokens, dimension) of each text that `draw` uses.

    start: weights to go on from; without them the network is a new one.
    """
    import torch  # as above

    torch.manual_seed(seed)
    chance = random.Random(seed)
    module = network_module(next(iter(states.values())).shape[1])
    if start:
        module.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in start.items()})
    batches = [batch for _ in range(plan.epochs) for batch in _batches(draw(chance), states, chance)]
    optimizer = torch.optim.AdamW(module.parameters(), lr=plan.rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, len(batches)))
    module.train()
    for batch in batches:
        loss = _loss(module, batch, states)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return {name: array.numpy().copy() for name, array in module.state_dict().items()}


def _rate(step: int, steps: int) -> float:
    """Share of the highest rate: up in the first twentieth, then down in a line."""
    return min((step + 1) / (0.06 * steps), max(0.02, (steps - step) / (0.94 * steps)))


def _batches(
    rows: Sequence[PairRow], states: Mapping[str, Any], chance: random.Random
) -> list[list[PairRow]]:
    """Rows of about one length together, the batches in a drawn order."""
    ordered = sorted(
        rows, key=lambda row: len(states[row.meant]) + len(states[row.said]) + 6 * chance.random()
    )
    found = [ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH)]
    chance.shuffle(found)
    return found


def _loss(module: Any, batch: Sequence[PairRow], states: Mapping[str, Any]) -> Any:
    import torch  # as above
    from torch.nn import functional as F

    truth = torch.tensor([[float(row.states), float(row.contradicts)] for row in batch])
    counts = torch.tensor([row.counts for row in batch])
    each = F.binary_cross_entropy_with_logits(module(*_collate(batch, states)), truth, reduction="none")
    return ((each[:, 0] + _CONTRADICTS_COUNTS * each[:, 1]) * counts).mean()


def _collate(batch: Sequence[PairRow], states: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    import torch  # as above
    from torch.nn import functional as F

    both = [(torch.from_numpy(states[row.meant]), torch.from_numpy(states[row.said])) for row in batch]
    longest = max(len(one) + len(other) for one, other in both)
    joined = torch.zeros(len(both), longest, both[0][0].shape[1])
    here, there = torch.zeros(len(both), longest), torch.zeros(len(both), longest)
    for row, (one, other) in enumerate(both):
        joined[row, : len(one)] = one
        joined[row, len(one) : len(one) + len(other)] = other
        here[row, : len(one)] = 1
        there[row, len(one) : len(one) + len(other)] = 1
    return F.normalize(joined, dim=2), here, there


def write_networks(path: Path, networks: Sequence[Network], told: Mapping[str, str]) -> None:
    """Keeps networks in float16 with what is told of them, for `teaching.pair_reader.read_networks`."""
    import numpy as np  # as above
    from safetensors.numpy import save_file

    save_file(
        {
            f"{number}/{name}": np.ascontiguousarray(array, dtype=np.float16)
            for number, network in enumerate(networks)
            for name, array in network.items()
        },
        str(path),
        metadata=dict(told),
    )
