"""Calls with generated arguments give the same on plain and on cow arrays.

The dtypes, shapes and layouts are drawn anew for each call, by a seed that is its
text: what fails once fails again. COW_ROUNDS in the environment asks for more of
them, COW_SEED for others.
"""

import importlib
import inspect
import os
import random
import warnings
import zlib

import numpy as np
import pytest
from numpy.lib import NumpyVersion

import cow
from tests.catalogue import calls, module_calls, more_calls, namespaces
from tests.catalogue.functions import FUNCTIONS
from tests.oracle.calls import Call, check

ROUNDS = int(os.environ.get("COW_ROUNDS", 8))
SEED = os.environ.get("COW_SEED", "")


def run(call, skip=(), drawn=True):
    """Compare the rounds of a call; return how many parts succeeded."""
    rng = random.Random(zlib.crc32((SEED + call.text).encode()))
    fixed = [at == 0 or not drawn for at in range(ROUNDS)]
    return sum(check(call, rng, fixed=item, skip=skip) for item in fixed)


def of_the_table():
    for name, arguments in calls.CALLS:
        if name in FUNCTIONS:
            module, _, last = name.rpartition(".")
            public = getattr(importlib.import_module(module), last, FUNCTIONS[name])
            yield name, arguments, public


# Elements of no meaning; copies that are lazy; scratch space that we never write.
SKIP = {
    "numpy.empty_like": {"values"},
    "numpy.copy": {"sharing"},
    "numpy.median": {"arguments"},
    "numpy.nanmedian": {"arguments"},
}


@pytest.mark.parametrize(("name", "arguments", "function"), list(of_the_table()))
def test_function_of_the_table_agrees(name, arguments, function):
    assert run(Call(f"f({arguments})", function), SKIP.get(name, ()))


KEYWORDS = {
    "axis": [0, -1, 1, None],
    "keepdims": [True, False],
    "dtype": ["f8", "c16", "i8"],
    "ddof": [1],
    "n": [2],
    "k": [1, -1],
    "side": ["right"],
    "mode": ["clip", "same"],
    "kind": ["stable"],
    "return_inverse": [True],
    "rowvar": [False],
    "where": [True],
    "initial": [1],
    "order": ["F"],
}


def parameters(function):
    try:
        return set(inspect.signature(function).parameters)
    except ValueError:
        return set()  # C functions of older NumPys


