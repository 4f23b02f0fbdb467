"""Code that stands in the place of a function's own, and calls its wrapper.

Whoever has imported the function by name calls the wrapper, too.
"""

from __future__ import annotations

import sys
import types
import warnings
from typing import TYPE_CHECKING, Any

from cow import _core
from cow._guard.border import codes_of
from cow._guard.wrapper import FILE, Wrapper, wrapper_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["looks_at_frames", "stand_in", "twin_of"]

_HELPERS = 50  # functions that are searched for a look at frames
# what looks at the frames of callers, and counts them
_FRAMES = frozenset(
    {"_getframe", "_getframemodulename", "currentframe", "getouterframes"}
    | {"extract_stack", "findCaller", "walk_stack", "EvalEnvironment"}
    # a parameter by which formulas count them, from function to function
    | {"eval_env"}
)
_FRAMES_BOTH = (frozenset({"inspect", "stack"}), frozenset({"formula", "depth"}))


def looks_at_frames(func: Any) -> bool:
    """Does a function, or one of its module that it names, look at frames?

    A stand-in adds one, between that of the function and that of its caller.
    """
    todo, seen = [func], list[Any]()
    while todo and len(seen) < _HELPERS:
        each: Any = twin_or(todo.pop())
        if not isinstance(each, types.FunctionType) or each in seen:
            continue
        home = str(each.__globals__.get("__name__")).partition(".")[0]
        if home in sys.stdlib_module_names and each is not func:
            continue  # `namedtuple` looks at who called it, no further
        seen.append(each)
        codes = list(codes_of(each))
        names = {n for code in codes for n in (*code.co_names, *code.co_varnames)}
        if names & _FRAMES or any(both <= names for both in _FRAMES_BOTH):
            return True
        todo.extend(each.__globals__.get(name) for name in sorted(names))
    return False


def twin_or(func: Any) -> Any:
    """Return the function with the code that a function had."""
    known = wrapper_of(func)
    return func if known is None else known.cow_func


def twin_of(func: types.FunctionType) -> types.FunctionType:
    """Return a function of the same code, globals, cells and defaults."""
    twin = types.FunctionType(
        func.__code__,
        func.__globals__,
        func.__name__,
        func.__defaults__,
        func.__closure__,
    )
    for name in ("__kwdefaults__", "__qualname__", "__doc__", "__module__"):
        setattr(twin, name, getattr(func, name))
    if sys.version_info >= (3, 14):
        twin.__annotate__ = func.__annotate__
    else:
        twin.__annotations__ = func.__annotations__
    twin.__dict__.update(func.__dict__)
    return twin


_STAND_IN = """
def outer({cells}):
    def inner({parameters}):
        if 0:
            {uses}
        return "@call"("@wrapper", ({args}), {{{named}}})
"""


def stand_in(func: types.FunctionType, wrapper: Wrapper) -> types.CodeType:
    """Return code for `func` that calls its wrapper, for the caller of `func`."""
    old = func.__code__
    cells = ", ".join(old.co_freevars)
    parameters, args, named = spelled(func)
    text = _STAND_IN.format(
        cells=cells, uses=cells or "pass", parameters=parameters, args=args, named=named
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a string is called
        made = compile(text, FILE, "exec")
    for _ in range(2):
        made = next(c for c in made.co_consts if isinstance(c, types.CodeType))
    real: dict[Any, Any] = {"@call": _core.call_behind, "@wrapper": wrapper}
    consts = (real.get(c, c) if isinstance(c, str) else c for c in made.co_consts)
    kinds = 0x20 | 0x80 | 0x100 | 0x200  # generators, coroutines: for `inspect`
    return made.replace(
        co_consts=tuple(consts),
        co_name=old.co_name,
        co_qualname=old.co_qualname,
        co_firstlineno=old.co_firstlineno,
        co_flags=made.co_flags | old.co_flags & kinds,
    )


def spelled(func: types.FunctionType) -> tuple[str, str, str]:
    """Return the parameters of a function, and how they are handed on.

    Defaults are handed on as well, which are no arguments: where one can be
    changed, all is taken as it comes.
    """
    code = func.__code__
    names = code.co_varnames
    defaults = [*(func.__defaults__ or ()), *(func.__kwdefaults__ or {}).values()]
    plain = all(_core.is_data(each, True) or callable(each) for each in defaults)
    known = code.co_argcount + code.co_kwonlyargcount
    if not plain or not all(name.isidentifier() for name in names[:known]):
        return "*args, **kwargs", "*args, ", "**kwargs"
    first, only = list(names[: code.co_argcount]), names[code.co_argcount : known]
    optional = len(func.__defaults__ or ())
    shown = [f"{n}=0" if i >= len(first) - optional else n for i, n in enumerate(first)]
    args = [f"{name}, " for name in first]
    if code.co_posonlyargcount:
        shown.insert(code.co_posonlyargcount, "/")
    more = list(names[known:])
    if code.co_flags & 0x04:
        shown.append("*" + more[0])
        args.append(f"*{more.pop(0)}, ")
    elif only:
        shown.append("*")
    shown += [f"{n}=0" if n in (func.__kwdefaults__ or {}) else n for n in only]
    named = [f"{name!r}: {name}, " for name in only]
    if code.co_flags & 0x08:
        shown.append("**" + more[0])
        named.append(f"**{more[0]}, ")
    return ", ".join(shown), "".join(args), "".join(named)
