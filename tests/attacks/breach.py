"""Marks an attack that still succeeds: its test says what must hold, and fails until it does."""

from __future__ import annotations

import pytest


def open_breach(reason: str, raises: type[BaseException] = AssertionError) -> pytest.MarkDecorator:
    """Expect the failure, and only that one; a repair makes the test fail until this mark is removed."""
    return pytest.mark.xfail(strict=True, raises=raises, reason=f"open breach: {reason}")
