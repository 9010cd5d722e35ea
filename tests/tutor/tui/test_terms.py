"""Terms on the screen: linked where they stand, explained in place, reached by keys alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen_driver import ScriptedTutor, screen_text, send, wait_until

from knowledge.terms import Term
from tutor.events import TaskShown, TokenStreamed
from tutor.tui.app import TutorApp
from tutor.tui.lexicon import Lexicon
from tutor.tui.terms import TermCard, link_terms, term_of_link

MARGIN, UPDATE = Term("margin", "perceptron"), Term("perceptron update", "perceptron")


def test_a_term_is_linked_once_and_where_it_is_prose() -> None:
    kept = "# The margin\n\n`margin` and [margin](https://x.org) and\n\n```\nmargin\n```\n\n"
    text = f"{kept}The margin, the margin."
    linked = link_terms(text, [MARGIN])
    assert linked.endswith("The [margin](term:margin), the margin.")
    assert linked.count("term:") == 1


def test_a_term_inside_a_longer_one_is_not_linked() -> None:
    linked = link_terms("A perceptron update moves the line.", [Term("perceptron", "perceptron"), UPDATE])
    assert linked == "A [perceptron update](term:perceptron%20update) moves the line."
    assert term_of_link("term:perceptron%20update") == "perceptron update"
    assert term_of_link("https://x.org") is None


def test_plural_and_bold_terms_are_linked_in_their_own_words() -> None:
    assert link_terms("Wide **margins** help.", [MARGIN]) == "Wide **[margins](term:margin)** help."


@pytest.mark.anyio
async def test_f2_explains_a_term_and_enter_leads_to_its_lesson(tmp_path: Path) -> None:
    app = TutorApp(
        ScriptedTutor(show=[TokenStreamed("The learning rate scales a step.")]).opened,
        lexicon=Lexicon(tmp_path),
    )
    async with app.run_test(size=(120, 34)) as pilot:
        await send(pilot, "show")
        await pilot.press("f2")
        await wait_until(pilot, lambda: isinstance(app.screen, TermCard))
        await wait_until(pilot, lambda: "/learn gradient-descent" in screen_text(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, TermCard))
        await pilot.press("f2")
        await wait_until(pilot, lambda: isinstance(app.screen, TermCard))
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.prompt.text == "/learn gradient-descent")


@pytest.mark.anyio
async def test_a_click_on_a_term_opens_its_definition(tmp_path: Path) -> None:
    app = TutorApp(
        ScriptedTutor(show=[TokenStreamed("The learning rate scales a step.")]).opened,
        lexicon=Lexicon(tmp_path),
    )
    async with app.run_test(size=(120, 34)) as pilot:
        await send(pilot, "show")
        await wait_until(pilot, lambda: app.status.doing == "ready")
        lines = screen_text(app).split("\n")
        row = next(at for at, line in enumerate(lines) if "The learning rate" in line)
        await pilot.click(offset=(lines[row].index("learning") + 2, row))
        await wait_until(pilot, lambda: isinstance(app.screen, TermCard))
        await wait_until(pilot, lambda: "learning rate" in screen_text(app))


@pytest.mark.anyio
async def test_a_diagram_is_drawn_in_an_answer_and_in_a_task() -> None:
    page = "Look:\n\n```mermaid\nflowchart LR\n a --> b\n```\n"
    pieces = [TokenStreamed(page[at : at + 5]) for at in range(0, len(page), 5)]
    app = TutorApp(ScriptedTutor(show=[*pieces, TaskShown("A task", page)]).opened)
    async with app.run_test(size=(140, 34)) as pilot:
        await send(pilot, "show")
        await wait_until(pilot, lambda: screen_text(app).count("│ a ├──") == 2)
        assert "flowchart" not in screen_text(app)


@pytest.mark.anyio
async def test_without_a_term_on_the_screen_f2_says_so(tmp_path: Path) -> None:
    app = TutorApp(ScriptedTutor(show=[TokenStreamed("Xyzzy.")]).opened, lexicon=Lexicon(tmp_path))
    async with app.run_test() as pilot:
        await send(pilot, "show")
        await pilot.press("f2")
        await wait_until(pilot, lambda: "no term" in app.status.doing)
