"""Code that touches an array while it, or something in it, dies or is written.

Run under valgrind by ``make test-memory``; the suite runs each function too.
"""

import gc
import weakref

import numpy as np

import cow
from cow import _core
from cow._guard.wrapper import wrapper_of

N = 12_288


class Sub(cow.CowArray):
    """Has a dictionary."""


class Calls:
    """Calls a function when it dies, or is asked for anything."""

    def __init__(self, function):
        self.function = function

    def call(self, *args):
        self.function()
        return False

    __del__ = __eq__ = __lt__ = __gt__ = call
    __hash__ = None

    def __float__(self):
        self.function()
        return 1.0

    def __radd__(self, other):
        self.function()
        return 5


def pair():
    """Return an array, a small view of it, and what writes the array."""
    a = cow.zeros(N)
    return a, a[1:3], lambda *args: a.__setitem__(0, 5.0)


def right(a, first, *others):
    assert a[0] == first
    for array in (a, *others):
        _core.check(array)


def weak_reference_writes_the_source():
    a, v, write = pair()
    ref = weakref.ref(v, write)
    del v
    assert ref() is None
    right(a, 5.0)


def weak_reference_of_a_subclass_writes_the_source():
    a, v, write = pair()
    s = v.view(Sub)
    del v
    ref = weakref.ref(s, write)
    del s
    assert ref() is None
    right(a, 5.0)


def dictionary_writes_the_source():
    a, v, write = pair()
    s = v.view(Sub)
    s.last = Calls(write)
    del s, v
    right(a, 5.0)


def dictionary_shares_and_drops_the_source():
    a, v, write = pair()
    s = v.view(Sub)
    seen = []

    def look():
        seen.extend([a[:], a.copy(), np.asarray(a), memoryview(a)])
        write()
        seen.append(cow.explain(a))

    s.last = Calls(look)
    del s, v
    right(a, 5.0, *seen[:2])
    assert seen[0][0] == seen[2][0] == seen[3][0] == 0.0


def element_writes_the_sharer():
    o = cow.array([None] * N, dtype=object)
    b = o.copy()
    o[0] = Calls(lambda: b.__setitem__(1, 3))
    del o
    assert b[1] == 3 and b[0] is None
    _core.check(b)


def element_writes_the_array_that_loses_it():
    o = cow.array([None] * N, dtype=object)
    o[0] = Calls(lambda: o.__setitem__(1, 3))
    v = o[:]
    o[0] = None
    del v
    assert o[0] is None and o[1] in (3, None)
    _core.check(o)


def owner_writes_the_borrower():
    class Owner(np.ndarray):
        def __del__(self):
            w[0] = 7.0

    p = np.zeros(N).view(Owner)
    a = cow.asarray(p.view(np.ndarray))
    w = cow.zeros(3)
    x = a[2:4]
    it = np.nditer(a)
    a[0] = 1.0
    del p, it, a
    gc.collect()
    x[0] = 9.0
    del x
    right(w, 7.0)


def finalizer_keeps_the_array():
    kept = []

    class Returns(cow.CowArray):
        def __del__(self):
            self[0] = 8.0
            kept.append(self)

    a = cow.zeros(N)
    r = a.view(Returns)
    del r
    right(kept[0], 8.0, a)
    assert a[0] == 0.0
    kept.clear()
    right(a, 0.0)


def weak_reference_dies_in_a_collection():
    a, v, write = pair()
    s = v.view(Sub)
    del v
    s.self = s
    ref = weakref.ref(s, write)
    del s
    gc.collect()
    assert ref() is None
    right(a, 5.0)


def operand_writes_the_output():
    a = cow.zeros(N)

    class Operand:
        def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
            a[0] = 5.0
            return NotImplemented

    for call in (lambda: a + Operand(), lambda: np.add(a, Operand(), out=a)):
        try:
            call()
        except TypeError:
            pass
    right(a, 5.0)


