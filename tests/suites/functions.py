"""Compare guarded public functions with what they compute on deep copies.

    python -m tests.suites.functions [--how no_mutate|protect] [--package NAME]
    python -m tests.suites.functions --find PACKAGE

``functions.txt`` names the functions, with the kind of arguments for which each
works; ``--find`` writes it, by trying the kinds on all public functions. Each is
called with arrays below and above 16 KiB, from where on they may be lent. What
it returns, raises and leaves in its arguments must be, bit for bit, what it
returns for deep copies; the arguments must stay as they were, and share no memory
with the result.
"""

import argparse
import contextlib
import copy
import importlib
import inspect
import io
import json
import os
import pathlib
import random
import select
import signal
import sys
import time
import types
import warnings
from collections import Counter
from functools import partial
from itertools import compress

import numpy as np

from tests.suites import kinds
from tests.suites.same import difference, shared

TABLE = pathlib.Path(__file__).with_name("functions.txt")
MODULES = """
    scipy.cluster.hierarchy scipy.cluster.vq scipy.differentiate scipy.fft
    scipy.fftpack scipy.integrate scipy.interpolate scipy.linalg scipy.ndimage
    scipy.optimize scipy.signal scipy.signal.windows scipy.sparse
    scipy.sparse.csgraph scipy.sparse.linalg scipy.spatial scipy.spatial.distance
    scipy.special scipy.stats scipy.stats.contingency scipy.stats.mstats
    scipy.stats.qmc
    sklearn.cluster sklearn.covariance sklearn.decomposition
    sklearn.feature_extraction.image sklearn.feature_selection sklearn.isotonic
    sklearn.linear_model sklearn.manifold sklearn.metrics sklearn.metrics.cluster
    sklearn.metrics.pairwise sklearn.model_selection sklearn.neighbors
    sklearn.preprocessing sklearn.random_projection sklearn.svm sklearn.utils
    sklearn.utils.class_weight sklearn.utils.extmath sklearn.utils.multiclass
    sklearn.utils.sparsefuncs sklearn.utils.validation
    statsmodels.distributions.empirical_distribution
    statsmodels.nonparametric.api statsmodels.nonparametric.smoothers_lowess
    statsmodels.regression.linear_model statsmodels.robust.scale
    statsmodels.stats.api statsmodels.stats.correlation_tools
    statsmodels.stats.descriptivestats statsmodels.stats.diagnostic
    statsmodels.stats.moment_helpers statsmodels.stats.multitest
    statsmodels.stats.proportion statsmodels.stats.stattools
    statsmodels.stats.weightstats statsmodels.tools.eval_measures
    statsmodels.tools.tools statsmodels.tsa.api statsmodels.tsa.filters.api
    statsmodels.tsa.tsatools statsmodels.tsa.arima_process
"""
ESTIMATORS = "sklearn estimator"
MODELS = "statsmodels model"
# They draw, fetch, write files, print what time it is or never end.
LEFT_OUT = """
    test show_config show_versions clear_data_home estimator_html_repr
    get_data_home dump_svmlight_file dendrogram use_solver set_link_color_palette
    clear_cache linkcode_resolve webdoc parallel_backend all_estimators
    set_workers set_backend set_global_backend register_backend skip_backend
    gen_even_slices gen_batches
"""


def names_of(module):
    """Return the public functions of a module, without NumPy's ufuncs."""
    listed = getattr(module, "__all__", None) or vars(module)
    for name in sorted(set(listed)):
        try:
            value = getattr(module, name, None)
        except ImportError:  # experimental
            continue
        home = str(getattr(value, "__module__", module.__name__) or "")
        package = module.__name__.partition(".")[0]
        if name.startswith("_") or name in LEFT_OUT.split():
            continue
        if isinstance(value, np.ufunc | type) or not callable(value):
            continue
        if hasattr(value, "freeze"):  # a distribution of scipy.stats
            continue
        if isinstance(value, types.ModuleType) or not home.startswith(package):
            continue
        yield name


