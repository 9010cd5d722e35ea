"""Code that stands in a page is run: blocks, computed answers, predicted outputs.

One kernel serves a page; its namespace is emptied between blocks, so that each block
stands alone and can be copied by a learner.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from knowledge.page import Case, Lesson, run_blocks
from knowledge.unit import NumericQuestion, PredictQuestion
from sandbox.kernel import Kernel, open_kernel
from sandbox.limits import Limits
from teaching.prove.problem import Problem

if TYPE_CHECKING:
    from knowledge.catalog import Catalog

BLOCK_LIMITS = Limits(seconds=30, memory_mb=2048)


def check_runs(catalog: Catalog, page: Lesson | Case) -> Iterator[Problem]:
    where = str(page.path.relative_to(catalog.root_of(page.unit.id)))
    with open_kernel(limits=BLOCK_LIMITS) as kernel:
        for block in run_blocks(page.page):
            yield from _run_block(kernel, f"{where}, body line {block.line}", block.code)
        for question in page.front.questions:
            if isinstance(question, NumericQuestion) and question.compute:
                yield from _compute(kernel, f"{where} {question.id}", question)
            if isinstance(question, PredictQuestion):
                yield from _predict(kernel, f"{where} {question.id}", question)


def _run(kernel: Kernel, code: str) -> tuple[str, int, str]:
    """(what is printed, number of figures, what went wrong or an empty text)."""
    kernel.execute("%reset -f", seconds=BLOCK_LIMITS.seconds)
    done = kernel.execute(code, seconds=BLOCK_LIMITS.seconds)
    if done.outcome == "ok":
        return done.stdout, len(done.figures), ""
    if done.error is None:
        return done.stdout, len(done.figures), f"ended with `{done.outcome}`"
    return done.stdout, 0, f"raised {done.error.name}: {done.error.message} (line {done.error.line})"


def _run_block(kernel: Kernel, where: str, code: str) -> Iterator[Problem]:
    printed, figures, wrong = _run(kernel, code)
    if wrong:
        yield Problem(where, f"the block {wrong}", "Blocks stand alone: import and define all that they use.")
        return
    if not printed.strip() and not figures:
        yield Problem(where, "the block shows nothing", "Let it print or plot what it found.")
    if not any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(code))):
        yield Problem(where, "the block asserts nothing", "State what must be true of its result.")


def _compute(kernel: Kernel, where: str, question: NumericQuestion) -> Iterator[Problem]:
    printed, _, wrong = _run(kernel, f"{question.compute}\nprint(repr(float(answer)))")
    if wrong:
        yield Problem(where, f"`compute` {wrong}", "It must leave a number in `answer`.")
        return
    value = float(printed.strip().splitlines()[-1])
    if not abs(value - question.answer) <= max(question.tolerance, 1e-12):
        yield Problem(where, f"`compute` gives {value!r}, `answer` says {question.answer!r}")


def _predict(kernel: Kernel, where: str, question: PredictQuestion) -> Iterator[Problem]:
    printed, _, wrong = _run(kernel, question.code)
    if wrong or not printed.strip():
        yield Problem(where, f"the code {wrong or 'prints nothing'}")
        return
    last = printed.strip().splitlines()[-1].strip()
    if last == question.answer.strip():
        return
    try:
        close = abs(float(last) - float(question.answer)) <= question.tolerance
    except ValueError:
        close = False
    if not close:
        yield Problem(where, f"the code prints {last!r}, `answer` says {question.answer!r}")