@pytest.mark.parametrize(("name", "arguments", "function"), list(of_the_table()))
def test_function_of_the_table_agrees_with_keywords(name, arguments, function):
    takes = parameters(function)
    rng = random.Random(zlib.crc32((SEED + name + arguments).encode()))
    for _ in range(ROUNDS // 2):
        chosen = [key for key in KEYWORDS if key in takes and rng.random() < 0.4]
        options = {key: rng.choice(KEYWORDS[key]) for key in chosen}
        if options:
            call = Call(f"f({arguments}, **{options!r})", function)
            # the keyword may stand among the arguments, too
            check(call, rng, fixed=False, skip={"sharing", *SKIP.get(name, ())})


@pytest.mark.parametrize(
    ("name", "arguments", "function"),
    [call for call in of_the_table() if "out" in parameters(call[2])],
)
def test_function_of_the_table_writes_its_output(name, arguments, function):
    once, again = f"(t := f({arguments})) is None", "(u := np.zeros_like(t))"
    call = Call(f"{once}, f({arguments}, out={again}), u", function)
    run(call, SKIP.get(name, ()))


def lines(text):
    return pytest.mark.parametrize("text", text.strip().splitlines())


@lines(more_calls.LISTS + more_calls.THREE.strip())
def test_lists_and_further_arguments_agree(text):
    assert run(Call(text), {"arguments"} if "overwrite_input" in text else ())


@lines(more_calls.METHODS)
def test_methods_and_operators_agree(text):
    assert run(Call(text))


def ufuncs():
    """Yield the public ufuncs with the calls of their kind."""
    for module in (np, np.strings):
        for name, found in sorted(vars(module).items()):
            if not isinstance(found, np.ufunc):
                continue
            if module is np.strings:
                text = more_calls.OF_STRINGS
            elif found.signature:
                text = more_calls.GENERALIZED
            elif found.nout == 2:
                text = more_calls.TWO_OUTPUTS
            else:
                text = more_calls.UNARY if found.nin == 1 else more_calls.BINARY
            yield pytest.param(found, text, id=f"{module.__name__}.{name}")


@pytest.mark.parametrize(("function", "text"), list(ufuncs()))
def test_ufuncs_agree(function, text):
    calls = [Call(line, function) for line in text.strip().splitlines()]
    assert sum(run(call) for call in calls) >= ROUNDS


def found(full):
    """Return the function of a full name, None where this NumPy has none."""
    module, _, last = full.rpartition(".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(importlib.import_module(module), last, None)


# NumPy 2.1 and 2.2 write into fields of what np.empty_like makes there: known issues
WRITE_TEMPORARIES = {
    f"numpy.{module}.{name}"
    for module in ("char", "strings")
    for name in ("partition", "rpartition")
    if "2.1.0" <= NumpyVersion(np.__version__) < "2.3.0"
}


def undispatched():
    for name, expression, skip in module_calls.calls():
        if found(name) is not None and name not in WRITE_TEMPORARIES:
            yield pytest.param(found(name), expression, skip, id=name)


@pytest.mark.parametrize(("function", "expression", "skip"), list(undispatched()))
def test_functions_that_do_not_dispatch_agree(function, expression, skip):
    # they call other functions, which may copy lazily where NumPy copies
    assert run(Call(expression, function), {"sharing", *skip})


def random_methods():
    for name, expression in module_calls.random_calls():
        for kind in (np.random.Generator, np.random.RandomState):
            generator = "g" if kind is np.random.Generator else "l"
            if hasattr(kind, name):
                yield f"{generator}.{name}", expression
        if hasattr(np.random, name):
            yield f"np.random.{name}", expression


@pytest.mark.parametrize(("name", "expression"), list(random_methods()))
def test_random_numbers_agree(name, expression):
    text = expression.replace("f(", f"{name}(")
    if name.startswith("np."):
        text = f"(np.random.seed(7), {text})[1]"
    # parameters without meaning keep some methods of NumPy busy for ever
    assert run(Call(text), drawn=False)


def kept(x, _kept=[]):  # noqa: B006
    if isinstance(x, cow.CowArray):
        _kept.append(np.asarray(x))


WRONG = {
    "another value": lambda x: x.sum() + isinstance(x, cow.CowArray),
    "another dtype": lambda x: x + (1j if isinstance(x, cow.CowArray) else 0),
    "another exception": lambda x: x.cow if isinstance(x, cow.CowArray) else x[None, 9],
    "no exception": lambda x: None if isinstance(x, cow.CowArray) else x[None, 9],
    "a copy": lambda x: np.array(x) if isinstance(x, cow.CowArray) else x[:1],
    "the argument is kept": kept,
    "the argument is written": lambda x: isinstance(x, cow.CowArray) and x.fill(7),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_function_that_differs_would_be_seen(name):
    with pytest.raises(AssertionError):
        check(Call("f(x)", WRONG[name]), random.Random(1), fixed=True)


def test_every_function_is_called_or_left_out_with_a_reason():
    called = {name for name, _, _ in module_calls.calls()}
    called |= {f"numpy.random.{name}" for name, _ in module_calls.random_calls()}
    silent = {"not about arrays", "makes plain arrays"}
    groups = namespaces.groups_of().items()
    about = {name for name, (group,) in groups if group not in silent}
    left = {name for name in about - called if found(name) is not None}
    assert left == {name for name in module_calls.NOT_CALLED if found(name)}
    methods = namespaces.GENERATOR_OF_PARAMETERS + namespaces.LEGACY_OF_PARAMETERS
    assert set(methods.split()) <= {name for name, _ in module_calls.random_calls()}
