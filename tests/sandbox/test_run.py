"""A run of a user's file or code gives a report, whatever it does and wherever it runs."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from sandbox import kernel as kernel_module
from sandbox.isolation import Isolation, current_isolation
from sandbox.limits import Limits
from sandbox.report import RunError
from sandbox.run import run_code, run_file
from tutor_error import TutorError

PLOT = """import helper
import matplotlib.pyplot as plt
from mltutor_kit import track
for epoch in range(2):
    track(epoch, loss=1 / (epoch + 1))
plt.plot(helper.NUMBERS)
plt.show()
print(open("numbers.csv").read())
"""


WARNS_AND_DRAWS = """import sys
import matplotlib.pyplot as plt
print('warned', file=sys.stderr)
plt.plot([1])
plt.show()
"""


@pytest.fixture
def unconfinable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "1")
    found = Isolation("none", "bubblewrap is not installed.", "sudo apt-get install bubblewrap")
    monkeypatch.setattr(kernel_module, "current_isolation", lambda: found)


def test_file_runs_with_its_neighbours_and_leaves_figures_and_metrics(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("NUMBERS = [1, 2]", encoding="utf-8")
    (tmp_path / "numbers.csv").write_text("1,2", encoding="utf-8")
    (tmp_path / ".secret").write_text("hidden", encoding="utf-8")
    (tmp_path / "plot.py").write_text(PLOT + "import os; print(sorted(os.listdir()))", encoding="utf-8")
    report = run_file(tmp_path / "plot.py", figures_dir=tmp_path / "figures")
    assert (report.outcome, report.error) == ("ok", None)
    assert report.stdout == "1,2\n['helper.py', 'numbers.csv', 'plot.py']\n"
    assert report.metrics == ({"step": 0, "loss": 1.0}, {"step": 1, "loss": 0.5})
    assert report.figures == (str(tmp_path / "figures" / "figure-1.png"),)
    assert Path(report.figures[0]).read_bytes().startswith(b"\x89PNG")
    assert report.isolation == current_isolation().tier
    assert report.device in ("cpu", "cuda:0")


def test_workspace_runs_with_its_folders(tmp_path: Path) -> None:
    (tmp_path / ".mltutor.toml").write_text("project = 'x'", encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.csv").write_text("a", encoding="utf-8")
    (tmp_path / "main.py").write_text("print(open('data/train.csv').read())", encoding="utf-8")
    assert run_file(tmp_path / "main.py").stdout == "a\n"


def test_report_of_an_error_is_json_with_its_line(tmp_path: Path) -> None:
    script = tmp_path / "fails.py"
    script.write_text("x = 1\nraise ValueError('no')\n", encoding="utf-8")
    report = run_file(script)
    assert (report.outcome, report.error) == ("error", RunError("ValueError", "no", 2))
    assert json.loads(json.dumps(report.as_json()))["error"] == {
        "name": "ValueError", "message": "no", "line": 2,
    }  # fmt: skip


def test_code_streams_and_meets_its_limit() -> None:
    heard: list[str] = []
    report = run_code(
        "print('one', flush=True)\nwhile True: pass",
        limits=Limits(seconds=0.5),
        on_stream=lambda name, text: heard.append(text),
    )
    assert (report.outcome, "".join(heard)) == ("timeout", "one\n")


@pytest.mark.usefixtures("unconfinable")
def test_machine_that_cannot_confine_refuses_with_the_remedy() -> None:
    report = run_code("print('ran')")
    assert (report.outcome, report.stdout, report.isolation) == ("refused", "", "none")
    assert report.error is not None
    assert "sudo apt-get install bubblewrap" in report.error.message


@pytest.mark.usefixtures("unconfinable")
def test_consent_runs_unconfined_with_limits_and_a_folder_of_its_own() -> None:
    code = "import os\nopen('x', 'w').write('1')\nprint(os.getcwd())\n'CANARY' in os.environ"
    report = run_code(code, allow_unisolated=True)
    assert (report.outcome, report.isolation) == ("ok", "none")
    folder, inherited = report.stdout.splitlines()
    assert inherited == "False"
    assert not Path(folder).exists()
    crowd = "import os, time\nfor _ in range(30):\n    if os.fork() == 0: time.sleep(60)\ntime.sleep(20)"
    assert run_code(crowd, limits=Limits(processes=8), allow_unisolated=True).outcome == "processes"
    big = run_code("x = bytearray(2**31)", limits=Limits(memory_mb=600), allow_unisolated=True)
    assert big.outcome == "memory"


def test_exception_in_a_listener_ends_the_kernel_and_reaches_the_caller() -> None:
    def fail(name: str, text: str) -> None:
        raise RuntimeError("the listener failed")

    with pytest.raises(RuntimeError, match="the listener failed"):
        run_code("print(1)", on_stream=fail)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.txt", b"x", "unrunnable-file"),
        ("a.py", b"", "empty-file"),
        ("b.py", b"  \n\n", "empty-file"),
        ("c.py", b"\x00\x01", "binary-file"),
        ("d.py", b"\xff\xfe\xfa", "binary-file"),
        ("e.py", b"#" * 3_000_000, "huge-file"),
        ("f.ipynb", b"not json", "unreadable-submission"),
    ],
)
def test_file_that_cannot_run_is_told_before_anything_starts(
    tmp_path: Path, name: str, content: bytes, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.run.open_kernel", None)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TutorError) as caught:
        run_file(tmp_path / name)
    assert caught.value.code == code
    assert caught.value.remedy


def test_missing_file_offers_the_nearest_and_a_folder_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("1", encoding="utf-8")
    with pytest.raises(TutorError, match=r"train\.py") as caught:
        run_file(tmp_path / "trian.py")
    assert caught.value.code == "missing-file"
    with pytest.raises(TutorError) as caught:
        run_file(tmp_path)
    assert caught.value.code == "unrunnable-file"


def test_program_that_ends_itself_is_told_by_its_status_alone(tmp_path: Path) -> None:
    program = tmp_path / "leave.py"
    program.write_text("import sys\nprint('bye')\nsys.exit(5)\n", encoding="utf-8")
    report = run_file(program)
    assert report.error == RunError("SystemExit", "5", 3)
    assert (report.stdout, report.stderr) == ("bye\n", "")


def test_a_notebook_is_saved_with_the_outputs_of_this_run(tmp_path: Path) -> None:
    claimed = [new_output("stream", text="accuracy 1.0")]
    cells = [
        new_markdown_cell("# Title"),
        new_code_cell("print('one')\n6 * 7", outputs=claimed, execution_count=9),
        new_code_cell(WARNS_AND_DRAWS),
        new_code_cell("1 / 0"),
        new_code_cell("print('never')", outputs=claimed),
    ]
    source, saved = tmp_path / "work.ipynb", tmp_path / "executed.ipynb"
    nbformat.write(new_notebook(cells=cells), source)
    before = source.read_bytes()
    report = run_file(source, save=saved)
    assert report.outcome == "error" and source.read_bytes() == before
    executed = nbformat.read(saved, as_version=4)
    nbformat.validate(executed)
    first, second, third, fourth = (cell for cell in executed.cells if cell["cell_type"] == "code")
    assert [(out["name"], out["text"]) for out in first["outputs"]] == [("stdout", "one\n42\n")]
    assert first["execution_count"] == 1
    assert [out["output_type"] for out in second["outputs"]] == ["stream", "display_data"]
    assert base64.b64decode(second["outputs"][1]["data"]["image/png"]).startswith(b"\x89PNG")
    (error,) = third["outputs"]
    assert (error["ename"], error["evalue"]) == ("ZeroDivisionError", "division by zero")
    assert fourth["outputs"] == [] and fourth["execution_count"] is None
    assert [cell["source"] for cell in executed.cells] == [cell["source"] for cell in cells]
