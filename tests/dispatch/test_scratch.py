"""Large temporaries: nothing that somebody holds is written for a result."""

import functools
import itertools
import operator
import subprocess
import sys
import weakref

import numpy as np
import pytest

import cow

N = 50_000  # 400 kB of float64: NumPy does the same from 256 KiB on

A, B, C = (np.linspace(k, k + 1, N) for k in (1.0, 2.0, 3.0))
EXPRESSIONS = {
    "a * b + c - a": lambda a, b, c: a * b + c - a,
    "c + a * b": lambda a, b, c: c + a * b,
    "c - a * b": lambda a, b, c: c - a * b,
    "2 * (a + b) / 3": lambda a, b, c: 2 * (a + b) / 3,
    "c / (a + b)": lambda a, b, c: c / (a + b),
    "(a + b) * (b - c)": lambda a, b, c: (a + b) * (b - c),
    "(a - b) ** 2": lambda a, b, c: (a - b) ** 2,
    "powers": lambda a, b, c: ((a + b) ** 0.5 + (a + b) ** c) / (a + b) ** -1,
    "power of a number": lambda a, b, c: 2 ** (a - b),
    "pow": lambda a, b, c: pow(a + b, 3),
    "row": lambda a, b, c: (a + b).reshape(-1, 100) - c[:100],
    "row first": lambda a, b, c: c[:100] + (a + b).reshape(-1, 100),
    "view of a temporary": lambda a, b, c: (a + b)[::-1] + c,
    "copy": lambda a, b, c: a.copy() + b,
    "to a wider shape": lambda a, b, c: (a + b)[:100] + c.reshape(-1, 100),
    "to complex": lambda a, b, c: (a + b) * 1j,
    "with floats of 32 bits": lambda a, b, c: (a + b).astype("f4") + c,
    "with itself": lambda a, b, c: (lambda t: t + t)(a + b),
    "sum": lambda a, b, c: sum([a, b, c, a + b]),
    "reduce": lambda a, b, c: functools.reduce(operator.add, [a, b, c, a + b]),
    "operator": lambda a, b, c: operator.sub(operator.add(a, b), c),
    "dunder": lambda a, b, c: (a + b).__add__(c),
    "objects": lambda a, b, c: np.sum(boxed([a, b, c])),
}


def boxed(arrays):
    box = np.empty(len(arrays), dtype=object)
    for i, array in enumerate(arrays):
        box[i] = array
    return box


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_results_are_numpys_and_operands_stay(name):
    expected = EXPRESSIONS[name](A, B, C)
    a, b, c = map(cow.array, (A, B, C))
    for _ in range(2):
        result = EXPRESSIONS[name](a, b, c)
        assert type(result) is cow.CowArray and result.dtype == expected.dtype
        assert np.array_equal(result, expected)
        cow._core.check(result)
    for x, p in zip((a, b, c), (A, B, C), strict=True):
        assert np.array_equal(x, p)


def test_what_has_a_name_stays():
    a, b = cow.array(A), cow.array(B)
    t = a * b
    box, attribute = [a - b], type("T", (), {})()
    attribute.t = a / b
    kept = np.asarray(a + a)
    results = [t + 1, box[0] ** 2, attribute.t + 1, kept + 1]
    assert np.array_equal(t, A * B) and np.array_equal(box[0], A - B)
    assert np.array_equal(attribute.t, A / B) and np.array_equal(kept, A + A)
    assert len({id(r) for r in results}) == 4


def test_sums_that_an_iterator_keeps_stay():
    arrays = [cow.array(x) for x in (A, B, C)]
    sums = list(itertools.accumulate(arrays, operator.add))
    assert np.array_equal(sums[0], A)
    assert np.array_equal(sums[1], A + B)
    assert np.array_equal(sums[2], A + B + C)


