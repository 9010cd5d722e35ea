"""A PDF's text is read in the sandbox; one that is none, or never ends, is an error with a reason."""

from __future__ import annotations

import io

import matplotlib
import pytest
from matplotlib.figure import Figure

from sandbox.limits import Limits
from sandbox.pdf import read_pdf
from tutor_error import TutorError


def make_pdf(*pages: str) -> bytes:
    from matplotlib.backends.backend_pdf import PdfPages

    target = io.BytesIO()
    with matplotlib.rc_context({"pdf.fonttype": 42}), PdfPages(target) as pdf:
        for text in pages:
            figure = Figure()
            figure.text(0.1, 0.5, text)
            pdf.savefig(figure)
    return target.getvalue()


def test_the_text_of_each_page_comes_back() -> None:
    assert [page.strip() for page in read_pdf(make_pdf("First page", "Second page"))] == [
        "First page", "Second page",
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"no pdf", make_pdf("cut")[:300]], ids=["empty", "text", "cut"])
def test_what_is_no_pdf_is_refused(content: bytes) -> None:
    with pytest.raises(TutorError) as refused:
        read_pdf(content)
    assert refused.value.code == "unreadable-pdf"


def test_one_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.pdf.LIMITS", Limits(seconds=1))
    monkeypatch.setattr("sandbox.pdf._CODE", "while True: pass")
    with pytest.raises(TutorError, match="stopped after 1 s"):
        read_pdf(b"%PDF")
