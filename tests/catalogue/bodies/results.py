"""Bodies with results of every kind."""

import collections
import functools
import operator
import types

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tests.catalogue.bodies.body import (
    Box,
    Frozen,
    Keeper,
    Nested,
    Own,
    Pair,
    body,
    finish,
    put_zeros,
)


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
