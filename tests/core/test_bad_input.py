"""Bad input gets NumPy's exception; sharers never change."""

import sys
import warnings

import numpy as np
import pytest

import cow
from cow import _core


def shared(values, dtype=None):
    a = cow.array(values, dtype=dtype)
    v = a[:]
    return a, v, list(v)


class Failing:
    """An element that fails in the middle of an operation."""

    def __init__(self, value=0):
        self.value = value

    def _fail(self, *args):
        raise RuntimeError("interrupted")

    __float__ = __lt__ = __gt__ = __add__ = __radd__ = _fail


@pytest.mark.parametrize(
    ("index", "value"),
    [
        (slice(None), [1, 2]),
        (99, 1),
        ((0, 0), 1),
        ("x", 1),
        (slice(None), "word"),
        (0, "word"),
        ([0, 99], 1),
        (0, Failing()),
        (slice(None), [1.0, 2.0, Failing()]),
        (None, object()),
        (1.5, 1),
        (10**30, 1),
    ],
)
def test_bad_assignment_raises_as_numpy_and_changes_nothing_else(index, value):
    a, v, before = shared([1.0, 2.0, 3.0])
    p = np.array([1.0, 2.0, 3.0])
    with pytest.raises(Exception) as numpys:
        p[index] = value
    with pytest.raises(type(numpys.value)):
        a[index] = value
    assert list(v) == before
    np.testing.assert_array_equal(a, p)
    _core.check(a)
    _core.check(v)


def test_deleting_an_item_raises_as_numpy():
    a = cow.arange(3)
    with pytest.raises(ValueError, match="cannot delete array elements"):
        del a[0]


def test_object_assignment_that_fails_in_the_middle_leaves_what_numpy_would():
    class Once:
        def __init__(self, n):
            self.n = n

        def __len__(self):
            return 3

        def __getitem__(self, i):
            if i == 2:
                raise RuntimeError("interrupted")
            return i

    a, v, before = shared([7, 8, 9], object)
    with pytest.raises(RuntimeError):
        a[:] = Once(3)
    assert list(v) == before


@pytest.mark.parametrize("where", ["array", "view"])
def test_interrupted_sort_leaves_the_sharer(where):
    items = [Failing(i) for i in range(50)]
    a, v, before = shared(items, object)
    target = a if where == "array" else v
    with pytest.raises(RuntimeError):
        target.sort()
    assert sorted(x.value for x in target) == list(range(50))
    other = v if where == "array" else a
    assert list(other) == before


def test_failing_ufunc_leaves_array_and_sharer():
    a, v, before = shared([Failing(), Failing()], object)
    with pytest.raises(RuntimeError):
        a += 1
    with pytest.raises(RuntimeError):
        np.add(a, 1, out=a)
    assert list(v) == before and list(a) == before
    b = cow.arange(3)
    w = b[:]
    with pytest.raises(TypeError):
        b += 0.5
    assert list(b) == list(w) == [0, 1, 2]


def test_write_during_a_write_is_not_lost_silently():
    a = cow.zeros(3, dtype=object)
    kept = []

    class Sneaky:
        def __radd__(self, other):
            kept.append(a[:])
            a[1] = "inner"
            return 5

    other = np.array([Sneaky(), 1, 1], dtype=object)
    with pytest.raises(RuntimeError, match="middle of this write"):
        a += other
    _core.check(a)
    _core.check(kept[0])


@pytest.mark.parametrize(
    "state",
    [
        (),
        (1, (2,), np.dtype("f8"), False, b"short"),
        (1, (-1,), np.dtype("f8"), False, b""),
        (1, (2,), "f8", False, b"\0" * 16),
        (1, (2,), np.dtype("O"), False, b"\0" * 16),
        None,
    ],
)
def test_bad_state_raises_and_changes_nothing(state):
    a, v, before = shared([1.0, 2.0])
    with pytest.raises((TypeError, ValueError)):
        a.__setstate__(state)
    assert list(a) == list(v) == before
    _core.check(a)


@pytest.mark.parametrize(
    "call",
    [
        lambda: _core.call(np.add, [1, 2], None),
        lambda: _core.call(np.add, (1, 2), {1: 2}),
        lambda: _core.call(np.add, (1, 2), {}, np.ndarray),
        lambda: _core.write(np.add, (1, 2), None),
        lambda: _core.wrap(np.zeros(1), np.ndarray),
        lambda: _core.share([1], cow.CowArray),
        lambda: _core.open(1),
        lambda: _core.next_write(1),
        lambda: _core.exchange(np.zeros(1), np.zeros(1), None, True),
        lambda: _core.exchange(cow.zeros(1), cow.zeros(1), None, True),
        lambda: _core.exchange(cow.zeros(1), np.zeros(1), np.zeros(2), True),
        lambda: cow.is_shared([1]),
        lambda: cow.no_mutate(1),
        lambda: cow.no_mutate(on_write="sometimes"),
        lambda: cow.no_mutate(lambda x: x, only=("y",)),
        lambda: cow.asarray([1], device="gpu"),
    ],
)
def test_wrong_argument_raises(call):
    with pytest.raises((TypeError, ValueError)):
        call()


MEMORY = """
import resource
import numpy as np, cow
a = cow.ones(30_000_000)
v = a[:]
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 50_000_000,) * 2)
for write in (lambda: a.__setitem__(0, 5.0), lambda: a.sort(),
              lambda: a.__iadd__(1), lambda: np.add(a, 1, out=a)):
    try:
        write()
    except MemoryError:
        cow._core.check(a)
        assert a[0] == v[0] == 1.0 and np.shares_memory(a, v)
    else:
        raise SystemExit("no MemoryError")
print("unchanged")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc for its limit")
def test_detach_without_memory_raises_and_changes_nothing(python):
    done = python("-c", MEMORY)
    assert done.stdout == "unchanged\n", done.stderr


def test_a_ledger_that_reshapes_what_is_written_is_refused():
    a = cow.zeros((4, 5))
    kept = a[...]

    def reshape(array, nbytes, why):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # deprecated since NumPy 2.5
            a.shape = (20,)

    old = _core.set_ledger(reshape)
    try:
        with pytest.raises(RuntimeError, match="in the middle"):
            a[3, 4] = 1.0
    finally:
        _core.set_ledger(old)
    assert kept.sum() == 0 and a.size == 20
    _core.check(a)
