"""The values that the instruction which a frame executes takes from its stack.

CPython shows them to nobody, so their addresses are read from the block of the
frame, which lives as long as the frame runs; none of them is followed. Where they
lie is learned at import from a frame whose values are known: on an interpreter that
is not recognised, or has no ctypes, nothing is told.
"""

from __future__ import annotations

import dis
import functools
import gc
import sys
import weakref
from collections.abc import Callable
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

from cow import _core
from cow._ground.frames import frame_at

if TYPE_CHECKING:
    import ctypes

__all__ = [
    "Operands",
    "instruction",
    "is_known",
    "of_operator",
    "operands",
    "stores_what_is_named",
]


def _ctypes_or_none() -> Any:
    """Return ctypes; a CPython that was built without libffi has none."""
    try:
        import ctypes
    except ImportError:
        return None
    return ctypes


_ctypes = _ctypes_or_none()
_WORD = tuple.__itemsize__  # of a pointer
_FRAME = object.__basicsize__ + _WORD  # of a frame: head, f_back, f_frame
_BORROWED = 1  # CPython 3.14 marks what a local variable holds for the stack
_TAGS = 3
_BUILDS = {"BUILD_TUPLE", "LIST_TO_TUPLE", "CALL_INTRINSIC_1"}
_NEWEST = (3, 15)  # of the versions whose frames have been looked at
# END_ASYNC_FOR names the loop that it ends, from CPython 3.14 on, and goes nowhere
_JUMPS = {*dis.hasjrel, *dis.hasjabs} - {dis.opmap.get("END_ASYNC_FOR", 0)}
_ENDS = {
    dis.opmap[name]
    for name in (
        "RETURN_VALUE",
        "RETURN_CONST",
        "RERAISE",
        "RAISE_VARARGS",
        "JUMP_FORWARD",
        "JUMP_BACKWARD",
        "JUMP_BACKWARD_NO_INTERRUPT",
    )
    if name in dis.opmap
}


class Operands(NamedTuple):
    """What a call or a store takes from the stack, the lowest first."""

    instruction: str
    addresses: list[int]
    owned: list[bool]  # a reference of the stack's own
    attribute: str  # the name in f(...), where `f` is looked up as ``x.name``
    spread: bool  # f(*args), of a tuple that was made for the call
    named: bool  # the `x` in x.name(...) is a variable
    updated: bool  # what is stored is the result of x[i] += y

    def updates(self, value: object) -> int:
        """Return the address of `x` in ``x[i] += y`` where `value` is x[i], or 0."""
        stored = self.instruction == "BINARY_OP" and len(self.addresses) > 2
        return self.addresses[0] if stored and id(value) == self.addresses[-2] else 0

    def reads(self, value: object, count: int) -> bool:
        """Is `value` what is stored, or operated with, and gone afterwards?

        `count` is of references to it: the stack has the one, and so has the core while
        it operates in place. Or it is the x[i] of ``x[i] += y``, which is stored back.
        """
        if self.instruction == "BINARY_OP":
            return count <= 2 and self._own(value, slice(-1, None))
        return (
            self.instruction.startswith("STORE_")
            and self._own(value, slice(0, 1))
            and (count == 1 or self.updated)
        )

    def changes(
        self, value: object, stores: tuple[str, ...], functions: tuple[object, ...]
    ) -> bool:
        """Is `value`, which the stack holds, stored into?

        By one of the instructions `stores`, or by one of `functions`, whose first
        argument it is.
        """
        if self.instruction in stores:
            return self._own(value, slice(1, 2))  # above what is stored
        return self._calls(*functions) and self._own(value, slice(1, 3))

    def begins_with(self, value: object) -> bool:
        """Is this a call whose receiver or first argument the stack holds: `value`?"""
        return self._is_call() and self._own(value, slice(1, 3))

    def passes(self, value: object, function: object) -> bool:
        """Is `value`, which the stack holds, passed to `function`?"""
        return self._calls(function) and (
            self._own(value, slice(1, None))
            or (self.spread and self._refers((2,), value))
        )

    def passes_to_method(self, value: object, receiver: object, name: str) -> bool:
        """Is `value`, which the stack holds, passed to a method of C?"""
        return (
            self._is_call()
            and self.attribute == name
            and self._own(value, slice(1, None))
            and (id(receiver) in self.addresses[:2] or self._refers((0, 1), receiver))
        )

    def passes_to_any(self, value: object) -> bool:
        """Is `value`, which the stack holds, passed to whatever is called?"""
        return self._is_call() and self._own(value, slice(1, None))

    def calls_variable(self, value: object, name: str) -> bool:
        """Is this ``x.name(...)``, where the variable `x` holds `value`?"""
        return (
            self.named
            and self._is_call()
            and self.attribute == name
            and id(value) in self.addresses[:2]
        )

    def _is_call(self) -> bool:
        return self.instruction.startswith(("CALL", "PRECALL"))

    def _calls(self, *functions: object) -> bool:
        called = self.addresses[:2]  # a function, its receiver, or NULL
        return self._is_call() and any(id(function) in called for function in functions)

    def _own(self, value: object, among: slice) -> bool:
        pairs = zip(self.addresses[among], self.owned[among], strict=True)
        return (id(value), True) in pairs

    def _refers(self, among: tuple[int, ...], value: object) -> bool:
        """Does an operand, a tuple or a bound method, refer to `value`?

        The collector knows it, most likely among the youngest objects. A look at all
        of them takes long, but then nearly always for an error.
        """
        addresses = [self.addresses[at] for at in among]
        for generation in (0, None):
            for holder in gc.get_objects(generation):
                if id(holder) in addresses and any(
                    item is value for item in gc.get_referents(holder)
                ):
                    return True
        return False


