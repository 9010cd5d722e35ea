"""A lab is another environment: built whole from its lock file, or not there."""

from __future__ import annotations

import json
import shutil
import sys
import venv
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from sandbox import lab as lab_module
from sandbox.grading import grade
from sandbox.kernel import open_kernel
from sandbox.lab import BASE, Lab, find_lab, install_lab, lab_names, lab_statuses
from sandbox.submission import submission_from_files
from tutor_error import TutorError

CHECKS = """
from sandbox.judge import check, expect

@check("it is the lab's", points=1)
def it_is_the_labs(submission):
    import only_in_this_lab
    expect(submission.call("answer")).equals(only_in_this_lab.ANSWER)
"""


def distributions_of(*names: str) -> list[Distribution]:
    """The installed distributions of these names and of all that they require here."""
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # required elsewhere only
            continue
        required = [Requirement(text) for text in found[name].requires or []]
        waiting += [one.name for one in required if one.marker is None or one.marker.evaluate({"extra": ""})]
    return list(found.values())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A second environment: what a kernel and a judge need, and a package of its own."""
    folder = tmp_path_factory.mktemp("lab") / "own"
    venv.create(folder, with_pip=False, symlinks=True)
    lab = Lab("own", folder, folder / "bin" / "python")
    own = lab.site_packages()[0]
    for found in distributions_of("ipykernel", "numpy", "pyyaml", "threadpoolctl"):
        for file in found.files or []:
            if ".." not in file.parts and file.locate().exists():
                target = own / str(file)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), target)
    (own / "only_in_this_lab.py").write_text("ANSWER = 42\n", encoding="utf-8")
    return lab


def test_each_lock_file_is_a_lab_with_a_sentence_about_it(tmp_path: Path) -> None:
    statuses = {status.name: status for status in lab_statuses(tmp_path)}
    assert list(statuses) == lab_names()
    assert statuses["base"].installed and not statuses["mlops"].installed
    assert all(status.about.endswith(".") for status in statuses.values())


def test_the_base_lab_is_always_there(tmp_path: Path) -> None:
    assert find_lab("base", tmp_path) == BASE == install_lab("base", tmp_path)
    assert str(BASE.site_packages()[0]) in sys.path


def test_a_lab_that_is_not_installed_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(TutorError) as caught:
        find_lab("mlops", tmp_path)
    assert (caught.value.code, caught.value.remedy) == ("missing-lab", "mltutor labs install mlops")


@pytest.mark.parametrize("name", ["mlopps", "../mlops", ""])
def test_a_lab_without_a_lock_file_is_refused_by_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(TutorError) as caught:
        find_lab(name, tmp_path)
    assert caught.value.code == "unknown-lab"


def test_a_lab_that_cannot_be_built_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locks = tmp_path / "locks"
    locks.mkdir()
    (locks / "broken.txt").write_text("# A broken one.\n/nowhere/at-all.whl\n", encoding="utf-8")
    monkeypatch.setattr(lab_module, "LOCKS", locks)
    said: list[str] = []
    with pytest.raises(TutorError, match="could not be built") as caught:
        install_lab("broken", tmp_path, said.append)
    assert caught.value.code == "lab-failed"
    assert said[0].startswith("making ")
    assert [path.name for path in (tmp_path / "labs").iterdir() if path.is_dir()] == []


def test_code_runs_in_the_environment_of_its_lab(made: Lab) -> None:
    code = "import sys, only_in_this_lab; print(sys.prefix, only_in_this_lab.ANSWER)"
    with open_kernel(lab=made) as kernel:
        assert kernel.execute(code).stdout.split() == [str(made.prefix), "42"]
    with open_kernel() as kernel:
        done = kernel.execute(code)
        assert done.error is not None and done.error.name == "ModuleNotFoundError"


def test_both_processes_of_a_grade_are_in_the_lab(made: Lab, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "checks.py").write_text(CHECKS, encoding="utf-8")
    source = "import only_in_this_lab\ndef answer():\n    return only_in_this_lab.ANSWER\n"
    report = grade(project, submission_from_files({"solution.py": source}, "solution.py"), lab=made)
    assert report.passed, json.dumps([check.message for check in report.checks])
    assert report.environment["lab"] == "own"
    assert report.environment["packages"]["torch"] is None
