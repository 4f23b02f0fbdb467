"""Make docs/escapes.md: each route of writing, tried in each situation.

``python -m tests.catalogue.escapes`` writes the file; the suite checks that it is
current.
"""

import warnings

import numpy as np

import cow
from tests import ROOT
from tests.catalogue.routes import ROUTES, source

PAGE = ROOT / "docs" / "escapes.md"
SMALL = (6, 8)
LARGE = (96, 100)  # 75 KiB of float64
COLUMNS = [
    "through a view",
    "through a copy",
    "a view kept from before",
    "plain view `np.asarray(a)`",
    "small plain `no_mutate` argument",
    "large plain `no_mutate` argument",
    "read-only array",
    "where it leaks, write instead",
]
HEAD = """# The escape matrix

Every route that we know of by which Python code writes into an array, tried
in every situation. The file is generated (`python -m tests.catalogue.escapes`) and the
test suite fails when it is out of date. On plain NumPy each route is shown to
write first.

- *copied*: the write happened in memory of its own: nobody else saw it, and
  the object written holds afterwards what NumPy's write gives on a plain array
- *raised*: refused with an error, nothing changed
- **leaks**: somebody else's array changed
- **lost**: no error, but the object does not hold what NumPy's write gives
  (the suite allows no such cell)

The situations: the write goes to `a[...]` (and `a` is looked at), to
`a.copy()` (`a` is looked at), to `a` itself (a view from before is looked
at), to `np.asarray(a)` (`a` is looked at), to the argument inside of a
function under `cow.no_mutate` (the caller's plain array is looked at), to
`cow.readonly(a)` (`a` is looked at).

A raw pointer knows no read-only flag. `a.ctypes`, `a.__array_interface__`,
`a.__array_struct__` and requests for a writable buffer give `a` memory of its own
first, which is never shared from then on; the address of a plain view is written
behind our back. Before version 2.5.5 NumPy's `ufunc.at` ignored the
read-only flag of plain arrays where the index names single elements (its issue
33275). It is given no cow array there, and no code of ours runs: nothing but a
newer NumPy can close it. Write to `a`, not to a plain view of it, or hand out
`np.array(a)`. On a read-only array a raw pointer and
`np.ndarray.__setstate__` reach memory of its own: `a` is safe, the elements
of the read-only array itself change.

"""
AT = "`{}.at(a, ...)` on `a` itself".format
REMEDIES = {
    "ufunc_at_elements": AT("np.add"),
    "ufunc_at_element": AT("np.add"),
    "ufunc_at_mask": AT("np.add"),
    "ufunc_at_unary": AT("np.negative"),
    "ctypes_pointer": "`a.ctypes` or `np.array(a).ctypes`",
    "ctypes_memset": "`a.ctypes` or `np.array(a).ctypes`",
    "interface_address": "`a.__array_interface__`, or that of `np.array(a)`",
}
PLAIN_VIEW = 3
LEAKS = "**leaks**"


def state(a):
    """Return what is seen of an array: compared with ==."""
    return a.shape, a.dtype, np.asarray(a).tolist()


def _write(route, target):
    """Return the object that the route wrote."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        written = route.write(target)
    return target if written is None else written


def _tried(route, target, *others):
    """Write to `target`; tell what happened to it and to the arrays `others`."""
    wanted = state(_write(route, np.array(np.asarray(target))))
    before = [state(other) for other in others]
    try:
        written = _write(route, target)
    except Exception:
        result = "raised"
    else:
        result = "copied" if state(written) == wanted else "**lost**"
        del written
    if [state(other) for other in others] != before:
        return LEAKS
    return result


def _guarded(route, shape):
    """Return what happens to the argument of a guarded function."""
    plain = source(route.dtype, shape)
    before = state(plain)
    try:
        result = cow.no_mutate(lambda x: _tried(route, x))(plain)
    except cow.MutationError:
        return f"{LEAKS}, `MutationError`"
    return result if state(plain) == before else LEAKS


def _cells(route):
    """Return what happens to a route in each of the situations."""
    plain = source(route.dtype, SMALL)
    a = cow.array(plain)
    yield _tried(route, a[...], a)
    a = cow.array(plain)
    yield _tried(route, a.copy(), a)
    a = cow.array(plain)
    view = a[...]
    yield _tried(route, a, view)
    a = cow.array(plain)
    yield _tried(route, np.asarray(a), a)
    yield _guarded(route, SMALL)
    yield _guarded(route, LARGE)
    a = cow.array(plain)
    yield _tried(route, cow.readonly(a), a)


def matrix():
    """Map the name of each route to its cells."""
    return {route.name: list(_cells(route)) for route in ROUTES}


def leaks(cells):
    """Return the names of the routes that leak, each with its columns."""
    found = {
        name: {column for column, cell in enumerate(row) if cell.startswith(LEAKS)}
        for name, row in cells.items()
    }
    return {name: columns for name, columns in found.items() if columns}


def page(cells):
    """Return the text of the page for the cells of `matrix`, for any NumPy."""
    lines = ["| route | " + " | ".join(COLUMNS) + " |", "|---" * 9 + "|"]
    mended = {route.name: route.mended for route in ROUTES if route.mended}
    for name, row in cells.items():
        if name in mended:
            row = [*row]
            row[PLAIN_VIEW] = f"raised; {LEAKS} before NumPy {mended[name]}"
        words = [name.replace("_", " "), *row, REMEDIES.get(name, "")]
        lines.append(("| " + " | ".join(words)).rstrip() + " |")
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    text = page(matrix())
    PAGE.write_text(text)
    print(f"{len(ROUTES)} routes, {text.count(LEAKS) - 1} leaks: {PAGE}")
