"""The text of a PDF, read in the sandbox: a parser that meets a stranger's file may fail there."""

from __future__ import annotations

import json

from sandbox.kernel import open_kernel
from sandbox.limits import Limits
from tutor_error import TutorError

LIMITS = Limits(seconds=120, memory_mb=1024)
MAX_PAGES = 3_000
_CODE = f"""
import json, pypdf
pages = []
for page in pypdf.PdfReader("document.pdf").pages[:{MAX_PAGES}]:
    pages.append(page.extract_text())
with open("pages.json", "w") as file: json.dump(pages, file)
"""


def read_pdf(content: bytes) -> list[str]:
    """The text of each page. TutorError `unreadable-pdf` for one that cannot be read in time."""
    # Its owner named the file, so a machine without isolation reads it too.
    with open_kernel(
        {"document.pdf": content}, limits=LIMITS, keep=("pages.json",), allow_unisolated=True
    ) as kernel:
        done = kernel.execute(_CODE)
    why = done.error.message if done.error else "its text did not come back"
    try:
        pages = json.loads(done.kept["pages.json"])
        return [str(page) for page in pages]
    except (KeyError, ValueError, TypeError):
        raise TutorError(
            "unreadable-pdf", f"no PDF that can be read ({why[:120]})", "Save it as text."
        ) from None
