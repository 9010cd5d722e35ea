"""Vectors of many texts, each embedded once and, where a file is named, kept for the next time.

The one rule owned here: what the file holds is taken as it is, so two runs with the same file
measure with the same vectors to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from teaching.features import Encoder
from teaching.pair_reader import TokenEncoder

_BATCH = 4096


class Vectors:
    """`known` has every text's vector, float32 (d,). file: an .npz, read and written."""

    def __init__(self, encoder: Encoder, file: Path | None = None) -> None:
        self.encoder = encoder
        self.file = file
        self.known: dict[str, Any] = {}
        if file and file.exists():
            import numpy as np  # heavy; only measuring needs arrays

            with np.load(file) as kept:
                texts = kept["texts"].tobytes().decode("utf-8").split("\0")
                self.known = dict(zip(texts, kept["vectors"], strict=True))

    def add(self, texts: Iterable[str]) -> None:
        """Embeds what is not known yet, the shortest first, and keeps it in the file."""
        # Texts of one length share a batch, so little is padded.
        new = sorted({text for text in texts if text not in self.known}, key=lambda text: (len(text), text))
        for start in range(0, len(new), _BATCH):
            part = new[start : start + _BATCH]
            self.known.update(zip(part, self.encoder.encode(part), strict=True))
        if new and self.file:
            import numpy as np  # as above

            joined = np.frombuffer("\0".join(self.known).encode("utf-8"), dtype=np.uint8)
            np.savez(self.file, texts=joined, vectors=np.stack(list(self.known.values())))


class RememberingEncoder:
    """Encodes each text once. The one that it asks must give a text's vector whatever stands beside it."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Any] = {}
        self._states: dict[str, Any] = {}

    @property
    def name(self) -> str:
        """That of the encoder it asks; empty where that one has no states of tokens."""
        return self._encoder.name if isinstance(self._encoder, TokenEncoder) else ""

    def token_states(self, texts: list[str]) -> list[Any]:
        """As the encoder's own. TypeError where it has none."""
        if not isinstance(self._encoder, TokenEncoder):
            raise TypeError(f"{type(self._encoder).__name__} has no states of tokens")
        new = [text for text in dict.fromkeys(texts) if text not in self._states]
        if new:
            self._states.update(zip(new, self._encoder.token_states(new), strict=True))
        return [self._states[text] for text in texts]

    def encode(self, texts: list[str]) -> Any:
        """Shape (len(texts), dimensions)."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.encode(new), strict=True))
        import numpy as np  # as above

        return np.stack([self._known[text] for text in texts])
