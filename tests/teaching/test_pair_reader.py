import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from evals.pair_network import PairRow, Plan, network_module, train_network, write_networks
from knowledge.embed import SentenceEmbedder, open_embedder
from teaching import pair_reader
from teaching.features import Proposition
from teaching.matching import believe
from teaching.pair_reader import BOUND, PairReader, open_reader, read_networks

LENGTHS = {"a wording": 4, "another": 7, "one more of them": 5, "the answer": 6, "an answer": 9}
DIMENSION = 12


@pytest.fixture(scope="module")
def states() -> dict[str, Any]:
    draw = np.random.default_rng(3)
    return {
        text: draw.normal(size=(tokens, DIMENSION)).astype(np.float32) for text, tokens in LENGTHS.items()
    }


@pytest.fixture(scope="module")
def network(states: dict[str, Any]) -> dict[str, Any]:
    rows = [PairRow("a wording", "the answer", True, False), PairRow("another", "an answer", False, True)]
    return train_network(lambda chance: rows * 8, states, Plan(epochs=20), seed=1)


@pytest.fixture(scope="module")
def embedder() -> SentenceEmbedder:
    found = open_embedder("packaged")
    assert isinstance(found, SentenceEmbedder)
    return found


def test_the_reader_computes_what_was_trained_in_torch(
    states: dict[str, Any], network: dict[str, Any]
) -> None:
    module = network_module(DIMENSION)
    module.load_state_dict({name: torch.from_numpy(array) for name, array in network.items()})
    module.eval()
    wordings = ["a wording", "another", "one more of them"]
    found = PairReader([network], lambda texts: [states[text] for text in texts])("the answer", wordings)
    for wording, logits in zip(wordings, found, strict=True):
        both = np.concatenate([states[wording], states["the answer"]])
        here = torch.tensor([[1.0] * LENGTHS[wording] + [0.0] * 6])
        with torch.inference_mode():
            unit = torch.nn.functional.normalize(torch.from_numpy(both), dim=1)[None]
            expected = module(unit, here, 1 - here)[0].clamp(-BOUND, BOUND)
        assert logits == pytest.approx(expected.tolist(), abs=1e-4)


def test_a_network_learns_to_tell_what_it_was_shown(states: dict[str, Any], network: dict[str, Any]) -> None:
    reads = PairReader([network], lambda texts: [states[text] for text in texts])
    stated, denied = reads("the answer", ["a wording"])[0], reads("an answer", ["another"])[0]
    assert stated[0] > 1 > -1 > stated[1]
    assert denied[1] > 1 > -1 > denied[0]


def test_the_same_rows_and_seed_give_the_same_weights(states: dict[str, Any]) -> None:
    rows = [PairRow("a wording", "the answer", True, False), PairRow("another", "an answer", False, True)]
    one, other = (train_network(lambda chance: rows, states, Plan(epochs=3), seed=2) for _ in range(2))
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_networks_come_back_from_their_file(tmp_path: Path, network: dict[str, Any]) -> None:
    path = tmp_path / "reader.safetensors"
    write_networks(path, [network, network], {"encoder": "abc", "notice": "free"})
    found, told = read_networks(path)
    assert told == {"encoder": "abc", "notice": "free"}
    assert len(found) == 2
    for name, array in network.items():
        assert np.allclose(found[1][name], array, atol=1e-2)


def test_the_shipped_weights_are_small_licensed_and_of_the_packaged_embedder() -> None:
    _, told = read_networks(pair_reader.WEIGHTS)
    model = json.loads(pair_reader.WEIGHTS.with_name("matching_model.json").read_text(encoding="utf-8"))
    assert "CC BY-SA 4.0" in told["notice"]
    assert told["encoder"] == model["encoder"]
    assert pair_reader.WEIGHTS.stat().st_size < 1_000_000


def test_states_of_a_text_do_not_depend_on_what_is_read_with_it(embedder: SentenceEmbedder) -> None:
    texts = ["The loss rises.", "A step that is too long jumps over the minimum of the loss.", "no"]
    alone = [embedder.token_states([text])[0] for text in texts]
    for one, together in zip(alone, embedder.token_states(texts), strict=True):
        assert one.shape == together.shape
        assert np.allclose(one, together, atol=1e-4)
    assert len(embedder.token_states(["word " * 5000])[0]) == 96


class OtherEmbedder:
    """An embedder with states of tokens that the weights were not trained on."""

    name = "other"

    def token_states(self, texts: list[str]) -> list[Any]:
        raise AssertionError("the weights must not read these")

    def encode(self, texts: list[str]) -> Any:
        rows = np.ones((len(texts), 4), dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_states_of_another_embedder_are_never_read() -> None:
    assert open_reader(OtherEmbedder()) is None
    item = Proposition("Why?", ("The loss rises with the step.",))
    assert "pair_states" not in believe("it rises", [item], OtherEmbedder())[0].reading.features


def test_pairs_are_read_where_the_embedder_is_the_one(embedder: SentenceEmbedder) -> None:
    item = Proposition("What does a long step do?", ("A long step jumps over the minimum.",))
    found = believe("it leaps across the lowest point", [item], embedder)[0].reading.features
    assert -BOUND <= found["pair_states"] <= BOUND
    assert found["pair_states"] == found["pair_states_mean"]
