"""Functions that write into their argument, planted into the packages.

In each suite a private helper is replaced by one that does its work and then
writes into an argument which a public function was given by its caller. It is
replaced as its module is imported, so before `cow.protect` can wrap anything,
and writes only while `harvest` calls the public function, from a module that
stands among the package's tests.
"""

import importlib
import importlib.util
import os
import sys
import types
from typing import NamedTuple

import numpy as np


class Plant(NamedTuple):
    """A helper, the argument that it spoils, and a call that gets there."""

    module: str  # of the helper
    helper: str
    place: int  # of the argument
    public: str  # from where `call` is imported
    call: str  # the argument is called x


PLANTS = {
    "ndimage": [
        Plant(
            "scipy.ndimage._nd_image",
            "correlate1d",
            0,
            "scipy.ndimage.gaussian_filter1d",
            "gaussian_filter1d(x, 1.0)",
        )
    ],
    "signal": [
        Plant(
            "scipy.signal._sigtools",
            "_linear_filter",
            2,
            "scipy.signal.lfilter",
            "lfilter([1.0, 2.0], [1.0, 0.5], x)",
        )
    ],
    "fft": [
        Plant(
            "scipy.fft._pocketfft.pypocketfft",
            "c2c",
            0,
            "scipy.fft.fft",
            "fft(x)",
        )
    ],
    "linalg": [
        Plant(
            "scipy.linalg._basic",
            "_solve_triangular",
            1,
            "scipy.linalg.solve_triangular",
            "solve_triangular([[1.0, 0.0], [2.0, 3.0]], x[:2], lower=True)",
        )
    ],
    "interpolate": [
        Plant(
            "scipy.interpolate._fitpack_impl",
            "splrep",
            1,
            "scipy.interpolate.splrep",
            "splrep(list(range(len(x))), x)",
        )
    ],
    "optimize": [
        Plant(
            "scipy.optimize._minimize",
            "_minimize_cg",
            1,
            "scipy.optimize.minimize",
            "minimize(lambda p: ((p - 2.0) ** 2).sum(), x, method='CG').x",
        )
    ],
    "stats": [
        Plant(
            "scipy.stats._stats_py",
            "_rankdata",
            0,
            "scipy.stats.rankdata",
            "rankdata(x)",
        )
    ],
    "sklearn": [
        Plant(
            "sklearn.metrics.pairwise",
            "_euclidean_distances",
            0,
            "sklearn.metrics.pairwise.euclidean_distances",
            "euclidean_distances(x.reshape(4, -1))",
        ),
        Plant(
            "sklearn.preprocessing._data",
            "_incremental_mean_and_var",
            0,
            "sklearn.preprocessing.StandardScaler",
            "StandardScaler().fit(x.reshape(4, -1)).mean_",
        ),
    ],
    "statsmodels": [
        Plant(
            "statsmodels.robust.scale",
            "_qn",
            0,
            "statsmodels.robust.scale.qn_scale",
            "qn_scale(x)",
        ),
        Plant(
            "statsmodels.regression.linear_model",
            "pinv_extended",
            0,
            "statsmodels.regression.linear_model.OLS",
            "OLS(list(range(4)), x.reshape(4, -1)).fit().params",
        ),
    ],
}

# Runs in the module of the helper, as code of the package would.
HELPER = """
def {helper}(*args, **kwargs):
    result = planted_original_{helper}(*args, **kwargs)
    if planted_switch_{helper}:
        planted_switch_{helper}.append("written")
        args[{place}][...] = -1
    return result
"""


def sow(suite):
    """Plant the functions of a suite; none of it may be imported yet."""
    wanted = {}
    for plant in PLANTS.get(suite, ()):
        wanted.setdefault(plant.module, []).append(plant)
    if wanted:
        sys.meta_path.insert(0, _Sower(wanted))


class _Sower:
    """A finder that leaves the finding to the others."""

    def __init__(self, wanted):
        self.wanted = wanted

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in self.wanted:
            return None
        plants = self.wanted.pop(fullname)
        spec = importlib.util.find_spec(fullname)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            for plant in plants:
                _plant(module, plant)

        spec.loader.exec_module = exec_module
        return spec


def _plant(module, plant):
    names = vars(module)
    names["planted_original_" + plant.helper] = names[plant.helper]
    names["planted_switch_" + plant.helper] = []
    source = HELPER.format(helper=plant.helper, place=plant.place)
    exec(compile(source, getattr(module, "__file__", "<planted>"), "exec"), names)


def harvest(suite):
    """Yield (the call, what came of it) for each plant of a suite.

    "caught" is a call whose helper wrote, whose caller's array stays as it was
    and whose result is that of the helper that does not write; "written" one
    that changed the array.
    """
    for plant in PLANTS.get(suite, ()):
        yield f"{plant.call} [{plant.helper} writes]", _outcome(plant)


def _outcome(plant):
    public, _, name = plant.public.rpartition(".")
    package = importlib.import_module(public)
    tests = types.ModuleType(f"{public}.tests.test_planted")
    tests.__file__ = os.path.join(
        os.path.dirname(package.__file__), "tests", "test_planted.py"
    )
    source = f"from {public} import {name}\ndef call(x):\n    return {plant.call}\n"
    exec(compile(source, tests.__file__, "exec"), vars(tests))
    switch = getattr(sys.modules[plant.module], "planted_switch_" + plant.helper)
    outcomes = set()
    for size in (16, 4096):  # arrays that may be copied, and lent
        x = np.cos(np.arange(size, dtype=complex if name == "fft" else float))
        expected = tests.call(x.copy())
        before = x.copy()
        switch.append("write")
        try:
            result = tests.call(x)
        except Exception as error:
            outcomes.add(f"{type(error).__name__}: {error}")
            continue
        finally:
            wrote = "written" in switch
            switch.clear()
        if not wrote:
            outcomes.add("the helper was not called")
        elif not np.array_equal(x, before):
            outcomes.add("written")
        elif not _same(result, expected):
            outcomes.add("another result")
        else:
            outcomes.add("caught")
    return ", ".join(sorted(outcomes))


def _same(a, b):
    if isinstance(a, tuple):
        return all(map(_same, a, b))
    return np.array_equal(a, b)
