"""A fuzzer of strict views: random programs of views and writes, against plain NumPy.

``python -m tests.programs.aliasing SEED PROGRAMS`` prints what was seen. Each program
runs with plain arrays, with cow arrays, and with arrays of numbers that name each place
of the memory; the last ones tell who sees a write. Under ``cow.views("raise")`` exactly
the writes that another array would see are stopped, and all values are NumPy's. Some
programs begin under "copy": what has parted then is known later.
"""

import random
import sys
from collections import Counter

import numpy as np

import cow

LINES = 30
MOST = 9  # arrays at once
SHAPES = [(6,), (8,), (2, 3), (3, 4), (4, 2), (2, 3, 2), (1, 5), (30,), (200,)]


class Difference(Exception):
    """Not what was promised."""


class Program:
    """A program that is drawn line by line, while it runs."""

    def __init__(self, seed, mode="raise"):
        self.random = random.Random(seed)
        self.mode = mode
        self.lines = []
        self.ids = {"np": np}
        self.plain = {"np": np}
        self.cow = {"np": np}
        self.next_id = 10**6  # no number that is stored
        self.last = 0
        self.parted = self.random.random() < 0.3  # it begins under "copy"
        self.counts = Counter()
        self.roots = {}  # whose memory it is
        self.had_parted = self.parted

    def chance(self, p):
        return self.random.random() < p

    def names(self, snapshots=False):
        letters = "xp" if snapshots else "x"
        return [n for n, a in self.plain.items() if n[0] in letters and a.size]

    # ------------------------------------------------------------- drawing

    def index(self, shape, fancy=False):
        if not shape:
            return "..."
        n = shape[0]
        if fancy:
            kind = self.random.randrange(4)
            some = [self.random.randrange(-n, n) for _ in range(3)]
            if kind == 0:
                return f"np.array({some})"
            if kind == 1:
                keep = [self.chance(0.4) for _ in range(n)]
                return f"np.array({keep})"
            if kind == 2 and len(shape) > 1:
                return f"{some}, {self.part(shape[1])}"
            return f"{some}"
        parts = [self.part(k) for k in shape[: self.random.randrange(1, 3)]]
        if self.chance(0.1):
            parts.append("...")
        return ", ".join(parts)

    def part(self, n):
        if self.chance(0.25):
            return str(self.random.randrange(-n, n))
        low = self.random.randrange(n)
        high = self.random.randrange(low, n + 1)
        step = self.random.choice(["", "", ":2", ":3"])
        return self.random.choice(
            [f"{low}:{high}{step}", f"{low}:{step}", f":{high}", "::-1", "::2", "1::2"]
        )

    def view(self, x):
        shape = self.plain[x].shape
        forms = [f"{x}[{self.index(shape)}]"] * 6
        forms += [f"{x}[...]", f"{x}.T", f"{x}.ravel()", f"{x}.reshape(-1)"]
        forms += [f"{x}[None]", f"{x}.squeeze()"]
        if shape:
            forms.append(f"{x}.swapaxes(0, -1)")
        return self.random.choice(forms)

    def operand(self, shape):
        """What is stored: a number, an array or a view that is gone afterwards."""
        fits = [n for n in self.names() if self.plain[n].shape == shape]
        kind = self.random.randrange(5)
        if fits and kind < 3:
            x = self.random.choice(fits)
            reverse = f"{x}[::-1]" if shape else f"{x}[()]"
            return self.random.choice([x, reverse, f"{x}[...]", f"{x}.copy()"])
        return str(self.random.randrange(1, 9))

    def write(self):
        """Return a statement, and the name and the index of what it writes."""
        x = self.random.choice(self.names())
        a = self.plain[x]
        idx = self.index(a.shape, self.chance(0.35))
        part = self.plain[x][eval(f"np.index_exp[{idx}]")]
        value = self.operand(np.shape(part))
        whole = self.operand(a.shape)
        k = self.random.randrange(1, 9)
        forms = [(f"{x}[{idx}] = {value}", idx)] * 4
        forms += [(f"{x}[{idx}] += {value}", idx)] * 2
        forms += [(f"{x} += {whole}", "..."), (f"{x}[...] = {whole}", "...")]
        forms += [(f"{x} *= 2", "..."), (f"{x}.fill({k})", "...")]
        forms += [
            (f"np.add({x}, {k}, out={x})", "..."),
            (f"np.copyto({x}, {k})", "..."),
        ]
        if a.ndim:
            forms += [(f"{x}.sort()", "..."), (f"np.cumsum({x}, 0, out={x})", "...")]
        statement, idx = self.random.choice(forms)
        if self.chance(0.25):
            used = [n for n in self.names() if n in statement.replace("(", " ")]
            given = ", ".join(n for n in used if self.appears(n, statement))
            statement = f"def f({given}):\n    {statement}\nf({given})"
        return statement, x, idx

    @staticmethod
    def appears(name, statement):
        words = "".join(c if c.isalnum() else " " for c in statement).split()
        return name in words

    # ------------------------------------------------------------- running

    def run(self, statement):
        """Run what writes nothing, in all three."""
        self.lines.append(statement)
        for space in (self.ids, self.plain, self.cow):
            exec(statement, space)

    def make(self):
        self.last += 1
        name = f"x{self.last}"
        shape = self.random.choice(SHAPES)
        n = int(np.prod(shape))
        self.lines.append(f"{name} = np.arange({n}.0).reshape({shape})")
        self.ids[name] = np.arange(self.next_id, self.next_id + n).reshape(shape)
        self.plain[name] = np.arange(float(n)).reshape(shape)
        self.cow[name] = cow.arange(float(n)).reshape(shape)
        self.next_id += n
        self.roots[name] = name

    def name_anew(self, name):
        """A copy has memory of its own."""
        shape, count = self.ids[name].shape, self.ids[name].size
        ids = np.arange(self.next_id, self.next_id + count)
        self.ids[name] = ids.reshape(shape)
        self.next_id += count
        self.roots[name] = name

    def seen_by(self, x, idx):
        """Return the others that look at what is written, and the plain ones."""
        written = self.ids[x][eval(f"np.index_exp[{idx}]")]
        if not written.size:
            return [], False
        owner = self.roots[x]
        names = [n for n in self.names(snapshots=True) if n != x]
        seen = [n for n in names if np.isin(written, self.ids[n]).any()]
        near = any(n[0] == "p" and self.roots[n] == owner for n in names)
        return seen, near

    def is_idle(self, statement):
        """Does it store what is there already?"""
        before = {n: self.ids[n].copy() for n in self.names(snapshots=True)}
        exec(statement, self.ids)
        same = all(np.array_equal(a, self.ids[n]) for n, a in before.items())
        for n, a in before.items():
            if n[0] == "x":
                self.ids[n][...] = a
        return same

    def store(self):
        statement, x, idx = self.write()
        self.lines.append(statement)
        seen, near = self.seen_by(x, idx)
        before = {n: self.plain[n].copy() for n in self.names(snapshots=True)}
        error = None
        try:
            exec(statement, self.cow)
        except (cow.ViewError, cow.ChainedAssignmentError) as raised:
            error = raised.with_traceback(None)
        self.cow.pop("f", None)
        if self.parted:
            return
        if error is None and seen and self.had_parted and {n[0] for n in seen} == {"p"}:
            # whose base has parted from it under "copy", and is gone
            self.counts["plain holders, not known"] += 1
            return
        if error is None and seen and not self.is_idle(statement):
            raise Difference(f"{statement!r} is seen by {seen}, and was not stopped")
        if error is not None and not seen:
            if not near:
                raise Difference(f"{statement!r} is seen by nobody: {error}")
            self.counts["plain holders, not seen"] += 1
        self.counts["stopped" if error else "written"] += 1
        if self.had_parted:
            return
        if error is None:
            exec(statement, self.plain)
            self.plain.pop("f", None)
        else:
            for n, a in before.items():
                assert np.array_equal(a, self.plain[n])
        for n in self.names(snapshots=True):
            if not np.array_equal(np.asarray(self.cow[n]), self.plain[n]):
                raise Difference(f"after {statement!r}, {n} is {self.cow[n]}")

    def step(self):
        names = self.names()
        kind = self.random.random()
        if not names or (kind < 0.1 and len(names) < MOST):
            self.make()
        elif kind < 0.38 and len(names) < MOST:
            x = self.random.choice(names)
            self.last += 1
            target, source = f"x{self.last}", self.ids[x]
            self.run(f"{target} = {self.view(x)}")
            if not isinstance(self.plain[target], np.ndarray):
                for space in (self.ids, self.plain, self.cow):
                    del space[target]
            elif np.shares_memory(self.ids[target], source):
                self.roots[target] = self.roots[x]
            else:
                self.name_anew(target)  # reshape() and ravel() copy, where they must
            if self.chance(0.2):
                self.run(f"del {x}")
        elif kind < 0.41:
            x = self.random.choice(names)
            self.last += 1
            self.run(f"x{self.last} = {x}.copy()")
            self.name_anew(f"x{self.last}")
        elif kind < 0.44:
            x = self.random.choice(names)
            self.last += 1
            self.run(f"p{self.last} = np.asarray({x})")
            self.roots[f"p{self.last}"] = self.roots[x]
        elif kind < 0.6:
            x = self.random.choice(self.names(snapshots=True))
            self.run(f"del {x}")
        else:
            self.store()

    def play(self):
        for _ in range(LINES):
            if self.parted and self.chance(0.1):
                self.parted = False
                self.lines.append('# from here on under "raise"')
            with cow.views("copy" if self.parted else self.mode):
                self.step()
        return self.counts


def fuzz(seed, programs, mode="raise"):
    """Run programs; return what was counted, and the one that failed, or None."""
    counts = Counter()
    for n in range(programs):
        program = Program(f"{seed}:{n}", mode)
        try:
            counts += program.play()
        except Exception as error:
            lines = "\n".join(program.lines)
            return counts, f"{seed}:{n}\n{lines}\n{type(error).__name__}: {error}"
    return counts, None


if __name__ == "__main__":
    seen, failure = fuzz(sys.argv[1], int(sys.argv[2]))
    print(dict(seen))
    if failure:
        sys.exit(failure)
