"""Python code that runs in the middle of a write, and what may come of it.

The text of such a line is ``WRITE @n@ ACTION; ACTION``: the actions run when the write
calls Python for the n-th time, by a hook for floating point errors or warnings, or by
an object that is converted, added or freed. Each element of the array must then be
what the write or an action has put there, unless the write raised; what the actions
have taken (names that begin with `s`) stays as it was, and shows no third value.
"""

import functools
import re
import warnings

import numpy as np

import cow
from cow import _core
from tests.programs.drawing import Drawing
from tests.programs.spaces import as_plain, eager
from tests.programs.world import NAMES, Difference, Line, World, execute

TAKEN = re.compile(r"(s\d+) = ")
MEDDLINGS = 8  # of finalizers, in each line
NESTED = re.compile(r"(\w\d+)\[(.*)\] = (.*)")


class Evil:
    """Stands for a number, and calls a function whenever it is asked for it."""

    def __init__(self, call, number):
        self.call = call
        self.number = number

    def __repr__(self):
        return "Evil"

    def asked(self):
        self.call()
        return self.number

    def __float__(self):
        return float(self.asked())

    def __complex__(self):
        return complex(self.asked())

    def __bool__(self):
        return bool(self.asked())

    def __str__(self):
        return str(self.asked())

    def __radd__(self, other):
        self.call()
        return f"{other}+{self.number}"[:20]

    __int__ = __index__ = asked
    __add__ = __radd__


class EvilArray:
    """Makes an array of its number, and calls a function when it is asked for it."""

    def __init__(self, call, number):
        self.call = call
        self.number = number

    def __array__(self, dtype=None, copy=None):
        self.call()
        return np.array(self.number, dtype)


class Dying:
    """Calls a function when it is freed."""

    def __init__(self, call):
        self.call = call

    def __repr__(self):
        return "Dying"

    def __deepcopy__(self, memo):
        return self

    def __reduce__(self):
        return str, ("Dying",)

    def __del__(self):
        self.call()


def all_dying(call, shape):
    """Return an array of objects, each of which is freed alone."""
    a = np.empty(shape, object)
    for index in np.ndindex(shape):
        a[index] = Dying(call)
    return a


def names(call):
    """Return the objects that call a function, by the names that programs use."""
    return {
        "evil": functools.partial(Evil, call),
        "evil_array": functools.partial(EvilArray, call),
        "dying": functools.partial(Dying, call),
        "all_dying": functools.partial(all_dying, call),
        "touch": np.frompyfunc(lambda x: [call(), 77][1], 1, 1),
    }


class Meddler:
    """Writes arrays of its own, and replaces them, whenever it is called."""

    def __init__(self, call):
        self.call = call
        self.count = 0
        self.left = MEDDLINGS
        self.numbers = cow.zeros(600)
        self.objects = cow.array([None] * 3)
        self.kept = []

    def meddle(self):
        if self.left == 0:
            return  # each one frees objects that call again
        self.left -= 1
        self.count += 1
        self.kept.append((self.numbers[self.count % 7 :], self.numbers[0]))
        self.numbers[...] = self.count
        if self.count % 5 == 0:
            del self.kept[:-4]
        copied = self.objects.copy()
        copied[1] = self.count
        self.objects[0] = Dying(self.call)
        self.objects = copied

    def check(self, line):
        self.left = MEDDLINGS
        for kept, number in self.kept:
            if not (np.asarray(kept) == number).all():
                raise Difference(f"{line}: what a finalizer has kept is {kept!r:.200}")
        for a in (self.numbers, self.objects):
            _core.check(a)


class Calls:
    """Runs the actions of a line when it is called for the n-th time."""

    def __init__(self, world):
        self.world = world
        self.meddler = Meddler(self)
        self.arm(0, [])

    def arm(self, at, actions):
        self.left = at
        self.actions = actions
        self.done = []

    def __call__(self, *args):
        self.left -= 1
        if self.left == 0:
            self.act()
        else:
            self.meddler.meddle()

    def act(self):
        for action in self.actions:
            error = execute(action, self.world.cow, False)
            taken = TAKEN.match(action)
            if taken and error is None:
                value = as_plain(self.world.cow[taken[1]])
                self.world.plain[taken[1]] = eager(value)
            self.done.append((action, error))


def run(world, line):
    """Run a line with actions; compare, and go on with what the cow array has."""
    write, at, actions = re.split(r" @(\d+)@ ", line.text, maxsplit=1)
    target = NAMES.search(write)[0]
    before = eager(world.plain[target])
    changes = changed(world, write, target, before)
    expected = execute_hooked(write, world.plain, lambda *args: None)
    outer = eager(world.plain[target])
    world.calls.arm(int(at), actions.split("; "))
    error = execute_hooked(write, world.cow, world.calls)
    done = world.calls.done
    world.calls.arm(0, [])
    follow(world, line, target, done)
    now = as_plain(world.cow[target])
    if not any("resize" in action for action, _ in done):
        if expected is None and not isinstance(error, RuntimeError | None):
            raise Difference(f"{line}: raised {error!r}")
        allowed = [outer] if error is None else [before, outer]
        check_target(world, line, target, before, allowed, changes, done)
    if now.shape == outer.shape and now.dtype == outer.dtype:
        world.plain[target][...] = now
    else:
        world.plain[target] = eager(now)


