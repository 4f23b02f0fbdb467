"""What NumPy's own test suite found."""

import ast
import copy
import inspect
import operator
import sys

import numpy as np
import pytest

import cow


def test_conjugate_writes_its_output():
    a, out = cow.array([1 + 2j, 3 - 1j]), cow.zeros(2, complex)
    kept = out.copy()
    assert a.conjugate(out) is out
    assert out.tolist() == [1 - 2j, 3 + 1j]
    assert a.conj(out) is out
    assert kept.tolist() == [0, 0]


def test_a_list_stored_in_an_array_of_objects_is_the_list_itself():
    item = [1, 2]
    a = cow.array([None, None], dtype=object)
    a.put([0], np.array([None]))
    a.fill(item)
    assert a[0] is item
    other = {"k": item}
    np.copyto(a, np.array(other, dtype=object))
    assert a[1] is other


def test_masked_arrays_stay_masked_with_subok():
    masked = np.ma.array([1, 2], mask=[True, False])
    kept = cow.array(masked, subok=True)
    assert kept.mask.tolist() == [True, False]
    assert isinstance(cow.array(masked), cow.CowArray)


@pytest.mark.parametrize("copy", ["auto", "no", "yes"])
def test_copy_as_a_string_raises(copy):
    for value in ([1], cow.array([1])):
        with pytest.raises(ValueError):
            cow.array(value, copy=copy)


def test_arguments_are_checked_as_by_numpy():
    with pytest.raises(TypeError):
        cow.eye(3).resize((2,), refcheck="hi")
    with pytest.raises(TypeError):
        del cow.ones(3).flat[1]
    assert cow.ones(2).__array__(dtype="f4").dtype == "f4"


def test_a_class_of_dtypes_finds_the_size_of_its_elements():
    a = cow.array([1.25, None], dtype=object)
    assert cow.array(a, dtype=np.dtypes.BytesDType).dtype == "S4"


def test_a_list_that_contains_itself_is_judged_by_numpy():
    items = []
    items.append(items)
    with pytest.raises(ValueError):
        cow.array(items, dtype=float)


@pytest.mark.parametrize("n", [3, 6_000_000])
def test_an_output_goes_to_numpy_by_its_name(n):
    # np.maximum of NumPy 2.4 warns of a third argument by position
    a, b, out = cow.ones(n), cow.zeros(n), cow.empty(n)
    assert np.maximum(a, b, out=out) is out
    assert out[0] == 1
    del out
    assert np.maximum(a, b)[-1] == 1


def test_arguments_of_array_function_are_checked():
    a = cow.array([1, 2])
    with pytest.raises(TypeError, match="args must be a tuple"):
        a.__array_function__(np.reshape, (np.ndarray,), a, {})
    with pytest.raises(TypeError, match="kwargs must be a dict"):
        a.__array_function__(np.reshape, (np.ndarray,), (a,), (2, 1))


def _store(write):
    a, x = cow.ones((2, 2)), cow.empty(3, dtype=object)
    write(x, a)
    return a, x[0]


@pytest.mark.parametrize(
    "write",
    [
        lambda x, a: operator.setitem(x, 0, a),
        lambda x, a: operator.setitem(x, (np.intp(0),), a),
        lambda x, a: operator.setitem(x, slice(None), [a, a, None]),
        lambda x, a: operator.setitem(x, [0, 1], [a, None]),
        lambda x, a: operator.setitem(x.flat, 0, a),
        lambda x, a: x.fill(a),
        lambda x, a: x.put([0], [a, None]),
    ],
)
def test_an_array_stored_in_an_array_of_objects_is_the_array_itself(write):
    a, stored = _store(write)
    assert stored is a
    stored[0] = 9  # as in NumPy: an element is a reference
    assert a[0, 0] == 9


def test_arrays_of_objects_are_made_of_the_objects_themselves():
    a = cow.ones((2, 2))
    ragged = [a, cow.ones(3), None]
    assert cow.array(ragged, dtype=object)[0] is a
    assert cow.asarray(ragged, dtype=object)[0] is a
    assert cow.fromiter(ragged, dtype=object)[0] is a
    assert cow.array([(a,)], dtype=[("x", object)])["x"][0] is a
    mapping = {"key": a}
    assert cow.array(mapping)[()] is mapping
    assert cow.array([mapping])[0] is mapping
    rows = cow.array([[a[0], a[1]]], dtype=object)  # arrays of one shape are opened
    assert rows.shape == (1, 2, 2)


def test_elements_of_an_array_of_objects_are_assigned_from_its_own_views():
    x = cow.array([1, "b", None, 4.0], dtype=object)
    kept, reverse = x.copy(), x[::-1]
    x[:] = reverse
    assert x.tolist() == [4.0, None, "b", 1]
    assert kept.tolist() == [1, "b", None, 4.0] == reverse[::-1].tolist()
    x[1:] = x[:-1]
    assert x.tolist() == [4.0, 4.0, None, "b"]


class Foreign:
    def __array_function__(self, func, types, args, kwargs):
        return func, args


@pytest.mark.parametrize(
    "name",
    ["array", "asarray", "ascontiguousarray", "asfortranarray", "arange", "zeros"],
)
def test_like_makes_the_array_of_another_library(name):
    made = getattr(cow, name)
    func, args = made(3, like=Foreign())
    assert func is getattr(np, name)
    assert args[0] == 3
    assert type(made(3, like=np.ones(1))) is cow.CowArray
    assert type(made(3, like=cow.ones(1))) is cow.CowArray
    with pytest.raises(TypeError):
        made(3, like=[1])


CONSTRUCTORS = [name for name in cow.__all__ if hasattr(np, name)]


