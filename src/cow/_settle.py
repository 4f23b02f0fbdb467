"""Results of a guarded call, made free of the caller's memory."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from cow import _core
from cow._array import CowArray
from cow._containers import field_names, new_tuple
from cow._types import Args, Plain, type_of

if TYPE_CHECKING:
    from cow._types import isinstance

__all__ = ["is_sealed", "settle"]

_alive = _core.wrap(np.zeros(1), CowArray)
_SEAL = type(_core.plain(_alive).base)
_HOLDING: tuple[type, ...] = (np.ndarray, np.void, list, dict, tuple)


def settle(
    box: list[Any], plain: bool, memo: dict[int, tuple[Any, Any]] | None = None
) -> Any:
    """Take the last value of the list `box`, free of the caller's memory.

    `plain`: the caller passed plain arrays, and gets plain writeable ones. Values
    are moved, not copied: memory that nobody else refers to is handed over.
    """
    memo = {} if memo is None else memo
    known = memo.get(id(box[-1]))
    if known is not None:
        box.pop()
        return known[1]
    if isinstance(box[-1], np.ndarray):
        return _array(box, plain, memo)
    value = record = box.pop()
    if isinstance(record, np.void) and record.base is not None:
        return record.copy()  # a record that looks into its array
    if isinstance(value, tuple):
        return _tuple(value, plain, memo)
    if isinstance(value, list | dict):
        memo[id(value)] = (value, value)
        for at in range(len(value)) if isinstance(value, list) else list(value):
            if isinstance(value[at], _HOLDING) or field_names(value[at]):
                item, value[at] = [value[at]], None
                value[at] = settle(item, plain, memo)
    elif not isinstance(value, type) and field_names(value):
        memo[id(value)] = (value, value)
        for name in field_names(value):
            if isinstance(getattr(value, name), _HOLDING):
                item = [getattr(value, name)]
                object.__setattr__(value, name, None)
                object.__setattr__(value, name, settle(item, plain, memo))
    return value


def _tuple(value: Args, plain: bool, memo: dict[int, tuple[Any, Any]]) -> Any:
    kind, attributes = type_of(value), getattr(value, "__dict__", None)
    if not any(isinstance(item, _HOLDING) or field_names(item) for item in value):
        return value
    items = list(value)
    items.reverse()
    del value
    settled = [settle(items, plain, memo) for _ in range(len(items))]
    if kind is tuple:
        return tuple(settled)
    inner = new_tuple(kind, settled)
    if attributes:
        inner.__dict__.update(attributes)
    return inner


def _array(box: list[Any], plain: bool, memo: dict[int, tuple[Any, Any]]) -> Plain:
    if sys.getrefcount(box[-1]) == 2 and plain and isinstance(box[-1], _core.Array):
        # popped: the stack alone refers to an array that nobody kept
        return _core.release(box.pop(), 1)
    array = box.pop()
    if isinstance(array, _core.Array):
        if plain:
            result = _core.release(array, 1)
        else:
            result = array
            _core.set_guard(array, None)
            if _core.sharing(array)[2] is not None:
                _core.detach(array)
    else:
        result = array.copy("K") if is_sealed(array) else array
    memo[id(array)] = (array, result)
    return result


def is_sealed(array: object) -> bool:
    """Is `array` a storage, or a view of one?"""
    while isinstance(array, np.ndarray):
        array = np.ndarray.base.__get__(array)
    return type(array) is _SEAL
