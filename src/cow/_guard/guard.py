"""no_mutate: whatever a function does, its caller's arrays stay as they were.

A guarded call returns, raises and does what the function does on copies. Where it
is proven that arguments are only read (`cow._guard.proof`), nothing is copied.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
import types
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np

from cow import _core
from cow._array import readonly
from cow._ground.errors import MutationError, ReadOnlyError
from cow._ground.types import Args, Func, Kwargs, OnWrite, Path, Plain, type_of
from cow._guard import deferred
from cow._guard.arguments import Call, give, spell
from cow._guard.border import Border, CodeBorder
from cow._guard.mutation import bits, origin
from cow._guard.outputs import is_output, names_output
from cow._guard.proof import Finding, Proof, parameters, prove
from cow._guard.registry import spell_class
from cow._guard.results import CachedProperty, own
from cow._guard.wrapper import Wrapper, wrapper_of
from cow._guard.writes import Writes

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["no_mutate"]

_MODES = ("copy", "raise", "report")
_METHODS = (classmethod, staticmethod, property, functools.partialmethod)
# what is guarded of a class besides its public methods
_OPERATORS = (
    "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and or xor"
)
_SPECIAL = frozenset(
    {"__new__", "__init__", "__call__", "__getitem__", "__setitem__", "__delitem__"}
    | {"__contains__", "__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"}
    | {f"__{kind}{name}__" for name in _OPERATORS.split() for kind in ("", "r", "i")}
)
# which give out what an object holds
_GIVING = (
    *("__iter__", "__next__", "__aiter__", "__anext__", "__reversed__", "__enter__"),
    *("__neg__", "__pos__", "__abs__", "__invert__", "__getattr__"),
)
_RECEIVERS = (["self"], ["cls"], ["mcs"], ["mcls"])
# what NumPy says of a write into a read-only array
_REFUSED = re.compile(r"([a-z]+ ){1,3}is read-only")
_POSITIONS = 10  # in a plan, see src/core/guard.c
_MOST_PROOFS = 10  # of one function, before it gets copies for good
_QUICK_AFTER = 10  # calls with containers, before the core learns of a function


class Options(TypedDict):
    """The options of `no_mutate`; `exact`: a name that no parameter has is refused."""

    on_write: OnWrite
    isolate: bool | None
    verify: bool
    only: set[str]
    skip: set[str]
    results: Literal["share", "own"]
    strict: bool
    exact: bool


def no_mutate(
    func: Any = None,
    *,
    on_write: OnWrite = "copy",
    isolate: bool | None = None,
    verify: bool = False,
    only: str | Iterable[str] = (),
    skip: str | Iterable[str] = (),
    strict: bool = False,
    results: Literal["share", "own"] = "share",
) -> Any:
    """Keep a function from changing the arrays of its caller.

    ``no_mutate(f)(*args)`` returns, raises and does what ``f`` does on arguments
    whose arrays were all copied first (`copy.deepcopy`), and the caller's arrays
    are as they were. Where it is proven that they are only read, nothing is
    copied; returning or keeping an argument costs one copy.

    Parameters
    ----------
    func : callable, class, classmethod, staticmethod, property or partial
        Of a class the constructor and the public methods that it defines are
        guarded, in place. Methods are recognised by a first parameter named
        ``self`` or ``cls``, which is left alone.
    on_write : {'copy', 'raise', 'report'}, optional
        What happens when the body has written to an argument: 'copy' lets it, on
        memory of its own; 'raise' raises `MutationError` at the end of the call,
        which names the function and the parameter, and file and line where they
        are known; 'report' issues a `MutationWarning` that points at the write.
    isolate : bool or None, optional
        None (default): copy what is not proven to be only read. True: always
        copy. False: never; it is your word that the function only reads. A write
        through NumPy then raises, and some elements are compared afterwards to
        find one by C code.
    verify : bool, optional
        With ``isolate=False``, compare all elements afterwards; where C code has
        written past the read-only flag, restore and raise `MutationError`.
    only, skip : str or iterable of str, optional
        Names of the parameters to guard, or to leave alone. Outputs are left
        alone anyway: parameters named ``out``, ``output``, ``dest``, ``dst``,
        ``buf``, ``..._out`` or the like, None by default or by keyword only.
    results : {'share', 'own'}, optional
        'share' (default): results are what the function returns. 'own': they are
        the caller's alone. What the function keeps of them (a buffer that it
        fills again, a cache) is copied, so that neither later calls change what
        was given out, nor the caller what is kept; what nothing else refers to
        is not copied. Generators: each value; cached properties: each access;
        classes: what indexing and iteration give, too.
    strict : bool, optional
        Warn of each argument that passes as it is, since cow does not know its
        class.

    Returns
    -------
    callable
        Same signature, name and documentation.

    Raises
    ------
    MutationError
        See `on_write`, `isolate` and `verify`.

    Notes
    -----
    Inside, all arrays are plain and writeable, whatever the caller passed:
    copies of cow arrays are ``np.array(a)``. Lists, tuples, dicts, dataclasses
    and the like are rebuilt around the copies; tables (pandas, polars, xarray),
    sparse matrices, tensors and buffers are copied always, and what
    `register_container` was told about is rebuilt. Other objects, ``self`` among
    them, pass as they are (`guard_report` tells), and arrays that are not reached
    through arguments are not guarded. Results share memory with each other as on
    copies, with the caller's arrays never; who passed cow arrays gets cow arrays
    back. With ``results="own"`` they share memory with each other as before, with
    nothing else; cow arrays are snapshots, memmaps are copied into memory, objects
    of unknown classes are given out as they are.

    Examples
    --------
    >>> import numpy as np, cow
    >>> @cow.no_mutate
    ... def center(x):
    ...     x -= x.mean()
    ...     return x
    >>> p = np.array([1.0, 2.0, 3.0])
    >>> center(p), p
    (array([-1.,  0.,  1.]), array([1., 2., 3.]))
    """
    if on_write not in _MODES:
        raise ValueError(
            f"on_write must be 'copy', 'raise' or 'report', not {on_write!r}"
        )
    if results not in ("share", "own"):
        raise ValueError(f"results must be 'share' or 'own', not {results!r}")
    options = Options(
        on_write=on_write,
        isolate=isolate,
        verify=verify,
        only={only} if isinstance(only, str) else set(only),
        skip={skip} if isinstance(skip, str) else set(skip),
        results=results,
        strict=bool(strict),
        exact=True,
    )
    if isolate not in (None, True, False):
        raise ValueError(f"isolate must be None, True or False, not {isolate!r}")
    if func is None:
        return functools.partial(decorate, options=options)
    return decorate(func, options)


def lenient(options: Options) -> Options:
    """Return options that take names which a function does not have."""
    return {**options, "exact": False}


def decorate(func: Any, options: Options, border: Border | None = None) -> Any:
    """Return `func` guarded; a class is changed in place."""

    def wrap(function: Any) -> Wrapper:
        if not callable(function):
            raise TypeError(f"no_mutate needs a callable, got {function!r}")
        known = wrapper_of(function)
        if known is not None:
            function = known.cow_func
        wrapper = Wrapper(
            function,
            border if border is not None else CodeBorder.of_function(function),
            functools.partial(Guarded, options=options),
            functools.partial(decorate, options=options),
        )
        wrapper.cow_prepare()
        return wrapper

    if isinstance(func, type) and not is_builtin(func):
        border = CodeBorder.of_class(func)
        for name, method in list(vars(func).items()):
            if is_entry(name, method, options):
                setattr(func, name, decorate(method, lenient(options), border))
        return func
    if isinstance(func, property):
        options = lenient(options)
    if isinstance(func, functools.cached_property) and options["results"] == "own":
        shares = decorate(func.func, {**options, "results": "share"}, border)
        return CachedProperty(func, shares)
    return rewrap(func, wrap)


def rewrap(member: Any, wrap: Func) -> Any:
    """Return a function, or a member of a class, with its functions wrapped."""
    if isinstance(member, classmethod | staticmethod):
        return type(member)(rewrap(member.__func__, wrap))
    if isinstance(member, property):
        fget, fset, fdel = (
            f and wrap(f) for f in (member.fget, member.fset, member.fdel)
        )
        return type(member)(fget, fset, fdel, member.__doc__)
    if isinstance(member, functools.cached_property):
        member.func = wrap(member.func)
        return member
    if isinstance(member, functools.partial | functools.partialmethod):
        result = type(member)(
            rewrap(member.func, wrap), *member.args, **member.keywords
        )
        attributes = dict(getattr(member, "__dict__", {}))
        attributes.pop("func", None)  # of a partialmethod
        getattr(result, "__dict__", {}).update(attributes)
        return result
    return wrap(member)


def is_entry(name: str, member: Any, options: Options) -> bool:
    """Is a member of a class called from outside: constructor, public methods?"""
    owns = options["results"] == "own"
    special = (*_SPECIAL, *(_GIVING if owns else ()))
    if name.startswith("_") and name not in special:
        return False
    # a cached property has no arguments to guard
    kinds = (*_METHODS, *((functools.cached_property,) if owns else ()))
    if isinstance(member, kinds):
        return True
    binds = hasattr(type_of(member), "__get__")  # a function, of C code as well
    return callable(member) and binds and not isinstance(member, type)


def is_builtin(cls: type) -> bool:
    return not cls.__flags__ & (1 << 9) or bool(cls.__flags__ & (1 << 8))


def _kind(func: Any) -> str:
    function = func
    if not inspect.isroutine(func) and not isinstance(func, type):
        function = type(func).__call__
    if inspect.iscoroutinefunction(function):
        return "coroutine"
    if inspect.isasyncgenfunction(function):
        return "async generator"
    if inspect.isgeneratorfunction(function):
        return "generator"
    return "function"


class Guarded:
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
        self.function, self.bound = _function_of(func)
        self.signature = _Signature(func, self.function, self.bound is not None)
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
        self.kind = _kind(func)
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
            call.samples = self._samples(call)
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
        self._compare(call.samples)
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
            self._compare(call.samples)
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

    # -------------------------------------------------------- isolate=False

    def _samples(self, call: Call) -> list[_Sample]:
        return [
            _Sample(spell(path), value, self.verify)
            for path, inner, value in call.passed
            if any(inner is loan for loan in call.loans)
        ]

    def _compare(self, samples: list[_Sample]) -> None:
        """Raise where C code wrote past the read-only flag."""
        written = [each for each in samples if each.is_written()]
        if not written:
            return
        for each in written:
            each.restore()
        names = ", ".join(each.name for each in written)
        done = "restored" if self.verify else "NOT restored"
        raise MutationError(
            f"C code wrote into the memory of the argument {names}, past the "
            f"read-only flag; its contents are {done}. Leave out isolate=False: "
            "the function then works on copies."
        )


class _Sample:
    """Some elements of an array that is lent, or all of them."""

    def __init__(self, name: str, array: Plain, whole: bool) -> None:
        self.name = name
        self.array = _core.plain(array) if isinstance(array, _core.Array) else array
        self.whole = self.array.copy("K") if whole else None
        self.some = self._look()

    def _look(self) -> bytes:
        return self.array.flat[:: self.array.size // 32 + 1].tobytes()

    def is_written(self) -> bool:
        if self.whole is not None:
            return bool(bits(self.array) != bits(self.whole))
        return self._look() != self.some

    def restore(self) -> None:
        if self.whole is not None:
            flags = self.array.flags
            was, flags.writeable = flags.writeable, True
            np.copyto(self.array, self.whole)
            flags.writeable = was


class _Signature:
    """The parameters of a function: their names, and their numbers in its code.

    A wrapper has the names of what it wraps, and code that takes ``*args``.
    """

    def __init__(
        self, func: Func, function: types.FunctionType | None, bound: bool
    ) -> None:
        kinds = inspect.Parameter
        self.positional: list[str] = []
        self.by_name: list[str] = []
        self.outputs: set[str] = set()
        self.star = self.double = None
        for p in _parameters_of(func):
            if p.kind is kinds.VAR_POSITIONAL:
                self.star = p.name
            elif p.kind is kinds.VAR_KEYWORD:
                self.double = p.name
            else:
                self.outputs |= {p.name} if is_output(p) else set()
                if p.kind is not kinds.KEYWORD_ONLY:
                    self.positional.append(p.name)
                if p.kind is not kinds.POSITIONAL_ONLY:
                    self.by_name.append(p.name)
        if isinstance(func, np.ufunc):
            self.positional = [f"x{at + 1}" for at in range(func.nin)]
            self.positional += ["out"] * func.nout
            self.outputs.add("out")
        # it takes other names than are known
        self.open = self.double is not None or not self.positional
        known = [*self.positional, self.star, *self.by_name, self.double]
        self.names = list(dict.fromkeys(name for name in known if name is not None))
        self._offset = int(bound)
        self._code = function.__code__ if function is not None else None
        self._numbers: dict[str, int] = {}
        if function is not None:
            self._numbers = {n: at for at, n in enumerate(parameters(function))}

    def is_output(self, name: str) -> bool:
        """Is what is passed by this name there to be written?"""
        if name in self.positional or name in self.by_name or not self.open:
            return name in self.outputs
        return names_output(name)

    def name(self, at: int) -> str:
        """Return the name of a positional argument."""
        if at < len(self.positional):
            return self.positional[at]
        return f"{self.star or 'args'}[{at - len(self.positional)}]"

    def at(self, at: int) -> int:
        """Return the number of the parameter that takes a positional argument."""
        code = self._code
        if code is None:
            return -1
        at += self._offset
        if at < code.co_argcount:
            return at
        return code.co_argcount + code.co_kwonlyargcount if code.co_flags & 4 else -1

    def of(self, name: str | None) -> int:
        """Return the number of the parameter that takes a keyword argument."""
        code = self._code
        if code is None:
            return -1
        at = self._numbers.get(name or "", -1)
        if code.co_posonlyargcount <= at < code.co_argcount + code.co_kwonlyargcount:
            return at
        return len(self._numbers) - 1 if code.co_flags & 8 else -1


def _parameters_of(func: Func) -> Sequence[inspect.Parameter]:
    try:
        return list(_signature(func).parameters.values())
    except (TypeError, ValueError):
        return []


def _function_of(func: Any) -> tuple[types.FunctionType | None, Any]:
    """Return the Python function that a callable runs, and what it is bound to."""
    if isinstance(func, types.FunctionType):
        return func, None
    if isinstance(func, types.MethodType):
        method: Any = func.__func__
        is_python = isinstance(method, types.FunctionType)
        return (method, func.__self__) if is_python else (None, None)
    if isinstance(func, type) or inspect.isroutine(func):
        return None, None
    inner: Any = getattr(type_of(func), "__call__", None)  # noqa: B004
    return (inner, func) if isinstance(inner, types.FunctionType) else (None, None)


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


def _signature(func: Func) -> inspect.Signature:
    """Return the signature; annotations may name what exists for checkers only."""
    if sys.version_info >= (3, 14):
        from annotationlib import Format

        return inspect.signature(func, annotation_format=Format.FORWARDREF)
    return inspect.signature(func)