def elements_write_while_they_are_compared():
    for write in (
        lambda o: o.sort(),
        lambda o: o == 1,
        lambda o: o.argmax(),
        lambda o: np.searchsorted(o, 1),
        lambda o: np.unique(o),
        lambda o: o.__setitem__(slice(None), o[::-1]),
    ):
        o = cow.array([None] * 40, dtype=object)
        v = o[:]
        o[:] = [Calls(lambda o=o: o.__setitem__(3, 0)) for _ in range(40)]
        w = o[5:]
        try:
            write(o)
        except (RuntimeError, TypeError):
            pass
        for array in (o, v, w):
            _core.check(array)
        assert all(x is None for x in v)


def value_writes_while_it_is_converted():
    a = cow.zeros(N)
    v = a[:]
    other = Calls(lambda: a.__setitem__(slice(None), 1.0))
    for index in (0, slice(0, 2), [0, 1]):
        try:
            a[index] = other
        except RuntimeError:
            pass
        _core.check(a)
    assert v[0] == v[-1] == 0.0 and a[5] == 1.0
    _core.check(v)


def guard_writes_drops_and_collects():
    a = cow.zeros(N)
    v = a[1:]
    kept = []

    def guard(array):
        v[0] = 3.0
        kept.append(array[:])
        gc.collect()

    _core.set_guard(a, guard)
    a[0] = 5.0
    _core.set_guard(a, None)
    right(a, 5.0, v, *kept)
    assert kept[0][0] == 0.0 and v[0] == 3.0


def ledger_writes_what_is_copied():
    a = cow.zeros(N)
    v = a[:]
    calls = []

    def ledger(array, *rest):
        if not calls:
            calls.append(array)
            array[1] = 2.0
            v[1] = 4.0

    old = _core.set_ledger(ledger)
    a[0] = 5.0
    _core.set_ledger(old)
    right(a, 5.0, v)
    assert v[1] == 4.0 and v[0] == 0.0


# ------------------------------------------------ arguments of guarded calls


def loan_outlives_the_array_of_the_caller():
    for make in (np.arange, cow.arange):
        x = make(float(N))
        loans = [_core.lend(x)]
        hidden = memoryview(loans[0])[1:]
        flat = loans[0].flat
        assert _core.settle([loans[0], loans[0][2:]], loans, False)
        del x, loans
        gc.collect()
        assert hidden[0] == 1.0 and flat[N - 1] == N - 1


def results_outlive_the_array_of_the_caller():
    @cow.no_mutate
    def views(x):
        return x[1:], {"a": [x, x.reshape(-1, 2)]}

    for make in (np.arange, cow.arange):
        x = make(float(N))
        view, rest = views(x)
        del x
        gc.collect()
        view[0] = 7.0
        whole = np.asarray(rest["a"][0])
        assert view[0] == 7.0 and whole[N - 1] == N - 1
        del rest
        assert view[N - 2] == N - 1


def traceback_outlives_the_array_of_the_caller():
    @cow.no_mutate
    def fail(x):
        part = [x[1:], x.T]
        raise KeyError(len(part))

    x = np.arange(float(N))
    try:
        fail(x)
    except KeyError as error:
        trace = error.__traceback__
        while trace.tb_next is not None:
            trace = trace.tb_next
        frame = trace.tb_frame
        del x
        gc.collect()
        assert frame.f_locals["part"][0][0] == 1.0
        assert frame.f_locals["x"][N - 1] == N - 1


def argument_dies_while_it_is_lent():
    held = [np.arange(float(N))]

    def drop(x):
        held.clear()
        gc.collect()
        return x[5], x[6:]

    guarded = cow.no_mutate(isolate=False)(drop)
    element, view = guarded(held.pop())
    assert element == 5.0 and view[0] == 6.0


def wrapper_goes_while_it_is_called():
    """Its last name, its plan and its border are replaced by the function."""
    names = {}

    def f(x, when):
        wrapper = wrapper_of(names[when])
        wrapper.cow_plan = list(wrapper.cow_plan)
        wrapper.cow_border = True
        names.clear()
        del wrapper
        gc.collect()
        x[0] = 5.0
        return x

    for _ in range(20):
        names["f"] = cow.no_mutate(f)
        x = np.arange(float(N))
        assert names["f"](x, "f")[0] == 5.0 and x[0] == 0.0
        names["f"] = cow.no_mutate(f)
        try:
            names["f"](x)
        except TypeError:
            pass
        names["f"].cow_plan = None
        names["f"].cow_plan = [1]
        try:
            names["f"](x)
        except TypeError:
            pass


