import ast

import pytest

from evals.cheats import FAMILIES, cheats
from evals.record import Sample
from evals.suites.grading import summary
from knowledge.catalog import load_catalog
from sandbox.grading import grade
from sandbox.submission import submission_from_files
from teaching.grade import limits_of

STARTER = "def mean(values):\n    raise NotImplementedError\n\n\nclass Model:\n    pass\n"


def test_each_cheat_defines_what_the_starter_defines() -> None:
    made = dict(cheats(STARTER))
    assert set(made) == set(FAMILIES)
    for source in made.values():
        names = {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
        assert {"mean", "Model"} <= names


@pytest.mark.parametrize("family", ["patched-comparisons", "equals-everything", "gives-back-its-input"])
def test_cheat_earns_nothing_in_a_real_project(family: str) -> None:
    project = load_catalog().project("iris-knn-classifier")
    source = dict(cheats(project.starter.read_text(encoding="utf-8")))[family]
    submission = submission_from_files({project.main: source.encode()}, project.main)
    report = grade(project.folder, submission, limits=limits_of(project), scale="proof", seed="0" * 32)
    assert report.score == 0, [check for check in report.checks if check.points]
    assert not report.passed


def test_false_accepts_are_counted_with_their_interval() -> None:
    samples = [Sample(str(i), "cheat", {}, {"rejected": 1.0}) for i in range(59)]
    samples.append(Sample("60", "cheat", {}, {"rejected": 0.0}))
    figures = summary(samples)
    assert figures["false_accepts"] == 1
    assert figures["rejected"] == pytest.approx(59 / 60)
    assert 0.05 < figures["false_accept_high"] < 0.12
