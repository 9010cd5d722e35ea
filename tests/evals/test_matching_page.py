import json

from evals.matching_page import FIGURES, PAGE, render


def test_the_page_is_made_of_the_recorded_figures() -> None:
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    assert PAGE.read_text(encoding="utf-8") == render(figures)


def test_a_figure_that_changes_changes_the_page() -> None:
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    figures["figures"]["dense"]["bare"]["learners"]["auc"] = 0.12345
    assert "| 0.123 |" in render(figures)
    assert "{{" not in render(figures)


def test_what_is_promised_of_the_recorded_figures_holds() -> None:
    learners = {
        (leg, kind): found["learners"]
        for leg, kinds in json.loads(FIGURES.read_text(encoding="utf-8"))["figures"].items()
        for kind, found in kinds.items()
    }
    for found in learners.values():
        assert found["disputed"] <= 0.05
        assert found["confirmed"] <= 0.05
