"""The life of a body: its caller calls it, guarded and with copies, and writes."""

import dataclasses

import numpy as np
import pytest

import cow
from tests.oracle.arguments import groups
from tests.oracle.copies import with_copies
from tests.oracle.pictures import Picture, difference


@dataclasses.dataclass
class Step:
    """What there is after a step of the caller's."""

    name: str
    outcome: str
    results: object
    state: object
    caller: object
    sharing: set | None


def attempt(function, *args):
    try:
        return "returned", function(*args)
    except (KeyboardInterrupt, pytest.fail.Exception):
        raise
    except BaseException as error:
        return "raised", error


class Caller:
    """Has arrays, calls, and writes its arrays and the results."""

    def __init__(self, body, function, arguments):
        body.reset()
        self.body = body
        self.function = function
        self.arrays, self.owners = arguments.make(body.arrays)
        self.made, self.args = attempt(body.take, *self.arrays)
        passed = Picture(identity=True)
        passed.of(self.args)
        self.is_cow = any(isinstance(a, cow.CowArray) for a in passed.arrays)

    def call(self):
        return attempt(self.body.script, self.function, *self.args)

    def look(self, name, results, outcome=("", None), written=False):
        """Return a picture of all there is."""
        picture = Picture(identity=not self.is_cow)
        seen = picture.of(results), not written and picture.of(self.body.state())
        mine = len(picture.arrays)
        callers = Picture(identity=True, flags=True)
        caller = callers.of((self.owners, self.arrays, self.args))
        pairs = None
        if not self.is_cow:
            picture.arrays += callers.arrays
            pairs = {pair for pair in picture.sharing() if pair[0] < mine}
        text = repr(outcome[1]) if outcome[0] == "raised" else outcome[0]
        return Step(name, text, *seen, caller, pairs)

    def write_results(self, results):
        """Write into each array of the results, and what is kept of cow arrays."""
        picture = Picture(identity=True)
        picture.of(results)
        handed_out = len(picture.arrays)
        if self.is_cow:
            picture.of(self.body.state())
        for at, array in enumerate(picture.arrays):
            mine = any(array is each for each in (*self.owners, *self.arrays))
            if not mine and (at < handed_out or type(array) is np.ndarray):
                _put_zeros(array)

    def life(self):
        """Yield what there is after each step."""
        if self.made == "raised":
            return
        saved = [np.array(a, subok=False) for a in self.owners]
        first = self.call()
        yield self.look("the call", first, first)
        for owner in self.owners:
            _put_zeros(owner)
        yield self.look("the caller's writing", first)
        for owner, old in zip(self.owners, saved, strict=True):
            _restore(owner, old)
        second = self.call()
        # a body may write what it has handed out, except into cow arrays
        both = second if self.is_cow else (first, second)
        yield self.look("the second call", both, second)
        self.write_results((first, second))
        both = None if self.is_cow else both
        yield self.look("writing the results", both, written=self.is_cow)
        self.body.reset()


def _put_zeros(array):
    if array.flags.writeable:
        array[...] = np.zeros((), array.dtype)


def _restore(array, old):
    if array.flags.writeable:
        array[...] = old


def disagreement(body, guarded, arguments):
    """Return how the guarded function differs from what it does on copies."""
    caller = Caller(body, with_copies(body.function), arguments)
    wanted = list(caller.life())
    found = list(Caller(body, guarded, arguments).life())
    cow_class = None
    if caller.is_cow:
        cow_class = "loose" if body.loose else "strict"
    for a, b in zip(wanted, found, strict=True):
        where = _difference_of_steps(a, b, cow_class)
        if where:
            return (
                f"{body.name}, {arguments}, after {a.name}: {where}\n"
                f"with copies: {a.outcome:.300}\nguarded: {b.outcome:.300}"
            )
    return None


def _difference_of_steps(wanted, found, cow_class):
    where = difference(wanted.results, found.results, cow_class)
    where = where or difference(wanted.caller, found.caller, path="the caller's")
    where = where or difference(wanted.state, found.state, path="state")
    if not where and wanted.sharing != found.sharing:
        return f"sharing: {wanted.sharing} expected, {found.sharing} found"
    return where


def check(body, guard, groups_of=groups):
    """Fail where the guarded body differs from what it does on copies."""
    for group in groups_of(body):
        guarded = guard(body.function)
        for arguments in group:
            where = disagreement(body, guarded, arguments)
            assert where is None, where