def function(module, name, **giving):
    """Return a public function as it is now, or a function for a class."""
    if module == ESTIMATORS:
        cls = dict(_estimators())[name]
        return partial(kinds.use_estimator, cls, **giving)
    if module == MODELS:
        import statsmodels.api as sm

        return lambda y, X: kinds.use_model(getattr(sm, name), y, X)
    return getattr(importlib.import_module(module), name)


def _estimators():
    from sklearn.utils import all_estimators

    return all_estimators()


def candidates():
    """Yield (module, name) of all that is tried."""
    seen = set()
    for module in MODULES.split():
        try:
            imported = importlib.import_module(module)
        except ImportError as error:
            print(f"{module}: {error}")
            continue
        for name in names_of(imported):
            value = getattr(imported, name)
            if id(value) not in seen:
                seen.add(id(value))
                yield module, name
    for name, _ in _estimators():
        yield ESTIMATORS, name
    import statsmodels.api as sm

    for name in sorted(vars(sm)):
        if inspect.isclass(getattr(sm, name)) and hasattr(getattr(sm, name), "fit"):
            yield MODELS, name


class TooLong(BaseException):
    """Not an Exception: nobody catches it."""


@contextlib.contextmanager
def limit(seconds):
    def end(signum, frame):
        raise TooLong

    old = signal.signal(signal.SIGALRM, end)
    # again and again: a callback of C code may swallow it
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def outcome(call, args):
    """Return ("returned" or "raised", what); iterators are read."""
    np.random.seed(0)
    random.seed(0)
    quiet = io.StringIO()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
            try:
                result = call(*args)
                if isinstance(result, types.GeneratorType):
                    result = list(result)
                return "returned", result
            except Exception as error:
                return "raised", error


def find(kind, call, seconds):
    """Return whether a call works and gives the same twice, and what it raises."""
    try:
        with limit(seconds):
            first = outcome(call, kind())
            if first[0] == "raised":
                return first[1]
            second = outcome(call, kind())
    except TooLong:
        return TooLong()
    if difference(first, second):
        return RuntimeError("another result for the same arguments")
    return None


def _search(call, possible):
    """Return a kind that works, and one that raises ValueError, or None."""
    raising, patience = None, 3
    for kind in possible:
        error = find(partial(kinds.make, kind, "small"), call, 1)
        if error is None:
            error = find(partial(kinds.make, kind, "large"), call, 4)
            if error is None:
                return kind, raising
        elif isinstance(error, ValueError) and raising is None:
            raising = kind
        patience -= isinstance(error, TooLong)
        if not patience:
            break
    return None, raising


