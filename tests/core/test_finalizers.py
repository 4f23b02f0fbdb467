"""Python code that runs while views are made and elements die."""

import gc
import operator

import numpy as np
import pytest

import cow
from cow import _core

# NumPy 2.5 deprecates that shape, dtype and strides are set
pytestmark = pytest.mark.filterwarnings("ignore:Setting the:DeprecationWarning")


class Resizing(cow.CowArray):
    armed = False

    def __array_finalize__(self, obj):
        if getattr(obj, "armed", False):
            obj.armed = False
            obj.resize(2, refcheck=False)


MAKERS = {
    "T": lambda a: a.T,
    "slice": lambda a: a[1:],
    "reshape": lambda a: a.reshape(-1),
    "swapaxes": lambda a: a.swapaxes(0, 1),
    "add": lambda a: a + 1,
    "view": lambda a: a.view(),
    "copy": lambda a: a.copy(),
    "np.transpose": np.transpose,
    "real": lambda a: a.real,
    "squeeze": lambda a: a.squeeze(),
    "diagonal": lambda a: a.diagonal(),
    "row": lambda a: a[1],
}


@pytest.mark.parametrize("shape", [(4, 6), (100, 120), (2, 3, 4, 5, 6, 7)])
@pytest.mark.parametrize("name", MAKERS)
def test_source_that_is_resized_while_a_view_of_it_is_made(name, shape):
    a = cow.arange(float(np.prod(shape))).reshape(shape).view(Resizing)
    a.armed = True
    b = MAKERS[name](a)
    before = np.array(b)
    b += 1
    np.testing.assert_array_equal(np.asarray(b), before + 1)
    _core.check(b)


class Dying:
    """Does something with an array when it dies, a few generations long."""

    def __init__(self, world, depth=3):
        self.world, self.depth = world, depth

    def __del__(self):
        a = self.world.get("a")
        if a is None or self.depth == 0:
            return
        c, v = a.copy(), a[...]
        c[0] = 1
        a[0] = 2
        a[1:] = [Dying(self.world, self.depth - 1)] * (len(a) - 1)
        v[0] = 3
        self.world["seen"] = (v, v.tolist(), np.asarray(a), np.asarray(a).tolist())


WAYS_TO_DIE = {
    "replaced": lambda w, new: w.update(a=new()),
    "element": lambda w, new: w["a"].__setitem__(0, 0),
    "slice": lambda w, new: w["a"].__setitem__(slice(0, 2), [1, 2]),
    "all": lambda w, new: w["a"].fill(0),
    "mask": lambda w, new: w["a"].__setitem__([True, True, False], 5),
    "operator": lambda w, new: np.equal(w["a"], 0, out=w["a"]),
    "copyto": lambda w, new: np.copyto(w["a"], new()),
    "resize": lambda w, new: w["a"].resize(1, refcheck=False),
}


@pytest.mark.parametrize("way", WAYS_TO_DIE)
def test_elements_that_copy_and_write_the_array_while_they_die(way):
    world = {}

    def new():
        return cow.array([Dying(world), Dying(world), Dying(world)], dtype=object)

    for _ in range(30):
        world["a"] = new()
        snapshot = world["a"][...]
        try:
            WAYS_TO_DIE[way](world, new)
        except RuntimeError as error:
            assert "in the middle" in str(error)
        del snapshot
        if "seen" in world:
            v, values, p, plain_values = world.pop("seen")
            assert v.tolist() == values and p.tolist() == plain_values
        _core.check(world["a"])
    world.clear()
    gc.collect()


def test_finalizer_of_an_element_of_old_memory_that_writes_the_array():
    class Writes:
        def __init__(self, a, change):
            self.a, self.change = a, change

        def __del__(self):
            self.change(self.a)

    changes = [
        lambda a: operator.setitem(a, 5, "written"),
        lambda a: setattr(a, "shape", (5, 10)),
        lambda a: a.resize(20, refcheck=False),
        lambda a: operator.setitem(a[...] if a.ndim > 1 else a, 1, 0),
        lambda a: a.fill("first"),
    ]
    for change in changes:
        a = cow.array(np.array(["first"] * 50, object))
        a[3] = Writes(a, change)
        for i in range(6):
            snapshot = a[...]
            try:
                a.flat[3] = i
            except RuntimeError as error:
                assert "in the middle of this write" in str(error)
            del snapshot
        assert a.flat[3] == 5 and a.flat[0] == "first"
        if change is changes[0]:
            assert a[5] == "written"
        _core.check(a)
