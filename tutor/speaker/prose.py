"""Authored Markdown as a reader takes it: sentences, formulas, code, and the terms in them.

The rule owned here: a sentence that has not ended (most end in a colon) and the formula, list
or code that it announces are one piece, and no piece is ever cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from knowledge.sentence import leans_back, sentences

PieceKind = Literal["sentence", "formula", "code", "item", "table"]

_FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*(\w*).*$")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_INDENTED = re.compile(r"^(?: {2,}|\t)\S")
_CLOSED = re.compile(r"[.!?…][\"”’)*_`\]]*$")
_HEADING = re.compile(r"^#{1,6}\s")


@dataclass(frozen=True)
class Piece:
    """Something that is said whole. `text` is Markdown; `announced` stands below it.

    first: it opens its paragraph.
    """

    kind: PieceKind
    text: str
    announced: str = ""
    first: bool = True

    @property
    def markdown(self) -> str:
        return f"{self.text}\n\n{self.announced}" if self.announced else self.text

    @property
    def words(self) -> int:
        return len(self.markdown.split())

    @property
    def dangles(self) -> bool:
        """It announces something that is not there."""
        return self.kind == "sentence" and not self.announced and not _CLOSED.search(self.text)

    @property
    def leans_back(self) -> bool:
        """It opens with a word that points at the sentence before it."""
        return leans_back(self.text)


@lru_cache(maxsize=512)
def pieces(markdown: str) -> tuple[Piece, ...]:
    """The pieces of a passage, in reading order."""
    found: list[Piece] = []
    for kind, block in _blocks(markdown):
        if kind != "sentence":
            _add_block(found, kind, block)
            continue
        for number, sentence in enumerate(sentences(block)):
            found.append(Piece("sentence", sentence, first=number == 0))
    return tuple(found)


@lru_cache(maxsize=4096)
def terms(text: str) -> tuple[str, ...]:
    """The stems of the words that carry meaning, in order, repeats kept; abbreviations spelled one way."""
    # Imported late: these two load the lexical index's modules and the answer matcher's.
    from knowledge.glossary import STOP_WORDS
    from knowledge.lexical import tokens
    from teaching.wording import stem

    return tuple(stem(word) for word in tokens(text) if word not in STOP_WORDS)


def _add_block(found: list[Piece], kind: PieceKind, block: str) -> None:
    """A block below a sentence that has not ended belongs to it; others stand alone."""
    last = found[-1] if found else None
    if last is not None and last.dangles:
        found[-1] = replace(last, announced=block)
    elif kind == "item":
        found.extend(Piece("item", item) for item in _items(block))
    else:
        found.append(Piece(kind, block))


def _items(block: str) -> Iterator[str]:
    item: list[str] = []
    for line in block.split("\n"):
        if _ITEM.match(line) and item:
            yield "\n".join(item)
            item = []
        item.append(line)
    if item:
        yield "\n".join(item)


def _blocks(markdown: str) -> Iterator[tuple[PieceKind, str]]:
    block: list[str] = []
    closing = ""
    for line in [*markdown.split("\n"), ""]:
        fence = _FENCE.match(line)
        if closing:
            block.append(line)
            if line.strip().startswith(closing):
                yield ("formula" if closing == "$$" else "code"), "\n".join(block)
                block, closing = [], ""
        elif fence or line.strip() == "$$":
            if block:
                yield _kind_of(block), "\n".join(block)
            block = [_plain_fence(line) if fence else line]
            closing = fence.group(1) if fence else "$$"
        elif line.strip() and not _HEADING.match(line):
            block.append(line)
        elif block:
            yield _kind_of(block), "\n".join(block)
            block = []


def _plain_fence(line: str) -> str:
    """`python run` is the checker's mark; a reader sees `python`."""
    return re.sub(r"(\w+)\s+run\s*$", r"\1", line)


def _kind_of(block: list[str]) -> PieceKind:
    if _ITEM.match(block[0]):
        return "item"
    if block[0].lstrip().startswith("|"):
        return "table"
    if all(_INDENTED.match(line) for line in block):
        return "formula"
    return "sentence"
