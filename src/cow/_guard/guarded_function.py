"""A guarded function: how its arguments are passed, and what becomes of its result.

The core passes arrays, numbers and the like by a plan, see guard.c; everything else
goes through Python.
"""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cow import _core
from cow._array import annotation, readonly
from cow._ground.errors import ReadOnlyError
from cow._ground.types import Args, Kwargs, Path, Plain, type_of
from cow._guard import deferred
from cow._guard.arguments import Call, give, spell_path
from cow._guard.loans import take_back
from cow._guard.mutation import origin
from cow._guard.options import Options
from cow._guard.outputs import Outputs
from cow._guard.proof import Finding, Proof, prove
from cow._guard.refusals import explain, tell_refusal
from cow._guard.registry import spell_class
from cow._guard.results import own
from cow._guard.samples import compare, samples_of
from cow._guard.signature import RECEIVERS, Parameter, Signature, function_of
from cow._guard.wrapper import Wrapper, count_call
from cow._guard.writes import Writes

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["GuardedFunction"]

# how an argument is passed, see src/core/guard.c: as it is, copied, lent, lent where
# it has the class of a copy, to be written
PASS, COPY, LEND, LEND_PLAIN, OUTPUT = "p", "c", "l", "L", "o"
# what NumPy says of a write into a read-only array
_REFUSED = re.compile(r"([a-z]+ ){1,3}is read-only")
_POSITIONS = 10  # in a plan, see src/core/guard.c
_MOST_PROOFS = 10  # of one function, before it gets copies for good
_QUICK_AFTER = 10  # calls with containers, before the core learns of a function


class Proven(NamedTuple):
    """What is proven for some calls, and how these pass what the parameters take."""

    proof: Proof | Finding
    modes: dict[Parameter, str]


