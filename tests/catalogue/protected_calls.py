"""A program: hundreds of public functions of SciPy and scikit-learn, protected.

    python -m tests.catalogue.protected_calls early|late small|large

`late`: the functions are imported by name, into a function, before they are
protected. Each is called with a spy that writes into the arrays that it was given
as it begins, and takes that back: the caller's arrays must not change, and the
result is that of the unprotected function. Prints what is wrong, as JSON.
"""

import importlib
import json
import os
import sys
import types
import warnings

import numpy as np

import cow
from cow._guard.wrapper import FILE, wrapper_of
from tests.catalogue.scipy_calls import CALLS, GONE

OURS = os.path.dirname(cow.__file__) + os.sep
# of SciPy's subpackages, what is listed in tests/catalogue/scipy_calls.py
PATTERNS = [
    *("fft", "interpolate", "linalg", "ndimage", "optimize", "signal", "stats"),
    *("cluster", "spatial", "integrate", "special"),
]
SKLEARN = {
    "preprocessing": {
        "i": "scale minmax_scale maxabs_scale robust_scale normalize binarize",
        "n": "LabelBinarizer().fit_transform",
        "w": "StandardScaler().fit_transform(w[:,None])",
    },
    "metrics": {
        "n, n": "accuracy_score confusion_matrix f1_score",
        "x, y": "mean_squared_error r2_score",
    },
    "metrics.pairwise": {"i, i": "euclidean_distances cosine_similarity rbf_kernel"},
    "cluster": {"i": "k_means(i, 2, n_init=1, random_state=0)"},
    "decomposition": {"i": "PCA(2).fit_transform fastica"},
    "covariance": {"i": "ledoit_wolf empirical_covariance"},
    "utils": {"i": "check_array shuffle(i, random_state=0)"},
}
LISTED = {
    "optimize": {
        "lambda v: ((v - 1) ** 2).sum(), x[:3]": "minimize",
        "lambda v: ((v - 1) ** 2).sum(), x[:3], method='SLSQP'": "minimize",
        "lambda v: ((v - 1) ** 2).sum(), x[:3], method='trust-constr'": "minimize",
        "lambda v: v - 1, x[:3]": "root least_squares fsolve",
    },
    "signal": {"2, .25": "butter", "x, x": "lombscargle(x, y, w)"},
    "interpolate": {"x, y, s=.01": "make_splrep"},
    "linalg": {"[[1., 4.], [1., 1.]]": "expm"},
    "fft": {"x + 1j * x": "dct"},
}
# larger ones take minutes, or gigabytes, as plain functions
SLOW = frozenset(
    name
    for module, names in {
        "cluster.hierarchy": "average fclusterdata",
        "interpolate": """
            barycentric_interpolate bisplrep krogh_interpolate lagrange pade
            pchip_interpolate
        """,
        "ndimage": "iterate_structure",
        "signal": "freqs lfilter_zi lp2bp lp2bs residue residuez",
        "linalg": """
            expm_cond subspace_angles
            block_diag circulant companion convolution_matrix cossin fiedler
            fiedler_companion hankel khatri_rao kron lu_factor toeplitz
            solve_continuous_lyapunov solve_discrete_lyapunov solve_lyapunov
        """,
        "stats": """
            bootstrap bws_test cramervonmises_2samp energy_distance kendalltau
            mannwhitneyu mode monte_carlo_test multiscale_graphcorr
            permutation_test siegelslopes somersd theilslopes weightedtau
        """,
    }.items()
    for name in (f"{module}.{each}" for each in names.split())
)


# the modules whose calls above 16 KiB take no minutes
LARGE = ("fft", "linalg", "ndimage", "optimize", "signal")


def arrays(large):
    rng = np.random.default_rng(7)
    n, m, k = (2100, 46, 48) if large else (40, 5, 12)
    x = np.sort(rng.normal(size=n))
    matrix = rng.normal(size=(m, m)) + 5 * np.eye(m)
    image = rng.normal(size=(k, k))
    return {
        "x": x,
        "y": np.sin(x) + rng.normal(size=n) / 10,
        "m": matrix,
        "s": matrix @ matrix.T,
        "b": rng.normal(size=m),
        "p": rng.normal(size=(1050 if large else 30, 2)),
        "i": image,
        "w": abs(x),
        "u": np.linspace(0.05, 0.95, n),
        "n": np.arange(n) % 5,
        "g": image > 0,
    }


def cases(large):
    """Yield the module, the name, and the source of a call of ``f``."""
    for top, tables in (("scipy", [CALLS, LISTED]), ("sklearn", [SKLEARN])):
        for table in tables:
            for module, entries in table.items():
                first = module.partition(".")[0]
                if top == "scipy" and first not in (LARGE if large else PATTERNS):
                    continue
                for arguments, names in entries.items():
                    for each in split(names):
                        name, _, rest = each.partition("(")
                        left_out = GONE | SLOW if large else GONE
                        if f"{module}.{name}" not in left_out:
                            call = source(name, rest, arguments)
                            yield f"{top}.{module}", name, call


def split(names):
    """Split at blanks that stand in no parentheses."""
    found, depth = [""], 0
    for sign in names:
        depth += (sign == "(") - (sign == ")")
        if sign.isspace() and not depth:
            found.append("")
        else:
            found[-1] += sign
    return [each for each in found if each]


