"""Every route that we know of by which Python code writes into an array.

Each route is a function that gets the array to write to. It returns the
object that it wrote where that is not the array itself (a masked array, say).
"""

import array
import copy
import ctypes
import io
import operator
import pickle
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

RECORD = np.dtype([("u", "f8"), ("w", "i4"), ("z", "i4")])


@dataclass(frozen=True)
class Route:
    """One way of writing."""

    name: str
    write: Callable[[Any], Any]
    dtype: Any
    # NumPy or C code offers no hook here: raising is as good as working
    may_refuse: bool
    # a raw pointer, which knows no flag: "asked" of `x.ctypes`, where a cow array
    # gets memory of its own, or "taken" where it learns nothing of the purpose
    pointer: str = ""
    # a bug: before this version NumPy writes into plain read-only arrays
    mended: str = ""

    @property
    def past_the_flag(self):
        """Does this NumPy write through it into a plain read-only array?"""
        old = bool(self.mended) and np.lib.NumpyVersion(np.__version__) < self.mended
        return bool(self.pointer) or old


ROUTES: list[Route] = []


def works(dtype="f8", **marks):
    return _register(dtype, False, marks)


def may_refuse(dtype="f8", **marks):
    return _register(dtype, True, marks)


def _register(dtype, may_refuse, marks):
    def add(function):
        ROUTES.append(Route(function.__name__, function, dtype, may_refuse, **marks))
        return function

    return add


def source(dtype, shape):
    """Return a plain array whose elements are positive, unsorted, all different."""
    n = int(np.prod(shape))
    numbers = (np.arange(n) * 7919) % n + 1
    if dtype is RECORD:
        a = np.zeros(n, RECORD)
        a["u"], a["w"], a["z"] = numbers, numbers, -numbers
        return a.reshape(shape).copy()
    return numbers.astype(dtype).reshape(shape).copy()


# ------------------------------------------------------------------ items


@works()
def item_row(x):
    x[1] = 9


@works()
def item_element(x):
    x[1, 2] = 9


@works()
def item_slice(x):
    x[1:3, ::2] = 9


@works()
def item_negative_step(x):
    x[::-1] = np.arange(x.shape[1])


@works()
def item_ellipsis(x):
    x[...] = 9


@works()
def item_newaxis(x):
    x[None, :, 1] = 9


@works()
def item_mask(x):
    x[x > 5] = 0


@works()
def item_integer_array(x):
    x[[0, 2, 2], [1, 1, 3]] = [7, 8, 9]


@works()
def item_mixed(x):
    x[1:3, np.array([0, 2])] = 9


@works()
def item_numpy_integer(x):
    x[np.int64(1)] = 9


@works()
def item_open_mesh(x):
    x[np.ix_([0, 2], [1, 3])] = 9


@works()
def item_mask_and_integer(x):
    x[x[:, 0] > 5, 0] = -9


@works()
def item_from_itself(x):
    x[1:] = x[:-1]


@works(RECORD)
def item_field(x):
    x["u"] = 9


@works(RECORD)
def item_fields(x):
    x[["u", "w"]] = np.zeros(1, [("a", "f8"), ("b", "i4")])


@works(RECORD)
def item_record(x):
    x[1, 1] = (9, 9, 9)


@works(object)
def item_object(x):
    x[1, 1] = [1, 2]


@works()
def item_through_operator(x):
    operator.setitem(x, (1, 2), 9)


@works()
def item_dunder(x):
    x.__setitem__(slice(1, 3), 9)


@works()
def augmented_slice(x):
    x[1:3] += 9


@works()
def augmented_mask(x):
    x[x > 5] *= 2


# -------------------------------------------------------------- operators


def _in_place(symbol, dtype, operand):
    function = getattr(operator, symbol)

    def write(x):
        same = function(x, operand(x))
        assert same is x

    write.__name__ = symbol
    works(dtype)(write)


for _symbol in ("iadd", "isub", "imul", "itruediv", "ifloordiv", "ipow", "imod"):
    _in_place(_symbol, "f8", lambda x: 3.0)
for _symbol in ("iand", "ior", "ixor", "ilshift", "irshift"):
    _in_place(_symbol, "i8", lambda x: 3)
_in_place("imatmul", "f8", lambda x: np.eye(x.shape[1]) * 2)


@works()
def iadd_reversed_self(x):
    x += x[::-1]


# ---------------------------------------------------------------- methods


@works()
def fill(x):
    x.fill(9)


@works()
def sort(x):
    x.sort()


@works()
def sort_axis(x):
    x.sort(axis=0, kind="stable")


@works()
def partition(x):
    x.partition(3)


@works()
def put(x):
    x.put([0, 3], [7, 8])


@works()
def resize(x):
    x.resize((x.shape[0] + 1, x.shape[1]), refcheck=False)


