"""A content folder of five small units for the tests of retrieval, and two embedders of known habits."""

from __future__ import annotations

import csv
import hashlib
import threading
from pathlib import Path

import numpy as np
import yaml

UNITS = [
    ("neighbours", "lesson", "Classifying by nearest neighbours", "classical-ml", 1),
    ("losses", "lesson", "Losses and their gradients", "neural-networks", 2),
    ("flowers", "project", "A flower classifier", "classical-ml", 1),
    ("store-sales", "case_study", "Sales of a chain of stores", "case-studies", 3),
    ("density-clusters", "lesson", "Density-based clusters with DBSCAN", "classical-ml", 2),
]
NEIGHBOURS = """Read this first.

## Idea
A new flower takes the label of the closest flowers that we have seen. The vote of the k closest
examples decides; a small k follows noise, a large one forgets the shape of the classes.

## Mathematics
The Euclidean distance between two rows is the root of the summed squared differences.

$$
d(a, b) = \\sqrt{\\sum_i (a_i - b_i)^2}

\\text{for every column } i
$$

### Scaling
A column in metres drowns a column in millimetres, so standardise the features before measuring.

## In code
```python run
from sklearn.neighbors import KNeighborsClassifier

# two blank lines stand inside this block


model = KNeighborsClassifier(n_neighbors=3)
assert model.n_neighbors == 3
```
"""
LOSSES = """## Idea
`nn.CrossEntropyLoss` takes logits, not probabilities. It equals the negative log-likelihood of the
right class after a softmax.

## Pitfalls
Applying a softmax before the loss flattens the gradient. L2 regularisation adds the squared weights.
"""
CASE = """## Problem
Forecast the daily turnover of each shop six weeks ahead.

## Questions
What would you try first?
"""
SECRET = "zebrafish"


def write_content(root: Path) -> Path:
    """Four written units and one planned; every private text in them holds the word of SECRET."""
    root.mkdir(parents=True, exist_ok=True)
    rows = [(f"row/{name}", "seed", "1", "practice", "Part", title, "") for name, _, title, _, _ in UNITS]
    columns = ["id", "seed", "line", "kind", "section", "title", "details"]
    _write_table(root / "inventory.csv", columns, rows)
    units = [(*unit, "", f"row/{unit[0]}") for unit in UNITS]
    columns = ["unit_id", "kind", "title", "track", "level", "prerequisites", "covers"]
    _write_table(root / "units.csv", columns, units)
    write_page(root, "neighbours", NEIGHBOURS)
    write_page(root, "losses", LOSSES)
    write_page(root, "store-sales", CASE)
    _write_project(root / "projects" / "flowers")
    return root


def write_page(root: Path, unit: str, body: str) -> Path:
    _, kind, title, track, level = next(row for row in UNITS if row[0] == unit)
    folder = root / "cases" if kind == "case_study" else root / "lessons" / track
    head = {
        "format": 1, "id": unit, "title": title, "track": track, "level": level, "minutes": 20,
        "covers": {f"row/{unit}": "#idea"}, "objectives": ["Say why"],
        "references": [{"authors": "Fix, E.", "title": "Discriminatory analysis", "year": 1951,
                        "url": "https://example.org/fix"}],
        "questions": [
            {"id": f"q{number}", "kind": "numeric", "ask": f"{SECRET}?", "answer": 1.0, "tolerance": 0.0,
             "hints": [SECRET], "why": f"Because of the {SECRET}."} for number in (1, 2)
        ],
    }  # fmt: skip
    if kind == "case_study":
        head["kind"] = "case_study"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{unit}.md"
    path.write_text(f"---\n{yaml.safe_dump(head, sort_keys=False)}---\n{body}", encoding="utf-8")
    return path


def _write_project(folder: Path) -> None:
    folder.mkdir(parents=True)
    file = {"format": 1, "id": "flowers", "title": "A flower classifier", "track": "classical-ml", "level": 1,
            "minutes": 60, "budget": {"seconds": 5.0, "memory_mb": 512}}  # fmt: skip
    texts = {
        "project.yaml": yaml.safe_dump(file),
        "brief.md": "# A flower classifier\n\nName the species of an iris.\n\n## What you write\n\n"
                    "`classify(train, labels, test)` returns one label for each petal measured.\n",
        "starter.py": "def classify(train, labels, test): ...\n",
        "hints.yaml": yaml.safe_dump({"labels-are-right": [SECRET, SECRET, SECRET]}),
        "reference.py": f"# {SECRET}\n",
    }  # fmt: skip
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def _write_table(path: Path, columns: list[str], rows: list[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([columns, *rows])


class CountingEmbedder:
    """A bag of hashed words, and a count of the texts it was given. Equal texts, equal vectors."""

    def __init__(self, name: str = "hashed-words") -> None:
        self.name = name
        self.dimension = 64
        self.texts: list[str] = []

    def encode(self, texts: list[str]) -> np.ndarray:
        self.texts += texts
        vectors = np.full((len(texts), self.dimension), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, int(hashlib.md5(word.encode()).hexdigest(), 16) % self.dimension] += 1.0
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class EmbedderThatWaits(CountingEmbedder):
    """Encodes nothing until `may_start` is set, so that a test can look at what goes on meanwhile."""

    def __init__(self) -> None:
        super().__init__("waits")
        self.was_called = threading.Event()
        self.may_start = threading.Event()

    def encode(self, texts: list[str]) -> np.ndarray:
        self.was_called.set()
        assert self.may_start.wait(timeout=30)
        return super().encode(texts)
