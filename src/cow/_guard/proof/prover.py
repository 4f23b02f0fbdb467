"""One abstract run after another, until nothing more is learnt."""

from __future__ import annotations

import ast
import types
import warnings
from typing import TYPE_CHECKING, Any

from cow._guard.proof.statements import Statements
from cow._guard.proof.values import (
    ATOM,
    DATA,
    Finding,
    Known,
    Local,
    Proof,
    Scope,
    Unproven,
    Value,
    join,
    parameters,
)

if TYPE_CHECKING:
    from cow._ground.types import isinstance

_MOST_PASSES = 12


class Prover(Statements):
    """An abstract run of one function."""

    def run(self) -> Proof:
        """Return the proof; raises `Unproven`."""
        names = parameters(self.function.__code__)
        for _ in range(_MOST_PASSES):
            self.changed = False
            self.nodes = 0
            values: list[Value] = []
            for at in range(len(names)):
                if at == 0 and self.receiver is not None:
                    start = self.receiver if self.bound else None
                    known = Known(self.receiver, (start, ()))
                    values.append(Value(consts=frozenset([known])))
                elif at in self.copied:
                    values.append(self.private(at))
                else:
                    box = frozenset([("parameter", at)])
                    is_box = at in self.containers
                    values.append(
                        Value(frozenset([at]), box if is_box else frozenset())
                    )
                    if is_box:
                        # they may hold containers in turn, but not themselves
                        for each in box:
                            inside = Value(frozenset([at]), box, odd=True)
                            self.heap.setdefault(each, inside)
                if not (at == 0 and self.receiver is not None):
                    values[at] = join(
                        [values[at], *self.default(self.function, names[at])]
                    )
            result = self.function_call(self.function, values, names)
            self.keep(result, "returns", returned=True)
            self.keep(Value(boxes=frozenset(self.cyclic)), "leaves in a cycle")
            for scope in self.scopes.values():
                self.keep_recursive(scope)
            if not self.changed:
                break
        else:
            self.fail("is too intricate")
        for owner, name in self.stored:
            for check in self.checks.values():
                if (
                    id(check.start) == owner
                    and check.key == name
                    and check.expected not in (DATA, ATOM)
                ):
                    self.fail(f"replaces {name}")
        return Proof(
            dict(self.copied), frozenset(self.classes), tuple(self.checks.values())
        )

    def keep_recursive(self, scope: Scope) -> None:
        """Note what functions hold that refer to themselves, by their names."""
        used: dict[str, Value] = {n: self.reach(v) for n, v in scope.weak.items()}
        for name, value in used.items():
            names, todo = set[str](), [name]
            while todo:
                each = todo.pop()
                for const in used[each].consts if each in used else ():
                    if isinstance(const, Local):
                        found = {
                            n.id
                            for n in ast.walk(const.node)
                            if isinstance(n, ast.Name)
                        }
                        todo.extend(found - names)
                        names |= found
            if name in names and any(isinstance(c, Local) for c in value.consts):
                held = join(used[n] for n in names if n in used)
                for at in held.args:
                    self.copy(at, "is held by a function that calls itself")

    def private(self, at: int) -> Value:
        """Return the value of a parameter that is copied: what it holds is ours."""
        box = frozenset([("parameter", at)])
        self.put(box, Value(boxes=box, odd=True))
        return Value(boxes=box if at in self.containers else frozenset())


def prove(
    function: types.FunctionType, receiver: Any, bound: bool, boxes: frozenset[int]
) -> Proof | Finding:
    """Return what is proven of a function, or what stands against it.

    Parameters
    ----------
    function : function
        Parameters are numbered as in its code: ``*args`` and ``**kwargs`` last.
    receiver : object
        What the first parameter is (`self`, a class), None for any argument.
    bound : bool
        Is that so in all calls? Else it stands for others of its class.
    boxes : frozenset of int
        The parameters that are containers; all others are arrays, numbers,
        strings and the like.
    """
    prover = Prover(function, receiver, bound, boxes)
    try:
        return prover.run()
    except Unproven as error:
        return Finding(*error.args)
    except RecursionError:
        return Finding(-1, "is too deep", *_place(function))
    except Exception as error:
        warnings.warn(
            f"the proof of {function.__qualname__} failed: {error!r}. It gets copies, "
            "and all is well; please report it",
            RuntimeWarning,
            stacklevel=2,
        )
        return Finding(-1, "is beyond the proof", *_place(function))


def _place(function: types.FunctionType) -> tuple[str, int]:
    code = function.__code__
    return code.co_filename, code.co_firstlineno