@works()
def setfield(x):
    x.setfield(9, "i4")


@works()
def byteswap(x):
    x.byteswap(inplace=True)


@works()
def setstate(x):
    state = (1, x.shape, x.dtype, False, bytes(x.nbytes))
    x.__setstate__(state)


@works()
def clip_out(x):
    x.clip(2, 5, out=x)


@works()
def cumsum_out(x):
    x.cumsum(axis=0, out=x)


@works()
def round_out(x):
    (x / 3).round(1, out=x)


@may_refuse()
def take_out(x):
    np.ones(x.shape).take(range(x.shape[1]), axis=1, out=x)


@works()
def mean_out(x):
    np.ones((3, *x.shape)).mean(axis=0, out=x)


@may_refuse()
def dot_out(x):
    np.ones((x.shape[0], 2)).dot(np.ones((2, x.shape[1])), out=x)


# ---------------------------------------------------------------- setters


@works()
def flat_setter(x):
    x.flat = 9


@works()
def flat_item(x):
    x.flat[3] = 9


@works()
def flat_slice(x):
    x.flat[2:7] = 9


@works()
def flat_mask(x):
    flat = x.flat
    flat[np.arange(x.size) % 2 == 0] = 9


@works("c16")
def real_setter(x):
    x.real = 9


@works("c16")
def imag_setter(x):
    x.imag = 9


@works()
def shape_setter(x):
    x.shape = x.shape[::-1]


@works()
def dtype_setter(x):
    x.dtype = np.int64


# ----------------------------------------------------------------- ufuncs


@works()
def ufunc_out(x):
    np.add(x, 1, out=x)


@works()
def ufunc_out_of_others(x):
    np.multiply(np.ones(x.shape), 3, out=x)


@works()
def ufunc_out_positional(x):
    np.negative(x, x)


@works()
def ufunc_where(x):
    np.multiply(x, 2, out=x, where=np.arange(x.shape[1]) % 2 == 0)


@works("f4")
def ufunc_casting(x):
    np.sqrt(np.full(x.shape, 81.0), out=x, casting="same_kind")


@works()
def ufunc_two_outs(x):
    whole = np.empty(x.shape)
    np.modf(x / 4, out=(x, whole))


@works()
def ufunc_reduce_out(x):
    np.add.reduce(np.ones((3, *x.shape)), axis=0, out=x)


@works()
def ufunc_accumulate_out(x):
    np.add.accumulate(x, axis=1, out=x)


@works()
def ufunc_reduceat_out(x):
    np.add.reduceat(x * 2, range(x.shape[0]), axis=0, out=x)


@works()
def ufunc_outer_out(x):
    np.multiply.outer(np.arange(x.shape[0]), np.arange(x.shape[1]), out=x)


@works()
def matmul_out(x):
    np.matmul(np.ones((x.shape[0], 2)), np.ones((2, x.shape[1])), out=x)


@works()
def ufunc_at(x):
    np.add.at(x, [0, 0, 1], 5)


# An index of single elements, which leaves no rows or slices: `ufunc.at` did not
# look at the flag, NumPy's issue 33275.
AT_MENDED = "2.5.5"


@works(mended=AT_MENDED)
def ufunc_at_elements(x):
    np.add.at(x, ([0, 1, 1], [2, 3, 3]), 5)


@works(mended=AT_MENDED)
def ufunc_at_element(x):
    np.add.at(x, (0, 1), 5)


@works(mended=AT_MENDED)
def ufunc_at_mask(x):
    np.add.at(x, x > 3, 5)


@works(mended=AT_MENDED)
def ufunc_at_unary(x):
    np.negative.at(x, ([0, 1], [2, 3]))


@works()
def ufunc_at_unary_rows(x):
    np.negative.at(x, [0, 1])


# -------------------------------------------------------------- functions


@works()
def np_copyto(x):
    np.copyto(x, 9, where=x > 3)


@works()
def np_put(x):
    np.put(x, [0, 3], [7, 8])


@works()
def np_place(x):
    np.place(x, x > 3, [7, 8])


@works()
def np_putmask(x):
    np.putmask(x, x > 3, x**2)


@works()
def np_fill_diagonal(x):
    np.fill_diagonal(x, 9)


@works()
def np_put_along_axis(x):
    np.put_along_axis(x, np.argmax(x, axis=1, keepdims=True), 0, axis=1)


@works()
def np_nan_to_num(x):
    x[0, 0] = np.nan
    np.nan_to_num(x, copy=False)


@works()
def np_clip_out(x):
    np.clip(x, 2, 5, out=x)


@works()
def np_take_out(x):
    np.take(np.ones(x.shape), range(x.shape[1]), axis=1, out=x)


