"""Grades of a small project from the outside: real processes, honest and faulty work."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from sandbox.environment import content_hash
from sandbox.grading import describe, grade, make_public_data
from sandbox.isolation import Isolation
from sandbox.limits import Limits
from sandbox.pool import shared_pool
from sandbox.report import CheckReport, GradeReport, grade_as_json
from sandbox.submission import submission_from_files
from tutor_error import TutorError

SIMILARITY = Path(__file__).parent / "fixtures" / "similarity"
GOOD = (SIMILARITY / "reference.py").read_text(encoding="utf-8").replace(
    "np.ones((4, 3))", 'np.loadtxt("ratings.csv", delimiter=",")'
)  # fmt: skip
LIMITS = Limits(seconds=20)


def graded(
    source: str, project: Path = SIMILARITY, name: str = "solution.py", **options: object
) -> GradeReport:
    options.setdefault("limits", LIMITS)
    return grade(project, submission_from_files({name: source}, name), **options)  # type: ignore[arg-type]


def statuses(report: GradeReport) -> dict[str, str]:
    return {check.id: check.status for check in report.checks}


def make_project(folder: Path, checks: str, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "checks.py").write_text(checks, encoding="utf-8")
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def test_correct_work_passes_with_all_points_and_a_full_report(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    report = graded(GOOD, on_check=lambda check, done, total: seen.append((check.id, done, total)))
    assert report.passed
    assert (report.score, report.max_score) == (6.0, 6.0)
    assert [done for _, done, _ in seen] == [1, 2, 3, 4]
    assert {total for _, _, total in seen} == {4}
    assert len(report.seed) == 32
    assert set(report.environment) == {"lab", "python", "packages", "device", "scale", "content", "engine"}
    assert report.environment["content"] == content_hash(SIMILARITY)
    document = json.loads(json.dumps(grade_as_json(report, "similarity", "a1")))
    assert [check["status"] for check in document["checks"]] == ["passed"] * 4
    assert report.check("similarity-of-rows").evidence == ("cosine-similarity",)  # type: ignore[union-attr]


def test_a_wrong_value_names_its_misconception_and_blocks_what_needs_it() -> None:
    wrong = (SIMILARITY / "wrong" / "dot-product-is-cosine.py").read_text(encoding="utf-8")
    report = graded(wrong)
    check = report.check("similarity-of-rows")
    assert check is not None
    assert (check.status, check.misconception) == ("failed", "dot-product-is-cosine")
    assert "the similarity matrix differs in" in check.message
    assert check.seen and check.expected
    assert statuses(report)["similarity-is-symmetric"] == "blocked"
    assert "`Nearest` is not defined in solution.py; the brief asks for `Nearest(...)`" in (
        report.check("nearest-row").message  # type: ignore[union-attr]
    )
    assert not report.passed


def test_a_wrong_value_of_no_known_kind_names_no_misconception() -> None:
    report = graded(GOOD.replace("return unit @ unit.T", "return unit @ unit.T * 1.5"))
    check = report.check("similarity-of-rows")
    assert check is not None
    assert (check.status, check.misconception) == ("failed", None)


def test_the_same_seed_replays_a_grade() -> None:
    wrong = (SIMILARITY / "wrong" / "norm-over-columns.py").read_text(encoding="utf-8")
    first = graded(wrong)
    again = graded(wrong, seed=first.seed)
    other = graded(wrong, seed="0" * 32)
    told = [[(c.status, c.seen, c.expected) for c in report.checks] for report in (first, again, other)]
    assert told[0] == told[1]
    assert told[0] != told[2]


def test_visible_checks_alone_can_be_run() -> None:
    report = graded(GOOD, visible_only=True)
    assert [check.id for check in report.checks] == ["table-is-read", "similarity-of-rows"]
    assert report.max_score == 3.0
    assert report.passed


def test_describing_a_project_runs_nothing_and_gives_no_points() -> None:
    checks = describe(SIMILARITY)
    assert [(check.id, check.max_points, check.points, check.status) for check in checks] == [
        ("table-is-read", 1.0, 0.0, "blocked"),
        ("similarity-of-rows", 2.0, 0.0, "blocked"),
        ("similarity-is-symmetric", 2.0, 0.0, "blocked"),
        ("nearest-row", 1.0, 0.0, "blocked"),
    ]
    assert [check.visible for check in checks] == [True, True, False, False]


def test_public_data_follows_its_seed() -> None:
    first = make_public_data(SIMILARITY)
    assert list(first) == ["ratings.csv"]
    assert first == make_public_data(SIMILARITY, seed=0)
    assert first != make_public_data(SIMILARITY, seed=1)


def test_a_notebook_is_graded_cell_by_cell() -> None:
    cells = [{"cell_type": "markdown", "source": "# Mine"}]
    for source in GOOD.split("\n\n\n"):
        cells.append({"cell_type": "code", "source": source})
    cells.append({"cell_type": "code", "source": ["%matplotlib inline\n", "1 / 1"]})
    report = graded(json.dumps({"cells": cells, "nbformat": 4}), name="work.ipynb")
    assert report.passed


def test_a_folder_of_modules_imports_its_own(tmp_path: Path) -> None:
    files = {"rows.py": GOOD, "solution.py": "from rows import *\nfrom rows import TABLE, Nearest\n"}
    report = grade(SIMILARITY, submission_from_files(files, "solution.py"), limits=LIMITS)
    assert report.passed


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "def f(:\n    pass\n",
            "solution.py does not load: SyntaxError: invalid syntax on line 1 of solution.py",
        ),
        ("x = 1\ny = x / 0\n", "ZeroDivisionError: division by zero on line 2 of solution.py"),
        ("import sys\nsys.exit(0)\n", "ends itself while it loads (SystemExit on line 2 of solution.py)"),
        ("import os\nos._exit(0)\n", "while it loads, ended its process"),
        ("while True:\n    pass\n", "while it loads, took more than 1 s"),
    ],
    ids=["syntax", "exception", "sys-exit", "os-exit", "endless"],
)
def test_a_file_that_does_not_load_fails_every_check_and_says_why_once(source: str, message: str) -> None:
    report = graded(source, limits=Limits(seconds=1))
    assert message in report.checks[0].message
    assert "Traceback" not in json.dumps(grade_as_json(report, "p", "a"))
    assert "see the first failed check" in report.checks[1].message
    assert set(statuses(report).values()) <= {"failed", "blocked"}
    assert report.score == 0.0


def test_a_part_of_the_points_comes_with_its_reason(tmp_path: Path) -> None:
    checks = """
