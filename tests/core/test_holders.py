"""C objects, and objects of Python, that hold an array whose memory moves."""

import functools
import gc
import operator

import numpy as np
import pytest

import cow
from cow import _core

# NumPy 2.5 deprecates that shape, dtype and strides are set
pytestmark = pytest.mark.filterwarnings("ignore:Setting the:DeprecationWarning")

HOLDERS = {
    "broadcast": lambda v: np.broadcast(v, 1),
    "broadcast of one": np.broadcast,
    "flatiter": np.ndarray.flat.__get__,
    "flatiter of a broadcast": lambda v: np.broadcast(v).iters[0],
    "nditer": lambda v: np.nditer(v, ["zerosize_ok"], order="C"),
    "foreign view": lambda v: np.ndarray.view(v, np.recarray),
}
VIEWS = {
    "every thousandth": lambda big: big[::1000],
    "backwards": lambda big: big[::-1000],
    "column": lambda big: big.reshape(1000, 100)[:, 3],
    "block": lambda big: big.reshape(1000, 100)[10:20, 5:9],
    "transposed block": lambda big: big.reshape(1000, 100)[10:20, 5:9].T,
    "start": lambda big: big[:50],
    "one": lambda big: big[7:8],
    "none": lambda big: big[7:7],
    "all": lambda big: big[...],
    "no axes": lambda big: big[7, ...],
}


def read(holder):
    if hasattr(holder, "reset"):
        holder.reset()
    if isinstance(holder, np.ndarray):
        return np.asarray(holder).ravel().tolist()
    if isinstance(holder, np.flatiter):
        return [holder[i] for i in range(len(holder))]
    return [x[0] if isinstance(x, tuple) else float(x) for x in holder]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("holder", HOLDERS)
def test_holder_reads_the_elements_as_they_are_or_were(holder, view):
    big = cow.arange(100_000.0)
    v = VIEWS[view](big)
    strides, old = v.strides, np.asarray(v).ravel().tolist()
    held = HOLDERS[holder](v)
    v += 0.5
    assert v.strides == strides
    new = np.asarray(v).ravel().tolist()
    assert read(held) in (old, new)
    v[...] = big[0]
    del big
    gc.collect()
    assert len(read(held)) == len(old)
    _core.check(v)


CHANGES = {
    "smaller": lambda a: a.resize(1, refcheck=False),
    "larger": lambda a: a.resize(5000, refcheck=False),
    "more axes": lambda a: a.resize((2, 3), refcheck=False),
    "shape": lambda a: setattr(a, "shape", (-1, 10)),
    "narrower": lambda a: setattr(a, "dtype", "u1"),
    "state": lambda a: a.__setstate__(np.zeros(3, a.dtype).__reduce__()[2]),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("dtype", ["u1", "f8"])
@pytest.mark.parametrize("change", CHANGES)
def test_iterator_of_a_former_layout_stays_inside(change, dtype):
    a = cow.zeros(1000, dtype)
    it = np.ndarray.flat.__get__(a)
    CHANGES[change](a)
    for _ in range(3):
        snapshot = a[...]
        a[0] = a[0]
        assert len([it[i] for i in range(1000)]) == 1000
        _core.check(a)
        del snapshot


def test_iterator_of_objects_finds_objects_after_resize():
    items = [object() for _ in range(1000)]
    a = cow.array(items, dtype=object)
    held = np.broadcast(a)
    a.resize(1, refcheck=False)
    held.reset()
    found = [x for (x,) in held]
    assert found[0] is items[0] and found[1:] == [None] * 999
    with pytest.raises(TypeError, match="become references"):
        a.__setstate__(np.zeros(3).__reduce__()[2])


TEXTS = np.dtypes.StringDType()
STRING_HOLDERS = {
    **{name: HOLDERS[name] for name in ("broadcast", "flatiter", "foreign view")},
    "nditer": lambda a: np.nditer(a, ["refs_ok"]),
}
STRING_CHANGES = {
    "fill": lambda a: a.fill("k"),
    "all": lambda a: operator.setitem(a, slice(None), "kk" * 50),
    "some": lambda a: operator.setitem(a, slice(3, 30, 2), "kk" * 50),
    "sort": lambda a: a.sort(),
    "add": lambda a: operator.iadd(a, "r" * 40),
    "copyto": lambda a: np.copyto(a, "k" * 70),
    "less": lambda a: a.resize(2, refcheck=False),
    "more": lambda a: a.resize(500, refcheck=False),
    "none": lambda a: a.resize(0, refcheck=False),
    "state": lambda a: a.__setstate__(np.array(["k"], TEXTS).__reduce__()[2]),
    "shape": lambda a: setattr(a, "shape", (5, 10)),
}


@pytest.mark.parametrize("length", [1, 15, 40, 400])
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("change", STRING_CHANGES)
@pytest.mark.parametrize("holder", STRING_HOLDERS)
def test_holder_of_an_array_of_strings_reads_strings_of_it(
    holder, change, shared, length
):
    a = cow.array(np.array([f"{i:02}" + "z" * length for i in range(50)], TEXTS))
    held, keep = STRING_HOLDERS[holder](a), a[...] if shared else None
    STRING_CHANGES[change](a)
    others = [np.array([letter * 60] * 50, TEXTS) for letter in "pq"]
    for _ in range(2):  # as it stands, and reset
        items = held.tolist() if isinstance(held, np.ndarray) else list(held)
        items = [str(x[0] if isinstance(x, tuple) else x) for x in items]
        assert {*"".join(items)} <= {*"0123456789zkr"}
        if hasattr(held, "reset"):
            held.reset()
    assert others[0][0] == "p" * 60
    if keep is not None:
        assert keep.tolist() == [f"{i:02}" + "z" * length for i in range(50)]
    _core.check(a)


HELD_VIEWS = {
    "bound method": lambda v, f: (v.__iadd__, lambda held: held.__self__),
    "partial": lambda v, f: (functools.partial(f, v), lambda held: held.args[0]),
    "list": lambda v, f: ([v], lambda held: held[0]),
}


@pytest.mark.parametrize("view", [np.s_[:, 0], np.s_[1:3, 1:2], np.s_[::2]])
@pytest.mark.parametrize("name", HELD_VIEWS)
def test_view_that_only_an_object_holds_is_written_in_place(name, view):
    m = cow.zeros((4, 3))
    held, get = HELD_VIEWS[name](m[view], operator.iadd)
    if name == "list":
        held[0] += 1
    else:
        held(1)
    assert np.all(get(held) == 1) and not np.any(m)


def test_array_that_only_an_iterator_holds_keeps_what_it_leaves():
    for resize in (lambda it: it.operands[0].resize(90_000), resize_by_method):
        it = np.nditer(cow.array(np.arange(2000.0)))
        try:
            resize(it)
        except ValueError as error:
            assert "something else holds" in str(error)
        junk = [np.full(2000, 7.0) for _ in range(200)]
        assert float(it[0]) == 0 and junk[0][0] == 7


def resize_by_method(it):
    operator.methodcaller("resize", 90_000)(it.operands[0])
