"""Every public name of NumPy is in one group, and the groups keep their word."""

import importlib
import io
import pkgutil
import types
import warnings

import numpy as np
import pytest

import cow
from tests.catalogue import namespaces
from tests.catalogue.functions import FUNCTIONS, grouped

MODULES = """
    numpy numpy.char numpy.ctypeslib numpy.fft numpy.lib numpy.lib.array_utils
    numpy.lib.format numpy.lib.introspect numpy.lib.mixins numpy.lib.npyio
    numpy.lib.recfunctions numpy.lib.scimath numpy.lib.stride_tricks
    numpy.lib.user_array numpy.linalg numpy.ma numpy.ma.mrecords numpy.polynomial
    numpy.polynomial.chebyshev numpy.polynomial.hermite numpy.polynomial.hermite_e
    numpy.polynomial.laguerre numpy.polynomial.legendre numpy.polynomial.polynomial
    numpy.polynomial.polyutils numpy.random numpy.rec numpy.strings numpy.testing
    numpy.testing.overrides
"""


def modules():
    """Yield the modules of NumPy that are walked."""
    for full in MODULES.split():
        try:
            yield importlib.import_module(full)
        except ModuleNotFoundError:
            assert full == "numpy.lib.introspect"  # new in NumPy 2.1


def public(module):
    """Yield name and object of what a module offers to call."""
    for name in sorted(set(getattr(module, "__all__", dir(module)))):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = getattr(module, name, None)
        scalar = isinstance(found, type) and issubclass(
            found, np.generic | BaseException
        )
        known = isinstance(found, types.ModuleType | np.ufunc) or scalar
        if callable(found) and not known and not name.startswith("_"):
            yield name, found


def undispatched():
    """Yield the full public names that are not in the table of the package."""
    dispatching = {id(function) for function in FUNCTIONS.values()}
    names = set(grouped())
    # a class, or a function, may be offered by a second module
    classes = {id(found) for _, found in public(np.polynomial)}
    for module in modules():
        for name, found in public(module):
            full = f"{module.__name__}.{name}"
            again = id(found) in classes and module is not np.polynomial
            if id(found) not in dispatching and full not in names and not again:
                yield full


def ungrouped():
    return sorted(set(undispatched()) - set(namespaces.groups_of()))


def test_every_public_name_is_in_exactly_one_group():
    groups = namespaces.groups_of()
    assert {name: g for name, g in groups.items() if len(g) > 1} == {}
    assert set(grouped()) & set(undispatched()) == set()
    assert ungrouped() == []


def test_a_name_is_never_a_wildcard():
    assert not [name for name in namespaces.groups_of() if "*" in name]


def frobnicate(x):
    return x


@pytest.mark.parametrize("module", list(modules()), ids=lambda m: m.__name__)
def test_a_new_public_function_would_be_seen(module, monkeypatch):
    monkeypatch.setattr(module, "frobnicate", frobnicate, raising=False)
    if hasattr(module, "__all__"):
        monkeypatch.setattr(module, "__all__", [*module.__all__, "frobnicate"])
    assert ungrouped() == [f"{module.__name__}.frobnicate"]


def submodules(package):
    """Yield the full names of the public submodules of a package, tests aside."""
    found = {
        name
        for name, value in vars(package).items()
        if isinstance(value, types.ModuleType)
        and value.__name__ == f"{package.__name__}.{name}"
    }
    for module in pkgutil.iter_modules(getattr(package, "__path__", ())):
        found.add(module.name)
    for name in sorted(found - {"conftest", "tests"}):
        if not name.startswith("_"):
            yield f"{package.__name__}.{name}"


def unknown_submodules():
    known = set(MODULES.split()) | set(namespaces.NOT_WALKED)
    return [full for m in modules() for full in submodules(m) if full not in known]


def test_every_public_submodule_is_walked_or_left_out_with_a_reason():
    assert not set(MODULES.split()) & set(namespaces.NOT_WALKED)
    assert unknown_submodules() == []


def test_a_new_public_submodule_would_be_seen(monkeypatch):
    new = types.ModuleType("numpy.lib.frobnicate")
    monkeypatch.setattr(np.lib, "frobnicate", new, raising=False)
    assert unknown_submodules() == ["numpy.lib.frobnicate"]


METHODS = {
    np.random.Generator: [
        namespaces.GENERATOR_WITH_OUT,
        namespaces.GENERATOR_IN_PLACE,
        namespaces.GENERATOR_OF_PARAMETERS,
        namespaces.GENERATOR_WITHOUT_ARRAYS,
    ],
    np.random.RandomState: [
        namespaces.LEGACY_IN_PLACE,
        namespaces.LEGACY_OF_PARAMETERS,
        namespaces.LEGACY_WITHOUT_ARRAYS,
    ],
}
KINDS = pytest.mark.parametrize("kind", METHODS, ids=lambda cls: cls.__name__)


def ungrouped_methods(cls, groups):
    return {name for name in dir(cls) if name[0] != "_"} - set(" ".join(groups).split())


@KINDS
def test_every_method_of_a_generator_is_in_exactly_one_group(kind):
    grouped = " ".join(METHODS[kind]).split()
    assert len(grouped) == len(set(grouped))
    assert ungrouped_methods(kind, METHODS[kind]) == set()


@KINDS
def test_a_new_method_of_a_generator_would_be_seen(kind):
    newer = type("Newer", (kind,), {"frobnicate": frobnicate})
    assert ungrouped_methods(newer, METHODS[kind]) == {"frobnicate"}


