"""Functions to guard: whatever they do to copies, they have to do when guarded.

Each body is registered with what a caller does with it. A body may fail for some of
the arrays, in the same way on copies; none may look at addresses, or at the number
of references to an argument.
"""

import asyncio
import bisect
import collections
import contextlib
import contextvars
import copy
import ctypes
import functools
import gc
import inspect
import io
import itertools
import operator
import pickle
import random
import struct
import sys
import threading
import types
import typing
import warnings
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

import cow

NUMBERS = ("f8", "f4", "c16", "i8", "bool")
LAYOUTS = (
    *("read-only", "sliced", "negative", "fortran", "transposed 3-d", "offset"),
    *("memmap", "buffer", "broadcast", "big-endian", "unaligned"),
)
COWS = ("cow", "cow i8", "cow sliced", "mixed")
CLASSES = ("matrix", "masked", "subclass")
RECORDS = ("records", "sliced records", "recarray", "cow records")
OBJECTS = ("objects", "arrays in objects", "cow objects")
WORDS = ("words", "dates", "cow words")
USUAL = NUMBERS + LAYOUTS + COWS + CLASSES


@dataclass(eq=False)
class Body:
    """A function, and what its caller does.

    ``take`` makes the arguments of the arrays, ``script`` calls the function with
    them. ``state`` is what the function keeps, ``reset`` makes it forget.
    """

    name: str
    function: Callable[..., Any]
    take: Callable[..., Any]
    script: Callable[..., Any]
    arrays: int
    dims: tuple[int, ...] = (1, 2)
    kinds: tuple[str, ...] = USUAL
    state: Callable[[], Any] = lambda: None
    reset: Callable[[], Any] = lambda: None
    big: bool = False  # once with a million elements
    fails: bool = False  # it raises, whatever the array
    touches: bool = False  # something else than the body changes the caller's arrays
    loose: bool = False  # hands out what the body sees: callers of cow arrays, too
    plain_only: bool = False  # written after it was handed out: cow arrays are values


BODIES: dict[str, Body] = {}


def _positional(function: Callable[..., Any]) -> int:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    found = inspect.signature(function).parameters.values()
    return sum(p.kind in kinds and p.default is p.empty for p in found)


def register(name: str, function: Any, **options: Any) -> Any:
    """Add a body; the number of arrays is that of parameters without a default."""
    assert name not in BODIES, name
    take, script = options.pop("take", None), options.pop("script", None)
    if "arrays" not in options:
        if take is not None:
            options["arrays"] = _positional(take)
        elif script is not None:
            options["arrays"] = _positional(script) - 1
        else:
            options["arrays"] = _positional(function)
    BODIES[name] = Body(
        name,
        function,
        take or (lambda *arrays: arrays),
        script or (lambda f, *args: f(*args)),
        **options,
    )
    return function


def body(function: Any = None, /, **options: Any) -> Any:
    if function is None:
        return functools.partial(body, **options)
    return register(function.__name__, function, **options)


def finish(coroutine):
    """Run a coroutine to its end, without an event loop."""
    while True:
        try:
            coroutine.send(None)
        except StopIteration as stop:
            return stop.value


def gathered(generator):
    """Return what an asynchronous generator yields."""
    found = []
    while True:
        try:
            found.append(finish(generator.__anext__()))
        except StopAsyncIteration:
            return found


def put_zeros(array):
    """What a caller may do to its own array at any time."""
    if array.flags.writeable:
        array[...] = 0


# ------------------------------------------------------------------ classes


RECORD = np.dtype([("u", "f8"), ("w", "i4"), ("z", "i4")])


class Keeper:
    """Passes as it is: no guard looks into it."""

    def __init__(self, **fields):
        self.__dict__.update(fields)


@dataclass(eq=False)
class Box:
    x: Any
    name: str = "box"


@dataclass(frozen=True, slots=True, eq=False)
class Frozen:
    x: Any


@dataclass
class Nested:
    boxes: list = field(default_factory=list)
    by_name: dict = field(default_factory=dict)


class Pair(typing.NamedTuple):
    first: Any
    second: Any


class Own(np.ndarray):
    """A subclass with an attribute that it hands on."""

    def __array_finalize__(self, obj):
        self.unit = getattr(obj, "unit", None)

    def doubled(self):
        self *= 2
        return self


# ------------------------------------------------- elements, rows, columns


@body(big=True)
def element(x):
    x[0] = 5
    return x


@body(big=True)
def slice_of(x):
    x[1:] = 3


@body
def row_in_place(x):
    row = x[0]
    row /= 2
    return x


@body(dims=(2,), big=True)
def rows_in_a_loop(x):
    for row in x:
        row -= row.mean()
    return x


@body(dims=(2,))
def rows_of_a_column(x):
    for row in x[:, 1:]:
        row += 1
    return x[:, 1:]


@body(dims=(2,))
def column(x):
    col = x[:, 0]
    col *= 3
    return x, col


@body(dims=(2,))
def columns_by_transposing(x):
    for col in x.T:
        col[col > 3] = 0
    return x


@body(dims=(2,))
def rows_by_enumerate_and_zip(x):
    for i, (row, other) in enumerate(zip(x, x[::-1], strict=True)):
        row[0] = i
        other[-1] = -i
    return x


@body(dims=(2,))
def rows_by_map(x):
    list(map(np.ndarray.sort, x))
    return x


@body(dims=(2,))
def rows_of_rows(x):
    for row in x:
        for k in range(len(row)):
            row[k] = row[k] + k
    return x


@body(dims=(2,))
def unpacked_rows(x):
    first, *_, last = x
    first += last
    return x, last


@body(dims=(2,))
def unpacked_in_a_call(x):
    def add(first, *rest):
        first += 1
        for each in rest:
            each -= 1

    add(*x)
    return x


@body
def diagonal_fill(x):
    np.fill_diagonal(x, 9)
    return x


@body(dims=(2,))
def diagonal_by_ravel(x):
    x.ravel()[:: x.shape[1] + 1] = 7
    return x


@body(dims=(2,))
def diagonal_by_einsum(x):
    n = min(x.shape)
    np.einsum("ii->i", x[:n, :n])[...] = 4
    return x


@body(dims=(2,))
def diagonal_by_index(x):
    n = np.arange(min(x.shape))
    x[n, n] += 1
    return x


@body(dims=(2,), fails=True)
def diagonal_is_read_only(x):
    d = x.diagonal()
    d[0] = 4
    return d


@body(big=True)
def mask_index(x):
    x[x < 0] = 0
    return x


@body
def mask_of_a_slice(x):
    x[1:][x[1:] < 0] = 0
    return x


@body
def fancy_index(x):
    x[[0, -1, 0]] = x[[-1, 0, 0]]
    x[[0]] += 1
    return x


@body
def fancy_index_copies(x):
    y = x[[0, -1]]
    y += 1
    return y


@body
def chained_slices(x):
    x[1:][1:][:2] = 9
    return x


@body
def swapped(x):
    x[0], x[1] = x[1].copy(), x[0].copy()
    return x


@body
def swapped_without_copies(x):
    x[0], x[-1] = x[-1], x[0]
    return x


@body
def overlapping_slices(x):
    x[1:] = x[:-1]
    x[:-1] += x[1:]
    return x


@body
def augmented_elements(x):
    x[0] += 1
    x[-1] *= 2
    x[::2] -= 1
    return x


@body
def augmented_by_its_view(x):
    x += x[::-1]
    return x


@body
def annotated_assignment(x):
    x[0]: float = 6
    y: np.ndarray = x
    y[-1] = 7
    return x


@body
def starred_assignment(x):
    (x[0], *x[1:3], last) = 1, 2, 3, 4
    return x, last


@body
def chained_assignment(x):
    y = x[0] = 2
    first = second = x
    second[-1] = y
    return first


@body
def target_of_a_loop(x):
    for x[0] in range(3):
        pass
    for i, x[-1] in enumerate("12"):
        x[0] += i
    return x


@body
def target_of_a_comprehension(x):
    return [None for x[0] in (4, 5)], x


@body
def target_of_with(x):
    with contextlib.nullcontext(8) as x[0]:
        pass
    return x


@body
def walrus(x):
    (y := x)[0] = 5
    if (z := y[1:]).size:
        z[0] = 6
    return y


@body
def walrus_in_a_comprehension(x):
    sizes = [(row := x[i]).size for i in range(len(x))]
    row += 2
    return sizes, x


@body
def flat_iterator(x):
    x.flat[0] = 5
    x.flat[1:3] = 6
    for i, each in enumerate(x.flat):
        if i % 2:
            x.flat[i] = each + 1
    return x


@body
def flat_kept(x):
    flat = x.flat
    flat[-1] = 2
    return np.asarray(x), flat.base is x


@body
def transposed(x):
    x.T[0] = 1
    y = x.transpose()
    y += 1
    return y, x


@body
def swapped_axes(x):
    np.swapaxes(x, 0, -1)[0] = 2
    np.moveaxis(x, 0, -1)[-1] = 3
    return x


@body
def real_part(x):
    x.real[0] = 7
    np.real(x)[1:] = 2
    return x


@body
def imaginary_part(x):
    x.imag[0] = 7
    return x


@body
def assigned_attributes(x):
    x.real = 3
    x.flat = [1, 2]
    return x


@body
def reshaped(x):
    x.reshape(-1)[0] = 4
    np.reshape(x, (1, -1))[0, -1] = 5
    return x


@body
def raveled(x):
    x.ravel()[0] = 4
    x.ravel("K")[-1] = 5
    x.flatten()[:] = 6
    return x


@body
def viewed(x):
    x.view()[0] = 4
    x.view(np.ndarray)[-1] = 5
    x.view(x.dtype)[...] += 1
    return x


@body
def bytes_of_a_view(x):
    y = x.view(np.uint8)
    y[...] ^= 255
    return x


@body
def astype_in_vain(x):
    y = x.astype(float, copy=False)
    y += 1
    return y


@body
def asarray_of_a_type(x):
    y = np.asarray(x, dtype=float)
    y[0] = 5
    return x, y


@body
def array_without_copy(x):
    np.array(x, copy=None)[0] = 3
    np.array(x, copy=False, subok=True)[-1] = 4
    np.array(x)[...] = 5
    return x


@body
def required(x):
    y = np.require(x, requirements=["C", "W"])
    y[0] = 6
    return x, y


@body(dims=(0, 1, 2))
def ellipsis(x):
    x[...] = 5
    x[()] += 1
    return x


@body(dims=(0, 1))
def new_axis(x):
    x[None][0] = 5
    return x