def _search_apart(call, possible):
    """Search in a child process: C code may crash, or not return."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with open(writing, "w") as pipe:
            json.dump(_search(call, possible), pipe)
        os._exit(0)
    os.close(writing)
    with open(reading) as pipe:
        if not select.select([pipe], [], [], 30)[0]:
            os.kill(child, signal.SIGKILL)
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else (None, None)


def write_table(package):
    """Find for each function a kind that works for small and large arrays."""
    found, none = {}, []
    for module, kind, name in read_table() if TABLE.exists() else ():
        if not module.startswith(package):
            found.setdefault((module, kind), []).append(name)
    began = time.time()
    for kind in kinds.for_module("statsmodels."):  # the children inherit the arrays
        kinds.make(kind, "small"), kinds.make(kind, "large")
    for module, name in candidates():
        if not module.startswith(package):
            continue
        call = function(module, name)
        kind, raising = _search_apart(call, kinds.for_module(module))
        if kind:
            found.setdefault((module, kind), []).append(name)
        else:
            none.append(f"{module}.{name}")
        if raising:
            found.setdefault((module, f"! {raising}"), []).append(name)
        print(f"{time.time() - began:6.1f} s {module}.{name} {kind}", flush=True)
    lines = [
        f"{module} | {kind} | {' '.join(sorted(names))}"
        for (module, kind), names in sorted(found.items())
    ]
    TABLE.write_text("\n".join(lines) + "\n")
    print(f"no kind works for {len(none)}: {' '.join(none)}")
    print(f"{time.time() - began:.0f} s")


def read_table():
    """Yield (module, kind, name); a kind with "! " before it raises."""
    for line in TABLE.read_text().splitlines():
        module, kind, names = line.split(" | ")
        for name in names.split():
            yield module, kind, name


class Case:
    """A function with arguments of one size, and what it gives for copies."""

    def __init__(self, module, kind, name, size, how):
        self.module, self.name, self.size = module, name, size
        self.args = kinds.make(kind.removeprefix("! "), size)
        self.before = copy.deepcopy(self.args)
        # under cow.protect each call of an estimator is guarded for itself
        giving = {"give": copy.deepcopy} if how == "protect" else {}
        call = function(module, name, **giving)
        self.expected = outcome(call, copy.deepcopy(self.args))

    def __str__(self):
        return f"{self.module}.{self.name}, {self.size}"

    def check(self, how):
        """Return what is wrong with the guarded call, or None."""
        import cow
        from cow._guard.registry import is_guarded

        call = function(self.module, self.name)
        if how == "no_mutate":
            call = cow.no_mutate(call)
        try:
            with limit(60):
                got = outcome(call, self.args)
        except TooLong:
            return "takes more than a minute"
        # estimators pass as they are, it is said
        kept = [is_guarded(each) for each in self.args]
        changed = difference(
            *(list(compress(args, kept)) for args in (self.args, self.before))
        )
        if changed:
            return f"the caller's arguments changed: {changed}"
        if got[0] == "returned" and shared(got[1], self.args):
            return "the result shares memory with the caller's arguments"
        wrong = difference(got, self.expected)
        if wrong and "raised" in (got[0], self.expected[0]):
            wrong += f" ({_shown(got)} instead of {_shown(self.expected)})"
        return wrong


def _shown(result):
    kind, what = result
    return f"{type(what).__name__}: {what}"[:120] if kind == "raised" else kind


def compare(how, only):
    import cow

    rows = {}
    for row in read_table():
        rows.setdefault(row[0].split(" ")[0].partition(".")[0], []).append(row)
    counts, wrong, names = Counter(), [], {}
    for package, listed in rows.items():
        if only not in (None, package):
            continue
        cases = [Case(*row, size, how) for row in listed for size in ("small", "large")]
        guard = cow.protect(package) if how == "protect" else contextlib.nullcontext()
        with guard:
            for case in cases:
                if case.expected[0] == "returned":
                    names.setdefault(package, set()).add((case.module, case.name))
                counts[case.size, case.expected[0]] += 1
                try:
                    text = case.check(how)
                except Exception as error:
                    text = f"cannot be guarded: {error!r}"
                if text:
                    wrong.append(f"{case}: {text}")
    for (size, kind), count in sorted(counts.items()):
        print(f"{count:6} calls with {size} arrays that {kind}")
    for package, functions in names.items():
        print(f"{len(functions):6} functions of {package}")
    print(f"{sum(map(len, names.values())):6} functions under {how}")
    for text in wrong:
        print(f"differs: {text}")
    print(f"{len(wrong)} differ")
    return bool(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--how", choices=("no_mutate", "protect"), default="no_mutate")
    parser.add_argument(
        "--find", metavar="PACKAGE", help="write the table's rows of it"
    )
    parser.add_argument("--package", help="only scipy, sklearn or statsmodels")
    chosen = parser.parse_args()
    os.environ["MPLBACKEND"] = "agg"
    return (
        write_table(chosen.find) if chosen.find else compare(chosen.how, chosen.package)
    )


if __name__ == "__main__":
    sys.exit(main())
