"""Guarded is the border of a package, not its inside."""

import copy
import functools
import importlib
import inspect
import pickle
import sys
import types
import warnings
import zipfile

import numpy as np
import pytest

import cow
from tests.guard.fort import PACKAGE


def forget():
    for name in [n for n in sys.modules if n.partition(".")[0] == "fort"]:
        del sys.modules[name]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, text in PACKAGE.items():
        path = tmp_path / "fort" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield tmp_path
    forget()


@pytest.fixture(params=["early", "late"])
def fort(request, folder):
    """The package, imported before or after it is protected; and not from outside."""
    if request.param == "late":
        importlib.import_module("fort.outer")
    protection = cow.protect("fort")
    fort = importlib.import_module("fort")
    fort.protection = protection
    yield fort
    protection.undo()


@pytest.fixture(params=[4, 5000], ids=["small", "large"])
def x(request):
    return np.zeros(request.param)


def test_calls_from_outside_are_guarded(fort, x):
    grid = fort.Grid(x)
    assert grid.x[0] == 99
    calls = [
        (fort.solve, [1, 2]),
        (fort.bands, [0, 2]),
        (grid.step, [1, 1]),
        (grid.bc, None),
        (grid, [96, 0]),
        (grid.inherited, [95, 0]),
        (fort.Grid.scaled, [0, 0]),
        (fort.outer.through, [1, 2]),
        (fort.instance.step, [1, 1]),
        (functools.partial(fort.solve), [1, 2]),
        (lambda x: next(map(fort.solve, [x])), [1, 2]),
        (lambda x: importlib.import_module("fort.tests.test_it").test_call(x), [1, 2]),
        (lambda x: importlib.import_module("fort.conftest").call(x), [1, 2]),
    ]
    for call, first in calls:
        result = call(x)
        assert not x.any(), call
        if first is not None:
            found = list(result[:2])
            if call is fort.outer.through:
                first = [1, 2]
            assert found == first, call
    assert fort.Grid.make(x).x[0] == 99
    grid.data = x
    assert grid.x[0] == 97
    assert not x.any()
    counts = fort.protection.counts()
    assert counts["guarded"] >= len(calls) and counts["copied"] > 0


def test_inside_writes_land(fort, x):
    result = fort.outer.through(x)
    assert result[0] == 1 and result[1] == 2
    seen = fort.outer.apply(lambda u: u.fill(3), x)
    assert seen[0] == 3 and not x.any()
    # a callback of the caller that calls back in, with an array of its own
    mine = np.zeros(3)
    fort.outer.apply(lambda u: fort.solve(mine), x)
    assert not mine.any()


def test_callbacks_of_tests_are_outside(fort, x):
    test_it = importlib.import_module("fort.tests.test_it")
    mine = np.zeros(3)
    fort.outer.apply(lambda u: test_it.test_call(mine), x)
    space = {"fort": fort, "mine": mine, "__name__": "scipy.tests.test_x"}
    exec("def call(u):\n    fort.solve(mine)", space)
    fort.outer.apply(space["call"], x)
    assert not mine.any()


def test_private_names_are_left_alone(fort, x):
    fort.outer._private(x)
    assert x[0] == 94
    x[0] = 0
    importlib.import_module("fort._impl").fill(x)
    assert x[0] == 1


def test_functions_are_equal_to_those_of_the_package(fort):
    impl = importlib.import_module("fort._impl")
    assert fort.bands == impl.bands and hash(fort.bands) == hash(impl.bands)
    assert impl.TABLE[fort.bands] == "bands"
    assert fort.table(fort.bands) == ("bands", True)
    assert fort.table(fort.solve) == ("solve", True)


def test_frames_and_warnings_are_those_of_the_caller(fort, x):
    marker = object()
    with pytest.warns(DeprecationWarning) as seen:
        names, code = fort.frames(x)
    assert names["marker"] is marker and not x.any()
    assert code is inspect.currentframe().f_code
    assert seen[0].filename == __file__


def test_functions_of_public_modules_keep_their_identity(fort, x):
    outer = fort.outer
    assert outer.is_kept(outer.at_home) == (True, True)
    assert outer.KEPT is outer.at_home
    assert pickle.loads(pickle.dumps(outer.KEPT)) is outer.at_home
    with pytest.warns(DeprecationWarning) as seen:
        assert outer.at_home(x)[0] == 93 and not x.any()
    assert seen[0].filename == __file__
    marker = object()
    assert outer.frame(x)["marker"] is marker and not x.any()
    assert str(inspect.signature(outer.at_home)) == "(x)"
    assert inspect.getsource(outer.at_home).startswith("def at_home")