def through(view):
    """Return a body that writes into what a function makes of its argument."""

    def write(x):
        y = view(x)
        y[...] = 7
        return x, y

    return write


VIEWS = {
    "np.asarray": np.asarray,
    "np.asanyarray": np.asanyarray,
    "np.copy": np.copy,
    "np.ascontiguousarray": np.ascontiguousarray,
    "np.asfortranarray": np.asfortranarray,
    "np.atleast_1d": np.atleast_1d,
    "np.atleast_3d": np.atleast_3d,
    "np.squeeze": np.squeeze,
    "np.ravel": np.ravel,
    "np.transpose": np.transpose,
    "np.flip": np.flip,
    "np.rot90": np.rot90,
    "np.roll": functools.partial(np.roll, shift=1),
    "np.real": np.real,
    "np.diagonal": lambda x: np.diagonal(x) if x.ndim > 1 else x,
    "np.nan_to_num": functools.partial(np.nan_to_num, copy=False),
    "np.broadcast_to": lambda x: np.broadcast_to(x, (1, *x.shape)).copy(),
    "np.expand_dims": lambda x: np.expand_dims(x, 0),
    "np.array_split": lambda x: np.array_split(x, 2)[0],
    "np.broadcast_arrays": lambda x: np.broadcast_arrays(x, x)[1],
    "np.meshgrid": lambda x: np.meshgrid(x, x, copy=False, sparse=True)[0],
    "np.asarray_chkfinite": np.asarray_chkfinite,
    "np.ma.getdata": np.ma.getdata,
    "np.frombuffer": lambda x: np.frombuffer(x, x.dtype),
    "np.ndarray": lambda x: np.ndarray(x.shape, x.dtype, buffer=x),
    # read-only before NumPy 2.1
    "np.from_dlpack": lambda x: (
        y if (y := np.from_dlpack(x)).flags.writeable else y.copy()
    ),
    "memoryview": lambda x: np.asarray(memoryview(x)),
    "iter": lambda x: next(iter(x)),
    "getitem": operator.itemgetter(slice(1, None)),
    "take": lambda x: x.take([0, 0]),
    "deepcopy": copy.deepcopy,
    "pickle": lambda x: pickle.loads(pickle.dumps(x)),
    "identity": lambda x: x,
}
for _name, _view in VIEWS.items():
    register(f"through {_name}", through(_view))


@body
def view_functions_in_a_loop(x):
    for function in (np.flipud, np.atleast_2d, np.squeeze, np.asarray):
        function(x)[0] += 1
    return x


@body(dims=(2,))
def window_by_as_strided(x):
    y = as_strided(x, (len(x), min(2, x.shape[1])), x.strides)
    y[:, -1] = 5
    return x


@body(dims=(1,))
def overlapping_as_strided(x):
    y = as_strided(x, (len(x) - 1, 2), (*x.strides, *x.strides))
    y[0] = 5
    return x, y


@body(dims=(1,))
def writeable_windows(x):
    windows = sliding_window_view(x, 2, writeable=True)
    windows[0] = 4
    return x, sliding_window_view(x, 3)


@body(dims=(1,), fails=True)
def windows_are_read_only(x):
    sliding_window_view(x, 2)[0] = 4


@body
def parts_by_split(x):
    for part in np.array_split(x, 3):
        part += 1
    return x


# ------------------------------------------------------ methods, functions


@body
def sorted_in_place(x):
    x.sort()
    return x


@body(dims=(2,))
def sorted_along_an_axis(x):
    x.sort(axis=0)
    x[0].sort()
    return x


@body
def filled(x):
    x.fill(3)
    return x


@body
def partitioned(x):
    x.partition(2)
    return x


@body
def put_method(x):
    x.put([0, -1], [8, 9])
    return x


@body(kinds=NUMBERS + COWS)
def resized(x):
    x.resize((3, 2), refcheck=False)
    x[0] = 1
    return x


@body
def byteswapped(x):
    x.byteswap(inplace=True)
    return x


@body
def setfield_method(x):
    x.setfield(7, np.uint8)
    return x


@body
def setstate_method(x):
    other = np.arange(4.0)
    x.__setstate__(other.__reduce__()[2])
    x[0] = 9
    return x


@body
def dunder_methods(x):
    x.__setitem__(0, 5)
    x.__iadd__(1)
    type(x).fill(x[1:], 3)
    np.ndarray.__setitem__(x, -1, 4)
    return x


@body
def operator_module(x):
    operator.setitem(x, 0, 5)
    y = operator.iadd(x, 1)
    operator.methodcaller("fill", 4)(x[1:])
    return x, y is x


@body
def getattr_by_a_made_up_name(x):
    getattr(x, "fi" + "ll")(3)
    return x


@body
def bound_method_kept(x):
    fill = x.fill
    put = x[1:].put
    fill(2)
    put(0, 3)
    return x


@body
def unbound_methods_in_a_dict(x):
    {"sort": np.ndarray.sort, "fill": np.ndarray.fill}["sort"](x)
    return x


@body
def output_of_ufuncs(x):
    np.add(x, 1, out=x)
    np.negative(x[1:], out=x[1:])
    np.multiply(x, 2, x)
    np.maximum(x, 0, out=(x,))
    return x


@body
def output_given_by_a_dict(x):
    options = {"out": x}
    return np.square(x, **options), x


@body
def output_as_the_result(x):
    y = np.add(x, 1, out=x)
    y[0] = 5
    return x, y is x


@body
def output_of_a_ufunc_with_where(x):
    np.negative(x, out=x, where=x > 2)
    return x


@body
def two_outputs(x):
    np.divmod(x, 3, out=(x, None))
    return x


@body(dims=(2,))
def output_of_reductions(x):
    x.sum(axis=0, out=x[0])
    np.cumsum(x, axis=1, out=x)
    np.add.reduce(x, axis=0, out=x[-1])
    np.maximum.accumulate(x, out=x)
    return x


@body
def output_of_functions(x):
    np.clip(x, 0, 5, out=x)
    np.round(x, out=x)
    np.take(x, [0], axis=0, out=x[-1:])
    np.compress([True], x, axis=0, out=x[:1])
    return x


@body(dims=(2,))
def output_of_products(x):
    y = x[:2, :2]
    np.dot(y.copy(), y.copy(), out=y.copy())
    np.matmul(y.copy(), y.copy(), out=y)
    np.einsum("ij->ji", y.copy(), out=y)
    return x


@body
def ufunc_at(x):
    np.add.at(x, [0, 0, -1], 1)
    np.negative.at(x, 0)
    return x


@body
def copyto(x):
    np.copyto(x, 4, where=x > 2)
    np.copyto(x[1:], 3)
    return x


@body
def put_function(x):
    np.put(x, [0, 1], 5)
    return x


@body
def place_function(x):
    np.place(x, x > 1, [3, 4])
    return x


@body
def putmask_function(x):
    np.putmask(x, x > 1, x * 2)
    return x


@body(dims=(1, 2))
def put_along_axis(x):
    np.put_along_axis(x, np.zeros((1,) * x.ndim, int), 6, axis=0)
    return x


@body
def overwrite_input(x):
    y = np.median(x, overwrite_input=True)
    return y, np.percentile(x, 30, overwrite_input=True), np.sort(x, axis=None)


@body
def choose_output(x):
    np.choose([0], [x[:1], x[-1:]], out=x[:1])
    return x


@body
def nditer_readwrite(x):
    with np.nditer(x, op_flags=["readwrite"]) as it:
        for each in it:
            each[...] = each + 1
    return x


@body
def nditer_buffered(x):
    flags = ["external_loop", "buffered"]
    with np.nditer(x, flags, ["readwrite"], op_dtypes=float, casting="unsafe") as it:
        for each in it:
            each *= 2
    return x


@body
def nditer_operands(x):
    it = np.nditer([x, None], op_flags=[["readwrite"], ["writeonly", "allocate"]])
    with it:
        for a, b in it:
            b[...] = a
            a[...] = 3
        return it.operands[1], x


@body
def nditer_of_values(x):
    return [each.copy() for each in np.nditer(x[:2])]


@body
def ndindex(x):
    for at in itertools.islice(np.ndindex(x.shape), 9):
        x[at] = sum(at)
    for at, each in itertools.islice(np.ndenumerate(x), 5):
        x[at] = each + 1
    return x


@body
def shuffled(x):
    np.random.seed(3)
    np.random.shuffle(x)
    return x


@body
def shuffled_by_a_generator(x):
    np.random.default_rng(3).shuffle(x)
    return x


@body
def permuted(x):
    rng = np.random.default_rng(3)
    y = rng.permuted(x)
    rng.permuted(x, out=x)
    return x, y, rng.permutation(x)


@body
def random_output(x):
    np.random.default_rng(3).standard_normal(out=x)
    return x


@body(dims=(1,))
def shuffled_by_python(x):
    random.Random(3).shuffle(x)
    return x


@body(dims=(1,), kinds=NUMBERS + COWS)
def bisected(x):
    x.sort()
    return bisect.bisect(x, 2), x


@body
def vectorized(x):
    def write(i):
        x[0] += 1
        return i

    return np.vectorize(write)(np.arange(3)), x


@body(dims=(2,))
def applied_along_an_axis(x):
    def write(row):
        row[0] = 5
        return row.sum()

    return np.apply_along_axis(write, 1, x), x


@body
def frompyfunc(x):
    write = np.frompyfunc(lambda i: operator.setitem(x, i, 4), 1, 1)
    write(np.arange(2))
    return x


@body
def fromiter(x):
    def steps():
        for i in range(2):
            x[i] += 1
            yield i

    return np.fromiter(steps(), int), x


@body
def piecewise(x):
    def write(part):
        x[0] = 7
        return part * 2

    return np.piecewise(x, [x > 2], [write, 0]), x


@body(dims=(2,))
def applied_over_axes(x):
    def write(a, axis):
        a[0] = 2
        return a.sum(axis)

    return np.apply_over_axes(write, x, [0]), x


# ------------------------------------------------------------------- memory


@body
def memoryview_written(x):
    view = memoryview(x)
    view.cast("B")[:1] = b"\x01"
    return x


@body
def memoryview_of_data(x):
    np.asarray(x.data)[...] = 5
    return x


@body
def frombuffer_of_bytes(x):
    np.frombuffer(x, np.uint8)[:] = 0
    return x


@body
def struct_pack(x):
    struct.pack_into("B", memoryview(x).cast("B"), 0, 9)
    return x


@body
def readinto(x):
    io.BytesIO(bytes(x.nbytes)).readinto(x)
    return x


