"""Programs drawn at random do guarded what they do on copies.

COW_ROUNDS in the environment asks for more of them, COW_SEED for others.
"""

import collections
import copy
import importlib.util
import itertools
import os
import random
import re
import sys
import zlib

import pytest

import cow
from tests.catalogue.bodies import Body
from tests.oracle.arguments import Arguments
from tests.oracle.bodies import Caller, disagreement
from tests.oracle.copies import with_copies

PROGRAMS = int(os.environ.get("COW_ROUNDS", 60))
SEED = os.environ.get("COW_SEED", "")

# bodies do what NumPy warns of
pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.filterwarnings("error:the proof of"),
]


HEADER = """
import numpy as np

KEPT = []
COUNT = np.zeros(3)


class Box:
    def __init__(self, x):
        self.x = x

    @property
    def part(self):
        return self.x[1:]


def writes(v, k=1):
    v += k


def writes_a_row(v):
    row = v[0:1]
    row *= 2
    return row


def reads(v):
    return float(v.sum())


def same(v):
    return v


def either(v, flag):
    return v if flag else v.copy()


def program(x, y, k):
    s = 1.0
    held = []
"""

# by the number of dimensions of v: how to get another array, and its dimensions
VIEWS_OF = {
    1: """v[1:] 1; v[::-1] 1; v[:-1] 1; v[None] 2; v[:, None] 2; v.reshape(1, -1) 2""",
    2: """v[1:] 2; v[:, 1:] 2; v[::-1] 2; v.T 2; v[0] 1; v[:, 0] 1; v.ravel() 1;
        v.reshape(-1) 1; v.swapaxes(0, 1) 2; np.diagonal(v) 1; v[:, ::-1] 2""",
}
VIEWS_OF_ALL = """v[...]; v.view(); np.asarray(v); v.astype(v.dtype, copy=False);
    np.ascontiguousarray(v); same(v); either(v, k > 0); either(v, s > 0); Box(v).x;
    Box(v).part; [v][0]; {"a": v}["a"]; (lambda: v)(); v.real; np.atleast_1d(v);
    next(iter([v])); np.asarray(memoryview(v)); (v if s > 2 else v * 1.0);
    np.array(v, copy=None); np.split(v, [1])[1]; max([v], key=len)"""
FRESH_OF_ALL = """v * 2.0; v.copy(); v + 1; np.sqrt(np.abs(v)); np.sort(v, axis=-1);
    np.where(v > 0, v, -v); np.concatenate([v, v]); v.astype(float); v[[0, -1]];
    np.array(v); v - v.mean()"""
WRITES = """v[0] = s; v += 1; v *= 0.5; v[...] = v[::-1].copy(); v[v < 0] = 0;
    v[-1] = 2; v.fill(3); v.sort(axis=-1); np.add(v, 1, out=v); np.negative(v, out=v);
    v[0] += 1;
    writes(v); writes(v, k); writes_a_row(v)[...] -= 1; v.flat[0] = 7; v.T[0] = 1;
    v.ravel()[0] = 5; np.copyto(v, 3); np.maximum(v, 0, out=v); np.add.at(v, 0, 1);
    v[-1:] -= 2; v.put(0, 4); Box(v).x[0] = 6; Box(v).x += 1; np.put(v, [0], 8);
    np.asarray(v)[0] = s; [v][0][0] = 4; v[0], v[-1] = v[-1].copy(), v[0].copy();
    np.random.default_rng(1).shuffle(v); (lambda w: writes(w))(v); v.real[0] = 9;
    getattr(v, "fi" + "ll")(k); v[1:][v[1:] < 2] = 2; np.fill_diagonal(v, 1)"""
READS = """s = float(v.sum()); s = reads(v); s = float(v[0].max()); s = float(len(v));
    s += v.ndim; s = float(v.mean()); s = -s; s = float(np.shares_memory(v, w))"""
OTHER = """held.append(v); held.append(v[1:]); KEPT.append(v); KEPT.append([v[:1]]);
    KEPT.append(s); COUNT[0] += 1"""
WRITING = [
    "for row in v:\n    row -= 1",
    "for row in v:\n    writes(row)",
    "for i in range(2):\n    v[i % len(v)] += i",
    "if s > 0:\n    W\nelse:\n    W",
    "if k > 1:\n    W",
    "if float(v.sum()) > s:\n    v = v.copy()\nW",
    "while s > 1:\n    s /= 4\n    W",
    "try:\n    W\n    v[9999] = 1\nexcept IndexError:\n    W",
    "try:\n    W\nfinally:\n    W",
    "with np.errstate(all='ignore'):\n    W",
    "def inner():\n    W\ninner()",
    "def inner(v):\n    W\n    return v\nv = inner(w)",
    "[writes(row) for row in v]",
    "box = Box(v)\nbox.x[0] = 2\nbox.part[...] = 3",
    "match v.ndim:\n    case 1:\n        W\n    case _:\n        W",
]
WRITING_WHAT_IS_KEPT = [
    "for each in held:\n    each[...] = 1",
    "if KEPT and isinstance(KEPT[-1], np.ndarray):\n    KEPT[-1][0] = 5",
]
READING = [
    "for each in held:\n    s += float(each.sum())",
    "for row in v:\n    s += float(row.sum())",
    "s = sum(reads(each) for each in [v, w])",
    "if s > 0:\n    s = reads(v)\nelse:\n    s = float(w.max())",
    "try:\n    v[9999]\nexcept IndexError:\n    s = 2.0",
    "def inner():\n    return v.sum()\ns = float(inner())",
    "while s > 1:\n    s /= 4",
    "v, w = w, v",
]
RESULTS = """v; w; (v, w); [v, v[1:]]; {"v": v, "s": s}; Box(v); s; None; (x, y); held;
    (x, held); v[0]; v.T, v; np.asarray(v); (v is w, v); [row for row in v]; KEPT;
    v * 2, s; (v for v in [x, y]).__next__(); COUNT;
    v.flags.writeable, v.base is None"""