from sandbox.judge import award, check

@check("half", points=3)
def half(submission):
    if submission.call("f") < 10:
        award(0.5, "works for small inputs only", seen="5", expected="10")
"""
    report = graded("def f():\n    return 5\n", make_project(tmp_path, checks))
    assert (report.checks[0].status, report.checks[0].points) == ("failed", 1.5)
    assert report.checks[0].message == "works for small inputs only"
    assert report.score == 1.5


def test_a_mistake_in_checks_is_an_error_without_a_verdict(tmp_path: Path) -> None:
    checks = """
from sandbox.judge import check, reference

@check("broken")
def broken(submission):
    {}["key"]

@check("reference is broken")
def reference_is_broken(submission):
    reference.call("g")

@check("sound")
def sound(submission):
    submission.call("f")
"""
    project = make_project(tmp_path, checks, reference="def f():\n    return 1\n")
    report = graded("def f():\n    return 5\n", project)
    assert list(statuses(report).values()) == ["error", "error", "passed"]
    assert "checks.py, line 6: KeyError" in report.checks[0].message
    assert "`g` is not defined in reference.py" in report.checks[1].message
    assert not report.passed


@pytest.mark.parametrize(
    ("checks", "message"),
    [
        ("import nothing_such\n", "No module named 'nothing_such'"),
        ("x = 1\n", "no function with @check"),
        ("from sandbox.judge import check\n@check('a', needs=('b',))\ndef a(s): ...\n", "needs `b`"),
        ("import os\nos._exit(3)\n", "ended before its verdict"),
    ],
    ids=["import", "empty", "needs", "exit"],
)
def test_checks_that_cannot_be_used_are_an_error_for_the_author(
    tmp_path: Path, checks: str, message: str
) -> None:
    with pytest.raises(TutorError) as broken:
        describe(make_project(tmp_path / "mine", checks))
    assert broken.value.code == "broken-checks"
    assert message in broken.value.message
    assert "mine" in broken.value.message


def test_a_judge_that_dies_leaves_errors_and_no_verdict(tmp_path: Path) -> None:
    checks = """
