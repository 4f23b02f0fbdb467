"""A paged array is a cow array like any other, of any dtype without references."""

import copy
import gc
import io
import pickle
import tracemalloc
import warnings

import numpy as np
import pytest

import cow
from cow import _core

DTYPES = ["?", "u1", ">i4", "f2", "f8", "c16", "g", "S5", "U3", "M8[s]", "m8[us]", "V7"]
DTYPES += [[("x", "f4"), ("y", ">i2", (3,))], np.dtype("i1,f8", align=True)]


def values(dtype, n=100_003):
    dtype = np.dtype(dtype)
    if dtype.kind == "U":
        return np.arange(n).astype(dtype)
    data = np.random.default_rng(1).integers(0, 2, n * dtype.itemsize, np.uint8)
    return np.frombuffer(data.tobytes(), dtype).copy()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_each_dtype_is_kept_and_copied(mapped, dtype):
    a = values(dtype)
    b = cow.paged(a)
    c = b.copy()
    assert _core.pages(b)[0] == _core.pages(c)[0] > 0
    assert type(c) is cow.CowArray and c.dtype == a.dtype and c.shape == a.shape
    c[5:9] = a[:4]
    a[5:9] = a[:4]
    # but for what lies between the fields
    np.testing.assert_array_equal(np.asarray(c), a)
    np.testing.assert_array_equal(np.asarray(c.copy()), a)
    np.testing.assert_array_equal(np.asarray(b), values(dtype))


@pytest.mark.parametrize(
    "a",
    [
        np.array([1, "a", None] * 9000, object),
        np.zeros(9000, [("n", "i4"), ("o", object)]),
        np.array(["a"] * 9000, "T"),
    ],
    ids=["objects", "record", "texts"],
)
def test_references_are_refused_with_what_to_write_instead(a):
    with pytest.raises(TypeError, match=r"Write instead: +cow.array\(a\)"):
        cow.paged(a)
    with pytest.raises(TypeError, match=r"Write instead"):
        cow.zeros(9000, a.dtype, paged=True)


def test_small_arrays_and_views_are_ordinary(mapped):
    before = mapped()
    for a in (np.float64(3), np.zeros(0), np.arange(10), np.zeros((3, 0, 2))):
        b = cow.paged(a)
        assert type(b) is cow.CowArray and b.shape == np.shape(a)
        assert b.copy().tolist() == np.asarray(a).tolist()
    assert mapped() == before


@pytest.mark.parametrize(
    "layout",
    {
        "C": lambda a: a,
        "F": np.asfortranarray,
        "reversed": lambda a: a[::-1],
        "every second": lambda a: a[:, ::2],
        "axes": lambda a: a.reshape(30, 40, -1).transpose(2, 0, 1),
        "broadcast": lambda a: np.broadcast_to(a[0], (500, a.shape[1])),
        "cow": cow.array,
        "view of cow": lambda a: cow.array(a)[3:],
        "masked": np.ma.array,
        "readonly": cow.readonly,
    }.items(),
    ids=lambda item: item[0],
)
def test_each_layout(mapped, layout):
    a = layout[1](np.arange(120_000.0).reshape(300, 400))
    before = mapped()
    b = cow.paged(a)
    assert mapped() == before + 1
    assert type(b) is cow.CowArray and (b == np.asarray(a)).all()
    assert b.flags.f_contiguous == (layout[0] == "F")
    c = cow.snapshot(b)
    assert mapped() == before + 2 and c.strides == b.strides
    c[0] = -1
    assert b.tobytes() == np.asarray(a).tobytes()


CONSTRUCTORS = {
    "zeros": lambda f, **k: f((300, 400), "i4", "F", **k),
    "ones": lambda f, **k: f([300, 400], **k),
    "empty": lambda f, **k: f(120_000, dtype=np.int16, **k),
    "full": lambda f, **k: f((300, 400), 7, order="F", **k),
    "zeros_like": lambda f, **k: f(np.ones((300, 400), "u2"), **k),
    "ones_like": lambda f, **k: f(np.ones((300, 400), order="F"), shape=90_000, **k),
    "empty_like": lambda f, **k: f(cow.ones((300, 400)), **k),
    "full_like": lambda f, **k: f(np.ones((300, 400), order="F"), fill_value=3.5, **k),
}


@pytest.mark.parametrize("name", CONSTRUCTORS)
def test_constructor_gives_what_numpy_gives_and_its_copies_are_mappings(mapped, name):
    wanted = CONSTRUCTORS[name](getattr(np, name))
    b = CONSTRUCTORS[name](getattr(cow, name), paged=True)
    assert b.dtype == wanted.dtype and b.strides == wanted.strides
    if not name.startswith("empty"):
        assert b.tobytes() == wanted.tobytes()
    before = mapped()
    c, d = b.copy("K"), cow.snapshot(b)
    assert mapped() == before + 3  # the source has got the base, too
    c[0] = 5
    d[1] = 6
    assert b.tobytes() != c.tobytes() != d.tobytes() != b.tobytes()


