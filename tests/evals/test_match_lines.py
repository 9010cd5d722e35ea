import json
from pathlib import Path
from typing import Any

import pytest

from evals.match_lines import match_lines
from tutor_error import TutorError

IDEA = "When the learning rate is too large, a step jumps over the minimum and the loss grows."
LINE: dict[str, Any] = {
    "id": "1",
    "question": "What goes wrong when the learning rate is too large?",
    "expectation": IDEA,
    "variants": ["Too big a rate overshoots the minimum, so the loss bounces around or grows."],
    "answer": "a step jumps over the minimum and the loss grows when the learning rate is too large",
}


def written(folder: Path, *lines: object) -> Path:
    path = folder / "lines.jsonl"
    path.write_text(
        "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in lines), encoding="utf-8"
    )
    return path


def test_a_line_gives_its_id_a_probability_and_a_verdict(tmp_path: Path) -> None:
    other = {**LINE, "id": 2, "answer": "bananas are yellow"}
    first, second = match_lines(written(tmp_path, LINE, "", other))
    assert first == {"id": "1", "p": first["p"], "verdict": "covered"}
    assert 0 <= second["p"] < first["p"] <= 1
    assert second["id"] == 2 and second["verdict"] in ("missing", "unsure")


def test_keys_of_ones_own_and_absent_variants_are_no_mistake(tmp_path: Path) -> None:
    line = {key: value for key, value in LINE.items() if key != "variants"} | {"label": "covered"}
    assert [judged["id"] for judged in match_lines(written(tmp_path, line))] == ["1"]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("{", "is no JSON"),
        ("[]", "dictionary"),
        ({**LINE, "answer": 3}, "`answer`"),
        ({"id": "x"}, "`question`"),
        ({**LINE, "variants": "one"}, "`variants`"),
        ({**LINE, "expectation": "  "}, "`expectation`"),
        ("[" * 5000, "is no JSON"),
    ],
)
def test_a_bad_line_is_named_after_the_good_ones_are_out(tmp_path: Path, bad: object, told: str) -> None:
    judged = match_lines(written(tmp_path, LINE, LINE, bad, LINE))
    assert [next(judged)["id"], next(judged)["id"]] == ["1", "1"]
    with pytest.raises(TutorError, match="line 3") as caught:
        next(judged)
    assert caught.value.code == "broken-line"
    assert told in caught.value.message


def test_bytes_that_are_no_text_and_a_missing_file_are_told(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'{"id": "\xff"}\n')
    with pytest.raises(TutorError, match="line 1: is not UTF-8"):
        list(match_lines(path))
    with pytest.raises(TutorError, match="cannot be read"):
        list(match_lines(tmp_path / "none.jsonl"))


@pytest.mark.parametrize(
    "answer", ["", " \n ", "?!", "nicht doch, das Lernen 日本語", "word " * 20_000, "\u0000"]
)
def test_any_answer_gets_a_verdict_and_nothing_covers_by_accident(tmp_path: Path, answer: str) -> None:
    (judged,) = match_lines(written(tmp_path, {**LINE, "answer": answer}))
    assert 0 <= judged["p"] <= 1
    assert judged["verdict"] != "covered"
