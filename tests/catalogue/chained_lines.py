"""Lines of user code that write into temporaries and into named views.

`a` is a cow array, `box`, `d` and `L` hold it, `call()` makes a view of it.
"""

import contextlib
import functools
import operator
from collections import namedtuple

import numpy as np

import cow

# Nobody can see the write.
LOST = [
    "a[1:].flat[0] = 7",
    "a[1:].flat[1:3] = 7",
    "operator.setitem(a[1:3], 0, 9)",
    "operator.setitem(a[1:3], slice(0, 1), 9)",
    "a[1:3].sort()",
    "a[:3].fill(0)",
    "a[1:].real = 0",
    'setattr(a[1:], "real", 0)',
    "np.copyto(a[1:], 0)",
    "np.copyto(dst=a[1:], src=0)",
    "np.add(1, 2, out=a[1:3])",
    "np.add(1, 2, a[1:3])",
    "np.add(a[1:3], 2, a[1:3])",
    "np.add(1, 2, out=(a[1:3],))",
    "np.add.at(a[1:], 0, 1)",
    "np.add.at(a[1:], (0 if a.size else 1), 1)",
    "a.clip(2, 3, out=a[:])",
    "a.clip(2 if a.size else 1, (3 if a.size else 1), out=a[:])",
    "a[1:].clip(2, 3, out=a[1:])",
    "box.a.clip(2, 3, out=a[1:]) if 0 else L[0].clip(2, 3, out=a[:])",
    "a.sum(axis=0, out=a[0])",
    "np.add.reduce(a, out=a[0])",
    "np.add.reduce(a, 0, None, a[0])",
    "np.add.accumulate(a, out=a[:])",
    "np.add.reduce(a, out=(a[0],))",
    "np.divmod(a, 2, out=(a[:], a[:]))",
    "np.divmod(a, 2, a[:], None)",
    "np.copyto(a[1:], 0, **{})",
    "np.copyto(*(a[1:], 0))",
    "np.putmask(a[1:], True, 0)",
    "np.place(a[1:], True, [0])",
    "np.put(a[1:], 0, 1)",
    "np.put_along_axis(a[1:], np.zeros((5, 1), int), 1, 1)",
    "np.fill_diagonal(a[1:], 0)",
    "np.clip(a, 2, 3, out=a[:])",
    "np.clip(a, 2, 3, a[:])",
    "np.round(a, 1, out=a[:])",
    "np.cumsum(a, axis=0, out=a[:])",
    "np.take(a, [0]*8, out=a[0])",
    "np.dot(np.eye(6), a, out=a[:])",
    "np.matmul(np.eye(6), a, out=a[:])",
    "np.einsum('ij->ij', a, out=a[:])",
    "np.concatenate([a[:3], a[:3]], out=a[:])",
    "np.nan_to_num(a[1:], copy=False)",
    "np.multiply(a, 2, out=a[:], where=a > 3)",
    "a[1:3][0] = 9",
    "a[1:3][0:1] = 9",
    "a[1:][2:][0] = 1",
    "a[1:][2:].sort()",
    "a[1:].T[0] = 5",
    "a[1:3][0] += 1",
    "a[1:3].real[0] = 4",
    "a[1:].byteswap(True)",
    "cow.CowArray.sort(a[1:])",
    "getattr(a[1:], 'sort')()",
    "(lambda: a[1:])()[0] = 3",
    "(lambda: a[1:])().sort()",
    "[a[1:]][0][0] = 3",
    "[a[1:]].pop()[0] = 3",
    "(a[1:] if a.size else a[2:])[0] = 3",
    "np.copyto(a[1:] if a.size else a[2:], 0)",
    "np.copyto(a[1:], (0 if a.size else 1))",
    "a[(k := 1):][0] = 3",
    "for a[1:][0] in [1, 2]: pass",
    "a[1:][0], b = 1, 2",
    "with contextlib.nullcontext(4) as a[1:][0]: pass",
    "[0 for a[1:][0] in [1]]",
    "(lambda x: x[1:].sort())(a)",
    "list(x[1:].sort() for x in [a])",
    "[x[1:].fill(3) for x in [a]]",
    "next(np.copyto(x[1:], 0) for x in [a])",
    "box.a[1:][0] = 9",
    "box.a[1:].sort()",
    "np.copyto(box.a[1:], 0)",
    "d['a'][1:][0] = 9",
    "d['a'][1:].sort()",
    "L[0][1:][0] = 9",
    "box.view[0] = 9",
    "box.view.sort()",
    "np.negative(box.view, out=box.view)",
    "call()[0] = 9",
    "call().sort()",
    "np.copyto(call(), 0)",
    "functions[0](a[1:], 0)",
    "box.np.copyto(a[1:], 0)",
    "a[i][j] = 9",
    "a[1:].flat.__setitem__(0, 7)",
    "operator.setitem(a[1:].flat, 0, 7)",
    "np.random.default_rng() and np.copyto(a[1:], 0)",
    "x = [1, 2, a[1:].sort()]",
    "x = {1: a[1:].fill(0)}",
    "x = f'{a[1:].sort()}'",
    'print(a[1:].sort(), end="")',
    "assert a[1:].sort() is None",
    "a[1:].partition(2, axis=0)",
    'a[1:].setfield(0, "f8")',
    "a[1:].put(0, 1)",
    "a[1:].resize(3)",
    "a[1:].flat = 0",
    "np.trunc(a, out=a[:])",
    "np.median(a, 0, out=a[0])",
    "np.median(np.ones((6, 8)), 0, out=a[0])",
    "np.nanmedian(a, 0, a[0], True)",
    "np.percentile(a, 50, axis=0, out=a[0], method='lower')",
    "np.nanpercentile(a, 50, 0, a[0])",
    "np.quantile(a, 0.5, axis=0, out=a[0], overwrite_input=True)",
    "np.nanquantile(np.ones((6, 8)), 0.5, axis=0, out=a[0])",
    "np.ones((6, 8)).sum(0, out=a[0])",
    "np.ones((6, 8)).sum(0, None, a[0])",
    "np.ones((6, 8)).max(0, out=a[0])",
    "np.ones((6, 8)).min(0, a[0])",
    "np.ones((6, 8)).mean(0, out=a[0])",
    "np.ones((6, 8)).std(0, out=a[0])",
    "np.ones((6, 8)).cumsum(0, out=a[:])",
    "np.ones((6, 8)).round(0, out=a[:])",
    "np.ones((6, 8)).clip(0, 3, out=a[:])",
    "a[1:].real += 3",
    "a.T.real *= 3",
]