def source(name, rest, arguments):
    if not rest:
        return f"f({arguments})"
    if rest.startswith(")"):
        after = (
            rest if rest.endswith(")") and rest.count("(") else f"{rest}({arguments})"
        )
        return f"f({after}"
    return f"f({rest}"


class Spy:
    """Writes into the arrays that the first Python function of a call is given."""

    def __init__(self, mine):
        self.mine = mine
        self.written = self.refused = self.reached = 0

    def __call__(self, frame, event, arg):
        if event != "call" or frame.f_code.co_filename.startswith((OURS, "<c")):
            return
        if frame.f_back.f_code.co_filename not in ("<call>", FILE):
            return
        found = []
        collect(list(frame.f_locals.values()), found)
        if not found:
            return
        sys.setprofile(None)
        before = [a.tobytes() for a in self.mine]
        for each in found:
            if not each.flags.writeable:
                self.refused += 1
                continue
            old = each.copy()
            each[...] = ~each if each.dtype == bool else each + 1
            self.written += 1
            self.reached += before != [a.tobytes() for a in self.mine]
            each[...] = old


def collect(value, found):
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "biufc" and value.size:
            found.append(value)
    elif isinstance(value, list | tuple):
        for each in value:
            collect(each, found)
    elif isinstance(value, dict):
        collect(list(value.values()), found)


def called(function, call, given, spy=None):
    np.random.seed(0)
    space = {"f": function, "np": np, **given}
    code = compile(call, "<call>", "eval")
    try:
        sys.setprofile(spy)
        return eval(code, space)
    except Exception as error:
        return type(error)
    finally:
        sys.setprofile(None)


COMPARED = set()


def same(a, b):
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        if a.dtype.hasobject:
            return a.shape == b.shape and all(map(same, a.ravel(), b.ravel()))
        return (
            a.shape == b.shape
            and a.dtype == b.dtype
            and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
        )
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        keys = a.keys() - {"execution_time"}
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in keys)
    if isinstance(a, float | complex | np.generic):
        return bool(np.array_equal(a, b, equal_nan=True))
    if isinstance(a, types.FunctionType | types.MethodType | type):
        return getattr(a, "__name__", a) == getattr(b, "__name__", b)
    if isinstance(a, types.ModuleType):
        return a is b
    if hasattr(type(a), "toarray"):
        return same(a.toarray(), b.toarray())
    if hasattr(a, "__dict__"):
        pair = id(a), id(b)
        if pair in COMPARED:  # on the way: SciPy's objects refer to each other
            return True
        COMPARED.add(pair)
        try:
            return all(same(v, vars(b).get(k)) for k, v in vars(a).items())
        finally:
            COMPARED.discard(pair)
    if hasattr(a, "__cause__") or hasattr(type(a), "__eq__"):
        return bool(np.all(a == b)) or type(a).__eq__ is object.__eq__
    return True


def lookup(module, name):
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def main(mode, size):
    warnings.simplefilter("ignore")
    todo = list(cases(size == "large"))
    held = types.ModuleType("held")  # a program that has imported them by name
    sys.modules["held"] = held
    for at, (module, name, _) in enumerate(todo if mode == "late" else ()):
        setattr(held, f"{name.replace('.', '_')}_{at}", lookup(module, name))
    walls = [cow.protect(f"scipy.{name}") for name in PATTERNS]
    walls.append(cow.protect("sklearn"))
    unreached = {name for wall in walls for name in wall.unreached}
    results, wrong, tried = [], [], {"written": 0, "refused": 0, "plain": 0}
    for at, (module, name, call) in enumerate(todo):
        attribute = f"{name.replace('.', '_')}_{at}"
        function = getattr(held, attribute, None) or lookup(module, name)
        given = arrays(size == "large")
        mine = [given[key] for key in given]
        before = {key: (a.tobytes(), a.strides) for key, a in given.items()}
        entry = type(function).__call__
        if isinstance(function, type):
            entry = getattr(function, name, function.__init__)
        reached = wrapper_of(function) or wrapper_of(entry)
        out_of_reach = mode == "late" and reached is None
        spy = None if out_of_reach else Spy(mine)
        results.append(called(function, call, given, spy))
        after = {key: (a.tobytes(), a.strides) for key, a in given.items()}
        if after != before:
            wrong.append([module, name, "the caller's array was changed"])
        if spy is None:
            tried["plain"] += 1
            names = [key for key, each in vars(held).items() if each is function]
            told = any(f"{key} in held" in each for key in names for each in unreached)
            home = getattr(function, "__module__", None) or "scipy"
            ours = home.startswith("scipy")  # not numpy.sinc
            if not (told or isinstance(function, np.ufunc)) and ours:
                wrong.append([module, name, "is not reached, and not told"])
        else:
            tried["written"] += spy.written
            tried["refused"] += spy.refused
            if spy.reached:
                wrong.append([module, name, "a write reached the caller"])
    counts = [wall.counts() for wall in walls]
    for wall in walls:
        wall.undo()
    for (module, name, call), result in zip(todo, results, strict=True):
        right = called(lookup(module, name), call, arrays(size == "large"))
        if not same(right, result):
            wrong.append(
                [module, name, f"{right!r:.80} expected, {result!r:.80} found"]
            )
    done = {"calls": len(todo), "wrong": wrong, "counts": counts, **tried}
    print(json.dumps(done))


if __name__ == "__main__":
    main(*sys.argv[1:])