def _word(address: int) -> int:
    return int(_ctypes.c_size_t.from_address(address).value)


def _effect(ins: dis.Instruction, jump: bool) -> int:
    if ins.opname == "PRECALL":
        return 0  # CPython 3.11 splits a call in two, and its effect
    if ins.opname == "CALL" and "PRECALL" in dis.opmap:
        return -1 - (ins.arg or 0)
    if ins.opname == "RETURN_GENERATOR":
        return 1  # what is sent first
    arg = ins.arg if ins.opcode >= dis.HAVE_ARGUMENT else None
    return dis.stack_effect(ins.opcode, arg, jump=jump)


class _Step(NamedTuple):
    instruction: dis.Instruction
    depth: int  # of the stack before it
    after: int  # and after it


# of the code that was asked for last, whose other instructions are likely to follow
_last_steps: tuple[weakref.ref[CodeType], dict[int, _Step]] | None = None


def _steps(code: CodeType) -> dict[int, _Step]:
    """Map the offset of each instruction that can be reached to what it does."""
    global _last_steps
    if _last_steps is None or _last_steps[0]() is not code:
        _last_steps = weakref.ref(code), _all_steps(code)
    return _last_steps[1]


def _all_steps(code: CodeType) -> dict[int, _Step]:
    listed: Any = dis.Bytecode(code)  # whose stubs lack the table of exceptions
    steps: dict[int, _Step] = {}
    try:
        found = {ins.offset: ins for ins in listed}
        following = dict(zip(found, list(found)[1:], strict=False))
        starts = [(0, 0)]
        for entry in listed.exception_entries:
            starts.append((entry.target, entry.depth + entry.lasti + 1))
        while starts:
            at, depth = starts.pop()
            while at not in steps:
                ins = found[at]
                steps[at] = _Step(ins, depth, depth + _effect(ins, False))
                if ins.opcode in _JUMPS:
                    starts.append((ins.argval, depth + _effect(ins, True)))
                if ins.opcode in _ENDS or at not in following:
                    break
                depth, at = steps[at].after, following[at]
            else:
                if steps[at].depth != depth:
                    return {}  # two ways that disagree: nothing is told
    except (LookupError, ValueError):
        return {}  # no code of CPython's compiler
    return dict(sorted(steps.items()))


def _last(steps: dict[int, _Step], at: int, after: int, pushes: bool) -> _Step | None:
    """Return the last step before `at` that left the stack with `after` values.

    `pushes`: and with more than it had before.
    """
    last = None
    for offset, step in steps.items():
        if offset >= at:
            break
        if step.after == after and (step.depth < after or not pushes):
            last = step
    return last


