from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from cow._array.array import CowArray

__all__ = ["Explanation", "Pages", "Sharer", "explain", "is_shared"]

@dataclass(frozen=True)
class Sharer:
    name: str
    nbytes: int
    first: int
    last: int

@dataclass(frozen=True)
class Pages:
    size: int
    total: int
    private: int
    shared: tuple[tuple[str, int], ...]
    mappings: int
    profiles: tuple[tuple[float, ...], ...]

@dataclass(frozen=True)
class Explanation:
    array: Sharer
    owner: str
    sharers: tuple[Sharer, ...]
    plain_holders: int
    next_write_bytes: int
    moves: Literal["nothing", "array", "others", "refused"]
    storage_nbytes: int
    kept_nbytes: int
    cow: bool
    pages: Pages | None = None
    def _repr_html_(self) -> str: ...

def explain(a: np.ndarray[Any, Any]) -> Explanation: ...
def is_shared(a: CowArray) -> bool: ...
