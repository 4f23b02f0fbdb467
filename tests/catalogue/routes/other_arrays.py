"""Routes through other arrays over the memory, and through what is opened."""

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from tests.catalogue.routes.route import may_refuse

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