class GuardedFunction:
    """A guarded function: its plan, its proofs, and the way through Python.

    The plan is what the core reads: it passes arrays, numbers and the like.
    Everything else comes to `begin` and `end`.
    """

    def __init__(self, wrapper: Wrapper, options: Options) -> None:
        self.wrapper = wrapper
        self.border = wrapper.cow_border
        self.func = func = wrapper.cow_func
        self.name = getattr(func, "__qualname__", None) or type_of(func).__qualname__
        self.on_write = options["on_write"]
        self.writes = Writes(func, self.name, self.on_write)
        self.verify = options["verify"]
        self.isolate = options["isolate"]
        self.function, self.bound = function_of(func)
        self.signature = s = Signature(func, self.function, self.bound is not None)
        # what takes the object of a method
        self.receivers: list[Parameter] = []
        if self.function is not None and self.bound is None:
            firsts = [p for p in s.positional[:1] if p.name in RECEIVERS]
            named = [s.by_name[p.name] for p in firsts if p.name in s.by_name]
            self.receivers = [*firsts, *named]
        self.only, self.skip = options["only"], options["skip"]
        self.owns = options["results"] == "own"
        self.readonly = annotation.readonly_parameters(func)
        unknown = (self.only | self.skip) - set(s.names)
        if unknown and s.is_complete and options["exact"]:
            raise ValueError(f"{self.name}() has no parameter {sorted(unknown)}")
        self.proven: dict[Any, Proven] = {}
        self.unproven = self._with_modes(Finding(-1, "", "", 0))
        self.attempts = 0
        self.boxed = 0  # calls with containers
        # what was not guarded, by parameter and class
        self.loose: dict[tuple[str, type], str] = {}
        self.strict = options["strict"]
        self.runner = deferred.runner(func)
        self.plan: list[Any] = [func, None, {}, (), None]
        self.plan += [self.begin, self.end, self.raised, self.failed, self.leaked]
        self.plan += [0, give, self.own if self.owns else None]

    # ----------------------------------------------------------------- proofs

    def prove(self, first: Any, boxes: frozenset[int]) -> Proven:
        """Return what is proven for calls with these containers.

        `first`: the first argument, as far as it is a receiver.
        """
        receiver = self.bound if self.bound is not None else first
        kind = receiver if isinstance(receiver, type) else type_of(receiver)
        found = self.proven.get((kind, boxes))
        if found is None or (
            isinstance(found.proof, Proof)
            and not _core.holds(found.proof.checks, first)
        ):
            # containers do not make it easier
            worse = [
                e.proof for (k, b), e in self.proven.items() if k is kind and b < boxes
            ]
            proof = next((each for each in worse if isinstance(each, Finding)), None)
            found = self._with_modes(proof or self._prove(receiver, boxes))
            self.proven[kind, boxes] = found
        self.boxed += bool(boxes)
        if boxes and self.boxed == _QUICK_AFTER and isinstance(found.proof, Finding):
            self.prove(first, frozenset())  # the core copies lists, too
        quick = self.on_write == "copy" and self.isolate is not False
        quick &= not (self.owns and (self.only or self.skip))  # see `_complete`
        if quick and not boxes and not self.readonly:
            self._write_plan(found, kind if self.receivers else None)
        return found

    def _prove(self, receiver: Any, boxes: frozenset[int]) -> Proof | Finding:
        if self.isolate:
            return Finding(-1, "always gets them: isolate=True", *origin(self.func))
        if self.function is None or (self.receivers and receiver is None):
            return Finding(-1, "has no Python code", *origin(self.func))
        self.attempts += 1
        if self.attempts > _MOST_PROOFS:
            return Finding(-1, "has too many forms", *origin(self.func))
        return prove(self.function, receiver, self.bound is not None, boxes)

    def _write_plan(self, proven: Proven, kind: Any) -> None:
        """Let the core pass the arguments of calls like this one."""
        s, (proof, known) = self.signature, proven
        modes = [known[p] for p in s.positional]
        # what **kwargs take may be an output: of arrays among them Python decides
        more = OUTPUT if s.open else self.mode(proof, s.more)
        modes += [self.mode(proof, s.rest), more]
        by_name = {name: at for at, name in enumerate(s.by_name, len(modes))}
        modes += [known[p] for p in s.by_name.values()]
        checks = proof.checks if isinstance(proof, Proof) else ()
        self.plan[1] = None  # other threads ask meanwhile
        self.plan[2:5] = by_name, checks, kind
        self.plan[_POSITIONS] = len(s.positional)
        self.plan[1] = "".join(modes).encode()

    def _with_modes(self, proof: Proof | Finding) -> Proven:
        s = self.signature
        known = [*s.positional, *s.by_name.values()]
        return Proven(proof, {each: self.mode(proof, each) for each in known})

    def mode(self, proof: Proof | Finding, parameter: Parameter) -> str:
        """Return how what a parameter takes is passed."""
        name, number = parameter.name.partition("[")[0], parameter.number
        if parameter in self.receivers or name in self.skip:
            return PASS
        if self.only and name not in self.only:
            return PASS
        if self.is_output(name):
            return OUTPUT
        if self.isolate is False:
            return LEND
        if isinstance(proof, Finding) or number < 0 or number in proof.copied:
            return COPY
        if proof.copied and (self.only or self.skip):
            return COPY  # what is written as it is may be the same memory
        return LEND_PLAIN if number in proof.classes else LEND

    def hides(self, count: int | None, names: Iterable[str]) -> bool:
        """Is nothing of the caller written by a call with these arguments?

        `count` positional ones (None: any arguments).
        """
        if self.only or self.skip or self.isolate is False:
            return False
        if count is None:
            return not self.signature.outputs and not self.signature.open
        given = self.signature.given(count, names)
        return not any(self.is_output(each.name) for each in given)

    def is_output(self, name: str) -> bool:
        """Is what is passed by this name there to be written?"""
        known = self.signature.is_output(name)
        return known and name not in self.only and name not in self.skip

    # ------------------------------------------------------------- way in

    def begin(self, args: Args, kwargs: Kwargs) -> tuple[Call, Args, Kwargs]:
        """Begin a call: what the function is called with."""
        call = Call(self.border, self.on_write != "copy")
        call.receiver = args[0] if self.receivers and args else None
        given = self.signature.given(len(args), kwargs)
        values: list[Any] = [*args, *kwargs.values()]
        modes = self._modes(given, values, len(args))
        inner = values.copy()
        if OUTPUT in modes:
            self._enter_outputs(call, modes, inner)
        # what is copied comes first: a loan of the same array would not do
        for each in (COPY, LEND_PLAIN, LEND):
            for at, mode in enumerate(modes):
                if mode == each:
                    call.lends, call.plainly = mode != COPY, mode == LEND_PLAIN
                    name = given[at].name
                    readonly = name in self.readonly
                    enter = call.enter_readonly if readonly else call.enter
                    inner[at] = enter(values[at], (name,))
        if self.owns or call.outputs is not None or call.loose:
            self._complete(call, values, inner)
        if PASS in modes:
            call.as_they_are = [
                n.name
                for n, v in zip(given, inner, strict=True)
                if isinstance(v, _core.Array)
            ]
        count_call(self.wrapper, len(call.loans), len(call.passed) - len(call.loans))
        if self.isolate is False:
            call.samples = samples_of(call, self.verify)
        if call.watches and self.runner is None:
            call.watch = self.writes.watch(call)
            call.watch.__enter__()
        named = dict(zip(kwargs, inner[len(args) :], strict=True))
        return call, tuple(inner[: len(args)]), named

    def _modes(
        self, given: list[Parameter], values: list[Any], positions: int
    ) -> list[str]:
        """Return how each argument of a call is passed."""
        # the receiver may be anything
        start = 1 if self.receivers and positions else 0
        boxes: set[int] = set()
        is_known = self.runner is None and self.isolate is not False
        for at in range(start, len(values) if is_known else 0):
            value = values[at]
            kind = type_of(value)
            if kind is np.memmap or kind is readonly.ReadOnlyArray:
                is_known = not value.dtype.hasobject
            elif not _core.is_data(value, False):
                is_known = False
            elif not isinstance(value, np.ndarray) and not _core.is_data(value, True):
                boxes.add(given[at].number)
            if not is_known:
                break
        first = values[0] if start else None
        found = self.prove(first, frozenset(boxes)) if is_known else self.unproven
        modes: list[str] = []
        for each in given:
            modes.append(found.modes.get(each) or self.mode(found.proof, each))
        return modes

    def _enter_outputs(self, call: Call, modes: list[str], inner: list[Any]) -> None:
        """Pass what is to be written; what may look at it is copied."""
        call.outputs = outputs = Outputs()
        values = inner.copy()
        for at, mode in enumerate(modes):
            if mode == OUTPUT:
                inner[at] = outputs.enter(values[at])
        for at, mode in enumerate(modes):
            if mode in (LEND, LEND_PLAIN) and outputs.overlap(values[at]):
                modes[at] = COPY
        call.cows = outputs.cows

    def _complete(self, call: Call, values: list[Any], inner: list[Any]) -> None:
        """Let a call know what it needs besides, of what it has been given."""
        outputs = call.outputs
        if self.owns:
            # what was passed as it is may come back as it is
            pairs = zip(values, inner, strict=True)
            known = [self.bound, *(value for value, new in pairs if value is new)]
            known += [] if outputs is None else outputs.given()
            call.own = functools.partial(own, known=known)
        if call.watches and outputs is not None and outputs.arrays:
            # what is an output as well changes with it
            call.passed = [
                (path, new, new.copy("K") if outputs.overlap(old) else old)
                for path, new, old in call.passed
            ]
        for path, value in call.loose:
            self._pass_as_it_is(path, value)
        call.loose.clear()

    def _pass_as_it_is(self, path: Path, value: Any) -> None:
        """Note, and with `strict` warn of, what is not guarded."""
        cls: Any = type_of(value)
        key = path[0].partition("[")[0], cls
        if key in self.loose:
            return
        what = f"{spell_path(path)}, an object of the class {spell_class(cls)}"
        self.loose[key] = what
        if self.strict:
            warnings.warn(
                f"{self.name}() gets {what}, as it is: what it writes there reaches "
                f"its caller. `cow.register_container({cls.__name__}, take_apart, "
                f"put_together)` guards it, skip={key[0]!r} says that it may",
                RuntimeWarning,
                stacklevel=4,  # `begin`, `_complete`
            )

    def end(self, call: Call, box: list[Any]) -> Any:
        """End a call: the result, as the caller may have it."""
        if self.runner is not None:
            function, writes = self.function, self.writes
            return deferred.start(self.runner, function, writes, call, box.pop())
        if call.watch is not None:
            call.watch.__exit__()
            self.writes.tell(call.watch, call)
            call.watch = None  # it holds arrays
        result, leaked = call.leave(box)
        if call.samples:
            compare(call.samples)
        if leaked:
            self.leaked()
        return result

    def raised(self, call: Call, error: BaseException) -> None:
        """End a call that has raised."""
        try:
            call.memo.clear()
            if call.outputs is not None:
                call.outputs.leave()
            if call.watch is not None:
                call.watch.__exit__()
                if self.on_write == "report":
                    self.writes.tell(call.watch, call)
            self.failed(error, call.loans)
            tell_refusal(error, self.name, call.as_they_are)
            compare(call.samples)
        except BaseException as other:
            if other.__context__ is None:
                other.__context__ = error
            raise

    def own(self, box: list[Any], receiver: Any) -> None:
        """Let nobody but the caller hold the result in `box`."""
        own(box, (self.bound, receiver))

    # --------------------------------------------------- when the proof is wrong

    def failed(self, error: BaseException, loans: list[Plain]) -> None:
        """Take the loans from the frames of the traceback; explain the error."""
        take_back(loans, error)
        if not self.readonly:
            explain(error, self.name)
        text = error.args[0] if type(error) is ValueError and error.args else None
        if not isinstance(text, str) or not _REFUSED.fullmatch(text):
            return
        if self.readonly:
            raise ReadOnlyError(
                f"{self.name}() writes to a parameter that it annotates as "
                "cow.ReadOnly. Let it write to a copy: `x = x.copy()`"
            ) from error
        if loans and self.isolate is False:
            error.add_note(
                f"cow.no_mutate: {self.name}() writes to an argument, against "
                "isolate=False. Use @no_mutate, or @no_mutate(isolate=True): it "
                "works on copies."
            )
        elif loans:
            self.give_copies()
            error.add_note(
                f"cow.no_mutate: {self.name}() was proven to read its arguments only. "
                "If it does not raise this on copies, call it again: it works on "
                "copies from now on. Please report it then."
            )

    def leaked(self, plan: object = None) -> None:
        """Warn that something out of reach looks at the memory of the caller."""
        self.give_copies()
        file, line = origin(self.func)
        warnings.warn(
            f"{self.name}() ({file}:{line}) keeps an array that looks at an argument "
            "where cow cannot reach it: it sees what the caller writes. From now on "
            "the function works on copies; @no_mutate(isolate=True) does so at once.",
            RuntimeWarning,
            stacklevel=3 if plan is None else 2,  # `end`, or the core, asks
        )

    def give_copies(self) -> None:
        """Pass copies in all later calls."""
        if self.isolate is None:
            self.isolate = True
            self.proven.clear()
            self.plan[1] = None
