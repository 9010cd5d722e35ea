"""An encoder that remembers: simulated talkers repeat themselves, and vectors do not change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from teaching.features import Encoder


class RememberingEncoder:
    """Encodes each text once. The one that it asks must give a text's vector whatever stands beside it."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, NDArray[np.float32]] = {}

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Shape (len(texts), dimensions)."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.encode(new), strict=True))
        return np.stack([self._known[text] for text in texts])
