"""Units of packs in the conversation: taught and cited while they are proved, and not a turn longer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from knowledge.material import add_material
from tests.knowledge.packs import LESSON, PAGE, PROJECT, copy_example, record_proof, replace
from tutor.events import NoticeShown, TurnFailed, TurnFinished

pytestmark = pytest.mark.anyio
Open = Callable[..., Any]


async def test_a_lesson_of_a_pack_ends_when_its_proof_no_longer_holds(opened: Open, tmp_path: Path) -> None:
    source = copy_example(tmp_path / "pack")
    record_proof(tmp_path / "home", source, LESSON, PROJECT)
    async with opened(content_paths=(str(source),)) as tutor:
        begun = [event async for event in tutor.turn(f"/learn {LESSON}")]
        assert isinstance(begun[-1], TurnFinished) and "median of the six slopes" in begun[-1].answer
        right = [event async for event in tutor.turn("5.5")]
        assert isinstance(right[-1], TurnFinished) and "Ten points lie on y = x" in right[-1].answer
        replace(source / PAGE, "A float in a lake", "A boat in a lake")
        after = [event async for event in tutor.turn("1")]
        told = [event.text for event in after if isinstance(event, NoticeShown)]
        assert isinstance(after[-1], TurnFinished) and "it changed since it was proved" in told[0]
        again = [event async for event in tutor.turn("/next")]
        assert not any(isinstance(event, NoticeShown) for event in again)
        refused = [event async for event in tutor.turn(f"/learn {LESSON}")][-1]
        assert isinstance(refused, TurnFailed) and refused.remedy == f"mltutor verify {LESSON}"


async def test_an_answer_cites_packs_and_own_material(opened: Open, tmp_path: Path) -> None:
    source = copy_example(tmp_path / "pack")
    record_proof(tmp_path / "home", source, LESSON, PROJECT)
    notes = tmp_path / "my-notes"
    notes.mkdir()
    text = "# On plumbuses\n\n## Choosing\n\nA plumbus is chosen by its grumbo, which must be positive.\n"
    (notes / "plumbus.md").write_text(text, encoding="utf-8")
    add_material(tmp_path / "home", notes, None, lambda _: [])
    async with opened(content_paths=(str(source),)) as tutor:
        pack = await tutor.ask("what is the Theil–Sen estimator?")
        own = await tutor.ask("by what is a plumbus chosen, its grumbo?")
    assert {"unit": LESSON, "section": "Idea"} in pack.citations
    assert own.citations == [{"unit": "own/my-notes/plumbus", "section": "Choosing"}]
