"""The speaker without a model: authored words alone, composed from the passages found.

The rule owned here: every paragraph of an answer stands in a passage word for word and
names it, so that nothing is said which nobody wrote.
"""

from __future__ import annotations

import re

from tutor.speaker.extract import Extract, extract_answer
from tutor.speaker.speaker import EmitText, SpeakRequest, Spoken

NAME = "embedded"
_CHUNK = re.compile(r"\S+\s*|\s+")


class EmbeddedSpeaker:
    """Says a move's authored text; for a question, the sentences that answer it."""

    name = NAME

    async def speak(self, request: SpeakRequest, emit: EmitText) -> Spoken:
        text = compose_answer(request) if request.move == "answer" else request.text
        for chunk in _CHUNK.findall(text):
            emit(chunk)
        return Spoken(text, NAME)


def compose_answer(request: SpeakRequest) -> str:
    """Runs of sentences with their citations, an opening where there is one, and the next step."""
    extracts = extract_answer(request.asked, request.passages)
    paragraphs = [request.text] if request.text else []
    paragraphs += [_paragraph(extract) for extract in extracts]
    if request.next_step:
        paragraphs.append(request.next_step)
    return "\n\n".join(paragraphs)


def _paragraph(extract: Extract) -> str:
    text, citation = extract.markdown, extract.passage.citation
    last = text.rsplit("\n", 1)[-1]
    apart = last.startswith(("```", "$$", "|", "  ", "\t"))
    return f"{text}\n\n{citation}" if apart else f"{text} {citation}"
