"""Programs of NumPy statements, run on cow arrays and on eager copies at once.

A program is a list of lines of Python. Each is run twice: in one namespace the arrays
are cow arrays, in the other plain ones, of which every view is copied at once (there,
`V(...)` copies, too). After each line all arrays must have the values of their twins.
"""

import contextlib
import functools
import re
import warnings

import numpy as np

import cow
from cow import _core
from tests.programs.spaces import (
    COMMON,
    LAZY,
    PLAIN,
    Eager,
    as_plain,
    eager,
    items,
    same,
)

NAMES = re.compile(r"\b[xbsphw]\d+\b")


LEAST_UNSEEN = 3000  # elements of an array that iterators are not made of


class Difference(AssertionError):
    """What a program shows is not what eager copies show."""


@functools.lru_cache(4096)
def compiled(text, names):
    """Compile a line; given names it becomes a function with these as locals."""
    if names:
        body = f"def run({', '.join(names)}):\n    {text}\n    return locals()"
        return compile(body, "<program>", "exec")
    return compile(text, "<program>", "exec")


def execute(text, space, local):
    """Run a line in a namespace; return what it raised."""
    names = tuple(sorted(set(NAMES.findall(text)) & space.keys())) if local else ()
    try:
        exec(compiled(text, names), space)
        if names:
            space.update(space.pop("run")(*[space[name] for name in names]))
    except Exception as error:
        return error
    return None


class Line:
    """A line of a program and what is known of it.

    The tags, with the NAME of an array:

    =========== =============================================
    own         the result is a copy
    lost        it must be refused, since the write is lost
    export      a plain array or a memoryview looks at NAME
    expose      it asks for a pointer into NAME
    hold, read  it keeps an iterator over NAME; reads NAME
    joined      NAME must be contiguous
    reshape     this too, and its layout changes
    strides     this too, and it may be refused
    native      NAME is a cow array, its bytes in this machine's order
    local       the line runs as a function
    callback    see `callbacks`
    =========== =============================================
    """

    def __init__(self, text, tag=""):
        self.text = text
        self.tag = tag
        self.new_layout = tag.startswith(("reshape", "strides")) or "resize" in text

    def __str__(self):
        return f"{self.text}  # {self.tag}" if self.tag else self.text

    @classmethod
    def read(cls, text):
        code, _, tag = text.partition("  # ")
        return cls(code, tag)


