from collections.abc import Callable
from types import TracebackType
from typing import Literal, NamedTuple, Self, TypeAlias

__all__ = ["Collector", "Parting", "Views", "collect", "stop_collecting", "views"]

class Parting(NamedTuple):
    filename: str
    lineno: int
    function: str
    written: str
    other: str
    message: str

Collector: TypeAlias = Callable[[Parting], object]

class Views:
    mode: Literal["copy", "warn", "raise"]
    def __init__(self, mode: Literal["copy", "warn", "raise"]) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

def views(mode: Literal["copy", "warn", "raise"]) -> Views: ...
def collect(collector: Collector) -> None: ...
def stop_collecting(collector: Collector) -> None: ...
