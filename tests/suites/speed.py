"""What `cow.protect` costs a call from outside, with small and large arrays.

    python -m tests.suites.speed

The calls without and with it take turns in one process; told are the medians
of the best of some rounds, in time of the processor. A call may take 1.5 times as
long, or as long as without on copies of its arrays, within a tenth.
"""

import statistics
import sys
import time

import numpy as np

import cow

ALLOWED_RATIO = 1.5
NOISE = 1.1
WARM = 12  # calls, before the core knows of a function
ROUNDS, BEST_OF = 7, 3


def scaler(X):
    from sklearn.preprocessing import StandardScaler

    return StandardScaler().fit(X)


def ols(y, X):
    import statsmodels.regression.linear_model as linear_model

    return linear_model.OLS(y, X).fit()


def expm(a):
    import scipy.linalg

    return scipy.linalg.expm(a)


def minimize(x0, data):
    import scipy.optimize

    return scipy.optimize.minimize(
        lambda p, d: np.sum((p - d.mean()) ** 2), x0, args=(data,), method="BFGS"
    )


def lfilter(x):
    import scipy.signal

    return scipy.signal.lfilter([1.0, 0.5], [1.0, -0.3], x)


def zoom(image):
    import scipy.ndimage

    return scipy.ndimage.zoom(image, 1.5)


def calls():
    """Return (name, package, function, arguments for small, for large arrays)."""
    random = np.random.default_rng(1).normal
    return [
        (
            "StandardScaler().fit",
            "sklearn",
            scaler,
            [random(size=(50, 4))],
            [random(size=(50000, 20))],
        ),
        (
            "OLS().fit",
            "statsmodels",
            ols,
            [random(size=50), random(size=(50, 3))],
            [random(size=50000), random(size=(50000, 10))],
        ),
        ("expm", "scipy", expm, [random(size=(4, 4))], [random(size=(200, 200))]),
        (
            "minimize",
            "scipy",
            minimize,
            [random(size=3), random(size=50)],
            [random(size=10), random(size=100000)],
        ),
        ("lfilter", "scipy", lfilter, [random(size=100)], [random(size=1000000)]),
        ("zoom", "scipy", zoom, [random(size=(10, 10))], [random(size=(500, 500))]),
    ]


def once(function, args, number):
    began = time.process_time()  # whatever else the machine does
    for _ in range(number):
        function(*args)
    return (time.process_time() - began) / number


def best(function, args, number):
    return min(once(function, args, number) for _ in range(BEST_OF))


def measure(package, function, args):
    """Return the seconds of a call without and with cow.protect, and on copies."""

    def on_copies(*arrays):
        return function(*[array.copy() for array in arrays])

    function(*args)
    number = max(1, int(0.01 / once(function, args, 3)))
    plain, copied, protected = [], [], []
    for _ in range(ROUNDS):
        plain.append(best(function, args, number))
        copied.append(best(on_copies, args, number))
        with cow.protect(package):
            for _ in range(WARM):
                function(*args)  # what only the first calls do
            protected.append(best(function, args, number))
    return [statistics.median(each) for each in (plain, copied, protected)]


def main():
    slow = 0
    print("                                plain  on copies  protected   ratio")
    for name, package, function, *sizes in calls():
        for size, args in zip(("small", "large"), sizes, strict=True):
            plain, copied, protected = measure(package, function, args)
            held = protected <= max(ALLOWED_RATIO * plain, NOISE * copied)
            slow += not held
            print(
                f"{name:20} {size:5} {plain * 1e6:9.1f} us {copied * 1e6:8.1f} us "
                f"{protected * 1e6:8.1f} us {protected / plain:6.2f}x"
                f"{'' if held else '  TOO SLOW'}",
                flush=True,
            )
    print(f"{slow} too slow")
    return bool(slow)


if __name__ == "__main__":
    sys.exit(main())
