"""Ufuncs, their methods and outputs; the methods of ndarray."""

import os
import warnings

import numpy as np
import pytest

import cow
from cow import _core
from cow._dispatch import methods

UFUNCS = [f for f in vars(np).values() if isinstance(f, np.ufunc) and f.nin <= 2]
SAMPLES = {
    "float": np.array([0.5, 1.5, 2.5, 3.5]),
    "int": np.array([1, 2, 3, 4]),
    "bool": np.array([True, False, True, True]),
    "complex": np.array([1 + 1j, 2, 3j, 1]),
    "date": np.array(["2024-01-01", "NaT"] * 2, "M8[D]"),
    "text": np.array(["a", "b", "c", "d"]),
    "square": np.eye(4) + 1,
}


def outcome(call):
    """Return what a call gives, or the type of its exception."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return call()
        except Exception as error:
            return type(error)


def same(expected, result, message):
    if isinstance(expected, tuple):
        for one, other in zip(expected, result, strict=True):
            same(one, other, message)
    elif isinstance(expected, np.ndarray):
        assert isinstance(result, cow.CowArray), message
        assert (expected.dtype, expected.shape) == (result.dtype, result.shape)
        np.testing.assert_array_equal(np.asarray(result), expected)
        _core.check(result)
    elif isinstance(expected, type):
        assert expected is result, message
    else:
        assert type(expected) is type(result), message
        np.testing.assert_equal(result, expected)


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda f: f.__name__)
def test_ufunc_agrees_with_plain_arrays_and_leaks_nothing(ufunc, kind):
    p = SAMPLES[kind].copy()
    x = cow.array(p)
    calls = [lambda a: ufunc(*[a] * ufunc.nin)]
    if ufunc.nin == 2:
        calls += [
            lambda a: ufunc(a, a[0]),
            lambda a: ufunc.reduce(a),
            lambda a: ufunc.accumulate(a),
            lambda a: ufunc.reduceat(a, [0, 2]),
            lambda a: ufunc.outer(a, a),
            lambda a: ufunc(a, a, where=np.zeros(a.shape, bool), out=a),
        ]
    for number, call in enumerate(calls):
        name = f"{ufunc.__name__}, call {number}"
        same(
            outcome(lambda call=call: call(p)), outcome(lambda call=call: call(x)), name
        )
        np.testing.assert_array_equal(np.asarray(x), p)
        assert not cow.is_shared(x), name


@pytest.mark.parametrize("kind", ["float", "int", "complex", "square"])
@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda f: f.__name__)
def test_output_that_aliases_the_input_is_written_copy_on_write(ufunc, kind):
    p = SAMPLES[kind].copy()
    x = cow.array(p)
    kept, before = x.copy(), p.copy()
    outs = lambda a: (a,) + (None,) * (ufunc.nout - 1)  # noqa: E731
    # `before`: NumPy's vecdot reads what it has already written into `out`
    expected = outcome(lambda: ufunc(*[before] * ufunc.nin, out=outs(p)))
    result = outcome(lambda: ufunc(*[x] * ufunc.nin, out=outs(x)))
    if isinstance(expected, type):
        assert result is expected
    else:
        assert (result[0] if ufunc.nout > 1 else result) is x
    np.testing.assert_array_equal(np.asarray(x), p)
    np.testing.assert_array_equal(np.asarray(kept), before)


def test_at_writes_copy_on_write():
    x = cow.zeros(3)
    kept, plain = x.copy(), np.asarray(x)
    np.add.at(x, [0, 0, 2], 1)
    np.negative.at(x, [2])
    assert x.tolist() == [2, 0, -1]
    assert kept.tolist() == plain.tolist() == [0, 0, 0]


def test_outputs_in_a_tuple_may_be_mixed():
    x, first = cow.array([5.0, 7.0]), cow.zeros(2)
    kept, plain = first.copy(), np.zeros(2)
    results = np.divmod(x, 2, out=(first, plain))
    assert results[0] is first and results[1] is plain
    assert (first.tolist(), plain.tolist()) == ([2, 3], [1, 1])
    assert kept.tolist() == [0, 0]
    quotient, rest = np.divmod(x, 2, out=(None, first))
    assert rest is first and type(quotient) is cow.CowArray


def test_plain_output_is_written_and_returned_itself():
    x, out = cow.arange(3.0), np.zeros(3)
    assert np.add(x, 1, out=out) is out
    assert np.add.reduce(cow.ones((2, 3)), out=out) is out
    assert out.tolist() == [2, 2, 2]


def test_out_where_casting_and_dtype_are_those_of_numpy():
    x, out = cow.arange(3.0), cow.zeros(3, int)
    kept = out.copy()
    with pytest.raises(np._core._exceptions.UFuncTypeError):
        np.add(x, 1.5, out=out)
    assert out.tolist() == [0, 0, 0]
    np.add(x, 1.5, out=out, casting="unsafe", where=cow.array([True, False, True]))
    assert out.tolist() == [1, 0, 3]
    assert kept.tolist() == [0, 0, 0]
    assert np.add(x, 1, dtype="f4").dtype == "f4"


def test_gufunc_writes_its_output_copy_on_write():
    m, out = cow.eye(3) * 2, cow.zeros((3, 3))
    kept = out.copy()
    assert np.matmul(m, m, out=out) is out
    assert out[0, 0] == 4 and not kept.any()
    np.matmul(out, m, out=out)
    assert out[0, 0] == 8


def test_other_types_that_override_ufuncs_have_their_say():
    class Other:
        def __array_ufunc__(self, *args, **kwargs):
            return "other"

    x = cow.arange(3)
    assert np.add(x, Other()) == "other"
    assert np.add(x, x, out=(Other(),)) == "other"
    assert np.add(x, Other(), out=x) == "other"


def test_warning_is_attributed_to_the_line_of_the_user():
    x = cow.array([-1.0])
    with pytest.warns(RuntimeWarning) as caught:
        np.sqrt(x)
    assert os.path.samefile(caught[0].filename, __file__)


def ungrouped_methods(cls):
    """Return the attributes of ndarray that are neither ours nor listed."""
    ours = (cow.CowArray, _core.Array)
    own = {name for c in ours for name, value in vars(c).items() if value is not None}
    inherited = set(methods.INHERITED.split())
    assert not inherited & own
    assert {*methods.READING, *methods.WRITING} <= own
    return {name for name in dir(cls) if name not in dir(object)} - own - inherited


def test_every_method_of_ndarray_is_in_exactly_one_group():
    assert ungrouped_methods(np.ndarray) == set()


def test_a_new_method_of_ndarray_would_be_seen():
    names = {"frobnicate": len, "__frobnicate__": len}
    newer = type("Newer", (np.ndarray,), names)
    assert ungrouped_methods(newer) - {"__dict__", "__weakref__"} == set(names)


# Arguments of the methods, where they need some.
ARGUMENTS = {
    "argpartition": (1,),
    "astype": ("f4",),
    "choose": ([10, 20, 30, 40, 50],),
    "clip": (1, 2),
    "compress": ([True, False],),
    "dot": ([1, 2],),
    "getfield": ("i4",),
    "repeat": (2,),
    "reshape": (4,),
    "searchsorted": (1,),
    "swapaxes": (0, 1),
    "take": ([0, 1],),
}


@pytest.mark.parametrize("name", sorted(methods.READING))
def test_reading_method_agrees_and_leaks_nothing(name):
    p = np.array([[1, 2], [3, 4]]) if name != "searchsorted" else np.arange(4)
    x = cow.array(p)
    args = ARGUMENTS.get(name, ())
    expected, result = getattr(p, name)(*args), getattr(x, name)(*args)
    same(expected, result, name)
    if isinstance(result, cow.CowArray):
        result[...] = 0
    assert x.tolist() == p.tolist()
    del result
    assert not cow.is_shared(x)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("fill", (7,)),
        ("partition", (1,)),
        ("put", ([0], 9)),
        ("setfield", (5, "i8")),
        ("sort", ()),
    ],
)
def test_writing_method_leaves_every_sharer_unchanged(name, args):
    p = np.array([3, 1, 2])
    x = cow.array(p)
    view, copy, plain = x[:], x.copy(), np.asarray(x)
    getattr(p, name)(*args)
    assert getattr(x, name)(*args) is None
    assert x.tolist() == p.tolist()
    for other in (view, copy, plain):
        assert other.tolist() == [3, 1, 2]
