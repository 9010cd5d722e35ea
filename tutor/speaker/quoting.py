"""Text of others inside a prompt: delimiters that what stands between them cannot close.

The rule owned here: whatever a model reads of passages, code or outputs stands between marks
that carry a hash of that very text, so that no text can hold its own.
"""

from __future__ import annotations

import hashlib
import re

_MARK = re.compile(r"<(/?\s*data\b)", re.IGNORECASE)


def as_data(text: str, kind: str) -> str:
    """The text between `<data kind=… id=…>` and `</data id=…>`; the same text gets the same id.

    kind: a word for what it is, such as passage, code, output or report.
    """
    inner = _MARK.sub(r"‹\1", text.replace("\x00", ""))
    name = hashlib.sha256(inner.encode("utf-8", "replace")).hexdigest()[:12]
    return f"<data kind={kind} id={name}>\n{inner}\n</data id={name}>"