def changed(world, write, target, before):
    """Say which elements a write changes, of whatever value they are."""
    other = before.copy()
    other[...] = np.where(equal(before, 33), 34, 33)
    space = {**world.plain, target: other.copy()}
    execute_hooked(write, space, lambda *args: None)
    return ~equal(space[target], other)


def execute_hooked(text, space, call):
    with warnings.catch_warnings(), np.errstate(all="call", call=call):
        warnings.simplefilter("always")
        warnings.showwarning = call
        return execute(text.replace("V(", "V(" if "V" in space else "("), space, False)


def follow(world, line, target, done):
    """Do the actions on the eager copies, but for those on the target itself."""
    for action, error in done:
        nested = NESTED.fullmatch(action)
        if not isinstance(error, RuntimeError | NameError | IndexError | None):
            raise Difference(f"{line}: in {action} raised {error!r}")
        if nested and nested[1] != target and error is None:
            execute(action, world.plain, False)
            world.remember()
        elif action.startswith("del "):
            world.parts = True  # an iterator may be all that is left of it
            world.forget(action[4:])


def check_target(world, line, target, before, allowed, changes, done):
    """Each element is what somebody put there; what was taken shows no other."""
    now = as_plain(world.cow[target])
    if now.dtype != before.dtype or now.shape != before.shape:
        raise Difference(f"{line}: {target} is {now!r:.200}")
    space = {**world.plain, target: before.copy()}
    written = np.zeros(before.shape, bool)
    for action, error in done:
        nested = NESTED.fullmatch(action)
        if nested and nested[1] == target and error is None:
            execute(action, space, False)
            execute(
                f"written[{nested[2]}] = True", {**space, "written": written}, False
            )
    values = space[target]
    for one in (values, *allowed):  # each was there, for a moment
        world.seen.update(map(repr, one.ravel().tolist()[:1000]))
    fine = np.zeros(before.shape, bool)
    for one in allowed:
        fine |= equal(now, one)
    # where both wrote: one of them, or the write has read what the action put there
    both = written & (changes | ~equal(allowed[-1], before))
    lost = written & ~equal(now, values) & (~both if len(allowed) == 1 else ~fine)
    wrong = ~written & ~fine
    if lost.any() or wrong.any():
        what = "an action is lost" if lost.any() else "not what was written"
        raise Difference(f"{line}: {what}: {now!r:.200}")
    check_taken(world, line, [before, values, *allowed], done)


def check_taken(world, line, moments, done):
    for action, error in done:
        taken = TAKEN.match(action)
        if not taken or error is not None or re.search(r"[+T]", action):
            continue
        shown = world.plain[taken[1]]
        part = action.partition("[")[2].rstrip("]") if "[" in action else "..."
        try:
            known = [np.asarray(m[eval(part, {})]) for m in moments]
        except Exception:
            continue
        if all(k.shape == np.shape(shown) for k in known):
            fine = functools.reduce(np.logical_or, [equal(shown, k) for k in known])
            if not np.all(fine):
                raise Difference(
                    f"{line}: {taken[1]} shows a third value {shown!r:.200}"
                )


def equal(one, other):
    """Compare the elements, of objects by what they print."""
    one, other = np.broadcast_arrays(one, other)
    if one.dtype.kind == "O":
        pairs = zip(one.ravel().tolist(), other.ravel().tolist(), strict=True)
        flat = [x is y or repr(x) == repr(y) for x, y in pairs]
        return np.array(flat, bool).reshape(one.shape)
    found = one == other
    if one.dtype.kind in "fc":
        found = found | ((one != one) & (other != other))
    return np.asarray(found)


class CallbackWorld(World):
    """Knows such lines and the objects that they use."""

    SPECIAL = {**World.SPECIAL, "callback": run}

    def __init__(self):
        super().__init__()
        self.calls = Calls(self)
        self.cow |= names(self.calls)
        self.plain |= names(lambda: None)

    def compare(self, line):
        super().compare(line)
        self.calls.meddler.check(line)


