from collections.abc import Iterable
from types import TracebackType
from typing import Any, Literal

__all__ = ["Protection", "protect"]

class Protection:
    pattern: str
    unreached: tuple[str, ...]
    def __init__(self, pattern: str, options: dict[str, Any]) -> None: ...
    def __enter__(self) -> Protection: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...
    def undo(self) -> None: ...
    def counts(self) -> dict[str, int]: ...

def protect(
    pattern: str,
    /,
    *,
    on_write: Literal["copy", "raise", "report"] = "copy",
    isolate: bool | None = None,
    verify: bool = False,
    only: str | Iterable[str] = (),
    skip: str | Iterable[str] = (),
    strict: bool = False,
) -> Protection: ...
