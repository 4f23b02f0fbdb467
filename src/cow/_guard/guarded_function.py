"""A guarded function: how its arguments are passed, and what becomes of its result.

The core passes arrays, numbers and the like by a plan, see guard.c; everything else
goes through Python.
"""

from __future__ import annotations

import functools
import re
import sys
import types
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cow import _core
from cow._array import readonly
from cow._ground.errors import ReadOnlyError
from cow._ground.types import Args, Kwargs, Path, Plain, type_of
from cow._guard import deferred
from cow._guard.arguments import Call, give, spell
from cow._guard.mutation import origin
from cow._guard.options import Options
from cow._guard.proof import Finding, Proof, prove
from cow._guard.registry import spell_class
from cow._guard.results import own
from cow._guard.samples import compare, samples_of
from cow._guard.signature import Signature, function_of
from cow._guard.wrapper import Wrapper
from cow._guard.writes import Writes

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["GuardedFunction"]

_RECEIVERS = (["self"], ["cls"], ["mcs"], ["mcls"])
# what NumPy says of a write into a read-only array
_REFUSED = re.compile(r"([a-z]+ ){1,3}is read-only")
_POSITIONS = 10  # in a plan, see src/core/guard.c
_MOST_PROOFS = 10  # of one function, before it gets copies for good
_QUICK_AFTER = 10  # calls with containers, before the core learns of a function


