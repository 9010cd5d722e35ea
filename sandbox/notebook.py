"""The code of a notebook, cell by cell.

It owns one rule: of a notebook only the text of its code cells counts; outputs and metadata
are a stranger's claims.
"""

from __future__ import annotations

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
