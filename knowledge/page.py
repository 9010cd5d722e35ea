"""An authored unit as it is read: lesson, case or project, with its sections and code blocks.

The one rule owned here: a page's structure is its Markdown headings, and every place in
it has an anchor by which `covers` and citations name it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from knowledge.content_file import broken, parse, read_front_matter, read_text, read_yaml
from knowledge.unit import (
    CaseFrontMatter,
    CodeQuestion,
    LessonFrontMatter,
    ProjectFile,
    Question,
    Unit,
)

LESSON_SECTIONS = ("Why", "Idea", "Mathematics", "In code", "Pitfalls", "Check yourself")
CASE_SECTIONS = (
    "Problem", "Data", "Constraint", "Idea", "Architecture", "Result", "Why it worked", "Leakage",
    "What not to copy", "Questions",
)  # fmt: skip

_HEADING = re.compile(r"^(#{2,4})\s+(.+?)\s*#*$")
_FENCE = re.compile(r"^(`{3,}|~{3,})\s*(.*)$")


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it up to the next heading of any level."""

    title: str
    anchor: str
    path: tuple[str, ...]
    text: str
    level: int
    line: int


@dataclass(frozen=True)
class RunBlock:
    """A fenced block marked `python run`. `line` is its first code line in the body."""

    section: str
    code: str
    line: int


@dataclass(frozen=True)
class Page:
    body: str
    sections: tuple[Section, ...]

    def section(self, anchor: str) -> Section | None:
        """A section by its anchor or title, in any case, with or without `#`."""
        wanted = slugify(anchor.removeprefix("#"))
        return next((section for section in self.sections if section.anchor == wanted), None)

    def text_under(self, section: Section) -> str:
        """A section with its subsections, as Markdown without the section's own heading."""
        start = self.sections.index(section)
        parts = [section.text]
        for below in self.sections[start + 1 :]:
            if below.level <= section.level:
                break
            parts.append(f"{'#' * below.level} {below.title}\n\n{below.text}")
        return "\n\n".join(part for part in parts if part.strip())


@dataclass(frozen=True)
class Lesson:
    unit: Unit
    front: LessonFrontMatter
    page: Page
    path: Path

    def question(self, question_id: str) -> Question | None:
        return next((question for question in self.front.questions if question.id == question_id), None)

    def question_folder(self, question: CodeQuestion) -> Path:
        return self.path.with_suffix("") / question.id


@dataclass(frozen=True)
class Case:
    unit: Unit
    front: CaseFrontMatter
    page: Page
    path: Path

    @property
    def lab(self) -> Path:
        return self.path.with_suffix("") / "lab"

    def question(self, question_id: str) -> Question | None:
        return next((question for question in self.front.questions if question.id == question_id), None)

    def question_folder(self, question: CodeQuestion) -> Path:
        return self.path.with_suffix("") / question.id


@dataclass(frozen=True)
class Project:
    """A project's public files and hints. What judges it stays in `folder`, unread here."""

    unit: Unit
    file: ProjectFile
    folder: Path
    brief: str
    page: Page
    starter: Path
    hints: dict[str, list[str]]

    @property
    def main(self) -> str:
        """The file name that the learner's main file has: the starter's own, renamed."""
        return f"solution{self.starter.suffix}"


def slugify(title: str) -> str:
    """`In code` as `in-code`: lower case, runs of other characters become one hyphen."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def read_page(body: str) -> Page:
    """The sections of a Markdown body. Headings inside code fences are text."""
    sections: list[Section] = []
    trail: dict[int, str] = {}
    title, level, first_line, lines = "", 0, 0, list[str]()
    fence = ""

    def close() -> None:
        if title:
            path = tuple(trail[depth] for depth in sorted(trail) if depth <= level)
            sections.append(
                Section(title, slugify(title), path, "\n".join(lines).strip("\n"), level, first_line)
            )

    for number, line in enumerate(body.split("\n"), 1):
        opened = _FENCE.match(line)
        if opened and (not fence or line.startswith(fence)):
            fence = "" if fence else opened.group(1)
        heading = None if fence or opened else _HEADING.match(line)
        if heading is None:
            lines.append(line)
            continue
        close()
        level, title, first_line, lines = len(heading.group(1)), heading.group(2), number, []
        trail = {depth: text for depth, text in trail.items() if depth < level} | {level: title}
    close()
    return Page(body, tuple(sections))


def run_blocks(page: Page) -> list[RunBlock]:
    """The blocks that `verify` runs, in order, each with the section it stands in."""
    blocks: list[RunBlock] = []
    fence, info, start, code = "", "", 0, list[str]()
    for number, line in enumerate(page.body.split("\n"), 1):
        opened = _FENCE.match(line)
        if fence:
            if opened and line.startswith(fence) and not opened.group(2).strip():
                if info.split() == ["python", "run"]:
                    blocks.append(RunBlock(_section_at(page, number), "\n".join(code) + "\n", start))
                fence = ""
            else:
                code.append(line)
        elif opened:
            fence, info, start, code = opened.group(1), opened.group(2), number + 1, []
    return blocks


def _section_at(page: Page, line: int) -> str:
    before = [section for section in page.sections if section.line <= line]
    return before[-1].anchor if before else ""


def read_lesson(path: Path, unit: Unit) -> Lesson:
    front, body = read_front_matter(path)
    return Lesson(unit, parse(LessonFrontMatter, front, path), read_page(body), path)


def read_case(path: Path, unit: Unit) -> Case:
    front, body = read_front_matter(path)
    return Case(unit, parse(CaseFrontMatter, front, path), read_page(body), path)


def read_project(folder: Path, unit: Unit) -> Project:
    """A project folder. TutorError `broken-content` when a file is missing or wrong."""
    file = parse(ProjectFile, read_yaml(folder / "project.yaml"), folder / "project.yaml")
    starters = [folder / name for name in ("starter.py", "starter.ipynb") if (folder / name).is_file()]
    if len(starters) != 1:
        raise broken(folder, f"holds {len(starters)} starters", "Keep one of starter.py and starter.ipynb.")
    brief = read_text(folder / "brief.md")
    return Project(
        unit, file, folder, brief, read_page(brief), starters[0], _read_hints(folder / "hints.yaml")
    )


def _read_hints(path: Path) -> dict[str, list[str]]:
    value = read_yaml(path)
    if not isinstance(value, dict):
        raise broken(path, "is no mapping", "Write `check-id: [rung, rung, rung]`.")
    hints: dict[str, list[str]] = {}
    for check, rungs in value.items():  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(rungs, list) or not all(isinstance(rung, str) and rung.strip() for rung in rungs):  # pyright: ignore[reportUnknownVariableType]
            raise broken(
                path, f"`{check}` is no list of texts", "Write three rungs or more under each check."
            )
        hints[str(check)] = [str(rung) for rung in rungs]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return hints