@works()
def np_choose_out(x):
    np.choose(np.zeros(x.shape, int), [np.full(x.shape, 4.0)], out=x)


@works()
def np_compress_out(x):
    np.compress(np.ones(x.shape[0], bool), np.ones(x.shape), axis=0, out=x)


@works()
def np_cumsum_out(x):
    np.cumsum(x, axis=1, out=x)


@works()
def np_concatenate_out(x):
    np.concatenate([np.ones((1, x.shape[1])), np.zeros_like(x)[1:]], out=x)


@works()
def np_stack_out(x):
    np.stack([np.arange(x.shape[1])] * x.shape[0], out=x)


@works()
def np_einsum_out(x):
    np.einsum("ij->ij", np.ones(x.shape), out=x)


@works()
def np_dot_out(x):
    np.dot(np.ones((x.shape[0], 2)), np.ones((2, x.shape[1])), out=x)


@works()
def np_outer_out(x):
    np.outer(np.arange(x.shape[0]), np.arange(x.shape[1]), out=x)


@works()
def np_sum_out(x):
    np.sum(np.ones((3, *x.shape)), axis=0, out=x)


@works()
def np_var_out(x):
    np.var(np.arange(3.0)[:, None, None] * x, axis=0, out=x)


@works()
def np_percentile_out(x):
    np.percentile(np.ones((3, *x.shape)), 50, axis=0, out=x)


@works()
def np_round_out(x):
    np.round(x / 7, 1, out=x)


# ----------------------------------------------------------------- random


@may_refuse()
def rng_shuffle(x):
    np.random.default_rng(0).shuffle(x)


@may_refuse()
def rng_permuted_out(x):
    np.random.default_rng(0).permuted(x, axis=1, out=x)


@may_refuse()
def rng_random_out(x):
    np.random.default_rng(0).random(out=x)


@may_refuse()
def rng_standard_normal_out(x):
    np.random.default_rng(0).standard_normal(out=x)


@may_refuse()
def legacy_shuffle(x):
    np.random.RandomState(0).shuffle(x)


# ---------------------------------------------------- buffers and pointers


@may_refuse()
def memoryview_item(x):
    memoryview(x)[1, 2] = 9.0


@may_refuse()
def memoryview_bytes(x):
    memoryview(x).cast("B")[:8] = bytes(8)


@may_refuse()
def data_attribute(x):
    x.data[1, 2] = 9.0


@may_refuse()
def frombuffer(x):
    y = np.frombuffer(x, x.dtype)
    y[0] = 9
    return y.reshape(x.shape)


@may_refuse()
def ndarray_over_buffer(x):
    y = np.ndarray(x.shape, x.dtype, x)
    y[0] = 9
    return y


@may_refuse()
def readinto(x):
    io.BytesIO(bytes(16)).readinto(x)


@may_refuse()
def struct_pack_into(x):
    struct.pack_into("d", x, 0, 9.0)


@may_refuse()
def ctypes_from_buffer(x):
    (ctypes.c_double * x.size).from_buffer(x)[0] = 9.0


@works(pointer="asked")
def ctypes_pointer(x):
    x.ctypes.data_as(ctypes.POINTER(ctypes.c_double))[0] = 9.0


@works(pointer="asked")
def ctypes_memset(x):
    pointer = x.ctypes
    ctypes.memset(pointer.data, 0, x.nbytes)


def dlpack(x):
    y = np.from_dlpack(x)
    y[0] = 9
    return y


if np.from_dlpack(np.ones(1)).flags.writeable:
    # in NumPy 2.0 what comes by DLPack is always read-only: no route
    may_refuse()(dlpack)


class _Interface:
    def __init__(self, x):
        self.owner = x
        self.__array_interface__ = x.__array_interface__


@may_refuse()
def array_interface(x):
    y = np.asarray(_Interface(x))
    y[0] = 9
    return y


class _Struct:
    def __init__(self, x):
        self.owner = x
        self.__array_struct__ = x.__array_struct__


@may_refuse()
def array_struct(x):
    y = np.asarray(_Struct(x))
    y[0] = 9
    return y


# ------------------------------------------------- other arrays over memory


@may_refuse()
def asarray(x):
    y = np.asarray(x)
    y[0] = 9
    return y


@may_refuse()
def asanyarray(x):
    y = np.asanyarray(x)
    y[0] = 9
    return y


@may_refuse()
def array_without_copy(x):
    y = np.array(x, copy=None)
    y[0] = 9
    return y


@may_refuse()
def view_ndarray(x):
    y = x.view(np.ndarray)
    y[0] = 9
    return y


@may_refuse()
def view_unbound(x):
    y = np.ndarray.view(x, np.ndarray)
    y[0] = 9
    return y


@may_refuse()
def view_dtype(x):
    y = x.view("i8")
    y[0] = 9
    return y.view("f8")


