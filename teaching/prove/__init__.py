"""The content checker: every promise that a unit makes is proved by execution."""

from teaching.prove.problem import Problem, Proof
from teaching.prove.unit_proof import prove_unit

__all__ = ["Problem", "Proof", "prove_unit"]
