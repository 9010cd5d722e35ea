"""Queries embedded without torch: the same weights as an ONNX graph, which starts in a third of a second.

It owns one rule: the graph answers only after it was compared with the model that it was made of;
where there is none, or it differs, the model itself answers.
"""

from __future__ import annotations

import io
import json
import logging
import shutil
import threading
import uuid
import warnings
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge.embed import SentenceEmbedder

if TYPE_CHECKING:
    from knowledge.embed import Embedder, Vectors

FORMAT = 1
LEAST_COSINE = 0.999
MOST_TEXTS = 8  # a query or a few; many texts are embedded faster by the model
MOST_TOKENS = 256
SAMPLES: list[str] = [
    "what is overfitting",
    "why does dropout help a network generalise?",
    "nn.CrossEntropyLoss expects logits",
    "∇f = 2Xᵀ(Xw − y)",
    "k-NN",
    "a",
    "The quick brown fox jumps over the lazy dog. " * 60,
    "Wie funktioniert Rückpropagierung?",
    "gradient descent " * 40,
    "for epoch in range(10): loss.backward()",
]
_log = logging.getLogger(__name__)


def quick_embedder(home: Path, embedder: Embedder | None) -> Embedder | None:
    """The same embedder, which answers queries through ONNX where `export_graph` made a graph of it."""
    if not isinstance(embedder, SentenceEmbedder):
        return embedder
    return QuickEmbedder(embedder, graph_folder(home, embedder))


def graph_folder(home: Path, embedder: SentenceEmbedder) -> Path:
    return home / "models" / f"{embedder.name}-{FORMAT}"


def export_graph(home: Path, embedder: Embedder | None) -> bool:
    """Make the graph, once for these weights; False where it cannot be made or would not be the same.

    Takes ten seconds and torch. Several processes may call it at once.
    """
    if isinstance(embedder, QuickEmbedder):
        embedder = embedder.model
    if not isinstance(embedder, SentenceEmbedder):
        return False
    from filelock import FileLock

    folder = graph_folder(home, embedder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        if (folder / "graph.json").exists():
            return True
        draft = folder.with_name(f"{folder.name}-{uuid.uuid4().hex[:8]}")
        draft.mkdir()
        try:
            return _export(embedder, draft, folder)
        except Exception as error:  # torch's exporter fails in many ways, and none may cost a search
            why = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'}"
            _log.warning("No ONNX graph was made of %s (%s). Queries go through torch.", embedder.name, why)
            return False
        finally:
            shutil.rmtree(draft, ignore_errors=True)


class QuickEmbedder:
    """Answers like `model`, and few texts at a time through the graph in `folder`. Thread-safe."""

    def __init__(self, model: SentenceEmbedder, folder: Path) -> None:
        self.model = model
        self._folder = folder
        self._lock = threading.Lock()
        self._graph: _Graph | None = None

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def dimension(self) -> int:
        found = _read(self._folder / "graph.json")
        return int(found["dimension"]) if found else self.model.dimension

    @property
    def has_graph(self) -> bool:
        return _read(self._folder / "graph.json") is not None

    def encode(self, texts: list[str]) -> Vectors:
        if len(texts) > MOST_TEXTS:
            return self.model.encode(texts)
        graph = self._opened()
        return self.model.encode(texts) if graph is None else graph.encode(texts)

    def _opened(self) -> _Graph | None:
        with self._lock:
            if self._graph is None and self.has_graph:
                try:
                    self._graph = _Graph(self._folder)
                except Exception as error:  # a graph that another version of onnxruntime cannot read
                    _log.warning("The graph in %s cannot be used: %r.", self._folder, error)
                    shutil.rmtree(self._folder, ignore_errors=True)
            return self._graph


class _Graph:
    """An ONNX session and the tokenizer that its weights were trained with."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            str(folder / "graph.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._tokenizer.enable_padding()

    def encode(self, texts: list[str]) -> Vectors:
        import numpy as np

        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        encoded = self._tokenizer.encode_batch(texts)
        fed = {
            "input_ids": np.array([one.ids for one in encoded], dtype=np.int64),
            "attention_mask": np.array([one.attention_mask for one in encoded], dtype=np.int64),
        }
        return np.asarray(self._session.run(["sentence_embedding"], fed)[0], dtype=np.float32)


def _export(embedder: SentenceEmbedder, draft: Path, folder: Path) -> bool:
    import numpy as np

    module, tokenizer = embedder.parts()
    shutil.copy(tokenizer, draft / "tokenizer.json")
    with embedder.alone():
        _write_graph(module, draft / "graph.onnx")
    wanted = embedder.encode(SAMPLES)
    least = float(np.min(np.sum(wanted * _Graph(draft).encode(SAMPLES), axis=1)))
    if least < LEAST_COSINE:
        _log.warning("The ONNX graph of %s differs (cosine %.5f) and is not used.", embedder.name, least)
        return False
    told = {"format": FORMAT, "weights": embedder.name, "dimension": wanted.shape[1], "least_cosine": least}
    (draft / "graph.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return True


def _write_graph(module: Any, path: Path) -> None:
    """Pooling and length are inside the graph: token numbers in, unit vectors out."""
    import torch

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = module

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            hidden = self.transformer(input_ids=input_ids, attention_mask=attention_mask)[0]
            weights = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=1)

    example = (torch.ones(2, 12, dtype=torch.int64), torch.ones(2, 12, dtype=torch.int64))
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=512)
    shapes = ({0: batch, 1: length}, {0: batch, 1: length})
    # The exporter calls parts of torch that are on their way out and misses torchvision; it says so on
    # the screen, through three channels.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with torch.no_grad(), warnings.catch_warnings(action="ignore"), redirect_stdout(io.StringIO()):
        torch.onnx.export(
            Pooled().eval(), example, str(path), dynamo=True, external_data=False, verbose=False,
            input_names=["input_ids", "attention_mask"], output_names=["sentence_embedding"],
            dynamic_shapes=shapes,
        )  # fmt: skip


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
