"""Bodies of records, objects, words, masked arrays, matrices and own classes."""

import numpy as np

from tests.catalogue.bodies.body import OBJECTS, RECORDS, WORDS, body
from tests.catalogue.bodies.state import LOG

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
