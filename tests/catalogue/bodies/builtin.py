"""Functions that are not written in Python, and what wraps a function."""

import copy
import functools
import operator

import numpy as np

from tests.catalogue.bodies.body import register
from tests.catalogue.bodies.helpers import (
    helper_that_aliases,
    helper_that_reads,
    helper_that_writes,
)
from tests.catalogue.bodies.state import LOG

RNG = np.random.default_rng(5)
_start = copy.deepcopy(RNG.bit_generator.state)


def _reset_rng():
    RNG.bit_generator.state = copy.deepcopy(_start)


register("np.sort", np.sort)
register("np.add", np.add, take=lambda a, b: (a, b))
register("np.add.at", np.add.at, take=lambda a: (a, [0], 1))
register("np.copyto", np.copyto, take=lambda a, b: (a, b))
register("np.fill_diagonal", np.fill_diagonal, take=lambda a: (a, 3))
register("np.ravel", np.ravel, take=lambda a: (a,))
register("np.asarray", np.asarray, arrays=1)
register("np.broadcast_to", np.broadcast_to, script=lambda f, a: f(a, (2, *a.shape)))
register("np.concatenate", np.concatenate, take=lambda a, b: ([a, b],))
register("np.sum", np.sum, take=lambda a: (a,), dims=(0, 1, 2))
register("np.linalg.norm", np.linalg.norm, take=lambda a: (a,))
register("np.ndarray.sort", np.ndarray.sort, arrays=1)
register("np.ndarray.fill", np.ndarray.fill, take=lambda a: (a, 3))
register("np.ndarray.reshape", np.ndarray.reshape, take=lambda a: (a, -1))
register("np.ndarray.view", np.ndarray.view, arrays=1)
register("np.ndarray.__iadd__", np.ndarray.__iadd__, take=lambda a, b: (a, b))
register("np.random.shuffle", RNG.shuffle, arrays=1, reset=_reset_rng)
register("itemgetter", operator.itemgetter(slice(1, None)), arrays=1)
register("itemgetter of two", operator.itemgetter(0, slice(1)), arrays=1)
register("attrgetter", operator.attrgetter("T", "real"), arrays=1)
register("methodcaller", operator.methodcaller("sort"), arrays=1)
register("operator.iadd", operator.iadd, arrays=2)
register("operator.setitem", operator.setitem, take=lambda a: (a, 0, 3))
register("operator.pos", operator.pos, arrays=1)
register("list", list, arrays=1)
register("tuple of a list", tuple, take=lambda a: ([a, a[1:]],))
register("dict", dict, script=lambda f, a: f(x=a, y=a[1:]))
register("memoryview", memoryview, arrays=1)
register("copy.copy", copy.copy, arrays=1)
register("list.append", list.append, take=lambda a: ([1], a))
register("np.vectorize", np.vectorize(lambda v: v + 1), arrays=1)
register("lru_cache", functools.lru_cache(lambda k: k), take=lambda a: (3,), arrays=1)
register("partial", functools.partial(helper_that_writes, value=8), arrays=1)
register("partial that keeps", functools.partial(helper_that_aliases), arrays=1)
register(
    "global list's append", LOG.append, arrays=1, state=lambda: LOG, reset=LOG.clear
)
register(
    "wrapped",
    functools.wraps(helper_that_reads)(lambda *args: helper_that_writes(*args)),
    arrays=1,
)
register(
    "wrapper of a reader",
    functools.wraps(helper_that_reads)(lambda x: LOG.append(x) or x),
    state=lambda: LOG,
    reset=LOG.clear,
    arrays=1,
)
