"""Evaluate a call on plain and on cow arrays, and compare everything.

Values, dtype, shape and type of exception of the result; the arguments, which a
call may write; copies made before, which nothing may change; and who shares
memory with whom, while the result lives and after it is gone.
"""

import ast
import copy
import io
import operator
import os
import pickle
import re
import sys
import warnings

import numpy as np

import cow
from cow import _core
from tests.oracle import draw
from tests.oracle.values import same

CONSTANTS = {
    "np": np,
    "io": io,
    "os": os,
    "copy": copy,
    "operator": operator,
    "pickle": pickle,
    "p": np.arange(3.0),
}
# results that NumPy shares with nobody and that we share lazily
COPIES = re.compile(r"copy|asarray|astype|np\.array\(|flatten|ravel|pickle|reduce_ex")


class Call:
    """An expression, or a tuple of them, evaluated one after the other."""

    def __init__(self, text, function=None):
        self.text = text
        self.function = function
        body = ast.parse(text.strip(), mode="eval").body
        parts = body.elts if isinstance(body, ast.Tuple) else [body]
        self.codes = [
            compile(ast.Expression(part), text, "eval", dont_inherit=True)
            for part in parts
        ]
        self.names = set(re.findall(r"\b[a-z]\b", text)) - {"f", "t", "u"}

    def scope(self, arrays):
        generators = {"g": np.random.default_rng(5), "l": np.random.RandomState(5)}
        return {"f": self.function, **CONSTANTS, **generators, **arrays}


def outcome(code, scope):
    """Return the result of an expression and the type of what it raised."""
    try:
        return eval(code, scope), None
    except Exception as error:
        return None, type(error)


def check(call, rng, fixed, skip=()):
    """Compare one drawn round of a call; return how many parts succeeded.

    `skip`: what is not compared: "values" or "sharing" of the result, or the
    "arguments", which NumPy writes and we do not.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _compared(call, draw.arrays(rng, fixed), rng, skip)


def _compared(call, makers, rng, skip):
    names = sorted(call.names & makers.keys())
    plain = {name: makers[name](np.array) for name in names}
    cows = {name: makers[name](cow.array) for name in names}
    before = {name: np.array(a) for name, a in plain.items()}
    snapshots = {name: c[...] for name, c in cows.items() if rng.random() < 0.3}
    succeeded = 0
    scopes = call.scope(plain), call.scope(cows)
    held = _references(plain)
    for code in call.codes:
        expected, wanted = outcome(code, scopes[0])
        result, raised = outcome(code, scopes[1])
        if wanted is ValueError and not _writeable(plain):
            return succeeded  # NumPy refuses to write a broadcast array
        assert raised is wanted, (call.text, before)
        if raised is None:
            succeeded += 1
            if "values" not in skip:
                same(expected, result)
            if "sharing" not in skip:
                _check_sharing(call, expected, result, plain, cows)
        del expected, result
    del scopes
    _check_arguments({} if "arguments" in skip else plain, cows, snapshots, before)
    del snapshots
    # where NumPy loses references to its arguments, there is nothing to compare
    if held == _references(plain, 1):
        _check_unshared(cows)
    return succeeded


def _references(arrays, gone=0):
    return [sys.getrefcount(a) + gone for a in arrays.values()]


def _writeable(plain):
    return all(a.flags._writeable_no_warn for a in plain.values())


def _parts(result):
    if isinstance(result, tuple | list):
        for item in result:
            yield from _parts(item)
    elif isinstance(result, np.ndarray):
        yield result


def _check_sharing(call, expected, result, plain, cows):
    """What NumPy gives as a view we do, too, and only copies are lazy."""
    for one, other in zip(_parts(expected), _parts(result), strict=True):
        for name, a in plain.items():
            if cows[name] is other or not one.nbytes:
                continue
            shares = np.may_share_memory(one, a)
            ours = np.may_share_memory(other, cows[name])
            if shares and not one.flags._writeable_no_warn:
                continue
            assert ours >= shares, (call.text, name, "copied")
            assert ours <= shares or COPIES.search(call.text), (call.text, name)


def _check_arguments(plain, cows, snapshots, before):
    for name, c in cows.items():
        same(np.asarray(plain.get(name, before[name])), np.asarray(c))
        _core.check(c)
    for name, snapshot in snapshots.items():
        same(before[name], np.asarray(snapshot))


def address(c):
    return np.asarray(c).__array_interface__["data"][0]


def _check_unshared(cows):
    """A write to an argument copies nothing any more."""
    for name, c in cows.items():
        assert not cow.is_shared(c), name
        if c.size and 0 not in c.strides:
            was = address(c)
            c[...] = np.array(c)
            assert address(c) == was, name