def split(text):
    return [" ".join(each.split()) for each in text.split(";")]


class Program:
    """Statements drawn at random: views, writes, reads, calls, branches, loops.

    A third of the programs write anything, a third only arrays that they have made,
    a third such arrays with one exception.
    """

    def __init__(self, seed):
        self.rng = random.Random(zlib.crc32((SEED + str(seed)).encode()))
        self.dims = {"x": 2, "y": 1}
        self.own = set()
        kind, odd = self.rng.choice(["any", "own", "one"]), self.rng.randrange(15)
        self.parts = []
        for at in range(15):
            self.spares = kind != "any" and (kind == "own" or at != odd)
            self.parts.append(self.statement())
        if self.rng.random() < 0.1:
            self.parts.append(self.named("raise LookupError('end', v, s)"))
        self.parts.append(self.named("return " + self.rng.choice(split(RESULTS))))
        self.take = self.rng.choice(
            [lambda a, b: (a, b[0])] * 3
            + [lambda a, b: (a, a[0]), lambda a, b: (a[1:], a[:, 0])]
        )
        self.k = self.rng.randrange(3)

    def statement(self):
        draw = self.rng.random()
        if draw < 0.3:
            return self.assignment(fresh=self.rng.random() < 0.3)
        if draw < 0.5:
            return self.writing(self.rng.choice(split(WRITES)))
        if draw < 0.65:
            kept = [] if self.spares else WRITING_WHAT_IS_KEPT
            return self.writing(self.rng.choice(WRITING + kept))
        if draw < 0.75:
            return self.named(self.rng.choice(split(OTHER)))
        return self.named(self.rng.choice(split(READS) + READING))

    def assignment(self, fresh):
        source = self.rng.choice(list(self.dims))
        dims = self.dims[source]
        if fresh:
            text, after = self.rng.choice(split(FRESH_OF_ALL)), dims
        else:
            pool = [each.rsplit(" ", 1) for each in split(VIEWS_OF[dims])]
            pool += [[each, dims] for each in split(VIEWS_OF_ALL)]
            text, after = self.rng.choice(pool)
        name = self.rng.choice(["a", "b", "c", "d", source])
        text = self.put(f"{name} = {text}", {"v": source})
        self.dims[name] = int(after)
        if fresh or source in self.own:
            self.own.add(name)
        else:
            self.own.discard(name)
        return text

    def writing(self, text):
        """Return statements that write v and w."""
        if not (names := sorted(self.own) if self.spares else list(self.dims)):
            return self.assignment(fresh=True)
        while "W" in text:
            text = text.replace("W", self.rng.choice(split(WRITES)), 1)
        return self.named(text, names)

    def named(self, text, names=None):
        """Put names of arrays for v and w."""
        first, second = self.rng.choices(names or list(self.dims), k=2)
        words = {"v": first, "w": second}
        if text == "v, w = w, v":
            self.dims[first], self.dims[second] = self.dims[second], self.dims[first]
            self.own -= {first, second}
        if "lambda w" in text:
            del words["w"]
        if "def inner(v)" in text:
            del words["v"]
            self.dims["v"] = self.dims[second]
        return self.put(text, words)

    def put(self, text, words):
        pattern = r"(?<![\w.'\"])[vw](?![\w'\"])"
        return re.sub(pattern, lambda found: words.get(found[0], found[0]), text)

    def source(self):
        lines = "\n".join(self.parts).splitlines()
        return HEADER + "".join(f"    {line}\n" for line in lines)

    def body(self, folder):
        """Return the body that a module file defines, so that it has a source."""
        name = f"program_{next(NUMBER)}"
        path = folder / f"{name}.py"
        path.write_text(self.source())
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)

        def forget():
            module.KEPT.clear()
            module.COUNT[:] = 0

        return Body(
            name,
            module.program,
            self.take,
            lambda f, x, y: f(x, y, self.k),
            arrays=2,
            dims=(2,),
            state=lambda: (module.KEPT, module.COUNT),
            reset=forget,
        )

    def disagreement(self, folder):
        body = self.body(folder)
        try:
            guarded = cow.no_mutate(body.function)
            for shape in ((6, 8), (50, 100)):
                for kind in PROGRAM_KINDS:
                    where = disagreement(body, guarded, Arguments(kind, shape))
                    if where:
                        return where
        finally:
            del sys.modules[body.name]
        return None


NUMBER = itertools.count()
PROGRAM_KINDS = ("f8", "sliced", "cow", "i8", "read-only", "fortran", "mixed")


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_random_program_does_guarded_what_it_does_on_copies(seed, tmp_path):
    program = Program(seed)
    where = program.disagreement(tmp_path)
    if where is None:
        return
    for at in reversed(range(len(program.parts) - 1)):
        shorter = copy.copy(program)
        shorter.parts = program.parts[:at] + program.parts[at + 1 :]
        found = shorter.disagreement(tmp_path)
        if found:
            program, where = shorter, found
    pytest.fail(f"{where}\n{program.source()}")


def test_random_programs_compute_something(tmp_path):
    outcomes = collections.Counter()
    for seed in range(100):
        body = Program(seed).body(tmp_path)
        caller = Caller(body, with_copies(body.function), Arguments("f8", (6, 8)))
        outcomes[caller.call()[0]] += 1
        del sys.modules[body.name]
    assert outcomes["returned"] > 50
