import types
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from evals import run as engine
from evals.record import Sample, read_run
from evals.run import Context, check_floors, compare, compare_report, figures, list_suites, report, run_suites
from knowledge.catalog import load_catalog
from tutor_error import TutorError


def make_suite(name: str, scores: Sequence[float], floor: float = 0.5) -> types.SimpleNamespace:
    def run(context: Context) -> Iterator[Sample]:
        for number, score in enumerate(scores):
            yield Sample(f"s{number}", {"n": number}, "é", {"right": score})

    def summary(samples: Sequence[Sample]) -> dict[str, float]:
        return {"right": sum(sample.scores["right"] for sample in samples) / len(samples)}

    return types.SimpleNamespace(
        NAME=name, DESCRIPTION="a suite of the tests", FLOORS={"right": floor}, run=run, summary=summary
    )


@pytest.fixture
def suites(monkeypatch: pytest.MonkeyPatch) -> dict[str, types.SimpleNamespace]:
    known = {"good": make_suite("good", [1.0, 1.0, 0.0] * 10), "bad": make_suite("bad", [0.0, 1.0, 0.0])}
    monkeypatch.setattr(engine, "list_suites", lambda: known)
    return known


def test_the_retrieval_suite_is_listed_with_its_floors() -> None:
    suite = list_suites()["retrieval"]
    assert suite.DESCRIPTION and suite.FLOORS["fused.recall@5"] == 0.85


def test_a_run_is_read_back_as_it_was_written(suites: object, tmp_path: Path) -> None:
    seen: list[str] = []
    path = run_suites(["good", "bad"], tmp_path, seed=7, on_sample=lambda suite, sample: seen.append(suite))
    good, bad = read_run(path)
    assert (good.header.suite, len(good.samples), len(bad.samples)) == ("good", 30, 3)
    assert good.samples[0] == Sample("s0", {"n": 0}, "é", {"right": 1.0})
    assert good.header.seed == 7 and good.header.versions["numpy"][0].isdigit()
    assert seen == ["good"] * 30 + ["bad"] * 3
    assert figures(good) == {"right": pytest.approx(2 / 3)}


def test_without_names_every_suite_runs(suites: object, tmp_path: Path) -> None:
    assert [block.header.suite for block in read_run(run_suites([], tmp_path))] == ["good", "bad"]


def test_floors_are_checked_on_what_was_measured(suites: object, tmp_path: Path) -> None:
    path = run_suites(["good", "bad"], tmp_path)
    assert {floor.suite: floor.holds for floor in check_floors(path)} == {"good": True, "bad": False}
    text = report(path)
    assert "floor 0.5 held" in text and "floor 0.5 NOT HELD" in text


def test_a_figure_that_was_not_measured_holds_no_floor(
    suites: dict[str, types.SimpleNamespace], tmp_path: Path
) -> None:
    suites["good"].FLOORS["recall"] = 0.1
    path = run_suites(["good"], tmp_path)
    assert [floor.figure for floor in check_floors(path) if not floor.holds] == ["recall"]


def test_a_suite_whose_data_is_not_here_is_skipped_and_says_where_it_comes_from(
    suites: dict[str, types.SimpleNamespace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(context: Context) -> Iterator[Sample]:
        yield Sample("s", str(context.need_shared("mrbench", "github.com/kaushal0494")), None, {})

    monkeypatch.setenv("MLTUTOR_SHARED_DATA", str(tmp_path / "nowhere"))
    suites["good"].run = run
    path = run_suites(["good", "bad"], tmp_path)
    skipped, ran = read_run(path)
    assert "kaushal0494" in skipped.header.skipped and skipped.samples == ()
    assert len(ran.samples) == 3
    assert "skipped: The data set mrbench" in report(path)
    assert {floor.suite for floor in check_floors(path)} == {"bad"}


def test_another_error_of_a_suite_is_not_hidden(
    suites: dict[str, types.SimpleNamespace], tmp_path: Path
) -> None:
    def run(context: Context) -> Iterator[Sample]:
        raise TutorError("broken-content", "x is wrong")
        yield

    suites["good"].run = run
    with pytest.raises(TutorError, match="x is wrong"):
        run_suites(["good"], tmp_path)


def test_comparing_two_runs_pairs_samples_and_says_what_is_shown(
    suites: dict[str, types.SimpleNamespace], tmp_path: Path
) -> None:
    before = run_suites(["good"], tmp_path)
    suites["good"] = make_suite("good", [1.0, 0.0, 0.0] * 10)
    after = run_suites(["good"], tmp_path)
    (worse,), (same,), (better,) = compare(before, after), compare(before, before), compare(after, before)
    assert (worse.verdict, same.verdict, better.verdict) == ("worse", "no difference shown", "better")
    assert worse.samples == 30 and worse.gain.value == pytest.approx(-1 / 3)
    assert "worse" in compare_report([worse])


def test_runs_without_a_common_sample_cannot_be_compared(suites: object, tmp_path: Path) -> None:
    with pytest.raises(TutorError) as error:
        compare(run_suites(["good"], tmp_path), run_suites(["bad"], tmp_path))
    assert error.value.code == "nothing-to-compare"


def test_an_unknown_suite_offers_the_nearest(suites: object, tmp_path: Path) -> None:
    with pytest.raises(TutorError) as error:
        run_suites(["god"], tmp_path)
    assert error.value.code == "unknown-suite" and "`good`" in error.value.remedy


@pytest.mark.parametrize("text", ["", "no json", '{"id": "s", "input": 1}', '{"suite": "x"}', "\x00\xff"])
def test_a_file_that_is_no_run_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(TutorError) as error:
        read_run(path)
    assert error.value.code == "unreadable-run" and "run.jsonl" in error.value.message


def test_the_content_hash_is_of_the_catalogue_that_was_measured(suites: object, tmp_path: Path) -> None:
    path = run_suites(["bad"], tmp_path, catalog=load_catalog())
    assert len(read_run(path)[0].header.content_hash) == 64