def test_temporaries_that_somebody_sees_stay():
    a, b = cow.array(A), cow.array(B)
    seen = []

    def note(x, keep):
        seen.append(keep(x))
        return x

    for keep in (np.asarray, memoryview, lambda x: x[1:], cow.readonly, np.nditer):
        result = note(a * b, keep) + 1.0
        assert np.array_equal(result, A * B + 1)
    for view in seen[:4]:
        assert np.asarray(view)[-1] == A[-1] * B[-1]
    with pytest.raises(cow.ReadOnlyError):
        t = cow.readonly(a * b)
        t += 1
    died = []
    t = note(a * b, lambda x: weakref.finalize(x, died.append, 1)) + 1.0
    assert died == [1] and np.array_equal(t, A * B + 1)


def test_a_borrowed_array_is_never_written():
    p = A.copy()
    results = [cow.asarray(p) + 1.0, cow.asarray(p) * cow.asarray(p)]
    assert np.array_equal(results[0], A + 1) and np.array_equal(results[1], A * A)
    assert np.array_equal(p, A)


def test_bound_method_of_a_temporary_may_be_called_again():
    method = (cow.array(A) * 2.0).__add__
    assert [method(1.0)[0] for _ in range(4)] == [3.0] * 4


def test_operand_that_looks_at_the_output_is_copied_and_nothing_else():
    a, expected = cow.array(A), A.copy()
    with cow.ledger() as log:
        for x in (a, expected):
            x[1:-1] = x[:-2]
            x[1:] = x[:-1]
            x += x[::-1]
    assert sum(entry.nbytes for entry in log.entries) <= 3 * A.nbytes
    np.testing.assert_array_equal(a, expected)


def test_c_code_may_keep_its_only_reference():
    # unpickling, sorting and the like hold arrays in C; here a struct of ctypes
    code = (
        "import ctypes, numpy as np, cow\n"
        "add = ctypes.pythonapi.PyNumber_Add\n"
        "add.restype, add.argtypes = ctypes.py_object, [ctypes.c_void_p] * 2\n"
        "incref = ctypes.pythonapi.Py_IncRef\n"
        "incref.argtypes = [ctypes.c_void_p]\n"
        f"a = cow.ones({N}) * 2.0; b = cow.ones({N})\n"
        "at = id(a); incref(at); del a  # the only reference is C's\n"
        "assert add(at, id(b))[0] == 3\n"
        "assert add(at, id(b))[0] == 3\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_memory_that_a_former_sharer_keeps_stays():
    x = cow.array(A)
    box = [x[...]]
    iterator = np.nditer(x)  # points into the memory that x leaves
    x[0] = 5.0
    result = box.pop() + 1.0  # pytest would give it a name in an assert
    assert np.array_equal(result, A + 1)
    assert iterator[0] == A[0]


WAYS = {
    "arguments": lambda f, held: f(*held),
    "partial": lambda f, held: functools.partial(f, *held[:-1])(held[-1]),
    "map": lambda f, held: list(map(f, *([x] for x in held))),
}
WRITES = {
    "add": (operator.add, lambda x: (x * 2.0, x)),
    "subtract": (operator.sub, lambda x: (x * 2.0, x)),
    "multiply": (operator.mul, lambda x: (x, x * 2.0)),
    "power": (operator.pow, lambda x: (x * 2.0, 2)),
    "setitem": (operator.setitem, lambda x: (x, slice(1, None), x[:-1])),
}


@pytest.mark.parametrize("size", [100, 100_000])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", WRITES)
def test_argument_that_something_else_holds_is_no_temporary(name, way, size):
    f, arguments = WRITES[name]
    held = arguments(cow.arange(float(size)))
    before = [np.array(x) for x in held if isinstance(x, cow.CowArray)]
    WAYS[way](f, held)
    after = [x for x in held if isinstance(x, cow.CowArray)]
    if name == "setitem":
        before, after = before[1:], after[1:]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, np.asarray(other))
