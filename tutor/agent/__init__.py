"""The tutor as a graph: what a turn understands, looks up, does and says."""

from tutor.agent.tutor import Tutor, open_tutor

__all__ = ["Tutor", "open_tutor"]
