"""What does ``@no_mutate`` add to a call that only reads?"""

import timeit

import numpy as np

import cow


def main():
    def read(x):
        return x.size

    guarded = cow.no_mutate(read)
    print("\n@no_mutate, reading only")
    for name, x in (
        ("8 kB", np.ones(1000)),
        ("80 MB", np.ones(10**7)),
        ("80 MB, cow", cow.ones(10**7)),
    ):
        times = [
            min(timeit.repeat(lambda f=f, x=x: f(x), number=2000, repeat=7)) / 2000
            for f in (read, guarded)
        ]
        print(f"{name:34}{(times[1] - times[0]) * 1e6:>9.2f} us a call")