@pytest.mark.parametrize("name", namespaces.GENERATOR_WITH_OUT.split())
def test_generator_refuses_a_cow_array_as_out(name):
    out, rng = cow.zeros(4), np.random.default_rng(0)
    parameters = {"permuted": (np.ones(4),), "standard_gamma": (2.0,)}
    with pytest.raises((ValueError, TypeError)):
        getattr(rng, name)(*parameters.get(name, ()), out=out)
    assert not np.asarray(out).any()


PARAMETERS = {
    "choice": "x",
    "permutation": "x",
    "uniform": "x, x + 1",
    "normal": "x, 2",
    "poisson": "x",
    "dirichlet": "x",
    "multinomial": "5, x / x.sum()",
    "multivariate_normal": "x, np.eye(3)",
    "integers": "x.astype(int) + 3",
}


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("legacy", [False, True], ids=["Generator", "RandomState"])
def test_random_parameters_are_read_alone(name, legacy):
    def draw(x):
        rng = np.random.RandomState(3) if legacy else np.random.default_rng(3)
        method = name if not (legacy and name == "integers") else "randint"
        scope = {"np": np, "x": x, "f": getattr(rng, method)}
        return eval(f"f({PARAMETERS[name]})", scope)

    c, plain = cow.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(draw(c), draw(plain))
    assert c.tolist() == [1, 2, 3] and not cow.is_shared(c)


# Calls that give an array: writing it must not reach the arguments.
GIVING = {
    "numpy.asarray_chkfinite": "x",
    "numpy.asmatrix": "m",
    "numpy.bmat": "[[m, m]]",
    "numpy.matrix": "m",
    "numpy.from_dlpack": "x",
    "numpy.poly1d": "x",
    "numpy.load": "saved",
    "numpy.char.array": "s",
    "numpy.char.asarray": "s",
    "numpy.char.upper": "s",
    "numpy.char.add": "s, s",
    "numpy.strings.strip": "s",
    "numpy.lib.stride_tricks.as_strided": "x, (2, 2), (8, 8)",
    "numpy.polynomial.Polynomial": "x",
    "numpy.polynomial.Chebyshev.fit": "x, x, 1",
    "numpy.rec.array": "x",
    "numpy.rec.fromarrays": "[x, x]",
    "numpy.ma.array": "x",
    "numpy.ma.asarray": "x",
    "numpy.ma.masked_where": "x > 1, x, copy=False",
    "numpy.ma.masked_invalid": "x, copy=False",
    "numpy.ma.masked_equal": "x, 2.0, copy=False",
    "numpy.ma.fix_invalid": "x, copy=False",
    "numpy.ma.getdata": "x",
    "numpy.ma.filled": "x",
    "numpy.ma.concatenate": "[x, x]",
    "numpy.ma.make_mask": "x > 1, copy=False",
    "numpy.ma.reshape": "x, (3, 1)",
    "numpy.ma.transpose": "m",
    "numpy.ma.ravel": "m",
    "numpy.ma.sort": "x",
    "numpy.ma.median": "m, axis=0",
}


def call(name, arguments, x, m, s):
    saved = io.BytesIO()
    np.save(saved, x)
    saved.seek(0)
    module, _, attribute = name.rpartition(".")
    if attribute == "fit":
        function = np.polynomial.Chebyshev.fit
    else:
        function = getattr(importlib.import_module(module), attribute)
    scope = {"np": np, "f": function, "x": x, "m": m, "s": s, "saved": saved}
    return eval(f"f({arguments})", scope)


def values(result):
    return np.asarray(getattr(result, "coef", result)).tolist()


def sources(make):
    x, m = make([3.0, 1.0, 2.0]), make([[1.0, 2.0], [3.0, 4.0]])
    return x, m, make(["ab ", " c"])


# matrices and chararrays warn that they are old-fashioned
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", GIVING)
def test_writing_what_comes_back_never_reaches_the_argument(name):
    plain, cows = sources(np.array), sources(cow.array)
    before = [c.tolist() for c in cows]
    wanted = call(name, GIVING[name], *plain)
    result = call(name, GIVING[name], *cows)
    assert values(result) == values(wanted)
    if result is cows[0]:
        assert wanted is plain[0]  # np.ma.getdata(x) is x
        return
    array = getattr(result, "coef", result)
    try:
        array[...] = array.flat[0]
        array.sort()
    except ValueError as error:
        assert "read-only" in str(error)
    assert [c.tolist() for c in cows] == before
    del result, array
    assert not any(cow.is_shared(c) for c in cows)


@pytest.mark.parametrize("name", ["nditer", "nested_iters"])
def test_iterator_that_writes_is_refused(name):
    c = cow.zeros((2, 2))
    axes = {"nested_iters": ([[0], [1]],)}.get(name, ())
    with pytest.raises(ValueError, match=r"read-only|not writeable"):
        getattr(np, name)(c, *axes, op_flags=["readwrite"])
    assert not np.asarray(c).any()


def test_assertions_read_alone():
    c, plain = cow.arange(3.0), np.arange(3.0)
    np.testing.assert_array_equal(c, plain)
    np.testing.assert_allclose(c, plain)
    np.testing.assert_array_less(c, plain + 1)
    with pytest.raises(AssertionError):
        np.testing.assert_equal(c, plain + 1)
    assert not cow.is_shared(c)


def test_functions_of_numbers_give_plain_writeable_arrays():
    made = [np.hanning(5), np.fft.fftfreq(4), np.indices((2, 2)), *np.diag_indices(2)]
    for array in made:
        assert type(array) is np.ndarray and array.flags.writeable
