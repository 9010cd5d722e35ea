"""An answer and a wording read together, token by token: a small network over the embedder's states.

Every token of one looks for its counterpart in the other; what they share and where they differ
makes two numbers, for "the answer states the wording" and for "it contradicts it". They are
features among others (`features.PAIRED`), never a verdict. The weights, `pair_reader.safetensors`,
are trained by `evals/pair_network.py`; decomposable attention after Parikh et al. 2016
(arXiv:1606.01933). The one rule owned here: the weights read the states of the embedder that they
were trained on, and of no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

WEIGHTS = Path(__file__).with_name("pair_reader.safetensors")
SCALE = 6.0
"""Length of a token's state, so that its coordinates are of the size that the layers expect."""
BOUND = 8.0
_KEPT = 128
"""Sides of pairs, about half a megabyte each: those of the questions of some lessons."""

PairScores = Callable[[str, Sequence[str]], list[tuple[float, float]]]
"""scores(answer, wordings): for each wording the logits of "states it" and of "contradicts it"."""
States = Callable[[Sequence[str]], Sequence[Any]]
Network = Mapping[str, Any]


@runtime_checkable
class TokenEncoder(Protocol):
    """The part of `knowledge.embed.SentenceEmbedder` that is used here."""

    @property
    def name(self) -> str: ...

    def token_states(self, texts: list[str]) -> Sequence[Any]: ...


class Side(NamedTuple):
    """Texts of one side of the pairs, as every network sees them, so that wordings are prepared once.

    states: (texts, tokens, dimension) of unit length, zero where a text is shorter; there: which tokens
    are; own: the states in the few dimensions of each network.
    """

    states: Any
    there: Any
    own: tuple[Any, ...]


class PairReader:
    """Reads pairs by the mean of several networks. states: float (tokens, dimension) of each text."""

    def __init__(self, networks: Sequence[Network], states: States) -> None:
        self._networks = networks
        self._states = states
        self._prepare = lru_cache(maxsize=_KEPT)(self._side)

    def __call__(self, answer: str, wordings: Sequence[str]) -> list[tuple[float, float]]:
        if not wordings:
            return []
        meant, said = self._prepare(tuple(wordings)), self._prepare((answer,))
        read = [read_pairs(network, meant, said, own) for own, network in enumerate(self._networks)]
        logits: Any = sum(read[1:], read[0]) / len(read)
        return [(float(states), float(contradicts)) for states, contradicts in logits.clip(-BOUND, BOUND)]

    def _side(self, texts: tuple[str, ...]) -> Side:
        states, there = _stack(self._states(texts))
        return Side(states, there, tuple(project(network, states) for network in self._networks))


def _stack(states: Sequence[Any]) -> tuple[Any, Any]:
    """A side's `states` and `there`."""
    import numpy as np  # heavy, and loaded already by whatever made the states

    longest = max(len(one) for one in states)
    stacked = np.zeros((len(states), longest, states[0].shape[1]), dtype=np.float32)
    there = np.zeros((len(states), longest), dtype=bool)
    for row, one in enumerate(states):
        stacked[row, : len(one)] = one / np.linalg.norm(one, axis=1, keepdims=True)
        there[row, : len(one)] = True
    return stacked, there


def read_pairs(network: Network, meant: Side, said: Side, number: int) -> Any:
    """Logits (n, 2) of n wordings against one answer, by the network of that number."""
    import numpy as np  # as above

    one, here, mine = meant.states, meant.there, meant.own[number]
    other = np.broadcast_to(said.states, (len(one), *said.states.shape[1:]))
    there, theirs = np.repeat(said.there, len(one), axis=0), np.repeat(said.own[number], len(one), axis=0)
    raw = one @ other[0].T
    near_mine = np.where(there[:, None], raw, -1.0).max(axis=2)
    near_theirs = np.where(here[:, :, None], raw, -1.0).max(axis=1)
    signs = [
        (_centre(one, here) * _centre(other, there)).sum(axis=1),
        _mean(near_mine[..., None], here)[:, 0],
        _mean(near_theirs[..., None], there)[:, 0],
        np.where(here, near_mine, 9.0).min(axis=1),
    ]
    left = _compare(network, mine, theirs, raw, there)
    right = _compare(network, theirs, mine, raw.transpose(0, 2, 1), here)
    pooled = [_mean(left, here), _mean(right, there), _most(left, here), _most(right, there)]
    joined = np.concatenate([*pooled, 4 * (np.stack(signs, axis=1) - 0.5)], axis=1)
    hidden = _gelu(joined @ network["hidden.weight"].T + network["hidden.bias"])
    return hidden @ network["told.weight"].T + network["told.bias"]


def project(network: Network, states: Any) -> Any:
    """Unit states (..., dimension) in the network's own few dimensions."""
    import numpy as np  # as above

    return np.tanh(SCALE * states @ network["project.weight"].T + network["project.bias"])


def _compare(network: Network, mine: Any, theirs: Any, raw: Any, there: Any) -> Any:
    """Each of my tokens (n, mine, d) beside the mixture of theirs, or of nothing, that it attends to."""
    import numpy as np  # as above

    wanted = mine @ network["match.weight"].T
    likeness = 2 / np.sqrt(mine.shape[2]) * (wanted @ theirs.transpose(0, 2, 1)) + 4 * raw
    likeness = np.where(there[:, None], likeness, -1e9)
    most = np.maximum(likeness.max(axis=2, keepdims=True), 0.0)
    weights, nothing = np.exp(likeness - most), np.exp(-most)
    mixture = (weights @ theirs + nothing * network["nothing"]) / (
        weights.sum(axis=2, keepdims=True) + nothing
    )
    beside = np.concatenate([mine, mixture, mine - mixture, mine * mixture], axis=2)
    return _gelu(beside @ network["compare.weight"].T + network["compare.bias"])


def _mean(values: Any, there: Any) -> Any:
    return (values * there[..., None]).sum(axis=1) / there.sum(axis=1, keepdims=True)


def _most(values: Any, there: Any) -> Any:
    import numpy as np  # as above

    return np.where(there[..., None], values, -1e9).max(axis=1)


def _centre(states: Any, there: Any) -> Any:
    import numpy as np  # as above

    mean = _mean(states, there)
    return mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9)


def _gelu(values: Any) -> Any:
    """The tanh form of GELU (Hendrycks and Gimpel 2016)."""
    import numpy as np  # as above

    return 0.5 * values * (1 + np.tanh(0.7978845608 * (values + 0.044715 * values**3)))


@lru_cache(maxsize=4)
def open_reader(encoder: Any) -> PairReader | None:
    """The shipped reader over this encoder's states; None where the weights were trained on another's."""
    if not isinstance(encoder, TokenEncoder) or not WEIGHTS.exists():
        return None
    networks, told = read_networks(WEIGHTS)
    return (
        PairReader(networks, lambda texts: encoder.token_states(list(texts)))
        if told["encoder"] == encoder.name
        else None
    )


def read_networks(path: Path) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The networks of a weights file, float32 arrays by name, and what it tells of itself."""
    # Heavy, and there wherever an embedder is.
    import numpy as np
    from safetensors import safe_open

    networks: dict[str, dict[str, Any]] = {}
    with safe_open(str(path), framework="numpy") as stored:
        for name in stored.keys():  # noqa: SIM118 (no mapping)
            number, _, own = name.partition("/")
            networks.setdefault(number, {})[own] = stored.get_tensor(name).astype(np.float32)
        return [networks[number] for number in sorted(networks)], dict(stored.metadata() or {})
