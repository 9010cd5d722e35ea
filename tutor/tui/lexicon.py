"""The glossary behind the screen, read when first asked for, in a thread of its caller's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.terms import Term

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from knowledge.definition import Definition, Glossary

MOST_TERMS = 60


class Lexicon:
    """The terms of a learner's catalogue and what they mean.

    home: whose packs are read too; content_paths: folders of packs in development.
    """

    def __init__(self, home: Path, content_paths: Sequence[str] = ()) -> None:
        self._home, self._content_paths = home, content_paths

    def terms_in(self, text: str) -> list[Term]:
        """The terms that a text uses, at most 60, in the order in which it first does."""
        return self._glossary.used_in(text)[:MOST_TERMS]

    def define(self, term: Term) -> Definition:
        from knowledge.definition import define

        return define(self._catalog, term)

    @cached_property
    def _catalog(self) -> Catalog:
        # Seconds of reading, which the first paint does not pay.
        from knowledge.shelf import open_catalog

        return open_catalog(self._home, self._content_paths)

    @cached_property
    def _glossary(self) -> Glossary:
        from knowledge.definition import glossary_of

        return glossary_of(self._catalog)