# what these push is no temporary
_VARIABLE = ("LOAD_FAST", "LOAD_NAME", "LOAD_GLOBAL", "LOAD_DEREF")
_NAMED = ("LOAD_CONST", "LOAD_SMALL_INT", *_VARIABLE)
# these take the topmost values, and push one at most
_ABOVE = (
    *("LOAD_", "BINARY_", "UNARY_", "BUILD_", "PUSH_NULL", "PRECALL", "CALL"),
    *("MAKE_FUNCTION", "SET_FUNCTION_ATTRIBUTE"),
)


def stores_what_is_named(frame: FrameType) -> bool:
    """Does `frame` store a constant or a variable, as its bytecode has it?

    Then a temporary that the store meets is what is stored into, and not the value:
    this needs no look at the stack. False: it is not known.
    """
    steps = _steps(frame.f_code)
    store = steps.get(frame.f_lasti)
    if store is None or store.instruction.is_jump_target:
        return False
    for offset in sorted(steps, reverse=True):
        step = steps[offset]
        name = step.instruction.opname
        if offset < frame.f_lasti:
            if step.depth == store.after < step.after:
                return name.startswith(_NAMED)
            # what is not clearly above the value may have made it
            if step.instruction.is_jump_target or not (
                step.after > store.after + 1 and name.startswith(_ABOVE)
            ):
                return False
    return False


_CACHE = dis.opmap.get("CACHE", 0)
_before_locals = 0  # words; 0: not known


def is_known() -> bool:
    """Can the operands be told, on this interpreter?"""
    return _before_locals > 0


class _Plan(NamedTuple):
    """Where the operands of an instruction lie; ``words`` is None if it is unknown."""

    instruction: str
    first: int
    words: type[ctypes.Array[ctypes.c_size_t]] | None
    attribute: str
    spread: bool
    named: bool
    updated: bool = False


# by id() of the code, whose hash takes long: the code, and the plans by f_lasti
_plans: dict[int, tuple[weakref.ref[CodeType], dict[int, _Plan]]] = {}
_MOST_PLANS = 512


def _plan(frame: FrameType) -> _Plan:
    code, at = frame.f_code, frame.f_lasti
    known = _plans.get(id(code))
    if known is None or known[0]() is not code:
        if len(_plans) >= _MOST_PLANS:
            _plans.clear()
        known = _plans[id(code)] = weakref.ref(code), {}
    plan = known[1].get(at)
    if plan is None:
        plan = known[1][at] = _made(code, at)
    return plan


# what follows the operator in x[i] += y, and how many values both take
_AUGMENTED = {
    ("SWAP", "STORE_ATTR"): 3,
    ("SWAP", "SWAP", "STORE_SUBSCR"): 4,
    ("SWAP", "SWAP", "SWAP", "STORE_SLICE"): 5,  # x, i, j, x[i:j], y
}


def _augmented(steps: list[_Step], step: _Step) -> int:
    at = steps.index(step)
    for names, count in _AUGMENTED.items():
        if names == tuple(s.instruction.opname for s in steps[at + 1 :][: len(names)]):
            return count if step.instruction.argrepr.endswith("=") else 2
    return 2


def _is_updated(steps: list[_Step], step: _Step) -> bool:
    """Does the store follow an operator in place?"""
    at = steps.index(step) - 1
    while at > 0 and steps[at].instruction.opname == "SWAP":
        at -= 1
    ins = steps[max(at, 0)].instruction
    return ins.opname == "BINARY_OP" and ins.argrepr.endswith("=")


def _made(code: CodeType, at: int) -> _Plan:
    steps, bytecode = _steps(code), code.co_code
    # a call from Python to Python stands behind the inline caches of CALL
    while at > 0 and bytecode[at] == _CACHE:
        at -= 2
    if at not in steps:
        return _Plan("", 0, None, "", False, False)
    ins, depth, after = steps[at]
    name, count = ins.opname, depth - after
    if name == "BINARY_OP":
        count = _augmented(list(steps.values()), steps[at])
    elif name == "PRECALL":
        count = 2 + (ins.arg or 0)
    elif name.startswith("CALL"):
        count += 1  # the result
    if (
        _ctypes is None
        or not name.startswith(("CALL", "PRECALL", "STORE", "BINARY_OP"))
        or not (0 < count <= depth <= code.co_stacksize)
    ):
        return _Plan(name, 0, None, "", False, False)
    callee = receiver = arguments = None
    if "CALL" in name:
        callee = _last(steps, at, depth - count + 2, True)
        receiver = _last(steps, at, depth - count + 1, False)
    if name == "CALL_FUNCTION_EX":
        arguments = _last(steps, at, depth - count + 3, False)
    local = len({*code.co_varnames, *code.co_cellvars}) + len(code.co_freevars)
    return _Plan(
        name,
        local + depth - count,
        _ctypes.c_size_t * count,  # kept, since ctypes makes such a type anew
        str(callee.instruction.argval) if callee is not None else "",
        arguments is not None and arguments.instruction.opname in _BUILDS,
        receiver is not None and receiver.instruction.opname.startswith(_VARIABLE),
        name.startswith("STORE") and _is_updated(list(steps.values()), steps[at]),
    )


