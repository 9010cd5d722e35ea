"""The wheel, installed into an environment of its own, works from another folder without the checkout."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SITE = Path(sysconfig.get_path("purelib"))


def link_tree(source: Path, target: Path) -> None:
    """The packages of this environment, by hard links where the disk allows it."""

    def link(one: str, other: str) -> None:
        try:
            os.link(one, other)
        except OSError:
            shutil.copy2(one, other)

    shutil.copytree(source, target, copy_function=link, dirs_exist_ok=True, symlinks=True)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment with the wheel and the dependencies of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    folder.chmod(0o755)
    build = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder / "dist"),
        str(ROOT),
    ]
    subprocess.run(build, check=True, capture_output=True, timeout=170)
    environment = folder / "env"
    venv.create(environment, with_pip=False, symlinks=True)
    site = environment / SITE.relative_to(Path(sys.prefix))
    link_tree(SITE, site)
    for own in [
        *site.glob("_editable_impl_mltutor*"),
        *site.glob("mltutor-*.dist-info"),
        site / "tutor_error.py",
    ]:
        if own.is_dir():
            shutil.rmtree(own)
        elif own.exists():
            own.unlink()
    wheel = next((folder / "dist").glob("*.whl"))
    python = environment / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True, timeout=170)
    return environment / "bin"


def run(bin_folder: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("MLTUTOR_", "PYTHON", "OPENAI_"))}
    return subprocess.run(
        [str(bin_folder / "mltutor"), *arguments],
        cwd=home,
        env=variables | {"MLTUTOR_HOME": str(home / "home"), "HOME": str(home)},
        capture_output=True,
        encoding="utf-8",
        timeout=170,
        check=False,
    )


def test_the_wheel_is_whole(installed: Path, tmp_path: Path) -> None:
    where = subprocess.run(
        [str(installed / "python"), "-c", "import mltutor, tutor_error as t; print(mltutor.__path__, t)"],
        cwd=tmp_path, capture_output=True, encoding="utf-8", check=True, timeout=60,
    ).stdout  # fmt: skip
    assert str(ROOT) not in where
    assert len(json.loads(run(installed, tmp_path, "list", "--json").stdout)) == 493
    answer = json.loads(
        run(installed, tmp_path, "ask", "how does the perceptron learn from a mistake?", "--json").stdout
    )
    assert answer["scope"] == "covered"
    assert {"perceptron", "perceptron-lab"} & {place["unit"] for place in answer["citations"]}


def test_the_wheel_starts_and_grades_a_project(installed: Path, tmp_path: Path) -> None:
    started = run(installed, tmp_path, "start", "iris-knn-classifier", "--dir", "iris", "--json")
    assert started.returncode == 0, started.stderr
    nothing_done = json.loads(run(installed, tmp_path, "grade", "iris", "--json").stdout)
    assert nothing_done["score"] == 0
    project = ROOT / "knowledge" / "content" / "projects" / "iris-knn-classifier"
    shutil.copy(project / "reference.py", tmp_path / "iris" / "solution.py")
    graded = run(installed, tmp_path, "grade", "iris", "--json")
    assert graded.returncode == 0, graded.stdout
    assert json.loads(graded.stdout)["score"] == nothing_done["max_score"]


def test_the_wheel_hides_its_own_packages_from_learners(installed: Path, tmp_path: Path) -> None:
    spy = tmp_path / "spy.py"
    spy.write_text(
        "import importlib.util, pathlib, sys\n"
        "print([n for n in ('knowledge', 'sandbox', 'teaching', 'tutor', 'evals', 'mltutor')\n"
        "       if importlib.util.find_spec(n) and importlib.util.find_spec(n).origin])\n"
        "files = [p for r in sys.path for p in pathlib.Path(r).glob('*/content/projects/*/reference.py')]\n"
        "print(files)\n",
        encoding="utf-8",
    )
    report = json.loads(run(installed, tmp_path, "run", str(spy), "--json").stdout)
    assert report["outcome"] == "ok", report
    assert report["stdout"].split() == ["[]", "[]"]


def test_the_wheel_answers_an_mcp_client(installed: Path, tmp_path: Path) -> None:
    code = (
        "import anyio, sys\n"
        "from mcp import Client, StdioServerParameters\n"
        "async def main():\n"
        f"    server = StdioServerParameters(command={str(installed / 'mltutor')!r}, args=['mcp'],\n"
        f"                                   env={{'MLTUTOR_HOME': {str(tmp_path / 'home')!r}}})\n"
        "    async with Client(server, read_timeout_seconds=60) as client:\n"
        "        found = await client.call_tool('list_units', {'kind': 'case_study'})\n"
        "        print(len(found.structured_content['units']))\n"
        "anyio.run(main)\n"
    )
    done = subprocess.run(
        [str(installed / "python"), "-c", code], cwd=tmp_path, capture_output=True, encoding="utf-8",
        timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "24", done.stderr


OTHERS = ("/opt", "/home", "/tmp", "/usr/local", "/work", "/root")
SEARCH = """
import os, re, sys
ORACLE = re.compile(rb"from sandbox[.]judge import|misconception: [a-z-]+\\nfails:")
found = []
for root in (sys.prefix, *OTHERS):
    for folder, _, names in os.walk(root):
        if folder.endswith(("/mltutor", "/knowledge", "/teaching")) and names:
            found.append(folder)
        for name in names:
            if name.endswith((".py", ".yaml", ".md", ".json")) and (name != "oracle_search.py"):
                try:
                    with open(os.path.join(folder, name), "rb") as file:
                        if ORACLE.search(file.read(200_000)): found.append(os.path.join(folder, name))
                except OSError: pass
print(found)
"""


def test_a_learners_program_finds_nothing_of_the_oracle(installed: Path, tmp_path: Path) -> None:
    program = tmp_path / "oracle_search.py"
    program.write_text(f"OTHERS = {OTHERS}\n{SEARCH}", encoding="utf-8")
    done = run(installed, tmp_path, "run", str(program), "--json", "--seconds", "120")
    report = json.loads(done.stdout)
    assert report["outcome"] == "ok", report
    assert report["stdout"].strip() == "['/opt/mltutor']"  # the kit, which holds no content
    # The same program, outside of the sandbox, finds them.
    program.write_text(f"OTHERS = ()\n{SEARCH}", encoding="utf-8")
    python = [str(installed / "python"), str(program)]
    outside = subprocess.run(python, capture_output=True, text=True, timeout=120, check=True)
    assert "reference.py" in outside.stdout or "checks.py" in outside.stdout
