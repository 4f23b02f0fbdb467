"""What does `@cow.no_mutate` add to a call that only reads? (unguarded, guarded)"""

import timeit

import numpy as np

import cow
from benchmarks.timing import Row, alternate


def read(x):
    return x.size


def rows(repeat):
    arrays = {
        "plain, 8 kB": np.ones(1000),
        "plain, 80 MB": np.ones(10**7),
        "cow, 80 MB": cow.ones(10**7),
    }
    guarded = cow.no_mutate(read)
    for name, x in arrays.items():
        timers = (timeit.Timer(lambda f=f, x=x: f(x)) for f in (read, guarded))
        yield Row("f(x)", name, *alternate(*timers, repeat))
