"""The brief of a case, `case.md`: written once, then the learner's, but for its places of evidence.

The rule owned here: what the learner wrote stays. Only what stands between two marks is made anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from knowledge.page import read_page
from teaching.own_case.rubric import Part
from tutor_error import TutorError

BRIEF = "case.md"
PROMPT = "> ? "
"""Each leading question stands in a line of its own that begins so; it is no word of the learner's."""
LEAST_WORDS = 15
END = "<!-- end of evidence -->"
_SLOT = re.compile(r"<!-- evidence: ([a-z]+) -->\n.*?" + re.escape(END), re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def fresh_brief(title: str, parts: Iterable[Part]) -> str:
    """The brief of a new case: a heading for each section, its questions, its place for evidence."""
    lines = [f"# {title}", ""]
    for part in parts:
        lines += [f"## {part.title}", "", *(f"{PROMPT}{ask}" for ask in part.asks), ""]
        if part.evidence:
            lines += [_slot(part.evidence, "nothing yet; `mltutor case review` fills this in"), ""]
    return "\n".join(lines)


def read_brief(folder: Path) -> str:
    """The text of the brief. TutorError `no-brief`."""
    path = folder / BRIEF
    try:
        return path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise TutorError(
            "no-brief", f"{path} cannot be read: {error}.", "mltutor case start NAME makes one to copy."
        ) from None


def fill_slots(text: str, evidence: Mapping[str, str]) -> str:
    """The brief with its evidence made anew; a place that was taken out stays out."""

    def renew(found: re.Match[str]) -> str:
        name = found.group(1)
        return _slot(name, evidence[name]) if name in evidence else found.group()

    return _SLOT.sub(renew, text)


def own_words(text: str, parts: Iterable[Part]) -> dict[str, int]:
    """How many words the learner wrote in each section, by its id; prompts and evidence are not counted."""
    page = read_page(_COMMENT.sub("", _SLOT.sub("", text)))
    counts: dict[str, int] = {}
    for part in parts:
        section = page.section(part.title)
        lines = page.text_under(section).splitlines() if section else []
        mine = [line for line in lines if not line.startswith((PROMPT.strip(), "#"))]
        counts[part.id] = len(re.findall(r"\w+", " ".join(mine)))
    return counts


def as_material(text: str) -> str:
    """The brief as it is searched and cited: with its evidence, without questions and marks."""
    lines = [line for line in text.splitlines() if not line.startswith(PROMPT.strip())]
    return re.sub(r"\n{3,}", "\n\n", _COMMENT.sub("", "\n".join(lines))).strip() + "\n"


def _slot(name: str, text: str) -> str:
    # A mark inside would end the place early, and the next review would leave its rest behind.
    plain = text.replace("<!--", "<! --").strip()
    return f"<!-- evidence: {name} -->\n{plain}\n{END}"