import os
from sandbox.judge import check

@check("fine")
def fine(submission):
    submission.call("f")

@check("dies")
def dies(submission):
    os._exit(1)

@check("never tried")
def never_tried(submission):
    pass
"""
    report = graded("def f():\n    return 5\n", make_project(tmp_path, checks))
    assert list(statuses(report).values()) == ["passed", "error", "error"]


def test_a_cancelled_grade_ends_at_once() -> None:
    cancel = threading.Event()
    with pytest.raises(TutorError) as stopped:
        graded(
            "def cosine_similarity(rows):\n    while True: pass\nTABLE = 1\n",
            cancel=cancel,
            on_check=lambda check, done, total: cancel.set(),
            limits=Limits(seconds=100),
        )
    assert stopped.value.code == "cancelled"


def test_prints_and_figures_of_visible_checks_are_kept_and_of_hidden_ones_not(tmp_path: Path) -> None:
    checks = """
from sandbox.judge import check, expect

@check("seen", visible=True)
def seen(submission):
    submission.call("draw", "in the open")
    expect(len(submission.figures), "the figures").equals(1)
    expect(submission.stdout, "the output").contains("in the open")

@check("unseen")
def unseen(submission):
    submission.call("draw", "in secret")
    expect(len(submission.figures), "the figures").equals(1)
    expect(submission.figures[0][:4], "the figure").equals(b"\\x89PNG")
"""
    source = (
        "import matplotlib.pyplot as plt\n"
        "def draw(text):\n    print(text)\n    plt.figure()\n    plt.plot([1, 2])\n"
    )
    report = graded(source, make_project(tmp_path / "p", checks), figures_dir=tmp_path / "figures")
    assert list(statuses(report).values()) == ["passed", "passed"], report.checks
    assert "in the open" in report.stdout
    assert "in secret" not in report.stdout
    assert [Path(path).read_bytes()[:4] for path in report.figures] == [b"\x89PNG"]


def test_tracked_numbers_are_kept_and_streamed_where_the_input_may_be_seen(tmp_path: Path) -> None:
    checks = """
from sandbox.judge import check

@check("seen", visible=True)
def seen(submission):
    submission.call("train", 2.0)

@check("unseen")
def unseen(submission):
    submission.call("train", 3.0)

@check("seen-later", visible=True)
def seen_later(submission):
    submission.call("train", 4.0)
"""
    source = (
        "from mltutor_kit import track\ntrack(0, loss=9.0)\nkept = []\n"
        "def train(x):\n    kept.append(x)\n    for i, loss in enumerate(kept): track(i, loss=loss)\n"
    )
    lines: list[str] = []
    report = graded(source, make_project(tmp_path / "p", checks), on_metric=lines.append)
    assert report.passed, report.checks
    assert [record["loss"] for record in report.metrics] == [2.0, 9.0]
    assert grade_as_json(report, "p", "a")["metrics"] == list(report.metrics)
    assert lines and not any("loss 3" in line or "loss 4" in line for line in lines)


def test_a_grade_tells_the_time_and_memory_that_the_submission_used(tmp_path: Path) -> None:
    checks = """
from sandbox.judge import check

@check("first", visible=True)
def first(submission):
    submission.call("work", 150)

@check("second")
def second(submission):
    submission.call("work", 1)