@may_refuse()
def view_recarray(x):
    y = x.view(np.recarray)
    y[0] = 9
    return y


@may_refuse()
def view_memmap_class(x):
    y = np.ndarray.view(x, np.memmap)
    y[0] = 9
    return y


@may_refuse()
def masked_array(x):
    y = np.ma.array(x)
    y[0] = 9
    return y


@may_refuse()
def masked_data(x):
    y = np.ma.array(x)
    y.data[0] = 9
    return y


@may_refuse()
def masked_in_place(x):
    y = np.ma.asarray(x)
    y += 1
    return y


@may_refuse()
def matrix(x):
    y = np.asmatrix(x)
    y[0] = 9
    return y


@may_refuse()
def strided(x):
    y = as_strided(x)
    y[0] = 9
    return y


@may_refuse()
def sliding_window(x):
    y = sliding_window_view(x, (1, 1), writeable=True)
    y[0] = 9
    return y[..., 0, 0]


@may_refuse()
def broadcast_to_itself(x):
    (y,) = np.broadcast_arrays(x)
    y[0] = 9
    return y


@may_refuse()
def nditer(x):
    with np.nditer(x, op_flags=["readwrite"]) as it:
        for item in it:
            item[...] = 9


@may_refuse()
def nditer_external_loop(x):
    with np.nditer(x, flags=["external_loop"], op_flags=["readwrite"]) as it:
        for items in it:
            items[:] = 9


@may_refuse()
def nested_iters(x):
    outer, inner = np.nested_iters(x, [[0], [1]], op_flags=["readwrite"])
    for _ in outer:
        for item in inner:
            item[...] = 9


# ---------------------------------------------------- opening what is closed


@may_refuse()
def base_opened(x):
    top = np.asarray(x)
    while isinstance(top.base, np.ndarray):
        top = top.base
    top.flags.writeable = True
    top.reshape(-1)[:] = 9


@may_refuse()
def base_setflags(x):
    if isinstance(x.base, np.ndarray):
        x.base.setflags(write=True)
    y = np.asarray(x)
    y.setflags(write=True)
    y[0] = 9
    return y


@may_refuse()
def base_buffer(x):
    top = np.asarray(x)
    while isinstance(top, np.ndarray) and top.base is not None:
        top = top.base
    memoryview(top).cast("B")[:] = bytes(memoryview(top).nbytes)


@may_refuse()
def flags_writeable(x):
    x.flags.writeable = True
    y = np.asarray(x)
    y[0] = 9
    return y


@may_refuse()
def setflags(x):
    x.setflags(write=True)
    x[0] = 9


@may_refuse()
def unbound_setflags(x):
    np.ndarray.setflags(x, write=True)
    x[0] = 9


@may_refuse()
def unbound_setitem(x):
    np.ndarray.__setitem__(x, 0, 9)


@may_refuse()
def unbound_fill(x):
    np.ndarray.fill(x, 9)


@may_refuse()
def unbound_put(x):
    np.ndarray.put(x, [0], [9])


@may_refuse()
def unbound_shape(x):
    np.ndarray.shape.__set__(x, x.shape[::-1])


@may_refuse()
def unbound_dtype(x):
    np.ndarray.dtype.__set__(x, np.dtype("i8"))


@may_refuse()
def unbound_sort(x):
    np.ndarray.sort(x)


@may_refuse()
def unbound_iadd(x):
    np.ndarray.__iadd__(x, 1)


@may_refuse()
def unbound_flat(x):
    np.ndarray.flat.__get__(x)[0] = 9


# --------------------------------------------- temporaries: NumPy would write


@may_refuse()
def temporary_slice(x):
    x[1:3][0] = 9


@may_refuse()
def temporary_transpose(x):
    x.T[0] = 9


@may_refuse()
def temporary_ravel(x):
    x.ravel()[0] = 9


@may_refuse()
def temporary_sort(x):
    x[1:].sort()


@may_refuse()
def temporary_out(x):
    np.add(1, 2, out=x[1:3])


@may_refuse()
def temporary_copyto(x):
    np.copyto(x[1:3], 9)


@may_refuse("c16")
def temporary_real(x):
    x.real[0] = 9


@may_refuse(RECORD)
def temporary_field(x):
    x["u"][0] = 9


# --------------------------------------------------------------- whole state


@works()
def write_after_pickle(x):
    pickle.loads(pickle.dumps(x, 5))[0] = 5
    x[0] = 9


@works()
def write_after_deepcopy(x):
    copy.deepcopy(x)[0] = 5
    x[0] = 9


@works()
def item_from_array_module(x):
    x[0] = array.array("d", [9.0] * x.shape[1])


# registers further routes
from tests.catalogue import more_routes  # noqa: E402, F401
