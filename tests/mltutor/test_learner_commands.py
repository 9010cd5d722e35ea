"""place, progress UNIT and records, as a learner types them."""

from __future__ import annotations

from pathlib import Path

from tests.mltutor.conftest import Run, document


def test_a_placement_asks_and_tells_an_outcome(mltutor: Run) -> None:
    done = mltutor("place", "math", "--json", stdin="don't know\n" * 40)
    told = document(done)
    assert done.returncode == 0, done.stderr
    assert told["question"] is None
    assert 1 <= told["asked"] <= 12
    assert (told["right"], told["passed_over"]) == (0, [])
    assert told["start"] is not None
    assert "Traceback" not in done.stderr
    known = document(mltutor("progress", "--json"))
    assert {unit["level"] for unit in known["units"]} == {"learning"}
    unit = known["units"][0]["unit"]
    opened = document(mltutor("progress", unit, "--json"))
    assert [step["verdict"] for step in opened["steps"]] == ["wrong"] * len(opened["steps"])
    assert opened["steps"][-1]["after"] == round(opened["mastery"], 4)


def test_a_placement_that_is_left_says_how_to_go_on(mltutor: Run) -> None:
    done = mltutor("place", "math", stdin="don't know\nstop\n")
    assert done.returncode == 0
    assert "mltutor place math --session p-" in done.stderr
    assert "Traceback" not in done.stderr


def test_records_are_exported_forgotten_only_with_consent_and_imported_again(
    mltutor: Run, tmp_path: Path
) -> None:
    mltutor("place", "math", stdin="don't know\nstop\n")
    file = tmp_path / "mine.jsonl"
    assert document(mltutor("records", "export", str(file), "--json"))["events"] == 1
    refused = mltutor("records", "forget")
    assert refused.returncode == 2
    assert "1 events" in refused.stderr
    assert document(mltutor("records", "--json"))["learners"][0]["events"] == 1
    assert document(mltutor("records", "forget", "--yes", "--json"))["events"] == 1
    left = document(mltutor("records", "--json"))
    assert (left["learners"], left["forgotten"][0]["events"]) == ([], 1)
    assert document(mltutor("records", "import", str(file), "--json"))["events"] == 1