def test_constructors_without_pages_are_as_ever(mapped):
    before = mapped()
    b = [cow.zeros(100_000), cow.full(100_000, 3.0), cow.zeros(3, paged=True)]
    assert mapped() == before and b[2].tolist() == [0, 0, 0]
    assert type(cow.zeros_like(np.ma.zeros(100_000), paged=True)).__name__ == (
        type(cow.zeros_like(np.ma.zeros(100_000))).__name__
    )
    with pytest.raises(TypeError, match="paged=False"):
        cow.zeros(3, like=b[0], paged=True)


def test_zeros_that_are_hardly_touched_cost_what_is_touched():
    b = cow.zeros(2**33, "u1", paged=True)  # 8 GiB
    b[[0, 2**32, -1]] = 5
    c = b.copy()
    c[2**32] = 6
    d = c.copy()
    assert (int(b[2**32]), int(c[2**32]), int(d[2**32])) == (5, 6, 6)
    assert int(d[-1]) == 5 and int(d[2**31]) == 0
    assert cow.explain(d).pages.private == 1


def test_pickles_in_and_out_of_band():
    b = cow.paged(np.arange(100_000.0))
    b[3] = -1
    buffers = []
    data = pickle.dumps(b, 5, buffer_callback=buffers.append)
    assert len(data) < 1000 and pickle.loads(pickle.dumps(b, 2)).tolist() == b.tolist()
    again = pickle.loads(data, buffers=buffers)
    again[0] = 7
    b[1] = 8
    assert (b[0], b[1], again[0], again[1], again[3]) == (0, 8, 7, 1, -1)


def test_plain_views_are_snapshots_and_buffers_are_alone():
    b = cow.paged(np.arange(100_000.0))
    plain, view = np.asarray(b), memoryview(b)
    assert not plain.flags.writeable and view.readonly
    b[0] = 9
    assert plain[0] == view[0] == 0
    c = b.copy()
    io.BytesIO(bytes(16)).readinto(c)
    assert c[:3].tolist() == [0, 0, 2] and b[:3].tolist() == [9, 1, 2]
    with cow.writing(c) as p:
        p[...] = 3
    d = c.copy()
    np.frombuffer(c)[0] = 4
    assert (d[0], c[0], b[0]) == (3, 4, 9)


def test_tracemalloc_counts_pages_as_memory_of_numpy():
    only = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
    gc.collect()
    tracemalloc.start()
    try:
        b = cow.paged(np.ones(1_000_000))
        copies = [b.copy() for _ in range(3)]
        traces = tracemalloc.take_snapshot().filter_traces([only])
        assert sum(t.size for t in traces.traces) == 4 * b.nbytes
        del b, copies
        left = tracemalloc.take_snapshot().filter_traces([only]).traces
        assert sum(t.size for t in left) < 10_000  # of this test, nothing
    finally:
        tracemalloc.stop()


def test_trim_has_nothing_of_them_to_give_back(mapped):
    cow.trim()
    before = mapped()
    b = cow.paged(np.ones(1_000_000))
    copies = [b.copy() for _ in range(5)]
    assert mapped() == before + 6
    del b, copies
    assert mapped() == before and cow.trim() == 0


def test_change_of_shape_and_size_leaves_copies_alone(mapped):
    b = cow.paged(np.arange(100_000.0))
    c = b.copy()
    c.resize(200_000, refcheck=False)
    c[:3] = 7
    d = b.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of NumPy 2.5
        d.shape = (100, -1)
        d.dtype = "i8"
    d[0] = 1
    e = b.copy()
    e.__setstate__(np.zeros(3).__reduce__()[2])
    assert b.tolist() == list(range(100_000)) and e.tolist() == [0, 0, 0]
    assert d.copy().tobytes() == d.tobytes() and c.copy()[150_000] == 0


def test_plain_array_over_pages_grows_and_shrinks_as_any(mapped):
    before = mapped()
    plain = _core.copied(cow.paged(np.arange(100_000.0)))
    assert type(plain) is np.ndarray and mapped() == before + 1
    plain.resize(50_000, refcheck=False)
    assert plain.tolist() == list(range(50_000))
    plain.resize(300_000, refcheck=False)
    assert plain[:50_000].tolist() == list(range(50_000)) and not plain[50_000:].any()
    assert mapped() == before
    plain[...] = 1


def test_readonly_arrays_are_copied_and_stay_readonly(mapped):
    r = cow.readonly(cow.paged(np.arange(100_000.0)))
    before = mapped()
    c = r.copy()
    assert mapped() == before + 1
    c[0] = 1
    with pytest.raises(cow.ReadOnlyError):
        r[0] = 1
    assert copy.copy(r)[0] == 0
