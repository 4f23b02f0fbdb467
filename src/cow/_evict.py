"""Find what still looks at borrowed memory when a guarded call is over.

Cow arrays are known to the core. Plain views, which NumPy makes of them, are
looked for among all objects, only when the counts say that there are any.
"""

from __future__ import annotations

import gc
import os
import types
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from cow import _core
from cow._array import CowArray
from cow._foreign import LENT
from cow._frames import frames_of_threads
from cow._loan import Loan, borrow
from cow._readonly import ReadOnlyArray
from cow._types import Func, Plain, type_of

if TYPE_CHECKING:
    from cow._types import isinstance, issubclass

__all__ = ["evict"]

_HERE = os.path.dirname(__file__) + os.sep
# checkers take `property.__get__` for that of a class
_BASE: Func = vars(np.ndarray)["base"].__get__


def evict(loan: Loan, failed: bool) -> None:
    """Give every array that still looks at ``loan.storage`` its own memory."""
    lent = _detach(loan)
    if _holders(loan) <= _ALONE and not lent:
        return
    direct = _evict_views(loan)
    # an evicted view keeps what it left: the count does not go down
    if _holders(loan) - direct > _ALONE and not failed:
        warnings.warn(
            "a plain array that np.asarray made of an argument outlives the call "
            "where cow cannot reach it, and still looks at the memory of the "
            "caller. Use @no_mutate(isolate=True) for this function: it works "
            "on copies.",
            RuntimeWarning,
            stacklevel=5,
        )


# In frames of their own, and with no local variable for the storage: either would
# count as a holder of it.


def _detach(loan: Loan) -> bool:
    """Detach the cow arrays; return whether one of them was lent to C code."""
    sharers = _core.sharers(loan.storage)
    # a masked array, say, holds the cow array and its pointer
    lent = any(_core.sharing(array)[5] & LENT for array in sharers)
    for array in sharers:
        if not isinstance(array, ReadOnlyArray):
            _core.set_guard(array, None)
        _core.detach(array)
    return lent


def _evict_views(loan: Loan) -> int:
    """Evict the plain views; return how many had the storage as their base."""
    views = _views(loan.storage)
    direct = sum(_BASE(view) is loan.storage for view in views)
    for view in views:
        _core.evict(view)
    return direct


def _holders(loan: Loan) -> int:
    return _core.holders(loan.storage)


def _views(storage: Plain) -> list[Plain]:
    """Return the arrays, other than cow arrays, that look at `storage`."""
    found: dict[int, Plain] = {}
    level: list[Any] = gc.get_referents(*gc.get_objects())
    frame: types.FrameType | None
    for frame in frames_of_threads().values():
        while frame is not None:
            # our own frames would keep what is found here
            if not frame.f_code.co_filename.startswith(_HERE):
                level.extend(frame.f_locals.values())
            frame = frame.f_back
    seen: set[int] = set()
    while level:
        # isinstance() would ask dead proxies, and run __class__ of the program's own
        arrays = {id(v): v for v in level if issubclass(type_of(v), np.ndarray)}
        found |= {at: v for at, v in arrays.items() if _looks_at(v, storage)}
        # the collector does not track tuples and dicts of arrays, and nothing
        # tells it what an object array contains
        inside = {
            id(v): v for v in level if type(v) in (tuple, dict) and not gc.is_tracked(v)
        }
        objects = [v for v in arrays.values() if v.dtype == object]
        level = gc.get_referents(*(v for at, v in inside.items() if at not in seen))
        level += [x for v in objects if id(v) not in seen for x in v.ravel().tolist()]
        seen.update(inside, map(id, objects))
    return list(found.values())


def _looks_at(array: Plain, storage: Plain) -> bool:
    if isinstance(array, _core.Array) or array is storage:
        return False
    base: Any = array
    while isinstance(base, np.ndarray) and base is not storage:
        base = None if isinstance(base, _core.Array) else _BASE(base)
        if isinstance(base, _core.Array):
            base = storage
    return base is storage and np.may_share_memory(array, storage)


def _alone() -> int:
    loan = Loan(borrow(np.zeros(2), CowArray)[1], ("x",))
    return _holders(loan)


# what is counted when nobody but the loan refers to the storage
_ALONE = _alone()