def test_parameters_are_those_of_the_function(fort, x):
    f = fort.outer.parameters
    found = f(x, 2, 4, 5, 6, d=7, g=8)
    assert found[0][0] == 91 and not x.any()
    assert found[1:] == (2, 4, (5, 6), 7, "e", {"g": 8})
    assert f(x, 2, d=1)[2:] == (3, (), 1, "e", {})
    with pytest.raises(TypeError, match=r"parameters\(\) missing 1 required"):
        f(x, d=1)
    text = "(a, b, /, c=3, *more, d, e='e', **rest)"
    assert str(inspect.signature(f)) == text
    assert inspect.getfullargspec(f).args == ["a", "b", "c"]
    assert f.__code__.co_varnames[:3] == ("a", "b", "c")
    assert [fort.outer.cached(x) for _ in range(3)] == [1, 2, 3]
    assert str(inspect.signature(fort.outer.cached)).startswith("(x, memo=")


def test_functions_may_call_themselves_deep(fort):
    assert fort.outer.deep(200) == 0


def test_special_methods_nested_classes_and_exceptions_are_guarded(fort, x):
    outer = fort.outer
    outer.Fault(x).method(x)
    assert (outer.Sum() @ x)[0] == 88
    outer.Sum()[0] = x
    outer.Sum.Nested().method(x)
    assert not x.any()


def test_calls_through_numpy_and_the_standard_library_are_inside(fort):
    np.testing.assert_array_equal(fort.outer.spread(), [1, 1, 1])
    x = np.zeros(3)
    list(map(functools.partial(fort.outer.at_home_fill, x), [1]))
    assert np.vectorize(fort.outer.bump, signature="(n)->(n)")(x)[0] == 1
    assert not x.any()


def test_helpers_look_at_the_frame_of_the_caller(fort, x):
    marker = object()
    assert fort.outer.two_up(x)["marker"] is marker and not x.any()


def test_protections_that_overlap_by_what_they_export(tmp_path, folder, x):
    (tmp_path / "fort" / "again.py").write_text("from fort._impl import solve\n")
    everything, part = cow.protect("fort"), cow.protect("fort.again")
    import fort

    importlib.import_module("fort.again")
    everything.undo()
    fort.solve(x)
    assert x[0] == 1
    part.undo()


def test_wrappers_are_pickled_by_name(fort):
    for each in (fort.solve, fort.Grid.step, fort.outer.frame, fort.outer.at_home):
        assert pickle.loads(pickle.dumps(each)) is each
    grid = fort.Grid(np.zeros(3))
    assert pickle.loads(pickle.dumps(grid.step)).__func__ is fort.Grid.step


def test_functions_look_like_those_of_the_package(fort):
    plain = fort.solve.__wrapped__
    for name in ("__name__", "__qualname__", "__module__", "__doc__", "__defaults__"):
        assert getattr(fort.solve, name) == getattr(plain, name)
    assert str(inspect.signature(fort.solve)) == "(x, out=None)"
    assert str(inspect.signature(fort.Grid)) == "(x)"
    assert str(inspect.signature(fort.Grid.step)) == "(self, u)"
    fort.solve.mark = 3
    assert importlib.import_module("fort._impl").solve.mark == 3
    assert copy.deepcopy(fort.solve) is fort.solve
    assert pickle.loads(pickle.dumps(fort.solve)) == fort.solve
    grid = fort.Grid(np.zeros(3))
    assert pickle.loads(pickle.dumps(grid)).x[0] == 99


def test_functions_are_functions_for_everybody_but_picklers(fort):
    asks = "kind = isinstance(f, FunctionType)"
    for f in (fort.solve, fort.Grid.step, fort.Grid.inherited, fort.outer.at_home):
        assert inspect.isfunction(f) and "cow" not in repr(f) + repr([f])
        assert repr(f).startswith(f"<function {f.__qualname__} at ")
        is_wrapper = type(f) is not types.FunctionType
        space = {"f": f, "FunctionType": types.FunctionType}
        for name in ("joblib.externals.cloudpickle.cloudpickle", "cloudpickle"):
            space["__name__"] = name
            exec(asks, space)
            assert space["kind"] is not is_wrapper
        space["__name__"] = "joblib"
        exec(asks, space)
        assert space["kind"] is True

    class Fine(fort.Grid):
        pass

    assert inspect.isfunction(Fine.step) and inspect.ismethod(Fine.make)
    assert "step" in dict(inspect.getmembers(Fine, inspect.isfunction))


def test_what_was_taken_while_protected_is_plain_after_undo(fort, x):
    solve, bound = fort.solve, fort.instance.bc
    fort.protection.undo()
    assert type(fort.solve) is types.FunctionType
    assert "__wrapped__" not in vars(fort.solve)
    for call in (solve, fort.solve, bound, fort.instance.bc):
        call(x)
        assert x[0] == 1
        x[:] = 0
    ours = [f for f in sys.meta_path if "cow" in type(f).__module__]
    assert all(f.find_spec(fort.solve.__module__) is None for f in ours)


