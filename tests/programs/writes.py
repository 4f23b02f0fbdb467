"""Draws the lines of a program that write arrays."""

import numpy as np

import cow
from tests.programs.drawing import Drawing
from tests.programs.world import Line


class Writes(Drawing):
    """Each method returns a line, or None where no array fits."""

    def store(self):
        x = self.target()
        a = self.plain(x)
        text = self.index(a)
        try:
            part = a[eval(text, self.world.plain)]
        except Exception:
            return f"{x}[{text}] = 0"
        shape = part.shape if isinstance(part, np.ndarray) else ()
        return f"{x}[{text}] = {self.operand(shape, a.dtype)}"

    def overlapping(self):
        """Store a part of an array into another part of it."""
        # NumPy is wrong for plain arrays of 100 elements and more
        x = self.any("x", lambda a: a.ndim and len(a) > 1)
        if x is None:
            return None
        n = len(self.plain(x))
        half = n // 2
        low = self.random.randrange(n - half + 1)
        to = self.pick(
            [f"{low}:{low + half}", f":{half * 2}:2", f"{half - 1}::-1", "1:"]
        )
        if to == "1:":
            half = n - 1
        if half == 0:
            return None
        start = self.random.randrange(n - half + 1)
        part = self.pick([f"{x}[{start}:{start + half}]", f"{x}[{n - half}:][::-1]"])
        if self.chance(0.5):
            view = self.name()
            return f"{view} = V({part}); {x}[{to}] = {view}"
        ways = [f"{x}[{to}] = V({part})", f"{x}[...] = V({x}[::-1])"]
        ways += [f"np.copyto({x}, V({x}[::-1]))"]
        if self.plain(x).dtype.kind != "T":  # NumPy dies
            ways += [f"{x}.put(np.arange({half}), V({part}))"]
        return self.pick(ways)

    def in_place(self):
        x = self.target(self.calm)
        if x is None:
            return None
        a = self.plain(x)
        sign = self.pick(
            {"b": "|&^", "i": "+-|&^", "u": "+|&^"}.get(a.dtype.kind, "+-")
        )
        if a.dtype.kind in "SUVM":
            return f"{x}[...] = {self.operand(a.shape, a.dtype)}"
        other = self.operand(a.shape, a.dtype)
        if self.chance(0.4) and a.ndim and a.dtype.kind != "T":  # NumPy is wrong
            text = self.index(a)
            part = f"{sign} V({x}[{text}])" if a.dtype.kind in "iufc" else ""
            return self.pick(
                [
                    f"{x}[{text}] {sign}= {self.scalar(a.dtype)}",
                    f"{x}[{text}] {sign}= V({x}[{text}]) {part}",
                    f"{x}[{text}] {sign}= V(np.asarray({x})[{text}])",
                ]
            )
        return f"{x} {sign}= {other}"

    def out(self):
        x = self.any("x", self.numeric)
        if x is None:
            return None
        a = self.plain(x)
        one, two = (self.operand(a.shape, a.dtype) for _ in range(2))
        add = self.pick(["add", "subtract", "maximum", "minimum"])
        ways = [f"np.{add}({one}, {two}, out={x})"] * 2
        ways += [
            f"np.{add}({one}, {two}, out={x}, where=mask({a.shape}, {self.seed()}))"
        ]
        ways += [
            f"np.add({x}, {x}, {x})",
            f"np.negative({one}, out={x}, casting='unsafe')",
        ]
        ways += [f"np.{add}({one}, {two}, out=({x},))"]
        if a.ndim:
            ways += [
                f"np.{add}.accumulate({x}, axis=0, out={x})" for add in ("maximum",)
            ]
            ways += [f"np.add({x}, V({x}[::-1]), out={x})"]
            ways += [
                f"np.clip(V({x}[::-1]), 1, 9, out={x})",
                f"{x}.clip(1, 9, out={x})",
            ]
        if a.ndim and len(a):
            ways += [f"np.add.at({x}, [0, -1, 0], {self.scalar()})"]
            ways += [f"np.subtract.at({x}, [0, 0], V({x}[:1]))"]
            ways += [f"np.take({x}, [0] * {len(a)}, axis=0, out={x}, mode='clip')"]
        return self.pick(ways)

    def outputs(self):
        """Write two arrays at once, or the result of a reduction."""
        x = self.any("x", lambda a: a.dtype.kind in "f" and self.calm(a))
        y = x and self.any(
            "x",
            lambda a: a.shape == self.plain(x).shape and a.dtype == self.plain(x).dtype,
        )
        if x is None:
            return None
        if x != y:
            which = self.pick(
                [f"np.modf({x}, out=({x}, {y}))", f"np.modf({y}, out=({x}, {y}))"]
            )
            return self.pick([which, f"np.divmod({x}, 7, out=({y}, {x}))"])
        view = self.name()
        a = self.plain(x)
        if a.ndim and len(a):
            ways = [f"{view} = V({x}[0]); np.maximum.reduce({x}, axis=0, out={view})"]
            ways += [
                f"{view} = V({x}[:1]); np.max({x}, axis=0, keepdims=True, out={view})"
            ]
            ways += [f"{view} = V({x}[0]); {x}.min(axis=0, out={view})"]
            return self.pick(ways) if a.ndim > 1 else ways[1]
        return None

    def method(self):
        x = self.any("x", lambda a: a.ndim and a.size and not a.dtype.names)
        if x is None:
            return None
        a = self.plain(x)
        value = self.scalar(a.dtype)
        ways = [f"{x}.fill({value})", f"{x}.put([0, -1], {value})"]
        if a.dtype.kind != "T":  # NumPy dies
            ways += [f"{x}.put([0, -1], V({x}.ravel()[-2:]))"]
        if a.dtype.kind not in "OV":
            ways += [f"{x}.sort(axis={self.pick([0, -1])})"]
        if a.dtype.kind in "iufcM" and a.shape[-1] > 2:
            ways += [f"{x}.partition(1); {x}.sort()"]
        if a.dtype.kind in "iuf" and a.itemsize == 4:
            ways += [f"{x}.setfield(3, 'i2', {self.pick([0, 2])})"]
        if a.dtype.kind in "iu":
            ways += [f"{x}.byteswap(inplace=True)"]
        return self.pick(ways)

    def function(self):
        x = self.any("x", lambda a: a.ndim and a.size and not a.dtype.names)
        if x is None:
            return None
        a = self.plain(x)
        value = self.scalar(a.dtype)
        chosen = f"mask({a.shape}, {self.seed()})"
        ways = [f"np.copyto({x}, {self.operand(a.shape, a.dtype)})"] * 2
        ways += [f"np.copyto({x}, {self.operand(a.shape, a.dtype)}, where={chosen})"]
        ways += [f"np.put({x}, [0, -1], {value})"]
        if a.dtype.kind != "T":  # NumPy dies
            ways += [f"np.putmask({x}, {chosen}, {value})"]
            ways += [f"np.putmask({x}, {chosen}, V({x}[::-1]))"]
            ways += [f"np.place({x}, {chosen}, [{value}])"]
        if a.ndim == 2:
            ways += [f"np.fill_diagonal({x}, {value})"]
        if a.ndim == 1:
            ways += [f"np.put_along_axis({x}, np.array([0, {a.size - 1}]), {value}, 0)"]
        return self.pick(ways)

    def flat(self):
        x = self.any("x", lambda a: a.size and not a.dtype.names)
        if x is None:
            return None
        a = self.plain(x)
        at = self.random.randrange(a.size)
        ways = [f"{x}.flat[{at}] = {self.scalar(a.dtype)}"]
        if a.dtype.kind != "T":  # NumPy dies
            ways += [f"{x}.flat = V({x}.ravel()[::-1])"]
        ways += [f"{x}.flat[{self.slice(a.size)}] = {self.scalar(a.dtype)}"]
        ways += [f"f = {x}.flat; f[{at}] = {self.scalar(a.dtype)}; del f"]
        return self.pick(ways)

    def attribute(self):
        x = self.any("x", lambda a: a.dtype.kind in "cf")
        if x is None:
            return None
        a = self.plain(x)
        part = self.pick(["real", "real", "imag"]) if a.dtype.kind == "c" else "real"
        if self.chance(0.5) and a.ndim:
            return f"{x}.{part} = V({x}.{part}[::-1])"
        return f"{x}.{part} = {self.random.randrange(40)}"

    def field(self):
        x = self.any("x", lambda a: a.dtype.names)
        if x is None:
            return None
        a = self.plain(x)
        name = self.pick(a.dtype.names)
        value = self.random.randrange(50)
        ways = [
            f"{x}[{name!r}] = {value}",
            f"{x}[{name!r}] += 1" if name != "o" else "",
        ]
        if a.ndim and len(a):
            ways += [f"{x}[0] = {x}[-1]", f"{x}[{name!r}] = V({x}[{name!r}][::-1])"]
            ways += [f"{x}[0] = V({x}[-1:])[0]"]
        return self.pick([way for way in ways if way])

    def layout(self):
        """Change shape or dtype in place, or the size."""
        x = self.any("x", lambda a: a.size)
        if x is None:
            return None
        n = self.plain(x).size
        k = self.pick([0, 1, 2, n, n + 3, 2 * n, n // 2])
        if not self.both_joined(x):
            return None
        if self.chance(0.5) and n < 5000:
            return Line(f"{x}.resize({k}, refcheck=False)", f"reshape {x}")
        shape = self.pick([(n,), (1, n), (n, 1), (-1,)])
        return Line(f"{x}.shape = {shape}", f"reshape {x}")

    def relayout(self):
        """Set the dtype, the strides or everything."""
        x = self.any("x", lambda a: a.size and not a.dtype.hasobject)
        if x is None or not self.both_joined(x):
            return None
        a = self.plain(x)
        fresh = f"{self.fresh(self.shape(), a.dtype)}.astype({x}.dtype)"
        ways = [f"{x}.__setstate__({fresh}.__reduce__()[2])"]
        if a.dtype.kind in "iuf" and a.itemsize in (2, 4, 8) and a.ndim:
            ways += [f"{x}.dtype = 'i{a.itemsize}'"]
        if a.ndim == 2 and a.flags.c_contiguous:
            # overlapping elements
            step = f"{x}.itemsize"
            return Line(f"{x}.strides = ({step}, {step})", f"strides {x}")
        return Line(self.pick(ways), f"reshape {x}")

    def lost(self):
        """Write into a view that nobody can name: it must be refused."""
        x = self.any("x", lambda a: a.ndim and len(a) > 3 and a.dtype.kind in "iuf")
        if x is None:
            return None
        ways = [f"{x}[1:3][0] = 1", f"{x}[1:].sort()", f"np.copyto({x}[1:3], 0)"]
        ways += [f"{x}[1:].flat[0] = 7", f"operator.setitem({x}[1:3], 0, 9)"]
        ways += [
            f"{x}[1:3][0] += 1",
            f"np.maximum({x}[:2], 2, out={x}[1:3])",
            f"{x}.T[0] = 1",
        ]
        return Line(self.pick(ways), "lost")

    def kept(self):
        """Write into a view that something keeps: it must not be refused."""
        x = self.any("x", lambda a: a.ndim and len(a) > 3 and a.dtype.kind in "iuf")
        if x is None:
            return None
        new = self.name()
        ways = [
            f"job = (V({x}[1:3]), 0); np.copyto(*job); {new} = job[0]; del job",
            f"q = functools.partial(np.copyto, V({x}[1:3])); q(7); "
            f"{new} = q.args[0]; del q",
            f"o = (V({x}[1:3]),); np.add(1, 2, out=o, casting='unsafe'); "
            f"{new} = o[0]; del o",
            f"o = [V({x}[1:3])]; o[0][0] = 5; {new} = o[0]; del o",
            f"for {new} in V({x}[1:3]): pass",
            f"{new} = V({x}[1:3]); {new} += 1",
        ]
        return self.pick(ways)

    def loop(self):
        x = self.any("x", lambda a: a.ndim and 1 < len(a) < 40 and not a.dtype.names)
        if x is None:
            return None
        a, new = self.plain(x), self.name()
        if a.ndim == 1:
            ways = [f"for i, r in enumerate({x}): {x}[-1 - i] = r"]
            ways += [f"for i in range({len(a)}): {x}[i] = {x}[-1 - i]"]
        else:
            ways = [f"for i, r in enumerate({x}): {x}[i] = V(r[::-1])"]
            ways += [f"for i, r in enumerate({x}): {x}[-1 - i] = V(r[...])"]
            ways += [
                f"q = [V(r[...]) for r in {x}]; {x}[1:] = V({x}[:1]); "
                f"{new} = q[-1]; del q",
                f"for r in {x}: {new} = V(r[...]); {new}[0] = {x}[-1, -1]"
                if a.size
                else f"{new} = {x}[...]",
            ]
        return self.pick(ways)

    def writing(self):
        """Write through the plain array that `cow.writing` gives."""
        x = self.any("x", lambda a: a.ndim and a.size and a.dtype.kind in "iufc")
        if x is None or not hasattr(cow, "writing"):
            return None
        at, k = self.index(self.plain(x)), self.random.randrange(50)
        text = f"with cow.writing({x}) as p: p[{at}] = {k}; p[0] = p[-1]"
        return Line(text, f"expose {x}")

    KINDS = {
        "store": 20, "overlapping": 8, "in_place": 9, "out": 8, "outputs": 3,
        "method": 5, "function": 6, "flat": 3, "attribute": 2, "field": 4, "layout": 3,
        "lost": 1, "kept": 2,
        "loop": 2, "writing": 2, "relayout": 1,
    }  # fmt: skip
