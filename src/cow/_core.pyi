# The core, as the modules beside it see it; nothing here is public.
from collections.abc import Callable
from typing import Any, ClassVar, Self, TypeVar, overload

import numpy as np
from typing_extensions import CapsuleType

from cow._ground.types import Args, Func, Guard, Kwargs, Order, Plain

_A = TypeVar("_A", bound=Array)
_T = TypeVar("_T")
_P = TypeVar("_P", bound=Plain)

capsule: CapsuleType
# name of a method that reads: position of `out`, 99 where there is none
reading: dict[str, int]

class Array(np.ndarray[Any, np.dtype[Any]]):
    # CowArray has it, and there is no other Array
    _result_class: ClassVar[type[Array] | None]
    # a property in NumPy's stubs, an attribute at run time
    __array_priority__: ClassVar[float]  # pyright: ignore[reportIncompatibleMethodOverride]

# each cow array in it, containers included, replaced by a plain one
@overload
def plain(value: Array, /) -> Plain: ...
@overload
def plain(value: _T, /) -> _T: ...

# function(*args, **kwargs) on plain arrays, wrapped where a class is given
def call(
    function: Func,
    args: Args,
    kwargs: Kwargs | None,
    cls: type[Array] = ...,
    source: Array | None = None,
    /,
) -> Any: ...

# and into the argument at this position, or of this name; not wrapped; a function that
# goes element by element may be given that for an operand, too
def write(
    function: Func,
    args: Args,
    kwargs: Kwargs | None,
    where: int | str,
    elementwise: bool = False,
    /,
) -> Any: ...

# would NumPy have carried a write through it to another array?
def is_shared_view(a: object, /) -> bool: ...
@overload
def wrap(result: Plain, cls: type[_A], source: Array | None = None, /) -> _A: ...
@overload
def wrap(result: _T, cls: type[Array], source: Array | None = None, /) -> _T: ...
def share(a: Plain, cls: type[_A], source: Array | None = None, /) -> _A: ...
def copy(a: Array, cls: type[_A], order: Order = "C", /) -> _A: ...
def detach(a: Array, /) -> None: ...
def become(a: Array, source: Plain, /) -> bool: ...  # False: it moved meanwhile

# the memory that it has left, when nobody but its name refers to the array
def forget(a: Array, /) -> None: ...

# memory of its own, which is never shared from then on; a plain array over it
def expose(a: Array, /) -> None: ...
def open(a: Array, /) -> Plain: ...

# has this thread given it the memory that it has?
def moved_here(a: Array, /) -> bool: ...

# give it the elements of a copy; False: somebody else has written it meanwhile
def exchange(a: Array, copied: Plain, old: Plain | None, anyhow: bool, /) -> bool: ...

# 0: nobody, 1: the others, 2: the array gets memory of its own; bytes copied
def next_write(a: Array, /) -> tuple[int, int]: ...

class Sharing(tuple[Any, ...]):  # made by sharing() alone
    @property
    def others(self) -> int: ...  # other cow arrays over its memory
    @property
    def holders(self) -> int: ...  # plain views and the like
    @property
    def owner(self) -> object: ...  # whose memory it is, or None
    @property
    def storage(self) -> Plain: ...
    @property
    def kept(self) -> int: ...  # bytes
    @property
    def is_view(self) -> bool: ...
    @property
    def is_apart(self) -> bool: ...
    @property
    def is_exposed(self) -> bool: ...

def sharing(a: Array, /) -> Sharing: ...
def sharers(storage: object, /) -> list[Array]: ...
def set_guard(a: Array, guard: Guard | None, /) -> None: ...
def guard(a: Array, /) -> Guard | None: ...

# a plan and a border are described in src/core/
class Wrapper:
    def __new__(cls, func: Func, border: object, /) -> Self: ...
    @property
    def cow_func(self) -> Any: ...
    cow_plan: list[Any] | None
    cow_border: object
    cow_calls: int
    cow_lent: int
    cow_copied: int
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __get__(self, instance: object, owner: type | None = None, /) -> Any: ...

def call_behind(wrapper: Wrapper, args: Args, kwargs: Kwargs, /) -> Any: ...

# None where the array has not the strides of a copy
def lend(a: Plain, /) -> Plain | None: ...

# True: something out of reach still looks at a loan
def settle(box: list[Any], loans: list[Plain], failed: bool, /) -> bool: ...

# True: the result in the list is what may be given out
def own(box: list[Any], /) -> bool: ...

# addresses: of the first element, of the first of all bytes, of their end
def extent(a: Plain, /) -> tuple[int, int, int]: ...

# to each item, without the list's
def references(items: list[Any], /) -> list[int]: ...

# offsets in bytes, from the first element of `base`, of `a`
def place(like: _P, base: Plain, offset: int, /) -> _P: ...
def window(a: Plain, offset: int, n: int, /) -> Plain: ...
def is_data(value: object, constant: bool, /) -> bool: ...
def holds(checks: Args, first: object, /) -> bool: ...

# what a check may expect instead of an object
DATA: object
ATOM: object
ABSENT: object

# C code may look at the memory through the array
def mark_lent(a: Array, /) -> None: ...
def check(a: Array, /) -> None: ...
def set_ledger(
    ledger: Callable[[Array, int, str], object] | None, /
) -> Callable[[Array, int, str], object] | None: ...
def set_views(
    parting: Callable[..., object] | None, made: Callable[[int], object] | None, /
) -> None: ...
def is_strict() -> bool: ...
def may_write(a: Array, /) -> None: ...
def forked() -> None: ...
def trim(limit: int, /) -> int: ...
def converted(op: object, /) -> object: ...
def find_operands(
    block: int, locals: int, plan: Callable[[Any], tuple[int, int]] | None, /
) -> None: ...
def of_operator(left: object, right: object, /) -> object: ...
def configure(
    hooks: tuple[Func, ...],
    methods: dict[str, Func],
    quick: dict[Func, Any],
    counts_locals: bool,
    unique_temporary: int,
    vectorcall: int,
    /,
) -> None: ...