@pytest.fixture
def patched(monkeypatch):
    """A program that has replaced NumPy's constructors by cow's."""
    for name in CONSTRUCTORS:
        monkeypatch.setattr(np, name, getattr(cow, name))


# functions that run while cow is imported
AT_IMPORT = {"_alone", "_calibrate", "_make", "calibrate"}


def _calls_of_constructors(module):
    """Where functions of `module` look up a constructor in numpy and call it."""
    functions = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.FunctionDef) and node.name not in AT_IMPORT
    ]
    called = {f"np.{name}" for name in CONSTRUCTORS}
    return [
        f"{module.__name__}:{node.lineno}"
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in called
    ]


def test_no_module_of_cow_calls_a_constructor_that_may_be_replaced():
    modules = [
        module
        for name, module in sys.modules.items()
        if name.startswith("cow._") and module.__file__.endswith(".py")
    ]
    assert len(modules) > 20
    assert [place for m in modules for place in _calls_of_constructors(m)] == []


def test_a_program_may_replace_the_constructors_of_numpy(patched, tmp_path):
    a = np.array([3, 1, 2])
    assert type(a) is cow.CowArray
    assert np.asarray(a) is a
    b = copy.deepcopy(a)
    b.resize(4)
    b.flat[0] = 7
    assert (b.tolist(), a.tolist()) == ([7, 1, 2, 0], [3, 1, 2])
    assert a.at[0].add(1).tolist() == [4, 1, 2]
    assert a.__array__("f8").dtype == "f8"
    assert cow.relation(a, a[1:]).elements == 2
    assert cow.readonly([1, 2])[0] == 1
    assert cow.safe_modify(a, cow.CowArray.sort).tolist() == [1, 2, 3]
    assert cow.no_mutate(lambda x: x.sort())(np.zeros(5000)) is None
    np.save(tmp_path / "a.npy", a)
    assert np.load(tmp_path / "a.npy").tolist() == [3, 1, 2]


def test_installed_packages_keep_numpys_array_constructor(monkeypatch):
    monkeypatch.setattr(np, "array", cow.array)
    masked = np.ma.array([1, 2, 3], mask=[0, 1, 0])
    masked[0] = 5  # np.ma writes through views of what np.array gives
    assert masked.tolist() == [5, None, 3]
    assert np.nanmedian([[1, np.nan, 3]], axis=1).tolist() == [2]
    made = {}
    for file in ("program.py", "/usr/lib/python3/site-packages/package/module.py"):
        exec(compile("made[file] = np.array([1], copy=True)", file, "exec"))
    assert [type(a) for a in made.values()] == [cow.CowArray, np.ndarray]


def test_copy_may_be_said_as_array_api_compat_does():
    a = cow.array([1, 2])
    assert cow.array(a, copy=np._CopyMode.IF_NEEDED) is a
    assert cow.array(a, copy=np._CopyMode.ALWAYS) is not a
    assert cow.asarray(a, copy=np._CopyMode.IF_NEEDED) is a
    with pytest.raises(ValueError):
        cow.array([1, 2], copy=np._CopyMode.NEVER)


PAIRS = [("a", int), ("b", float)]


def test_a_foreign_view_of_a_temporary_can_be_written():
    records = cow.array([(1, 2.0), (3, 4.0)], dtype=PAIRS).view(np.recarray)
    records.a[0] = 9
    assert records.a.tolist() == [9, 3]
    a = cow.ones(8)
    grid = a.copy().view(np.matrix)
    grid[0, 0] = 5
    assert (a[0], grid[0, 0]) == (1, 5)


def test_a_foreign_view_of_what_others_see_stays_read_only():
    a, p = cow.ones(8), np.ones(8)
    views = [
        a.view(np.matrix),
        a[2:].view(np.matrix),
        cow.asarray(p).view(np.matrix),
        cow.readonly([1, 2]).view(np.matrix),
        [a][0].view(np.matrix),
        (lambda x: x.view(np.matrix))(cow.ones(3)),
    ]
    for view in views:
        with pytest.raises(ValueError, match="read-only"):
            view[0, 0] = 5
    assert a.sum() == p.sum() == 8


class Metres(np.ndarray):
    """As in NumPy's documentation: the rest is left to ndarray's method."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        inputs = [x.view(np.ndarray) if type(x) is Metres else x for x in inputs]
        if out:
            kwargs["out"] = out
        result = super().__array_ufunc__(ufunc, method, *inputs, **kwargs)
        if result is NotImplemented or out:
            return result
        return np.asarray(result).view(Metres)


def test_ufuncs_mix_cow_arrays_with_subclasses_that_override_them():
    a, x = cow.array([1.0, 2.0]), np.array([3.0, 4.0]).view(Metres)
    kept = a.copy()
    for result in (a + x, x + a, np.add(a, x)):
        assert type(result) is Metres
        assert result.tolist() == [4, 6]
    assert np.add(a, x, out=a) is a
    assert (a.tolist(), kept.tolist()) == ([4, 6], [1, 2])
    np.add.at(a, [0], x[:1])
    assert a.tolist() == [7, 6]


def test_subok_false_gives_a_plain_array():
    a, out = cow.array([1.5, 2.5]), cow.zeros(2)
    assert type(np.add(a, 1, subok=False)) is np.ndarray
    assert type(np.add(a, 1, subok=True)) is cow.CowArray
    whole, part = np.modf(a, out, subok=False)
    assert type(part) is np.ndarray
    assert whole is out
    assert out.tolist() == [0.5, 0.5]


def test_an_array_of_objects_that_contains_itself_prints():
    a = cow.array([None, 1], dtype=object)
    a[0] = a
    assert repr(a) == "cow.array([..., 1], dtype=object)"
    assert str(a) == "[cow.array([..., 1], dtype=object) 1]"
    a[0] = None  # NumPy does not collect such cycles
