import dataclasses
from collections.abc import Callable
from typing import Any

__all__ = ["GuardReport", "ParameterReport", "guard_report"]

@dataclasses.dataclass(frozen=True)
class ParameterReport:
    name: str
    how: str
    why: str = ""

@dataclasses.dataclass(frozen=True)
class GuardReport:
    function: str
    parameters: tuple[ParameterReport, ...]
    unguarded: tuple[str, ...]
    calls: int
    lent: int
    copied: int

def guard_report(
    func: Callable[..., Any], /, *args: object, **kwargs: object
) -> GuardReport: ...