# Somebody can, or the array is none that was taken from another.
HELD = [
    "v = a[1:3]; v[0] = 9",
    "v = a[1:3]; v.sort()",
    "v = a[1:3]; v.real = 0",
    "v = a[1:3]; np.copyto(v, 0)",
    "v = a[1:3]; np.add(1, 2, out=v)",
    "v = a[1:3]; np.add(1, 2, v)",
    "v = a[1:3]; np.add.at(v, 0, 1)",
    "v = a[1:3]; v.clip(2, 3, out=v)",
    "v = a[1:3]; v.flat[0] = 7",
    "f = a[1:3].flat; f[0] = 7",
    "v = a[1:3]; operator.setitem(v, 0, 7)",
    "v = a[1:3]; v.__setitem__(0, 7)",
    "v = a[1:3]; setattr(v, 'real', 7)",
    "job = (a[1:3], 0); np.copyto(*job)",
    "job = [a[1:3], 0]; np.copyto(*job)",
    "job = {'dst': a[1:3], 'src': 0}; np.copyto(**job)",
    "functools.partial(np.copyto, a[1:3])(7)",
    "o = (a[1:3],); np.add(1, 2, out=o)",
    "o = NT(a[1:3]); np.add(1, 2, out=tuple(o))",
    "o = a[1:3], a[3:5]; np.divmod(a[:2], 2, out=o)",
    "o = {'out': a[1:3]}; np.add(1, 2, **o)",
    "kw = {}; v = a[1:3]; np.copyto(v, 0, **kw)",
    "r = np.add(1, 2, out=(v := a[1:3]))",
    "(v := a[1:3])[0] = 7",
    "(v := a[1:3]).sort()",
    "np.copyto(v := a[1:3], 7)",
    "for row in a: row[0] = 9",
    "for row in a: row.sort()",
    "for row in a: np.copyto(row, 0)",
    "for i, row in enumerate(a): row += 1",
    "[row.fill(0) for row in a]",
    "[operator.setitem(row, 0, 5) for row in a]",
    "[np.copyto(row, 0) for row in a]",
    "list(map(operator.setitem, [a[0], a[1]], [0, 0], [9, 9]))",
    "list(map(np.copyto, [a[0], a[1]], [0, 0]))",
    "list(map(np.copyto, list(a), [0]*6))",
    "L = list(a); [x.sort() for x in L]",
    "L = list(a); L[0].sort(); L[0][0] = 3; np.copyto(L[0], 0)",
    "L = list(a); L[0].real = 1; L[0].flat[0] = 1; np.add(1, 1, out=L[0])",
    "d['v'] = a[1:]; d['v'].sort(); d['v'][0] = 3; d['v'].real = 1; d['v'].flat[0] = 1",
    "box.v = a[1:]; box.v.sort(); box.v[0] = 3; np.copyto(box.v, 0)",
    "box.v = a[1:]; box.v.real = 1; box.v.flat[0] = 1; np.add(1, 1, out=box.v)",
    "(lambda x: x.sort())(a[1:3])",
    "(lambda x: np.copyto(x, 0))(a[1:3])",
    "(lambda x: operator.setitem(x, 0, 0))(a[1:3])",
    "(lambda x: (lambda: x.sort())())(a[1:3])",
    "(lambda *x: np.copyto(*x))(a[1:3], 0)",
    "(lambda *x, **k: np.copyto(*x, **k))(a[1:3], 0)",
    "functools.reduce(lambda x, y: np.add(x, y, out=x), list(a))",
    "v = a[1:3]; del a; v.sort(); v[0] = 1; np.copyto(v, 0)",
    "m = a[1:3].sort; m()",
    "m = a[1:3].__setitem__; m(0, 1)",
    "functools.partial(a[1:3].fill)(0)",
    "w = lambda: v.sort(); v = a[1:3]; w()",
    "x, y = a[:3], a[3:]; x[:] = 1; y.sort(); np.copyto(x, 1)",
    "match a[1:3]:\n    case v: v.sort(); v[0] = 1",
    "try: raise ValueError(a[1:3])\nexcept ValueError as e: e.args[0].sort()",
    "a[1:3] += 1",
    "a[0] -= 1",
    "a[1:3].copy()[0] = 9",
    "a[1:3].copy().sort()",
    "np.copyto(a[1:3] + 1, 0)",
    "np.add(a, 1, out=a.copy())",
    "(a + 1)[0] = 9",
    "(a * 2).sort()",
    "z = np.add(1, 2, out=a[1:3] + 0)",
    "np.copyto(a[1:].T.copy(), 0)",
    "x = a[1:3]; y = x; del x; y.sort(); y[0] = 1",
    "global g; g = a[1:3]; g.sort(); g[0] = 3; np.copyto(g, 0); np.add.at(g, 0, 1)",
    "box.job = (a[1:3], 0); np.copyto(*box.job)",
    "s = {1: a[1:3]}; s[1].sort(); s[1][0] = 2; np.copyto(s.get(1), 0)",
    "x = a[1:3]; (x if a.size else a)[0] = 1",
    "x = a[1:3]; (x or 1) if 0 else x.sort()",
    "x = a[1:3]; np.copyto(x if a.size else a, 0)",
    "f = a[1:3].flat; g = f; del f; g[0] = 2",
    "x = a[1:3]; [x][0][0] = 3; (x,)[0].sort()",
    "x = a[1:3]; np.copyto(dst=x, src=0); np.copyto(x, 0, where=True)",
    "x = a[1:3]; x.sort(axis=0); x.sort(*()); x.sort(**{})",
    "x = a[1:3]; np.add(x, 1, x); np.divmod(x, 2, out=(x, a[3:5].copy()))",
    "with contextlib.nullcontext(a[1:3]) as x: x.sort(); x[0] = 1",
    "for x in [a[1:3], a[2:4]]: x[0] = 1; x.sort(); np.copyto(x, 0)",
    "for x in (a[1:3], a[2:4]): np.add(1, 2, out=x); np.add.at(x, 0, 1)",
    "for x in (y[1:] for y in [a]): x.sort(); x[0] = 1",
    "[(x.sort(), operator.setitem(x, 0, 1)) for x in (a[1:3], a[2:4])]",
    "{k: np.copyto(x, 0) for k, x in enumerate(list(a))}",
    "v = a[0]; z = np.ones((6, 8)); np.median(z, 0, out=v); np.quantile(z, 0, 0, v)",
    "v = a[0]; np.ones((6, 8)).sum(0, out=v); np.ones((6, 8)).std(0, out=v)",
    "v = a[:]; np.ones((6, 8)).cumsum(0, out=v); np.ones((6, 8)).clip(0, 1, out=v)",
    "v = a[:]; np.ones((6, 8)).round(0, v); np.ones((6, 8)).cumprod(0, None, v)",
    "L = list(a); np.ones((6, 8)).mean(0, out=L[0])",
    "x = np.ones((6, 8)).sum(0, out=(v := a[0]))",
    "(lambda x: np.ones((6, 8)).max(0, out=x))(a[0])",
    "np.ones((6, 8)).sum(0, out=a[0] + 1)",
    "v = a[1:]; v.real += 3",
    "(a + 1).real += 1",
    "v = np.lib.stride_tricks.as_strided(a, (3,), (8,), subok=True); v[0] = 7",
]