class World:
    """The arrays of a running program, twice."""

    def __init__(self):
        self.cow = {**COMMON, **LAZY}
        self.copies = Eager()
        self.plain = {**COMMON, **PLAIN, "V": self.copies}
        self.held = {}  # what is held by iterators, by their names
        self.seen = set()
        self.parts = False  # some views see parts of elements
        self.exposed = set()

    def arrays(self, prefixes="xw"):
        """Return the names of arrays; `x` cow arrays, `w` plain ones of our own."""
        return [
            name
            for name, a in self.plain.items()
            if name[0] in prefixes
            and NAMES.fullmatch(name)
            and isinstance(a, np.ndarray)
            and isinstance(self.cow.get(name), np.ndarray)
        ]

    def forget(self, name):
        self.cow.pop(name, None)
        self.plain.pop(name, None)
        self.held.pop(name, None)

    def applies(self, line):
        """Say whether a line can be run: when others were dropped it may not."""
        target, _, rest = line.text.partition(" = ")
        needed = set(NAMES.findall(rest if NAMES.fullmatch(target) else line.text))
        bound = set(re.findall(r"\b([xbsphw]\d+) = ", line.text))
        if not needed - bound <= self.plain.keys():
            return False
        kind, _, name = line.tag.partition(" ")
        if kind == "export":
            return name not in self.exposed
        if kind == "callback":
            return not self.exposed & needed
        if kind in ("joined", "reshape", "strides"):
            return all(s[name].flags.c_contiguous for s in (self.cow, self.plain))
        if kind == "native":
            return self.plain[name].dtype.isnative and isinstance(
                self.cow[name], cow.CowArray
            )
        return kind != "read" or name in self.held

    def run(self, line):
        """Run a line in both namespaces and compare; False where it was left out."""
        if not self.applies(line):
            return False
        before = dict(self.plain)
        layouts = self.layouts()
        self.parts |= ".view('" in line.text or ".dtype = " in line.text
        kind = line.tag.partition(" ")[0]
        self.SPECIAL.get(kind, World.both)(self, line)
        if "__setstate__" in line.text:
            name = line.tag.split()[1]  # it does not own its memory
            self.plain[name] = eager(self.plain[name])
        changed = [n for n, v in self.plain.items() if before.get(n) is not v]
        self.copies.held.clear()
        self.rebound(line, [name for name in changed if NAMES.fullmatch(name)])
        if not line.new_layout:
            self.compare_layouts(line, layouts)
        self.compare(line)
        return True

    def both(self, line):
        local = line.tag == "local"
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            wanted = execute(line.text, self.plain, local)
            raised = execute(line.text.replace("V(", "("), self.cow, local)
        if (wanted is None) != (raised is None) or not isinstance(raised, type(wanted)):
            raise Difference(f"{line}: raised {raised!r} instead of {wanted!r}")
        if raised is not None:
            self.after_error(set(NAMES.findall(line.text)))

    def after_error(self, names):
        """Half of a write that raised may have been made, as in NumPy."""
        for name in names:
            if (name in self.cow) != (name in self.plain):
                self.forget(name)
            elif isinstance(self.cow.get(name), np.ndarray):
                self.plain[name][...] = as_plain(self.cow[name])

    def refused(self, line):
        error = execute(line.text, self.cow, False)
        if error is None:
            raise Difference(f"{line}: the write is lost, nothing was raised")
        if not isinstance(error, cow.ChainedAssignmentError | IndexError):
            raise Difference(f"{line}: raised {error!r}")

    def read(self, line):
        """Read an iterator: it shows what some array had there, or has."""
        name = line.tag.split()[1]
        try:
            found = items(self.cow[name])
        except Exception as error:
            raise Difference(f"{line}: {error!r}") from error
        wild = [each for each in found if repr(each) not in self.seen]
        if wild and self.held[name] and not self.parts:
            raise Difference(f"{line}: {wild!r:.200} was never there")

    def restride(self, line):
        """Set strides, or refuse to; elements that overlap are values, too."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if execute(line.text, self.cow, False) is None:
                execute(line.text, self.plain, False)
                name = line.tag.split()[1]
                self.plain[name] = eager(self.plain[name])

    SPECIAL = {"lost": refused, "read": read, "strides": restride}

    def rebound(self, line, names):
        """Copy in the namespace of plain arrays whatever got a new name."""
        kind, _, source = line.tag.partition(" ")
        for name in names:
            self.held.pop(name, None)
            if kind not in ("reshape", "strides"):
                self.exposed.discard(name)
            if kind != "hold":
                self.plain[name] = eager(self.plain[name])
            if kind == "own" and name[0] in "xw":
                self.check_own(line, name)
        if kind == "hold":
            self.held |= dict.fromkeys(names, source)
        if kind == "expose":
            self.exposed.add(source)

    def check_own(self, line, name):
        """A copy has memory at an address of its own."""
        for other in self.arrays("xwbs"):
            if other != name and overlap(self.cow[name], self.cow[other]):
                raise Difference(f"{line}: {name} shares memory with {other}")

    def layouts(self):
        return {
            name: (self.cow[name], *steps(self.cow[name])) for name in self.arrays("x")
        }

    def compare_layouts(self, line, layouts):
        """A write changes neither shape nor strides."""
        for name, (a, *layout) in layouts.items():
            now = self.cow.get(name)
            if now is a and layout != list(steps(a)) and not overlapping(*layout, a):
                raise Difference(f"{line}: {name} {layout} became {list(steps(a))}")

    def compare(self, line):
        for name in [n for n in self.plain if NAMES.fullmatch(n) and n[0] != "h"]:
            c, a = self.cow.get(name), self.plain[name]
            if isinstance(c, _core.Array):
                self.consistent(line, name, c)
            c = as_plain(c)
            if not same(c, a):
                raise Difference(f"{line}: {name} is {short(c)} instead of {short(a)}")
        if line.new_layout and self.held:
            sources = set(NAMES.findall(line.text))
            if "resize" in line.text or ".shape" in line.text:
                self.remember_nothing(sources)
            else:
                self.forget_holders(sources)
        if self.held:
            self.remember()

    def consistent(self, line, name, c):
        try:
            _core.check(c)
        except Exception as error:
            raise Difference(f"{line}: the check of {name}: {error!r}") from error

    def forget_holders(self, sources):
        """What iterators show of another dtype is not known."""
        for holder, source in self.held.items():
            if source in sources:
                self.held[holder] = ""

    def remember_nothing(self, sources):
        """An iterator over an array that was larger may show zeros."""
        for name in sources & {*self.arrays("xpbsw")}:
            a = np.zeros(1, self.plain[name].dtype)
            self.seen |= {repr(a.tolist()[0]), "None"}

    def remember(self):
        """Note what iterators may show: they look at memory that others may write."""
        for name in self.arrays("xpb"):
            a = self.plain[name]
            # others of what lies in the same memory may be shown
            self.parts |= a.size >= LEAST_UNSEEN or a.dtype.names is not None
            if a.size < LEAST_UNSEEN and not a.dtype.names:
                # bytes that were made a text by a view may be none
                with contextlib.suppress(SystemError, ValueError):
                    self.seen.update(map(repr, a.ravel().tolist()))


def steps(a):
    """Return the shape and the strides, 0 where no element depends on them."""
    pairs = zip(a.shape, a.strides, strict=True)
    return a.shape, [s if n > 1 and a.size else 0 for n, s in pairs]


def overlapping(shape, strides, a):
    """Do elements lie in the same place? A write puts them apart."""
    reach = sum((n - 1) * abs(step) for n, step in zip(shape, strides, strict=True))
    return reach < a.nbytes - a.itemsize


def overlap(a, b):
    a, b = as_plain(a), as_plain(b)
    return bool(a.size and b.size and np.may_share_memory(a, b))


def short(value):
    return f"{value!r:.300}"
