"""The nearest authored example of a line on which no rule of `speech_act` speaks.

The one rule owned here: only a short line that shares no word of weight with the open question
may be taken from the answers, and only for an example that it is close to.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from knowledge.content_file import read_yaml
from teaching import wording
from teaching.features import Encoder
from teaching.speech_act import Act, ActKind

_EXAMPLES = Path(__file__).with_name("speech_act_examples.yaml")
_LONGEST = 16
_SHORTEST = 3
_CLOSE = 0.45
"""Cosine of MiniLM; below it an example says nothing of the line. Chosen on the first round and on the half
`second` (`evals run acts`): of 225 answers there one comes this close to an example."""
_PIECE = 8
_SAME_WORDS = 0.6
"""Share of the words, small ones too, that both have, where there is no embedder."""


def nearest_act(line: str, asked: str, encoder: Encoder | None = None) -> Act:
    """The act of the nearest example, or an answer."""
    words = wording.words(line)
    if not _SHORTEST <= len(words) <= _LONGEST:
        return Act("answer")
    if set(wording.content(line)) & set(wording.content(asked)):
        return Act("answer")
    kinds, texts = _examples()
    likeness = _cosines(encoder, line, texts) if encoder is not None else _overlaps(line, texts)
    best = max(range(len(texts)), key=likeness.__getitem__)
    return (
        Act(kinds[best]) if likeness[best] >= (_SAME_WORDS if encoder is None else _CLOSE) else Act("answer")
    )


@lru_cache(maxsize=1)
def _examples() -> tuple[tuple[ActKind, ...], tuple[str, ...]]:
    told = cast(dict[ActKind, list[str]], read_yaml(_EXAMPLES))
    pairs: list[tuple[ActKind, str]] = [(kind, text) for kind, texts in told.items() for text in texts]
    return tuple(kind for kind, _ in pairs), tuple(text for _, text in pairs)


def prepare(encoder: Encoder) -> None:
    """Embed the examples now, so that no line waits for them."""
    _vectors(encoder, _examples()[1])


@lru_cache(maxsize=2)
def _vectors(encoder: Encoder, texts: tuple[str, ...]) -> Any:
    """In small pieces, which the quick embedder answers without loading the model."""
    import numpy as np  # heavy, and present wherever there is an encoder

    pieces = [list(texts[at : at + _PIECE]) for at in range(0, len(texts), _PIECE)]
    return np.vstack([encoder.encode(piece) for piece in pieces])


def _cosines(encoder: Encoder, line: str, texts: tuple[str, ...]) -> list[float]:
    return [float(value) for value in _vectors(encoder, texts) @ encoder.encode([line])[0]]


def _overlaps(line: str, texts: tuple[str, ...]) -> list[float]:
    own = set(map(wording.stem, wording.words(line)))
    others = [set(map(wording.stem, wording.words(text))) for text in texts]
    return [len(own & other) / len(own | other) for other in others]