# a wrong guard had better not write past the end of a reversed array
@body(kinds=(*NUMBERS, "read-only", "fortran", "cow", "cow i8"))
def pointer(x):
    ctypes.memset(x.ctypes.data, 0, x.nbytes)
    return x


@body
def array_interface(x):
    class Holder:
        __array_interface__ = x.__array_interface__

    holder = Holder()
    y = np.asarray(holder)
    y[0] = 1
    return x


@body
def dlpack(x):
    y = np.from_dlpack(x)
    return y.flags.writeable, y


@body
def array_protocol(x):
    class Holder:
        def __array__(self, dtype=None, copy=None):
            return x

    np.asarray(Holder())[0] = 6
    return x


# ------------------------------------------------------------ alias or copy


@body(big=True, script=lambda f, a: [f(a, True), f(a, False)])
def alias_or_copy(x, k=True):
    y = x if k else x.copy()
    y += 1
    return y


@body
def alias_or_copy_by_value(x):
    y = x if x.flat[0] > 0 else x * 1
    y[0] = 3
    return x


@body
def written_under_a_condition(x):
    if x.sum() > 0:
        x[0] = 9
    else:
        x[-1] = 9
    return x


@body(script=lambda f, a: [f(a, k) for k in range(3)])
def written_in_one_case_of_three(x, k=0):
    match k:
        case 0:
            return x.sum()
        case 1:
            x[0] = 4
            return x
        case _:
            y = x[1:]
    y.fill(2)
    return y


@body
def chain_of_aliases(x):
    a = x
    b = a[:]
    c = b.T
    d = c.T
    e = d.view()
    e[0] = 3
    return a


@body
def alias_by_and_or(x):
    y = (x.size and x) if x.size > 1 else x
    y = None or y
    y[0] = 8
    return x


@body
def alias_by_max_and_sorted(x):
    y = max([x], key=len)
    z = sorted([x, x[1:]], key=len)[-1]
    y[0] = 4
    z[-1] = 5
    return x


@body
def alias_by_next_reversed_filter(x):
    next(iter([x]))[0] = 1
    next(reversed([x[1:]]))[0] = 2
    next(filter(len, [x]))[-1] = 3
    return x


@body
def alias_by_reduce_and_chain(x):
    y = functools.reduce(lambda a, b: a, [x, 1])
    for z in itertools.chain([y], (x[1:],)):
        z[0] += 1
    return x


@body
def alias_by_star_unpacking(x):
    first, *rest = [x, x[1:], 3]
    [*more] = (rest[0],)
    more[0][0] = 6
    first[0] = 5
    return x


@body
def alias_in_a_list(x):
    held = [x, [x[1:]]]
    held[0][0] = 5
    held[1][0][0] = 6
    return x


@body
def alias_in_a_dict(x):
    held = {"x": x}
    held["x"][0] = 5
    held.setdefault("x", None)[-1] = 6
    held.pop("x")[0] += 1
    return x


@body
def alias_in_an_attribute(x):
    k = Keeper(x=x)
    k.x[0] = 5
    k.y = k.x[1:]
    k.y += 1
    k.x += 1
    return x


@body
def alias_in_a_closure(x):
    def write(value):
        x[0] = value

    write(4)
    return x


@body
def alias_by_nonlocal(x):
    y = None

    def keep():
        nonlocal y
        y = x[1:]

    keep()
    y += 2
    return x


@body
def rebound_by_nonlocal(x):
    def rebind():
        nonlocal x
        x = x * 2

    rebind()
    x[0] = 5
    return x


def _read_global():
    return ALIAS


def _forget_alias():
    global ALIAS
    ALIAS = None


ALIAS: Any = None


@body(state=lambda: ALIAS, reset=_forget_alias)
def alias_in_a_global(x):
    global ALIAS
    ALIAS = x
    _read_global()[0] = 5
    return x


@body
def alias_in_a_context_variable(x):
    var = contextvars.ContextVar("var")
    contextvars.copy_context().run(lambda: (var.set(x), var.get().fill(3)))
    return x


@body
def alias_in_a_weak_dict(x):
    held = weakref.WeakValueDictionary(x=x)
    held["x"][0] = 4
    weakref.ref(x)()[-1] = 5
    return x


@body
def alias_in_a_partial(x):
    functools.partial(np.ndarray.fill, x)(4)
    functools.partial(operator.setitem, x, 0)(5)
    return x


@body
def alias_in_a_default(x):
    def write(y=x):
        y[0] = 5

    write()
    (lambda y=x: y.fill(3))()
    return x


@body
def alias_in_an_object_array(x):
    held = np.empty(2, object)
    held[0] = x
    held[0][0] = 4
    held[1] = x[1:]
    held[1][...] = 2
    return x


@body
def alias_in_a_class_body(x):
    class Local:
        y = x
        y[0] = 6
        x[-1] = 7

    return Local.y


@body
def alias_in_a_generator(x):
    gen = (row for row in [x, x[1:]])
    for each in gen:
        each[0] = 4
    return x


@body
def comprehension_scopes(x):
    [row.fill(1) for row in [x[:1]]]
    {i: operator.setitem(x, i, 3) for i in range(1)}
    {len(y := x)}
    y[-1] = 2
    any(x.put(0, 9) for _ in range(2))
    return x


@body
def nested_functions(x):
    def outer(y):
        def inner(z):
            z[0] = 6
            return z

        return inner(y[1:])

    return outer(x), x


@body
def shadowed_names(x):
    def sum(y):
        y[0] = 5
        return 1

    def len(y):
        y[-1] = 6
        return 2

    return sum(x), len(x), x


class FakeNumpy:
    @staticmethod
    def mean(x):
        x[0] = 9
        return 1

    asarray = np.asarray


@body(script=lambda f, a: f(a, FakeNumpy))
def parameter_named_np(x, np):
    return np.mean(x), x


@body
def local_named_np(x):
    np = FakeNumpy
    return np.mean(x), x


def fake_globals(x):
    return np.mean(x), sorted(x), x


register(
    "globals of its own",
    types.FunctionType(
        fake_globals.__code__,
        {"np": FakeNumpy, "sorted": lambda x: x.fill(4)},
        "fake_globals",
    ),
)
register(
    "builtins of its own",
    types.FunctionType(
        fake_globals.__code__,
        {"__builtins__": {"sorted": lambda x: x.fill(4), "np": np}},
        "fake_globals",
    ),
)


# -------------------------------------------------------------- own results


@body(dims=(2,), big=True)
def softmax(x):
    y = np.exp(x / 1e4)
    for row in y:
        row /= row.sum()
    return y


@body
def rectified(x):
    y = x * 1.0
    y[1:][y[1:] < 0] = 0
    return y


@body
def split_of_its_own(x):
    y = np.concatenate([x, x])
    for part in np.split(y, 2):
        part[0] = 5
    return y


@body
def own_copy(x):
    y = x.copy()
    y.sort()
    y[0] = 3
    return y


@body
def own_list_of_copies(x):
    rows = [row.copy() for row in x]
    for row in rows:
        row += 1
    return rows


@body
def own_rows_of_an_empty(x):
    y = np.zeros((3, *x.shape), x.dtype)
    for i, row in enumerate(y):
        row[...] = x
        row[0] = i
    return y


@body
def own_result_then_argument(x):
    y = x + 1
    y[0] = 5
    x = y
    x[-1] = 6
    return x


@body
def argument_after_a_copy_of_it(x):
    y, x = x, x.copy()
    x[0] = 5
    y[-1] = 6
    return x, y


@body
def rebound_in_a_loop(x):
    for _ in range(3):
        x[0] += 1
        x = x * 1
    return x