def instruction(frame: FrameType) -> str:
    """Return the name of the instruction that `frame` executes."""
    return _plan(frame).instruction


def _words(frame: FrameType, plan: _Plan) -> list[int] | None:
    if not _before_locals or plan.words is None:
        return None
    at = _word(id(frame) + _FRAME) + (_before_locals + plan.first) * _WORD
    return plan.words.from_address(at)[:]


def operands(frame: FrameType) -> Operands | None:
    """Return what the call or store that `frame` executes takes from the stack."""
    name, _, _, attribute, spread, named, updated = plan = _plan(frame)
    words = _words(frame, plan)
    if words is None:
        return None
    return Operands(
        name,
        [word & ~_TAGS for word in words],
        [not word & _BORROWED for word in words],
        attribute,
        spread,
        named,
        updated,
    )


def of_operator(frame: FrameType) -> tuple[int, int]:
    """Return where the operands of the operator lie that `frame` executes.

    Behind the local variables, the first of them, and their number: 2; or more for
    ``x[i] += y``, of which the first is `x`: then the next instructions store what the
    operator returns into ``x[i]``. 0: it executes something else.
    """
    plan = _plan(frame)
    if plan.instruction != "BINARY_OP" or plan.words is None:
        return 0, 0
    count = _ctypes.sizeof(plan.words) // _WORD
    # x.real += y has three: only the last two are told
    return (plan.first + 1, 2) if count == 3 else (plan.first, count)


class _Probe:
    def __setitem__(self, index: object, told: list[bool]) -> None:
        found = operands(frame_at(1))
        told.append(
            found is not None
            and id(self) in found.addresses
            and found.changes(self if index == 0 else told, ("STORE_SUBSCR",), ())
        )


class _Told:
    """An operator that says what the core knows of it, without a frame of its own."""

    def __get__(self, left: object, owner: object) -> Callable[[object], object]:
        return functools.partial(_core.of_operator, left)


class _Sum:
    def __init__(self) -> None:
        self.stored: list[object] = []

    def __getitem__(self, index: object) -> _Sum:
        return _Sum()

    def __setitem__(self, index: object, value: Any) -> None:
        self.stored.append(value)

    __add__: Any = _Told()
    __iadd__: Any = _Told()


def _locate() -> int:
    """Return how many words lie before the locals in the block of a frame."""
    frame, mark = frame_at(0), object()
    block = _word(id(frame) + _FRAME)
    for at in range(4, 16):
        found = [_word(block + i * _WORD) & ~_TAGS for i in (at, at + 1)]
        if found == [id(frame), id(mark)]:
            return at
    return 0


def _is_right() -> bool:
    """Are a temporary and a named object told apart, as far as the stack can?

    And are the operands of an operator known, and what its result is stored into?
    """
    told: list[bool] = []
    named, sum_ = _Probe(), _Sum()
    _Probe()[0] = told
    named[0] = told
    _Probe()[1] = told
    sum_[0] += 1
    sum_[0:1] += 1
    return (
        told == [True, sys.version_info < (3, 14), False]
        and [id(x) for x in sum_.stored] == [id(sum_), id(sum_)]
        and (sum_ + 1, sum_.__add__(1)) == (0, None)
    )


if (
    _ctypes is not None
    and sys.implementation.name == "cpython"
    and sys.version_info[:2] <= _NEWEST
    and "free-threading" not in sys.version
):
    _before_locals = _locate()
    _core.find_operands(_FRAME, _before_locals, of_operator)
    if not _is_right():
        _before_locals = 0
        _core.find_operands(0, 0, None)