"""
    source = (
        "import time\ndef work(megabytes):\n    block = bytearray(megabytes * 2**20)\n"
        "    block[::4096] = b'x' * len(block[::4096])\n    time.sleep(0.3)\n"
    )
    report = graded(source, make_project(tmp_path / "p", checks))
    assert report.passed, report.checks
    assert 0.6 <= report.usage.seconds < report.seconds
    assert 140 <= report.usage.memory_mb < 400
    assert set(grade_as_json(report, "p", "a")["usage"]) == {"seconds", "memory_mb"}


def test_the_weights_of_a_model_that_stays_inside(tmp_path: Path) -> None:
    checks = """
import torch
from sandbox.judge import check, expect

@check("has-weights", visible=True)
def has_weights(submission):
    weights = submission.handle("build").weights()
    expect(sorted(weights), "the parameters").equals(["bias", "weight"])
    expect(weights["weight"], "the weight").equals(torch.full((1, 3), 0.5))

@check("is-no-model")
def is_no_model(submission):
    submission.handle("number").weights()
"""
    source = (
        "import torch\nclass Sneaky(torch.nn.Linear):\n    def __reduce__(self): raise SystemExit\n"
        "def build():\n    model = Sneaky(3, 1)\n    torch.nn.init.constant_(model.weight, 0.5)\n"
        "    return model\n"
        "def number(): return 7\n"
    )
    report = graded(source, make_project(tmp_path / "p", checks))
    assert statuses(report) == {"has-weights": "passed", "is-no-model": "failed"}, report.checks
    assert "state_dict" in report.checks[1].message


def test_no_process_is_left_after_a_grade() -> None:
    graded(GOOD, visible_only=True)
    zygote = shared_pool().zygote
    assert zygote is not None
    assert zygote.forks() == []


def test_a_check_report_starts_without_a_hint_or_misconception() -> None:
    check: CheckReport = describe(SIMILARITY)[0]
    assert (check.misconception, check.hint_available) == (None, False)


@pytest.mark.parametrize(
    "header",
    [{"op": "report", "report": {"id": "forges", "fraction": 9}}, {"op": "ask"}, {"op": "nonsense"}, []],
    ids=["report", "ask", "unknown", "no-object"],
)
def test_content_that_forges_the_judges_frames_gets_an_error_and_no_verdict(
    tmp_path: Path, header: object
) -> None:
    checks = f"""
import json, os, socket, stat, struct
from sandbox.judge import check

@check("forges")
def forges(submission):
    body = json.dumps({header!r}).encode()
    for number in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                os.write(number, struct.pack("!4sIQ", b"MLT1", len(body), 0) + body)
        except OSError:
            pass
    submission.call("f")
"""
    report = graded("def f():\n    return 5\n", make_project(tmp_path, checks))
    assert [check.status for check in report.checks] == ["error"]
    assert report.score == 0.0


def test_public_files_that_leave_the_workspace_are_refused(tmp_path: Path) -> None:
    checks = """
import sys

from sandbox.judge import check

ready = sys.modules["__main__"].HostTransport.tell

def forged(self, header, payload=b""):
    ready(self, {**header, "files": [["../../.bashrc", 1]]}, b"x")

sys.modules["__main__"].HostTransport.tell = forged

@check("any")
def any_check(submission): ...
"""
    with pytest.raises(TutorError) as broken:
        describe(make_project(tmp_path, checks))
    assert broken.value.code == "broken-checks"


def test_without_isolation_nothing_runs_unless_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = Isolation("none", "bubblewrap is not installed.", "sudo apt-get install bubblewrap")
    for module in ("judge_process", "kernel"):
        monkeypatch.setattr(f"sandbox.{module}.current_isolation", lambda: nothing)
    with pytest.raises(TutorError) as refused:
        graded(GOOD)
    assert refused.value.code == "unisolated"
    assert refused.value.remedy == "sudo apt-get install bubblewrap"
    report = graded(GOOD, allow_unisolated=True)
    assert report.passed