def wrapper_in_a_cycle_is_called_as_it_dies():
    class Dying:
        def __del__(self):
            x = np.arange(float(N))
            try:
                self.f(x)
            except TypeError:
                pass  # it may have been cleared
            assert x[0] == 0.0

        @cow.no_mutate
        def f(self, x):
            return x[0]

    for _ in range(20):
        each = Dying()
        each.me, each.wrapper = each, cow.no_mutate(lambda x: x)
        each.wrapper.back = each
        del each
        gc.collect()


def border_changes_while_it_is_asked():
    @cow.no_mutate
    class S:
        def step(self, u):
            wrapper_of(type(self).bc).cow_border.clear()
            self.bc(u)
            return u

        def bc(self, u):
            u[0] = 1.0

    for _ in range(20):
        u = np.zeros(N)
        assert S().step(u)[0] == 1.0 and u[0] == 0.0


def results_outlive_what_the_function_keeps():
    base = np.arange(float(N))
    objects = np.array([np.zeros(N), [base], None], dtype=object)
    masked = np.ma.array(base[2:], mask=np.zeros(N - 2, bool))
    kept = [base, base[5:], base[::3], {"a": masked}, objects, objects[::-1]]
    kept += [np.broadcast_to(base, (3, N)), memoryview(base), (base[1:],)]
    guarded = cow.no_mutate(results="own")(lambda: kept)
    given = guarded()
    single = cow.no_mutate(results="own")(lambda: kept[0][3:])()
    base[:] = -1.0
    del base, masked
    objects[:] = None
    kept.clear()
    gc.collect()
    assert given[0][5] == given[1][0] == 5.0 and given[2][1] == 3.0
    assert given[3]["a"].sum() == sum(range(2, N))
    assert given[4][1][0] is given[0] and given[5][2] is given[4][0]
    assert given[6][2, 7] == given[7][7] == 7.0 and given[8][0][0] == 1.0
    assert single[0] == 3.0
    given[1][0] = 9.0
    rest = given.pop(1)
    del given
    gc.collect()
    assert rest[0] == 9.0 and rest[1] == 6.0


def subclass_drops_the_result_that_is_copied():
    kept, late = [], []

    class Drops(np.ndarray):
        def __array_finalize__(self, obj):
            if len(late) == 1:
                kept.clear()
                gc.collect()
                late.append(None)
                late.append(self[1:])
                if late[0]:
                    raise ValueError("no")

    guarded = cow.no_mutate(results="own")(lambda: tuple(kept))
    for fails in (False, True):
        base = np.arange(float(N))
        kept[:] = [base.view(Drops), base[1:], base]
        del base
        late[:] = [fails]
        try:
            given = guarded()
        except ValueError:
            given = None
        assert (given is None) == fails
        assert given is None or given[0][1] == given[1][0] == given[2][1] == 1.0
        late.clear()
        gc.collect()


LIVES = [
    wrapper_goes_while_it_is_called,
    wrapper_in_a_cycle_is_called_as_it_dies,
    border_changes_while_it_is_asked,
    results_outlive_what_the_function_keeps,
    subclass_drops_the_result_that_is_copied,
    loan_outlives_the_array_of_the_caller,
    results_outlive_the_array_of_the_caller,
    traceback_outlives_the_array_of_the_caller,
    argument_dies_while_it_is_lent,
    weak_reference_writes_the_source,
    weak_reference_of_a_subclass_writes_the_source,
    dictionary_writes_the_source,
    dictionary_shares_and_drops_the_source,
    element_writes_the_sharer,
    element_writes_the_array_that_loses_it,
    owner_writes_the_borrower,
    finalizer_keeps_the_array,
    weak_reference_dies_in_a_collection,
    operand_writes_the_output,
    elements_write_while_they_are_compared,
    value_writes_while_it_is_converted,
    guard_writes_drops_and_collects,
    ledger_writes_what_is_copied,
]

if __name__ == "__main__":
    for life in LIVES:
        life()
        gc.collect()
    print(f"{len(LIVES)} lives: right values")
