"""Draws names, indices and values that fit the arrays of a program."""

import random

import numpy as np

import cow

NUMBERS = ["?", "i1", "u1", "i2", "i4", "i8", "u8", "f2", "f4", "f8", "g", "c8", "c16"]
SWAPPED = [">i4", ">f8", ">c8", ">M8[s]", ">U2"]
DTYPES = [*NUMBERS, "f8", "f8", "i8", *SWAPPED, "S3", "U2", "M8[s]", "m8[s]", "V5"]
DTYPES += ["O", "O", "T", "R", "P", "Q"]
SMALL = [0, 1, 1, 2, 3, 4, 5, 8, 12, 30, 100]
LARGE = [1000, 1024, 4096, 9000, 100_000]
MOST = 12  # arrays at once
LIMIT = 300  # numbers stay below, so that all sums are exact in half precision


class Drawing:
    """What the authors of all kinds of lines have in common."""

    def __init__(self, seed, world):
        self.random = random.Random(seed)
        self.world = world
        self.last = 0
        self.dtypes = self.random.sample(DTYPES, self.random.choice([1, 1, 2, 3]))
        self.large = self.random.random() < 0.15

    # ------------------------------------------------------------- choosing

    def pick(self, things):
        return self.random.choice(things)

    def chance(self, p):
        return self.random.random() < p

    def seed(self):
        return self.random.randrange(1000)

    def name(self, prefix="x"):
        self.last += 1
        return f"{prefix}{self.last}"

    def copy_name(self, source):
        """Return a name for a copy: of what is plain it is plain."""
        return self.name(
            "x" if isinstance(self.world.cow[source], cow.CowArray) else "w"
        )

    def plain(self, name):
        return self.world.plain[name]

    def any(self, prefixes="xxxw", wanted=None):
        """Return the name of an array for which `wanted` holds, or None."""
        names = self.world.arrays(set(prefixes))
        names = [n for n in names if wanted is None or wanted(self.plain(n))]
        return self.pick(names) if names else None

    def target(self, wanted=None):
        return self.any("x", wanted) if self.chance(0.9) else self.any("xw", wanted)

    def operand(self, shape, dtype=None):
        """Return what may be stored where the shape is this one."""
        fits = [
            n
            for n in self.world.arrays("xbsw")
            if self.plain(n).shape == shape
            and (dtype is None or np.can_cast(self.plain(n).dtype, dtype, "same_kind"))
        ]
        if not shape and dtype is not None and dtype.hasobject:
            fits = []  # the array itself would be the element
        choice = self.random.randrange(6)
        if fits and choice < 4:
            name = self.pick(fits)
            if self.plain(name).dtype.kind == "T":
                return f"V({name})"  # NumPy is wrong where an array is put into itself
            if len(shape) and self.chance(0.4):
                return self.pick([f"V({name}[::-1])", f"V({name}[...])"])
            return name
        if choice == 4 and dtype is not None and not dtype.hasobject:
            return self.fresh(shape, dtype)
        few = dtype is not None and dtype.kind in "iufc" and 0 < len(shape) < 3
        if choice == 5 and few and np.prod(shape) < 50:
            return f"new('u1', {shape}, {self.seed()}).tolist()"
        return self.scalar(dtype)

    def fresh(self, shape, dtype):
        code = next((c for c in DTYPES if self.of(c, dtype)), None)
        return f"new({code or 'f8'!r}, {shape}, {self.seed()})"

    @staticmethod
    def of(code, dtype):
        return len(code) > 1 and code not in "RPQ" and np.dtype(code) == dtype

    def scalar(self, dtype=None):
        kind = "i" if dtype is None else dtype.kind
        k = self.random.randrange(50)
        if dtype is not None and dtype.names:
            return f"new({self.code(dtype)!r}, (), {k})"
        return {
            "S": f"b'{k}'",
            "U": f"'{k}'",
            "T": f"'{k}'",
            "V": f"np.void(b'{k:05}')",
            "O": self.pick([f"({k},)", str(k), f"'{k}'", "None", "2.5"]),
            "M": f"np.datetime64({k}, 's')",
            "m": f"np.timedelta64({k}, 's')",
            "?": str(k % 2 == 0),
        }.get(kind, self.pick([str(k), str(k), f"np.float32({k})", f"np.int8({k})"]))

    def code(self, dtype):
        fields = {2: "Q" if dtype.hasobject else "R", 3: "P"}
        return fields[len(dtype.names)]

    def slice(self, n):
        step = self.pick(["", "", "", ":2", ":3", ":-1", ":-2", ":-1"])
        low = self.random.randrange(n + 1)
        if step.startswith(":-"):
            return self.pick([f":{step}", f"{low}:{step}"])
        high = self.random.randrange(low, n + 1)
        return self.pick([f"{low}:{high}{step}", f"{low}:{step}", f":{high}{step}"])

    def index(self, a, view=False):
        """Return the text of an index into an array; a basic one for a view."""
        if a.ndim == 0:
            return self.pick(["...", "()", "None"])
        if not view and a.size and self.chance(0.35):
            return self.fancy(a)
        parts = []
        for n in a.shape[: self.random.randrange(1, a.ndim + 1)]:
            if n and self.chance(0.25):
                parts.append(str(self.random.randrange(-n, n)))
            else:
                parts.append(self.slice(n))
        if self.chance(0.2):
            parts.insert(
                self.random.randrange(len(parts) + 1), self.pick(["None", "..."])
            )
        return self.pick([", ".join(parts)] * 5 + ["..."])

    def fancy(self, a):
        n = a.shape[0]
        some = [
            self.random.randrange(-n, n) for _ in range(self.random.randrange(1, 5))
        ]
        kind = self.random.randrange(5)
        if kind == 0:
            return f"mask({a.shape}, {self.seed()})"
        if kind == 1 and a.ndim > 1 and a.shape[1]:
            return f"{some}, {self.random.randrange(a.shape[1])}"
        if kind == 2:
            return f"np.array({some})"
        if kind == 3 and a.ndim > 1:
            return f"{some}, {self.slice(a.shape[1])}"
        return f"{some}"

    def element(self, a):
        return ", ".join(str(self.random.randrange(-n, n)) for n in a.shape)

    def shape(self):
        n = self.pick(LARGE) if self.large and self.chance(0.6) else self.pick(SMALL)
        shapes = [(n,), (n,), (n, 1), (1, n)]
        shapes += [(d, n // d) for d in (2, 3, 4, 10) if n and n % d == 0]
        shapes += [(2, n // 4, 2)] if n and n % 4 == 0 else []
        shapes += [()] if n == 1 else []
        return self.pick(shapes)

    def calm(self, a):
        """Numbers are small, so all results are exact, in any order."""
        if a.dtype.kind == "T":
            return bool((np.strings.str_len(a) < 50).all())
        if a.dtype.kind in "f":
            return bool((abs(a) < LIMIT).all())
        if a.dtype.kind == "c":
            return bool((abs(a.real) < LIMIT).all() and (abs(a.imag) < LIMIT).all())
        return not a.dtype.names

    def numeric(self, a):
        return a.dtype.kind in "iufc" and self.calm(a)

    def both_joined(self, x):
        spaces = (self.world.cow, self.world.plain)
        return all(space[x].flags.c_contiguous for space in spaces)
