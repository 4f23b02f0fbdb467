"""Routes through the array itself: items, operators, methods, setters."""

import operator

import numpy as np

from tests.catalogue.routes.route import RECORD, may_refuse, works

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
