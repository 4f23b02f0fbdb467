"""Bodies that call methods and functions of NumPy, and look at memory."""

import bisect
import ctypes
import io
import itertools
import operator
import random
import struct

import numpy as np

from tests.catalogue.bodies.body import COWS, NUMBERS, body

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
