from types import TracebackType
from typing import Literal, Self

__all__ = ["Mode", "Views", "views"]

type Mode = Literal["copy", "warn", "raise"]

class Views:
    mode: Mode
    def __init__(self, mode: Mode) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

def views(mode: Mode) -> Views: ...
