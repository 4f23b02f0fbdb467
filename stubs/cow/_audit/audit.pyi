from types import TracebackType
from typing import Any, Self

__all__ = ["Audit", "WatchedCall", "audit"]

class Audit:
    patterns: tuple[str, ...]
    findings: Any
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def _repr_html_(self) -> str: ...

class WatchedCall: ...

def audit(*packages: str, migrate: bool = False) -> Audit: ...
