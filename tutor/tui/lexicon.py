"""The glossary behind the screen, read when first asked for, in a thread of its caller's."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.terms import Term

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from knowledge.definition import Definition, Glossary

MOST_TERMS = 60


class Lexicon:
    """The terms of a content folder, by default the packaged one, and what they mean."""

    def __init__(self, content: Path | None = None) -> None:
        self._content = content

    def terms_in(self, text: str) -> list[Term]:
        """The terms that a text uses, at most 60, in the order in which it first does."""
        return self._glossary.used_in(text)[:MOST_TERMS]

    def define(self, term: Term) -> Definition:
        from knowledge.definition import define

        return define(self._catalog, term)

    @cached_property
    def _catalog(self) -> Catalog:
        # Seconds of reading, which the first paint does not pay.
        from knowledge.catalog import load_catalog

        return load_catalog(self._content)

    @cached_property
    def _glossary(self) -> Glossary:
        from knowledge.definition import glossary_of

        return glossary_of(self._catalog)
