import json
from pathlib import Path

from tests.mltutor.conftest import Run

LINE = {"id": "1", "question": "Why?", "expectation": "It is long.", "variants": [], "answer": "so"}


def test_what_was_judged_before_a_bad_line_is_printed(mltutor: Run, tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text(json.dumps(LINE) + "\n{\n", encoding="utf-8")
    done = mltutor("evals", "match", str(lines), MLTUTOR_EMBEDDER="none")
    assert done.returncode == 2
    (judged,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert set(judged) == {"id", "p", "verdict"} and judged["id"] == "1"
    assert "line 2" in done.stderr and "Traceback" not in done.stderr