class CallbackLines(Drawing):
    """Draws such lines."""

    mortal_array = None  # elements that call have just been put into it

    def callback(self):
        """Write while a hook runs actions."""
        x = self.any("x", lambda a: a.size and a.dtype.kind in "iufcO")
        if x is None or self.plain(x).size > 5000 or x in self.world.exposed:
            return None
        a = self.plain(x)
        if a.dtype.kind == "f" and not self.calm(a):
            return None
        return self.acting(x, a, self.calling(x, a))

    def acting(self, x, a, ways):
        """Return one of the writes, with some actions."""
        at = self.pick([1, 1, 1, 2, 3])
        actions = [self.action(x, a) for _ in range(self.random.randrange(1, 4))]
        return Line(f"{self.pick(ways)} @{at}@ {'; '.join(actions)}", "callback")

    def burial(self):
        """Replace elements that call when they are freed."""
        x, self.mortal_array = self.mortal_array, None
        if x not in self.world.arrays("x") or x in self.world.exposed:
            return None
        a = self.plain(x)
        index = self.index(a)
        ways = [f"{x}[...] = 77", f"{x}.fill(77)", f"{x}[{index}] = 77"]
        ways += [f"np.copyto({x}, 77)", f"{x}.put(range({a.size}), 77)"]
        ways += [f"{x}[mask({a.shape}, 0)] = 77", f"{x}.flat = 77", f"{x} *= 0"]
        return self.acting(x, a, ways)

    def calling(self, x, a):
        """Return the writes to an array that call Python."""
        kind, at = a.dtype.kind, self.element(a) or "()"
        index = self.index(a)
        if kind == "O":
            ways = [f"{x} += evil(1)", f"np.add({x}, evil(1), out={x})"]
            return [*ways, f"touch({x}, out={x})", f"{x}[{index}] += evil(1)"]
        ways = [
            f"{x}[{at}] = evil(77)",
            f"{x}[{index}] = evil(77)",
            f"{x}.fill(evil(77))",
        ]
        ways += [f"{x}[...] = evil_array(77)", f"{x}.put([0, -1], evil(77))"]
        ways += [f"{x}.flat[0] = evil(77)", f"{x}[...] = np.array(evil(77), object)"]
        ways += [f"{x}.put([evil(0)], 77)", f"touch({x}, out={x}, casting='unsafe')"]
        if a.ndim:
            ways += [
                f"{x}[evil(0)] = 77",
                f"{x}[evil(0):] = 77",
                f"{x}[[evil(0), -1]] = 77",
            ]
            ways += [f"{x}[:1] = [evil(77)]" if a.ndim == 1 else f"{x}[0] = evil(77)"]
        if kind == "f" and a.itemsize <= 4:
            ways += [f"{x}[{at}] = 1e300", f"{x}[{index}] = 1e300", f"{x}.fill(1e300)"]
            ways += [f"{x}[...] = np.full({a.shape}, 1e300)", f"{x}.put([0], 1e300)"]
            ways += [
                f"np.copyto({x}, 1e300, casting='unsafe')",
                f"{x}.flat[-1] = 1e300",
            ]
            ways += [
                f"{x} *= {x}.dtype.type(6e4)",
                f"np.multiply({x}, {x}.dtype.type(6e4), out={x})",
            ]
        if kind == "f":
            ways += [f"{x} /= 0", f"np.divide({x}, 0, out={x})", f"{x}[{index}] /= 0"]
            ways += [f"np.reciprocal({x} * 0, out={x})", f"np.log({x} - 90, out={x})"]
        if kind in "iuf":
            ways += [f"{x}[{at}] = np.complex128(77 + 1j)"] if kind == "f" else []
            ways += [f"{x}[...] = np.full({a.shape}, 77 + 1j)"]
            ways += [f"{x}[{index}] = np.full((1,), 77 + 1j)"]
        return ways

    def action(self, x, a):
        """Return something to be done to an array in the middle of a write to it."""
        s, value = self.name("s"), 88
        part = f"{x}[{self.index(a, view=True)}]" if a.ndim else f"{x}[...]"
        ways = [f"{s} = {x}[...]", f"{s} = {part}", f"{s} = np.asarray({x})"] * 2
        ways += [f"{s} = {x}.copy()", f"{s} = np.array({x})", f"{s} = {x}.T"]
        if a.dtype.kind != "O" and a.dtype.isnative and a.dtype.char != "g":
            ways += [f"{s} = memoryview({x})"]
        ways += [f"{s} = {x} + 0"] if a.dtype.kind in "iufc" else []
        at = self.element(a) or "()"
        ways += [f"{x}[{at}] = {value}", f"{x}[...] = {value}", f"{x}[{at}] = {value}"]
        ways += ["gc.collect()", f"cow.explain({x})"]
        if self.chance(0.1) and self.both_joined(x):
            ways += [f"{x}.resize({a.size + 5}, refcheck=False)"]
        other = self.any("x", lambda b: b.size and b.dtype.kind in "iufcO")
        if other and other != x:
            there = self.element(self.plain(other)) or "()"
            ways += [f"{other}[{there}] = 88", f"{other}[...] = 88", f"del {other}"]
        return self.pick(ways)

    def mortal(self):
        """Put elements into an array that call when they are freed."""
        x = self.any("x", lambda a: 0 < a.size < 300 and a.dtype == object)
        if x is None:
            return None
        a = self.plain(x)
        at = self.element(a) or "()"
        ways = [f"{x}[{at}] = dying()", f"{x}[...] = all_dying({a.shape})"]
        self.mortal_array = x
        return Line(self.pick(ways))

    KINDS = {"callback": 8, "mortal": 3}
