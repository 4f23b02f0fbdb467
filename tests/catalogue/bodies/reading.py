"""Bodies that only read."""

import copy
import io
import pickle

import numpy as np

import cow
from tests.catalogue.bodies.body import COWS, LAYOUTS, NUMBERS, body


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