HOW = [
    "module",
    "function",
    "cells",
    "generator",
    "coroutine",
    "async",
    "class",
    "loop",
]
_PARAMETERS = "a, box, d, L, call, functions, i, j"
_NAMES = "f, g, k, kw, m, o, r, s, v, w, x, y, job, row"
ROUNDS = 70  # until the interpreter has specialised what it runs


class _Box:
    @property
    def view(self):
        return self.a[1:3]


async def _nothing():
    for _ in ():
        yield _


def names():
    a = cow.array(np.arange(48.0).reshape(6, 8) + 1)
    box = _Box()
    box.a, box.np = a, np
    return {
        "a": a,
        "box": box,
        "d": {"a": a},
        "L": [a],
        "call": lambda: a[1:],
        "functions": [np.copyto],
        "i": 1,
        "j": 2,
        "np": np,
        "cow": cow,
        "operator": operator,
        "functools": functools,
        "contextlib": contextlib,
        "NT": namedtuple("NT", "v"),
        "nothing": _nothing,
    }


def source(line, how):
    """Return code that runs `line` in another kind of block, or None."""
    if how == "module":
        return line
    if how == "class":
        return (
            None
            if "lambda" in line or "del a" in line
            else f"class Body:\n{_block(line)}"
        )
    if "global g" in line:
        return None
    head = f"def f({_PARAMETERS}):"
    if how == "cells":
        if "del " in line or "except" in line:
            return None
        names = f"    {_NAMES.replace(', ', ' = ')} = None\n"
        head += f"\n{names}    hold = lambda: (a, {_NAMES})"
    if how == "generator":
        line += "\nyield"
    if how == "loop":
        if "del a" in line:
            return None
        line = (
            f"for rounds in range({ROUNDS}):\n    try:\n{_block(_block(line))}\n"
            "    except cow.ChainedAssignmentError:\n        raised.append(1)"
        )
    call = f"f({_PARAMETERS})"
    if how == "generator":
        call = f"list({call})"
    if how == "async":
        line += "\nasync for x in nothing(): pass"
    if how in ("coroutine", "async"):
        head = f"async {head}"
        call = f"try: {call}.send(None)\nexcept StopIteration: pass"
    return f"{head}\n{_block(line)}\n{call}"


def _block(lines):
    return "\n".join(f"    {line}" for line in lines.split("\n"))


def run(line, how):
    """Tell whether `line` raises `cow.ChainedAssignmentError`; None: not applicable."""
    code = source(line, how)
    if code is None:
        return None
    raised = []
    try:
        exec(compile(code, "<user>", "exec"), {**names(), "raised": raised})
    except cow.ChainedAssignmentError:
        return True
    assert len(raised) in (0, ROUNDS), (line, len(raised))
    return bool(raised)


def wrong():
    """Return the lines that are judged wrongly."""
    return [
        (line, how)
        for lines, raises in ((LOST, True), (HELD, False))
        for line in lines
        for how in HOW
        if run(line, how) not in (None, raises)
    ]
