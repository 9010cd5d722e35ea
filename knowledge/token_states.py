"""What the embedder's transformer holds of every token of a text, one layer before it is pooled.

A sentence vector has lost which word stood beside which; the states have not. The one rule owned
here: a text is read alone, so its states are the same whatever is read with it and can be kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from knowledge.embed import Vectors

MOST_TOKENS = 96
_BATCH = 64


class TokenStates:
    """States of a BERT-like `module` before its last layer; `tokenizer` is its tokenizer.json."""

    def __init__(self, module: Any, tokenizer: Path) -> None:
        # Heavy, and there wherever a transformer was loaded.
        from tokenizers import Tokenizer

        self._module = module
        self._tokenizer: Any = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_TOKENS)

    def read(self, texts: Sequence[str]) -> list[Vectors]:
        """For each text float32 (tokens, dimension), first and last token included, at most MOST_TOKENS."""
        numbers = [one.ids for one in self._tokenizer.encode_batch(list(texts))]
        # Texts of one length share a batch, so little is padded.
        order = sorted(range(len(texts)), key=lambda place: len(numbers[place]))
        found: dict[int, Vectors] = {}
        for start in range(0, len(order), _BATCH):
            places = order[start : start + _BATCH]
            found.update(zip(places, self._read([numbers[place] for place in places]), strict=True))
        return [found[place] for place in range(len(texts))]

    def _read(self, numbers: Sequence[list[int]]) -> list[Vectors]:
        import torch  # as above

        longest = max(map(len, numbers))
        tokens = torch.zeros(len(numbers), longest, dtype=torch.int64)
        mask = torch.zeros(len(numbers), longest, dtype=torch.int64)
        for row, own in enumerate(numbers):
            tokens[row, : len(own)] = torch.tensor(own)
            mask[row, : len(own)] = 1
        with torch.inference_mode():
            told = self._module(input_ids=tokens, attention_mask=mask, output_hidden_states=True)
        states = told.hidden_states[-2].float().numpy()
        return [states[row, : len(own)].copy() for row, own in enumerate(numbers)]