class GuardedFunction:
    """A guarded function: its plan, its proofs, and the way through Python.

    The plan is what the core reads: it passes arrays, numbers and the like.
    Everything else comes to `begin` and `end`.
    """

    def __init__(self, wrapper: Wrapper, options: Options) -> None:
        self.wrapper = wrapper
        self.func = func = wrapper.cow_func
        self.name = getattr(func, "__qualname__", None) or type_of(func).__qualname__
        self.mode = options["on_write"]
        self.writes = Writes(func, self.name, self.mode)
        self.verify = options["verify"]
        self.isolate = options["isolate"]
        self.function, self.bound = function_of(func)
        self.signature = Signature(func, self.function, self.bound is not None)
        names = self.signature.names
        self.first = int(self.bound is None and names[:1] in _RECEIVERS)
        self.first *= self.function is not None
        self.only, self.skip = options["only"], options["skip"]
        self.owns = options["results"] == "own"
        self.readonly = readonly.readonly_parameters(func)
        unknown = (self.only | self.skip) - set(names)
        # nothing is known of some builtins
        known = names and self.signature.double is None
        if unknown and known and options["exact"]:
            raise ValueError(f"{self.name}() has no parameter {sorted(unknown)}")
        self.proofs: dict[Any, Proof | Finding] = {}
        self.attempts = 0
        self.boxed = 0  # calls with containers
        # what was not guarded, by parameter and class
        self.loose: dict[tuple[str, type], str] = {}
        self.strict = options["strict"]
        self.kind = deferred.kind(func)
        self.plan: list[Any] = [func, None, {}, (), None]
        self.plan += [self.begin, self.end, self.raised, self.failed, self.leaked]
        self.plan += [0, give, self.own if self.owns else None]

    # ----------------------------------------------------------------- proofs

    def proof(self, first: Any, boxes: frozenset[int]) -> Proof | Finding:
        """Return what is proven for calls with these containers.

        `first`: the first argument, as far as it is a receiver.
        """
        receiver = self.bound if self.bound is not None else first
        kind = receiver if isinstance(receiver, type) else type_of(receiver)
        found = self.proofs.get((kind, boxes))
        if found is None or (
            isinstance(found, Proof) and not _core.holds(found.checks, first)
        ):
            # containers do not make it easier
            worse = [f for (k, b), f in self.proofs.items() if k is kind and b < boxes]
            found = next((f for f in worse if isinstance(f, Finding)), None)
            found = found or self._prove(receiver, boxes)
            self.proofs[kind, boxes] = found
        self.boxed += bool(boxes)
        if boxes and self.boxed == _QUICK_AFTER and isinstance(found, Finding):
            self.proof(first, frozenset())  # the core copies lists, too
        quick = self.mode == "copy" and self.isolate is not False
        quick &= not (self.owns and (self.only or self.skip))  # see `enter`
        if quick and not boxes and not self.readonly:
            self._write_plan(found, kind if self.first else None)
        return found

    def _prove(self, receiver: Any, boxes: frozenset[int]) -> Proof | Finding:
        if self.isolate:
            return Finding(-1, "always gets them: isolate=True", *origin(self.func))
        if self.function is None or (self.first and receiver is None):
            return Finding(-1, "has no Python code", *origin(self.func))
        self.attempts += 1
        if self.attempts > _MOST_PROOFS:
            return Finding(-1, "has too many forms", *origin(self.func))
        return prove(self.function, receiver, self.bound is not None, boxes)

    def _write_plan(self, proof: Proof | Finding, kind: Any) -> None:
        """Let the core pass the arguments of calls like this one."""
        s = self.signature
        letters = [self.letter(proof, s.at(i), n) for i, n in enumerate(s.positional)]
        letters.append(self.letter(proof, s.at(sys.maxsize), s.star))
        # what **kwargs take may be an output: of arrays among them Python decides
        letters.append("o" if s.open else self.letter(proof, s.of(None), s.double))
        by_name: dict[str, int] = {}
        for name in s.by_name:
            by_name[name] = len(letters)
            letters.append(self.letter(proof, s.of(name), name))
        if self.first:
            letters[0] = letters[by_name.get(s.positional[0], 0)] = "p"
        checks = proof.checks if isinstance(proof, Proof) else ()
        self.plan[1] = None  # other threads ask meanwhile
        self.plan[2:5] = by_name, checks, kind
        self.plan[_POSITIONS] = len(s.positional)
        self.plan[1] = "".join(letters).encode()

    def letter(self, proof: Proof | Finding, at: int, name: str | None) -> str:
        """Return how a parameter is passed: as it is, copied, lent; see the core."""
        if name in self.skip or (self.only and name not in self.only):
            return "p"
        if name is not None and self.is_output(name):
            return "o"
        if self.isolate is False:
            return "l"
        if isinstance(proof, Finding) or at < 0 or at in proof.copied:
            return "c"
        if proof.copied and (self.only or self.skip):
            return "c"  # what is written as it is may be the same memory
        return "L" if at in proof.classes else "l"

    # ------------------------------------------------------------- way in

    def enter(self, args: Args, kwargs: Kwargs) -> tuple[Call, list[Any], Kwargs]:
        """Return the call with the arguments that the function gets."""
        s, call = self.signature, Call()
        call.border = self.wrapper.cow_border
        call.watches = self.mode != "copy"
        given = [(s.at(i), s.name(i), value) for i, value in enumerate(args)]
        given += [(s.of(name), name, value) for name, value in kwargs.items()]
        proof: Proof | Finding = Finding(-1, "", "", 0)
        values = given[self.first :] if args else given
        if (
            self.kind == "function"
            and self.isolate is not False
            and all(_is_known(v) for *_, v in values)
        ):
            boxes = frozenset(at for at, _, value in values if _is_box(value))
            proof = self.proof(args[0] if self.first and args else None, boxes)
        inner: list[Any] = [value for *_, value in given]
        letters = [
            self.letter(proof, at, name.partition("[")[0]) for at, name, _ in given
        ]
        for i, (_, name, value) in enumerate(given):
            if self.first and (i == 0 if args else name == s.positional[0]):
                letters[i] = "p"
            elif letters[i] == "o":
                inner[i] = call.outputs.enter(value)
        for i, (*_, value) in enumerate(given):
            if letters[i] in "lL" and call.outputs.overlap(value):
                letters[i] = "c"
        # what is copied comes first: a loan of the same array would not do
        for kind in "cLl":
            for i, (_, name, value) in enumerate(given):
                if letters[i] == kind:
                    call.lends, call.plainly = kind != "c", kind == "L"
                    readonly = name in self.readonly
                    enter = call.enter_readonly if readonly else call.enter
                    inner[i] = enter(value, (name,))
        if self.owns:
            # what was passed as it is may come back as it is
            pairs = zip((value for *_, value in given), inner, strict=True)
            known = [self.bound, *(value for value, new in pairs if value is new)]
            call.own = functools.partial(own, known=[*known, *call.outputs.given()])
        if call.watches and call.outputs.arrays:
            # what is an output as well changes with it
            call.passed = [
                (path, new, new.copy("K") if call.outputs.overlap(old) else old)
                for path, new, old in call.passed
            ]
        for path, value in call.loose:
            self._pass_as_it_is(path, value)
        call.loose.clear()
        self.wrapper.cow_calls += 1
        self.wrapper.cow_lent += len(call.loans)
        self.wrapper.cow_copied += len(call.passed) - len(call.loans)
        named = dict(zip(kwargs, inner[len(args) :], strict=True))
        return call, inner[: len(args)], named

    def _pass_as_it_is(self, path: Path, value: Any) -> None:
        """Note, and with `strict` warn of, what is not guarded."""
        cls: Any = type_of(value)
        key = path[0].partition("[")[0], cls
        if key in self.loose:
            return
        what = f"{spell(path)}, an object of the class {spell_class(cls)}"
        self.loose[key] = what
        if self.strict:
            warnings.warn(
                f"{self.name}() gets {what}, as it is: what it writes there reaches "
                f"its caller. `cow.register_container({cls.__name__}, take_apart, "
                f"put_together)` guards it, skip={key[0]!r} says that it may",
                RuntimeWarning,
                stacklevel=4,  # `begin`, `enter`
            )

    def hides(self, count: int | None, names: Iterable[str]) -> bool:
        """Is nothing of the caller written by a call with these arguments?

        `count` positional ones (None: any arguments).
        """
        if self.only or self.skip or self.isolate is False:
            return False
        if count is None:
            return not self.signature.outputs and not self.signature.open
        given = {*map(self.signature.name, range(count)), *names}
        return not any(map(self.is_output, given))

    def is_output(self, name: str) -> bool:
        """Is what is passed by this name there to be written?"""
        known = self.signature.is_output(name)
        return known and name not in self.only and name not in self.skip

    def begin(self, args: Args, kwargs: Kwargs) -> tuple[Call, Args, Kwargs]:
        """Begin a call: what the function is called with."""
        call, inner, named = self.enter(args, kwargs)
        call.receiver = args[0] if self.first and args else None
        if self.isolate is False:
            call.samples = samples_of(call, self.verify)
        if self.kind == "function":
            call.watch = self.writes.watch(call)
            if call.watch is not None:
                call.watch.__enter__()
        return call, tuple(inner), named

    def end(self, call: Call, box: list[Any]) -> Any:
        """End a call: the result, as the caller may have it."""
        if self.kind != "function":
            return deferred.start(
                self.kind, self.function, self.writes, call, box.pop()
            )
        if call.watch is not None:
            call.watch.__exit__()
            self.writes.tell(call.watch, call)
            call.watch = None  # it holds arrays
        result, leaked = call.leave(box)
        compare(call.samples)
        if leaked:
            self.leaked()
        return result

    def raised(self, call: Call, error: BaseException) -> None:
        """End a call that has raised."""
        try:
            call.memo.clear()
            call.outputs.leave()
            if call.watch is not None:
                call.watch.__exit__()
                if self.mode == "report":
                    self.writes.tell(call.watch, call)
            self.failed(error, call.loans)
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
        held: list[Any] = []
        for trace in _traces(error):
            names: Any = trace.tb_frame.f_locals  # of `eval`: any object
            is_mapping = issubclass(type_of(names), Mapping)
            held.extend(names.values() if is_mapping else ())
        _core.settle(held, loans, True)
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
            self.proofs.clear()
            self.plan[1] = None


def _is_known(value: Any) -> bool:
    """Is an argument nothing but arrays, numbers and the like?"""
    kind = type_of(value)
    if kind is np.memmap or kind is readonly.ReadOnlyArray:
        return not value.dtype.hasobject
    return _core.is_data(value, False)


def _is_box(value: Any) -> bool:
    return not isinstance(value, np.ndarray) and not _core.is_data(value, True)


def _traces(error: BaseException) -> Iterator[types.TracebackType]:
    """Yield the entries of all tracebacks of an exception."""
    todo: list[BaseException | None] = [error]
    seen: set[int] = set()
    while todo:
        each = todo.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        todo += [each.__context__, each.__cause__]
        if isinstance(each, BaseExceptionGroup):
            todo.extend(each.exceptions)
        trace = each.__traceback__
        while trace is not None:
            yield trace
            trace = trace.tb_next
