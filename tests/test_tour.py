"""The README's tour is typed as it stands, in an empty home, and must say what the README says."""

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
MAY_BE_NEGATIVE = ("grade", "check")


def tour() -> list[tuple[str, str]]:
    """The fenced blocks of the tour: (language, text), in order."""
    text = README.read_text(encoding="utf-8")
    part = text[text.index("## A five-minute tour") :]
    part = part[: part.index("\n## From an IDE")]
    return re.findall(r"^```(\w+)\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[tuple[str, list[str]]]:
    """Each line after `$ ` with the lines that the README shows below it."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.strip():
            found[-1][1].append(line)
    return found


def as_pattern(shown: str) -> str:
    return ".*".join(re.escape(part) for part in " ".join(shown.split()).split("…"))


def unwrapped(text: str) -> str:
    """Lines are broken at the width of the terminal, which the README does not know."""
    return " ".join(text.split())


def test_the_tour_says_what_the_readme_says(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MLTUTOR_", "OPENAI_"))}
    environment |= {"HOME": str(tmp_path), "MLTUTOR_HOME": str(tmp_path / "home"), "PYTHONUTF8": "1"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    typed = 0
    for language, block in tour():
        if language == "python":
            solution = tmp_path / "iris" / "solution.py"
            solution.write_text(f"{solution.read_text(encoding='utf-8')}\n\n{block}", encoding="utf-8")
            continue
        for command, shown in commands(block):
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                encoding="utf-8",
                timeout=170,
                check=False,
            )
            allowed = (0, 1) if command.split()[1] in MAY_BE_NEGATIVE else (0,)
            assert done.returncode in allowed, f"{command}\n{done.stdout}\n{done.stderr}"
            for line in shown:
                assert re.search(as_pattern(line), unwrapped(done.stdout)), (
                    f"{command}\n{line}\nis not in\n{done.stdout}"
                )
            typed += 1
    assert typed == 6
