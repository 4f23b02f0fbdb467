"""Draws the next line of a program, of any kind of statement that meets arrays."""

import cow
from tests.programs.callbacks import CallbackLines
from tests.programs.drawing import MOST
from tests.programs.world import LEAST_UNSEEN, Line
from tests.programs.writes import Writes


class Author(Writes, CallbackLines):
    """Draws lines that fit the arrays of a world as it is now."""

    # --------------------------------------------------------------- arrays

    def make(self):
        if len(self.world.arrays("xbw")) >= MOST:
            return self.drop()
        order = self.pick(["", "", ", 'F'"])
        text = f"new({self.pick(self.dtypes)!r}, {self.shape()}, {self.seed()}{order})"
        if self.chance(0.2):
            source = self.name("p")
            return f"{source} = {text}; {self.name()} = cow.asarray({source})"
        return f"{self.name()} = cow.array({text})"

    def view(self):
        x = self.any("xxxb")
        a = self.plain(x)
        prefix = "b" if x[0] == "b" else "x"
        choices = [f"{x}[{self.index(a, view=True)}]"] * 4 + [f"{x}[...]", f"{x}.T"]
        choices += [f"{x}.view()", f"{x}.view(Sub)", f"{x}.swapaxes(0, -1)"]
        choices += [f"{x}[None]", f"np.atleast_2d({x})", f"{x}.squeeze()[...]"]
        choices += [f"np.flip({x})", f"{x}.transpose()", f"np.moveaxis({x}, 0, -1)"]
        choices += [f"{x}.real[...]", f"{x}.imag[...]"] if a.dtype.kind in "fcO" else []
        choices += [f"{x}[{f!r}]" for f in a.dtype.names or ()] * 3
        choices += [f"{x}.diagonal()[...]"] if a.ndim > 1 else []
        return f"{self.name(prefix)} = {self.pick(choices)}"

    def reshaped(self):
        x = self.any("x", lambda a: a.flags.c_contiguous and a.size)
        if x is None:
            return None
        n = self.plain(x).size
        d = self.pick([k for k in (1, 2, 3, 5) if n % k == 0])
        how = self.pick(["reshape({} , -1)", "ravel()[...]", "reshape(-1, {})"])
        return f"{self.name()} = {x}.{how.format(d)}"

    def other_dtype(self):
        ok = {1: "u1", 2: "i2", 4: "i4", 8: "i8"}
        x = self.any(
            "x", lambda a: a.ndim and a.dtype.kind in "iuf" and a.itemsize in ok
        )
        if x is None:
            return None
        code = self.pick([ok[self.plain(x).itemsize], "u1"])
        return Line(f"{self.name()} = {x}.view({code!r})", f"joined {x}")

    def stretched(self):
        """Make a view that shows elements many times: it is only read."""
        x = self.any("x", lambda a: a.ndim == 1 and 2 < a.size < 200)
        if x is None:
            return None
        n = self.plain(x).size
        how = self.pick(
            [
                f"np.broadcast_to({x}, (3, {n}))",
                f"window({x}, 2)",
                f"strided({x}, ({n - 1}, 2), {x}.strides * 2)",
                f"np.broadcast_arrays({x}, np.ones((2, 1)))[0]",
                f"cow.readonly({x})",
                f"cow.readonly({x}[1:])",
            ]
        )
        # some of these are plain arrays
        return Line(f"{self.name('b')} = {how}", f"export {x}")

    def copied(self):
        x = self.any("xxb")
        new = self.copy_name(x)
        ways = [f"{new} = {x}.copy()", f"{new} = np.copy({x}, subok=True)"]
        ways += [f"{new} = copy.copy({x})", f"{new} = cow.array({x})"]
        ways += [f"{new} = {x}.astype({x}.dtype)", f"{new} = {x}.flatten()"]
        ways += [f"{new} = copy.deepcopy({x})"]
        ways += [f"{new} = cow.array({x}[...])", f"{new} = {x}[...].copy()"]
        ways += [
            f"{self.name('w')} = np.array({x})",
            f"{self.name('w')} = np.copy({x})",
        ]
        return Line(self.pick(ways), "own")

    def result(self):
        x = self.any("x", lambda a: a.ndim and a.size and a.dtype.kind != "T")
        if x is None:
            return None
        a, new = self.plain(x), self.name()
        ways = [f"np.concatenate([{x}, {x}])[:{len(a)}]", f"{x}.take([0, -1], axis=0)"]
        ways += [f"{x}.repeat(2, axis=0)[::2]", f"{x}[[0, -1]]"]
        ways += [f"np.where(mask({a.shape}, 3), {x}, {x}[::-1])"]
        if a.dtype.kind in "iufc":
            ways += [
                f"({x} + {x}) - {x}",
                f"{x} + 0 + {x}[::-1] - {x}",
                f"+{x}",
                f"-{x}",
            ]
            ways += [f"({x} + {x}) * {x}[::-1] - ({x} - 1)"] * 2
            ways += [f"abs({x}) - {x}.real"] if a.dtype.kind != "c" else []
        return f"{new} = {self.pick(ways)}"

    def held_operator(self):
        """Something else than a name holds the left operand of an operator."""
        x = self.any("x", lambda a: a.dtype.kind in "if" and (abs(a) < 50).all())
        if x is None:
            return None
        new, other = self.name(), self.name()
        how = self.pick(["__add__", "__radd__", "__sub__", "__mul__"])
        one = f"V({x} + 0)"  # NumPy itself overwrites it here
        ways = [
            f"m = {one}.{how}; {new} = m(1); {other} = m(1); del m",
            f"m = functools.partial(operator.add, {one}); {new} = m(1); "
            f"{other} = m(1); del m",
            f"{new}, {other} = list(itertools.accumulate([{one}, 1], operator.add))",
            f"{new}, {other} = (lambda l: (operator.add(*l), l[0]))([{one}, 1])",
            f"t = ({one}, 1); {new} = operator.add(*t); {other} = t[0]; del t",
        ]
        return self.pick(ways)

    def pickled(self):
        x, new = self.any("xb"), self.name()
        ways = [
            f"pickle.loads(pickle.dumps({x}, 5))",
            f"pickle.loads(pickle.dumps({x}))",
        ]
        ways += [
            f"(lambda q: pickle.loads(pickle.dumps({x}, 5, buffer_callback=q.append), "
            "buffers=q))([])"
        ]
        return Line(f"{new} = {self.pick(ways)}", f"native {x}")

    def changed_copy(self):
        x = self.target(lambda a: a.size and not a.dtype.names)
        if x is None or x[0] != "x":
            return None
        a, new = self.plain(x), self.name()
        at, value = self.element(a) or "()", self.scalar(a.dtype)
        ways = [
            f"{new} = at({x})[{at}].set({value})",
            f"{new} = at({x})[...].set({value})",
        ]
        ways += [f"{new} = cow.safe_modify({x}, lambda a: a.fill({value}))"]
        ways += [f"with cow.editing({x}) as {new}: {new}[{at}] = {value}"]
        return Line(self.pick(ways), "own")

    # ------------------------------------------------------------- holders

    def snapshot(self):
        x = self.any("xb")
        a = self.plain(x)
        ways = [f"np.asarray({x})", f"{x}.view(np.ndarray)", f"{x}.view(Foreign)"]
        if type(self.world.cow[x]) is cow.CowArray:  # else a known issue
            ways += [f"np.ndarray.view({x}, Foreign)"]
        if a.dtype.kind in "biufc" and a.dtype.isnative and a.dtype.char != "g":
            ways += [f"memoryview({x})", f"np.from_dlpack({x})", f"{x}.data"]
        return Line(f"{self.name('s')} = {self.pick(ways)}", f"export {x}")

    def holder(self):
        x = self.any("x", lambda a: a.size < LEAST_UNSEEN and a.dtype.kind not in "TVc")
        if x is None:
            return None
        flags = "['refs_ok', 'zerosize_ok']"
        ways = [f"np.broadcast({x}, 1)", f"np.nditer({x}, {flags}, order='C')"]
        ways += [f"np.ndarray.flat.__get__({x})"]
        return Line(f"{self.name('h')} = {self.pick(ways)}", f"hold {x}")

    def read_holder(self):
        if not self.world.held:
            return self.holder()
        h = self.pick(sorted(self.world.held))
        return Line(f"items({h})", f"read {h}")

    def expose(self):
        x = self.any(
            "x", lambda a: a.size and a.dtype.kind in "iufc" and a.dtype.isnative
        )
        if x is None:
            return None
        ways = [f"{x}.ctypes.data", f"{x}.__array_interface__", f"{x}.__array_struct__"]
        if self.both_joined(x) and self.plain(x).dtype.char != "g":
            ways += [f"np.frombuffer({x}, {x}.dtype)"]
        return Line(self.pick(ways), f"expose {x}")

    def drop(self):
        names = [n for n in self.world.plain if n[0] in "xbsphw" and n[1:].isdigit()]
        return f"del {self.pick(names)}" if names else None

    def collect(self):
        x = self.any("x")
        return self.pick(
            [
                "gc.collect()",
                "gc.collect(0)",
                f"q = [{x}, {x}[...]]; q.append(q); del q",
            ]
        )

    KINDS = {
        **Writes.KINDS, **CallbackLines.KINDS,
        "make": 3, "view": 14, "reshaped": 3, "other_dtype": 1, "stretched": 2,
        "copied": 7, "result": 4, "held_operator": 2, "pickled": 1, "changed_copy": 2,
        "snapshot": 6, "holder": 4, "read_holder": 4, "expose": 1, "drop": 9,
        "collect": 1,
    }  # fmt: skip

    def line(self):
        """Return the next line of the program."""
        if not self.world.arrays("x"):
            return self.ready(self.make())
        while True:
            kind = self.random.choices(list(self.KINDS), self.KINDS.values())[0]
            if self.mortal_array:
                kind = "burial"
            line = getattr(self, kind)()
            if line is not None:
                return self.ready(line)

    def ready(self, line):
        if isinstance(line, Line):
            return line
        return Line(line, "local" if self.chance(0.25) and " = " in line else "")