def test_functions_imported_before_are_reached_wherever_they_are(folder, x):
    from fort import Grid, solve

    kept = {"f": solve, "partial": functools.partial(solve)}
    grid = Grid(np.zeros(3))
    held = types.SimpleNamespace(f=solve)

    def default(x, f=solve):
        return f(x)

    with cow.protect("fort"):
        for call in (solve, kept["f"], kept["partial"], held.f, default, grid.bc):
            call(x)
            assert not x.any()
        assert str(inspect.signature(solve)) == "(x, out=None)"
        assert solve(x)[0] == 1
        assert grid.step(x)[0] == 1
    solve(x)
    assert x[0] == 1
    assert str(inspect.signature(solve)) == "(x, out=None)"


def test_functions_that_look_at_their_caller_keep_his_frame(folder, x):
    from fort import outer
    from fort.outer import frame as held

    marker = object()
    with pytest.warns(RuntimeWarning, match="held in .*function that looks at"):
        wall = cow.protect("fort")
    with wall:
        assert outer.frame(x)["marker"] is marker and not x.any()
        # who holds it is not guarded, and was told so
        assert held(x)["marker"] is marker and x[0] == 92
    assert len(wall.unreached) == 1


def test_protections_of_the_same_function_end_in_any_order(folder, x):
    from fort import solve

    first = cow.protect("fort", on_write="raise")
    second = cow.protect("fort.*")
    third = cow.protect("fort")
    import fort

    assert solve(x)[0] == 1
    third.undo()
    assert fort.solve(x)[0] == 1
    second.undo()
    with pytest.raises(cow.MutationError):
        fort.solve(x)
    with pytest.raises(cow.MutationError):
        solve(x)
    first.undo()
    first.undo()
    assert not x.any()
    fort.solve(x)
    assert x[0] == 1 and type(fort.solve) is types.FunctionType


def test_names_that_match_nothing_raise():
    for name in (
        "nonexistent_pkg",
        "json.nothing",
        "nonexist*",
        "json.x*",
    ):
        with pytest.raises(ModuleNotFoundError, match="takes names of modules"):
            cow.protect(name)
    before = list(sys.meta_path)
    for name in ("json", "json.decoder", "json.*", "jso?", "xml.dom.minidom"):
        cow.protect(name).undo()
    assert sys.meta_path == before


def test_what_cannot_be_reached_is_named(folder):
    from math import sqrt as root  # what it is called here

    with pytest.warns(RuntimeWarning, match="root in .*C code"):
        cow.protect("math").undo()
    assert root(4) == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cow.protect("fort").undo()


def test_protection_that_fails_leaves_nothing_behind(folder):
    import math
    from math import sqrt as kept

    before = list(sys.meta_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning, match="kept"):
            cow.protect("math")
    assert math.sqrt is kept and sys.meta_path == before


def test_c_functions_are_guarded_through_their_module():
    import scipy.linalg.lapack as lapack

    a = np.asfortranarray(np.eye(60) + 1)
    before = a.copy()
    with cow.protect("scipy.linalg.lapack"):
        lu, *_ = lapack.dgetrf(a, overwrite_a=True)
        assert not np.array_equal(lu, before)
        np.testing.assert_array_equal(a, before)


def test_loaders_are_not_nested(tmp_path, monkeypatch):
    count = 1100
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as file:
        file.writestr("many/__init__.py", "")
        for i in range(count):
            file.writestr(f"many/m{i}.py", "def f(x):\n    x[0] = 1\n    return x\n")
    monkeypatch.syspath_prepend(tmp_path / "many.zip")
    x = np.zeros(3)
    with cow.protect("many"), cow.protect("many.*"):
        for i in range(count):
            module = importlib.import_module(f"many.m{i}")
            assert type(module.__spec__.loader).__name__ == "zipimporter"
            assert module.__loader__ is module.__spec__.loader
        assert module.f(x)[0] == 1 and not x.any()
    for name in [n for n in sys.modules if n.partition(".")[0] == "many"]:
        del sys.modules[name]


def test_reloaded_module_is_guarded(fort, x):
    outer = importlib.reload(fort.outer)
    assert outer.through(x)[0] == 1 and not x.any()


def test_numpy_can_be_protected(python):
    code = """
import numpy as np, cow
x = np.arange(3.0)
with cow.protect("numpy"):
    print(x, np.sort(x[::-1]), np.linalg.norm(x))
    np.copyto(x, 5)
    np.random.shuffle(x)
    np.add(x, 1, out=x)
    a = cow.array([1.0, 2, 3])
    b = a[1:]
    b[0] = 7
    print(a, b, np.concatenate([a, b]), np.mean(a), a.sum())
    print(x, isinstance(np.add, np.ufunc))
"""
    done = python("-c", code, check=True)
    assert done.stdout.splitlines() == [
        "[0. 1. 2.] [0. 1. 2.] 2.23606797749979",
        "[1. 2. 3.] [7. 3.] [1. 2. 3. 7. 3.] 2.0 6.0",
        "[1. 2. 3.] True",
    ]
