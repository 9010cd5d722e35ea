"""The screens of the tutor, on Textual; nothing outside this package imports it."""

from tutor.tui.app import TutorApp, run_tui

__all__ = ["TutorApp", "run_tui"]
