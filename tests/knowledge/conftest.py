"""A small curriculum on disk: five rows, four units, one of them written."""

from __future__ import annotations

from pathlib import Path

import pytest

INVENTORY = """\
id,seed,line,kind,section,title,details
s/topic-1,school,1,topic,One,Lines,
s/topic-2,school,2,topic,One,Slopes,
s/objective-1,school,3,objective,One,Draw a line,
s/project-1,school,4,project,Two,A ruler,
s/project-1/task-1,school,5,task,Two,Mark the ruler,
s/case-1,school,6,case_study,Three,The crooked wall,
s/book,school,7,resource,Four,Elements,
"""

UNITS = """\
unit_id,kind,title,track,level,prerequisites,covers
straight-lines,lesson,Straight lines,math,1,,s/topic-1;s/objective-1
slopes,lesson,Slopes,math,2,straight-lines,s/topic-2
ruler,project,A ruler,math,1,straight-lines,s/project-1;s/project-1/task-1
case-crooked-wall,case_study,The crooked wall,case-studies,2,slopes;ruler,s/case-1
"""

LESSON = """\
---
format: 1
id: straight-lines
title: Straight lines
track: math
level: 1
minutes: 37
covers: {s/topic-1: "#idea", s/objective-1: code}
introduces: [straightedge]
objectives: ["Draw a line through two points"]
references:
  - {authors: "Euclid", title: "Elements", year: 1956, isbn: 978-0486600888}
questions:
  - {id: choice, kind: choice, ask: "How many points fix a line?", hints: [secret-hint-choice],
     options: [{text: "two", correct: true}, {text: "three", misconception: secret-misconception-choice}],
     why: secret-why-choice}
  - {id: numeric, kind: numeric, ask: "What is half of a right angle?", answer: 45.125, tolerance: 0.5,
     unit: degrees, compute: "secret_compute = 45.125",
     wrong: [{value: 90.25, misconception: secret-misconception-numeric}],
     why: secret-why-numeric}
  - {id: formula, kind: formula, ask: "How high is the line?", answer: secret_answer_formula,
     symbols: {x: "place along it"}, accepts: [secret_accepts_formula], hints: [secret-hint-formula],
     wrong: [{formula: secret_wrong_formula, misconception: secret-misconception-formula}],
     why: secret-why-formula}
  - {id: cloze, kind: cloze, ask: "Fill in.",
     cloze: {text: "A line has no ___.", answers: [secret-answer-cloze]},
     why: secret-why-cloze}
  - {id: order, kind: order, ask: "Put in order.", items: [first, second, third, fourth],
     why: secret-why-order}
  - {id: predict, kind: predict, ask: "What is printed?", code: "print(sum([1, 2]))",
     answer: secret-answer-predict,
     why: secret-why-predict}
  - {id: code, kind: code, ask: "Draw it.", hints: [secret-hint-code]}
  - id: explain
    kind: explain
    ask: "Why do two points suffice?"
    ideal: secret-ideal
    misconceptions: [secret-misconception-one, secret-misconception-two]
    expectations:
@expectations@
---
## Why
Because walls stand on them.

## Idea
Two points, one line.

### Through the origin
One point more.
"""

EXPECTATION = """\
      - {id: NAME, says: secret-says, variants: [secret-a, secret-b, secret-c], partial: [secret-partial],
         hints: [secret-hint, secret-hint], assertion: secret-assertion,
         cloze: {text: "secret-cloze ___", answers: [secret-answer]}}
"""

PROJECT = """\
format: 1
id: ruler
title: A ruler
track: math
level: 1
minutes: 44
prerequisites: [straight-lines]
covers: {s/project-1: marks-are-even, s/project-1/task-1: marks-are-even}
budget: {seconds: 5, memory_mb: 512, proof_reason: secret-reason}
files: [ruler.txt]
"""

PROGRAMME = """\
format: 1
id: school
title: The school
seed: school
summary: Lines, then what is built from them.
daily_minutes: 30
parts:
  - id: start
    title: Start
    weeks: "1"
    units: [straight-lines, slopes]
    resources: [s/book]
  - id: build
    title: Build
    weeks: "2-3"
    sections:
      - id: ruler-week
        title: The ruler
        units: [ruler]
        revisits: [straight-lines]
        deliverables: [{row: s/project-1, title: A straight ruler, unit: ruler}]
      - {id: wall, title: The wall, units: [case-crooked-wall]}
success_metrics:
  - {row: s/project-1/task-1, title: Its marks are even, unit: ruler}
"""


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def school_tables(tmp_path: Path) -> Path:
    """A content folder with its two tables and nothing written."""
    _write(tmp_path / "inventory.csv", INVENTORY)
    _write(tmp_path / "units.csv", UNITS)
    return tmp_path


@pytest.fixture
def school_content(school_tables: Path) -> Path:
    """The tables, a written lesson and project, and a programme. Oracle texts say `secret`."""
    lesson = school_tables / "lessons" / "math" / "straight-lines"
    expectations = "".join(EXPECTATION.replace("NAME", name) for name in ("e1", "e2", "e3"))
    _write(lesson.with_suffix(".md"), LESSON.replace("@expectations@\n", expectations))
    _write(lesson / "code" / "starter.py", "def draw():\n    ...  # the starter\n")
    _write(lesson / "code" / "reference.py", "secret_reference = 1\n")
    _write(lesson / "code" / "checks.py", "secret_checks = 1\n")
    project = school_tables / "projects" / "ruler"
    _write(project / "project.yaml", PROJECT)
    _write(project / "brief.md", "# A ruler\n\n## Task\n\nMark a ruler evenly.\n")
    _write(project / "starter.py", "def marks(length):\n    ...  # the starter\n")
    _write(project / "reference.py", "secret_reference = 1\n")
    _write(project / "checks.py", "secret_checks = 1\n")
    _write(project / "hints.yaml", "marks-are-even: [secret-rung-1, secret-rung-2, secret-rung-3]\n")
    _write(school_tables / "programmes" / "school.yaml", PROGRAMME)
    return school_tables
