"""The code of a notebook, cell by cell.

It owns one rule: of a notebook only the text of its code cells counts; outputs and metadata
are a stranger's claims.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from sandbox.execution import Execution
from sandbox.harvest import Mark
from tutor_error import TutorError


def read_cells(content: bytes, name: str) -> list[str]:
    """The sources of the code cells, in order; TutorError `unreadable-submission` if it is none."""
    # nbformat brings jsonschema, which only a notebook should pay for.
    import nbformat

    try:
        notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
        return [str(cell["source"]) for cell in notebook.cells if cell["cell_type"] == "code"]
    except (
        nbformat.ValidationError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise TutorError(
            "unreadable-submission",
            f"{name} is not a Jupyter notebook that can be read ({type(error).__name__}).",
            "Open it in Jupyter and save it again, or hand in a .py file.",
        ) from None


def with_outputs(content: bytes, done: Execution) -> bytes:
    """The notebook with what this execution gave in place of the outputs that it came with.

    Cells that were not run have none. Figures stand after the text of their cell.
    """
    import nbformat

    notebook: Any = nbformat.reads(content.decode("utf-8"), as_version=4)
    cells = [cell for cell in notebook.cells if cell["cell_type"] == "code"]
    before = Mark(0, 0, 0)
    for number, cell in enumerate(cells):
        cell["outputs"], cell["execution_count"] = [], None
        if number < len(done.marks):
            cell["outputs"] = _outputs(done, before, done.marks[number])
            cell["execution_count"] = number + 1
            before = done.marks[number]
    if done.error is not None and 0 < len(done.marks) <= len(cells):
        said = done.error.message.removeprefix(f"cell {len(done.marks)}: ")
        told = {"ename": done.error.name, "evalue": said, "traceback": [f"{done.error.name}: {said}"]}
        cells[len(done.marks) - 1]["outputs"].append(nbformat.v4.new_output("error", **told))
    return nbformat.writes(notebook).encode("utf-8")


def _outputs(done: Execution, before: Mark, after: Mark) -> Sequence[Any]:
    from nbformat.v4 import new_output

    texts = {
        "stdout": done.stdout[before.stdout : after.stdout],
        "stderr": done.stderr[before.stderr : after.stderr],
    }
    outputs: list[Any] = [new_output("stream", name=name, text=text) for name, text in texts.items() if text]
    for figure in done.figures[before.figures : after.figures]:
        data = {"image/png": base64.b64encode(figure).decode("ascii")}
        outputs.append(new_output("display_data", data=data))
    return outputs
