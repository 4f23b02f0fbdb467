"""Guards of arrays that refuse each write."""

from __future__ import annotations

from typing import Never

from cow import _core
from cow._ground.errors import ReadOnlyError

__all__ = ["freeze", "frozen", "refuse", "thaw"]


def refuse(array: object) -> Never:
    """Raise: what the guard of a read-only array does."""
    raise ReadOnlyError(
        "this array is read-only. Write to a copy of it (`b = a.copy()`), or change "
        "a private array in `with cow.editing(a) as e:`"
    )


class _Frozen:
    """Guard of an array that ``setflags(write=False)`` closed."""

    def __call__(self, array: object) -> None:
        refuse(array)


frozen = _Frozen()


def freeze(array: _core.Array) -> None:
    """Make `array` refuse writes, as ``setflags(write=False)`` promises."""
    if _core.guard(array) is None:
        _core.set_guard(array, frozen)


def thaw(array: _core.Array) -> None:
    """Undo `freeze`; what `cow.readonly` made stays closed."""
    guard = _core.guard(array)
    if guard is frozen:
        _core.set_guard(array, None)
    elif guard is not None:
        guard(array)
