"""Loans that an exception keeps: they are taken back from the frames of its traceback.

What a result holds of them the core finds itself, see `settle` in guard.c.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cow import _core
from cow._ground.types import Plain, type_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["take_back"]


def take_back(loans: list[Plain], error: BaseException) -> None:
    """Give what the frames of a traceback hold of the loans memory of its own."""
    held: list[Any] = []
    for trace in _traces(error):
        names: Any = trace.tb_frame.f_locals  # of `eval`: any object
        is_mapping = issubclass(type_of(names), Mapping)
        held.extend(names.values() if is_mapping else ())
    _core.settle(held, loans, True)


def _traces(error: BaseException) -> Iterator[types.TracebackType]:
    """Yield the entries of all tracebacks of an exception."""
    todo: list[BaseException | None] = [error]
    seen: set[int] = set()
    while todo:
        each = todo.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        todo += [each.__context__, each.__cause__]
        if isinstance(each, BaseExceptionGroup):
            todo.extend(each.exceptions)
        trace = each.__traceback__
        while trace is not None:
            yield trace
            trace = trace.tb_next
