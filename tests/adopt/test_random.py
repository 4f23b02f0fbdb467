"""`cow.numpy.random` draws cow arrays with NumPy's numbers, and shuffles them."""

import copy
import inspect
import pickle

import numpy
import pytest

import cow
import cow.numpy as np

GENERATORS = {
    "Generator": lambda module: module.default_rng(5),
    "RandomState": lambda module: module.RandomState(5),
}
# arguments of the distributions that need some
ARGUMENTS = {
    "beta": (1, 2), "binomial": (5, 0.5), "chisquare": (3,), "choice": (9,),
    "dirichlet": ([1, 2],), "f": (2, 3), "gamma": (2,), "geometric": (0.4,),
    "hypergeometric": (5, 4, 3), "integers": (9,), "logseries": (0.5,),
    "multinomial": (5, [0.5, 0.5]), "multivariate_hypergeometric": ([3, 4], 2),
    "multivariate_normal": ([0, 1], [[1, 0], [0, 1]]), "negative_binomial": (3, 0.5),
    "noncentral_chisquare": (3, 1), "noncentral_f": (2, 3, 1), "pareto": (3,),
    "power": (3,), "randint": (9,), "random_integers": (9,), "standard_gamma": (2,),
    "standard_t": (3,), "triangular": (0, 1, 2), "vonmises": (0, 1), "wald": (1, 2),
    "weibull": (3,), "zipf": (3,),
}  # fmt: skip
NO_SIZE = {"permutation": (6,), "permuted": ([1, 2, 3],), "rand": (4,), "randn": (4,)}
NO_ARRAYS = {
    *("bytes", "shuffle", "seed", "get_state", "set_state", "spawn", "tomaxint"),
    *("bit_generator", "default_rng", "get_bit_generator", "set_bit_generator"),
}
OUTPUTS = ["random", "standard_normal", "standard_exponential", "standard_gamma"]


def draw(owner, name):
    if name in NO_SIZE:
        return getattr(owner, name)(*NO_SIZE[name])
    return getattr(owner, name)(*ARGUMENTS.get(name, ()), size=4)


def names(kind):
    methods = dir(getattr(numpy.random, kind))
    return [name for name in methods if not name.startswith("_")]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "kind, name", [(kind, name) for kind in GENERATORS for name in names(kind)]
)
def test_each_method_draws_a_cow_array_of_the_same_numbers(kind, name):
    ours, theirs = GENERATORS[kind](np.random), GENERATORS[kind](numpy.random)
    if name in NO_ARRAYS:
        assert hasattr(ours, name)
        return
    drawn, wanted = draw(ours, name), draw(theirs, name)
    assert type(drawn) is cow.CowArray and drawn.dtype == wanted.dtype
    assert drawn.tolist() == wanted.tolist()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", numpy.random.__all__)
def test_each_function_draws_from_the_state_of_numpy(name):
    function = getattr(np.random, name)
    if isinstance(function, type):
        same = {"Generator", "RandomState"} - {name} == {"Generator", "RandomState"}
        assert (function is getattr(numpy.random, name)) == same
        return
    if name in NO_ARRAYS:
        return
    numpy.random.seed(3)
    wanted = draw(numpy.random, name)
    np.random.seed(3)
    drawn = draw(np.random, name)
    assert type(drawn) is cow.CowArray and drawn.tolist() == wanted.tolist()


@pytest.mark.parametrize("dtype", [int, "U3", object, [("x", int)]])
@pytest.mark.parametrize("shape", [(7,), (9, 3)])
@pytest.mark.parametrize("kind", [*GENERATORS, "function"])
def test_shuffle_works_on_cow_arrays_and_leaves_their_snapshots(kind, shape, dtype):
    def shuffle(module, x):
        if kind == "function":
            module.seed(5)
        owner = module if kind == "function" else GENERATORS[kind](module)
        assert owner.shuffle(x) is None

    plain = numpy.arange(numpy.prod(shape)).reshape(shape).astype(dtype)
    a = cow.array(plain)
    kept, before = a[...], plain.tolist()
    shuffle(np.random, a)
    shuffle(numpy.random, plain)
    assert a.tolist() == plain.tolist() != before
    assert kept.tolist() == before


def test_shuffle_takes_lists_and_axes_and_names():
    a, rng = np.arange(12).reshape(3, 4), np.random.default_rng(1)
    rng.shuffle(a, axis=1)
    rng.shuffle(x=a)
    items = [1, 2, 3, 4]
    np.random.shuffle(items)
    rng.shuffle(items)
    assert sorted(items) == [1, 2, 3, 4]
    p = numpy.arange(5)
    np.random.shuffle(p)
    assert sorted(p.tolist()) == [*range(5)] and sorted(a.ravel()) == [*range(12)]


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_are_filled(name):
    ours, theirs = np.random.default_rng(1), numpy.random.default_rng(1)
    first = ARGUMENTS.get(name, ())
    a, p = np.zeros(50), numpy.zeros(50)
    kept = a[...]
    assert getattr(ours, name)(*first, out=a) is a
    getattr(theirs, name)(*first, out=p)
    assert a.tolist() == p.tolist() and not kept.any()
    assert getattr(ours, name)(*first, out=p) is p