@body
def rebound_to_a_view_in_a_loop(x):
    y = x
    while len(y) > 2:
        y[0] = len(y) % 7
        y = y[1:] if len(y) < 20 else y[len(y) // 2 :]
    else:
        y[-1:] = 1
    return x, y


# ------------------------------------------------ helpers, looked up somehow


def helper_that_writes(y, value=5):
    y[0] = value


def helper_that_aliases(y):
    return y[...]


def helper_that_keeps(y, held):
    held.append(y)


def helper_that_reads(y):
    return y.sum()


class Tools:
    @staticmethod
    def write(y):
        y[0] = 2

    @classmethod
    def write_too(cls, y):
        cls.write(y[1:])

    def __call__(self, y):
        y[-1] = 3

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda y: y.fill(4)


@body
def helper(x):
    helper_that_writes(x)
    helper_that_writes(helper_that_aliases(x)[1:], value=6)
    return x


@body
def helper_keeps_first(x):
    held = []
    helper_that_keeps(x, held)
    held[0][0] = 4
    return x, helper_that_reads(x)


@body
def helper_looked_up_in_globals(x):
    globals()["helper_that_writes"](x)
    return x


@body(script=lambda f, a: f(a, "writes"))
def helper_looked_up_by_a_name(x, name):
    module = sys.modules[__name__]
    getattr(module, f"helper_that_{name}")(x)
    return x


@body
def helper_of_a_table(x):
    table = {"w": helper_that_writes, "r": helper_that_reads}
    for each in table.values():
        each(x)
    return x


@body
def helper_methods(x):
    Tools.write(x)
    Tools.write_too(x)
    Tools()(x)
    return x


@body
def helper_by_getattr(x):
    Tools().anything(x)
    return x


@body
def helper_made_by_exec(x):
    scope = {}
    exec("def write(y):\n    y[0] = 9", scope)
    scope["write"](x)
    return x


@body
def helper_decorated(x):
    @functools.lru_cache
    def write(i):
        x[i] = 3

    @contextlib.contextmanager
    def writing():
        x[-1] = 4
        yield x[1:]
        x[1] += 1

    write(0)
    with writing() as y:
        y[0] = 5
    return x


@functools.singledispatch
def dispatched(y):
    raise TypeError


@dispatched.register
def _(y: np.ndarray):
    y[0] = 6
    return y


@body
def helper_by_dispatch(x):
    return dispatched(x)


@body
def helper_in_a_thread(x):
    thread = threading.Thread(target=x.fill, args=(5,))
    thread.start()
    thread.join()
    return x


@body(dims=(2,))
def recursive(x):
    if len(x) > 1:
        x[0] += 1
        recursive(x[len(x) // 2 + 1 :])
    return x


@body
def mutually_recursive(x, k=3):
    x[0] = k
    if k:
        _other_half(x[1:] if len(x) > 1 else x, k - 1)
    return x


def _other_half(y, k):
    y[-1] = k
    mutually_recursive(y, k)


@body(script=lambda f, a: f(a, lambda y: operator.setitem(y, 0, 3)))
def callable_that_writes(x, callback):
    callback(x)
    return x


@body(script=lambda f, a: f(a, np.ndarray.sort))
def callable_of_numpy(x, callback):
    callback(x[::-1])
    return x


@body(script=lambda f, a: f(a, lambda y: y))
def callable_that_aliases(x, callback):
    y = callback(x)
    y[0] = 2
    return x


@body(script=lambda f, a, b: f(a, lambda: b.copy()))
def callable_that_makes_an_array(x, callback):
    y = callback()
    y[0] = 6
    return y


def callback_keeps(f, a):
    kept = []
    result = f(a, kept.append)
    put_zeros(a)
    return result, kept


@body(script=callback_keeps, loose=True)
def callable_that_keeps(x, callback):
    callback(x)
    x[0] = 5
    callback(x[1:])
    return x


@body(script=lambda f, a: f(a, lambda: put_zeros(a)), touches=True)
def callable_that_writes_the_callers_array(x, callback):
    before = x.copy()
    callback()
    return before, x


HELPER: Any = helper_that_reads


def patch_helper(f, a):
    global HELPER
    HELPER = helper_that_reads
    first = f(a)
    HELPER = helper_that_writes
    second = f(a)
    HELPER = helper_that_aliases
    return first, second, f(a)


@body(script=patch_helper)
def helper_patched_between_calls(x):
    return HELPER(x), x


def patch_code(f, a):
    def reader(y):
        return y.sum()

    def writer(y):
        y[0] = 5

    Tools.changing = reader
    first = f(a)
    reader.__code__ = writer.__code__
    return first, f(a)


@body(script=patch_code)
def code_of_a_helper_changed_between_calls(x):
    return Tools.changing(x), x


# --------------------------------------------- writes where nobody looks for


class Sneaky:
    """Writes into `target` whenever Python asks it for anything."""

    def __init__(self, target, value=5):
        self.target = target
        self.value = value

    def write(self, *args):
        self.target[0] = self.value
        self.value += 1
        return 1

    def __enter__(self):
        return self.write()

    __len__ = __index__ = __hash__ = write

    def __exit__(self, *args):
        self.write()

    def __bool__(self):
        return bool(self.write())

    def __iter__(self):
        self.write()
        return iter([1])

    def __eq__(self, other):
        self.write()
        return True

    def __contains__(self, item):
        return bool(self.write())

    def __getitem__(self, item):
        return self.write()

    def __format__(self, spec):
        return str(self.write())

    def __call__(self, *args):
        return self.write()

    @property
    def level(self):
        return self.write()

    @level.setter
    def level(self, value):
        self.target[-1] = value


@body
def hook_of_with(x):
    with Sneaky(x):
        y = x.copy()
    return x, y


@body
def hook_of_index(x):
    y = x.copy()
    y[: Sneaky(x)]
    return x, y


@body
def hook_of_truth(x):
    if not (Sneaky(x) and Sneaky(x, 7) == 3):
        return None
    return x


@body
def hook_of_iteration(x):
    for _ in Sneaky(x):
        pass
    (*_,) = Sneaky(x[1:])
    return x


@body
def hook_of_containers(x):
    found = 3 in Sneaky(x)
    Sneaky(x[1:])["a"]
    {Sneaky(x[:-1]): 1}
    return len(Sneaky(x)), found, x


@body
def hook_of_format(x):
    return f"{Sneaky(x)}", x


@body
def hook_of_a_property(x):
    s = Sneaky(x)
    s.level = 3
    s.level
    return x


@body
def hook_of_augmented_property(x):
    class Gauge:
        @property
        def level(self):
            return x[1:]

        @level.setter
        def level(self, value):
            x[0] = 9

    Gauge().level += 1
    return x


class Cell:
    """A descriptor that changes what it is given."""

    def __set__(self, instance, value):
        value[0] = 8
        instance.__dict__["cell"] = value

    def __get__(self, instance, owner):
        held = instance.__dict__["cell"]
        held[-1] = 7
        return held


class Holder:
    cell = Cell()


@body
def descriptor(x):
    h = Holder()
    h.cell = x
    return h.cell


@body
def hook_of_del(x):
    class Last:
        def __del__(self):
            x.fill(6)

    last = Last()
    del last
    return x


@body
def hook_of_a_finalizer(x):
    class Thing:
        pass

    thing = Thing()
    weakref.finalize(thing, x.fill, 3)
    del thing
    return x


@body
def hook_of_a_metaclass(x):
    class Meta(type):
        def __new__(mcls, name, bases, names):
            x[0] = 3
            return super().__new__(mcls, name, bases, names)

    class Made(metaclass=Meta):
        def __init_subclass__(cls):
            x[-1] = 4

    class Sub(Made):
        pass

    return x, Sub.__name__


@body
def hook_of_sort_key(x):
    sorted([3, 1], key=Sneaky(x))
    min([2], key=lambda k: x.put(0, k))
    return x


@body
def hook_of_errstate(x):
    def note(kind, flag):
        x[0] = 77

    with np.errstate(all="call", call=note):
        y = np.log(np.zeros(2))
    return x, y


@body
def hook_of_print_options(x):
    with np.printoptions(formatter={"all": lambda v: str(x.put(0, 6))}):
        text = str(np.arange(2))
    return x, text


@body
def hook_of_a_trace(x):
    def trace(frame, event, arg):
        x[0] = 3

    old = sys.getprofile()
    sys.setprofile(trace)
    try:
        helper_that_reads(np.arange(2))
    finally:
        sys.setprofile(old)
    return x


class Duck:
    """No array, no protocol: NumPy calls its methods, Python its operators."""

    __array_ufunc__ = None
    held: Any = None

    def __radd__(self, other):
        other[0] = 5
        return 1

    def __rmul__(self, other):
        self.held = other
        return other

    def mean(self, axis=None, dtype=None, out=None):
        self.held[-1] = 4
        return 2

    def __len__(self):
        return 3


@body(script=lambda f, a: f(a, Duck()))
def duck_that_writes_its_operand(x, duck):
    y = x + duck
    return y, x


@body(script=lambda f, a: f(a, Duck()))
def duck_that_keeps_its_operand(x, duck):
    y = x * duck
    return np.mean(duck), y, x


@body(script=lambda f, a: f(a, Duck()), fails=True)
def duck_that_is_no_array(x, duck):
    x[0] = 4
    x += duck


class UfuncDuck:
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        for each in inputs:
            if each is not self:
                each[0] = 9
        return "done"


@body
def ufunc_override(x):
    return np.add(x, UfuncDuck()), x * UfuncDuck(), x


class FunctionDuck:
    def __array_function__(self, func, types, args, kwargs):
        args[0][0][0] = 9
        return "done"


@body
def function_override(x):
    return np.concatenate([x, FunctionDuck()]), x


class Priority:
    __array_priority__ = 1e9

    def __rsub__(self, other):
        other[0] = 4
        return other

    __rmatmul__ = __rpow__ = __rsub__

    def __gt__(self, other):
        other[-1] = 3
        return True


@body
def reflected_operators(x):
    return x - Priority(), x < Priority(), x @ Priority()


# ------------------------------------------------------------- dynamic code


@body
def exec_of_text(x):
    exec("x[0] = 5")
    return x


@body
def eval_of_text(x):
    eval("x.fill(3)")
    return eval("x[1:]")


@body
def locals_of_the_function(x):
    locals()["x"][0] = 5
    vars()["x"][-1] = 6
    return x


@body
def frame_of_the_function(x):
    sys._getframe().f_locals["x"][0] = 5
    inspect.currentframe().f_locals["x"][-1] = 6
    return x


def _write_in_the_caller():
    sys._getframe(1).f_locals["x"][0] = 8


@body
def frame_of_the_caller(x):
    _write_in_the_caller()
    return x


@body
def found_by_the_collector(x):
    held = [[x]]
    for each in gc.get_referents(held[0]):
        each[0] = 5
    return x


@body
def closure_cell(x):
    def f():
        return x

    f.__closure__[0].cell_contents[0] = 3
    return x


@body
def type_made_by_hand(x):
    cls = type("Made", (), {"x": x, "write": lambda self: self.x.fill(3)})
    cls().write()
    return x


WITHOUT_SOURCE = """
def without_source(x):
    row = x[0:1]
    row += 2
    return x, row

def without_source_reads(x):
    return x.mean(), x * 2

def without_source_keeps(x, held=[]):
    held.append(x)
    return len(held), held[0][0]

def without_source_calls(x):
    def inner(y):
        y[0] = 3
    inner(x)
    return (lambda z: z.T)(x)

class Method:
    def without_source(self, x):
        x.sort()
        return x

async def without_source_coroutine(x):
    x[0] = 4
    return x

def without_source_generator(x):
    x[0] = 4
    yield x
"""
_made: dict[str, Any] = {"np": np}
exec(WITHOUT_SOURCE, _made)
register("without source", _made["without_source"])
register("without source, reads", _made["without_source_reads"])
register(
    "without source, keeps",
    _made["without_source_keeps"],
    state=lambda: _made["without_source_keeps"].__defaults__,
    reset=lambda: _made["without_source_keeps"].__defaults__[0].clear(),
)
register("without source, calls", _made["without_source_calls"])
register("without source, method", _made["Method"]().without_source)
register(
    "without source, coroutine",
    _made["without_source_coroutine"],
    script=lambda f, a: finish(f(a)),
)
register(
    "without source, generator",
    _made["without_source_generator"],
    script=lambda f, a: list(f(a)),
)


# -------------------------------------------------------------------- lambdas

register("lambda that reads", lambda x: x.sum())
register("lambda that returns its argument", lambda x: x, dims=(0, 1, 2), big=True)
register("lambda that returns a view", lambda x: x[::-1], big=True)
register("lambda that writes", lambda x: x.sort())
register("lambda that writes by a walrus", lambda x: (y := x[1:]).fill(4) or (x, y))
register("lambda of a lambda", lambda x: (lambda y: operator.setitem(y, 0, 3))(x) or x)
register(
    "lambda with a default",
    lambda x, write=helper_that_writes: write(x) or x,
)
# fmt: off
register("one of two lambdas on a line", lambda x: x.sum()); register("the other", lambda x: x.fill(2) or x)  # noqa: E501, E702
# fmt: on


# -------------------------------------------------------------------- results


@body(big=True)
def unchanged(x):
    return x


@body(big=True)
def argument_and_view(x):
    return x, x[1:]


@body
def written_argument_and_view(x):
    x[0] = 5
    return x, x[1:]


@body
def transposed_and_itself(x):
    return x.T, x


@body
def two_rows(x):
    return [x[0:1], x[1:2]]


@body(dims=(2,))
def two_integer_rows(x):
    return [x[0], x[1], x[0]]


@body
def dict_of_views(x):
    return {"x": x, "head": x[:2], "tail": x[-1:], "again": x}


@body(dims=(2,))
def tuple_of_rows(x):
    return tuple(x)


@body
def every_second(x):
    return x[::2]


@body
def read_only_view(x):
    y = x[1:]
    y.flags.writeable = False
    return y, np.broadcast_to(x, (2, *x.shape))


@body
def read_only_itself(x):
    x.flags.writeable = False
    return x


@body
def fresh_and_view(x):
    y = x * 2
    return y, y[1:], x[1:], y.T


@body
def broadcast_result(x):
    return np.broadcast_to(x[:1], (3, *x.shape))


@body
def windows_result(x):
    return sliding_window_view(x, 1, axis=0), x


@body
def scalar_results(x):
    return x.flat[0], x[(0,) * x.ndim], x.sum(), float(x.max()), x.shape, x.dtype


@body
def zero_dimensional_views(x):
    y = x[(0,) * x.ndim + (...,)]
    y += 1
    return y, x


@body
def dataclass_result(x):
    return Box(x), Frozen(x[1:]), Nested([Box(x)], {"x": x})


@body
def named_tuple_result(x):
    return Pair(x, Pair(x[1:], None))


@body
def deque_result(x):
    return collections.deque([x, x[1:], 3], maxlen=4)


@body
def default_dict_result(x):
    found = collections.defaultdict(list)
    found["a"].append(x)
    found["b"].append(x[1:])
    return found


@body
def nested_result(x):
    return [(x, {"a": [x[1:], (x.T,)]}), {1: (x,)}]


@body
def instance_result(x):
    k = Keeper(x=x, parts=[x[1:]])
    k.x[0] = 4
    return k


@body
def set_result(x):
    return {Box(x)}, frozenset([Frozen(x[1:])])


@body
def namespace_result(x):
    return types.SimpleNamespace(x=x, y=[x[1:]])


@body
def object_array_result(x):
    held = np.empty(2, object)
    held[0], held[1] = x, x[1:]
    return held


@body
def cyclic_result(x):
    held = [x]
    held.append(held)
    return held


@body
def same_list_twice(x):
    held = [x]
    return held, held, x


@body
def memoryview_result(x):
    return memoryview(x)


@body
def memoryview_of_a_view_result(x):
    x[0] = 1
    return memoryview(x[1:]), x


@body
def flat_result(x):
    return x.flat


@body
def bytes_result(x):
    return x.tobytes(), x.tolist(), str(x), repr(x), hash(x.tobytes())


@body
def masked_view_result(x):
    return np.ma.array(x, mask=x > 2, copy=False), x


@body
def matrix_view_result(x):
    return np.asmatrix(x), x


@body
def own_view_result(x):
    y = x.view(Own)
    y.unit = "m"
    y[0] = 5
    return y, x


@body
def number_results(x):
    return 1, "text", None, ..., np.float64(2), range(3), slice(1), int, 2.5j


@body
def real_and_imaginary_result(x):
    return x.real, x.imag, np.conj(x), x.conj()


@body
def asarray_result(x):
    return np.asarray(x), np.ascontiguousarray(x), np.atleast_2d(x), np.ravel(x)


@body
def split_result(x):
    return np.array_split(x, 2)


@body
def unique_result(x):
    return np.unique(x, return_inverse=True)


@body(dims=(2,))
def linalg_result(x):
    return np.linalg.svd(x[:4, :4].astype(float))[1]


def use_closure(f, a):
    get = f(a)
    put_zeros(a)
    return get(), get()


@body(script=use_closure, loose=True)
def closure_result(x):
    def get():
        return x

    return get


def use_writer(f, a):
    write, get = f(a)
    write(3)
    first = np.array(get())
    put_zeros(a)
    write(5)
    return first, get()


@body(script=use_writer, loose=True)
def closures_that_write_result(x):
    def write(value):
        x[0] = value

    return write, lambda: x


@body(script=use_writer, loose=True)
def bound_methods_result(x):
    return x.fill, x.view


@body(script=lambda f, a: f(a)(), loose=True)
def partial_result(x):
    return functools.partial(operator.getitem, x, slice(1, None))


def use_iterator(f, a):
    iterator = f(a)
    put_zeros(a)
    return list(iterator)


@body(script=use_iterator, loose=True)
def generator_over_rows_result(x):
    return (row * 2 for row in x)


@body(script=use_iterator, loose=True)
def generator_over_views_result(x):
    return (x[i : i + 1] for i in range(2))


@body(script=use_iterator, loose=True, dims=(2,))
def iterator_result(x):
    return iter(x)


@body(script=use_iterator, loose=True)
def map_result(x):
    return map(np.negative, [x, x[1:]])


@body(script=use_iterator, loose=True)
def generator_that_writes_result(x):
    def steps():
        for i in range(2):
            x[i] = 7
            yield x

    return steps()


def later(f, a):
    coroutine = f(a)
    put_zeros(a)
    return finish(coroutine)


@body(script=later, loose=True)
def coroutine_result(x):
    async def later():
        x[0] = 3
        return x

    return later()


@body
def identical_results(x):
    y = x
    return x is y, y


def result_is_the_argument(f, a):
    result = f(a)
    return result is a, result


@body(script=result_is_the_argument)
def result_is_not_the_argument(x):
    return x


TABLE = np.arange(4.0)


def table_is_returned(f, a):
    result = f(a)
    return result is TABLE if type(result) is np.ndarray else True, result


@body(
    script=table_is_returned,
    state=lambda: TABLE,
    reset=lambda: operator.setitem(TABLE, ..., range(4)),
)
def global_result(x):
    TABLE[0] += 1
    return TABLE


@body(
    state=lambda: TABLE,
    reset=lambda: operator.setitem(TABLE, ..., range(4)),
)
def global_view_result(x):
    return TABLE[1:], x


# ---------------------------------------------------------------- exceptions


class Problem(Exception):
    def __init__(self, x, **fields):
        super().__init__("a problem")
        self.x = x
        self.fields = fields


class Stop(BaseException):
    pass


@body(fails=True)
def raises_before_writing(x):
    raise KeyError("first")
    x[0] = 5


@body(fails=True)
def raises_after_writing(x):
    x[0] = 5
    raise ValueError(f"after {x.shape}")


@body(fails=True)
def raises_with_the_array(x):
    x[0] = 5
    raise LookupError("array", x, x[1:])


@body(fails=True)
def raises_one_of_its_own(x):
    x[0] = 5
    raise Problem(x[1:], whole=x)


@body(fails=True)
def raises_with_a_cause(x):
    try:
        x[len(x)]
    except IndexError as error:
        raise Problem(x) from error


@body(fails=True)
def raises_no_exception(x):
    x.fill(3)
    raise Stop(3)


@body(fails=True)
def raises_with_a_note(x):
    error = TypeError("noted")
    error.add_note(f"of {x.ndim} dimensions")
    raise error


@body(fails=True)
def raises_a_group(x):
    raise ExceptionGroup("both", [ValueError(x[1:]), KeyError("k")])


@body(fails=True)
def raises_what_numpy_raises(x):
    x[0] = 4
    return x.reshape(-1, 7919)[..., 10**9]


@body(fails=True)
def raises_of_a_read_only_array(x):
    y = np.broadcast_to(x, (2, *x.shape))
    y[0] = x


@body(fails=True, dims=(2,))
def raises_of_a_read_only_view_of_its_own(x):
    d = np.diagonal(x * 1)
    np.add(d, 1, out=d)


@body(fails=True)
def raises_in_a_helper(x):
    helper_that_writes(x, value=[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, "a"])
    x.no_such_attribute


@body(fails=True, arrays=1)
def wrong_arguments(x, y, *, z):
    return x


@body
def caught(x):
    try:
        x[0] = 5
        x[10**9] = 1
    except IndexError:
        x[-1] = 6
    else:
        x[1] = 7
    finally:
        x[1:2] += 1
    return x


@body
def try_without_error(x):
    try:
        y = x[1:]
    except IndexError:
        y = None
    else:
        y += 1
    return x


FINALLY_RETURNS = """
def finally_returns(x):
    try:
        raise ValueError
    finally:
        x[0] = 8
        return x
"""
with warnings.catch_warnings():
    warnings.simplefilter("ignore", SyntaxWarning)  # CPython 3.14 warns of it
    exec(FINALLY_RETURNS)
body(finally_returns)  # noqa: F821


@body
def array_in_a_caught_exception(x):
    try:
        raise Problem(x)
    except Problem as problem:
        problem.x[0] = 5
        held = problem
    held.x[-1] = 6
    return x


@body
def suppressed(x):
    with contextlib.suppress(ZeroDivisionError):
        x[0] = 5
        x[1] = 1 // 0
    return x


@body
def exit_stack(x):
    with contextlib.ExitStack() as stack:
        stack.callback(x.fill, 4)
        stack.enter_context(np.errstate(all="ignore"))
        y = x.copy()
    return x, y


def raised(f, a):
    try:
        f(a)
    except Problem as problem:
        put_zeros(a)
        return problem.x, problem
    return None


@body(script=raised, loose=True)
def array_of_an_exception(x):
    x[0] = 3
    raise Problem(x, part=x[1:])


# --------------------------------------------------------------------- state

LOG: list[Any] = []
KEPT = Keeper()


@body(state=lambda: LOG, reset=LOG.clear)
def log_of_arguments(x):
    LOG.append(x)
    return len(LOG)


@body(state=lambda: LOG, reset=LOG.clear)
def log_of_views(x):
    LOG.append(x[1:])
    x[0] = 5
    LOG.append(x[:2])
    return x


@body(state=lambda: LOG, reset=LOG.clear)
def log_of_results(x):
    y = x * 2
    LOG.append(y)
    return y


@body(state=lambda: LOG, reset=LOG.clear)
def log_that_is_written(x):
    for each in LOG:
        each[...] = 1
    LOG.append(x)
    return x


@body(state=lambda: LOG, reset=LOG.clear)
def log_of_what_was_before(x):
    LOG.append((x, {"part": x[:1]}))
    return LOG[0][0] is x, LOG[0][1]["part"]


@body(state=lambda: LOG, reset=LOG.clear)
def log_compared(x):
    known = [np.shares_memory(x, each) for each in LOG]
    LOG.append(x)
    return known


@body(state=lambda: LOG, reset=LOG.clear)
def log_of_closures(x):
    LOG.append(lambda: x)
    found = LOG[0]()
    found[-1] = 9
    return found.copy(), x


@body(state=lambda: LOG, reset=LOG.clear, loose=True)
def log_of_generators(x):
    if LOG:
        return next(LOG[0])
    LOG.append(row for row in [x, x[1:]])
    return next(LOG[0])


@body(state=lambda: LOG, reset=LOG.clear)
def log_of_memory(x):
    LOG.append(memoryview(x))
    x[-1] = 6
    return x


@body(state=lambda: vars(KEPT), reset=vars(KEPT).clear)
def kept_by_a_global_object(x):
    KEPT.x = x
    KEPT.part = KEPT.x[1:]
    return x


@body(state=lambda: vars(KEPT), reset=vars(KEPT).clear)
def kept_and_written_later(x):
    if hasattr(KEPT, "x"):
        KEPT.x[0] = 7
        return KEPT.x
    KEPT.x = x[::-1]
    return None


@body(state=lambda: vars(KEPT), reset=vars(KEPT).clear)
def kept_and_added_to(x):
    KEPT.total = getattr(KEPT, "total", 0) + x
    return KEPT.total


@body(state=lambda: vars(KEPT), reset=vars(KEPT).clear)
def kept_by_the_first_call_only(x):
    cache = KEPT.__dict__.setdefault("cache", x)
    cache += 1
    return cache


def _clear_attributes(function):
    vars(function).clear()


@body(
    state=lambda: vars(function_attribute),
    reset=lambda: _clear_attributes(function_attribute),
)
def function_attribute(x):
    function_attribute.calls = getattr(function_attribute, "calls", 0) + 1
    held = vars(function_attribute).setdefault("last", x)
    function_attribute.last = x[1:]
    return held, function_attribute.calls


@body(
    state=lambda: default_that_accumulates.__defaults__,
    reset=lambda: default_that_accumulates.__defaults__[0].clear(),
)
def default_that_accumulates(x, held=[]):  # noqa: B006
    held.append(x)
    held[0][0] = len(held)
    return len(held), held[0]


@body(
    state=lambda: default_array.__defaults__,
    reset=lambda: default_array.__defaults__[0].fill(0),
)
def default_array(x, count=np.zeros(3)):  # noqa: B008
    count += 1
    return count.copy(), x


@body(
    state=lambda: keyword_default.__kwdefaults__,
    reset=lambda: keyword_default.__kwdefaults__["memo"].clear(),
    loose=True,
)
def keyword_default(x, *, memo={}):  # noqa: B006
    memo.setdefault("x", x)
    return memo["x"] is x, memo


@body(
    state=lambda: default_and_results.__defaults__,
    reset=lambda: default_and_results.__defaults__[0].fill(2),
)
def default_and_results(x, scale=np.full(1, 2.0)):  # noqa: B008
    return x * scale, scale


def use_default(f, a):
    return f(default_passed.__defaults__[0]), f(a)


@body(
    script=use_default,
    state=lambda: default_passed.__defaults__,
    reset=lambda: default_passed.__defaults__[0].fill(1),
    kinds=NUMBERS,
)
def default_passed(x, table=np.ones(3)):  # noqa: B008
    x[0] = 5
    table[1] += 1
    return x is table, x, table.copy()


def counter():
    """Return a body that counts in a closure, and what forgets."""
    held: list[Any] = []

    def count(x):
        held.append(x[:2])
        held[0] += 1
        return len(held), held[0].copy()

    return count, held


_count, _held = counter()
register("closure that counts", _count, state=lambda: _held, reset=_held.clear)


def make_rebinding():
    total = 0

    def rebinding(x):
        nonlocal total
        total = total + x.sum()
        x[0] = 3
        return total, x

    def forget():
        nonlocal total
        total = 0

    return rebinding, forget


_rebinding, _forget = make_rebinding()
register("closure that rebinds", _rebinding, reset=_forget)


class Model:
    """Passes as it is, with what it keeps."""

    shared: typing.ClassVar[list[Any]] = []

    def __init__(self):
        self.forget()

    def forget(self):
        self.__dict__.clear()
        self.seen = []
        self.data = np.arange(3.0)
        self.shared.clear()

    def fit(self, x):
        x -= x.mean()
        self.x = x
        self.seen.append(x[1:])
        return self

    def peek(self, x):
        self.seen.append(x)
        return self.seen[0]

    def write_data(self, x):
        self.data[0] += 1
        x[0] = self.data[0]
        return self.data, x

    def write_and_copy_data(self, x):
        x[0] = 5
        self.data[0] += 1
        return self.data.copy(), x

    def transform(self, x):
        y = np.asarray(x, float)
        y -= y.mean()
        return y

    @classmethod
    def of_class(cls, x):
        cls.shared.append(x)
        x[0] = 3
        return x

    @staticmethod
    def static(x):
        x[0] = 4
        return x[1:]

    def __call__(self, x):
        self.x = x
        x[-1] = 2
        return x

    def __getitem__(self, x):
        x[0] = 2
        return x

    async def later(self, x):
        self.x = x
        x[0] = 4
        return x


MODEL = Model()


def of_the_model(name, function, **options):
    return register(
        f"model: {name}",
        function,
        state=lambda: (vars(MODEL), MODEL.shared),
        reset=MODEL.forget,
        **options,
    )


of_the_model("bound fit", MODEL.fit, script=lambda f, a: f(a) is MODEL)
of_the_model("fit", Model.fit, script=lambda f, a: f(MODEL, a) is MODEL)
of_the_model("fit by name", Model.fit, script=lambda f, a: f(MODEL, x=a) is MODEL)
of_the_model("peek", Model.peek, script=lambda f, a: f(MODEL, a))
of_the_model("write_data", Model.write_data, script=lambda f, a: f(MODEL, a))
of_the_model("transform", MODEL.transform)
of_the_model("of_class", Model.of_class)
of_the_model("static", Model.static)
of_the_model("callable", MODEL)
of_the_model("getitem", Model.__getitem__, script=lambda f, a: f(MODEL, a))
of_the_model("later", MODEL.later, script=lambda f, a: finish(f(a)))


def pass_its_data(f, a):
    MODEL.data = a
    return f(MODEL, a)


of_the_model(
    "its data",
    Model.write_and_copy_data,
    script=pass_its_data,
    touches=True,
    loose=True,
)


@body(script=lambda f, a: f(Keeper(x=np.arange(3.0)), a))
def object_as_it_is(k, x):
    k.x[0] = 5
    k.y = x
    k.y[0] = 6
    return k.x, x


def write_through_an_object(f, a, b):
    k = Keeper(x=a)
    return f(k, b), k.x


@body(script=write_through_an_object, touches=True, loose=True)
def object_with_the_callers_array(k, x):
    x[0] = 3
    k.x[-1] = 4
    k.y = x[1:]
    return x


# the caller passes what the function knows by another way, too

G: Any = None


def _set_global(value):
    global G
    G = value


def pass_global(f, a):
    _set_global(a)
    return f(G)


# what G is belongs to the caller, whose arrays are compared anyway
_global = {
    "script": pass_global,
    "state": lambda: G,
    "reset": lambda: _set_global(None),
    "touches": True,
}


@body(**_global)
def global_written_while_reading(x):
    first = x[0:1].copy()
    G[0] = 7
    return first, x[0:1], x


@body(**_global)
def argument_written_while_reading_the_global(x):
    x[0] = 7
    return np.array(G[0:1]), x


@body(**_global)
def global_and_argument(x):
    return x is G, np.shares_memory(x, G), x


@body(**_global)
def both_written(x):
    G[-1] = 4
    x[0] = 7
    G[0] = 3
    return x


@body(**_global)
def global_rebound(x):
    global G
    G = x
    G[0] = 5
    return x


def pass_view_of_global(f, a):
    _set_global(a)
    return f(a[1:])


@body(**{**_global, "script": pass_view_of_global})
def view_of_the_global(x):
    G[...] = 5
    return x, x.base is None


@body(**{**_global, "script": pass_view_of_global})
def global_written_after_a_view_of_the_argument(x):
    y = x[::-1]
    G[...] = 5
    y[:1] = 6
    return y, x


# ---------------------------------------------------------- two arrays, and more


@body
def two_arrays(x, y):
    x[0] = y[-1]
    return x, y


@body
def sum_into_the_first(x, y):
    x += y
    return x


@body
def one_of_two(x, y):
    z = x if x.size > y.size else y
    z[0] = 3
    return x, y


@body
def swapped_names(x, y):
    x, y = y, x
    x[0] = 5
    return x, y


@body(take=lambda a: (a, a))
def same_twice(x, y):
    x[0] = 5
    return x is y, x, y


@body(take=lambda a: (a, a))
def same_twice_reads(x, y):
    return x is y, np.shares_memory(x, y), x + y


@body(take=lambda a: (a, [a, (a,)]))
def same_in_a_list(x, items):
    x[0] = 5
    return items[0] is x, items[1][0] is x, items


@body(script=lambda f, a: f(a, y=a))
def same_by_name(x, *, y):
    y[0] = 3
    return x is y, x


@body(take=lambda a: (a[1:], a[:-1]))
def overlapping(x, y):
    x[...] = 5
    return x, y, np.shares_memory(x, y)


@body(take=lambda a: (a, a[1:]))
def array_and_its_view(x, y):
    y[...] = 5
    return x, y, y.base is x, np.shares_memory(x, y)


@body(take=lambda a: (a[:], a[:]))
def equal_views(x, y):
    x[0] = 5
    return x, y, x is y


@body(take=lambda a: (a, a.T))
def array_and_its_transpose(x, y):
    y[0] = 5
    return x, y


@body(take=lambda a: (a, a[::-1]))
def added_to_its_reverse(x, y):
    x += y
    return x, y


@body(take=lambda a, b: (a, b, 3, "text", None))
def mixed_arguments(x, y, k, text, nothing):
    y[0] = k
    return x, y, text, nothing


@body(take=lambda a, b: (a, b, a))
def star_arguments(*arrays):
    for i, each in enumerate(arrays):
        each[0] = i
    return arrays, len(arrays)


@body(script=lambda f, a, b: f(first=a, second=b))
def star_keywords(**arrays):
    arrays["first"][0] = 4
    arrays["third"] = arrays["second"][1:]
    return arrays


@body(script=lambda f, a, b: f(a, y=b))
def keyword_only(x, *, y, z=None):
    y[0] = 3
    return x, y, z


@body(script=lambda f, a, b: f(a, b))
def positional_only(x, y, /, z=2):
    x[0] = z
    return x, y


@body(script=lambda f, a, b: f(a, b, 3, k=b))
def all_kinds_of_parameters(x, /, y, *rest, k, **more):
    k[0] = 5
    return y is k, x, y, rest, more


# ---------------------------------------------------------------- containers


@body(take=lambda a: ([a, a[1:]],))
def list_argument(items):
    items[0][0] = 5
    items.append(items[0])
    return items


@body(take=lambda a: ([a, 3, 1],))
def list_cleared(items):
    first = items.pop(0)
    items.sort()
    first[0] = items[0]
    items.clear()
    return first, items


@body(take=lambda a: ([3, 1, 2], a))
def list_without_arrays(items, x):
    items.sort()
    items.append(x)
    return items


@body(take=lambda a: ((a, [a]),))
def tuple_argument(pair):
    x, (y,) = pair
    x[0] = 5
    return x is y, pair


@body(take=lambda a: ({"x": a, "k": 2},))
def dict_argument(config):
    config["x"][0] = config["k"]
    config.update(y=config["x"][1:], k=3)
    del config["x"]
    return config


@body(take=lambda a: ({"x": a},))
def dict_loops(config):
    for name, value in config.items():
        value[0] = len(name)
    for value in config.values():
        value[-1] = 4
    return config


@body(take=lambda a: ({"x": a},))
def dict_unpacked(config):
    def write(x):
        x[0] = 3

    write(**config)
    return {**config, "y": config["x"]}


@body(take=lambda a: (collections.defaultdict(list, {"x": [a]}),))
def default_dict_argument(config):
    config["new"].append(1)
    config["x"][0][0] = 5
    return config


@body(take=lambda a: ({Frozen(a)}, frozenset([Frozen(a)])))
def set_arguments(boxes, frozen):
    (box,) = boxes
    box.x[0] = 5
    boxes.clear()
    (other,) = frozen
    return other.x is box.x, boxes, box


@body(take=lambda a: (collections.deque([a, 1, a[1:]], maxlen=3),))
def deque_argument(items):
    items[0][0] = 5
    items.rotate(1)
    items.append(9)
    return items


@body(take=lambda a: (Box(a),))
def dataclass_argument(box):
    box.x[0] = 5
    box.x += 1
    box.name = "changed"
    return box, box.x


@body(take=lambda a: (Frozen(a), a))
def frozen_dataclass_argument(box, x):
    box.x[0] = 5
    return box.x is x, box


@body(take=lambda a: (Nested([Box(a)], {"a": (a,)}),))
def nested_argument(tree):
    tree.boxes[0].x[0] = 5
    tree.boxes.append(3)
    return tree, tree.by_name["a"][0]


@body(take=lambda a: (Pair(a, a[1:]),))
def named_tuple_argument(pair):
    pair.first[0] = 4
    return pair, pair._replace(first=None)


def _cycle(a):
    items = [a]
    items.append({"up": items})
    return (items,)


@body(take=_cycle)
def cyclic_argument(items):
    items[1]["up"][0][0] = 5
    return items[1]["up"] is items, items[0]


@body(take=lambda a: ([[a], [a]], a))
def list_of_lists(rows, x):
    rows[0][0][0] = 5
    rows[0] = rows[1]
    return rows[1][0] is x, rows


@body(take=lambda a: ((lambda row: [row, row])([a]),))
def list_twice(rows):
    rows[0].append(1)
    return rows[0] is rows[1], rows


@body(take=lambda a, b: ([a, b],))
def matched(items):
    match items:
        case [first, *rest] if len(rest):
            first[0] = 4
    match {"box": Box(items[1])}:
        case {"box": Box(x=y)}:
            y[-1] = 5
    match items[0].shape:
        case (n,):
            return n, items
        case (n, m):
            return n, m, items


@body(take=lambda a: ([a],))
def only_read_from_a_list(items):
    return [each.sum() for each in items], items[0].shape


@body(take=lambda a: ([a],))
def list_returned(items):
    return items, items[0][1:]


def keep_list(f, a):
    items = [a]
    result = f(items)
    items.append("callers")
    return result


@body(script=keep_list, state=lambda: LOG, reset=LOG.clear)
def list_kept(items):
    LOG.append(items)
    items.append(items[0][1:])
    return len(items)


@body(take=lambda a: (a,), kinds=USUAL, dims=(2,))
def del_statements(x):
    y = x[0]
    z = x
    del x
    z[0] = 5
    del z
    return y


# ------------------------------------------- generators, coroutines, and such


def write_before_the_first_next(f, a):
    generator = f(a)
    put_zeros(a)
    return list(generator)


def write_in_between(f, a):
    found = []
    for each in f(a):
        found.append(each)
        put_zeros(a)
    return found


@body(script=write_before_the_first_next, plain_only=True)
def generator(x):
    x[0] = 5
    yield x[:2]
    x[1:] += 1
    yield x
    yield x.sum()


@body(script=write_in_between)
def generator_reads(x):
    for i in range(2):
        yield x[i : i + 1].sum()
    yield x * 2


@body(script=write_in_between, dims=(2,))
def generator_of_rows(x):
    for row in x:
        row += 1
        yield row


@body(script=write_in_between, plain_only=True)
def generator_of_itself(x):
    yield x
    x[0] = 3
    yield x


@body(script=write_in_between)
def generator_yields_from(x):
    yield from [x[1:], x]
    yield from (x[i : i + 1] for i in range(2))


@body(script=lambda f, a: [next(g := f(a)), g.send(3), g.close()], plain_only=True)
def generator_with_send(x):
    got = yield x.copy()
    x[0] = got
    try:
        yield x
    finally:
        x.fill(0)


def throw_into(f, a):
    g = f(a)
    first = next(g)
    return first, g.throw(KeyError("k")), list(g)


@body(script=throw_into, plain_only=True)
def generator_with_throw(x):
    try:
        yield x[:1]
    except KeyError:
        x[-1] = 8
    yield x


def returned(f, a):
    def outer():
        return (yield from f(a))

    g, found = outer(), []
    while True:
        try:
            found.append(next(g))
        except StopIteration as stop:
            return found, stop.value


@body(script=returned)
def generator_with_a_result(x):
    yield 1
    x[0] = 4
    return x, x[1:]


@body(script=write_before_the_first_next, fails=True)
def generator_that_raises(x):
    yield x
    x[0] = 1
    raise Problem(x)


def write_what_is_yielded(f, a):
    g = f(a)
    first = next(g)
    put_zeros(first)
    return first, next(g)


@body(script=write_what_is_yielded, plain_only=True)
def generator_sees_what_its_caller_writes(x):
    yield x
    yield x.copy()


@body(script=lambda f, a: f(a) and None, state=lambda: LOG, reset=LOG.clear)
def generator_never_started(x):
    LOG.append("started")
    x[0] = 3
    yield x


@body(script=lambda f, a: [(next(g), next(h)) for g in [f(a)] for h in [f(a)]])
def two_generators(x):
    x += 1
    yield x


@body(script=later)
async def coroutine(x):
    x[0] = 5
    await asyncio.sleep(0)
    x[1:] += 1
    return x, x[1:]


@body(script=later)
async def coroutine_reads(x):
    first = x.copy()
    await asyncio.sleep(0)
    return first + x, x.sum()


async def _async_helper(y):
    await asyncio.sleep(0)
    y[0] = 6
    return y


@body(script=later)
async def coroutine_awaits_a_helper(x):
    y = await _async_helper(x[1:])
    y[-1] = 3
    return x


@body(script=later, fails=True)
async def coroutine_that_raises(x):
    x[0] = 5
    await asyncio.sleep(0)
    raise LookupError(x)


def write_while_it_waits(f, a):
    coroutine = f(a)
    coroutine.send(None)
    put_zeros(a)
    return finish(coroutine)


@body(script=write_while_it_waits)
async def coroutine_waits(x):
    await asyncio.sleep(0)
    y = x[::-1]
    y[:1] = 4
    return y


def gather_later(f, a):
    generator = f(a)
    put_zeros(a)
    return gathered(generator)


@body(script=gather_later, plain_only=True)
async def async_generator(x):
    x[0] = 5
    yield x[:2]
    await asyncio.sleep(0)
    x += 1
    yield x


@body(script=gather_later)
async def async_generator_reads(x):
    for i in range(2):
        await asyncio.sleep(0)
        yield x[i : i + 1].copy()


@body(script=gather_later)
async def async_comprehension(x):
    async def each():
        for part in (x[1:], x):
            part[:1] = 4
            yield part

    for part in [part async for part in each()]:
        yield part


@body(script=gather_later, fails=True)
async def async_generator_that_raises(x):
    x[0] = 3
    yield x
    raise Problem(x[1:])


@body(script=later)
async def async_with(x):
    class Writing:
        async def __aenter__(self):
            x[0] = 6
            return x[1:]

        async def __aexit__(self, *exc):
            x[-1] = 5

    async with Writing() as y:
        y *= 1
    return x


# -------------------------------------------------------------- only reading


@body
def reductions(x):
    return x.sum(), x.mean(), x.max(), x.min(axis=0), np.std(x), x.any(), x.argmax()


@body
def elementwise(x):
    return x + 1, -x, x * x, np.abs(x), x == x, x > 2


@body
def arithmetic_of_two(x, y):
    return x + y, x @ y.T, np.maximum(x, y), np.dot(x, y.T)


@body
def comparisons(x):
    return bool((x == x).all()), np.array_equal(x, x), np.allclose(x, x)


# masked arrays: np.gradient leaves memory as it found it
@body(kinds=NUMBERS + LAYOUTS + COWS)
def cumulated(x):
    return np.cumsum(x), np.diff(x, axis=0), np.gradient(x.ravel()), np.prod(x[:2])


@body
def copies(x):
    return x.copy(), np.array(x), copy.copy(x), copy.deepcopy(x), x[:].copy("F")


@body
def joined(x):
    return np.concatenate([x, x[1:]]), np.stack([x, x]), np.vstack([x, x]), np.r_[x, x]


@body
def chosen(x):
    return np.where(x > 2, x, 0), x[x > 2], x.nonzero(), np.argsort(x), x.repeat(2)


@body
def padded(x):
    return np.pad(x, 1), np.tile(x, 2), np.roll(x, 1), np.flip(x), np.rollaxis(x, 0)


@body
def converted(x):
    return x.astype("f4"), x.tolist(), np.asarray(x, dtype=complex), bool(x.size)


@body
def histogram(x):
    return np.histogram(x, 3), np.bincount(np.abs(x.astype(int)).ravel() % 5)


@body(dims=(2,))
def statistics_of_columns(x):
    return x.mean(axis=0), np.cov(x[:3].astype(float)), np.median(x, axis=1)


@body
def loops_that_read(x):
    total = 0
    for row in x:
        total = total + row
    return total, [len(np.atleast_1d(row)) for row in x][:3], sum(map(np.sum, x))


@body
def python_builtins(x):
    return len(x), list(x)[:1], max(x.ravel()), sorted(x.ravel()[:5]), 3 in x


@body
def written_to_a_file(x):
    file = io.BytesIO()
    np.save(file, x)
    file.seek(0)
    return np.load(file), pickle.loads(pickle.dumps(x))


@body
def fourier(x):
    return np.abs(np.fft.fft(x[:16])), np.convolve(x.ravel()[:9], [1, 2])


@body
def interpolated(x):
    return np.interp([0.5], np.arange(x.size), x.ravel().real), np.clip(x, 0, 2)


@body(dims=(0, 1, 2))
def nothing_at_all(x):
    pass


@body(dims=(0, 1, 2))
def numbers_of_an_array(x):
    return x.ndim, x.size, x.shape, x.strides, x.dtype, x.itemsize, x.nbytes


@body
def flags_of_an_array(x):
    return str(x.flags), x.flags.writeable, x.flags.owndata, x.flags.c_contiguous


@body
def base_of_an_array(x):
    return x.base is None, x[1:].base is x, np.asarray(x) is x, x.view() is x


@body
def class_of_an_array(x):
    return type(x), type(x[1:]), type(x * 2), isinstance(x, np.memmap), type(x.flat)


@body
def cow_asked(x):
    return isinstance(x, cow.CowArray), isinstance(np.asarray(x), cow.CowArray)


@body
def branch_by_class(x):
    if type(x) is np.ndarray and x.flags.writeable and x.flags.owndata:
        x[0] = 1
    elif isinstance(x, np.ndarray):
        x[0] = 2
    return x


@body
def branch_by_flags(x):
    if not x.flags.writeable:
        return "read-only"
    if x.base is not None or not x.flags.owndata:
        return "a view"
    return x.flags.c_contiguous, x


@body
def sharing_asked(x, y):
    return np.shares_memory(x, y), np.may_share_memory(x, y), np.shares_memory(x, x[1:])


@body(take=lambda a: (a, a[1:]))
def sharing_asked_of_a_view(x, y):
    return np.shares_memory(x, y), np.may_share_memory(x[:1], y)


@body
def pointer_asked(x):
    first = x.__array_interface__
    return first["data"][1], x.ctypes.data == first["data"][0], first["shape"]


@body
def set_writeable(x):
    x.flags.writeable = False
    try:
        x[0] = 3
    except ValueError as error:
        text = str(error)
    x.setflags(write=True)
    x[0] = 4
    return x, text


@body
def shape_set(x):
    x.shape = (-1, 1)
    x[0] = 2
    return x


@body
def dtype_set(x):
    x.dtype = np.int8
    x[:1] = 2
    return x


@body
def strides_set(x):
    x.strides = tuple(0 for _ in x.strides)
    return x.sum()


@body
def attribute_that_does_not_exist(x):
    try:
        x.note = "noted"
    except AttributeError as error:
        return type(error).__name__, str(error)
    return x.note


# ------------------------------------------------------ records, objects, words


@body(kinds=RECORDS)
def field_written(x):
    x["u"][0] = 7
    x["w"] += 1
    return x


@body(kinds=RECORDS)
def fields_written(x):
    part = x[["u", "w"]]
    part["u"] = 3
    x[["w", "z"]] = 2
    return part, x


@body(kinds=RECORDS, dims=(1,))
def record_written(x):
    record = x[0]
    record["u"] = 9
    x[1] = x[0]
    return x, record


@body(kinds=RECORDS, dims=(1,), state=lambda: LOG, reset=LOG.clear)
def record_kept(x):
    LOG.append(x[0])
    return x["u"]


@body(kinds=RECORDS, dims=(1,))
def records_in_a_loop(x):
    for record in x:
        record["w"] = -record["w"]
    for name in x.dtype.names:
        x[name][0] = 1
    return x


@body(kinds=RECORDS)
def records_sorted(x):
    x.sort(order="w")
    return x, x["u"]


@body(kinds=RECORDS)
def recarray_attribute(x):
    y = x.view(np.recarray)
    y.u[0] = 5
    y.w = 3
    return y, x


@body(kinds=RECORDS)
def records_read(x):
    return x["u"].sum(), x.dtype.names, x.tolist()[:1], x["w"][::-1]


@body(kinds=RECORDS)
def records_unchanged(x):
    return x, x[1:], x["u"]


@body(kinds=OBJECTS)
def object_element(x):
    x[0] = "new"
    x[-1:] = [None]
    return x


@body(kinds=OBJECTS, dims=(1,))
def elements_written(x):
    for each in x[:6]:
        if isinstance(each, np.ndarray):
            each[0] = 5
        elif isinstance(each, list):
            each.append(1)
    return x


@body(kinds=OBJECTS, dims=(1,))
def element_returned(x):
    return x[0], x[1], x[:2]


@body(kinds=OBJECTS, dims=(1,), state=lambda: LOG, reset=LOG.clear)
def element_kept(x):
    LOG.append(x[0])
    return x[0] is x[3], x[0] is x[2]


@body(kinds=OBJECTS)
def objects_added(x):
    x[-1:] += x[-1:]
    return x[-1:]


@body(kinds=OBJECTS, dims=(1,))
def objects_unchanged(x):
    return x, x[1:]


@body(kinds=WORDS)
def words_written(x):
    x[0] = x[-1]
    x[1:].sort()
    return x, x == x[0], x[::-1]


@body(kinds=WORDS)
def words_read(x):
    return x.max(), np.unique(x), x.tolist()[:2], x.astype("U")


# ------------------------------------------------- masked arrays, matrices, own


@body(kinds=("masked", "f8", "cow"))
def masked_elements(x):
    y = np.ma.masked_less(x, 0, copy=False)
    y[0] = np.ma.masked
    y[1:] = 3
    return y, x


@body(kinds=("masked", "f8", "cow"))
def masked_in_place(x):
    y = np.ma.array(x, copy=False)
    y += 1
    y.mask = y > 4
    y.data[0] = 7
    return y, x


@body(kinds=("masked",))
def mask_written(x):
    x.mask[0] = True
    x[1] = np.ma.masked
    x.soften_mask()
    x.fill_value = 3
    return x, x.mask, x.data


@body(kinds=("masked",))
def mask_read(x):
    return x.sum(), x.filled(0), x.compressed(), x.count(), np.ma.getmaskarray(x)


@body(kinds=("masked",))
def masked_view(x):
    y = x[1:]
    y[...] = 4
    return y, x


@body(kinds=("masked",))
def masked_unshared(x):
    x.unshare_mask()
    x[0] = np.ma.masked
    x.harden_mask()
    x[...] = 3
    return x


@body(kinds=("matrix",), dims=(2,))
def matrix_products(x):
    y = x[0]
    y += 1
    return x * x.T, y, x.A1, x.flat[0]


@body(kinds=("matrix",), dims=(2,))
def matrix_as_an_array(x):
    x.A[0] = 5
    np.asarray(x)[-1] = 6
    return x, x.A


@body(kinds=("subclass",))
def subclass_method(x):
    y = x.doubled()
    return y is x, y, x.unit, x[1:].unit


@body(kinds=("subclass",))
def subclass_as_an_array(x):
    np.asarray(x)[0] = 4
    x.unit = "s"
    return x, np.asarray(x)


@body(kinds=("memmap",))
def memmap_flushed(x):
    x[0] = 5
    x.flush()
    return x


# ---------------------------------------------------------- builtin functions

RNG = np.random.default_rng(5)
_start = copy.deepcopy(RNG.bit_generator.state)


def _reset_rng():
    RNG.bit_generator.state = copy.deepcopy(_start)


register("np.sort", np.sort)
register("np.add", np.add, take=lambda a, b: (a, b))
register("np.add.at", np.add.at, take=lambda a: (a, [0], 1))
register("np.copyto", np.copyto, take=lambda a, b: (a, b))
register("np.fill_diagonal", np.fill_diagonal, take=lambda a: (a, 3))
register("np.ravel", np.ravel, take=lambda a: (a,))
register("np.asarray", np.asarray, arrays=1)
register("np.broadcast_to", np.broadcast_to, script=lambda f, a: f(a, (2, *a.shape)))
register("np.concatenate", np.concatenate, take=lambda a, b: ([a, b],))
register("np.sum", np.sum, take=lambda a: (a,), dims=(0, 1, 2))
register("np.linalg.norm", np.linalg.norm, take=lambda a: (a,))
register("np.ndarray.sort", np.ndarray.sort, arrays=1)
register("np.ndarray.fill", np.ndarray.fill, take=lambda a: (a, 3))
register("np.ndarray.reshape", np.ndarray.reshape, take=lambda a: (a, -1))
register("np.ndarray.view", np.ndarray.view, arrays=1)
register("np.ndarray.__iadd__", np.ndarray.__iadd__, take=lambda a, b: (a, b))
register("np.random.shuffle", RNG.shuffle, arrays=1, reset=_reset_rng)
register("itemgetter", operator.itemgetter(slice(1, None)), arrays=1)
register("itemgetter of two", operator.itemgetter(0, slice(1)), arrays=1)
register("attrgetter", operator.attrgetter("T", "real"), arrays=1)
register("methodcaller", operator.methodcaller("sort"), arrays=1)
register("operator.iadd", operator.iadd, arrays=2)
register("operator.setitem", operator.setitem, take=lambda a: (a, 0, 3))
register("operator.pos", operator.pos, arrays=1)
register("list", list, arrays=1)
register("tuple of a list", tuple, take=lambda a: ([a, a[1:]],))
register("dict", dict, script=lambda f, a: f(x=a, y=a[1:]))
register("memoryview", memoryview, arrays=1)
register("copy.copy", copy.copy, arrays=1)
register("list.append", list.append, take=lambda a: ([1], a))
register("np.vectorize", np.vectorize(lambda v: v + 1), arrays=1)
register("lru_cache", functools.lru_cache(lambda k: k), take=lambda a: (3,), arrays=1)
register("partial", functools.partial(helper_that_writes, value=8), arrays=1)
register("partial that keeps", functools.partial(helper_that_aliases), arrays=1)
register(
    "global list's append", LOG.append, arrays=1, state=lambda: LOG, reset=LOG.clear
)
register(
    "wrapped",
    functools.wraps(helper_that_reads)(lambda *args: helper_that_writes(*args)),
    arrays=1,
)
register(
    "wrapper of a reader",
    functools.wraps(helper_that_reads)(lambda x: LOG.append(x) or x),
    state=lambda: LOG,
    reset=LOG.clear,
    arrays=1,
)
