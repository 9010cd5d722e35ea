"""The quick way into Chroma's engine answers as chromadb does, and gives way to it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from knowledge import chroma_folder
from knowledge.chroma_folder import ChromaFolder, ChromaPackage, CompiledEngine, open_client

COUNT = 300


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chroma")
    vectors = np.random.default_rng(3).normal(size=(COUNT, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    client = open_client(folder)
    collection = client.create_collection(
        "windows", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
    )
    kinds = [{"kind": "lesson" if row % 3 else "project"} for row in range(COUNT)]
    collection.add(ids=[f"p@{row}" for row in range(COUNT)], embeddings=vectors, metadatas=kinds)
    client.close()
    return folder


def test_both_ways_give_the_same(folder: Path) -> None:
    vector = np.random.default_rng(4).normal(size=16).astype(np.float32)
    quick, whole = CompiledEngine(folder, "windows"), ChromaPackage(folder, "windows")
    assert quick.count() == whole.count() == COUNT
    for where in (None, {"kind": "project"}):
        ours, theirs = quick.query(vector, 20, where), whole.query(vector, 20, where)
        assert ours[0] == theirs[0] and ours[1] == pytest.approx(theirs[1])
    ids, matrix = quick.embeddings(["p@3", "p@7", "p@absent"])
    expected_ids, expected = whole.embeddings(["p@3", "p@7", "p@absent"])
    assert ids == expected_ids and np.allclose(matrix, expected) and matrix.shape == (2, 16)
    quick.close()
    whole.close()


def test_reading_loads_no_chromadb(folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from knowledge.chroma_folder import ChromaFolder\n"
        "print(ChromaFolder(Path(sys.argv[1]), 'windows').count(), 'chromadb' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, cwd=root, check=True
    )
    assert done.stdout.split() == [str(COUNT), "False"]


@pytest.mark.parametrize("broken", ["__init__", "query"])
def test_an_engine_of_another_make_gives_way_to_the_package(
    folder: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def takes_other_arguments(*_: object) -> None:
        raise TypeError("missing 1 required positional argument")

    monkeypatch.setattr(chroma_folder.CompiledEngine, broken, takes_other_arguments)
    opened = ChromaFolder(folder, "windows")
    vector = np.ones(16, dtype=np.float32)
    assert len(opened.query(vector, 5, None)[0]) == 5
    assert isinstance(opened._engine, ChromaPackage)
    opened.close()
