from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

__all__ = ["Relation", "bounds", "plain_view", "relation"]

@dataclass(frozen=True)
class Relation:
    kind: Literal["same memory", "view", "overlap", "independent"]
    elements: int | None
    size: int
    cow: bool
    _larger: str = ...
    _parts: tuple[Any, ...] = ...
    def _repr_html_(self) -> str: ...

def plain_view(a: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]: ...
def bounds(plain: np.ndarray[Any, Any]) -> tuple[int, int]: ...
def relation(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> Relation: ...
