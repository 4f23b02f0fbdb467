"""Bodies that write elements, rows and columns, and views of them."""

import contextlib
import copy
import functools
import operator
import pickle

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from tests.catalogue.bodies.body import body, register


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
