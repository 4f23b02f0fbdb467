from types import FrameType, TracebackType
from typing import Any, NamedTuple, Self

import numpy as np

__all__ = ["Copy", "Ledger", "ledger", "user_frame"]

class Copy(NamedTuple):
    nbytes: int
    filename: str
    lineno: int
    function: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    reason: str
    thread: int

class Ledger:
    budget: int | None
    entries: list[Copy]
    def __init__(self, budget: int | None = None) -> None: ...
    def _repr_html_(self) -> str: ...
    @property
    def total_bytes(self) -> int: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

def ledger(budget: int | None = None) -> Ledger: ...
def user_frame(frame: FrameType) -> FrameType: ...