def test_outputs_are_filled_by_position():
    ours, theirs = np.random.default_rng(1), numpy.random.default_rng(1)
    a, p = np.zeros(5), numpy.zeros(5)
    for rng, out in ((ours, a), (theirs, p)):
        assert rng.random(None, numpy.float64, out) is out
        rng.standard_gamma(1.0, None, numpy.float64, out)
        rng.standard_exponential(None, numpy.float64, "zig", out)
    assert a.tolist() == p.tolist()


def test_permuted_writes_into_itself():
    ours, theirs = np.random.default_rng(1), numpy.random.default_rng(1)
    a, p = np.arange(10), numpy.arange(10)
    assert ours.permuted(a, out=a) is a
    theirs.permuted(p, out=p)
    assert a.tolist() == p.tolist() != [*range(10)]


def test_what_would_be_lost_or_is_read_only_is_refused_with_the_line_to_write():
    rng, f = np.random.default_rng(1), np.zeros(8)
    state = np.random.RandomState(1)
    scope = {"np": np, "rng": rng, "f": f, "state": state}
    lost = [
        "np.random.shuffle(f[1:])",
        "rng.shuffle(f[1:])",
        "state.shuffle(f[1:])",
        "rng.random(out=f[1:])",
        "rng.permuted(f[1:], out=f[1:])",
    ]
    for line in lost:
        with pytest.raises(cow.ChainedAssignmentError, match="Write instead:"):
            exec(line, scope)
    with pytest.raises(cow.ChainedAssignmentError) as caught:
        np.random.shuffle(f[1:])
    advice = "view = f[1:]; np.random.shuffle(view); f[1:] = view"
    assert str(caught.value).endswith(advice)
    with pytest.raises(cow.ReadOnlyError, match="Write to a copy of it"):
        np.random.shuffle(cow.readonly(f))
    with pytest.raises(cow.ReadOnlyError, match="Write to a copy of it"):
        rng.random(out=cow.readonly(f))


def test_views_that_have_a_name_are_written():
    f, rng = np.arange(8), np.random.default_rng(1)
    v = f[1:]
    np.random.shuffle(v)
    rng.shuffle(v)
    rng.permuted(v, out=v)
    views = [f[2:]]
    rng.shuffle(views[0])
    assert f.tolist() == [*range(8)] and sorted(v.tolist()) == [*range(1, 8)]


def test_generators_are_those_of_numpy_for_all_others():
    rng, state = np.random.default_rng(1), np.random.RandomState(1)
    assert isinstance(rng, numpy.random.Generator)
    assert isinstance(state, numpy.random.RandomState)
    assert isinstance(numpy.random.default_rng(1), np.random.Generator)
    assert isinstance(numpy.random.RandomState(1), np.random.RandomState)
    assert issubclass(numpy.random.Generator, np.random.Generator)
    assert not isinstance(state, np.random.Generator)
    assert np.random.default_rng(rng) is rng
    theirs = numpy.random.default_rng(1)
    assert np.random.default_rng(theirs) is theirs

    class Mine(np.random.Generator):
        pass

    assert not isinstance(rng, Mine)
    assert isinstance(Mine(np.random.PCG64(1)).random(2), cow.CowArray)


def test_generators_are_pickled_copied_and_spawned():
    for make in GENERATORS.values():
        rng = make(np.random)
        rng.standard_normal()
        others = [copy.deepcopy(rng), pickle.loads(pickle.dumps(rng))]
        wanted = rng.standard_normal(3).tolist()
        for other in others:
            assert type(other) is type(rng)
            drawn = other.standard_normal(3)
            assert type(drawn) is cow.CowArray and drawn.tolist() == wanted
    (child,) = np.random.default_rng(1).spawn(1)
    (wanted,) = numpy.random.default_rng(1).spawn(1)
    assert type(child) is np.random.Generator and child.random() == wanted.random()


def test_numbers_stay_numbers_and_signatures_and_texts_are_those_of_numpy():
    rng = np.random.default_rng(1)
    assert type(rng.random()) is float and type(np.random.rand()) is float
    assert type(rng.integers(3)) is numpy.int64 and type(rng.bytes(3)) is bytes
    assert np.random.normal.__doc__ == numpy.random.normal.__doc__
    assert "out" in inspect.signature(numpy.random.Generator.random).parameters
