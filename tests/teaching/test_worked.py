"""Examples made from a page's own code: what is taken out, and how what is put back is judged."""

from __future__ import annotations

import ast

import pytest

from knowledge.catalog import load_catalog
from teaching.worked import BLANK, examples, fade, fill_hints, is_same, may_stand, put_in, read_fill
from tutor_error import TutorError

CODE = "total = 0\nfor x, y in pairs:\n    total = total + (x - y) ** 2\nprint(total)\n"


def test_the_idea_of_a_loop_is_taken_out_and_not_its_printing() -> None:
    faded = fade(CODE)
    assert faded is not None
    assert (faded.answer, faded.line, faded.target) == ("total + (x - y) ** 2", 3, "total")
    assert faded.code.count(BLANK) == 1 and faded.answer not in faded.code


def test_a_block_with_nothing_worth_a_blank_has_none() -> None:
    assert fade("import numpy as np\nprint('hello')\n") is None
    assert fade("this is not python") is None


@pytest.mark.parametrize("said", ["total+(x-y)**2", "(total + ((x - y) ** 2))", "`total = total + (x-y)**2`"])
def test_the_same_expression_written_otherwise_is_the_same(said: str) -> None:
    faded = fade(CODE)
    assert faded is not None
    assert is_same(faded, read_fill(faded, said))


def test_another_expression_is_left_to_a_run_unless_it_is_a_bare_number() -> None:
    faded = fade(CODE)
    assert faded is not None
    assert not is_same(faded, "total + abs(x - y) ** 2") and may_stand(faded, "total + abs(x - y) ** 2")
    assert not may_stand(faded, "14")
    assert "    total = (total + 1)" in put_in(faded, "total + 1")


@pytest.mark.parametrize("said", ["x = = 2", "import os", "for", "(" * 500, "a; b"])
def test_what_is_no_expression_is_refused_kindly(said: str) -> None:
    faded = fade(CODE)
    assert faded is not None
    with pytest.raises(TutorError, match="expression"):
        read_fill(faded, said)


def test_every_blank_of_the_curriculum_can_be_filled_with_its_own_answer() -> None:
    catalog, blanks = load_catalog(), 0
    for unit in catalog.find(kind="lesson"):
        if unit.status == "planned":
            continue
        for example in examples(catalog.lesson(unit.id).page):
            faded = fade(example.code)
            if faded is None:
                continue
            blanks += 1
            whole = put_in(faded, faded.answer)
            assert ast.dump(ast.parse(whole)) == ast.dump(ast.parse(example.code)), unit.id
            assert is_same(faded, read_fill(faded, faded.answer))
            assert all(faded.answer not in hint for hint in fill_hints(faded)), unit.id
    assert blanks >= 60
