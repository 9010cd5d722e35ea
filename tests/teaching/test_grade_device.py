"""A project is graded on the device that its budget names, and at the scale of that device."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from knowledge.catalog import load_catalog
from sandbox.gpu import Gpu, Survey
from sandbox.grading import grade
from sandbox.lease import read_claims
from sandbox.report import GradeReport
from sandbox.submission import submission_from_files
from teaching.grade import check_project
from tutor_error import TutorError

CATALOG = load_catalog()
PROJECT = CATALOG.project("iris-knn-classifier")
RIGHT = submission_from_files({"solution.py": (PROJECT.folder / "reference.py").read_bytes()}, "solution.py")
CARD = Gpu(0, 63, "GPU-63", "Stub", 24576, 24576, "570.133.07", "off")


def ask_for_a_gpu(need: str, monkeypatch: pytest.MonkeyPatch) -> None:
    budget = PROJECT.file.budget.model_copy(update={"gpu": need})
    asking = replace(PROJECT, file=PROJECT.file.model_copy(update={"budget": budget}))
    monkeypatch.setattr(CATALOG, "project", lambda name: asking)


def test_an_optional_gpu_that_is_not_there_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_for_a_gpu("optional", monkeypatch)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    graded = check_project(CATALOG, PROJECT.unit.id, RIGHT, home=tmp_path)
    assert graded.document["passed"]
    assert graded.document["device"] == graded.document["environment"]["device"] == "cpu"


def test_a_required_gpu_that_is_not_there_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_for_a_gpu("required", monkeypatch)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(TutorError) as caught:
        check_project(CATALOG, PROJECT.unit.id, RIGHT, home=tmp_path)
    assert caught.value.code == "gpu-required"


def test_a_gpu_is_leased_while_the_project_is_graded_at_full_scale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card is one that is told of and not there: the lease, the scale and the report are real."""
    ask_for_a_gpu("optional", monkeypatch)
    monkeypatch.setattr("sandbox.lease.usable_gpus", lambda *_: Survey((CARD,)))
    seen: list[str] = []
    asked: list[object] = []

    def watched(*arguments: Any, **options: Any) -> GradeReport:
        asked.extend((options["scale"], options["gpus"]))
        return grade(*arguments, **options)

    monkeypatch.setattr("sandbox.grading.grade", watched)
    graded = check_project(
        CATALOG,
        PROJECT.unit.id,
        RIGHT,
        home=tmp_path,
        on_check=lambda *_: seen.extend(claim.purpose for claim in read_claims(tmp_path)),
    )
    assert set(seen) == {"grading iris-knn-classifier"}
    assert read_claims(tmp_path) == []
    assert asked == ["full", (63,)]
    assert graded.document["device"] == graded.document["environment"]["device"] == "cuda:0"
