"""All benchmarks, one after the other."""

from __future__ import annotations

from benchmarks import kernel, retrieval


def main() -> None:
    print("== kernel: an isolated kernel beside jupyter_client's own")
    kernel.main([])
    print("\n== retrieval: words, meaning and both; speed beside Chroma")
    retrieval.main([])


if __name__ == "__main__":
    main()
