"""Citations: which a text has, and whether each may stay where it stands.

The rule owned here: a citation stays only behind a sentence that its section supports. What
a paragraph states without a source is marked, once, as the tutor's own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tutor.agent.guard.statement import is_statement
from tutor.agent.guard.support import is_supported
from tutor.speaker.speaker import Passage

OWN_WORDS = "*(my own words)*"
PARTLY_OWN = "*(partly my own words)*"
_CITATION = re.compile(r"\[([a-z0-9]+(?:[-:/._][a-z0-9]+)*)\s*›\s*([^\]\n]+)\]", re.IGNORECASE)
_LOOSE = re.compile(r"\s*\[[^\]\n]*›[^\]\n]*\]")
Place = tuple[str, str]


def cited(text: str) -> list[dict[str, str]]:
    """The citations in a text, each once, in order."""
    found = dict.fromkeys((m.group(1), m.group(2).strip()) for m in _CITATION.finditer(text))
    return [{"unit": unit, "section": section} for unit, section in found]


def place_of(unit: str, section: str) -> Place:
    return unit.lower(), " ".join(section.lower().split())


def unknown_place(text: str, passages: Sequence[Passage]) -> str | None:
    """A citation of nothing that was retrieved, as it stands; None when there is none."""
    known = {place_of(passage.unit, passage.section) for passage in passages}
    for citation in _LOOSE.finditer(text):
        exact = _CITATION.search(citation.group())
        if exact is None or place_of(exact.group(1), exact.group(2)) not in known:
            return citation.group().strip()
    return None


@dataclass
class Citing:
    """Goes through a text sentence by sentence and keeps the citations that hold.

    sections: the text of each place that may be cited. facts: what the move was given to say,
    which needs no mark. marks: whether statements without a source are marked at all. stayed: citations
    that hold so far, with those added. dropped: those that did not hold.
    """

    sections: Mapping[Place, str]
    facts: Sequence[str] = ()
    supports: Callable[[str, str], bool] = is_supported
    marks: bool = True
    names: Mapping[Place, str] = field(default_factory=dict[Place, str])
    stayed: int = 0
    dropped: list[str] = field(default_factory=list[str])
    _unsourced: list[str] = field(default_factory=list[str])
    _is_cited: bool = False

    def sentence(self, text: str) -> str:
        """The sentence with the citations that may stay."""
        bare = _CITATION.sub("", text).strip()
        stating = is_statement(bare) or "```" in bare or "$$" in bare
        kept: list[str] = []

        def weigh(citation: re.Match[str]) -> str:
            source = self.sections.get(place_of(citation.group(1), citation.group(2)), "")
            rests = [bare] if stating else self._unsourced[-1:]
            if source and rests and self.supports(rests[0], source):
                kept.append(source)
                return citation.group()
            self.dropped.append(citation.group())
            return ""

        mended = _CITATION.sub(weigh, text)
        if len(kept) < len(_CITATION.findall(text)):
            mended = _tidy(mended)
        self.stayed += len(kept)
        self._is_cited = self._is_cited or bool(kept)
        if stating and not kept and is_statement(bare) and not self._repeats(bare):
            self._unsourced.append(bare)
        if kept:
            # A citation at the end of a paragraph is also that of what stands before it and it supports.
            self._unsourced = [
                one for one in self._unsourced if not any(self.supports(one, source) for source in kept)
            ]
        return mended

    def end_paragraph(self) -> str:
        """What has to be added to the paragraph that ends here: a citation that is due, or the mark."""
        unsourced, was_cited = self._unsourced, self._is_cited
        self._unsourced, self._is_cited = [], False
        if not unsourced or not self.marks:
            return ""
        if not was_cited:
            for place, source in self.sections.items():
                left = [one for one in unsourced if not self.supports(one, source)]
                if len(left) < len(unsourced):
                    self.stayed += 1
                    return f" {self.names[place]}" + (f" {PARTLY_OWN}" if left else "")
        return f" {PARTLY_OWN if was_cited else OWN_WORDS}"

    def _repeats(self, sentence: str) -> bool:
        return any(self.supports(sentence, fact) for fact in self.facts)


def _tidy(text: str) -> str:
    """No blank before a full stop, and none doubled, where a citation was taken out."""
    lead = text[: len(text) - len(text.lstrip())]
    body = re.sub(r"[ \t]+([.,;:!?])", r"\1", text.strip())
    return lead + re.sub(r"[ \t]{2,}", " ", body)
