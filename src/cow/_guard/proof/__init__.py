"""Prove that a function only reads its arguments, through NumPy alone.

An abstract run of its syntax tree, and of those of the Python functions that it
calls: each value is described by what its memory may belong to. What is not known
raises `Unproven`, and the function gets copies.
"""

from cow._guard.proof.prover import prove
from cow._guard.proof.values import Finding, Proof, parameters

__all__ = ["Finding", "Proof", "parameters", "prove"]
