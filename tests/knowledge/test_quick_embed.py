"""The graph that answers queries says what the model says, and where it cannot, the model answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from knowledge import quick_embed
from knowledge.catalog import load_catalog
from knowledge.embed import SentenceEmbedder, open_embedder
from knowledge.passage import passages_of, windows
from knowledge.quick_embed import QuickEmbedder, export_graph, graph_folder, quick_embedder


@pytest.fixture(scope="module")
def model() -> SentenceEmbedder:
    found = open_embedder("packaged")
    assert isinstance(found, SentenceEmbedder)
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, model: SentenceEmbedder) -> Path:
    folder = tmp_path_factory.mktemp("home")
    assert export_graph(folder, model)
    return folder


def quick(home: Path, model: SentenceEmbedder) -> QuickEmbedder:
    found = quick_embedder(home, model)
    assert isinstance(found, QuickEmbedder)
    return found


def test_nobody_embeds_while_the_exporter_changes_torch(
    tmp_path: Path, model: SentenceEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def write(_: object, path: Path) -> None:
        seen.append(model._lock.acquire(blocking=False))
        raise ValueError("far enough")

    monkeypatch.setattr(quick_embed, "_write_graph", write)
    assert not export_graph(tmp_path, model) and seen == [False]
    assert model.encode(["free again"]).shape[0] == 1


def test_the_graph_agrees_with_the_model_on_two_hundred_texts(home: Path, model: SentenceEmbedder) -> None:
    texts = [window.text for passage in passages_of(load_catalog()) for window in windows(passage)]
    texts = [*texts[:180], *quick_embed.SAMPLES, *(text[:40] for text in texts[:10])]
    assert len(texts) == 200
    embedder = quick(home, model)
    found = np.vstack([embedder.encode(texts[at : at + 4]) for at in range(0, 200, 4)])
    cosines = np.sum(found * model.encode(texts), axis=1)
    assert cosines.min() >= 0.999
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_a_query_needs_no_torch(home: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from knowledge.embed import open_embedder
from knowledge.quick_embed import quick_embedder
embedder = quick_embedder(Path({str(home)!r}), open_embedder("packaged"))
print(embedder.dimension, embedder.encode(["what is a neuron?"]).shape, "torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["384", "(1,", "384)", "False"]


def test_many_texts_and_none_go_their_ways(home: Path, model: SentenceEmbedder) -> None:
    embedder = quick(home, model)
    assert embedder.encode([f"text {n}" for n in range(20)]).shape == (20, 384)
    assert len(embedder.encode([])) == 0
    assert embedder.name == model.name


def test_without_a_graph_the_model_answers(tmp_path: Path, model: SentenceEmbedder) -> None:
    embedder = quick(tmp_path, model)
    assert not embedder.has_graph
    assert np.allclose(embedder.encode(["a neuron"]), model.encode(["a neuron"]))


def test_a_broken_graph_is_removed_and_the_model_answers(
    home: Path, tmp_path: Path, model: SentenceEmbedder
) -> None:
    folder = graph_folder(tmp_path, model)
    folder.mkdir(parents=True)
    for name in ("graph.json", "tokenizer.json"):
        (folder / name).write_bytes((graph_folder(home, model) / name).read_bytes())
    (folder / "graph.onnx").write_bytes(b"half of it")
    embedder = quick(tmp_path, model)
    assert np.allclose(embedder.encode(["a neuron"]), model.encode(["a neuron"]))
    assert not folder.exists()


def test_a_graph_that_differs_is_not_used(
    tmp_path: Path, model: SentenceEmbedder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(quick_embed, "LEAST_COSINE", 1.1)
    assert not export_graph(tmp_path, model)
    assert not graph_folder(tmp_path, model).exists()
    assert "differs" in caplog.text
    assert [path for path in (tmp_path / "models").iterdir() if path.is_dir()] == []


def test_a_graph_is_made_once(home: Path, model: SentenceEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick_embed, "_export", lambda *_: pytest.fail("made again"))
    assert export_graph(home, model)
    told = json.loads((graph_folder(home, model) / "graph.json").read_text(encoding="utf-8"))
    assert told["weights"] == model.name and told["least_cosine"] >= 0.999


@pytest.mark.parametrize("embedder", [None, object()])
def test_other_embedders_are_left_as_they_are(tmp_path: Path, embedder: object) -> None:
    assert quick_embedder(tmp_path, embedder) is embedder  # type: ignore[arg-type]
    assert not export_graph(tmp_path, embedder)  # type: ignore[arg-type]
