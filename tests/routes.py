"""Routes of writing: each changes the array that it is given, on plain NumPy.

`ROUTES` maps a name to a function of one array. It is called with a float64
array of shape (48, 256), 96 KiB, filled with distinct values.
"""

import io
import operator
import struct

import numpy as np

SHAPE = (48, 256)


def sample():
    """Return the array that routes are tried on."""
    return np.arange(float(48 * 256)).reshape(SHAPE) + 1.0


def _named(x, name, value):
    setattr(x, name, value)


def _loop(x):
    for row in np.nditer(x, op_flags=["readwrite"]):
        row[...] = 0


def _opened_base(x):
    base = x
    while isinstance(base, np.ndarray):
        base.flags.writeable = True
        top, base = base, base.base
    top[...] = 0


def _reopened(x):
    x.flags.writeable = True
    x[0, 0] = -1


def _delete_nothing(x):
    x[...] = np.delete(x, 0).sum()


ROUTES = {
    # items
    "x[0, 0] = v": lambda x: operator.setitem(x, (0, 0), -1.0),
    "x[0] = v": lambda x: operator.setitem(x, 0, -1.0),
    "x[-1] = row": lambda x: operator.setitem(x, -1, np.zeros(256)),
    "x[:] = v": lambda x: operator.setitem(x, slice(None), -1.0),
    "x[...] = v": lambda x: operator.setitem(x, ..., -1.0),
    "x[1:3] = v": lambda x: operator.setitem(x, slice(1, 3), -1.0),
    "x[::2, ::-1] = v": lambda x: operator.setitem(
        x, (slice(None, None, 2), slice(None, None, -1)), 7.0
    ),
    "x[None, 1] = v": lambda x: operator.setitem(x, (None, 1), -1.0),
    "x[mask] = v": lambda x: operator.setitem(x, x > 5, -1.0),
    "x[mask, 0] = v": lambda x: operator.setitem(x, (x[:, 0] > 5, 0), -1.0),
    "x[[0, 2]] = v": lambda x: operator.setitem(x, [0, 2], -1.0),
    "x[np.ix_] = v": lambda x: operator.setitem(x, np.ix_([0, 2], [1, 3]), -1.0),
    "x[int64] = v": lambda x: operator.setitem(x, np.int64(1), -1.0),
    "x[1:] = x[:-1]": lambda x: operator.setitem(x, slice(1, None), x[:-1]),
    "setitem unbound": lambda x: np.ndarray.__setitem__(x, (0, 0), -1.0),
    # in-place operators
    "+=": lambda x: operator.iadd(x, 1),
    "-=": lambda x: operator.isub(x, x.mean()),
    "*=": lambda x: operator.imul(x, 2),
    "/=": lambda x: operator.itruediv(x, 2),
    "//=": lambda x: operator.ifloordiv(x, 2),
    "%=": lambda x: operator.imod(x, 3),
    "**=": lambda x: operator.ipow(x, 2),
    "+= itself reversed": lambda x: operator.iadd(x, x[::-1]),
    "__iadd__ unbound": lambda x: np.ndarray.__iadd__(x, 1),
    # methods
    "fill": lambda x: x.fill(0),
    "sort": lambda x: x[::-1, ::-1].copy() is None or x.sort(axis=0) or _rev(x),
    "partition": lambda x: (operator.imul(x, -1), x.partition(3)),
    "put": lambda x: x.put([0, 1], [-1, -2]),
    "resize": lambda x: x.resize((3, 4), refcheck=False),
    "setfield": lambda x: x.setfield(0, np.float64),
    "byteswap": lambda x: x.byteswap(inplace=True),
    "itemset by flat": lambda x: operator.setitem(x.flat, 3, -1.0),
    "flat slice": lambda x: operator.setitem(x.flat, slice(2, 5), -1.0),
    "flat mask": lambda x: operator.setitem(x.flat, [1, 2], -1.0),
    "flat setter": lambda x: _named(x, "flat", 0.0),
    "real setter": lambda x: _named(x, "real", 0.0),
    "shape setter": lambda x: np.ndarray.shape.__set__(x, (256, 48)),
    "dtype setter": lambda x: np.ndarray.dtype.__set__(x, np.dtype(np.int64)),
    "fill unbound": lambda x: np.ndarray.fill(x, 0),
    "sort unbound": lambda x: (operator.imul(x, -1), np.ndarray.sort(x)),
    "put unbound": lambda x: np.ndarray.put(x, [0], [-1]),
    "flat unbound": lambda x: operator.setitem(np.ndarray.flat.__get__(x), 0, -1.0),
    # out
    "ufunc out": lambda x: np.add(x, 1, out=x),
    "ufunc out tuple": lambda x: np.add(x, 1, out=(x,)),
    "ufunc out positional": lambda x: np.negative(x, x),
    "ufunc out where": lambda x: np.add(x, 1, out=x, where=x > 3),
    "ufunc two outs": lambda x: np.modf(x / 2, out=(x, None)),
    "ufunc.at": lambda x: np.add.at(x, (0, [0, 0, 1]), 1),
    "ufunc.reduce out": lambda x: np.add.reduce(x, axis=1, out=x[:, 0]),
    "ufunc.accumulate out": lambda x: np.add.accumulate(x, axis=0, out=x),
    "ufunc.outer out": lambda x: np.multiply.outer(np.ones(48), np.ones(256), out=x),
    "ufunc.reduceat out": lambda x: (
        np.add.reduceat(x, range(48), axis=0, out=x) is None or np.negative(x, out=x)
    ),
    "sum out": lambda x: (
        np.sum(x[None], axis=0, out=x) is None or np.exp2(0 * x, out=x)
    ),
    "cumsum method out": lambda x: x.cumsum(axis=0, out=x),
    "clip method out": lambda x: x.clip(2, 3, out=x),
    "round out": lambda x: (x * 1.3).round(0, x),
    "matmul out": lambda x: np.matmul(np.eye(48) * 2, x, out=x),
    "np.clip out": lambda x: np.clip(x, 2, 3, out=x),
    "np.cumsum out": lambda x: np.cumsum(x, axis=1, out=x),
    "np.cumprod out": lambda x: np.cumprod(np.full(SHAPE, 0.5), axis=1, out=x),
    "np.take out": lambda x: np.take(np.zeros(SHAPE), range(48), axis=0, out=x),
    "np.concatenate out": lambda x: np.concatenate(
        [np.zeros((24, 256)), np.ones((24, 256))], out=x
    ),
    "np.stack out": lambda x: np.stack([np.zeros(256)] * 48, out=x),
    "np.dot out": lambda x: np.dot(np.eye(48) * 2, np.ones(SHAPE), out=x),
    "np.einsum out": lambda x: np.einsum("ij->ij", np.zeros(SHAPE), out=x),
    "np.choose out": lambda x: np.choose(
        np.zeros(SHAPE, int), [np.zeros(SHAPE)], out=x
    ),
    "np.compress out": lambda x: np.compress(
        [True] * 48, np.zeros(SHAPE), axis=0, out=x
    ),
    "np.mean out": lambda x: np.mean(np.zeros((2, *SHAPE)), axis=0, out=x),
    "np.percentile out": lambda x: np.percentile(
        np.zeros((2, *SHAPE)), 50, axis=0, out=x
    ),
    "np.round out": lambda x: np.round(x * 1.3, out=x),
    "np.nan_to_num": lambda x: (
        operator.setitem(x, (0, 0), np.nan),
        np.nan_to_num(x, copy=False, nan=5.0),
    ),
    # functions that write
    "np.copyto": lambda x: np.copyto(x, 0),
    "np.copyto where": lambda x: np.copyto(x, 0, where=x > 3),
    "np.put": lambda x: np.put(x, [0, 1], -1),
    "np.place": lambda x: np.place(x, x > 3, [0]),
    "np.putmask": lambda x: np.putmask(x, x > 3, 0),
    "np.put_along_axis": lambda x: np.put_along_axis(x, np.zeros((48, 1), int), -1, 1),
    "np.fill_diagonal": lambda x: np.fill_diagonal(x, 0),
    "Generator.shuffle": lambda x: np.random.default_rng(0).shuffle(x),
    "Generator.permuted": lambda x: np.random.default_rng(0).permuted(x, out=x),
    "Generator.random": lambda x: np.random.default_rng(0).random(out=x),
    "random.shuffle": lambda x: np.random.RandomState(0).shuffle(x),
    "np.nditer": _loop,
    "np.apply": _delete_nothing,
    # plain views, buffers
    "np.asarray": lambda x: operator.setitem(np.asarray(x), 0, -1.0),
    "np.ravel": lambda x: operator.setitem(np.ravel(np.asarray(x)), 0, -1.0),
    "np.asarray +=": lambda x: operator.iadd(np.asarray(x), 1),
    "view(np.ndarray)": lambda x: operator.setitem(x.view(np.ndarray), 0, -1.0),
    "unbound view": lambda x: operator.setitem(np.ndarray.view(x, np.ndarray), 0, -1),
    "np.ma.array": lambda x: operator.setitem(np.ma.array(x, copy=False), 0, -1.0),
    "as_strided": lambda x: operator.setitem(
        np.lib.stride_tricks.as_strided(np.asarray(x), (2,), (8,)), 0, -1.0
    ),
    "memoryview": lambda x: operator.setitem(memoryview(x).cast("B"), 0, 99),
    "x.data": lambda x: operator.setitem(x.data.cast("B"), 0, 99),
    "np.frombuffer": lambda x: operator.setitem(np.frombuffer(x), 0, -1.0),
    "np.from_dlpack": lambda x: operator.setitem(np.from_dlpack(x), 0, -1.0),
    "struct.pack_into": lambda x: struct.pack_into("d", x, 0, -1.0),
    "readinto": lambda x: io.BytesIO(b"\x01" * 64).readinto(x),
    "flags.writeable": _reopened,
    "base opened": _opened_base,
    "setflags": lambda x: (np.asarray(x).setflags(write=True), x.fill(0)),
    "asarray setflags": lambda x: _reopened(np.asarray(x)),
    "__setstate__": lambda x: x.__setstate__(
        (1, (2,), np.dtype("f8"), False, b"\0" * 16)
    ),
}

# Raw pointers: what they write is the array's own memory, never another's.
POINTERS = {
    "ctypes": lambda x: x.ctypes.data_as(_pointer()).__setitem__(0, -1.0),
}


def _pointer():
    import ctypes

    return ctypes.POINTER(ctypes.c_double)


def _rev(x):
    x *= -1
    x.sort(axis=0)
