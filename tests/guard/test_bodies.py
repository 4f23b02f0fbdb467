"""A guarded function does what it does with copies of its arguments.

Each body is called by the script of its caller, guarded and with copies, in the same
fresh state: results, exceptions, what the body keeps, the caller's arrays, and who
shares memory with whom have to agree, also after the caller has written its own
arrays and the results. COW_ROUNDS in the environment asks for more arguments.
"""

import dataclasses
import types

import numpy as np
import pytest

import cow
from tests.catalogue.bodies import BODIES
from tests.oracle.arguments import few_groups, groups
from tests.oracle.bodies import Caller, check
from tests.oracle.copies import deep, with_copies
from tests.oracle.pictures import difference

# bodies do what NumPy warns of
pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.filterwarnings("error:the proof of"),
]


@pytest.mark.parametrize("name", BODIES)
def test_guarded_body_does_what_it_does_on_copies(name):
    check(BODIES[name], cow.no_mutate)


def without_source(function):
    """Return the same function, which says that its source is nowhere."""
    twin = types.FunctionType(
        _nowhere(function.__code__),
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    twin.__kwdefaults__ = function.__kwdefaults__
    return twin


def _nowhere(code):
    parts = [
        _nowhere(p) if isinstance(p, types.CodeType) else p for p in code.co_consts
    ]
    return code.replace(co_consts=tuple(parts), co_filename="<nowhere>")


@pytest.mark.parametrize(
    "name",
    [name for name in BODIES if type(BODIES[name].function) is types.FunctionType],
)
def test_guarded_body_without_source_does_what_it_does_on_copies(name):
    body = BODIES[name]
    twin = dataclasses.replace(body, function=without_source(body.function))
    check(twin, cow.no_mutate, few_groups)


# ----------------------------------------------------- the oracle itself


def test_bodies_work_on_copies_and_leave_their_callers_arrays_alone():
    for body in BODIES.values():
        outcomes = set()
        plain = body.script.__code__.co_name == "<lambda>" and not body.touches
        for arguments in next(groups(body)):
            caller = Caller(body, with_copies(body.function), arguments)
            before = caller.look("before", None)
            outcome = caller.call()
            outcomes.add(outcome[0])
            after = caller.look("after", outcome)
            if plain and caller.made == "returned":
                where = difference(before.caller, after.caller)
                assert where is None, (body.name, arguments, where)
            body.reset()
        wanted = {"raised"} if body.fails else {"returned", "raised"}
        assert outcomes <= wanted and ("returned" in outcomes) != body.fails, body.name


def shallow(function):
    def call(*args, **kwargs):
        copied = [np.array(a) if isinstance(a, np.ndarray) else a for a in args]
        return function(*copied, **kwargs)

    return call


def one_by_one(function):
    def call(*args, **kwargs):
        named = {name: deep(value) for name, value in kwargs.items()}
        return function(*[deep(a) for a in args], **named)

    return call


def results_changed(change):
    def guard(function):
        def call(*args, **kwargs):
            return change(with_copies(function)(*args, **kwargs))

        return call

    return guard


def once(function):
    """Copy for the first call only."""
    calls = []

    def call(*args, **kwargs):
        calls.append(1)
        guarded = with_copies(function) if len(calls) == 1 else function
        return guarded(*args, **kwargs)

    return call


def locked(value):
    if isinstance(value, np.ndarray):
        value.flags.writeable = False
    return value


def lent(function):
    """Lend read-only arrays, as for a function that does not write."""

    def call(*args, **kwargs):
        views = [a[...] if isinstance(a, np.ndarray) else a for a in args]
        return function(*[locked(view) for view in views], **kwargs)

    return call


def other_error(function):
    def call(*args, **kwargs):
        try:
            return with_copies(function)(*args, **kwargs)
        except Exception as error:
            raise type(error)("something else") from None

    return call


def defaults_copied(function):
    def call(*args, **kwargs):
        twin = types.FunctionType(function.__code__, function.__globals__)
        twin.__defaults__ = deep(function.__defaults__)
        return with_copies(twin)(*args, **kwargs)

    return call


WRONG = {
    "no copies": (lambda function: function, "element"),
    "only arguments are copied": (shallow, "list_argument"),
    "containers stay": (shallow, "list_without_arrays"),
    "subclasses become arrays": (shallow, "subclass_method"),
    "one object becomes two": (one_by_one, "same_twice"),
    "results are copied": (results_changed(deep), "kept_by_a_global_object"),
    "results are copied apart": (
        results_changed(lambda r: tuple(map(deep, r))),
        "argument_and_view",
    ),
    "results are read-only": (results_changed(locked), "own_copy"),
    "cow arrays become plain ones": (with_copies, "unchanged"),
    "results are contiguous": (results_changed(np.ascontiguousarray), "every_second"),
    "copies once": (once, "row_in_place"),
    "views are lent": (lent, "branch_by_flags"),
    "results are borrowed": (lent, "unchanged"),
    "what is kept is borrowed": (lent, "log_of_arguments"),
    "the iterator reads what was lent": (lent, "generator_over_rows_result"),
    "another exception": (other_error, "raises_after_writing"),
    "default values are copied": (defaults_copied, "default_that_accumulates"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_guard_that_differs_would_be_seen(name):
    guard, body = WRONG[name]
    with pytest.raises(AssertionError):
        check(BODIES[body], guard, few_groups)


@pytest.mark.parametrize("name", ["element", "argument_and_view", "default_array"])
def test_the_oracle_agrees_with_itself(name):
    plain = dataclasses.replace(BODIES[name], plain_only=True)
    check(plain, with_copies)
