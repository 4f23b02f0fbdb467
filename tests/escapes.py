"""Make docs/escapes.md: each route of writing, tried in each situation.

``python -m tests.escapes`` writes the file; the suite checks that it is
current.
"""

import pathlib
import warnings

import numpy as np

import cow
from tests.routes import ROUTES, source

PAGE = pathlib.Path(__file__).parents[1] / "docs" / "escapes.md"
SHAPE = (6, 8)
COLUMNS = [
    "through a view",
    "through a copy",
    "a view kept from before",
    "plain view `np.asarray(a)`",
    "plain `no_mutate` argument",
    "read-only array",
]
HEAD = """# The escape matrix

Every route that we know of by which Python code writes into an array, tried
in every situation. The file is generated (`python -m tests.escapes`) and the
test suite fails when it is out of date. On plain NumPy each route is shown to
write first.

- *copied*: the write happened in memory of its own, nobody else saw it
- *raised*: refused with an error, nothing changed
- *leaks*: somebody else's array changed

`ufunc.at` ignores the read-only flag of a plain array (a bug of NumPy's), and
a raw pointer or the buffer of a plain view can be opened by C code: these
write into `np.asarray(a)` behind our back. Write to `a`, not to a plain view
of it, or hand out `np.array(a)`.

"""


def _tried(route, target, others):
    """Write to `target`; tell what happened to the arrays `others`."""
    before = [np.array(np.asarray(other)) for other in others]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            route.write(target)
            result = "copied"
        except Exception:
            result = "raised"
    for other, old in zip(others, before, strict=True):
        if np.asarray(other).tobytes() != old.tobytes():
            return "**leaks**"
    return result


def _cells(route):
    """Return what happens to a route in each of the situations."""
    plain = source(route.dtype, SHAPE)
    a = cow.array(plain)
    yield _tried(route, a[...], [a])
    yield _tried(route, a.copy(), [a])
    view = a[...]
    yield _tried(route, a, [view])
    a = cow.array(plain)
    yield _tried(route, np.asarray(a), [a])
    guarded = cow.no_mutate(lambda x: _tried(route, x, []))
    kept = plain.copy()
    result = guarded(plain)
    yield result if plain.tobytes() == kept.tobytes() else "**leaks**"
    a = cow.array(plain)
    yield _tried(route, cow.readonly(a), [a])


def page():
    """Return the text of the page."""
    lines = ["| route | " + " | ".join(COLUMNS) + " |", "|---" * 7 + "|"]
    for route in ROUTES:
        name = route.name.replace("_", " ")
        lines.append(f"| {name} | " + " | ".join(_cells(route)) + " |")
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page())
    print(f"{len(ROUTES)} routes, {page().count('**leaks**')} leaks: {PAGE}")
